"""What judgments and filings cite: statutes and their provisions, forms, precedents."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal import base
from hybrid_ner.domains.registry import Match, WordPattern, past, read_matches, rule_match, set_of

_ACTS = base.LegalPatterns(Path(__file__).with_name("statutes"))


@dataclass(frozen=True)
class Statutes(base.LegalSource):
    """Legislation by head word, by number and year, and by fixed forms.

    Args:
        heads: Words that end a name of legislation.
        stops: Capitalized words that do not belong to the name in front of the head.
        generic: Whole names, folded, that name no single piece of legislation.
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]

    _head = _ACTS.own("HEAD", WordPattern)
    _heads = set_of("heads", each=str.casefold)
    _walk = base.walk_by(*_ACTS.each("CONNECTORS"), barriers="_heads", commas=True, numbers=False)
    _generic = set_of("generic")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        yield from self._named(text)
        yield from base.each_match(text, _ACTS.rules_of("statutes"), "STATUTE")

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = base.walk_left(text, found.start(), self._walk)
            for earlier in _ACTS.EARLIER.finditer(text, start, found.start()):
                start = earlier.end()
            name = " ".join(text[start : found.end()].split()).casefold()
            if start == found.start() or name in self._generic:
                continue
            subject = _ACTS.words.CODE_OF.match(text, found.start())  # "California Code of Civil Procedure"
            year = subject or _ACTS.YEAR.match(text, found.end())
            end = year.end() if year else found.end()
            yield rule_match(text, start, end, "STATUTE", f"… {found.group()}")


@dataclass(frozen=True)
class Provisions(base.LegalSource):
    """Provisions by citation pattern."""

    def find(self, doc: Doc) -> Iterator[Match]:
        american = _ACTS.words.AMERICAN, "American section or rule"
        return base.each_match(doc.text, (*_ACTS.rules_of("provisions"), american), "PROVISION")


