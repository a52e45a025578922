"""One background job at a time, in a process of its own, that outlives the page and the server.

The starter takes a lock on a file and hands the open file to the child: the lock lives exactly as long as
the worker, however it ends. The worker appends its progress to a file of JSON lines, which any process may
read at any time::

    job = Job(Path("models/job"))
    job.start([sys.executable, "-m", "package.worker"], {"project": "notes"})   # False: one runs already
    job.state()                                                   # JobState(state="running", share=0.4, …)

The worker finds the request in the file that is its last argument and reports with ``Progress``. With a
``TrainingQueue`` it begins by ``wait_for_turn``: jobs of several folders share a machine.

``forked`` uses the other processor cores for the items of one step, in copies of this process, which have all
that the function needs in memory. Where there are none, or one core, the items are done one after another.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, cast

from hybrid_ner.errors import HybridNerError
from hybrid_ner.text import atomic_path, quantity
from hybrid_ner.training.registry import read_record

State = Literal["idle", "queued", "running", "done", "failed", "cancelled"]

PLACES_VARIABLE = "HYBRID_NER_TRAININGS"
"""How many jobs may run on this server at a time; one by default."""
_LOOK_SECONDS = 0.5
"""How often a queued worker looks whether it is its turn."""
_ALIVE = ("queued", "running")


_LEAST_SHARE, _LEAST_SECONDS = 0.05, 3.0
"""Of a step, before it is told how long it still takes: its beginning says little."""
_MINUTES_FROM = 90
"""Seconds that are told as minutes."""
_GRACE_SECONDS = 5.0
"""How long a cancelled worker may take to end before it is killed."""


@dataclass(frozen=True, slots=True)
class JobState:
    """What is known of the running, or else the last, job.

    Args:
        state: ``idle`` before the first job.
        step: Name of the step it is in.
        share: Share of that step that is done, between 0 and 1.
        started: When, ISO 8601 in UTC.
        updated: When it reported last.
        since: When it reported first of this step.
        result: What the job left, when ``done``.
    """

    state: State = "idle"
    message: str = ""
    step: str = ""
    share: float = 0.0
    started: str = ""
    updated: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    since: str = ""

    @property
    def step_left(self) -> str:
        """How long the step still takes, going on as so far: ``about 20 seconds``; empty while unknown."""
        if self.state != "running" or not _LEAST_SHARE <= self.share < 1.0 or not self.since:
            return ""
        begun, now = (datetime.fromisoformat(at) for at in (self.since, self.updated))
        passed = (now - begun).total_seconds()
        left = passed * (1 - self.share) / self.share
        if passed < _LEAST_SECONDS:
            return ""
        if left > _MINUTES_FROM:
            return f"about {quantity(round(left / 60), 'minute')}"
        return f"about {quantity(max(5, 5 * round(left / 5)), 'second')}"


class Progress:
    """The worker's side: appends lines to the progress file.

    Args:
        folder: The job's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "progress.jsonl"
        self._last = ("", -1.0, 0.0)

    def report(self, step: str, share: float, line: str) -> None:
        """Say how far a step is; repeated news within a fifth of a second are left out."""
        known, known_share, at = self._last
        now = time.monotonic()
        if step == known and now - at < 0.2 and share < 1.0 and share >= known_share:
            return
        self._last = (step, share, now)
        self.write({"state": "running", "step": step, "share": share, "message": line})

    def done(self, message: str, result: Mapping[str, Any]) -> None:
        self.write({"state": "done", "message": message, "share": 1.0, "result": dict(result)})

    def failed(self, message: str) -> None:
        """Say why it could not be finished, on a full disk in the room that the earlier lines had."""
        row = {"state": "failed", "message": message}
        try:
            self.write(row)
        except OSError:
            self.write(row, mode="w")

    def write(self, row: Mapping[str, Any], mode: Literal["a", "w"] = "a") -> None:
        """Append one line, or put it in the place of all others."""
        with self._path.open(mode, encoding="utf-8") as lines:
            lines.write(json.dumps({**row, "at": _now()}, ensure_ascii=False) + "\n")


