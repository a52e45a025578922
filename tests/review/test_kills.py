"""What ``kill -9`` leaves of an import, a promotion, a saved model and a training: all of it, or nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.gold import gold_hash
from hybrid_ner.training.registry import ModelRegistry
from tests.review.helpers import say, ward

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
PAUSES = (0.0, 0.01, 0.02, 0.04, 0.08, 0.15)
"""Seconds between the first sign of work and the kill."""


def _killed(program: str, *words: str, after: float) -> str:
    """Run Python code that says ``go`` when it begins, and kill it so long after; what it said."""
    command = [sys.executable, "-c", program, *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "go"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


IMPORT = """
import sys
from hybrid_ner.corpus import read_corpus
from hybrid_ner.review import ReviewStore
from hybrid_ner.review.rounds import decisions
from hybrid_ner.review.rounds.decisions import import_decisions
decisions.RUN_BATCH = 10
with ReviewStore.open(sys.argv[1]) as store:
    print("go", flush=True)
    import_decisions(store.project("long"), "carl", read_corpus(sys.argv[2]))
    print("done", flush=True)
"""


def test_a_killed_import_goes_on_to_the_same_gold(tmp_path: Path) -> None:
    texts = [f"afib and chest pain {number}" for number in range(120)]
    documents = [Document(f"n{n}", text, (Entity(0, 4, "PROBLEM"),)) for n, text in enumerate(texts)]
    write_corpus(tmp_path / "given.jsonl", documents)
    store_path = tmp_path / "review.sqlite3"
    with ReviewStore.open(store_path) as store:
        for name in ("long", "whole"):
            store.create_project(name).add_documents(documents)
    for pause in PAUSES:
        said = _killed(IMPORT, str(store_path), str(tmp_path / "given.jsonl"), after=pause)
        with ReviewStore.open(store_path) as store:
            found = check_store(store)
            assert not any(each.problems for each in found)
            # Whole steps of ten documents, each once.
            assert found[0].events == 10 * 2 * found[0].steps + bool(found[0].steps)
        assert "done" not in said or found[0].steps == 12
    from hybrid_ner.review.rounds.decisions import import_decisions

    with ReviewStore.open(store_path) as store:
        for name in ("long", "whole"):
            import_decisions(store.project(name), "carl", documents)
        assert gold_hash(store.project("long")) == gold_hash(store.project("whole"))
        assert len(store.project("long").events()) == len(store.project("whole").events()) == 241


PROMOTE = """
import sys
from pathlib import Path
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.review.rounds import ModelSetup
from tests.review.reviewer_process import whole
with ReviewStore.open(sys.argv[1]) as store:
    project, folder = store.project("notes"), Path(sys.argv[2])
    models = ProjectModels("", ModelSetup(folder), "ana", project)
    session = ReviewSession(store, "notes", "ana", models=models, tokenize=whole)
    print("go", flush=True)
    while True:
        for line in ("rollback r1", "r1", "rollback r0", "r0", "undo", "undo", "redo", "undo"):
            print(session.handle(line).level, flush=True)
"""


def test_a_killed_promotion_leaves_store_log_and_files_of_one_mind(tmp_path: Path) -> None:
    registry = ModelRegistry(ModelSetup(tmp_path).models)
    for _ in range(2):
        with registry.stage() as staged:
            registry.add(staged, {})
    registry.use("r0")
    path = tmp_path / "review.sqlite3"
    with ReviewStore.open(path) as store:
        ward(store).use_model("r0")
    for pause in PAUSES:
        _killed(PROMOTE, str(path), str(tmp_path), after=2 * pause)
        with ReviewStore.open(path) as store:
            # The check compares the model in use with the log.
            assert not any(each.problems for each in check_store(store))
            project = store.project("notes")
            models = ProjectModels("", ModelSetup(tmp_path), "ana", project)
            ReviewSession(store, "notes", "bob", models=models)
            assert models.registry.pointer() == models.current() == project.model


SAVE = """
import sys
from pathlib import Path
from hybrid_ner.training.registry import ModelRegistry
registry = ModelRegistry(Path(sys.argv[1]))
print("go", flush=True)
while True:
    with registry.stage() as staged:
        (staged / "model").mkdir()
        for number in range(20):
            (staged / "model" / f"part{number}").write_bytes(bytes(200_000))
        print(registry.add(staged, {"parts": 20}), flush=True)
"""


def test_a_model_that_was_being_saved_is_whole_or_not_there(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path / "models")
    for pause in PAUSES:
        said = _killed(SAVE, str(tmp_path / "models"), after=pause).split()
        assert set(said) <= set(registry.ids())
        for record in registry.records():
            assert len(list((record.folder / "model").iterdir())) == record.meta["parts"] == 20
    assert registry.current() == ""


def test_a_killed_training_leaves_the_model_in_use_and_can_be_repeated(tmp_path: Path) -> None:
    path, setup = tmp_path / "review.sqlite3", ModelSetup(tmp_path / "notes", repeats=1)
    with ReviewStore.open(path) as store:
        project = ward(store, domain="generic")
        setup.save(project)
        say(ReviewSession(store, project.name, "ana"), "go d1", "ok 1 2 3 4", "go d4", "ok 1 2")
        project.use_model("")
    setup.job.mkdir(parents=True)
    request = setup.job / "request.json"
    given = {"store": str(path), "project": "notes", "reviewer": "ana", "folder": str(setup.folder)}
    request.write_text(json.dumps(given), encoding="utf-8")
    registry = ModelRegistry(setup.models)
    for pause in (0.5, 2.0, 4.0, 8.0):
        command = [sys.executable, "-m", "hybrid_ner.review.rounds.model_service", str(request)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with ReviewStore.open(path) as store:
            assert not any(each.problems for each in check_store(store))
            assert store.project("notes").model == ""
        for record in registry.records():
            assert record.pipeline is not None
    before = registry.ids()
    command = [sys.executable, "-m", "hybrid_ner.review.rounds.model_service", str(request)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    lines = (setup.job / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    assert done.returncode == 0, (done.stderr, lines[-1])
    assert len(registry.ids()) == len(before) + 1
    assert not list(setup.models.glob(".staged.*"))
