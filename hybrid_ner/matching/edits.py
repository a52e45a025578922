"""Which edits turn a term into the string that was found, in words for the reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Edit", "describe", "edits_between"]

Kind = Literal["insert", "delete", "replace", "swap"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the reference.

    Args:
        kind: What happened to the reference.
        at: Offset in the reference; for ``insert`` the character before which it happened.
        place: Offset in the found string; for ``delete`` where the character is missing.
        old: Characters of the reference.
        new: Characters that were found.
    """

    kind: Kind
    at: int
    place: int
    old: str
    new: str


def edits_between(reference: str, found: str) -> tuple[Edit, ...]:
    """The fewest insertions, deletions, replacements and swaps of neighbors, from left to right.

    Optimal string alignment (Damerau-Levenshtein without editing a place twice).
    """
    start = _common(reference, found)
    a, b = reference[start:], found[start:]
    end = _common(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    costs = _costs(a, b)
    edits: list[Edit] = []
    i, j = len(a), len(b)
    while i or j:
        cost = costs[i][j]
        if i and j and a[i - 1] == b[j - 1] and cost == costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            continue
        kind: Kind
        if _swapped(a, b, i, j) and cost == costs[i - 2][j - 2] + 1:
            kind, di, dj = "swap", 2, 2
        elif i and j and cost == costs[i - 1][j - 1] + 1:
            kind, di, dj = "replace", 1, 1
        elif i and cost == costs[i - 1][j] + 1:
            kind, di, dj = "delete", 1, 0
        else:
            kind, di, dj = "insert", 0, 1
        edits.append(Edit(kind, start + i - di, start + j - dj, a[i - di : i], b[j - dj : j]))
        i, j = i - di, j - dj
    return tuple(reversed(edits))


def describe(edit: Edit) -> str:
    """The edit in words."""
    if edit.kind == "insert":
        return f"extra “{edit.new}”"
    if edit.kind == "delete":
        return f"“{edit.old}” missing"
    if edit.kind == "swap":
        return f"“{edit.old}” swapped"
    return f"“{edit.new}” for “{edit.old}”"


def _common(a: str, b: str) -> int:
    for place, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return place
    return min(len(a), len(b))


def _swapped(a: str, b: str, i: int, j: int) -> bool:
    return i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]


def _costs(a: str, b: str) -> list[list[int]]:
    costs = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            best = min(costs[i - 1][j - 1] + (a[i - 1] != b[j - 1]), costs[i - 1][j] + 1, row[j - 1] + 1)
            if _swapped(a, b, i, j):
                best = min(best, costs[i - 2][j - 2] + 1)
            row.append(best)
        costs.append(row)
    return costs
