"""The whole loop in a real browser: review, explain, bulk, undo, retrain, compare, promote, roll back."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewStore
from hybrid_ner.ui.workspace import Workspace
from tests.ui.browser.conftest import (
    LONG,
    REPOSITORY,
    Open,
    Server,
    drag,
    free_port,
    paused,
    say,
    serve,
    settled,
    sync_api,
)
from tests.ui.conftest import NOTES

expect = sync_api.expect


def review(open_page: Open, server: Server, project: str, doc: str = "note-1", **query: str) -> sync_api.Page:
    page = open_page(server.address(project=project, doc=doc, **query))
    page.locator(f".annotator[data-document='{doc}']").wait_for()
    settled(page)
    return page


def echoed(page: sync_api.Page, words: str) -> None:
    """Wait for an answer in the chat."""
    page.locator(".turn .echo", has_text=words).last.wait_for()


def statuses(
    server: Server, project: str, doc: str = "note-1", reviewer: str = "ana"
) -> list[tuple[str, str, str]]:
    view = server.session(project, reviewer).view(doc)
    assert view is not None
    return [(s.surface, s.label, s.status) for s in view.spans]


def test_accept_reject_and_relabel_by_key(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    for key in ("a", "x", "2"):
        page.keyboard.press(key)
    settled(page)
    assert statuses(server, project)[:3] == [
        ("chest pain", "Disease", "accepted"),
        ("aspirin", "Drug", "rejected"),
        ("fever", server.session(project).labels[1], "accepted"),
    ]
    page.keyboard.press("Backspace")
    echoed(page, "undone: 3 “fever”")
    assert statuses(server, project)[2][2] == "open"
    expect(page.locator(".annotator .about")).to_contain_text("fever")  # what was put back is decided next


@pytest.mark.slow
def test_new_spans_over_difficult_characters(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    for surface in ("😀", "Cafe\u0301"):
        drag(page, surface)
        page.keyboard.press("1")
        settled(page)
        added = [s for s in statuses(server, project) if s[0] == surface]
        assert added == [(surface, server.session(project).labels[0], "accepted")]


@pytest.mark.slow
def test_span_drawn_by_keyboard_goes_on_past_punctuation(open_page: Open, server: Server) -> None:
    project = server.project(note="Seen: fever, malaise ; rash.")
    page = review(open_page, server, project, "note")
    for key in ("n", "Shift+ArrowRight", "Shift+ArrowRight", "1"):
        page.keyboard.press(key)
    settled(page)
    assert ("fever, malaise ; rash", server.session(project).labels[0], "accepted") in statuses(
        server, project, "note"
    )


@pytest.mark.slow
def test_bulk_step_is_previewed_confirmed_and_undone(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    say(page, 'no all "aspirin"')
    page.locator(".st-key-yes button").click()
    echoed(page, "rejected 4 mentions in 3 documents")
    assert statuses(server, project, "note-4")[1][2] == "rejected"
    say(page, "undo bulk b1")
    assert statuses(server, project, "note-4")[1][2] == "open"


@pytest.mark.slow
def test_why_shows_every_step(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    page.keyboard.press("w")
    page.get_by_text("in the machine's words").last.click()
    page.locator(".turn .lines").get_by_text("Disease.txt").wait_for()
    keys = page.locator(".turn .lines b").all_inner_texts()
    assert {"text", "compared as", "found by", "chosen", "model", "words", "decided so far"} <= set(keys)
    expect(page.locator(".about .rest")).to_contain_text("as listed")
    assert page.locator(".turn .lines").last.inner_text().startswith("span 1")
    assert "stands in the term list as a disease" in page.locator(".turn .echo").last.inner_text()


def test_sentences_are_done_asked_about_and_mean_the_framed_span(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    say(page, "The first one is fine, thanks!")
    expect(page.locator(".turn .meant").last).to_contain_text("ok 1")
    expect(page.locator(".turn .then").last).to_contain_text("is “")
    # The cursor stays in the box: what is typed next is about what is framed by then.
    say(page, "2 is a drug")
    say(page, "no")
    expect(page.locator(".turn .meant").last).to_contain_text("no 3")
    say(page, "maybe 2 is wrong")
    page.get_by_role("button", name="Reject 2").click()
    expect(page.locator(".turn .echo").last).to_contain_text("rejected 2")
    name = page.locator(".annotator").first.get_attribute("data-document") or ""
    assert statuses(server, project, name)[1][2] == "rejected"


def test_reload_in_the_middle_comes_back_here(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project, "note-2")
    page.keyboard.press("a")
    settled(page)
    say(page, 'ok all "aspirin"')
    page.reload()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)
    page.locator(".turn .said", has_text='ok all "aspirin"').wait_for()
    expect(page.locator(".turn table")).to_have_count(0)
    page.get_by_role("button", name="Show it again").click()
    page.locator(".turn.ask:not(.over) td", has_text="[aspirin]").first.wait_for()
    settled(page)
    page.locator(".page").click(position={"x": 4, "y": 4})
    page.keyboard.press("y")
    echoed(page, "accepted 4 mentions in 3 documents")
    for asked in (".turn.ask", ".turn.ask.over"):
        expect(page.locator(asked)).to_have_count(2)
    page.get_by_role("button", name="Undo", exact=True).click()
    echoed(page, "undone: “aspirin”: accepted 4 mentions in 3 documents")
    assert statuses(server, project, "note-2")[0][2] == "accepted"


@pytest.mark.parametrize(
    "stopped",
    [
        pytest.param("before the key", marks=pytest.mark.slow),
        "before the line",
        pytest.param("before Enter", marks=pytest.mark.slow),
    ],
)
def test_a_line_right_behind_a_key_is_said_and_shown_on_a_busy_server(
    open_page: Open, server: Server, stopped: str
) -> None:
    project = server.project()
    page = review(open_page, server, project, "note-2")
    box = page.get_by_placeholder("Type a command")
    box.wait_for()  # its code is fetched by itself, and a stopped server sends none
    with paused(server.url) as pause:
        for step, act in (
            ("before the key", lambda: page.keyboard.press("a")),
            ("before the line", lambda: box.fill('ok all "aspirin"')),
            ("before Enter", lambda: box.press("Enter")),
        ):
            if step == stopped:
                page.wait_for_timeout(30)  # the run of the key has begun
                pause()
            act()
        page.wait_for_timeout(500)
    page.locator(".turn .said", has_text='ok all "aspirin"').wait_for()
    said = [turn.line for turn in server.session(project).history()]
    assert said == ["ok 1", 'ok all "aspirin"']


def test_first_open_span_is_in_sight(open_page: Open, server: Server) -> None:
    project = server.project(far="nothing here\n" * 300 + "Fever at the end.")
    page = review(open_page, server, project, "far")
    expect(page.locator(".mention.selected").first).to_be_in_viewport()


@pytest.mark.slow
def test_next_and_back_move_by_key(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    page.keyboard.press("ArrowRight")
    page.locator(".annotator:not([data-document='note-1'])").wait_for()
    settled(page)
    page.keyboard.press("ArrowLeft")
    page.locator(".annotator[data-document='note-1']").wait_for()


def test_hostile_document_is_only_text(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project, "hostile")
    assert page.locator(".page").evaluate("node => node.textContent") == NOTES["hostile"]
    say(page, 'all "fever"')
    say(page, 'find "owned"')
    assert page.title() == "Review · hybrid_ner"
    expect(page.locator("img[src*='e.test'], a[href*='e.test'], .katex")).to_have_count(0)
    assert statuses(server, project, "hostile") == [("fever", "Disease", "open")]


def test_hostile_name_is_only_text(open_page: Open, server: Server) -> None:
    name = "![p](http://e.test/p.png) $x$ <b>n</b> [l](http://e.test)"
    project = server.project(**{name: "Fever."})
    page = review(open_page, server, project, name)
    page.get_by_text(name, exact=True).first.wait_for()
    expect(page.locator("img[src*='e.test'], a[href*='e.test'], .katex")).to_have_count(0)


@pytest.mark.slow
def test_two_reviewers_at_once_do_not_disturb_each_other(open_page: Open, server: Server) -> None:
    project = server.project()
    first = review(open_page, server, project, "note-2")
    second = review(open_page, server, project, "note-2", reviewer="ben")
    for key in ("a", "x"):
        first.keyboard.press(key)
        second.keyboard.press("x" if key == "a" else "a")
    settled(first)
    settled(second)
    assert [s[2] for s in statuses(server, project, "note-2")[:2]] == ["accepted", "rejected"]
    assert [s[2] for s in statuses(server, project, "note-2", "ben")[:2]] == ["rejected", "accepted"]


@pytest.mark.slow
def test_two_tabs_of_one_reviewer_keep_their_documents(open_page: Open, server: Server) -> None:
    project = server.project()
    first = review(open_page, server, project, "note-1")
    second = review(open_page, server, project, "note-2")
    first.keyboard.press("a")
    settled(first)
    second.keyboard.press("w")
    second.locator(".turn .echo", has_text="Fever").wait_for()
    assert "Fever" in second.locator(".turn .echo").last.inner_text()
    assert statuses(server, project, "note-1")[0][2] == "accepted"


@pytest.mark.slow
def test_hints_complete_a_command(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    box = page.get_by_placeholder("Type a command")
    box.click()
    box.press_sequentially("retr")
    page.locator(".hint", has_text="retrain").wait_for()
    assert "`" not in page.locator(".hints").inner_text()
    box.press("Tab")
    expect(box).to_have_value("retrain")


@pytest.mark.slow
def test_documents_and_terms_are_imported_by_hand(open_page: Open, server: Server) -> None:
    server.project()
    page = open_page(server.address())
    page.get_by_role("button", name="ana").click()
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name of the project").fill("uploaded notes")
    page.get_by_text("Something else").click()
    uploads = page.locator("input[type='file']")
    uploads.nth(0).set_input_files(
        {"name": "visit.txt", "mimeType": "text/plain", "buffer": b"Rash after statin."}
    )
    uploads.nth(1).set_input_files({"name": "Drug.txt", "mimeType": "text/plain", "buffer": b"statin\n"})
    page.get_by_role("button", name="Create the project").click()
    page.locator(".annotator[data-document='visit']").wait_for()
    assert statuses(server, "uploaded notes", "visit", "reviewer")[0][0] == "statin"


def test_gazetteer_edit_asks_and_can_be_undone(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(server.address("gazetteers", project=project))
    page.get_by_label("Term, as documents write it").fill("metoprolol")
    page.get_by_label("What it stands for").fill("metoprolol")
    page.get_by_role("button", name="Add it").click()
    page.locator(".st-key-yes button").click()
    page.get_by_text("metoprolol", exact=False).first.wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("None yet. Every change can be undone").wait_for()


def retrain_quickly(server: Server, project: str) -> None:
    """One epoch is enough to see that the way to a model works."""
    replace(server.setup(project), overrides={"training.max_epochs": 1}).save(server.store.project(project))


@pytest.mark.slow
def test_retrain_compare_promote_and_roll_back(open_page: Open, server: Server) -> None:
    project = server.project()
    retrain_quickly(server, project)
    gold = {"id": "g", "text": "Fever; aspirin.", "entities": [{"start": 0, "end": 5, "label": "Disease"}]}
    server.setup(project).gold_path.write_text(json.dumps(gold) + "\n", encoding="utf-8")
    page = review(open_page, server, project)
    for _ in range(4):
        page.keyboard.press("a")
    settled(page)
    page.get_by_role("link", name="Models").click()
    page.get_by_role("button", name="Retrain").click()
    page.get_by_role("button", name="Stop training").wait_for()
    page.get_by_role("link", name="Review").click()
    page.locator(".annotator").wait_for()
    page.get_by_role("link", name="Models").click()
    page.get_by_text(re.compile(r"^Model 1 \(.*\) is ready")).wait_for(timeout=LONG)
    switch(page, "Use this model")
    page.get_by_text(re.compile(r"^In use: model 1 \(")).wait_for()
    page.get_by_role("link", name="Compare").click()
    page.get_by_text("Rules and model together: F1").wait_for()
    page.get_by_text("Model by model").wait_for()
    # One epoch may find nothing: then the review does not speak of a model.
    assert server.store.project(project).model == "r1"
    page.get_by_role("link", name="Models").click()
    switch(page, "Go back to it")
    page.get_by_text("In use: the rules alone", exact=True).wait_for()
    assert server.session(project).history()[-1].echo.startswith("r0 is now in use")


@pytest.mark.slow
def test_learn_beside_the_document_use_it_and_go_back(open_page: Open, server: Server) -> None:
    project = server.project()
    session = server.session(project)
    for line in ("go note-1", 'add "metoprolol" Drug', *["next"] * 2):
        session.handle(line)
    for number in range(1, 6):
        session.handle(f"go {number}")
        session.handle("ok")
        session.handle("next")
    # What was added in review itself is no news; here it stands once more.
    server.store.project(project).add_documents([Document("note-5", "Went on with metoprolol 25 mg.")])
    page = review(open_page, server, project)
    page.get_by_role("button", name="Learn from these decisions (5 documents)").click()
    page.get_by_text("Stop training").wait_for()
    page.get_by_text("The new model has learned").wait_for(timeout=LONG)
    page.get_by_text("See what changed").click()
    page.get_by_role("button", name="Open the document of the chosen row").wait_for()
    page.get_by_role("button", name="Use it").click()
    page.get_by_role("button", name="Back to the rules alone", exact=True).wait_for()
    page.get_by_text("suggestions of model 1 (").wait_for()
    page.get_by_role("button", name="Back to the rules alone", exact=True).click()
    page.get_by_text("suggestions of model 1 (").wait_for(state="detached")
    assert session.history()[-1].echo.startswith("r0 is now in use")


def switch(page: sync_api.Page, button: str) -> None:
    """Ask for another model, and confirm what is said of it."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_text("What was decided stays.").wait_for()
    page.get_by_role("button", name=f"Yes, {button.lower()}").click()


