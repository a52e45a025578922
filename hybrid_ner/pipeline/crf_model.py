"""The weights of a linear-chain conditional random field, how they are fitted and how text is read with them.

Lafferty, McCallum and Pereira (2001), "Conditional random fields". The tags of a stretch of text are seen
together; the probability of a span is exact (forward and backward sums). Tokens have few parts that are
theirs alone: what is seen of a word from one place is scored once for all tokens where it is, which makes
fitting three to six times as fast as a library that goes through every feature of every token
(``benchmarks/learner.md``, "Seconds of fitting").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.pipeline.scored_ner import ScoredSpan
from hybrid_ner.pipeline.token_features import (
    Numbered,
    NumberPart,
    OwnPart,
    Part,
    PartGrid,
    Places,
    Stretch,
    told,
)
from hybrid_ner.text import brief

Weights = NDArray[np.float64]
Numbers = NDArray[Any]
"""Of single or double precision."""

_NEVER = -1e4
_LEAST_WEIGHT = 1e-4
_TINY = 1e-300
_SCALED = 4
"""Steps after which sums are scaled: ones so few do not get too small for a number."""
_MODEST = 15.0
"""Weight of a pair of tags below which that is so in single precision."""


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
        stretches: Iterable[Stretch],
        numbered: Numbered,
        settings: CrfSettings = _DEFAULT,
        start: CrfModel | None = None,
        *,
        single: bool = False,
    ) -> CrfModel:
        """Fit by OWL-QN, with an L1 and an L2 penalty.

        As in CRFsuite (Okazaki 2007) only those pairs of a feature and a tag, and of two tags, have a weight
        that occur in the text.

        Args:
            stretches: Of ``numbered``, with their tags.
            numbered: Knows the features of their parts.
            settings: Penalties and iterations.
            start: Weights from a part of the text, to begin with instead of 0.
            single: See ``Likelihood``.
        """
        if not (learned := list(stretches)):
            return cls(("O",), {}, np.zeros((1, 1)))
        text = Likelihood(learned, numbered, single=single)
        begin = np.zeros(text.size)
        if start and start.tags == text.tags:
            begin = text.places(numbered.rows(start.weights, len(text.tags)), start.transitions)
        found = owl_qn(text, begin, settings)
        # As exact as they are saved, so that a saved model says the same to the last digit.
        weights, transitions = text.grids(found.astype("float32").astype(float))
        said = np.flatnonzero((np.abs(weights) >= _LEAST_WEIGHT).any(axis=1))
        names = numbered.names(text.features[said])
        return cls(text.tags, dict(zip(names, weights[said], strict=True)), transitions)

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

    def part(self, part: Part) -> list[float]:
        """What a part of features adds to the score of each tag."""
        if isinstance(part, NumberPart):
            return list(self.numbers(part).tolist())
        total = [0.0] * len(self.tags)
        for row in map(self._rows.get, cast("tuple[str, ...]", part)):
            if row is not None:
                total = [a + b for a, b in zip(total, row, strict=True)]
        return total

    def parts(self, parts: Sequence[Part]) -> Weights:
        """What each of many parts adds, in one row each, as ``part`` has it."""
        found = np.zeros((len(parts), len(self.tags)))
        named = [n for n, part in enumerate(parts) if not isinstance(part, NumberPart)]
        place, none = self._grid[1].get, len(self.weights)
        # One more for each, that weighs nothing: a part may have no features.
        names = [place(name, none) for n in named for name in (*cast("tuple[str, ...]", parts[n]), None)]
        if names:
            sizes = [len(parts[n]) + 1 for n in named]
            found[named] = np.add.reduceat(self._grid[0][names], np.cumsum([0, *sizes[:-1]]), axis=0)
        numbers: dict[Sequence[str], list[int]] = {}
        for n, part in enumerate(parts):
            if isinstance(part, NumberPart):
                numbers.setdefault(part.names, []).append(n)
        for columns, chosen in numbers.items():
            grid = self._grid[0][[place(name, none) for name in columns]]
            found[chosen] = np.array([cast("NumberPart", parts[n]).numbers for n in chosen]) @ grid
        return found

    def told(self, part: Part) -> Iterator[tuple[str, list[float]]]:
        """What the features of a part say, for people, and what that adds to the score of each tag."""
        if isinstance(part, NumberPart):
            yield told(part.names[0]), self.part(part)
            return
        rows: dict[str, list[float]] = {}
        for name in cast("tuple[str, ...]", part):
            if (row := self._rows.get(name)) is not None:
                known = rows.get(said := told(name))
                rows[said] = [a + b for a, b in zip(known, row, strict=True)] if known else row
        yield from rows.items()

    def numbers(self, part: NumberPart) -> Weights:
        """What numbers add to the score of each tag."""
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
    def _grid(self) -> tuple[Weights, dict[str | None, int]]:
        """All weights, a row of nothing behind them, and the row of each feature."""
        nothing = np.zeros((1, len(self.tags)))
        places: dict[str | None, int] = {name: n for n, name in enumerate(self.weights)}
        return np.concatenate([*([list(self.weights.values())] if places else []), nothing]), places

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


class PartScores:
    """What parts of features add to the scores of tags, by models that are read together; kept once known.

    Args:
        models: With the same tags.
        numbered: Parts that are scored at once, before any is asked for.
    """

    def __init__(self, models: Sequence[CrfModel], numbered: Numbered | None = None) -> None:
        self._tags = tuple(tag for model in models for tag in model.tags)
        self._models, self._places = tuple(models), dict[Part, int]()
        self._grid = np.zeros((0, len(self._tags)))
        if numbered is not None:
            self._places, self._grid = numbered.scores(self._together.weights, len(self._tags))
        self._known = len(self._grid)

    @cached_property
    def _together(self) -> CrfModel:
        """All models as one: the weights of one stand beside those of the next."""
        if len(self._models) == 1:
            return self._models[0]
        weights = np.zeros((len(names := {n for m in self._models for n in m.weights}), len(self._tags)))
        number, first = {name: n for n, name in enumerate(names)}, 0
        for model in self._models:
            places = [number[name] for name in model.weights]
            if places:
                weights[places, first : first + len(model.tags)] = np.array(list(model.weights.values()))
            first += len(model.tags)
        return CrfModel(self._tags, dict(zip(names, weights, strict=True)), np.zeros((0, 0)))

    def __call__(self, rows: Sequence[Sequence[Part]]) -> list[Weights]:
        """Score of every tag at every token, by each of the models.

        Args:
            rows: Parts of features by token, at least one each.
        """
        if not rows:
            return [np.zeros((0, len(model.tags))) for model in self._models]
        parts = [part for row in rows for part in row]
        known = list(map(self._places.get, parts))
        new = dict.fromkeys(part for part, place in zip(parts, known, strict=True) if place is None)
        self._add([part for part in new if not isinstance(part, OwnPart)])
        own = {part: -1 - n for n, part in enumerate(part for part in new if isinstance(part, OwnPart))}
        grid, later = self._grid, self._places | own if own else self._places
        if own:  # counted from the end
            grid = np.vstack([grid, self._together.parts(list(own))[::-1]])
        places = [later[p] if place is None else place for p, place in zip(parts, known, strict=True)]
        starts = np.cumsum([0, *map(len, rows[:-1])])
        scores = np.add.reduceat(grid[places], starts, axis=0)
        return np.split(scores, np.cumsum([len(model.tags) for model in self._models[:-1]]), axis=1)

    def _add(self, parts: Sequence[Part]) -> None:
        """Score new parts that recur; rows of the grid behind the known ones are room to grow."""
        if not parts:
            return
        before, self._known = self._known, self._known + len(parts)
        if self._known > len(self._grid):
            grown = np.zeros((2 * self._known, len(self._tags)))
            grown[:before] = self._grid[:before]
            self._grid = grown
        self._grid[before : self._known] = self._together.parts(parts)
        self._places.update(zip(parts, range(before, self._known), strict=True))


class Lattice:
    """All sequences of tags of a document's sentences."""

    def __init__(
        self, tags: Sequence[str], scores: Weights, bounds: Sequence[tuple[int, int]], transitions: Weights
    ) -> None:
        self.tags, self.scores, self.bounds, self.transitions = tags, scores, bounds, transitions
        self.labels = [tag[2:] for tag in tags if tag[0] == "B"]
        side = _SideBySide([end - start for start, end in bounds])
        starts = np.array([start for start, _ in bounds], dtype=int)
        # A sentence begins as if an O stood before it: no mention is open.
        first = np.where(transitions[0] <= _NEVER / 2, 0.0, 1.0)
        self.step = np.exp(np.maximum(transitions, _NEVER))
        self.factor = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(scores) else scores
        self.forward, self.backward = np.zeros_like(scores), np.ones_like(scores)
        self.scale = np.ones(len(scores))
        now = starts[side.sequences] + side.steps
        forward, backward, scale = side.sums(self.factor[now].T, self.step, first)
        self.forward[now], self.backward[now], self.scale[now] = forward.T, backward.T, scale

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


