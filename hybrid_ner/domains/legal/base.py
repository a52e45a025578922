"""What the legal sources share: their lists, settings, and walks over the words around a match."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

from spacy.tokens import Doc

from hybrid_ner.domains import registry
from hybrid_ner.io import read_list, shipped

_RE = registry.Patterns(__file__)

GAZETTEER = registry.LISTED
"""Span group of the gazetteer matches: the first and, for equal spans, the most trusted source."""


@dataclass(frozen=True)
class LegalSource(registry.RuleSource):
    """A rule source whose votes may stand against those of shipped lists on the same characters.

    Several have fields of one name: ``heads`` end a name; ``stops`` are capitalized words in front of it that
    do not belong to it, ``barriers`` folded ones that it starts after; ``generic`` are whole names, folded,
    that name nothing in particular; ``reads`` are the span groups of other sources, in order of trust.
    """

    outranks: ClassVar[bool] = False
    """Whether its votes stand against those of shipped lists on the same characters."""

    def __call__(self, doc: Doc) -> list[registry.Match]:
        if not (found := [*self.find(doc)]):  # mostly nothing
            return found
        matches = registry.unique(found)
        return registry.heeding_own(
            self, doc, [*self._vetoes(doc, matches), *matches] if self.outranks else matches
        )

    def _vetoes(self, doc: Doc, matches: list[registry.Match]) -> Iterator[registry.Match]:
        text = doc.text
        spans = {(m.start, m.end): m for m in matches}
        for other in registry.read_matches(doc, GAZETTEER):
            mine = spans.get((other.start, other.end))
            if mine is not None and mine.label != other.label:
                rule = mine.evidence.reference if mine.evidence else self.name
                yield registry.rule_match(text, other.start, other.end, registry.VETO, rule)


def rule_words(name: str) -> tuple[str, ...]:
    """Entries of ``gazetteers/legal/rules/<name>.txt`` in file order."""
    return read_list(shipped("gazetteers", "legal", "rules", f"{name}.txt"))


_OF_NAMES = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.'’‐-@ \t\xa0"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
)
"""What a name consists of: "Côté", "L'Heureux-Dubé"."""
OF_SEVERAL = _OF_NAMES | frozenset(
    ",&\n\r\f\v\x1c\x1d\x1e\x1f\x85\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028"
    "\u2029\u202f\u205f\u3000"
)
"""What several of them in a row consist of."""
_REACH, _BEHIND = 80, 200
"""Characters between a name and what tells it, at most, and those that a match may take in behind that."""


class Searched(Protocol):
    """An expression, or what is searched for like one."""

    def finditer(self, text: str, /) -> Iterator[re.Match[str]]:
        """Matches in order, none overlapping another."""
        ...


class NameBefore:
    """An expression that begins with a name and ends with what tells it: looked for around the latter alone.

    Args:
        pattern: The name, and behind it ``teller`` among others.
        teller: A part of it that is quickly found.
        chars: What names consist of.
    """

    def __init__(self, pattern: str, teller: str, chars: frozenset[str]) -> None:
        self._args = pattern, teller, chars
        self._pattern, self._teller, self._chars = re.compile(pattern), re.compile(teller), chars

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._args

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As that of an expression."""
        for start, end in self._windows(text):
            yield from self._pattern.finditer(text, start, end)

    def _windows(self, text: str) -> Iterator[tuple[int, int]]:
        """Stretches that hold every match, none overlapping another."""
        low = high = 0
        for told in self._teller.finditer(text):
            start = max(0, told.start() - _REACH)
            if start <= high:
                high = told.end() + _BEHIND
                continue
            while start > high and text[start - 1] in self._chars:
                start -= 1
            if start > high:
                if high:
                    yield low, min(high, len(text))
                low = start
            high = told.end() + _BEHIND
        if high:
            yield low, min(high, len(text))


class LegalPatterns(registry.Patterns):
    """Patterns of which some are looked for around what tells them: ``PATTERN  NEAR  TELLER``.

    Behind ``NEAR SEVERAL`` the names are several in a row. ``<NAME>``, ``<HONORIFIC>``: those of base.txt.
    """

    def __init__(self, module: str | Path) -> None:
        super().__init__(module, NAME=_RE.source("NAME"), HONORIFIC=_RE.source("HONORIFIC"))

    @staticmethod
    def alternation(entries: Iterable[str]) -> str:
        """The words as they are; a space stands for any run of white space."""
        return registry.alternation(r"\s{1,40}".join(map(re.escape, entry.split())) for entry in set(entries))

    def near(self, name: str) -> NameBefore:
        return _near(self.source(name))

    def rules_of(self, section: str) -> tuple[tuple[Searched, str], ...]:
        """The patterns of a section, each with its rule."""
        return self.made(section, _searched)


@cache
def _near(row: str) -> NameBefore:
    pattern, several, teller = re.split(r"  NEAR( SEVERAL)?  ", row)
    return NameBefore(pattern, teller, OF_SEVERAL if several else _OF_NAMES)


def _searched(row: str) -> Searched:
    return _near(row) if "  NEAR" in row else registry.WordPattern(row)


def each_match(
    text: str, patterns: Iterable[tuple[Searched, str]], label: str, score: float = 1.0
) -> Iterator[registry.Match]:
    """What each of some patterns finds; where one has a group ``name``, that is the mention."""
    for pattern, rule in patterns:
        for found in pattern.finditer(text):
            span = found.span("name" if "name" in found.re.groupindex else 0)
            yield registry.rule_match(text, *span, label, rule, score)


