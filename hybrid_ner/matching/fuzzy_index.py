"""Candidates for fuzzy matches, without looking at every term.

By the pigeonhole principle a string within k edits of a term holds one of k + 1 pieces of the term
unchanged. One character is left out between pieces, so that swapping two neighbors breaks one piece
only. Pieces are found by hash; the hash also covers the length of the term and which piece it is. All windows
of a batch of texts are looked up together, as whole-array operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.edits import (
    DOUBTFUL,
    ENGLISH,
    KNOWN,
    LONGEST,
    MOST_EDITS,
    ONE_EDIT_FROM,
    STOP,
    TWO_EDITS_FROM,
    UNKNOWN,
    Scanner,
    Spaced,
    Windows,
    bags_of,
)
from hybrid_ner.matching.phrase_hash import PhraseArrays, PhraseHashEngine, build_phrases, slices
from hybrid_ner.text import brief
from hybrid_ner.text.tokens import Ints, Tokens, ragged, tokenize

_UNKNOWN_FROM, _DOUBTFUL_TO = 2, 4
"""Letters from which an unknown word counts, and up to which one that only the terms know is doubtful."""
_FIRST, _MIDDLE, _LAST = range(3)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_BACK = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xD6E8FEB86659FD93)
_S32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

Hashes = NDArray[np.uint64]


def edits_allowed(length: int) -> int:
    """Most edits between a term of this folded length and a mention of it."""
    if length < ONE_EDIT_FROM or length > LONGEST:
        return 0
    return 1 if length < TWO_EDITS_FROM else MOST_EDITS


_ALLOWED = np.array([edits_allowed(length) for length in range(LONGEST + 8)], dtype=np.int8)


@dataclass(frozen=True, slots=True)
class FuzzyArrays:
    """Pieces of the terms that may be matched fuzzily, as plain arrays.

    Args:
        groups: Group of each compared term.
        text: Folded characters of all compared terms, cut to 16 bits.
        starts: Where each term starts in ``text``, and the end of the last.
        bags: Which characters each term holds, as bits.
        bits: A bit for each hash of a piece: most look-ups end here.
        buckets: Where each bucket of pieces starts, and the end of the last.
        tags: Lower half of the hash of each piece, by bucket.
        owners: Compared term of each piece.
        last_words: For each word of the gazetteer, whether a term ends with it.
    """

    groups: Ints
    text: NDArray[np.uint16]
    starts: Ints
    bags: Hashes
    bits: NDArray[np.uint8]
    buckets: Ints
    tags: NDArray[np.uint32]
    owners: Ints
    last_words: NDArray[np.uint8]

    __repr__ = brief

    def is_sound(self, phrases: PhraseArrays) -> bool:
        """Whether every number points into its array."""
        terms, pieces = len(self.groups), len(self.owners)
        return bool(
            len(self.starts) == terms + 1 == len(self.bags) + 1
            and len(self.tags) == pieces
            and len(self.last_words) == len(phrases.roots)
            and len(self.bits) > 0
            and all((np.diff(a, prepend=0) >= 0).all() for a in (self.starts, self.buckets))
            and self.starts[-1] <= len(self.text)
            and len(self.buckets) > 1
            and self.buckets[-1] <= pieces
            and self.owners.min(initial=0) >= 0
            and self.owners.max(initial=-1) < terms
            and self.groups.min(initial=0) >= 0
            and self.groups.max(initial=-1) <= phrases.group_of.max(initial=-1)
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A window of a text and a term near to it.

    Args:
        start: First character of the source text.
        end: One past the last character.
        group: Group of the term.
        key: Folded form of the term.
        edits: Edit distance of the folded forms.
    """

    start: int
    end: int
    group: int
    key: str
    edits: int


