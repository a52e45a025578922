"""``hybrid-ner retrain``: reviewed files in, a better pipeline out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.corpus import read_corpus
from hybrid_ner.training.predict import load_pipeline

QUICK = ("--training.max_epochs", "1", "--quiet")


def text(number: int) -> str:
    return f"Aspirin helps against chest pain {number}."


def row(number: int, spans: Sequence[tuple[int, int, str]] | None) -> str:
    entities = None if spans is None else [{"start": s, "end": e, "label": label} for s, e, label in spans]
    record = {"id": f"d{number}", "text": text(number), "entities": entities}
    return json.dumps({key: value for key, value in record.items() if value is not None})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    lines = {
        "notes": [row(n, None) for n in range(20)],
        "reviewed": [row(n, [(0, 7, "Chemical"), (22, 32, "Disease")]) for n in range(4)],
        "gold": [row(n, [(22, 32, "Disease")]) for n in range(15, 20)],
    }
    for name, rows in lines.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "drugs.csv").write_text("term,label\naspirin,Chemical\n", encoding="utf-8")
    return tmp_path


def run(files: Path, *more: str, reviewed: str = "reviewed") -> Result:
    given = ["--corpus", str(files / "notes.jsonl"), "--reviewed", str(files / f"{reviewed}.jsonl")]
    return CliRunner().invoke(app, ["retrain", *given, "--out", str(files / "model"), *QUICK, *more])


def test_reviewed_terms_are_found_everywhere(files: Path) -> None:
    result = run(files, "--gazetteer", str(files / "drugs.csv"), "--gold", str(files / "gold.jsonl"))
    assert result.exit_code == 0, result.output
    assert "4 documents, 11 others by rules" in result.output
    assert "1 term, 0 kinds of votes" in result.output
    assert "gold and so not learned from: 5 documents of the corpus" in result.output
    doc = load_pipeline(files / "model")("Chest pain; aspirin given.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Chest pain", "Disease"),
        ("aspirin", "Chemical"),
    ]


def test_reviewed_documents_are_enough_without_a_list(files: Path) -> None:
    result = run(files, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["terms"], found["reviewed_terms"], found["reviewed"]) == (0, 2, 4)


def test_gold_is_not_learned_from(files: Path) -> None:
    result = run(files, "--gold", str(files / "reviewed.jsonl"))
    assert result.exit_code == 2
    assert "reviewed.jsonl" in result.output
    assert "for scoring alone" in " ".join(result.output.split())


def test_documents_without_annotation_are_refused(files: Path) -> None:
    result = run(files, reviewed="notes")
    assert result.exit_code == 2
    assert "carries no annotation" in result.output
    assert not (files / "model").exists()


def test_edits_of_the_term_lists_made_in_review_are_kept(files: Path) -> None:
    store, notes = str(files / "review.sqlite3"), str(files / "notes.jsonl")
    chat = 'never "aspirin"\nyes 0\nterm + "helps" = aid Action\nyes 20\nok next\n'
    for words in (
        ["init", store, "--labels", "Chemical,Action"],
        ["import", store, notes],
        ["run", store, "-r", "ana"],
        ["export", store, str(files / "gold.jsonl"), "--format", "jsonl"],
        ["overlay", store, str(files / "edits.csv")],
    ):
        done = CliRunner().invoke(app, ["review", *words], input=chat)
        assert done.exit_code == 0, done.output
    lists = ["--gazetteer", str(files / "drugs.csv")]
    result = run(files, *lists, "--overlay", str(files / "edits.csv"), "--json", reviewed="gold")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["terms"] == 1
    doc = load_pipeline(files / "model")("Take aspirin if it helps.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("helps", "Action")]


def test_a_term_list_is_no_overlay(files: Path) -> None:
    result = run(files, "--overlay", str(files / "drugs.csv"))
    assert result.exit_code == 2
    assert "term lists go to --gazetteer" in " ".join(result.output.split())
    assert not (files / "model").exists()


def test_fast_fits_the_crf_and_keeps_rules_and_votes(files: Path) -> None:
    given = ["--corpus", str(files / "notes.jsonl"), "--reviewed", str(files / "reviewed.jsonl")]
    given += ["--gazetteer", str(files / "drugs.csv"), "--out", str(files / "model"), "--fast"]
    first = CliRunner().invoke(app, ["retrain", *given, "--gold", str(files / "gold.jsonl")])
    assert first.exit_code == 0, first.output
    assert "Reviewed  4 documents" in first.output
    assert "Fusion    rules and model together" in first.output
    assert load_pipeline(files / "model").get_pipe_meta("ner").factory == "crf_ner"
    assert (files / "model.work" / "votes.sqlite3").is_file()
    texts = [document.text.encode() for document in read_corpus(files / "notes.jsonl")]
    model = b"".join(path.read_bytes() for path in (files / "model").rglob("*") if path.is_file())
    assert texts
    assert not any(text in model for text in texts)
    kept = (files / "model.work" / "rules.json").stat().st_mtime_ns
    again = CliRunner().invoke(app, ["retrain", *given, "--json"])
    assert again.exit_code == 0, again.output
    found = json.loads(again.stdout)
    assert (found["reviewed"], found["terms"], found["fusion"]["documents"]) == (4, 1, 4)
    assert (files / "model.work" / "rules.json").stat().st_mtime_ns == kept
    (files / "drugs.csv").write_text("term,label,concept_id,type\naspirin,Drug,,\n", encoding="utf-8")
    other = CliRunner().invoke(app, ["retrain", *given, "--json"])
    assert other.exit_code == 0, other.output
    assert (files / "model.work" / "rules.json").stat().st_mtime_ns > kept
