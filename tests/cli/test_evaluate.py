"""``hybrid-ner evaluate``: the forms other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hybrid_ner import Gazetteer, Term, rule_pipeline, save
from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.pipeline import note_learned

TEXT = "Aspirin and ibuprofen for migraine."
ASPIRIN, IBUPROFEN, MIGRAINE = Entity(0, 7, "Chemical"), Entity(12, 21, "Chemical"), Entity(26, 34, "Disease")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "gold.jsonl", [_doc(ASPIRIN, IBUPROFEN, MIGRAINE)])
    write_corpus(tmp_path / "rule.jsonl", [_doc(ASPIRIN, Entity(0, 4, "DATE"))])
    write_corpus(tmp_path / "hybrid.jsonl", [_doc(ASPIRIN, Entity(12, 21, "DRUG"), MIGRAINE)])
    return tmp_path


def _doc(*entities: Entity) -> Document:
    return Document("a", TEXT, entities, {"kind": "note"})


def _run(folder: Path, *options: str) -> Result:
    given = ["evaluate", "--gold", str(folder / "gold.jsonl"), "--resamples", "100", *options]
    return CliRunner().invoke(app, given)


def test_json_of_one_system(files: Path) -> None:
    result = _run(files, "--predicted", str(files / "rule.jsonl"), "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)
    assert {key: row["micro"][key] for key in ("tp", "fp", "fn", "gold", "precision")} == {
        "tp": 1,
        "fp": 0,
        "fn": 2,
        "gold": 3,
        "precision": 1.0,
    }
    assert row["per_label"]["Disease"]["recall"] == 0
    assert row["out_of_scheme"] == {"DATE": 1}


def test_table_of_several_systems(files: Path) -> None:
    (files / "terms.txt").write_text("aspirin\n")
    predicted = [f"--predicted={name}={files / name}.jsonl" for name in ("rule", "hybrid")]
    result = _run(files, *predicted, "--gazetteer", str(files / "terms.txt"), "--by", "meta.kind")
    assert result.exit_code == 0, result.output
    for said in (
        "unseen 2",
        "hybrid: labels scored under gold's name: DRUG → Chemical",
        "hybrid - rule: +50.00 F1",
        "note: 1 document,",
    ):
        assert said in result.output
    assert "rule: 1 prediction outside the scored labels, not scored: DATE 1" in result.output


def test_a_model_is_scored_by_its_systems_and_several_by_their_hybrids(files: Path) -> None:
    save(rule_pipeline(Gazetteer([Term("aspirin", "Chemical")])), files / "drugs")
    model = f"--model={files / 'drugs'}"
    alone = json.loads(_run(files, model, "--json").stdout)
    assert alone["systems"].keys() == {"rule", "hybrid"}  # it has no model of its own
    assert alone["systems"]["rule"]["micro"]["tp"] == 1

    beside = json.loads(_run(files, model, f"--model=old={files / 'drugs'}", "--json").stdout)
    assert beside["systems"].keys() == {"drugs", "old"}

    result = _run(files, model, "--predicted", str(files / "rule.jsonl"))
    assert "two systems are called 'rule'" in result.output
    assert "nothing to score" in _run(files).output


def test_a_model_that_learned_from_gold_says_so(files: Path) -> None:
    pipeline = rule_pipeline(Gazetteer([Term("aspirin", "Chemical")]))
    note_learned(pipeline, [_doc().content_hash])
    save(pipeline, files / "drugs")
    said = _run(files, f"--model={files / 'drugs'}").output
    assert "hybrid: has learned from 1 of 1 document" in said


def test_no_label_map_and_own_map(files: Path) -> None:
    given = ("--predicted", str(files / "hybrid.jsonl"), "--json")
    assert json.loads(_run(files, *given, "--no-label-map").stdout)["out_of_scheme"] == {"DRUG": 1}
    assert json.loads(_run(files, *given, "--map", "DRUG=Disease").stdout)["per_label"]["Disease"]["fp"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": "a", "text": "Other text", "entities": []}', "differs from gold at character 0"),
        ('{"id": "b", "text": "Other text", "entities": []}', "without prediction: 'a'"),
        ('{"id": "a", ', "bad.jsonl, row 1: broken JSON"),
        ("", "the file is empty"),
    ],
)
def test_bad_predictions_end_in_one_line(files: Path, content: str, said: str) -> None:
    (files / "bad.jsonl").write_text(content)
    result = _run(files, "--predicted", str(files / "bad.jsonl"))
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_two_systems_of_one_name_are_refused(files: Path) -> None:
    result = _run(files, "--predicted", str(files / "rule.jsonl"), "--predicted", str(files / "rule.jsonl"))
    assert result.exit_code == 2


def test_square_brackets_in_labels_are_shown(tmp_path: Path) -> None:
    document = Document("a", TEXT, (Entity(0, 7, "[bold]"), Entity(12, 21, "x[/y]")))
    write_corpus(tmp_path / "gold.jsonl", [document])
    result = _run(tmp_path, "--predicted", str(tmp_path / "gold.jsonl"), "--map", "[bold]=[bold]")
    assert result.exit_code == 0, result.output
    assert "[bold]" in result.output
    assert "x[/y]" in result.output


def test_map_of_a_label_that_nobody_predicts_is_refused(files: Path) -> None:
    result = _run(files, "--predicted", str(files / "rule.jsonl"), "--map", "DATES=Disease")
    assert result.exit_code == 2
    assert "no prediction is labeled 'DATES'" in result.output


def test_a_domain_without_lists_says_nothing_of_what_was_seen(files: Path) -> None:
    predicted = "--predicted", str(files / "rule.jsonl")
    result = _run(files, *predicted, "--domain", "generic")
    assert result.exit_code == 0
    assert "unseen" not in result.output
    result = _run(files, *predicted, "--domain", "weather")
    assert result.exit_code == 2
    assert "unknown domain 'weather'" in result.output


def test_text_column_of_gold_and_of_predictions_that_have_it(files: Path) -> None:
    rows = [{"id": "a", "befund": TEXT, "entities": [{"start": 0, "end": 7, "label": "Chemical"}]}]
    (files / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (files / "same.jsonl").write_text((files / "gold.jsonl").read_text())
    predicted = ["--predicted", str(files / "same.jsonl"), "--predicted", str(files / "rule.jsonl")]
    assert _run(files, *predicted).exit_code == 2
    result = _run(files, *predicted, "--text-column", "befund", "--json")
    assert result.exit_code == 0, result.output
    systems = json.loads(result.stdout)["systems"]
    assert systems["same"]["micro"]["f1"] == 1.0
    assert systems["rule"]["micro"]["tp"] == 1


def test_a_wrong_pair_of_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_corpus("gold.jsonl", [Document("a", "Gout.", (Entity(0, 4, "Disease"),))])
    write_corpus("right.jsonl", [Document("a", "Gout.", (Entity(0, 4, "Disease"),))])
    write_corpus("wrong.jsonl", [Document("b", "Flu.", (Entity(0, 3, "Disease"),))])
    given = ["--gold", "gold.jsonl", "--predicted", "x=right.jsonl", "--predicted", "y=wrong.jsonl"]
    for predicted in (given, [*given[:2], "--predicted", "wrong.jsonl"]):
        said = CliRunner().invoke(app, ["evaluate", *predicted])
        assert said.exit_code == 2
        assert "gold.jsonl beside wrong.jsonl: 1 of 1 gold document without prediction" in said.output