class _SideBySide:
    """Sequences that are gone through step by step, all at once.

    Their tokens stand in the order of the steps, at each step those of the longest sequences first, so that
    the sequences that still go on are the first ones of the step before.

    Args:
        lengths: Of the sequences, in tokens.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        known = np.array(lengths, dtype=int)
        order = np.argsort(-known, kind="stable")
        going = (known[order][None, :] > np.arange(known.max(initial=0))[:, None]).sum(axis=1)
        starts = np.concatenate([np.zeros(1, int), np.cumsum(going)])
        self.going: list[int] = going.tolist()
        self.starts: list[int] = starts.tolist()
        self.steps = np.repeat(np.arange(len(going)), going)
        """Of each token; ``sequences`` says of which sequence it is."""
        rank = np.arange(len(self.steps)) - np.repeat(starts[:-1], going)
        self.sequences = order[rank]
        steps = zip(self.starts, self.going[1:], strict=False)
        self.before = np.concatenate([np.zeros(0, int), *(np.arange(start, start + n) for start, n in steps)])
        """Place of the token before each one that is not the first of its sequence."""
        self._mirrored = starts[known[self.sequences] - 1 - self.steps] + rank
        """Place of each token where the sequences run backward."""
        first_ones = len(rank) - len(self.before)
        self._next = np.full(len(rank), len(self.before))
        self._next[self.before] = np.arange(len(self.before))
        """Of each token, counted from the first that has another before it; none: as many as there are."""
        unscaled = np.flatnonzero(self.steps[first_ones:] % _SCALED)
        self._unscaled = first_ones + unscaled, self.before[unscaled]
        """Tokens whose sums are of the same scale as those before them, and these."""

    def sums(self, factor: Numbers, step: Numbers, first: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Forward and backward sums over all sequences of tags, and by what each token scales them.

        Rabiner (1989), "A tutorial on hidden Markov models", section V: sums are scaled, so that nothing has
        to be a logarithm. To sum backward is to sum forward over mirrored sequences: both are done at once,
        and scaled every few steps, since calls of numpy take longer here than the numbers do.

        Args:
            factor: Of each tag (row) at each token (column): a loop over the tokens takes less time than one
                over so few tags.
            step: Of each tag (column) after each tag (row).
            first: Of each tag at the beginning.
        """
        number, least = factor.dtype, np.finfo(factor.dtype).tiny
        one = np.ones((1, len(factor)), number)  # a product with it is faster than a sum over so few
        factors, steps = np.stack([factor, factor.take(self._mirrored, axis=1)]), np.stack([step.T, step])
        sums, ways = np.empty_like(factors), np.stack([first, one[0]])[:, :, None]
        for at, (start, going) in enumerate(zip(self.starts, self.going, strict=False)):
            here = sums[:, :, start : start + going]
            np.multiply(
                steps @ ways[:, :, :going] if at else ways, factors[:, :, start : start + going], out=here
            )
            ways = here if (at + 1) % _SCALED else here / np.maximum(one @ here, least)
        total = np.maximum(one @ sums, least)
        sums /= total
        forward, behind = sums[0], sums[1].take(self._mirrored, axis=1)
        scale, (unscaled, before) = total[0, 0], self._unscaled
        scale[unscaled] /= scale[before]
        ahead = np.ones((len(factor), len(self.before) + 1), number)
        np.matmul(step, behind[:, factor.shape[1] - len(self.before) :], out=ahead[:, :-1])
        backward = ahead.take(self._next, axis=1)
        backward /= np.maximum(one @ (forward * backward), least)
        return forward, backward, scale


