"""From the whole text of a term to its row, in one plain array that can be memory-mapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text import fold
from hybrid_ner.text.tokens import Hashes, hashes_between, places_of

if TYPE_CHECKING:
    from hybrid_ner.terms import Gazetteer, Term

_SHORTEST = 4
"""Characters of the shortest term that is indexed."""
_FIRST_WORD = re.compile(r"[^\w]+")
_STARTS = 1 << 31
_ROW = _STARTS - 1
_ENDINGS = "seiy"
"""Letters of all endings in which the numbers of a word differ: "biopsies", "biopsy", "crises", "crisis"."""
INDEXED_BY = "stems"
"""What an index says more than whole texts; a file that lacks it is indexed anew."""


def surface_key(text: str) -> str:
    """What two spellings share that differ in case or typography alone."""
    return text.lower() if text.isascii() else fold(text)


class SurfaceIndex:
    """Finds the first term of a text that ignores case, and tells what may be a term in another spelling.

    Args:
        slots: Hash table: 32 bits of hash, one for "a term has this first word", 31 of row plus one.
        stems: Two bits for the stem of each term: ``may_hold`` tells what may be one.
        gazetteer: The terms; a row is read only to compare it.
    """

    def __init__(self, slots: NDArray[np.uint64], stems: NDArray[np.uint8], gazetteer: Gazetteer) -> None:
        self.slots, self.stems, self._gazetteer = slots, stems, gazetteer
        self._shift = 32 - (len(slots).bit_length() - 1)
        self._read = slots.data  # a number of a view takes half the time of one of an array

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.slots, self.stems, self._gazetteer)

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> SurfaceIndex:
        """Index the terms that ignore case."""
        rows: dict[str, int] = {}
        for row, term in enumerate(gazetteer.terms):
            if term.mode == "folded" and len(term.text) >= _SHORTEST:
                rows.setdefault(surface_key(term.text), row)
        # White space first: few strings are then left to look at letter by letter.
        first = {_FIRST_WORD.split(begin, maxsplit=1)[0] for begin in {key.partition(" ")[0] for key in rows}}
        entries = [(_hash(key) << 32) | (row + 1) for key, row in rows.items()]
        entries += [(_hash(word) << 32) | _STARTS for word in first]
        return cls(_table(np.array(entries, dtype=np.uint64)), _bits(hashes_of(stems_of(rows))), gazetteer)

    def find(self, key: str) -> Term | None:
        """The first term whose ``surface_key`` this is."""
        row = self.row(key)
        return None if row is None else self._gazetteer[row]

    def row(self, key: str) -> int | None:
        """Row of that term."""
        hashed = _hash(key)
        slot, read, text = hashed >> self._shift, self._read, self._gazetteer.text
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _ROW:
                row = (entry & _ROW) - 1
                if surface_key(text(row)) == key:
                    return row
            slot += 1
        return None

    def starts(self, word: str) -> bool:
        """Whether some term has this first word, in lower case; seldom true though none has."""
        hashed = _hash(word)
        slot, read = hashed >> self._shift, self._read
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _STARTS:
                return True
            slot += 1
        return False


def squash(key: str) -> str:
    """Without hyphens and spaces."""
    return key.replace(" ", "").replace("-", "")


def stems_of(keys: Iterable[str]) -> list[str]:
    """What all numbers of a word or term share, however it is hyphenated."""
    return [squash(key).rstrip(_ENDINGS) for key in keys]


_AT_ONCE = 10_000
"""Strings that are hashed together: few enough for the working arrays to stay in the cache."""


def hashes_of(texts: Sequence[str]) -> Hashes:
    if len(texts) > _AT_ONCE:
        parts = (texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE))
        return np.concatenate([hashes_of(part) for part in parts])
    bounds = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum([*map(len, texts)], out=bounds[1:])
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    return hashes_between(np.frombuffer(joined, dtype=np.uint32), bounds)


def _bits(hashes: Hashes) -> NDArray[np.uint8]:
    bits = np.zeros(1 << min(32, max(10, (16 * len(hashes)).bit_length())), dtype=np.bool_)
    for places in places_of(hashes, len(bits)):
        bits[places] = True
    return np.packbits(bits, bitorder="little")


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


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
