"""Which model is in use is part of the log: it moves with its step, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from hybrid_ner.errors import StoreError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.training.registry import ModelRegistry
from tests.review.helpers import say, ward


def _registry(folder: Path, count: int = 4) -> ModelRegistry:
    registry = ModelRegistry(ModelSetup(folder).models)
    for _ in range(count):
        with registry.stage() as staged:
            registry.add(staged, {})
    return registry


def _session(store: ReviewStore, folder: Path, name: str = "ana") -> ReviewSession:
    project = store.project("notes")
    models = ProjectModels("", ModelSetup(folder), name, project)
    return ReviewSession(store, "notes", name, models=models)


@pytest.fixture
def ana(any_store: ReviewStore, tmp_path: Path) -> ReviewSession:
    """Ana, in a project whose first model is in use."""
    ward(any_store)
    _registry(tmp_path).use("r0")
    any_store.project("notes").use_model("r0")
    return _session(any_store, tmp_path)


def _in_use(session: ReviewSession) -> tuple[str | None, str, str]:
    """What the store, the service and the file beside the models say."""
    models = session.services.models
    assert isinstance(models, ProjectModels)
    return session.project.model, models.current(), models.registry.pointer()


def test_a_switch_and_its_undo_move_store_and_files(ana: ReviewSession) -> None:
    for lines, model in ((("promote r1", "r1"), "r1"), (("rollback r2", "r2"), "r2"), (("undo",), "r1")):
        say(ana, *lines)
        assert _in_use(ana) == (model, model, model)
    say(ana, "undo")
    assert _in_use(ana) == ("r0", "r0", "r0")
    say(ana, "redo")
    assert _in_use(ana) == ("r1", "r1", "r1")


@pytest.mark.parametrize("line", ["promote r2", "rollback r2", "undo", "redo"])
def test_a_store_that_cannot_keep_the_step_keeps_the_model(
    ana: ReviewSession, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(ana, "promote r1", "r1")
    if line == "redo":
        say(ana, "undo")
    asked = ana.handle(line).pending if line.endswith("r2") else None
    before, steps = _in_use(ana), ana.project.version

    def full(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))

    # The last thing that a step writes: all before it has been done, nothing is committed.
    with monkeypatch.context() as patch:
        patch.setattr("hybrid_ner.review.store.journal.refresh", full)
        with pytest.raises(StoreError, match=r"disk is full.*Nothing of this step was kept"):
            ana.handle("r2" if asked else line)
    assert (_in_use(ana), ana.project.version) == (before, steps)
    assert ana.handle("r2" if asked else line).level == "done"
    assert _in_use(ana) != before


def test_files_that_cannot_follow_are_told_and_repaired(
    ana: ReviewSession, any_store: ReviewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    ana.handle("promote r1")
    with monkeypatch.context() as patch:
        patch.setattr("hybrid_ner.training.registry.write_json", full)
        reply = ana.handle("r1")
        assert reply.level == "done"
        assert "behind until a session opens again: [Errno 28] No space left" in reply.lines[-1]
        # The step counts, and so does its model; only the copy is behind, as after a kill at this point.
        assert _in_use(ana) == ("r1", "r1", "r0")
        assert _in_use(_session(any_store, tmp_path, "bob")) == ("r1", "r1", "r0")
    assert _in_use(_session(any_store, tmp_path, "bob")) == ("r1", "r1", "r1")


def test_a_model_that_is_gone_cannot_come_back(ana: ReviewSession) -> None:
    say(ana, "promote r1", "r1")
    models = ana.services.models
    assert isinstance(models, ProjectModels)
    (models.registry.folder / "r0" / "meta.json").unlink()
    assert "there is no model 'r0' any more" in ana.handle("undo").echo
    assert _in_use(ana) == ("r1", "r1", "r1")
    assert ana.project.version == 1


def test_the_log_gives_the_model_back(ana: ReviewSession) -> None:
    say(ana, "promote r1", "r1", "promote r3", "r3", "undo")
    ana.project.use_model("r3")
    ana.project.rebuild()
    assert ana.project.model == "r1"
    say(ana, "undo")
    ana.project.use_model("r3")
    ana.project.rebuild()
    assert ana.project.model == "r0"


@pytest.mark.parametrize(
    ("lines", "log", "file"),
    [
        ((), None, "r0"),
        (("promote r1", "r1"), "r1", "r1"),
        (("promote r1", "r1", "promote r2", "r2", "undo"), "r1", "r1"),
        (("promote r1", "r1", "undo"), "r0", "r0"),
    ],
)
def test_an_older_store_takes_the_model_from_its_log(
    any_target: str, tmp_path: Path, lines: tuple[str, ...], log: str | None, file: str
) -> None:
    _registry(tmp_path).use("r0")
    with ReviewStore.open(any_target) as store:
        ward(store)
        say(_session(store, tmp_path), *lines, "ok 1")
        with store.write() as connection:
            connection.execute(sa.text("DROP TABLE assignment"))
            connection.execute(sa.text("ALTER TABLE project DROP COLUMN model"))
            connection.execute(sa.text("DROP INDEX ix_document_withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN edition"))
            connection.execute(sa.text("ALTER TABLE suggestion DROP COLUMN edition"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    # As after a switch that the pointer had seen and the store had not.
    ModelRegistry(ModelSetup(tmp_path).models).use("r3")
    with ReviewStore.open(any_target) as store:
        assert store.project("notes").model == log
        session = _session(store, tmp_path)
        assert _in_use(session) == ((log, log, file) if log else (None, "r3", "r3"))
