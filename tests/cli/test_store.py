"""``hybrid-ner app``: the right server with the right settings."""

from __future__ import annotations

import os
import socket
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hybrid_ner import cli
from hybrid_ner.corpus import Document
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import ReviewStore
from hybrid_ner.ui import security
from hybrid_ner.ui.workspace import Workspace


class Replaced(Exception):  # noqa: N818
    """Stands for the process that ``execv`` would have become."""


def started(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, noun: tuple[str, ...] = ("app",), signed: bool = False
) -> tuple[list[str], dict[str, str], Any]:
    """The command and environment of the server, and what was printed; this process's own stays as it was."""
    calls: list[tuple[list[str], dict[str, str]]] = []

    def execve(program: str, command: list[str], environment: dict[str, str]) -> None:
        calls.append((command, environment))
        raise Replaced

    monkeypatch.setattr(os, "execve", execve)
    # Whether the port is free here, and what secrets there are, is not what these tests ask.
    monkeypatch.setattr(security, "sign_in_configured", lambda: signed)
    monkeypatch.setattr(security, "page_address", lambda port, host: f"http://{host}:{port}")
    before = dict(os.environ)
    result = CliRunner().invoke(cli.app, [*noun, *arguments])
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


def test_workspace_and_store_of_the_environment_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HYBRID_NER_WORKSPACE", str(tmp_path / "ward"))
    monkeypatch.setenv("HYBRID_NER_STORE", str(tmp_path / "other.sqlite3"))
    _, environment, result = started(monkeypatch)
    assert environment["HYBRID_NER_WORKSPACE"] == str(tmp_path / "ward")
    assert environment["HYBRID_NER_STORE"] == str(tmp_path / "other.sqlite3")
    assert str(tmp_path / "ward") in result.output
    _, environment, _ = started(monkeypatch, "--workspace", str(tmp_path / "said"))
    assert environment["HYBRID_NER_WORKSPACE"] == str(tmp_path / "said")


def test_open_address_is_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    *_, result = started(monkeypatch, "--workspace", str(tmp_path), "--host", "0.0.0.0")
    assert "sign-in" in result.output
    *_, result = started(monkeypatch, "--workspace", str(tmp_path), "--host", "0.0.0.0", signed=True)
    assert "HTTPS" in result.output
    assert "sign-in" not in result.output


