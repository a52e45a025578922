"""The command line as a whole: laziness, errors, exit codes."""

from __future__ import annotations

import errno
import io
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from hybrid_ner import cli
from hybrid_ner.corpus import write_corpus
from hybrid_ner.errors import CorpusError, TermError
from tests.fresh import fresh

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
    """Adds nouns that fail."""
    bodies = {"badterm": _fail_on_term, "badfile": _fail_on_file, "baddisk": _fail_on_disk, "stopped": _stop}
    for name, body in bodies.items():
        module = type(sys)(f"hybrid_ner.cli.{name}")
        setattr(module, name, body)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(cli, "NOUNS", {**cli.NOUNS, **dict.fromkeys(bodies, "")})


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
    assert result.stderr == "error: no-such-file.tsv: No such file or directory. Check the path.\n"


@pytest.mark.usefixtures("broken")
def test_error_of_the_system_without_a_file_is_one_line_too() -> None:
    result = CliRunner().invoke(cli.app, ["baddisk"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: No space left on device. Free some space")


@pytest.mark.usefixtures("broken")
def test_interrupt_is_said_and_has_its_exit_code() -> None:
    result = CliRunner().invoke(cli.app, ["stopped"])
    assert (result.exit_code, result.stderr) == (130, "stopped.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_was_given_is_not_left_behind_where_a_command_is_stopped(
    number: signal.Signals, tmp_path: Path
) -> None:
    (kept := tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "hybrid_ner.cli", "corpus", "convert", "-", str(tmp_path / "out.jsonl")],
        env={**os.environ, "TMPDIR": str(kept)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # under nohup a hang-up is passed over
    )
    assert process.stdin is not None
    process.stdin.write(bytes(2**20))  # more than a pipe holds, so it is being read by then
    process.stdin.flush()
    assert list(kept.iterdir())
    process.send_signal(number)
    assert process.communicate()[1] == b"stopped.\n"
    assert process.returncode == 128 + number
    assert not list(kept.iterdir())


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


def test_summaries_are_those_of_the_commands() -> None:
    for noun, summary in cli.NOUNS.items():
        command = _command(noun)
        told = (command.help or command.callback.__doc__).split("\n\n")[0]
        assert told.startswith(summary.rstrip(".").split(" and ")[0][:30]), noun


def _root() -> tuple[Any, Any]:
    root = typer.main.get_command(cli.app)
    return root, root.make_context("hybrid-ner", ["--no-config", "domains"])


def _command(line: str) -> Any:
    root, context = _root()
    noun, _, below = line.partition(" ")
    found = root.get_command(context, noun)
    return found.commands[below] if below else found


def _all_commands() -> list[str]:
    found = []
    for noun in cli.NOUNS:
        below = getattr(_command(noun), "commands", {})
        found += [f"{noun} {name}" for name in below] or [noun]
    return found


def test_every_command_has_examples_and_each_can_be_parsed() -> None:
    assert set(cli.examples()) == set(_all_commands())
    for command, lines in cli.examples().items():
        for line in lines:
            words = shlex.split(line.removeprefix("hybrid-ner ").split(" < ")[0].split(" > ")[0])
            assert " ".join(words).startswith(command)
            _command(command).make_context(command, words[len(command.split()) :])


def test_examples_are_in_the_help() -> None:
    told = CliRunner().invoke(cli.app, ["predict", "--help"], env={"COLUMNS": "200"}).output
    assert "hybrid-ner predict --model model --input new.jsonl --output found.jsonl" in told


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["bootstap"], "bootstrap"),
        (["predict_files"], "predict-files"),
        (["lint"], "gazetteer lint"),
        (["convert"], "corpus convert"),
        (["gazetteer", "statts"], "stats"),
    ],
)
def test_misspelled_command_is_answered_with_the_nearest(given: list[str], meant: str) -> None:
    result = CliRunner().invoke(cli.app, given, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert re.search(rf"Did you mean .*{meant}", result.output), result.output


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("hybrid-ner boot", "bootstrap"),
        ("hybrid-ner gazetteer l", "lint"),
        ("hybrid-ner predict --inp", "--input"),
        ("hybrid-ner bootstrap --domain med", "medical"),
    ],
)
def test_shell_completes_commands_options_and_domains(words: str, wanted: str) -> None:
    asked = {"_HYBRID_NER_COMPLETE": "complete_bash", "COMP_WORDS": words}
    asked["COMP_CWORD"] = str(len(words.split()) - 1)
    done = CliRunner().invoke(cli.app, [], prog_name="hybrid-ner", env=asked)
    assert wanted in done.stdout.split(), done.output


def test_verbose_tells_what_is_read_and_no_text(tmp_path: Path) -> None:
    (tmp_path / "drugs.csv").write_text("term,label\naspirin,Drug\n")
    (tmp_path / "notes.jsonl").write_text('{"id": "1", "text": "Mrs Johannsen takes aspirin."}\n')
    words = ["label", "--gazetteer", "drugs.csv", "--corpus", "notes.jsonl", "--output", "weak.jsonl", "-vv"]
    done = fresh("-m", "hybrid_ner.cli", *words, cwd=tmp_path)
    assert re.search(r"INFO hybrid_ner\.\S+: .*drugs\.csv.* 1 term", done.stderr), done.stderr
    assert re.search(r"INFO hybrid_ner\.\S+: .*notes\.jsonl", done.stderr), done.stderr
    assert "Johannsen" not in done.stderr
    quiet = fresh("-m", "hybrid_ner.cli", *words[:-1], "--quiet", cwd=tmp_path)
    assert "INFO" not in quiet.stderr


def test_closed_streams_are_empty_or_silent_and_no_file_gets_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    cli._replace_closed_streams()
    with sys.stdin as given, sys.stderr as told:
        assert given.read() == ""
        told.write("nobody hears it")
    with pytest.raises(CorpusError, match=r"standard output is closed\. Give a file"):
        write_corpus("-", [])


def test_a_name_that_the_encoding_lacks_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", out)
    cli._replace_closed_streams()
    out.write("→ caf\udce9.jsonl\n")
    assert out.buffer.getvalue() == b"\\u2192 caf\\udce9.jsonl\n"  # type: ignore[attr-defined]


def test_spacys_own_commands_come_when_they_are_asked_for() -> None:
    code = """
import sys
sys.argv = ["hybrid-ner", "--version"]
from hybrid_ner.cli import main
try:
    main()
except SystemExit:
    pass
import spacy
assert "spacy.cli" not in sys.modules
assert spacy.info(silent=True)["spacy_version"] == spacy.__version__
assert spacy.cli.download.__module__ == "spacy.cli.download"
assert not hasattr(spacy, "no_such_name")
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.endswith("fine\n"), done.stderr
