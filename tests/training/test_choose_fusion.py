"""The fusion that reviewed documents ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.pipeline import FusionSettings, Key
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.choose_fusion import (
    LEAST_SPANS,
    MODEL_ALONE,
    NEVER,
    REPEATS,
    RULES_ALONE,
    Calibrated,
    Counts,
    calibrate,
    choose,
    choose_fusion,
    count_all,
    described,
    f1,
    f1_of,
    options,
)
from hybrid_ner.training.policy import Decided, with_sentence
from hybrid_ner.training.pooling import TRUSTING, pooled

POOLED = pooled(0)
NLP = blank()
TEXT = "alpha beta gamma delta"
WORDS = {word: (TEXT.index(word), TEXT.index(word) + len(word)) for word in TEXT.split()}
DEFAULT = FusionSettings(0.99, "rules_first")


class Answers:
    """A pipeline whose rules and model give these words, whatever the text says of them."""

    pipeline = ()

    def __init__(self, rules: str, model: dict[str, float]) -> None:
        self.rules, self.model = rules.split(), model

    def pipe(self, pairs: Iterable[tuple[str, Document]], **_: Any) -> Iterator[tuple[Doc, Document]]:
        for text, document in pairs:
            doc = NLP.make_doc(text)
            doc.spans[RULE_GROUP] = SpanGroup(doc, spans=[_span(doc, word) for word in self.rules])
            spans = [_span(doc, word) for word in self.model]
            doc.spans[MODEL_GROUP] = SpanGroup(doc, spans=spans, attrs={"scores": list(self.model.values())})
            yield doc, document


def _span(doc: Doc, word: str) -> Span:
    return doc.char_span(*WORDS[word], "X")


def chosen(rules: str, model: dict[str, float], gold: str, documents: int = 12) -> FusionSettings:
    found = [Document(str(n), TEXT) for n in range(documents)]
    entities = tuple(Entity(*WORDS[word], "X") for word in gold.split())
    decided = {d.doc_id: Decided(entities, (), True) for d in found}
    return choose_fusion(cast(Language, Answers(rules, model)), found, decided, DEFAULT).settings


def test_no_gain_keeps_the_default() -> None:
    assert chosen("alpha", {"alpha": 0.9}, "alpha") == DEFAULT


def test_good_model_spans_lower_the_threshold() -> None:
    assert chosen("alpha", {"beta": 0.8}, "alpha beta") == FusionSettings(0.5, "rules_first")


def test_wrong_unsure_spans_raise_it() -> None:
    assert chosen("alpha", {"beta": 0.8, "gamma": 0.6}, "alpha beta") == FusionSettings(0.7, "rules_first")


def test_wrong_rules_are_left_out() -> None:
    assert chosen("gamma delta", {"alpha": 0.9, "beta": 0.9}, "alpha beta").policy == "model_only"


def test_score_of_both_is_told() -> None:
    found = [Document("a", TEXT)]
    decided = {"a": Decided((Entity(*WORDS["alpha"], "X"), Entity(*WORDS["beta"], "X")), (), True)}
    choice = choose_fusion(cast(Language, Answers("alpha", {"beta": 0.8})), found, decided, DEFAULT)
    assert (choice.f1, round(choice.default_f1, 3), choice.documents) == (1.0, 0.667, 1)


def counts(*rows: tuple[int, int, int]) -> Counts:
    return np.array(rows, dtype=np.int64)


def test_a_gain_within_noise_says_how_many_documents_would_decide() -> None:
    # Better in seven documents of twelve, worse in five: a gain, but on few draws of documents a sure one.
    base = counts(*[(5, 8, 10)] * 12)
    other = counts(*[(6, 8, 10)] * 7, *[(4, 8, 10)] * 5)
    choice = choose({RULES_ALONE: base, MODEL_ALONE: other}, RULES_ALONE)
    assert (choice.settings, choice.best) == (RULES_ALONE, MODEL_ALONE)
    assert choice.more is not None
    assert 12 < choice.more < 200
    assert choice.sentence() == (
        "rules alone for now: model only is ahead, F1 57.4 to 55.6 on 12 reviewed documents "
        "that nothing had learned from yet, "
        f"but only about {choice.more} more documents would decide"
    )
    tenfold = choose({RULES_ALONE: np.tile(base, (10, 1)), MODEL_ALONE: np.tile(other, (10, 1))}, RULES_ALONE)
    assert (tenfold.settings, tenfold.more) == (MODEL_ALONE, 0)


def test_nothing_better_is_said() -> None:
    base = counts((5, 8, 10), (6, 8, 10))
    choice = choose({RULES_ALONE: base, MODEL_ALONE: base - [[1, 0, 0]]}, RULES_ALONE)
    assert choice.more is None
    assert choice.sentence() == (
        "rules alone: F1 61.1 on 2 reviewed documents that nothing had learned from yet, "
        "and nothing tried is better"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (RULES_ALONE, "rules alone"),
        (FusionSettings(0.5, "model_first"), "model first, where it is at least 50 % sure"),
        (FusionSettings(0.0, "model_only"), "model only"),
        (FusionSettings(None, "rules_first"), "rules first"),
        (FusionSettings(1.0, "rules_first"), "rules first, where the model is at least 100 % sure"),
        (POOLED, "rules and model together"),
        (TRUSTING, "rules and model together"),
    ],
)
def test_settings_are_told(settings: FusionSettings, said: str) -> None:
    assert described(settings) == said


MIXED = FusionSettings(0.5, "model_first")


def rows(*groups: tuple[int, int]) -> Counts:
    """So many documents with so many right of ten spans, ten of them predicted."""
    return np.array([(right, 10, 10) for documents, right in groups for _ in range(documents)])


@pytest.mark.parametrize(
    ("up", "down", "over_default", "over_model"),
    [(2, 0, False, False), (3, 0, True, False), (8, 3, True, False), (12, 0, True, True)],
)
def test_a_mixture_has_to_be_surer_over_the_model_than_over_the_default(
    up: int, down: int, over_default: bool, over_model: bool
) -> None:
    good, mixed = rows((30, 8)), rows((up, 9), (down, 7), (30 - up - down, 8))
    choice = choose({DEFAULT: good, MIXED: mixed}, DEFAULT)
    assert (choice.settings == MIXED, choice.best, choice.more == 0) == (over_default, MIXED, over_default)
    choice = choose({DEFAULT: rows((30, 6)), MODEL_ALONE: good, MIXED: mixed}, DEFAULT)
    assert choice.settings == (MIXED if over_model else MODEL_ALONE)
    assert (choice.best, choice.sure, choice.more, choice.documents) == (MIXED, 1.0, 0, 30)
    assert choice.default_f1 == 0.6
    assert choice.f1 == pytest.approx(choice.best_f1 if over_model else 0.8)


def test_how_many_documents_would_decide_follows_from_the_root_law() -> None:
    choice = choose({DEFAULT: rows((30, 8)), MIXED: rows((3, 9), (1, 7), (26, 8))}, DEFAULT)
    assert (choice.settings, choice.best, choice.more) == (DEFAULT, MIXED, 20)
    assert choice.sure == pytest.approx(0.8, abs=0.01)
    worse = choose({DEFAULT: rows((30, 8)), MIXED: rows((30, 7))}, DEFAULT)
    assert (worse.more, worse.best, worse.settings, worse.sure) == (None, DEFAULT, DEFAULT, 0.0)


def test_f1_of_nothing_is_nothing() -> None:
    assert f1(np.array([[0, 0, 0], [1, 2, 2], [1, 1, 1]])).tolist() == [0.0, 0.5, 1.0]


def test_the_error_of_f1_comes_from_how_documents_differ() -> None:
    def answers(*right: int) -> list[tuple[set[Key], set[Key]]]:
        gold = {(n, n + 1, "Drug") for n in range(10)}
        return [({(n, n + 1, "Drug" if n < hits else "Day") for n in range(10)}, gold) for hits in right]

    assert f1_of(answers(7, 7, 7, 7)) == (0.7, 0.0)
    score, error = f1_of(answers(4, 10, 4, 10))
    assert (score, error) == (0.7, pytest.approx(np.std([0.4, 1.0, 0.4, 1.0], ddof=1) / 2))
    assert f1_of(answers(4)) == (0.4, 0.0)
    assert f1_of([]) == f1_of([(set(), set())] * 3) == (0.0, 0.0)


def test_ways_of_fusion_are_all_policies_at_all_thresholds_after_the_rules() -> None:
    first, *rest = options()
    assert first == RULES_ALONE == FusionSettings(NEVER, "rules_first")
    assert NEVER > 1
    assert len(set(rest)) == 18
    assert rest[:2] == [FusionSettings(0.5, "rules_first"), FusionSettings(0.3, "rules_first")]
    assert {way.policy for way in rest} == {"rules_first", "model_first", "model_only"}
    assert {way.min_score for way in rest} == {0.5, 0.3, 0.0, 0.7, 0.9, 0.97}


def test_counts_of_a_document_are_right_predicted_and_annotated() -> None:
    ((doc, _),) = Answers("alpha beta", {"gamma": 0.6, "delta": 0.9}).pipe([(TEXT, Document("d", TEXT))])
    gold = Decided(tuple(Entity(*WORDS[w], "X") for w in ("alpha", "delta")), (), True).spans
    assert gold == {(*WORDS["alpha"], "X"), (*WORDS["delta"], "X")}
    ways = [RULES_ALONE, MODEL_ALONE, FusionSettings(0.9, "rules_first"), FusionSettings(None, "rules_first")]
    assert count_all(doc, gold, ways) == [(1, 2, 2), (1, 2, 2), (2, 3, 2), (2, 4, 2)]


def test_a_choice_is_told_as_plain_values() -> None:
    choice = choose({DEFAULT: rows((30, 8)), MIXED: rows((30, 9))}, DEFAULT)
    told = with_sentence(choice)
    on = "30 reviewed documents that nothing had learned from yet"
    said = f"model first, where it is at least 50 % sure: F1 90.0 on {on}, 80.0 by default"
    assert told["sentence"] == choice.sentence() == said
    assert (told["f1"], told["more"], told["settings"]["policy"]) == (0.9, 0, "model_first")


def test_thousands_of_documents_are_far_more() -> None:
    base, other = rows((400, 5)), rows((101, 6), (99, 4), (200, 5))
    choice = choose({DEFAULT: base, MIXED: other}, DEFAULT)
    assert choice.more is not None
    assert choice.more > 1000
    assert choice.sentence().endswith(
        "that nothing had learned from yet, but only far more documents would decide"
    )


# The bound on what the student may add.


class Student:
    """Reads every document as one rule span and one added span of a given probability."""

    def __init__(self, scores: list[float]) -> None:
        self.vocab, self.scores = NLP.vocab, scores

    def pipe(self, docs: Iterable[Doc]) -> Iterator[Doc]:
        for doc, score in zip(docs, self.scores, strict=True):
            spans = [Span(doc, 0, 1, "A"), Span(doc, 2, 3, "A")]
            doc.spans["model"] = SpanGroup(doc, name="model", spans=spans, attrs={"scores": [0.99, score]})
            yield doc


def held_out(path: Path, count: int) -> Path:
    docbin = DocBin()
    for _ in range(count):
        doc = NLP.make_doc("one two three")
        doc.set_ents([Span(doc, 0, 1, "A")])
        docbin.add(doc)
    docbin.to_disk(path)
    return path


def test_threshold_keeps_the_bound(tmp_path: Path) -> None:
    scores = [n / 200 for n in range(200)]
    found = calibrate(Student(scores), held_out(tmp_path / "d.spacy", 200), 0.05)  # type: ignore[arg-type]
    chosen = found.min_score
    assert sum(score >= chosen for score in scores) < 200 * 0.05


def test_too_little_text_adds_nothing(tmp_path: Path) -> None:
    found = calibrate(Student([0.1] * 5), held_out(tmp_path / "d.spacy", 5))  # type: ignore[arg-type]
    assert found == Calibrated(NEVER, 5, 5, 0, 5)


def test_student_that_is_sure_of_everything_adds_nothing(tmp_path: Path) -> None:
    path = held_out(tmp_path / "d.spacy", 200)
    found = calibrate(Student([1.0] * 200), path)  # type: ignore[arg-type]
    assert found.min_score > 1
    assert (found.rule_spans, found.would_add, found.may_add) == (200, 200, 1)


@pytest.mark.parametrize("score", [0.0, 0.3])
def test_threshold_is_never_below_one_half(tmp_path: Path, score: float) -> None:
    path = held_out(tmp_path / "d.spacy", 300)
    assert calibrate(Student([score] * 300), path, 2.0).min_score == 0.5  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("repeated", "added", "repeats"), [(197, 1, True), (197, 20, False), (150, 1, False)]
)
def test_a_student_that_repeats_the_rules_is_known(repeated: int, added: int, repeats: bool) -> None:
    assert Calibrated(0.9, 200, added, 1, repeated).repeats is repeats


def test_little_text_says_nothing_of_repeating() -> None:
    assert not Calibrated(0.9, 20, 0, 0, 20).repeats


@pytest.mark.parametrize(
    ("rules", "added", "repeated", "repeats"),
    [
        (LEAST_SPANS, 0, LEAST_SPANS, True),
        (LEAST_SPANS - 1, 0, LEAST_SPANS - 1, False),
        (1000, 20, round(1000 * REPEATS), True),
        (1000, 21, 1000, False),
        (1000, 0, round(1000 * REPEATS) - 1, False),
    ],
)
def test_a_student_that_only_repeats_the_rules(rules: int, added: int, repeated: int, repeats: bool) -> None:
    assert Calibrated(0.5, rules, added, 10, repeated).repeats is repeats
