"""From the whole text of a term to its row, in one plain array that can be memory-mapped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text.fold import fold

if TYPE_CHECKING:
    from hybrid_ner.terms.gazetteer import Gazetteer
    from hybrid_ner.terms.term import Term

__all__ = ["SurfaceIndex", "squash", "surface_key"]

_SHORTEST = 4
"""Characters of the shortest term that is indexed."""
_FIRST_WORD = re.compile(r"[^\w]+")
_STARTS, _BEGINS = 1 << 31, 1 << 30
_ROW = _BEGINS - 1
_GATES = (10, 18)
"""Letters by which it is told whether a longer term may still come."""
_ENDING = 3
"""Characters at the end in which another number of a word differs: "biopsies", "biopsy"."""
_SEPARATORS = str.maketrans("", "", " -")


def surface_key(text: str) -> str:
    """What two spellings share that differ in case or typography alone."""
    return text.lower() if text.isascii() else fold(text)


class SurfaceIndex:
    """Finds the first term of a text that ignores case, and tells what terms start with.

    Args:
        slots: Hash table: 32 bits of hash, one for "a term has this first word", one for "a term has these
            first letters", 30 of row plus one.
        gazetteer: The terms; a row is read only to compare it.
    """

    def __init__(self, slots: NDArray[np.uint64], gazetteer: Gazetteer) -> None:
        self.slots, self._gazetteer = slots, gazetteer
        self._shift = 32 - (len(slots).bit_length() - 1)

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> SurfaceIndex:
        """Index the terms that ignore case."""
        rows: dict[str, int] = {}
        for row, term in enumerate(gazetteer.terms):
            if term.mode == "folded" and len(term.text) >= _SHORTEST:
                rows.setdefault(surface_key(term.text), row)
        first = {_FIRST_WORD.split(key, maxsplit=1)[0] for key in rows}
        entries = [(crc32(_bytes(key)) << 32) | (row + 1) for key, row in rows.items()]
        entries += [(crc32(_bytes(word)) << 32) | _STARTS for word in first]
        letters = {squashed[:gate] for squashed in map(squash, rows) for gate in _GATES}
        entries += [(crc32(_bytes(each)) << 32) | _BEGINS for each in letters if len(each) in _GATES]
        return cls(_table(np.array(entries, dtype=np.uint64)), gazetteer)

    def find(self, key: str) -> Term | None:
        """The first term whose ``surface_key`` this is."""
        hashed = crc32(_bytes(key))
        slot, read = hashed >> self._shift, self.slots.item
        while entry := read(slot):
            if entry >> 32 == hashed and entry & _ROW:
                term = self._gazetteer[(entry & _ROW) - 1]
                if surface_key(term.text) == key:
                    return term
            slot += 1
        return None

    def starts(self, word: str) -> bool:
        """Whether some term has this first word, in lower case; seldom true though none has."""
        return self._marked(word, _STARTS)

    def continues(self, squashed: str) -> bool:
        """Whether some term may start like this, its last letters and its hyphens and spaces aside."""
        size = len(squashed) - _ENDING
        return all(size < gate or self._marked(squashed[:gate], _BEGINS) for gate in _GATES)

    def _marked(self, text: str, mark: int) -> bool:
        hashed = crc32(_bytes(text))
        slot, read = hashed >> self._shift, self.slots.item
        while entry := read(slot):
            if entry >> 32 == hashed and entry & mark:
                return True
            slot += 1
        return False


def squash(key: str) -> str:
    """Without hyphens and spaces."""
    return key.translate(_SEPARATORS)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _table(entries: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Open addressing without wrapping round: entries by hash, each at its place or the next free one."""
    bits = max(4, (2 * len(entries)).bit_length())
    entries = np.sort(entries)
    homes = (entries >> np.uint64(64 - bits)).astype(np.int64)
    order = np.arange(len(entries))
    places = order + np.maximum.accumulate(homes - order)
    last = int(places[-1]) if len(places) else 0
    table = np.zeros((1 << bits) + max(0, last + 2 - (1 << bits)), dtype=np.uint64)
    table[places] = entries
    return table
