"""Options that several commands share, so that each is called and described in one way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Disable",
    "Domain",
    "Expand",
    "Gazetteers",
    "Json",
    "Label",
    "MinScore",
    "Quiet",
    "Recipe",
    "Shard",
    "Shipped",
    "SkipBad",
    "Switch",
    "TrainTokens",
    "Unlabeled",
]

Domain = Annotated[str, typer.Option(help="medical, legal, or generic (your lists alone).")]
Gazetteers = Annotated[
    list[Path] | None,
    typer.Option("--gazetteer", help="Term list in any known format, or a shipped pack; may be repeated."),
]
Label = Annotated[str, typer.Option(help="Label of every row of the given term lists.")]
Shipped = Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")]
Unlabeled = Annotated[list[Path] | None, typer.Option(help="More text of the same kind; may be repeated.")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out unusable rows and list them, instead of stopping.")
]
Switch = Annotated[list[str] | None, typer.Option(help="Turn on a domain switch, for example genetics.")]
Disable = Annotated[list[str] | None, typer.Option(help="Leave out a labeling source by name.")]
Recipe = Annotated[str, typer.Option(help="Training recipe (cnn) or a .cfg file.")]
TrainTokens = Annotated[int, typer.Option(min=1, help="Tokens of weakly labeled text to train on.")]
MinScore = Annotated[
    float | None,
    typer.Option(
        min=0.0, max=1.0, help="Least probability of an added model span; by default chosen on held-out text."
    ),
]
Expand = Annotated[
    bool | None,
    typer.Option(
        "--expand/--no-expand",
        help="Learn words your lists lack from the text; default: generic, or medical --no-shipped.",
    ),
]
Shard = Annotated[str, typer.Option(help="Only part I of N, as I/N, counted from 0: one process each.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bars.")]
