"""Statutes, their provisions, and forms filed under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import LegalPatterns, LegalSource, Walk, alternation, rule_match, walk_left
from hybrid_ner.matching.match import Match
from hybrid_ner.text.prefilter import WordPattern

_RE = LegalPatterns(__file__)

_CONNECTORS = frozenset({"of", "and", "&", "for", "the", "to", "from", "on", "against", "or"})


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
    def _head(self) -> WordPattern:
        return WordPattern(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

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
            ("act by number", _RE.words.NUMBERED),
            ("act by year", _RE.words.BARE_YEAR),
            ("code of", _RE.words.CODE_OF),
            ("constitution", _RE.words.CONSTITUTION),
            ("European act by number", _RE.words.COMMUNITY),
            ("treaty or law on a subject", _RE.words.TREATY),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "STATUTE", rule)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            for earlier in _RE.EARLIER.finditer(text, start, found.start()):
                start = earlier.end()
            name = " ".join(text[start : found.end()].split()).casefold()
            if start == found.start() or name in self._generic:
                continue
            subject = _RE.words.CODE_OF.match(text, found.start())  # "California Code of Civil Procedure"
            year = subject or _RE.YEAR.match(text, found.end())
            end = year.end() if year else found.end()
            yield rule_match(text, start, end, "STATUTE", f"… {found.group()}")


@dataclass(frozen=True)
class Provisions(LegalSource):
    """Provisions by citation pattern."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Provisions in the text."""
        text = doc.text
        for pattern, rule in (*_RE.rules_of("provisions"), (_RE.words.AMERICAN, "American section or rule")):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "PROVISION", rule)


@dataclass(frozen=True)
class Forms(LegalSource):
    """Forms by their number.

    Args:
        name: Name of the source.
        numbers: Those that are plain numbers.
    """

    numbers: tuple[str, ...]

    @cached_property
    def _form(self) -> WordPattern:
        plain = rf"{alternation(self.numbers)}(?![\w/-]|\.\d)"
        return WordPattern(
            r"\b(?:Substitute\s{1,40}|(?:19|20)\d\d\s)?(?:Forms?|FORMS?)\s{1,40}(?:No\.?\s{0,40})?"
            + f"(?:{_RE.source('LETTERED')}|{plain})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Forms in the text."""
        text = doc.text
        rules = (
            ("form", self._form),
            ("schedule that is filed", _RE.words.SCHEDULE),
            ("number of a form", _RE.words.BARE),
        )
        for rule, pattern in rules:
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "FORM", rule)


_REACH = 160
"""Characters before its last word that the name of an index or a plan is looked for."""


@dataclass(frozen=True)
class Instruments(LegalSource):
    """Indices, benefit plans, accounting standards and trading markets that filings name."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        """Instruments in the text."""
        text = doc.text
        for rule, head, name in (
            ("index", _RE.words.INDEX_END, _RE.INDEX),
            ("plan by its section", _RE.words.SECTION_END, _RE.SECTION),
            ("benefit plan", _RE.words.PLAN_END, _RE.PLAN),
        ):
            done = 0
            for last in head.finditer(text):
                found = name.search(text, max(done, last.start() - _REACH), last.end())
                done = last.end()
                if found:
                    yield rule_match(text, found.start(), found.end(), "INSTRUMENT", rule)
        for found in _RE.words.STANDARD.finditer(text):
            yield rule_match(text, *found.span(found.lastgroup or 0), "INSTRUMENT", "title of a standard")
        for pattern, rule in ((_RE.words.MARKET, "market"), *_RE.rules_of("named")):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "INSTRUMENT", rule)