_WINDOW = 220


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a name may reach.

    Args:
        connectors: Lower-case words allowed between capitalized ones.
        stops: Capitalized words, folded, that no name starts with ("Under", "Section").
        barriers: Capitalized words, folded, that are never part of the name: it starts after them.
        commas: Whether commas may stand inside the name (``A, B and C Act``).
        parentheses: Whether a group in parentheses may stand inside the name.
        most: Largest number of words.
        lines: Whether the name may go on over the end of a line.
        adjacent: Whether a capitalized word must stand right beside the head.
        numbers: Whether words with digits and Roman numbers may be part of the name.
        lower: Lower-case words that count as capitalized ("crime No. 5").
    """

    connectors: frozenset[str] = frozenset()
    stops: Container[str] = frozenset()
    barriers: Container[str] = frozenset()
    commas: bool = False
    parentheses: bool = True
    most: int = 16
    lower: Container[str] = frozenset()
    numbers: bool = True
    lines: bool = True
    adjacent: bool = True


def walk_by(*connectors: str, **how: Any) -> cached_property[Walk]:
    """A property: how far names reach by ``stops`` and ``barriers``; strings name other fields."""

    def walk(source: object) -> Walk:
        settings: dict[str, Any] = {"stops": "stops", "barriers": "barriers", **how}
        named = {k: frozenset(getattr(source, v, ())) for k, v in settings.items() if isinstance(v, str)}
        return Walk(frozenset(connectors), **{**settings, **named})

    return cached_property(walk)


def walk_left(text: str, head: int, walk: Walk) -> int:
    """Start of the name whose head word begins at ``head``; ``head`` itself when nothing belongs to it."""
    low = max(0, head - _WINDOW)
    tokens = [(m.group(), m.start()) for m in _RE.TOKEN.finditer(text, low, head)]
    if low and tokens and not text[low - 1].isspace():
        tokens = tokens[1:]
    chosen: list[tuple[str, int]] = []
    joined, index = False, len(tokens) - 1
    while index >= 0 and len(chosen) < walk.most:
        token, start = tokens[index]
        gap = text[start + len(token) : (tokens[index + 1][1] if index + 1 < len(tokens) else head)]
        if "\n\n" in gap or ("\n" in gap and not walk.lines):
            break
        if walk.adjacent and not chosen and token in walk.connectors:
            break
        if token == ")":
            opening = _opening(tokens, index) if walk.parentheses else -1
            if opening <= 0 or not _capital(tokens[opening + 1][0]):
                break
            index = opening - 1
            continue
        if token == ",":
            if not (walk.commas and joined):
                break
        elif token in walk.connectors:
            joined = joined or token in ("and", "&")
        elif not any(map(str.isalnum, token)):
            if token not in ".&-":
                break
        elif not _fits(token, walk) or (_ends_sentence(token) and text[start + len(token)].isspace()):
            break
        else:
            chosen.append((token, start))
        index -= 1
    while chosen and _plain(chosen[-1][0]) in walk.stops:
        chosen.pop()
    return _unquoted(text, chosen[-1][1]) if chosen else head


def is_kind(text: str, start: int, end: int) -> bool:
    """Whether a place tells the kind of a company: ``each a Minnesota Corporation``."""
    return _RE.AN.search(text, max(0, start - 3), start) is not None and _RE.KIND.match(text, end) is not None


def _unquoted(text: str, start: int) -> int:
    while not (text[start].isalnum() or text[start] in "(["):
        start += 1
    return start


def _fits(token: str, walk: Walk) -> bool:
    if not walk.numbers and _RE.NUMBER.search(token):
        return False
    return (_capital(token) or token.casefold() in walk.lower) and _plain(token) not in walk.barriers


def _opening(tokens: list[tuple[str, int]], closing: int) -> int:
    depth = 0
    for index in range(closing, max(-1, closing - 20), -1):
        depth += {")": 1, "(": -1}.get(tokens[index][0], 0)
        if depth == 0:
            return index
    return -1


def _capital(token: str) -> bool:
    stripped = token.lstrip("\"'“‘[{*-–—./&")
    return bool(stripped) and (stripped[0].isupper() or token == "&" or _RE.CAMEL.match(stripped) is not None)


def _plain(token: str) -> str:
    return token.strip("\"'“”‘’.[]{}*").casefold()


def _ends_sentence(token: str) -> bool:
    """Whether the word closes a sentence: a full stop after a longer word, of a heading or number too."""
    numbered = token[-2:-1].isdigit() and (
        "-" in token or "/" in token
    )  # "No. CV-20-00645321. Smith v. Mills"
    ended = token[-2:-1].islower() or (token[:-1].isupper() and token[:-1].isalpha()) or numbered
    return token.endswith(".") and len(token) > 5 and ended


def walk_right(text: str, tail: int, walk: Walk) -> int:
    """End of the name that begins at ``tail``; ``tail`` itself when no capitalized word stands there."""
    high = min(len(text), tail + _WINDOW)
    end, words, index = tail, 0, 0
    tokens = [(m.group(), m.start()) for m in _RE.TOKEN.finditer(text, tail, high)]
    while index < len(tokens) and words < walk.most:
        token, start = tokens[index]
        if "\n\n" in text[end:start] or (words and _plain(token) in walk.barriers):
            break
        if token == "(" and walk.parentheses:
            closing = next((i for i in range(index, min(len(tokens), index + 6)) if tokens[i][0] == ")"), -1)
            if closing < 0 or not words or not _capital(tokens[index + 1][0]):
                break
            end, index = tokens[closing][1] + 1, closing + 1
            continue
        if token == "," and walk.commas and words:
            index += 1
            continue
        if token in walk.connectors and words:
            index += 1
            continue
        if not _capital(token):
            break
        end, words = start + len(token), words + 1
        if _ends_sentence(token):
            break
        index += 1
    return end
