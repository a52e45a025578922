"""Review by term, and by single decision, in a real browser."""

from __future__ import annotations

import pytest

from tests.review.helpers import make_project, suggest
from tests.ui.browser.conftest import Open, Server, paused, settled, sync_api
from tests.ui.browser.test_loop import review, say, statuses

expect = sync_api.expect


def terms(open_page: Open, server: Server, project: str) -> sync_api.Page:
    page = open_page(server.address("terms", project=project))
    page.locator(".card.framed").wait_for()
    return page


def saved(page: sync_api.Page) -> None:
    page.locator(".cards[data-waiting='0']").wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


def test_one_key_settles_a_term_everywhere_and_one_takes_it_back(open_page: Open, server: Server) -> None:
    project = server.project()
    page = terms(open_page, server, project)
    expect(page.locator(".card.framed .term")).to_have_text("aspirin")
    page.keyboard.press("a")
    expect(page.locator(".card.framed .term")).not_to_have_text("aspirin")
    saved(page)
    # Which term it was is said, and no number that only a typed line needs.
    expect(page.locator(".echo")).to_have_text("“aspirin”: accepted 4 mentions in 3 documents")
    assert [s[2] for s in statuses(server, project) if s[0].lower() == "aspirin"] == ["accepted"] * 2
    # In the log it is one line with its answer, and no question that nobody was asked.
    (turn,) = server.session(project).history()
    assert (turn.level, turn.line.partition(" label:")[0]) == ("done", 'ok all "aspirin"')
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card.framed .term")).to_have_text("aspirin")
    saved(page)
    expect(page.locator(".echo")).to_have_text("undone: “aspirin”: accepted 4 mentions in 3 documents")
    assert [s[2] for s in statuses(server, project) if s[0].lower() == "aspirin"] == ["open"] * 2
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator(".annotator .mention").first.wait_for()
    page.get_by_role("link", name="Terms", exact=True).click()
    page.locator(".card.framed").wait_for()
    expect(page.locator(".echo")).to_have_text("")


def test_one_click_in_its_row_settles_another_card(open_page: Open, server: Server) -> None:
    project = server.project()
    page = terms(open_page, server, project)
    row = page.locator(".card:not(.framed)").filter(has=page.get_by_role("button", name="Reject afib"))
    expect(row.locator(".line")).to_contain_text("Fever and afib. Aspirin stopped")
    row.get_by_role("button", name="Reject afib (2)").click()
    saved(page)
    expect(page.locator(".echo")).to_contain_text("rejected 2 mentions")
    expect(page.locator(".card.framed .term")).to_have_text("aspirin")
    assert [s[2] for s in statuses(server, project, "note-4") if s[0] == "Afib"] == ["rejected"]
    # What was decided in another tab meanwhile is told, and stays.
    other = server.session(project)
    for line in ('ok all "aspirin"', "yes"):
        other.handle(line)
    page.keyboard.press("x")
    saved(page)
    expect(page.locator(".echo")).to_contain_text("“aspirin”: nothing to reject (4 reviewed left out)")
    assert [s[2] for s in statuses(server, project) if s[0].lower() == "aspirin"] == ["accepted"] * 2


@pytest.mark.slow
def test_only_ticked_places_are_accepted(open_page: Open, server: Server) -> None:
    project = server.project()
    page = terms(open_page, server, project)
    page.locator(".contexts input").nth(0).uncheck()
    page.get_by_role("button", name="Only ticked (3)").click()
    saved(page)
    expect(page.locator(".echo")).to_contain_text("accepted 3 mentions in 3 documents")
    assert sorted(s[2] for s in statuses(server, project) if s[0].lower() == "aspirin") == [
        "accepted",
        "open",
    ]


HEAD = """() => {
  const host = [...document.querySelectorAll('*')].find((each) => each.shadowRoot?.querySelector('.cards'));
  const list = host.shadowRoot.querySelector('.list');
  return list.querySelector('.framed .head').getBoundingClientRect().top - list.getBoundingClientRect().top;
}"""


@pytest.mark.slow
def test_a_tick_moves_nothing_and_the_next_head_is_in_sight(open_page: Open, server: Server) -> None:
    texts = {f"n{i}": f"Aspirin, ibuprofen, fever and afib in note {i}." for i in range(20)}
    page = terms(open_page, server, server.project(**texts))
    lines = page.locator(".card.framed .contexts")
    lines.evaluate("(each) => each.scrollTo(0, 120)")
    page.locator(".card.framed .contexts input").nth(9).uncheck()
    page.get_by_role("button", name="Only ticked (19)").wait_for()
    assert lines.evaluate("(each) => each.scrollTop") > 100
    for _ in range(2):
        page.keyboard.press("a")
        saved(page)
        assert page.evaluate(HEAD) >= 0


