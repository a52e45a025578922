"""``hybrid-ner label``: weak labels for a corpus, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def label(
    corpus: Annotated[Path, typer.Option(help="Text: JSONL, folder of .txt, brat, CoNLL, .spacy, CSV.")],
    output: Annotated[
        Path, typer.Option(help="File to write; its ending names the format (.spacy, .jsonl, …).")
    ],
    domain: Annotated[str, typer.Option(help="medical, legal, or generic (your lists alone).")] = "generic",
    gazetteer: Annotated[
        list[Path] | None, typer.Option(help="Term list in any known format; may be repeated.")
    ] = None,
    label: Annotated[str, typer.Option(help="Label of every row of the given term lists.")] = "",
    shipped: Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")] = True,
    switch: Annotated[
        list[str] | None, typer.Option(help="Turn on a domain switch, for example genetics.")
    ] = None,
    disable: Annotated[list[str] | None, typer.Option(help="Leave out a labeling source by name.")] = None,
    shard: Annotated[
        str, typer.Option(help="Only part I of N, as I/N, counted from 0: one process each.")
    ] = "0/1",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts as JSON.")] = False,
) -> None:
    """Label text by rules alone and write the aggregated weak labels with a manifest.

    The manifest, OUTPUT.manifest.json, names the fingerprints of the terms and the text.
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.training.label import label_corpus
    from hybrid_ner.training.lists import gather_terms
    from hybrid_ner.weak.domains import DomainSettings

    index, count = _shard(shard)
    with bars(quiet or as_json) as report:
        report("terms", 0.0, "reading term lists")
        terms = gather_terms(domain, gazetteer or (), label=label, shipped=shipped)
        settings = DomainSettings(disabled=tuple(disable or ()), switches=tuple(switch or ()))
        source = read_corpus(corpus).shard(index, count)
        manifest = label_corpus(terms, domain, settings, source, output, report=report)
    if as_json:
        print_json(manifest)
        return
    typer.echo(f"{manifest['entities']:,} weak labels in {manifest['documents']:,} documents → {output}")
    if manifest["misaligned"]:
        typer.echo(f"{len(manifest['misaligned']):,} matches fit no tokens; listed in {output}.manifest.json")
    typer.echo(f"Next: hybrid-ner train --labels {output} --out DIR")


def _shard(text: str) -> tuple[int, int]:
    from hybrid_ner.errors import InputError

    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit()):
        raise InputError(f"--shard wants I/N, found {text!r}.", hint="For example --shard 0/4.")
    return int(index), int(count)
