"""Edits as they arrive: checked, in order, each exactly once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import StoreError
from hybrid_ner.review import Reply
from hybrid_ner.ui.inbox import MAX_TEXT, Edit, Wish, read_edits, read_have, read_wish, take_in


def row(sequence: int = 1, **values: Any) -> dict[str, Any]:
    return {"client": "tab", "sequence": sequence, "kind": "accept", "project": "p", "doc": "d", **values}


def test_edit_becomes_an_operation() -> None:
    values = {"kind": "add", "hash": "h", "start": 3, "end": 8, "surface": "fever", "label": "Disease"}
    operation = read_edits({"edits": [row(7, **values)]})[0].operation
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
    outcome = take_in(edits, {"tab": 1}, lambda edit: Reply(edit.client))
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
