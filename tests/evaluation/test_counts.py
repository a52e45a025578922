"""Strict counts agree with counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.evaluation.counts import (
    Pair,
    Score,
    count,
    f1_intervals,
    group_system,
    least_p,
    pair_system,
    paired_difference,
)
from tests.evaluation.strategies import LABELS, pairs
from tests.oracle.evaluation import strict_counts

# Predictions beside gold: what is refused, renamed and grouped.

GOLD = [Document("a", "IBM sued.", (Entity(0, 3, "BUSINESS"),)), Document("b", "None.", ())]


def _predicted(*entities: Entity) -> list[Document]:
    return [Document("a", "IBM sued.", entities), Document("b", "None.", ())]


def test_order_is_golds_and_other_documents_are_counted() -> None:
    found = pair_system(GOLD, [*reversed(_predicted()), Document("z", "more", ())])
    assert [pair.gold.doc_id for pair in found.pairs] == ["a", "b"]
    assert found.unscored == ("z",)


def test_documents_that_a_tool_counted_anew_are_found_by_their_text() -> None:
    predicted = [Document("ibm.txt", "IBM sued.", (Entity(0, 3, "BUSINESS"),)), Document("b", "None.", ())]
    found = pair_system(GOLD, predicted)
    assert [(pair.gold.doc_id, len(pair.predicted)) for pair in found.pairs] == [("a", 1), ("b", 0)]
    assert found.unscored == ()
    twice = [Document("1", "None.", ()), Document("2", "None.", ())]
    with pytest.raises(
        CorpusError, match=r"without prediction: '1', '2'\. Predictions have the ids 'x', 'y'"
    ):
        pair_system(twice, [Document("x", "None.", ()), Document("y", "None.", ())])


def test_white_space_of_token_files_is_not_that_of_gold() -> None:
    gold = [Document("a", "IBM, of\nArmonk, sued.", (Entity(0, 3, "ORG"), Entity(8, 14, "GPE")))]
    for doc_id in ("a", "1"):
        tokens = Document(doc_id, "IBM , of Armonk , sued .", (Entity(0, 3, "ORG"), Entity(9, 17, "GPE")))
        (pair,) = pair_system(gold, [tokens]).pairs
        assert [(e.start, e.end) for e in pair.predicted] == [(0, 3), (8, 15)]
        assert pair.gold.text[8:15] == "Armonk,"
    with pytest.raises(CorpusError, match="white space may differ"):
        pair_system(gold, [Document("1", "IBM , of Armonk , sues .", ())])


@pytest.mark.parametrize(
    ("gold", "predicted", "said"),
    [
        (GOLD, [Document("a", "IBM sued.", ())], "1 of 2 gold documents without prediction: 'b'"),
        (GOLD, [Document("a", "IBM sues.", ()), GOLD[1]], "differs from gold at character 7"),
        (GOLD, [Document("a", "IBM sued", ()), GOLD[1]], "differs from gold at character 8"),
        (GOLD, [Document("a", "IBM sued."), GOLD[1]], "carries no predictions"),
        ([Document("a", "x")], [Document("a", "x", ())], "1 of 1 gold document without annotation"),
    ],
)
def test_what_cannot_be_scored(gold: list[Document], predicted: list[Document], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        pair_system(gold, predicted)


def test_labels_that_gold_lacks_take_its_name() -> None:
    found = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")))
    assert found.mapped == {"ORG": "BUSINESS"}
    assert found.pairs[0].predicted == (Entity(0, 3, "BUSINESS"),)
    plain = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")), aliases=False)
    assert plain.pairs[0].predicted == (Entity(0, 3, "ORG"),)


def test_a_given_name_comes_before_the_aliases() -> None:
    found = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")), {"ORG": "COURT", "X": "BUSINESS"})
    assert found.mapped == {"ORG": "COURT"}


def test_groups_by_meta_value() -> None:
    gold = [Document(str(i), "x", (), {"kind": {"of": kind}}) for i, kind in enumerate("aba")]
    system = pair_system(gold, gold)
    groups = group_system(system, "meta.kind.of")
    assert {name: [p.gold.doc_id for p in part.pairs] for name, part in groups.items()} == {
        "a": ["0", "2"],
        "b": ["1"],
    }
    with pytest.raises(CorpusError, match="no gold document has 'kinds'"):
        group_system(system, "kinds")


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


# Intervals and paired differences.


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


def test_few_documents_are_never_sure() -> None:
    better, worse = _table(5, 1.0, 4), _table(5, 0.2, 5)
    found = paired_difference(better, worse, resamples=1000, seed=0)
    assert found.interval.low > 0
    assert found.p_value == least_p(5) == 1 / 16
    # Documents on which both say the same tell nothing.
    same = np.concatenate([better, worse[:1]]), np.concatenate([worse, worse[:1]])
    assert paired_difference(*same, resamples=1000, seed=0).p_value == 1 / 16


def test_draws_are_rarely_significant_where_there_is_no_difference() -> None:
    tables = [(_table(60, 0.6, 2 * i), _table(60, 0.6, 2 * i + 1)) for i in range(60)]
    low = [paired_difference(a, b, resamples=300, seed=0).p_value < 0.05 for a, b in tables]
    assert sum(low) <= 9


def test_different_documents_are_refused() -> None:
    with pytest.raises(InputError, match="same documents"):
        paired_difference(_table(3, 0.5, 0), _table(4, 0.5, 0), resamples=100, seed=0)
