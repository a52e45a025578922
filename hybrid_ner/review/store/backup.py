"""Check a store, copy it into one file, and make a store of such a file again.

A backup is a SQLite store of its own that needs no other file beside it, whatever the store is kept in; it
can be restored into SQLite or PostgreSQL. What is written is read again and checked before it counts.

Copying the main file of an open SQLite store by hand leaves out what its write-ahead log (``-wal``) holds,
and gives an older state that looks sound. Such a copy is told by a mark that a writer sets in the main file
and that is taken out when the store is closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from hybrid_ner.corpus import Document
from hybrid_ner.errors import StoreError
from hybrid_ner.review.store import ReviewStore, database, events
from hybrid_ner.review.store.journal import model_of_log
from hybrid_ner.review.store.projection import load_events, load_states
from hybrid_ner.review.store.schema import (
    document,
    erased_documents,
    event,
    metadata,
    reviewer,
    step,
    withdrawn_documents,
)
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.text import atomic_path, named_after, quantity, scratch

_ROWS = 1000
"""Rows copied at a time."""
_COPIED = (
    "the file was copied from an open store without its write-ahead log (-wal), so that the last steps "
    "may be missing. Copy with `hybrid-ner review backup`; `review check --accept` keeps this state"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a project's log holds, and what is wrong with it.

    Args:
        log: SHA-256 over all events in order; equal for equal logs, whatever they are kept in.
        problems: One line each; empty when everything fits.
        withdrawn: Documents that were taken out of the project.
        erased: Documents whose text is gone for good.
    """

    project: str
    documents: int
    steps: int
    events: int
    log: str
    problems: tuple[str, ...] = ()
    withdrawn: int = 0
    erased: int = 0

    def sentence(self) -> str:
        left = ((self.withdrawn, "withdrawn"), (self.erased, "erased"))
        told = [f"{count:,} of them {what}" for count, what in left if count]
        out = f" ({', '.join(told)})" if told else ""
        held = f"{quantity(self.documents, 'document')}{out}, {quantity(self.steps, 'step')}"
        held += f", {quantity(self.events, 'event')}"
        fits = "; the state follows from the log" if not self.problems else ""
        return f"{self.project}: {held}, log {self.log[:16]}{fits}"


def _check_file(target: str | Path) -> tuple[Checked, ...]:
    with ReviewStore.open(target, create=False) as store:
        return check_store(store)


def check_store(store: ReviewStore) -> tuple[Checked, ...]:
    """Check every project of a store in one look: texts, numbers of the steps, and that the state follows."""
    copied = (_COPIED,) if _is_copy(store) else ()
    with _snapshot(store.engine) as connection:
        if connection.dialect.name == "sqlite":
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if said != "ok":
                name = store.engine.url.database
                raise StoreError(
                    f"review store {name}: the file is damaged ({said}). Restore it from a backup."
                )
        rows = connection.execute(sa.select(project_table).order_by(project_table.c.id)).all()
        if copied and not rows:
            return (Checked("(no project)", 0, 0, 0, "", copied),)
        return tuple(_check(connection, row, copied) for row in rows)


@contextmanager
def _snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one moment, however long it takes."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with database.transaction(engine, write=False) as connection:
        yield connection


def _is_copy(store: ReviewStore) -> bool:
    """Whether it is a copy of an open file that was made without its write-ahead log."""
    return store.engine.dialect.name == "sqlite" and database.lacks_log(Path(str(store.engine.url.database)))


def _check(connection: sa.Connection, row: Any, problems: tuple[str, ...]) -> Checked:
    query = sa.select(step.c.number).where(step.c.project_id == row.id)
    numbers = connection.scalars(query.order_by(step.c.number)).all()
    documents, written = (
        int(connection.scalar(sa.select(sa.func.count()).where(table.c.project_id == row.id)) or 0)
        for table in (document, event)
    )
    problems = (
        *problems,
        *_log_problems(connection, row, numbers),
        *_text_problems(connection, row.id),
        *_state_problems(connection, row),
    )
    erased = len(connection.scalars(erased_documents(row.id)).all())
    withdrawn = len(withdrawn_documents(connection, row.id)) - erased
    log = _digest(connection, row.id)
    return Checked(row.name, documents, len(numbers), written, log, problems, withdrawn, erased)


