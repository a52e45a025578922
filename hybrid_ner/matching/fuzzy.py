"""Fuzzy matching: typing errors, scanning errors and spelling variants of terms.

Only windows that hold an unknown word are looked at: one that is neither in a common-English list nor in
any term. Exact matches come first; a fuzzy match overlaps one only where it strictly contains it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hybrid_ner.matching.edits import (
    Edit,
    describe,
    edits_between,
    everyday_words,
    is_another_acronym,
    is_plausible,
)
from hybrid_ner.matching.exact import TermGroups
from hybrid_ner.matching.fuzzy_index import FuzzyArrays, FuzzyIndex, Proposal, build_fuzzy
from hybrid_ner.matching.match import Evidence, Fuzzy, Match
from hybrid_ner.matching.phrase_hash import PhraseArrays, PhraseHashEngine
from hybrid_ner.terms import Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.text import fold
from hybrid_ner.text.offsets import Intervals, Touching

_EDIT_COST = 3
"""Characters that a longer window must gain to be worth one more edit."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    proposal: Proposal
    term: Term
    edits: tuple[Edit, ...]
    score: float
    worth: tuple[float, ...]


class FuzzyMatcher:
    """Finds near matches of the terms that ignore case.

    Args:
        settings: Which near matches are kept.
        arrays: Its fuzzy index, if it was compiled before.
        english: Words that are never misspellings; by default the shipped list.
    """

    def __init__(
        self,
        phrases: PhraseArrays,
        groups: TermGroups,
        settings: Fuzzy,
        *,
        arrays: FuzzyArrays | None = None,
        english: Iterable[str] | None = None,
    ) -> None:
        self._groups, self._settings = groups, settings
        engine = PhraseHashEngine(phrases)
        words = english_words() if english is None else _folded(frozenset(english))
        self.arrays = arrays or _build(engine, groups)
        self.index = FuzzyIndex(engine, self.arrays, words)

    def match_batch(self, texts: Sequence[str], exact: Sequence[Sequence[Match]]) -> list[list[Match]]:
        """Fuzzy matches of each text, beside its exact ones; none overlaps another."""
        proposals = self.index.proposals(texts)
        return [self._choose(*row) for row in zip(texts, proposals, exact, strict=True)]

    @staticmethod
    def merge(exact: Sequence[Match], near: Sequence[Match]) -> list[Match]:
        """Both kinds in order, without the exact matches inside a fuzzy one; fuzzy ones do not overlap."""
        starts = [match.start for match in near]

        def is_inside(match: Match) -> bool:
            place = bisect_right(starts, match.start) - 1
            return place >= 0 and match.end <= near[place].end

        kept = (match for match in exact if not is_inside(match))
        return sorted((*kept, *near), key=lambda match: (match.start, match.end))

    def _choose(self, text: str, proposals: Sequence[Proposal], exact: Sequence[Match]) -> list[Match]:
        if not proposals:
            return []
        said = {fold(m.evidence.surface) for m in exact if m.evidence}
        touching = Touching(exact)
        candidates = [
            candidate
            for p in proposals
            if all(_holds_more(p, m) for m in touching(p.start, p.end))
            and (candidate := self._candidate(text, p, said))
        ]
        candidates.sort(key=lambda candidate: candidate.worth, reverse=True)
        taken = Intervals()
        chosen = [c for c in candidates if taken.take(c.proposal.start, c.proposal.end)]
        return sorted((self._match(text, c) for c in chosen), key=lambda match: match.start)

    def _candidate(self, text: str, proposal: Proposal, said: set[str]) -> _Candidate | None:
        surface = text[proposal.start : proposal.end]
        term = next(t for t in self._groups.terms(proposal.group) if t.mode == "folded")
        found, key = fold(surface), fold(term.text)
        edits = edits_between(key, found)
        if len(edits) != proposal.edits:  # the index keeps 16 bits of a character
            return None
        if not is_plausible(found, key, edits) or is_another_acronym(surface, key):
            return None
        score = 1.0 - len(edits) / max(len(key), len(found))
        if not self._settings.accepts(term.label, score):
            return None
        worth = (
            ", " not in key,  # inverted names stand in indexes, commas in sentences
            len(key) - _EDIT_COST * proposal.edits,
            -proposal.edits,
            key in said,
            found[0] == key[0],
            -abs(len(found) - len(key)),
            -proposal.group,
        )
        return _Candidate(proposal, term, edits, score, worth)

    def _match(self, text: str, candidate: _Candidate) -> Match:
        proposal, term, score = candidate.proposal, candidate.term, candidate.score
        same = (t for t in self._groups.terms(proposal.group) if t.mode == "folded" and t.label == term.label)
        concepts = tuple(dict.fromkeys(t.concept_id for t in same if t.concept_id))
        surface, edits = text[proposal.start : proposal.end], tuple(map(describe, candidate.edits))
        evidence = Evidence("fuzzy", surface, term.text, term.file, term.row, edits, score)
        return Match(proposal.start, proposal.end, term.label, concepts, score, evidence)


def _holds_more(proposal: Proposal, match: Match) -> bool:
    """Whether a near match has all of an exact one and more: what a list has as it stands is no slip."""
    inside = proposal.start <= match.start and match.end <= proposal.end
    return inside and (proposal.start, proposal.end) != (match.start, match.end)


@lru_cache(maxsize=4)
def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


def _build(engine: PhraseHashEngine, groups: TermGroups) -> FuzzyArrays:
    """Index one term of each group that ignores case and is no everyday word.

    Terms that a dictionary has (metformin, pneumonia) are indexed: only what a text says must not be in it.
    """
    everyday = everyday_words()
    chosen, texts = [], []
    for group in range(len(groups)):
        text = next((t.text for t in groups.terms(group) if t.mode == "folded"), None)
        if text is not None and fold(text) not in everyday:
            chosen.append(group)
            texts.append(text)
    return build_fuzzy(engine, texts, np.array(chosen, dtype=np.int32))
