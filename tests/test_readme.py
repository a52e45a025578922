"""The README says only what is true: its sessions and commands are run as written."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.domains.registry import gold_path, unlabeled_path

README = Path(__file__).parent.parent / "README.md"
SETUP = "python3 -m venv"


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def test_python_session_prints_what_it_says() -> None:
    results = doctest.testfile(str(README), module_relative=False)
    assert results.attempted > 3
    assert results.failed == 0


def test_setup_blocks_are_the_two_that_ci_runs() -> None:
    assert sum(block.startswith(SETUP) for block in blocks("bash")) == 2


def commands() -> list[str]:
    return [block for block in blocks("bash") if not block.startswith(SETUP)]


@pytest.mark.slow  # 35 s of a processor: five of the nine commands open the shipped lists
def test_commands_run_in_order_as_written(tmp_path: Path) -> None:
    """The README's own file names, filled with shipped samples."""
    lines = gold_path("medical").read_text(encoding="utf-8").splitlines()
    (tmp_path / "gold.jsonl").write_text("\n".join(lines[:20]) + "\n", encoding="utf-8")
    notes = unlabeled_path("medical").read_text(encoding="utf-8").splitlines()
    (tmp_path / "notes.jsonl").write_text("\n".join(notes[:40]) + "\n", encoding="utf-8")
    (tmp_path / "new.jsonl").write_text("\n".join(lines[:20]) + "\n", encoding="utf-8")
    (tmp_path / "drugs.csv").write_text(
        "term,label\nfurosemide,Chemical\nzorvexine,Chemical\n", encoding="utf-8"
    )
    assert commands()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in commands():
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=600,
        )
        if ran.returncode:
            pytest.fail(f"{block}\n{ran.stdout}\n{ran.stderr}")


def test_commands_run_in_order_without_the_shipped_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same commands in this process, with small files and the rules of no domain."""
    monkeypatch.chdir(tmp_path)
    texts = [f"Took furosemide for chest pain {n}." for n in range(6)]
    rows = [{"id": f"d{n}", "text": text} for n, text in enumerate(texts)]
    for name in ("notes", "new"):
        Path(f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    entities = [{"start": 5, "end": 15, "label": "Chemical"}]
    gold = "".join(json.dumps({**row, "entities": entities}) + "\n" for row in rows)
    Path("gold.jsonl").write_text(gold, encoding="utf-8")
    Path("drugs.csv").write_text("term,label\nfurosemide,Chemical\n", encoding="utf-8")
    lines = [line for block in commands() for line in block.splitlines() if line.strip()]
    assert len(lines) > 5
    for line in lines:
        said, _, command = line.rpartition(" | ")
        given = re.sub("--domain medical", "--domain generic", command)
        given = re.sub("max_epochs 4", "max_epochs 1", given)
        program, *words = shlex.split(given)
        typed = said.removeprefix("printf '").removesuffix("'").replace("\\n", "\n")
        assert program == "hybrid-ner", line
        ran = CliRunner().invoke(app, words, input=typed or None)
        assert ran.exit_code == 0, f"{line}\n{ran.output}"


@pytest.mark.slow  # 25 s of a processor
def test_simulated_review_gains_what_the_table_says(tmp_path: Path) -> None:
    """To a point: the lists and rules that the table was made with may have grown a little since."""
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.matching import gather_terms
    from hybrid_ner.training.bootstrap import BootstrapSettings
    from hybrid_ner.training.update import rehearse, small_list

    table = next(block for block in blocks("text") if "documents reviewed" in block)
    told = [line.replace("not yet", "nan").split() for line in table.splitlines()[1:]]
    gold, text = (list(read_corpus(path("medical"))) for path in (gold_path, unlabeled_path))
    terms, settings = small_list(gather_terms("medical")), BootstrapSettings("generic")
    numbers = [int(line[0]) for line in told]
    for line, found in zip(told, rehearse(terms, text, gold, numbers, settings, tmp_path), strict=True):
        assert abs(100 * found.f1("rule") - float(line[1])) < 1.0
        if found.reviewed:
            assert abs(100 * found.f1() - float(line[2])) < 1.0
            assert found.f1() > found.f1("rule")
