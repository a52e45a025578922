"""Training on annotated documents."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from spacy.tokens import Span

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError, ModelError
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.predict import load_pipeline, predict
from hybrid_ner.training.recipe import train_on_documents, train_student, write_training_data


def test_training_lists_spans_that_fit_no_tokens(tmp_path: Path) -> None:
    good = Document("good", "Aspirin helps.", (Entity(0, 7, "Chemical"),))
    bad = Document("bad", "Aspirin helps.", (Entity(0, 3, "Chemical"),))
    lines: list[str] = []
    result = train_on_documents(
        "cnn",
        [good] * 30 + [bad, Document("open", "unlabeled")],
        tmp_path / "model",
        overrides={"training.max_epochs": 1},
        progress=lambda share, line: lines.append(line),
    )
    assert result["misaligned"] == ["bad 0-3 Chemical"]
    assert result["labels"] == ["Chemical"]
    assert lines
    nlp = load_pipeline(tmp_path / "model")
    assert nlp.pipe_names == ["ner"]
    before = [replace(good, meta={"learned_from": True, "kind": "note"}), Document("open", "unlabeled")]
    after = [replace(before[0], text="Another text.", entities=()), *before]
    read = list(predict(nlp, after, "model"))
    assert [document.meta for document in read] == [
        {"kind": "note"},
        {"learned_from": True, "kind": "note"},
        {},
    ]


@pytest.mark.parametrize("entities", [None, ()])
def test_nothing_annotated_is_an_error(tmp_path: Path, entities: tuple[Entity, ...] | None) -> None:
    with pytest.raises(CorpusError, match="no document carries an entity"):
        train_on_documents("cnn", [Document("a", "text", entities)], tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def overlapping(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A pipeline trained on one text with two annotations of the same place, and what was left out."""
    out = tmp_path_factory.mktemp("student") / "model"
    text = Document("a", "Aspirin helps.", (Entity(0, 7, "Chemical"), Entity(0, 13, "Claim")))
    result = train_on_documents("cnn", [text], out, overrides={"training.max_epochs": 1})
    return out, result["overlapping"]


def test_annotation_over_a_longer_one_is_named(overlapping: tuple[Path, list[str]]) -> None:
    assert overlapping[1] == ["a 0-7 Chemical"]


def test_trained_pipeline_has_no_answer_of_rules(overlapping: tuple[Path, list[str]]) -> None:
    nlp = load_pipeline(overlapping[0])
    with pytest.raises(ModelError, match=r"no answer of the rule alone: it holds ner"):
        next(predict(nlp, [Document("a", "text")], "rule"))
    assert [d.doc_id for d in predict(nlp, [Document("a", "text")], "model")] == ["a"]


@pytest.mark.parametrize("name", ["ner/model", "config.cfg", "meta.json", "vocab/strings.json"])
def test_damaged_pipeline_is_one_error(
    overlapping: tuple[Path, list[str]], tmp_path: Path, name: str
) -> None:
    shutil.copytree(overlapping[0], tmp_path / "model")
    (tmp_path / "model" / name).write_bytes(b"{")
    with pytest.raises(ModelError, match="the model cannot be opened"):
        load_pipeline(tmp_path / "model")


def test_place_that_cannot_take_a_pipeline_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text", encoding="utf-8")
    for out, message in (
        (tmp_path / "notes.txt", "found a file"),
        (tmp_path, "found one with 'notes.txt'"),
        (tmp_path / "caf\udce9" / "model", "is not UTF-8"),
    ):
        with pytest.raises(InputError, match=message):
            train_on_documents("cnn", iter(()), out)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.slow
def test_training_ends_where_nothing_more_is_to_be_learned(tmp_path: Path) -> None:
    docs = []
    for number in range(60):
        doc = blank().make_doc(f"Patient {number} took aspirin again and slept.")
        doc.set_ents([Span(doc, 3, 4, "Chemical")])
        docs.append(doc)
    train, dev = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    write_training_data(docs, train, dev)
    lines: dict[float, list[str]] = {0.9: [], 2.0: []}
    for enough, said in lines.items():
        student = train_student(
            "cnn",
            train,
            dev,
            tmp_path / str(enough),
            overrides={"training.max_epochs": 40, "training.eval_frequency": 5},
            progress=lambda share, line, said=said: said.append(line),  # type: ignore[misc]
            enough=enough,
        )
        assert [ent.text for ent in student("Patient 99 took aspirin again and slept.").ents] == ["aspirin"]
    assert len(lines[0.9]) < len(lines[2.0]) / 2
