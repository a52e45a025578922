"""Judges: ``Mr. Justice A. K. Goel``, ``Bhagwati, J.``, ``Chagla C.J. and Bavdekar and Shah JJ.``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import rule_match
from hybrid_ner.weak.legal.names import HONORIFIC, NAME, NameSource

__all__ = ["Judges"]

_AFTER = re.compile(rf"(?P<name>{NAME})\s?[,.]?\s{{1,2}}(?:C\.?\s?J\.?(?:I\.?)?|A\.?C\.?J\.?|J\.)(?![\w'’])")
_AFTER_COMMA = re.compile(rf"(?P<name>{NAME})\s?,\s{{0,2}}(?:C\.?J\.?I?|J)\b(?!\s?\.?\s?[A-Z][a-z]*\s+v)")
_SEVERAL = re.compile(
    rf"(?P<names>{NAME}(?:\s?,\s?(?:J\.?|C\.\s?J\.)?(?:\s?,\s?)?(?:and\s+|&\s*)?{NAME}|\s+(?:C\.\s?J\.\s+)?(?:and|AND|&)\s+{HONORIFIC}?{NAME}){{1,6}})"
    r"\s?,?\s+(?:JJ?\.?\s?J\.?|J[Jj])(?!\w)"
)
_SIGNED = re.compile(
    rf"\(\s?{HONORIFIC}?(?P<name>{NAME})\s?\)\s{{0,3}}(?:,\s?)?(?:JUDGE|Judge|J\.|Chief\s+Justice|CHIEF\s+JUSTICE)"
)
_US = re.compile(
    rf"\b(?:Circuit|District|Magistrate|Bankruptcy|Senior|Chief|Administrative\s+Law)\s+Judges?\s+(?P<name>{NAME})"
)
_COURT_OF = re.compile(rf"(?i:\bin\s+the\s+court\s+of)\s+{HONORIFIC}{{0,2}}(?P<name>{NAME})")
_SPLIT = re.compile(NAME)


@dataclass(frozen=True)
class Judges(NameSource):
    """Names with a judge's title."""

    @cached_property
    def _titled(self) -> re.Pattern[str]:
        return re.compile(
            r"(?:\b(?:Justice|JUSTICE|Justices)\b\.?|\bHon['’‟]?\s?(?:ble|BLE|Ble|'Ble)\s+(?:the\s+)?(?=(?:Mr|Mrs|Ms|Shri|Sri|Smt|Dr)\b))"
            rf"[\s:]*{self.titles}(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Judges in the text."""
        text = doc.text
        for rule, pattern in (
            ("Justice …", self._titled),
            ("…, J.", _AFTER),
            ("…, J", _AFTER_COMMA),
            ("(…) Judge", _SIGNED),
            ("Circuit Judge …", _US),
            ("in the court of …", _COURT_OF),
        ):
            yield from self.people(text, pattern, "JUDGE", rule)
        for found in _SEVERAL.finditer(text):
            for part in _SPLIT.finditer(text, *found.span("names")):
                span = self.person(text, *part.span())
                if span:
                    yield rule_match(text, *span, "JUDGE", "… and …, JJ.")
