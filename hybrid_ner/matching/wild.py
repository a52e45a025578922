"""Terms with a wildcard, as lists of search words have them: "diabet*", "*emia", "hepat*itis"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hybrid_ner.matching.compiled import TermColumns
from hybrid_ner.matching.engine import Hits, Ints
from hybrid_ner.terms import Term

_MARKS = "*?"
_WILD = re.compile(r"(?:.*\s)?(?:\*[a-z]{3,}|[^\W\d_]*[a-z]{3}(?:\*|\?)[a-z]*\*?)(?:\s.*)?", re.IGNORECASE)
"""Marks beside three letters and no digit: "HLA-B*57:01" and "CYP2D6*4" are alleles."""


class Wildcards:
    """Finds the terms that hold ``*`` (any letters and digits, or none) or ``?`` (one letter, or none).

    Args:
        terms: All terms.
        group_of: Group of each term.
    """

    def __init__(self, terms: Sequence[Term], group_of: Ints) -> None:
        found = [(int(group_of[row]), text) for row, text in _marked(terms) if _WILD.fullmatch(text)]
        self._patterns = [(group, _pattern(text)) for group, text in found if group >= 0]

    def add(self, texts: Sequence[str], hits: Hits) -> Hits:
        """The hits, and those of these terms."""
        if not self._patterns:
            return hits
        rows = [
            (doc, *found.span(), group)
            for doc, text in enumerate(texts)
            for group, pattern in self._patterns
            for found in pattern.finditer(text)
        ]
        return Hits.of([*hits.rows(), *rows]) if rows else hits


def _marked(terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
    if isinstance(terms, TermColumns):
        yield from ((row, terms.text(row)) for row in terms.holding(_MARKS))
    else:
        yield from (
            (row, term.text) for row, term in enumerate(terms) if "*" in term.text or "?" in term.text
        )


def _pattern(text: str) -> re.Pattern[str]:
    parts = (
        r"\w*" if part == "*" else r"[^\W\d_]?" if part == "?" else re.escape(part)
        for part in re.split(r"([*?])", text)
    )
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)".replace("\\ ", r"[\s-]+"), re.IGNORECASE)