def test_training_can_be_stopped(open_page: Open, server: Server) -> None:
    project = server.project()
    # So much that it cannot be over before it is stopped.
    replace(server.setup(project), overrides={"training.max_epochs": 2000}).save(
        server.store.project(project)
    )
    page = open_page(server.address("models", project=project))
    page.get_by_role("button", name="Retrain").click()
    page.get_by_role("button", name="Stop training").click()
    page.get_by_text("The last training was stopped").wait_for()
    expect(page.get_by_role("button", name="Retrain")).to_be_enabled()


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["Medical", "Legal"])
def test_demo_project_in_one_click(open_page: Open, server: Server, domain: str) -> None:
    server.project()
    page = open_page(server.address())
    page.get_by_role("button", name="ana").click()
    page.get_by_role("button", name="New project").click()
    page.get_by_role("button", name=f"{domain} demo").click()
    page.locator(".annotator .mention").first.wait_for(timeout=LONG)
    page.get_by_text("1 of 4").wait_for()
    page.get_by_role("link", name="Compare").click()
    page.get_by_text("Rules alone: F1").wait_for()


@pytest.mark.slow
def test_edits_survive_a_restart_of_the_server(open_page: Open, tmp_path: Path) -> None:
    """Keys pressed while nobody listens are kept by the page and written down when the server is back."""
    place, port = Workspace.at(tmp_path / "workspace"), free_port()
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store, ExitStack() as stopped:
        first = serve(REPOSITORY / "app.py", tmp_path, place.folder, port)
        stopped.callback(first.close)
        server = Server(next(first), place, store)
        project = server.project()
        page = review(open_page, server, project)
        page.get_by_placeholder("Type a command").wait_for()  # its code comes by itself, from a server alone
        first.close()
        page.keyboard.press("a")
        page.keyboard.press("x")
        page.get_by_text("2 not saved yet").wait_for()
        second = serve(REPOSITORY / "app.py", tmp_path, place.folder, port)
        stopped.callback(second.close)
        next(second)
        settled(page)
        page.get_by_text("saved", exact=True).wait_for()
        assert [s[2] for s in statuses(server, project)[:3]] == ["accepted", "rejected", "open"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "found"),
    [
        ("typed", ["open", "accepted", "rejected", "open"]),
        ("pressed", ["accepted", "accepted", "rejected", "accepted"]),
    ],
)
def test_what_is_said_or_pressed_first_after_a_restart_is_done(
    open_page: Open, tmp_path: Path, way: str, found: list[str]
) -> None:
    """The new server knows of no box and no button before it has drawn the page anew."""
    place, port = Workspace.at(tmp_path / "workspace"), free_port()
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store, ExitStack() as stopped:
        first = serve(REPOSITORY / "app.py", tmp_path, place.folder, port)
        stopped.callback(first.close)
        server = Server(next(first), place, store)
        project = server.project()
        page = review(open_page, server, project)
        page.get_by_placeholder("Type a command").wait_for()
        first.close()
        server.session(project).handle("no 3")
        second = serve(REPOSITORY / "app.py", tmp_path, place.folder, port)
        stopped.callback(second.close)
        next(second)
        page.locator("[data-test-connection-state='CONNECTED']").wait_for()
        if way == "typed":
            box = page.get_by_placeholder("Type a command")
            box.fill("ok 2")
            box.press("Enter")
        else:
            page.get_by_role("button", name="Accept all 3").click()
        echoed(page, "accepted")
        settled(page)
        assert [s[2] for s in statuses(server, project)] == found


