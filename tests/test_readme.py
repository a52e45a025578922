"""The README says only what is true: its sessions and commands are run as written."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hybrid_ner.samples import gold_path, unlabeled_path

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
    commands = [block for block in blocks("bash") if not block.startswith(SETUP)]
    assert commands
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in commands:
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
