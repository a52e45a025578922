"""The weights of a linear-chain conditional random field: fitted by python-crfsuite, read with numpy.

Lafferty, McCallum and Pereira (2001), "Conditional random fields". A sentence's tags are chosen together
(Viterbi); the probability of a span is exact (forward and backward sums).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.pipeline.scored_ner import ScoredSpan
from hybrid_ner.pipeline.token_features import Feature, Part, TokenFeatures, tagged
from hybrid_ner.text import brief

__all__ = ["CrfModel", "Sentence", "Weights", "named", "numbered"]

Weights = NDArray[np.float64]
Sentence = tuple[Any, Sequence[str]]
"""A sentence in crfsuite's own form, and its tags."""

_NEVER = -1e4
_LEAST_WEIGHT = 1e-4


@dataclass(frozen=True)
class CrfModel:
    """Weights of a fitted model.

    Args:
        tags: ``O``, then ``B-`` and ``I-`` of every label.
        weights: Feature → its weight for each tag; features that say nothing are left out.
        transitions: Weight of each tag (column) after each tag (row).
    """

    tags: tuple[str, ...]
    weights: Mapping[str, Weights]
    transitions: Weights

    __repr__ = brief

    @classmethod
    def fit(
        cls,
        sequences: Iterable[Sentence],
        names: Mapping[str, str],
        *,
        l1: float = 0.05,
        l2: float = 0.1,
        iterations: int = 60,
    ) -> CrfModel:
        """Fit by L-BFGS (OWL-QN with an L1 penalty).

        Args:
            sequences: Sentences of ``numbered``, with their tags.
            names: The numbers that they were given.
            l1: Weight of the L1 penalty, which leaves most features out.
            l2: Weight of the L2 penalty.
            iterations: At most so many; more than 60 gained nothing.
        """
        import pycrfsuite

        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": l1, "c2": l2, "max_iterations": iterations})
        for items, tags in sequences:
            trainer.append(items, tags)
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "weights")
            trainer.train(path)
            tagger = pycrfsuite.Tagger()
            tagger.open(path)
            info = tagger.info()
            tagger.close()
        return cls._of(info, list(names))

    @classmethod
    def _of(cls, info: Any, names: Sequence[str]) -> CrfModel:
        tags = _complete(info.labels)
        number = {tag: place for place, tag in enumerate(tags)}
        weights: dict[str, Weights] = {}
        for (feature, tag), value in info.state_features.items():
            if abs(value) >= _LEAST_WEIGHT:
                weights.setdefault(names[int(feature)], np.zeros(len(tags)))[number[tag]] = value
        transitions = np.zeros((len(tags), len(tags)))
        for (before, after), value in info.transitions.items():
            transitions[number[before], number[after]] = value
        return cls(tags, weights, transitions)

    @classmethod
    def mean(cls, models: Sequence[CrfModel]) -> CrfModel:
        """One model with the average weights of several: the geometric mean of what they say."""
        tags = _complete(tag for model in models for tag in model.tags)
        total: dict[str, Weights] = {}
        transitions = np.zeros((len(tags), len(tags)))
        for model in models:
            places = [tags.index(tag) for tag in model.tags]
            for name, row in model.weights.items():
                total.setdefault(name, np.zeros(len(tags)))[places] += row / len(models)
            transitions[np.ix_(places, places)] += model.transitions / len(models)
        return cls(tags, total, transitions)

    def scores(self, rows: Sequence[Sequence[Part]], known: dict[Part, Weights]) -> Weights:
        """Score of every tag at every token.

        Args:
            rows: Parts of features by token.
            known: Scores of the parts seen so far; grows.
        """
        found = np.zeros((len(rows), len(self.tags)))
        for row, parts in zip(found, rows, strict=True):
            for part in parts:
                value = known.get(part)
                if value is None:
                    value = known[part] = self._part(part)
                row += value
        return found

    def _part(self, part: Part) -> Weights:
        rows, values = [], []
        for feature in part:
            name, value = named(feature)
            row = self.weights.get(name)
            if row is not None:
                rows.append(row)
                values.append(value)
        return np.asarray(values) @ np.asarray(rows) if rows else np.zeros(len(self.tags))

    def probability(self, scores: Weights, start: int, end: int, label: str) -> float:
        """Marginal probability that tokens ``[start, end)`` of a sentence are a span with this label."""
        first, inside = self.tags.index(f"B-{label}"), self.tags.index(f"I-{label}")
        lattice = _Lattice(scores, self.transitions + self._forbidden)
        return lattice.probability(start, [first, *[inside] * (end - start - 1)], inside)

    def spans(self, scores: Weights, start: int = 0) -> Iterator[ScoredSpan]:
        """The best sequence of one sentence as spans with their marginal probabilities.

        Args:
            scores: Score of every tag at every token of the sentence.
            start: Number of its first token.
        """
        lattice = _Lattice(scores, self.transitions + self._forbidden)
        best = lattice.best()
        place = 0
        while place < len(best):
            end = place + 1
            if best[place]:
                while end < len(best) and self.tags[best[end]] == f"I-{self.tags[best[place]][2:]}":
                    end += 1
                label = self.tags[best[place]][2:]
                score = lattice.probability(place, best[place:end], self.tags.index(f"I-{label}"))
                yield ScoredSpan(start + place, start + end, label, score)
            place = end

    @property
    def _forbidden(self) -> Weights:
        """Penalty of an inside tag after anything but its own label."""
        grid = np.zeros_like(self.transitions)
        for after, tag in enumerate(self.tags):
            for before, other in enumerate(self.tags):
                if tag[0] == "I" and other[2:] != tag[2:]:
                    grid[before, after] = _NEVER
        return grid


