from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.pipeline.gazetteer_docs import GazetteerDocs
from hybrid_ner.pipeline.tokenizer import blank
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.weak.source import read_matches

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
