"""The fold as arrays, for compiled code: an entry for each code point, page by page as texts need them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.normalize import extends_previous, fold_char, is_word_char

__all__ = [
    "CODE",
    "DROP",
    "MANY",
    "MARK",
    "SPACE",
    "UNFILLED",
    "WORD",
    "FoldTable",
    "FoldTables",
    "fold_tables",
]

CODE = (1 << 21) - 1
"""Bits of an entry that hold the folded code point, or under ``MANY`` the number of an expansion."""
WORD, SPACE, DROP, MANY, MARK, UNFILLED = (1 << bit for bit in range(21, 27))
_PAGE = 256
_PAGES = 0x110000 // _PAGE

Codes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class FoldTable:
    """A snapshot that never changes; later pages make a new one.

    Args:
        page_of: Row of ``pages`` for each block of 256 code points, 0 where it is not filled.
        pages: Entries: flags over a folded code point; row 0 holds ``UNFILLED`` everywhere.
        many_starts: Where each expansion starts in ``many``.
        many: Entries of the expansions.
    """

    page_of: NDArray[np.int32]
    pages: Codes
    many_starts: NDArray[np.int32]
    many: Codes


class FoldTables:
    """Hands out tables; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        empty = np.full((1, _PAGE), UNFILLED, dtype=np.uint32)
        none = np.empty(0, dtype=np.uint32)
        self.current = FoldTable(np.zeros(_PAGES, np.int32), empty, np.zeros(1, np.int32), none)
        self.covering(np.zeros(1, dtype=np.uint32))

    def covering(self, codes: Codes) -> FoldTable:
        """Fill the page of every code point in ``codes``."""
        with self._lock:
            for page in np.unique(codes >> 8).tolist():
                if not self.current.page_of[page]:
                    self.current = _with_page(self.current, page)
            return self.current


@cache
def fold_tables() -> FoldTables:
    """The one set of tables of this process: folding does not depend on a gazetteer."""
    return FoldTables()


def _with_page(table: FoldTable, page: int) -> FoldTable:
    entries = np.zeros(_PAGE, dtype=np.uint32)
    many, starts = table.many.tolist(), table.many_starts.tolist()
    for place in range(_PAGE):
        char = chr(page * _PAGE + place)
        units = [_entry(c) for c in fold_char(char)]
        if len(units) == 1:
            entries[place] = units[0]
        elif units:
            entries[place] = MANY | (len(starts) - 1)
            many += units
            starts.append(len(many))
        else:
            entries[place] = DROP | (MARK if extends_previous(char) else 0)
    page_of = table.page_of.copy()
    page_of[page] = len(table.pages)
    return FoldTable(
        page_of,
        np.concatenate((table.pages, entries[None])),
        np.array(starts, dtype=np.int32),
        np.array(many, dtype=np.uint32),
    )


def _entry(char: str) -> int:
    if char == " ":
        return SPACE | ord(char)
    mark = MARK if unicodedata.category(char)[0] == "M" else 0
    return ord(char) | mark | (WORD if is_word_char(char) else 0)
