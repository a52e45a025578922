"""``hybrid-ner corpus``: convert, clean, split, check and describe document files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from hybrid_ner.cli import _inputs as inputs
from hybrid_ner.cli._options import Json, SkipBad, TextColumn, print_json
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import Place, Problem
from hybrid_ner.text import quantity, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from hybrid_ner.corpus import Document
    from hybrid_ner.corpus.check import CheckResult, CorpusStats
    from hybrid_ner.io import Report

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Convert, clean, split, check and describe files of documents.",
)

Input = Annotated[Path, typer.Argument(help="File or folder of documents; - for standard input.")]
Output = Annotated[Path, typer.Argument(help="File or folder to write; - for standard output.")]
From = Annotated[str | None, typer.Option("--from", help="Format of the input, when its name does not tell.")]
To = Annotated[str | None, typer.Option("--to", help="Format of the output, when its name does not tell.")]
Labels = Annotated[str | None, typer.Option(help="Labels that may occur, separated by commas.")]
Limit = Annotated[int, typer.Option(min=1, help="Entries to list of each kind.")]
Threshold = Annotated[
    float, typer.Option(min=0.1, max=1.0, help="Share of five-word sequences that makes near-duplicates.")
]


def _list_steps(wanted: bool) -> None:
    if wanted:
        from hybrid_ner.corpus.cleaning import DEFAULT_STEPS, STEPS

        for name in STEPS:
            typer.echo(f"{name}{'' if name in DEFAULT_STEPS else ' (only when asked for)'}")
        raise typer.Exit


@app.command()
def convert(
    source: Input,
    target: Output,
    from_: From = None,
    text_column: TextColumn = "",
    to: To = None,
    labels: Labels = None,
    rename: Annotated[
        list[str] | None, typer.Option("--map", help="Give a label another name: FROM=TO.")
    ] = None,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Convert between the formats of documents; what is lost is listed."""
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.corpus.cleaning import map_labels

    log, report = inputs.start_log(skip_bad)
    mapping = dict(inputs.named(each, "--map") for each in rename or [])
    unused = set(mapping)
    documents = _note_labels(inputs.progress(inputs.read(source, from_, report, labels), as_json), unused)
    count = write_corpus(
        inputs.open_output(target, as_json), map_labels(documents, (), mapping), to, report=log
    )
    for name in sorted(unused):
        log(Problem("unused map", f"no annotation is labeled {name!r}.", Place(str(source))))
    said = f"{quantity(count, 'document')} written to {target}"
    inputs.finish(log, as_json, {"documents": count, "output": str(target)}, said)


