"""``hybrid-ner retrain``, and experiments with reviewed documents: tune, compare-recipes, learning-curve."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Columns, TextColumn
from hybrid_ner.cli._options import (
    Disable,
    Domain,
    Expand,
    FuzzyModes,
    FuzzyThreshold,
    Gazetteers,
    Json,
    Label,
    Quiet,
    Rules,
    Shipped,
    SkipBad,
    Source,
    Switch,
    Unlabeled,
    Variants,
    Words,
)

if TYPE_CHECKING:
    pass
    from hybrid_ner.cli._retrain import RetrainRequest

__all__ = ["compare_recipes", "learning_curve", "tune"]

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def retrain(
    context: typer.Context,
    corpus: Annotated[Path, typer.Option(help="Text to be good at; its annotations are not read.")],
    reviewed: Annotated[
        list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the pipeline.")],
    gold: Annotated[
        Path | None, typer.Option(help="Annotated documents for scoring alone; never learned from.")
    ] = None,
    domain: opt.Domain = "generic",
    gazetteer: opt.Gazetteers = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Edits of the term lists, as `hybrid-ner review overlay` writes them."),
    ] = None,
    unlabeled: opt.Unlabeled = None,
    label: opt.Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: opt.Shipped = True,
    skip_bad: opt.SkipBad = False,
    switch: opt.Switch = None,
    disable: opt.Disable = None,
    source: opt.Source = None,
    rules: opt.Rules = None,
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
    train_tokens: opt.TrainTokens = 600_000,
    min_score: opt.MinScore = None,
    expand: opt.Expand = None,
    words: opt.Words = "auto",
    fuzzy: opt.FuzzyModes = None,
    fuzzy_threshold: opt.FuzzyThreshold = 0.0,
    variants: opt.Variants = True,
    ids: opt.Ids = "",
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Learn from what reviewers decided: new terms, distrusted votes, a better model and fusion.

    Rules alone, the model and their combinations are compared on reviewed documents that they have not
    learned from, and rules alone stay until another way is clearly better. `--fast` (or `--recipe crf`) takes
    seconds: rules and votes are kept for the next time and only the CRF is fitted.

    Reviewed documents are what `hybrid-ner review export` writes; terms that reviewers added or blocked are
    what `hybrid-ner review overlay` writes. Give the other options as for bootstrap.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3. `--settings`
    takes the file that `hybrid-ner tune` wrote, with the recipe that it is for.
    """
    from hybrid_ner.cli._options import own_sources, with_encoder
    from hybrid_ner.cli._retrain import RetrainRequest, run, tuned_settings
    from hybrid_ner.matching.match import Fuzzy

    tuned, recipe = tuned_settings(settings, "crf" if fast else recipe)
    request = RetrainRequest(
        domain=domain,
        corpus=corpus,
        reviewed=tuple(reviewed),
        out=out,
        gold=gold,
        gazetteers=tuple(gazetteer or ()),
        overlay=overlay,
        unlabeled=tuple(unlabeled or ()),
        label=label,
        shipped=shipped,
        skip_bad=skip_bad,
        switches=tuple(switch or ()),
        disabled=tuple(disable or ()),
        sources=own_sources(source),
        rules=tuple(rules or ()),
        recipe=recipe,
        overrides=with_encoder(encoder, (*tuned, *context.args)),
        train_tokens=train_tokens,
        min_score=min_score,
        expand=expand,
        words=words,
        fuzzy=Fuzzy.parse(fuzzy or (), fuzzy_threshold),
        variants=variants,
        ids=ids,
        forget=tuple(forget or ()),
    )
    run(request, as_json=as_json, quiet=quiet)


# ``hybrid-ner tune``, ``compare-recipes`` and ``learning-curve``: experiments on reviewed documents.
#
# The rules of an experiment are those that ``retrain`` would have: their options are declared once, in
# ``_request``, and each command adds its own.


