"""What a line does outside of the store: once, and only when the log has it for good."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hybrid_ner.errors import StoreError
from hybrid_ner.registry import COMMANDS
from hybrid_ner.review import FileAccess, JobStatus, Project, ReviewSession, ReviewStore
from tests.review.helpers import FakeModels, say


class Models(FakeModels):
    """Counts what it was told to do."""

    def start_retrain(self, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        self.calls.append("start")
        self.job = JobStatus("running", "reading", by=reviewer, did=True, fast=fast)
        return self.job

    def cancel(self) -> JobStatus:
        self.calls.append("cancel")
        self.job = JobStatus("cancelled", "stopped", did=True)
        return self.job


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def learning(store: ReviewStore, project: Project, models: Models) -> ReviewSession:
    return ReviewSession(store, project.name, "ana", models=models)


def _failing(*_: object) -> None:
    raise StoreError("the disk is full")


@pytest.mark.parametrize(
    ("line", "job"), [("retrain", "idle"), ("update", "idle"), ("ok 1; retrain", "idle"), ("stop", "running")]
)
def test_nothing_begins_when_the_commit_fails(
    learning: ReviewSession, models: Models, monkeypatch: pytest.MonkeyPatch, line: str, job: str
) -> None:
    learning.open("d1")
    models.job = JobStatus(job, by="ana")
    with monkeypatch.context() as patch:
        patch.setattr("hybrid_ner.review.store.journal.remember", _failing)
        with pytest.raises(StoreError, match="disk is full"):
            learning.handle(line)
    assert (models.calls, learning.log(), learning.project.version) == ([], [], 0)
    assert learning.handle(line).level == ("done" if ";" in line else "info")
    assert models.calls == (["cancel"] if line == "stop" else ["start"])


def test_the_log_has_the_line_before_the_job_begins(learning: ReviewSession, models: Models) -> None:
    seen: list[list[str]] = []
    begin = models.start_retrain

    def watched(*args: str, **options: bool) -> JobStatus:
        seen.append([row.summary for row in learning.log()])
        return begin(*args, **options)

    models.start_retrain = watched  # type: ignore[method-assign]
    reply = learning.handle("retrain", client_id="tab", sequence=1)
    assert seen == [["the training begins"]]
    assert (reply.echo, reply.lines) == (
        "the training has started: reading",
        ("`status` says how far it is",),
    )
    assert learning.history()[-1].echo == reply.echo
    again = learning.handle("retrain", client_id="tab", sequence=1)
    assert (again.duplicate, again.echo, models.calls) == (True, reply.echo, ["start"])
    assert learning.handle("update").echo == "the training is running: ana started it already; reading"
    assert len(learning.log()) == 1
    assert learning.handle("stop").echo == "the training was stopped"
    assert [row.summary for row in learning.log()] == ["the training begins", "the training is stopped"]
    assert learning.handle("stop").echo == "nothing to stop: no update and no training is running"


def test_a_job_that_cannot_begin_is_told(learning: ReviewSession, models: Models) -> None:
    def full(*_: str, **__: bool) -> JobStatus:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/models/job/request.json")

    models.start_retrain = full  # type: ignore[method-assign]
    learning.open("d1")
    reply = learning.handle("ok 1; retrain")
    assert reply.level == "error"
    assert reply.echo == (
        "accepted 1 “chest pain” PROBLEM; the training begins, but it failed: /models/job/request.json: "
        "No space left on device. Free some space, or choose another place; what was finished before is kept."
    )
    assert learning.history()[-1].level == "error"


def test_a_refused_line_begins_nothing(learning: ReviewSession, models: Models) -> None:
    assert learning.handle("retrain; ok 99").level == "error"
    assert learning.handle('retrain; never "mi"').level == "ask"
    assert models.calls == []
    assert learning.log() == []


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command of another package, which decides something; what it was called with."""
    called: list[str] = []

    def both(session: ReviewSession, rest: str) -> str:
        called.append(rest)
        if rest == "die":
            raise KeyboardInterrupt
        return session.handle(f"no {rest}").echo

    monkeypatch.setattr(COMMANDS, "get", lambda name: both)
    monkeypatch.setattr(type(COMMANDS), "__contains__", lambda self, name: name == "both")
    return called


def test_a_command_of_another_package_runs_once(session: ReviewSession, command: list[str]) -> None:
    first = session.handle("both 2", client_id="tab", sequence=1)
    again = session.handle("both 2", client_id="tab", sequence=1)
    assert command == ["2"]
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.echo == again.echo == "rejected 2 “afib” PROBLEM"
    assert [row.line for row in session.history()].count("both 2") == 1
    session.handle("both 3", client_id="tab", sequence=2)
    session.handle("both 3")
    assert command == ["2", "3", "3"]


def test_a_command_that_was_cut_off_is_not_run_again(session: ReviewSession, command: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        session.handle("both die", client_id="tab", sequence=1)
    again = session.handle("both die", client_id="tab", sequence=1)
    assert again.duplicate
    assert again.echo == "`both die` was sent before and has not ended; `log` shows what it did"
    assert command == ["die"]


def test_a_session_file_is_replayed_once(store: ReviewStore, project: Project, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("go d1\nok 1\nno 2\n", encoding="utf-8")
    session = ReviewSession(store, project.name, "ana", files=FileAccess(tmp_path))
    first = session.handle("replay s.txt", client_id="tab", sequence=1)
    say(session, "undo")
    again = session.handle("replay s.txt", client_id="tab", sequence=1)
    assert (again.duplicate, again.echo, first.echo) == (True, first.echo, "replayed 3 lines, 2 steps")
    assert [row.summary for row in session.log()][-1].startswith("undo of 2")
