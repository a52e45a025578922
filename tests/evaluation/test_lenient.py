"""Clusters of overlapping mentions give nervaluate's own counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from nervaluate import Evaluator

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation import LenientScore, lenient_scores
from hybrid_ner.evaluation.counts import Pair
from tests.evaluation.strategies import LABELS, pairs

COUNTS = ("correct", "incorrect", "partial", "missed", "spurious")


def _whole(given_pairs: list[Pair], strategy: str) -> list[float]:
    sides = [
        [[{"label": e.label, "start": e.start, "end": e.end - 1} for e in side] for side in both]
        for both in zip(*((pair.entities, pair.predicted) for pair in given_pairs), strict=True)
    ]
    result = Evaluator(sides[0], sides[1], tags=list(LABELS), loader="dict").evaluate()["overall"][strategy]
    return [getattr(result, name) for name in (*COUNTS, "precision", "recall", "f1")]


def _values(score: LenientScore) -> list[float]:
    return [getattr(score, name) for name in (*COUNTS, "precision", "recall", "f1")]


@given(pairs())
def test_equals_nervaluate_over_whole_documents(given_pairs: list[Pair]) -> None:
    partial, type_only = lenient_scores(given_pairs, LABELS)
    assert _values(partial) == pytest.approx(_whole(given_pairs, "partial"))
    assert _values(type_only) == pytest.approx(_whole(given_pairs, "ent_type"))


def test_neighbors_do_not_overlap() -> None:
    pair = Pair(Document("a", "abcdef", (Entity(0, 3, "A"),)), (Entity(3, 6, "A"),))
    partial, _ = lenient_scores([pair], ["A"])
    assert (partial.missed, partial.spurious, partial.partial) == (1, 1, 0)


def test_half_a_point_for_an_overlap_and_labels_ignored_in_partial() -> None:
    pair = Pair(Document("a", "abcdef", (Entity(0, 3, "A"),)), (Entity(0, 4, "B"),))
    partial, type_only = lenient_scores([pair], ["A", "B"])
    assert (partial.f1, type_only.f1) == (0.5, 0)


def test_a_crowded_document_is_no_burden() -> None:
    entities = tuple(Entity(i, i + 1, "A") for i in range(20_000))
    pair = Pair(Document("a", "x" * 20_000, entities), entities)
    assert [score.correct for score in lenient_scores([pair], ["A"])] == [20_000, 20_000]
