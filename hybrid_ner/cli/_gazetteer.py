"""What the gazetteer commands share: options of the input, loading, and printing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hybrid_ner.terms import Gazetteer, Term
    from hybrid_ner.terms.readers import Reading, ReadReport

__all__ = [
    "AsJson",
    "Files",
    "FormatName",
    "Input",
    "Label",
    "LabelMap",
    "Member",
    "Mode",
    "NotUnder",
    "Settings",
    "SkipBad",
    "Source",
    "Under",
    "checked_output",
    "counted",
    "holding",
    "load",
    "print_reports",
    "term_row",
]

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Term files, archives, release folders; a shipped domain (medical) or pack (medical/anatomy).",
    ),
]
FormatName = Annotated[
    str, typer.Option("--format", "-f", metavar="NAME", help="Format of the files; guessed when not given.")
]
Label = Annotated[str, typer.Option("--label", "-l", help="Label of every row.")]
LabelMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        "-m",
        metavar="TYPE=LABEL",
        help="Label of one of the source's own types (T047=Disease), others are left out; may be repeated.",
    ),
]
Source = Annotated[str, typer.Option(help="Name of the list, for rows that bring none.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="OPTION=VALUE",
        help="Option of the format (languages=ENG,FRE), see 'gazetteer formats'; may be repeated.",
    ),
]
Mode = Annotated[
    str,
    typer.Option(
        metavar="MODE",
        help="How rows that do not say so match: folded (in any case), case (exact letters), defined (only "
        "where the text defines them) or auto (exact letters for short acronyms). Default: folded for your "
        "own lists, auto for published ones.",
    ),
]
Member = Annotated[
    str,
    typer.Option(metavar="NAME", help="File to read in an archive or folder of several; may be a pattern."),
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Count and list bad rows instead of stopping.")]
Under = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONCEPT", help="Only this concept (MESH:D009369) and those below; may be repeated."
    ),
]
NotUnder = Annotated[
    list[str] | None,
    typer.Option(metavar="CONCEPT", help="Not this concept and those below; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True)
class Input:
    """How term files are to be read."""

    format: str = ""
    label: str = ""
    label_map: Sequence[str] = ()
    source: str = ""
    settings: Sequence[str] = ()
    skip_bad: bool = False
    mode: str = ""
    member: str = ""
    reports: list[ReadReport] = field(default_factory=list)

    def open(self, path: str) -> Reading:
        """The terms of one file; its report is kept."""
        from hybrid_ner.terms.readers import read_gazetteer

        reading = read_gazetteer(
            path,
            self.format or None,
            label=self.label,
            label_map=_pairs(self.label_map, "--map"),
            source=self.source,
            skip_bad=self.skip_bad,
            **{name: value for name in ("mode", "member") if (value := getattr(self, name))},
            **_pairs(self.settings, "--set"),
        )
        self.reports.append(reading.report)
        return reading


def _pairs(words: Sequence[str], name: str) -> dict[str, str]:
    from hybrid_ner.errors import InputError

    pairs: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise InputError(f"{name} takes NAME=VALUE, found {word!r}.", hint="Write NAME=VALUE.")
        pairs[key] = value
    return pairs


def checked_output(path: Path) -> Path:
    """The path of a gazetteer to write.

    Raises:
        InputError: It does not say that it is one.
    """
    from hybrid_ner.errors import InputError

    if not path.name.endswith((".tsv", ".tsv.gz")):
        raise InputError(
            "a gazetteer is written to .tsv or .tsv.gz.", path=path, hint="Give such a name to --out."
        )
    return path


def load(
    names: Sequence[str],
    given: Input,
    under: Sequence[str] | None = None,
    not_under: Sequence[str] | None = None,
) -> Gazetteer:
    """Files and shipped domains as one gazetteer; earlier ones win."""
    from hybrid_ner.terms.hierarchy import restrict

    with counted("terms") as count:
        loaded = [_load_one(name, given, count) for name in names]
    whole = loaded[0] if len(loaded) == 1 else loaded[0].merge(*loaded[1:])
    return restrict(whole, under or (), not_under or ())


def holding(name: str, query: str, given: Input) -> Gazetteer:
    """The terms that may fit a query: of a gazetteer file only the rows that hold its text are read."""
    from hybrid_ner.terms import Gazetteer
    from hybrid_ner.terms.readers import guess_format
    from hybrid_ner.terms.readers.files import Files as TermFiles

    is_ours = Path(name).exists() and (given.format or guess_format(TermFiles(name)).name) == "gazetteer"
    if not is_ours or not query.strip():
        return load([name], given)
    return Gazetteer(tuple(replace(given, settings=(f"containing={query}",)).open(name)), {}, name)


def _load_one(name: str, given: Input, count: Any) -> Gazetteer:
    from hybrid_ner.terms.shipped import SHIPPED_DOMAINS, load_shipped

    if not Path(name).exists() and name in SHIPPED_DOMAINS:
        return load_shipped(name)
    reading = given.open(name)
    reading.watch = count
    return reading.gazetteer()


@contextmanager
def counted(what: str) -> Iterator[Any]:
    """A function that shows a growing count on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(count: int) -> None:
        typer.echo(f"\r{count:,} {what}", err=True, nl=False)

    try:
        yield show
    finally:
        typer.echo("\r" + " " * 40 + "\r", err=True, nl=False)


def print_reports(reports: Iterable[ReadReport]) -> None:
    """What was read and skipped, on standard error."""
    for report in reports:
        for line in report.lines():
            typer.echo(line, err=True)


def term_row(term: Term) -> Mapping[str, Any]:
    """A term for JSON: only what it has."""
    row = {
        "term": term.text,
        "label": term.label,
        "concept_id": term.concept_id,
        "status": term.status,
        "mode": term.mode,
        "source": term.source,
        "file": term.file,
        "row": term.row,
        "parent": term.parent,
        "rule": term.rule,
    }
    return {name: value for name, value in row.items() if value}
