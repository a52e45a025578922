"""``hybrid-ner retrain``, and experiments with reviewed documents: tune, compare-recipes, learning-curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli import _options as opt


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
    seconds: rules and votes are kept for the next time and only the CRF is fitted.

    Reviewed documents are what `hybrid-ner review export` writes; terms that reviewers added or blocked are
    what `hybrid-ner review overlay` writes. Give the other options as for bootstrap.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3. `--settings`
    takes the file that `hybrid-ner tune` wrote, with the recipe that it is for.
    """
    from hybrid_ner.cli._retrain import RetrainRequest, run, tuned_settings

    tuned, recipe = tuned_settings(settings, "crf" if fast else recipe)
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
    from hybrid_ner.cli._retrain import RetrainRequest

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
    from hybrid_ner.cli._retrain import RetrainRequest

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
    from hybrid_ner.cli._retrain import RetrainRequest

    curve(RetrainRequest(out=out, recipe=recipe, **asked), as_json=as_json, quiet=quiet)
