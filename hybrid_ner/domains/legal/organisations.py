"""Companies and institutions by their suffix, and agencies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal import base
from hybrid_ner.domains.registry import VETO, Match, WordPattern, past, read_matches, rule_match, set_of
from hybrid_ner.terms.lint import english_words

_RE = base.LegalPatterns(__file__)


def _past_person(text: str, start: int, end: int) -> int:
    """``start``, moved past a person and "and": ``Mr. Frank Stone and Harbor Mills Inc.``"""
    if _RE.MISTER.search(text, max(0, start - 6), start + 6) and (also := _RE.AND.search(text, start, end)):
        return also.end()
    return start


def _past_known(text: str, start: int, end: int) -> int:
    """``start``, moved past a name that stands by itself elsewhere: ``HMC and Harbor Mills Company, Inc.``"""
    also = _RE.AND.search(text, start, end)
    first = text[start : also.start()] if also else ""
    if not also or not _RE.SHORT_NAME.fullmatch(first):
        return start
    if first.isupper() and len(first) < 6:
        return also.end()
    places = [at.end() for at in re.finditer(rf"(?<![\w&]){re.escape(first)}(?![\w-])", text)]
    alone = sum(not _RE.JOINED.match(text, at) for at in places)
    return also.end() if alone > 1 and alone * 2 > len(places) else start


def _parted(text: str, end: int) -> int:
    """Where a name begins right behind the company that ends at ``end``; 0 when none does."""
    behind = _RE.PARTED.match(text, end)
    return behind.end() if behind else 0


def _is_role(name: str) -> bool:
    """Whether a folded name says what a party does: "issuing bank", "surviving company"."""
    role = _RE.DESCRIBED.fullmatch(name)
    if role is None:
        return False
    stem = role["stem"]
    single = stem[:-1] if stem[-1] == stem[-2] else stem
    return not {stem, f"{stem}e", single}.isdisjoint(english_words())


@dataclass(frozen=True)
class Companies(base.LegalSource):
    """Companies.

    Args:
        forms: Legal forms that end a name.
        weak: Words that end a name without being a legal form; no comma stands in front of them.
        before_of: Folded words that keep what follows "of" in the name ("Bank of …").
        roles: Folded words that name a party by its role.
    """

    forms: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]
    weak: tuple[str, ...]
    barriers: tuple[str, ...]
    before_of: tuple[str, ...]
    roles: tuple[str, ...]

    _form = _RE.own("FORM", re.compile)
    _walk = base.walk_by("of", "&", "for", "the", "de", "and", parentheses=False, most=10, lines=False)
    _generic = set_of("generic")

    @cached_property
    def _parting(self) -> frozenset[str]:
        """Legal forms behind which an "and" parts two companies."""
        return frozenset(form for form in self.forms if not _RE.ONE_OF_TWO.match(form))

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        places = {m.start: m.end for m in read_matches(doc, base.GAZETTEER) if m.label == "GPE"}
        apart = 0
        for found in self._form.finditer(text):
            begun, apart = apart, self._next(text, *found.span())
            if _RE.ARTICLE.search(text, max(0, found.start() - 6), found.start()):
                continue
            start = self._cut(text, base.walk_left(text, found.start(), self._walk), found.start(), places)
            start = self._partners(text, start, found.start(), places)
            start = begun if start < begun < found.start() else start
            name = " ".join(text[start : found.end()].split()).casefold()
            if start in places and base.is_kind(text, start, places[start]):
                continue
            if found.group().endswith("JSC") and _RE.PEER.match(text, start):
                continue  # "Lady Rose JSC and Lord Burrows JSC" are justices
            if found.group().islower() and " " not in text[start : found.start()].strip():
                continue
            if start < found.start() and name not in self._generic and not _is_role(name):
                end = self._seat(text, found.end(), places)
                start -= 4 * bool(_RE.NAMED_THE.search(text, max(0, start - 7), start))
                yield rule_match(text, start, end, "ORG", f"… {found.group().strip(', ')}")
        for found in _RE.words.TICKER.finditer(text):
            yield rule_match(text, *found.span("name"), "ORG", "symbol of a share", 0.8)
        for found in _RE.words.MESSRS.finditer(text):
            yield rule_match(text, *found.span("name"), "ORG", "M/s …", 0.8)

    def _next(self, text: str, start: int, end: int) -> int:
        """Where another company begins behind the legal form of one; 0 when none does.

        "Harbor Limited and Mills GmbH" are two, "Harbor Bank and Trust Company" is one.
        """
        also = _RE.AND.match(text, end) if text[start:end].strip(" ,") in self._parting else None
        return also.end() if also else _parted(text, end)

    def _seat(self, text: str, end: int, places: dict[int, int]) -> int:
        """``end``, moved past the place that a company is named after: ``Harbor Trust of Delaware``."""
        of = _RE.OF_PLACE.match(text, end)
        return places.get(of.end(), end) if of else end

    def _partners(self, text: str, start: int, end: int, places: dict[int, int]) -> int:
        """``start``, moved before the partners listed in front: ``Mason, Rivers, Stone & Co.``"""
        if (
            (two := _RE.LAST_TWO.match(text, start))
            and two.end() >= end
            and (listed := _RE.PARTNERS.search(text, max(0, start - 80), start))
        ):
            first = listed.start()
            return start if any(first <= place < start for place in places) else first
        return start

    def _cut(self, text: str, start: int, end: int, places: dict[int, int]) -> int:
        """Past what stands in front of the name: another company and "and", "Board of Directors of"."""
        for joint in (*_RE.JOINT.finditer(text, start, end), *_RE.ANEW.finditer(text, start, end)):
            start = max(start, joint.end())
        start = _past_known(text, _past_person(text, start, end), end)
        if (role := _RE.AND_FIRST.match(text, start, end)) and role["role"].casefold() in self.roles:
            start = role.end()  # "Customer and Harbor Mills B.V."
        for front in (_RE.SIGNED, _RE.NUMBERED, _RE.APPEARS):
            start = past(front, text, start, end)
        for of in _RE.OF.finditer(text, start, end):
            is_seat = places.get(of.end()) == end  # "Harbor Motors of North America, LLC"
            if of["word"].casefold() not in self.before_of and not is_seat:
                start = of.end()
        return start


@dataclass(frozen=True)
class Institutions(base.LegalSource):
    """Universities, hospitals, boards, police stations.

    Args:
        seated: Heads after which the seat belongs to the name ("Civil Hospital, Karnal").
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]
    seated: tuple[str, ...]

    _head = _RE.own("HEAD", WordPattern)
    _walk = base.walk_by("of", "&", "and", "for", parentheses=False, most=8)
    _generic = set_of("generic")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        places = {m.start: m.end for m in read_matches(doc, base.GAZETTEER) if m.label == "GPE"}
        firms = [(m.start, m.end) for m in read_matches(doc, "legal_companies")]
        inside = {at for start, end in firms for at in range(start, end)}
        for found in self._head.finditer(text):
            if found.start() in inside and found.end() in inside:
                continue  # "Directors of Harbor Pharmaceuticals, Inc."
            start = _past_person(text, base.walk_left(text, found.start(), self._walk), found.start())
            end = past(_RE.FURTHER, text, found.end())
            if found.group() in self.seated and (seat := _RE.SEAT.match(text, end)):
                end = seat.end()
            elif (of := _RE.OF_TOWN.match(text, end)) and of.end() in places:
                end = places[of.end()]
            name = " ".join(text[start:end].split()).casefold()
            if start < found.start() and name not in self._generic and not _is_role(name):
                yield rule_match(text, start, end, "ORG", f"… {found.group()}", 0.8)
        yield from base.each_match(text, ((_RE.words.UNIVERSITY, "university of"),), "ORG", 0.8)
        for found in _RE.words.STATION.finditer(text):
            yield rule_match(text, found.start(), found.end("name"), "ORG", "police station", 0.8)