@dataclass(frozen=True)
class Forms(base.LegalSource):
    """Forms by their number.

    Args:
        numbers: Those that are plain numbers.
    """

    numbers: tuple[str, ...]

    _form = _ACTS.own("FORM", WordPattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        return base.each_match(doc.text, ((self._form, "form"), *_ACTS.rules_of("forms")), "FORM")


_REACH = 160
"""Characters before its last word that the name of an index or a plan is looked for."""


@dataclass(frozen=True)
class Instruments(base.LegalSource):
    """Indices, benefit plans, accounting standards and trading markets that filings name."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for rule, head, name in (
            ("index", _ACTS.words.INDEX_END, _ACTS.INDEX),
            ("plan by its section", _ACTS.words.SECTION_END, _ACTS.SECTION),
            ("benefit plan", _ACTS.words.PLAN_END, _ACTS.PLAN),
        ):
            done = 0
            for last in head.finditer(text):
                found = name.search(text, max(done, last.start() - _REACH), last.end())
                done = last.end()
                if found:
                    yield rule_match(text, found.start(), found.end(), "INSTRUMENT", rule)
        for found in _ACTS.words.STANDARD.finditer(text):
            yield rule_match(text, *found.span(found.lastgroup or 0), "INSTRUMENT", "title of a standard")
        named = (_ACTS.words.MARKET, "market"), *_ACTS.rules_of("named")
        yield from base.each_match(text, named, "INSTRUMENT")


_CASES = base.LegalPatterns(Path(__file__).with_name("precedents"))


def reporter_key(name: str) -> str:
    """A reporter's name without dots, spaces, parentheses and case."""
    return re.sub(r"[\s.,'’]|\([^)]*\)", "", name).casefold()


def find_citations(text: str, reporters: Container[str]) -> Iterator[tuple[int, int]]:
    """Character spans of citations whose report is known; they may overlap.

    Args:
        reporters: Keys (``reporter_key``) of law reports.
    """
    plain = tuple(
        getattr(_CASES.words, f"PLAIN_{how}")
        for how in ("INDIAN", "INDIAN_YEAR", "NEUTRAL", "VOLUME", "YEAR")
    )
    for shape in (*plain, _CASES.words.SHAPE_YEAR, _CASES.words.SHAPE_VOLUME, _CASES.words.AT):
        for found in shape.finditer(text):
            if shape in plain or reporter_key(found["name"]) in reporters:
                start, end = found.start(), _balanced(text, *found.span())
                wrapped = (
                    text[start] == "(" and text[end - 1] == ")" and ")" not in text[start + 1 : start + 6]
                )
                yield (start + 1, end - 1) if wrapped else (start, end)


def _balanced(text: str, start: int, end: int) -> int:
    """``end``, moved past the closing brackets that the citation opened."""
    for opening, closing in ("()", "[]"):
        if (
            text.count(opening, start, end) > text.count(closing, start, end)
            and text[end : end + 1] == closing
        ):
            end += 1
    return end


@dataclass(frozen=True)
class Precedents(base.LegalSource):
    """Case names and citations.

    Args:
        reporters: Keys of law reports (``citations.reporter_key``).
        captions: Span group of the parties in the caption: theirs is no earlier decision.
    """

    reporters: tuple[str, ...]
    stops: tuple[str, ...]
    barriers: tuple[str, ...]
    captions: str

    _known = set_of("reporters")

    _walk = base.walk_by(*_CASES.each("CONNECTORS"), most=14, adjacent=False, lower=frozenset({"plc"}))

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        citations: dict[int, int] = {}
        for start, end in find_citations(text, self._known):
            citations[start] = max(end, citations.get(start, 0))
        places = {m.start: m.end for m in read_matches(doc, base.GAZETTEER) if m.label == "GPE"}
        parties = [m for m in read_matches(doc, self.captions) if m.label in ("PETITIONER", "RESPONDENT")]
        edges = {m.end for m in parties} | {m.start for m in parties}
        names: dict[int, int] = {}
        for found in _CASES.near("VERSUS").finditer(text):
            if not edges.isdisjoint(range(found.start() - 12, found.end() + 6)):
                continue
            start = self._left(text, found.start(), places)
            end = self._right(text, found.end(), places)
            if start < found.start() and end > found.end() and not _CASES.SIDE.match(text, start):
                name = end
                end = _to_citation(text, end, citations)
                end = _with_citations(text, _with_unknown(text, end, citations), citations)
                if end == name and _CASES.BLANK_LINE.search(found.group()):
                    continue  # a heading, not a case that a page parts
                end = past(_CASES.NOTE, text, end)
                yield rule_match(text, start, end, "PRECEDENT", "case name, citation")
                names[start] = end
        chained = 0
        for start, end in sorted(citations.items()):
            if end <= chained:
                continue  # one of several in a row, which the first has taken along
            named = _of_case(text, start, self._walk)
            if named < start:
                start, end = named, _balanced(text, named, end)
            end = _with_names(text, _with_citations(text, end, citations), names)
            yield rule_match(text, start, end, "PRECEDENT", "citation")
            if not any(first <= start < last for first, last in names.items()):
                chained = end

    def _left(self, text: str, versus: int, places: dict[int, int]) -> int:
        if text.endswith(",", 0, versus):  # "Mills Ltd., v. Union of India"
            versus -= 1
        if applied := _CASES.ON_APPLICATION.search(text, max(0, versus - 120), versus):
            return applied.start()
        start = past(_CASES.NUMBER_FIRST, text, base.walk_left(text, versus, self._walk), versus)
        before = text.rfind(",", max(0, start - 3), start)
        seat = before >= 0 and start in places and places[start] == versus
        if seat or (before >= 0 and _CASES.OFFICE.search(text, max(0, before - 20), before)):
            return base.walk_left(text, before, self._walk)
        return start

    def _right(self, text: str, versus: int, places: dict[int, int]) -> int:
        end = base.walk_right(text, versus, self._walk)
        if end == versus:
            return end
        comma = _CASES.PLACE_AFTER.match(text, end)
        if comma and comma.end() in places:
            end = places[comma.end()]
        return _undotted(text, versus, past(_CASES.AND_OTHERS, text, end))


def _of_case(text: str, start: int, walk: base.Walk) -> int:
    """``start`` of a citation, moved before its name: ``in the case of Susan Thomas, 1994 ACJ 1``."""
    if one := _CASES.ONE_NAME.search(text, max(0, start - 160), start):
        return one.start()
    before = _CASES.CASE_NAME_END.search(text, max(0, start - 12), start)
    if before is None:
        return start
    name = base.walk_left(text, before.start(), walk)
    named = name < before.start() and _CASES.CASE_OF.search(text, max(0, name - 16), name)
    return name if named else start


def _to_citation(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past the rest of a name that leads to a citation: ``…, Kairana, (1950) S.C.R. 566``."""
    after = past(_CASES.REST, text, end)
    return after if _with_citations(text, after, citations) > after else end


def _with_unknown(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past a citation of a report that no list has, right behind the name of the case."""
    gap = _CASES.LINK.match(text, end)
    if gap is None or not citations.keys().isdisjoint(range(end, gap.end() + 1)):
        return end
    for shape in (_CASES.words.SHAPE_YEAR, _CASES.words.SHAPE_VOLUME):
        found = shape.match(text, gap.end())
        if found and not _CASES.NO_REPORT.search(found["name"]):
            return _balanced(text, *found.span())
    return end


def _with_citations(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past the citations that follow it."""
    opened = 0
    for _ in range(3):
        gap = _CASES.GAP.match(text, end)
        begin = next((b for b in range(gap.end(), end, -1) if b in citations), None) if gap else None
        if begin is None:
            break
        opened += text[end:begin].count("(") + text[end:begin].count("[")
        end = citations[begin]
        while opened and text[end : end + 1] in (")", "]"):
            end, opened = end + 1, opened - 1
    return end


def _with_names(text: str, end: int, names: dict[int, int]) -> int:
    """``end``, moved past the names of the case in parentheses: ``(2007) 11 SCC 40 (Shimla v. Sood)``."""
    opening = _CASES.OPENING.match(text, end)
    closing = names.get(opening.end(), 0) if opening else 0
    return closing + 1 if closing and text[closing : closing + 1] == ")" else end


def _undotted(text: str, start: int, end: int) -> int:
    while end > start and (
        text[end - 1] in "'\"”’,;" or (text[end - 1] == "." and not _CASES.KEEP_DOT.search(text[start:end]))
    ):
        end -= 1
    return end


_NUMBERS = base.LegalPatterns(Path(__file__).with_name("case_numbers"))


@dataclass(frozen=True)
class CaseNumbers(base.LegalSource):
    """Case numbers by kind of proceedings, "No." and year.

    Args:
        types: Abbreviated kinds of proceedings that may stand without "No.".
        kinds: Lower-case words that name a kind of proceedings ("suit No. 5 of 1990").
        foreign: First words of numbers of other things ("FIR No. 5/2001").
    """

    types: tuple[str, ...]
    stops: tuple[str, ...]
    barriers: tuple[str, ...]
    kinds: tuple[str, ...]
    foreign: tuple[str, ...]

    _short = _NUMBERS.own("SHORT", WordPattern)
    _walk = base.walk_by("of", "and", "&", "under", "for", "from", most=7, lower="kinds")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for found in _NUMBERS.words.NUMBERED.finditer(text):
            if not _NUMBERS.ENDS_YEAR.search(found.group()):
                continue
            start = base.walk_left(text, found.start(), self._walk)
            line = text[start : found.start()].rpartition("\n")[2]
            indented, line = line[:1].isspace(), line.lstrip()
            if line and (indented or " " in line.strip()):  # "S. K. SHETTY\nWRIT PETITION NO. 5 OF 2021"
                start = found.start() - len(line)
            if start == found.start() or text[start : found.start()].casefold().startswith(self.foreign):
                continue
            yield rule_match(text, start, found.end(), "CASE_NUMBER", "kind of proceedings, No., year")
        short = self._short, "short kind of proceedings, year"
        yield from base.each_match(text, (short, *_NUMBERS.rules_of("case_numbers")), "CASE_NUMBER")
