"""The chat log: at most the last thirty turns, each with its explanation when it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from hybrid_ner.review import Reply, TurnRow, offered

__all__ = ["SHOWN", "draw_turns", "turn_rows"]

SHOWN = 30
"""Turns on the page."""
ROWS = 200
"""Rows of one table."""

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def _component() -> Any:
    read = {name: (_FOLDER / f"turns.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    annotator = _FOLDER.parent / "annotator"
    parts = (annotator / "fit.js", annotator / "outbox.js", _FOLDER / "hints.js")
    before = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return st.components.v2.component("hybrid_ner.turns", **{**read, "js": f"{before}\n{read['js']}"})


def turn_rows(history: Sequence[TurnRow], replies: Sequence[tuple[str, Reply]]) -> list[dict[str, Any]]:
    """The turns as plain values; the latest replies lend theirs what the history does not keep.

    Args:
        history: As the store keeps it, newest last.
        replies: Lines and answers of this browser session, newest last.
    """
    waiting = list(replies)
    rows: list[dict[str, Any]] = []
    for turn in reversed(history):
        row: dict[str, Any] = {
            "line": turn.line,
            "echo": turn.echo,
            "level": turn.level,
            "lines": [],
            "table": None,
        }
        for index in range(len(waiting) - 1, -1, -1):
            line, reply = waiting[index]
            if (reply.understood or line, reply.echo) == (turn.line, turn.echo):
                row |= _rich(reply)
                if reply.understood and reply.understood != line:
                    row |= {"line": line, "meant": reply.understood}
                del waiting[index:]
                break
        rows.append(row)
    return rows[::-1]


def _rich(reply: Reply) -> dict[str, Any]:
    table = None
    if reply.table:
        rows = [["" if value is None else str(value) for value in row] for row in reply.table.rows[:ROWS]]
        table = {"title": reply.table.title, "columns": list(reply.table.columns), "rows": rows}
    return {"lines": list(reply.lines), "table": table} | ({"then": reply.then} if reply.then else {})


def draw_turns(
    key: str,
    rows: list[dict[str, Any]],
    empty: str,
    project: str = "",
    acknowledged: Mapping[str, int] | None = None,
    question: str = "",
) -> None:
    """Draw the log; its commands are suggested while somebody types into the chat box.

    Args:
        key: Of the component.
        rows: See ``turn_rows``.
        empty: What to say without any.
        project: Lines of clicks name it.
        acknowledged: Client id → number of its last line that is written down.
        question: Key of the question that waits: ticks of its samples answer it.
    """
    commands = [{"usage": usage, "does": spec.does} for spec in offered(files=False) for usage in spec.usage]
    data: dict[str, Any] = {
        "turns": rows,
        "empty": empty,
        "commands": commands,
        "project": project,
        "question": question,
    }
    data["acknowledged"] = dict(acknowledged or {})
    _component()(key=key, data=data, on_outbox_change=_nothing)


def _nothing() -> None:
    """Lines are read in the script body: after a server restart no callback fires."""
