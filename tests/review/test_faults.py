"""What a crash, a race, a full disk, a read-only file and a newer version do to a store: nothing bad."""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from hybrid_ner.errors import StoreError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store import database
from hybrid_ner.review.store.backup import readable
from hybrid_ner.review.store.events import fold_project
from hybrid_ner.review.store.gold import gold_hash
from hybrid_ner.review.store.ranking import surface_counts
from hybrid_ner.review.store.schema import client_operation, event
from tests.conftest import unprivileged
from tests.review.helpers import operation, statuses, suggest, ward
from tests.review.reviewer_process import Reviewer, command_of, whole


def _consistent(project: Project) -> None:
    """Projections equal the fold of the log; SQLite finds the file sound."""
    before = project.states()
    assert before == fold_project(project.events())
    project.rebuild()
    assert project.states() == before


def _sequences(project: Project, client: str) -> list[int]:
    query = sa.select(client_operation.c.sequence).where(client_operation.c.client_id == client)
    with project.read() as connection:
        return list(connection.scalars(query.order_by(client_operation.c.sequence)))


def _until_alone(target: str) -> None:
    """A server goes on with what a killed client had sent; a file is free once the process is gone."""
    if "://" not in target:
        return
    here = "datname = current_database() AND pid <> pg_backend_pid()"
    engine = sa.create_engine(target)
    with engine.connect() as connection:
        while connection.exec_driver_sql(f"SELECT count(*) FROM pg_stat_activity WHERE {here}").scalar():
            connection.rollback()  # a transaction sees the same activity to its end
            time.sleep(0.02)
    engine.dispose()


