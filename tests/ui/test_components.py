"""The chat log as plain values."""

from __future__ import annotations

from hybrid_ner.review import Reply, Table, TurnRow
from hybrid_ner.ui.components import turn_rows


def turn(line: str, echo: str = "answer") -> TurnRow:
    return TurnRow("2026-01-01", line, echo, "info")


def test_rich_answers_of_this_session_are_added_to_their_lines() -> None:
    table = Table(("a", "b"), ((1, None),), "title")
    replies = [("why 1", Reply("answer", lines=("step one",))), ("score", Reply("answer", table=table))]
    rows = turn_rows([turn("why 1"), turn("ok"), turn("score")], replies)
    assert [row["lines"] for row in rows] == [["step one"], [], []]
    assert rows[2]["table"] == {"title": "title", "columns": ["a", "b"], "rows": [["1", ""]]}


def test_same_line_twice_keeps_each_answer() -> None:
    replies = [("why 1", Reply("answer", lines=("first",))), ("why 1", Reply("answer", lines=("second",)))]
    rows = turn_rows([turn("why 1"), turn("why 1")], replies)
    assert [row["lines"] for row in rows] == [["first"], ["second"]]


def test_history_of_an_earlier_session_is_one_line_each() -> None:
    rows = turn_rows([turn("why 1", "span 1")], [])
    assert rows == [{"line": "why 1", "echo": "span 1", "level": "info", "lines": [], "table": None}]
