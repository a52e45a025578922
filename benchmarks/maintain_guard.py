"""Which terms of a medical list may match, and how strictly.

The guard decides on a term alone, before any text is seen: general words are left out, short acronyms
must match with their exact letters, and those that are also gene symbols only where the document
defines them.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, replace
from pathlib import Path

from hybrid_ner.io import read_list, shipped
from hybrid_ner.terms import Gazetteer, MatchMode, Term
from hybrid_ner.text import fold
from hybrid_ner.text.patterns import alternation

__all__ = ["TermGuard", "guard_gazetteer", "load_term_guard"]

_ACRONYM_LENGTH = 6
_CODE = re.compile(r"[a-z]{0,2}[\W_]*\d{0,2}")


@dataclass(frozen=True, slots=True)
class TermGuard:
    """Leaves out a term, or sets its match mode.

    Args:
        removed: Terms that never match: classes, study words, everyday English, in lower case, and
            acronyms with their capitals.
        kept: Folded terms that match although they are short.
        genes: Gene symbols, upper case.
        proteins: Expression that finds a protein head at the end of a folded chemical term.
    """

    removed: frozenset[str]
    kept: frozenset[str]
    genes: frozenset[str]
    proteins: re.Pattern[str]

    def __call__(self, term: Term) -> Term | None:
        """The term with its match mode, or ``None`` when it must not match."""
        key = fold(term.text)
        if term.text in self.removed:
            return None
        if term.text.isupper() and len(term.text) <= _ACRONYM_LENGTH and self._acronym(term.text):
            return replace(term, mode=self._mode(term))
        if key in self.kept:
            return term
        if key in self.removed or _CODE.fullmatch(key):
            return None
        if self._acronym(term.text):
            return replace(term, mode=self._mode(term))
        return None if term.label == "Chemical" and self.proteins.search(key) else term

    def _mode(self, term: Term) -> MatchMode:
        return "defined" if term.text.upper() in self.genes else "case"

    @staticmethod
    def _acronym(text: str) -> bool:
        return " " not in text and len(text) <= _ACRONYM_LENGTH and sum(map(str.isupper, text)) >= 2


def guard_gazetteer(gazetteer: Gazetteer, guard: TermGuard) -> Gazetteer:
    """The gazetteer without the terms that the guard leaves out, and with its match modes."""
    guarded = (guard(term) for term in gazetteer.terms)
    return Gazetteer(tuple(filter(None, guarded)), gazetteer.parents, gazetteer.name)


def load_term_guard(folder: Path | None = None) -> TermGuard:
    """The guard made of the shipped lists."""
    folder = folder or shipped("gazetteers", "medical", "rules")
    removed = {
        entry
        for name in ("stop_terms", "banned_terms", "common_english")
        for entry in read_list(folder / f"{name}.txt")
    }
    kept = frozenset(map(fold, read_list(folder / "keep_common.txt")))
    with gzip.open(folder / "gene_symbols.tsv.gz", "rt", encoding="utf-8") as lines:
        genes = frozenset(line.strip().upper() for line in lines)
    heads = alternation(read_list(folder / "protein_heads.txt"))
    proteins = re.compile(rf"(?:^|[\s-]){heads}(?:[\s-]?\w{{1,6}})?$")
    return TermGuard(frozenset(removed) - kept, kept, genes, proteins)
