"""Edits as they arrive: checked, in order, each exactly once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import StoreError
from hybrid_ner.review import DocumentView, Reply, SpanView
from hybrid_ner.review.chat.situation import numbers_said
from hybrid_ner.ui.inbox import (
    MAX_TEXT,
    Edit,
    Wish,
    accept_line,
    read_edits,
    read_have,
    read_wish,
    take_in,
)


def row(sequence: int = 1, **values: Any) -> dict[str, Any]:
    return {"client": "tab", "sequence": sequence, "kind": "accept", "project": "p", "doc": "d", **values}


def test_edit_becomes_an_operation() -> None:
    values = {"kind": "add", "hash": "h", "start": 3, "end": 8, "surface": "fever", "label": "Disease"}
    operation = read_edits({"edits": [row(7, **values)]})[0]
    assert (operation.client_id, operation.sequence, operation.kind) == ("tab", 7, "add")
    assert (operation.doc_id, operation.content_hash) == ("d", "h")
    assert (operation.start, operation.end, operation.surface, operation.label) == (3, 8, "fever", "Disease")


@pytest.mark.parametrize("value", [None, 3, [], {}, {"edits": "x"}, {"edits": [None, 3, {}, {"client": ""}]}])
def test_message_without_edits_is_empty(value: Any) -> None:
    assert read_edits(value) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"kind": "drop"}, "unknown kind"),
        ({"number": 1.5}, "whole number"),
        ({"number": True}, "whole number"),
        ({"surface": 3}, "text"),
        ({"surface": "x" * (MAX_TEXT + 1)}, "text"),
        ({"start": float("inf")}, "whole number"),
        ({"start": float("nan")}, "whole number"),
    ],
)
def test_broken_edit_is_answered_and_changes_nothing(values: dict[str, Any], problem: str) -> None:
    edits = read_edits({"edits": [row(1, **values), row(2)]})
    applied: list[int] = []
    outcome = take_in(edits, {}, lambda edit: applied.append(edit.sequence) or Reply("done", "done"))
    assert problem in outcome.replies[0][1].echo
    assert applied == [2]
    assert outcome.acknowledged == {"tab": 2}


@given(st.lists(st.lists(st.integers(1, 12), max_size=12), max_size=6))
def test_every_edit_is_applied_once_and_in_order(messages: list[list[int]]) -> None:
    """Whatever was sent again, and however often, each number runs once, in order within a message."""
    applied: list[int] = []
    known: dict[str, int] = {}
    for message in messages:
        edits = read_edits({"edits": [row(n) for n in message]})
        outcome = take_in(edits, known, lambda edit: applied.append(edit.sequence) or Reply(""))
        known = outcome.acknowledged
    assert len(applied) == len(set(applied))
    assert applied == sorted(applied)


def test_store_failure_keeps_the_rest_unacknowledged() -> None:
    def apply(edit: Edit) -> Reply:
        if edit.sequence == 2:
            raise StoreError("the disk is full.")
        return Reply("done", "done")

    outcome = take_in(read_edits({"edits": [row(3), row(1), row(2)]}), {}, apply)
    assert outcome.acknowledged == {"tab": 1}
    assert outcome.failure == "the disk is full."


def test_tabs_count_for_themselves() -> None:
    edits = read_edits({"edits": [row(1), row(1, client="other")]})
    outcome = take_in(edits, {"tab": 1}, lambda edit: Reply(edit.client_id))
    assert [reply.echo for _, reply in outcome.replies] == ["other"]
    assert outcome.acknowledged == {"tab": 1, "other": 1}


def test_have_is_a_short_text_or_nothing() -> None:
    assert read_have({"have": "abc"}) == "abc"
    assert read_have({"have": "x" * 500}) == ""
    assert read_have(None) == ""


def test_wish_for_a_part_is_read() -> None:
    row = {"name": "c:1", "doc": "d", "part": 2.0}
    assert read_wish({"wish": row}) == Wish("c:1", "d", 2)
    bad = (None, "x", {**row, "part": "2"}, {**row, "name": "x" * 200}, {"name": "c:1", "part": 1})
    assert all(read_wish({"wish": each}) is None for each in bad)
    assert read_wish(None) is None


# Parts of long documents on the page.


def test_runs_of_numbers_are_ranges() -> None:
    assert numbers_said([3, 1, 2, 7, 9, 10]) == "1-3 7 9 10"
    assert numbers_said([]) == ""


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers(numbers: set[int]) -> None:
    ends = [tuple(map(int, part.split("-"))) for part in numbers_said(numbers).split()]
    assert {n for each in ends for n in range(each[0], each[-1] + 1)} == numbers


def view_of(*spans: SpanView) -> DocumentView:
    text = "x" * 100
    return DocumentView("d", 1, 1, text, "h", "r1", 1, spans, (), ("A",), "disagree", 1, False)


def test_line_names_what_the_button_counts() -> None:
    spans = [
        SpanView(n, 10 * n, 10 * n + 5, "xxxxx", "A", "open", "rule", chosen=n <= 4) for n in range(1, 7)
    ]
    assert accept_line(view_of(*spans)) == (4, "ok 1-4")
    assert accept_line(view_of(*spans[4:])) == (0, "ok")


def test_of_overlapping_spans_the_better_one_is_counted() -> None:
    spans = (
        SpanView(1, 0, 5, "xxxxx", "A", "open", "rule", score=0.5),
        SpanView(2, 0, 9, "x" * 9, "A", "open", "rule", score=0.9),
        SpanView(3, 20, 25, "xxxxx", "A", "open", "rule"),
    )
    assert accept_line(view_of(*spans)) == (2, "ok 2 3")
