"""``hybrid-ner tune``: search the settings of a recipe on reviewed documents."""

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
def tune(
    reviewed: Annotated[
        list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the search, its table and plot, and settings.json.")],
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
    recipe: Annotated[str, typer.Option(help="Recipe to tune: crf, cnn or a .cfg file.")] = "crf",
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
    from hybrid_ner.cli._experiments import tune as run
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
    run(request, minutes=minutes, most=trials, as_json=as_json, quiet=quiet)
