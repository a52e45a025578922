"""Find the label that a reviewer means."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError

__all__ = ["find_label"]

CLOSE = 70.0
"""Similarity (0-100) from which a label is taken for the one meant."""
CLEAR = 8.0
"""Lead over the second best that a fuzzy match must have."""


def find_label(said: str, labels: Sequence[str]) -> str:
    """The label meant by ``said``: equal, else equal without case, a unique beginning, or clearly closest.

    Raises:
        InputError: None fits, or several do; the message lists them.
    """
    if said in labels:
        return said
    plain = _plain(said)
    for fits in (
        [label for label in labels if _plain(label) == plain],
        [label for label in labels if plain and _plain(label).startswith(plain)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise InputError(f"label {said!r} could be {' or '.join(fits)}.", hint="Type more of it.")
    close = process.extract(plain, {label: _plain(label) for label in labels}, scorer=fuzz.ratio, limit=2)
    if close and close[0][1] >= CLOSE and (len(close) < 2 or close[0][1] - close[1][1] >= CLEAR):
        return str(close[0][2])
    known = ", ".join(labels) if labels else "none"
    raise InputError(f"no label like {said!r}. Labels: {known}.", hint="Add one with `label NAME`.")


def _plain(label: str) -> str:
    return "".join(filter(str.isalnum, label.casefold()))
