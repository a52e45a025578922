"""The engine for batches and large gazetteers: a hash trie over words, in plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching import kernels
from hybrid_ner.matching.engine import Hits, Ints
from hybrid_ner.matching.tokens import Tokenizer, Tokens, slices

__all__ = ["PhraseArrays", "PhraseHashEngine"]


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
