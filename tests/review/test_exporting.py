"""Gold files: offsets survive, rejected spans are kept, nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from hybrid_ner.corpus import Document, Entity, read_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.review import ReviewSession
from hybrid_ner.review.store.gold import GOLD_FORMATS, export_documents, export_path, gold_documents
from tests.review.helpers import say

ODD = "🫀 afib\r\nof the heart, a\u0301spirin\n\n  given 𝒜."
OF = ODD.index("of")
SPANS = ("afib", "heart", "a\u0301spirin", "given")


def _odd() -> Document:
    entities = tuple(Entity(ODD.index(s), ODD.index(s) + len(s), "X") for s in SPANS)
    return Document("odd", ODD, entities, {"rejected": [{"start": OF, "end": OF + 2, "label": "X"}]})


@pytest.mark.parametrize("name", GOLD_FORMATS)
def test_offsets_survive_every_format(tmp_path: Path, name: str) -> None:
    path = export_path(name, "p", f"out_{name}" + {"csv": ".csv", "conll": ".conll"}.get(name, ""), tmp_path)
    done = export_documents([_odd()], name, path)
    assert done.documents == 1
    (again,) = read_corpus(path, None if name == "brat" else name)
    assert again.text == ODD
    assert [again.text[e.start : e.end] for e in again.entities or ()] == list(SPANS)
    assert all(problem.warning for problem in done.lost.problems)


def test_docbin_keeps_rejected_spans_for_training(session: ReviewSession, tmp_path: Path) -> None:
    say(session, "no 2 4", "ok", "go 5", "ok")
    export_documents(gold_documents(session.project), "spacy", tmp_path / "gold.spacy")
    first, second = DocBin().from_disk(tmp_path / "gold.spacy").get_docs(Vocab())
    assert [(e.text, e.label_) for e in first.ents] == [("chest pain", "PROBLEM"), ("metropolol", "DRUG")]
    assert [(e.text, e.label_) for e in first.spans["rejected"]] == [("afib", "PROBLEM"), ("ECHO", "TEST")]
    assert second.has_annotation("ENT_IOB")
    assert len(second.ents) == 0


def test_what_fits_no_tokens_is_reported(tmp_path: Path) -> None:
    document = Document("d", "aspirins", (Entity(0, 7, "DRUG"),), {"rejected": []})
    done = export_documents([document], "spacy", tmp_path / "x.spacy")
    assert "does not begin and end with tokens" in done.lost.problems[0].message


def test_paths(tmp_path: Path) -> None:
    assert export_path("brat", "my/notes", "", tmp_path) == tmp_path / "my_notes_gold_brat"
    with pytest.raises(InputError, match="Use one of jsonl, spacy"):
        export_path("word", "p", "", tmp_path)