class Likelihood:
    """Minus the logarithm of the likelihood of tagged text, and its gradient, by the weights that there are.

    Args:
        stretches: The text.
        numbered: Knows the features of its parts.
        single: Whether sums over tags are of single precision, in half the time. What is summed over tokens
            never is: thousands of small numbers would be lost in a large one.
    """

    def __init__(self, stretches: Sequence[Stretch], numbered: Numbered, *, single: bool = False) -> None:
        from scipy.sparse import csr_matrix

        self.tags = all_tags(tag for stretch in stretches for tag in set(stretch.tags))
        self._side = side = _SideBySide([len(stretch.tags) for stretch in stretches])
        starts = np.cumsum([0, *(len(stretch.tags) for stretch in stretches)])
        order = starts[side.sequences] + side.steps
        parts, columns = _numbered_anew(np.concatenate([s.parts for s in stretches]))
        ends = np.cumsum(np.concatenate([[0], *(s.sizes for s in stretches)]))
        tokens = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(order), len(parts)))[order]
        grid = numbered.grid(parts)
        self.features, places = _numbered_anew(grid.indices)
        grid = csr_matrix((grid.data, places, grid.indptr), shape=(len(parts), len(self.features)))
        back = tokens.T.tocsr()
        self._number = np.float32 if single else np.float64
        self._tokens, self._parts = (
            (tokens.astype(self._number), back),
            PartGrid(grid, np.isin(self.features, numbered.numeric())),
        )
        number = {tag: place for place, tag in enumerate(self.tags)}
        self._gold = np.array([number[tag] for stretch in stretches for tag in stretch.tags])[order]
        right = np.eye(len(self.tags))[self._gold]
        self._before, after = side.before, slice(side.starts[1], None)
        self._pairs = np.zeros((len(self.tags), len(self.tags)))
        np.add.at(self._pairs, (self._gold[self._before], self._gold[after]), 1)
        of_parts, self._shape = back @ right, (grid.shape[1], len(self.tags))
        self._known = np.flatnonzero(abs(grid).T @ of_parts)
        self._steps = np.flatnonzero(self._pairs)
        right, pairs = self._parts.back(of_parts), self._pairs
        self._right = np.concatenate([right.flat[self._known], pairs.flat[self._steps]])
        self.size = len(self._right)

    def grids(self, weights: Weights) -> tuple[Weights, Weights]:
        """Weights of features and of pairs of tags, as grids, where the others are 0."""
        found, steps = np.zeros(self._shape), np.zeros(self._pairs.shape)
        for grid, places, own in zip(
            (found, steps), (self._known, self._steps), np.split(weights, [len(self._known)]), strict=True
        ):
            grid.reshape(-1)[places] = own  # a view: ``flat`` takes four times as long
        return found, steps

    def places(self, rows: Weights, transitions: Weights) -> Weights:
        """The inverse of ``grids``, for weights of all features that ``Numbered`` knows."""
        known, steps = rows[self.features].take(self._known), transitions.take(self._steps)
        return np.concatenate([known, steps])

    def __call__(self, weights: Weights) -> tuple[float, Weights]:
        """The value, and the gradient by each weight."""
        found, steps = self.grids(weights)
        scores = (self._tokens[0] @ self._parts.scores(found).astype(self._number)).T.copy()
        most = scores.max(axis=0)
        scores -= most
        # A long step of the search may need the larger numbers.
        number = self._number if np.abs(steps).max() < _MODEST else np.float64
        step, factor = np.exp(steps).astype(number), np.exp(scores, out=scores).astype(number, copy=False)
        forward, backward, scale = self._side.sums(factor, step, np.ones(len(step), number))
        later = self._side.starts[1]
        ahead = (factor[:, later:] * backward[:, later:] / scale[later:]).astype(float)
        expected = self._parts.back(self._tokens[1] @ (forward * backward).T.astype(float))
        pairs = step * (forward.take(self._before, axis=1).astype(float) @ ahead.T)
        known = float(np.log(scale).sum(dtype=float) + most.sum(dtype=float))
        slope = np.concatenate([expected.take(self._known), pairs.take(self._steps)])
        return known - float(weights @ self._right), slope - self._right


