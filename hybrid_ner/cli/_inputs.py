"""The files a command is given, read with one policy for bad rows, and what has to be said about them."""

from __future__ import annotations

import os
import re
import shlex
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hybrid_ner.cli._options import bars, kept, print_json
from hybrid_ner.errors import CorpusError, Hint, InputError
from hybrid_ner.project_file import ProjectFile, current, read_project_file
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Corpus, Document, ProblemLog
    from hybrid_ner.io import Problem
    from hybrid_ner.terms import Gazetteer

_LISTED = 20
"""Problems that the terminal shows."""
_WRITTEN = ("output", "out", "target", "to", "report", "mistakes")
"""Parameters of commands that name what is written; ``to`` is also a format."""
_FOLDERS = ("corpus", "input", "source", "sources", "gold")
"""Parameters that may be folders of documents."""
_BESIDE_STORE = ("-wal", "-shm", "-journal")
"""What stands behind the name of an open SQLite store in those of its other files."""
_READER_OPTIONS = ("columns", "format", "language", "option", "prose")
"""Codes of hints that name an option of a reader."""
_IMPORT = (
    "Options of a format are for hybrid-ner gazetteer import {} --out LIST.tsv; then give LIST.tsv here."
)


class Inputs:
    """Reads corpora and term lists, and keeps what was left out or guessed.

    Args:
        skip_bad: Leave unusable rows out and list them, instead of stopping at the first.
        silent: Say nothing before the outcome, which holds all of it as JSON.
    """

    def __init__(self, skip_bad: bool, *, silent: bool = False) -> None:
        from hybrid_ner.corpus import ProblemLog
        from hybrid_ner.io import UNREADABLE, fail
        from hybrid_ner.terms.readers import ReadReport

        self.skip_bad, self.silent, self.log = skip_bad, silent, ProblemLog()
        self._said: list[str] = []
        self._told = self.log if skip_bad else fail
        self._lists: list[ReadReport] = []
        if skip_bad:
            UNREADABLE.set(self.log)

    def corpus(self, path: Path, *, named: bool = True) -> Corpus:
        """A corpus in any format, read when it is needed.

        Args:
            named: Whether ``--text-column`` is about it.
        """
        from hybrid_ner.corpus import read_corpus

        column = kept("text_column") if named else ""
        return read_corpus(path, text_column=column, report=self.told)

    def gold(self, path: Path | None) -> list[Document]:
        """The documents to score on; none without a path.

        Raises:
            CorpusError: They carry no entity, so there is nothing to score.
        """
        documents = list(self.corpus(path, named=False)) if path else []
        if path and not any(document.entities for document in documents):
            hint = "Give annotated documents, or none."
            raise CorpusError("no gold document carries an entity.", path=path, hint=hint)
        return documents

    def terms(
        self, domain: str, files: Iterable[Path], label: str, shipped: bool, may_be_empty: bool = False
    ) -> Gazetteer:
        """The user's lists, then those of the domain.

        Raises:
            InputError: As ``gather_terms``; where an option of a reader would help, with the command that
                takes it.
        """
        from hybrid_ner.matching import gather_terms

        try:
            return gather_terms(
                domain,
                files,
                label=label,
                shipped=shipped,
                skip_bad=self.skip_bad,
                reports=self._lists,
                may_be_empty=may_be_empty,
                columns=kept("columns"),
                told=current().options_of,
            )
        except InputError as error:
            if error.path is None or Hint.code_of(error.hint) not in _READER_OPTIONS:
                raise
            hint = f"{error.hint} {_IMPORT.format(shlex.quote(str(error.path)))}"
            raise InputError(error.problem, path=error.path, row=error.row, hint=hint) from error

    def told(self, problem: Problem) -> None:
        """Keep a warning, or with ``skip_bad`` any problem; stop at a problem without it."""
        self.log(problem) if problem.warning else self._told(problem)

    def answered(self, as_json: bool, row: Mapping[str, Any]) -> bool:
        """Print the outcome with what was left out or guessed as JSON; else the first of that, and go on."""
        if as_json:
            print_json({**row, "warnings": self.warnings()})
            return True
        list_lines(self.rest())
        return False

    def tell(self) -> None:
        """Say what was left out or guessed so far: how a list was read may be a mistake, and what is made of
        it takes minutes."""
        if not self.silent:
            list_lines(new := self.rest())
            self._said += new

    def rest(self) -> list[str]:
        """What was left out or guessed and is not told yet."""
        return [each for each in self.warnings() if each not in self._said]

    def warnings(self) -> list[str]:
        """What was left out or guessed, each once, though a corpus may be read several times."""
        lists = [line for r in self._lists if r.bad or r.skipped or r.notes for line in r.lines()]
        return [*lists, *dict.fromkeys(map(str, self.log.problems))]


