"""Commands that write files, on a disk that is full: nothing half written, one line that says why."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup, model_service
from hybrid_ner.review.rounds.round import first_round
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.gold import GOLD_FORMATS
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.jobs import Job, Progress
from tests.review.helpers import say, ward
from tests.review.reviewer_process import whole

SIZE = 2 * 2**20
LINES = "".join(
    f'{{"id": "n{n}", "text": "afib and chest pain {n}", "entities": '
    '[{"start": 0, "end": 4, "label": "PROBLEM"}]}\n'
    for n in range(40)
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root may mount a file system")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each test copies."""
    made = tmp_path_factory.mktemp("made")
    with ReviewStore.open(made / "review.sqlite3") as store:
        session = ReviewSession(store, ward(store).name, "ana", tokenize=whole)
        say(session, "go d1", "ok 1 2", "no 3 4", 'never "you"', "yes 1")
    (made / "docs.jsonl").write_text(LINES, encoding="utf-8")
    (made / "terms.tsv").write_text("text\tlabel\nafib\tPROBLEM\nchest pain\tPROBLEM\n", encoding="utf-8")
    return made


@pytest.fixture
def made(tmp_path: Path, made_once: Path) -> Path:
    """A store with decisions, documents and terms, on a disk with room."""
    return shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)


