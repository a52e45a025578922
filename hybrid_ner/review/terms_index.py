"""Look up terms and concepts by what a reviewer types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError
from hybrid_ner.matching.normalize import fold
from hybrid_ner.review.term_table import TermTable, letters_of
from hybrid_ner.terms import Gazetteer, Term

__all__ = ["TermIndex"]

_CURIE = re.compile(r"[A-Za-z][\w.]*:[\w.\-]+$")


class TermIndex:
    """Terms by folded text and by concept; the table is made at the first question.

    Args:
        gazetteer: ``None`` knows no term.
    """

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer or Gazetteer()

    @cached_property
    def table(self) -> TermTable:
        """The terms, by everything they are looked up by."""
        return TermTable.of(self._gazetteer.terms)

    def __len__(self) -> int:
        return len(self.table)

    def terms(self, text: str, label: str = "") -> list[Term]:
        """Terms that fold like ``text``, those of ``label`` first."""
        return sorted(self._of(self.table.keys.equal(fold(text))), key=lambda term: term.label != label)

    def of_concept(self, concept_id: str) -> list[Term]:
        """The terms of a concept."""
        return self._of(self.table.concepts.equal(concept_id)) if concept_id else []

    def preferred(self, concept_id: str) -> Term | None:
        """The term that names a concept best."""
        named = self.of_concept(concept_id)
        best = [term for term in named if term.status == "preferred"]
        return best[-1] if best else named[0] if named else None

    def same_letters(self, text: str) -> list[Term]:
        """Terms with the same letters and digits: ``a-fib`` and ``afib``."""
        table = self.table
        number = next(table.letters.equal(letters_of(fold(text))), None)
        return self._of(table.keys.equal(table.keys[number])) if number is not None else []

    def closest(self, text: str, limit: int = 3) -> list[tuple[str, float]]:
        """The most similar terms, folded, with their similarity between 0 and 1."""
        key = fold(text)
        slack = 4 + len(key) // 3
        near = dict.fromkeys(
            k for k in self.table.keys if k[:1] == key[:1] and abs(len(k) - len(key)) <= slack
        )
        found = process.extract(key, list(near), scorer=fuzz.ratio, limit=limit)
        return [(name, score / 100.0) for name, score, _ in found]

    def find(self, said: str, label: str = "") -> Term:
        """The concept that is meant: a concept id, or a term.

        Raises:
            InputError: No such term; the message names close ones.
        """
        if _CURIE.match(said):
            return self.preferred(said) or Term(said, label or "CONCEPT", said)
        for term in self.terms(said, label):
            if term.concept_id:
                return term
        close = ", ".join(f"“{name}”" for name, score in self.closest(said) if score >= 0.6)
        if close:
            hint = f"Close terms: {close}. Nothing changed."
        else:
            hint = "Type a concept id such as MESH:D001281. Nothing changed."
        raise InputError(f"no concept named “{said}” in the gazetteer.", hint=hint)

    def _of(self, numbers: Iterable[int]) -> list[Term]:
        terms = self.table.terms
        return [terms[number] for number in numbers]