def list_lines(lines: Sequence[str]) -> None:
    """The first of what was left out or guessed, on standard error."""
    for line in first_of(lines):
        typer.echo(line, err=True)


def first_of(lines: Sequence[object]) -> list[str]:
    """The first of many lines, and how many more there are."""
    more = [f"… {len(lines) - _LISTED:,} more; --json lists all."] if len(lines) > _LISTED else []
    return [*map(str, lines[:_LISTED]), *more]


def parse_shard(text: str) -> tuple[int, int]:
    """Number and count of the shard ``I/N``.

    Raises:
        InputError: Something else.
    """
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        problem = f"--shard wants I/N with I below N, found {text!r}."
        raise InputError(problem, hint="For example --shard 0/4.")
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

    allowed = names(labels) if labels is not None else None
    return read_corpus(path, form, labels=allowed, text_column=kept("text_column"), report=report)


def apart(values: Mapping[str, Any]) -> None:
    """Refuse to write over what is read: the texts, terms or decisions in it would be lost.

    Args:
        values: All options and arguments of a command by name; a file may stand behind a name
            (``NAME=FILE``, ``predictions:FILE``).

    Raises:
        InputError: A file to write is one of the others, belongs to a store among them, or lies in a folder
            of documents that is read.
    """
    # Before Typer 0.29 a path is still text here.
    written = [Path(each) for name in _WRITTEN if isinstance(each := values.get(name), str | Path)]
    given = [(name, value) for name, value in values.items() if written and name not in _WRITTEN]
    for name, value in given:
        for each in map(str, value if isinstance(value, list | tuple) else (value,)):
            paths = {each, re.split("[=:]", each, maxsplit=1)[-1]}
            read = [
                Path(path) for path in paths if os.path.exists(path)
            ]  # never fails, however long they are
            taken = (o for path in read for o in written if _takes_place(o, path, folder=name in _FOLDERS))
            if (output := next(taken, None)) is not None:
                hint = "Give the output another name."
                raise InputError("the output would take the place of the input.", path=output, hint=hint)


def writes_data(values: Mapping[str, Any]) -> bool:
    """Whether a command with these options and arguments writes JSON or documents to standard output."""
    return bool(values.get("as_json")) or any(str(values.get(name)) == "-" for name in _WRITTEN)


def _takes_place(output: Path, given: Path, *, folder: bool) -> bool:
    """Whether an output is what is read, a file of that store, or, where folders are read, lies in it."""
    whole, read = (Path(os.path.realpath(each)) for each in (output, given))
    if str(whole).removeprefix(str(read)) in _BESIDE_STORE:
        return True
    return output.is_file() and (output.samefile(given) or (folder and read in whole.parents))


def open_output(path: Path, as_json: bool) -> Path:
    """The path of an output; ``-`` is standard output, which ``--json`` needs for itself.

    Raises:
        InputError: Both are asked for.
    """
    if str(path) == "-" and as_json:
        raise InputError("--json and an output of - both go to standard output.", hint="Give a file.")
    return path


def progress(documents: Iterable[Document], quiet: bool) -> Iterator[Document]:
    """The documents, counted on the terminal while they pass."""
    with bars(quiet or not sys.stderr.isatty()) as report:
        for number, document in enumerate(documents, 1):
            yield document
            report("read", 0.0, quantity(number, "document"))


def finish(log: ProblemLog, as_json: bool, row: dict[str, Any], said: str) -> None:
    """Print what was done and what could not be kept."""
    if as_json:
        print_json({**row, **problems(log)})
        return
    typer.echo(said, err=row.get("output") == "-")
    list_problems(log)


def problems(log: ProblemLog) -> dict[str, Any]:
    return {"problem_counts": log.counts, "problems": [problem.as_dict() for problem in log.problems]}


