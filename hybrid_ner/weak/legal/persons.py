"""Other persons: titles, kinship, signatures, offices, and names that hold a well-known given or family name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import rule_match
from hybrid_ner.weak.legal.names import HONORIFIC, NAME, NameSource

__all__ = ["Persons"]

_RUN = re.compile(NAME)
_KIN = (
    r"\b(?:[SDWsdwCc]/[oO]\.?|(?:son|daughter|wife|widow|husband|father|mother|brother|sister|uncle|aunt|nephew|niece|cousin"
    r"|father-in-law|mother-in-law|brother-in-law|sister-in-law)(?:\s+of\s+(?:late\s+|the\s+)?|\s*-\s*|\s+))"
)
_RULES = (
    ("title …", rf"\b{HONORIFIC}(?P<name>{NAME})"),
    ("kin of …", rf"{_KIN}{HONORIFIC}{{0,2}}(?P<name>{NAME})"),
    (
        "accused …",
        rf"\b(?:[Aa]ccused|[Dd]eceased|[Cc]omplainant|[Pp]rosecutrix|[Ii]njured|[Vv]ictim|[Ii]nformant|co-accused)\s*,?\s?(?:[Nn]o\.?\s?\d{{1,2}}|\d{{1,2}})?\s?[-–:,]?\s?{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    ("A1 …", rf"\bA-?\d{{1,2}}\s?[-,]?\s?\(?{HONORIFIC}?(?P<name>{NAME})"),
    (
        "one …",
        rf"(?<!of\s)(?<!than\s)(?<!least\s)(?<!any\s)(?<!each\s)\b(?:one|namely|named)\s*,?\s*{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    (
        "… (deceased)",
        rf"(?P<name>{NAME})\s?(?:\(\s?|,\s)(?:since\s+)?(?:deceased|complainant|injured|prosecutrix|A-?\d)\b",
    ),
    ("…'s case", rf"(?P<name>{NAME})['’‟]s\s+case\b"),
    (
        "rank …",
        rf"\b(?:Inspector|Sub-Inspector|S\.?I\.?|ASI|A\.S\.I\.?|HC|Head\s+Constable|Constable|Ct\.|ACP|DSP|SHO|PSI|P\.S\.I\.?)\s+(?P<name>{NAME})",
    ),
    ("signed …", rf"/s/\s*(?P<name>{NAME})"),
    ("by …", rf"(?:^|\n|\s)(?:By|Name|Attn|Attention|ATTN)\s?:\s*(?:/s/\s*)?{HONORIFIC}?(?P<name>{NAME})"),
    (
        "…, office",
        rf"(?P<name>{NAME}),\s(?:(?:our|the|its|as|Jr\.|Esq\.|Ph\.?D\.?,?|M\.?D\.?,?|CPA,?)\s?){{0,2}}(?:President|Chairman|Chief\s+(?:Executive|Financial|Operating)|Vice\s+President|Executive\s+Vice|Senior\s+Vice|Secretary|Treasurer|Director|General\s+Counsel|CEO|CFO|COO|Managing\s+(?:Director|Partner)|Esq)",
    ),
    (
        "office, …",
        rf"\b(?:Chief\s+(?:Executive|Financial|Operating)\s+Officer|CEO|CFO|President|Chairman|Treasurer|Secretary)\s*,\s(?P<name>{NAME})",
    ),
)
_PATTERNS = tuple((rule, re.compile(pattern)) for rule, pattern in _RULES)


@dataclass(frozen=True)
class Persons(NameSource):
    """Persons without a role in the case.

    Args:
        given: English-language given names; further words must follow.
        indian: Indian given and family names; one alone is enough.
    """

    given: tuple[str, ...]
    indian: tuple[str, ...]

    @cached_property
    def _given(self) -> frozenset[str]:
        return frozenset(self.given) | frozenset(name.upper() for name in self.given)

    @cached_property
    def _indian(self) -> frozenset[str]:
        return frozenset(self.indian) | frozenset(name.upper() for name in self.indian)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Persons in the text."""
        text = doc.text
        for rule, pattern in _PATTERNS:
            yield from self.people(text, pattern, "OTHER_PERSON", rule)
        for run in _RUN.finditer(text):
            span = self.person(text, *run.span())
            if (
                span
                and span[1] == run.end() - (text[run.end() - 1] == ".")
                and self._known(text[slice(*span)])
            ):
                yield rule_match(text, *span, "OTHER_PERSON", "known given or family name", 0.8)

    def _known(self, name: str) -> bool:
        words = re.findall(r"[A-Za-z]+", name)
        return (len(words) > 1 and words[0] in self._given) or not self._indian.isdisjoint(words)
