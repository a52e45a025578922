"""Confirmations, reloads, positions, operations: what holds a session together."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.errors import InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store.schema import document
from tests.review.helpers import FakeModels, make_project, operation, say, statuses, suggest, surfaces, ward


def _many(store: ReviewStore, count: int, **options: object) -> ReviewSession:
    text = " ".join(f"pain{n}" for n in range(count))
    found = [suggest(text, f"pain{n}", "PROBLEM") for n in range(count)]
    project = make_project(
        store, [(text, found), ("pain0 again", [suggest("pain0 again", "pain0", "PROBLEM")])]
    )
    return ReviewSession(store, project.name, "ana", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "kind"), [(1, None), (10, None), (11, "yes"), (100, "yes"), (101, "count")]
)
def test_the_ladder_in_one_document(store: ReviewStore, count: int, kind: str | None) -> None:
    session = _many(store, count)
    session.open("d1")
    reply = session.handle("no all")
    assert (reply.pending.kind if reply.pending else None) == kind
    if reply.pending:
        assert reply.pending.count == count
        assert reply.pending.answer == ("yes" if kind == "yes" else f"yes {count}")
        reply = session.handle(reply.pending.answer)
    assert reply.level == "done"
    assert set(statuses(session, "d1").values()) == {"rejected"}


def test_what_is_shown_is_accepted_without_a_question(store: ReviewStore) -> None:
    session = _many(store, 120)
    session.open("d1")
    assert session.handle("ok 1-119").level == "done"
    assert sorted(statuses(session, "d1").values()) == ["accepted"] * 119 + ["open"]


def test_two_documents_need_a_yes_and_a_wrong_answer_changes_nothing(store: ReviewStore) -> None:
    session = _many(store, 2)
    assert session.handle('ok all "pain0"').level == "ask"
    wrong = session.handle("yes 77")
    assert wrong.level == "ask"
    assert session.pending is not None
    assert session.pending.question == "accept 2 mentions in 2 documents"
    assert wrong.echo == f"{session.pending.question}; to go on, type `yes`"
    assert set(statuses(session, "d1").values()) == {"open"}
    assert session.handle("yes").level == "done"


def test_what_the_sender_has_counted_is_done_without_a_question(store: ReviewStore) -> None:
    texts = [(f"fever {n}", [suggest(f"fever {n}", "fever", "PROBLEM")]) for n in range(3)]
    session = ReviewSession(store, make_project(store, texts).name)
    line = 'ok all "fever" label:PROBLEM'
    asked = session.handle(line, foreseen="2")
    assert (asked.level, asked.pending is not None) == ("ask", True), "there are three by now"
    done = session.handle(line, foreseen="3")
    assert (done.level, done.echo) == ("done", "accepted 3 mentions in 3 documents [b1]")
    assert session.pending is None
    assert [turn.level for turn in session.history()] == ["ask", "done"]


def test_where_all_are_reviewed_they_can_be_chosen_all_the_same(store: ReviewStore) -> None:
    session = _many(store, 2)
    say(session, 'no all "pain0"', "yes")
    asked = session.handle('ok all "pain0"')
    assert (asked.level, asked.echo) == ("ask", "nothing to accept (2 reviewed left out)")
    assert session.handle("yes").level != "done"  # "yes" says nothing about the reviewed ones
    say(session, 'ok all "pain0"')
    assert session.handle("a").pending == session.pending
    assert session.handle("yes 2").echo.startswith("accepted 2 mentions in 2 documents")


def test_reviewed_spans_need_including_reviewed_and_the_count(store: ReviewStore) -> None:
    session = _many(store, 2)
    say(session, "go 1", "no 1")
    asked = session.handle('ok all "pain0"')
    assert "1 reviewed left out" in asked.echo
    assert asked.pending is not None
    assert asked.pending.choices == (("Accept the 1 reviewed too", 'ok all "pain0" including reviewed'),), (
        asked.pending
    )
    asked = session.handle("accept the 1 reviewed too")
    assert asked.pending is not None
    assert asked.pending.answer == "yes 2"
    assert session.handle("yes").level == "ask"
    assert session.handle("yes 2").level == "done"
    assert surfaces(session, "d1")[0] == ("pain0", "PROBLEM")


def test_except_leaves_a_sample_out(store: ReviewStore) -> None:
    session = _many(store, 2)
    say(session, 'ok all "pain0"')
    assert "there is no sample 9" in session.handle("except 9").echo
    assert session.handle("except 2").level == "done"
    assert statuses(session, "d1")[1] == "accepted"
    assert statuses(session, "d2")[1] == "open"


def test_except_on_a_counted_step_asks_for_the_new_count(store: ReviewStore) -> None:
    session = _many(store, 105)
    say(session, "ok all label:PROBLEM")
    narrowed = session.handle("except 2 3")
    assert narrowed.level == "ask"
    assert narrowed.pending is not None
    assert narrowed.pending.answer == "yes 104"
    assert session.handle("yes 104").level == "done"
    assert [n for n, status in statuses(session, "d1").items() if status == "open"] == [2, 3]


def test_another_command_drops_the_question_but_an_unknown_line_does_not(store: ReviewStore) -> None:
    session = _many(store, 2)
    say(session, 'ok all "pain0"')
    assert session.handle("hmm what").level == "error"
    assert session.pending is not None
    say(session, "go 2")
    assert session.pending is None
    assert "the question expired" in session.handle("yes").echo


@pytest.mark.parametrize("other", ["next", "help", "left"])
def test_a_preview_that_another_line_leaves_is_told(session: ReviewSession, other: str) -> None:
    """It was dropped without a word, and the next yes was taken for an answer about a mention."""
    asked = session.handle('never "pain"')
    assert asked.level == "ask"
    assert session.handle(other).lines[-1].startswith('Not done: `never "pain"`')
    assert "Not done" not in " ".join(session.handle("left").lines)
    session.handle('never "pain"')
    assert "Not done" not in " ".join(session.handle("no").lines)


def test_a_question_expires_when_the_data_has_changed(store: ReviewStore) -> None:
    session = _many(store, 2)
    say(session, 'ok all "pain0"')
    session.project.add_documents([Document("d3", "pain0 too")])
    session.project.add_suggestions("r1", [("d3", [suggest("pain0 too", "pain0", "PROBLEM")])])
    again = session.handle("yes")
    assert again.level == "ask"
    assert again.echo.startswith("the data has changed since; accept 3 mentions in 3 documents")
    assert session.handle("yes").echo.startswith("accepted 3 mentions")


def test_position_order_and_chat_survive_a_reload(store: ReviewStore, project: Project) -> None:
    session = ReviewSession(store, project.name, "ana")
    say(session, "queue random", "go 4", "ok 1")
    again = ReviewSession(store, project.name, "ana")
    view = again.view()
    assert view is not None
    assert (view.doc_id, again.order) == ("d4", "random")
    assert [(t.line, t.level) for t in again.history()] == [
        ("queue random", "info"),
        ("go 4", "info"),
        ("ok 1", "done"),
    ]
    assert say(again, "undo").echo.startswith("undone: step 1")


def test_numbers_do_not_shift(session: ReviewSession) -> None:
    say(session, "no 2", 'add "Pt" PERSON', 'add "f/u" TEST', "undo", 'add "25" TEST')
    view = session.view()
    assert view is not None
    assert [(s.number, s.surface, s.status) for s in view.spans] == [
        (1, "chest pain", "open"),
        (2, "afib", "rejected"),
        (3, "metropolol", "open"),
        (4, "ECHO", "open"),
        (5, "Pt", "accepted"),
        (6, "25", "accepted"),
    ]


def test_a_bad_number_in_a_list_changes_nothing(session: ReviewSession) -> None:
    refused = session.handle("ok 1 9 3")
    assert refused.echo == "there is no mention 9 in d1: it has 1 to 4. Nothing changed."
    assert set(statuses(session).values()) == {"open"}


def test_the_last_command_wins(session: ReviewSession) -> None:
    say(session, "ok 1", "no 1", "1 is TEST", "no 1", "ok 1")
    assert surfaces(session) == [("chest pain", "TEST")]


def test_operations_are_bound_to_what_was_shown(session: ReviewSession) -> None:
    good = operation(session, "accept", 1, number=1)
    assert "another text" in session.apply(replace(good, sequence=2, content_hash="0" * 64)).echo
    assert "the page shows “afib”" in session.apply(replace(good, sequence=3, surface="afib")).echo
    assert "no document" in session.apply(replace(good, sequence=4, doc_id="d99")).echo
    assert "no mention 9" in session.apply(replace(good, sequence=5, number=9)).echo
    assert set(statuses(session).values()) == {"open"}
    assert session.apply(good).changed == ("d1",)


@pytest.mark.parametrize("kind", ["accept", "reject", "relabel", "boundary", "reopen"])
def test_every_operation_is_a_command(session: ReviewSession, kind: str) -> None:
    say(session, "ok 3")
    more: dict[str, Any] = {"start": 43, "end": 56} if kind == "boundary" else {}
    reply = session.apply(operation(session, kind, 1, number=3, label="TEST", **more))
    assert reply.level == "done" or kind == "accept"
    expected = {
        "accept": [("metropolol", "DRUG")],
        "reject": [],
        "relabel": [("metropolol", "TEST")],
        "boundary": [("metropolol 25", "DRUG")],
        "reopen": [],
    }
    assert surfaces(session) == expected[kind]


def test_an_operation_on_another_document_moves_there(session: ReviewSession) -> None:
    reply = session.apply(operation(session, "accept", 1, "d4", number=1))
    assert (reply.doc_id, reply.moved) == ("d4", True)
    assert session.transcript()[-2:] == ['go "d4"', "ok 1"]


def test_decided_documents_leave_the_queue_and_reopened_ones_return(session: ReviewSession) -> None:
    assert session.left == 6
    say(session, "ok")
    assert session.left == 5
    say(session, "reopen 2")
    assert session.left == 6
    view = session.view()
    assert view is not None
    assert not view.done


def test_an_empty_project(store: ReviewStore) -> None:
    store.create_project("empty")
    session = ReviewSession(store, "empty", "ana")
    assert session.view() is None
    assert session.queue() == []
    assert session.left == 0
    assert "no document is open" in session.handle("ok").echo
    session.project.add_documents([Document("late", "now there is one")])
    assert session.handle("next").doc_id == "late"


def test_opening_what_is_not_there(session: ReviewSession) -> None:
    with pytest.raises(InputError, match="no document 'x'"):
        session.open("x")
    with pytest.raises(InputError, match="no document 'x'"):
        session.view("x")


def test_new_label(session: ReviewSession) -> None:
    assert session.handle("label ANATOMY").echo == "label ANATOMY is there already"
    asked = session.handle("label DEVICE")
    assert asked.level == "ask"
    assert "DEVICE" not in session.labels
    assert session.handle("yes").level == "done"
    assert session.handle("2 device").echo.endswith("→ DEVICE")


def test_only_the_author_undoes_a_step(store: ReviewStore, session: ReviewSession) -> None:
    say(session, "ok 1")
    bob = ReviewSession(store, session.project.name, "bob")
    assert "step 1 is ana's" in bob.handle("undo 1").echo
    assert bob.handle("undo").echo == "nothing to undo"
    assert bob.handle("redo").echo == "nothing to redo"


def test_a_new_step_ends_redo(session: ReviewSession) -> None:
    say(session, "ok 1", "ok 2", "undo", "no 3")
    assert session.handle("redo").echo == "nothing to redo"


def test_claimed_documents_go_to_one_reviewer(store: ReviewStore) -> None:
    project = ward(store)
    first, second = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    say(first, "next")
    say(second, "next")
    one, two = first.view(), second.view()
    assert one is not None
    assert two is not None
    assert one.doc_id != two.doc_id
    seen = second.view(one.doc_id)
    assert seen is not None
    assert seen.claimed_by == "ana"
    assert [row.claimed_by for row in second.queue() if row.doc_id == one.doc_id] == ["ana"]


@pytest.mark.parametrize("wrong", [-3600, 3600, 10 * 365 * 86_400])
def test_a_claim_of_long_ago_or_of_a_clock_that_ran_ahead_holds_nothing(
    store: ReviewStore, wrong: int
) -> None:
    project = ward(store)
    first = ReviewSession(store, project.name, "ana")
    say(first, "next")
    one = first.view()
    assert one is not None
    with store.write() as connection:
        connection.execute(document.update().values(claimed_at=time.time() + wrong))
    second = ReviewSession(store, project.name, "bob")
    say(second, "next")
    two = second.view()
    assert two is not None
    assert (two.doc_id, two.claimed_by) == (one.doc_id, "")
    assert {row.claimed_by for row in second.queue()} == {""}


def test_documents_that_need_two_reviews_wait_for_the_second(store: ReviewStore) -> None:
    project = ward(store, reviews=2)
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    for session in (ana, bob):
        for _ in range(6):
            say(session, "ok next")
        assert session.left == 0
    assert {row.done for row in ana.queue()} == {True}


def test_export_goes_to_the_folder(session: ReviewSession, tmp_path: Path) -> None:
    say(session, "ok", "export jsonl")
    assert (tmp_path / "notes_gold.jsonl").is_file()


def test_a_question_of_another_kind_is_said(session: ReviewSession) -> None:
    say(session, "go 3", 'add "ECHO" TEST')
    assert session.handle("yes").echo == "expected an answer like `#1`"
    assert session.handle("#7").level == "error"
    assert session.handle("#1").level == "done"


@pytest.mark.parametrize("word", ["cancel", "leave", "CANCEL"])
def test_cancel_leaves_a_question_and_nothing_else(store: ReviewStore, word: str) -> None:
    session = _many(store, 2)
    say(session, "go 2", 'ok all "pain0"')
    reply = session.handle(word)
    assert (reply.level, reply.pending, reply.moved, reply.step) == ("info", None, False, None)
    assert reply.echo == 'dropped: `ok all "pain0"`; nothing changed'
    assert session.pending is None
    assert session.handle("yes").level == "error"
    assert session.handle(word).echo.startswith("nothing waits for an answer")
    assert session.log() == []


def test_cancel_leaves_every_kind_of_question(store: ReviewStore) -> None:
    models = FakeModels("r1", "r2")
    session = ReviewSession(store, ward(store).name, "ana", models=models)
    for line in ('add "ECHO" TEST', "promote r2", 'never "mi"'):
        say(session, "go d3")
        assert session.handle(line).level == "ask"
        assert session.handle("cancel").level == "info"
        assert session.pending is None
    models.start_retrain("notes", "ana")
    say(session, "cancel")
    assert models.status().state == "running"
    assert session.handle("stop").echo == "the training was stopped"


def test_numbers_of_a_document_on_a_card_do_not_shift_when_a_run_arrives(store: ReviewStore) -> None:
    text = "afib and ECHO and MI"
    found = [suggest(text, "afib", "PROBLEM"), suggest(text, "MI", "PROBLEM")]
    project = make_project(store, [(text, found), (text, found)])
    session = ReviewSession(store, project.name, "ana")
    session.open("d1")
    more = [*found, suggest(text, "ECHO", "TEST"), suggest(text, "and", "TEST")]
    project.add_suggestions("r2", [("d1", more), ("d2", more)])
    numbers = {s.surface: s.number for s in session.view("d1").spans}  # type: ignore[union-attr]
    assert numbers == {"afib": 1, "MI": 2, "and": 3, "ECHO": 4}
    assert session.handle("ok 2").echo == "accepted 2 “MI” PROBLEM"
    others = {s.surface: s.number for s in session.view("d2").spans}  # type: ignore[union-attr]
    assert others == {"afib": 1, "and": 2, "ECHO": 3, "MI": 4}


@pytest.mark.parametrize(
    ("kind", "start", "end", "line"),
    [
        ("add", 14, 17, 'add "fib" @14-17 TEST'),
        ("add", 19, 22, 'add "fib" TEST'),
        ("add", 23, 36, 'add "kidney injury" TEST'),
        ("add", 22, 36, 'add "kidney injury" @22-36 TEST'),
        ("boundary", 0, 3, '1 = "Pt" @0-3'),
        ("boundary", 13, 22, '1 = "afib fib"'),
    ],
)
def test_edits_with_the_mouse_are_lines_that_replay(
    store: ReviewStore, kind: str, start: int, end: int, line: str
) -> None:
    text = "Pt has x and afib\u2003 fib kidney\ninjury."
    first, second = (
        ReviewSession(
            store, make_project(store, [(text, [suggest(text, "afib", "PROBLEM")])], name=name).name, "ana"
        )
        for name in ("first", "second")
    )
    more = {"number": 1} if kind == "boundary" else {"label": "TEST"}
    assert first.apply(operation(first, kind, 1, start=start, end=end, **more)).level == "done"
    lines = first.transcript()
    assert lines[-1] == line
    for each in lines:
        assert second.handle(each).level != "error", each
    assert surfaces(second) == surfaces(first)


def test_a_quote_that_does_not_stand_at_its_characters_is_refused(session: ReviewSession) -> None:
    refused = session.handle('add "ECHO" @0-4 TEST')
    assert refused.echo == "characters 0-4 of d1 are not “ECHO”. Nothing changed."
    assert "are not “ECHO”" in session.handle('3 = "ECHO" @900-904').echo
    assert session.handle('add "ECHO" @65-69 TEST').level == "done"


def test_an_edit_beside_the_card_is_replayed_in_its_document(store: ReviewStore) -> None:
    first, second = (ReviewSession(store, ward(store, name=name).name, "ana") for name in ("first", "second"))
    first.open("d1")
    edit = operation(first, "accept", 1, number=3)
    say(first, "go 2")
    assert first.apply(edit).level == "done"
    for line in first.transcript():
        assert second.handle(line).level != "error", line
    assert surfaces(second, "d1") == surfaces(first, "d1") == [("metropolol", "DRUG")]


def test_an_answer_names_a_few_mentions_and_counts_many(store: ReviewStore) -> None:
    session = _many(store, 9)
    session.open("d1")
    said = session.handle("ok all").echo
    assert said == "accepted 9 mentions: 1 “pain0” PROBLEM, 2 “pain1” PROBLEM, 3 “pain2” PROBLEM and 6 more"


def test_a_term_that_changes_no_mention_needs_a_plain_yes(store: ReviewStore) -> None:
    session = _many(store, 2)
    session.open("d1")
    asked = session.handle('never "unheard of"')
    assert asked.pending is not None
    assert (asked.pending.kind, asked.pending.answer) == ("yes", "yes")
    assert session.handle("yes").level == "done"
