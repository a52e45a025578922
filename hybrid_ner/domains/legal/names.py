"""Names of persons by what stands beside them, of places and days, and what is called after places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import GAZETTEER, LegalPatterns, LegalSource, Searched, each_match, is_kind
from hybrid_ner.domains.registry import VETO, Match, past, read_matches, rule_match, set_of

_PERSONS = LegalPatterns(Path(__file__).with_name("persons"))

KNOWN_NAME = "known given or family name"
"""The rule that has nothing but the lists of names."""
_POSSESSIVE = ("'s", "’s", "‟s")
_JUDGE = ("J", "JJ", "C", "CJ", "C.J")
"""Before a full stop the mark of a judge ("Mahajan J."), no initial."""
_RANKS = frozenset({"HC", "SI", "S.I", "ASI", "A.S.I", "SHO", "PSI", "P.S.I", "IO", "PW", "P.W", "DW", "D.W"})
"""Behind a name its rank or the number of a witness: ``Sukhdev Singh HC (PW-3)``."""
_INNER = ("shri", "sri", "smt", "mr", "mrs", "ms", "sh", "dr")
"""Titles that are never part of a name: it begins behind the last of them."""
_STRIP = ".,;:()[]'\"’”"


@dataclass(frozen=True)
class NameSource(LegalSource):
    """A source that labels names of persons.

    Args:
        honorifics: Forms of address and ranks in front of a name.
        guard: Words that end a name.
    """

    outranks: ClassVar[bool] = True

    honorifics: tuple[str, ...]
    guard: tuple[str, ...]

    @cached_property
    def titles(self) -> str:
        """A pattern for any number of forms of address."""
        return rf"(?:{_PERSONS.alternation(self.honorifics)}\b\.?\s{{0,3}})*"

    _further = _PERSONS.own("FURTHER", re.compile)
    _titles = set_of("honorifics", each=str.casefold)
    _guard = set_of("guard", each=str.casefold)

    def person(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The name inside ``[start, end)`` without titles and what follows; ``None`` when there is none."""
        tokens = [
            (m.group().strip(_STRIP), m.start(), m.end()) for m in _PERSONS.TOKEN.finditer(text, start, end)
        ]
        inner = [place for place, token in enumerate(tokens) if token[0].casefold() in _INNER]
        tokens = tokens[inner[-1] :] if inner else tokens  # "Inspector of Factories Shri Ram Lal"
        while tokens and tokens[0][0].casefold() in self._titles:
            tokens.pop(0)
        kept = next((i for i, token in enumerate(tokens) if token[0].casefold() in self._guard), len(tokens))
        tokens = _once(tokens[:kept]) if kept > 3 else tokens[:kept]
        while tokens and tokens[-1][0].casefold() in {"@", "alias", "urf", ""}:
            tokens.pop()
        while len(tokens) > 2 and tokens[-1][0] in _RANKS:
            tokens.pop()
        while len(tokens) > 1 and tokens[-1][0] in _JUDGE and text.startswith(".", tokens[-1][2]):
            tokens.pop()
        if not tokens or not any(len(token[0]) > 2 for token in tokens):
            return None
        first, last = tokens[0][1], tokens[-1][2]
        first = past(_PERSONS.GLUED, text, first, last)
        end = past(_PERSONS.JUNIOR, text, last)
        junior, last = end > last, end
        last = last - 2 if text[first:last].endswith(_POSSESSIVE) else last
        while not junior and text[last - 1] in _STRIP:
            last -= 1
        initial = _PERSONS.LAST_INITIAL.match(text, tokens[-1][1]) if len(tokens) > 1 else None
        return first, last + (initial is not None and initial.end() == last)

    def people(self, text: str, pattern: Searched, label: str, rule: str) -> Iterator[Match]:
        """Names in the group ``name`` of every match of ``pattern``."""
        for found in pattern.finditer(text):
            span = self.person(text, *found.span("name"))
            if span:
                yield rule_match(text, *span, label, rule)

    def listed(self, text: str, pattern: Searched, label: str, rule: str) -> Iterator[Match]:
        """As ``people``, with the further names of a list where the group ``plural`` matched."""
        for found in pattern.finditer(text):
            spans = [found.span("name")]
            if found["plural"]:
                spans += self._others(text, found.end())
            for start, end in spans:
                span = self.person(text, start, end)
                if span:
                    yield rule_match(text, *span, label, rule)

    def _others(self, text: str, end: int) -> Iterator[tuple[int, int]]:
        """The names behind the first of a list: ``, Khusi Ram and Beni Ram``."""
        while found := self._further.match(text, end):
            yield found.span("name")
            end = found.end()


