"""A decision says what it was made on: where that has changed since, nothing is written."""

from __future__ import annotations

import pytest

from hybrid_ner.review import Operation, Project, ReviewSession, ReviewStore, Shown
from tests.review.helpers import NOTE, operation, say, statuses, surfaces


@pytest.fixture
def other(store: ReviewStore, project: Project) -> ReviewSession:
    """A second tab of ana."""
    made = ReviewSession(store, project.name, "ana")
    made.open("d1")
    return made


def shown(session: ReviewSession) -> Shown:
    view = session.view()
    assert view is not None
    return Shown.of(view)


def clicked(
    session: ReviewSession, kind: str, sequence: int, seen: Shown, number: int, **more: str
) -> Operation:
    return operation(session, kind, sequence, number=number, shown=seen, **more)


@pytest.mark.parametrize(
    "line", ["ok 3", "ok 1-3", "ok", "no 3", "no all", "3 is TEST", "3 +1", "ok next", "merge 3 4"]
)
def test_a_line_does_not_decide_on_a_label_that_was_not_shown(
    session: ReviewSession, other: ReviewSession, line: str
) -> None:
    seen = shown(session)
    say(other, "3 is PROBLEM")
    before, steps = statuses(session), len(session.log())
    reply = session.handle(line, shown=seen)
    assert (reply.level, reply.stale) == ("error", True)
    assert "mention 3 is “metropolol” PROBLEM, accepted, and the page shows DRUG, not decided" in reply.echo
    assert (statuses(session), len(session.log())) == (before, steps)
    assert not session.handle(line, shown=shown(session)).stale


@pytest.mark.parametrize(
    ("kind", "label"), [("accept", ""), ("reject", ""), ("relabel", "TEST"), ("reopen", "")]
)
def test_a_click_does_not_either(session: ReviewSession, other: ReviewSession, kind: str, label: str) -> None:
    seen = shown(session)
    say(other, "3 is PROBLEM")
    before, steps = statuses(session), len(session.log())
    reply = session.apply(clicked(session, kind, 1, seen, 3, label=label))
    assert reply.stale
    assert (statuses(session), len(session.log())) == (before, steps)
    assert not session.apply(clicked(session, kind, 2, shown(session), 3, label=label)).stale


def test_what_changed_elsewhere_in_the_document_does_not_matter(
    session: ReviewSession, other: ReviewSession
) -> None:
    seen = shown(session)
    say(other, "no 1")
    assert session.apply(clicked(session, "accept", 1, seen, 3)).level == "done"
    assert session.handle("ok 2", shown=seen).level == "done"
    assert session.handle("next", shown=seen).level == "done"


def test_a_span_that_would_push_out_a_new_decision_is_refused(
    session: ReviewSession, other: ReviewSession
) -> None:
    seen = shown(session)
    say(other, 'add "metropolol 25" TEST')
    assert surfaces(other) == [("metropolol 25", "TEST")]
    assert session.handle("ok 3", shown=seen).stale
    start = NOTE.index("25")
    place = {"start": start, "end": start + 5}
    assert session.apply(operation(session, "add", 1, label="TEST", shown=seen, **place)).stale
    assert surfaces(other) == [("metropolol 25", "TEST")]


def test_another_document_is_not_decided_on(session: ReviewSession, other: ReviewSession) -> None:
    seen = shown(session)
    say(other, "go d2")
    for line in ("ok", "ok 1", "flag x", "skip", 'add "mi" DRUG'):
        reply = session.handle(line, shown=seen)
        assert reply.stale
        assert "this page shows d1, and d2 is open by now" in reply.echo
    assert len(session.log()) == 0


def test_own_edits_on_the_way_are_no_difference(session: ReviewSession) -> None:
    """A tab draws its own edit at once, but learns only later what that took out."""
    say(session, 'add "metropolol 25" TEST')
    view = session.view()
    assert view is not None
    assert statuses(session)[3] == "rejected"
    drawn = Shown.of(view)
    early = {n: s if n != 3 else type(s)(s.start, s.end, s.label, "open") for n, s in drawn.spans.items()}
    assert session.handle("no 3", shown=Shown(drawn.doc_id, early)).level == "done"


@pytest.mark.parametrize("line", ["no 3; 3 <1", "3 is TEST; no 3", "no 3; reopen 3; ok 3"])
def test_what_a_line_did_before_is_no_difference(
    session: ReviewSession, other: ReviewSession, line: str
) -> None:
    seen = shown(session)
    assert session.handle(line, shown=seen).level == "done"
    session.handle("undo")
    say(other, "3 is PROBLEM")
    assert session.handle(line, shown=seen).stale


def test_an_answer_is_for_the_question_that_was_shown(session: ReviewSession, other: ReviewSession) -> None:
    asked = session.handle('ok all "afib"').pending
    assert asked is not None
    another = other.handle('no all "afib"').pending
    assert another is not None
    for line in ("yes", "cancel", "except 1"):
        reply = session.handle(line, question=asked.key)
        assert reply.level == "error"
        assert "another question waits by now" in reply.echo
    assert session.pending == another
    assert session.handle("yes", question=another.key).level == "done"


def test_a_question_is_asked_again_when_a_label_changed_meanwhile(
    store: ReviewStore, session: ReviewSession, other: ReviewSession
) -> None:
    say(session, *(f'add "{word}" DRUG' for word in ("Pt", "denies", "h", "started", "on", "mg", "f", "u")))
    assert session.handle("no 1-12").level == "ask"
    pending = session.pending
    assert pending is not None
    with store.write() as connection:
        # As a step of another tab would, which keeps the question.
        from hybrid_ner.review.store.schema import mention

        connection.execute(mention.update().where(mention.c.number == 5).values(label="TEST"))
    assert session.handle("yes").level == "ask"


def test_next_saves_a_document_with_only_unlikely_spans_left(session: ReviewSession) -> None:
    reply = session.handle("ok 1-3 next")
    assert reply.echo.endswith("d2")
    view = session.view("d1")
    assert view is not None
    assert view.done
    assert statuses(session, "d1") == {1: "accepted", 2: "accepted", 3: "accepted", 4: "open"}
    say(session, "undo")
    assert statuses(session, "d1")[1] == "open"
    say(session, "ok 1-3")
    assert session.handle("next").echo.startswith("d1 is reviewed, 1 less likely mention left out")
    say(session, "go d1")
    assert session.handle("next").echo.count("open") == 0