@pytest.mark.slow
def test_fresh_log_says_how_to_begin(open_page: Open, server: Server) -> None:
    page = review(open_page, server, server.project())
    page.get_by_text("Nothing was said yet").wait_for()


def test_enter_confirms_a_question_even_before_it_is_there(open_page: Open, server: Server) -> None:
    project = server.project()
    page = review(open_page, server, project)
    page.keyboard.press("ArrowDown")
    page.locator(".actions button", has_text="Everywhere").click()
    page.keyboard.press("Enter")
    echoed(page, "accepted 4 mentions in 3 documents")
    settled(page)
    assert page.locator(".annotator").get_attribute("data-document") == "note-1"
    page.locator(".actions button", has_text="Everywhere").click()
    page.locator(".st-key-yes button").wait_for()
    settled(page)
    page.keyboard.press("Escape")
    echoed(page, "nothing changed")


def test_a_button_that_the_mouse_has_pressed_leaves_the_keys_to_the_document(
    open_page: Open, server: Server
) -> None:
    project = server.project()
    page = review(open_page, server, project)
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)
    page.keyboard.press("Enter")
    echoed(page, "accepted")
    settled(page)
    assert {status for *_, status in statuses(server, project, "note-2")} == {"accepted"}
    # Who goes to a button by keys presses it.
    page.get_by_role("button", name="Undo", exact=True).focus()
    page.keyboard.press("Enter")
    echoed(page, "undone")


