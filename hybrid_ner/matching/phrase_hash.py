"""The engine for batches and large gazetteers: a hash trie over words in plain arrays, and its making.

Words are numbered; a trie over word numbers, kept as one hash table of (node, space before, word) → node,
says at each step whether some term goes on. All steps of a batch are taken together, as whole-array
operations. Words are looked up by their hash; those of a hit are then compared letter by letter, so that
there is no false match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import TermError
from hybrid_ner.matching.match import Hits, Ints
from hybrid_ner.text import brief
from hybrid_ner.text.tokens import (
    END_OK,
    ID_BITS,
    ID_MASK,
    NONE,
    SPACED,
    START_OK,
    TAIL,
    Hashes,
    HashTable,
    Tokens,
    homes_of,
    ragged,
    spread_of,
    tokenize,
)

_MOST_WORDS = (1 << 24) - 2
_NONE = Hits(*(np.empty(0, dtype=np.int32),) * 4)
_FILL = 0.6
"""Share of used slots in the tables."""
_CHUNK = 1 << 18
"""Characters folded at a time: small enough for the working arrays to stay in the cache."""


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


@dataclass(frozen=True, slots=True)
class PhraseArrays:
    """A compiled gazetteer: everything the engine needs, as plain arrays.

    Args:
        word_slots: Hash table of words: the lower 40 bits of the hash over 24 bits of word number plus one.
        word_starts: Where each word starts in ``letters``, and the end of the last.
        letters: Folded code points of the words.
        roots: Node of each word as the first of a term, 0 for none.
        edge_keys: Hash table of (node, space before, word); 0 is an empty slot.
        edge_nodes: Node that each edge leads to.
        terminal: Group of the terms that end in a node, -1 for none.
        group_of: Group of each term, -1 for a term that folds to nothing.
    """

    word_slots: Hashes
    word_starts: Ints
    letters: NDArray[Any]
    roots: Ints
    edge_keys: Hashes
    edge_nodes: Ints
    terminal: Ints
    group_of: Ints

    __repr__ = brief

    def is_sound(self) -> bool:
        """Whether every number points into its array."""
        words, nodes = len(self.word_starts) - 1, len(self.terminal)
        in_slots = (self.word_slots & ID_MASK).max(initial=0)
        return bool(
            all(len(table) > TAIL and table[-1] == NONE for table in (self.word_slots, self.edge_keys))
            and in_slots <= words == len(self.roots)
            and (np.diff(self.word_starts, prepend=0) >= 0).all()
            and self.word_starts[-1] <= len(self.letters)
            and len(self.edge_keys) == len(self.edge_nodes)
            and all(a.min(initial=0) >= 0 and a.max(initial=0) < nodes for a in (self.roots, self.edge_nodes))
            and -1 <= self.terminal.min() <= self.terminal.max() <= self.group_of.max(initial=-1)
            and self.group_of.min(initial=0) >= -1
        )


class PhraseHashEngine:
    """Looks up windows of words in a hash trie.

    Args:
        arrays: A compiled gazetteer, possibly memory-mapped.
    """

    def __init__(self, arrays: PhraseArrays) -> None:
        self.arrays, self.group_of = arrays, arrays.group_of
        self._words, self._edges = HashTable(arrays.word_slots, ID_MASK), HashTable(arrays.edge_keys)

    def index(self) -> None:
        """Make now what the first half a megabyte of text would otherwise pay for."""
        self._words.index()
        self._edges.index()

    def find(self, texts: Sequence[str]) -> Hits:
        parts = [self._find(tokenize(texts[start:stop]), start) for start, stop in slices(texts)]
        if len(parts) == 1:
            return parts[0]
        columns = zip(*((p.docs, p.starts, p.ends, p.groups) for p in parts), strict=True)
        return Hits(*map(np.concatenate, columns)) if parts else _NONE

    def word_ids(self, tokens: Tokens) -> Ints:
        """Number of each token's word, -1 where no term holds it; by hash alone."""
        return self._words.numbers(spread_of(tokens.hashes))

    def _find(self, tokens: Tokens, number: int) -> Hits:
        ids = self.word_ids(tokens)
        parts = list(self._walk(tokens, ids))
        if not parts:
            return _NONE
        begins, lasts, groups = map(np.concatenate, zip(*parts, strict=True))
        order = np.argsort(begins, kind="stable")  # parts come by length, so that ends ascend too
        begins, lasts, groups = begins.take(order), lasts.take(order), groups.take(order)
        if not (same := self._same_words(tokens, ids, begins, lasts)).all():
            begins, lasts, groups = begins[same], lasts[same], groups[same]
        docs = np.searchsorted(tokens.first, begins, side="right") - 1 + number
        return Hits(docs.astype(np.int32), tokens.starts[begins], tokens.ends[lasts], groups)

    def _walk(self, tokens: Tokens, ids: Ints) -> Iterator[tuple[Any, Any, Any]]:
        """First token, last token and group of what may be a hit, by number of tokens."""
        arrays, flags = self.arrays, tokens.flags
        going = np.append(ids, np.int32(-1))  # a token that can follow another: known, and in the same text
        going[tokens.first[1:]] = -1
        begin = np.flatnonzero((ids >= 0) & ((flags & START_OK) != 0))
        node = arrays.roots.take(ids.take(begin))
        known = np.flatnonzero(node)
        begin, node = begin.take(known), node.take(known)
        last = begin
        while len(begin):
            group = arrays.terminal.take(node)
            hit = np.flatnonzero((group >= 0) & ((flags.take(last) & END_OK) != 0))
            if len(hit):
                yield begin.take(hit), last.take(hit), group.take(hit)
            last = last + 1
            word = going.take(last)
            open_ones = np.flatnonzero(word >= 0)
            begin, node, last = begin.take(open_ones), node.take(open_ones), last.take(open_ones)
            edges = _edges(node, flags.take(last), word.take(open_ones))
            slot = self._edges.find(edges)
            found = np.flatnonzero(slot >= 0)
            begin, last, node = begin.take(found), last.take(found), arrays.edge_nodes.take(slot.take(found))

    def _same_words(self, tokens: Tokens, ids: Ints, begins: Any, lasts: Any) -> NDArray[np.bool_]:
        """Whether every token of a hit has the letters of the word that its hash stands for."""
        used = np.zeros(tokens.count, dtype=np.bool_)
        at, last = begins, lasts
        while len(at):
            used[at] = True
            more = np.flatnonzero(at < last)
            at, last = at[more] + 1, last[more]
        which = np.flatnonzero(used)
        spelled = _spelled_as(tokens, which, self.arrays, ids[which])
        if spelled.all():
            return np.ones(len(begins), dtype=np.bool_)
        wrong = np.zeros(tokens.count + 1, dtype=np.int32)
        wrong[which + 1] = ~spelled
        counted = np.cumsum(wrong)
        same: NDArray[np.bool_] = counted[lasts + 1] == counted[begins]
        return same


