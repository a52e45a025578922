"""Terms by text, letters and concept: dictionaries over all terms."""

from __future__ import annotations

from hybrid_ner.terms import Term
from hybrid_ner.text import fold

__all__ = ["by_concept", "by_letters", "by_text"]


def by_text(terms: list[Term], text: str) -> list[Term]:
    """Terms that fold like a text."""
    return [term for term in terms if fold(term.text) == fold(text)]


def by_letters(terms: list[Term], text: str) -> list[Term]:
    """Terms that fold like the first one that has the letters and digits of a text."""
    for term in terms:
        if _letters(term.text) == _letters(text):
            return by_text(terms, term.text)
    return []


def by_concept(terms: list[Term], concept_id: str) -> Term | None:
    """The last preferred name of a concept, else its first name."""
    found = None
    for term in terms:
        if term.concept_id == concept_id != "" and (found is None or term.status == "preferred"):
            found = term
    return found


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))
