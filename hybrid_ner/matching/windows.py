"""Windows of folded text that may be a misspelt term: those that hold an unknown word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.tokens import END_OK, SPACED, START_OK, Tokens, ragged

ONE_EDIT_FROM, TWO_EDITS_FROM, LONGEST = 5, 12, 96
"""Folded lengths from which one and two edits are allowed, and of the longest term that is compared."""
MOST_EDITS = 2
_DOUBTFUL_FROM = 8
"""Folded length from which a term is compared with a window that holds doubtful words but no unknown one."""
STOP, KNOWN, UNKNOWN, ENGLISH, DOUBTFUL = range(5)
"""Classes of tokens: never in a window; allowed in one; one of the rest but English must be in it.

Doubtful are short words that only the terms know: "pai" is one of their acronyms and may be "pain".
"""
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Spaced:
    """Folded texts with one space where there was white space.

    Args:
        letters: Characters, cut to 16 bits.
        starts: Where each token starts.
        gaps: 1 for each token with a space before it.
    """

    letters: NDArray[np.uint16]
    starts: NDArray[np.intp]
    gaps: NDArray[np.uint8]

    @classmethod
    def of(cls, tokens: Tokens) -> Spaced:
        gaps = tokens.flags & np.uint8(SPACED)
        gaps[tokens.first[:-1][tokens.first[:-1] < len(gaps)]] = 0
        lengths = np.diff(tokens.places)
        ends = np.cumsum(lengths + gaps)
        letters = np.full(int(ends[-1]) if len(ends) else 0, ord(" "), dtype=np.uint16)
        letters[ragged(ends - lengths, lengths)] = tokens.folded & np.uint32(0xFFFF)
        return cls(letters, ends - lengths, gaps)


@cache
def _bag_bits() -> Hashes:
    """Bit of each character: one for each letter, the others share the rest."""
    codes = np.arange(1 << 16, dtype=np.uint64)
    place = np.uint64(26) + codes % np.uint64(38)
    place[ord("a") : ord("z") + 1] = np.arange(26)
    return np.uint64(1) << place


def bags_of(letters: NDArray[np.uint16], starts: Ints) -> Hashes:
    """Which characters each stretch of letters holds; no stretch is empty."""
    if len(starts) == 1:
        return np.empty(0, dtype=np.uint64)
    bags: Hashes = np.bitwise_or.reduceat(_bag_bits()[letters], starts[:-1])
    return bags


@dataclass(frozen=True, slots=True)
class Windows:
    """Stretches of tokens that are compared with terms.

    Args:
        first: First token.
        last: Last token.
        begin: First character in the spaced text.
        length: Characters.
        bag: Which characters it holds.
        shortest: Length from which terms are compared with it.
    """

    first: NDArray[np.intp]
    last: NDArray[np.intp]
    begin: NDArray[np.intp]
    length: NDArray[np.intp]
    bag: Hashes
    shortest: NDArray[np.intp]

    @classmethod
    def joined(cls, parts: Sequence[Windows]) -> Windows:
        columns = zip(*((p.first, p.last, p.begin, p.length, p.bag, p.shortest) for p in parts), strict=True)
        return cls(*map(np.concatenate, columns))


_AT_ONCE = 20_000
"""First tokens whose windows are held together: dense text has some dozens each."""


class Scanner:
    """Every window that holds an unknown word.

    Args:
        tokens: Of a batch of texts.
        spaced: The same with spaces.
        classes: Class of each token.
        edges: Whether windows may start (1) and end (2) with it.
    """

    def __init__(
        self, tokens: Tokens, spaced: Spaced, classes: NDArray[np.uint8], edges: NDArray[np.uint8]
    ) -> None:
        self._classes, self._edges, self._starts = classes, edges, spaced.starts
        self._ends = spaced.starts + np.diff(tokens.places)
        self._bags = bags_of((tokens.folded & np.uint32(0xFFFF)).astype(np.uint16), tokens.places)
        self._behind = self._bags | np.where(spaced.gaps, _bag_bits()[ord(" ")], np.uint64(0))
        self._may_end = (tokens.flags & END_OK) != 0
        self._going = np.append(classes != STOP, False)
        self._going[tokens.first[1:]] = False  # the next text
        asks = (classes == UNKNOWN) | (classes == DOUBTFUL)
        asked_at = np.where(asks, spaced.starts, np.iinfo(np.intp).max)
        self._next = np.append(np.minimum.accumulate(asked_at[::-1])[::-1], np.iinfo(np.intp).max)
        self._reach = spaced.starts + LONGEST + MOST_EDITS
        may_start = ((tokens.flags & START_OK) != 0) & (classes != STOP)
        self._firsts = np.flatnonzero(may_start & (self._next[:-1] < self._reach))

    def windows(self) -> Iterator[Windows]:
        """In portions, by first token."""
        for start in range(0, len(self._firsts), _AT_ONCE):
            if parts := list(self._portion(self._firsts[start : start + _AT_ONCE])):
                yield Windows.joined(parts)

    def _portion(self, first: NDArray[np.intp]) -> Iterator[Windows]:
        """By number of tokens."""
        classes, edges, last = self._classes, self._edges, first
        odd = ((edges[first] & 1) == 0).astype(np.int8)  # what only an edit beside the unknown word explains
        bag, unknown = self._bags[first], np.zeros(len(first), dtype=np.bool_)
        doubtful = unknown
        while len(first):
            odd = odd + (classes[last] == ENGLISH)
            unknown, doubtful = unknown | (classes[last] == UNKNOWN), doubtful | (classes[last] == DOUBTFUL)
            kept = (self._ends[last] <= self._reach[first]) & (odd <= 1)
            odd_end = odd + ((edges[last] & 2) == 0)
            whole = kept & (unknown | doubtful) & (odd_end <= 1) & self._may_end[last]
            shortest = np.where(unknown, ONE_EDIT_FROM, _DOUBTFUL_FROM)
            shortest = np.where(odd_end > 0, TWO_EDITS_FROM, shortest)
            begin = self._starts[first]
            columns = (first, last, begin, self._ends[last] - begin, bag, shortest)
            if whole.any():
                yield Windows(*(column[whole] for column in columns))
            last = last + 1
            to_come = self._next[last] < self._reach[first]
            more = np.flatnonzero(kept & self._going[last] & (unknown | doubtful | to_come))
            first, last, odd = first[more], last[more], odd[more]
            unknown, doubtful = unknown[more], doubtful[more]
            bag = bag[more] | self._behind[last]
