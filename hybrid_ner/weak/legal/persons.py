"""Other persons: titles, kinship, signatures, offices, well-known given and family names."""

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
    r"\b(?:[SDWsdwCc]/[oO]\.?|(?:son|daughter|wife|widow|husband|father|mother|brother|sister|uncle"
    r"|aunt|nephew|niece|cousin"
    r"|father-in-law|mother-in-law|brother-in-law|sister-in-law)(?:\s{1,40}of\s{1,40}(?:late\s{1,40}"
    r"|the\s{1,40})?|\s{0,40}-\s{0,40}|\s{1,40}))"
)
_RULES = (
    ("title …", rf"\b{HONORIFIC}(?P<name>{NAME})"),
    ("kin of …", rf"{_KIN}{HONORIFIC}{{0,2}}(?P<name>{NAME})"),
    (
        "accused …",
        rf"\b(?:[Aa]ccused|[Dd]eceased|[Cc]omplainant|[Pp]rosecutrix|[Ii]njured|[Vv]ictim|[Ii]nformant"
        rf"|co-accused)\s{{0,40}},?\s?(?:[Nn]o\.?\s?\d{{1,2}}"
        rf"|\d{{1,2}})?\s?[-–:,]?\s?{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    ("A1 …", rf"\bA-?\d{{1,2}}\s?[-,]?\s?\(?{HONORIFIC}?(?P<name>{NAME})"),
    (
        "one …",
        rf"(?<!of\s)(?<!than\s)(?<!least\s)(?<!any\s)(?<!each\s)\b(?:one|namely"
        rf"|named)\s{{0,40}},?\s{{0,40}}{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    (
        "… (deceased)",
        rf"(?P<name>{NAME})\s?(?:\(\s?|,\s)(?:since\s{{1,40}})?(?:deceased|complainant|injured"
        rf"|prosecutrix|A-?\d)\b",
    ),
    ("…'s case", rf"(?P<name>{NAME})['’‟]s\s{{1,40}}case\b"),
    (
        "rank …",
        rf"\b(?:Inspector|Sub-Inspector|S\.?I\.?|ASI|A\.S\.I\.?|HC|Head\s{{1,40}}Constable|Constable|Ct\.|ACP"
        rf"|DSP|SHO|PSI|P\.S\.I\.?)\s{{1,40}}(?P<name>{NAME})",
    ),
    ("signed …", rf"/s/\s{{0,40}}(?P<name>{NAME})"),
    (
        "by …",
        rf"(?:^|\n|\s)(?:By|Name|Attn|Attention|ATTN)\s?:\s{{0,40}}"
        rf"(?:/s/\s{{0,40}})?{HONORIFIC}?(?P<name>{NAME})",
    ),
    (
        "…, office",
        rf"(?P<name>{NAME}),\s(?:(?:our|the|its|as|Jr\.|Esq\.|Ph\.?D\.?,?|M\.?D\.?,?|CPA,?)\s?){{0,2}}"
        rf"(?:President|Chairman|Chief\s{{1,40}}(?:Executive|Financial|Operating)|Vice\s{{1,40}}President"
        rf"|Executive\s{{1,40}}Vice|Senior\s{{1,40}}Vice|Secretary|Treasurer|Director"
        rf"|General\s{{1,40}}Counsel|CEO|CFO|COO"
        rf"|Managing\s{{1,40}}(?:Director|Partner)|Esq)",
    ),
    (
        "office, …",
        rf"\b(?:Chief\s{{1,40}}(?:Executive|Financial|Operating)\s{{1,40}}Officer|CEO|CFO|President|Chairman"
        rf"|Treasurer|Secretary)\s{{0,40}},\s(?P<name>{NAME})",
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
