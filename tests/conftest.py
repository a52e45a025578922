"""For all tests: what one leaves in the process does not slow the others down, and no clock decides."""

from __future__ import annotations

import gc
import os
import pwd
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import catalogue
import pytest

from hybrid_ner import guarded, pipeline, registry
from hybrid_ner.bounds import limited
from hybrid_ner.errors import Hint, InputError
from hybrid_ner.registry import PLUGINS_VARIABLE

# Before anything loads numpy: the tests run on all cores already, and sums in another order are other sums.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What one of the processes that tests start has compiled, the next need not compile again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

REGISTRIES = {each.plural: each for each in vars(registry).values() if isinstance(each, registry.Registry)}

THERE = pytest.StashKey[set[str]]()

SEARCH = "HYBRID_NER_SEARCH"
"""With this set hypothesis draws other examples in every run."""


def examples(count: int) -> int:
    """So many in every run, and tenfold where new ones are looked for."""
    return 10 * count if os.environ.get(SEARCH) else count


@contextmanager
def unprivileged(folder: Path, *owned: Path) -> Iterator[None]:
    """Root may write anything, so that root has to become nobody for a while.

    Args:
        folder: Of the test, which nobody may enter.
        owned: What is nobody's from then on.
    """
    if os.getuid() != 0:
        yield
        return
    modes = [(path, path.stat().st_mode) for path in (folder, *folder.parents) if "pytest-" in str(path)]
    for path, _ in modes:
        path.chmod(0o755)
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in owned:
        os.chown(path, nobody, -1)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, mode in modes:
            path.chmod(mode)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One process more than there are cores: one or another waits for a page, a database or a child."""
    cores = yield
    return cores if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else cores + 1


def pytest_sessionstart(session: pytest.Session) -> None:
    # Not in the process that only hands tests out; with -n 0 this one runs them.
    if not session.config.getoption("numprocesses", None) or hasattr(session.config, "workerinput"):
        gc.set_threshold(0)  # what is imported to collect the tests stays
        _choose_examples()
    if not hasattr(session.config, "workerinput"):
        session.stash[THERE] = _there(session)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A file that a test leaves where it was started gets committed, and the next run finds it."""
    if THERE in session.stash and (left := _there(session) - session.stash[THERE]):
        sys.stderr.write(f"\nThe tests left files in {session.config.rootpath}: {', '.join(sorted(left))}\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _there(session: pytest.Session) -> set[str]:
    """What stands in the repository's folder but for caches: ``.coverage``, ``__pycache__``."""
    return {p.name for p in session.config.rootpath.iterdir() if not p.name.startswith((".", "__"))}


def _choose_examples() -> None:
    """On a busy machine an example may take any time, and the examples are the same in every run.

    A failure then belongs to the change that it comes with; with the variable, as in .ci/slow, they are new.
    """
    from hypothesis import HealthCheck, settings

    same = not os.environ.get(SEARCH)
    options = {"deadline": None, "derandomize": same, "database": None, "print_blob": not same}
    settings.register_profile("tests", **options, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("tests")


LONG = (
    "ui/browser",  # waits for pages, so that the other process has the machine: from the beginning to its end
    "test_docs.py",
    "pipeline/test_concept_ids.py",  # with the names of concepts that a page of the docs has read
    "test_install.py",
    "test_fuzz.py",
    "test_plugin_package.py",
    "review/test_engines.py",
    "review/test_faults.py",
    "training",
)
"""What takes seconds a test, longest first: at the end of a run no process waits for another's last test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first; each folder and file stays together, and so does what its tests share."""
    here = Path(__file__).parent

    @lru_cache
    def place(file: Path) -> int:
        path = file.relative_to(here).as_posix() if file.is_relative_to(here) else ""
        return next(
            (at for at, name in enumerate(LONG) if path == name or path.startswith(f"{name}/")), len(LONG)
        )

    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let cycles wait: a fifth of the time went into looking at imported modules and shared lists."""
    gc.freeze()
    gc.set_threshold(2_000, 50, 200)
    pipeline.ready = lambda nlp: nlp  # of the texts of a test few hold special cases of the tokenizer
    if "sqlalchemy" in sys.modules:
        _share_statements()
    if "alembic.command" in sys.modules:
        _write_migrations_once()
    if "srsly.msgpack" in sys.modules:
        _look_up_once()
        _read_signatures_once()
    if "streamlit.testing.v1" in sys.modules:
        _scan_once()
    if "hybrid_ner.cli" in sys.modules:
        _make_commands_once()


def _make_commands_once() -> None:
    """A process runs one command; the tests run thousands, and each is made of a signature."""
    from hybrid_ner.cli import _Nouns

    real, made = _Nouns.get_command, dict[str, Any]()

    def get_command(self: Any, ctx: Any, name: str) -> Any:
        if self._listing or ctx.resilient_parsing:
            return real(self, ctx, name)
        return made.get(name) or made.setdefault(name, real(self, ctx, name))

    _Nouns.get_command = get_command  # type: ignore[method-assign]


def _scan_once() -> None:
    """Every page that is run in a test looks through all that is installed: more than running it takes."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = lru_cache(manifest_scanner.scan_component_manifests)


def _look_up_once() -> None:
    """A training asks hundreds of times for what is installed, and all of it is looked through each time."""
    from srsly.msgpack import msgpack_decoders, msgpack_encoders

    for each in (msgpack_decoders, msgpack_encoders):
        each.get_all = lru_cache(each.get_all)
    points = SimpleNamespace(select=lru_cache(catalogue.AVAILABLE_ENTRY_POINTS.select))
    catalogue.AVAILABLE_ENTRY_POINTS = points


def _read_signatures_once() -> None:
    """Every part of a pipeline is checked against the signature of what makes it, which stays the same."""
    from confection.validation import Schema

    real = Schema.from_function.__func__  # type: ignore[attr-defined]
    once = lru_cache(real)

    def from_function(cls: Any, func: Any, **options: Any) -> Any:
        return real(cls, func, **options) if options else once(cls, func)

    Schema.from_function = classmethod(from_function)


def _share_statements() -> None:
    """Every store has an engine of its own, which would compile the same statements as all others."""
    import sqlalchemy as sa
    from sqlalchemy.util import LRUCache

    class Statements(LRUCache[Any, Any]):
        """Kept by the kind of a database and not by its connection."""

        def get(self, key: Any, default: Any = None) -> Any:
            return super().get((key[0].name, *key[1:]), default)

        def __setitem__(self, key: Any, value: Any) -> None:
            super().__setitem__((key[0].name, *key[1:]), value)

    statements = Statements(3_000)

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def share(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=statements)


def _write_migrations_once() -> None:
    """A process makes one store; the tests make hundreds of files, each by the same statements."""
    import sqlalchemy as sa
    from alembic import command

    real, said = command.upgrade, list[tuple[str, Any]]()

    def upgrade(config: Any, revision: str) -> None:
        connection: sa.Connection = config.attributes["connection"]
        if connection.dialect.name != "sqlite" or sa.inspect(connection).get_table_names():
            real(config, revision)
        elif said:
            for statement in said:
                connection.exec_driver_sql(*statement)
        else:
            heard = list[tuple[str, Any]]()

            def hear(_: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
                heard.append((statement, parameters))

            sa.event.listen(connection, "before_cursor_execute", hear)
            real(config, revision)
            sa.event.remove(connection, "before_cursor_execute", hear)
            said[:] = heard  # of one that was cut short a part would be missing

    command.upgrade = upgrade


def _read_here(task: str, items: Sequence[Any], guard: guarded.Guard) -> Iterator[list[Any] | InputError]:
    """As a child of ``guarded`` does, in this process: starting one takes longer than reading a file."""
    module, _, name = task.partition(":")
    function = getattr(import_module(module), name)
    for item in items:
        rows: list[Any] = []
        with pytest.MonkeyPatch.context() as patch, limited(unpacked=guard.unpacked):
            patch.setattr(guarded, "_say", lambda row, rows=rows: rows.append(row))
            said = guarded._result(function, item, guard)
        error = "error" in said and InputError(said["error"], row=said["at"], hint=Hint.restore(said["hint"]))
        yield error or rows


_read_there, guarded._run = guarded._run, _read_here


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in a process of their own, as outside the tests."""
    monkeypatch.setattr(guarded, "_run", _read_there)


@pytest.fixture(autouse=True)
def plugins_end_with_the_test() -> Iterator[None]:
    """What a test adds to this process is not there for later ones, nor for the processes that they start."""
    files, names = os.environ.get(PLUGINS_VARIABLE, ""), dict(catalogue.REGISTRY)
    yield
    for file in set(os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep)) - set(files.split(os.pathsep)):
        sys.modules.pop(Path(file).stem, None)
    os.environ[PLUGINS_VARIABLE] = files
    for name in [name for name in catalogue.REGISTRY if name[0] == "hybrid_ner" and name not in names]:
        # What an installed package brings is as good later as now.
        if name[2] not in {point.name for point in REGISTRIES[name[1]]._points()}:
            del catalogue.REGISTRY[name]
    catalogue.REGISTRY.update(names)


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """A page that a test runs is ``__main__`` from then on: processes that later tests start would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
