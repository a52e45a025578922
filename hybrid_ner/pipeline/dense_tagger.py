"""A small network that reads a word and its two neighbors as vectors, beside the CRF.

The CRF adds up what features say one by one; one hidden layer over the vectors of three words and the votes
on them learns what they say together, and errs elsewhere. The scores of both are added before the best spans
are sought (logarithmic opinion pool of CRFs, Smith, Cohn and Osborne 2005): by itself it is no better than
the CRF, together they gain (``benchmarks/learner.md``). numpy trains it in seconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.pipeline.crf_model import CrfSettings
from hybrid_ner.pipeline.token_features import (
    Part,
    TokenFeatures,
    VotePart,
    bio_tags,
    letter_marks,
    stretches,
    words_of,
)
from hybrid_ner.text import brief

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

_VOTES = ("0a=", "as=", "v=", "d=")
"""Features that say what the rules and sources say of the token itself."""
_REACH = 1
"""Words to each side: two were slower and no better."""
_SIZE = 64
"""Numbers that stand for shape and letters: a random projection of their names."""
_BUCKETS = 8192
_SCALE = 2.5
"""Of word vectors, as for the CRF."""
_HIDDEN, _DECAY = 128, 1e-3
_LARGE = 15_000
"""Tokens from which fewer passes with larger batches do, beside strong rules (``benchmarks/learner.md``)."""
_BATCH, _MOST_PASSES, _RATE = (128, 256), (15, 7), (2e-3, 3e-3)
"""As a rule, and where that is enough."""
_DROP, _DROP_INPUT = 0.5, 0.15
_LEAST_PASSES, _TOKENS = 5, 700_000
"""Passes over the text: as many as so many tokens allow."""
_SHARE = 1 / 3
"""Part of the plain tokens, without gold and votes, that a pass takes; they count three times instead."""
_SMOOTH = 0.1
"""Added to the count of each pair of tags."""


@dataclass(frozen=True)
class DenseTagger:
    """Weights of the network.

    Args:
        tags: As those of the CRF.
        votes: What the sources said of tokens it has learned from; each has a place in the input.
        first: Weights from the inputs of the left word, the word and the right word to the hidden layer.
        second: Weights from the hidden layer to the tags.
        transitions: Log odds of each tag (column) after each tag (row), beside what the tokens say.
    """

    tags: tuple[str, ...]
    votes: tuple[str, ...]
    first: Floats
    bias: Floats
    second: Floats
    bias_tags: Floats
    transitions: NDArray[np.float64]

    __repr__ = brief

    @classmethod
    def fit(
        cls,
        features: TokenFeatures,
        docs: Sequence[Doc],
        rows: Sequence[Sequence[Sequence[Part]]],
        tags: tuple[str, ...],
        sooner: bool = False,
    ) -> Self:
        """Train on documents that carry their entities.

        Args:
            features: What is seen of a token, with word vectors.
            docs: The documents.
            rows: Their features.
            tags: ``O``, then ``B-`` and ``I-`` of every label.
            sooner: Whether fewer passes are enough where there is much text: beside rules that know most.
        """
        inputs = _Inputs(features)
        read = inputs(docs, rows, grow=True)
        number = {tag: place for place, tag in enumerate(tags)}
        sequences = [[number.get(tag, 0) for tag in bio_tags(doc)] for doc in docs]
        gold = np.array([tag for each in sequences for tag in each], dtype=np.int64)
        with one_thread():
            weights = _train(inputs, read, gold, len(tags), sooner=sooner)
        return cls(tags, tuple(inputs.votes), *weights, _between(sequences, len(tags)))

    def to_plain(self) -> dict[str, Any]:
        arrays = (self.first, self.bias, self.second, self.bias_tags, self.transitions)
        return {
            "votes": list(self.votes),
            "arrays": [[list(each.shape), each.astype("float32").tobytes()] for each in arrays],
        }

    @classmethod
    def of_plain(cls, kept: Mapping[str, Any], tags: tuple[str, ...]) -> Self:
        first, bias, second, bias_tags, transitions = (
            np.frombuffer(data, dtype="float32").reshape(shape) for shape, data in kept["arrays"]
        )
        return cls(tags, tuple(kept["votes"]), first, bias, second, bias_tags, transitions.astype(float))


def one_thread() -> AbstractContextManager[Any]:
    """Have numpy multiply in one thread: its products are small here, and threads that wait for one another
    take ten times the processor time on a busy machine."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # comes with scikit-learn; reading does without
        return nullcontext()
    return cast("AbstractContextManager[Any]", threadpool_limits(1))


