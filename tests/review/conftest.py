"""Stores for the review tests: a SQLite file, and a PostgreSQL server where there is one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from hybrid_ner.review import FileAccess, Project, ReviewSession, ReviewStore
from tests.review.helpers import ward
from tests.review.server import private_server, programs

SERVER = "HYBRID_NER_POSTGRES_URL"
"""URL of a server that the tests may make databases on; without it they start a private one."""
REQUIRED = "HYBRID_NER_REQUIRE_SERVICES"


def _missing(why: str) -> None:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{why} ({REQUIRED}=1)")
    pytest.skip(why)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: the one named in the environment, or a private one for these tests."""
    if os.environ.get(SERVER):
        yield os.environ[SERVER]
        return
    where = programs()
    if where is None:
        _missing(f"no PostgreSQL: set {SERVER}, or install the server")
        return
    with private_server(where) as url:
        yield url


@contextmanager
def _database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own; its URL."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@pytest.fixture
def postgres_url(server_url: str) -> Iterator[str]:
    """An empty database of its own."""
    with _database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def empty_store(server_url: str) -> Iterator[str]:
    """The name of a database that is a store without projects."""
    with _database(server_url) as url:
        ReviewStore.open(url).close()
        yield str(sa.make_url(url).database)


@pytest.fixture
def store_url(server_url: str, empty_store: str) -> Iterator[str]:
    """A copy of it."""
    with _database(server_url, empty_store) as url:
        yield url


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without projects: copying it is faster than migrating a new one for every test."""
    path = tmp_path_factory.mktemp("empty") / "review.sqlite3"
    ReviewStore.open(path).close()
    return path


def unsafe_but_fast(store: ReviewStore) -> None:
    """Let a SQLite store not wait for the disk: only a power cut would tell."""

    def listen(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF").close()

    store.engine.dispose()
    sa.event.listen(store.engine, "connect", listen)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_target(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> str:
    """A new store on either backend, as ``ReviewStore.open`` takes it."""
    if request.param == "postgres":
        return str(request.getfixturevalue("store_url"))
    return str(shutil.copy(empty_file, tmp_path / "review.sqlite3"))


@pytest.fixture
def any_store(any_target: str) -> Iterator[ReviewStore]:
    """An empty store on either backend."""
    with ReviewStore.open(any_target) as store:
        if not any_target.startswith("postgres"):
            unsafe_but_fast(store)
        yield store


@pytest.fixture(scope="session")
def ward_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with six notes, copied in the same way."""
    path = Path(shutil.copy(empty_file, tmp_path_factory.mktemp("ward") / "review.sqlite3"))
    with ReviewStore.open(path) as store:
        ward(store)
    return path


@pytest.fixture
def first_file(request: pytest.FixtureRequest) -> Path:
    """What ``store`` is a copy of: with the six notes where a test wants them."""
    name = "ward_file" if "project" in request.fixturenames else "empty_file"
    return Path(request.getfixturevalue(name))


@pytest.fixture
def store(tmp_path: Path, first_file: Path) -> Iterator[ReviewStore]:
    """A store in a SQLite file; empty but for ``project``."""
    with ReviewStore.open(shutil.copy(first_file, tmp_path / "review.sqlite3")) as opened:
        unsafe_but_fast(opened)
        yield opened


@pytest.fixture
def project(store: ReviewStore) -> Project:
    """Six notes."""
    return store.project()


@pytest.fixture
def session(store: ReviewStore, project: Project, tmp_path: Path) -> ReviewSession:
    """Ana, on the first document of the six notes."""
    made = ReviewSession(store, project.name, "ana", files=FileAccess(tmp_path))
    made.open("d1")
    return made
