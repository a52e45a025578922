"""Sections, articles, rules and orders that are cited: ``Sections 302 and 34``, ``Order XXXIX Rules 1 and 2``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match

__all__ = ["Provisions"]

_HEAD = (
    r"(?:[Ss]ub[-\s\xad]?)?(?:[Ss]ections?|SECTIONS?|[Aa]rticles?|ARTICLES?|[Rr]ules?|RULES?|[Rr]egulations?|[Cc]lauses?|"
    r"[Pp]aragraphs?|[Pp]aras?|[Cc]hapters?|[Ss]chedules?|[Ee]ntry|[Ee]ntries|[Oo]rder|ORDER|[Pp]art|[Pp]rovisos?|[Aa]ppendix|"
    r"[Ss]ecs?\.?|[Aa]rts?\.?|[Ss]s?\.|[Rr]r?\.|[Oo]\.|§§?|[Uu]/[Ss]s?\.?|[Ss](?=\s\d))"
)
_SUB = r"(?:\s?\(\s?(?:\d{1,3}|[ivxlc]{1,6}|[A-Za-z]{1,2}|\d[- ]?[A-Z])\s?\))"
_NUMBER = rf"(?:\d{{1,4}}(?:\s?-\s?[A-Z]{{1,3}}\b|[A-Z]{{1,3}}\b)?(?:\.\d{{1,3}})*|[IVXLC]{{1,6}}(?:-?[A-Z])?\b){_SUB}{{0,4}}"
_JOIN = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s*/\s*|\s+and\s+|\s*&\s*|\s+or\s+|\s+to\s+|\s*-\s*|\s+r/w\s+|\s+read\s+with\s+)"
_PROVISION = re.compile(
    rf"(?<![\w.]){_HEAD}\s*(?:Nos?\.?\s*)?{_NUMBER}(?:{_JOIN}(?:{_NUMBER}|{_SUB}(?!\w)))*(?![\w])"
)


@dataclass(frozen=True)
class Provisions(LegalSource):
    """Provisions by citation pattern."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Provisions in the text."""
        text = doc.text
        for found in _PROVISION.finditer(text):
            yield rule_match(text, found.start(), found.end(), "PROVISION", "section, article or rule number")
