"""``hybrid-ner evaluate`` and ``transfer``: predictions, or rules of a domain, against gold; score tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from hybrid_ner.cli._inputs import Inputs, named, names, print_all, read
from hybrid_ner.cli._options import Columns, Ids, Json, Quiet, SkipBad, TextColumn, bars, kept, print_json
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import fail, write_text
from hybrid_ner.project_file import current
from hybrid_ner.registry import DOMAINS
from hybrid_ner.text import fold, quantity

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hybrid_ner.corpus import Corpus, Document
    from hybrid_ner.evaluation import Scores, Settings
    from hybrid_ner.evaluation.compare import Comparison, ThreeWay, Transfer
    from hybrid_ner.evaluation.counts import Interval, Score, System
    from hybrid_ner.terms import Term


_FEW = 30


def score_model(
    model: Path,
    terms: Iterable[Term],
    documents: Iterable[Document],
    gold: Path,
    forecast: Mapping[str, Any] | None = None,
) -> ThreeWay | None:
    """Rules, model and hybrid on gold; the report beside the model, and the scores in it, for its card.

    Args:
        terms: Its terms, which count as seen.
        gold: Where it is from.
        forecast: What more documents will bring, for the report.
    """
    from hybrid_ner.evaluation import Settings
    from hybrid_ner.evaluation.compare import three_way
    from hybrid_ner.evaluation.report import write_report
    from hybrid_ner.pipeline import beside
    from hybrid_ner.training.label import fingerprint
    from hybrid_ner.training.package import keep_facts
    from hybrid_ner.training.predict import load_pipeline

    known = frozenset(fold(term.text) for term in terms)
    scored = three_way(load_pipeline(model), documents, Settings(known=known))
    if scored is None:
        return None
    page = beside(model, "report.html")
    write_report(page, scored.comparison, scored.gold, scored.predictions, forecast=forecast or {})
    rows = [[d.content_hash, [[e.start, e.end, e.label] for e in d.entities or ()]] for d in scored.gold]
    about = {"name": gold.name, "documents": len(rows), "fingerprint": fingerprint(rows)}
    keep_facts(model, scores=scored.comparison.as_dict(), gold=about)
    return scored


def comparison_renderables(comparison: Comparison, title: str = "All documents") -> list[RenderableType]:
    """Tables and notes for a comparison, its groups after the whole."""
    systems = comparison.systems

    only = next(iter(systems.values())) if len(systems) == 1 else None
    found: list[RenderableType] = [
        _overview(systems, title),
        _one_by_label(only) if only else _many_by_label(systems),
        *([_ids(systems)] if any(scores.ids for scores in systems.values()) else []),
        *map(Text, _notes(comparison)),
    ]
    for name, group in comparison.groups.items():
        found.extend(comparison_renderables(group, name))
    if comparison.empty_groups:
        found.append(Text(f"not scored, no gold entity: {', '.join(comparison.empty_groups)}"))
    return found


def _overview(systems: Mapping[str, Scores], title: str) -> Table:
    first = next(iter(systems.values()))
    columns = ["system", "gold", "P", "R", "F1", "95 %", "part.", "type"]
    if first.seen and first.unseen:
        columns += [f"seen {first.seen.gold}", f"unseen {first.unseen.gold}"]
    table = score_table(f"{title}: {quantity(first.documents, 'document')}, micro average, F1 × 100", columns)
    for name, scores in systems.items():
        cells = [name, str(scores.micro.gold), *three(scores.micro), _interval(scores.micro_interval)]
        cells += [_percent(scores.partial.f1), _percent(scores.type_only.f1)]
        cells += [part.shown for part in (scores.seen, scores.unseen) if part]
        add_row(table, cells)
    return table


def _ids(systems: Mapping[str, Scores]) -> Table:
    """Ids of the right spans, then spans and ids together."""
    with_equivalents = any(s.ids and s.ids.equivalent is not None for s in systems.values())
    columns = ["system", "right spans", "right id %", *["equivalent %"] * with_equivalents, "no id %"]
    table = score_table("Concept ids; P, R and F1 of spans with their ids", [*columns, "P", "R", "F1"])
    for name, scores in systems.items():
        if (ids := scores.ids) is None:
            continue
        shares = [ids.right, *([ids.equivalent] if ids.equivalent is not None else []), ids.without]
        cells = (_percent(each / ids.spans if ids.spans else 0.0) for each in shares)
        add_row(table, [name, str(ids.spans), *cells, *three(ids.together)])
    return table


def _one_by_label(scores: Scores) -> Table:
    table = score_table("By label, strict", ["label", "gold", "P", "R", "F1", "95 %", "tp", "fp", "fn"])
    for label, score in scores.labels.items():
        counts = map(str, (score.tp, score.fp, score.fn))
        interval = _interval(scores.intervals[label])
        add_row(table, [label, str(score.gold), *three(score), interval, *counts])
    return table


def _many_by_label(systems: Mapping[str, Scores]) -> Table:
    table = score_table("F1 by label, strict, with 95 % interval", ["label", "gold", *systems])
    for label, score in next(iter(systems.values())).labels.items():
        cells = (
            f"{_percent(s.labels[label].f1)} ({_interval(s.intervals[label])})" for s in systems.values()
        )
        add_row(table, [label, str(score.gold), *cells])
    return table


def score_table(title: str, columns: Sequence[str]) -> Table:
    """A table whose first column is a name and whose others are numbers."""
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column(Text(columns[0]), overflow="fold", min_width=6)
    for name in columns[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    return table


def add_row(table: Table, cells: Iterable[str]) -> None:
    """A row whose square brackets are text, not markup."""
    table.add_row(*map(Text, cells))


def _notes(comparison: Comparison) -> Iterator[str]:
    from hybrid_ner.evaluation.report import notes

    yield from notes(comparison.systems)
    scored = next(iter(comparison.systems.values())).documents
    if scored < _FEW:
        yield f"only {quantity(scored, 'document')}: intervals and p-values are rough"
    for contrast in comparison.contrasts:
        difference = contrast.difference
        yield (
            f"{contrast.second} - {contrast.first}: {100 * difference.f1:+.2f} F1, 95 % interval "
            f"{100 * difference.interval.low:+.1f} to {100 * difference.interval.high:+.1f}, "
            f"p = {difference.p_value:.3f} "
            f"(paired bootstrap, {difference.resamples} draws of documents)"
        )


def three(score: Score) -> tuple[str, str, str]:
    """Precision, recall and F1 in percent."""
    return _percent(score.precision), _percent(score.recall), _percent(score.f1)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _interval(interval: Interval) -> str:
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"


def evaluate(
    gold: Annotated[Path, typer.Option(help="Annotated documents.")],
    predicted: Annotated[
        list[str] | None, typer.Option(help="Predictions as FILE or NAME=FILE; may be repeated.")
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="[NAME=]FOLDER",
            help="Pipeline that reads the gold: rules, model and hybrid of it; of several, each hybrid.",
        ),
    ] = None,
    as_json: Json = False,
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
    """Score predictions against gold, or a pipeline: strict, partial, by label, with intervals.

    Where gold has concept ids, these are scored too: of the exactly right spans, and together with them.
    With term lists, mentions of their terms (seen) and all others (unseen) are scored apart.
    """
    from hybrid_ner.evaluation import Settings
    from hybrid_ner.evaluation.compare import compare_systems
    from hybrid_ner.evaluation.report import save_report
    from hybrid_ner.terms.shipped import load_crosswalk

    settings = Settings(
        labels=None if labels is None else names(labels),
        aliases=label_map,
        mapping=dict(named(each, "--map") for each in rename or []),
        known=_known(gazetteer or [], domain),
        resamples=resamples,
        seed=seed,
        crosswalk=(load_crosswalk(domain) or None) if domain else None,
    )
    if not predicted and not models:
        raise typer.BadParameter("nothing to score. Give --predicted FILE or --model FOLDER.")
    systems = _paired(gold, systems_given(predicted or []), systems_given(models or [], "--model"), settings)
    comparison = compare_systems(systems, settings, by)
    if report is not None:
        save_report(report, comparison, systems, f"Scores on {gold.name}")
    if mistakes is not None:
        _write_mistakes(mistakes, comparison, systems)
    print_json(comparison.as_dict()) if as_json else print_all(comparison_renderables(comparison))


def _paired(
    gold: Path, files: Mapping[str, Path], models: Mapping[str, Path], settings: Settings
) -> dict[str, System]:
    """Gold with the predictions of each file and each model; what does not belong together names both."""
    from hybrid_ner.evaluation.compare import pair_systems

    documents = list(read(gold, None, fail))
    systems: dict[str, System] = {}
    for name, file in files.items():
        try:
            systems |= pair_systems(documents, {name: _predictions(file)}, settings)
        except CorpusError as error:
            if error.path is not None:
                raise
            raise CorpusError(f"{gold} beside {file}: {error.problem}", hint=error.hint) from error
    if models:
        answers = _answers(documents, models)
        if both := sorted(systems.keys() & answers.keys()):
            raise typer.BadParameter(f"two systems are called {both[0]!r}; give --predicted NAME=FILE.")
        systems |= pair_systems(documents, answers, settings)
    for name in settings.mapping:
        if not any(name in system.mapped for system in systems.values()):
            raise InputError(f"--map: no prediction is labeled {name!r}.", hint="Check the name.")
    return systems


def _answers(documents: Sequence[Document], models: Mapping[str, Path]) -> Mapping[str, Iterable[Document]]:
    """What one model's systems find in the documents, by system, or the hybrids of several, by model."""
    from hybrid_ner.training.predict import load_pipeline, predict, predict_all

    opened = {name: load_pipeline(folder) for name, folder in models.items()}
    if len(opened) == 1:
        (nlp,) = opened.values()
        return {**predict_all(nlp, documents)}
    return {name: predict(nlp, documents, "hybrid") for name, nlp in opened.items()}


