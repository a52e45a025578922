"""Diseases that no list has: words, types and phrases by head and ending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import DISEASE, MedicalSource, Words, rule_match, split_words
from hybrid_ner.domains.medical.document_kind import is_case_report, is_clinical, is_note
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import aggregate
from hybrid_ner.text.prefilter import Remembered, alternation

_SHORTEST = 6


@dataclass(frozen=True)
class DiseaseWords(MedicalSource):
    """Words of a list.

    Args:
        words: Lower-case words.
    """

    words: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed word."""
        text = doc.text
        words = split_words(text)
        for number, word in enumerate(words.lower):
            if word in self._known:
                yield rule_match(text, words.starts[number], words.ends[number], DISEASE, word)


@dataclass(frozen=True)
class DiseaseSuffixes(MedicalSource):
    """Words by their ending.

    Args:
        suffixes: Endings as regular expressions.
        exceptions: Lower-case words that are no disease in spite of their ending.
    """

    suffixes: tuple[str, ...]
    exceptions: tuple[str, ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"[a-z]*{alternation(self.suffixes)}")

    @cached_property
    def _excluded(self) -> frozenset[str]:
        return frozenset(self.exceptions)

    @cached_property
    def _has_one(self) -> Remembered[bool]:
        return Remembered(self._ends)

    def _ends(self, word: str) -> bool:
        long = len(word) >= _SHORTEST
        return long and word not in self._excluded and self._pattern.fullmatch(word) is not None

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every word with such an ending."""
        text = doc.text
        words, has_one = split_words(text), self._has_one
        for number, word in enumerate(words.lower):
            if has_one[word]:
                yield rule_match(text, words.starts[number], words.ends[number], DISEASE, f"-{word[-6:]}")


_NUMBER = r"(?:[IVX]{1,4}[A-Da-d]?|\d{1,2}[A-Da-d]?|[A-D])"
_NEXT = r"(?! (?!(?:in|is|was|with|and|or|on|for|who)\b)[a-z])"
_AFTER = re.compile(rf"(?: types? {_NUMBER}(?![\w-])|, types? {_NUMBER}(?![\w-]){_NEXT})")
"""The type behind a disease; not in a list, as in "heart failure, type 2 diabetes"."""
_BEFORE = re.compile(rf"\b[Tt]ypes? {_NUMBER} $")
_REACH = 16


@dataclass(frozen=True)
class DiseaseTypes(MedicalSource):
    """The type belongs to the disease that an earlier source found.

    Args:
        reads: Names of those sources, in order of trust.
    """

    reads: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease with a type before or after it, with the type."""
        text = doc.text
        for vote in aggregate(doc, self.reads):
            match = vote.match
            if match.label != DISEASE:
                continue
            after = _AFTER.match(text, match.end)
            floor = max(0, match.start - _REACH)
            before = _BEFORE.search(text[floor : match.start])
            start = floor + before.start() if before else match.start
            end = after.end() if after else match.end
            if before or after:
                yield rule_match(text, start, end, DISEASE, text[match.start : match.end])


@dataclass(frozen=True)
class DiseaseTails(MedicalSource):
    """Extends found diseases with a name or an acronym in them to the right.

    Args:
        reads: Names of the sources whose diseases are looked at, in order of trust.
        tails: Nouns.
    """

    reads: tuple[str, ...]
    tails: tuple[str, ...]

    @cached_property
    def _tails(self) -> frozenset[str]:
        return frozenset(self.tails)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease with such a noun right after it."""
        text = doc.text
        words = split_words(text)
        for vote in aggregate(doc, self.reads):
            match = vote.match
            number = words.ending_at(match.end) if match.label == DISEASE else None
            if number is None or number + 1 >= len(words.lower):
                continue
            surface = text[match.start : match.end]
            named = any(map(str.isupper, surface[1:]))
            if named and words.gaps[number + 1] in {" ", "-"} and words.lower[number + 1] in self._tails:
                yield rule_match(text, match.start, words.ends[number + 1], DISEASE, surface)


_ADJECTIVE = re.compile(r"(?:ic|al|ive|ed|ar)$")


@dataclass(frozen=True)
class DiseaseHeads(MedicalSource):
    """A general head with a body site or kind before it.

    Args:
        heads: Head nouns.
        modifiers: Phrases that may stand before a head.
        note_heads: Head nouns in notes alone: "breast lump".
        sites: Modifiers in notes alone: "RIF pain".
    """

    heads: tuple[str, ...]
    modifiers: tuple[str, ...]
    note_heads: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(self.heads)

    @cached_property
    def _modifiers(self) -> frozenset[str]:
        return frozenset(self.modifiers)

    @cached_property
    def _in_notes(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset((*self.heads, *self.note_heads)), frozenset((*self.modifiers, *self.sites))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every head with at least one modifier."""
        text = doc.text
        if is_case_report(text):
            return
        words = split_words(text, skip_short_forms=True)
        heads, modifiers = self._in_notes if is_note(text) else (self._heads, self._modifiers)
        for number, word in enumerate(words.lower):
            if word in heads:
                first = _on_line(words, words.walk_left(number, modifiers), number)
                if first < number:
                    start, end = words.starts[first], words.ends[number]
                    yield rule_match(text, start, end, DISEASE, f"… {word}")


