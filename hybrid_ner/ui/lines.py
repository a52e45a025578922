"""Lines that a page must not run as they are: those that read or write files on the server."""

from __future__ import annotations

from hybrid_ner.review import Reply, parse
from hybrid_ner.review.commands import Export, ReplayFile
from hybrid_ner.review.lexer import ParseError

__all__ = ["moves", "needs_terms", "refused"]

_MOVES = ("next", "back", "go", "skip", "later", "find", "queue", "adjudicate", "undo", "redo")


def refused(line: str) -> Reply | None:
    """The answer to a line that is for the terminal only, or ``None`` when it may run.

    A browser must not choose files of the server: gold is downloaded, sessions are replayed in the terminal.
    """
    try:
        command = parse(line)
    except ParseError:
        return None
    if isinstance(command, Export):
        return Reply(
            "download the gold on the Queue page; `export` writes files and is for the terminal", "info"
        )
    if isinstance(command, ReplayFile):
        return Reply("`replay` reads files of the server and is for the terminal: hybrid-ner review", "info")
    return None


def moves(line: str) -> bool:
    """Whether a line goes to another document, so that the one on the screen need not be opened first."""
    words = line.split()
    return bool(words) and (words[0] in _MOVES or words[-1] == "next")


def needs_terms(line: str) -> bool:
    """Whether a line asks the term lists."""
    return line.split(" ", 1)[0] in ("why", "w", "term", "variant", "abbr", "yes") or "->" in line
