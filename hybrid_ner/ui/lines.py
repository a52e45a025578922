"""What a page must know of a line before it runs it."""

from __future__ import annotations

from hybrid_ner.review import parse
from hybrid_ner.review.commands.lexer import ParseError
from hybrid_ner.review.commands.typed import Command, Find, Numbers, Undo

__all__ = ["moves", "named_span", "needs_terms", "searched"]

_MOVES = ("next", "back", "go", "skip", "later", "find", "queue", "adjudicate", "undo", "redo")


def searched(line: str) -> str:
    """The text that a line looks for; empty for other lines."""
    command = _parsed(line)
    return command.text if isinstance(command, Find) else ""


def named_span(line: str) -> int:
    """Number of the first span that a line is about, 0 for other lines."""
    command = _parsed(line)
    numbers = getattr(command, "numbers", None)
    if isinstance(numbers, Numbers):
        return numbers.listed[0] if numbers.listed else 0
    return 0 if isinstance(command, Undo) else int(getattr(command, "number", 0))


def _parsed(line: str) -> Command | None:
    try:
        return parse(line)
    except ParseError:
        return None


def moves(line: str) -> bool:
    """Whether a line goes to another document, so that the one on the screen need not be opened first."""
    words = line.split()
    return bool(words) and (words[0] in _MOVES or words[-1] == "next")


def needs_terms(line: str) -> bool:
    """Whether a line asks the term lists."""
    return line.split(" ", 1)[0] in ("why", "w", "term", "variant", "abbr", "yes") or "->" in line
