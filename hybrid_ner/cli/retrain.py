"""``hybrid-ner retrain``, and experiments with reviewed documents: tune, compare-recipes, learning-curve."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._bootstrap import Request
from hybrid_ner.cli._inputs import Inputs, print_all
from hybrid_ner.cli._options import bars
from hybrid_ner.cli.evaluate import comparison_renderables, score_model
from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.pipeline import beside, work_folder
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import quantity
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.package import keep_facts
from hybrid_ner.training.policy import Decided, misfit_sentence
from hybrid_ner.training.recipe import learns_votes
from hybrid_ner.training.retrain import RetrainSettings
from hybrid_ner.training.retrain import retrain as learn
from hybrid_ner.training.update import rules_inputs, update_learner


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
    from hybrid_ner.cli.retrain import RetrainRequest, run, tuned_settings

    chosen = fast or getattr(context.get_parameter_source("recipe"), "name", "") != "DEFAULT"
    tuned, recipe = tuned_settings(settings, "crf" if fast else recipe, chosen=chosen)
    request = RetrainRequest(
        corpus=corpus,
        reviewed=tuple(reviewed),
        out=out,
        gold=gold,
        overlay=overlay,
        recipe=recipe,
        overrides=opt.with_encoder(encoder, (*tuned, *context.args)),
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
    from hybrid_ner.cli import _experiments
    from hybrid_ner.cli.retrain import RetrainRequest

    request = RetrainRequest(out=out, recipe=recipe, **asked)
    _experiments.tune(request, minutes=minutes, most=trials, as_json=as_json, quiet=quiet)


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
    from hybrid_ner.cli._experiments import compare
    from hybrid_ner.cli.retrain import RetrainRequest

    request = RetrainRequest(out=out, recipe="crf", **asked)
    compare(request, tuple(recipe or ("crf", "cnn")), as_json=as_json, quiet=quiet)


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
    from hybrid_ner.cli._experiments import curve
    from hybrid_ner.cli.retrain import RetrainRequest

    curve(RetrainRequest(out=out, recipe=recipe, **asked), as_json=as_json, quiet=quiet)


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
        for number, document in enumerate(inputs.corpus(path, named=False), 1):
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
