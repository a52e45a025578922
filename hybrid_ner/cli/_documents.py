"""What commands over document files share: reading with a list of problems, progress, the closing lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Corpus, Document, ProblemLog

__all__ = ["finish", "list_problems", "names", "print_all", "problems", "progress", "read", "start_log"]


def start_log(skip_bad: bool) -> tuple[ProblemLog, Callable[[Any], None]]:
    """Where losses are listed, and what is told about unusable input."""
    from hybrid_ner.corpus import ProblemLog
    from hybrid_ner.corpus.problems import fail

    log = ProblemLog()
    return log, log if skip_bad else fail


def read(path: Path, form: str | None, report: Callable[[Any], None], labels: str | None = None) -> Corpus:
    """As ``read_corpus``, with labels as given on the command line."""
    from hybrid_ner.corpus import read_corpus

    return read_corpus(path, form, labels=names(labels) if labels is not None else None, report=report)


def progress(documents: Iterable[Document], quiet: bool) -> Iterator[Document]:
    """The documents, counted on the terminal while they pass."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield from documents
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} documents"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        for document in documents:
            yield document
            bar.advance(task)


def finish(log: ProblemLog, as_json: bool, row: dict[str, Any], said: str) -> None:
    """Print what was done and what could not be kept."""
    if as_json:
        print_json({**row, **problems(log)})
        return
    typer.echo(said)
    list_problems(log)


def problems(log: ProblemLog) -> dict[str, Any]:
    """All problems, for JSON."""
    return {"problem_counts": log.counts, "problems": [problem.as_dict() for problem in log.problems]}


def list_problems(log: ProblemLog, limit: int = 20) -> None:
    """Problems counted by kind, and the first of them, on standard error."""
    if not log.problems:
        return
    counted = ", ".join(f"{kind} {count}" for kind, count in log.counts.items())
    typer.echo(f"{quantity(len(log), 'problem')}: {counted}", err=True)
    for problem in log.problems[:limit]:
        typer.echo(f"  {problem}", err=True)
    if len(log) > limit:
        typer.echo(f"  … {len(log) - limit} more; --json lists all.", err=True)


def print_all(parts: Iterable[Any]) -> None:
    """Print texts and tables; square brackets in texts are text, and the terminal breaks long lines."""
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, (str, Text)))


def names(given: str | None) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(name.strip() for name in (given or "").split(",") if name.strip())
