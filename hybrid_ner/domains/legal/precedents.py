"""Precedents: case names before a citation, and the citations themselves."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import (
    GAZETTEER,
    LegalPatterns,
    LegalSource,
    Walk,
    rule_match,
    walk_left,
    walk_right,
)
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import read_matches

_RE = LegalPatterns(__file__)


def reporter_key(name: str) -> str:
    """A reporter's name without dots, spaces, parentheses and case."""
    return re.sub(r"[\s.,'’]|\([^)]*\)", "", name).casefold()


def find_citations(text: str, reporters: Container[str]) -> Iterator[tuple[int, int]]:
    """Character spans of citations whose report is known; they may overlap.

    Args:
        text: Any text.
        reporters: Keys (``reporter_key``) of law reports.
    """
    plain = (_RE.words.PLAIN_INDIAN, _RE.words.PLAIN_NEUTRAL)
    for shape in (*plain, _RE.words.SHAPE_YEAR, _RE.words.SHAPE_VOLUME, _RE.words.AT):
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


_CONNECTORS = frozenset(
    [
        "of",
        "and",
        "&",
        "the",
        "for",
        "by",
        "re",
        "another",
        "others",
        "other",
        "ors",
        "ors.",
        "anr",
        "anr.",
        "etc",
        "etc.",
        "de",
        "ex",
        "rel.",
        "on",
        "behalf",
        "through",
    ]
)


@dataclass(frozen=True)
class Precedents(LegalSource):
    """Case names and citations.

    Args:
        reporters: Keys of law reports (``citations.reporter_key``).
        stops: Capitalized words that stand in front of a case name without belonging to it.
        barriers: Capitalized words, folded, that are never part of a case name.
        captions: Span group of the parties in the caption: theirs is no earlier decision.
    """

    reporters: tuple[str, ...]
    stops: tuple[str, ...]
    barriers: tuple[str, ...]
    captions: str

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.reporters)

    @cached_property
    def _walk(self) -> Walk:
        stops, barriers = frozenset(self.stops), frozenset(self.barriers)
        return Walk(_CONNECTORS, stops, barriers, most=14, adjacent=False, lower=frozenset({"plc"}))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Precedents in the text."""
        text = doc.text
        citations: dict[int, int] = {}
        for start, end in find_citations(text, self._known):
            citations[start] = max(end, citations.get(start, 0))
        places = {m.start: m.end for m in read_matches(doc, GAZETTEER) if m.label == "GPE"}
        parties = [m for m in read_matches(doc, self.captions) if m.label in ("PETITIONER", "RESPONDENT")]
        edges = {m.end for m in parties} | {m.start for m in parties}
        names: dict[int, int] = {}
        for found in _RE.near("VERSUS").finditer(text):
            if not edges.isdisjoint(range(found.start() - 12, found.end() + 6)):
                continue
            start = self._left(text, found.start(), places)
            end = self._right(text, found.end(), places)
            if start < found.start() and end > found.end() and not _RE.SIDE.match(text, start):
                end = _to_citation(text, end, citations)
                end = _with_citations(text, _with_unknown(text, end, citations), citations)
                end = _with_note(text, end)
                yield rule_match(text, start, end, "PRECEDENT", "case name, citation")
                names[start] = end
        for start, end in citations.items():
            named = _of_case(text, start, self._walk)
            if named < start:
                start, end = named, _balanced(text, named, end)
            end = _with_names(text, _with_citations(text, end, citations), names)
            yield rule_match(text, start, end, "PRECEDENT", "citation")

    def _left(self, text: str, versus: int, places: dict[int, int]) -> int:
        if text.endswith(",", 0, versus):  # "Mills Ltd., v. Union of India"
            versus -= 1
        start = walk_left(text, versus, self._walk)
        before = text.rfind(",", max(0, start - 3), start)
        if before >= 0 and start in places and places[start] == versus:
            return walk_left(text, before, self._walk)
        return start

    def _right(self, text: str, versus: int, places: dict[int, int]) -> int:
        end = walk_right(text, versus, self._walk)
        if end == versus:
            return end
        comma = _RE.PLACE_AFTER.match(text, end)
        if comma and comma.end() in places:
            end = places[comma.end()]
        others = _RE.AND_OTHERS.match(text, end)
        end = others.end() if others else end
        return _undotted(text, versus, end)


def _of_case(text: str, start: int, walk: Walk) -> int:
    """``start`` of a citation, moved before its name: ``in the case of Susan Thomas, 1994 ACJ 1``."""
    before = _RE.CASE_NAME_END.search(text, max(0, start - 12), start)
    if before is None:
        return start
    name = walk_left(text, before.start(), walk)
    named = name < before.start() and _RE.CASE_OF.search(text, max(0, name - 16), name)
    return name if named else start


def _to_citation(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past the rest of a name that leads to a citation: ``…, Kairana, (1950) S.C.R. 566``."""
    rest = _RE.REST.match(text, end)
    if rest is None:
        return end
    after = rest.end()
    return after if _with_citations(text, after, citations) > after else end


def _with_unknown(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past a citation of a report that no list has, right behind the name of the case."""
    gap = _RE.LINK.match(text, end)
    if gap is None or not citations.keys().isdisjoint(range(end, gap.end() + 1)):
        return end
    for shape in (_RE.words.SHAPE_YEAR, _RE.words.SHAPE_VOLUME):
        found = shape.match(text, gap.end())
        if found and not _RE.NO_REPORT.search(found["name"]):
            return _balanced(text, *found.span())
    return end


def _with_note(text: str, end: int) -> int:
    """``end``, moved past the number of a footnote: ``State of Madras (1)``."""
    note = _RE.NOTE.match(text, end)
    return note.end() if note else end


def _with_citations(text: str, end: int, citations: dict[int, int]) -> int:
    """``end``, moved past the citations that follow it."""
    opened = 0
    for _ in range(3):
        gap = _RE.GAP.match(text, end)
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
    opening = _RE.OPENING.match(text, end)
    closing = names.get(opening.end(), 0) if opening else 0
    return closing + 1 if closing and text[closing : closing + 1] == ")" else end


def _undotted(text: str, start: int, end: int) -> int:
    while end > start and (
        text[end - 1] in "'\"”’,;" or (text[end - 1] == "." and not _RE.KEEP_DOT.search(text[start:end]))
    ):
        end -= 1
    return end
