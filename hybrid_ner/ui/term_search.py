"""Search a large term list while somebody types."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from hybrid_ner.matching.normalize import fold
from hybrid_ner.terms import Gazetteer, Term

__all__ = ["TermSearch", "Warned"]

SHORT = 2
"""A term of so few letters matches much that it does not mean."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A term and what may be wrong with it."""

    term: Term
    warning: str


class TermSearch:
    """Terms whose folded text holds what was typed, in the order of the list.

    All folded texts stand in one string, so that a search is one pass of ``str.find``.

    Args:
        gazetteer: The list.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._terms = gazetteer.terms
        self._keys = [fold(term.text) for term in self._terms]
        self._joined = "\n" + "\n".join(self._keys) + "\n"
        self._starts = list(accumulate((len(key) + 1 for key in self._keys), initial=1))[:-1]
        pairs = {(key, term.label) for key, term in zip(self._keys, self._terms, strict=True)}
        labels = Counter(key for key, _ in pairs)
        self._ambiguous = {key for key, number in labels.items() if number > 1}

    def __len__(self) -> int:
        return len(self._terms)

    def known(self, keys: Iterable[str]) -> list[Warned]:
        """The terms with these folded texts, in the order of the keys."""
        wanted = {key: place for place, key in enumerate(keys)}
        found = [number for number, key in enumerate(self._keys) if key in wanted]
        return [self._warned(number) for number in sorted(found, key=lambda n: wanted[self._keys[n]])]

    def search(self, typed: str, label: str = "", limit: int = 5000) -> list[Warned]:
        """Terms that hold what was typed; those that begin with it first."""
        key = fold(typed)
        first = list(self._found("\n" + key, label, limit)) if key else []
        seen = set(first)
        rest = [n for n in self._found(key, label, limit) if n not in seen] if len(first) < limit else []
        return [self._warned(number) for number in (first + rest)[:limit]]

    def _found(self, key: str, label: str, limit: int) -> Iterator[int]:
        if not key:
            yield from self._all(label, limit)
            return
        at, count, last = self._joined.find(key), 0, -1
        while at >= 0 and count < limit:
            number = bisect_right(self._starts, at + key.startswith("\n")) - 1
            if number != last and (not label or self._terms[number].label == label):
                count, last = count + 1, number
                yield number
            at = self._joined.find(key, at + 1)

    def _all(self, label: str, limit: int) -> Iterator[int]:
        count = 0
        for number, term in enumerate(self._terms):
            if not label or term.label == label:
                yield number
                count += 1
                if count == limit:
                    return

    def _warned(self, number: int) -> Warned:
        term, key = self._terms[number], self._keys[number]
        said = []
        if key in self._ambiguous:
            said.append("several labels")
        if len(key) <= SHORT and term.mode == "folded":
            said.append("very short")
        return Warned(term, ", ".join(said))
