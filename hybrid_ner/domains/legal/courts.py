"""Courts by head word, fixed form, and officer with a place; and who is there: judges, parties, witnesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import (
    NAME,
    OF_SEVERAL,
    LegalSource,
    NameBefore,
    Searched,
    Walk,
    alternation,
    rule_match,
    walk_left,
)
from hybrid_ner.domains.legal.persons import HONORIFIC, NameSource
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import read_matches
from hybrid_ner.text.prefilter import WordPattern

_CONNECTORS = frozenset({"of", "and", "&", "for", "the"})
_CAP = r"[A-Z][\w.&'’-]{0,40}"
_STOPPED = r"(?<![a-z]{3}\.)"
"""No name goes on behind the end of a sentence: ``for the Ninth Circuit. This Agreement``."""
_TOWN = r"(?:[A-Z][a-z]{2,40}|[A-Z]{3,40})"
_PLACE = rf"{_TOWN}(?:[ \xa0]{{1,3}}{_TOWN})?"
_FIXED = WordPattern(
    r"\b(?:(?:Hon'ble\s{1,40})?(?P<name>(?:Supreme|SUPREME|Apex|APEX|apex)\s{1,40}(?:Court|COURT|court)"
    rf"(?:\s{{1,40}}(?:of|OF|Of)\s{{1,40}}(?:the\s{{1,40}}|THE\s{{1,40}})?(?:India|INDIA"
    rf"|United\s{{1,40}}States(?:\s{{1,40}}of\s{{1,40}}America)?"
    rf"|U\.?S\.?A?\.?|{_CAP}))?))"
)
_HIGH = WordPattern(
    r"\b(?:High\s{1,40}Court|HIGH\s{1,40}COURT)\s{1,40}(?:[Oo]f|OF|[Aa]t|AT|[Ff]or|FOR)\s{1,40}(?:the\s{1,40}"
    r"|[Tt]he\s{1,40}[Ss]tate\s{1,40}of\s{1,40})?"
    rf"(?:(?:Judicature|JUDICATURE)\s{{1,40}}(?:[Aa]t|AT|[Oo]f|OF|[Ff]or|FOR)\s{{1,40}})?{_PLACE}"
    rf"(?:\s{{1,40}}(?:and|And|AND|&)\s{{1,40}}{_PLACE})?"
    rf"(?:(?:,|\s)\s{{0,40}}(?:[Aa]t|AT)\s{{1,40}}{_PLACE}|[ \xa0]?:?[ \xa0]{{1,3}}{_TOWN}(?=[ ]*\n)"
    rf"|\s{{1,40}}(?:[Pp]rincipal\s)?(?:[Bb]ench|[Ss]eat|BENCH)\s(?:[Aa]t|AT)\s{_TOWN}|,\s{{0,40}}"
    rf"(?:{_PLACE}\s{{1,40}})?(?:Bench"
    rf"|BENCH)(?:\s{{1,40}}(?:[Aa]t\s{{1,40}})?{_CAP})?)?"
)
_CIRCUIT = WordPattern(
    r"\b(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|D\.?C\.?"
    r"|Federal)\s{1,40}Circuit"
    r"(?:\s{1,40}Court\s{1,40}of\s{1,40}Appeals)?\b"
)
_AMERICAN = WordPattern(
    r"\b(?:(?:United\s{1,40}States|U\.\s?S\.|US)\s{1,40})?(?:(?:District|Bankruptcy|Superior"
    r"|Circuit(?!\s{1,40}Courts?\s{1,40}of\s{1,40}Appeals))\s{1,40}Courts?"
    r"|Supreme\s{1,40}Court(?=\s{1,40}of\s{1,40}the\s{1,40}State)"
    r"|Courts?\s{1,40}of\s{1,40}(?:Appeals?|Claims|Chancery|Common\s{1,40}Pleas|Federal\s{1,40}Claims"
    r"|International\s{1,40}Trade))"
    rf"\s{{1,40}}(?:for|of)\s{{1,40}}(?:the\s{{1,40}})?{_CAP}(?:{_STOPPED}\s{{1,40}}(?:of\s{{1,40}}"
    rf"|and\s{{1,40}}for\s{{1,40}})?(?:the\s{{1,40}})?{_CAP}){{0,6}}{_STOPPED}"
)
_CHANCERY = WordPattern(
    r"\b(?:(?:Delaware|United\s{1,40}States|U\.S\.)\s{1,40})?Court\s{1,40}of\s{1,40}(?:Chancery|Appeals"
    r"|Claims|Common\s{1,40}Pleas)\b"
)
_SIGNED = re.compile(r"(?:[A-Z][\w’'-]{1,20}[ ])(?:[A-Z]\.?[ ]){1,2}[A-Z][\w’'-]{1,20}[ ]{0,3}\n")
"""The judge in the line above: ``Ada M. Stone`` over ``Harbor County Superior Court``."""
_HOUSE = re.compile(r"(?<![\w.§])\d{1,5}[A-Z]?\s\Z")
"""The number of a house: ``48 Linden Court, Apt. 3B``."""
_DISTRICT = WordPattern(
    r"\b(?:Northern|Southern|Eastern|Western|Middle|Central)\sDistrict\sof\s[A-Z][a-z]{3,20}(?:\s[A-Z][a-z]{3,20})?(?![\w-])"
)
"""``in the Eastern District of New York``."""
_COUNTY = WordPattern(
    r"\b(?:SUPERIOR|CIRCUIT|DISTRICT|PROBATE|FAMILY|STATE|CHANCERY|MUNICIPAL|JUSTICE|SUPREME)[ ]COURT[ ]"
    r"(?:OF|FOR)[ ](?:THE[ ])?(?:(?:STATE|COMMONWEALTH|COUNTY|CITY)[ ]OF[ ])?"
    r"[A-Z]{2,20}(?:[ ][A-Z]{2,20}){0,2}"
    r"(?:[ ](?:COUNTY|PARISH|DIVISION))?(?![ ]?[\w])"
)
"""``SUPERIOR COURT OF FULTON COUNTY`` in the heading of a paper."""
_TAIL = re.compile(
    rf"(?:\s{{0,40}}-?\s{{0,40}}No\.?\s{{0,40}}\d+)?(?:\s{{0,40}}\([A-Z][\w.\s-]{{0,24}}\))?"
    rf"(?:\s{{0,40}},\s{{0,40}}|\s{{1,40}}(?:at|At|AT)\s{{1,40}}){_PLACE}"
)
_PRESIDED = WordPattern(
    r"(?i:\bin\s{1,9}the\s{1,9}court\s{1,9}of)\s{1,9}"
    r"(?:[A-Z][\w.]{0,20}\s{1,3}){1,6}?[A-Z][\w.]{0,20}\s?[,:;–-]?\s{1,40}"
    r"(?P<name>(?:Addl|Additional|Metropolitan|Distt?|District|Special|Senior|Civil|Chief|Principal"
    r"|Sessions|Judge|Presiding"
    r"|Administrative|Asj|Adj|Scj|Acmm|Cmm|Mm|MM|ASJ|ADJ)\b(?:[^\n]{2,70}\n?[ \t]{0,40}){1,3}?"
    r"(?:New\s)?Delhi)\b"
)
_SEAT = WordPattern(
    rf"\b(?!Division|Full|Single|Larger|The|A\b){_PLACE}\s{{1,40}}Bench\s{{1,40}}[Oo]f\s{{1,40}}"
    rf"(?:[Tt]he\s{{1,40}})?(?=[A-Z])"
    rf"(?:[A-Z]\w{{1,40}}\s{{1,40}}(?:and\s{{1,40}}|&\s{{1,40}})?){{1,3}}High\s{{1,40}}Court\b"
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
    def _head(self) -> WordPattern:
        return WordPattern(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

    @cached_property
    def _officer(self) -> WordPattern:
        modifiers = alternation(self.modifiers)
        return WordPattern(
            rf"(?<![\w-])(?:(?:{modifiers}|[IVX]{{1,5}})\s{{1,40}}){{0,4}}{alternation(self.officers)}"
            rf"(?:\s{{0,40}}[-–\xad]\s{{0,40}}[IVX\d]+)?(?:\s{{0,40}}\([A-Z][\w.\s-]{{0,24}}\))?"
            rf"(?:\s{{0,40}},?\s{{0,40}}No\.?\s{{0,40}}\d+)?"
            rf"(?:\s{{0,40}},\s{{0,40}}|\s{{1,40}}(?:at|of)\s{{1,40}}){_PLACE}(?:"
            rf"(?:\s{{0,40}},\s{{0,40}}|\s{{1,40}}at\s{{1,40}}){_PLACE})?"
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
            ("heading", _COUNTY),
            ("federal district", _DISTRICT),
            ("court of a named judge", _PRESIDED),
            ("judicial officer with a place", self._officer),
        ):
            for found in pattern.finditer(text):
                group = "name" if "name" in found.re.groupindex else 0
                yield rule_match(text, *found.span(group), "COURT", rule)
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            if signed := _SIGNED.match(text, start, found.start()):
                start = signed.end()
            name = " ".join(text[start : found.end()].split()).casefold()
            if name in self._generic or (start == found.start() and " " not in name):
                continue
            if _HOUSE.search(text, max(0, start - 7), start):
                continue
            yield rule_match(text, start, found.end(), "COURT", f"… {found.group()}")
            tail = _TAIL.match(text, found.end())
            if tail:
                yield rule_match(text, start, tail.end(), "COURT", f"… {found.group()}, place")


_AFTER = NameBefore(r"\s?[,.]?\s{1,2}(?:C\.?\s?J\.?(?:I\.?)?|A\.?C\.?J\.?|J\.)(?![\w'’])", "J(?![a-z])")
_AFTER_COMMA = NameBefore(r"\s?,\s{0,2}(?:C\.?J\.?I?|J)\b(?!\s?\.?\s?[A-Z][a-z]*\s{1,40}v)", "J(?![a-z])")
_SEVERAL = NameBefore(
    r"\s?,?\s{0,40}(?:JJ?\.?\s?J\.?|J[Jj]|Jjj)(?!\w)",
    r"J[J.\s]{0,3}[Jj]",
    rf"(?P<names>{NAME}(?:\s?,\s?(?:J\.?|C\.\s?J\.)?(?:\s?,\s?)?(?:and\s{{1,40}}|&\s{{0,40}})?{NAME}"
    rf"|\s{{1,40}}(?:C\.\s?J\.\s{{1,40}})?(?:and|And|AND|&)\s{{1,80}}{HONORIFIC}?{NAME}){{1,6}})",
    OF_SEVERAL,
)
_SEVERAL_JUDGES = NameBefore(
    r",\s(?:Circuit|District|Senior|Associate)\s(?:Judges|Justices)\b",
    "Judges|Justices",
    rf"(?P<names>{NAME}(?:,?\s(?:and|&)\s{NAME}|,\s{NAME}){{1,4}})",
    OF_SEVERAL,
)
"""``NAKAMURA and PRUITT, Circuit Judges``."""
_SPEAKS = (
    r"(?:said|held|observed|explained|agreed|dissented|concluded|considered|described|emphasi[sz]ed|found"
    r"|noted|pointed|put|rejected|stated|thought|took|went)\b"
)
_PEER = WordPattern(
    rf"(?:\bper\s(?:Lord|Lady)\s(?P<name>{NAME})|\b(?:Lord|Lady)\s(?P<speaker>[A-Z][a-z’'-]{{2,20}})"
    rf"(?=\s(?:of\s[A-Z][\w-]+,?\s)?{_SPEAKS}))"
)
"""``what Lord Reed said``."""
_HONORABLE = WordPattern(
    r"\b(?:the|The|THE)\s(?:Honou?rable|HONOU?RABLE|Hon\.)\s(?P<name>[A-Z][A-Za-z]{2,15}\s(?:[A-Z]\.\s){0,2}[A-Z][A-Za-z-]{2,15})"
    r"(?=,\s(?:\w+\s){0,4}[Jj](?:udge|UDGE|ustice|USTICE))"
)
"""``the Honorable Ada Stone, United States Bankruptcy Judge``."""
_JUDGE_J = WordPattern(
    r"(?<![\w.-])(?!(?:Schedule|Exhibit|Annex|Appendix|Part|Section|Class|Series|Item|Note|Form|Table|Figure|Group|Block|Unit"
    r"|Paragraph)\b)(?P<name>[A-Z][a-z]{2,15}(?:-[A-Z][a-z]{2,15})?)\s(?:J|JA|LJ|CJ|ACJ|JSC)"
    rf"(?=\s(?:in\s(?:the\s)?[A-Z]|{_SPEAKS}))"
)
"""``as Palmer J said``."""
_SIGNED_JUDGE = WordPattern(
    rf"\(\s?{HONORIFIC}?(?P<name>{NAME})\s?\)\s{{0,3}}(?:,\s?)?(?:JUDGE|Judge|J\.|Chief\s{{1,40}}Justice"
    rf"|CHIEF\s{{1,40}}JUSTICE)"
)
_OFFICE = NameBefore(
    r"\s?(?:,\s{0,2}|\(\s?)(?:(?:[Ll]d|[Ll]earned)\b\.?\s{1,2})?"
    r"(?:(?:Addl\.?|Additional|Chief|Circuit|Civil|District|Judicial|Metropolitan|Presiding|Principal|Senior|Sessions|Sub|Sr\.|&|and)"
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
            r"(?:\b(?:Justice|(?<!OF )JUSTICE|Justices)\b\.?|\bHon['’‟]?\s?(?:ble|BLE|Ble|'Ble)\s{1,40}"
            r"(?:the\s{1,40})?(?=(?:Mr|Mrs|Ms|Shri|Sri|Smt|Dr)\b))"
            rf"[\s:]{{0,40}}{self.titles}(?P<name>{NAME})"
        )

    @cached_property
    def _patterns(self) -> tuple[tuple[str, Searched], ...]:
        return (
            ("Justice …", self._titled),
            ("…, J.", _AFTER),
            ("…, J", _AFTER_COMMA),
            ("(…) Judge", _SIGNED_JUDGE),
            ("…, Judge", _OFFICE),
            ("Circuit Judge …", _US),
            ("Judge …", _CALLED),
            ("in the court of …", _COURT_OF),
            ("Honorable …", _HONORABLE),
            ("… J said", _JUDGE_J),
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Judges in the text."""
        text = doc.text
        for rule, pattern in self._patterns:
            yield from self.people(text, pattern, "JUDGE", rule)
        for found in _PEER.finditer(text):
            if span := self.person(text, *found.span(found.lastgroup or 0)):
                yield rule_match(text, *span, "JUDGE", "Lord … said")
        for found in (*_SEVERAL.finditer(text), *_SEVERAL_JUDGES.finditer(text)):
            for part in _SPLIT.finditer(text, *found.span("names")):
                span = self.person(text, *part.span())
                if span:
                    yield rule_match(text, *span, "JUDGE", "… and …, JJ.")


_AND_BEFORE = re.compile(r"(?:\band|&)\s{1,3}(?:\w{1,4}\.?\s)?\Z")
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
                if found["plural"] and not _AND_BEFORE.search(
                    text, max(0, found.start() - 10), found.start()
                ):
                    continue
                if span := self.person(text, *found.span("name")):
                    yield rule_match(text, *span, label, f"… ({label.casefold()})")


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