def test_kill_between_any_two_writes(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        project = ward(store)
        expected = ward(store, name="uninterrupted")
    count, acknowledged, first = 28, -1, 0
    for pause in (0.0, 0.005, 0.013, 0.03):
        if first >= count:
            break
        running = Reviewer.start(any_target, "ana", "tab", first, count)
        seen: int | None = -1
        while seen is not None and seen < first + 3:
            seen = running.next()
        time.sleep(pause)
        running.process.kill()
        acknowledged = max([acknowledged, seen or -1, *running.rest()])
        running.process.join()
        _until_alone(any_target)
        with ReviewStore.open(any_target) as store:
            project = store.project("notes")
            kept = _sequences(project, "tab")
            assert kept == list(range(len(kept)))
            assert len(kept) - 1 in (acknowledged, acknowledged + 1)
            _consistent(project)
        # The client did not hear of the last one: it sends it again.
        first = acknowledged + 1
    with ReviewStore.open(any_target) as store:
        for name, start, client in (("notes", first, "tab"), (expected.name, 0, "other")):
            session = ReviewSession(store, name, "ana", tokenize=whole)
            for number in range(start, count):
                session.handle(command_of(number), client_id=client, sequence=number)
        once, again = store.project("notes"), store.project(expected.name)
        assert gold_hash(once) == gold_hash(again)
        assert len(once.events()) == len(again.events())
        _consistent(once)


def test_two_processes_deciding_at_once(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        ward(store)
    names = enumerate(("ana", "bob", "ana"))
    started = [Reviewer.start(any_target, who, f"tab-{n}", 0, 16) for n, who in names]
    for running in started:
        assert running.rest() == list(range(16))
        running.process.join(120)
        assert running.process.exitcode == 0
    with ReviewStore.open(any_target) as store:
        project = store.project("notes")
        assert [_sequences(project, f"tab-{n}") for n in range(3)] == [list(range(16))] * 3
        _consistent(project)
        with project.read() as connection:
            steps = connection.scalars(sa.select(event.c.step_id).distinct()).all()
        assert len(steps) == project.version


def test_sessions_of_a_new_reviewer_opened_at_once(any_store: ReviewStore) -> None:
    project = ward(any_store)
    with ThreadPoolExecutor(8) as pool:
        for name in ("ana", "bob", "carl"):
            together = Barrier(8)

            def opened(_: int, name: str = name, together: Barrier = together) -> int:
                together.wait(timeout=120)
                return project.reviewer_id(name)

            assert len(set(pool.map(opened, range(8)))) == 1
    assert list(project.reviewers()) == ["ana", "bob", "carl"]


def test_runs_imported_while_somebody_decides_keep_every_count(any_store: ReviewStore) -> None:
    project = ward(any_store)
    found = [("d4", [suggest("metropolol and afib.", "afib", "PROBLEM")])]

    def decide(name: str) -> list[str]:
        session = ReviewSession(any_store, project.name, name, tokenize=whole)
        lines = ("go 1", "ok", "reopen 1", "no 1", 'ok all "afib"', "yes", "undo")
        return [session.handle(line).level for line in lines * 3]

    with ThreadPoolExecutor(3) as pool:
        deciding = [pool.submit(decide, name) for name in ("ana", "bob")]
        imports = [pool.submit(project.add_suggestions, f"r{n}", found) for n in range(2, 8)]
        assert [each.result(120).documents for each in imports] == [1] * 6
        assert all("error" not in each.result(120) for each in deciding)
    with project.read() as connection:
        kept = surface_counts(connection, project.id, ["afib", "chest pain", "metropolol"])
    _consistent(project)
    with project.read() as connection:
        assert surface_counts(connection, project.id, kept) == kept


def test_sending_twice_decides_once(any_store: ReviewStore) -> None:
    project = ward(any_store)
    session = ReviewSession(any_store, project.name, "ana", tokenize=whole)
    session.open("d1")
    op = operation(session, "accept", 7, number=1)
    first = session.apply(op)
    second = ReviewSession(any_store, project.name, "ana", tokenize=whole).apply(op)
    assert second.duplicate
    assert (second.echo, second.step) == (first.echo, first.step)
    line = session.handle("no 2", client_id="chat", sequence=1)
    again = session.handle("no 2", client_id="chat", sequence=1)
    assert (again.duplicate, again.step) == (True, line.step)
    assert project.version == 2


def test_a_full_disk_loses_nothing_that_was_acknowledged(store: ReviewStore) -> None:
    project = ward(store)
    session = ReviewSession(store, project.name, "ana", tokenize=whole)
    session.open("d1")
    session.handle("ok 1")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"disk is full.*Nothing of this step was kept"):
        _fill(session)
    version = project.version
    assert statuses(session)[1] == "accepted"
    _consistent_without_rebuild(project)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert session.handle("ok 2").step == version + 1
    _consistent(project)


def _fill(session: ReviewSession) -> None:
    for number in range(500):
        session.handle(f'flag "{"long note " * 200}{number}"')


def _consistent_without_rebuild(project: Project) -> None:
    assert project.states() == fold_project(project.events())


@pytest.mark.parametrize("folder", [0o755, 0o555], ids=["file", "folder"])
def test_a_read_only_file_is_refused_clearly(tmp_path: Path, folder: int) -> None:
    target = tmp_path / "open" / "review.sqlite3"
    target.parent.mkdir()
    with ReviewStore.open(target) as store:
        ward(store)
    target.chmod(0o444)
    target.parent.chmod(folder)
    with (
        unprivileged(tmp_path),
        pytest.raises(StoreError, match=r"read-only|cannot be opened") as caught,
        ReviewStore.open(target) as store,
    ):
        ReviewSession(store, "", "ana", tokenize=whole).handle("ok")
    assert str(target) in str(caught.value)
    target.parent.chmod(0o755)
    target.chmod(0o644)
    with ReviewStore.open(target) as store:
        assert store.project("notes").version == 0


def test_a_read_only_file_is_read_and_its_log_does_not_stay_read_only(tmp_path: Path) -> None:
    target = tmp_path / "open" / "review.sqlite3"
    target.parent.mkdir()
    with ReviewStore.open(target) as store:
        ward(store)
    target.chmod(0o444)
    with unprivileged(tmp_path, target.parent, target):
        with readable(target) as place, ReviewStore.open(place) as store:
            assert store.projects() == ("notes",)
        assert os.listdir(target.parent) == [target.name]
        with pytest.raises(StoreError, match="is read-only"), ReviewStore.open(target) as store:
            store.create_project("later")
        assert (target.parent / f"{target.name}-shm").stat().st_mode & 0o222 == 0
        target.chmod(0o644)
        with ReviewStore.open(target) as store:
            store.create_project("later")


@pytest.mark.parametrize("existing", [True, False], ids=["projects", "empty"])
def test_a_store_of_a_newer_version_is_refused(any_target: str, existing: bool) -> None:
    with ReviewStore.open(any_target) as store:
        if existing:
            ward(store)
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(
        StoreError, match=r"newer version of hybrid-ner \(revision 9999; .*Upgrade hybrid-ner"
    ):
        ReviewStore.open(any_target)


def test_a_newer_version_that_comes_while_it_is_open_is_written_into_by_nobody_older(any_target: str) -> None:
    """A page of last month goes on beside commands of an installation of today."""
    with ReviewStore.open(any_target) as store:
        ward(store)
        session = ReviewSession(store, "", "ana", tokenize=whole)
        session.handle("next")
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreError, match="has changed it while this program ran"):
            session.handle("no 1")
        assert [event.kind for event in store.project("").events() if event.kind == "rejected"] == []


