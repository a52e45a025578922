"""Look up terms and concepts by what a reviewer types."""

from __future__ import annotations

import re
from functools import cached_property

from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError
from hybrid_ner.matching.normalize import fold
from hybrid_ner.terms import Gazetteer, Term

__all__ = ["TermIndex"]

_CURIE = re.compile(r"[A-Za-z][\w.]*:[\w.\-]+$")


class TermIndex:
    """A gazetteer by folded text and by concept; the tables are built at the first question.

    Args:
        gazetteer: ``None`` knows no term.
    """

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self.gazetteer = gazetteer or Gazetteer()

    @cached_property
    def _by_key(self) -> dict[str, list[Term]]:
        found: dict[str, list[Term]] = {}
        for term in self.gazetteer.terms:
            found.setdefault(fold(term.text), []).append(term)
        return found

    @cached_property
    def _by_letters(self) -> dict[str, str]:
        return {_letters(key): key for key in reversed(self._by_key)}

    @cached_property
    def _by_concept(self) -> dict[str, Term]:
        found: dict[str, Term] = {}
        for term in self.gazetteer.terms:
            if term.concept_id and (term.concept_id not in found or term.status == "preferred"):
                found[term.concept_id] = term
        return found

    def terms(self, text: str, label: str = "") -> list[Term]:
        """Terms that fold like ``text``, those of ``label`` first."""
        return sorted(self._by_key.get(fold(text), ()), key=lambda term: term.label != label)

    def preferred(self, concept_id: str) -> Term | None:
        """The term that names a concept best."""
        return self._by_concept.get(concept_id)

    def same_letters(self, text: str) -> list[Term]:
        """Terms with the same letters and digits: ``a-fib`` and ``afib``."""
        key = self._by_letters.get(_letters(fold(text)))
        return self._by_key[key] if key is not None else []

    def closest(self, text: str, limit: int = 3) -> list[tuple[str, float]]:
        """The most similar terms, folded, with their similarity between 0 and 1."""
        key = fold(text)
        near = [k for k in self._by_key if k[:1] == key[:1] and abs(len(k) - len(key)) <= 4 + len(key) // 3]
        found = process.extract(key, near, scorer=fuzz.ratio, limit=limit)
        return [(name, score / 100.0) for name, score, _ in found]

    def find(self, said: str, label: str = "") -> Term:
        """The concept that is meant: a concept id, or a term.

        Raises:
            InputError: No such term; the message names close ones.
        """
        if _CURIE.match(said):
            known = self._by_concept.get(said)
            return known or Term(said, label or "CONCEPT", said)
        for term in self.terms(said, label):
            if term.concept_id:
                return term
        close = ", ".join(f"“{name}”" for name, score in self.closest(said) if score >= 0.6)
        if close:
            hint = f"Close terms: {close}. Nothing changed."
        else:
            hint = "Type a concept id such as MESH:D001281. Nothing changed."
        raise InputError(f"no concept named “{said}” in the gazetteer.", hint=hint)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
