"""Courts by head word, fixed form, and officer with a place; and who is there: judges, parties, witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import (
    HONORIFIC,
    NAME,
    LegalPatterns,
    LegalSource,
    NameBefore,
    Searched,
    Walk,
    alternation,
    rule_match,
    walk_left,
)
from hybrid_ner.domains.legal.names import NameSource
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import read_matches
from hybrid_ner.text.prefilter import WordPattern

_RE = LegalPatterns(__file__, HONORIFIC=HONORIFIC, NAME=NAME)

_CONNECTORS = frozenset({"of", "and", "&", "for", "the"})


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
    def _head(self) -> WordPattern:
        return WordPattern(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

    @cached_property
    def _officer(self) -> WordPattern:
        modifiers = alternation(self.modifiers)
        return WordPattern(
            rf"(?<![\w-])(?:(?:{modifiers}|[IVX]{{1,5}})\s{{1,40}}){{0,4}}{alternation(self.officers)}"
            rf"(?:\s{{0,40}}[-–\xad]\s{{0,40}}[IVX\d]+)?(?:\s{{0,40}}\([A-Z][\w.\s-]{{0,24}}\))?"
            rf"(?:\s{{0,40}},?\s{{0,40}}No\.?\s{{0,40}}\d+)?"
            rf"(?:\s{{0,40}},\s{{0,40}}|\s{{1,40}}(?:at|of)\s{{1,40}}){_RE.source('PLACE')}(?:"
            rf"(?:\s{{0,40}},\s{{0,40}}|\s{{1,40}}at\s{{1,40}}){_RE.source('PLACE')})?"
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
        for found in _RE.words.FIXED.finditer(text):
            yield rule_match(text, *found.span("name"), "COURT", "highest court")
        for pattern, rule in (*_RE.rules_of("courts"), (self._officer, "judicial officer with a place")):
            for found in pattern.finditer(text):
                group = "name" if "name" in found.re.groupindex else 0
                yield rule_match(text, *found.span(group), "COURT", rule)
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            if signed := _RE.SIGNED.match(text, start, found.start()):
                start = signed.end()
            name = " ".join(text[start : found.end()].split()).casefold()
            if name in self._generic or (start == found.start() and " " not in name):
                continue
            if _RE.HOUSE.search(text, max(0, start - 7), start):
                continue
            yield rule_match(text, start, found.end(), "COURT", f"… {found.group()}")
            tail = _RE.TAIL.match(text, found.end())
            if tail:
                yield rule_match(text, start, tail.end(), "COURT", f"… {found.group()}, place")


@dataclass(frozen=True)
class Judges(NameSource):
    """Names with a judge's title."""

    @cached_property
    def _titled(self) -> WordPattern:
        return WordPattern(
            r"(?:\b(?:Justice|(?<!OF )JUSTICE|Justices)\b(?:(?<!of Justice)\.)?"
            r"|\bHon['’‟]?\s?(?:ble|BLE|Ble|'Ble)\s{1,40}"
            r"(?:the\s{1,40})?(?=(?:Mr|Mrs|Ms|Shri|Sri|Smt|Dr)\b))"
            rf"[\s:]{{0,40}}{self.titles}(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Judges in the text."""
        text = doc.text
        for pattern, rule in ((self._titled, "Justice …"), *_RE.rules_of("judges")):
            yield from self.people(text, pattern, "JUDGE", rule)
        for found in _RE.words.PEER.finditer(text):
            if span := self.person(text, *found.span(found.lastgroup or 0)):
                yield rule_match(text, *span, "JUDGE", "Lord … said")
        for found in (*_RE.near("SEVERAL").finditer(text), *_RE.near("SEVERAL_JUDGES").finditer(text)):
            for part in _RE.SPLIT.finditer(text, *found.span("names")):
                span = self.person(text, *part.span())
                if span:
                    yield rule_match(text, *span, "JUDGE", "… and …, JJ.")


_SIDES = (
    ("PETITIONER", r"(?:appellant|petitioner|applicant|plaintiff|revisionist|review\s{1,40}petitioner)"),
    ("RESPONDENT", r"(?:respondent|defendant|opponent|opposite\s{1,40}party|non-applicant)"),
)


@dataclass(frozen=True)
class Parties(NameSource):
    """Names beside the word for a side of the case."""

    @cached_property
    def _patterns(self) -> tuple[tuple[str, Searched, Searched], ...]:
        return tuple(
            (
                label,
                WordPattern(
                    rf"\b(?i:(?:accused\s?[/-]\s?)?{word}(?P<plural>s)?){_RE.source('NUMBER')}?\s?(?:,|-|–|:|/|namely,?|,?\sthat\sis,?|viz\.?,?"
                    rf"|i\.e\.,?|is\s{{1,40}}one)?\s?"
                    rf"(?:one\s{{1,40}})?(?:M/[sS]\.?\s?)?{self.titles}(?P<name>{NAME})"
                ),
                NameBefore(
                    r"\s?(?:,\s?|\(\s?|/)(?:the\s{1,40})?(?:accused[/-]"
                    r"|present\s{1,40}|(?:first|second|third|fourth|fifth|sixth)\s{1,40}"
                    rf"|\d[a-z]{{2}}\s{{1,40}})?(?i:{word})(?P<plural>s)?\b",
                    rf"(?i:{word})",
                ),
            )
            for label, word in _SIDES
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Parties in the text."""
        text = doc.text
        firms = {m.start: m.end for m in read_matches(doc, "legal_companies")}
        for label, after, before in self._patterns:
            rule = f"{label.casefold()} …"
            for match in self.listed(text, after, label, rule):
                end = firms.get(match.start, match.end)  # "Defendant Harbor Transit Services, LLC"
                yield rule_match(text, match.start, end, label, rule) if end > match.end else match
            for found in before.finditer(text):
                # "With respect to Harbor, plaintiffs filed": one name is not several parties
                if found["plural"] and not _RE.AND_BEFORE.search(
                    text, max(0, found.start() - 10), found.start()
                ):
                    continue
                if span := self.person(text, *found.span("name")):
                    yield rule_match(text, *span, label, f"… ({label.casefold()})")


@dataclass(frozen=True)
class Witnesses(NameSource):
    """Names beside a witness number."""

    @cached_property
    def _after(self) -> WordPattern:
        return WordPattern(
            rf"{_RE.source('WITNESS_NUMBER')}\s{{0,2}}[),–:-]?\s{{0,2}}(?:is\s{{1,40}}|was\s{{1,40}}"
            rf"|namely\s{{1,40}})?\(?\s?{self.titles}(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Witnesses in the text."""
        text = doc.text
        for rule, pattern in (("PW number …", self._after), ("… PW number", _RE.near("BEFORE"))):
            yield from self.people(text, pattern, "WITNESS", rule)
        yield from self.listed(text, _RE.words.WITNESS, "WITNESS", "witness …")