def _leave(disk: Path, room: int) -> None:
    """Make the file system so large that this many bytes are left."""
    now = os.statvfs(disk)
    size = (now.f_blocks - now.f_bfree) * now.f_frsize + room
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def _fill(disk: Path) -> None:
    """Take every byte that is left."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def _listing(disk: Path) -> dict[str, bytes]:
    files = (path for path in disk.rglob("*") if path.is_file() and path.name != "filler")
    return {str(path.relative_to(disk)): path.read_bytes() for path in files}


def _refused(result: Result) -> None:
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    said = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(said) == 1, result.stderr
    assert "No space left on device" in said[0] or "disk is full" in said[0] or "cannot be written" in said[0]
    assert ".part" not in said[0]


EXPORTS = [("review", "export", "{made}/review.sqlite3", "{out}", "--format", name) for name in GOLD_FORMATS]
COMMANDS = (
    *EXPORTS,
    ("review", "overlay", "{made}/review.sqlite3", "{out}.csv"),
    ("review", "backup", "{made}/review.sqlite3", "{out}.sqlite3"),
    ("review", "restore", "{made}/backup.sqlite3", "{out}.sqlite3"),
    ("review", "init", "{out}.sqlite3"),
    ("corpus", "convert", "{made}/docs.jsonl", "{out}.csv"),
    ("corpus", "convert", "{made}/docs.jsonl", "{out}.spacy"),
    ("corpus", "convert", "{made}/docs.jsonl", "{out}.conll"),
    ("corpus", "convert", "{made}/docs.jsonl", "{out}.jsonl"),
    ("corpus", "convert", "{made}/docs.jsonl", "{out}", "--to", "brat"),
    ("corpus", "clean", "{made}/docs.jsonl", "{out}.jsonl"),
    ("corpus", "split", "{made}/docs.jsonl", "{out}"),
    ("gazetteer", "import", "{made}/terms.tsv", "--out", "{out}.tsv"),
    ("gazetteer", "import", "{made}/terms.tsv", "--out", "{out}.tsv.gz"),
    ("gazetteer", "build", "{made}/terms.tsv", "--out", "{out}.tsv"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]) + " " + command[-1])
def test_nothing_half_written_stays(command: tuple[str, ...], made: Path, disk: Path) -> None:
    shutil.copy(made / "review.sqlite3", made / "backup.sqlite3")
    words = [word.format(made=made, out=disk / "out") for word in command]
    _fill(disk)
    _refused(_run(*words))
    assert _listing(disk) == {}
    (disk / "filler").unlink()
    done = _run(*words)
    assert done.exit_code == 0, done.output
    assert _listing(disk)


MAKE_A_STORE = (
    ("review", "init", "{out}.sqlite3", "--gazetteer", "{made}/terms.tsv"),
    ("review", "backup", "{made}/review.sqlite3", "{out}.sqlite3"),
    ("review", "restore", "{made}/backup.sqlite3", "{out}.sqlite3"),
)


@pytest.mark.parametrize("command", MAKE_A_STORE, ids=lambda command: command[1])
def test_no_store_stays_that_found_too_little_room(command: tuple[str, ...], made: Path, disk: Path) -> None:
    shutil.copy(made / "review.sqlite3", made / "backup.sqlite3")
    words = [word.format(made=made, out=disk / "out") for word in command]
    failed = 0
    for room in range(8192, 10 * 65536, 36 * 1024):
        _leave(disk, room)
        result = _run(*words)
        if result.exit_code == 0:
            break
        _refused(result)
        assert [*disk.iterdir()] == [], room
        failed += 1
    assert result.exit_code == 0, result.output
    assert failed > 2


def test_no_store_stays_where_a_new_project_cannot_be_made(tmp_path: Path) -> None:
    store = tmp_path / "made" / "review.sqlite3"
    store.parent.mkdir()
    for wrong in (("--gazetteer", str(tmp_path / "none.tsv")), ("--source", "none"), ("--reviews", "0")):
        assert _run("review", "init", str(store), *wrong).exit_code == 2
        assert [*store.parent.iterdir()] == []
    assert _run("review", "init", str(store)).exit_code == 0
    assert _run("review", "init", str(store), "--project", "other", "--reviews", "0").exit_code == 2
    with ReviewStore.open(store) as opened:
        assert opened.projects() == ("review",)


@pytest.mark.parametrize(
    "more", [(), ("--run", "r2"), ("--decided-by", "bob")], ids=["documents", "suggestions", "decisions"]
)
def test_an_import_into_a_full_store_can_be_repeated(more: tuple[str, ...], made: Path, disk: Path) -> None:
    store = disk / "review.sqlite3"
    assert _run("review", "init", str(store), "--labels", "PROBLEM").exit_code == 0
    lines = LINES.replace("chest pain", "chest pain " * 40)
    (made / "long.jsonl").write_text(lines, encoding="utf-8")
    words = ("review", "import", str(store), str(made / "long.jsonl"), *more)
    _fill(disk)
    _refused(_run(*words))
    (disk / "filler").unlink()
    with ReviewStore.open(store) as opened:
        assert not any(each.problems for each in check_store(opened))
        assert opened.project().events() == []
    assert _run(*words).exit_code == 0
    with ReviewStore.open(store) as opened:
        (checked,) = check_store(opened)
        assert (checked.documents, checked.steps, checked.problems) == (40, 1 + int("bob" in more), ())


def test_an_export_that_fails_leaves_the_earlier_one(made: Path, disk: Path) -> None:
    words = ("review", "export", str(made / "review.sqlite3"), str(disk / "gold.jsonl"), "--format", "jsonl")
    assert _run(*words).exit_code == 0
    before = _listing(disk)
    _fill(disk)
    _refused(_run(*words))
    assert _listing(disk) == before


QUICK = ("--training.max_epochs", "1", "--quiet")
LEARNING = {
    "train": ("train", "--labels", "{made}/docs.jsonl"),
    "bootstrap": (
        "bootstrap",
        "--corpus",
        "{made}/docs.jsonl",
        "--gazetteer",
        "{made}/terms.tsv",
        "--no-expand",
    ),
    "retrain": ("retrain", "--corpus", "{made}/docs.jsonl", "--reviewed", "{made}/docs.jsonl"),
}
"""Commands that make a model."""


def _learn(name: str, made: Path, out: Path) -> Result:
    return _run(*(word.format(made=made) for word in LEARNING[name]), "--out", str(out), *QUICK)


@pytest.mark.parametrize(
    "name", ["train", *(pytest.param(name, marks=pytest.mark.slow) for name in ("bootstrap", "retrain"))]
)
def test_a_model_that_finds_no_room_leaves_the_earlier_one(name: str, made: Path, disk: Path) -> None:
    old = disk / "model"
    save(rule_pipeline(Gazetteer.of([Term("afib", "PROBLEM")])), old)
    before = _listing(old)
    for room in (4096, 65536, SIZE):
        _leave(disk, room)
        result = _learn(name, made, old)
        _refused(result)
        assert str(old) in result.stderr.replace("\n", "")
        assert _listing(old) == before
    _leave(disk, 64 * SIZE)
    assert _learn(name, made, old).exit_code == 0
    assert (old / "ner").is_dir()
    assert not [path for path in disk.rglob("*") if path.name.startswith(".") or path.name.endswith(".part")]


def test_labels_that_find_no_room_leave_the_earlier_ones_with_their_manifest(made: Path, disk: Path) -> None:
    given = ("label", "--corpus", str(made / "docs.jsonl"), "--quiet", "--output", str(disk / "labels.jsonl"))
    assert _run(*given, "--gazetteer", str(made / "terms.tsv")).exit_code == 0
    before = _listing(disk)
    assert set(before) == {"labels.jsonl", "labels.jsonl.manifest.json"}
    (made / "more.tsv").write_text("text\tlabel\nchest\tPROBLEM\n", encoding="utf-8")
    _fill(disk)
    _refused(_run(*given, "--gazetteer", str(made / "more.tsv")))
    assert _listing(disk) == before
    (disk / "filler").unlink()
    assert _run(*given, "--gazetteer", str(made / "more.tsv")).exit_code == 0
    after = _listing(disk)
    assert set(after) == set(before)
    assert after["labels.jsonl.manifest.json"] != before["labels.jsonl.manifest.json"]


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "--input", "{made}/docs.jsonl", "--output", "{disk}/found.jsonl"),
        ("predict-files", "--input", "{made}/in", "--output", "{disk}/found"),
    ],
    ids=lambda command: command[0],
)
def test_predictions_that_find_no_room(command: tuple[str, ...], made: Path, disk: Path) -> None:
    (made / "in").mkdir()
    shutil.copy(made / "docs.jsonl", made / "in")
    save(rule_pipeline(Gazetteer.of([Term("afib", "PROBLEM")])), made / "model")
    words = [word.format(made=made, disk=disk) for word in command]
    words += ["--model", str(made / "model"), "--system", "rule", "--quiet"]
    _fill(disk)
    _refused(_run(*words))
    assert _listing(disk) == {}
    (disk / "filler").unlink()
    assert _run(*words).exit_code == 0
    assert _listing(disk)


def test_a_wheel_that_finds_no_room_leaves_nothing_and_is_named(made: Path, disk: Path) -> None:
    pytest.importorskip("hatchling")
    save(rule_pipeline(Gazetteer.of([Term("afib", "PROBLEM")])), made / "model")
    words = ("package", str(made / "model"), "--name", "drugs", "--out", str(disk / "dist"))
    for room in (0, 4096):
        _leave(disk, room + 8192)
        _fill(disk) if not room else None
        result = _run(*words)
        _refused(result)
        assert str(disk / "dist") in result.stderr.replace("\n", "")
        assert _listing(disk) == {}
        (disk / "filler").unlink(missing_ok=True)
    _leave(disk, 64 * SIZE)
    assert _run(*words).exit_code == 0
    assert [path.suffix for path in (disk / "dist").iterdir()] == [".whl"]


@pytest.mark.parametrize(
    "command",
    [
        ("corpus", "convert", "{made}/docs.jsonl", "{out}.csv"),
        ("corpus", "convert", "{made}/docs.jsonl", "{out}.spacy"),
        ("gazetteer", "import", "{made}/terms.tsv", "--out", "{out}.tsv"),
        ("review", "export", "{made}/review.sqlite3", "{out}.jsonl", "--format", "jsonl"),
        ("review", "overlay", "{made}/review.sqlite3", "{out}.csv"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_file_on_a_read_only_disk_is_named_itself(command: tuple[str, ...], made: Path, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    result = _run(*(word.format(made=made, out=disk / "out") for word in command))
    assert result.exit_code == 2, result.output
    (said,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert f"{disk}/out." in said
    assert ".part" not in said
    assert "Choose a path that can be written to" in said


def test_places_that_take_no_file_are_told(made: Path) -> None:
    (made / "gone.jsonl").symlink_to("nowhere.jsonl")
    (made / "texts").mkdir()
    shutil.copy(made / "docs.jsonl", made / "texts")
    for words, said in (
        (
            ("corpus", "convert", "{made}/gone.jsonl", "{made}/o.jsonl"),
            "a link to nowhere.jsonl, which is not",
        ),
        (("corpus", "convert", "{made}/docs.jsonl", "{made}/terms.tsv/o.jsonl"), "Choose another path"),
        (
            (
                "label",
                "--corpus",
                "{made}/docs.jsonl",
                "--gazetteer",
                "{made}/terms.tsv",
                "--output",
                "{made}/x.y",
            ),
            "no format has this ending",
        ),
        (
            (
                "label",
                "--corpus",
                "{made}/docs.jsonl",
                "--gazetteer",
                "{made}/terms.tsv",
                "--output",
                "{made}/texts",
            ),
            "a folder does not say in which format",
        ),
        (("review", "check", "/dev/null"), "is no regular file"),
    ):
        result = _run(*(word.format(made=made) for word in words))
        assert result.exit_code == 2, (words, repr(result.exception))
        assert said in result.stderr.replace("\n", " "), result.stderr


def test_a_store_on_a_read_only_disk_is_read(made: Path, disk: Path) -> None:
    store, copied = str(disk / "review.sqlite3"), str(disk / "in_use.sqlite3")
    shutil.copy(made / "review.sqlite3", store)
    with ReviewStore.open(made / "review.sqlite3") as opened:  # copied in use, with its log
        say(ReviewSession(opened, "", "ana", tokenize=whole), "go d1")
        for end in ("", "-wal"):
            shutil.copy(made / f"review.sqlite3{end}", copied + end)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = _listing(disk)
    outs = [str(made / name) for name in ("gold.jsonl", "edits.csv", "copy.sqlite3", "made.sqlite3")]
    for place in (store, copied):
        for words in (
            ("export", place, outs[0]),
            ("overlay", place, outs[1]),
            ("backup", place, outs[2]),
            ("restore", place, outs[3]),
            *((name, place) for name in ("check", "progress", "agreement", "transcript", "codebook")),
        ):
            done = _run("review", *words)
            assert done.exit_code == 0, (words, done.output)
        for out in outs:
            Path(out).unlink()
    for words in (("import", store, str(made / "docs.jsonl")), ("run", store), ("assign", store, "ana")):
        refused = _run("review", *words)
        assert refused.exit_code == 2
        assert "is read-only. Give this user write permission, or work on a copy" in refused.output
    assert _listing(disk) == before


def test_a_compiled_list_that_finds_no_room_is_named(disk: Path) -> None:
    _fill(disk)
    with pytest.raises(OSError, match="No space left") as found:
        rule_pipeline(Gazetteer.of([Term("afib", "PROBLEM")])).get_pipe("gazetteer").to_disk(disk / "own")
    assert ".part" not in str(found.value)
    assert _listing(disk) == {}


@pytest.mark.parametrize("said", ["database or disk is full", "disk I/O error"])
def test_votes_that_cannot_be_kept_are_no_traceback(
    said: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path, timeout: float) -> None:
        raise sqlite3.OperationalError(said)

    monkeypatch.setattr("sqlite3.connect", failing)
    given = ("retrain", "--fast", "--corpus", "{made}/docs.jsonl", "--reviewed", "{made}/docs.jsonl")
    result = _run(*(w.format(made=made) for w in given), "--out", str(made / "model"), "--quiet")
    assert result.exit_code == 2, result.output
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert f"{made}/model.work/votes.sqlite3: " in line
    assert ("No space left" in line) is ("full" in said)
    assert ("Let one command at a time write to" in line) is ("full" not in said)
    assert not (made / "model").exists()


def test_a_training_of_the_page_that_finds_no_room_says_so(made: Path, disk: Path) -> None:
    with ReviewStore.open(made / "pages.sqlite3") as store:
        project = store.create_project("notes", ("PROBLEM",))
        project.add_documents(Document(f"d{n}", f"afib and chest pain {n}") for n in range(9))
        setup = ModelSetup(disk / "notes", "generic", overrides={"training.max_epochs": 1})
        (setup.folder / "terms").mkdir(parents=True)
        (setup.folder / "terms" / "PROBLEM.txt").write_text("afib\n", encoding="utf-8")
        setup.save(project)
        first_round(project, setup, by="ana")
        session = ReviewSession(store, "notes", "ana", tokenize=whole)
        say(session, "go d1", "ok", "next")
        models = setup.folder / "models"
        before = {name: content for name, content in _listing(models).items() if "job" not in name}
        job = Job(setup.folder / "job")
        job.folder.mkdir()
        request = job.folder / "request.json"
        asked = {
            "store": str(made / "pages.sqlite3"),
            "project": "notes",
            "folder": str(setup.folder),
            "reviewer": "ana",
        }
        request.write_text(json.dumps(asked), encoding="utf-8")
        Progress(job.folder).report("start", 0.0, "starting")
        for room in (0, 4096, 65536):
            _leave(disk, room)
            assert model_service.main(str(request)) == 2
            state = job.state()
            assert (state.state, "No space left on device" in state.message) == ("failed", True), state
            assert {n: c for n, c in _listing(models).items() if "job" not in n} == before
        _leave(disk, 64 * SIZE)
        assert model_service.main(str(request)) == 0
        assert job.state().message.startswith("r1 is ready")
