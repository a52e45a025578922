"""Intervals and paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.evaluation.intervals import f1_intervals, paired_difference


def _table(rows: int, tp: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    hits = generator.binomial(10, tp, size=(rows, 2))
    return np.stack([hits, generator.binomial(3, 0.3, size=(rows, 2)), 10 - hits], axis=2)


def test_interval_holds_the_score_and_narrows_with_documents() -> None:
    small, large = _table(20, 0.7, 1), _table(2000, 0.7, 1)
    few = f1_intervals(small, resamples=500, seed=0)
    many = f1_intervals(large, resamples=500, seed=0)
    assert len(few) == 3
    tp, fp, fn = small.sum(axis=(0, 1))
    assert few[-1].low < 2 * tp / (2 * tp + fp + fn) < few[-1].high
    assert many[-1].high - many[-1].low < few[-1].high - few[-1].low


def test_equal_seeds_give_equal_intervals() -> None:
    table = _table(30, 0.5, 2)
    assert f1_intervals(table, resamples=300, seed=4) == f1_intervals(table, resamples=300, seed=4)
    assert f1_intervals(table, resamples=300, seed=4) != f1_intervals(table, resamples=300, seed=5)


def test_a_column_without_mentions_scores_nothing() -> None:
    table = np.zeros((4, 1, 3), dtype=np.int64)
    assert [(i.low, i.high) for i in f1_intervals(table, resamples=100, seed=0)] == [(0, 0), (0, 0)]


def test_a_system_does_not_differ_from_itself() -> None:
    table = _table(50, 0.6, 3)
    found = paired_difference(table, table, resamples=500, seed=0)
    assert (found.f1, found.interval.low, found.interval.high, found.p_value) == (0, 0, 0, 1)


def test_a_clear_difference_is_found_and_turns_its_sign() -> None:
    better, worse = _table(80, 0.9, 4), _table(80, 0.5, 5)
    up = paired_difference(better, worse, resamples=1000, seed=0)
    down = paired_difference(worse, better, resamples=1000, seed=0)
    assert up.f1 == pytest.approx(-down.f1)
    assert up.f1 > 0.2
    assert up.p_value == down.p_value == pytest.approx(2 / 1001)


def test_draws_are_rarely_significant_where_there_is_no_difference() -> None:
    tables = [(_table(60, 0.6, 2 * i), _table(60, 0.6, 2 * i + 1)) for i in range(60)]
    low = [paired_difference(a, b, resamples=300, seed=0).p_value < 0.05 for a, b in tables]
    assert sum(low) <= 9


def test_different_documents_are_refused() -> None:
    with pytest.raises(InputError, match="same documents"):
        paired_difference(_table(3, 0.5, 0), _table(4, 0.5, 0), resamples=100, seed=0)
