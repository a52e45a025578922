"""Parts of the package: every one that is missing is named with the line that installs it."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import hybrid_ner
from hybrid_ner.errors import PARTS, HybridNerError, MissingPartError, missing_part, need

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PACKAGES = {"sklearn": "scikit-learn", "docx": "python-docx"}
PACKAGES |= {"spacy_transformers": "spacy-transformers"}

HIDE = """
import sys
from importlib.abc import MetaPathFinder

HIDDEN = {hidden!r}

class Hider(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hider())
"""
"""Start-up code of a Python in which some packages are not installed, in its child processes too."""


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", each, maxsplit=1)[0].lower() for each in requirements}


def test_parts_are_those_of_the_project() -> None:
    for module, part in PARTS.items():
        assert PACKAGES.get(module, module) in _names(EXTRAS[part]), (module, part)
    core = _names(PROJECT["dependencies"])
    assert not core & {PACKAGES.get(module, module) for module in PARTS}


def test_all_is_every_part() -> None:
    reached, todo = set(), ["all"]
    while todo:
        part = todo.pop()
        reached.add(part)
        for each in EXTRAS[part]:
            if found := re.match(r"hybrid-ner\[(.+)\]", each):
                todo += found[1].split(",")
    assert reached == set(EXTRAS) - {
        "dev",
        "engines",
        "transformers",
        "trf",
        "encoder",
        "gliner",
        "legal",
    }  # frameworks of gigabytes, and what benchmarks alone need, by name


def test_error_behind_another_is_found() -> None:
    try:
        try:
            raise ModuleNotFoundError("No module named 'docx.table'", name="docx.table")
        except ImportError as error:
            raise ValueError("broken") from error
    except ValueError as error:
        found = missing_part(error)
    assert isinstance(found, MissingPartError)
    assert isinstance(found, HybridNerError)
    assert isinstance(found, ImportError)
    assert "pip install 'hybrid-ner[formats]'" in str(found)
    assert missing_part(ModuleNotFoundError("No module named 'other'", name="other")) is None
    assert missing_part(None) is None


def test_need_asks_without_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    need("pyarrow")
    monkeypatch.setattr("hybrid_ner.errors.find_spec", lambda name: None)
    with pytest.raises(MissingPartError, match=r"hybrid-ner\[scale\]"):
        need("pyarrow")


def test_star_import_leaves_out_what_needs_a_missing_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    names = runpy.run_path(str(hybrid_ner.__file__))["__all__"]
    assert {*hybrid_ner.__all__} - {*names} == {"BatchLabeler", "ReviewSession", "ReviewStore", "Suggestion"}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH in which every part is hidden, and files to read."""
    (tmp_path / "site").mkdir()
    hidden = sorted({*PARTS, "pandas"})
    (tmp_path / "site" / "sitecustomize.py").write_text(HIDE.format(hidden=hidden))
    (tmp_path / "drugs.csv").write_text("term,label\naspirin,Drug\n")
    (tmp_path / "notes.jsonl").write_text('{"id": "1", "text": "Aspirin helps."}\n')
    with ZipFile(tmp_path / "table.xlsx", "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    (tmp_path / "list.ttl").write_text("@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n")
    (tmp_path / "note.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    return tmp_path


def _ran(bare: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(bare / "site")}
    return subprocess.run(
        [sys.executable, *words], cwd=bare, env=env, capture_output=True, text=True, timeout=300
    )


COMMANDS = {
    "review init store.sqlite3": "review",
    "app": "app",
    "predict-files --model m --input . --output out": "scale",
    "corpus stats rows.parquet": "scale",
    "corpus stats note.pdf": "formats",
    "gazetteer stats table.xlsx": "formats",
    "gazetteer stats list.ttl": "formats",
    "words build notes.jsonl --out own.words --quiet": "train",
    "package m": "train",
}


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_command_names_the_part_in_one_line(bare: Path, line: str) -> None:
    ran = _ran(bare, "-m", "hybrid_ner.cli", *line.split())
    assert ran.returncode == 2, ran.stderr[-2000:]
    said = [each for each in ran.stderr.splitlines() if not each.startswith("warning")]
    assert len(said) == 1, ran.stderr[-2000:]
    assert f"pip install 'hybrid-ner[{COMMANDS[line]}]'" in said[0]


@pytest.mark.slow
def test_core_matches_labels_predicts_and_scores(bare: Path) -> None:
    ran = _ran(bare, "-c", "from hybrid_ner import *; print(Gazetteer())")
    assert ran.returncode == 0, ran.stderr[-2000:]
    ran = _ran(bare, "-m", "hybrid_ner.cli", "gazetteer", "match", "drugs.csv", "--text", "Aspirin now.")
    assert "Aspirin" in ran.stdout, ran.stderr[-2000:]
    lines = [
        "label --gazetteer drugs.csv --corpus notes.jsonl --output weak.jsonl --quiet",
        "bootstrap --gazetteer drugs.csv --corpus weak.jsonl --out model --no-expand --quiet",
        "predict --model model --input notes.jsonl --output found.jsonl --quiet",
        "evaluate --gold weak.jsonl --predicted found.jsonl",
    ]
    for line in lines:
        ran = _ran(bare, "-m", "hybrid_ner.cli", *line.split())
        assert ran.returncode == 0, f"{line}\n{ran.stderr[-2000:]}"
    assert '"Aspirin helps."' in (bare / "found.jsonl").read_text()


@pytest.mark.slow
def test_python_names_the_part(bare: Path) -> None:
    code = "import hybrid_ner as h\ntry:\n    h.ReviewStore\nexcept h.HybridNerError as e:\n    print(e)"
    ran = _ran(bare, "-c", code)
    assert "pip install 'hybrid-ner[review]'" in ran.stdout, ran.stderr[-2000:]
