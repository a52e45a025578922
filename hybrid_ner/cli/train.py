"""``hybrid-ner train``: a student from weak labels or gold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def train(
    context: typer.Context,
    labels: Annotated[
        list[Path], typer.Option(help="Labeled documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the trained pipeline.")],
    recipe: Annotated[str, typer.Option(help="Training recipe (cnn, …) or a .cfg file.")] = "cnn",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train a spaCy recognizer on labeled documents, by a recipe.

    Any spaCy setting can be overridden by its dotted name: --training.max_epochs 3.
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.training.overrides import parse_overrides
    from hybrid_ner.training.student import train_on_documents

    overrides = parse_overrides(context.args)
    with bars(quiet or as_json) as report:
        documents = (document for path in labels for document in read_corpus(path))
        result = train_on_documents(
            recipe,
            documents,
            out,
            overrides=overrides,
            progress=lambda share, line: report("train", share, line),
        )
    if as_json:
        print_json(result)
    else:
        typer.echo(
            f"Trained on {result['train_tokens']:,} tokens, labels {', '.join(result['labels'])} → {out}"
        )
        if result["misaligned"]:
            typer.echo(f"{len(result['misaligned']):,} spans fit no tokens and were not learned:")
            for line in result["misaligned"][:10]:
                typer.echo(f"  {line}")