def _is_half(text: str, match: Match) -> bool:
    """Whether a short form is part of an adjective: ``non-GAAP``, ``FDIC-assisted``."""
    return text.endswith(("non-", "Non-"), 0, match.start) or (
        match.end - match.start < 7 and _RE.HALF.match(text, match.end) is not None
    )


@dataclass(frozen=True)
class Agencies(base.LegalSource):
    """Public bodies by head word.

    Args:
        heads: First words of names that go on with "of".
        stops: Capitalized words that do not belong to the name of a state in front of "Government".
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]

    _of = _RE.own("HEAD_OF", WordPattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        listed = read_matches(doc, base.GAZETTEER)
        places = {m.start for m in listed if m.label == "GPE"}
        for match in listed:
            if match.label in ("GOVERNMENT", "STATUTE") and _is_half(text, match):
                yield rule_match(text, match.start, match.end, VETO, "half of a word with a hyphen")
            if match.label == "GOVERNMENT" and _RE.TELEPHONE.match(text, max(0, match.start - 2)):
                yield rule_match(text, match.start, match.end, VETO, "telephone number")
            if match.label == "GOVERNMENT" and (country := _RE.COUNTRY.match(text, match.end)):
                yield rule_match(text, match.start, country.end(), "GOVERNMENT", "… (United States)", 0.8)
        yield from base.each_match(text, ((self._of, "ministry, department or board of"),), "GOVERNMENT", 0.8)
        for found in _RE.words.STATE.finditer(text):
            words = found["name"].split()
            while words and words[0].casefold() in self.stops:
                words.pop(0)
            if len(words) > 1:
                start = found.start() + found["name"].index(words[0])
                if start not in places:
                    continue
                yield rule_match(text, start, found.end(), "GOVERNMENT", "… Government", 0.8)
