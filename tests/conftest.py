"""For all tests: what one leaves in the process does not slow the others down, and no clock decides."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from hybrid_ner.registry import PLUGINS_VARIABLE

# Before anything loads numpy: the tests run on all cores already, and sums in another order are other sums.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# On a busy machine an example may take any time. The examples are the same in every run, so that a failure
# belongs to the change that it comes with; ``--hypothesis-profile search`` (.ci/slow) looks for new ones.
settings.register_profile(
    "same", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")


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
