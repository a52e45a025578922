"""``hybrid-ner sources``: what each source is worth, as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.terms import Gazetteer, Term

TEXTS = [f"Case {n}: cough, given {'abcdefghij'[n]}tol." for n in range(10)]


def spans(text: str) -> tuple[Entity, ...]:
    drug = text.index("tol") - 1
    return Entity(8, 13, "Sign"), Entity(drug, drug + 4, "Drug")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "notes.jsonl", [Document(f"d{n}", text) for n, text in enumerate(TEXTS)])
    reviewed = [Document(f"r{n}", text, spans(text)) for n, text in enumerate(TEXTS[:8])]
    write_corpus(tmp_path / "reviewed.jsonl", reviewed)
    found = [Document(str(n), text, spans(text)[1:]) for n, text in enumerate(TEXTS)]
    write_corpus(tmp_path / "found.jsonl", found)
    (tmp_path / "terms.csv").write_text("text,label\ncough,Sign\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str) -> str:
    found = CliRunner().invoke(app, ["sources", "--corpus", str(folder / "notes.jsonl"), "--quiet", *more])
    assert found.exit_code == 0, found.output
    return found.output


def test_from_term_lists_and_reviewed_documents(project: Path) -> None:
    options = [
        "--gazetteer",
        str(project / "terms.csv"),
        "--source",
        f"predictions:{project / 'found.jsonl'}",
    ]
    said = json.loads(run(project, *options, "--reviewed", str(project / "reviewed.jsonl"), "--json"))
    assert (said["documents"], said["reviewed"], said["warnings"]) == (10, 8, [])
    rows = {(row["source"], row["label"]): row for row in said["sources"]}
    drug = rows["predictions", "Drug"]
    assert (drug["votes"], drug["coverage"], drug["right"], drug["seen"]) == (10, 1.0, 8, 8)
    assert drug["estimated"] is None  # no rule knows drugs
    assert drug["f1_without"] == pytest.approx(-1.0)
    assert [each["counts"] for each in said["trust"]] == [True, False]
    shown = run(project, *options, "--reviewed", str(project / "reviewed.jsonl"))
    assert "10 documents, 8 of them reviewed" in shown
    assert "predictions, Drug: counts, 8 of 8 votes that it adds are right (68 to 100 %)" in shown


def test_of_a_saved_pipeline_without_reviews(project: Path) -> None:
    terms = Gazetteer.of([Term("cough", "Sign")])
    save(rule_pipeline(terms, sources=[f"predictions:{project / 'found.jsonl'}"]), project / "model")
    said = json.loads(run(project, "--model", str(project / "model"), "--json"))
    assert [row["source"] for row in said["sources"] if not row["label"]] == ["gazetteer", "predictions"]
    assert said["reviewed"] == 0
    assert not any(each["counts"] for each in said["trust"])  # nobody else knows what it marks
    assert all(row["f1_without"] is None for row in said["sources"])


def test_reviewed_documents_have_annotations(project: Path) -> None:
    given = ["--gazetteer", str(project / "terms.csv"), "--reviewed", str(project / "notes.jsonl")]
    found = CliRunner().invoke(app, ["sources", "--corpus", str(project / "notes.jsonl"), *given])
    assert found.exit_code == 2
    assert "carries no annotation" in found.output
