"""Intervals and comparisons by drawing documents with replacement.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals. Documents, not
mentions, are drawn: mentions of one document are not independent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError

__all__ = ["Difference", "Interval", "f1_intervals", "paired_difference"]

_CELLS = 4_000_000
"""Largest number of draws held at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Micro F1 of one system minus that of another on the same documents.

    Args:
        f1: The difference.
        interval: Its 95 % interval.
        p_value: Two-sided: twice the share of draws in which the difference has the other sign or is 0,
            at most 1.
        resamples: Number of draws.
    """

    f1: float
    interval: Interval
    p_value: float
    resamples: int


def f1_intervals(table: NDArray[np.int64], *, resamples: int, seed: int) -> list[Interval]:
    """An interval of F1 for each column, then for all columns together.

    Args:
        table: Shape (documents, labels, 3): tp, fp, fn.
        resamples: Number of draws.
        seed: Equal seeds give equal intervals.
    """
    whole = np.concatenate([table, table.sum(axis=1, keepdims=True)], axis=1)
    drawn = np.concatenate([_f1(totals) for totals in _draws([whole], resamples, seed)])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def paired_difference(
    first: NDArray[np.int64], second: NDArray[np.int64], *, resamples: int, seed: int
) -> Difference:
    """Whether the first system's micro F1 differs from the second's, the same documents drawn for both.

    Args:
        first: Shape (documents, labels, 3) of the first system.
        second: The same for the second; the same documents in the same order.
        resamples: Number of draws.
        seed: Equal seeds give equal results.
    """
    if len(first) != len(second):
        raise InputError("the two systems were not scored on the same documents.")
    one, two = first.sum(axis=1, keepdims=True), second.sum(axis=1, keepdims=True)
    both = np.concatenate([one, two], axis=1)
    drawn = np.concatenate([_f1(totals) for totals in _draws([both], resamples, seed)])
    delta = drawn[:, 0] - drawn[:, 1]
    observed = _f1(both.sum(axis=0)[None])[0]
    low, high = np.percentile(delta, [2.5, 97.5])
    # One is added to both counts so that a p-value is never 0 (Davison and Hinkley 1997).
    tail = (1 + min(int((delta <= 0).sum()), int((delta >= 0).sum()))) / (1 + resamples)
    return Difference(
        float(observed[0] - observed[1]), Interval(float(low), float(high)), min(1.0, 2 * tail), resamples
    )


def _draws(tables: list[NDArray[np.int64]], resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    table = tables[0]
    size = len(table)
    flat = table.reshape(size, -1)
    step = max(1, _CELLS // max(size, 1))
    for start in range(0, resamples, step):
        weights = generator.multinomial(size, np.full(size, 1 / size), min(step, resamples - start))
        yield (weights @ flat).reshape(len(weights), *table.shape[1:])


def _f1(totals: NDArray[np.int64]) -> NDArray[np.float64]:
    tp, fp, fn = np.moveaxis(totals, -1, 0)
    return np.asarray(2 * tp / np.maximum(2 * tp + fp + fn, 1), dtype=np.float64)
