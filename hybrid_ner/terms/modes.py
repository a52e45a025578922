"""The match mode of a string whose source states none."""

from __future__ import annotations

from hybrid_ner.terms.term import MatchMode

__all__ = ["MAX_ACRONYM", "guess_mode"]

MAX_ACRONYM = 6
"""Longest single token, in characters, that counts as an acronym."""


def guess_mode(text: str) -> MatchMode:
    """``case`` for a short single token with two or more capitals (``ALS``, ``mRNAs``), else ``folded``.

    Read in any case, such acronyms are ordinary words far too often ("all", "aids", "was").
    """
    if len(text) > MAX_ACRONYM or " " in text or text.islower():
        return "folded"
    return "case" if sum(map(str.isupper, text)) > 1 else "folded"
