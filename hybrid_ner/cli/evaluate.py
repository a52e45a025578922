"""``hybrid-ner evaluate`` and ``transfer``: score predictions, and the rules of a domain, against gold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli._inputs import named, names, print_all, read
from hybrid_ner.cli._options import Columns, Ids, Json, Quiet, SkipBad, TextColumn, kept, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from hybrid_ner.corpus import Corpus, Document
    from hybrid_ner.evaluation.compare import Comparison
    from hybrid_ner.evaluation.counts import System
    from hybrid_ner.evaluation.transfer import Transfer
    from hybrid_ner.terms import Term
    from hybrid_ner.terms.shipped import Crosswalk

__all__ = ["app", "named", "systems_given", "transfer_app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Option(help="Annotated documents.")],
    predicted: Annotated[list[str], typer.Option(help="Predictions as FILE or NAME=FILE; may be repeated.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write an HTML report with plots and mistakes to this file.")
    ] = None,
    mistakes: Annotated[
        Path | None, typer.Option(help="Write every mistake to this JSON Lines file.")
    ] = None,
    gazetteer: Annotated[
        list[Path] | None, typer.Option(help="Term file: its terms count as seen; may be repeated.")
    ] = None,
    columns: Columns = "",
    text_column: TextColumn = "",
    domain: Annotated[
        str | None, typer.Option(help="Domain whose terms count as seen, and whose crosswalk of ids is used.")
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Score only these labels, separated by commas.")] = None,
    by: Annotated[str | None, typer.Option(help="Also score parts, for example by meta.kind.")] = None,
    label_map: Annotated[
        bool, typer.Option("--label-map/--no-label-map", help="Score labels gold lacks as their counterpart.")
    ] = True,
    rename: Annotated[
        list[str] | None, typer.Option("--map", help="Score a predicted label as another: FROM=TO.")
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Draws of documents for the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
) -> None:
    """Score predictions against gold: strict, partial, by label, seen and unseen, with intervals.

    Where gold has concept ids, these are scored too: of the exactly right spans, and together with them.
    """
    from hybrid_ner.evaluation.compare import compare_systems, pair_systems
    from hybrid_ner.evaluation.scores import Settings
    from hybrid_ner.io import fail

    settings = Settings(
        labels=None if labels is None else names(labels),
        aliases=label_map,
        mapping=dict(named(each, "--map") for each in rename or []),
        known=_known(gazetteer or [], domain),
        resamples=resamples,
        seed=seed,
        crosswalk=_crosswalk(domain),
    )
    files = systems_given(predicted)
    systems = pair_systems(
        read(gold, None, fail), {name: _predictions(file) for name, file in files.items()}, settings
    )
    _check_used(settings.mapping, systems)
    comparison = compare_systems(systems, settings, by)
    if report is not None:
        from hybrid_ner.evaluation.report import save_report

        save_report(report, comparison, systems, f"Scores on {gold.name}")
    if mistakes is not None:
        _write_mistakes(mistakes, comparison, systems)
    _show(comparison, as_json)


def _predictions(file: Path) -> Corpus:
    """Predictions; their text has the column that gold has, or the usual one of another program."""
    from itertools import islice

    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.errors import CorpusError
    from hybrid_ner.io import fail

    try:
        found = read(file, None, fail)
        list(islice(found, 1))
    except CorpusError:
        return read_corpus(file)  # and what is wrong with it otherwise is said there
    return found


def _crosswalk(domain: str | None) -> Crosswalk | None:
    from hybrid_ner.terms.shipped import load_crosswalk

    found = load_crosswalk(domain) if domain else None
    return found if found is not None and len(found) else None


def _check_used(mapping: Mapping[str, str], systems: Mapping[str, System]) -> None:
    from hybrid_ner.errors import InputError

    for name in mapping:
        if not any(name in system.mapped for system in systems.values()):
            raise InputError(f"--map: no prediction is labeled {name!r}.", hint="Check the name.")


def _write_mistakes(path: Path, comparison: Comparison, systems: Mapping[str, System]) -> None:
    import json

    from hybrid_ner.evaluation.compare import find_mistakes
    from hybrid_ner.io import write_text

    with write_text(path) as handle:
        for name, system in systems.items():
            for mistake in find_mistakes(system.pairs, list(comparison.systems[name].labels)):
                row = {"system": name, **mistake.as_dict()}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def _show(comparison: Comparison, as_json: bool) -> None:
    if as_json:
        print_json(comparison.as_dict())
        return
    from hybrid_ner.cli._scores import comparison_renderables

    print_all(comparison_renderables(comparison))


def systems_given(given: list[str]) -> dict[str, Path]:
    """Name → file; a bare file is named by its stem."""
    found: dict[str, Path] = {}
    for each in given:
        name, file = ("", each) if "=" not in each or Path(each).exists() else named(each, "--predicted")
        name = name or Path(file).name.split(".")[0]
        if name in found:
            raise typer.BadParameter(f"two systems are called {name!r}; give NAME=FILE.")
        found[name] = Path(file)
    return found


def _known(gazetteers: list[Path], domain: str | None) -> frozenset[str] | None:
    """Folded surfaces of the given gazetteers, or ``None`` when there are none."""
    if not gazetteers and domain is None:
        return None
    from hybrid_ner.matching.lists import table_options
    from hybrid_ner.project_file import current
    from hybrid_ner.terms.readers import guess_format, read_gazetteer
    from hybrid_ner.terms.readers.files import Files
    from hybrid_ner.terms.shipped import find_pack
    from hybrid_ner.text import fold

    found = {fold(term.text) for term in _shipped(domain)} if domain else set()
    for path in gazetteers:
        reader = guess_format(Files(find_pack(str(path)) or path))
        options = table_options(reader, kept("columns") or current().options_of(path).get("columns", ""))
        # Only surfaces matter here, so any label will do where labels do not choose the rows.
        label = "" if reader.label_map else "KNOWN"
        found.update(fold(term.text) for term in read_gazetteer(path, label=label, **options))
    # The domain generic brings no term: without a list nothing is known of what was seen.
    return frozenset(found) or None


def _shipped(domain: str) -> Iterable[Term]:
    """The terms of a domain; one that brings none, such as generic, leaves it to the given lists."""
    from hybrid_ner.registry import DOMAINS
    from hybrid_ner.terms.shipped import load_shipped

    return load_shipped(domain, parents=False) if DOMAINS.get(domain).terms is not None else ()


# ``hybrid-ner transfer``: the shipped default on annotated sets, with what its rules have read.

transfer_app = typer.Typer(add_completion=False)


@transfer_app.command()
def transfer(
    sets: Annotated[
        list[str],
        typer.Argument(metavar="SET...", help="Annotated documents in any format, as FILE or NAME=FILE."),
    ],
    domain: Annotated[str, typer.Option(help="Domain whose shipped rules are scored.")] = "medical",
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", help="Count a gold label as one of the domain: Sign_symptom=Disease."),
    ] = None,
    ids: Ids = "",
    text_column: TextColumn = "",
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Score the rules that a domain ships on annotated sets, each tuned on or never read.

    Each set is marked by its documents: "tuned on" where rules were written with their text in sight, "scores
    seen" where only scores were looked at, "never read" for all others; a set of both is scored in parts.
    """
    from hybrid_ner.cli._inputs import Inputs
    from hybrid_ner.cli._options import bars
    from hybrid_ner.evaluation.transfer import transfer as scored

    inputs = Inputs(skip_bad)
    mapping = dict(named(each, "--map") for each in rename or [])
    files = systems_given(sets)

    def read() -> Iterator[tuple[str, list[Document]]]:
        for name, path in files.items():
            yield name, list(inputs.corpus(path))

    with bars(quiet or as_json) as report:
        found = scored(read(), domain, mapping, ids=ids, report=lambda line: report("transfer", 0.0, line))
    if as_json:
        print_json({**found.as_dict(), "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    print_all(_table(found))


def _table(found: Transfer) -> list[RenderableType]:
    from rich.text import Text

    from hybrid_ner.cli._scores import add_row, score_table, three

    table = score_table(
        f"Shipped rules of {found.domain}: strict, F1 × 100",
        ["set", "rules were", "documents", "gold", "P", "R", "F1", "95 %", "ids %"],
    )
    notes: list[RenderableType] = []
    for row in found.rows:
        if row.scores is None:
            add_row(table, [row.name, row.mark, *["-"] * 7])
            continue
        scores = row.scores
        low, high = 100 * scores.micro_interval.low, 100 * scores.micro_interval.high
        ids = f"{100 * scores.ids.accuracy:.1f}" if scores.ids else "-"
        cells = [row.name, row.mark, str(scores.documents), str(scores.micro.gold), *three(scores.micro)]
        add_row(table, [*cells, f"{low:.1f}–{high:.1f}", ids])
    for row in found.rows:
        if row.unasked:
            labels = ", ".join(f"{label} {count}" for label, count in sorted(row.unasked.items()))
            notes.append(Text(f"{row.name} ({row.mark}): labels the domain does not have: {labels}"))
    return [table, *notes]