class TrainingQueue:
    """The order in which the jobs of a server run: one ticket a job, locked as long as its worker lives.

    A worker that ends, however it does, gives up its ticket; nobody has to clean up after it.

    Args:
        folder: The tickets are kept here; every job of the server has the same one.
        places: How many may run at a time; by default as the environment says.
    """

    def __init__(self, folder: Path, places: int = 0) -> None:
        said = os.environ.get(PLACES_VARIABLE, "")
        known = max(1, int(said)) if said.isdecimal() and len(said) < 4 else 1
        self.folder, self.places = folder, places or known

    def take(self) -> tuple[int, IO[str]]:
        """A new ticket: its number, and the locked file that the worker must hold open."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            number = max((_ticket(path) for path in self._tickets()), default=0) + 1
            ticket = (self.folder / f"{number:09}.ticket").open("a", encoding="utf-8")
            fcntl.flock(ticket, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, ticket

    def ahead(self, number: int) -> int:
        """How many jobs that run or wait came before this one."""
        with self._alone():
            return sum(self._is_held(path) for path in self._tickets() if _ticket(path) < number)

    def _tickets(self) -> list[Path]:
        return sorted(self.folder.glob("*.ticket"))

    def _is_held(self, path: Path) -> bool:
        with path.open("a", encoding="utf-8") as ticket:
            try:
                fcntl.flock(ticket, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            path.unlink()
            return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _ticket(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def wait_for_turn(request: Mapping[str, Any], progress: Progress) -> None:
    """Wait in the worker until fewer jobs run than may, and say meanwhile how many are before it.

    Args:
        request: As ``Job.start`` wrote it; one without a ticket goes on at once.
        progress: Where the place in the queue is told.
    """
    if "ticket" not in request:
        return
    queue, told = TrainingQueue(Path(request["queue"]), int(request["places"])), -1
    while (before := queue.ahead(int(request["ticket"]))) >= queue.places:
        if before != told:
            progress.write({"state": "queued", "step": "queue", "share": 0.0, "message": _waits(before)})
        told = before
        time.sleep(_LOOK_SECONDS)
    if told >= 0:
        progress.report("start", 0.0, "starting")


def _waits(before: int) -> str:
    return f"number {before} in the queue: {quantity(before, 'training')} before it on this server"


class Job:
    """The one job that a folder may have.

    Args:
        folder: Lock, request, progress and log are kept here.
        queue: Where it waits for the jobs of other folders; without one it starts at once.
    """

    def __init__(self, folder: Path, queue: TrainingQueue | None = None) -> None:
        self.folder, self.queue = folder, queue

    @property
    def log(self) -> Path:
        """What the worker printed."""
        return self.folder / "worker.log"

    def start(self, command: Sequence[str], request: Mapping[str, Any]) -> bool:
        """Start the worker unless one is running.

        Args:
            command: Program and arguments; the path of the request file is added at the end.
            request: Plain values for the worker.

        Returns:
            Whether this call started it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock() as lock:
            if lock is None:
                return False
            written, held = {**request, "started": _now()}, [lock]
            first = {"state": "running", "step": "start", "share": 0.0, "message": "starting"}
            if self.queue is not None:
                number, ticket = self.queue.take()
                held.append(ticket)
                written |= {"ticket": number, "queue": str(self.queue.folder), "places": self.queue.places}
                if (before := self.queue.ahead(number)) >= self.queue.places:
                    first |= {"state": "queued", "step": "queue", "message": _waits(before)}
            for name, text in (("progress.jsonl", ""), ("request.json", json.dumps(written))):
                with atomic_path(self.folder / name) as temporary:
                    temporary.write_text(text, encoding="utf-8")
                    temporary.chmod(0o600)  # A request may hold the address of a database with its password.
            Progress(self.folder).write(first)
            try:
                self._spawn([*command, str(self.folder / "request.json")], held)
            finally:
                # The worker has its own copies.
                for each in held[1:]:
                    each.close()
            return True

    def _spawn(self, command: Sequence[str], held: Sequence[IO[str]]) -> None:
        with self.log.open("wb") as log:
            worker = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[each.fileno() for each in held],
            )
        with atomic_path(self.folder / "pid") as temporary:
            temporary.write_text(str(worker.pid), encoding="utf-8")
        # Without someone who waits for it, the ended worker would stay in the process table.
        threading.Thread(target=worker.wait, daemon=True).start()

    def state(self) -> JobState:
        """The running, or else the last, job; a worker that died without a word has failed."""
        if not (self.folder / "request.json").is_file():
            return JobState()
        running = self.is_running()
        rows = self._rows()
        last = rows[-1] if rows else {}
        state: State = last.get("state", "running")
        message = str(last.get("message", ""))
        if state in _ALIVE and not running:
            state, message = "failed", self._cut_off(message)
        request = read_record(self.folder / "request.json")
        step = last.get("step", "")
        others = (number for number, row in enumerate(rows, 1) if row.get("step") != step)
        first = rows[max(others, default=0) :]
        return JobState(
            state,
            message,
            str(step),
            float(last.get("share", 0.0)),
            str(request.get("started", "")),
            str(last.get("at", "")),
            last.get("result", {}),
            request,
            str(first[0].get("at", "")) if first else "",
        )

    def _cut_off(self, at: str) -> str:
        """What to say of a worker that was killed or broke down; ``at`` is what it said last."""
        printed = self.log.is_file() and self.log.stat().st_size > 0
        more = f" What it printed is in {self.log}." if printed else ""
        return (
            f"it was stopped at “{at or 'starting'}”, before there was a result. Nothing was changed, and no "
            "decision is lost. Start it again; should it stop at the same place, the computer may be short "
            f"of memory: close other programs first.{more}"
        )

    @contextmanager
    def held_off(self) -> Iterator[bool]:
        """Let no job start for the time of the block; whether none was running."""
        if not self.folder.is_dir():
            yield True
            return
        with self._lock() as lock:
            yield lock is not None

    def forget(self) -> bool:
        """Remove what the last job was asked, said and printed; whether there was anything."""
        kept = [self.folder / name for name in ("request.json", "progress.jsonl", "worker.log", "pid")]
        there = [path for path in kept if path.is_file()]
        for path in there:
            path.unlink()
        return bool(there)

    def is_running(self) -> bool:
        """Whether a worker holds the lock."""
        if not self.folder.is_dir():
            return False
        with self._lock(tries=1) as lock:
            return lock is None

    def cancel(self) -> bool:
        """Stop the running worker and everything it started; says whether there was one."""
        if not self.is_running():
            return False
        self._signal(signal.SIGTERM)
        with self._lock(tries=int(_GRACE_SECONDS / 0.05)) as lock:
            if lock is None:
                self._signal(signal.SIGKILL)
        with self._lock(tries=int(_GRACE_SECONDS / 0.05)) as lock:
            rows = self._rows()
            if lock is not None and (not rows or rows[-1].get("state") in _ALIVE):
                Progress(self.folder).write({"state": "cancelled", "message": "stopped by a reviewer"})
        return True

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(int((self.folder / "pid").read_text(encoding="utf-8")), number)
        except (OSError, ValueError):
            return  # It has ended in the meantime, or has not said its number yet.

    def _rows(self) -> list[dict[str, Any]]:
        try:
            lines = (self.folder / "progress.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue  # The last line may be half written at this moment.
        return rows

    @contextmanager
    def _lock(self, tries: int = 10) -> Iterator[IO[str] | None]:
        """The lock file, locked, or ``None``; tries again since a question for the state holds it shortly."""
        with (self.folder / "lock").open("a", encoding="utf-8") as lock:
            for attempt in range(tries):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if attempt + 1 == tries:
                        yield None
                        return
                    time.sleep(0.05)
            # Closing this copy of the open file frees the lock only when no worker has another one.
            yield lock


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


CORES_VARIABLE = "HYBRID_NER_CORES"
"""At most so many processes; by default as many as this process may use cores."""
_MOST = 8
_KEEPING = {-1: 2**28, -3: 2**25}
"""Options of glibc's ``mallopt`` in bytes: free memory that is kept (``M_TRIM_THRESHOLD``), and the size from
which an array has memory of its own (``M_MMAP_THRESHOLD``), at its most."""
_task: Callable[[Any], Any] | None = None

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Processes that may run at once."""
    asked = os.environ.get(CORES_VARIABLE, "")
    if asked.isdigit() and int(asked):
        return int(asked)
    free = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    return min(_MOST, len(free))


def forked(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """``map(function, items)``, in order, on all cores; what the function changes stays in its copy.

    Args:
        function: May be any closure; its results have to be picklable.
        items: Picklable.

    Raises:
        HybridNerError: A copy was ended from outside.
    """
    global _task
    count = min(cores(), len(items))
    if count < 2 or sys.platform != "linux":
        yield from map(function, items)
        return
    _task, before = function, _task
    others, fork = multiprocessing.active_children(), multiprocessing.get_context("fork")
    copies: set[Any] = set()
    try:
        with ProcessPoolExecutor(count, fork, initializer=_serve, initargs=(os.getpid(),)) as pool:
            with warnings.catch_warnings():
                # Threads of the caller (a progress bar) are not in the copies, which need none of them.
                warnings.simplefilter("ignore", DeprecationWarning)
                futures = [pool.submit(_run, item) for item in items]
            copies = {*multiprocessing.active_children()}.difference(others)
            try:
                for future in futures:
                    yield future.result()
            except BaseException:
                # Nobody waits for the rest, which the pool would do before it ends.
                for copy in copies:
                    copy.kill()
                raise
    except BrokenProcessPool as error:
        # Ctrl-C reaches all of a terminal; Python loses it here where it comes while a copy is made.
        if any(copy.exitcode == -signal.SIGINT for copy in copies):
            raise KeyboardInterrupt from error
        raise HybridNerError(_BROKEN) from error
    finally:
        _task = before


def started(function: Callable[[], Result]) -> Callable[[], Result]:
    """Begin at once on another processor core, in a copy of this process; what is given back waits for it.

    Args:
        function: May be any closure; its result has to be picklable. Where there is no other core, or the
            copy came to nothing, it is called when the result is asked for.
    """
    if cores() < 2 or sys.platform != "linux":
        return function
    fork, parent = multiprocessing.get_context("fork"), os.getpid()
    receiver, sender = fork.Pipe(duplex=False)

    def work() -> None:
        _serve(parent)
        with sender:
            sender.send(function())

    def result() -> Result:
        with receiver:
            try:
                return cast("Result", receiver.recv())
            except EOFError:
                return function()
            finally:
                copy.kill()
                copy.join()

    copy = fork.Process(target=work, daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as above
        copy.start()
    sender.close()
    return result


_BROKEN = (
    "a process that did a part of the work was ended from outside, as the system does where memory is short. "
    f"Close other programs, or let one process do all ({CORES_VARIABLE}=1), and begin again."
)
_END_WITH_PARENT = 1
"""Option of Linux's ``prctl`` (``PR_SET_PDEATHSIG``)."""


def _serve(parent: int) -> None:
    """Make this copy end as its parent does, without a word of its own, and keep memory.

    A copy that outlived it would wait for work for ever, and hold the lock of its job.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # Ctrl-C reaches all of a terminal
        signal.signal(number, signal.SIG_DFL)
    with suppress(AttributeError, OSError):  # another library
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    _keep_memory()


def _keep_memory() -> None:
    """Have glibc keep what is freed: arrays of some MB are made and freed all the time, and to be given the
    same memory anew by the system took a quarter of the time of fitting on 400 documents."""
    with suppress(AttributeError, OSError):  # another library
        for option, size in _KEEPING.items():
            ctypes.CDLL(None).mallopt(option, size)


def _run(item: Any) -> Any:
    from hybrid_ner.pipeline.dense_tagger import one_thread

    assert _task is not None
    with one_thread():  # the copies share the cores already
        return _task(item)
