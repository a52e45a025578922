"""The lines of a session file."""

from __future__ import annotations

from collections.abc import Iterable

from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.grammar import parse, script
from hybrid_ner.review.commands.lexer import ParseError

__all__ = ["is_run", "session_lines"]

_MOVES = (
    c.Next,
    c.Back,
    c.Go,
    c.Order,
    c.Find,
    c.Defer,
    c.Undo,
    c.Redo,
    c.Adjudicate,
    c.Confirm,
    c.Except,
    c.ReplayFile,
)


def session_lines(turns: Iterable[tuple[str, str, str]]) -> list[str]:
    """Lines to repeat a session with, each on the document that it was about.

    Args:
        turns: What was said, the document on the card then, and the level of the answer.
    """
    lines: list[str] = []
    here, asked = "", False
    for line, doc_id, level in turns:
        # A sentence that was asked back about is no line, and so is the answer to such a question.
        if level == "error" or not line or not (asked or (is_run(line) and not _is_answer(line))):
            continue
        # A question is dropped by another command, so nothing comes between it and its answer.
        if doc_id and doc_id != here and not asked:
            lines.append(f"go {_quoted(doc_id)}")
        lines.append(" ".join(line.splitlines()))
        here, asked = "" if _may_move(line) else doc_id, level == "ask"
    return lines


def is_run(line: str) -> bool:
    """Whether it does something; a sentence that was only asked back about, or talk, does not."""
    try:
        parse(line)
    except ParseError:
        return bool(script(line))
    return True


def _is_answer(line: str) -> bool:
    """Whether it only answers a question."""
    try:
        return isinstance(parse(line), c.Confirm | c.Except | c.Which | c.Dismiss)
    except ParseError:
        return False


def _may_move(line: str) -> bool:
    """Whether it may lead elsewhere the next time: what the queue holds depends on others too."""
    try:
        command = parse(line)
    except ParseError:
        return True  # the name of a model, as the answer to a question
    return isinstance(command, _MOVES) or (isinstance(command, c.Accept) and command.then_next)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
