"""Batches of texts as arrays of folded tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching import token_kernels
from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.fold_table import fold_tables

__all__ = ["Tokenizer", "Tokens", "slices"]

_CHUNK = 1 << 18
"""Characters folded at a time: small enough for the working arrays to stay in the cache."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a batch of texts, as arrays.

    Args:
        count: Number of tokens.
        hashes: Hash of each folded token.
        places: Where each token starts in ``folded``, and the end of the last.
        starts: First character in its own text.
        ends: One past the last character.
        flags: ``SPACED``, ``START_OK``, ``END_OK``.
        first: First token of each text, and the number of tokens.
        folded: Folded code points, without white space.
    """

    count: int
    hashes: NDArray[np.uint64]
    places: Ints
    starts: Ints
    ends: Ints
    flags: NDArray[np.uint8]
    first: Ints
    folded: NDArray[np.uint32]


class Tokenizer:
    """Folds and cuts texts into arrays that it uses again: tokens hold until the next call.

    Fresh arrays for every call would cost a third of the time, in page faults. Not for several threads.
    """

    def __init__(self) -> None:
        self._resize(0)

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Tokens of each text."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=offsets[1:])
        first = np.empty(len(offsets), dtype=np.int32)
        if len(codes) > self._room:
            self._resize(len(codes))
        table = fold_tables().current
        while True:  # once, unless a page is missing or many characters unfold into several
            tables = (table.page_of, table.pages, table.many_starts, table.many)
            count = token_kernels.tokenize(codes, offsets, tables, self._folded, self._columns, first)
            if count >= 0:
                return Tokens(count, *self._columns, first, self._folded)
            if count == token_kernels.PAGE_MISSING:
                table = fold_tables().covering(codes)
            else:
                self._resize(3 * self._room)

    def _resize(self, room: int) -> None:
        self._room = room
        most = room + 64  # a token holds at least one folded character
        self._folded = np.empty(most, dtype=np.uint32)
        places, starts, ends = (np.empty(most + 1, dtype=np.int32) for _ in range(3))
        hashes, flags = np.empty(most, dtype=np.uint64), np.empty(most, dtype=np.uint8)
        self._columns = (hashes, places, starts, ends, flags)


def slices(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last of texts that are worth working on together, half open."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHUNK:
            yield start, place + 1
            start, size = place + 1, 0
    if start < len(texts):
        yield start, len(texts)
