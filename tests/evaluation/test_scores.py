"""Scores of one system."""

from __future__ import annotations

import json

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation.scores import Settings, evaluate

TEXT = "Aspirin and ibuprofen for migraine."
GOLD = [
    Document("a", TEXT, (Entity(0, 7, "Chemical"), Entity(12, 21, "Chemical"), Entity(26, 34, "Disease")))
]


def _evaluate(*entities: Entity, **settings: object):  # type: ignore[no-untyped-def]
    return evaluate(GOLD, [Document("a", TEXT, entities)], Settings(resamples=100, **settings))  # type: ignore[arg-type]


def test_micro_and_labels() -> None:
    scores = _evaluate(Entity(0, 7, "Chemical"), Entity(26, 34, "Chemical"))
    assert (scores.micro.tp, scores.micro.fp, scores.micro.fn) == (1, 1, 2)
    assert {label: s.gold for label, s in scores.labels.items()} == {"Chemical": 2, "Disease": 1}
    assert scores.macro_f1 == pytest.approx(0.25)
    assert (scores.seen, scores.unseen) == (None, None)


def test_labels_outside_gold_are_counted_not_scored() -> None:
    scores = _evaluate(Entity(0, 7, "Chemical"), Entity(8, 11, "DATE"))
    assert scores.out_of_scheme == {"DATE": 1}
    assert scores.micro.fp == 0


def test_chosen_labels_only() -> None:
    scores = _evaluate(Entity(0, 7, "Chemical"), labels=("Disease",))
    assert list(scores.labels) == ["Disease"]
    assert scores.out_of_scheme == {"Chemical": 1}
    with pytest.raises(CorpusError, match="label Odd does not occur in gold"):
        _evaluate(labels=("Odd",))


def test_seen_is_a_folded_surface() -> None:
    scores = _evaluate(Entity(0, 7, "Chemical"), known=frozenset({"aspirin"}))
    assert (scores.seen.gold, scores.seen.f1) == (1, 1)
    assert (scores.unseen.gold, scores.unseen.f1) == (2, 0)


def test_aliases_and_duplicates_are_told() -> None:
    scores = _evaluate(Entity(0, 7, "DRUG"), Entity(0, 7, "DRUG"))
    assert (scores.mapped, scores.duplicates, scores.micro.tp) == ({"DRUG": "Chemical"}, 1, 1)


def test_gold_without_any_entity_cannot_be_scored() -> None:
    with pytest.raises(CorpusError, match="gold holds no entity"):
        evaluate([Document("a", "x", ())], [Document("a", "x", ())])


def test_everything_fits_into_json() -> None:
    row = json.loads(json.dumps(_evaluate(Entity(0, 7, "Chemical"), known={"aspirin"}).as_dict()))
    assert row["micro"]["gold"] == 3
    assert set(row["per_label"]["Disease"]) >= {"precision", "recall", "f1", "tp", "fp", "fn", "gold"}
