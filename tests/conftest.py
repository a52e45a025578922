"""For all tests: what stays for the whole session is not looked through for cycles again and again."""

from __future__ import annotations

import gc

import pytest


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let cycles wait: a fifth of the time went into looking at imported modules and shared lists."""
    gc.set_threshold(2_000, 50, 200)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported to collect the tests stays."""
    gc.freeze()
