"""Damaged files of every format end in a reading or in an error of this package, within bounds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fresh import fresh
from tests.fuzzing import samples

FUZZ = Path(__file__).resolve().parents[1] / "benchmarks" / "fuzz.py"
SEED = int(os.environ.get("HYBRID_NER_FUZZ_SEED", "0"))


def test_the_samples_are_whole(tmp_path: Path) -> None:
    for number, sample in enumerate(samples(tmp_path)):
        path = tmp_path / str(number) / sample.name
        path.parent.mkdir()
        path.write_bytes(sample.content)
        sample.read(path)


def fuzzed(seconds: float, count: int, seed: int) -> list[str]:
    """Lines of the table, made in a process of its own.

    The tries are copies of the process that makes them; this one has threads, and a copy of it could begin
    with a lock that a thread held.
    """
    given = ("--seconds", seconds, "--count", count, "--seed", seed)
    command = [sys.executable, str(FUZZ), *map(str, given)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=2 * seconds + 300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    return ran.stdout.splitlines()


def test_damaged_files_are_read_or_refused() -> None:
    *_, every = fuzzed(300, 4, 0)
    name, _, _, refused, others, *_ = every.replace(",", "").split()
    assert (name, others) == ("all", "0")
    assert int(refused) > 100


_WAITING = """
import time
from tests import fuzzing

fuzzing.IDLE = 0.5

def seldom(path):  # gets a turn now and then, as on a busy machine: four times as long as may be waited
    for _ in range(20):
        end = time.process_time() + 0.005
        while time.process_time() < end:
            pass
        time.sleep(0.1)

def never(path):
    time.sleep(60)

fuzzing.samples = lambda folder: [fuzzing.Sample(f.__name__, "a", b"a", f) for f in (seldom, never)]
for each in fuzzing.fuzz(1).values():
    print(each.format, each.read, *each.others)
"""


def test_a_try_that_waits_is_stopped_and_one_without_a_turn_is_not() -> None:
    ran = fresh("-c", _WAITING, path=[FUZZ.parents[1]])
    assert ran.stdout.splitlines() == ["seldom 1", "never 0 stopped after 10 s, or idle, or by a signal"], ran


@pytest.mark.slow
def test_many_damaged_files_are_read_or_refused() -> None:
    """``HYBRID_NER_FUZZ_SECONDS`` and ``HYBRID_NER_FUZZ_SEED`` make it longer and other."""
    fuzzed(float(os.environ.get("HYBRID_NER_FUZZ_SECONDS", "200")), 1_000_000, SEED + 1)
