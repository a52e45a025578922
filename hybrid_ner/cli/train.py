"""``hybrid-ner train``: a student from weak labels or gold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._options import Encoder, Json, Quiet, Recipe, SkipBad, with_encoder
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def train(
    context: typer.Context,
    labels: Annotated[
        list[Path], typer.Option(help="Labeled documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the trained pipeline.")],
    skip_bad: SkipBad = False,
    recipe: Recipe = "cnn",
    encoder: Encoder = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a spaCy recognizer on labeled documents, by a recipe.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3.
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.cli._inputs import Inputs
    from hybrid_ner.training.label import labeled_documents
    from hybrid_ner.training.recipe import parse_overrides
    from hybrid_ner.training.student import train_on_documents

    overrides, inputs = parse_overrides(with_encoder(encoder, context.args)), Inputs(skip_bad)
    with bars(quiet or as_json) as report:
        result = train_on_documents(
            recipe,
            labeled_documents(labels, inputs.told),
            out,
            overrides=overrides,
            progress=lambda share, line: report("train", share, line),
        )
    if as_json:
        print_json({"model": str(out), **result, "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    tokens = quantity(result["train_tokens"], "token")
    typer.echo(f"Trained on {tokens}, labels {', '.join(result['labels'])} → {out}")
    for kind, why in (("misaligned", "fitting no tokens"), ("overlapping", "overlapping longer ones")):
        if lines := result[kind]:
            more = ", the first of them" if len(lines) > 10 else ""
            said = f"{quantity(len(lines), 'span')} {why}, not learned{more}:"
            typer.echo("\n  ".join([said, *lines[:10]]))