@dataclass(frozen=True)
class DiseaseModifiers(MedicalSource):
    """Modifiers to the left of a disease that an earlier source found.

    Args:
        reads: Names of those sources, in order of trust.
        modifiers: Phrases that belong to the mention.
        coordinated: Whether "and", "or" and commas may join them.
        sites: Modifiers in notes alone.
    """

    reads: tuple[str, ...]
    modifiers: tuple[str, ...]
    coordinated: bool = True
    sites: tuple[str, ...] = ()

    @cached_property
    def _modifiers(self) -> frozenset[str]:
        return frozenset(self.modifiers)

    @cached_property
    def _in_notes(self) -> frozenset[str]:
        return frozenset((*self.modifiers, *self.sites))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease that has such a modifier, with it."""
        text = doc.text
        if is_case_report(text):
            return
        words = split_words(text)
        modifiers = self._in_notes if is_note(text) else self._modifiers
        for match in _diseases(doc, self.reads):
            number = words.starting_at(match.start)
            if number is None or _ADJECTIVE.search(text[match.start : match.end]):
                continue
            first = _on_line(words, words.walk_left(number, modifiers, self.coordinated), number)
            if first < number:
                yield rule_match(text, words.starts[first], match.end, DISEASE, _reference(match))


@dataclass(frozen=True)
class DiseaseSites(MedicalSource):
    """The body site after "of" belongs to the disease before it.

    Args:
        reads: Names of the sources whose diseases are looked at, in order of trust.
        sites: Organ nouns.
        modifiers: Phrases that may stand before a site.
    """

    reads: tuple[str, ...]
    sites: tuple[str, ...]
    modifiers: tuple[str, ...]

    @cached_property
    def _sites(self) -> frozenset[str]:
        return frozenset(self.sites)

    @cached_property
    def _modifiers(self) -> frozenset[str]:
        return frozenset((*self.modifiers, "left", "right", "both", "upper", "lower"))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Each found disease that is followed by such a site, with it."""
        text = doc.text
        if is_clinical(text):
            return
        words = split_words(text)
        for match in _diseases(doc, self.reads):
            number = words.ending_at(match.end)
            last = self._last(words, number) if number is not None else None
            if last is not None:
                yield rule_match(text, match.start, words.ends[last], DISEASE, _reference(match))

    def _last(self, words: Words, number: int) -> int | None:
        at = number + 1
        if at >= len(words.lower) or words.lower[at] != "of" or words.gaps[at] != " ":
            return None
        at += 1
        if at < len(words.lower) and words.lower[at] in {"the", "a"}:
            at += 1
        last = self._site(words, at)
        while last is not None and last + 2 < len(words.lower) and words.gaps[last + 1] in {" ", ", "}:
            step = 1 if words.gaps[last + 1] == ", " else 0
            if not step and words.lower[last + 1] not in {"and", "or"}:
                break
            further = self._site(words, last + 2 - step)
            if further is None:
                break
            last = further
        return last

    def _site(self, words: Words, at: int) -> int | None:
        while at < len(words.lower):
            length = words.phrase_at(at, self._sites)
            if length:
                return at + length - 1
            length = words.phrase_at(at, self._modifiers)
            if not length:
                return None
            at += length
        return None


def _on_line(words: Words, first: int, number: int) -> int:
    """The first word on the line of word ``number`` in a note: what ends the line before is a heading."""
    broken = (at for at in range(number, first, -1) if "\n" in words.gaps[at])
    return next(broken, first) if is_note(words.text) else first


def _diseases(doc: Doc, reads: tuple[str, ...]) -> Iterator[Match]:
    return (vote.match for vote in aggregate(doc, reads) if vote.match.label == DISEASE)


def _reference(match: Match) -> str:
    return match.evidence.reference if match.evidence else ""
