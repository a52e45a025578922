"""Misspelt terms: the windows of a text that may hold one, and the edits between it and its term.

Edits are told in words, with which of them are never typing errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.io import shipped
from hybrid_ner.terms.lint import read_words
from hybrid_ner.text import fold
from hybrid_ner.text.tokens import END_OK, SPACED, START_OK, Ints, Tokens, ragged

# Windows of folded text that may be a misspelt term: those that hold an unknown word.

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


Kind = Literal["insert", "delete", "replace", "swap"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the reference.

    Args:
        kind: What happened to the reference.
        at: Offset in the reference; for ``insert`` the character before which it happened.
        place: Offset in the found string; for ``delete`` where the character is missing.
        old: Characters of the reference.
        new: Characters that were found.
    """

    kind: Kind
    at: int
    place: int
    old: str
    new: str


def edits_between(reference: str, found: str) -> tuple[Edit, ...]:
    """The fewest insertions, deletions, replacements and swaps of neighbors, from left to right.

    Optimal string alignment (Damerau-Levenshtein without editing a place twice).
    """
    from rapidfuzz.distance import Postfix, Prefix

    start = Prefix.similarity(reference, found)
    a, b = reference[start:], found[start:]
    end = Postfix.similarity(a, b)
    a, b = a[: len(a) - end], b[: len(b) - end]
    costs = _costs(a, b)
    edits: list[Edit] = []
    i, j = len(a), len(b)
    while i or j:
        cost = costs[i][j]
        if i and j and a[i - 1] == b[j - 1] and cost == costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            continue
        kind: Kind
        if _swapped(a, b, i, j) and cost == costs[i - 2][j - 2] + 1:
            kind, di, dj = "swap", 2, 2
        elif i and j and cost == costs[i - 1][j - 1] + 1:
            kind, di, dj = "replace", 1, 1
        elif i and cost == costs[i - 1][j] + 1:
            kind, di, dj = "delete", 1, 0
        else:
            kind, di, dj = "insert", 0, 1
        edits.append(Edit(kind, start + i - di, start + j - dj, a[i - di : i], b[j - dj : j]))
        i, j = i - di, j - dj
    return tuple(reversed(edits))


def describe(edit: Edit) -> str:
    if edit.kind == "insert":
        return f"extra “{edit.new}”"
    if edit.kind == "delete":
        return f"“{edit.old}” missing"
    if edit.kind == "swap":
        return f"“{edit.old}” swapped"
    return f"“{edit.new}” for “{edit.old}”"


def _swapped(a: str, b: str, i: int, j: int) -> bool:
    return i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]


def _costs(a: str, b: str) -> list[list[int]]:
    costs = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            best = min(costs[i - 1][j - 1] + (a[i - 1] != b[j - 1]), costs[i - 1][j] + 1, row[j - 1] + 1)
            if _swapped(a, b, i, j):
                best = min(best, costs[i - 2][j - 2] + 1)
            row.append(best)
        costs.append(row)
    return costs


_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DIGITS = re.compile(r"\d+")
_ACRONYM = 4
_BEGINNINGS = (
    "hypo/hyper hipo/hiper intra/inter infra/intra infra/supra endo/ecto ante/anti macro/micro ab/ad pre/pro"
    " mono/nono"
)
_ENDINGS = (
    "itis/osis emia/uria ectomy/otomy otomy/ostomy ol/al ane/ene ene/yne ine/ane ate/ite ide/ite ide/ate"
    " or/ee ektomie/otomie ectomie/otomie otomie/ostomie ectomia/otomia otomia/ostomia amie/urie emie/urie"
    " kaliamie/kalzamie kaliamie/calciamie"
)
"""Of words that mean something else with the other one."""


def is_plausible(found: str, reference: str, edits: tuple[Edit, ...]) -> bool:
    """Whether the edits look like a slip of the same name.

    Args:
        found: Folded form of what the text says.
        reference: Folded form of the term.
        edits: What turns the reference into what was found.
    """
    if _odd_edge(found[0], reference[0]) or _odd_edge(found[-1], reference[-1]):
        return False
    if _DIGITS.findall(found) != _DIGITS.findall(reference):
        return False
    if not any(map(str.isalpha, "".join(edit.old + edit.new for edit in edits))):
        return True
    ours, theirs = _WORDS.findall(found), _WORDS.findall(reference)
    if len(ours) != len(theirs):
        return True
    changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    # A word of one letter is another one: vitamin C is not vitamin D.
    return not any(len(b) == 1 or _are_opposed(a, b) for a, b in changed)


def is_another_acronym(surface: str, reference: str) -> bool:
    """Whether a short word in capitals, one of several words, has other letters in the term.

    HCV infection is not HPV infection, whatever the distance of the two.

    Args:
        surface: What the text says.
        reference: Folded form of the term.
    """
    ours, theirs = _WORDS.findall(surface), _WORDS.findall(reference)
    if len(ours) != len(theirs) or len(ours) == 1:
        return False
    pairs = zip(ours, theirs, strict=True)
    return any(a.isupper() and len(a) <= _ACRONYM and fold(a) != b for a, b in pairs)


def _odd_edge(ours: str, theirs: str) -> bool:
    """Whether punctuation beside the mention was taken for a letter of it."""
    return ours != theirs and not ours.isalnum()


def _are_opposed(a: str, b: str) -> bool:
    """Whether words differ in a prefix or an ending that turns the meaning."""
    return _differs(a, b, _BEGINNINGS) or _differs(a[::-1], b[::-1], _ENDINGS[::-1])


def _differs(a: str, b: str, beginnings: str) -> bool:
    """Whether two words have the beginnings of a pair and are the same behind them."""
    pairs = (pair.split("/") for pair in beginnings.split())
    both = ((x, y) for pair in pairs for x, y in (pair, pair[::-1]))
    return any(a.startswith(x) and b.startswith(y) and a[len(x) :] == b[len(y) :] for x, y in both)


@cache
def everyday_words() -> frozenset[str]:
    """Folded words of the shipped list of the most frequent English words."""
    return frozenset(map(fold, read_words(shipped("gazetteers", "english", "frequent.txt"))))
