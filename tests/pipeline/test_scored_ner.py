"""Probabilities of the recognizer, and windows over long documents."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from hybrid_ner.pipeline import scored_ner
from hybrid_ner.pipeline.scored_ner import ScoredSpan, consistent, defined, windows
from hybrid_ner.text.tokenizer import blank

SENTENCES = [
    ("Aspirin relieves headache.", [(0, 7, "Chemical"), (17, 25, "Disease")]),
    ("Warfarin causes bleeding.", [(0, 8, "Chemical"), (16, 24, "Disease")]),
    ("Nobody came.", []),
]


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = blank()
    nlp.add_pipe("scored_ner", name="ner")
    examples = []
    for text, spans in SENTENCES:
        gold = nlp.make_doc(text)
        gold.set_ents([gold.char_span(*span) for span in spans])
        examples.append(Example(nlp.make_doc(text), gold))
    nlp.initialize(lambda: examples)
    rng = np.random.default_rng(0)
    for _ in range(40):
        rng.shuffle(examples)
        nlp.update(examples)
    return nlp


def test_learned_spans_carry_probabilities(nlp: Language) -> None:
    doc = nlp(SENTENCES[0][0])
    assert [(e.text, e.label_) for e in doc.ents] == [("Aspirin", "Chemical"), ("headache", "Disease")]
    scores = doc.spans["model"].attrs["scores"]
    assert len(scores) == 2
    assert all(0.5 < score <= 1 for score in scores)


def test_span_scores_agree_with_the_chosen_span(nlp: Language) -> None:
    doc = nlp(SENTENCES[1][0])
    scores = nlp.get_pipe("ner").span_scores(doc, 0, 1)
    assert scores["Chemical"] == pytest.approx(doc.spans["model"].attrs["scores"][0], abs=1e-3)
    assert scores["Disease"] < scores["Chemical"]


def test_same_entities_as_spacy_own_recognizer(nlp: Language) -> None:
    ner = nlp.get_pipe("ner")
    for text, _ in SENTENCES:
        doc = nlp.make_doc(text)
        ner.moves.set_annotations(ner.greedy_parse([doc])[0], doc)
        assert [(e.start, e.end, e.label_) for e in doc.ents] == [
            (e.start, e.end, e.label_) for e in nlp(text).ents
        ]


def test_empty_document_and_empty_batch(nlp: Language) -> None:
    assert nlp("").ents == ()
    assert list(nlp.pipe([])) == []
    assert [d.text for d in nlp.pipe(["", "Nobody came."])] == ["", "Nobody came."]


def test_windows_cover_every_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    doc = blank().make_doc("One two three. Four five six seven.\nEight nine. " * 20)
    pieces = list(windows(doc, 10))
    assert "".join(piece.text_with_ws for _, piece in pieces) == doc.text
    assert [start for start, _ in pieces] == list(np.cumsum([0, *(len(p) for _, p in pieces[:-1])]))
    assert max(len(piece) for _, piece in pieces) <= 10


def test_long_document_is_read_in_windows(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored_ner, "WINDOW", 12)
    doc = nlp(" ".join(text for text, _ in SENTENCES) * 8)
    assert {e.text for e in doc.ents} <= set(doc.text.replace(".", " ").split())
    assert all(isinstance(e, Span) and isinstance(e.doc, Doc) for e in doc.ents)
    assert len(doc.spans["model"]) == len(doc.ents)


def test_what_a_word_is_elsewhere_in_a_document_counts() -> None:
    words = ["zyxol", "was", "given", ",", "and", "zyxol", "helped", ";", "zyxol", "sodium", "too"]
    spans = [ScoredSpan(0, 1, "Drug", 0.2), ScoredSpan(5, 6, "Drug", 0.9), ScoredSpan(8, 10, "Drug", 0.8)]
    # Of the three places of "zyxol" one has no such span: the mean is 1.1 / 3.
    found = [round(span.score, 3) for span in consistent(words, spans)]
    assert found == [round((0.2 + 1.1 / 3) / 2, 3), round((0.9 + 1.1 / 3) / 2, 3), 0.8]
    assert [(s.start, s.end, s.label) for s in consistent(words, spans)] == [
        (s.start, s.end, s.label) for s in spans
    ]
    other = [ScoredSpan(0, 1, "Drug", 0.2), ScoredSpan(5, 6, "Sign", 0.9)]  # each label has its own mean
    assert [round(span.score, 3) for span in consistent(words[:7], other)] == [0.15, 0.675]
    assert consistent(words, []) == []
    # At the end of the document "zyxol" is no two words.
    last = [ScoredSpan(0, 2, "Drug", 0.6), ScoredSpan(2, 3, "Drug", 0.4)]
    assert [s.score for s in consistent(["zyxol", "sodium", "zyxol"], last)] == [0.6, pytest.approx(0.3)]


def test_a_short_form_is_what_its_long_form_is() -> None:
    doc = blank().make_doc("Severe zyxol disease (ZD) came back. ZD and zyxol disease hurt; zd is a road.")
    spans = [
        ScoredSpan(0, 3, "Disease", 0.5),
        ScoredSpan(1, 3, "Disease", 0.3),
        ScoredSpan(4, 5, "Drug", 0.1),
    ]
    found = {(s.start, doc[s.start : s.end].text, s.label): s.score for s in defined(doc, spans)}
    # All that ends where the long form ends is meant: 0.5, and 0.3 drawn to the mean of its two places. The
    # short form says nothing for a disease, and by its other place little for a drug.
    both = pytest.approx(0.75 * (0.5 + (0.3 + 0.15) / 2))
    expected = {(0, "Severe zyxol disease", "Disease"): 0.5}
    for place, words in ((1, "zyxol disease"), (4, "ZD"), (9, "ZD"), (11, "zyxol disease")):
        expected[place, words, "Disease"] = both
    assert found == expected
    assert defined(doc, []) == []
    plain = blank().make_doc("No zyxol here.")
    assert defined(plain, [ScoredSpan(1, 2, "Drug", 0.4)]) == [ScoredSpan(1, 2, "Drug", 0.4)]
