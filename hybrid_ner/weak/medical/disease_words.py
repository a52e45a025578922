"""Single words that name a disease: a list, and word endings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.medical.base import DISEASE, MedicalSource, rule_match
from hybrid_ner.weak.medical.words import split_words
from hybrid_ner.weak.rulefiles import alternation

__all__ = ["DiseaseSuffixes", "DiseaseWords"]

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

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every word with such an ending."""
        text = doc.text
        words = split_words(text)
        for number, word in enumerate(words.lower):
            if len(word) >= _SHORTEST and word not in self._excluded and self._pattern.fullmatch(word):
                yield rule_match(text, words.starts[number], words.ends[number], DISEASE, f"-{word[-6:]}")
