"""For all tests: what one leaves in the process does not slow the others down."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from hybrid_ner.registry import PLUGINS_VARIABLE


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let cycles wait: a fifth of the time went into looking at imported modules and shared lists."""
    gc.set_threshold(2_000, 50, 200)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported to collect the tests stays."""
    gc.freeze()


@pytest.fixture(autouse=True)
def plugins_end_with_the_test() -> Iterator[None]:
    """A plug-in file is handed on to every process that is started: those of later tests would run it too."""
    before = os.environ.get(PLUGINS_VARIABLE, "")
    yield
    os.environ[PLUGINS_VARIABLE] = before
