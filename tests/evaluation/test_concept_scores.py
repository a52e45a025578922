"""Scores of concept ids."""

from __future__ import annotations

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation.concept_scores import IdScores, ids_of, score_ids
from hybrid_ner.evaluation.counts import Score
from hybrid_ner.evaluation.pairs import Pair
from hybrid_ner.terms.crosswalk import Crosswalk


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
