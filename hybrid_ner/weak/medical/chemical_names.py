"""Systematic chemical names around a chemical that an earlier source found.

"17beta-estradiol" or "[3H]-naloxone": the dictionary knows the last part only. The mention is the whole
chunk without spaces, provided that everything else in it is a locant, an isotope or a part of systematic
names; a salt after it ("bupropion HCl") belongs to it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.aggregate import aggregate
from hybrid_ner.weak.medical.base import CHEMICAL, MedicalSource, rule_match
from hybrid_ner.weak.rulefiles import alternation

__all__ = ["ChemicalNames"]

_CHUNK = re.compile(r"[^\s/;=<>]+")
_PART = re.compile(r"[^\W_]+")
_LOCANT = re.compile(
    r"\d{0,3}[a-hHNOSRDLEZ]{0,3}\d{0,3}|\d*(?:alpha|beta|gamma|delta|omega|[αβγδω])\d*|cis|trans|all|rac|dl|tert|sec"
    r"|ortho|meta|para|[opmnlds]|exo|endo|threo|erythro|iso|myo|scyllo|sn|tele|pros|syn"
    r"|\d{1,3}(?:H|C|F|I|P|S|N|O|Tc|Ga|In|Tl|Xe|Rb|Cu|Zr|Lu|Y)m?|(?:Tc|Ga|In|Tl|I|C|F)\d{1,3}m?|99mTc|Tc99m",
)
_OPENERS, _CLOSERS = "([{", ")]}"


@dataclass(frozen=True)
class ChemicalNames(MedicalSource):
    """Extends found chemicals to their whole systematic name.

    Args:
        reads: Names of the sources whose chemicals are looked at, in order of trust.
        morphemes: Parts of systematic names.
        salts: Words after a chemical that belong to it.
    """

    reads: tuple[str, ...]
    morphemes: tuple[str, ...]
    salts: tuple[str, ...]

    @cached_property
    def _systematic(self) -> re.Pattern[str]:
        return re.compile(f"(?:{alternation(self.morphemes)}[aeio]?){{1,12}}s?", re.IGNORECASE)

    @cached_property
    def _salt(self) -> re.Pattern[str]:
        return re.compile(rf"(?:[ -]{alternation(self.salts)})+(?![\w-])", re.IGNORECASE)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found chemical whose name goes on to the left or right, with the whole name."""
        text = doc.text
        chemicals = [v.match for v in aggregate(doc, self.reads) if v.match.label == CHEMICAL]
        for match in chemicals:
            start, end = self._chunk(text, match, chemicals)
            salt = self._salt.match(text, end)
            end = salt.end() if salt else end
            if (start, end) != (match.start, match.end):
                yield rule_match(text, start, end, CHEMICAL, text[match.start : match.end])

    def _chunk(self, text: str, match: Match, chemicals: list[Match]) -> tuple[int, int]:
        start, end = _chunk_bounds(text, match.start, match.end)
        if start < match.start and text[match.start - 1] not in "-]":
            start = match.start
        if end > match.end and text[match.end] not in "-(":
            end = match.end
        while start < match.start and not self._belongs(text[start : match.start]):
            start = _next_part(text, start, match.start)
        while end > match.end and not self._follows(text[match.end : end]):
            end = _previous_part(text, match.end, end)
        return _balanced(text, start, end, match)

    def _belongs(self, rest: str) -> bool:
        parts = [part.group() for part in _PART.finditer(rest)]
        if rest.endswith("]") and "-" not in rest:
            return False
        return bool(parts) and all(
            _LOCANT.fullmatch(part) or self._systematic.fullmatch(part) for part in parts
        )

    def _follows(self, rest: str) -> bool:
        """Whether the end of a chunk belongs to the name: more than a bare number, as receptors have."""
        parts = [part.group() for part in _PART.finditer(rest)]
        return self._belongs(rest) and any(self._systematic.fullmatch(part) for part in parts)


def _chunk_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not text[start - 1].isspace() and text[start - 1] not in "/;=<>":
        start -= 1
    while end < len(text) and not text[end].isspace() and text[end] not in "/;=<>":
        end += 1
    return start, end


def _next_part(text: str, start: int, limit: int) -> int:
    part = _PART.search(text, start, limit)
    if part is None:
        return limit
    following = _PART.search(text, part.end(), limit)
    return following.start() if following else limit


def _previous_part(text: str, limit: int, end: int) -> int:
    parts = list(_PART.finditer(text, limit, end))
    return parts[-2].end() if len(parts) > 1 else limit


def _balanced(text: str, start: int, end: int, match: Match) -> tuple[int, int]:
    """Without punctuation at the edges, and without brackets that open or close outside."""
    while end > match.end and not (text[end - 1].isalnum() or text[end - 1] in _CLOSERS):
        end -= 1
    while start < match.start and not (text[start].isalnum() or text[start] in _OPENERS):
        start += 1
    opened = sum(text.count(c, start, end) for c in _OPENERS)
    closed = sum(text.count(c, start, end) for c in _CLOSERS)
    return (start, end) if opened == closed else (match.start, match.end)
