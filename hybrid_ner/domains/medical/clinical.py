"""Text about a patient: findings and drugs as clinicians write them, and measured values that are no drugs.

Abstracts and notes are annotated by other guidelines: "mass", "antibiotics" are mentions in a note, and
"serum sodium 140 mmol/L" is a value. These sources look at documents alone that tell of a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import CHEMICAL, MedicalSource, rule_match, split_words
from hybrid_ner.domains.medical.document_kind import is_clinical
from hybrid_ner.matching.match import Match
from hybrid_ner.sources.base import VETO, aggregate, read_matches

_REACH = 20
_MEASURED_LEFT = re.compile(
    r"\b(?:serum|plasma|blood|urine|urinary|total|direct|indirect|conjugated|fasting|ionized|csf|arterial"
    r"|venous|anti|24-h|24-hour)[ -]$",
    re.IGNORECASE,
)
_MEASURED_RIGHT = re.compile(
    r"(?:[ -](?:levels?|concentrations?|values?|ratio|clearance|saturation|excess|tolerance|test"
    r"|stain(?:ing)?|scan|antibod\w+|antigen|\w{3,}(?:in|t|y|l|r|d)ases?)\b"
    r"|(?:[ ,:=(]|was|were|is|of|at|to|level|increased|decreased|rose|fell){1,6}[<>≤≥~]?\s?\d+(?:[.,]\d+)?"
    r"\s?(?:m?g/d?L|[mµμn]?mol/L|[mnpµμ]?g/m?L|mEq/L|[mkµμ]?I?U/m?L|mm ?Hg|ng/dL|pg/dL)\b)",
    re.IGNORECASE,
)
"""What stands behind a measured substance: "sodium level", "creatine kinase", "potassium of 3.1 mmol/L"."""


@dataclass(frozen=True)
class ClinicalTerms(MedicalSource):
    """Words and phrases that are mentions in text about a patient.

    Args:
        label: Label of the mentions.
        phrases: Lower-case phrases of up to five words.
    """

    label: str
    phrases: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.phrases)

    @cached_property
    def _first(self) -> frozenset[str]:
        return frozenset(phrase.partition(" ")[0] for phrase in self.phrases)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed phrase, the longest from each word."""
        text = doc.text
        if not is_clinical(text):
            return
        words = split_words(text)
        for number, word in enumerate(words.lower):
            length = words.phrase_at(number, self._known) if word in self._first else 0
            if length:
                start, end = words.starts[number], words.ends[number + length - 1]
                yield rule_match(text, start, end, self.label, text[start:end].lower())


@dataclass(frozen=True)
class DrugCombinations(MedicalSource):
    """Two drugs that are given as one: "piperacillin/tazobactam", "trimethoprim-sulfamethoxazole".

    Args:
        reads: Names of the sources whose chemicals are looked at.
    """

    reads: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Two chemicals with nothing but a slash or hyphen between them, as one."""
        text = doc.text
        if not is_clinical(text):
            return
        chemicals = [v.match for v in aggregate(doc, self.reads) if v.match.label == CHEMICAL]
        for first, second in pairwise(chemicals):
            between = text[first.end : second.start]
            if between.strip() in {"/", "-"} and len(between) <= _JOINT:
                yield rule_match(text, first.start, second.end, CHEMICAL, "combination")


_JOINT = 3
"""Characters of " / "."""


@dataclass(frozen=True)
class LabGuard(MedicalSource):
    """Votes against chemicals that are measured, not given.

    Args:
        reads: Names of the sources whose chemicals are looked at.
        analytes: Lower-case names of what is only measured.
    """

    reads: tuple[str, ...]
    analytes: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.analytes)

    def find(self, doc: Doc) -> Iterator[Match]:
        """A vote against every chemical that is such a name, or stands where a measured one does."""
        text = doc.text
        if not is_clinical(text):
            return
        for name in self.reads:
            for match in read_matches(doc, name):
                if match.label == CHEMICAL and self._measured(text, match):
                    yield rule_match(text, match.start, match.end, VETO, "measured, not given")

    def _measured(self, text: str, match: Match) -> bool:
        if text[match.start : match.end].lower() in self._known:
            return True
        left = _MEASURED_LEFT.search(text, max(0, match.start - _REACH), match.start)
        return left is not None or _MEASURED_RIGHT.match(text, match.end) is not None
