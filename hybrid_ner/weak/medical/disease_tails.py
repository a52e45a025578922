"""A general noun right after a disease belongs to it: "HPT-JT syndrome", "Wilms tumor"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.aggregate import aggregate
from hybrid_ner.weak.medical.base import DISEASE, MedicalSource, rule_match
from hybrid_ner.weak.medical.words import split_words

__all__ = ["DiseaseTails"]


@dataclass(frozen=True)
class DiseaseTails(MedicalSource):
    """Extends found diseases with a name or an acronym in them to the right.

    Args:
        reads: Names of the sources whose diseases are looked at, in order of trust.
        tails: Nouns.
    """

    reads: tuple[str, ...]
    tails: tuple[str, ...]

    @cached_property
    def _tails(self) -> frozenset[str]:
        return frozenset(self.tails)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease with such a noun right after it."""
        text = doc.text
        words = split_words(text)
        for vote in aggregate(doc, self.reads):
            match = vote.match
            number = words.ending_at(match.end) if match.label == DISEASE else None
            if number is None or number + 1 >= len(words.lower):
                continue
            surface = text[match.start : match.end]
            named = any(map(str.isupper, surface[1:]))
            if named and words.gaps[number + 1] in {" ", "-"} and words.lower[number + 1] in self._tails:
                yield rule_match(text, match.start, words.ends[number + 1], DISEASE, surface)
