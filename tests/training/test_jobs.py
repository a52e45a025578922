"""One background job: single flight, progress, cancel, crash, reattach."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hybrid_ner.errors import HybridNerError
from hybrid_ner.training.jobs import (
    CORES_VARIABLE,
    PLACES_VARIABLE,
    Job,
    Progress,
    TrainingQueue,
    forked,
    started,
)

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
    assert state.message.startswith("it was stopped at “half way”, before there was a result. Nothing was")
    assert "Start it again; should it stop at the same place" in state.message
    assert state.message.endswith("close other programs first.")
    job.gate.close()  # type: ignore[attr-defined]
    assert start(job)
    until_ended(job)


def test_worker_that_fails_leaves_its_words_in_the_log(job: Job) -> None:
    start(job, "raise")
    until_ended(job)
    assert job.state().state == "failed"
    assert job.state().message.endswith(f"What it printed is in {job.log}.")
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


QUEUED = """
import json, sys
from pathlib import Path
from hybrid_ner.training.jobs import Progress, wait_for_turn

request = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[1]).parent
wait_for_turn(request, Progress(folder))
with open(folder / "gate") as gate:
    gate.read()
Progress(folder).done("finished", {})
"""


def queued_jobs(tmp_path: Path, count: int, places: int = 1) -> list[Job]:
    """Jobs of several projects of a server, started one after the other."""
    jobs = []
    (tmp_path / "queued.py").write_text(QUEUED, encoding="utf-8")
    for number in range(count):
        folder = tmp_path / f"p{number}"
        folder.mkdir()
        os.mkfifo(folder / "gate")
        jobs.append(Job(folder, TrainingQueue(tmp_path / ".trainings", places)))
        assert jobs[-1].start([sys.executable, str(tmp_path / "queued.py")], {"reviewer": "ana"})
    return jobs


def test_one_job_of_a_server_runs_and_the_others_wait_in_order(tmp_path: Path) -> None:
    first, second, third = queued_jobs(tmp_path, 3)
    try:
        until_waiting(first)
        assert [job.state().state for job in (first, second, third)] == ["running", "queued", "queued"]
        assert third.state().message == "number 2 in the queue: 2 trainings before it on this server"
        assert not third.start([sys.executable, "-c", ""], {})
        assert second.cancel()
        assert second.state().state == "cancelled"
        first.gate.close()  # type: ignore[attr-defined]
        until_waiting(third)  # Only a worker whose turn it is opens its pipe.
        assert third.state().state != "done"
        third.gate.close()  # type: ignore[attr-defined]
        until_ended(third)
        assert [job.state().state for job in (first, second, third)] == ["done", "cancelled", "done"]
    finally:
        for job in (first, second, third):
            job.cancel()


def test_a_killed_job_gives_its_turn_to_the_next(tmp_path: Path) -> None:
    first, second = queued_jobs(tmp_path, 2)
    try:
        until_waiting(first)
        os.kill(pid_of(first), signal.SIGKILL)
        until_waiting(second)
        assert first.state().state == "failed"
    finally:
        second.cancel()


def test_as_many_run_as_there_are_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = queued_jobs(tmp_path, 3, places=2)
    try:
        for job in jobs[:2]:
            until_waiting(job)
        assert jobs[2].state().state == "queued"
    finally:
        for job in jobs:
            job.cancel()
    for said, places in (("", 1), ("3", 3), ("0", 1), ("many", 1)):
        monkeypatch.setenv(PLACES_VARIABLE, said)
        assert TrainingQueue(tmp_path).places == places


@pytest.mark.parametrize(("cores", "elsewhere"), [("1", False), ("2", True)])
def test_started_work_is_done_on_another_core(
    cores: str, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CORES_VARIABLE, cores)
    process = started(os.getpid)()
    assert (process != os.getpid()) == (elsewhere and sys.platform == "linux")


def test_started_work_whose_copy_dies_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CORES_VARIABLE, "2")
    here = os.getpid()

    def work() -> str:
        if os.getpid() != here:
            os._exit(1)
        return "done"

    assert started(work)() == "done"


COPIES = """
import os, sys, time
from hybrid_ner.training.jobs import forked, started

def work(number):
    with open(sys.argv[1], "w", buffering=1) as gate:
        print(os.getpid(), file=gate)
        time.sleep(60)

try:
    other = started(lambda: time.sleep(60))
    list(forked(work, [1, 2]))
except KeyboardInterrupt:
    print("stopped")
"""
"""Work in three copies, two of which say their number when they are at work."""
forks = pytest.mark.skipif(sys.platform != "linux", reason="one process does all there")


@forks
def test_killed_worker_takes_its_copies_with_it_and_frees_the_lock(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CORES_VARIABLE, "2")
    assert job.start([sys.executable, "-c", COPIES, str(job.folder / "gate")], {})
    with (job.folder / "gate").open() as gate:
        assert gate.readline().strip() != gate.readline().strip()
        os.kill(pid_of(job), signal.SIGKILL)
        # The end of the pipe is there once nobody can write to it.
        assert select.select([gate], [], [], 30)[0]
    until_ended(job)
    assert job.state().state == "failed"


@forks
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_interrupt_ends_copies_at_once_and_without_a_word(send: Callable[[int, int], None], job: Job) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", COPIES, str(job.folder / "gate")],
        env={**os.environ, CORES_VARIABLE: "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with (job.folder / "gate").open() as gate:
        assert gate.readline().strip() != gate.readline().strip()
        send(process.pid, signal.SIGINT)  # alone, and as a terminal does
        assert select.select([gate], [], [], 30)[0]
        assert process.communicate() == ("stopped\n", "")


@forks
def test_copy_that_is_killed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CORES_VARIABLE, "2")

    def work(number: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(HybridNerError, match="ended from outside, as the system does where memory is short"):
        list(forked(work, [1, 2]))


@forks
def test_ctrl_c_that_only_a_copy_was_told_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CORES_VARIABLE, "2")

    def work(number: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        list(forked(work, [1, 2]))