@app.command()
def clean(
    source: Input,
    target: Output,
    steps: Annotated[
        str | None, typer.Option(help="Steps, separated by commas; see --list-steps for their names.")
    ] = None,
    also: Annotated[str | None, typer.Option(help="Steps besides the usual ones.")] = None,
    list_steps: Annotated[bool, typer.Option("--list-steps", is_eager=True, callback=_list_steps)] = False,
    from_: From = None,
    text_column: TextColumn = "",
    to: To = None,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Mend control characters, broken words, odd spaces and encodings; annotations move with the text."""
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.corpus.cleaning import DEFAULT_STEPS, Cleaner

    log, report = inputs.start_log(skip_bad)
    chosen = (*(inputs.names(steps) if steps else DEFAULT_STEPS), *inputs.names(also))
    cleaner = Cleaner(chosen, log)
    count = write_corpus(
        inputs.open_output(target, as_json),
        cleaner(inputs.progress(inputs.read(source, from_, report), as_json)),
        to,
        report=log,
    )
    done = {"documents": count, "changed": cleaner.changed, "edits": dict(cleaner.edits)}
    done["output"] = str(target)
    edits = ", ".join(f"{name} {number}" for name, number in cleaner.edits.items()) or "nothing to mend"
    said = f"{quantity(count, 'document')} written to {target}, {cleaner.changed} changed: {edits}"
    inputs.finish(log, as_json, done, said)


@app.command()
def split(
    source: Input,
    out: Annotated[Path, typer.Argument(help="Folder to write the parts to.")],
    shares: Annotated[
        list[str] | None, typer.Option("--share", help="A part and its share of the whole: NAME=SHARE.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal parts.")] = 0,
    threshold: Threshold = 0.5,
    group_by: Annotated[
        str | None, typer.Option(help="Keep documents together that share this meta value.")
    ] = None,
    from_: From = None,
    text_column: TextColumn = "",
    to: Annotated[str, typer.Option("--to", help="Format of the parts.")] = "jsonl",
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Split by document, near-duplicates together (default: train=0.8, dev=0.2)."""
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.corpus.formats import detect
    from hybrid_ner.corpus.split import split_documents

    if out.is_file():
        raise InputError("expected a folder for the parts, found a file.", path=out, hint="Name a folder.")
    log, report = inputs.start_log(skip_bad)
    wanted = _shares(shares or ["train=0.8", "dev=0.2"])
    documents = list(inputs.progress(inputs.read(source, from_, report), as_json))
    name = (group_by or "").removeprefix("meta.")

    def value(document: Document) -> str | None:
        found = document.meta.get(name)
        return None if found is None else str(found)

    key = value if group_by is not None else None
    if group_by is not None and documents:
        _refuse_unknown(source, name, documents, report)
    parts = split_documents(documents, wanted, seed=seed, threshold=threshold, key=key)
    form = detect(out, to)
    counts = {}
    for name, part in parts.items():
        suffix = "" if form.folder else (form.suffixes or (".json",))[0]
        counts[name] = write_corpus(out / f"{name}{suffix}", part, to, report=log)
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    inputs.finish(
        log, as_json, {"documents": counts, "output": str(out)}, f"documents written to {out}: {listed}"
    )


@app.command()
def check(
    sources: Annotated[list[Path], typer.Argument(help="Files; several are the parts of one split.")],
    labels: Labels = None,
    threshold: Threshold = 0.5,
    limit: Limit = 5,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything was found.")] = False,
    from_: From = None,
    text_column: TextColumn = "",
    as_json: Json = False,
) -> None:
    """List inconsistent, misaligned and forgotten annotations, duplicates, and leaks between parts."""
    from hybrid_ner.corpus import ProblemLog
    from hybrid_ner.corpus.check import check_corpora

    log = ProblemLog()
    parts = {name: inputs.read(path, from_, log, labels) for name, path in _part_names(sources).items()}
    result = check_corpora(parts, threshold=threshold)
    if as_json:
        print_json({**result.as_dict(), **inputs.problems(log)})
    else:
        inputs.list_problems(log)
        inputs.print_all(check_renderables(result, limit))
    if strict and (result.findings or log.problems):
        raise typer.Exit(1)


@app.command()
def stats(
    source: Input,
    labels: Labels = None,
    from_: From = None,
    text_column: TextColumn = "",
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Count documents, words and mentions."""
    from hybrid_ner.corpus.check import corpus_stats

    log, report = inputs.start_log(skip_bad)
    found = corpus_stats(inputs.progress(inputs.read(source, from_, report, labels), as_json))
    if as_json:
        print_json({**asdict(found), **inputs.problems(log)})
        return

    inputs.print_all(stats_renderables(found))
    inputs.list_problems(log)


def _refuse_unknown(source: Path, name: str, documents: Sequence[Document], report: Report) -> None:
    """What keeps documents together must be there: a slip in its name would part what belongs together.

    Raises:
        CorpusError: No document has it.
    """
    without = [each.doc_id for each in documents if each.meta.get(name) is None]
    if len(without) == len(documents):
        known = sorted({key for each in documents for key in each.meta})
        hint = f"It has {', '.join(known)}." if known else "The documents have no meta data."
        raise CorpusError(f"no document has {name!r} in its meta data.", path=source, hint=hint)
    if without:
        said = f"{quantity(len(without), 'document')} without {name!r}, kept with near-duplicates alone"
        report(Problem("group", f"{said}: {some(without)}.", Place(str(source)), warning=True))


def _note_labels(documents: Iterable[Document], unseen: set[str]) -> Iterator[Document]:
    """The documents; the labels they carry are taken out of ``unseen``."""
    for document in documents:
        unseen.difference_update(entity.label for entity in document.entities or ())
        yield document


def _shares(given: list[str]) -> dict[str, float]:
    """Name of a part → its share; the name becomes that of a file."""
    shares: dict[str, float] = {}
    for each in given:
        name, _, value = each.partition("=")
        try:
            share = float(value)
        except ValueError as error:
            raise typer.BadParameter(f"--share expects NAME=NUMBER, found {each!r}.") from error
        if not name or name != Path(name).name or name in shares:
            raise typer.BadParameter(f"--share expects a name of its own for each file, found {each!r}.")
        shares[name] = share
    return shares


def _part_names(paths: list[Path]) -> dict[str, Path]:
    """Each file under its name, or its whole path where names collide."""
    called = [path.name for path in paths]
    if len(set(paths)) < len(paths):
        raise typer.BadParameter("the same file is given twice.")
    return {path.name if called.count(path.name) == 1 else str(path): path for path in paths}


# Findings and statistics for the terminal.


def check_renderables(result: CheckResult, limit: int) -> Iterator[RenderableType]:
    """What was found, the first ``limit`` findings of each kind with an example."""
    mentions = quantity(result.mentions, "annotation")
    yield f"{quantity(result.documents, 'document')} ({result.unlabeled:,} unlabeled), {mentions}"
    for kind, group in groupby(result.findings, key=lambda finding: finding.kind):
        findings = list(group)
        yield f"\n{kind}: {quantity(result.counts[kind], 'place')}"
        for finding in findings[:limit]:
            yield f"  {finding.message}"
            for example in finding.examples[:1]:
                label = f" {example.label}" if example.label else ""
                yield f"      {example.doc_id}{label}: {example.excerpt}"
        if len(findings) > limit:
            yield f"  … {len(findings) - limit} more; --limit or --json lists them."
    for shared in result.shared:
        share = shared.shared / shared.mentions if shared.mentions else 0
        yield (
            f"\n{shared.shared:,} of {quantity(shared.mentions, 'mention')} of {shared.second} ({share:.0%})"
            f" with a surface that {shared.first} holds with the same label"
        )
        yield "  " + ", ".join(f"{label} {a} of {b}" for label, (a, b) in shared.by_label.items())
    if not result.findings:
        yield "nothing found"


def stats_renderables(stats: CorpusStats) -> Iterator[RenderableType]:
    """Sizes, then a table by label."""
    longest, length = stats.longest
    yield (
        f"{quantity(stats.documents, 'document')} ({stats.unlabeled:,} unlabeled, "
        f"{stats.without_entities:,} without entities), {quantity(stats.words, 'word')}, "
        f"{quantity(stats.characters, 'character')}"
    )
    yield f"length: median {stats.median_length:,.0f} characters, longest {length:,} ({longest})"
    for name, values in stats.meta.items():
        yield f"meta.{name}: " + ", ".join(f"{value} {count:,}" for value, count in values.items())
    if not stats.labels:
        return
    title = f"{quantity(stats.mentions, 'annotation')}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("label", no_wrap=True, min_width=max(map(len, stats.labels)))
    for name in ("mentions", "surfaces", "documents", "words", "concepts"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    table.add_column("most frequent", overflow="ellipsis", no_wrap=True)
    for label, row in stats.labels.items():
        top = ", ".join(f"{surface} {count}" for surface, count in row.top[:3])
        counts = (f"{n:,}" for n in (row.mentions, row.surfaces, row.documents))
        table.add_row(label, *counts, f"{row.words:.1f}", f"{row.concepts:,}", top)
    yield table
