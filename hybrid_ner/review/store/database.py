"""Engines, transactions and migrations of a review store, on SQLite and PostgreSQL."""

from __future__ import annotations

import logging
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from itertools import islice, repeat, takewhile
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from hybrid_ner.errors import StoreConflictError, StoreError, wrong_kind
from hybrid_ner.review.store.schema import metadata
from hybrid_ner.text import followed, may_write

BUSY_SECONDS = 30
"""How long a writer waits for another one."""
CLOSED, OPEN, COPIED = 0, 1, 2
"""What a SQLite store says of itself (``user_version``): closed; open, so that a write-ahead log belongs to
it; or once opened while it said so and had none, because the main file was copied alone."""
NAP = (0.001, 0.01)
"""Seconds between two tries to write to a SQLite file. Its own waiting grows to a tenth of a second between
tries; where the file is written all the time, who waits longest is then the least likely to get in."""
_PAGE = 65536
"""Less room than this does not hold the index of a write-ahead log."""
CHUNK = 500
"""Ids in one IN list."""
TRIES = 6
"""Of a transaction that got into the way of another one."""
_CONFLICTS = ("40001", "40P01")
"""Error codes of PostgreSQL: the transaction failed because of another one and may be tried again."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in order, in lists of at most ``size``."""
    parts = map(islice, repeat(iter(items)), repeat(size))
    return takewhile(bool, map(list, parts))


def chunks(ids: Iterable[Item]) -> Iterator[list[Item]]:
    """Ids in pieces that one query takes."""
    return batches(ids, CHUNK)


def rows_in(
    connection: sa.Connection, query: sa.Select[Any], column: sa.ColumnElement[Any], ids: Iterable[Any]
) -> list[Any]:
    """Rows of a query in which a column has one of these values, however many they are."""
    return [row for part in chunks(ids) for row in connection.execute(query.where(column.in_(part)))]


_FULL = "the disk is full. Free some space and repeat the last command."
_READ_ONLY = (
    "the file or its folder is read-only. Give this user write permission, or work on a copy "
    "(`hybrid-ner review restore FILE NEW`)."
)
_NO_RIGHT = (
    "the account of the URL may not do this there. Give it the right to read and write all tables, and to "
    "make them in an empty database; a read-only copy is good for `review export`, `check` and `backup`."
)
_CROWDED = (
    "the server takes no more connections. Repeat the last command; should it come again, let the server "
    "take more (max_connections: a page needs up to 15, every training a few)."
)
_NO_ENTRY = "the server refuses this account. Check name and password in the URL."
_NO_SUCH = "the server has no such database or account. Make it there, or mend the URL."
_CAUSES = (
    ("disk is full", _FULL),
    ("no space left", _FULL),
    ("readonly", _READ_ONLY),
    ("unable to open", "the file cannot be opened. Check that its folder exists and may be written to."),
    ("not a database", "the file is not a review store. Name one, before other files."),
    ("malformed", "the file is damaged. Restore it from a backup or replay the session file."),
    ("locked", f"another process kept it locked for {BUSY_SECONDS} s. Repeat the last command."),
    ("lock timeout", f"another process kept it locked for {BUSY_SECONDS} s. Repeat the last command."),
    ("unique constraint", "another session wrote the same at the same time. Repeat the last command."),
    ("disk i/o", "the disk reported an error. Check the disk, then repeat the last command."),
    ("permission denied", _NO_RIGHT),
    ("read-only transaction", _NO_RIGHT),
    ("too many clients", _CROWDED),
    ("too many connections", _CROWDED),
    ("connection slots", _CROWDED),
    ("no password supplied", _NO_ENTRY),
    ("authentication failed", _NO_ENTRY),
    ('fatal:  database "', _NO_SUCH),
    ('fatal:  role "', _NO_SUCH),
    ("connect", "the server cannot be reached. Check that it runs and that the URL is right."),
)


def url_of(target: str | Path) -> sa.URL:
    """The database URL of a file path or URL; a plain PostgreSQL URL gets the psycopg driver."""
    if not isinstance(target, str | PathLike | sa.URL):
        raise wrong_kind("the path of a review store", target, "Name a file, such as review.sqlite3.")
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


def shown_store(target: str | Path) -> str:
    """A store as it stands in what is printed: its path, or its URL without the password."""
    return _name(url_of(target))


def connect(url: sa.URL) -> sa.Engine:
    """An engine whose SQLite transactions are real ones (write-ahead log, explicit BEGIN)."""
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, pool_pre_ping=True)
        sa.event.listen(engine, "connect", _limit_waiting)
        return engine
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        # Whoever opens or closes the file as the only one has it to himself for a moment.
        _patiently(lambda pragma=pragma: connection.execute(f"PRAGMA {pragma}").close())  # type: ignore[misc]