def build_fuzzy(engine: PhraseHashEngine, texts: Sequence[str], groups: Ints) -> FuzzyArrays:
    """Index terms.

    Args:
        texts: One term of each group to be compared.
        groups: Group of each of them.
    """
    last_words = np.zeros(len(engine.arrays.roots), dtype=np.uint8)
    lengths: list[NDArray[Any]] = [np.empty(0, dtype=np.int32)]
    letters: list[NDArray[np.uint16]] = [np.empty(0, dtype=np.uint16)]
    for start, stop in slices(texts):
        tokens = tokenize(texts[start:stop])
        last_words[engine.word_ids(tokens)[tokens.first[1:] - 1]] = 1
        spaced = Spaced.of(tokens)
        letters.append(spaced.letters)
        lengths.append(np.diff(np.append(spaced.starts, len(spaced.letters))[tokens.first]))
    text = np.concatenate(letters)
    starts = np.concatenate(([0], np.cumsum(np.concatenate(lengths)))).astype(np.int32)
    hashes, owners = _term_pieces(text, starts)
    bits, buckets = np.zeros(8 * (2 * len(hashes) + 8), dtype=np.bool_), np.arange(len(hashes) + 9)
    bits[_bit(hashes, len(bits))] = True
    bounds = np.searchsorted(_bucket(hashes, len(buckets) - 1), buckets).astype(np.int32)
    packed = np.packbits(bits, bitorder="little")
    tags = hashes.astype(np.uint32)
    return FuzzyArrays(groups, text, starts, bags_of(text, starts), packed, bounds, tags, owners, last_words)


class _Prefixes:
    """Hashes of any stretch of a string of characters, from two look-ups."""

    def __init__(self, letters: NDArray[np.uint16]) -> None:
        powers = np.full(len(letters) + 1, _BASE, dtype=np.uint64)
        self._back = np.full(len(letters) + 1, _BACK, dtype=np.uint64)
        powers[0] = self._back[0] = 1
        np.cumprod(powers, out=powers)
        np.cumprod(self._back, out=self._back)
        self._sums = np.zeros(len(letters) + 1, dtype=np.uint64)
        np.cumsum((letters.astype(np.uint64) + np.uint64(1)) * powers[:-1], out=self._sums[1:])

    def piece(self, start: NDArray[Any], end: NDArray[Any], length: NDArray[Any], kind: int) -> Hashes:
        """Hash of a piece of a term of this length; of windows the same."""
        h = (self._sums[end] - self._sums[start]) * self._back[start]
        h = (h ^ (length * 4 + kind).astype(np.uint64)) * _MIX
        h = (h ^ (h >> _S32)) * _MIX
        mixed: Hashes = h ^ (h >> _S32)
        return mixed