def _spelled_as(tokens: Tokens, which: Any, arrays: Any, words: Any) -> NDArray[np.bool_]:
    """Whether tokens have the letters of words; ``arrays`` has ``word_starts`` and ``letters``."""
    starts, lengths = tokens.places[which], tokens.places[which + 1] - tokens.places[which]
    begins = arrays.word_starts[words]
    same: NDArray[np.bool_] = arrays.word_starts[words + 1] - begins == lengths
    if same.all() and len(which):
        equal = tokens.folded.take(ragged(starts, lengths)) == arrays.letters.take(ragged(begins, lengths))
        return np.logical_and.reduceat(equal, np.cumsum(lengths) - lengths)
    if same.any():
        kept = np.flatnonzero(same)
        same[kept] = _spelled_as(tokens, which[kept], arrays, words[kept])
    return same


def _edges(node: Any, flags: Any, word: Any) -> Hashes:
    spaced = (flags & np.uint8(SPACED)).astype(np.uint64) << np.uint64(31)
    edges: Hashes = (node.astype(np.uint64) << np.uint64(32)) | spaced | word.astype(np.uint64)
    return edges


def hash_table(spread: Hashes, values: Hashes) -> tuple[Hashes, NDArray[np.intp]]:
    """A hash table of values, none of them 0, and the slot of each: at its home or the next free one."""
    size = int(len(values) / _FILL) + 8
    order = np.argsort(spread)
    while True:
        ranks = np.arange(len(values))
        places = ranks + np.maximum.accumulate(homes_of(spread[order], size) - ranks)
        if not len(values) or places[-1] < size + TAIL - 1:
            break
        size *= 2
    table, where = np.zeros(size + TAIL, dtype=np.uint64), np.empty(len(values), dtype=np.intp)
    table[places] = values[order]
    where[order] = places
    return table, where


def build_phrases(terms: Iterable[str]) -> PhraseArrays:
    """Compile terms.

    Raises:
        TermError: The terms hold more distinct words than the tables can number, or two that have one hash.
    """
    words, texts = _Words(), list(terms)
    rows, flags, sizes = [np.empty(0, np.intp)], [np.empty(0, np.uint8)], [np.empty(0, np.int32)]
    for start, stop in slices(texts):
        tokens = tokenize(texts[start:stop])
        rows.append(words.add(tokens))
        flags.append(tokens.flags)
        sizes.append(np.diff(tokens.first))
    ids = words.number()
    return _threaded(ids[np.concatenate(rows)], np.concatenate(flags), np.concatenate(sizes), words)