class DenseReader:
    """Reads documents with trained weights; what it has seen of words and votes is kept.

    Args:
        tagger: The weights.
        features: What is seen of a token; the vectors are those the weights were trained with.
    """

    def __init__(self, tagger: DenseTagger, features: TokenFeatures) -> None:
        self.tagger, self.inputs = tagger, _Inputs(features, tagger.votes)
        hidden = len(tagger.bias)
        self._blocks = tagger.first.reshape(2 * _REACH + 1, -1, hidden)
        self._words = np.zeros((2 * _REACH + 1, 0, hidden), dtype=np.float32)
        self._sets = np.zeros((2 * _REACH + 1, 0, hidden), dtype=np.float32)

    def scores(self, docs: Sequence[Doc], rows: Sequence[Sequence[Sequence[Part]]]) -> NDArray[np.float64]:
        """Log probability of every tag at every token of all documents."""
        read = self.inputs(docs, rows)
        width = self.inputs.width
        self._words = _grown(self._words, self.inputs.words, self._blocks[:, :width])
        self._sets = _grown(self._sets, self.inputs.sets, self._blocks[:, width:])
        total = np.tile(self.tagger.bias, (len(read.places), 1))
        for block in range(2 * _REACH + 1):
            around = read.places + block - _REACH
            total += self._words[block][read.words[around]] + self._sets[block][read.sets[around]]
        np.maximum(total, 0.0, out=total)
        said = (total @ self.tagger.second + self.tagger.bias_tags).astype(float)
        said -= said.max(axis=1, keepdims=True, initial=0.0)
        return np.asarray(said - np.log(np.exp(said).sum(axis=1, keepdims=True)))


def _grown(known: Floats, inputs: _Table, blocks: Floats) -> Floats:
    """What each known input adds to the hidden layer from each place; new inputs at the end."""
    new = inputs.rows(known.shape[1])
    return np.concatenate([known, new @ blocks], axis=1) if len(new) else known


class _Table:
    """Rows of numbers by key, each made once."""

    def __init__(self, width: int) -> None:
        self.numbers: dict[Any, int] = {}
        self._grid = np.zeros((0, width), dtype=np.float32)

    def add(self, keys: Sequence[Any], made: Floats) -> None:
        start = len(self.numbers)
        self.numbers |= {key: start + n for n, key in enumerate(keys)}
        self._grid = np.vstack([self._grid, made])

    def rows(self, start: int = 0) -> Floats:
        return self._grid[start:]


@dataclass(frozen=True, slots=True)
class _Read:
    """Tokens of documents in a row, by numbers of words and sets of votes, and where they are in these.

    One of nothing stands before and behind every stretch.
    """

    words: Numbers
    sets: Numbers
    places: Numbers


