"""``hybrid-ner learning-curve``: what more reviewed and more weakly labeled text brings."""

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
def learning_curve(
    reviewed: Annotated[
        list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for curve.html; rules and votes are kept there as well.")],
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
    recipe: Annotated[str, typer.Option(help="Recipe: crf, cnn or a .cfg file.")] = "crf",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what the model and the hybrid have after more and more reviewed documents, and more weak labels.

    Always on the same documents, left out in turn. The second part, for the CRF beside strong rules, adds
    documents of `--corpus` that only the rules have labeled.
    """
    from hybrid_ner.cli._experiments import curve as run
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
        recipe=recipe,
        overrides=(),
        expand=expand,
        words=words,
    )
    run(request, as_json=as_json, quiet=quiet)
