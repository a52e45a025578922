"""The command line as a whole: laziness, errors, exit codes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hybrid_ner import cli
from hybrid_ner.errors import TermError

HEAVY = ("spacy", "streamlit", "sklearn", "pyarrow", "numpy", "sqlalchemy", "rapidfuzz", "rdflib", "altair")


def _fail_on_term() -> None:
    raise TermError("bad\nterm.", path="terms.tsv", row=3, hint="Mend it.")


def _fail_on_file() -> None:
    Path("no-such-file.tsv").read_text(encoding="utf-8")


def _fail_on_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _stop() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds nouns whose only command fails."""
    bodies = {"badterm": _fail_on_term, "badfile": _fail_on_file, "baddisk": _fail_on_disk, "stopped": _stop}
    for name, body in bodies.items():
        noun = typer.Typer(add_completion=False)
        noun.command()(body)
        module = type(sys)(f"hybrid_ner.cli.{name}")
        module.app = noun
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(cli, "NOUNS", (*cli.NOUNS, *bodies))


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom hybrid_ner.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("noun", cli.NOUNS)
def test_every_noun_has_help(noun: str) -> None:
    result = CliRunner().invoke(cli.app, [noun, "--help"])
    assert result.exit_code == 0, result.output
    assert f"{noun} " in result.output


@pytest.mark.usefixtures("broken")
def test_expected_error_is_one_line_and_exit_code_2() -> None:
    result = CliRunner().invoke(cli.app, ["badterm"])
    assert result.exit_code == 2
    assert result.stderr == "error: terms.tsv, row 3: bad term. Mend it.\n"
    assert result.stdout == ""


@pytest.mark.usefixtures("broken")
def test_missing_file_is_one_line_and_exit_code_2() -> None:
    result = CliRunner().invoke(cli.app, ["badfile"])
    assert result.exit_code == 2
    assert result.stderr == "error: no-such-file.tsv: No such file or directory.\n"


@pytest.mark.usefixtures("broken")
def test_error_of_the_system_without_a_file_is_one_line_too() -> None:
    result = CliRunner().invoke(cli.app, ["baddisk"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: No space left on device. Free some space")


@pytest.mark.usefixtures("broken")
def test_interrupt_is_said_and_has_its_exit_code() -> None:
    result = CliRunner().invoke(cli.app, ["stopped"])
    assert (result.exit_code, result.stderr) == (130, "stopped.\n")


def test_warning_is_one_line_without_source_code(capsys: pytest.CaptureFixture[str]) -> None:
    cli._show_warning(UserWarning("lost\ndata."), UserWarning, "file.py", 3)
    assert capsys.readouterr().err == "warning: lost data.\n"


@pytest.mark.usefixtures("broken")
def test_debug_shows_the_traceback() -> None:
    result = CliRunner().invoke(cli.app, ["--debug", "badterm"])
    assert isinstance(result.exception, TermError)


def test_unknown_noun_is_refused() -> None:
    result = CliRunner().invoke(cli.app, ["nix"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_help_is_not_broken_where_the_source_is() -> None:
    wide = {"TERMINAL_WIDTH": "300", "COLUMNS": "300"}
    told = CliRunner().invoke(cli.app, ["retrain", "--help"], env=wide).output
    assert "terms that reviewers added or blocked are what `hybrid-ner review overlay` writes" in told
    assert cli._paragraphs("One\n    two.\n\n    Three.") == "One two.\n\nThree."
