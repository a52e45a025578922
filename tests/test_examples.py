"""Properties have no clock and the same examples in every run, with worker processes and without."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.conftest import SEARCH


def test_no_clock_decides_and_examples_are_the_same() -> None:
    now = settings()
    assert now.deadline is None
    assert now.derandomize is not bool(os.environ.get(SEARCH))
