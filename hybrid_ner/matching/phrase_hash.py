"""The engine for batches and large gazetteers: a hash trie over words in plain arrays, and its making."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import TermError
from hybrid_ner.matching import kernels
from hybrid_ner.matching.engine import Hits, Ints
from hybrid_ner.matching.tokens import Tokenizer, Tokens, slices
from hybrid_ner.text import brief

__all__ = ["PhraseArrays", "PhraseHashEngine", "build_phrases"]


@dataclass(frozen=True, slots=True)
class PhraseArrays:
    """A compiled gazetteer: everything the engine needs, as plain arrays.

    Args:
        word_slots: Hash table of words: 40 bits of the hash over 24 bits of word number plus one.
        word_starts: Where each word starts in ``letters``, and the end of the last.
        letters: Folded code points of the words.
        roots: Node of each word as the first of a term, 0 for none.
        edge_keys: Hash table of (node, space before, word); 0 is an empty slot.
        edge_nodes: Node that each edge leads to.
        terminal: Group of the terms that end in a node, -1 for none.
        group_of: Group of each term, -1 for a term that folds to nothing.
    """

    word_slots: NDArray[np.uint64]
    word_starts: Ints
    letters: NDArray[np.uint32]
    roots: Ints
    edge_keys: NDArray[np.uint64]
    edge_nodes: Ints
    terminal: Ints
    group_of: Ints

    __repr__ = brief

    def is_sound(self) -> bool:
        """Whether every number points into its array, so that compiled loops stay inside."""
        words, nodes = len(self.word_starts) - 1, len(self.terminal)
        in_slots = (self.word_slots & np.uint64((1 << 24) - 1)).max(initial=0)
        return bool(
            len(self.word_slots).bit_count() == 1
            and (self.word_slots == 0).any()
            and in_slots <= words == len(self.roots)
            and (np.diff(self.word_starts, prepend=0) >= 0).all()
            and self.word_starts[-1] <= len(self.letters)
            and len(self.edge_keys) == len(self.edge_nodes)
            and (self.edge_keys == 0).any()
            and all(a.min(initial=0) >= 0 and a.max(initial=0) < nodes for a in (self.roots, self.edge_nodes))
            and -1 <= self.terminal.min() <= self.terminal.max() <= self.group_of.max(initial=-1)
            and self.group_of.min(initial=0) >= -1
        )


class PhraseHashEngine:
    """Looks up windows of words in a hash trie; compiled code that releases the GIL.

    Args:
        arrays: A compiled gazetteer, possibly memory-mapped.
    """

    def __init__(self, arrays: PhraseArrays) -> None:
        self.arrays = arrays
        self._words = (arrays.word_slots, arrays.word_starts, arrays.letters)
        self._trie = (arrays.roots, arrays.edge_keys, arrays.edge_nodes, arrays.terminal)

    @property
    def group_of(self) -> Ints:
        """Group of each term, -1 for a term that folds to nothing."""
        return self.arrays.group_of

    def find(self, texts: Sequence[str]) -> Hits:
        """Every occurrence in each text."""
        tokenize = Tokenizer()
        parts = [self._find(tokenize(texts[start:stop]), start) for start, stop in slices(texts)]
        if len(parts) == 1:
            return parts[0]
        columns = zip(*((p.docs, p.starts, p.ends, p.groups) for p in parts), strict=True)
        return Hits(*map(np.concatenate, columns)) if parts else Hits.of([])

    def longest(self, hits: Hits) -> NDArray[np.bool_]:
        """Mask of the leftmost-longest hits of each document."""
        mask = np.zeros(len(hits), dtype=np.bool_)
        kernels.longest(hits.docs, hits.starts, hits.ends, mask)
        return mask

    def word_ids(self, tokens: Tokens) -> Ints:
        """Number of each token's word, -1 where no term holds it."""
        ids = np.empty(tokens.count, dtype=np.int32)
        kernels.look_up(tokens.count, tokens.hashes, tokens.places, tokens.folded, self._words, ids)
        return ids

    def _find(self, tokens: Tokens, number: int) -> Hits:
        ids = self.word_ids(tokens)
        kept = (tokens.starts, tokens.ends, tokens.flags)
        room = tokens.count // 4 + 16
        while True:
            columns = tuple(np.empty(room, dtype=np.int32) for _ in range(4))
            count = kernels.walk(tokens.first, kept, ids, self._trie, columns)
            if count <= room:
                break
            room = count
        docs, starts, ends, groups = (column[:count] for column in columns)
        return Hits(docs + np.int32(number), starts, ends, groups)


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