def list_problems(log: ProblemLog) -> None:
    """Problems counted by kind, and the first of them, on standard error."""
    if not log.problems:
        return
    counted = ", ".join(f"{kind} {count}" for kind, count in log.counts.items())
    typer.echo(f"{quantity(len(log), 'problem')}: {counted}", err=True)
    for line in first_of(log.problems):
        typer.echo(f"  {line}", err=True)


def print_all(parts: Iterable[Any]) -> None:
    """Print texts and tables; square brackets in texts are text, and the terminal breaks long lines."""
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, (str, Text)))


def names(given: str | None) -> tuple[str, ...]:
    """Names separated by commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in (given or "").split(",") if name.strip()))


def named(given: str, option: str) -> tuple[str, str]:
    """Both sides of ``NAME=VALUE``.

    Raises:
        BadParameter: Something else.
    """
    name, equals, value = given.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter(f"{option} expects NAME=VALUE, found {given!r}.")
    return name, value


# What ``hybrid-ner.toml`` says, as the defaults of one command.

_FROM_STORE = ("gazetteer",)
"""What the commands of a review know from its store."""
_OWN_WORK = ("demo", "new")
_MADE_HERE = ("bootstrap", "train")
"""Commands whose output is the model."""


def defaults(noun: str, command: Any, path: Path) -> dict[str, Any]:
    """Default of each option of a command and those below it, as click's ``default_map`` wants it.

    Raises:
        InputError: The file cannot be used, or sets an option that no command has.
    """
    if noun in _OWN_WORK:
        return {}
    said = read_project_file(path)
    values = _values(said)
    if noun != "review":
        values.pop("labels", None)  # elsewhere they would leave the others out
    _check_settings(said, command)
    found = _of(command, values, noun)
    for name, below in getattr(command, "commands", {}).items():
        # What a store says of its own project comes before the folder; a new one is told by it.
        taken = {
            k: v for k, v in values.items() if noun != "review" or name == "init" or k not in _FROM_STORE
        }
        found[name] = _of(below, taken, noun)
    return found


def _values(said: ProjectFile) -> dict[str, Any]:
    """Options by name, as the command line would give them."""
    values: dict[str, Any] = {**said.settings}
    values |= {"domain": said.domain, "labels": ",".join(said.labels), "shipped": said.shipped}
    values |= {"gazetteer": [str(each.file) for each in said.lists], "source": list(said.sources)}
    values |= {"rules": [str(each) for each in said.rules], "plugin": [str(each) for each in said.plugins]}
    values |= {"corpus": str(said.corpus or ""), "model": str(said.model or "")}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _of(command: Any, values: Mapping[str, Any], noun: str) -> dict[str, Any]:
    """The values that a command has an option for; of its arguments only one that stands alone."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = {each.name: each for each in command.params if each.param_type_name == "option"}
    if len(arguments) == 1:
        options[arguments[0].name] = arguments[0]
    # A list is for an option that may be repeated: --source of ``gazetteer import`` is the name of a list.
    many = {name for name, each in options.items() if each.nargs == -1 or getattr(each, "multiple", False)}
    taken = {
        name: value
        for name, value in values.items()
        if name in options and (name in many or not isinstance(value, list))
    }
    if noun in _MADE_HERE and "model" in values and "out" in options:
        taken["out"] = values["model"]
    if noun == "review" and "model" in taken and not Path(taken["model"]).exists():
        del taken["model"]  # suggestions of a model that is still to be made
    return taken


def _check_settings(said: ProjectFile, command: Any) -> None:
    """Every setting is an option of some command; the others are only made where this one has it not."""
    below = (command, *getattr(command, "commands", {}).values())
    if {*said.settings} <= {each.name for one in below for each in one.params}:
        return
    known = {each.name for one in _every() for each in one.params}
    for name in said.settings:
        if name not in known:
            near = get_close_matches(name.replace("-", "_"), list(known), 1)
            hint = f"Did you mean {near[0]}?" if near else "Use the name of an option, with _ for -."
            raise InputError(f"[settings]: no command has an option {name!r}.", path=said.path, hint=hint)


def _every() -> Iterator[Any]:
    """Every command there is; imported for this check alone."""
    from hybrid_ner.cli import NOUNS, app

    root: Any = typer.main.get_command(app)
    context = root.make_context("hybrid-ner", ["--no-config"], resilient_parsing=True)
    context._protected_args = ["-"]
    with warnings.catch_warnings():
        for noun in NOUNS:
            command = root.get_command(context, noun)
            yield from (command, *getattr(command, "commands", {}).values())
