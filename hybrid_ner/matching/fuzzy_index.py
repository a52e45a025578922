"""Candidates for fuzzy matches, without looking at every term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching import fuzzy_kernels, piece_kernels
from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.phrase_hash import PhraseArrays, PhraseHashEngine, build_phrases
from hybrid_ner.matching.tokens import Tokens, slices, tokenize
from hybrid_ner.text import brief

__all__ = ["FuzzyArrays", "FuzzyIndex", "Proposal", "build_fuzzy"]


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
    bags: NDArray[np.uint64]
    bits: NDArray[np.uint8]
    buckets: Ints
    tags: NDArray[np.uint32]
    owners: Ints
    last_words: NDArray[np.uint8]

    __repr__ = brief

    def is_sound(self, phrases: PhraseArrays) -> bool:
        """Whether every number points into its array, so that compiled loops stay inside."""
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
        engine: Engine of the gazetteer.
        texts: One term of each group to be compared.
        groups: Group of each of them.
    """
    last_words = np.zeros(len(engine.arrays.roots), dtype=np.uint8)
    parts = []
    for start, stop in slices(texts):
        tokens = tokenize(texts[start:stop])
        ids = engine.word_ids(tokens)
        last_words[ids[tokens.first[1:] - 1]] = 1
        parts.append(_spaced(tokens))
    lengths = np.concatenate([np.diff(starts) for _, starts in parts] or [np.empty(0, np.int32)])
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    text = np.concatenate([part for part, _ in parts] or [np.empty(0, np.uint16)])
    bits, buckets, tags, owners, bags = _buckets(text, starts)
    return FuzzyArrays(groups, text, starts, bags, bits, buckets, tags, owners, last_words)


def _spaced(tokens: Tokens) -> tuple[NDArray[np.uint16], Ints]:
    room = int(tokens.places[tokens.count]) + tokens.count
    text, starts = np.empty(room, dtype=np.uint16), np.empty(len(tokens.first), dtype=np.int32)
    used = piece_kernels.spaced_terms(tokens.first, tokens.places, tokens.flags, tokens.folded, text, starts)
    return text[:used], starts


def _buckets(
    text: NDArray[np.uint16], starts: Ints
) -> tuple[NDArray[np.uint8], Ints, NDArray[np.uint32], Ints, NDArray[np.uint64]]:
    terms = len(starts) - 1
    hashes, owners = np.empty(3 * terms, dtype=np.uint64), np.empty(3 * terms, dtype=np.int32)
    bags = np.zeros(terms, dtype=np.uint64)
    count = piece_kernels.hash_pieces(text, starts, piece_kernels.powers(), (hashes, owners, bags))
    order = np.argsort(hashes[:count])
    hashes, owners = hashes[:count][order], owners[:count][order]
    bits = np.zeros(2 * count + 8, dtype=np.uint8)
    bounds = np.empty(count + 9, dtype=np.int32)
    piece_kernels.fill_buckets(hashes, bounds, bits)
    return bits, bounds, hashes.astype(np.uint32), owners, bags


class FuzzyIndex:
    """Finds terms within one or two edits of windows that hold an unknown word.

    Args:
        engine: Engine of the same gazetteer: tells which words are known.
        arrays: What ``build_fuzzy`` made.
        english: Words that are never misspellings.
    """

    def __init__(self, engine: PhraseHashEngine, arrays: FuzzyArrays, english: Iterable[str]) -> None:
        self.arrays = arrays
        self._engine = engine
        self._english = PhraseHashEngine(build_phrases(english))
        self._powers = piece_kernels.powers()
        a = arrays
        self._index = (a.bits, a.buckets, a.tags, a.owners, a.text, a.starts, a.bags)

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
        classes = np.empty(tokens.count, dtype=np.uint8)
        edges = np.empty(tokens.count, dtype=np.uint8)
        words = (self._engine.arrays.roots, self.arrays.last_words)
        ids, english = self._engine.word_ids(tokens), self._english.word_ids(tokens)
        piece_kernels.classify(tokens.places, tokens.folded, ids, english, words, gated, (classes, edges))
        kept = (tokens.places, tokens.flags, tokens.folded)
        room = tokens.count // 8 + 64
        while True:
            out = tuple(np.empty(room, dtype=np.int32) for _ in range(5))
            count = fuzzy_kernels.propose(tokens.first, kept, classes, edges, self._powers, self._index, out)
            if count <= room:
                break
            room = count
        found: list[list[Proposal]] = [[] for _ in range(len(tokens.first) - 1)]
        rows = zip(*(column[:count].tolist() for column in out), strict=True)
        for doc, first, last, term, edits in rows:
            start, end = int(tokens.starts[first]), int(tokens.ends[last])
            group = int(self.arrays.groups[term])
            found[doc].append(Proposal(start, end, group, self._key(term), edits))
        return found

    def _key(self, term: int) -> str:
        letters = self.arrays.text[self.arrays.starts[term] : self.arrays.starts[term + 1]]
        return letters.tobytes().decode("utf-16-le", "surrogatepass")