def test_never_asks_and_enter_confirms(open_page: Open, server: Server) -> None:
    project = server.project()
    page = terms(open_page, server, project)
    page.keyboard.press("v")
    expect(page.locator(".ask")).to_contain_text("never “aspirin”")
    page.keyboard.press("Enter")
    expect(page.locator(".echo")).to_contain_text("“aspirin” is blocked")
    saved(page)
    assert {s[2] for s in statuses(server, project, "note-4") if s[0] == "aspirin"} == {"rejected"}


@pytest.mark.slow
def test_one_by_one_and_look_in_the_document(open_page: Open, server: Server) -> None:
    project = server.project()
    page = terms(open_page, server, project)
    page.get_by_text("One by one").click()
    page.locator(".cards.single .card.framed").wait_for()
    for key in ("a", "x", " "):
        page.keyboard.press(key)
    saved(page)
    expect(page.locator(".echo")).to_contain_text("rejected 1 mention in 1 document")
    place = page.locator(".card.framed .look").inner_text()
    term = page.locator(".card.framed .term").inner_text()
    page.keyboard.press("l")
    page.locator(f".annotator[data-document='{place}'] .mention.selected").wait_for()
    settled(page)
    assert term in page.locator(".mention.selected").inner_text()


@pytest.mark.slow
def test_everywhere_from_a_document(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+A")
    expect(page.locator(".prompt-line")).to_have_value('ok all "aspirin" label:Drug likely')
    page.keyboard.press("Enter")
    told = page.locator(".turn.done .echo", has_text="accepted 3 mentions in 3 documents")
    box = page.get_by_placeholder("Type a command")
    ways = (
        lambda: page.locator(".st-key-yes button").click(),
        lambda: page.keyboard.press("y"),
        lambda: (box.fill("yes"), box.press("Enter")),
    )
    for number, agree in enumerate(ways):
        page.locator(".turn.ask td input").nth(1).uncheck()
        page.get_by_role("button", name="Yes, without the one not ticked").wait_for()
        agree()
        expect(told).to_have_count(2 * number + 1)
        settled(page)
        say(page, "undo")
        say(page, 'ok all "aspirin" label:Drug likely')
    page.locator(".actions button", has_text="Everywhere").click()
    page.locator(".turn.ask .doc", has_text="note-2").last.click()
    page.locator(".annotator[data-document='note-2']").wait_for()


@pytest.mark.slow  # stops the server three times and waits; its bound is for a machine that is not shared
def test_a_look_into_a_document_arrives_however_late_the_server_answers(
    open_page: Open, server: Server
) -> None:
    page = terms(open_page, server, server.project())
    for _ in range(3):
        with paused(server.url) as stop:
            stop()
            page.keyboard.press("l")
            page.wait_for_timeout(3_500)  # the board has asked again, twice
        page.locator(".annotator .mention").first.wait_for(timeout=15_000)
        page.wait_for_timeout(2_000)
        expect(page.locator(".annotator .mention").first).to_be_visible()
        page.go_back()
        page.locator(".card.framed").wait_for()


@pytest.mark.slow
def test_terms_opened_anew_after_a_look_into_a_document_stay_open(open_page: Open, server: Server) -> None:
    address = server.address("terms", project=server.project())
    page = open_page(address)
    page.locator(".card.framed").wait_for()
    page.keyboard.press("l")
    page.locator(".annotator .mention").first.wait_for()
    page.goto(address)
    page.locator(".card.framed").wait_for()
    page.wait_for_timeout(1_500)  # longer than the page waits before it sends again
    saved(page)
    assert "/terms?" in page.url


@pytest.mark.slow
def test_documents_in_an_answer_are_a_click_away(open_page: Open, server: Server) -> None:
    page = review(open_page, server, server.project())
    say(page, 'all "aspirin"')
    sync_api.expect(page.locator(".turn td input"), "nothing is asked").to_have_count(0)
    page.locator(".turn .doc", has_text="note-2").last.click()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)


@pytest.mark.slow
def test_after_a_rejection_what_lies_inside_comes_next(open_page: Open, server: Server) -> None:
    text = "Severe chest pain. Then fever."
    found = [suggest(text, "Severe chest pain", "PROBLEM", "rule"), suggest(text, "fever", "PROBLEM")]
    inside = suggest(text, "chest pain", "PROBLEM", "model", chosen=False)
    project = make_project(server.store, [(text, [*found, inside])], name="inside").name
    page = review(open_page, server, project, "d1")
    for surface in ("Severe chest pain", "chest pain", "fever"):
        expect(page.locator(".about .surface")).to_have_text(surface)
        page.keyboard.press("x")
    settled(page)