def _request(
    out: Path,
    *,
    reviewed: Annotated[
        list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
    ],
    corpus: Annotated[
        Path | None, typer.Option(help="More text of the project, for words and for what the rules label.")
    ] = None,
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Edits of the term lists, as `hybrid-ner review overlay` writes them."),
    ] = None,
    unlabeled: Unlabeled = None,
    label: Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    switch: Switch = None,
    disable: Disable = None,
    source: Source = None,
    rules: Rules = None,
    expand: Expand = None,
    words: Words = "auto",
    fuzzy: FuzzyModes = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    variants: Variants = True,
) -> RetrainRequest:
    """Which documents and which rules; the recipe is the command's."""
    from hybrid_ner.cli._options import own_sources
    from hybrid_ner.cli._retrain import RetrainRequest
    from hybrid_ner.matching.match import Fuzzy

    return RetrainRequest(
        domain=domain,
        corpus=corpus or reviewed[0],
        reviewed=tuple(reviewed),
        out=out,
        gazetteers=tuple(gazetteer or ()),
        overlay=overlay,
        unlabeled=tuple(unlabeled or ()),
        label=label,
        shipped=shipped,
        skip_bad=skip_bad,
        switches=tuple(switch or ()),
        disabled=tuple(disable or ()),
        sources=own_sources(source),
        rules=tuple(rules or ()),
        recipe="crf",
        expand=expand,
        words=words,
        fuzzy=Fuzzy.parse(fuzzy or (), fuzzy_threshold),
        variants=variants,
    )


def _command(run: Callable[..., None]) -> typer.Typer:
    """A command with the options of ``_request`` and, behind ``request`` and ``out``, those of ``run``."""
    shared = _shared_options(_request, without=("out",))
    own = _shared_options(run, without=("request",))

    def command(**values: Any) -> None:
        given = {option.name: values.pop(option.name) for option in shared}
        run(_request(values["out"], **given), **values)

    command.__doc__ = run.__doc__
    command.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in (*own, *shared)}
    holder = typer.Typer(add_completion=False)
    holder.command()(command)
    return holder


def _shared_options(function: Callable[..., Any], without: tuple[str, ...]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, localns={"RetrainRequest": object}, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    return [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
        for each in parameters
        if each.name not in without
    ]


def _tune(
    request: RetrainRequest,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the search, its table and plot, and settings.json.")],
    recipe: Annotated[str, typer.Option(help="Recipe to tune: crf, cnn, trf or a .cfg file.")] = "crf",
    minutes: Annotated[
        float, typer.Option(min=0.0, help="Budget; a later call goes on where it ended.")
    ] = 10.0,
    trials: Annotated[int, typer.Option(min=0, help="At most so many trials in all; 0 for no bound.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search the settings of a recipe that are best on reviewed documents left out in turn.

    Gold that is kept apart for scoring is not to be given. The search (Optuna) can be stopped, and goes on
    with what it knows when it is called again. The winner is for `hybrid-ner retrain --settings`.
    """
    from hybrid_ner.cli._experiments import tune

    tune(replace(request, recipe=recipe), minutes=minutes, most=trials, as_json=as_json, quiet=quiet)


def _compare_recipes(
    request: RetrainRequest,
    *,
    out: Annotated[Path, typer.Option(help="Folder where rules and votes are kept for the next time.")],
    recipe: Annotated[
        list[str] | None, typer.Option(help="Recipe to compare: crf, cnn, trf, a .cfg file; may be repeated.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare recipes on reviewed documents: rules, each model alone and each hybrid, with seconds and size.

    Every document is read by models that have learned from the others alone; how a hybrid is fused is chosen
    on other documents than it is scored on.
    """
    from hybrid_ner.cli._experiments import compare

    compare(request, tuple(recipe or ("crf", "cnn")), as_json=as_json, quiet=quiet)


def _learning_curve(
    request: RetrainRequest,
    *,
    out: Annotated[Path, typer.Option(help="Folder for curve.html; rules and votes are kept there as well.")],
    recipe: Annotated[str, typer.Option(help="Recipe: crf, cnn, trf or a .cfg file.")] = "crf",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what the model and the hybrid have after more and more reviewed documents, and more weak labels.

    Always on the same documents, left out in turn. The second part, for the CRF beside strong rules, adds
    documents of `--corpus` that only the rules have labeled.
    """
    from hybrid_ner.cli._experiments import curve

    curve(replace(request, recipe=recipe), as_json=as_json, quiet=quiet)


tune = _command(_tune)
compare_recipes = _command(_compare_recipes)
learning_curve = _command(_learning_curve)
