from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.terms import Gazetteer, Term

TERMS = [Term("aspirin", "Chemical", "MESH:D001241"), Term("headache", "Disease")]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved pipeline of rules."""
    folder = tmp_path_factory.mktemp("scale") / "model"
    save(rule_pipeline(Gazetteer.of(TERMS), "generic"), folder)
    return folder
