"""``hybrid-ner app``: the right server with the right settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hybrid_ner import cli


class Replaced(Exception):  # noqa: N818
    """Stands for the process that ``execv`` would have become."""


def started(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[list[str], dict[str, str], Any]:
    """The command and environment of the server, and what was printed; this process's own stays as it was."""
    calls: list[tuple[list[str], dict[str, str]]] = []

    def execve(program: str, command: list[str], environment: dict[str, str]) -> None:
        calls.append((command, environment))
        raise Replaced

    monkeypatch.setattr(os, "execve", execve)
    before = dict(os.environ)
    result = CliRunner().invoke(cli.app, ["app", *arguments])
    assert isinstance(result.exception, Replaced)
    assert dict(os.environ) == before
    return *calls[0], result


def test_app_starts_streamlit_on_this_machine_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command, environment, result = started(monkeypatch, "--workspace", str(tmp_path), "--port", "8765")
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]).name == "app.py"
    settings = dict(zip(command[5::2], command[6::2], strict=True))
    assert settings["--server.address"] == "127.0.0.1"
    assert settings["--server.port"] == "8765"
    assert settings["--browser.gatherUsageStats"] == "false"
    assert environment["HYBRID_NER_WORKSPACE"] == str(tmp_path)
    assert "http://127.0.0.1:8765" in result.output


def test_open_address_is_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    *_, result = started(monkeypatch, "--workspace", str(tmp_path), "--host", "0.0.0.0")
    assert "sign-in" in result.output


def test_root_command_is_still_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started(monkeypatch, "--workspace", str(tmp_path))
    assert "evaluate" in CliRunner().invoke(cli.app, ["--help"]).output
