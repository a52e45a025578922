"""What a page must not do: accept more than it counts, decide on what it does not show, forget a name."""

from __future__ import annotations

import pytest

from hybrid_ner.review.store.schema import suggestion
from tests.ui.browser.conftest import Open, Server, drawn_anew, say, settled, sync_api

expect = sync_api.expect
TEXT = ", then ".join(["aspirin"] * 28)


def opened(open_page: Open, server: Server, project: str, doc: str, **query: str) -> sync_api.Page:
    page = open_page(server.address(project=project, doc=doc, **query))
    page.locator(f".annotator[data-document='{doc}']").wait_for()
    settled(page)
    return page


def found(server: Server, project: str, doc: str) -> dict[int, tuple[str, str]]:
    view = server.session(project).view(doc)
    assert view is not None
    return {s.number: (s.label, s.status) for s in view.spans}


@pytest.fixture
def faint(server: Server) -> str:
    """A project with a document of 24 likely spans and 4 less likely ones, and another one."""
    project = server.project(many=TEXT, other="Fever.")
    with server.store.write() as connection:
        # As a model would leave them: found, but not chosen.
        unlikely = suggestion.c.number > 24
        connection.execute(suggestion.update().where(unlikely).values(chosen=False, score=0.2))
    return project


def test_accept_all_accepts_what_it_counts(open_page: Open, server: Server, faint: str) -> None:
    page = opened(open_page, server, faint, "many")
    page.get_by_role("button", name="Accept all 24").click()
    page.get_by_role("button", name="Nothing to accept").wait_for()
    settled(page)
    decided = found(server, faint, "many")
    assert [n for n, (_, status) in decided.items() if status == "accepted"] == list(range(1, 25))
    assert [n for n, (_, status) in decided.items() if status == "open"] == [25, 26, 27, 28]
    assert [turn.line for turn in server.session(faint).history()] == ["ok 1-24"]


def test_enter_accepts_what_is_counted_and_saves(open_page: Open, server: Server, faint: str) -> None:
    page = opened(open_page, server, faint, "many")
    page.keyboard.press("Enter")
    page.locator(".annotator[data-document='other']").wait_for()
    settled(page)
    decided = found(server, faint, "many")
    assert [n for n, (_, status) in decided.items() if status == "accepted"] == list(range(1, 25))
    view = server.session(faint).view("many")
    assert view is not None
    assert view.done
    assert server.session(faint).history()[0].line == "ok 1-24 next"


@pytest.mark.parametrize(
    "way", ["key", *(pytest.param(each, marks=pytest.mark.slow) for each in ("click", "accept all", "typed"))]
)
def test_a_stale_tab_does_not_accept_a_label_that_it_does_not_show(
    open_page: Open, server: Server, way: str
) -> None:
    project = server.project()
    page = opened(open_page, server, project, "note-2")
    if way == "typed":
        with drawn_anew(page):  # by the click; the change comes after that
            page.get_by_placeholder("Type a command").click()
    other = server.session(project)
    other.open("note-2")
    assert other.handle("1 is Drug").level == "done"
    if way == "key":
        page.keyboard.press("a")
    elif way == "click":
        page.locator(".actions button", has_text="Accept").click()
    elif way == "accept all":
        page.get_by_role("button", name="Accept all").click()
    else:
        say(page, "ok 1")
    page.locator(".turn .echo", has_text="the page shows Disease, not decided").wait_for()
    settled(page)
    assert found(server, project, "note-2")[1] == ("Drug", "accepted")
    assert len([row for row in other.log() if row.reviewer == "ana" and row.line != "import"]) == 1
    # It has been drawn anew: now the same is a decision on what is shown.
    say(page, "no 1")
    assert found(server, project, "note-2")[1] == ("Drug", "rejected")


def test_buttons_are_about_the_document_of_their_tab(open_page: Open, server: Server) -> None:
    project = server.project()
    page = opened(open_page, server, project, "note-2")
    server.session(project).open("note-4")
    page.get_by_role("button", name="Accept all").click()
    page.get_by_role("button", name="Nothing to accept").wait_for()
    settled(page)
    assert {status for _, status in found(server, project, "note-2").values()} == {"accepted"}
    assert {status for _, status in found(server, project, "note-4").values()} == {"open"}


def test_fast_keys_are_no_conflict(open_page: Open, server: Server) -> None:
    project = server.project()
    page = opened(open_page, server, project, "note-2")
    for key in ("a", "x", "2", "a"):
        page.keyboard.press(key)
    settled(page)
    assert [turn.level for turn in server.session(project).history()] == ["done"] * 4


def test_name_is_asked_once_and_the_plain_address_keeps_it(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(f"{server.url}/?project={project}&doc=note-2")
    page.get_by_label("Your name, kept with every decision").fill("Zoé Ärger")
    page.get_by_role("button", name="Start").click()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)
    page.wait_for_function("document.cookie.includes('hybrid_ner_name')")
    again = page.context.new_page()
    again.goto(f"{server.url}/?project={project}")
    again.locator(".annotator[data-document]").wait_for()
    expect(again.locator(".st-key-masthead button")).to_contain_text("Zoé Ärger")
    assert "reviewer" not in server.store.project(project).reviewers()
    # An address that somebody sent holds for its tab alone.
    again.goto(server.address(project=project, reviewer="bea"))
    expect(again.locator(".st-key-masthead button")).to_contain_text("bea")
    again.goto(f"{server.url}/?project={project}")
    expect(again.locator(".st-key-masthead button")).to_contain_text("Zoé Ärger")
