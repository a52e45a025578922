"""The guided first review."""

from __future__ import annotations

import pytest

from hybrid_ner.ui.views.review import STEPS, next_step


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        ([], 0),
        (["ok 1"], 1),
        (["no 2"], 0),
        (["accept all"], 1),
        (["ok 1", "2 is Drug"], 2),
        (["ok 1", "no 2", "why 3"], 3),
        (["ok 1", "no 2", "why 3", "ok next"], None),
        (["undo"] * 30, None),
    ],
)
def test_first_hint_that_was_not_followed_is_shown(lines: list[str], step: int | None) -> None:
    assert next_step(lines) == step


def test_hints_are_short() -> None:
    assert all(len(said) < 220 for said, _ in STEPS)
