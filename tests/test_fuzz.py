"""Damaged files of every format end in a reading or in an error of this package, within bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzzing import fuzz, samples, table

SEED = int(os.environ.get("HYBRID_NER_FUZZ_SEED", "0"))


def test_the_samples_are_whole(tmp_path: Path) -> None:
    for number, sample in enumerate(samples(tmp_path)):
        path = tmp_path / str(number) / sample.name
        path.parent.mkdir()
        path.write_bytes(sample.content)
        sample.read(path)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_damaged_files_are_read_or_refused() -> None:
    found = fuzz(200, seconds=60)
    assert not any(each.others for each in found.values()), "\n".join(table(found))
    assert sum(each.refused for each in found.values()) > 100


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_many_damaged_files_are_read_or_refused() -> None:
    """``HYBRID_NER_FUZZ_SECONDS`` and ``HYBRID_NER_FUZZ_SEED`` make it longer and other."""
    seconds = float(os.environ.get("HYBRID_NER_FUZZ_SECONDS", "600"))
    found = fuzz(1_000_000, seed=SEED + 1, seconds=seconds)
    assert not any(each.others for each in found.values()), "\n".join(table(found))
