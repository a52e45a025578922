"""``hybrid-ner compare-recipes``: architectures on the same folds of reviewed documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._inputs import Columns, TextColumn
from hybrid_ner.cli._options import (
    Domain,
    Expand,
    Gazetteers,
    Json,
    Label,
    Quiet,
    Rules,
    Shipped,
    SkipBad,
    Source,
    Words,
)

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command()
def compare_recipes(
    reviewed: Annotated[
        list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder where rules and votes are kept for the next time.")],
    corpus: Annotated[
        Path | None, typer.Option(help="More text of the project, for words and for what the rules label.")
    ] = None,
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    label: Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    source: Source = None,
    rules: Rules = None,
    expand: Expand = None,
    words: Words = "auto",
    recipe: Annotated[
        list[str] | None, typer.Option(help="Recipe to compare: crf, cnn, a .cfg file; may be repeated.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare recipes on reviewed documents: rules, each model alone and each hybrid, with seconds and size.

    Every document is read by models that have learned from the others alone; how a hybrid is fused is chosen
    on other documents than it is scored on.
    """
    from hybrid_ner.cli._experiments import compare as run
    from hybrid_ner.cli._options import own_sources
    from hybrid_ner.cli._retrain import RetrainRequest

    request = RetrainRequest(
        domain=domain,
        corpus=corpus or reviewed[0],
        reviewed=tuple(reviewed),
        out=out,
        gazetteers=tuple(gazetteer or ()),
        label=label,
        shipped=shipped,
        skip_bad=skip_bad,
        sources=own_sources(source),
        rules=tuple(rules or ()),
        recipe="crf",
        overrides=(),
        expand=expand,
        words=words,
    )
    run(request, tuple(recipe or ("crf", "cnn")), as_json=as_json, quiet=quiet)
