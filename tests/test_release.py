"""What a release says of itself, in every file that says it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import srsly
import typer

from hybrid_ner import __version__
from hybrid_ner.cli import app

ROOT = Path(__file__).parent.parent
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version_everywhere() -> None:
    cited = srsly.yaml_loads(_text("CITATION.cff"))
    released = re.findall(r"^## (\d\S*) \((\d{4}-\d\d-\d\d)\)$", _text("CHANGELOG.md"), re.MULTILINE)
    assert released[0] == (str(cited["version"]), str(cited["date-released"]))
    assert __version__ == tomllib.loads(_text("pyproject.toml"))["project"]["version"] == released[0][0]
    assert _text("CHANGELOG.md").index("## Unreleased") < _text("CHANGELOG.md").index(f"## {__version__}")


def test_container_installs_parts_that_exist_and_starts_a_command_that_does() -> None:
    text = _text("Dockerfile")
    (parts,) = re.findall(r'pip install --no-cache-dir "\.\[([a-z,]+)\]"', text)
    assert set(parts.split(",")) <= set(EXTRAS)
    (line,) = re.findall(r"^CMD (\[.+\])$", text, re.MULTILINE)
    command, noun, *words = json.loads(line)
    assert command == "hybrid-ner"
    root = typer.main.get_command(app)
    context = root.make_context("hybrid-ner", ["--no-config", noun])
    found = root.get_command(context, noun)
    given = found.make_context(noun, words).params  # type: ignore[union-attr]
    assert (str(given["workspace"]), given["host"], [*given["proxy_name"]]) == (
        "/reviews",
        "0.0.0.0",
        ["localhost"],
    )


def test_container_does_not_copy_what_is_no_source() -> None:
    ignored = _text(".dockerignore").splitlines()
    assert {".git", ".venv"} <= set(ignored)
    assert not {"hybrid_ner", "gazetteers", "words", "app.py", "README.md", ".streamlit"} & set(ignored)


@pytest.mark.parametrize("name", [".pre-commit-config.yaml", "CITATION.cff"])
def test_yaml_is_valid(name: str) -> None:
    assert isinstance(srsly.yaml_loads(_text(name)), dict)


def test_scripts_that_just_names_are_there() -> None:
    named = re.findall(r"^    (\.ci/\w+)", _text("justfile"), re.MULTILINE)
    assert named == [".ci/run", ".ci/slow"]
    assert all((ROOT / name).stat().st_mode & 0o111 for name in named)
