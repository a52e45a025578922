"""What every legal labeling source shares beyond any rule source: some outrank the gazetteer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.rules import RuleSource, rule_match, unique
from hybrid_ner.weak.source import VETO, read_matches

__all__ = ["GAZETTEER", "LegalSource", "rule_match", "unique"]

GAZETTEER = "gazetteer"
"""Span group of the gazetteer matches: the first and, for equal spans, the most trusted source."""


@dataclass(frozen=True)
class LegalSource(RuleSource):
    """A rule source whose votes may stand against the gazetteer's on the same characters."""

    outranks: ClassVar[bool] = False
    """Whether its votes stand against the gazetteer's on the same characters."""

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``, each span once."""
        matches = unique(self.find(doc))
        return [*self._vetoes(doc, matches), *matches] if self.outranks else matches

    def _vetoes(self, doc: Doc, matches: list[Match]) -> Iterator[Match]:
        text = doc.text
        spans = {(m.start, m.end): m for m in matches}
        for other in read_matches(doc, GAZETTEER):
            mine = spans.get((other.start, other.end))
            if mine is not None and mine.label != other.label:
                rule = mine.evidence.reference if mine.evidence else self.name
                yield rule_match(text, other.start, other.end, VETO, rule)
