"""Names of legislation: ``Motor Vehicles Act, 1988``, ``Code of Civil Procedure``, ``Act 5 of 1898``."""

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

__all__ = ["Statutes"]

_CONNECTORS = frozenset({"of", "and", "&", "for", "the", "to", "from", "on", "against", "or"})
_YEAR = re.compile(r"\s?[.,]?\s{0,40}(?:of\s{1,40}|\()?(?:1[6-9]|20)\d\d\b\)?(?![-/.]\d)")
_NUMBERED = re.compile(
    r"\b(?:Act|Ordinance|Regulation)\s{1,40}(?:No\.?\s{0,40})?(?:\d{1,3}"
    r"|[IVXLC]{1,7})\s{1,40}of\s{1,40}(?:1[6-9]|20)\d\d\b"
)
_CODE_OF = re.compile(
    r"\bCode\s{1,40}of\s{1,40}(?:[A-Z][\w-]{1,40}|Federal)(?:\s{1,40}"
    r"(?:and\s{1,40})?[A-Z][\w-]{1,40}){0,3}(?:\s{0,40},?\s{0,40}\(?(?:of\s{1,40})?"
    r"(?:1[89]|20)\d\d\b\)?)?"
)
_CONSTITUTION = re.compile(
    r"\bConstitution(?:\s{1,40}of\s{1,40}(?:the\s{1,40})?[A-Z]\w{1,40}(?:\s{1,40}"
    r"(?:of\s{1,40})?[A-Z]\w{1,40})?)?\b"
)
_BARE_YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\s{1,40}Act\b|\bAct\s{1,40}of\s{1,40}(?:1[6-9]|20)\d\d\b")


@dataclass(frozen=True)
class Statutes(LegalSource):
    """Legislation by head word, by number and year, and by fixed forms.

    Args:
        heads: Words that end a name of legislation.
        stops: Capitalized words that do not belong to the name in front of the head.
        generic: Whole names, folded, that name no single piece of legislation.
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]

    @cached_property
    def _head(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

    @cached_property
    def _walk(self) -> Walk:
        heads = frozenset(head.casefold() for head in self.heads)
        return Walk(_CONNECTORS, frozenset(self.stops), heads, commas=True, numbers=False)

    @cached_property
    def _generic(self) -> frozenset[str]:
        return frozenset(self.generic)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Legislation in the text."""
        text = doc.text
        yield from self._named(text)
        for rule, pattern in (
            ("act by number", _NUMBERED),
            ("act by year", _BARE_YEAR),
            ("code of", _CODE_OF),
            ("constitution", _CONSTITUTION),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "STATUTE", rule)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            name = " ".join(text[start : found.end()].split()).casefold()
            if start == found.start() or name in self._generic:
                continue
            year = _YEAR.match(text, found.end())
            end = year.end() if year else found.end()
            yield rule_match(text, start, end, "STATUTE", f"… {found.group()}")
