"""The fold: small logs with known states."""

from __future__ import annotations

from typing import Any

from hybrid_ner.review.store.events import Change, Event, Mention, effective, fold_document, fold_project

FIRST = Mention((0, 4, 0), 1, 0, 4, "A", "A", surface_key="abcd", base_surface="abcd")
SECOND = Mention((2, 8, 0), 2, 2, 8, "B", "B", surface_key="cdefgh", base_surface="cdefgh")


def _event(number: int, step: int, kind: str = "mentions", *changes: Change, **payload: Any) -> Event:
    body = {"changes": [change.to_json() for change in changes]} if changes else payload
    return Event(number, step, 1, 1, kind, body)


def test_without_events_nothing_is_decided() -> None:
    state = fold_document([])
    assert (state.mentions, state.done, state.adjudicated) == ({}, False, False)
    assert (state.deferred, state.flag) == (0, None)


def test_a_change_survives_json() -> None:
    change = FIRST.change(status="accepted", label="C", start=1)
    assert Change.from_json(change.to_json()) == change


def test_the_last_value_of_each_field_wins() -> None:
    events = [
        _event(1, 1, "mentions", FIRST.change(status="accepted", label="C")),
        _event(2, 2, "mentions", FIRST.change(end=5, surface_key="abcde")),
        _event(3, 3, "mentions", FIRST.change(status="rejected")),
    ]
    m = fold_document(events).mentions[FIRST.key]
    assert (m.start, m.end, m.label, m.status, m.surface_key, m.event_id) == (
        0,
        5,
        "C",
        "rejected",
        "abcde",
        3,
    )


def test_undoing_an_early_step_leaves_later_ones_on_the_original() -> None:
    moved = fold_document([_event(1, 1, "mentions", FIRST.change(end=6, status="accepted"))]).mentions[
        FIRST.key
    ]
    events = [
        _event(1, 1, "mentions", FIRST.change(end=6, status="accepted")),
        _event(2, 2, "mentions", moved.change(label="C")),
        _event(3, 3, "undo", steps=[1]),
    ]
    m = fold_document(effective(events)).mentions[FIRST.key]
    assert (m.end, m.label, m.status) == (4, "C", "open")


def test_undo_and_redo_of_steps() -> None:
    events = [
        _event(1, 1, "mentions", FIRST.change(status="accepted")),
        _event(2, 2, "undo", steps=[1]),
        _event(3, 3, "redo", steps=[1]),
        _event(4, 4, "undo", steps=[1]),
    ]
    assert effective(events) == []
    assert effective(events[:3]) == events[:1]
    assert fold_project(events) == {}


def test_of_overlapping_accepted_spans_the_last_decided_stays() -> None:
    for order in ((FIRST, SECOND), (SECOND, FIRST)):
        events = [_event(n, n, "mentions", m.change(status="accepted")) for n, m in enumerate(order, 1)]
        state = fold_document(events)
        assert state.mentions[order[1].key].status == "accepted"
        loser = state.mentions[order[0].key]
        assert (loser.status, loser.reason) == ("rejected", "overlap")


def test_of_overlapping_spans_accepted_in_one_event_the_last_one_stays() -> None:
    for order in ((FIRST, SECOND), (SECOND, FIRST)):
        changes = [m.change(status="accepted") for m in order]
        state = fold_document([_event(1, 1, "mentions", *changes)])
        assert (state.mentions[order[1].key].status, state.mentions[order[0].key].reason) == (
            "accepted",
            "overlap",
        )


def test_the_log_is_read_in_the_order_of_its_events() -> None:
    accepted = _event(1, 1, "mentions", FIRST.change(status="accepted"))
    rejected = _event(2, 2, "mentions", FIRST.change(status="rejected"))
    for events in ([accepted, rejected], [rejected, accepted]):
        assert effective(events) == [accepted, rejected]
        assert fold_project(events)[(1, 1)].mentions[FIRST.key].status == "rejected"


def test_spans_that_touch_both_stay() -> None:
    touching = Mention((4, 8, 0), 3, 4, 8, "B", "B")
    state = fold_document(
        [_event(1, 1, "mentions", *(m.change(status="accepted") for m in (FIRST, touching)))]
    )
    assert {m.status for m in state.mentions.values()} == {"accepted"}


def test_document_marks() -> None:
    events = [
        _event(1, 1, "defer", x=1),
        _event(2, 2, "flag", note="look"),
        _event(3, 3, "adjudicated", adjudicated=True),
    ]
    state = fold_document(events)
    assert (state.deferred, state.flag, state.adjudicated, state.done) == (1, "look", True, False)
    done = fold_document([*events, _event(4, 4, "done", done=True), _event(5, 5, "flag", note=None)])
    assert (done.deferred, done.flag, done.done) == (0, None, True)