class _Inputs:
    """Turns tokens into numbers of words and of sets of votes, and these into rows of the input."""

    def __init__(self, features: TokenFeatures, votes: Sequence[str] = ()) -> None:
        assert features.words is not None
        self.features, self.vectors = features, features.words
        self.votes = {vote: place for place, vote in enumerate(votes)}
        self.width = self.vectors.dimensions + 1 + 2 * _SIZE
        self.words = _Table(self.width)
        self.words.add([""], np.zeros((1, self.width), dtype=np.float32))
        self._columns: dict[Part, tuple[int, ...]] = {}
        random = np.random.default_rng(0).standard_normal((_BUCKETS, _SIZE))
        self._marks = (random / np.sqrt(_SIZE)).astype(np.float32)
        self.sets = _Table(len(votes))

    def __call__(
        self, docs: Sequence[Doc], rows: Sequence[Sequence[Sequence[Part]]], *, grow: bool = False
    ) -> _Read:
        """The tokens of documents; with ``grow`` votes never heard of get a place, else they say nothing."""
        texts = [words_of(doc) for doc in docs]
        said = [[self._said(row, grow) for row in each] for each in rows]
        self._look_up({word for each in texts for word in each})
        self._list_sets({each for one in said for each in one})
        words, sets = [0], [0]
        places: list[int] = []
        for doc, text, votes in zip(docs, texts, said, strict=True):
            for start, end in stretches(doc):
                places += range(len(words), len(words) + end - start)
                words += [*(self.words.numbers[word] for word in text[start:end]), 0]
                sets += [*(self.sets.numbers[each] for each in votes[start:end]), 0]
        return _Read(*(np.array(each, dtype=np.int64) for each in (words, sets, places)))

    def _said(self, row: Sequence[Part], grow: bool) -> tuple[int, ...]:
        found: tuple[int, ...] = ()
        for part in row:
            if not isinstance(part, VotePart):
                break  # votes come first
            columns = self._columns.get(part)
            if columns is None:
                names = [name for name in part if isinstance(name, str) and name.startswith(_VOTES)]
                for name in names if grow else ():
                    self.votes.setdefault(name, len(self.votes))
                columns = tuple(self.votes[name] for name in names if name in self.votes)
                self._columns[part] = columns
            found += columns
        return found

    def _look_up(self, words: set[str]) -> None:
        new = sorted(word for word in words if word not in self.words.numbers)
        if not new:
            return
        made = np.zeros((len(new), self.width), dtype=np.float32)
        seen = [n for n, word in enumerate(new) if not self.features.hides(word)]
        chosen = [new[n] for n in seen]
        size = self.vectors.dimensions
        plain = self.vectors.vectors(chosen, guess=False)
        known = plain.any(axis=1)
        # By its letters a vector is guessed for a common word only: of "Ghosh" they tell nothing.
        common = [n for n in np.flatnonzero(~known).tolist() if not chosen[n][:1].isupper()]
        plain[common] = self.vectors.vectors(chosen[n] for n in common)
        made[seen, :size], made[seen, size] = plain * _SCALE, known
        # Of each word as many: its shape and its letters.
        marks = [[zlib.crc32(m.encode()) % _BUCKETS for m in letter_marks(word)] for word in chosen]
        if marks:
            shapes, *letters = self._marks[np.array(marks).T]
            made[seen, size + 1 : size + 1 + _SIZE] = shapes
            made[seen, size + 1 + _SIZE :] = np.sum(letters, axis=0)
        self.words.add(new, made)

    def _list_sets(self, sets: set[tuple[int, ...]]) -> None:
        if self.sets.rows().shape[1] < len(self.votes):
            self.sets = _Table(len(self.votes))
        new = sorted({(), *sets} - self.sets.numbers.keys())
        made = np.zeros((len(new), len(self.votes)), dtype=np.float32)
        for n, columns in enumerate(new):
            made[n, list(columns)] = 1.0
        self.sets.add(new, made)