def _cuts(length: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where the gaps of a term lie: one for one edit, two for two."""
    short = length < TWO_EDITS_FROM
    return np.where(short, length // 2, length // 3), np.where(short, length // 2, 2 * length // 3)


def _term_pieces(text: NDArray[np.uint16], starts: Ints) -> tuple[Hashes, Ints]:
    """Hash of every piece of every term, sorted, and whose it is."""
    lengths = np.diff(starts)
    terms = np.flatnonzero(_ALLOWED[np.minimum(lengths, LONGEST + 1)])
    begin, length = starts[terms].astype(np.intp), lengths[terms].astype(np.intp)
    left, right = _cuts(length)
    prefixes, two = _Prefixes(text), np.flatnonzero(right > left)
    parts = (
        prefixes.piece(begin, begin + left, length, _FIRST),
        prefixes.piece(begin + right + 1, begin + length, length, _LAST),
        prefixes.piece((begin + left + 1)[two], (begin + right)[two], length[two], _MIDDLE),
    )
    hashes, owners = np.concatenate(parts), np.concatenate((terms, terms, terms[two])).astype(np.int32)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], owners[order]


def _differing(a: Hashes, b: Hashes) -> NDArray[np.intp]:
    ones = np.unpackbits((a ^ b).view(np.uint8).reshape(-1, 8), axis=1)
    counted: NDArray[np.intp] = ones.sum(axis=1, dtype=np.intp)
    return counted


def _bucket(hashes: Hashes, count: int) -> NDArray[np.intp]:
    """Buckets come in the order of their hashes."""
    return (((hashes >> _S32) * np.uint64(count)) >> _S32).astype(np.intp)


def _bit(hashes: Hashes, count: int) -> NDArray[np.intp]:
    return (((hashes & _LOW) * np.uint64(count)) >> _S32).astype(np.intp)


@lru_cache(maxsize=4)
def _known(words: frozenset[str]) -> PhraseHashEngine:
    """Tells the words; kept, since every gazetteer of a process has the same ones and they are 160,000."""
    return PhraseHashEngine(build_phrases(words))


class FuzzyIndex:
    """Finds terms within one or two edits of windows that hold an unknown word.

    Args:
        engine: Engine of the same gazetteer: tells which words are known.
        english: Words that are never misspellings.
    """

    def __init__(self, engine: PhraseHashEngine, arrays: FuzzyArrays, english: Iterable[str]) -> None:
        self.arrays = arrays
        self._engine = engine
        self._english = _known(frozenset(english))

    def proposals(self, texts: Sequence[str], *, gated: bool = True) -> list[list[Proposal]]:
        """Windows near to some term, for each text.

        Args:
            texts: Any texts.
            gated: Look only at windows that hold an unknown word; without it every window is looked at,
                which is slow and finds many words that are right as they are.
        """
        found: list[list[Proposal]] = []
        for start, stop in slices(texts):
            found += self._propose(tokenize(texts[start:stop]), gated)
        return found

    def _propose(self, tokens: Tokens, gated: bool) -> list[list[Proposal]]:
        found: list[list[Proposal]] = [[] for _ in range(len(tokens.first) - 1)]
        if not tokens.count or not len(self.arrays.owners):
            return found
        spaced = Spaced.of(tokens)
        prefixes, lengths = _Prefixes(spaced.letters), np.diff(self.arrays.starts)
        for windows in Scanner(tokens, spaced, *self._classes(tokens, gated)).windows():
            which, terms = self._candidates(windows, prefixes)
            edits = self._edits(spaced.letters, windows, which, terms)
            near = np.flatnonzero((edits > 0) & (edits <= _ALLOWED[lengths[terms]]))
            near = near[np.lexsort((windows.last[which[near]], windows.first[which[near]]))]
            first, last = windows.first[which[near]], windows.last[which[near]]
            rows = zip(
                (np.searchsorted(tokens.first, first, side="right") - 1).tolist(),
                tokens.starts[first].tolist(),
                tokens.ends[last].tolist(),
                self.arrays.groups[terms[near]].tolist(),
                map(self._key, terms[near].tolist()),
                edits[near].tolist(),
                strict=True,
            )
            for doc, *proposal in rows:
                found[doc].append(Proposal(*proposal))
        return found

    def _classes(self, tokens: Tokens, gated: bool) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Class of each token, and as bits whether windows may start (1) and end (2) with it."""
        letter = (tokens.folded > 127) | ((tokens.folded >= ord("a")) & (tokens.folded <= ord("z")))
        letters = np.add.reduceat(letter.astype(np.int32), tokens.places[:-1])
        edges = np.full(tokens.count, 3, dtype=np.uint8)
        if not gated:
            return np.where(letters > 0, UNKNOWN, KNOWN).astype(np.uint8), edges
        ids, english = self._engine.word_ids(tokens), self._english.word_ids(tokens) >= 0
        term_word = ids >= 0
        short = (letters >= _UNKNOWN_FROM) & (letters <= _DOUBTFUL_TO)
        classes = np.select(
            [term_word & ~english & short, term_word, letters == 0, english, letters >= _UNKNOWN_FROM],
            [DOUBTFUL, KNOWN, STOP, ENGLISH, UNKNOWN],
            KNOWN,
        ).astype(np.uint8)
        known = np.flatnonzero(term_word & (classes == KNOWN))
        starts, ends = self._engine.arrays.roots[ids[known]] > 0, self.arrays.last_words[ids[known]] > 0
        edges[known] = starts + 2 * ends
        return classes, edges

    def _candidates(self, windows: Windows, prefixes: _Prefixes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Windows and terms that share a piece and most letters, each pair once."""
        terms, pairs = len(self.arrays.groups), []
        lengths = np.diff(self.arrays.starts)
        for which, h, length in _pieces(windows, prefixes):
            bit = _bit(h, 8 * len(self.arrays.bits))
            may = np.flatnonzero(self.arrays.bits[bit >> 3] & (1 << (bit & 7)))
            which, h, length = which[may], h[may], length[may]
            bucket = _bucket(h, len(self.arrays.buckets) - 1)
            low = self.arrays.buckets[bucket]
            sizes = self.arrays.buckets[bucket + 1] - low
            places, row = ragged(low, sizes), np.repeat(np.arange(len(h)), sizes)
            owner = self.arrays.owners[places]
            same = (self.arrays.tags[places] == (h & _LOW)[row]) & (lengths[owner] == length[row])
            owner, row = owner[same], row[same]
            apart = _differing(self.arrays.bags[owner], windows.bag[which[row]])
            close = apart <= 2 * _ALLOWED[lengths[owner]]
            pairs.append(which[row[close]] * terms + owner[close])
        both = np.unique(np.concatenate(pairs))
        return both // terms, both % terms

    def _edits(
        self, letters: NDArray[np.uint16], windows: Windows, which: NDArray[Any], terms: NDArray[Any]
    ) -> NDArray[np.int32]:
        """Optimal string alignment distance of windows and terms, one more than allowed for any greater."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        surfaces = [
            _string(letters[begin : begin + length])
            for begin, length in zip(
                windows.begin[which].tolist(), windows.length[which].tolist(), strict=True
            )
        ]
        keys = [self._key(term) for term in terms.tolist()]
        if not keys:
            return np.empty(0, dtype=np.int32)
        edits: NDArray[np.int32] = cpdist(
            surfaces, keys, scorer=OSA.distance, score_cutoff=MOST_EDITS, dtype=np.int32
        )
        return edits

    def _key(self, term: int) -> str:
        return _string(self.arrays.text[self.arrays.starts[term] : self.arrays.starts[term + 1]])


def _string(letters: NDArray[np.uint16]) -> str:
    return letters.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")


def _pieces(
    windows: Windows, prefixes: _Prefixes
) -> Iterator[tuple[NDArray[np.intp], Hashes, NDArray[np.intp]]]:
    """Windows, hashes of pieces that they hold where a term has one, and the length of that term."""
    for over in range(-MOST_EDITS, MOST_EDITS + 1):
        length = windows.length + over
        most = _ALLOWED[np.clip(length, 0, LONGEST + 1)]
        which = np.flatnonzero((length >= windows.shortest) & (most >= abs(over)) & (most > 0))
        begin, size, length, two = (
            windows.begin[which],
            windows.length[which],
            length[which],
            most[which] == 2,
        )
        left, right = _cuts(length)
        tail = length - right - 1
        parts = [(left <= size, 0 * left, left, _FIRST), (tail <= size, size - tail, size, _LAST)]
        for shift in range(max(-1, -1 - over), min(1, 1 - over) + 1):
            # One edit on either side of the middle piece makes this sum.
            low, high = left + 1 + shift, right + shift
            parts.append((two & (low >= 0) & (high <= size), low, high, _MIDDLE))
        for fits, low, high, kind in parts:
            at = np.flatnonzero(fits)
            h = prefixes.piece((begin + low)[at], (begin + high)[at], length[at], kind)
            yield which[at], h, length[at]