def _limit_waiting(connection: Any, record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another one wrote in between.
    if not connection.get_execution_options().get("write", False):
        connection.exec_driver_sql("BEGIN")
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0").close()
    try:
        _patiently(lambda: raw.execute("BEGIN IMMEDIATE").close())
    finally:
        raw.execute(f"PRAGMA busy_timeout={1000 * BUSY_SECONDS}").close()
    connection.info["announce"] = raw.execute("PRAGMA user_version").fetchone()[0] == CLOSED
    if connection.info["announce"]:
        raw.execute(f"PRAGMA user_version={OPEN}").close()


def _announce(connection: sa.Connection) -> None:
    """Bring the mark that a write-ahead log belongs to the store into its main file."""
    if connection.info.pop("announce", False):
        raw: Any = connection.connection.dbapi_connection
        with suppress(sqlite3.Error):
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").close()


def leave(engine: sa.Engine) -> None:
    """Give up every connection; the mark goes, and the next writer of another process sets it again."""
    path = Path(str(engine.url.database))
    engine.dispose()
    if engine.dialect.name == "sqlite" and _mark(path) == OPEN:
        set_mark(path, CLOSED)


def set_mark(path: Path, mark: int) -> None:
    """Let a SQLite store say something else of itself; where that is impossible it goes on as it is."""
    how: Any = {"timeout": 1.0, "isolation_level": None}
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, **how)) as connection:
        connection.execute(f"PRAGMA user_version={mark}").close()
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()


def lacks_log(path: Path) -> bool:
    """Whether a SQLite file is a copy of an open store that was made without its write-ahead log."""
    mark = _mark(path)
    return mark == COPIED or (mark == OPEN and not _has_log(path))


def is_cut_off(path: Path) -> bool:
    """Whether a SQLite file ends within a page, which SQLite reads as if zeros stood behind it."""
    # Bytes 16 and 17 are the bytes of a page, and 1 stands for 65,536.
    page = int.from_bytes(_header(path)[16:18], "big")
    return page > 1 and path.stat().st_size % page != 0 and not _has_log(path)


def beside(path: Path, end: str) -> Path:
    """A file that SQLite keeps beside its main one (``-wal``), or beside the one that a link leads to."""
    real = followed(path)
    return real.with_name(real.name + end)


def _has_log(path: Path) -> bool:
    log = beside(path, "-wal")
    return log.is_file() and log.stat().st_size > 0


def share_rights(path: Path) -> None:
    """Give the log of a SQLite file and its index the rights of the file.

    SQLite does when it makes them, and writes nothing where the file may be written to again and they not.
    """
    for part in (beside(path, "-wal"), beside(path, "-shm")):
        with suppress(OSError):  # of somebody else, or not there
            if may_write(path) and not may_write(part):
                part.chmod(path.stat().st_mode & 0o777)


def _mark(path: Path) -> int:
    """What the main file says, without opening it as a database."""
    # Bytes 60 to 63 of a SQLite file are its user version.
    return int.from_bytes(_header(path)[60:64], "big")


def _header(path: Path) -> bytes:
    """The first bytes of a SQLite file; none of another."""
    with suppress(OSError), path.open("rb") as file:
        header = file.read(64)
        return header if header.startswith(b"SQLite format 3") else b""
    return b""


def _patiently(run: Callable[[], None]) -> None:
    """Try until the file is free, or for ``BUSY_SECONDS``; a longer wait is told."""
    begun = told = time.monotonic()
    until = begun + BUSY_SECONDS
    while True:
        try:
            return run()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
        if told == begun and time.monotonic() > begun + _SILENT_SECONDS:
            told = until
            said = "the review store is locked by another process: waiting up to %s s"
            logging.getLogger(__name__).warning(said, BUSY_SECONDS)
        time.sleep(random.uniform(*NAP))


_SILENT_SECONDS = 2


def retried(run: Callable[[], Result]) -> Result:
    """Run a whole transaction, and again when it got into the way of another one.

    Raises:
        StoreError: The store failed, or the last try met another transaction as well.
    """
    for attempt in range(TRIES - 1):
        try:
            return run()
        except StoreConflictError:
            time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)
    return run()