def _train(
    inputs: _Inputs, read: _Read, gold: Numbers, tags: int, *, sooner: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Adam on the cross entropy of tokens, with dropout; the rate falls to nothing."""
    random = np.random.default_rng(0)
    # Each word with each set of votes that it has somewhere: a token is one row of these.
    pairs, rows = np.unique(np.stack([read.words, read.sets]), axis=1, return_inverse=True)
    seen = np.hstack([inputs.words.rows()[pairs[0]], inputs.sets.rows()[pairs[1]]])
    around = rows[read.places[:, None] + np.arange(-_REACH, _REACH + 1)]
    size = (2 * _REACH + 1) * seen.shape[1]
    shapes = ((size, _HIDDEN), (_HIDDEN, tags))
    first, second = (
        (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32) for shape in shapes
    )
    weights = [first, np.zeros(_HIDDEN, np.float32), second, np.zeros(tags, np.float32)]
    count = len(read.places)
    few = sooner and count >= _LARGE
    batch_size, passes, adam = _BATCH[few], _MOST_PASSES[few], _Adam(weights, _RATE[few])
    passes = min(passes, max(_LEAST_PASSES, _TOKENS // max(1, count)))
    plain = (gold == 0) & (read.sets[read.places] == np.bincount(read.sets[read.places]).argmax())
    often = np.where(plain, np.float32(1 / _SHARE), np.float32(1))
    taken = [np.flatnonzero(~plain | (random.random(count) < _SHARE)) for _ in range(passes)]
    steps = sum(-(-len(each) // batch_size) for each in taken)
    for order in taken:
        random.shuffle(order)
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            batch = seen.take(around[chosen], axis=0).reshape(len(chosen), size)
            batch *= random.random((1, size), dtype=np.float32) > _DROP_INPUT
            kept = (random.random((len(chosen), _HIDDEN), dtype=np.float32) > _DROP).astype(np.float32)
            adam.step(
                _gradients(weights, batch, gold[chosen], often[chosen], kept / np.float32(1 - _DROP)), steps
            )
    first, bias, second, bias_tags = weights
    return first, bias, second, bias_tags


def _gradients(
    weights: Sequence[Floats], batch: Floats, gold: Numbers, often: Floats, kept: Floats
) -> list[Floats]:
    """Of the mean cross entropy of a batch, for each of the weights; some tokens stand for several."""
    first, bias, second, bias_tags = weights
    hidden = batch @ first
    hidden += bias
    np.maximum(hidden, 0.0, out=hidden)
    dropped = hidden * kept
    said = dropped @ second
    said += bias_tags
    said -= said.max(axis=1, keepdims=True)
    error = np.exp(said, out=said)
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(gold)), gold] -= 1.0
    error *= (often / often.sum())[:, None]
    back = error @ second.T
    back *= kept
    back *= hidden > 0.0
    return [batch.T @ back, back.sum(axis=0), dropped.T @ error, error.sum(axis=0)]


class _Adam:
    """Kingma and Ba (2015); weights that are no bias decay (Loshchilov and Hutter 2019)."""

    def __init__(self, weights: Sequence[Floats], rate: float) -> None:
        self.weights, self.rate, self.done = weights, rate, 0
        self.mean = [np.zeros_like(each) for each in weights]
        self.square = [np.zeros_like(each) for each in weights]
        self._moved = [np.zeros_like(each) for each in weights]

    def step(self, gradients: Sequence[Floats], steps: int) -> None:
        """Change the weights, and use up the gradients; the rate is at nothing after so many steps."""
        self.done += 1
        rate = np.float32(self.rate * (1 - self.done / steps))
        unbiased = np.float32(rate * np.sqrt(1 - 0.999**self.done) / (1 - 0.9**self.done))
        # In place: new arrays of this size would take longer than what is computed.
        for weight, gradient, mean, square, moved in zip(
            self.weights, gradients, self.mean, self.square, self._moved, strict=True
        ):
            np.subtract(gradient, mean, out=moved)
            moved *= np.float32(0.1)
            mean += moved
            gradient *= gradient
            gradient -= square
            gradient *= np.float32(0.001)
            square += gradient
            np.multiply(mean, unbiased, out=moved)
            np.sqrt(square, out=gradient)
            gradient += np.float32(1e-8)
            moved /= gradient
            weight -= moved
            if weight.ndim == 2:
                weight *= 1 - rate * np.float32(_DECAY)


def _between(sequences: Sequence[Sequence[int]], tags: int) -> NDArray[np.float64]:
    """Log odds of pairs of tags over what each tag has by itself."""
    count = np.full((tags, tags), _SMOOTH)
    for sequence in sequences:
        for pair in pairwise(sequence):
            count[pair] += 1
    share = count / count.sum()
    alone = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    return np.asarray(np.log(share / alone))


def fit_dense(
    features: TokenFeatures,
    docs: Sequence[Doc],
    rows: Sequence[Sequence[Sequence[Part]]],
    tags: tuple[str, ...],
    settings: CrfSettings,
    sooner: bool = False,
) -> DenseTagger | None:
    """The network beside a CRF; none where it does not count, or no vectors or no label are known."""
    if not settings.dense or features.words is None or len(tags) == 1:
        return None
    return DenseTagger.fit(features, docs, rows, tags, sooner)