class _Words:
    """The distinct words of all terms."""

    def __init__(self) -> None:
        self._hashes: list[Hashes] = []
        self._lengths: list[Ints] = []
        self._letters: list[NDArray[Any]] = []

    def add(self, tokens: Tokens) -> NDArray[np.intp]:
        """Take in words; return where each token's stands among all that were taken in."""
        hashes, first, number = np.unique(tokens.hashes, return_index=True, return_inverse=True)
        before = sum(map(len, self._hashes))
        lengths = np.diff(tokens.places)
        self._hashes.append(hashes)
        self._lengths.append(lengths[first])
        self._letters.append(tokens.folded[ragged(tokens.places[first], lengths[first])])
        own = _Letters.of(self._lengths[-1], self._letters[-1])
        _check(_spelled_as(tokens, np.arange(tokens.count), own, number))
        return number + before

    def number(self) -> NDArray[np.intp]:
        """Number of every word that was taken in; ``slots``, ``starts`` and ``letters`` are set."""
        hashes = np.concatenate(self._hashes or [np.empty(0, np.uint64)])
        none = np.empty(0, np.int32)
        taken = _Letters.of(np.concatenate(self._lengths or [none]), np.concatenate(self._letters or [none]))
        unique, first, number = np.unique(hashes, return_index=True, return_inverse=True)
        if len(unique) > _MOST_WORDS:
            raise TermError(
                f"the terms hold more than {_MOST_WORDS:,} distinct words.", hint="Split the list."
            )
        lengths = np.diff(taken.word_starts)
        kept = taken.letters[ragged(taken.word_starts[first], lengths[first])]
        self.table = _Letters.of(lengths[first], kept)
        spread = spread_of(unique)
        tagged = (spread << ID_BITS) | np.arange(1, len(unique) + 1, dtype=np.uint64)
        self.slots, _ = hash_table(spread, tagged)
        _check(HashTable(self.slots, ID_MASK).numbers(spread) == np.arange(len(unique)))
        return number


@dataclass(frozen=True, slots=True)
class _Letters:
    word_starts: Ints
    letters: NDArray[Any]

    @classmethod
    def of(cls, lengths: Ints, letters: NDArray[Any]) -> _Letters:
        starts = np.zeros(len(lengths) + 1, dtype=np.int32)
        np.cumsum(lengths, out=starts[1:])
        small = letters.max(initial=0) < 1 << 16
        return cls(starts, letters.astype(np.uint16 if small else np.uint32))


def _check(alike: NDArray[np.bool_]) -> None:
    if not alike.all():
        raise TermError(
            "two words of the terms have the same hash, so that they cannot be told apart.",
            hint='Leave one of their terms out, or use engine="automaton".',
        )


def _threaded(
    word_of: NDArray[np.intp], flags: NDArray[np.uint8], sizes: Ints, words: _Words
) -> PhraseArrays:
    """Terms as rows of words, threaded through the trie one word of every term at a time."""
    first = np.cumsum(sizes) - sizes
    node_of, count = np.zeros(len(sizes), dtype=np.intp), 1
    roots = np.zeros(len(words.table.word_starts) - 1, dtype=np.int32)
    keys: list[Hashes] = []
    rows, depth = np.flatnonzero(sizes > 0), 0
    while len(rows):
        at = first[rows] + depth
        word = word_of[at]
        edge = _edges(node_of[rows], flags[at].astype(np.uint8), word) if depth else word.astype(np.uint64)
        distinct, number = np.unique(edge, return_inverse=True)
        node_of[rows] = count + number
        if depth:
            keys.append(distinct)
        else:
            roots[distinct.astype(np.intp)] = np.arange(count, count + len(distinct))
        count += len(distinct)
        depth += 1
        rows = rows[sizes[rows] > depth]
    edges = np.concatenate(keys or [np.empty(0, np.uint64)])
    table, where = hash_table(spread_of(edges), edges)
    nodes = np.zeros(len(table), dtype=np.int32)
    nodes[where] = np.arange(count - len(edges), count)
    terminal, group_of = _groups(node_of, count)
    letters = words.table
    return PhraseArrays(
        words.slots, letters.word_starts, letters.letters, roots, table, nodes, terminal, group_of
    )


def _groups(node_of: NDArray[np.intp], count: int) -> tuple[Ints, Ints]:
    """Group of each node and of each term, numbered by the first term of each; node 0 is none."""
    terminal, group_of = np.full(count, -1, dtype=np.int32), np.full(len(node_of), -1, dtype=np.int32)
    kept = np.flatnonzero(node_of)
    nodes, first, number = np.unique(node_of[kept], return_index=True, return_inverse=True)
    rank = np.empty(len(nodes), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(nodes))
    terminal[nodes] = rank
    group_of[kept] = rank[number]
    return terminal, group_of
