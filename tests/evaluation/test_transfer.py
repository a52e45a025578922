"""The shipped default on annotated sets: what was read, what was not, which labels are asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, read_corpus
from hybrid_ner.domains.registry import gold_path
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation.compare import MARKS, document_key, mark_of, read_sets, transfer

TEXT = "Bananas caused no fever in Bo."


def test_a_document_is_known_in_another_layout_and_by_nothing_else() -> None:
    (sample, *_) = read_corpus(gold_path("medical"))
    assert mark_of(sample.text) == "tuned on"
    assert mark_of(f"  {sample.text.upper()}\n\nmore") == "tuned on"
    assert mark_of(TEXT) == mark_of("") == "never read"
    assert document_key("Ab-c") == document_key("abc")
    assert {each.mark for each in read_sets().values()} <= set(MARKS)


def test_read_and_unread_documents_of_a_set_are_scored_apart() -> None:
    (sample, *_) = read_corpus(gold_path("medical"))
    fresh = Document("new", TEXT, (Entity(18, 23, "SYMPTOM"), Entity(27, 29, "Person")))
    found = transfer([("mixed", [sample, fresh])], "medical", {"SYMPTOM": "Disease"})
    assert [(row.name, row.mark) for row in found.rows] == [("mixed", "tuned on"), ("mixed", "never read")]
    new = found.rows[1]
    assert new.scores is not None
    assert (new.scores.micro.tp, new.scores.micro.gold) == (1, 1)
    assert new.unasked == {"Person": 1}
    assert json.loads(json.dumps(found.as_dict()))["sets"][1]["mark"] == "never read"


def test_what_cannot_be_scored_is_said() -> None:
    with pytest.raises(CorpusError, match="no set has a label of the domain medical"):
        transfer([("x", [Document("1", TEXT, (Entity(27, 29, "Person"),))])], "medical")
    with pytest.raises(CorpusError, match="'1' has no annotation"):
        transfer([("x", [Document("1", TEXT)])], "medical")


def test_the_command_prints_a_table_and_json(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    entities = [{"start": 18, "end": 23, "label": "SYMPTOM"}, {"start": 27, "end": 29, "label": "Person"}]
    path.write_text(json.dumps({"id": "1", "text": TEXT, "entities": entities}) + "\n", encoding="utf-8")
    run = ["transfer", f"mine={path}", "--map", "SYMPTOM=Disease", "--quiet"]
    shown = CliRunner().invoke(app, run).output
    assert "never read" in shown
    assert "labels the domain does not have: Person 1" in shown
    found = json.loads(CliRunner().invoke(app, [*run, "--json"]).output)
    assert found["default"]["domain"] == "medical"
    assert found["sets"][0]["scores"]["micro"]["f1"] == 1
