"""Which of many regular expressions can match a text at all: one automaton over the literals they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["Prefilter", "literals_of"]

_SHORTEST = 2
"""Characters of a literal that is worth looking for."""
_MOST = 2_000
_ALIKE = str.maketrans({"ſ": "s", "ı": "i", "İ": "i", "K": "k"})
"""Characters beyond ASCII that an expression which ignores case takes for ASCII letters."""


def literals_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Strings in lower case of which every match holds one; ``None`` where there are no such."""
    return _needed(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _needed(nodes: Iterable[Any]) -> frozenset[str] | None:
    """The best set that some part of a sequence needs: that whose shortest string is longest."""
    best: frozenset[str] | None = None
    run = ""
    for kind, value in (*nodes, (None, None)):
        if kind is _constants.LITERAL:
            run += chr(value)
            continue
        for found in (_single(run), _of(kind, value)):
            if found is not None and (best is None or _worth(found) > _worth(best)):
                best = found
        run = ""
    return best


def _single(run: str) -> frozenset[str] | None:
    folded = run.lower().translate(_ALIKE)
    # What other letters do in upper case is left alone: "ß" is "SS".
    return frozenset((folded,)) if len(folded) >= _SHORTEST and folded.isascii() else None


def _of(kind: Any, value: Any) -> frozenset[str] | None:
    if kind is _constants.SUBPATTERN:
        return _needed(value[-1])
    if kind is _constants.ATOMIC_GROUP:
        return _needed(value)
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _needed(value[2]) if value[0] else None
    if kind is _constants.BRANCH:
        every = [_needed(branch) for branch in value[1]]
        joined = frozenset().union(*(each for each in every if each is not None))
        return joined if None not in every and len(joined) <= _MOST else None
    return None


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


class Prefilter:
    """Tells quickly which expressions are worth trying.

    Args:
        patterns: Expressions; one that needs no literal is always worth it.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        import ahocorasick

        self._always: list[int] = []
        users: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            needed = literals_of(pattern)
            if needed is None:
                self._always.append(number)
            for literal in needed or ():
                users.setdefault(literal, []).append(number)
        self._automaton = ahocorasick.Automaton()
        for literal, numbers in users.items():
            self._automaton.add_word(literal, tuple(numbers))
        self._automaton.make_automaton()

    def possible(self, text: str) -> set[int]:
        """Numbers of the expressions that may match."""
        lower = text.lower()
        found = set(self._always)
        if len(self._automaton):
            for numbers in {value for _, value in self._automaton.iter(_plain(lower))}:
                found.update(numbers)
        return found


def _plain(lower: str) -> str:
    return lower if lower.isascii() else lower.translate(_ALIKE)
