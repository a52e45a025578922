"""Which of many regular expressions can match a text at all, by the literals that they need.

Looking for a literal with ``in`` takes a tenth of a microsecond a kilobyte: some hundred of them are found
sooner than one automaton hands its hits, one by one, to Python.
"""

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
        self._needed = [literals_of(pattern) for pattern in patterns]

    def possible(self, text: str) -> tuple[int, ...]:
        """Numbers of the expressions that may match."""
        lower = _plain(text.lower())
        return tuple(
            number
            for number, needed in enumerate(self._needed)
            if needed is None or any(literal in lower for literal in needed)
        )


def _plain(lower: str) -> str:
    return lower if lower.isascii() else lower.translate(_ALIKE)
