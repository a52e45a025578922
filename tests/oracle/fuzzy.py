"""Fuzzy matching by comparing every window with every term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.oracle.matching import folded_units, may_cut, source_end


def distance(a: str, b: str) -> int:
    """Optimal string alignment distance by its recurrence."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            options = [
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
            ]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                options.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(options)
    return table[len(a), len(b)]


def allowed(length: int) -> int:
    return 0 if length < 5 or length > 96 else 1 if length < 12 else 2


def near_windows(text: str, keys: Sequence[str]) -> Mapping[tuple[int, int, str], int]:
    """Every whole-word window within the allowed edits of a key, but not equal to it."""
    units = folded_units(text)
    found = {}
    for i in range(len(units)):
        if units[i][0] == " " or not units[i][2] or not may_cut(units, i):
            continue
        for j in range(i + 1, len(units) + 1):
            if units[j - 1][0] == " " or not units[j - 1][3] or not may_cut(units, j):
                continue
            window = "".join(unit[0] for unit in units[i:j])
            for key in keys:
                edits = distance(window, key)
                if 0 < edits <= allowed(len(key)):
                    found[units[i][1], source_end(text, units, j), key] = edits
    return found