def _predictions(file: Path) -> Corpus:
    """Predictions; their text has the column that gold has, or the usual one of another program."""
    from hybrid_ner.corpus import read_corpus

    try:
        found = read(file, None, fail)
        list(islice(found, 1))
    except CorpusError:
        return read_corpus(file)  # and what is wrong with it otherwise is said there
    return found


def _write_mistakes(path: Path, comparison: Comparison, systems: Mapping[str, System]) -> None:
    from hybrid_ner.evaluation.compare import find_mistakes

    with write_text(path) as handle:
        for name, system in systems.items():
            for mistake in find_mistakes(system.pairs, list(comparison.systems[name].labels)):
                row = {"system": name, **mistake.as_dict()}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def systems_given(given: list[str], option: str = "--predicted") -> dict[str, Path]:
    """Name → file or folder; a bare one is named by its stem."""
    found: dict[str, Path] = {}
    for each in given:
        name, file = ("", each) if "=" not in each or Path(each).exists() else named(each, option)
        name = name or Path(file).name.split(".")[0]
        if name in found:
            raise typer.BadParameter(f"two systems are called {name!r}; give NAME=FILE.")
        found[name] = Path(file)
    return found


def _known(gazetteers: list[Path], domain: str | None) -> frozenset[str] | None:
    """Folded surfaces of the given gazetteers, or ``None`` when there are none."""
    if not gazetteers and domain is None:
        return None
    from hybrid_ner.matching import table_options
    from hybrid_ner.terms.readers import guess_format, read_gazetteer
    from hybrid_ner.terms.readers.files import Files
    from hybrid_ner.terms.shipped import find_pack, load_shipped

    found: set[str] = set()
    # The domain generic brings no term: without a list nothing is known of what was seen.
    if domain and DOMAINS.get(domain).terms is not None:
        found = {fold(term.text) for term in load_shipped(domain, parents=False)}
    for path in gazetteers:
        reader = guess_format(Files(find_pack(str(path)) or path))
        options = table_options(reader, kept("columns") or current().options_of(path).get("columns", ""))
        # Only surfaces matter here, so any label will do where labels do not choose the rows.
        label = "" if reader.label_map else "KNOWN"
        found.update(fold(term.text) for term in read_gazetteer(path, label=label, **options))
    return frozenset(found) or None


