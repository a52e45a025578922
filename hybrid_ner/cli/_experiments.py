"""The bodies of ``hybrid-ner tune``, ``compare-recipes`` and ``learning-curve``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from hybrid_ner.cli._inputs import Inputs, print_all
from hybrid_ner.cli._options import bars
from hybrid_ner.cli.retrain import RetrainRequest, TermLists, gather_text, reviewed_documents
from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation.counts import Interval, f1_intervals, paired_difference
from hybrid_ner.evaluation.report import line_plot
from hybrid_ner.io import write_text
from hybrid_ner.text import quantity
from hybrid_ner.training import experiment
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.choose_fusion import Counts
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.recipe import learns_votes
from hybrid_ner.training.update import ReadDocuments, read_reviewed, rules_inputs

SYSTEMS = ("rule", "model", "hybrid")
_RESAMPLES = 1000


class _Known(NamedTuple):
    """Reviewed documents, and what the rules say of them."""

    read: ReadDocuments
    documents: list[Document]
    inputs: Inputs


def _read(request: RetrainRequest, report: Report, silent: bool) -> _Known:
    inputs = Inputs(request.skip_bad, silent=silent)
    reviewed = reviewed_documents(request, inputs, set())
    # Before the rules have read everything for nothing.
    if len(reviewed) < experiment._LEAST:
        count = quantity(len(reviewed), "reviewed document")
        what = f"{count} with a text of its own: too few to compare on; {experiment._LEAST} are needed."
        raise CorpusError(what, hint="Review some more.")
    if not any(document.entities for document in reviewed):
        raise CorpusError("no reviewed document holds an entity, so nothing can be scored.", hint="Add some.")
    documents, _ = gather_text(request, inputs, reviewed, set())
    decided = {d.doc_id: Decided(d.entities or (), (), complete=True) for d in reviewed}
    lists, settings, folder = TermLists(request, inputs, report), request.settings, request.out / "work"
    made_of = rules_inputs(settings, lists.stamp())
    read = read_reviewed(lists, documents, decided, settings, folder=folder, inputs=made_of, report=report)
    read = replace(read, others=list(read.others))  # asked for by every trial
    return _Known(read, reviewed, inputs)


def compare(request: RetrainRequest, recipes: Sequence[str], *, as_json: bool, quiet: bool) -> None:
    """Every recipe on the same folds."""
    found: dict[str, experiment.Outcome] = {}
    if not any(map(learns_votes, recipes)):  # else what an encoder sees would be read for nothing
        request = replace(request, recipe=recipes[0])
    with bars(quiet or as_json) as report:
        known = _read(request, report, as_json)
        folds = min(3, len(known.documents))  # the same for all, and none waits for hours
        for number, recipe in enumerate(recipes):
            report("compare", number / len(recipes), recipe)
            trial = experiment.Trial(recipe, folds=folds)
            found[recipe] = experiment.compare_recipe(known.read, known.documents, request.settings, trial)
        report("compare", 1.0, quantity(len(recipes), "recipe"))
    rows, place = list(_rows(found)), request.out / "recipes.tsv"
    _write_rows(place, rows[0], (row.values() for row in rows))
    told = {"documents": len(known.documents), "folds": folds, "recipes": rows, "table": str(place)}
    if known.inputs.answered(as_json, told):
        return
    seen = quantity(len(known.documents), "reviewed document")
    table = Table(title=f"F1 × 100 on {seen}, each read by models of the others ({folds} folds)")
    for name in ("what", "P", "R", "F1", "95 %", "seconds", "size"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
        size = "" if row["bytes"] is None else f"{row['bytes'] / 1e3:,.0f} kB"
        low, high = (100 * row[name] for name in ("low", "high"))
        figures = (f"{100 * row[name]:.1f}" for name in ("precision", "recall", "f1"))
        table.add_row(row["what"], *figures, f"{low:.1f}–{high:.1f}", seconds, size)
    print_all([table, *_advice(found), f"Table: {place}"])


def _advice(found: Mapping[str, experiment.Outcome]) -> list[str]:
    """Which recipe to take: the best hybrid, or the fastest of those that chance does not tell from it."""
    best = max(found, key=lambda name: found[name].f1("hybrid"))
    at_top = found[best].counts["hybrid"]
    alike = [name for name in found if not _behind(found[name].counts["hybrid"], at_top)]
    chosen = min(alike, key=lambda name: found[name].seconds)
    why = f"has the best hybrid, F1 {100 * found[chosen].f1('hybrid'):.1f}"
    if len(alike) > 1:
        why = f"is the fastest of those that these documents do not tell apart ({', '.join(alike)})"
    lines = [f"Take {chosen}: it {why}."]
    if not _behind(next(iter(found.values())).counts["rule"], found[chosen].counts["hybrid"]):
        lines.append("These documents do not show that it adds anything to the rules; review more to see.")
    option = "" if chosen == "cnn" else f" --recipe {shlex.quote(chosen)}"
    return [*lines, f"Next: hybrid-ner retrain{' --fast' if chosen == 'crf' else option} …"]


def _behind(counts: Counts, others: Counts) -> bool:
    """Whether F1 of the first is lower on the same documents, by more than chance explains."""
    first, second = (_errors(each)[:, None, :] for each in (counts, others))
    between = paired_difference(first, second, resamples=_RESAMPLES, seed=0).interval
    return between.high < 0


def _rows(found: Mapping[str, experiment.Outcome]) -> Iterator[dict[str, Any]]:
    first = next(iter(found.values()))
    yield {"what": "rules alone", **_scores(first.counts["rule"]), "seconds": None, "bytes": None}
    for recipe, outcome in found.items():
        for system, name in (("model", recipe), ("hybrid", f"{recipe}, hybrid")):
            cost = {"seconds": round(outcome.seconds, 1), "bytes": outcome.size}
            yield {"what": name, **_scores(outcome.counts[system]), **cost}


def _scores(counts: Counts) -> dict[str, float]:
    right, predicted, gold = (int(n) for n in counts.sum(0))
    between = _interval(counts)
    return {
        "precision": right / max(1, predicted),
        "recall": right / max(1, gold),
        "f1": 2 * right / max(1, predicted + gold),
        "low": between.low,
        "high": between.high,
    }


def _interval(counts: Counts) -> Interval:
    """Of F1, by drawing documents."""
    return f1_intervals(_errors(counts)[:, None, :], resamples=_RESAMPLES, seed=0)[-1]


def _errors(counts: Counts) -> Counts:
    """Right, wrong and missed spans of each document, of right, predicted and gold ones."""
    missed = counts.copy()
    missed[:, 1] -= counts[:, 0]
    missed[:, 2] -= counts[:, 0]
    return missed


def curve(request: RetrainRequest, *, as_json: bool, quiet: bool) -> None:
    """Scores after more and more text."""
    with bars(quiet or as_json) as report:
        known = _read(request, report, as_json)
        trial = experiment.Trial(request.recipe)
        points = []
        for point in experiment.learning_curve(known.read, known.documents, request.settings, trial):
            points.append(point)
            report("curve", 0.0, f"{quantity(point.documents, 'document')} learned from")
        weak = []
        if learns_votes(request.recipe):
            weak = list(experiment.weak_curve(known.read, known.documents, request.settings))
        report("curve", 1.0, quantity(len(points) + len(weak), "point"))
    kinds = {"reviewed documents": points, "documents labeled by the rules beside them": weak}
    drawn = {name: found for name, found in kinds.items() if len(found) > 1}
    plot = request.out / "curve.html"
    _write(plot, _page("Learning curve", "".join(_plot(name, found) for name, found in drawn.items())))
    rows: dict[str, list[dict[str, Any]]] = {
        name: [
            {"documents": each.documents, **{s: _scores(each.outcome.counts[s]) for s in SYSTEMS}}
            for each in found
        ]
        for name, found in kinds.items()
    }
    table, figures = request.out / "curve.tsv", list(_scores(points[0].outcome.counts["rule"]))
    head = ("what", "documents", *(f"{system} {figure}" for system in SYSTEMS for figure in figures))
    scores = (
        (name, row["documents"], *(row[s][f] for s in SYSTEMS for f in figures))
        for name, found in rows.items()
        for row in found
    )
    _write_rows(table, head, scores)
    if not known.inputs.answered(as_json, {"curve": rows, "plot": str(plot), "table": str(table)}):
        said = f"Table: {table}   plot: {plot}"
        print_all([*(_curve_table(name, found) for name, found in drawn.items()), said])


def _curve_table(name: str, points: Sequence[experiment.Point]) -> Table:
    table = Table(title=f"F1 × 100 on documents left out in turn, by number of {name}")
    for column in ("documents", *SYSTEMS, "95 % interval of the hybrid"):
        table.add_column(column, justify="right")
    for point in points:
        between = _interval(point.outcome.counts["hybrid"])
        figures = (f"{100 * point.outcome.f1(system):.1f}" for system in SYSTEMS)
        table.add_row(str(point.documents), *figures, f"{100 * between.low:.1f}–{100 * between.high:.1f}")
    return table


def _plot(name: str, points: Sequence[experiment.Point]) -> str:
    lines = {s: [(p.documents, 100 * p.outcome.f1(s)) for p in points] for s in SYSTEMS}
    return str(line_plot(lines, name, "F1"))


def tune(request: RetrainRequest, *, minutes: float, most: int, as_json: bool, quiet: bool) -> None:
    """Search, and write the winner."""
    out = request.out
    with bars(quiet or as_json) as report:
        known = _read(request, report, as_json)
        search = experiment.Search(known.read, known.documents, request.settings, request.recipe, out)
        search.run(minutes, most, report)
    settings = {"recipe": request.recipe, "f1": search.best_f1, "settings": search.best}
    _write(out / "settings.json", json.dumps(settings, indent=1))
    rows = search.rows()
    trials = ((row.number, row.f1, row.seconds, *row.values) for row in rows)
    _write_rows(out / "trials.tsv", ("trial", "f1", "seconds", *search.names), trials)
    best = [max(100 * each.f1 for each in rows[: n + 1]) for n in range(len(rows))]
    tried = {
        "trial": [(row.number, 100 * row.f1) for row in rows],
        "best so far": [(row.number, value) for row, value in zip(rows, best, strict=True)],
    }
    plot = line_plot(tried, "trial", "F1 of the hybrid")
    _write(out / "tune.html", _page("Tuning", plot))
    done = {**settings, "default_f1": rows[0].f1, "trials": len(rows), "out": str(out)}
    if known.inputs.answered(as_json, done):
        return
    print_all([_tried(search), *_found(search, out)])


def _tried(search: experiment.Search) -> Table:
    table = Table(title="The best trials, F1 × 100 of the hybrid on documents left out")
    for column in ("trial", "F1", "seconds", *(name.rsplit(".", 1)[-1] for name in search.names)):
        table.add_column(column, justify="right")
    for row in sorted(search.rows(), key=lambda r: -r.f1)[:10]:
        values = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values)
        table.add_row(str(row.number), f"{100 * row.f1:.2f}", f"{row.seconds:.0f}", *values)
    return table


def _found(search: experiment.Search, out: Path) -> list[str]:
    first, count = search.rows()[0].f1, quantity(len(search.rows()), "trial")
    return [
        f"Default {100 * first:.2f}, best {100 * search.best_f1:.2f} of {count}; "
        "the best of many looks better than it is.",
        f"Settings: {out / 'settings.json'}   table: {out / 'trials.tsv'}   plot: {out / 'tune.html'}",
        f"Next: hybrid-ner retrain --settings {shlex.quote(str(out / 'settings.json'))} …",
    ]


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>{body}</html>"


def _write_rows(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """A table separated by tabs; a value that there is none of is an empty cell."""
    cells = [head, *(("" if value is None else str(value) for value in row) for row in rows)]
    _write(path, "".join("\t".join(each) + "\n" for each in cells))


def _write(path: Path, text: str) -> None:
    with write_text(path) as handle:
        handle.write(text)
