"""``hybrid-ner retrain``: rules and model learn from reviewed documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    domain: Annotated[str, typer.Option(help="medical, legal, or generic (your lists alone).")] = "generic",
    gazetteer: Annotated[
        list[Path] | None, typer.Option(help="Term list in any known format; may be repeated.")
    ] = None,
    label: Annotated[str, typer.Option(help="Label of every row of the given term lists.")] = "",
    shipped: Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")] = True,
    recipe: Annotated[str, typer.Option(help="Training recipe (cnn, …) or a .cfg file.")] = "cnn",
    train_tokens: Annotated[int, typer.Option(help="Tokens of weakly labeled text to train on.")] = 600_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
) -> None:
    """Bootstrap again with what reviewers decided: new terms, distrusted votes, a better student and fusion.

    Reviewed documents are what `hybrid-ner review export` writes. Any spaCy setting can be overridden by its
    dotted name: --training.max_epochs 3.
    """
    from hybrid_ner.cli._retrain import Request, run

    request = Request(
        domain=domain,
        corpus=corpus,
        reviewed=tuple(reviewed),
        out=out,
        gold=gold,
        gazetteers=tuple(gazetteer or ()),
        label=label,
        shipped=shipped,
        recipe=recipe,
        overrides=tuple(context.args),
        train_tokens=train_tokens,
    )
    run(request, as_json=as_json, quiet=quiet)
