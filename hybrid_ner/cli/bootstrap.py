"""``hybrid-ner bootstrap``: term lists and text in, a hybrid pipeline out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._options import (
    Disable,
    Domain,
    Expand,
    Gazetteers,
    Json,
    Label,
    MinScore,
    Quiet,
    Recipe,
    Shipped,
    SkipBad,
    Switch,
    TrainTokens,
    Unlabeled,
)

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bootstrap(
    context: typer.Context,
    corpus: Annotated[
        Path, typer.Option(help="Text to be good at: JSONL, folder of .txt, brat, CoNLL, .spacy, CSV.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the pipeline; a second run resumes.")],
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    unlabeled: Unlabeled = None,
    gold: Annotated[
        Path | None,
        typer.Option(help="Annotated documents for scoring alone; by default those of the corpus, if any."),
    ] = None,
    label: Label = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    switch: Switch = None,
    disable: Disable = None,
    recipe: Recipe = "cnn",
    train_tokens: TrainTokens = 600_000,
    min_score: MinScore = None,
    expand: Expand = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Label text by rules, train a student on it, fuse both, and score them if there is gold.

    Gold is used for the score table alone; the report is OUT/report.html. What each step left is in
    OUT/work, so that a second run repeats only what changed.

    Any setting of the recipe can be overridden by its dotted name, as in spacy train:
    --training.max_epochs 3.
    """
    from hybrid_ner.cli._bootstrap import Request, run

    request = Request(
        domain=domain,
        corpus=corpus,
        out=out,
        gazetteers=tuple(gazetteer or ()),
        unlabeled=tuple(unlabeled or ()),
        gold=gold,
        label=label,
        shipped=shipped,
        skip_bad=skip_bad,
        switches=tuple(switch or ()),
        disabled=tuple(disable or ()),
        recipe=recipe,
        overrides=tuple(context.args),
        train_tokens=train_tokens,
        min_score=min_score,
        expand=expand,
    )
    run(request, as_json=as_json, quiet=quiet)
