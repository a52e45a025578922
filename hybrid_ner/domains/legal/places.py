"""Places and dates, and what is called after places: nationalities, time zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import (
    GAZETTEER,
    LegalPatterns,
    LegalSource,
    is_kind,
    rule_match,
)
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import VETO, read_matches

_RE = LegalPatterns(__file__)

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

    @cached_property
    def _guard(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.guard)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Places in the text."""
        text = doc.text
        for pattern, rule in _RE.rules_of("rules"):
            for found in pattern.finditer(text):
                name = found.lastgroup or 0
                words = found[name].split()
                known = words[0].casefold() in self._guard or any(word in self.offices for word in words)
                if name == "street" or not known:
                    yield rule_match(text, *found.span(name), "GPE", rule, 0.8)
        for match in read_matches(doc, GAZETTEER):
            state = _RE.STATE.match(text, match.start, match.end)
            if (
                state
                and match.label == "GOVERNMENT"
                and _RE.WITHIN.search(text, max(0, match.start - 24), match.start)
            ):
                yield rule_match(text, match.start, match.end, VETO, "in the State of")
                yield rule_match(text, state.end(), match.end, "GPE", "in the State of", 0.8)


def _is_loose_state(text: str, place: Match) -> bool:
    """Whether ``RI``, ``S.C.`` or ``Or.`` stands without a city: it then means something else."""
    if not _RE.SHORT.fullmatch(text, place.start, place.end):
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
        """Votes against places that are part of a longer name."""
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
        following = _RE.NEXT.match(text, place.end)
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
        previous = _RE.PREVIOUS.search(text, max(0, place.start - 24), place.start)
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
        """Dates in the text."""
        text = doc.text
        for pattern, rule in _RE.rules_of("dates"):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "DATE", f"date, {rule}")


@dataclass(frozen=True)
class OtherNames(LegalSource):
    """Names that are nobody's and no place's: nationalities, time zones, the Internet."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        """Such names in the text."""
        text = doc.text
        for pattern, rule in _RE.rules_of("other_names"):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "OTHER_NAME", rule, 0.8)
