"""Courts, tribunals and benches by head word, by fixed form, and by judicial officer with a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match
from hybrid_ner.weak.legal.lists import alternation
from hybrid_ner.weak.legal.walk import Walk, walk_left

__all__ = ["Courts"]

_CONNECTORS = frozenset({"of", "and", "&", "for", "the"})
_CAP = r"[A-Z][\w.&'’-]*"
_TOWN = r"(?:[A-Z][a-z]{2,}|[A-Z]{3,})"
_PLACE = rf"{_TOWN}(?:[ \xa0]{{1,3}}{_TOWN})?"
_FIXED = re.compile(
    r"\b(?:(?:Hon'ble\s+)?(?P<name>(?:Supreme|SUPREME|Apex|APEX|apex)\s+(?:Court|COURT|court)"
    rf"(?:\s+(?:of|OF|Of)\s+(?:the\s+|THE\s+)?(?:India|INDIA|United\s+States(?:\s+of\s+America)?|U\.?S\.?A?\.?|{_CAP}))?))"
)
_HIGH = re.compile(
    r"\b(?:High\s+Court|HIGH\s+COURT)\s+(?:[Oo]f|OF|[Aa]t|AT|[Ff]or|FOR)\s+(?:the\s+|[Tt]he\s+[Ss]tate\s+of\s+)?"
    rf"(?:(?:Judicature|JUDICATURE)\s+(?:[Aa]t|AT|[Oo]f|OF|[Ff]or|FOR)\s+)?{_PLACE}"
    rf"(?:\s+(?:and|And|AND|&)\s+{_PLACE})?"
    rf"(?:(?:,|\s)\s*(?:[Aa]t|AT)\s+{_PLACE}|\s?:\s?{_TOWN}(?=[ ]*\n)|,\s*(?:{_PLACE}\s+)?(?:Bench|BENCH)(?:\s+(?:[Aa]t\s+)?{_CAP})?)?"
)
_CIRCUIT = re.compile(
    r"\b(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|D\.?C\.?|Federal)\s+Circuit"
    r"(?:\s+Court\s+of\s+Appeals)?\b"
)
_AMERICAN = re.compile(
    r"\b(?:(?:United\s+States|U\.\s?S\.|US)\s+)?(?:(?:District|Bankruptcy|Superior|Circuit)\s+Courts?"
    r"|Supreme\s+Court(?=\s+of\s+the\s+State)"
    r"|Courts?\s+of\s+(?:Appeals?|Claims|Chancery|Common\s+Pleas|Federal\s+Claims|International\s+Trade))"
    rf"\s+(?:for|of)\s+(?:the\s+)?{_CAP}(?:\s+(?:of\s+|and\s+for\s+)?(?:the\s+)?{_CAP}){{0,6}}"
)
_CHANCERY = re.compile(
    r"\b(?:(?:Delaware|United\s+States|U\.S\.)\s+)?Court\s+of\s+(?:Chancery|Appeals|Claims|Common\s+Pleas)\b"
)
_TAIL = re.compile(
    rf"(?:\s*-?\s*No\.?\s*\d+)?(?:\s*\([A-Z][\w.\s-]{{0,24}}\))?(?:\s*,\s*|\s+(?:at|At|AT)\s+){_PLACE}"
)
_SEAT = re.compile(
    rf"\b(?!Division|Full|Single|Larger|The|A\b){_PLACE}\s+Bench\s+[Oo]f\s+(?:[Tt]he\s+)?(?=[A-Z])(?:[A-Z]\w+\s+(?:and\s+|&\s+)?){{1,3}}High\s+Court\b"
)


@dataclass(frozen=True)
class Courts(LegalSource):
    """Particular courts.

    Args:
        heads: Words that end the name of a court.
        stops: Capitalized words that do not belong to the name in front of the head.
        generic: Whole names, folded, that name no particular court.
        officers: Judicial officers that stand for their court when a place follows.
        modifiers: Words that may stand in front of an officer.
        barriers: Capitalized words, folded, that the name starts after ("Bench of the Madras High Court").
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]
    officers: tuple[str, ...]
    modifiers: tuple[str, ...]
    barriers: tuple[str, ...]

    @cached_property
    def _head(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

    @cached_property
    def _officer(self) -> re.Pattern[str]:
        modifiers = alternation(self.modifiers)
        return re.compile(
            rf"(?<![\w-])(?:(?:{modifiers}|[IVX]{{1,5}})\s+){{0,4}}{alternation(self.officers)}"
            rf"(?:\s*[-–\xad]\s*[IVX\d]+)?(?:\s*\([A-Z][\w.\s-]{{0,24}}\))?(?:\s*,?\s*No\.?\s*\d+)?"
            rf"(?:\s*,\s*|\s+(?:at|of)\s+){_PLACE}(?:(?:\s*,\s*|\s+at\s+){_PLACE})?"
        )

    @cached_property
    def _walk(self) -> Walk:
        return Walk(_CONNECTORS, frozenset(self.stops), frozenset(self.barriers), parentheses=False, most=9)

    @cached_property
    def _generic(self) -> frozenset[str]:
        return frozenset(self.generic)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Courts in the text."""
        text = doc.text
        for found in _FIXED.finditer(text):
            yield rule_match(text, *found.span("name"), "COURT", "highest court")
        for rule, pattern in (
            ("high court of a place", _HIGH),
            ("federal circuit", _CIRCUIT),
            ("United States court", _AMERICAN),
            ("court of chancery or appeal", _CHANCERY),
            ("seat of a high court", _SEAT),
            ("judicial officer with a place", self._officer),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "COURT", rule)
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            name = " ".join(text[start : found.end()].split()).casefold()
            if name in self._generic or (start == found.start() and " " not in name):
                continue
            yield rule_match(text, start, found.end(), "COURT", f"… {found.group()}")
            tail = _TAIL.match(text, found.end())
            if tail:
                yield rule_match(text, start, tail.end(), "COURT", f"… {found.group()}, place")
