"""The fusion that reviewed documents ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.pipeline.build import FusionSettings
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.choose_fusion import _clearly_better, choose_fusion
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


def _rows(*right: int) -> NDArray[np.int64]:
    """Documents of ten annotated and ten found spans, so many of them right."""
    return np.array([(count, 10, 10) for count in right], dtype=np.int64)


@pytest.mark.parametrize(
    ("right", "sure"),
    [
        ((7, 7, 7, 7, 7, 7, 7, 7, 7, 7), True),  # better in every document
        ((7, 7, 7, 5, 5, 5, 5, 5, 5, 5), True),  # in three of ten: in 97 % of the resamples
        ((6, 6, 5, 5, 5, 5, 5, 5, 5, 5), True),  # in two of ten: in 91 %
        ((6, 5, 5, 5, 5, 5, 5, 5, 5, 5), False),  # in one of ten: in 65 %
        ((9, 4, 4, 5, 5, 5, 5, 5, 5, 5), False),  # one document pays for two: in 60 %
        ((5, 5, 5, 5, 5, 5, 5, 5, 5, 5), False),  # as good
        ((4, 4, 5, 5, 5, 5, 5, 5, 5, 5), False),
    ],
)
def test_only_a_gain_on_nine_of_ten_resamples_is_clear(right: tuple[int, ...], sure: bool) -> None:
    assert _clearly_better(_rows(*right), _rows(*[5] * 10)) is sure
