"""The lines of a session file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.language import read_line
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.text import quantity


def read_session(path: str | Path) -> Iterator[tuple[int, str]]:
    """Row and line of every command of a session file; blank lines and ``#`` comments are passed over.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the session file cannot be read: {error}.", path=path) from error
    for row, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("# ") and line.strip() != "#":
            yield row, line


def run_file(path: str | Path, handle: Callable[[str], Reply]) -> Iterator[Reply]:
    """Run the lines of a session file.

    Raises:
        InputError: The file cannot be read, or a line is refused; what came before it stays.
    """
    for row, line in read_session(path):
        reply = handle(line)
        if reply.level == "error":
            raise InputError(f"{line!r}: {reply.echo}", path=path, row=row, hint="Correct the line.")
        yield reply


def replayed(replies: Sequence[Reply]) -> Reply:
    """One answer for all lines of a session file."""
    steps = sum(reply.level == "done" for reply in replies)
    return Reply(
        f"replayed {quantity(len(replies), 'line')}, {quantity(steps, 'step')}",
        "done" if steps else "info",
        changed=tuple(dict.fromkeys(doc for reply in replies for doc in reply.changed)),
        doc_id=replies[-1].doc_id if replies else "",
        moved=any(reply.moved for reply in replies),
        table=Table(("line", "answer"), tuple((i, r.echo) for i, r in enumerate(replies, 1))[-20:]),
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
    return bool(read_line(line).commands)


def _is_answer(line: str) -> bool:
    """Whether it only answers a question."""
    command = read_line(line).command
    return command is not None and command.answers


def _may_move(line: str) -> bool:
    """Whether it may lead elsewhere the next time: what the queue holds depends on others too."""
    command = read_line(line).command
    # What is no command is the name of a model, as the answer to a question.
    return command is None or command.goes_on


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
