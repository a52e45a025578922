"""The CRF learner: features, weights, decoding, saving, explaining."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.errors import ModelError
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import CrfModel, numbered
from hybrid_ner.pipeline.token_features import TokenFeatures, bio_tags, sentences, tagged, told
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.words import BuildSettings, build_words, load_words

TEXTS = [
    ("Severe headache after aspirin.", [(7, 15, "Disease"), (22, 29, "Chemical")]),
    ("No headache. Warfarin was given.", [(3, 11, "Disease"), (13, 21, "Chemical")]),
    ("Chest pain after warfarin.", [(0, 10, "Disease"), (17, 25, "Chemical")]),
]


def document(nlp: Language, text: str, spans: list[tuple[int, int, str]], votes: bool = False) -> Doc:
    doc = nlp.make_doc(text)
    made = [doc.char_span(*span) for span in spans]
    doc.set_ents(made)
    if votes:
        doc.spans["gazetteer"] = SpanGroup(doc, name="gazetteer", spans=made)
    return doc


def recognizer(nlp: Language, votes: bool = False) -> CrfEntityRecognizer:
    pipe = nlp.add_pipe("crf_ner", name="ner", config={"sources": ["gazetteer"] if votes else []})
    features = TokenFeatures(pipe.sources)
    docs = [document(nlp, text, spans, votes) for text, spans in TEXTS]
    pipe.learn(fitted(features, docs))
    return pipe


def fitted(features: TokenFeatures, docs: list[Doc]) -> CrfModel:
    names: dict[str, str] = {}
    return CrfModel.fit([s for doc in docs for s in numbered(features, doc, names)], names)


def found(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_learns_words_and_labels() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    assert pipe.labels == ("Chemical", "Disease")
    doc = nlp("Severe headache after warfarin.")
    assert found(doc) == [("headache", "Disease"), ("warfarin", "Chemical")]
    scores = doc.spans["model"].attrs["scores"]
    assert [span.text for span in doc.spans["model"]] == ["headache", "warfarin"]
    assert all(0.3 < score <= 1 for score in scores)


def test_votes_carry_over_to_words_never_seen() -> None:
    nlp = blank()
    pipe = recognizer(nlp, votes=True)
    doc = document(nlp, "Zyx after qwertol.", [(0, 3, "Disease"), (10, 17, "Chemical")], votes=True)
    doc.set_ents([])
    assert found(pipe(doc)) == [("Zyx", "Disease"), ("qwertol", "Chemical")]


def test_without_learning_it_says_nothing() -> None:
    nlp = blank()
    nlp.add_pipe("crf_ner", name="ner")
    doc = nlp("Aspirin.")
    assert not doc.ents
    assert not doc.spans["model"]
    assert not nlp("").ents


def test_best_sequence_and_probability_are_those_of_all_sequences() -> None:
    tags = ("O", "B-X", "I-X", "B-Y", "I-Y")
    random = np.random.default_rng(3)
    for length in (1, 2, 4):
        model = CrfModel(tags, {}, random.normal(size=(5, 5)))
        scores = random.normal(size=(length, 5)) * 2
        weighed: dict[tuple[int, ...], float] = {}
        for path in product(range(5), repeat=length):
            before = (0, *path[:-1])
            if any(
                tags[b][0] == "I" and tags[a][2:] != tags[b][2:] for a, b in zip(before, path, strict=True)
            ):
                continue
            steps = sum(model.transitions[a, b] for a, b in pairwise(path))
            weighed[path] = float(np.exp(steps + sum(scores[n, t] for n, t in enumerate(path))))
        best = max(weighed, key=weighed.__getitem__)
        total = sum(weighed.values())
        for span in model.spans(scores):
            first, inside = tags.index(f"B-{span.label}"), tags.index(f"I-{span.label}")
            wanted = (first, *[inside] * (span.end - span.start - 1))
            assert best[span.start : span.end] == wanted
            same = (
                weight
                for path, weight in weighed.items()
                if path[span.start : span.end] == wanted and (*path, 0)[span.end] != inside
            )
            assert span.score == pytest.approx(sum(same) / total, rel=1e-6)
        assert sum(1 for t in best if tags[t][0] == "B") == len(list(model.spans(scores)))


def test_any_span_is_scored() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    doc = nlp("Severe headache. Warfarin.")
    scores = dict(zip(doc.spans["model"], doc.spans["model"].attrs["scores"], strict=True))
    for span, score in scores.items():
        assert pipe.span_scores(doc, span.start, span.end)[span.label_] == pytest.approx(score, abs=1e-4)
    assert pipe.span_scores(doc, 0, 2)["Disease"] < 0.5
    assert pipe.span_scores(doc, 1, 4) == {"Chemical": 0.0, "Disease": 0.0}


def test_saved_model_reads_alike(tmp_path: Path) -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    nlp.to_disk(tmp_path)
    import spacy

    again = spacy.load(tmp_path)
    text = "Severe headache after warfarin."
    assert found(again(text)) == found(nlp(text))
    other = CrfEntityRecognizer(nlp.vocab, "ner", []).from_bytes(pipe.to_bytes())
    assert other.to_bytes() == pipe.to_bytes()


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "crf.msgpack").write_bytes(b"\x81\xa1x\x01")
    with pytest.raises(ModelError, match=r"crf\.msgpack.*Train the model again"):
        CrfEntityRecognizer(blank().vocab, "ner", []).from_disk(tmp_path)


def test_why_names_the_heaviest_features() -> None:
    nlp = blank()
    pipe = recognizer(nlp, votes=True)
    doc = document(nlp, "Severe headache.", [(7, 15, "Disease")], votes=True)
    reasons = pipe.why(doc, 1, 2, "Disease")
    assert any("gazetteer votes Disease and is exactly this word" in reason.text for reason in reasons)
    assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)
    assert pipe.why(doc, 0, 1, "Symptom") == []
    vote = next(s for s in suggestions_from_doc(pipe(doc)) if s.label == "Disease").model
    assert vote is not None
    assert vote.evidence["method"] == "weights"
    assert "the rules say Disease (+" in vote.evidence["reference"]


def test_mean_of_a_model_with_itself_is_the_model() -> None:
    model = recognizer(blank()).model
    mean = CrfModel.mean([model, model])
    assert mean.tags == model.tags
    assert all(np.allclose(mean.weights[name], row) for name, row in model.weights.items())


def test_sentences_end_at_full_stops_and_lines() -> None:
    doc = blank().make_doc("One. Two 3.5 mg\nthree! End")
    assert [doc[a:b].text.strip() for a, b in sentences(doc)] == ["One.", "Two 3.5 mg", "three!", "End"]


def test_mention_over_a_line_break_begins_again() -> None:
    nlp = blank()
    doc = nlp.make_doc("New\nYork")
    doc.set_ents([Span(doc, 0, len(doc), "GPE")])
    assert bio_tags(doc)[-1] == "I-GPE"
    assert [tags[0] for _, tags in tagged(TokenFeatures(()), doc)] == ["B-GPE", "B-GPE"]


def test_words_with_line_breaks_and_arrows_are_learned() -> None:
    nlp = blank()
    docs = [document(nlp, text, [(0, 4, "X")]) for text in ("Acme\n--> y", "Acme \r\n(0) a --> b")]
    features = TokenFeatures(())
    model = fitted(features, docs)
    assert model.tags == ("O", "B-X", "I-X")
    assert any("\n" in name for name in model.weights)


def test_words_known_from_raw_text_are_like_one_another() -> None:
    nlp = blank()
    raw = [
        f"{a} acts on {b}." for a in ("Alpha", "Beta", "Gamma") for b in ("cells", "bone", "skin", "liver")
    ]
    words = build_words([*raw, "We saw nobody today, and delta never."] * 3, BuildSettings(classes=(3,)))
    texts = [("We saw alpha today.", "alpha"), ("We saw beta today.", "beta"), ("We saw nobody today.", "")]
    docs = [
        document(nlp, text, [(text.index(name), text.index(name) + len(name), "X")] if name else [])
        for text, name in texts
    ]
    features = TokenFeatures((), words)
    pipe = nlp.add_pipe("crf_ner", name="ner")
    pipe.learn(fitted(features, docs), words)
    assert found(nlp("We saw gamma today.")) == [("gamma", "X")]
    assert not found(nlp("We saw delta today."))
    said = [reason.text for reason in pipe.why(nlp.make_doc("gamma"), 0, 1, "X", most=9)]
    assert "words used like it in raw text" in said
    assert any(text.startswith("the class of the word is") and text.endswith(" of 3") for text in said)
    again = CrfEntityRecognizer(nlp.vocab, "ner", ()).from_bytes(pipe.to_bytes())
    assert [ent.text for ent in again(nlp.make_doc("We saw gamma today.")).ents] == ["gamma"]


def test_shipped_words_are_kept_by_name() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    pipe.learn(pipe.model, load_words("medical"))
    packed = pipe.to_bytes()
    assert len(packed) < 100_000
    again = CrfEntityRecognizer(nlp.vocab, "ner", ()).from_bytes(packed)
    assert again.words is load_words("medical")
    kept = srsly.msgpack_loads(packed)
    kept["words"]["fingerprint"] = "of another version"
    with pytest.raises(ModelError, match="other medical words"):
        again.from_bytes(srsly.msgpack_dumps(kept))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-1w=severe", "right before it the word is severe"),
        ("2s=Xx", "two behind it its shape is Xx"),
        ("s3=ine", "it ends with ine"),
        ("p3=cis", "it begins with cis"),
        ("0a=S-Disease", "the rules say Disease"),
        ("aw=B-Disease|a|b", "the rules say Disease"),
        ("1a=O", "right behind it the rules say nothing"),
        ("1w=", "right behind it the word is none, the sentence ends"),
        ("-2c=?", "two before it the class of the word is unknown"),
        ("0c200=7", "the class of the word is 7 of 200"),
        ("v=gazetteer|Disease|10", "gazetteer votes Disease and begins here"),
        ("x12", "words used like it in raw text"),
    ],
)
def test_features_are_told(name: str, said: str) -> None:
    assert told(name) == said
