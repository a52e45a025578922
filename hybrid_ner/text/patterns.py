"""Patterns that stand in a text file beside the module that uses them, with an example above each.

A row is a name and a pattern (``YEAR = (?:19|20)\\d\\d``), which others take in as ``<YEAR>``. With ``^=`` it
is tried only where words begin (``WordPattern``). Rows below a ``[section]`` are a pattern and, behind ``=>``
between two spaces each, what it stands for. A row that begins with four spaces goes on the one above; ``#``
and a space begin a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from hybrid_ner.errors import InputError
from hybrid_ner.text.prefilter import WordPattern

_Made = TypeVar("_Made")
_ROW = re.compile(r"([A-Z][A-Z_\d]*) (\^?)= (.+)")


class _Rows(NamedTuple):
    named: dict[str, str]
    words: list[str]
    sections: dict[str, list[tuple[str, str]]]


class Patterns:
    """The patterns of a file, read when the first is asked for: ``patterns.YEAR``, ``patterns.words.ACT``.

    Args:
        module: The module whose file it is, of the same name but for ``.txt``.
        names: What patterns of the file take from elsewhere.
    """

    def __init__(self, module: str | Path, **names: str) -> None:
        self._file, self._given = Path(module).with_suffix(".txt"), names
        self.words = WordPatterns(self)
        self._of = cache(self._made)
        self._each = cache(lambda name: frozenset(self.source(name).split("|")))

    def __getattr__(self, name: str) -> re.Pattern[str]:
        if not name[:1].isupper():
            raise AttributeError(name)
        pattern = self.__dict__[name] = re.compile(self.source(name))
        return pattern

    def source(self, name: str) -> str:
        """A pattern as it is written, or part of one."""
        try:
            return self._rows.named[name]
        except KeyError:
            raise AttributeError(f"{self._file} has no row {name}") from None

    def each(self, name: str) -> frozenset[str]:
        """The words of a row with ``|`` between them."""
        return self._each(name)

    def rules(self, section: str) -> tuple[tuple[re.Pattern[str], str], ...]:
        """The patterns of a section in its order, each with what it stands for."""
        return self.made(section, re.compile)

    def made(self, section: str, make: Callable[[str], _Made]) -> tuple[tuple[_Made, str], ...]:
        """As ``rules``, of what a function makes of a pattern."""
        return self._of(section, make)  # type: ignore[return-value]

    def _made(self, section: str, make: Callable[[str], object]) -> tuple[tuple[object, str], ...]:
        return tuple((make(pattern), said) for pattern, said in self._rows.sections[section])

    @cached_property
    def _rows(self) -> _Rows:
        found = _Rows(dict(self._given), [], {})
        rules: list[tuple[str, str]] = []

        def named(pattern: str) -> str:
            return re.sub(r"<([A-Z][A-Z_\d]*)>", lambda name: found.named[name[1]], pattern)

        for row in self._file.read_text(encoding="utf-8").replace("\n    ", "").splitlines():
            pattern, _, said = row.partition("  =>")
            if row.startswith("# "):
                continue
            if section := re.fullmatch(r"\[(\w+)\]", row):
                rules = found.sections.setdefault(section[1], [])
            elif name := _ROW.fullmatch(row):
                found.named[name[1]] = named(name[3])
                found.words.extend([name[1]] * bool(name[2]))
            elif row.strip("# ") and not found.sections:
                raise InputError(
                    f"{row[:40]!r} is no named pattern.", path=self._file, hint="Write NAME = PATTERN."
                )
            elif row.strip("# "):
                said = said.removeprefix("  ")
                quoted = len(said) > 1 and said[0] == said[-1] == '"'
                rules.append((named(pattern), said[1:-1] if quoted else said))
        return found


class WordPatterns:
    """The patterns of a file that are tried where words begin, compiled together.

    Args:
        patterns: Those of the file.
    """

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns

    def __getattr__(self, name: str) -> WordPattern:
        if not name[:1].isupper():
            raise AttributeError(name)
        source = self._patterns.source
        self.__dict__.update({each: WordPattern(source(each)) for each in self._patterns._rows.words})
        if name not in self.__dict__:
            raise AttributeError(f"{name} is no row with ^=")
        found: WordPattern = self.__dict__[name]
        return found
