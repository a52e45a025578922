"""The review store: projects and reviewers in one SQLite file or one PostgreSQL database."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import StoreError, wrong_kind
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.store import database
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.project import Project, check_name
from hybrid_ner.review.store.schema import project


class ReviewStore(database.Transactions):
    """Open it with ``ReviewStore.open``; it may be shared between threads."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        # A server that ends without closing it leaves the file as if it had.
        self._leave = weakref.finalize(self, database.leave, engine)

    @classmethod
    def open(cls, target: str | Path, *, create: bool = True) -> ReviewStore:
        """Open a store, making or upgrading its tables as needed.

        Args:
            target: File path, or a ``postgresql://`` URL.
            create: Make the file when it is missing.

        Raises:
            StoreError: Missing, unreachable, not a store, or written by a newer version.
        """
        url = database.url_of(target)
        path = Path(str(url.database))
        is_file = url.get_backend_name() == "sqlite" and url.database
        if is_file:
            # A path that may not be looked at is left to the database, which says so.
            with suppress(PermissionError):
                _refuse_path(path, create)
        new = is_file and not path.exists()
        copied = is_file and database.lacks_log(path)
        if is_file:
            database.share_rights(path)
        engine = database.connect(url)
        try:
            database.migrate(engine)
            if copied:
                database.set_mark(path, database.COPIED)
        except BaseException:
            engine.dispose()
            with suppress(OSError):
                # What was begun goes: the tables are made at once, so a page alone holds nothing.
                if new and path.stat().st_size <= _PAGE:
                    _remove(path)
            raise
        return cls(engine)

    @classmethod
    @contextmanager
    def begin(cls, target: str | Path) -> Iterator[ReviewStore]:
        """Open a store to make a project in it; a new file is gone again where that fails."""
        url = database.url_of(target)
        path = Path(str(url.database))
        new = url.get_backend_name() == "sqlite" and not path.exists()
        held: Sequence[str] = ()
        try:
            with cls.open(target) as found:
                try:
                    yield found
                except BaseException:
                    with suppress(StoreError):
                        held = found.projects()  # another process may have made one meanwhile
                    raise
        except BaseException:
            if new and not held:
                _remove(path)
            raise

    def create_project(
        self,
        name: str,
        labels: Sequence[str] | str = (),
        *,
        domain: str = "generic",
        reviews: int = 1,
        settings: dict[str, Any] | None = None,
    ) -> Project:
        """Make a project.

        Args:
            name: Unique in the store.
            labels: Entity labels in key order, or in one text with commas between; labels of imported
                suggestions are added to them.
            domain: A registered domain; one with ConText lists has context flags computed (negated,
                historical, family, hypothetical, possible).
            reviews: Reviewers that each document needs before it leaves the queue.
            settings: Anything else to keep with the project.
        """
        if domain not in DOMAINS:
            raise StoreError(f"unknown domain {domain!r}. Use one of {', '.join(DOMAINS.names())}.")
        check_name(name, "project")
        if not isinstance(reviews, int):
            raise wrong_kind("a number of reviews", reviews, "Give 1, or how many people read each document.")
        if reviews < 1:
            raise StoreError(f"a document needs at least one review, found {reviews}.")
        if isinstance(labels, str):
            labels = [*filter(None, map(str.strip, labels.split(",")))]
        if not isinstance(labels, Iterable) or not all(isinstance(each, str) and each for each in labels):
            raise wrong_kind("labels", labels, 'Give them as text: ("Drug", "Problem").')
        if any("\ud800" <= char <= "\udfff" for each in labels for char in each):
            raise wrong_kind("labels", labels, "They hold characters that no text has (broken encoding?).")
        kept = {**(settings or {}), "domain": domain, "reviews": reviews}
        if package := DOMAINS.package_of(domain):
            kept[_BRINGS] = package
        with self.write() as connection:
            if name in connection.scalars(sa.select(project.c.name)):
                raise StoreError(f"project {name!r} exists already. Choose another name.")
            row = {"name": name, "labels": list(dict.fromkeys(labels)), "settings": kept, "version": 0}
            connection.execute(project.insert(), {**row, "created": now()})
        return self.project(name)

    def project(self, name: str = "") -> Project:
        """The project of that name; without a name, the only one.

        Raises:
            StoreError: No such project, or no name and more than one.
        """
        names = self.projects()
        if not name and len(names) == 1:
            name = names[0]
        if name not in names:
            known = ", ".join(names) or "none yet; make one with `hybrid-ner review init`"
            raise StoreError(f"no project {name!r} in this store. Projects: {known}.")
        with self.read() as connection:
            query = sa.select(project.c.id, project.c.settings).where(project.c.name == name)
            number, settings = connection.execute(query).one()
        DOMAINS.remember(settings.get("domain", ""), settings.get(_BRINGS, ""))
        return Project(self.engine, int(number), name)

    def projects(self) -> tuple[str, ...]:
        """Names of all projects, oldest first."""
        with self.read() as connection:
            return tuple(connection.scalars(sa.select(project.c.name).order_by(project.c.id)))

    def close(self) -> None:
        """Give up every connection."""
        self._leave()

    def __enter__(self) -> ReviewStore:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


_BRINGS = "domain_package"
"""Setting of a project: the package of its domain, which may be gone when the store is opened."""
_PAGE = 4096
"""Bytes of a page of SQLite: those of a store without any table."""


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        database.beside(path, end).unlink(missing_ok=True)


def _refuse_path(path: Path, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"review store {path} is a folder. Name a file in it: {path / 'review.sqlite3'}.")
    if path.exists() and not path.is_file():
        raise StoreError(f"review store {path} is no regular file. Name another.")
    if path.is_file() and database.is_cut_off(path):
        said = (
            f"its {path.stat().st_size:,} bytes end within a page. Copy it again, or restore it from a backup"
        )
        raise StoreError(f"review store {path}: the file was cut off, {said}.")
    # An empty file would silently become a store: it may be anything of the user's.
    if not create and (not path.exists() or (path.is_file() and path.stat().st_size == 0)):
        what = "is empty" if path.exists() else "does not exist"
        raise StoreError(f"review store {path} {what}. Make it with `hybrid-ner review init`.")
