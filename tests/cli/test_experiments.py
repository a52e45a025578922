"""Tuning, comparing recipes and the learning curve, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity
from hybrid_ner.corpus.formats import jsonl

FORMS = [f"{a}{b}{c}tol" for a in "bcdf" for b in "aeiou" for c in "lm"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of a project: every drug is new, a third of them are in the list."""
    folder = tmp_path_factory.mktemp("experiments")
    documents = []
    for number, drug in enumerate(FORMS[:24]):
        text = f"Patient {number} took {drug} for a week."
        start = text.index(drug)
        documents.append(Document(f"d{number}", text, (Entity(start, start + len(drug), "Drug"),)))
    jsonl.write(folder / "reviewed.jsonl", documents, print)
    (folder / "drugs.csv").write_text("text,label\n" + "".join(f"{d},Drug\n" for d in FORMS[:8]))
    options = ["--reviewed", str(folder / "reviewed.jsonl"), "--gazetteer", str(folder / "drugs.csv")]
    return [*options, "--no-expand", "--words", "none", "--quiet"]


def run(command: str, project: list[str], out: Path, *more: str) -> str:
    result = CliRunner().invoke(app, [command, *project, "--out", str(out), *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_tuning_goes_on_and_its_winner_is_taken(project: list[str], tmp_path: Path) -> None:
    said = run("tune", project, tmp_path / "tuned", "--minutes", "0")
    assert "of 1 trial" in said
    found = json.loads(run("tune", project, tmp_path / "tuned", "--trials", "3", "--json"))
    assert found["trials"] == 3
    assert set(found["settings"]) == {f"components.ner.{n}" for n in ("l1", "l2", "least_score")}
    assert found["f1"] >= found["default_f1"] > 0.9
    assert (tmp_path / "tuned" / "trials.tsv").read_text().splitlines()[1].startswith("0\t")
    assert "<svg" in (tmp_path / "tuned" / "tune.html").read_text()
    settings = tmp_path / "tuned" / "settings.json"
    kept = json.loads(settings.read_text())
    kept["settings"]["components.ner.least_score"] = 0.41
    settings.write_text(json.dumps(kept))
    reviewed = project[1]
    run("retrain", project, tmp_path / "model", "--corpus", reviewed, "--settings", str(settings))
    assert "least_score = 0.41" in (tmp_path / "model" / "config.cfg").read_text()


def test_settings_of_something_else_are_refused(project: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]")
    options = [*project, "--corpus", project[1], "--out", str(tmp_path / "m")]
    result = CliRunner().invoke(app, ["retrain", *options, "--settings", str(tmp_path / "other.json")])
    assert result.exit_code == 2
    assert "expected settings of a recipe" in result.output


def test_recipes_are_compared_on_the_same_documents(project: list[str], tmp_path: Path) -> None:
    found = json.loads(run("compare-recipes", project, tmp_path / "out", "--json"))
    rows = {row["what"]: row for row in found["recipes"]}
    assert list(rows) == ["rules alone", "crf", "crf, hybrid", "cnn", "cnn, hybrid"]
    assert rows["rules alone"]["f1"] == pytest.approx(0.5)
    assert rows["crf, hybrid"]["low"] <= rows["crf, hybrid"]["f1"] <= rows["crf, hybrid"]["high"]
    assert rows["crf, hybrid"]["f1"] > 0.9
    assert 0 < rows["crf"]["bytes"] < rows["cnn"]["bytes"]
    assert rows["cnn"]["seconds"] > 0


def test_the_curve_rises_with_documents(project: list[str], tmp_path: Path) -> None:
    found = json.loads(run("learning-curve", project, tmp_path / "out", "--json"))
    points = found["curve"]["reviewed documents"]
    assert [point["documents"] for point in points] == [5, 10, 19]
    assert points[-1]["hybrid"]["f1"] > points[-1]["rule"]["f1"]
    assert "<polyline" in (tmp_path / "out" / "curve.html").read_text()


@pytest.mark.parametrize("command", ["tune", "compare-recipes", "learning-curve"])
def test_an_experiment_has_the_rules_that_retraining_would_have(
    command: str, project: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that were found with other rules would be the best ones of something else."""
    from hybrid_ner.cli import _experiments, _retrain

    seen: list[Any] = []
    for name in ("tune", "compare", "curve"):
        monkeypatch.setattr(_experiments, name, lambda request, *_, **__: seen.append(request))
    monkeypatch.setattr(_retrain, "run", lambda request, **_: seen.append(request))
    rules = ["--fuzzy", "label", "--fuzzy-threshold", "0.9", "--no-variants", "--disable", "abbreviations"]
    rules += ["--switch", "genetics", "--overlay", "edits.csv", "--unlabeled", "more.jsonl"]
    rules += ["--domain", "medical"]
    for each in (command, "retrain"):
        run(each, project, tmp_path / "out", *rules, "--corpus", project[1])
    first, second = seen
    assert first.settings.sources == second.settings.sources
    same = ("gazetteers", "overlay", "unlabeled", "shipped", "words", "expand", "corpus", "reviewed", "out")
    for name in same:
        assert getattr(first, name) == getattr(second, name)
