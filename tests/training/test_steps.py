"""Steps run once for the same inputs, and again when anything is missing or changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.training.label import Steps, fingerprint


def test_step_is_reused_for_the_same_inputs(tmp_path: Path) -> None:
    calls: list[int] = []

    def work() -> dict[str, int]:
        calls.append(1)
        return {"documents": 3}

    steps = Steps(tmp_path)
    first, second = steps.run("label", "a", work), steps.run("label", "a", work)
    assert (first["documents"], first["reused"], second["reused"]) == (3, False, True)
    assert len(calls) == 1
    assert steps.run("label", "b", work)["reused"] is False


def test_step_whose_files_are_gone_runs_again(tmp_path: Path) -> None:
    steps, made = Steps(tmp_path), tmp_path / "train.spacy"

    def work() -> dict[str, int]:
        made.write_bytes(b"x")
        return {}

    steps.run("data", "a", work, [made])
    assert steps.run("data", "a", work, [made])["reused"] is True
    made.unlink()
    again = steps.run("data", "a", work, [made])
    assert (again["reused"], again["changed"], made.exists()) == (False, False, True)


def test_change_of_inputs_is_told(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    assert steps.run("label", "a", dict)["changed"] is False
    assert steps.run("label", "b", dict)["changed"] is True


def test_failed_step_leaves_no_record(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.run("train", "a", dict)
    with pytest.raises(ZeroDivisionError):
        steps.run("train", "b", lambda: {"x": 1 // 0})
    assert steps.run("train", "a", dict)["reused"] is False


@pytest.mark.parametrize("content", ["", "{", "[]", '{"inputs": "a"}'])
def test_broken_record_is_no_record(tmp_path: Path, content: str) -> None:
    (tmp_path / "label.json").write_text(content, encoding="utf-8")
    assert Steps(tmp_path).run("label", "a", dict)["reused"] is False


def test_fingerprint_tells_values_apart() -> None:
    assert fingerprint("a", ["b"]) == fingerprint("a", ["b"])
    assert (
        len({fingerprint("a", "b"), fingerprint("ab"), fingerprint(["a", "b"]), fingerprint("a", None)}) == 4
    )
