"""People by their role in a case: judges, parties, witnesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import rule_match
from hybrid_ner.domains.legal.persons import HONORIFIC, NAME, OF_SEVERAL, NameBefore, NameSource, Searched
from hybrid_ner.matching.match import Match
from hybrid_ner.sources.base import read_matches
from hybrid_ner.text.prefilter import WordPattern

_AFTER = NameBefore(r"\s?[,.]?\s{1,2}(?:C\.?\s?J\.?(?:I\.?)?|A\.?C\.?J\.?|J\.)(?![\w'’])", "J(?![a-z])")
_AFTER_COMMA = NameBefore(r"\s?,\s{0,2}(?:C\.?J\.?I?|J)\b(?!\s?\.?\s?[A-Z][a-z]*\s{1,40}v)", "J(?![a-z])")
_SEVERAL = NameBefore(
    r"\s?,?\s{0,40}(?:JJ?\.?\s?J\.?|J[Jj]|Jjj)(?!\w)",
    r"J[J.\s]{0,3}[Jj]",
    rf"(?P<names>{NAME}(?:\s?,\s?(?:J\.?|C\.\s?J\.)?(?:\s?,\s?)?(?:and\s{{1,40}}|&\s{{0,40}})?{NAME}"
    rf"|\s{{1,40}}(?:C\.\s?J\.\s{{1,40}})?(?:and|And|AND|&)\s{{1,80}}{HONORIFIC}?{NAME}){{1,6}})",
    OF_SEVERAL,
)
_SIGNED = WordPattern(
    rf"\(\s?{HONORIFIC}?(?P<name>{NAME})\s?\)\s{{0,3}}(?:,\s?)?(?:JUDGE|Judge|J\.|Chief\s{{1,40}}Justice"
    rf"|CHIEF\s{{1,40}}JUSTICE)"
)
_OFFICE = NameBefore(
    r"\s?(?:,\s{0,2}|\(\s?)(?:(?:[Ll]d|[Ll]earned)\b\.?\s{1,2})?"
    r"(?:(?:Addl\.?|Additional|Chief|Civil|District|Judicial|Metropolitan|Presiding|Principal|Senior|Sessions|Sub|Sr\.|&|and)"
    r"[\s-]{1,2}){0,4}(?:Judge|JUDGE|Magistrate|MAGISTRATE)\b",
    "J(?:udge|UDGE)|M(?:agistrate|AGISTRATE)",
)
_US = WordPattern(
    rf"\b(?:Circuit|District|Magistrate|Bankruptcy|Senior|Chief"
    rf"|Administrative\s{{1,40}}Law)\s{{1,40}}Judges?\s{{1,40}}(?P<name>{NAME})"
)
_CALLED = WordPattern(
    r"(?<!District )(?<!Sessions )(?<!Civil )(?<!Special )(?<!Additional )(?<!Sub )(?<!-)"
    rf"\b(?:Judge|(?:Vice\s{{1,3}})?Chancellor)\s{{1,3}}(?P<name>{NAME})(?!\s?,?\s{{1,3}}(?:Court|Judge))"
)
_COURT_OF = WordPattern(
    rf"(?i:\bin\s{{1,40}}the\s{{1,40}}court\s{{1,40}}of)\s{{1,40}}{HONORIFIC}{{0,2}}(?P<name>{NAME})"
)
_SPLIT = re.compile(NAME)


@dataclass(frozen=True)
class Judges(NameSource):
    """Names with a judge's title."""

    @cached_property
    def _titled(self) -> WordPattern:
        return WordPattern(
            r"(?:\b(?:Justice|JUSTICE|Justices)\b\.?|\bHon['’‟]?\s?(?:ble|BLE|Ble|'Ble)\s{1,40}"
            r"(?:the\s{1,40})?(?=(?:Mr|Mrs|Ms|Shri|Sri|Smt|Dr)\b))"
            rf"[\s:]{{0,40}}{self.titles}(?P<name>{NAME})"
        )

    @cached_property
    def _patterns(self) -> tuple[tuple[str, Searched], ...]:
        return (
            ("Justice …", self._titled),
            ("…, J.", _AFTER),
            ("…, J", _AFTER_COMMA),
            ("(…) Judge", _SIGNED),
            ("…, Judge", _OFFICE),
            ("Circuit Judge …", _US),
            ("Judge …", _CALLED),
            ("in the court of …", _COURT_OF),
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Judges in the text."""
        text = doc.text
        for rule, pattern in self._patterns:
            yield from self.people(text, pattern, "JUDGE", rule)
        for found in _SEVERAL.finditer(text):
            for part in _SPLIT.finditer(text, *found.span("names")):
                span = self.person(text, *part.span())
                if span:
                    yield rule_match(text, *span, "JUDGE", "… and …, JJ.")


_SIDES = (
    ("PETITIONER", r"(?:appellant|petitioner|applicant|plaintiff|revisionist|review\s{1,40}petitioner)"),
    ("RESPONDENT", r"(?:respondent|defendant|opponent|opposite\s{1,40}party|non-applicant)"),
)
_NUMBER = (
    r"(?:\s?[-–]?\s?\(?(?:[Nn]os?\.?\s?|[Nn]umber\s)?(?:\d{1,2}(?:(?:\s?,\s?|\s(?:and|to|&)\s)\d{1,2}){0,4}"
    r"|[A-Z]\d?|[ivxl]{1,4})\)?)"
)
"""``No. 2``, ``Nos. 1 and 2``, ``Nos. 4 to 7``."""


@dataclass(frozen=True)
class Parties(NameSource):
    """Names beside the word for a side of the case."""

    @cached_property
    def _patterns(self) -> tuple[tuple[str, Searched, Searched], ...]:
        return tuple(
            (
                label,
                WordPattern(
                    rf"\b(?i:(?:accused\s?[/-]\s?)?{word}(?P<plural>s)?){_NUMBER}?\s?(?:,|-|–|:|/|namely,?|,?\sthat\sis,?|viz\.?,?"
                    rf"|i\.e\.,?|is\s{{1,40}}one)?\s?"
                    rf"(?:one\s{{1,40}})?(?:M/[sS]\.?\s?)?{self.titles}(?P<name>{NAME})"
                ),
                NameBefore(
                    r"\s?(?:,\s?|\(\s?|/)(?:the\s{1,40})?(?:accused[/-]"
                    r"|present\s{1,40}|(?:first|second|third|fourth|fifth|sixth)\s{1,40}"
                    rf"|\d[a-z]{{2}}\s{{1,40}})?(?i:{word})s?\b",
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
            yield from self.people(text, before, label, f"… ({label.casefold()})")


_WITNESS_NUMBER = (
    r"(?:\b(?:P\.?\s?W|D\.?\s?W|C\.?\s?W|R\.?\s?W|A\.?\s?W|PE|L\.?\s?W|NAW)s?(?![A-Za-z])\.?[\s\xad/-]*"
    r"(?:No\.?\s{0,40})?\d{1,3}(?:/[A-Z\d]{1,2})?(?![\d/]))"
)
_BEFORE = NameBefore(
    r"(?:\s(?:SHO|ASI|SI|HC|BDPO|IO|Inspector))?\s?,?\s{0,2}(?:[(\[]\s?"
    rf"(?:as\s{{1,40}})?{_WITNESS_NUMBER}|(?:as\s{{1,40}}"
    rf"|-\s?)?{_WITNESS_NUMBER}(?!\s{{0,40}}[,(-]?\s{{0,40}}(?:Mr|Sh|Smt|Dr|Shri|HC|ASI|SI|Ct)\b))",
    r"[PDCRAL]\.?\s?W|PE|NAW",
)
_WITNESS = WordPattern(
    rf"\b(?:[Ww]itness(?P<plural>es)?|WITNESS)\s{{1,40}}(?:namely\s{{0,40}},?\s{{0,40}})?(?:[Mm]r\.\s{{1,40}}"
    rf"|[Ss]hri\s{{1,40}}"
    rf"|[Ss]mt\.\s{{1,40}})?(?P<name>{NAME})"
)


@dataclass(frozen=True)
class Witnesses(NameSource):
    """Names beside a witness number."""

    @cached_property
    def _after(self) -> WordPattern:
        return WordPattern(
            rf"{_WITNESS_NUMBER}\s{{0,2}}[),–:-]?\s{{0,2}}(?:is\s{{1,40}}|was\s{{1,40}}"
            rf"|namely\s{{1,40}})?\(?\s?{self.titles}(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Witnesses in the text."""
        text = doc.text
        for rule, pattern in (
            ("PW number …", self._after),
            ("… PW number", _BEFORE),
        ):
            yield from self.people(text, pattern, "WITNESS", rule)
        yield from self.listed(text, _WITNESS, "WITNESS", "witness …")
