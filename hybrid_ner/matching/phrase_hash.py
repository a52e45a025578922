"""The engine for batches and large gazetteers: a hash trie over words, in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching import kernels
from hybrid_ner.matching.engine import Hits, Ints
from hybrid_ner.matching.fold_table import fold_tables

__all__ = ["PhraseArrays", "PhraseHashEngine", "Tokens", "build_phrases", "tokenize"]

_CHUNK = 1 << 18
"""Characters folded at a time: small enough for the working arrays to stay in the cache."""
_FILL = 0.6
"""Share of used slots in the tables."""


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


def tokenize(texts: Sequence[str]) -> Tokens:
    """Fold and cut texts."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    table = fold_tables().current
    room = len(codes) + 1
    count = -1
    while count < 0:  # one pass unless a page is missing or many characters unfold into several
        places, starts, ends = (np.empty(room + 1, dtype=np.int32) for _ in range(3))
        hashes, flags = np.empty(room, dtype=np.uint64), np.empty(room, dtype=np.uint8)
        folded, first = np.empty(room, dtype=np.uint32), np.empty(len(offsets), dtype=np.int32)
        tables = (table.page_of, table.pages, table.many_starts, table.many)
        count = kernels.tokenize(codes, offsets, tables, folded, (hashes, places, starts, ends, flags), first)
        if count == -2:
            table = fold_tables().covering(codes)
        else:
            room *= 3
    return Tokens(count, hashes, places, starts, ends, flags, first, folded)


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


def build_phrases(terms: Iterable[str]) -> PhraseArrays:
    """Compile the folded forms of terms."""
    tokens = tokenize(list(terms))
    count = tokens.count
    slots = np.zeros(_power_of_two(count), dtype=np.uint64)
    word_starts = np.zeros(count + 1, dtype=np.int32)
    letters = np.empty(int(tokens.places[count]), dtype=np.uint32)
    ids = np.empty(count, dtype=np.int32)
    words = (slots, word_starts, letters)
    known = kernels.insert_words(count, tokens.hashes, tokens.places, tokens.folded, words, ids)
    keys, nodes = _edge_table(count)
    terminal = np.full(count + 1, -1, dtype=np.int32)
    group_of = np.empty(len(tokens.first) - 1, dtype=np.int32)
    roots = np.zeros(known, dtype=np.int32)
    trie = (roots, keys, nodes, terminal)
    last_node, edges, _ = kernels.insert_edges(tokens.first, tokens.flags, ids, trie, group_of)
    small_keys, small_nodes = _edge_table(edges)
    kernels.rehash_edges(keys, nodes, small_keys, small_nodes)
    small_slots = np.zeros(_power_of_two(known), dtype=np.uint64)
    kernels.rehash_words(word_starts[: known + 1], letters, small_slots)
    return PhraseArrays(
        small_slots,
        word_starts[: known + 1].copy(),
        letters[: word_starts[known]].copy(),
        roots,
        small_keys,
        small_nodes,
        terminal[: last_node + 1].copy(),
        group_of,
    )


def _power_of_two(count: int) -> int:
    return 1 << max(4, int(count / _FILL).bit_length())


def _edge_table(edges: int) -> tuple[NDArray[np.uint64], Ints]:
    size = int(edges / _FILL) + 8
    return np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)


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
        parts = [self._find(texts[start:stop], start) for start, stop in _slices(texts)]
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

    def _find(self, texts: Sequence[str], number: int) -> Hits:
        tokens = tokenize(texts)
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


def _slices(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHUNK:
            yield start, place + 1
            start, size = place + 1, 0
    if start < len(texts):
        yield start, len(texts)
