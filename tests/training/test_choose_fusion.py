"""The fusion that reviewed documents ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pytest
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.pipeline.build import FusionSettings
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.choose_fusion import (
    MODEL_ALONE,
    RULES_ALONE,
    Counts,
    choose,
    choose_fusion,
    described,
)
from hybrid_ner.training.policy import Decided

NLP = blank()
TEXT = "alpha beta gamma delta"
WORDS = {word: (TEXT.index(word), TEXT.index(word) + len(word)) for word in TEXT.split()}
DEFAULT = FusionSettings(0.99, "rules_first")


class Answers:
    """A pipeline whose rules and model give these words, whatever the text says of them."""

    def __init__(self, rules: str, model: dict[str, float]) -> None:
        self.rules, self.model = rules.split(), model

    def pipe(self, texts: Iterable[str], batch_size: int) -> Iterator[Doc]:
        for doc in map(NLP.make_doc, texts):
            doc.spans[RULE_GROUP] = SpanGroup(doc, spans=[_span(doc, word) for word in self.rules])
            spans = [_span(doc, word) for word in self.model]
            doc.spans[MODEL_GROUP] = SpanGroup(doc, spans=spans, attrs={"scores": list(self.model.values())})
            yield doc


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
        f"rules alone for now: model only is ahead, 57.4 to 55.6 on 12 reviewed documents, "
        f"but only about {choice.more} more documents would decide"
    )
    tenfold = choose({RULES_ALONE: np.tile(base, (10, 1)), MODEL_ALONE: np.tile(other, (10, 1))}, RULES_ALONE)
    assert (tenfold.settings, tenfold.more) == (MODEL_ALONE, 0)


def test_nothing_better_is_said() -> None:
    base = counts((5, 8, 10), (6, 8, 10))
    choice = choose({RULES_ALONE: base, MODEL_ALONE: base - [[1, 0, 0]]}, RULES_ALONE)
    assert choice.more is None
    assert choice.sentence() == "rules alone: F1 61.1 on 2 reviewed documents, and nothing tried is better"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (RULES_ALONE, "rules alone"),
        (FusionSettings(0.5, "model_first"), "model first, from probability 0.5"),
        (FusionSettings(0.0, "model_only"), "model only"),
        (FusionSettings(None, "rules_first"), "rules first"),
    ],
)
def test_settings_are_told(settings: FusionSettings, said: str) -> None:
    assert described(settings) == said
