"""Provisions that are cited: ``Sections 302 and 34``, ``clause (2) of Article 254``, ``Order VII Rule 1``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match

__all__ = ["Provisions"]

_SUB = r"(?:\s?\(\s?(?:\d{1,3}(?:-?[A-Z])?|[ivxlc]{1,6}|[A-Za-z]{1,2})\s?\))"
_LETTER = r"(?:\s?-\s?[A-Z]{1,3}\b|[A-Z]{1,3}\b|\s[A-Z]\b(?=\s{1,40}(?:of|and|I\.?P|Cr|to)\b))?"
_NUMBER = rf"(?:\d{{1,4}}{_LETTER}(?:\.\d{{1,3}})*{_SUB}{{0,4}})"
_ROMAN = rf"(?:[IVXLC]{{1,7}}(?:-?[A-Z])?\b{_SUB}{{0,3}})"
_SEP = (
    r"(?:\s{0,40},\s{0,40}(?:and\s{1,40}|or\s{1,40}|&\s{0,40})?|\s{0,40}/\s{0,40}|\s{1,40}and\s{1,40}"
    r"|\s{0,40}&\s{0,40}|\s{1,40}or\s{1,40}|\s{1,40}to\s{1,40}|\s{0,40}-\s{0,40}|\s{1,40}r/w\s{1,40}"
    r"|\s{1,40}read\s{1,40}with\s{1,40})"
)
_LIST = rf"{_NUMBER}(?:{_SEP}(?:{_NUMBER}|{_SUB}+(?!\w)))*"
_ROMAN_LIST = rf"(?:{_NUMBER}|{_ROMAN})(?:{_SEP}(?:{_NUMBER}|{_ROMAN}|{_SUB}+(?!\w)))*"
_SUB_LIST = rf"(?:{_SUB}+|{_NUMBER})(?:{_SEP}(?:{_SUB}+|{_NUMBER}))*"
_HYPHEN = r"[-\s\xad]?"
_SMALL = (
    rf"(?:[Ss]ub{_HYPHEN}(?:[Ss]ections?|[Ss]ecs?\.|[Cc]lauses?|[Rr]ules?|[Aa]rticles?|[Ss]\.|[Rr]\.)"
    r"|[Cc]lauses?|[Cc]ls?\.|[Pp]roviso(?:\s{1,40}to)?|[Ee]xplanation)"
)
_WORD = (
    r"(?:[Ss]ections?|SECTIONS?|[Aa]rticles?|ARTICLES?|[Rr]ules?|RULES?|[Rr]egulations?|[Ss]ecs?\.?"
    r"|[Aa]rts?\.?"
    r"|Ss?\.|Rr?\.|(?<=[Uu]/)[Ss]s?\.?|(?<![\w.])ss?(?:\.\s?|\s)(?=\d)|(?<![\w.])r\.\s?(?=\d)|§§?)"
)
_CHAPTER = r"(?:[Cc]hapters?|CHAPTER|[Ss]chedules?|[Ee]ntry|[Ee]ntries|[Pp]art|[Aa]ppendix)"
_ORDINAL = r"(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|Twelfth)"
_BASE = rf"{_WORD}\s{{0,40}}-?\s{{0,40}}(?:Nos?\.?\s{{0,40}})?{_LIST}"
_RULES = (
    (
        "section, article or rule",
        rf"(?:{_SMALL}\s{{0,40}}{_SUB_LIST}\s{{1,40}}(?:of|to|in)\s{{1,40}}(?:the\s{{1,40}})?){{0,2}}{_BASE}"
        rf"(?:\s{{0,40}},?\s{{0,40}}{_SMALL}\s{{0,40}}{_SUB_LIST}|\s{{1,40}}of\s{{1,40}}"
        rf"(?:the\s{{1,40}})?(?:{_CHAPTER}|[Oo]rder)\s{{1,40}}(?:{_NUMBER}"
        rf"|{_ROMAN}))?",
    ),
    (
        "order and rule",
        rf"(?:[Oo]rder|ORDER|O\.)\s{{0,40}}-?\s{{0,40}}(?:{_NUMBER}|{_ROMAN})[\s,.\xad]{{0,40}}"
        rf"(?:[Rr]ules?|RULES?"
        rf"|[Rr]r?\.)\s{{0,40}}-?\s{{0,40}}{_LIST}"
        rf"(?:\s{{0,40}},?\s{{0,40}}{_SMALL}\s{{0,40}}{_SUB_LIST})?",
    ),
    ("order", rf"(?:Order|ORDER)\s{{1,40}}{_ROMAN}(?=\s{{1,40}}of\b|\s{{1,40}}C\.?\s?P\.?\s?C)"),
    (
        "clause or sub-section",
        rf"(?:{_SMALL}\s{{0,40}}{_SUB_LIST}(?:\s{{1,40}}(?:of|to)\s{{1,40}})?){{1,2}}(?<!\s)",
    ),
    ("chapter, part or schedule", rf"{_CHAPTER}\s{{0,40}}-?\s{{0,40}}{_ROMAN_LIST}"),
    ("numbered schedule", rf"{_ORDINAL}\s{{1,40}}Schedule"),
)
_AMERICAN = re.compile(
    r"(?:§§?\s?|(?<![\w.])(?:Rule|Section|Sec\.)\s{1,3})\d{1,5}[a-zA-Z]{0,3}(?:[-.–]\d{1,4}[a-z]{0,2}){0,3}"
    rf"{_SUB}{{0,5}}(?![\w§])"
)
"""``§ 78j(b)``, ``§ 240.10b-5``, ``Rule 10b-5``."""
_PATTERNS = tuple((rule, re.compile(rf"(?<![\w.]){pattern}(?!\w)")) for rule, pattern in _RULES)


@dataclass(frozen=True)
class Provisions(LegalSource):
    """Provisions by citation pattern."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Provisions in the text."""
        text = doc.text
        for rule, pattern in (*_PATTERNS, ("American section or rule", _AMERICAN)):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "PROVISION", rule)