class _Lattice:
    """Scores of one sentence's tag sequences."""

    def __init__(self, scores: Weights, transitions: Weights) -> None:
        # A sentence begins as if an O stood before it: no mention is open.
        self.scores, self.transitions = scores, transitions
        self.first = scores[0] + np.where(transitions[0] <= _NEVER / 2, _NEVER, 0.0)

    def best(self) -> list[int]:
        """Viterbi."""
        total, back = self.first, []
        for row in self.scores[1:]:
            grid = total[:, None] + self.transitions
            back.append(grid.argmax(0))
            total = grid.max(0) + row
        path = [int(total.argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return path[::-1]

    def probability(self, place: int, tags: Sequence[int], inside: int) -> float:
        """Marginal probability of a span with these tags that ends where they end."""
        forward, backward, total = self._sums()
        end = place + len(tags)
        log = forward[place, tags[0]]
        for offset in range(1, len(tags)):
            log += (
                self.transitions[tags[offset - 1], tags[offset]] + self.scores[place + offset, tags[offset]]
            )
        if end < len(self.scores):
            ways = self.transitions[tags[-1]] + self.scores[end] + backward[end]
            log += np.logaddexp.reduce(np.delete(ways, inside))
        return float(min(1.0, np.exp(log - total)))

    def _sums(self) -> tuple[Weights, Weights, float]:
        if not hasattr(self, "_known"):
            forward, backward = np.zeros_like(self.scores), np.zeros_like(self.scores)
            forward[0] = self.first
            for place in range(1, len(forward)):
                ways = forward[place - 1][:, None] + self.transitions
                forward[place] = np.logaddexp.reduce(ways, axis=0) + self.scores[place]
            for place in range(len(backward) - 2, -1, -1):
                ways = self.transitions + (self.scores[place + 1] + backward[place + 1])[None, :]
                backward[place] = np.logaddexp.reduce(ways, axis=1)
            self._known = forward, backward, float(np.logaddexp.reduce(forward[-1]))
        return self._known


def named(feature: Feature) -> tuple[str, float]:
    return (feature, 1.0) if isinstance(feature, str) else feature


def numbered(features: TokenFeatures, doc: Doc, numbers: dict[str, str]) -> Iterator[Sentence]:
    """Sentences of a document that carries its entities, as ``CrfModel.fit`` takes them, any number of times.

    Numbers stand for names: crfsuite's dump is read line by line, and a word may hold a line break.

    Args:
        features: What is seen of a token.
        doc: The document.
        numbers: Feature → its number; new ones get the next.
    """
    import pycrfsuite

    for rows, tags in tagged(features, doc):
        yield pycrfsuite.ItemSequence([_numbered(row, numbers) for row in rows]), tags


def _numbered(row: Sequence[Part], numbers: dict[str, str]) -> dict[str, float]:
    pairs = (named(feature) for part in row for feature in part)
    return {numbers.setdefault(name, str(len(numbers))): value for name, value in pairs}


def _complete(tags: Iterable[str]) -> tuple[str, ...]:
    labels = sorted({tag[2:] for tag in tags if tag != "O"})
    return ("O", *(f"{kind}-{label}" for label in labels for kind in "BI"))
