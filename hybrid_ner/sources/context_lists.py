"""Trigger lists of the context flags: ``context_<flag>.txt``, expanded.

A phrase may hold choices, ``(is|was|) negative (for|)``, names of a row ``define``, ``{rel} has``, a number
``#``, a year ``@``, and a bracket ``\\(``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hybrid_ner.corpus.document import FLAGS
from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped

__all__ = ["FLAGS"]

CLAUSE = "clause"
"""The list whose phrases end clauses of every flag."""
KINDS = ("before", "near", "after", "tail", "answer", "section", "pseudo", "stop", "verb")
_PART = re.compile(r"\\\(|\\\)|[()|]|\{\w+\}|[^\s()|{}\\]+")
_MOST = 10_000
"""Phrases that one row may stand for: more is a slip of the pen."""


class Trigger(NamedTuple):
    """A phrase of a list; a named tuple, since there are 60,000.

    Attributes:
        phrase: In lower case, single spaces.
        flag: One of ``FLAGS``, or ``CLAUSE``.
        kind: One of ``KINDS``.
        file: List it was read from.
        row: One-based row in it.
    """

    phrase: str
    flag: str
    kind: str
    file: str = ""
    row: int = 0


def read_lists(folder: str | Path) -> dict[str, str]:
    """Text of the list of every flag, and of the clauses."""
    paths = {flag: Path(folder) / f"context_{flag}.txt" for flag in (*FLAGS, CLAUSE)}
    return {flag: path.read_text(encoding="utf-8") for flag, path in paths.items()}


def shipped_lists() -> dict[str, str]:
    """The lists that come with the package."""
    return read_lists(shipped("gazetteers", "medical", "rules"))


def read_triggers(text: str, path: Path, flag: str) -> tuple[list[Trigger], dict[str, list[str]]]:
    """Expanded triggers of a list, and the phrases it gives names to.

    Args:
        path: File that errors and evidence name.
        flag: Flag its triggers give.

    A row is ``kind<TAB>phrase``; ``#`` at its start makes it a comment.

    Raises:
        InputError: A row of another form, an unknown name, an open bracket, or far too many choices.
    """
    triggers: dict[tuple[str, str], Trigger] = {}
    names: dict[str, list[str]] = {}
    file = path.name
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, _, phrase = line.partition("\t")
        name, sign, choices = phrase.partition(" = ")
        defines = kind == "define" and bool(sign)
        if not defines and (kind not in KINDS or not phrase.strip()):
            raise InputError(
                f"expected `kind<TAB>phrase` with kind one of {', '.join(KINDS)}, found {line!r}.",
                path=path,
                row=row,
                hint="Correct the row.",
            )
        try:
            expanded = _expand((choices if defines else phrase).lower(), names)
        except ValueError as error:
            raise InputError(f"{error}: {phrase!r}.", path=path, row=row, hint="Correct the row.") from error
        if defines:
            names[name] = expanded
            continue
        for each in expanded:
            triggers.setdefault((kind, each), Trigger(each, flag, kind, file, row))
    return list(triggers.values()), names


def _expand(phrase: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Every string that a phrase with choices stands for; names in it stay."""
    parts = _PART.findall(phrase)
    found, rest = _alternatives(parts, names)
    if rest:
        raise ValueError("a bracket is closed that was never opened")
    return [text for text in dict.fromkeys(found) if text]


def _alternatives(parts: list[str], names: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Strings up to a closing bracket or the end, and the parts after it."""
    done: list[str] = []
    current = [""]
    while parts:
        part, parts = parts[0], parts[1:]
        if part == ")":
            return done + current, [part, *parts]
        if part == "|":
            done, current = done + current, [""]
            continue
        if part == "(":
            choices, parts = _alternatives(parts, names)
            if not parts:
                raise ValueError("a bracket is never closed")
            parts = parts[1:]
        elif part.startswith("{"):
            if part[1:-1] not in names:
                raise ValueError(f"no row defines {part}")
            choices = [part]
        else:
            choices = [part.removeprefix("\\")]
        if len(current) * len(choices) > _MOST:
            raise ValueError("the row stands for too many phrases")
        current = [f"{left} {right}".strip() for left in current for right in choices]
    return done + current, []
