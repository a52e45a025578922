"""No page has a serious finding of axe-core, in light, in dark, and on a phone.

axe-core comes with ``axe-playwright-python``; ``HYBRID_NER_AXE`` names another ``axe.min.js`` (``npm install
axe-core``: ``node_modules/axe-core/axe.min.js``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from hybrid_ner.ui.frame import keep_notices
from tests.ui.browser.conftest import Open, Server, say, still, sync_api

expect = sync_api.expect
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
    # So many that they are scrolled.
    notes = [f"Left out: {number}.png: files of type .png are not read." for number in range(9)]
    keep_notices(server.place.folder_of(server.store.project(project)), notes)
    return project


def _states(page: sync_api.Page, name: str) -> Iterator[str]:
    """Opens, one after the other, what a page shows only when it is asked for; yields what is open."""
    if name == "":
        yield from _of_review(page)
    if name == "terms":
        page.keyboard.press("v")
        page.get_by_role("button", name="Leave it").wait_for()
        yield "never"
        page.get_by_role("button", name="Leave it").click()
        page.get_by_text("One by one").click()
        page.locator(".cards.single .card.framed").wait_for()
        yield "one by one"
    if name == "team":
        page.get_by_role("tab").nth(1).click()
        page.get_by_role("button", name="Neither").first.wait_for()
        yield "differences"
    if name == "queue":
        page.locator(".st-key-masthead button").first.click()
        page.get_by_role("button", name="New project").wait_for()
        yield "settings"
        page.get_by_role("button", name="New project").click()
        page.get_by_role("button", name="Medical demo").wait_for()
        still(page)  # what stood there before may go only when the script has ended
        for folded in page.locator("[data-testid='stMain'] summary").all():
            folded.click()
        yield "welcome"


def _of_review(page: sync_api.Page) -> Iterator[str]:
    """What opens beside a document."""
    for name in ("Keys and commands", "What labels mean"):
        page.get_by_role("button", name=name).click()
        body = page.get_by_test_id("stPopoverBody")
        body.wait_for()
        yield name
        # What scrolls there is scrolled by keys too.
        assert body.get_attribute("tabindex") == "0"
        page.keyboard.press("Escape")
        body.wait_for(state="detached")
    for line, there in (
        ("no 1", ".mention.rejected"),
        ("why 2", ".turn .words"),
        ("no all fever", ".turn table"),
    ):
        say(page, line)
        page.locator(there).first.wait_for()
        yield line
    say(page, "cancel")
    page.locator(".page").focus()
    for key, there in (("n", ".mention.draft"), ("f", ".prompt:not([hidden])")):
        page.keyboard.press(key)
        page.locator(there).first.wait_for()
        yield f"key {key}"
        page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("look", "opened"),
    [("light", False), *(pytest.param(each, True, marks=pytest.mark.slow) for each in LOOKS)],
)
def test_no_serious_findings(open_page: Open, server: Server, look: str, opened: bool) -> None:
    """Every page as it comes, and in the slow tests all that can be opened on it."""
    axe = axe_file().read_text(encoding="utf-8")
    project = _differing(server)
    found = {}
    page = open_page("about:blank", bypass_csp=True, **LOOKS[look])  # one: each would read all scripts anew
    for name, there in PAGES.items():
        page.goto(server.address(name, project=project))
        page.locator(there).first.wait_for()
        for folded in page.locator("[data-testid='stMain'] summary").all():
            folded.click()
        still(page)
        page.evaluate(axe)
        found[name] = page.evaluate(FOUND, MINOR)
        for state in _states(page, name) if opened else ():
            still(page)
            found[f"{name} {state}"] = page.evaluate(FOUND, MINOR)
    assert {name: each for name, each in found.items() if each} == {}


FOCUS = """() => {
  const { activeElement } = document;
  const name = activeElement.matches("a, .stButton button") ? activeElement.innerText : activeElement.id;
  return [name, getComputedStyle(activeElement).outlineStyle];
}"""


def test_what_has_the_focus_is_seen(open_page: Open, server: Server) -> None:
    page = open_page(server.address("models", project=server.project()))
    page.locator("h2").first.wait_for()
    still(page)
    page.evaluate("document.activeElement.blur()")
    seen = {}
    for _ in range(12):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(FOCUS)
        seen[name] = outline
    wanted = ("Terms", "stMain", "Retrain")
    assert {name: seen.get(name) for name in wanted} == dict.fromkeys(wanted, "solid")


def test_the_focus_goes_into_what_opens_and_to_the_document_when_its_button_is_grey(
    open_page: Open, server: Server
) -> None:
    page = open_page(server.address(project=server.project()))
    page.locator(".annotator .mention").first.wait_for()
    opens = page.get_by_role("button", name="What labels mean")
    opens.press("Enter")
    expect(page.get_by_test_id("stPopoverBody")).to_be_focused()
    field = page.get_by_role("combobox", name="Label")
    field.wait_for()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(opens).to_be_focused()
    page.get_by_role("button", name="Accept all").press("Enter")
    page.get_by_role("button", name="Nothing to accept").wait_for()
    expect(page.locator(".annotator .page")).to_be_focused()
    page.get_by_placeholder("Type a command").press("Escape")
    expect(page.locator(".mention.selected")).to_be_focused()
