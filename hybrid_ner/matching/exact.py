"""Exact matching over folded text with pyahocorasick: the reference engine.

``iter`` finds every occurrence, the boundary check keeps whole words, and the overlap choice comes
last: choosing inside the automaton and filtering afterwards loses spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from hybrid_ner.matching.match import Evidence, Match, Method
from hybrid_ner.matching.normalize import FoldedText, fold, fold_text
from hybrid_ner.terms import Gazetteer, Term

__all__ = ["GazetteerMatcher"]


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    terms: tuple[Term, ...]


class GazetteerMatcher:
    """Finds the terms of a gazetteer as whole words.

    Args:
        gazetteer: Terms; earlier terms win where one surface has several labels.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        keys: dict[str, list[int]] = {}
        for number, term in enumerate(gazetteer.terms):
            keys.setdefault(fold(term.text), []).append(number)
        self._numbers = list(keys.values())
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for number, key in enumerate(keys):
            self._automaton.add_word(key, number)
        if keys:
            self._automaton.make_automaton()
        self._lengths = [len(key) for key in keys]

    def match(self, text: str) -> list[Match]:
        """Leftmost-longest matches, in order, without overlap."""
        hits = sorted(self._hits(fold_text(text)), key=lambda hit: (hit.start, -hit.end))
        matches, last = [], 0
        for hit in hits:
            if hit.start >= last:
                matches.append(_to_match(text, hit))
                last = hit.end
        return matches

    def match_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Matches of each text."""
        return map(self.match, texts)

    def _hits(self, text: FoldedText) -> Iterator[_Hit]:
        if not self._lengths:
            return
        folded = text.folded
        for last, number in self._automaton.iter(folded):
            start, end = last + 1 - self._lengths[number], last + 1
            if not _whole_word(folded, start, end):
                continue
            source_start, source_end = text.to_source(start, end)
            surface = text.source[source_start:source_end]
            terms = tuple(
                term
                for term in map(self.gazetteer.terms.__getitem__, self._numbers[number])
                if term.mode == "folded" or (term.mode == "case" and term.text == surface)
            )
            if terms:
                yield _Hit(source_start, source_end, terms)


def _whole_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after


def _to_match(text: str, hit: _Hit) -> Match:
    best = hit.terms[0]
    surface = text[hit.start : hit.end]
    method: Method = "exact" if surface == best.text else "variant" if best.parent else "folded"
    concepts = dict.fromkeys(t.concept_id for t in hit.terms if t.label == best.label and t.concept_id)
    evidence = Evidence(method, surface, best.parent or best.text, best.file, best.row)
    return Match(hit.start, hit.end, best.label, tuple(concepts), 1.0, evidence)
