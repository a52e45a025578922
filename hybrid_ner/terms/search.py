"""Search the terms of a gazetteer: by substring, beginning, whole text, concept or likeness.

All folded texts stand in one string, one a line: finding a substring among a million terms is a single
pass of a few hundredths of a second.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer, Term

How = Literal["substring", "prefix", "exact", "concept", "fuzzy"]
HOW: tuple[How, ...] = ("substring", "prefix", "exact", "concept", "fuzzy")

_CUTOFF = 75.0
_LENGTH_SLACK = 0.4
_END = "\n"


@dataclass(frozen=True, slots=True)
class Found:
    """A term and how alike it is to what was asked for, from 0 to 100."""

    term: Term
    score: float = 100.0


_APART = re.compile(r"[\s\-‐‑‒–—−]+")
"""What parts words: people write Ehlers-Danlos with a hyphen, a dash or a space."""


def plain(text: str) -> str:
    """Lower case without accents, on one line; words stand apart by one space, however they are joined."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _APART.sub(" ", text.casefold())


class TermSearch:
    """An index over one gazetteer; building it costs about a microsecond a term.

    Args:
        gazetteer: What to search.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.terms = gazetteer.terms
        texts = [plain(term.text) for term in self.terms]
        self._blob = _END + _END.join(texts) + _END
        self._starts = array("Q")
        at = 1
        for text in texts:
            self._starts.append(at)
            at += len(text) + 1

    def search(
        self, query: str, how: How = "substring", *, limit: int = 20, offset: int = 0, label: str = ""
    ) -> list[Found]:
        """Terms in order of the gazetteer, for ``fuzzy`` the most alike first.

        Args:
            query: What to look for; case, accents, hyphens and spaces do not matter.
            how: ``substring``, ``prefix`` (of the whole term), ``exact``, ``concept`` (id) or ``fuzzy``.
            limit: How many at most.
            offset: How many to pass over first, for pages.
            label: Only terms with this label.

        Raises:
            InputError: An empty query, or an unknown way.
        """
        if not query.strip():
            raise InputError("the query is empty.", hint="Give something to look for.")
        if how not in HOW:
            raise InputError(f"unknown way to search {how!r}.", hint=f"Use one of {', '.join(HOW)}.")
        if how == "fuzzy":
            return self._fuzzy(query, limit, offset, label)
        found: list[Found] = []
        passed = 0
        for number in self._numbers(query, how):
            term = self.terms[number]
            if label and term.label != label:
                continue
            passed += 1
            if passed > offset:
                found.append(Found(term))
            if len(found) == limit:
                break
        return found

    def count(self, query: str, how: How = "substring", *, label: str = "") -> int:
        """How many terms there are in all; not for ``fuzzy``."""
        numbers = self._numbers(query, how)
        return sum(not label or self.terms[number].label == label for number in numbers)

    def _numbers(self, query: str, how: How) -> Iterator[int]:
        if how == "concept":
            return (n for n, term in enumerate(self.terms) if term.concept_id == query)
        wanted = plain(query)
        before = _END if how in ("prefix", "exact") else ""
        after = _END if how == "exact" else ""
        return self._lines_with(before + wanted + after, len(before))

    def _lines_with(self, wanted: str, skip: int) -> Iterator[int]:
        at = self._blob.find(wanted)
        while at >= 0:
            number = bisect_right(self._starts, at + skip) - 1
            yield number
            if number + 1 == len(self._starts):
                return
            at = self._blob.find(wanted, self._starts[number + 1] - skip)

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], list[int]]]:
        """Length → folded texts of this length and their numbers."""
        lengths: dict[int, tuple[list[str], list[int]]] = {}
        for number, text in enumerate(self._blob[1:-1].split(_END) if self.terms else ()):
            texts, numbers = lengths.setdefault(len(text), ([], []))
            texts.append(text)
            numbers.append(number)
        return lengths

    def _fuzzy(self, query: str, limit: int, offset: int, label: str) -> list[Found]:
        from rapidfuzz import fuzz, process

        wanted = plain(query)
        slack = max(2, round(len(wanted) * _LENGTH_SLACK))
        scored: list[tuple[float, int]] = []
        for length in range(max(1, len(wanted) - slack), len(wanted) + slack + 1):
            texts, numbers = self._by_length.get(length, ([], []))
            alike = process.extract(
                wanted, texts, scorer=fuzz.ratio, score_cutoff=_CUTOFF, limit=None, processor=None
            )
            scored += [(score, numbers[position]) for _, score, position in alike]
        scored.sort(key=lambda one: (-one[0], one[1]))
        terms: Iterable[Found] = (Found(self.terms[number], score) for score, number in scored)
        kept = [found for found in terms if not label or found.term.label == label]
        return kept[offset : offset + limit]