@pytest.mark.slow
def test_enter_accepts_many_spans_without_a_question(open_page: Open, server: Server) -> None:
    project = server.project(many="fever. " * 14, other="fever")
    page = review(open_page, server, project, "many")
    page.keyboard.press("Enter")
    page.locator(".annotator[data-document='other']").wait_for()
    settled(page)
    assert [status for *_, status in statuses(server, project, "many")] == ["accepted"] * 14


@pytest.mark.slow
def test_e_gives_the_verdict_to_the_other_places_here(open_page: Open, server: Server) -> None:
    project = server.project(note="Malaise, fever; then malaise and FEVER. Malaise! fever")
    page = review(open_page, server, project, "note")
    for key in ("x", "e"):
        page.keyboard.press(key)
    settled(page)
    assert [s for *_, s in statuses(server, project, "note")] == ["rejected"] * 3
    drag(page, "Malaise")
    label = server.session(project).labels[0]
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="in its 2 other places here")).to_be_visible()
    page.keyboard.press("e")
    settled(page)
    made = [s for s in statuses(server, project, "note") if s[0].lower() == "malaise"]
    assert sorted(made) == [("Malaise", label, "accepted")] * 2 + [("malaise", label, "accepted")]


@pytest.mark.slow
def test_why_not_is_plain_first_and_its_command_goes_into_the_chat_box(
    open_page: Open, server: Server
) -> None:
    project = server.project(**{"note-1": "Fever since Monday, and a lantern rock."})
    page = review(open_page, server, project)
    say(page, "why did you not tag lantern rock?")
    turn = page.locator(".turn").last
    expect(turn.locator(".echo")).to_have_text("“lantern rock” is on no term list, and no rule marks it.")
    expect(turn.locator("details .lines")).to_be_hidden()  # the machine's words are one click away
    command = turn.get_by_role("button", name='term + "lantern rock" = NAME LABEL')
    command.click()
    expect(page.get_by_placeholder("Type a command")).to_have_value('term + "lantern rock" = NAME LABEL')
    assert [row.line for row in server.session(project).history()] == ['why not "lantern rock"']


@pytest.mark.slow
def test_reviewed_mentions_and_every_label_are_buttons(open_page: Open, server: Server) -> None:
    project = server.project()
    session = server.session(project)
    for name in ("Test", "Device", "Place", "Plant", "Colour"):
        session.handle(f"label {name}")
        session.handle("yes")
    page = review(open_page, server, project)
    say(page, "no 1")
    surface = statuses(server, project)[0][0]
    say(page, f'ok all "{surface}" likely')
    page.get_by_role("button", name="reviewed too").first.click()
    page.get_by_role("button", name="Yes: ").wait_for()
    page.get_by_role("button", name="Leave it").click()
    settled(page)
    say(page, "you missed denies")
    page.get_by_role("button", name="Another label…").click()
    page.get_by_role("button", name="As Place").click()
    echoed(page, "“denies” Place")
