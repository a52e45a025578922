from __future__ import annotations

from collections.abc import Iterator

import pytest
import spacy
from hypothesis import given, settings
from spacy.tokens import Doc, DocBin

from hybrid_ner.errors import CorpusError, TermError
from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.pipeline.chunks import ChunkTokenizer
from hybrid_ner.pipeline.gazetteer_docs import GazetteerDocs
from hybrid_ner.pipeline.tokenizer import blank
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.weak.source import read_matches
from tests.matching.strategies import gazetteer, text_and_terms

TERMS = Gazetteer.of(
    [
        Term("heart attack", "Disease", "D:1", file="d.tsv", row=2),
        Term("heart attack", "Disease", "D:2"),
        Term("aspirin", "Drug"),
        Term("U.S", "Place"),
    ]
)
TEXTS = ["Aspirin after a heart  attack.", "", "nothing", "heart\r\nattack, U.S."]


@pytest.fixture(scope="module")
def nlp() -> spacy.language.Language:
    return blank()


@pytest.fixture(scope="module")
def one_tokenizer(nlp: spacy.language.Language) -> Iterator[None]:
    """Setting up a tokenizer for every example would take most of the time."""
    shared = ChunkTokenizer(nlp)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hybrid_ner.pipeline.gazetteer_docs.ChunkTokenizer", lambda _: shared)
        yield


def found(doc: Doc) -> list[tuple[int, int, str, str, str]]:
    return [(s.start_char, s.end_char, s.label_, s.kb_id_, s.id_) for s in doc.spans["gazetteer"]]


def test_documents_carry_the_matches_of_their_text(nlp: spacy.language.Language) -> None:
    matcher = GazetteerMatcher(TERMS)
    docs = list(GazetteerDocs(matcher).match_docs(nlp, TEXTS * 200))
    assert [doc.text for doc in docs] == TEXTS * 200
    assert found(docs[0]) == [(0, 7, "Drug", "", "aspirin"), (16, 29, "Disease", "D:1", "heart attack")]
    assert found(docs[1]) == []
    assert [doc.spans["gazetteer"].attrs for doc in docs[:2]] == [{}, {}]


def test_annotate_equals_match_docs_and_returns_what_fits_no_tokens() -> None:
    nlp = spacy.blank("en")
    writer = GazetteerDocs(GazetteerMatcher(TERMS))
    for text, doc in zip(TEXTS, writer.match_docs(nlp, TEXTS), strict=True):
        again = nlp.make_doc(text)
        misaligned = writer.annotate(again)
        assert found(again) == found(doc)
        kept = doc.spans["gazetteer"].attrs.get("misaligned", [])
        assert kept == [[m.start, m.end, m.label] for m in misaligned]
    assert [text[m.start : m.end] for m in misaligned] == ["U.S"]


def test_evidence_is_read_as_that_of_any_other_source(nlp: spacy.language.Language) -> None:
    matcher = GazetteerMatcher(TERMS)
    (doc,) = GazetteerDocs(matcher, evidence=True).match_docs(nlp, TEXTS[:1])
    doc = next(iter(DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab)))
    assert read_matches(doc, "gazetteer") == matcher.match(TEXTS[0])


def test_every_label_and_fuzzy_labels_are_written(nlp: spacy.language.Language) -> None:
    terms = Gazetteer.of([Term("lisinopril", "Drug", "C:1"), Term("lisinopril", "Name", "N:1")])
    (doc,) = GazetteerDocs(GazetteerMatcher(terms, every_label=True)).match_docs(nlp, ["Lisinopril"])
    assert [row[2] for row in found(doc)] == ["Drug", "Name"]
    (doc,) = GazetteerDocs(GazetteerMatcher(terms, fuzzy="label")).match_docs(nlp, ["lisinoprill"])
    assert found(doc) == [(0, 11, "Drug", "C:1", "lisinopril")]


@pytest.mark.parametrize("evidence", [False, True])
def test_lone_surrogates_in_texts_and_terms_are_refused(
    nlp: spacy.language.Language, one_tokenizer: None, evidence: bool
) -> None:
    terms = Gazetteer.of([Term("gold", "Metal", "G:\udc80", file="m.tsv", row=3), Term("\ud800 x", "Odd")])
    writer = GazetteerDocs(GazetteerMatcher(terms), evidence=evidence)
    with pytest.raises(CorpusError, match="surrogate at character 2"):
        list(writer.match_docs(nlp, ["a \ud800 x"]))
    with pytest.raises(TermError, match=r"m\.tsv, row 3: .*lone surrogate"):
        list(writer.match_docs(nlp, ["gold"]))


def test_remembered_surfaces_are_bounded_and_belong_to_one_pipeline(
    nlp: spacy.language.Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid_ner.pipeline.gazetteer_docs._REMEMBERED", 1)
    writer = GazetteerDocs(GazetteerMatcher(TERMS))
    expected = [(0, 7, "Drug", "", "aspirin"), (10, 22, "Disease", "D:1", "heart attack")]
    for pipeline in (nlp, spacy.blank("en"), nlp):
        (doc,) = writer.match_docs(pipeline, ["aspirin,  heart attack"])
        assert found(doc) == expected


@settings(deadline=None)
@given(case=text_and_terms())
def test_spans_are_those_of_char_span_whichever_way_they_are_written(
    nlp: spacy.language.Language, one_tokenizer: None, case: tuple[str, list[str]]
) -> None:
    text, terms = case[0].replace("\ud800", ""), case[1]
    matcher = GazetteerMatcher(gazetteer(terms), overlap="all")
    expected, misaligned = [], []
    reference = nlp.make_doc(text)
    for m in matcher.match(text):
        span = reference.char_span(m.start, m.end)
        if span is None:
            misaligned.append([m.start, m.end, m.label])
        else:
            assert m.evidence is not None
            expected.append((m.start, m.end, m.label, m.concept_ids[0], m.evidence.reference))
    for evidence in (False, True):
        (doc,) = GazetteerDocs(matcher, evidence=evidence).match_docs(nlp, [text])
        assert found(doc) == expected
        assert doc.spans["gazetteer"].attrs.get("misaligned", []) == misaligned
