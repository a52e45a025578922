"""What a page must know of a line before it runs it."""

from __future__ import annotations

from hybrid_ner.review import Reply, parse
from hybrid_ner.review.commands.lexer import ParseError
from hybrid_ner.review.commands.typed import Command, Export, Find, Numbers, ReplayFile, Undo

__all__ = ["exported", "moves", "named_span", "needs_terms", "refused", "searched"]

_MOVES = ("next", "back", "go", "skip", "later", "find", "queue", "adjudicate", "undo", "redo")


def refused(line: str) -> Reply | None:
    """The answer to a line that must not run as it is, or ``None`` when it may.

    A browser must not choose files of the server: gold is downloaded, sessions are replayed in the terminal.
    """
    command = _parsed(line)
    if isinstance(command, Export):
        return Reply(f"the gold as a {command.format} file, saved on your own computer")
    if isinstance(command, ReplayFile):
        return Reply(
            "`replay` reads a file on the server, so it does not run from the page. In a terminal on the "
            "server: hybrid-ner review replay STORE FILE (STORE is review.sqlite3 in the workspace folder)"
        )
    return None


def exported(line: str) -> str:
    """The format that a line exports to; empty for other lines."""
    command = _parsed(line)
    return command.format.lower() if isinstance(command, Export) else ""


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
