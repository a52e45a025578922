"""The network beside the CRF: learns, is pooled, is saved, explains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import spacy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from hybrid_ner.pipeline import dense_tagger
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import CrfModel, CrfSettings
from hybrid_ner.pipeline.dense_tagger import DenseReader, DenseTagger, fit_dense
from hybrid_ner.pipeline.token_features import Numbered, TokenFeatures
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.words import load_words

TEXTS = [
    ("Severe headache after aspirin.", [(7, 15, "Disease"), (22, 29, "Chemical")]),
    ("No headache. Warfarin was given.", [(3, 11, "Disease"), (13, 21, "Chemical")]),
    (
        "Chest pain after warfarin.\n\nNo nausea.",
        [(0, 10, "Disease"), (17, 25, "Chemical"), (31, 37, "Disease")],
    ),
] * 8


def document(nlp: Language, text: str, spans: list[tuple[int, int, str]] = []) -> Doc:  # noqa: B006
    doc = nlp.make_doc(text)
    made = [doc.char_span(*span) for span in spans]
    doc.set_ents(made)
    doc.spans["gazetteer"] = SpanGroup(doc, name="gazetteer", spans=made[:1])
    return doc


def recognizer(nlp: Language, settings: CrfSettings | None = None) -> CrfEntityRecognizer:
    settings = settings or CrfSettings()
    pipe = nlp.add_pipe("crf_ner", name="ner", config={"sources": ["gazetteer"], "dense": settings.dense})
    features = TokenFeatures(pipe.sources, load_words("medical"), settings.forget)
    docs = [document(nlp, *each) for each in TEXTS]
    numbered = Numbered(features)
    model = CrfModel.fit([s for doc in docs for s in numbered(doc)], numbered)
    dense = fit_dense(features, docs, [features(doc) for doc in docs], model.tags, settings)
    pipe.learn(model, features.words, dense=dense)
    return pipe


def test_learns_and_gives_probabilities_of_tags() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    assert pipe.dense is not None
    docs = [document(nlp, "Severe nausea after warfarin."), document(nlp, "")]
    scores = DenseReader(pipe.dense, pipe.features).scores(docs, [pipe.features(doc) for doc in docs])
    assert scores.shape == (5, 5)
    assert np.exp(scores).sum(axis=1) == pytest.approx(1.0)
    assert [pipe.model.tags[n] for n in scores.argmax(axis=1)] == ["O", "B-Disease", "O", "B-Chemical", "O"]


def test_much_text_beside_strong_rules_takes_fewer_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nlp, steps, count = blank(), list[int](), list[int]()
    docs = [document(nlp, *each) for each in TEXTS]
    step = dense_tagger._Adam.step

    def counted(adam: dense_tagger._Adam, gradients: Sequence[NDArray[np.float32]], number: int) -> None:
        steps.append(number)
        step(adam, gradients, number)

    monkeypatch.setattr(dense_tagger._Adam, "step", counted)
    features, tags = recognizer(nlp).features, ("O", "B-Chemical", "I-Chemical", "B-Disease", "I-Disease")
    rows = list(map(features, docs))
    for large, sooner in ((100, False), (10_000, True), (100, True)):
        monkeypatch.setattr(dense_tagger, "_LARGE", large)
        steps.clear()
        dense = fit_dense(features, docs, rows, tags, CrfSettings(), sooner)
        count.append(len(steps))
        assert dense is not None
        said = [tags[n] for n in DenseReader(dense, features).scores(docs, rows).argmax(axis=1)]
        assert said[:4] == ["O", "B-Disease", "O", "B-Chemical"]
    assert count[0] == count[1] > 2 * count[2]


def test_reads_alike_whatever_was_read_before_and_not_across_blank_lines() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    assert pipe.dense is not None
    one, two = document(nlp, "Chest pain.\n\n"), document(nlp, "Nausea and zyxotril.")
    both = document(nlp, "Chest pain.\n\nNausea and zyxotril.")

    def read(*docs: Doc) -> np.ndarray:
        assert pipe.dense is not None
        return DenseReader(pipe.dense, pipe.features).scores(docs, [pipe.features(doc) for doc in docs])

    apart = np.vstack([read(one), read(two)])
    assert read(one, two) == pytest.approx(apart, abs=1e-5)
    assert read(both) == pytest.approx(apart, abs=1e-5)


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(1)
    shapes = ((6, 4), (4,), (4, 3), (3,))
    weights = [random.normal(size=shape).astype(np.float64) for shape in shapes]
    batch, gold = random.normal(size=(5, 6)), np.array([0, 2, 1, 0, 2])
    often, kept = np.array([1.0, 3.0, 1.0, 1.0, 3.0]), (random.random((5, 4)) > 0.5) * 2.0

    def loss() -> float:
        hidden = np.maximum(batch @ weights[0] + weights[1], 0) * kept
        said = hidden @ weights[2] + weights[3]
        each = np.log(np.exp(said).sum(axis=1)) - said[np.arange(5), gold]
        return float((often * each).sum() / often.sum())

    found = dense_tagger._gradients(weights, batch, gold, often, kept)  # type: ignore[arg-type]
    for weight, gradient in zip(weights, found, strict=True):
        for place in np.ndindex(weight.shape):
            weight[place] += 1e-6
            above = loss()
            weight[place] -= 2e-6
            below = loss()
            weight[place] += 1e-6
            assert gradient[place] == pytest.approx((above - below) / 2e-6, abs=1e-5)


def test_the_scores_of_both_are_added() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    doc = document(nlp, "Severe nausea after warfarin.")
    together = pipe.span_scores(doc, 1, 2)["Disease"]
    reader, pipe._reader = pipe._reader, None
    alone = pipe.span_scores(doc, 1, 2)["Disease"]
    assert reader is not None
    assert together != alone
    pipe._reader = reader
    read = pipe(doc)
    said = {(s, e, label): score for s, e, label, score in read.spans["model"].attrs["considered"]}
    assert said[1, 2, "Disease"] == pytest.approx(together, abs=1e-4)


def test_saved_and_sent_it_reads_alike(tmp_path: Path) -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path).get_pipe("ner")
    other = CrfEntityRecognizer(nlp.vocab, "ner", ["gazetteer"]).from_bytes(pipe.to_bytes())
    doc = document(nlp, "Nausea after zyxotril and warfarin.")
    wanted = pipe.span_scores(doc, 0, 1)
    assert isinstance(again.dense, DenseTagger)
    for each in (again, other):
        assert each.span_scores(doc, 0, 1) == pytest.approx(wanted, abs=1e-6)
        assert each.to_bytes() == pipe.to_bytes()


def test_why_tells_of_the_network() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    doc = document(nlp, "Severe headache.")
    said = {reason.text: reason.weight for reason in pipe.why(doc, 1, 2, "Disease", most=50)}
    assert said["the words and votes here read together"] > 0


def test_a_weight_of_nothing_leaves_it_out_and_forgotten_words_say_nothing() -> None:
    assert recognizer(blank(), CrfSettings(dense=0.0)).dense is None
    nlp = blank()
    pipe = recognizer(nlp, CrfSettings(forget=("warfarin", "nausea")))
    assert pipe.dense is not None
    features = TokenFeatures(["gazetteer"], pipe.words, ("warfarin", "nausea"))
    docs = [document(nlp, "After warfarin."), document(nlp, "After nausea.")]
    first, second = (DenseReader(pipe.dense, features).scores([doc], [features(doc)]) for doc in docs)
    assert first == pytest.approx(second)