@pytest.mark.slow
def test_misspelled_terms_are_shown_alone_with_their_edits(open_page: Open, server: Server) -> None:
    project = server.project(one="Took asprin for fever.", two="Fever again, and aspirin.")
    page = terms(open_page, server, project)
    page.get_by_role("combobox", name="Show").click()
    page.get_by_role("option", name="misspelled terms").click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card.framed .term")).to_have_text("asprin")
    near = "almost “aspirin” (“i” missing)"
    expect(page.locator(".card.framed .counts")).to_contain_text(near)
    page.get_by_role("button", name="Look in the document").click()
    expect(page.locator(".annotator .about")).to_contain_text(near)


@pytest.mark.slow
def test_on_a_phone_what_can_be_done_stays_in_sight(open_page: Open, server: Server) -> None:
    address = server.address("terms", project=server.project())
    page = open_page(address, viewport={"width": 390, "height": 500}, has_touch=True)
    page.locator(".card.framed").wait_for()
    head = page.evaluate("document.querySelector('header').getBoundingClientRect().bottom")
    page.locator(".card.framed .contexts li").first.evaluate("n => n.scrollIntoView()")

    def top(part: str) -> float:
        box = page.locator(f".card.framed {part}").first.bounding_box()
        assert box is not None
        return box["y"]

    assert top(".actions") >= head - 1
    assert top(".look") >= top(".contexts label") + 20, "the document stands below its text, not beside it"
    page.keyboard.press("a")
    expect(page.locator(".card.framed .term")).not_to_have_text("aspirin")
    saved(page)
    assert top(".head") >= head - 1, "the name of the next term is in sight"
    folded = page.locator(".card:not(.framed) .line")
    cut = folded.evaluate_all(
        "lines => lines.filter(n => n.querySelector('mark').getBoundingClientRect().right > "
        "n.getBoundingClientRect().right).length"
    )
    assert (folded.count() > 0, cut) == (True, 0), "every term is seen in its line"


@pytest.mark.slow
def test_who_disagrees_is_said_of_a_card(open_page: Open, server: Server) -> None:
    text = "Chest pain and fever, then Fever."
    found = [
        suggest(text, "Chest pain", "PROBLEM", model_label="TEST"),
        suggest(text, "fever", "PROBLEM", "rule"),
        suggest(text, "Fever", "PROBLEM", model_label="TEST"),
    ]
    page = terms(open_page, server, make_project(server.store, [(text, found)], name="opinions").name)
    for term, who in (
        ("fever", "found by rules 1 · rules and model disagree 1"),
        ("Chest pain", "1 document · rules and model disagree"),
    ):
        counts = page.locator(".card").filter(has=page.locator(".term", has_text=term)).locator(".counts")
        expect(counts).to_contain_text(who)
        expect(counts).not_to_contain_text("by they")


def test_without_a_card_the_page_says_so(open_page: Open, server: Server) -> None:
    page = open_page(server.address("terms", project=server.project(one="Nothing of note was seen.")))
    expect(page.locator(".cards .empty")).to_have_text(
        "No term waits: nothing is suggested in these documents. Term lists takes a list or a single term; "
        "in a document, what is to be found can be marked."
    )
    expect(page.get_by_text("0 terms wait.", exact=True)).to_be_visible()
    saved(page)
    session = server.session(server.made[-1])
    session.handle("next")
    page.reload()
    expect(page.locator(".cards .empty")).to_contain_text("every document that is for you is reviewed")


@pytest.mark.slow
def test_a_card_that_was_left_stays_left_after_another_page(open_page: Open, server: Server) -> None:
    page = terms(open_page, server, server.project())
    page.keyboard.press(" ")
    expect(page.locator(".card.framed .term")).not_to_have_text("aspirin")
    saved(page)
    expect(page.get_by_text("Left for now: 1, until the page is loaded anew.")).to_be_visible()
    page.keyboard.press("l")
    page.locator(".annotator .mention").first.wait_for()
    page.go_back()
    page.locator(".card.framed").wait_for()
    expect(page.locator(".card .term").filter(has_text="aspirin")).to_have_count(0)
    expect(page.get_by_text("Left for now: 1, until the page is loaded anew.")).to_be_visible()
    page.reload()
    expect(page.locator(".card.framed .term")).to_have_text("aspirin")
