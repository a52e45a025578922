"""No page has a serious finding of axe-core, in light, in dark, and on a phone.

axe-core comes with ``axe-playwright-python``; ``HYBRID_NER_AXE`` names another ``axe.min.js`` (``npm install
axe-core``: ``node_modules/axe-core/axe.min.js``).
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.ui.browser.conftest import Open, Server, still

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
    "compare": "h2",
    "team": "text=Share out documents",
}
MINOR = ("heading-order", "page-has-heading-one", "empty-heading")
"""Findings that axe does not call serious and that a page shall not have either."""
FOUND = """async (minor) => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter((each) => ['serious', 'critical'].includes(each.impact) || minor.includes(each.id))
  .map((each) => [each.id, each.nodes[0].html.slice(0, 300), each.nodes[0].failureSummary.slice(0, 300)])"""


def axe_file() -> Path:
    """The file of axe-core."""
    if named := os.environ.get("HYBRID_NER_AXE", ""):
        return Path(named)
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-playwright-python is not installed, and HYBRID_NER_AXE names no axe.min.js")
    return Path(found.origin).parent / "axe.min.js"


def _differing(server: Server) -> str:
    """A project with a document that two people have reviewed differently."""
    project = server.project()
    for name, lines in (("bob", ("no 1", "ok")), ("carl", ("ok",))):
        session = server.session(project, name)
        for line in ("go note-1", *lines):
            assert session.handle(line).level != "error"
    assert server.session(project).handle("adjudicate").table is not None
    return project


@pytest.mark.parametrize(
    "look", ["light", *(pytest.param(each, marks=pytest.mark.slow) for each in ("dark", "phone"))]
)
def test_no_serious_findings(open_page: Open, server: Server, look: str) -> None:
    axe = axe_file().read_text(encoding="utf-8")
    project = _differing(server)
    found = {}
    page = open_page("about:blank", bypass_csp=True, **LOOKS[look])  # one: each would read all scripts anew
    for name, there in PAGES.items():
        page.goto(server.address(name, project=project))
        page.locator(there).first.wait_for()
        for folded in ("Add term lists", "Misspelled terms") if name == "gazetteers" else ():
            page.locator("summary", has_text=folded).click()
        still(page)
        page.evaluate(axe)
        found[name] = page.evaluate(FOUND, MINOR)
        if name == "team":
            page.get_by_role("tab").nth(1).click()
            page.get_by_role("button", name="Neither").first.wait_for()
            still(page)
            found["differences"] = page.evaluate(FOUND, MINOR)
        if name == "queue":
            page.locator(".st-key-masthead button").first.click()
            page.get_by_role("button", name="New project").click()
            page.get_by_role("button", name="Medical demo").wait_for()
            page.locator("summary", has_text="How term lists are read").click()
            still(page)
            found["welcome"] = page.evaluate(FOUND, MINOR)
    assert {name: each for name, each in found.items() if each} == {}
