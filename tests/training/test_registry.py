"""Models of a project: whole folders, one pointer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hybrid_ner.errors import ModelError
from hybrid_ner.training.registry import ModelRegistry, write_json


def add(registry: ModelRegistry, scores: float = 0.5, overlay: str = "") -> str:
    with registry.stage() as staged:
        write_json(staged / "scores.json", {"f1": scores})
        write_json(staged / "overlay.json", [{"text": overlay}] if overlay else [])
        return registry.add(staged, {"kind": "trained"})


def test_empty_registry_has_no_model(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path / "models")
    assert registry.ids() == ()
    assert registry.current() == ""
    assert registry.history() == []


def test_models_are_numbered_and_kept_whole(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    assert [add(registry, n / 10) for n in range(3)] == ["r0", "r1", "r2"]
    record = registry.get("r1")
    assert record.scores == {"f1": 0.1}
    assert record.meta["model"] == "r1"
    assert record.pipeline is None


def test_numbers_sort_as_numbers(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    for _ in range(11):
        add(registry)
    assert registry.ids()[-2:] == ("r9", "r10")


def test_unfinished_model_is_not_there(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    with registry.stage() as staged:
        (staged / "scores.json").write_text("{}", encoding="utf-8")
    assert registry.ids() == ()
    assert list(tmp_path.iterdir()) == []


def test_staging_takes_away_what_a_killed_process_left_and_nothing_of_a_living_one(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    left, other = (tmp_path / f".staged.{process}.1.part" for process in (ended.pid, os.getppid()))
    for folder in (left, other):
        folder.mkdir()
        (folder / "scores.json").write_text("{}", encoding="utf-8")
    add(registry)
    assert not left.exists()
    assert (other / "scores.json").is_file(), "another process is filling it"


def test_number_that_somebody_took_meanwhile_is_skipped(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    add(registry)
    taken = tmp_path / "r1"
    taken.mkdir()
    (taken / "half").write_text("", encoding="utf-8")
    assert add(registry) == "r2"


def test_promotion_and_rollback_restore_everything_together(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    first, second = add(registry, 0.5, "afib"), add(registry, 0.6, "mi")
    registry.use(first, "ana")
    registry.use(second, "ben")
    assert registry.get(registry.current()).overlay == [{"text": "mi"}]
    registry.use(first, "ana")
    assert registry.get(registry.current()).overlay == [{"text": "afib"}]
    assert [(row["model"], row["previous"], row["by"]) for row in registry.history()] == [
        ("r0", "", "ana"),
        ("r1", "r0", "ben"),
        ("r0", "r1", "ana"),
    ]


def test_unknown_model_cannot_be_used(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    add(registry)
    with pytest.raises(ModelError, match=r"no model .r7.\. Models: r0"):
        registry.use("r7")
    assert registry.current() == ""
    elsewhere = ModelRegistry(tmp_path, lambda: "r3")
    with pytest.raises(ModelError, match=r"model in use, r3, are not here\. Start the page with the "):
        elsewhere.get("r3")


def test_damaged_file_is_named(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path)
    add(registry)
    (tmp_path / "r0" / "scores.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"scores\.json"):
        registry.get("r0")
