"""The sheet of keys and commands that the Review page shows on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from hybrid_ner.review import COMMANDS, KEYS

__all__ = ["sheet"]

_NAMES = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←"}
_LABELS_AND_MOVES = (
    ("1 … 9", "the label of that number, for the framed span or for a new one"),
    ("↓ ↑", "choose another span"),
    ("n", "draw a new span without the mouse: arrow keys, Shift to make it longer, Escape to leave"),
    ("y", "yes, where a question waits"),
)
_TOPICS = {
    "decide": "Decide",
    "edit": "Change spans",
    "explain": "Explain",
    "bulk": "Everywhere at once",
    "gazetteer": "Term lists",
    "move": "Documents",
    "undo": "Take back",
    "models": "Models",
    "team": "Several reviewers",
    "files": "Files",
    "answer": "Answers",
    "help": "Help",
}


def sheet() -> str:
    """Tables in HTML: the keys, and the commands topic by topic."""
    keys = _table("Keys, while no field is typed in", _keys())
    more = "Commands have more forms: type ? and one of them, for example ? undo."
    return f'<div class="sheet">{keys}{_commands()}<p>{more}</p></div>'


def _keys() -> Iterator[tuple[str, str]]:
    drawn_here = {key for key, _ in _LABELS_AND_MOVES}
    for key in KEYS:
        if not key.key.isdigit() and key.key not in drawn_here:
            yield _NAMES.get(key.key, key.key), key.help
    yield from _LABELS_AND_MOVES


def _commands() -> str:
    return "".join(
        _table(_TOPICS.get(topic, topic), ((spec.usage[0], spec.does) for spec in specs))
        for topic, specs in groupby(COMMANDS, lambda spec: spec.topic)
    )


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    drawn = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(does.replace("`", ""))}</td></tr>'
        for name, does in rows
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{drawn}</tbody></table>"
