"""Numbered types of a disease: "von Willebrand disease type IIA", "type I Gaucher disease"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.aggregate import aggregate
from hybrid_ner.weak.medical.base import DISEASE, MedicalSource, rule_match

__all__ = ["DiseaseTypes"]

_NUMBER = r"(?:[IVX]{1,4}[A-Da-d]?|\d{1,2}[A-Da-d]?|[A-D])"
_AFTER = re.compile(rf",? types? {_NUMBER}(?![\w-])")
_BEFORE = re.compile(rf"\b[Tt]ypes? {_NUMBER} $")
_REACH = 16


@dataclass(frozen=True)
class DiseaseTypes(MedicalSource):
    """The type belongs to the disease that an earlier source found.

    Args:
        reads: Names of those sources, in order of trust.
    """

    reads: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease with a type before or after it, with the type."""
        text = doc.text
        for vote in aggregate(doc, self.reads):
            match = vote.match
            if match.label != DISEASE:
                continue
            after = _AFTER.match(text, match.end)
            floor = max(0, match.start - _REACH)
            before = _BEFORE.search(text[floor : match.start])
            start = floor + before.start() if before else match.start
            end = after.end() if after else match.end
            if before or after:
                yield rule_match(text, start, end, DISEASE, text[match.start : match.end])
