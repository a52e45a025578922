"""``hybrid-ner retrain``: reviewed files in, a better pipeline out."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.cli._inputs import Inputs
from hybrid_ner.cli.retrain import reviewed_documents
from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus
from hybrid_ner.corpus.formats import jsonl
from hybrid_ner.training.experiment import Search
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
    assert "1 term, 0 kinds of suggestions to leave out" in result.output
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


def test_mentions_that_cannot_be_learned_are_named(files: Path) -> None:
    rows = [row(n, [(0, 7, "Chemical"), (22, 32, "Disease"), (28, 31, "Sign")]) for n in range(4)]
    (files / "nested.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = run(files, "--fast", reviewed="nested")
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "Left out 4 mentions ending inside a word or overlapping a longer one: d0 (reviewed 1) " in said
    assert "28-31 Sign “pai”; d1 (reviewed 2) " in said


def test_what_a_model_has_found_is_no_review(files: Path) -> None:
    found = Document("d9", text(9), (Entity(0, 7, "Chemical", attrs={"model_score": 0.9}),))
    empty = Document("d8", text(8), ())
    jsonl.write(files / "found.jsonl", [found, empty], ProblemLog())
    request: Any = SimpleNamespace(reviewed=(files / "reviewed.jsonl", files / "found.jsonl"))
    with pytest.warns(UserWarning, match="found.jsonl: .*nobody has reviewed it"):
        reviewed_documents(request, Inputs(skip_bad=False), set())
    exported = replace(found, meta={"reviewers": ["ana"]})
    jsonl.write(files / "found.jsonl", [exported, empty], ProblemLog())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(reviewed_documents(request, Inputs(skip_bad=False), set())) == 6


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (
            "bootstrap --gazeteer drugs.csv --corpus c --out m",
            "No such option: --gazeteer. Did you mean --gazetteer?",
        ),
        ("train --label found.jsonl --labels x --out m", "No such option: --label. Did you mean --labels?"),
        ("retrain --corpus c --reviewed r --out m --skip-bat=1", "--skip-bat. Did you mean --skip-bad?"),
        ("bootstrap --corpus c --out m --epochs 3", "unexpected argument '--epochs'"),
    ],
)
def test_a_misspelled_option_of_a_command_that_takes_settings_is_told(line: str, meant: str) -> None:
    result = CliRunner().invoke(app, line.split(), env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"})
    assert result.exit_code != 0
    assert meant in result.output + str(result.exception)


def test_a_repeated_text_takes_no_other_documents_place(files: Path) -> None:
    drug, disease = (0, 7, "Chemical"), (22, 32, "Disease")
    again = row(0, [drug]).replace("d0", "d9")
    rows = [row(0, [drug, disease]), row(1, [drug]), again, row(2, [disease])]
    (files / "repeated.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    request: Any = SimpleNamespace(reviewed=(files / "repeated.jsonl",))
    with pytest.warns(
        UserWarning, match="1 reviewed document repeats a text that was decided in another way"
    ):
        found = reviewed_documents(request, Inputs(skip_bad=False), set())
    assert [(d.doc_id, d.text, len(d.entities or ())) for d in found] == [
        ("d9 (reviewed 1)", text(0), 1),
        ("d1 (reviewed 2)", text(1), 1),
        ("d2 (reviewed 3)", text(2), 1),
    ]
    assert [e.label for d in found for e in d.entities or ()] == ["Chemical", "Chemical", "Disease"]


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


def test_a_model_has_one_score_and_what_it_learned_from_is_told(files: Path) -> None:
    gold = [row(n, [(22, 32, "Disease")] if n < 18 else []) for n in range(15, 20)]
    (files / "gold.jsonl").write_text("\n".join(gold) + "\n", encoding="utf-8")
    result = run(files, "--fast", "--gold", str(files / "gold.jsonl"), "--json")
    assert result.exit_code == 0, result.output
    scored = json.loads(result.stdout)["scores"]["systems"]["hybrid"]
    assert 0 < scored["micro"]["f1"] < 1
    assert (scored["learned_from"], scored["others"]) == (0, None)
    # The same by hand; then on all that is annotated, of which four documents were learned from.
    assert by_hand(files, "gold") == {**scored, "seen": None, "unseen": None}
    both = (files / "reviewed.jsonl").read_text() + (files / "gold.jsonl").read_text()
    (files / "both.jsonl").write_text(both, encoding="utf-8")
    found = by_hand(
        files, "both", "the model has learned from 4 of these", "has learned from 4 of 9 documents"
    )
    assert found["learned_from"] == 4
    counts = {name: scored["micro"][name] for name in ("tp", "fp", "fn", "f1")}
    # Chemical is scored as well there: gold does not have it.
    assert {name: found["others"][name] for name in ("tp", "fn")} == {n: counts[n] for n in ("tp", "fn")}
    by_hand(files, "reviewed", "from 4 of these", "4 of 4 documents: this F1 says nothing of other text")


def by_hand(files: Path, gold: str, *said: str) -> Any:
    """Scores of what ``predict`` finds, as JSON; said is what ``predict`` and ``evaluate`` say."""
    found, place = str(files / "found.jsonl"), str(files / f"{gold}.jsonl")
    shared = ["--gold", place, "--predicted", found]
    commands = (
        ["predict", "--model", str(files / "model"), "--input", place, "--output", found, "--quiet"],
        ["evaluate", *shared],
        ["evaluate", *shared, "--json"],
    )
    told = [CliRunner().invoke(app, command).output for command in commands]
    for words, output in zip(said or ("", ""), told, strict=False):
        assert words.casefold() in " ".join(output.split()).casefold()
        assert said or "learned from" not in output
    return json.loads(told[-1])["systems"]["found"]


# Tuning, comparing recipes and the learning curve, from the command line.

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


def run_exp(command: str, project: list[str], out: Path, *more: str) -> str:
    result = CliRunner().invoke(app, [command, *project, "--out", str(out), *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_stopping_a_trial_is_one_line(
    project: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(search: Search, trial: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_objective", stop)
    result = CliRunner().invoke(app, ["tune", *project, "--out", str(tmp_path / "tuned")])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (130, "stopped.")
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_tuning_goes_on_and_its_winner_is_taken(project: list[str], tmp_path: Path) -> None:
    said = run_exp("tune", project, tmp_path / "tuned", "--minutes", "0")
    assert "of 1 trial" in said
    found = json.loads(run_exp("tune", project, tmp_path / "tuned", "--trials", "3", "--json"))
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
    run_exp("retrain", project, tmp_path / "model", "--corpus", reviewed, "--settings", str(settings))
    assert "least_score = 0.41" in (tmp_path / "model" / "config.cfg").read_text()


def test_settings_of_something_else_are_refused(project: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]")
    options = [*project, "--corpus", project[1], "--out", str(tmp_path / "m")]
    result = CliRunner().invoke(app, ["retrain", *options, "--settings", str(tmp_path / "other.json")])
    assert result.exit_code == 2
    assert "expected settings of a recipe" in result.output


def test_settings_of_another_recipe_than_was_asked_for_are_refused(
    project: list[str], tmp_path: Path
) -> None:
    kept = tmp_path / "settings.json"
    options = [*project, "--corpus", project[1], "--out", str(tmp_path / "m"), "--settings", str(kept)]
    for recipe, asked in (("crf", ["--recipe", "cnn"]), ("cnn", ["--fast"])):
        kept.write_text(json.dumps({"recipe": recipe, "settings": {}}))
        result = CliRunner().invoke(app, ["retrain", *options, *asked])
        assert result.exit_code == 2
        assert f"settings of the recipe {recipe}, and" in " ".join(result.output.split())


def test_recipes_are_compared_on_the_same_documents(project: list[str], tmp_path: Path) -> None:
    found = json.loads(run_exp("compare-recipes", project, tmp_path / "out", "--json"))
    rows = {row["what"]: row for row in found["recipes"]}
    assert list(rows) == ["rules alone", "crf", "crf, hybrid", "cnn", "cnn, hybrid"]
    assert rows["rules alone"]["f1"] == pytest.approx(0.5)
    assert rows["crf, hybrid"]["low"] <= rows["crf, hybrid"]["f1"] <= rows["crf, hybrid"]["high"]
    assert rows["crf, hybrid"]["f1"] > 0.9
    assert 0 < rows["crf"]["bytes"] < rows["cnn"]["bytes"]
    assert rows["cnn"]["seconds"] > 0
    lines = Path(found["table"]).read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["what", *rows]


def test_the_recipe_to_take_is_the_fastest_of_those_that_nothing_tells_apart() -> None:
    from hybrid_ner.cli.retrain import _advice
    from hybrid_ner.training.experiment import Outcome

    def outcome(right: int, seconds: float, rules: int = 5) -> Outcome:
        found = {name: np.array([[n, 10, 10]] * 20) for name, n in (("rule", rules), ("hybrid", right))}
        return Outcome({**found, "model": found["hybrid"]}, seconds, 0)

    assert _advice({"crf": outcome(9, 1), "cnn": outcome(7, 5)}) == [
        "Take crf: it has the best hybrid, F1 90.0.",
        "Next: hybrid-ner retrain --fast …",
    ]
    said = _advice({"cnn": outcome(9, 5), "trf": outcome(9, 90)})
    assert (
        said[0] == "Take cnn: it is the fastest of those that these documents do not tell apart (cnn, trf)."
    )
    assert "do not show that it adds anything" in _advice({"cnn": outcome(5, 1)})[1]


@pytest.mark.parametrize("command", ["tune", "compare-recipes", "learning-curve", "retrain"])
def test_every_experiment_takes_an_encoder(command: str, project: list[str], tmp_path: Path) -> None:
    given = [*project, "--out", str(tmp_path / "m"), "--encoder", str(tmp_path)]
    given += ["--corpus", project[1], "--fast"] if command == "retrain" else []
    result = CliRunner().invoke(app, [command, *given])
    assert result.exit_code == 2
    assert "no encoder here: expected tokenizer.json" in " ".join(result.output.split())


def test_the_curve_rises_with_documents(project: list[str], tmp_path: Path) -> None:
    found = json.loads(run_exp("learning-curve", project, tmp_path / "out", "--json"))
    points = found["curve"]["reviewed documents"]
    assert [point["documents"] for point in points] == [5, 10, 19]
    assert points[-1]["hybrid"]["f1"] > points[-1]["rule"]["f1"]
    assert "<polyline" in (tmp_path / "out" / "curve.html").read_text()
    head, *rows = (line.split("\t") for line in Path(found["table"]).read_text().splitlines())
    assert (head[:3], head[-1]) == (["what", "documents", "rule precision"], "hybrid high")
    assert [row[:2] for row in rows[:3]] == [["reviewed documents", str(n)] for n in (5, 10, 19)]
    assert float(rows[2][head.index("hybrid f1")]) == points[-1]["hybrid"]["f1"]


@pytest.mark.filterwarnings("ignore:.* reviewed documents repeat")
@pytest.mark.parametrize("command", ["tune", "compare-recipes", "learning-curve"])
def test_an_experiment_has_the_rules_that_retraining_would_have(
    command: str, project: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that were found with other rules would be the best ones of something else."""
    from hybrid_ner.cli import retrain as _retrain

    seen: list[Any] = []

    def noted(request: Any, *_: Any) -> None:
        seen.append(request)
        raise typer.Exit

    monkeypatch.setattr(_retrain, "_read", noted)
    monkeypatch.setattr(_retrain, "run", lambda request, **_: seen.append(request))
    rules = ["--fuzzy", "label", "--fuzzy-threshold", "0.9", "--no-variants", "--disable", "abbreviations"]
    rules += ["--switch", "genetics", "--overlay", "edits.csv", "--unlabeled", "more.jsonl"]
    rules += ["--domain", "medical"]
    for each in (command, "retrain"):
        run_exp(each, project, tmp_path / "out", *rules, "--corpus", project[1])
    first, second = seen
    assert first.settings.sources == second.settings.sources
    same = ("gazetteers", "overlay", "unlabeled", "shipped", "words", "expand", "corpus", "reviewed", "out")
    for name in same:
        assert getattr(first, name) == getattr(second, name)


@pytest.mark.filterwarnings("ignore:.*repeat the text of another")
@pytest.mark.parametrize("command", ["tune", "compare-recipes", "learning-curve"])
def test_too_little_to_compare_is_said_before_any_work(command: str, tmp_path: Path) -> None:
    def asked(name: str, rows: list[dict[str, object]]) -> str:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        (tmp_path / "l.csv").write_text("term,label\noak,Wood\n", encoding="utf-8")
        files = ("--gazetteer", tmp_path / "l.csv", "--reviewed", path, "--out", tmp_path / "o")
        result = CliRunner().invoke(app, [command, *map(str, files), "--quiet"])
        assert result.exit_code == 2, result.output
        return result.stderr

    same = [{"id": f"d{n}", "text": "Oak.", "entities": []} for n in range(5)]
    assert "1 reviewed document with a text of its own: too few" in asked("same.jsonl", same)
    empty = [{"id": f"d{n}", "text": f"Oak {n}.", "entities": []} for n in range(5)]
    assert "no reviewed document holds an entity" in asked("empty.jsonl", empty)
    assert not (tmp_path / "o").exists()
