"""Scores of one system."""

from __future__ import annotations

import json

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation import IdScores, Settings, evaluate, ids_of, score_ids
from hybrid_ner.evaluation.counts import Pair, Score
from hybrid_ner.terms.shipped import Crosswalk

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


# Scores of concept ids.


def pair(gold: list[str], predicted: list[str | None]) -> Pair:
    """Mention n stands at character 2n; ``None``: it was not predicted."""
    right = tuple(Entity(2 * n, 2 * n + 1, "D", each) for n, each in enumerate(gold))
    found = [Entity(2 * n, 2 * n + 1, "D", each) for n, each in enumerate(predicted) if each is not None]
    return Pair(Document("1", "x " * 20, right), tuple(found))


def test_ids_are_scored_where_the_span_is_right_and_together_with_it() -> None:
    each = pair(
        ["MESH:D1", "MESH:D2|MESH:D3", "-1", "OMIM:4", "MESH:D5", "MESH:D6"],
        ["MESH:D1", "MESH:D3|MESH:D2", "MESH:D9", "MESH:D4", "", None],
    )
    walk = Crosswalk([("OMIM:4", "MESH:D4", "MONDO")])
    assert score_ids([each], ["D"], walk) == IdScores(4, 2, 3, 1, Score(2, 1, 3))
    found = score_ids([each], ["D"])
    assert found is not None
    assert (found.equivalent, found.accuracy) == (None, 0.5)
    assert score_ids([each], ["C"]) is None


def test_a_composite_wants_all_its_ids() -> None:
    found = score_ids([pair(["MESH:D2|MESH:D3", "MESH:D2"], ["MESH:D2", "MESH:D2|MESH:D3"])], ["D"])
    assert found is not None
    assert found.right == 0


def test_ids_are_read_as_corpora_write_them() -> None:
    assert ids_of("D003920+D009765") == {"D003920", "D009765"}
    assert ids_of("mesh:D1") == {"MESH:D1"}
    assert not ids_of("-1") | ids_of("-") | ids_of("")
    found = score_ids([pair(["D003920"], ["MESH:D003920"])], ["D"])
    assert found is not None
    assert found.right == 1


def test_a_part_without_gold_is_shown_as_a_dash() -> None:
    assert (Score().shown, Score(fp=2).shown, Score(fn=2).shown, Score(tp=1, fp=1).shown) == (
        "–",
        "–",
        "0.0",
        "66.7",
    )
