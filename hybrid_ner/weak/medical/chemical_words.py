"""Chemicals that are recognized by their form: class names, formulas and compound codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.medical.base import CHEMICAL, MedicalSource, rule_match
from hybrid_ner.weak.medical.words import split_words
from hybrid_ner.weak.rulefiles import alternation

__all__ = ["ChemicalClasses", "CompoundCodes", "Formulas"]

_BARE = r"(?<!\w)(?:K|H|Cl)(?=\(?\d?\+)(?!\w)|(?<=[a-z] )NO(?= [a-z]|[-,;)])"
"""Symbols that are words or initials elsewhere: K, H, Cl with a charge, NO inside lower-case text."""


@dataclass(frozen=True)
class ChemicalClasses(MedicalSource):
    """Names of drug classes.

    Args:
        classes: Phrases of up to three words.
    """

    classes: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.classes)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed class name."""
        text = doc.text
        words = split_words(text)
        for number in range(len(words.lower)):
            length = words.phrase_at(number, self._known)
            if length:
                start, end = words.starts[number], words.ends[number + length - 1]
                yield rule_match(text, start, end, CHEMICAL, text[start:end].lower())


@dataclass(frozen=True)
class Formulas(MedicalSource):
    """Element symbols and formulas with their exact letters.

    Args:
        formulas: Symbols and formulas.
    """

    formulas: tuple[str, ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        symbols = alternation(tuple(map(re.escape, self.formulas)))
        return re.compile(rf"(?<![\w.]){symbols}(?![\w.]*\w)|{_BARE}")

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed formula, and ambiguous symbols where the text around them settles it."""
        text = doc.text
        for found in self._pattern.finditer(text):
            yield rule_match(text, found.start(), found.end(), CHEMICAL, found.group())


@dataclass(frozen=True)
class CompoundCodes(MedicalSource):
    """Development codes of compounds: ``MK-801``, ``GR 55562``, ``BD1063``.

    Args:
        exceptions: Letter prefixes that start other codes.
    """

    exceptions: tuple[str, ...]

    @cached_property
    def _excluded(self) -> frozenset[str]:
        return frozenset(self.exceptions)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Two to five capitals and three or more digits, as one word or joined by a hyphen or space."""
        text = doc.text
        for found in _CODE.finditer(text):
            if found.group(1).upper() not in self._excluded:
                yield rule_match(text, found.start(), found.end(), CHEMICAL, "compound code")


_CODE = re.compile(
    r"(?<![\w-])([A-Z]{2,5})(?:-\d{3,6}|\d{4,6}| \d{4,6}|-\d{2,4}-\d{3,4})[A-Z]?"
    r"(?![\w%]|[.,]\d|-[a-z]{0,3}\d)"
)
