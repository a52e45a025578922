"""The context component: flags on documents, in predictions, and through saving."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from hybrid_ner.corpus import Document, read_corpus, write_corpus
from hybrid_ner.errors import ModelError
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.pipeline.fusion import ContextFlags, flags_by_span
from hybrid_ner.review.store.suggestion import suggestions_from_doc, suggestions_from_document
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.predict import load_pipeline, predict

TEXT = "No fever. Possible asthma. Mother had asthma. Gout."
TERMS = Gazetteer(tuple(Term(word, "Disease") for word in ("fever", "asthma", "gout")))
FLAGS = [["negated"], ["possible"], ["family"], []]


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return rule_pipeline(TERMS, "medical")


def _found(nlp: spacy.Language) -> list[list[str]]:
    (document,) = predict(nlp, [Document("1", TEXT)], "hybrid")
    return [list(entity.attrs.get("flags", ())) for entity in document.entities or ()]


def test_entities_carry_their_flags(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    assert [list(ent._.flags) for ent in doc.ents] == FLAGS
    assert _found(nlp) == FLAGS
    (evidence,) = [v for k, v in doc.spans["context"].attrs["evidence"].items() if k.endswith("NEGATED")]
    assert evidence["reference"] == "no"


def test_flags_are_saved_with_the_pipeline(nlp: spacy.Language, tmp_path: Path) -> None:
    save(nlp, tmp_path / "model")
    assert _found(load_pipeline(tmp_path / "model")) == FLAGS
    (tmp_path / "model" / "context_flags" / "lists.json").unlink()
    with pytest.raises(ModelError, match="Save the model again"):
        load_pipeline(tmp_path / "model")


def test_flags_survive_a_docbin(nlp: spacy.Language) -> None:
    (doc,) = DocBin().from_bytes(DocBin(docs=[nlp(TEXT)]).to_bytes()).get_docs(nlp.vocab)
    assert flags_by_span(doc)[(3, 8)] == ("negated",)
    assert doc.ents[0]._.flags == ("negated",)


def test_own_lists_are_kept_in_bytes() -> None:
    own = ContextFlags(lists={"negated": "before\tkein"})
    assert ContextFlags().from_bytes(own.to_bytes()).lists == own.lists
    with pytest.raises(ModelError, match="unreadable trigger lists"):
        ContextFlags().from_bytes(b"[]")


def test_flags_reach_review_and_are_no_source_there(nlp: spacy.Language) -> None:
    (document,) = predict(nlp, [Document("1", TEXT)], "hybrid")
    assert [s.flags for s in suggestions_from_document(document)] == [tuple(f) for f in FLAGS]
    votes = {vote.source for s in suggestions_from_doc(nlp(TEXT)) for vote in s.votes}
    assert "context" not in votes


@pytest.mark.parametrize("name", ["out.jsonl", "out.spacy", "out.csv", "out_brat"])
def test_flags_are_exported(nlp: spacy.Language, tmp_path: Path, name: str) -> None:
    write_corpus(tmp_path / name, predict(nlp, [Document("1", TEXT)], "hybrid"), _format(name), report=print)
    (back,) = read_corpus(tmp_path / name, _format(name))
    assert [list(entity.attrs.get("flags", ())) for entity in back.entities or ()] == FLAGS


def _format(name: str) -> str | None:
    return "brat" if name.endswith("brat") else None


def test_other_domains_have_no_flags() -> None:
    assert "context_flags" not in rule_pipeline(TERMS, "generic").pipe_names
