"""``hybrid-ner bootstrap``: term lists and text in, a hybrid pipeline out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Columns, TextColumn

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bootstrap(
    context: typer.Context,
    corpus: Annotated[
        Path, typer.Option(help="Text to be good at: any format; text, Word and PDF in one folder.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the pipeline; a second run resumes.")],
    domain: opt.Domain = "generic",
    gazetteer: opt.Gazetteers = None,
    unlabeled: opt.Unlabeled = None,
    gold: Annotated[
        Path | None,
        typer.Option(help="Annotated documents for scoring alone; by default those of the corpus, if any."),
    ] = None,
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
    """Label text by rules, train a student on it, fuse both, and score them if there is gold.

    Gold is used for the score table alone; the report is OUT.report.html. What each step left is in
    OUT.work, so that a second run repeats only what changed. Both stand beside the model, which holds no
    text of the documents.

    Any setting of the recipe can be overridden by its dotted name, as in spacy train:
    --training.max_epochs 3.
    """
    from hybrid_ner.cli._bootstrap import Request, run
    from hybrid_ner.cli._options import own_sources, with_encoder
    from hybrid_ner.matching.match import Fuzzy

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
        sources=own_sources(source),
        rules=tuple(rules or ()),
        recipe=recipe,
        overrides=with_encoder(encoder, context.args),
        train_tokens=train_tokens,
        min_score=min_score,
        expand=expand,
        words=words,
        fuzzy=Fuzzy.parse(fuzzy or (), fuzzy_threshold),
        variants=variants,
        ids=ids,
    )
    run(request, as_json=as_json, quiet=quiet)
