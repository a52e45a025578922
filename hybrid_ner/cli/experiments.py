"""``hybrid-ner tune``, ``compare-recipes`` and ``learning-curve``: experiments on reviewed documents.

The rules of an experiment are those that ``retrain`` would have: their options are declared once, in
``_request``, and each command adds its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from hybrid_ner.cli._inputs import Columns, TextColumn
from hybrid_ner.cli._options import (
    Disable,
    Domain,
    Encoder,
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
    from hybrid_ner.cli._retrain import RetrainRequest

__all__ = ["compare_recipes", "learning_curve", "tune"]


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
    encoder: Encoder = "",
) -> RetrainRequest:
    """Which documents and which rules; the recipe is the command's."""
    from hybrid_ner.cli._options import own_sources, with_encoder
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
        overrides=with_encoder(encoder, ()),
        expand=expand,
        words=words,
        fuzzy=Fuzzy.parse(fuzzy or (), fuzzy_threshold),
        variants=variants,
    )


def _command(run: Callable[..., None]) -> typer.Typer:
    """A command with the options of ``_request`` and, behind ``request`` and ``out``, those of ``run``."""
    shared = _options(_request, without=("out",))
    own = _options(run, without=("request",))

    def command(**values: Any) -> None:
        given = {option.name: values.pop(option.name) for option in shared}
        run(_request(values["out"], **given), **values)

    command.__doc__ = run.__doc__
    command.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in (*own, *shared)}
    holder = typer.Typer(add_completion=False)
    holder.command()(command)
    return holder


def _options(function: Callable[..., Any], without: tuple[str, ...]) -> list[inspect.Parameter]:
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
