"""``hybrid-ner bootstrap``: term lists and text in, a hybrid pipeline out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bootstrap(
    context: typer.Context,
    corpus: Annotated[
        Path, typer.Option(help="Text to be good at: JSONL, folder of .txt, brat, CoNLL, .spacy, CSV.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the pipeline; a second run resumes.")],
    domain: Annotated[str, typer.Option(help="medical, legal, or generic (your lists alone).")] = "generic",
    gazetteer: Annotated[
        list[Path] | None, typer.Option(help="Term list in any known format; may be repeated.")
    ] = None,
    unlabeled: Annotated[
        list[Path] | None, typer.Option(help="More text of the same kind; may be repeated.")
    ] = None,
    label: Annotated[str, typer.Option(help="Label of every row of the given term lists.")] = "",
    shipped: Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")] = True,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out unusable rows and list them, instead of stopping.")
    ] = False,
    switch: Annotated[
        list[str] | None, typer.Option(help="Turn on a domain switch, for example genetics.")
    ] = None,
    disable: Annotated[list[str] | None, typer.Option(help="Leave out a labeling source by name.")] = None,
    recipe: Annotated[str, typer.Option(help="Training recipe (cnn, …) or a .cfg file.")] = "cnn",
    train_tokens: Annotated[int, typer.Option(help="Tokens of weakly labeled text to train on.")] = 600_000,
    min_score: Annotated[
        float | None,
        typer.Option(help="Least probability of an added model span; by default chosen on held-out text."),
    ] = None,
    expand: Annotated[
        bool | None,
        typer.Option(
            "--expand/--no-expand",
            help="Learn words your lists lack from the text; default: generic, or medical --no-shipped.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
) -> None:
    """Label text by rules, train a student on it, fuse both, and score them if the corpus has gold.

    Gold in the corpus is used for the score table alone. Any spaCy setting can be overridden by its
    dotted name, as in spacy train: --training.max_epochs 3.
    """
    from hybrid_ner.cli._bootstrap import Request, run

    request = Request(
        domain=domain,
        corpus=corpus,
        out=out,
        gazetteers=tuple(gazetteer or ()),
        unlabeled=tuple(unlabeled or ()),
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