# ``hybrid-ner transfer``: the shipped default on annotated sets, with what its rules have read.


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
    from hybrid_ner.evaluation.compare import transfer as scored

    inputs = Inputs(skip_bad)
    mapping = dict(named(each, "--map") for each in rename or [])
    files = systems_given(sets)

    given = ((name, list(inputs.corpus(path))) for name, path in files.items())
    with bars(quiet or as_json) as report:
        found = scored(given, domain, mapping, ids=ids, report=lambda line: report("transfer", 0.0, line))
    if inputs.answered(as_json, found.as_dict()):
        return
    print_all(_table(found))


def _table(found: Transfer) -> list[RenderableType]:
    columns = ["set", "rules were", "documents", "gold", "P", "R", "F1", "95 %", "ids %"]
    table = score_table(f"Shipped rules of {found.domain}: strict, F1 × 100", columns)
    notes: list[RenderableType] = []
    for row in found.rows:
        if row.scores is None:
            add_row(table, [row.name, row.mark, *["-"] * 7])
            continue
        scores = row.scores
        ids = f"{100 * scores.ids.accuracy:.1f}" if scores.ids else "-"
        cells = [row.name, row.mark, str(scores.documents), str(scores.micro.gold), *three(scores.micro)]
        add_row(table, [*cells, _interval(scores.micro_interval), ids])
    for row in found.rows:
        if row.unasked:
            labels = ", ".join(f"{label} {count}" for label, count in sorted(row.unasked.items()))
            notes.append(Text(f"{row.name} ({row.mark}): labels the domain does not have: {labels}"))
    return [table, *notes]
