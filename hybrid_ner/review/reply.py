"""What a review session answers: one line, its level, and perhaps a table, a card or a question."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["done", "info", "ask", "error"]
PendingKind = Literal["yes", "count", "name", "which", "choice"]

CHOICE_LETTERS = "abcdefghijklmopqrstuvwxz"
"""What the terminal calls the choices of a question: numbers are mentions, n and y say no and yes."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to show under the echo.

    Args:
        rows: One tuple a row, plain values.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A step that waits for an answer; any other command drops it.

    Args:
        kind: ``yes`` wants ``yes``; ``count`` wants ``yes 128``; ``name`` wants the version's name;
            ``which`` wants the number of an occurrence; ``choice`` wants one of the lines to choose from.
        answer: The exact line that confirms it (for ``which``: the first choice).
        line: The command that asked.
        token: Digest of what would change; the answer is refused when it no longer fits.
        without: Samples left out so far.
        question: What would happen, without how to answer.
        choices: What each button says, and the line that it sends; beside a plain yes where ``kind`` is
            ``yes`` or ``count``.
    """

    kind: PendingKind
    answer: str
    line: str
    token: str
    count: int = 0
    documents: int = 0
    without: tuple[int, ...] = ()
    question: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Which question it is: two lines may ask about the same spans."""
        return f"{self.token} {self.line}"

    @property
    def about(self) -> int:
        """The one span that the choices decide; 0 where they decide none or several."""
        lines = (
            re.fullmatch(r'(?:ok |no )?(\d+)(?: is [^;]+| = ".*"|(?: [<>+-]\d+)+)?', line)
            for _, line in self.choices
        )
        numbers = {found[1] for found in lines if found}
        return int(numbers.pop()) if len(numbers) == 1 else 0

    def verdict_on(self, said: str) -> str:
        """The choice for the span that is named, of several that are asked about: "number 4", "both"."""
        lines = [line for _, line in self.choices if re.fullmatch(r"(?:ok|no) \d+", line)]
        verbs, numbers = {line[:2] for line in lines}, [line[3:] for line in lines]
        if len(verbs) != 1 or len(numbers) < 2:
            return ""
        both = r"(?:actually |all |no |yes |oh )*both(?: of (?:them|those))?(?: actually| please)*"
        if re.fullmatch(both, said):
            return " ".join((*verbs, *numbers))
        number = re.fullmatch(r"(?:the |number |nr\.? |no\.? |#)*(\d+)(?: one| please)*", said)
        plain = said.isdecimal() and int(said) <= len(self.choices)  # may be the place of a choice
        return f"{lines[0][:2]} {number[1]}" if number and number[1] in numbers and not plain else ""

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Pending:
        choices = tuple((said, line) for said, line in row.get("choices", ()))
        return cls(**{**row, "without": tuple(row.get("without", ())), "choices": choices})


_PART = re.compile(r"; (?=[^`]*(?:`[^`]*`[^`]*)*$)")
"""Between the parts of an answer, outside of backquotes: the first of "`ok 1; next` ran; see `log`"."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command or operation.

    Args:
        echo: What was understood and done, one line of plain text (never Markdown).
        level: ``done`` wrote something, ``info`` only answered, ``ask`` waits for a confirmation,
            ``error`` changed nothing.
        lines: More plain text under the echo (``why``, help, samples).
        pending: The confirmation that the session now waits for.
        changed: Ids of the documents whose state changed.
        doc_id: The document that is now on the card.
        step: Number of the step in the log, for ``undo N``.
        moved: Whether the card now shows another document.
        duplicate: The same client operation was seen before; this is the answer given then.
        stale: What it was about has changed since it was shown: draw it again.
        download: Format of the gold that was asked for as a file to download.
        since: Only what is new or changed in it since then (ISO 8601, UTC).
        understood: The command lines that a sentence was taken for; empty when a command was typed.
        then: What the assistant asks next of its own accord.
        ends: Whether somebody said goodbye, which closes a terminal.
        place: Characters of that document to look at, half open.
    """

    echo: str
    level: Level = "info"
    lines: tuple[str, ...] = ()
    table: Table | None = None
    pending: Pending | None = None
    changed: tuple[str, ...] = ()
    doc_id: str = ""
    step: int | None = None
    moved: bool = False
    duplicate: bool = False
    stale: bool = False
    download: str = ""
    since: str = ""
    understood: str = ""
    then: str = ""
    ends: bool = False
    place: tuple[int, int] | None = None

    @property
    def outcome(self) -> str:
        """What became of the line, for a page without a chat: what could be typed next is left out.

        What is refused is told whole: which line it quotes is what it is about.
        """
        first, *more = _PART.split(self.echo)
        told = [first, *(part for part in more if "`" not in part)]
        return self.echo if self.level == "error" else "; ".join(told)

    @classmethod
    def joined(cls, replies: Sequence[Reply]) -> Reply:
        """One answer for several commands of a line."""
        wrote = any(reply.level == "done" for reply in replies)
        rich = next((reply for reply in replies if reply.table or reply.lines), replies[-1])
        echo = "; ".join(dict.fromkeys(reply.echo for reply in replies if reply.echo))
        return cls(echo, "done" if wrote else "info", rich.lines, rich.table)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for storage and for a page's payload."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Reply:
        kept = dict(row)
        table, pending = kept.pop("table", None), kept.pop("pending", None)
        kept["lines"], kept["changed"] = tuple(kept.get("lines", ())), tuple(kept.get("changed", ()))
        if table:
            rows = tuple(tuple(row) for row in table["rows"])
            kept["table"] = Table(tuple(table["columns"]), rows, table["title"])
        if place := kept.get("place"):
            kept["place"] = (place[0], place[1])
        if pending:
            kept["pending"] = Pending.from_json(pending)
        return cls(**kept)


def digest(parts: Iterable[object]) -> str:
    """A token that changes when any part does."""
    made = hashlib.sha256()
    for part in parts:
        made.update(repr(part).encode("utf-8", "surrogatepass") + b"\n")
    return made.hexdigest()[:24]