def _numbered_anew(numbers: Places) -> tuple[Places, Places]:
    """The different ones in order, and the place of each among these: ``np.unique`` without its sorting."""
    there = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    there[numbers] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[numbers]


_MEMORY, _TRIES, _ENOUGH = 6, 20, 1e-4
"""Steps that are remembered, tries for the length of one, and the least share of what its slope foretells."""
_PERIOD, _LEAST_GAIN, _FLAT = 10, 1e-5, 1e-5
"""The end: a gain of so little over so many steps, or a gradient so short beside the weights."""


def owl_qn(
    function: Callable[[Weights], tuple[float, Weights]], weights: Weights, settings: CrfSettings = _DEFAULT
) -> Weights:
    """The weights with the least value of a function and the penalties of ``settings``, from those given.

    Andrew and Gao (2007), "Scalable training of L1-regularized log-linear models": a step of L-BFGS never
    crosses 0 in any weight. Memory, line search and the end are those of libLBFGS, as CRFsuite uses it.
    """

    def valued(weights: Weights) -> tuple[float, Weights, Weights]:
        value, slope = function(weights)
        slope = slope + 2 * settings.l2 * weights
        value += settings.l2 * float(weights @ weights) + settings.l1 * float(np.abs(weights).sum())
        # Of the penalty too; at 0 only what gains more than the penalty takes.
        least = np.sign(slope) * np.maximum(np.abs(slope) - settings.l1, 0.0)
        return value, slope, np.where(weights == 0, least, slope + settings.l1 * np.sign(weights))

    value, slope, steepest = valued(weights)
    values, kept = [value], list[tuple[Weights, Weights]]()
    way, length = -steepest, 1 / max(float(np.linalg.norm(steepest)), _TINY)
    for _ in range(settings.iterations):
        side = np.where(weights == 0, -np.sign(steepest), np.sign(weights))
        for _ in range(_TRIES):
            there = weights + length * way
            there[there * side <= 0] = 0
            new, new_slope, new_steepest = valued(there)
            if new <= value + _ENOUGH * float((there - weights) @ steepest):
                break
            length /= 2
        else:
            return weights
        kept = [*kept, (there - weights, new_slope - slope)][-_MEMORY:]
        weights, value, slope, steepest = there, new, new_slope, new_steepest
        values.append(value)
        gained = (values[-1 - _PERIOD] - value) / value if len(values) > _PERIOD else 1.0
        if gained < _LEAST_GAIN or np.linalg.norm(steepest) < _FLAT * max(
            1.0, float(np.linalg.norm(weights))
        ):
            break
        way, length = -_bent(steepest, kept), 1.0
        way[way * steepest >= 0] = 0
    return weights


def _bent(slope: Weights, kept: Sequence[tuple[Weights, Weights]]) -> Weights:
    """The slope times the inverse of the curvature that the last steps tell (Nocedal and Wright, 7.4)."""
    bent, shares = slope.copy(), list[float]()
    for moved, changed in reversed(kept):
        shares.append(float(moved @ bent) / float(changed @ moved))
        bent -= shares[-1] * changed
    moved, changed = kept[-1]
    bent *= float(moved @ changed) / float(changed @ changed)
    for moved, changed in kept:
        bent += (shares.pop() - float(changed @ bent) / float(changed @ moved)) * moved
    return bent


def all_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """``O``, then ``B-`` and ``I-`` of every label that occurs."""
    labels = sorted({tag[2:] for tag in tags if tag != "O"})
    return ("O", *(f"{kind}-{label}" for label in labels for kind in "BI"))
