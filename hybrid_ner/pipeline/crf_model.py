"""The weights of a linear-chain conditional random field: fitted by python-crfsuite, read with numpy.

Lafferty, McCallum and Pereira (2001), "Conditional random fields". A sentence's tags are chosen together
(Viterbi); the probability of a span is exact (forward and backward sums).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.pipeline.scored_ner import ScoredSpan
from hybrid_ner.pipeline.token_features import NumberPart, OwnPart, Part, TokenFeatures, tagged, told
from hybrid_ner.text import brief

Weights = NDArray[np.float64]
Sentence = tuple[Any, Sequence[str]]
"""A stretch of text in crfsuite's own form, and its tags."""

_WEIGHT = re.compile(r"^  \((\d)\) (.+) --> (.+): (\S+)$", re.M)
"""Line of crfsuite's dump: ``  (1) O --> B-Disease: -0.5`` for a pair of tags, ``  (0) 17 --> O: 0.2``."""
_NEVER = -1e4
_LEAST_WEIGHT = 1e-4
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class CrfSettings:
    """How a CRF is fitted and read.

    Args:
        l1: Weight of the L1 penalty, which leaves most features out.
        l2: Weight of the L2 penalty.
        iterations: At most so many; more than 60 gained nothing.
        least_score: Least probability of a span. One helps F1 when its probability is above half of the F1 to
            be reached (Lipton, Elkan and Naryanaswamy 2014): the best sequence alone is too careful where
            little was learned.
        forget: Folded words of which nothing is to be learned.
        encoder: Folder of a frozen encoder whose states are features too (``pipeline.encoder``).
        dense: Weight of the scores of a small network over word vectors, the rest being the CRF's
            (``pipeline.dense_tagger``); 0 for the CRF alone, as where no vectors are known.
    """

    l1: float = 0.05
    l2: float = 0.1
    iterations: int = 60
    least_score: float = 0.3
    forget: tuple[str, ...] = ()
    encoder: str = ""
    dense: float = 0.2


_DEFAULT = CrfSettings()


