"""``hybrid-ner retrain``, and experiments with reviewed documents: tune, compare-recipes, learning-curve."""

from __future__ import annotations

import json
import os
import shlex
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._bootstrap import Request
from hybrid_ner.cli._inputs import Inputs, print_all
from hybrid_ner.cli._options import bars
from hybrid_ner.cli.evaluate import comparison_renderables, score_model, score_table
from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.evaluation.counts import Interval, f1_intervals, paired_difference
from hybrid_ner.evaluation.report import line_plot
from hybrid_ner.io import write_text
from hybrid_ner.pipeline import SYSTEMS, alone, beside, work_folder
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import quantity
from hybrid_ner.training import experiment
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.choose_fusion import Counts
from hybrid_ner.training.package import keep_facts
from hybrid_ner.training.policy import Decided, misfit_sentence
from hybrid_ner.training.recipe import learns_votes
from hybrid_ner.training.retrain import RetrainSettings
from hybrid_ner.training.retrain import retrain as learn
from hybrid_ner.training.update import ReadDocuments, read_reviewed, rules_inputs, update_learner


@opt.asks(opt.which_rules, opt.which_student)
def retrain(
    context: typer.Context,
    *,
    corpus: Annotated[Path, typer.Option(help="Text to be good at; its annotations are not read.")],
    reviewed: opt.Reviewed,
    out: Annotated[Path, typer.Option(help="Folder for the pipeline.")],
    gold: Annotated[
        Path | None, typer.Option(help="Annotated documents for scoring alone; never learned from.")
    ] = None,
    asked: opt.Asked,
    overlay: opt.Overlay = None,
    recipe: opt.Recipe = "cnn",
    encoder: opt.Encoder = "",
    settings: Annotated[
        Path | None, typer.Option(help="Settings of the recipe, as `hybrid-ner tune` writes them.")
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Fit only the CRF, in seconds; rules and votes are kept in OUT.work."),
    ] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(
            help="With the CRF: what not to learn about boundaries, as it names them (severity) or a word; "
            "may be repeated."
        ),
    ] = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Learn from what reviewers decided: new terms, votes to leave out, a better model and fusion.

    Rules alone, the model and their combinations are compared on reviewed documents that they have not
    learned from, and rules alone stay until another way is clearly better. `--fast` (or `--recipe crf`) takes
    seconds: rules and votes are kept for the next time and only the CRF is fitted. There rules and model
    together stay, from four documents on, until twenty or more clearly say that rules alone are better.

    Reviewed documents are what `hybrid-ner review export` writes; terms that reviewers added or blocked are
    what `hybrid-ner review overlay` writes. Give the other options as for bootstrap.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3. `--settings`
    takes the file that `hybrid-ner tune` wrote, with the recipe that it is for.
    """
    chosen = fast or getattr(context.get_parameter_source("recipe"), "name", "") != "DEFAULT"
    tuned, recipe = tuned_settings(settings, "crf" if fast else recipe, chosen=chosen)
    request = RetrainRequest(
        corpus=corpus,
        reviewed=tuple(reviewed),
        out=out,
        gold=gold,
        overlay=overlay,
        recipe=recipe,
        overrides=opt.with_encoder(encoder, (*tuned, *opt.settings_in(context))),
        forget=tuple(forget or ()),
        **asked,
    )
    run(request, as_json=as_json, quiet=quiet)


# ``hybrid-ner tune``, ``compare-recipes`` and ``learning-curve``: experiments on reviewed documents, with the
# rules that ``retrain`` would have.


def _which_documents(
    *,
    reviewed: opt.Reviewed,
    corpus: Annotated[
        Path | None, typer.Option(help="More text of the project, for words and for what the rules label.")
    ] = None,
    overlay: opt.Overlay = None,
    unlabeled: opt.Unlabeled = None,
    expand: opt.Expand = None,
    words: opt.Words = "auto",
    encoder: opt.Encoder = "",
) -> opt.Asked:
    """Which documents, and which words are learned from them."""
    texts = {"corpus": corpus or reviewed[0], "reviewed": tuple(reviewed), "overlay": overlay}
    learned = {"unlabeled": tuple(unlabeled or ()), "expand": expand, "words": words}
    return {**texts, **learned, "overrides": opt.with_encoder(encoder, ())}


_experiment = opt.asks(_which_documents, opt.which_rules)


@_experiment
def tune(
    *,
    out: Annotated[Path, typer.Option(help="Folder for the search, its table and plot, and settings.json.")],
    recipe: Annotated[str, typer.Option(help="Recipe to tune: crf, cnn, trf or a .cfg file.")] = "crf",
    minutes: Annotated[
        float, typer.Option(min=0.0, help="Budget; a later call goes on where it ended.")
    ] = 10.0,
    trials: Annotated[int, typer.Option(min=0, help="At most so many trials in all; 0 for no bound.")] = 0,
    asked: opt.Asked,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Search the settings of a recipe that are best on reviewed documents left out in turn.

    Gold that is kept apart for scoring is not to be given. The search (Optuna) can be stopped, and goes on
    with what it knows when it is called again. The winner is for `hybrid-ner retrain --settings`.
    """
    request = RetrainRequest(out=out, recipe=recipe, **asked)
    with bars(quiet or as_json) as report, alone(out):
        known = _read(request, report, as_json)
        search = experiment.Search(known.read, known.documents, request.settings, recipe, out)
        search.run(minutes, trials, report)
    settings = {"recipe": recipe, "f1": search.best_f1, "settings": search.best}
    _write(out / "settings.json", json.dumps(settings, indent=1))
    rows = search.rows()
    rated = ((row.number, row.f1, row.seconds, *row.values) for row in rows)
    _write_rows(out / "trials.tsv", ("trial", "f1", "seconds", *search.names), rated)
    best = [max(100 * each.f1 for each in rows[: n + 1]) for n in range(len(rows))]
    tried = {
        "trial": [(row.number, 100 * row.f1) for row in rows],
        "best so far": [(row.number, value) for row, value in zip(rows, best, strict=True)],
    }
    _write(out / "tune.html", _page("Tuning", line_plot(tried, "trial", "F1 of the hybrid")))
    done = {**settings, "default_f1": rows[0].f1, "trials": len(rows), "out": str(out)}
    if not known.inputs.answered(as_json, done):
        print_all([_tried(search), *_found(search, out)])


