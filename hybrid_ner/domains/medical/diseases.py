"""Diseases that no list has: words, types and phrases by head and ending, deficiencies and losses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import DISEASE, is_case_report, is_clinical, is_note
from hybrid_ner.domains.medical.spelling import FollowingSource, Words, split_words
from hybrid_ner.domains.registry import (
    Match,
    Patterns,
    Remembered,
    RuleSource,
    first_word,
    past,
    rule_match,
    set_of,
)

_RE = Patterns(__file__)

_SHORTEST = 6


@dataclass(frozen=True)
class DiseaseWords(RuleSource):
    """Words of a list, in lower case."""

    words: tuple[str, ...]

    _known = set_of("words")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        words = split_words(text)
        for number, word in enumerate(words.lower):
            if word in self._known:
                yield rule_match(text, words.starts[number], words.ends[number], DISEASE, word)


@dataclass(frozen=True)
class DiseaseSuffixes(RuleSource):
    """Words by their ending.

    Args:
        suffixes: Endings as regular expressions.
        exceptions: Lower-case words that are no disease in spite of their ending.
    """

    suffixes: tuple[str, ...]
    exceptions: tuple[str, ...]

    _pattern = _RE.own("SUFFIXED", re.compile)
    _excluded = set_of("exceptions")

    @cached_property
    def _has_one(self) -> Remembered[bool]:
        return Remembered(self._ends)

    def _ends(self, word: str) -> bool:
        long = len(word) >= _SHORTEST
        return long and word not in self._excluded and self._pattern.fullmatch(word) is not None

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        words, has_one = split_words(text), self._has_one
        for number, word in enumerate(words.lower):
            if has_one[word]:
                yield rule_match(text, words.starts[number], words.ends[number], DISEASE, f"-{word[-6:]}")


_REACH = 16


@dataclass(frozen=True)
class DiseaseTypes(FollowingSource):
    """The type belongs to the disease that an earlier source found."""

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for match in self.chosen(doc, DISEASE):
            end = past(_RE.TYPE_BEHIND, text, match.end)
            floor = max(0, match.start - _REACH)
            before = _RE.TYPE_BEFORE.search(text[floor : match.start])
            start = floor + before.start() if before else match.start
            if (start, end) != (match.start, match.end):
                yield rule_match(text, start, end, DISEASE, text[match.start : match.end])


@dataclass(frozen=True)
class DiseaseTails(FollowingSource):
    """Extends found diseases with a name or an acronym in them to the right."""

    tails: tuple[str, ...]

    _tails = set_of("tails")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        words = split_words(text)
        for match in self.chosen(doc, DISEASE):
            number = words.ending_at(match.end)
            if number is None or number + 1 >= len(words.lower):
                continue
            surface = text[match.start : match.end]
            named = any(map(str.isupper, surface[1:]))
            if named and words.gaps[number + 1] in {" ", "-"} and words.lower[number + 1] in self._tails:
                yield rule_match(text, match.start, words.ends[number + 1], DISEASE, surface)


@dataclass(frozen=True)
class DiseaseHeads(RuleSource):
    """A general head with a body site or kind before it.

    Args:
        modifiers: Phrases that may stand before a head.
        note_heads: Head nouns in notes alone: "breast lump".
        sites: Modifiers in notes alone: "RIF pain".
    """

    heads: tuple[str, ...]
    modifiers: tuple[str, ...]
    note_heads: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    _heads = set_of("heads")
    _modifiers = set_of("modifiers")
    _note_heads = set_of("heads", "note_heads")
    _note_modifiers = set_of("modifiers", "sites")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if is_case_report(text):
            return
        words = split_words(text, skip_short_forms=True)
        note = is_note(text)
        heads = self._note_heads if note else self._heads
        modifiers = self._note_modifiers if note else self._modifiers
        for number, word in enumerate(words.lower):
            if word in heads:
                first = _on_line(words, words.walk_left(number, modifiers), number)
                if first < number:
                    start, end = words.starts[first], words.ends[number]
                    yield rule_match(text, start, end, DISEASE, f"… {word}")


@dataclass(frozen=True)
class DiseaseModifiers(FollowingSource):
    """Modifiers to the left of a disease that an earlier source found.

    Args:
        modifiers: Phrases that belong to the mention.
        coordinated: Whether "and", "or" and commas may join them.
        sites: Modifiers in notes alone.
    """

    modifiers: tuple[str, ...]
    coordinated: bool = True
    sites: tuple[str, ...] = ()

    _modifiers = set_of("modifiers")
    _in_notes = set_of("modifiers", "sites")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if is_case_report(text):
            return
        words = split_words(text)
        modifiers = self._in_notes if is_note(text) else self._modifiers
        for match in self.chosen(doc, DISEASE):
            number = words.starting_at(match.start)
            if number is None or _RE.ADJECTIVE.search(text[match.start : match.end]):
                continue
            first = _on_line(words, words.walk_left(number, modifiers, self.coordinated), number)
            if first < number:
                yield rule_match(text, words.starts[first], match.end, DISEASE, _reference(match))


@dataclass(frozen=True)
class DiseaseSites(FollowingSource):
    """The body site after "of" belongs to the disease before it.

    Args:
        sites: Organ nouns.
        modifiers: Phrases that may stand before a site.
    """

    sites: tuple[str, ...]
    modifiers: tuple[str, ...]

    _sites = set_of("sites")

    @cached_property
    def _modifiers(self) -> frozenset[str]:
        return frozenset((*self.modifiers, "left", "right", "both", "upper", "lower"))

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if is_clinical(text):
            return
        words = split_words(text)
        for match in self.chosen(doc, DISEASE):
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


def _reference(match: Match) -> str:
    return match.evidence.reference if match.evidence else ""


_LOSS_REACH = 7
_LETTERS = frozenset("ABCDE")
_COMPONENTS = frozenset({"complement", "component", "factor", "protein", "terminal"})
_HEADS = frozenset({"deficiency", "deficiencies"})


@dataclass(frozen=True)
class Deficiencies(RuleSource):
    """A deficiency together with what is deficient.

    Args:
        adjectives: Whether "C2-deficient" counts as well.
    """

    adjectives: bool = False

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        words = split_words(text, skip_short_forms=True)
        for number, word in enumerate(words.lower):
            if word not in _HEADS and not (self.adjectives and word == "deficient"):
                continue
            first, last = self._first(words, number) if number else number, self._last(words, number)
            if first < number or last > number:
                start, end = words.starts[first], words.ends[last]
                yield rule_match(text, start, end, DISEASE, f"… {word}")

    @staticmethod
    def _last(words: Words, number: int) -> int:
        """The last word of "of the … enzyme" after the head, or the head itself."""
        at = number + 1
        if at >= len(words.lower) or words.lower[at] != "of":
            return number
        for last in range(at + 1, min(at + _LOSS_REACH, len(words.lower))):
            if words.gaps[last] not in {" ", "-"}:
                break
            surface = words.text[words.starts[last] : words.ends[last]]
            if _RE.SYMBOL.fullmatch(surface) or _RE.ENZYME.fullmatch(words.lower[last]):
                return last + _rest(words, last)
        return number

    def _first(self, words: Words, number: int) -> int:
        first = number - 1
        surface = words.text[words.starts[first] : words.ends[first]]
        if words.gaps[number] not in {" ", "-"}:
            return number
        if _RE.SYMBOL.fullmatch(surface):
            return self._component(words, first)
        if len(words.lower[first]) == 1 and first:
            first -= 1
        if not _RE.ENZYME.fullmatch(words.lower[first]):
            return number
        while (
            first
            and words.gaps[first] in {" ", "-", ", ", ",", "'-"}
            and _RE.NAME_PART.fullmatch(words.lower[first - 1])
        ):
            first -= 1
        return first

    @staticmethod
    def _component(words: Words, first: int) -> int:
        while first and words.lower[first - 1] in _COMPONENTS:
            first -= 1
        return first


def _rest(words: Words, last: int) -> int:
    """How many words after an enzyme or component belong to it: "A", "of complement"."""
    if words.lower[last] == "component" and words.lower[last + 1 : last + 3] == ("of", "complement"):
        return 2
    if last + 1 == len(words.starts) or words.gaps[last + 1] != " ":
        return 0
    return int(words.text[words.starts[last + 1] : words.ends[last + 1]] in _LETTERS)


@dataclass(frozen=True)
class LossPhrases(RuleSource):
    """A way of saying that something is changed, and what is changed.

    Args:
        phrases: Entries ``how : what``.
        sites: Body sites that may stand between the two.
    """

    phrases: tuple[str, ...]
    sites: tuple[str, ...]

    @cached_property
    def _what(self) -> dict[str, frozenset[str]]:
        by_how: dict[str, set[str]] = {}
        for phrase in self.phrases:
            how, _, what = phrase.partition(" : ")
            by_how.setdefault(how, set()).add(what)
        return {how: frozenset(what) for how, what in by_how.items()}

    _how = set_of("_what")
    _first = set_of("_what", each=first_word)
    _sites = set_of("sites")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        words = split_words(text)
        for number, word in enumerate(words.lower):
            length = words.phrase_at(number, self._how) if word in self._first else 0
            last = self._last(words, number, length) if length else None
            if last is not None:
                start, end = words.starts[number], words.ends[last]
                yield rule_match(text, start, end, DISEASE, text[start:end].lower())

    def _last(self, words: Words, number: int, length: int) -> int | None:
        what = self._what[" ".join(words.lower[number : number + length])]
        at = number + length
        while at < len(words.lower) and words.gaps[at] in {" ", "-"}:
            found = words.phrase_at(at, what)
            if found and (at > number + length or not words.lower[at].startswith("function")):
                return at + found - 1
            step = words.phrase_at(at, self._sites)
            if not step:
                return None
            at += step
        return None