def _digest(connection: sa.Connection, project_id: int) -> str:
    """Each event is hashed with what came before it: one that is missing or changed changes the end."""
    query = (
        sa.select(
            *(step.c.number, step.c.line, event.c.step_id, reviewer.c.name, document.c.doc_id),
            *(event.c.kind, event.c.payload, event.c.content_hash, event.c.model_id, event.c.at),
        )
        .join(step, step.c.id == event.c.step_id)
        .join(reviewer, reviewer.c.id == event.c.reviewer_id)
        .outerjoin(document, document.c.id == event.c.document_id)
        .where(event.c.project_id == project_id)
        .order_by(event.c.id)
    )
    made = hashlib.sha256()
    for found in connection.execute(query.execution_options(yield_per=_ROWS)):
        made.update(json.dumps(list(found), sort_keys=True).encode() + b"\n")
    return made.hexdigest()


def _log_problems(connection: sa.Connection, row: Any, numbers: Any) -> Iterator[str]:
    if list(numbers) != list(range(1, row.version + 1)):
        yield f"the steps should be 1 to {row.version}, found {quantity(len(numbers), 'step')}"
    lost = sa.select(sa.func.count()).select_from(event).outerjoin(step, step.c.id == event.c.step_id)
    astray = connection.scalar(
        lost.where(event.c.project_id == row.id, step.c.id.is_(None) | (step.c.project_id != row.id))
    )
    if astray:
        yield f"{quantity(int(astray), 'event')} without a step"
    model = model_of_log(connection, row.id)
    if model is not None and model != row.model:
        yield f"the model in use is {row.model or 'none'}, by the log {model or 'none'}"


def _text_problems(connection: sa.Connection, project_id: int) -> Iterator[str]:
    query = sa.select(document.c.doc_id, document.c.text, document.c.content_hash)
    query = query.where(document.c.project_id == project_id).order_by(document.c.id)
    for found in connection.execute(query.execution_options(yield_per=_ROWS)):
        if Document(found.doc_id, found.text).content_hash != found.content_hash:
            yield f"document {found.doc_id!r} has another text than its hash says"


def _state_problems(connection: sa.Connection, row: Any) -> Iterator[str]:
    log = load_events(connection, row.id)
    expected, kept = events.fold_project(log), load_states(connection, row.id)
    for who, number in sorted(
        key for key in expected.keys() | kept.keys() if expected.get(key) != kept.get(key)
    ):
        yield f"document {number} of reviewer {who} is not what the log says. Use `review check --rebuild`"
    gone, texts = events.fold_withdrawn(events.effective(log)), events.fold_texts(log)
    of_documents = sa.select(*_STATE).where(document.c.project_id == row.id).order_by(document.c.id)
    for each in connection.execute(of_documents):
        if each.withdrawn != gone.get(each.id):
            said = "in the project" if each.withdrawn is None else "withdrawn"
            yield f"document {each.doc_id!r} is {said}, against the log"
        if each.id in texts and each.content_hash != texts[each.id].current:
            yield f"document {each.doc_id!r} has not the text of the log. Use `review check --rebuild`"
    undone = events.undone_steps(log)
    query = sa.select(step.c.id, step.c.number, step.c.undone).where(step.c.project_id == row.id)
    for found in connection.execute(query.order_by(step.c.number)):
        if found.undone != (found.id in undone):
            yield f"step {found.number} is {'' if found.undone else 'not '}marked as undone, against the log"


_STATE = [document.c[name] for name in ("id", "doc_id", "withdrawn", "content_hash")]


def accept_copy(store: ReviewStore) -> None:
    """Go on with a copy that was made without its write-ahead log, as it is."""
    if _is_copy(store):
        store.engine.dispose()
        database.set_mark(Path(str(store.engine.url.database)), database.CLOSED)


def backup(store: ReviewStore, path: str | Path) -> tuple[Checked, ...]:
    """Write a store, as it is at one moment, into one file, and check what was written.

    Args:
        store: It may be in use meanwhile.
        path: The file; it is complete and checked, or not there.

    Raises:
        StoreError: The file exists, cannot be written, or what it holds is not what the log says.
    """
    path = Path(path)
    if path.exists():
        raise StoreError(f"{path} exists already. Name another file, or delete it first.")
    if _is_copy(store):
        raise StoreError(f"{store.engine.url.database}: {_COPIED}.")
    with _told(path), atomic_path(path) as temporary:
        if store.engine.dialect.name == "sqlite":
            _copy_file(str(store.engine.url.database), temporary)
        else:
            with ReviewStore.open(temporary) as copy, copy.write() as connection:
                _pour(store.engine, connection)
        _single_file(temporary)
        with ReviewStore.open(temporary, create=False) as copy:
            found = check_store(copy)
        _single_file(temporary)
        _refuse(path, found)
    return found


