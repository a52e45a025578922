"""Many reviewers at once on one project: how long a line takes, and how often it fails.

Purpose: what a team waits for. Every reviewer is a process of its own that repeats a mixture of lines
(moves, decisions, save and next, undo, questions), each followed by drawing the card as the page does; with
pauses as of a person who reads (1 to 5 s), and without any, which only a script does. Every line is timed
and its answer looked at; an exception counts as an error. At the end the projections must equal the log.

Run: ``python -m benchmarks.bench_reviewers [--seconds 30] [--postgres URL] [--documents 2000]``. Without a
URL a private PostgreSQL server with its defaults (every commit waits for the disk) is started and removed.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.bench_review import LABELS, documents
from hybrid_ner.errors import HybridNerError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.events import fold_project
from tests.review.reviewer_process import whole
from tests.review.server import private_server, programs

LINES = (("next", 30), ("ok {n}", 25), ("no {n}", 10), ("{n} is DRUG", 5), ("ok next", 15), ("undo", 5))
QUESTIONS = (("why {n}", 5), ("log", 2), ("who changed {n}", 1), ("worst terms", 2))
PAUSE = (1.0, 5.0)

Timing = tuple[str, float, str]
"""Kind of call, seconds, and the name of the error when there was one."""


def build(target: str, count: int) -> None:
    """A store of ``count`` documents with 20 suggestions each."""
    with ReviewStore.open(target) as store:
        project = store.create_project("load", LABELS)
        project.add_documents(document for document, _ in documents(count, 100))
        project.add_suggestions("r1", ((d.doc_id, found) for d, found in documents(count, 100)))


def _timed(kind: str, run: Any) -> tuple[Timing, Any]:
    begun, reply, failed = time.perf_counter(), None, ""
    try:
        reply = run()
    except HybridNerError as error:
        failed = f"{type(error).__name__}: {str(error)[:160]}"
    except Exception as error:
        failed = f"UNCAUGHT {type(error).__name__}: {str(error)[:160]}"
    return (kind, time.perf_counter() - begun, failed), reply


def _review(target: str, number: int, until: float, pauses: bool) -> list[Timing]:
    """One reviewer's lines until the time is over."""
    rng, found = random.Random(number), []
    lines, weights = zip(*LINES, *QUESTIONS, strict=True)
    with ReviewStore.open(target, create=False) as store:
        timing, session = _timed(
            "open", lambda: ReviewSession(store, "load", f"reviewer{number}", tokenize=whole)
        )
        found.append(timing)
        if session is None:
            return found
        if pauses:
            time.sleep(rng.uniform(0, PAUSE[1]))
        while time.time() < until:
            line = rng.choices(lines, weights)[0].format(n=rng.randint(1, 20))
            kind = "question" if any(line.split()[0] == q.split()[0] for q, _ in QUESTIONS) else "line"
            timing, reply = _timed("next" if line == "next" else kind, lambda line=line: session.handle(line))
            found.append(timing)
            if reply is not None and reply.pending is not None:
                found.append(_timed("line", lambda: session.handle("yes"))[0])
            found.append(_timed("draw", session.view)[0])
            if pauses:
                time.sleep(rng.uniform(*PAUSE))
    return found


def _child(target: str, number: int, until: float, pauses: bool, results: Any) -> None:
    # A store that cannot be opened is an error like the others.
    timing, found = _timed("open", lambda: _review(target, number, until, pauses))
    results.put(found if found is not None else [timing])


def measure(target: str, reviewers: int, seconds: float, pauses: bool) -> list[Timing]:
    """What every line of every reviewer took."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    until = time.time() + seconds
    started = [
        context.Process(target=_child, args=(target, number, until, pauses, results))
        for number in range(reviewers)
    ]
    for process in started:
        process.start()
    found = [timing for _ in started for timing in results.get()]
    for process in started:
        process.join()
    return found


def check(target: str) -> None:
    """The projections equal the fold of the log."""
    with ReviewStore.open(target) as store:
        project = store.project("load")
        assert project.states() == fold_project(project.events())


def row(name: str, kind: str, found: list[Timing]) -> str:
    """One row of the table."""
    times = sorted(seconds for what, seconds, _ in found if kind in (what, "all") and what != "open")
    failed = sum(1 for what, _, error in found if error and kind in (what, "all"))
    p50, p99 = statistics.median(times), times[min(len(times) - 1, int(0.99 * len(times)))]
    figures = f"{len(times):8,}{1000 * p50:10.1f}{1000 * p99:11.1f}{1000 * times[-1]:11.1f}{failed:8}"
    return f"{name:36}{kind:10}{figures}"


@contextmanager
def _server(url: str) -> Iterator[str]:
    if url:
        yield url
        return
    where = programs()
    if where is None:
        raise SystemExit("no PostgreSQL: give --postgres URL, or install the server")
    with private_server(where, "") as started:
        yield started


def _new_database(server: str, name: str) -> str:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--postgres", default="")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f}; milliseconds")
    print(f"{'':36}{'call':10}{'calls':>8}{'p50':>10}{'p99':>11}{'slowest':>11}{'errors':>8}")
    errors: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, _server(given.postgres) as server:
        for engine, reviewers in (("SQLite", 10), ("PostgreSQL", 50)):
            for pauses in (True, False):
                target = str(Path(folder) / f"load{pauses}.sqlite3")
                if engine == "PostgreSQL":
                    target = _new_database(server, f"reviewers_{pauses}".lower())
                build(target, given.documents)
                found = measure(target, reviewers, given.seconds, pauses)
                check(target)
                name = f"{reviewers} on {engine}, {'with' if pauses else 'without'} pauses"
                for kind in ("all", "next", "line", "question", "draw"):
                    print(row(name, kind, found), flush=True)
                errors.update(f"{name}: {what}: {error}" for what, _, error in found if error)
    for text, count in errors.most_common(12):
        print(f"{count:6} × {text}")


if __name__ == "__main__":
    main()
