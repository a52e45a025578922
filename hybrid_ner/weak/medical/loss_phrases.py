"""Symptoms said as a changed function: "impaired renal function", "loss of vision", "QT prolongation"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.medical.base import DISEASE, MedicalSource, rule_match
from hybrid_ner.weak.medical.words import Words, split_words

__all__ = ["LossPhrases"]


@dataclass(frozen=True)
class LossPhrases(MedicalSource):
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

    @cached_property
    def _how(self) -> frozenset[str]:
        return frozenset(self._what)

    @cached_property
    def _sites(self) -> frozenset[str]:
        return frozenset(self.sites)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every such phrase."""
        text = doc.text
        words = split_words(text)
        for number in range(len(words.lower)):
            length = words.phrase_at(number, self._how)
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
