"""Use the other processor cores: run a function on several items in copies of this process.

A copy (``fork``) has everything that the function needs in memory already, so that nothing is written,
imported or opened again; only the results travel. Where the system cannot copy a process, or has one core,
the items are done one after another.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from hybrid_ner.pipeline.dense_tagger import one_thread

CORES_VARIABLE = "HYBRID_NER_CORES"
"""At most so many processes; by default as many as this process may use cores."""
_MOST = 8
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
    """
    global _task
    count = min(cores(), len(items))
    if count < 2 or sys.platform != "linux":
        yield from map(function, items)
        return
    _task, before = function, _task
    try:
        with ProcessPoolExecutor(count, multiprocessing.get_context("fork")) as pool:
            with warnings.catch_warnings():
                # Threads of the caller (a progress bar) are not in the copies, which need none of them.
                warnings.simplefilter("ignore", DeprecationWarning)
                futures = [pool.submit(_run, item) for item in items]
            for future in futures:
                yield future.result()
    finally:
        _task = before


def _run(item: Any) -> Any:
    assert _task is not None
    with one_thread():  # the copies share the cores already
        return _task(item)
