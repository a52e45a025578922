"""One background job: single flight, progress, cancel, crash, reattach."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid_ner.training.jobs import Job, Progress

WORKER = """
import json, sys
from pathlib import Path
from hybrid_ner.training.jobs import Progress

request = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[1]).parent
progress = Progress(folder)
progress.report("train", 0.5, "half way")
(folder / "ready").write_text("")
if request["end"] == "wait":
    with open(folder / "gate") as gate:
        gate.read()
if request["end"] == "raise":
    raise SystemExit("broken")
progress.done("finished", {"candidate": "r1"})
"""


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    folder = tmp_path / "job"
    folder.mkdir()
    os.mkfifo(folder / "gate")
    made = Job(folder)
    yield made
    made.cancel()


def start(job: Job, end: str = "now") -> bool:
    script = job.folder / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    return job.start([sys.executable, str(script)], {"end": end})


def until_waiting(job: Job) -> None:
    """Opening the pipe for writing blocks until the worker has opened it for reading."""
    job.gate = (job.folder / "gate").open("w")  # type: ignore[attr-defined]


def until_ended(job: Job) -> None:
    """Waits for the lock, as a second server would."""
    import fcntl

    with (job.folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def pid_of(job: Job) -> int:
    return int((job.folder / "pid").read_text(encoding="utf-8"))


def test_job_that_never_ran_is_idle(tmp_path: Path) -> None:
    assert Job(tmp_path / "none").state().state == "idle"
    assert not Job(tmp_path / "none").cancel()


def test_job_runs_to_its_result(job: Job) -> None:
    assert start(job)
    until_ended(job)
    state = job.state()
    assert (state.state, state.message, state.result) == ("done", "finished", {"candidate": "r1"})
    assert state.request["end"] == "now"


def test_second_start_gets_the_running_job(job: Job) -> None:
    assert start(job, "wait")
    until_waiting(job)
    other = Job(job.folder)
    assert not start(other)
    assert other.state().state == "running"
    assert (other.state().step, other.state().share) == ("train", 0.5)
    job.gate.close()  # type: ignore[attr-defined]
    until_ended(job)
    assert other.state().state == "done"


def test_asking_for_the_state_does_not_stop_a_start(job: Job) -> None:
    assert start(job)
    until_ended(job)
    for _ in range(20):
        job.state()
    assert start(job)
    until_ended(job)


def test_cancel_stops_the_worker_and_frees_the_lock(job: Job) -> None:
    start(job, "wait")
    until_waiting(job)
    assert job.cancel()
    assert job.state().state == "cancelled"
    job.gate.close()  # type: ignore[attr-defined]
    assert start(job)
    until_ended(job)
    assert job.state().state == "done"


def test_killed_worker_is_reported_and_frees_the_lock(job: Job) -> None:
    start(job, "wait")
    until_waiting(job)
    os.kill(pid_of(job), signal.SIGKILL)
    until_ended(job)
    state = job.state()
    assert state.state == "failed"
    assert "'train'" in state.message
    job.gate.close()  # type: ignore[attr-defined]
    assert start(job)
    until_ended(job)


def test_worker_that_fails_leaves_its_words_in_the_log(job: Job) -> None:
    start(job, "raise")
    until_ended(job)
    assert job.state().state == "failed"
    assert "broken" in job.log.read_text(encoding="utf-8")


def test_worker_outlives_the_server(job: Job) -> None:
    script = job.folder / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    server = (
        "import sys; from pathlib import Path; from hybrid_ner.training.jobs import Job\n"
        f"Job(Path({str(job.folder)!r})).start([sys.executable, {str(script)!r}], {{'end': 'wait'}})"
    )
    subprocess.run([sys.executable, "-c", server], check=True)
    until_waiting(job)
    assert job.state().state == "running"
    job.gate.close()  # type: ignore[attr-defined]
    until_ended(job)
    assert job.state().state == "done"


def test_half_written_line_is_passed_over(job: Job) -> None:
    start(job)
    until_ended(job)
    with (job.folder / "progress.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"state": "fai')
    assert job.state().state == "done"


def test_progress_leaves_out_news_that_come_too_fast(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for number in range(1000):
        progress.report("train", number / 1000, f"step {number}")
    progress.report("score", 0.0, "another step is always told")
    rows = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text().splitlines()]
    assert len(rows) < 100
    assert rows[-1]["step"] == "score"