class PartScores:
    """Scores of the parts of features that a model has seen."""

    def __init__(self) -> None:
        self.places: dict[Part, int] = {}
        self._new: list[list[float]] = []
        self._grid = np.zeros((0, 0))

    def add(self, part: Part, scores: list[float]) -> int:
        self._new.append(scores)
        return self.places.setdefault(part, len(self.places))

    def grid(self, tags: int) -> Weights:
        """The scores of all parts by place, with so many columns; rows behind them are room to grow."""
        if self._new:
            before, now = len(self.places) - len(self._new), len(self.places)
            if now > len(self._grid):
                grown = np.zeros((2 * now, tags))
                grown[:before] = self._grid[:before].reshape(before, tags)
                self._grid = grown
            self._grid[before:now] = self._new
            self._new = []
        return self._grid.reshape(-1, tags)


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
        cls, sequences: Iterable[Sentence], names: Mapping[str, str], settings: CrfSettings = _DEFAULT
    ) -> CrfModel:
        """Fit by L-BFGS (OWL-QN with an L1 penalty).

        Args:
            sequences: Sentences of ``numbered``, with their tags.
            names: Feature → the number that it was given.
            settings: Penalties and iterations.
        """
        import pycrfsuite

        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": settings.l1, "c2": settings.l2, "max_iterations": settings.iterations})
        for items, tags in sequences:
            trainer.append(items, tags)
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "weights")
            trainer.train(path)
            tagger = pycrfsuite.Tagger()
            tagger.open(path)
            labels = tagger.labels()
            tagger.dump(f"{path}.txt")
            tagger.close()
            dump = Path(f"{path}.txt").read_text(encoding="utf-8")
        return cls._of(dump, labels, list(names))

    @classmethod
    def _of(cls, dump: str, labels: Iterable[str], names: Sequence[str]) -> CrfModel:
        """What crfsuite tells of its weights: the binding's own reader takes four times as long."""
        tags = all_tags(labels)
        number = {tag: place for place, tag in enumerate(tags)}
        # As exact as they are saved, so that a saved model says the same to the last digit.
        rows: dict[int, list[float]] = {}
        transitions = np.zeros((len(tags), len(tags)))
        for kind, before, after, said in _WEIGHT.findall(dump):
            value = float(np.float32(said))
            if kind == "1":
                transitions[number[before], number[after]] = value
            elif abs(value) >= _LEAST_WEIGHT:
                rows.setdefault(int(before), [0.0] * len(tags))[number[after]] = value
        return cls(tags, {names[n]: np.array(row) for n, row in rows.items()}, transitions)

    def to_plain(self) -> dict[str, Any]:
        names = list(self.weights)
        rows = np.array([self.weights[name] for name in names], dtype="float32")
        return {
            "tags": list(self.tags),
            "features": names,
            "weights": rows.tobytes(),
            "transitions": self.transitions.astype("float32").tobytes(),
        }

    @classmethod
    def of_plain(cls, kept: Mapping[str, Any]) -> CrfModel:
        tags = tuple(kept["tags"])
        rows = np.frombuffer(kept["weights"], dtype="float32").reshape(-1, len(tags)).astype(float)
        transitions = np.frombuffer(kept["transitions"], dtype="float32").reshape(len(tags), -1).astype(float)
        return cls(tags, dict(zip(kept["features"], rows, strict=True)), transitions)

    def scores(self, rows: Sequence[Sequence[Part]], known: PartScores) -> Weights:
        """Score of every tag at every token.

        Args:
            rows: Parts of features by token, at least one each.
            known: Scores of the parts seen so far; grows.
        """
        if not rows:
            return np.zeros((0, len(self.tags)))
        own: list[Weights] = []
        places: list[int] = []
        for row in rows:
            for part in row:
                place = known.places.get(part)
                if place is None:
                    if isinstance(part, OwnPart):
                        own.append(self._numbers(part))
                        place = -len(own)
                    else:
                        place = known.add(part, self.part(part))
                places.append(place)
        starts = np.cumsum([0, *map(len, rows[:-1])])
        grid = known.grid(len(self.tags))
        if own:  # counted from the end
            grid = np.vstack([grid, *reversed(own)])
        return np.asarray(np.add.reduceat(grid[places], starts, axis=0))

    def part(self, part: Part) -> list[float]:
        """What a part of features adds to the score of each tag."""
        if isinstance(part, NumberPart):
            return list(self._numbers(part).tolist())
        total = [0.0] * len(self.tags)
        for row in map(self._rows.get, cast("tuple[str, ...]", part)):
            if row is not None:
                total = [a + b for a, b in zip(total, row, strict=True)]
        return total

    def told(self, part: Part) -> Iterator[tuple[str, list[float]]]:
        """What the features of a part say, for people, and what that adds to the score of each tag."""
        if isinstance(part, NumberPart):
            yield told(part.names[0]), self.part(part)
            return
        rows: dict[str, list[str]] = {}
        for name in part:
            if name in self.weights:
                rows.setdefault(told(str(name)), []).append(str(name))
        yield from ((said, self.part(Part(names))) for said, names in rows.items())

    def _numbers(self, part: NumberPart) -> Weights:
        grid = self._grids.get(part.names)
        if grid is None:
            zeros = np.zeros(len(self.tags))
            rows = [self.weights.get(name, zeros) for name in part.names]
            grid = self._grids[part.names] = np.array(rows).reshape(-1, len(self.tags))
        return np.asarray(part.numbers @ grid)

    @cached_property
    def _rows(self) -> dict[str, list[float]]:
        """Weights as lists: most parts have few of them, and arrays that short take longer to add."""
        return {name: row.tolist() for name, row in self.weights.items()}

    @cached_property
    def _grids(self) -> dict[Sequence[str], Weights]:
        return {}

    def lattice(
        self, scores: Weights, bounds: Sequence[tuple[int, int]], transitions: Weights | None = None
    ) -> Lattice:
        """Sums over all sequences of tags of the sentences of a document.

        Args:
            scores: Score of every tag at every token of the document.
            bounds: Tokens ``[start, end)`` of each sentence.
            transitions: Instead of its own.
        """
        between = self.transitions if transitions is None else transitions
        return Lattice(self.tags, scores, bounds, between + self._forbidden)

    @cached_property
    def _forbidden(self) -> Weights:
        """Penalty of an inside tag after anything but its own label."""
        grid = np.zeros_like(self.transitions)
        for after, tag in enumerate(self.tags):
            for before, other in enumerate(self.tags):
                if tag[0] == "I" and other[2:] != tag[2:]:
                    grid[before, after] = _NEVER
        return grid


