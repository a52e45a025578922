"""From the whole text of a term to its row, in one plain array that can be memory-mapped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text.fold import fold

if TYPE_CHECKING:
    from hybrid_ner.terms.gazetteer import Gazetteer
    from hybrid_ner.terms.term import Term

_SHORTEST = 4
"""Characters of the shortest term that is indexed."""
_FIRST_WORD = re.compile(r"[^\w]+")
_STARTS = 1 << 31
_ROW = _STARTS - 1
_ENDING = 3
"""Characters at the end in which another number of a word differs: "biopsies", "biopsy"."""
_LEAST, _MOST = 5, 20
"""Bytes by which it is told whether some term starts like this."""
TOLD_FROM = _LEAST + _ENDING
"""Characters of what ``begins`` may say no to."""
_SEPARATORS = str.maketrans("", "", " -")


def surface_key(text: str) -> str:
    """What two spellings share that differ in case or typography alone."""
    return text.lower() if text.isascii() else fold(text)


class SurfaceIndex:
    """Finds the first term of a text that ignores case, and tells what terms start with.

    Args:
        slots: Hash table: 32 bits of hash, one for "a term has this first word", 31 of row plus one.
        letters: A bit for the hash of each beginning of a term.
        gazetteer: The terms; a row is read only to compare it.
    """

    def __init__(self, slots: NDArray[np.uint64], letters: NDArray[np.uint8], gazetteer: Gazetteer) -> None:
        self.slots, self.letters, self._gazetteer = slots, letters, gazetteer
        self._shift = 32 - (len(slots).bit_length() - 1)
        self._letter_shift = 32 - (8 * len(letters)).bit_length() + 1
        # A number of a view takes half the time of one of an array.
        self._read, self._bits = slots.data, letters.data

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.slots, self.letters, self._gazetteer)

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
        return cls(_table(np.array(entries, dtype=np.uint64)), _beginnings(map(squash, rows)), gazetteer)

    def find(self, key: str) -> Term | None:
        """The first term whose ``surface_key`` this is."""
        hashed = crc32(key.encode("utf-8", "surrogatepass"))
        slot, read = hashed >> self._shift, self._read
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _ROW:
                term = self._gazetteer[(entry & _ROW) - 1]
                if surface_key(term.text) == key:
                    return term
            slot += 1
        return None

    def starts(self, word: str) -> bool:
        """Whether some term has this first word, in lower case; seldom true though none has."""
        hashed = crc32(word.encode("utf-8", "surrogatepass"))
        slot, read = hashed >> self._shift, self._read
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _STARTS:
                return True
            slot += 1
        return False

    def begins(self, letters: bytes) -> bool:
        """Whether some term may start like this, its last letters aside.

        Args:
            letters: A ``surface_key``, squashed, in UTF-8.
        """
        if not letters.isascii():
            letters = _bytes(letters.decode("utf-8", "surrogatepass")[:-_ENDING]) + bytes(_ENDING)
        begin = letters[:-_ENDING][:_MOST]
        if len(begin) < _LEAST:
            return True
        bit = crc32(begin) >> self._letter_shift
        return bool(self._bits[bit >> 3] >> (bit & 7) & 1)


def squash(key: str) -> str:
    """Without hyphens and spaces."""
    return key.translate(_SEPARATORS)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _beginnings(keys: Iterable[str]) -> NDArray[np.uint8]:
    """A bit for the hash of the first bytes of each key, from ``_LEAST`` to ``_MOST`` of them."""
    parts = [_bytes(key)[:_MOST] for key in keys]
    lengths = np.array([len(part) for part in parts], dtype=np.intp)
    starts, blob = np.cumsum(lengths) - lengths, np.frombuffer(b"".join(parts), dtype=np.uint8)
    count = int(np.maximum(lengths - _LEAST + 1, 0).sum())
    size = min(32, max(10, (8 * count).bit_length()))  # half of them are beginnings of another key too
    bits, table = np.zeros(1 << size, dtype=np.bool_), _crc_table()
    state = np.full(len(parts), 0xFFFFFFFF, dtype=np.uint32)
    for place in range(_MOST):
        longer = lengths > place
        starts, lengths, state = starts[longer], lengths[longer], state[longer]
        state = table[(state ^ blob[starts + place]) & np.uint32(255)] ^ (state >> np.uint32(8))
        if place + 1 >= _LEAST:
            bits[~state >> np.uint32(32 - size)] = True
    return np.packbits(bits, bitorder="little")


def _crc_table() -> NDArray[np.uint32]:
    """Of CRC-32, as ``zlib.crc32`` reckons."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> np.uint32(1)) ^ np.uint32(0xEDB88320), table >> np.uint32(1))
    return table


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
