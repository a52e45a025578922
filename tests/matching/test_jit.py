from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from numba import config

from hybrid_ner.matching import jit

RUN = """
import numba
from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.matching import token_kernels
matcher = GazetteerMatcher(Gazetteer.of([Term("aspirin", "Drug")]), engine="hash")
assert not numba.config.CACHE_DIR
print(len(matcher.match("Aspirin.")), sum(token_kernels.tokenize.stats.cache_hits.values()))
"""


def test_the_private_folder_belongs_to_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = jit.private_folder()
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert jit.private_folder() == folder
    folder.chmod(0o777)
    assert jit.private_folder() is None
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert jit.private_folder() is None


def test_no_private_folder_where_none_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert jit.private_folder() is None


@pytest.mark.parametrize("folder", [True, False])
def test_functions_are_compiled_where_nothing_else_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    def refuse(*_: object, **settings: object) -> object:
        if settings.get("cache") and not (folder and str(tmp_path) == config.CACHE_DIR):
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr(jit, "njit", refuse)
    monkeypatch.setattr(jit, "private_folder", lambda: tmp_path if folder else None)
    before = config.CACHE_DIR
    assert jit.compiled(len) is len
    assert before == config.CACHE_DIR


@pytest.mark.slow
def test_a_second_process_without_a_home_finds_the_machine_code(tmp_path: Path) -> None:
    named_only = {"NUMBA_CACHE_DIR": "", "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    environment = {**os.environ, "TMPDIR": str(tmp_path), **named_only}
    for cached in (0, 1):
        done = subprocess.run(
            [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == ["1", str(cached)], done.stderr
