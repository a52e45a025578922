"""Engines, transactions and migrations of a review store, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from hybrid_ner.errors import StoreError
from hybrid_ner.review.store.schema import metadata

__all__ = ["connect", "migrate", "transaction", "url_of"]

BUSY_SECONDS = 30
"""How long a writer waits for another writer of the same SQLite file."""

_FULL = "the disk is full. Free some space and repeat the last command."
_CAUSES = (
    ("disk is full", _FULL),
    ("no space left", _FULL),
    ("readonly", "the file or its folder is read-only. Give this user write permission."),
    ("unable to open", "the file cannot be opened. Check that its folder exists and may be written to."),
    ("not a database", "the file is not a review store. Name another file."),
    ("malformed", "the file is damaged. Restore it from a backup or replay the session file."),
    ("locked", f"another process kept it locked for {BUSY_SECONDS} s. Repeat the last command."),
    ("unique constraint", "another session wrote the same at the same time. Repeat the last command."),
    ("disk i/o", "the disk reported an error. Check the disk, then repeat the last command."),
    ("connect", "the server cannot be reached. Check that it runs and that the URL is right."),
)


def url_of(target: str | Path) -> sa.URL:
    """The database URL of a file path or URL; a plain PostgreSQL URL gets the psycopg driver."""
    text = str(target)
    if "://" not in text:
        return sa.URL.create("sqlite", database=str(Path(text)))
    url = sa.make_url(text)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"{url.render_as_string()}: only SQLite files and PostgreSQL URLs are supported, "
            f"found {url.get_backend_name()}."
        )
    return url


def connect(url: sa.URL) -> sa.Engine:
    """An engine whose SQLite transactions are real ones (write-ahead log, explicit BEGIN)."""
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another one wrote in between.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def transaction(engine: sa.Engine, *, write: bool) -> Iterator[sa.Connection]:
    """One transaction; every database failure becomes a ``StoreError`` that says what to do."""
    try:
        with engine.connect().execution_options(write=write) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise StoreError(_explain(engine.url, error)) from error


def _name(url: sa.URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string()


def _explain(url: sa.URL, error: SQLAlchemyError) -> str:
    where = _name(url)
    said = str(getattr(error, "orig", None) or error)
    for sign, cause in _CAUSES:
        if sign in said.lower():
            return f"review store {where}: {cause} Nothing of the last command was kept. ({said})"
    return f"review store {where}: {said}. Nothing of the last command was kept."


def migrate(engine: sa.Engine) -> None:
    """Create the tables, or bring an older store up to date.

    Raises:
        StoreError: The store was written by a newer version, or is not a review store.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    with transaction(engine, write=False) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is None:
            _refuse_foreign(engine.url, sa.inspect(connection).get_table_names())
    if found == head:
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"review store {_name(engine.url)}: written by a newer version of hybrid-ner "
            f"(revision {found}; this version knows up to {head}). Upgrade hybrid-ner to open it."
        )
    with transaction(engine, write=True) as connection:
        _upgrade(config, connection)


def _refuse_foreign(url: sa.URL, tables: Sequence[str]) -> None:
    """A file of another program is not made into a store; a server may keep both, under other names."""
    is_file = url.get_backend_name() == "sqlite"
    found = sorted(tables if is_file else metadata.tables.keys() & set(tables))
    if found:
        raise StoreError(
            f"review store {_name(url)}: it holds tables of another program ({', '.join(found[:3])}). "
            f"Name another {'file' if is_file else 'database'}."
        )


def _upgrade(config: Config, connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Two processes that open a new store at once: the second waits, then finds it up to date.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7246011)")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")
