"""Calendar dates: ``21st day of October, 2014``, ``March 21, 1963``, ``31.3.1995``, ``2/14/2020``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match

__all__ = ["Dates"]

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:1[6-9]|20)\d\d\b"
_DAY = r"(?:[0-2]?\d|3[01])"
_ORDINAL = rf"{_DAY}\s?(?:st|nd|rd|th)?"
_RULES = (
    (
        "day month year",
        rf"\b{_ORDINAL}\s{{0,40}}(?:day\s{{1,40}})?"
        rf"(?:of\s{{1,40}})?[-,]?\s{{0,40}}{_MONTH}\s{{0,40}}[-,]?\s{{0,40}}(?:of\s{{1,40}})?{_YEAR}",
    ),
    ("month day year", rf"\b{_MONTH}\s{{0,40}}{_DAY}(?:st|nd|rd|th)?\b\s{{0,40}},?\s{{0,40}}{_YEAR}"),
    ("numeric", rf"(?<![\d./-]){_DAY}\s?([./-])\s?(?:0?\d|1[0-2])\s?\1\s?(?:{_YEAR}|\d\d\b)(?![./-]?\d)"),
    (
        "numeric, month first",
        rf"(?<![\d./-])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:{_YEAR}|\d\d\b)(?![./-]?\d)",
    ),
    ("numeric", r"(?<![\d./-])(?:1[6-9]|20)\d\d([./-])(?:0\d|1[0-2])\1(?:[0-2]\d|3[01])(?![./-]?\d)"),
)
_PATTERNS = tuple((rule, re.compile(pattern, re.IGNORECASE)) for rule, pattern in _RULES)


@dataclass(frozen=True)
class Dates(LegalSource):
    """Dates that name a day."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Dates in the text."""
        text = doc.text
        for rule, pattern in _PATTERNS:
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "DATE", f"date, {rule}")
