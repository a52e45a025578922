"""What a page must know of a line before it runs it."""

from __future__ import annotations

from hybrid_ner.review.commands.language import read_line, spec_of
from hybrid_ner.review.commands.move import Find

__all__ = ["moves", "named_span", "needs_terms", "searched"]


def searched(line: str) -> str:
    """The text that a line looks for; empty for other lines."""
    command = read_line(line).command
    return command.text if isinstance(command, Find) else ""


def named_span(line: str) -> int:
    """Number of the first span that a line is about, 0 for other lines."""
    command = read_line(line).command
    return next(iter(command.spans), 0) if command else 0


def moves(line: str) -> bool:
    """Whether a line goes to another document, so that the one on the screen need not be opened first."""
    command = read_line(line).command
    return command is not None and command.goes_on and not command.answers


def needs_terms(line: str) -> bool:
    """Whether a line asks the term lists, or a sentence may."""
    said, spec = read_line(line), spec_of(line.split(" ", 1)[0])
    return any(each.asks_terms for each in said.commands) or (spec is not None and spec.kind.asks_terms)
