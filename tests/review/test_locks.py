"""Who waits for whom: questions for nobody, a reviewer's own lines only while they append."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from hybrid_ner.errors import StoreConflictError, StoreError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.commands.decide import Accept
from hybrid_ner.review.store import database
from hybrid_ner.review.store.journal import lock_project
from hybrid_ner.review.store.schema import document
from tests.review.helpers import make_project, suggest, ward
from tests.review.reviewer_process import whole

QUESTIONS = (
    "why 1",
    'all "afib"',
    "log",
    "rejected",
    "who changed 1",
    "worst terms",
    "agreement",
    "? bulk",
    'why not "mi"',
)
MOVES = ("next", "back", "go 2", "queue uncertain", 'find "afib"', "queue flagged", "no such command")
DECISIONS = ("ok 1", "no 2", "3 is TEST", "skip")


@contextmanager
def _kept_locked(project: Project) -> Iterator[None]:
    """Another session is in the middle of a long step of the project."""
    with project.write() as connection:
        lock_project(connection, project.id)
        yield


@pytest.mark.postgres
def test_questions_and_moves_do_not_wait(postgres_url: str) -> None:
    with ReviewStore.open(postgres_url) as store, ThreadPoolExecutor(1) as pool:
        project = ward(store)
        session = ReviewSession(store, project.name, "ana", tokenize=whole)
        session.handle("go 1")
        with _kept_locked(project):
            for line in (*QUESTIONS, *MOVES):
                assert session.handle(line).echo
            session.handle("go 1")
            waiting = pool.submit(session.handle, "ok 1")
            assert ReviewSession(store, project.name, "ana", tokenize=whole).view() is not None
            assert not waiting.done()
        assert waiting.result(120).level == "done"
        with _kept_locked(project):
            assert [turn.line for turn in session.history()][-1] == "ok 1"


@pytest.mark.postgres
def test_who_waits_too_long_is_told(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with ReviewStore.open(postgres_url) as store:
        project = ward(store)
        session = ReviewSession(store, project.name, "ana", tokenize=whole)
        session.handle("go 1")
        with _kept_locked(project):
            for line in (*DECISIONS, "undo", 'ok all "afib"'):
                with pytest.raises(StoreError, match=r"kept it locked for \d+ s\. Repeat the last command"):
                    session.handle(line)
        assert session.handle("ok 1").step == 1


def test_a_question_changes_nothing_and_leaves_the_open_question(any_store: ReviewStore) -> None:
    project = ward(any_store)
    session = ReviewSession(any_store, project.name, "ana", tokenize=whole)
    session.handle("go 1")
    for line in QUESTIONS:
        assert session.handle('ok all "afib"').pending is not None
        reply = session.handle(line, client_id="tab", sequence=QUESTIONS.index(line))
        assert (reply.pending, session.pending, reply.doc_id) == (None, None, "d1")
        assert session.handle(line, client_id="tab", sequence=QUESTIONS.index(line)).duplicate
    assert project.version == 0
    assert [turn.line for turn in session.history(100)].count("why 1") == 1
    assert session.handle("yes").level == "error"


def test_two_who_move_at_once_do_not_meet(any_store: ReviewStore) -> None:
    text = "afib and mi"
    project = make_project(any_store, [(text, [suggest(text, "afib", "PROBLEM")])] * 24)
    sessions = [ReviewSession(any_store, project.name, f"r{n}", tokenize=whole) for n in range(8)]
    together = Barrier(8)

    def move(session: ReviewSession) -> list[str]:
        found = []
        for _ in range(2):
            together.wait(timeout=120)
            found.append(session.handle("next").doc_id)
        return found

    with ThreadPoolExecutor(8) as pool:
        rounds = list(zip(*pool.map(move, sessions), strict=True))
    for reached in rounds:
        assert len(set(reached)) == 8
    with project.read() as connection:
        claimed = connection.scalars(sa.select(document.c.doc_id).where(document.c.claimed_by.is_not(None)))
        assert set(claimed) == set(rounds[-1])


def test_a_transaction_that_was_in_the_way_is_run_again(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    # Of this module alone: threads that a page has left in the process sleep too, and were counted.
    clock = SimpleNamespace(sleep=naps.append, monotonic=database.time.monotonic)
    monkeypatch.setattr(database, "time", clock)
    failing = 2

    def in_the_way(command: Accept, work: Any) -> Any:
        nonlocal failing
        reply = accept(command, work)
        if failing:
            failing -= 1
            raise StoreConflictError("deadlock detected")
        return reply

    accept = Accept.run
    monkeypatch.setattr(Accept, "run", in_the_way)
    assert session.handle("ok 1").step == 1
    assert (len(naps), session.project.version, len(session.history())) == (2, 1, 1)
    failing = database.TRIES
    with pytest.raises(StoreError, match="deadlock detected"):
        session.handle("ok 2")
    assert (session.project.version, len(session.history())) == (1, 1)


@pytest.mark.postgres
def test_a_deadlock_is_told_as_a_conflict(postgres_url: str) -> None:
    with ReviewStore.open(postgres_url) as store, ThreadPoolExecutor(2) as pool:
        ward(store)
        together = Barrier(2)

        def cross(first: str, second: str) -> str:
            try:
                with store.write() as connection:
                    for doc_id in (first, second):
                        where = document.c.doc_id == doc_id
                        connection.execute(document.update().where(where).values(claimed_at=1.0))
                        if doc_id == first:
                            together.wait(timeout=120)
            except StoreConflictError:
                return "in the way"
            return "done"

        said = [pool.submit(cross, *pair) for pair in (("d1", "d2"), ("d2", "d1"))]
        assert sorted(each.result(120) for each in said) == ["done", "in the way"]


def test_an_opening_waits_for_the_file(store: ReviewStore, tmp_path: Path) -> None:
    """Who opens or closes the file as the only one has it to himself for a moment."""
    path = tmp_path / "review.sqlite3"
    store.engine.dispose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE").close()
    other.execute("BEGIN IMMEDIATE").close()
    other.execute("CREATE TABLE x (y)").close()
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(lambda: ReviewStore.open(path).projects())
        assert not opening.done()
        other.execute("ROLLBACK").close()
        other.close()
        assert opening.result(120) == ()
