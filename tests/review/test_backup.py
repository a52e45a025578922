"""A backup is whole, checked and restored on either engine; a copy made by hand is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.errors import StoreError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.backup import backup, check_store, restore
from hybrid_ner.review.store.gold import gold_hash
from tests.review.helpers import say, surfaces, ward
from tests.review.reviewer_process import whole

LINES = (
    "ok",
    "next",
    "no 1",
    "undo",
    "label SIGN",
    "redo",
    'flag "é \\"x\\""',
    'ok all "afib"',
    "yes",
    "undo",
)


def _worked(store: ReviewStore, name: str = "notes") -> ReviewSession:
    session = ReviewSession(store, ward(store, name=name).name, "ana", tokenize=whole)
    say(session, *LINES)
    say(ReviewSession(store, name, "bob", tokenize=whole), "ok 1", "skip")
    return session


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("file", "server"),
        ("server", "file"),
        pytest.param("file", "file", marks=pytest.mark.slow),
        pytest.param("server", "server", marks=pytest.mark.slow),
    ],
)
def test_a_backup_of_an_open_store_comes_back_on_either_engine(
    first: str, second: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made: list[str] = []

    def target(kind: str) -> str:
        # A database of its own for each: the fixture makes one, the second store is a schema beside it.
        made.append(kind)
        if kind == "file":
            return str(tmp_path / f"store{len(made)}.sqlite3")
        url = str(request.getfixturevalue("postgres_url"))
        return url if made.count(kind) == 1 else _other_database(url)

    with ReviewStore.open(target(first)) as store:
        session = _worked(store)
        _worked(store, "other")
        kept = (gold_hash(session.project), session.transcript(), session.view(), session.queue())
        done = backup(store, tmp_path / "b.sqlite3")
        assert done == check_store(store)
        assert [(c.project, c.documents, c.problems) for c in done] == [("notes", 6, ()), ("other", 6, ())]
        assert done[0].steps == session.project.version > 5
    where = target(second)
    assert restore(tmp_path / "b.sqlite3", where) == done
    with ReviewStore.open(where) as store:
        again = ReviewSession(store, "notes", "ana", tokenize=whole)
        assert (gold_hash(again.project), again.transcript(), again.view(), again.queue()) == kept
        # Rows can be added: the counters go on behind what was restored.
        assert say(again, "go d4", "ok").level == "done"
        assert store.create_project("third").name == "third"
        assert not any(c.problems for c in check_store(store))
    with pytest.raises(StoreError, match=r"exists already|holds projects: notes, other"):
        restore(tmp_path / "b.sqlite3", where)
    assert sorted(path.name for path in tmp_path.glob("*b.sqlite3*")) == ["b.sqlite3"]


def _other_database(url: str) -> str:
    made = sa.make_url(url)
    admin = sa.create_engine(made, isolation_level="AUTOCOMMIT")
    name = f"{made.database}_2"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return made.set(database=name).render_as_string(hide_password=False)


def test_a_copy_without_the_write_ahead_log_is_told(tmp_path: Path) -> None:
    path, copy = tmp_path / "review.sqlite3", tmp_path / "copy.sqlite3"
    with ReviewStore.open(path) as store:
        session = _worked(store)
        shutil.copy(path, copy)
        assert not any(c.problems for c in check_store(store))
        say(session, "go d5", "next")
        steps = session.project.version
    # Opened once without a look at it, it is told all the same, and no backup of it is made.
    for _ in range(2):
        with ReviewStore.open(copy) as opened:
            if opened.projects():
                assert opened.project("notes").version < steps
            found = [problem for c in check_store(opened) for problem in c.problems]
            assert all("copied from an open store without its write-ahead log" in each for each in found)
            with pytest.raises(StoreError, match="last steps may be missing"):
                backup(opened, tmp_path / "b.sqlite3")
    with pytest.raises(StoreError, match="last steps may be missing"):
        restore(copy, tmp_path / "again.sqlite3")
    said = CliRunner().invoke(app, ["review", "check", str(copy), "--accept"])
    assert said.exit_code == 0, said.output
    assert CliRunner().invoke(app, ["review", "check", str(copy)]).exit_code == 0


@pytest.mark.parametrize("with_log", [True, False])
def test_what_a_kill_or_a_proper_end_leaves_is_no_copy(tmp_path: Path, with_log: bool) -> None:
    path, taken = tmp_path / "review.sqlite3", tmp_path / "taken.sqlite3"
    store = ReviewStore.open(path)
    _worked(store)
    if with_log:  # As a kill leaves it: both files.
        shutil.copy(path, taken)
        shutil.copy(f"{path}-wal", f"{taken}-wal")
    store.close()
    if not with_log:
        shutil.copy(path, taken)
        assert not Path(f"{path}-wal").exists()
    for _ in range(2):
        with ReviewStore.open(taken) as opened:
            assert not any(c.problems for c in check_store(opened))


def test_a_store_behind_a_link_in_another_folder_has_its_log(tmp_path: Path) -> None:
    path, link = tmp_path / "kept" / "review.sqlite3", tmp_path / "review.sqlite3"
    path.parent.mkdir()
    link.symlink_to(path)
    for first in (link, path):  # one that leads to nothing yet, too
        with ReviewStore.open(first) as store:
            _worked(store, f"of {first.parent.name}")
            with ReviewStore.open(link) as other:
                assert not any(c.problems for c in check_store(other))
                backup(other, tmp_path / f"{first.parent.name}.backup")
    restore(link, tmp_path / "again.sqlite3")
    assert link.is_symlink()


def test_a_store_that_two_have_open_stays_marked(tmp_path: Path) -> None:
    path, copy = tmp_path / "review.sqlite3", tmp_path / "copy.sqlite3"
    with ReviewStore.open(path) as first:
        session = _worked(first)
        with ReviewStore.open(path) as second:
            second.project("notes").reviewer_id("carl")
        say(session, "go d5", "next")
        shutil.copy(path, copy)
        with ReviewStore.open(copy) as opened:
            assert all(c.problems for c in check_store(opened))


DAMAGES = (
    ("DELETE FROM event WHERE id = (SELECT min(id) FROM event)", "is not what the log says"),
    ("UPDATE mention SET label = 'X' WHERE number = 1", "is not what the log says"),
    ("UPDATE document SET text = 'other' WHERE doc_id = 'd5'", "'d5' has another text than its hash says"),
    ("UPDATE step SET undone = 1 - undone WHERE number = 1", "step 1 is marked as undone, against the log"),
    ("UPDATE project SET version = version + 1", "the steps should be 1 to"),
)


@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_what_does_not_fit_is_told_and_not_backed_up(tmp_path: Path, damage: str, said: str) -> None:
    path = tmp_path / "review.sqlite3"
    with ReviewStore.open(path) as store:
        _worked(store)
        before = check_store(store)[0]
        with store.write() as connection:
            connection.execute(sa.text(damage))
        found = check_store(store)[0]
        assert any(said in problem for problem in found.problems), found.problems
        assert (found.log == before.log) == ("event" not in damage)
        with pytest.raises(StoreError, match=r"b\.sqlite3: notes: .*Nothing was written"):
            backup(store, tmp_path / "b.sqlite3")
    assert not list(tmp_path.glob("*b.sqlite3*"))
    run = CliRunner().invoke(app, ["review", "check", str(path)])
    assert run.exit_code == 1
    assert said in run.output
    rebuilt = CliRunner().invoke(app, ["review", "check", str(path), "--rebuild"])
    assert rebuilt.exit_code == (0 if "mention" in damage or "undone" in damage or "event" in damage else 1)


def test_a_copy_that_was_stopped_within_its_last_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "review.sqlite3"
    with ReviewStore.open(path) as store:
        _worked(store)
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    with pytest.raises(StoreError, match=r"review\.sqlite3: the file was cut off, .* Copy it again"):
        ReviewStore.open(path)
    path.write_bytes(data)
    with ReviewStore.open(path) as store:
        assert not any(each.problems for each in check_store(store))


def test_a_damaged_or_missing_backup_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "review.sqlite3"
    with ReviewStore.open(path) as store:
        _worked(store)
        backup(store, tmp_path / "b.sqlite3")
        with pytest.raises(StoreError, match="exists already"):
            backup(store, tmp_path / "b.sqlite3")
    data = bytearray((tmp_path / "b.sqlite3").read_bytes())
    data[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    (tmp_path / "b.sqlite3").write_bytes(data)
    with pytest.raises(StoreError):
        restore(tmp_path / "b.sqlite3", tmp_path / "again.sqlite3")
    (tmp_path / "list.csv").write_text("term,label\n" * 50, encoding="utf-8")
    with pytest.raises(StoreError, match=r"list\.csv: this is no backup"):
        restore(tmp_path / "list.csv", tmp_path / "again.sqlite3")
    with pytest.raises(StoreError, match="no such backup"):
        restore(tmp_path / "none.sqlite3", tmp_path / "again.sqlite3")
    assert not list(tmp_path.glob("*again*"))


def test_the_commands(tmp_path: Path) -> None:
    path, run = tmp_path / "caf\udce9?#%20.sqlite3", CliRunner()
    with ReviewStore.open(path) as store:
        session = _worked(store)
        kept = surfaces(session, "d1")
    out = run.invoke(app, ["review", "backup", str(path), str(tmp_path / "b.sqlite3")])
    assert out.exit_code == 0, out.output
    assert "notes: 6 documents, " in out.output
    assert "the state follows from the log" in out.output
    out = run.invoke(app, ["review", "restore", str(tmp_path / "b.sqlite3"), str(tmp_path / "n.sqlite3")])
    assert out.exit_code == 0, out.output
    with ReviewStore.open(tmp_path / "n.sqlite3") as store:
        assert surfaces(ReviewSession(store, "", "ana"), "d1") == kept
