"""Compile folded terms into the arrays of the phrase hash, a slice of terms at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import TermError
from hybrid_ner.matching import kernels
from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.phrase_hash import PhraseArrays
from hybrid_ner.matching.tokens import Tokenizer, Tokens, slices

__all__ = ["build_phrases"]

_FILL = 0.6
"""Share of used slots in the tables."""
_MOST_WORDS = (1 << 24) - 2
Array = TypeVar("Array", bound=NDArray[Any])


def build_phrases(terms: Iterable[str]) -> PhraseArrays:
    """Compile terms.

    Raises:
        TermError: The terms hold more distinct words than the tables can number.
    """
    texts = list(terms)
    builder, tokenize = _Builder(), Tokenizer()
    parts = [builder.add(tokenize(texts[start:stop])) for start, stop in slices(texts)]
    return builder.result(np.concatenate(parts) if parts else np.empty(0, dtype=np.int32))


class _Builder:
    """Tables that grow: small ones stay in the cache while most words and prefixes are old."""

    def __init__(self) -> None:
        self.slots = np.zeros(1 << 12, dtype=np.uint64)
        self.word_starts = np.zeros(1 << 12, dtype=np.int32)
        self.letters = np.zeros(1 << 15, dtype=np.uint32)
        self.roots = np.zeros(1 << 12, dtype=np.int32)
        self.keys, self.nodes = _edge_table(1 << 12)
        self.terminal = np.full(1 << 12, -1, dtype=np.int32)
        self.words = 0
        self.counts = (0, 0, 0)
        """Nodes, edges and groups so far."""

    def add(self, tokens: Tokens) -> Ints:
        """Thread terms through the tables; return the group of each."""
        self._make_room(tokens)
        ids = np.empty(tokens.count, dtype=np.int32)
        words = (self.slots, self.word_starts, self.letters)
        self.words = kernels.insert_words(
            tokens.count, tokens.hashes, tokens.places, tokens.folded, words, self.words, ids
        )
        group_of = np.empty(len(tokens.first) - 1, dtype=np.int32)
        trie = (self.roots, self.keys, self.nodes, self.terminal)
        self.counts = kernels.insert_edges(tokens.first, tokens.flags, ids, trie, self.counts, group_of)
        return group_of

    def result(self, group_of: Ints) -> PhraseArrays:
        """The tables, cut to size."""
        keys, nodes = self._edges(self.counts[1])
        return PhraseArrays(
            self.slots,
            self.word_starts[: self.words + 1].copy(),
            self.letters[: self.word_starts[self.words]].copy(),
            self.roots[: self.words].copy(),
            keys,
            nodes,
            self.terminal[: self.counts[0] + 1].copy(),
            group_of,
        )

    def _make_room(self, tokens: Tokens) -> None:
        words, edges = self.words + tokens.count, self.counts[1] + tokens.count
        if words > _MOST_WORDS:
            raise TermError(
                f"the terms hold more than {_MOST_WORDS:,} distinct words.", hint="Split the list."
            )
        letters = int(self.word_starts[self.words]) + int(tokens.places[tokens.count])
        self.word_starts = _grown(self.word_starts, words + 1)
        self.letters = _grown(self.letters, letters)
        self.roots = _grown(self.roots, words)
        self.terminal = _grown(self.terminal, self.counts[0] + tokens.count + 1, -1)
        if words > len(self.slots) * _FILL:
            self.slots = np.zeros(_power_of_two(2 * words), dtype=np.uint64)
            kernels.rehash_words(self.word_starts[: self.words + 1], self.letters, self.slots)
        if edges > len(self.keys) * _FILL:
            self.keys, self.nodes = self._edges(2 * edges)

    def _edges(self, room: int) -> tuple[NDArray[np.uint64], Ints]:
        keys, nodes = _edge_table(room)
        kernels.rehash_edges(self.keys, self.nodes, keys, nodes)
        return keys, nodes


def _grown(array: Array, size: int, fill: int = 0) -> Array:
    if size <= len(array):
        return array
    larger = np.full(2 * size, fill, dtype=array.dtype)
    larger[: len(array)] = array
    return larger  # type: ignore[return-value]


def _power_of_two(count: int) -> int:
    return 1 << max(4, int(count / _FILL).bit_length())


def _edge_table(edges: int) -> tuple[NDArray[np.uint64], Ints]:
    size = int(edges / _FILL) + 8
    return np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)
