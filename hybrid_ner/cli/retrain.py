"""``hybrid-ner retrain``: rules and model learn from reviewed documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Columns, TextColumn

if TYPE_CHECKING:
    pass

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