@_experiment
def compare_recipes(
    *,
    out: Annotated[Path, typer.Option(help="Folder where rules and votes are kept for the next time.")],
    recipe: Annotated[
        list[str] | None, typer.Option(help="Recipe to compare: crf, cnn, trf, a .cfg file; may be repeated.")
    ] = None,
    asked: opt.Asked,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Compare recipes on reviewed documents: rules, each model alone and each hybrid, with seconds and size.

    Every document is read by models that have learned from the others alone; how a hybrid is fused is chosen
    on other documents than it is scored on.
    """
    recipes = recipe or ["crf", "cnn"]
    # What an encoder sees would be read for nothing where none learns from votes.
    first = "crf" if any(map(learns_votes, recipes)) else recipes[0]
    request = RetrainRequest(out=out, recipe=first, **asked)
    found: dict[str, experiment.Outcome] = {}
    with bars(quiet or as_json) as report, alone(out):
        known = _read(request, report, as_json)
        folds = min(3, len(known.documents))  # the same for all, and none waits for hours
        for number, each in enumerate(recipes):
            report("compare", number / len(recipes), each)
            trial = experiment.Trial(each, folds=folds)
            found[each] = experiment.compare_recipe(known.read, known.documents, request.settings, trial)
        report("compare", 1.0, quantity(len(recipes), "recipe"))
    rows, place = list(_rows(found)), out / "recipes.tsv"
    _write_rows(place, rows[0], (row.values() for row in rows))
    told = {"documents": len(known.documents), "folds": folds, "recipes": rows, "table": str(place)}
    if known.inputs.answered(as_json, told):
        return
    seen = quantity(len(known.documents), "reviewed document")
    title = f"F1 × 100 on {seen}, each read by models of the others ({folds} folds)"
    table = score_table(title, ["what", "P", "R", "F1", "95 %", "seconds", "size"])
    for row in rows:
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
        size = "" if row["bytes"] is None else f"{row['bytes'] / 1e3:,.0f} kB"
        low, high = (100 * row[name] for name in ("low", "high"))
        figures = (f"{100 * row[name]:.1f}" for name in ("precision", "recall", "f1"))
        table.add_row(row["what"], *figures, f"{low:.1f}–{high:.1f}", seconds, size)
    print_all([table, *_advice(found), f"Table: {place}"])


@_experiment
def learning_curve(
    *,
    out: Annotated[
        Path,
        typer.Option(help="Folder for curve.html and curve.tsv; rules and votes are kept there as well."),
    ],
    recipe: Annotated[str, typer.Option(help="Recipe: crf, cnn, trf or a .cfg file.")] = "crf",
    asked: opt.Asked,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Show what the model and the hybrid have after more and more reviewed documents, and more weak labels.

    Always on the same documents, left out in turn. The second part, for the CRF beside strong rules, adds
    documents of `--corpus` that only the rules have labeled.
    """
    request = RetrainRequest(out=out, recipe=recipe, **asked)
    with bars(quiet or as_json) as report, alone(out):
        known = _read(request, report, as_json)
        trial = experiment.Trial(recipe)
        points = []
        for point in experiment.learning_curve(known.read, known.documents, request.settings, trial):
            points.append(point)
            report("curve", 0.0, f"{quantity(point.documents, 'document')} learned from")
        votes = learns_votes(recipe)
        weak = [*experiment.weak_curve(known.read, known.documents, request.settings)] if votes else []
        report("curve", 1.0, quantity(len(points) + len(weak), "point"))
    kinds = {"reviewed documents": points, "documents labeled by the rules beside them": weak}
    drawn = {name: found for name, found in kinds.items() if len(found) > 1}
    lines = {
        name: {str(s): [(p.documents, 100 * p.outcome.f1(s)) for p in found] for s in SYSTEMS}
        for name, found in drawn.items()
    }
    plot, plots = out / "curve.html", "".join(line_plot(each, name, "F1") for name, each in lines.items())
    _write(plot, _page("Learning curve", plots))
    rows: dict[str, list[dict[str, Any]]] = {
        name: [
            {"documents": each.documents, **{s: _scores(each.outcome.counts[s]) for s in SYSTEMS}}
            for each in found
        ]
        for name, found in kinds.items()
    }
    table, figures = out / "curve.tsv", list(_scores(points[0].outcome.counts["rule"]))
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


# The body of ``hybrid-ner retrain``: gather, learn, score, say what was learned.


@dataclass(frozen=True, slots=True)
class RetrainRequest(Request):
    """What the command line asked for.

    Args:
        overlay: Edits of the term lists made in review.
    """

    reviewed: tuple[Path, ...] = ()
    overlay: Path | None = None


def run(request: RetrainRequest, *, as_json: bool, quiet: bool) -> None:
    """Learn, score on gold if there is any, and print the outcome."""
    started = time.perf_counter()
    settings = RetrainSettings(request.settings)
    inputs = Inputs(request.skip_bad, silent=as_json)
    gold = inputs.gold(request.gold)
    hashes = {document.content_hash for document in gold}
    reviewed = reviewed_documents(request, inputs, hashes)
    documents, left_out = gather_text(request, inputs, reviewed, hashes)
    decided = {d.doc_id: Decided(d.entities or (), (), complete=True) for d in reviewed}
    with bars(quiet or as_json) as report:
        lists = TermLists(request, inputs, report)
        if learns_votes(request.recipe):
            found = _update(request, lists, documents, decided, report)
        else:
            terms = lists()
            found = learn(terms, documents, decided, request.out, settings, report) | {"terms": len(terms)}
        keep_facts(
            request.out, reviewed={"documents": len(reviewed), "files": [p.name for p in request.reviewed]}
        )
        scored = None
        if gold and request.gold is not None:
            terms = lists()
            report("score", 0.0, f"rules, model and hybrid on {quantity(len(gold), 'gold document')}")
            scored = score_model(request.out, terms, gold, request.gold, found.get("forecast", {}))
    found |= {"gold_left_out": left_out, "seconds": round(time.perf_counter() - started, 1)}
    scores = scored.comparison.as_dict() if scored else None
    if inputs.answered(as_json, {"model": str(request.out), **found, "scores": scores}):
        return
    print_all(_lines(request, found))
    if scored and request.gold is not None:
        told = f"Report with plots, learning curve and error lists: {beside(request.out, 'report.html')}"
        title = f"{request.gold.name}, not learned from"
        print_all(["", *comparison_renderables(scored.comparison, title), told])


def tuned_settings(path: Path | None, recipe: str, *, chosen: bool = False) -> tuple[list[str], str]:
    """Settings of a file that ``hybrid-ner tune`` wrote, as options, and the recipe that they are for.

    Args:
        chosen: Whether somebody asked for ``recipe``, which then has to be the same.

    Raises:
        InputError: The file is not one of these, or is for another recipe.
    """
    if path is None:
        return [], recipe
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        options = [f"--{name}={json.dumps(value)}" for name, value in kept["settings"].items()]
        meant = kept["recipe"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "Give the settings.json that `hybrid-ner tune` wrote."
        raise InputError("expected settings of a recipe.", path=path, hint=hint) from error
    if chosen and meant != recipe:
        hint = "Leave out the recipe, or the settings."
        raise InputError(f"settings of the recipe {meant}, and {recipe} was asked for.", path=path, hint=hint)
    return options, meant


class TermLists:
    """The term lists with the edits, read when they are first needed; none at all is fine."""

    def __init__(self, request: RetrainRequest, inputs: Inputs, report: Report) -> None:
        self.request, self.inputs, self.report = request, inputs, report
        self._read: Gazetteer | None = None

    def __call__(self) -> Gazetteer:
        if self._read is None:
            self.report("terms", 0.0, "reading term lists")
            request, base = self.request, Gazetteer()
            if request.gazetteers or DOMAINS.get(request.domain).terms is not None:
                base = self.inputs.terms(
                    request.domain, request.gazetteers, request.label, request.shipped, may_be_empty=True
                )
            if request.overlay is not None:
                from hybrid_ner.review.store.overlay import read_overlay

                base = read_overlay(request.overlay).apply(base)
            self._read = base
            self.inputs.tell()
        return self._read

    def stamp(self) -> list[Any]:
        """What tells these lists apart without reading them."""
        request, files = self.request, [*self.request.gazetteers]
        files += [request.overlay] if request.overlay else []
        places = [(str(file), os.stat(file)) for file in files if file.exists()]
        stamps = [(name, found.st_size, found.st_mtime_ns) for name, found in places]
        return [request.label, request.shipped, [str(file) for file in request.gazetteers], stamps]


def _update(
    request: RetrainRequest,
    lists: TermLists,
    documents: list[Document],
    decided: Mapping[str, Decided],
    report: Report,
) -> dict[str, Any]:
    settings = request.settings
    made = update_learner(
        lists,
        documents,
        decided,
        request.out,
        settings,
        folder=work_folder(request.out),
        inputs=rules_inputs(settings, lists.stamp()),
        report=report,
    )
    return dict(made.counts)


def reviewed_documents(request: RetrainRequest, inputs: Inputs, gold: set[str]) -> list[Document]:
    """The reviewed documents under ids that no other document has, each text once, as it was decided last."""
    found: dict[str, Document] = {}
    differ = again = 0
    for path in request.reviewed:
        by_program = set[bool]()
        for number, document in enumerate(inputs.corpus(path, named=False), 1):
            by_program |= {_found_by_program(document)} if document.entities else set()
            if document.entities is None:
                problem = f"document {document.doc_id!r} carries no annotation."
                hint = "Give reviewed documents, as `hybrid-ner review export` writes them."
                raise CorpusError(problem, path=path, row=number, hint=hint)
            if document.content_hash in gold:
                problem = f"document {document.doc_id!r} is among the gold, which is for scoring alone."
                hint = "Take it out of one of the two files."
                raise CorpusError(problem, path=path, row=number, hint=hint)
            before = found.get(document.content_hash, document)
            differ += _spans(before) != _spans(document)
            again += before is not document and _spans(before) == _spans(document)
            found[document.content_hash] = document
        if by_program == {True}:
            warnings.warn(f"{path}: {_NO_REVIEW}", stacklevel=2)
    if differ:
        said = quantity(differ, "reviewed document repeats", "reviewed documents repeat")
        warnings.warn(f"{said} a text that was decided in another way; the last one counts.", stacklevel=2)
    if again:
        said = quantity(again, "reviewed document repeats", "reviewed documents repeat")
        warnings.warn(f"{said} the text of another; each text counts once.", stacklevel=2)
    if not found:
        raise CorpusError("there is no reviewed document.", hint="Review some, then export them.")
    numbered = enumerate(found.values(), 1)
    return [replace(each, doc_id=f"{each.doc_id} (reviewed {number})") for number, each in numbered]


_NO_REVIEW = (
    "each entity names the rule or model that found it, and no document a reviewer. If `predict` or `label` "
    "wrote this, nobody has reviewed it, and a model that learns from it learns its mistakes: `hybrid-ner "
    "review import` shows it to people, `hybrid-ner review export` writes what they made of it."
)


def _found_by_program(document: Document) -> bool:
    """Whether a document with entities is as a model or the rules have left it."""
    named = all("source" in each.attrs or "model_score" in each.attrs for each in document.entities or ())
    return named and not document.meta.get("reviewers")


def _spans(document: Document) -> set[tuple[int, int, str]]:
    return {(each.start, each.end, each.label) for each in document.entities or ()}


def gather_text(
    request: RetrainRequest, inputs: Inputs, reviewed: Iterable[Document], gold: set[str]
) -> tuple[list[Document], int]:
    """Text to learn from, the reviewed first, and how many documents of the corpus are gold."""
    documents = {d.content_hash: d for d in reviewed}
    left_out = 0
    for number, path in enumerate((request.corpus, *request.unlabeled)):
        for document in inputs.corpus(path):
            left_out += document.content_hash in gold
            if document.content_hash not in gold:
                plain = Document(f"{number} {document.doc_id}" if number else document.doc_id, document.text)
                documents.setdefault(document.content_hash, plain)
    return list(documents.values()), left_out


def _lines(request: RetrainRequest, found: Mapping[str, Any]) -> list[str]:
    reviewed = quantity(found["reviewed"], "document")
    others = f", {quantity(found['weak'], 'other')} by rules" if found.get("weak") else ""
    terms, kinds = quantity(found["reviewed_terms"], "term"), quantity(found["distrusted"], "kind")
    lines = [
        f"Reviewed  {reviewed}{others}",
        f"Learned   {terms}, {kinds} of suggestions to leave out",
        f"Model     {request.out}  ({found['seconds']:.0f} s in all)",
    ]
    if choice := found.get("fusion") or found.get("waits"):
        lines.insert(2, f"Fusion    {choice['sentence']}")
    if "crf_f1" in found:
        model, student = 100 * found["crf_f1"], 100 * found["student_f1"]
        on = f"on {quantity(found['compared_on'], 'reviewed document')} that neither had learned from"
        best = f"with the CRF F1 {model:.1f}, with the {request.recipe} {student:.1f}"
        lines.insert(2, f"Compared  best {best}, {on}")
    if copied := found.get("copied"):
        lines.append(f"List      {copied['sentence']}")
    lines += [f"Source    {each['sentence']}" for each in found.get("trust", ())]
    lines += [f"Boundary  {habit['sentence']}" for habit in found.get("boundaries", ())]
    if forecast := found.get("forecast"):
        lines.append(f"Forecast  {forecast['sentence']}")
    if left_out := found["gold_left_out"]:
        count = quantity(left_out, "document")
        lines.append(f"          gold and so not learned from: {count} of the corpus")
    if said := misfit_sentence(found["misfit"]):
        lines.append(f"Left out  {said}")
    return lines


# What the experiments share, and how they show what they found.

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
    if len(reviewed) < experiment.LEAST:
        count = quantity(len(reviewed), "reviewed document")
        what = f"{count} with a text of its own: too few to compare on; {experiment.LEAST} are needed."
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


def _curve_table(name: str, points: Sequence[experiment.Point]) -> Table:
    title = f"F1 × 100 on documents left out in turn, by number of {name}"
    table = score_table(title, ["documents", *SYSTEMS, "95 % interval of the hybrid"])
    for point in points:
        between = _interval(point.outcome.counts["hybrid"])
        figures = (f"{100 * point.outcome.f1(system):.1f}" for system in SYSTEMS)
        table.add_row(str(point.documents), *figures, f"{100 * between.low:.1f}–{100 * between.high:.1f}")
    return table


def _tried(search: experiment.Search) -> Table:
    settings = (name.rsplit(".", 1)[-1] for name in search.names)
    title = "The best trials, F1 × 100 of the hybrid on documents left out"
    table = score_table(title, ["trial", "F1", "seconds", *settings])
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
