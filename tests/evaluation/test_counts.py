"""Strict counts agree with counting by hand."""

from __future__ import annotations

import pytest
from hypothesis import given

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation.counts import Score, count
from hybrid_ner.evaluation.pairs import Pair
from tests.evaluation.strategies import LABELS, pairs
from tests.oracle.evaluation import strict_counts


@given(pairs())
def test_equals_counting_mention_by_mention(given_pairs: list[Pair]) -> None:
    counts = count(given_pairs, LABELS)
    for label in LABELS:
        score = counts.per_label[label]
        assert (score.tp, score.fp, score.fn) == strict_counts(given_pairs, label)
    assert counts.micro.tp == sum(score.tp for score in counts.per_label.values())


def test_boundary_and_label_must_both_be_right() -> None:
    gold = Document("a", "severe migraine", (Entity(7, 15, "Disease"),))
    for predicted, tp in (((7, 15, "Disease"), 1), ((0, 15, "Disease"), 0), ((7, 15, "Chemical"), 0)):
        pair = Pair(gold, (Entity(*predicted),))
        assert count([pair], ["Chemical", "Disease"]).micro.tp == tp


def test_a_mention_given_twice_counts_once_and_overlapping_gold_counts_whole() -> None:
    gold = Document("a", "lung cancer", (Entity(0, 11, "D"), Entity(5, 11, "D")))
    pair = Pair(gold, (Entity(0, 11, "D"), Entity(0, 11, "D")))
    assert count([pair], ["D"]).micro == Score(tp=1, fp=0, fn=1)


def test_known_surfaces_part_both_sides() -> None:
    gold = Document("a", "aspirin and ibuprofen", (Entity(0, 7, "C"), Entity(12, 21, "C")))
    pair = Pair(gold, (Entity(0, 7, "C"), Entity(8, 11, "C")))
    assert count([pair], ["C"], lambda s: s == "aspirin").micro == Score(1, 0, 0)
    assert count([pair], ["C"], lambda s: s != "aspirin").micro == Score(0, 1, 1)


def test_scores_follow_from_the_counts() -> None:
    score = Score(tp=6, fp=2, fn=4)
    assert (score.gold, score.predicted) == (10, 8)
    assert score.precision == pytest.approx(0.75)
    assert score.recall == pytest.approx(0.6)
    assert score.f1 == pytest.approx(2 * 6 / (8 + 10))
    assert (Score().precision, Score().recall, Score().f1) == (0, 0, 0)