SAID_BY_SERVERS = {
    "FATAL:  sorry, too many clients already": "takes no more connections",
    "FATAL:  remaining connection slots are reserved for roles": "takes no more connections",
    'FATAL:  password authentication failed for user "ward"': "refuses this account",
    'FATAL:  database "reviews" does not exist': "no such database or account",
    'FATAL:  role "ward" does not exist': "no such database or account",
    "connection refused": "cannot be reached",
    "permission denied for table project": "right to read and write",
    "cannot execute INSERT in a read-only transaction": "a read-only copy is good for `review export`",
}


@pytest.mark.parametrize("said", SAID_BY_SERVERS)
def test_what_a_server_says_comes_with_the_next_step(said: str, store: ReviewStore) -> None:
    failed = sa.exc.OperationalError("", None, Exception(f"connection failed: {said}"))
    if not said.startswith(("FATAL", "conn")):
        failed = sa.exc.OperationalError("", None, Exception(said))
    with pytest.raises(StoreError, match=SAID_BY_SERVERS[said]) as caught, store.read():
        raise failed
    assert said in str(caught.value)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database " * 50)
    with pytest.raises(StoreError, match="not a review store"):
        ReviewStore.open(path)
    assert path.read_text().startswith("these are notes")
    with pytest.raises(StoreError, match="does not exist"):
        ReviewStore.open(tmp_path / "none.sqlite3", create=False)
    with pytest.raises(StoreError, match="cannot be opened"):
        ReviewStore.open(tmp_path / "no" / "folder" / "x.sqlite3")


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is a folder\. Name a file in it: .*review\.sqlite3"):
        ReviewStore.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_the_database_of_another_program_is_left_alone(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "books.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE books (title)")
    with pytest.raises(StoreError, match=r"tables of another program \(books\)\. Name another file"):
        ReviewStore.open(path, create=create)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("books",)]


@pytest.mark.postgres
def test_a_server_may_keep_other_tables_beside_the_store(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE books (title text)")
    with ReviewStore.open(postgres_url) as store:
        assert store.projects() == ()
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("CREATE TABLE event (title text)")
    engine.dispose()
    with pytest.raises(StoreError, match=r"another program \(event\)\. Name another database"):
        ReviewStore.open(postgres_url)


def test_an_unreachable_server_is_named() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        ReviewStore.open("postgresql://nobody:secret@127.0.0.1:1/x")
    with pytest.raises(StoreError) as caught:
        ReviewStore.open("postgresql://nobody:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError, match="only SQLite files and PostgreSQL"):
        ReviewStore.open("mysql://x/y")


def test_a_locked_file_is_said(store: ReviewStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hybrid_ner.review.store.database.BUSY_SECONDS", 0)
    project = ward(store)
    with ReviewStore.open(tmp_path / "review.sqlite3") as impatient:
        session = ReviewSession(impatient, project.name, "ana", tokenize=whole)
        other = sqlite3.connect(tmp_path / "review.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process kept it locked"):
            session.handle("ok 1")
        other.execute("ROLLBACK")
        other.close()
        assert session.handle("ok 1").level == "done"


def test_waiting_for_a_locked_file_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "_SILENT_SECONDS", 0)
    tries = iter([True, True, True, False])

    def busy() -> None:
        if next(tries):
            raise sqlite3.OperationalError("database is locked")

    database._patiently(busy)
    assert caplog.text.count("locked by another process: waiting up to 30 s") == 1


def test_a_failure_inside_a_command_keeps_nothing_of_it(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    before = (session.project.version, len(session.project.events()), len(session.history()))
    with monkeypatch.context() as patch:
        patch.setattr("hybrid_ner.review.store.journal.refresh", fail)
        with pytest.raises(RuntimeError):
            session.handle("ok 1")
    assert (session.project.version, len(session.project.events()), len(session.history())) == before
    assert session.handle("ok 1").level == "done"
