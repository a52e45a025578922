"""No page has a serious finding of axe-core, in light, in dark, and on a phone.

``HYBRID_NER_AXE`` names the file (``npm install axe-core``: ``node_modules/axe-core/axe.min.js``); without it
the test is skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ui.browser.conftest import Open, Server

LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
PAGES = {
    "": ".annotator .mention",
    "terms": ".card.framed",
    "queue": "[data-testid='stDataFrame']",
    "gazetteers": "[data-testid='stDataFrame']",
    "models": "h2",
}
FOUND = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter((each) => ['serious', 'critical'].includes(each.impact))
  .map((each) => [each.id, each.nodes[0].html.slice(0, 200)])"""


@pytest.mark.parametrize("look", LOOKS)
def test_no_serious_findings(open_page: Open, server: Server, look: str) -> None:
    axe = os.environ.get("HYBRID_NER_AXE", "")
    if not axe:
        pytest.skip("HYBRID_NER_AXE names no axe.min.js")
    project = server.project()
    for name, there in PAGES.items():
        page = open_page(server.address(name, project=project), bypass_csp=True, **LOOKS[look])
        page.locator(there).first.wait_for()
        page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
        # What the run before has left is faded out for a moment.
        page.wait_for_function("!document.querySelector('[data-stale=true]')")
        page.evaluate(Path(axe).read_text(encoding="utf-8"))
        assert page.evaluate(FOUND) == [], name
