"""What several commands print alike: progress bars, counts, the next command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

__all__ = ["Bars", "bars", "model_lines", "print_json"]


class Bars:
    """One progress bar a step; a step's bar appears with its first report."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, step: str, share: float, line: str) -> None:
        if step not in self._tasks:
            self.finish()
            self._tasks[step] = self._progress.add_task(step, total=1.0, line=line)
        known = share > 0
        self._progress.update(self._tasks[step], completed=share, total=1.0 if known else None, line=line)

    def finish(self) -> None:
        """Mark every bar so far as done."""
        for task in self._tasks.values():
            self._progress.update(task, total=1.0, completed=1.0)


@contextmanager
def bars(quiet: bool) -> Iterator[Bars]:
    """Progress bars on standard error; plain and silent when ``quiet``."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[line]}"),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        shown = Bars(progress)
        yield shown
        shown.finish()


def model_lines(did: Mapping[str, Mapping[str, Any]], listed: str) -> Iterator[str]:
    """What each model among the sources did.

    Args:
        did: Source → its report as plain values.
        listed: Where unusable and missing answers are listed.
    """
    from hybrid_ner.sources.models.answers import ModelReport

    for name, found in did.items():
        report = ModelReport()
        report.add(found)
        yield f"Asked     {report.line(name)}"
        if report.unanswered or report.problems:
            again = "; the next run asks again for what is missing" if report.unanswered else ""
            yield f"          listed in {listed}{again}"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
