"""``hybrid-ner demo``: the whole main job on the shipped samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._options import Json, Quiet

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    domain: Annotated[str, typer.Option(help="A domain with samples (`hybrid-ner domains`).")] = "medical",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pipeline; by default runs/demo-DOMAIN.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bootstrap a hybrid model from shipped term lists and sample texts, and score it.

    The samples were written for this project; those with gold are never trained on.
    """
    from hybrid_ner.cli._bootstrap import Request, run
    from hybrid_ner.domains.registry import gold_path, unlabeled_path

    request = Request(
        domain=domain,
        corpus=unlabeled_path(domain),
        gold=gold_path(domain),
        out=out or Path("runs") / f"demo-{domain}",
    )
    run(request, as_json=as_json, quiet=quiet)
