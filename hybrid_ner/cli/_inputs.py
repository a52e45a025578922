"""The files a command is given, read with one policy for bad rows, and what has to be said about them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Corpus, Document, ProblemLog
    from hybrid_ner.io import Problem
    from hybrid_ner.terms import Gazetteer

__all__ = [
    "Inputs",
    "finish",
    "list_problems",
    "names",
    "parse_shard",
    "print_all",
    "problems",
    "progress",
    "read",
    "start_log",
]


_READER_OPTION = re.compile(r"columns=|--member|--set|\bformat\b|label map|\boptions?\b")
_IMPORT = "Options are for hybrid-ner gazetteer import {} --out LIST.tsv; then give LIST.tsv here."


class Inputs:
    """Reads corpora and term lists, and keeps what was left out or guessed.

    Args:
        skip_bad: Leave unusable rows out and list them, instead of stopping at the first.
    """

    def __init__(self, skip_bad: bool) -> None:
        from hybrid_ner.corpus import ProblemLog
        from hybrid_ner.io import fail
        from hybrid_ner.terms.readers import ReadReport

        self.skip_bad, self.log = skip_bad, ProblemLog()
        self._told = self.log if skip_bad else fail
        self._lists: list[ReadReport] = []

    def corpus(self, path: Path) -> Corpus:
        """A corpus in any format, read when it is needed."""
        from hybrid_ner.corpus import read_corpus

        return read_corpus(path, report=self.told)

    def gold(self, path: Path | None) -> list[Document]:
        """The documents to score on; none without a path.

        Raises:
            CorpusError: They carry no entity, so there is nothing to score.
        """
        from hybrid_ner.errors import CorpusError

        documents = list(self.corpus(path)) if path else []
        if path and not any(document.entities for document in documents):
            raise CorpusError(
                "no gold document carries an entity.", path=path, hint="Give annotated documents, or none."
            )
        return documents

    def terms(
        self, domain: str, files: Iterable[Path], label: str, shipped: bool, may_be_empty: bool = False
    ) -> Gazetteer:
        """The user's lists, then those of the domain.

        Raises:
            InputError: As ``gather_terms``; where an option of a reader would help, with the command that
                takes it.
        """
        from hybrid_ner.errors import InputError
        from hybrid_ner.training.lists import gather_terms

        try:
            return gather_terms(
                domain,
                files,
                label=label,
                shipped=shipped,
                skip_bad=self.skip_bad,
                reports=self._lists,
                may_be_empty=may_be_empty,
            )
        except InputError as error:
            if error.path is None or not _READER_OPTION.search(error.hint):
                raise
            hint = f"{error.hint} {_IMPORT.format(shlex.quote(str(error.path)))}"
            raise InputError(error.problem, path=error.path, row=error.row, hint=hint) from error

    def told(self, problem: Problem) -> None:
        """Keep a warning, or with ``skip_bad`` any problem; stop at a problem without it."""
        self.log(problem) if problem.warning else self._told(problem)

    def warnings(self) -> list[str]:
        """What was left out or guessed, each once, though a corpus may be read several times."""
        lists = [line for r in self._lists if r.bad or r.skipped or r.notes for line in r.lines()]
        return [*lists, *dict.fromkeys(map(str, self.log.problems))]

    def list_warnings(self, limit: int = 20) -> None:
        """The first of them on standard error."""
        lines = self.warnings()
        for line in lines[:limit]:
            typer.echo(line, err=True)
        if len(lines) > limit:
            typer.echo(f"… {len(lines) - limit:,} more; --json lists all.", err=True)


def parse_shard(text: str) -> tuple[int, int]:
    """Number and count of the shard ``I/N``.

    Raises:
        InputError: Something else.
    """
    from hybrid_ner.errors import InputError

    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise InputError(
            f"--shard wants I/N with I below N, found {text!r}.", hint="For example --shard 0/4."
        )
    return int(index), int(count)


def start_log(skip_bad: bool) -> tuple[ProblemLog, Callable[[Any], None]]:
    """Where losses are listed, and what is told about unusable input."""
    from hybrid_ner.corpus import ProblemLog
    from hybrid_ner.io import fail

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