def test_what_keeps_the_page_from_starting_is_said_before(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("term\n" * 99, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        for wrong, said in (
            (("--port", port), f"'127.0.0.1', port {port}: address already in use."),
            (("--port", "99999"), "--port"),
            (("--host", ""), "no address was given"),
            (("--store", str(tmp_path / "list.csv")), "not a review store"),
        ):
            result = CliRunner().invoke(cli.app, ["app", "--workspace", str(tmp_path), *wrong])
            assert result.exit_code == 2
            assert said in result.output
            assert "Page:" not in result.output


def test_name_of_a_proxy_is_let_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command, *_ = started(monkeypatch, "--workspace", str(tmp_path), "--proxy-name", "ner.ward.test")
    assert command[-2:] == ["--server.allowedHosts", "ner.ward.test"]
    *_, result = started(monkeypatch, "--workspace", str(tmp_path), "--proxy-name", "ner.ward.test")
    assert "Other machines can reach this page" in result.output  # it is the proxy that lets them in


def test_page_under_a_path_of_the_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command, _, result = started(monkeypatch, "--workspace", str(tmp_path), "--prefix", "/ner/")
    assert ("--server.baseUrlPath", "ner") in pairwise(command)
    assert "http://127.0.0.1:8501/ner\n" in result.output


def test_root_command_is_still_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started(monkeypatch, "--workspace", str(tmp_path))
    assert "evaluate" in CliRunner().invoke(cli.app, ["--help"]).output


def test_review_serve_opens_a_store_where_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, domain in (("one", "medical"), ("two", "legal")):
        assert (
            CliRunner()
            .invoke(cli.app, ["review", "init", "n.sqlite3", "-p", name, "--domain", domain])
            .exit_code
            == 0
        )
    _, environment, _ = started(monkeypatch, "n.sqlite3", "-p", "one", noun=("review", "serve"))
    assert environment["HYBRID_NER_STORE"] == str(tmp_path / "n.sqlite3")
    assert environment["HYBRID_NER_WORKSPACE"] == str(tmp_path)
    assert environment["HYBRID_NER_PROJECT"] == "one"
    with ReviewStore.open(tmp_path / "n.sqlite3") as store:
        place = Workspace.at(tmp_path, environment["HYBRID_NER_STORE"])
        assert [place.setup(store.project(name)).domain for name in ("one", "two")] == ["medical", "legal"]
        assert store.project("one").labels == tuple(DOMAINS.get("medical").labels)
    missing = CliRunner().invoke(cli.app, ["review", "serve", "none.sqlite3"])
    assert missing.exit_code == 2
    assert "does not exist" in missing.output


def test_a_store_is_opened_with_the_lists_and_models_that_it_was_made_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ward").mkdir()
    made = CliRunner().invoke(cli.app, ["review", "init", "ward/n.sqlite3", "--labels", "Drug"])
    assert made.exit_code == 0
    _, environment, _ = started(monkeypatch, "--store", "ward/n.sqlite3")
    assert environment["HYBRID_NER_WORKSPACE"] == str(tmp_path / "ward")
    other = CliRunner().invoke(cli.app, ["app", "--store", "ward/n.sqlite3", "--workspace", "new"])
    assert other.exit_code == 2
    told = " ".join(other.output.split())
    assert "lists and models of project 'review' are in" in told
    assert "Say --workspace" in told
    # One that was opened in the usual folder before the store's own was the default.
    (tmp_path / "ward" / "projects").rename(tmp_path / "workspace")
    (tmp_path / "workspace" / "projects").mkdir()
    (tmp_path / "workspace" / "review").rename(tmp_path / "workspace" / "projects" / "review")
    assert CliRunner().invoke(cli.app, ["app", "--store", "ward/n.sqlite3"]).exit_code == 2


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_file_is_no_workspace(tmp_path: Path, inside: str) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    place = tmp_path / "notes.txt" / inside
    result = CliRunner().invoke(cli.app, ["app", "--workspace", str(place)])
    assert result.exit_code == 2
    said = "a file stands where the folder would. Give another one, or ask for the right to write to it."
    assert result.output == f"error: {place}: {said}\n"


@pytest.mark.parametrize("option", ["--workspace", "--store"])
def test_a_folder_that_cannot_be_written_is_said_before_the_server_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()

    def access(path: str | Path, mode: int) -> bool:
        return not (mode & os.W_OK and Path(path) == closed)

    monkeypatch.setattr(os, "access", access)
    given = {"--workspace": str(tmp_path / "open"), "--store": str(tmp_path / "review.sqlite3")}
    given[option] = str(closed if option == "--workspace" else closed / "review.sqlite3")
    result = CliRunner().invoke(cli.app, ["app", *(word for pair in given.items() for word in pair)])
    assert result.exit_code == 2
    assert result.output.startswith(f"error: {closed}: nothing can be written to this folder. ")


def test_the_password_of_a_server_is_not_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Nobody's output is as secret as a command line may be: it goes into logs and mails.
    monkeypatch.setattr("hybrid_ner.review.store.backup.restore", lambda file, store: ())
    url = "postgresql://ana:secret@db.test/reviews"
    for more in ((), ("--json",)):
        said = CliRunner().invoke(cli.app, ["review", "restore", str(tmp_path / "b"), url, *more]).output
        assert "ana:***@db.test/reviews" in said
        assert "secret" not in said


def test_bytes_that_are_no_text_are_refused_before_anything_is_kept(tmp_path: Path) -> None:
    store, wrong = str(tmp_path / "review.sqlite3"), os.fsdecode(b"caf\xe9")
    with ReviewStore.open(store) as made:
        made.create_project("notes").add_documents([Document("d1", "flu")])
    for words in (("d1", "--reason", wrong), (wrong, "--reason", "twice")):
        result = CliRunner().invoke(cli.app, ["review", "withdraw", store, *words])
        assert result.exit_code == 2
        assert "holds characters that no text has" in result.stderr
        assert "Nothing of this step was kept" in result.stderr
    result = CliRunner().invoke(cli.app, ["review", "init", store, "--project", "two", "--labels", wrong])
    assert result.exit_code == 2, result.output
    with ReviewStore.open(store) as made:
        assert made.projects() == ("notes",)
        assert not made.project().events()
