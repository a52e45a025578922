from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.sources.models import MOVED_VARIABLE
from hybrid_ner.sources.models.endpoint import CACHE_VARIABLE, REMOTE_VARIABLE


@pytest.fixture(autouse=True)
def _own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are kept with the test, and no host is allowed that another test allowed."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "answers"))
    monkeypatch.setenv(REMOTE_VARIABLE, "")
    monkeypatch.setenv(MOVED_VARIABLE, "")