def _once(tokens: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """A name written twice, once: ``/s/ Ada M. Stone Ada M. Stone``."""
    words = [token[0].casefold() for token in tokens]
    if "alias" in words or "@" in words:
        return tokens
    again = next((i for i in range(2, len(words)) if words[i] == words[0] and len(words[0]) > 2), len(words))
    return tokens[:again]


def _before_firm(text: str, run: re.Match[str], firms: frozenset[str]) -> int:
    """Where a name ends that its firm follows without a comma: ``Paul Stone Harbor Mills``."""
    for number, token in enumerate(_PERSONS.TOKEN.finditer(text, *run.span())):
        if number > 1 and token.group().strip(_STRIP) in firms:
            return run.start() + len(text[run.start() : token.start()].rstrip())
    return run.end()


@dataclass(frozen=True)
class Persons(NameSource):
    """Persons without a role in the case.

    Args:
        given: English-language given names; further words must follow.
        indian: Indian given and family names; one alone is enough.
    """

    given: tuple[str, ...]
    indian: tuple[str, ...]

    @cached_property
    def _given(self) -> frozenset[str]:
        return frozenset(self.given) | frozenset(name.upper() for name in self.given)

    @cached_property
    def _indian(self) -> frozenset[str]:
        return frozenset(self.indian) | frozenset(name.upper() for name in self.indian)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._given | self._indian

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for pattern, rule in _PERSONS.rules_of("rules"):
            yield from self.people(text, pattern, "OTHER_PERSON", rule)
        companies = (text[m.start : m.end] for m in read_matches(doc, "legal_companies"))
        firms = frozenset(name.split(None, 1)[0].strip(_STRIP) for name in companies)
        for run in _PERSONS.RUN.finditer(text):
            # No name that is known: most runs are the beginnings of sentences.
            if self._names.isdisjoint(_PERSONS.LETTERS.findall(run.group())):
                continue
            end = _before_firm(text, run, firms) if firms else run.end()
            span = self.person(text, run.start(), end)
            if span and span[1] >= end - (text[end - 1] == ".") and self._known(text[slice(*span)]):
                yield rule_match(text, *span, "OTHER_PERSON", KNOWN_NAME, 0.8)

    def _known(self, name: str) -> bool:
        words = _PERSONS.LETTERS.findall(name)
        return (len(words) > 1 and words[0] in self._given) or not self._indian.isdisjoint(words)


_PLACES = LegalPatterns(Path(__file__).with_name("places"))

_COUNTRY = "place.us:united-states-of-america"


@dataclass(frozen=True)
class Places(LegalSource):
    """Places by what stands beside them.

    Args:
        guard: Words that are no place.
        offices: Words beside "District" that belong to an office.
    """

    guard: tuple[str, ...]
    offices: tuple[str, ...]

    _guard = set_of("guard", each=str.casefold)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for pattern, rule in _PLACES.rules_of("rules"):
            for found in pattern.finditer(text):
                name = found.lastgroup or 0
                words = found[name].split()
                known = words[0].casefold() in self._guard or any(word in self.offices for word in words)
                if name == "street" or not known:
                    yield rule_match(text, *found.span(name), "GPE", rule, 0.8)
        for match in read_matches(doc, GAZETTEER):
            state = _PLACES.STATE.match(text, match.start, match.end)
            if (
                state
                and match.label == "GOVERNMENT"
                and _PLACES.WITHIN.search(text, max(0, match.start - 24), match.start)
            ):
                yield rule_match(text, match.start, match.end, VETO, "in the State of")
                yield rule_match(text, state.end(), match.end, "GPE", "in the State of", 0.8)


def _is_loose_state(text: str, place: Match) -> bool:
    """Whether ``RI``, ``S.C.`` or ``Or.`` stands without a city: it then means something else."""
    if not _PLACES.SHORT.fullmatch(text, place.start, place.end):
        return False
    states = (i for i in place.concept_ids if i.startswith("place.us:") and i != _COUNTRY)
    return any(states) and not text[max(0, place.start - 3) : place.start].rstrip().endswith(",")


def _is_heading(word: str, place: str) -> bool:
    """Whether a word beside a place belongs to a heading: ``COMMISSION Washington, D.C. FORM 10-Q``."""
    return len(word) > 3 and word.isupper() and not place.isupper()


@dataclass(frozen=True)
class PlaceGuard(LegalSource):
    """Votes against gazetteer names that go on in capitalized words ("Bangalore Water Supply Board").

    Args:
        reads: Span groups of other sources: a place that one of them also voted for, with any label, stays.
        after: Folded words that may follow a place.
        before: Folded words that may precede a place.
    """

    reads: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        others = {(m.start, m.end) for name in self.reads for m in read_matches(doc, name)}
        places = [m for m in read_matches(doc, GAZETTEER) if m.label in ("GPE", "ORG")]
        starts, ends = {m.start for m in places}, {m.end for m in places}
        for place in places:
            free = place.label == "ORG" or (place.start, place.end) not in others
            if free and self._inside_a_name(text, place, starts, ends):
                yield rule_match(text, place.start, place.end, VETO, "place inside a longer name")
            elif free and _is_loose_state(text, place):
                yield rule_match(
                    text, place.start, place.end, VETO, "no city before the short form of a state"
                )

    def _inside_a_name(self, text: str, place: Match, starts: set[int], ends: set[int]) -> bool:
        following = _PLACES.NEXT.match(text, place.end)
        if is_kind(text, place.start, place.end):
            return False
        if (
            following
            and following.start("word") not in starts
            and following["word"].casefold() not in self.after
            and not _is_heading(following["word"], text[place.start : place.end])
        ):
            return True
        if place.label == "ORG":
            return False
        previous = _PLACES.PREVIOUS.search(text, max(0, place.start - 24), place.start)
        if previous is None or previous.end("word") in ends:
            return False
        if _is_heading(previous["word"], text[place.start : place.end]):
            return False
        word = previous["word"].casefold().rstrip(".")
        first = previous.start() == 0 or text[: previous.start()].rstrip()[-1:] in ".:;?!\n("
        return word not in self.before and not (first and word.isalpha())


@dataclass(frozen=True)
class Dates(LegalSource):
    """Dates that name a day."""

    def find(self, doc: Doc) -> Iterator[Match]:
        named = ((pattern, f"date, {rule}") for pattern, rule in _PLACES.rules_of("dates"))
        return each_match(doc.text, named, "DATE")


@dataclass(frozen=True)
class OtherNames(LegalSource):
    """Names that are nobody's and no place's: nationalities, time zones, the Internet."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        return each_match(doc.text, _PLACES.rules_of("other_names"), "OTHER_NAME", 0.8)