class Transactions:
    """What a store and its projects can do alike.

    Args:
        engine: An engine whose tables are up to date.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that only reads."""
        return transaction(self.engine, write=False)

    def write(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that writes: all of it or nothing."""
        return transaction(self.engine, write=True)


@contextmanager
def transaction(engine: sa.Engine, *, write: bool, migrating: bool = False) -> Iterator[sa.Connection]:
    """One transaction; every database failure becomes a ``StoreError`` that says what to do.

    Args:
        write: Nothing is written into a store that a newer version has changed since it was opened.
        migrating: This transaction changes it itself.
    """
    try:
        with engine.connect().execution_options(write=write) as connection:
            with connection.begin():
                if write and not migrating:
                    _refuse_newer(connection)
                yield connection
            _announce(connection)
    except UnicodeEncodeError as error:  # "\udcff", as the command line gives bytes that are no UTF-8
        said = f"{error.object[:80]!r} holds characters that no text has (broken encoding?)"
        raise StoreError(f"review store {_name(engine.url)}: {said}. {_NOT_KEPT}") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        code = getattr(getattr(error, "orig", None), "sqlstate", None)
        kind = StoreConflictError if code in _CONFLICTS else StoreError
        raise kind(_explain(engine.url, error)) from error


def _refuse_newer(connection: sa.Connection) -> None:
    # A page that runs for weeks has the store open while a newer version is installed beside it.
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found not in _revisions():
        raise StoreError(
            f"review store {_name(connection.engine.url)}: a newer version of hybrid-ner has changed it "
            f"while this program ran. Start this program again, in the newer version. {_NOT_KEPT}"
        )


def _name(url: sa.URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string()


def _explain(url: sa.URL, error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error)
    before = error.__context__
    while "no such savepoint" in said.lower() and before is not None:
        # SQLite gave up the whole transaction at once, and what ends a part of it no longer finds that.
        said, before = str(getattr(before, "orig", None) or before), before.__context__
    cause = next((cause for sign, cause in _CAUSES if sign in said.lower()), "")
    if "disk i/o" in said.lower() and _no_room(url):
        cause = _FULL
    if "unable to open" in said.lower() and url.get_backend_name() == "sqlite" and only_read(url):
        cause = _READ_ONLY
    told = f"{cause} {_NOT_KEPT} ({said})" if cause else f"{said}. {_NOT_KEPT}"
    return f"review store {_name(url)}: {told}"


_NOT_KEPT = "Nothing of this step was kept; what was told before is."
"""A command such as an import may have several transactions: documents, then suggestions."""


def only_read(url: sa.URL) -> bool:
    """Whether a SQLite file may not be written to, or its folder takes no log, without which none opens."""
    path = followed(Path(str(url.database))).absolute()
    return path.is_file() and not all(map(may_write, (path, path.parent)))


def _no_room(url: sa.URL) -> bool:
    """Whether the disk is full: SQLite calls it an error of the disk where it cannot map its index."""
    if url.get_backend_name() != "sqlite":
        return False
    with suppress(OSError):
        return shutil.disk_usage(Path(str(url.database)).absolute().parent).free < _PAGE
    return False


def wipe(engine: sa.Engine) -> None:
    """Make a store anew in its place, so that its files hold nothing of rows that were deleted or changed.

    Raises:
        StoreError: Somebody else has it in use, or there is no room; it may be tried again.
    """
    try:
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as held:
                _wipe_file(held.driver_connection)
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in metadata.tables:
                # The statistics of a table are values of its rows.
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{name}"')
    except (SQLAlchemyError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", None) or error)
        raise StoreError(
            f"review store {_name(engine.url)}: what was erased is in no table any more, but its bytes may "
            f"still be in the files of the store ({said}). Close the other programs that have it open, see "
            "that there is room for a second copy, and say `hybrid-ner review erase` of it once more."
        ) from error


def _wipe_file(connection: Any) -> None:
    _patiently(lambda: connection.execute("VACUUM").close())
    # An empty log beside a file that says it has one would be taken for a copy without its log.
    connection.execute(f"PRAGMA user_version={CLOSED}").close()
    if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise sqlite3.OperationalError("somebody reads it, so that its log cannot be emptied")
    if connection.execute("PRAGMA user_version").fetchone()[0] == OPEN:
        connection.execute(f"PRAGMA user_version={OPEN}").close()


def migrate(engine: sa.Engine) -> None:
    """Create the tables, or bring an older store up to date.

    Raises:
        StoreError: The store was written by a newer version, or is not a review store.
    """
    known = _revisions()
    with transaction(engine, write=False) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is None:
            _refuse_foreign(engine.url, sa.inspect(connection).get_table_names())
    if found == known[0]:
        return
    if found is not None and found not in known:
        raise StoreError(
            f"review store {_name(engine.url)}: written by a newer version of hybrid-ner "
            f"(revision {found}; this version knows up to {known[0]}). Upgrade hybrid-ner to open it."
        )
    with transaction(engine, write=True, migrating=True) as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that open a new store at once: the second waits, then finds it up to date.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7246011)")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_foreign(url: sa.URL, tables: Sequence[str]) -> None:
    """A file of another program is not made into a store; a server may keep both, under other names."""
    is_file = url.get_backend_name() == "sqlite"
    found = sorted(tables if is_file else metadata.tables.keys() & set(tables))
    if found:
        raise StoreError(
            f"review store {_name(url)}: it holds tables of another program ({', '.join(found[:3])}). "
            f"Name another {'file' if is_file else 'database'}."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def _revisions() -> tuple[str, ...]:
    """All that this version knows, the newest first; the scripts are read once in a process."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())