class Lattice:
    """All sequences of tags of a document's sentences, read step by step for all sentences at once.

    Rabiner (1989), "A tutorial on hidden Markov models", section V: sums are scaled at each token, so that
    nothing has to be a logarithm.
    """

    def __init__(
        self, tags: Sequence[str], scores: Weights, bounds: Sequence[tuple[int, int]], transitions: Weights
    ) -> None:
        self.tags, self.scores, self.bounds, self.transitions = tags, scores, bounds, transitions
        self.labels = [tag[2:] for tag in tags if tag[0] == "B"]
        lengths = np.array([end - start for start, end in bounds], dtype=int)
        # Longest first, so that the sentences that still go on at a step are the first ones.
        self._order = np.argsort(-lengths, kind="stable")
        self._starts = np.array([start for start, _ in bounds], dtype=int)[self._order]
        self._lengths = lengths[self._order]
        longest = int(lengths.max(initial=0))
        self._going = [int((self._lengths > step).sum()) for step in range(longest)]
        # A sentence begins as if an O stood before it: no mention is open.
        self._closed = np.where(transitions[0] <= _NEVER / 2, _NEVER, 0.0)
        self._sum()

    def _sum(self) -> None:
        self.step = np.exp(np.maximum(self.transitions, _NEVER))
        self.factor = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        self.forward, self.backward = np.zeros_like(self.scores), np.ones_like(self.scores)
        self.scale = np.ones(len(self.scores))
        for step, going in enumerate(self._going):
            now = self._starts[:going] + step
            ways = self.forward[now - 1] @ self.step if step else np.exp(self._closed)[None, :]
            sums = ways * self.factor[now]
            self.scale[now] = np.maximum(sums.sum(axis=1), _TINY)
            self.forward[now] = sums / self.scale[now][:, None]
        for step in range(len(self._going) - 1, 0, -1):
            now = self._starts[: self._going[step]] + step
            ahead = self.factor[now] * self.backward[now] / self.scale[now][:, None]
            self.backward[now - 1] = ahead @ self.step.T

    def likely(self, least: float) -> Iterator[ScoredSpan]:
        """Every span with at least this marginal probability, in order of its first token and its length."""
        marginal = self.forward * self.backward
        for start, end in sorted(self.bounds):
            for label in self.labels:
                first = self.tags.index(f"B-{label}")
                for place in np.flatnonzero(marginal[start:end, first] >= least).tolist():
                    yield from self._from(start + place, end, label, least)

    def _from(self, start: int, end: int, label: str, least: float) -> Iterator[ScoredSpan]:
        """Spans from a token: the probability that they go on only falls, and what it loses they end with."""
        for stop, ends, going in self._ways(start, end, label):
            if ends >= least:
                yield ScoredSpan(start, stop, label, ends)
            if going < least:
                return

    def probability(self, start: int, end: int, label: str) -> float:
        """Marginal probability that tokens ``[start, end)`` of one sentence are a span with this label."""
        last = next((stop for first, stop in self.bounds if first <= start and end <= stop), None)
        if last is None or label not in self.labels:
            return 0.0  # no span runs over the end of a sentence
        return next(ends for stop, ends, _ in self._ways(start, last, label) if stop == end)

    def _ways(self, start: int, end: int, label: str) -> Iterator[tuple[int, float, float]]:
        """Each possible end of a span from ``start``, its probability, and that of all later ends."""
        first, inside = self.tags.index(f"B-{label}"), self.tags.index(f"I-{label}")
        so_far = self.forward[start, first]
        before, mass = first, float(so_far * self.backward[start, first])
        for stop in range(start + 1, end):
            so_far *= self.step[before, inside] * self.factor[stop, inside] / self.scale[stop]
            going = min(mass, float(so_far * self.backward[stop, inside]))
            yield stop, mass - going, going
            before, mass = inside, going
        yield end, mass, 0.0


class Numbered:
    """Documents as ``CrfModel.fit`` takes them, any number of times.

    Numbers stand for names: crfsuite's dump is read line by line, and a word may hold a line break.

    Args:
        features: What is seen of a token.
    """

    def __init__(self, features: TokenFeatures) -> None:
        self.features = features
        self.names: dict[str, str] = {}
        self._parts: dict[Part, dict[str, float]] = {}

    def __call__(self, doc: Doc, rows: Sequence[Sequence[Part]] | None = None) -> list[Sentence]:
        """Stretches of a document that carries its entities, and perhaps its features if they are known."""
        import pycrfsuite

        return [
            (pycrfsuite.ItemSequence([self._row(row) for row in rows]), tags)
            for rows, tags in tagged(self.features(doc) if rows is None else rows, doc)
        ]

    def _row(self, row: Sequence[Part]) -> dict[str, float]:
        found: dict[str, float] = {}
        for part in row:
            known = self._parts.get(part)
            if known is None:
                # A name alone counts once.
                pairs = ((each, 1.0) if isinstance(each, str) else each for each in part)
                known = {self.names.setdefault(name, str(len(self.names))): value for name, value in pairs}
                if not isinstance(part, OwnPart):
                    self._parts[part] = known
            found.update(known)
        return found


def all_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """``O``, then ``B-`` and ``I-`` of every label that occurs."""
    labels = sorted({tag[2:] for tag in tags if tag != "O"})
    return ("O", *(f"{kind}-{label}" for label in labels for kind in "BI"))
