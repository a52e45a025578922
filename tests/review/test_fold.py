"""The fold: small logs with known states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hybrid_ner.review.store.events import (
    Change,
    Event,
    EventDraft,
    Mention,
    StepDraft,
    effective,
    fold_document,
    fold_project,
    mentions_event,
)

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


MOVED = replace(
    FIRST,
    start=1,
    end=6,
    label="C",
    surface_key="bcdef",
    concept_id="C1",
    reason="overlap",
    base_concept="C0",
)


@pytest.mark.parametrize(
    ("event_id", "status"), [(7, "open"), (7, "accepted"), (0, "rejected"), (7, "rejected")]
)
def test_a_span_that_was_touched_goes_back_to_what_was_first_shown(event_id: int, status: str) -> None:
    """Event 0 with a status: blocked by a term, and nobody said no to it."""
    first = replace(MOVED, event_id=event_id, status=status).original()
    assert first == replace(FIRST, concept_id="C0", base_concept="C0")
    assert (first.start, first.end, first.status, first.reason, first.event_id) == (0, 4, "open", "", 0)


def test_an_untouched_span_is_what_was_first_shown() -> None:
    assert MOVED.original() is MOVED
    assert MOVED.change(label="D").mention is MOVED


def test_a_span_that_was_added_keeps_its_label() -> None:
    added = replace(FIRST, label="C", base_label="", event_id=3, status="accepted")
    assert added.original().label == "C"


@pytest.mark.parametrize(
    ("start", "end", "shared"),
    [(0, 4, True), (3, 9, True), (1, 2, True), (4, 8, False), (8, 9, False), (0, 0, False), (2, 2, True)],
)
def test_spans_overlap_where_they_share_a_character(start: int, end: int, shared: bool) -> None:
    assert FIRST.overlaps(start, end) is shared
    assert SECOND.overlaps(0, 2) is False
    assert SECOND.overlaps(7, 8) is True


def test_a_change_keeps_every_value_of_the_span_it_stands_on() -> None:
    shown = replace(
        FIRST, number=9, label="L", base_label="B", mark="rule", method="fuzzy", score=0.25, flags=("neg",)
    )
    shown = replace(shown, concept_id="C7", base_concept="C7")
    row = shown.change(end=5, concept_id="C8", unknown=1).to_json()
    again = Change.from_json(row)
    assert again.mention == shown
    assert dict(again.values) == {"end": 5, "concept_id": "C8"}
    changed = again.apply_to(None, 4)
    assert (changed.end, changed.concept_id, changed.event_id, changed.number) == (5, "C8", 4, 9)
    assert again.apply_to(replace(shown, start=1), 4).start == 1


def test_a_draft_stands_for_the_project_unless_it_names_a_document() -> None:
    draft = EventDraft("block", {})
    assert (draft.document_id, draft.content_hash, draft.model_id) == (0, "", "")
    step = StepDraft("block", "blocked", (draft,))
    assert (step.document_id, step.spans, step.bulk, step.touched) == (0, 0, False, ())
    event = mentions_event(3, [FIRST.change(end=5)], "hash", "r1")
    assert (event.kind, event.document_id, event.content_hash, event.model_id) == (
        "mentions",
        3,
        "hash",
        "r1",
    )
    assert event.payload == {"changes": [FIRST.change(end=5).to_json()]}


def test_a_span_that_gave_way_counts_no_more_for_the_others() -> None:
    """The last of three in a row keeps the first beside it, since the one between them is gone."""
    spans = [Mention((n, n + 4, 0), n, n, n + 4, "A", "A") for n in (0, 3, 6)]
    events = [_event(n, n, "mentions", m.change(status="accepted")) for n, m in enumerate(spans, 1)]
    state = fold_document(events)
    assert [state.mentions[m.key].status for m in spans] == ["accepted", "rejected", "accepted"]


def test_states_are_kept_apart_by_reviewer_and_document_and_hold_no_event_of_the_project() -> None:
    events = [
        replace(_event(n, n, "mentions", FIRST.change(status=status)), reviewer_id=who, document_id=doc)
        for n, (who, doc, status) in enumerate(
            [(1, 1, "accepted"), (2, 1, "rejected"), (1, 2, "rejected")], 1
        )
    ]
    events.append(Event(4, 4, 1, 0, "block", {"term": "mi"}))
    folded = fold_project(events)
    assert {key: state.mentions[FIRST.key].status for key, state in folded.items()} == {
        (1, 1): "accepted",
        (2, 1): "rejected",
        (1, 2): "rejected",
    }


def test_a_copy_for_another_reviewer_has_every_value() -> None:
    decided = replace(FIRST, status="accepted", label="C", start=1, end=5, reason="edge", event_id=7)
    copied = decided.copied()
    events = [_event(1, 1, "mentions", copied)]
    m = fold_document(events).mentions[FIRST.key]
    assert (m.status, m.label, m.start, m.end, m.reason) == ("accepted", "C", 1, 5, "edge")
