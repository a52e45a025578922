"""A package outside the tree adds one of each, and every road that users take finds it.

``tests/plugin_package`` is installed into a folder of its own, as pip would leave it, and each step runs in a
fresh process.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.fresh import fresh

PACKAGE = Path(__file__).parent / "plugin_package"
NOTES = [
    f"A Jersey cow with lameness and bloat. Meloxicam 0.{n} mg/kg was given; the ewe is well, visit {n}."
    for n in range(1, 9)
]
LINES = "".join(f"v{n}\t{text}\t\n" for n, text in enumerate(NOTES))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and its metadata, as ``pip install --target`` leaves it."""
    target = tmp_path_factory.mktemp("site")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(PACKAGE / "vet_ner", target / "vet_ner")
    info = target / f"vet_ner-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in each.items()) for group, each in groups]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return target


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "notes.visits").write_text(LINES, encoding="utf-8")
    (tmp_path / "more.herd").write_text("bloat = Sign\n", encoding="utf-8")
    return tmp_path


def run(installed: Path | None, folder: Path, *command: str, stdin: str = "") -> str:
    """Output of ``python COMMAND`` or ``hybrid-ner COMMAND``; a failure gives its last lines."""
    start = ["-c"] if command[0] == "-c" else ["-m", "hybrid_ner.cli"]
    words = command[1:] if command[0] == "-c" else command
    ran = fresh(*start, *words, path=[installed] if installed else [], cwd=folder, stdin=stdin)
    return ran.stdout + (ran.stderr[-1500:] if ran.returncode else "")


RULES = """
from hybrid_ner import gather_terms, rule_pipeline, save
from pathlib import Path
nlp = rule_pipeline(gather_terms("vet", ["more.herd"]), "vet", sources=["vet_doses", "vet_breeds"])
save(nlp, Path("rules"))
"""
READ = """
import spacy
doc = spacy.load("rules")("The Jersey cow with bloat got 0.2 mg/kg.")
print([(e.text, e.label_) for e in doc.ents])
"""


def test_rules_are_saved_and_opened_in_a_fresh_process(installed: Path, here: Path) -> None:
    assert run(installed, here, "-c", RULES) == ""
    found = run(installed, here, "-c", READ)
    assert found.strip() == "[('Jersey cow', 'Animal'), ('bloat', 'Sign'), ('0.2 mg/kg', 'Dose')]"
    state = json.loads((here / "rules" / "vet_doses" / "source.json").read_text(encoding="utf-8"))
    assert (state["from"]["package"], state["from"]["version"]) == ("vet-ner", "0.3.0")


def test_a_missing_package_is_named_when_the_pipeline_is_opened(installed: Path, here: Path) -> None:
    assert run(installed, here, "-c", RULES) == ""
    said = run(None, here, "predict", "--model", "rules", "--input", "notes.txt", "--output", "o.jsonl")
    assert said.startswith("error: "), said
    said = run(None, here, "-c", READ)
    assert "this pipeline needs the labeling source 'vet_doses'" in said
    assert "the package vet-ner 0.3.0. Install it: pip install vet-ner" in said


def test_what_is_installed_is_listed(installed: Path, here: Path) -> None:
    said = run(installed, here, "domains")
    for word in ("vet  ", "Veterinary", "vet_breeds, vet_doses", "herd", "visits", "vet_small", "census"):
        assert word in said


@pytest.mark.slow
def test_from_lists_to_a_retrained_model(installed: Path, here: Path) -> None:
    sources = ["--source", "vet_doses", "--source", "vet_breeds"]
    common = ["--domain", "vet", "--gazetteer", "more.herd", "--corpus", "notes.visits", *sources]
    common += ["--recipe", "vet_small", "--quiet"]
    said = run(installed, here, "bootstrap", *common, "--out", "model")
    assert "8 documents" in said, said
    said = run(
        installed, here, "predict", "--model", "model", "--input", "notes.visits", "--output", "f.visits"
    )
    assert "entities" in said, said
    row = (here / "f.visits").read_text(encoding="utf-8").splitlines()[0].split("\t")
    assert {span.split(":")[2] for span in row[2].split()} == {"Animal", "Sign", "Dose"}
    run(installed, here, "review", "init", "r.sqlite3", "--domain", "vet", *sources)
    said = run(installed, here, "review", "import", "r.sqlite3", "notes.visits", "--model", "model")
    assert "8 documents" in said, said
    said = run(
        installed, here, "review", "run", "r.sqlite3", stdin="census\nwhy 5 exactly\n" + "ok\nnext\n" * 8
    )
    assert "Animal 3, Dose 1, Sign 2" in said, said
    assert "vet_doses: Dose" in said
    export = ["review", "export", "r.sqlite3", "gold.visits", "--format", "visits"]
    assert "error" not in run(installed, here, *export)
    retrained = run(installed, here, "retrain", *common, "--reviewed", "gold.visits", "--out", "better")
    assert "Model     better" in retrained, retrained
    assert "vet_doses" in (here / "better" / "config.cfg").read_text(encoding="utf-8")