def restore(path: str | Path, target: str | Path) -> tuple[Checked, ...]:
    """Make a store of a backup, on SQLite or PostgreSQL, and check it.

    Args:
        target: A file that does not exist, or the URL of a database without projects.

    Raises:
        StoreError: The backup is damaged or incomplete, or the target holds something.
    """
    path = Path(path)
    if not path.is_file():
        raise StoreError(f"{path}: there is no such backup.")
    if "://" not in str(target) and Path(target).exists():
        raise StoreError(f"{target} exists already. Name another file, or move it away first.")
    # On a copy: opening a store of an older version changes it, and the backup may be on a read-only disk.
    with scratch() as folder, _told(folder), readable(path) as held:
        copy = folder / "backup.sqlite3"
        try:
            _copy_file(str(held), copy)
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{path}: this is no backup, or a damaged one ({error}). Name another."
            ) from error
        # The copy holds what the log held.
        database.set_mark(copy, database.COPIED if database.lacks_log(path) else database.CLOSED)
        expected = _check_file(copy)
        _refuse(path, expected)
        if "://" in str(target):
            _fill(target, copy)
        else:
            with _told(Path(target)), atomic_path(Path(target)) as temporary:
                _copy_file(str(copy), temporary)
                _single_file(temporary)
    found = _check_file(target)
    if found != expected:
        shown = database.shown_store(target)
        raise StoreError(f"{shown}: what was restored is not what the backup holds. Delete it and try again.")
    return found


@contextmanager
def readable(target: str | Path) -> Iterator[str | Path]:
    """A store to look at: itself, or a copy for the time of the block where it or its folder is read-only."""
    url = database.url_of(target)
    if url.get_backend_name() != "sqlite" or not database.only_read(url):
        yield target
        return
    path = Path(target)
    with scratch() as folder:
        copy = folder / path.name
        with named_after(copy):
            for end in ("", "-wal"):
                if (part := database.beside(path, end)).is_file():
                    shutil.copyfile(part, copy.with_name(copy.name + end))
        try:
            yield copy
        except StoreError as error:
            raise StoreError(str(error).replace(str(copy), str(path))) from error


def _fill(target: str | Path, copy: Path) -> None:
    with ReviewStore.open(target) as store, ReviewStore.open(copy, create=False) as source:
        if known := store.projects():
            raise StoreError(f"the database holds projects: {', '.join(known)}. Name an empty one.")
        with store.write() as connection:
            _pour(source.engine, connection)
            if connection.dialect.name == "postgresql":
                # Numbers given by hand do not move the counters that the next rows are numbered by.
                for table in (each for each in metadata.sorted_tables if "id" in each.c):
                    if last := connection.scalar(sa.select(sa.func.max(table.c.id))):
                        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
                        connection.execute(sa.select(sa.func.setval(sequence, last)))


def _refuse(path: Path, found: tuple[Checked, ...]) -> None:
    problems = [f"{each.project}: {problem}" for each in found for problem in each.problems]
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise StoreError(f"{path}: {problems[0]}{more}. Nothing was written.")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Failures of the file system as errors of the store."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be written: {error}. Nothing was kept of it.") from error


def _copy_file(source: str, path: Path) -> None:
    """All pages as of one moment, the write-ahead log included."""
    with (
        closing(sqlite3.connect(f"file:{quote(os.fsencode(source))}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(path)) as new,
    ):
        old.backup(new)


def _single_file(path: Path) -> None:
    """Take the write-ahead log into the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA user_version=0").close()
        copy.execute("PRAGMA journal_mode=DELETE").close()


def _pour(source: sa.Engine, target: sa.Connection) -> None:
    """Every row of every table, as of one moment."""
    with _snapshot(source) as connection:
        for table in metadata.sorted_tables:
            query = sa.select(table).order_by(*table.primary_key.columns)
            rows = connection.execute(query.execution_options(yield_per=_ROWS)).mappings()
            for part in rows.partitions(_ROWS):
                target.execute(table.insert(), [dict(row) for row in part])
