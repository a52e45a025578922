"""``hybrid-ner label``: weak labels for a corpus, without training."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._inputs import Columns, TextColumn
from hybrid_ner.cli._options import (
    Disable,
    Domain,
    FuzzyModes,
    FuzzyThreshold,
    Gazetteers,
    Ids,
    Json,
    Label,
    Quiet,
    Rules,
    Shard,
    Shipped,
    SkipBad,
    Source,
    Switch,
    Variants,
)
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False)


@app.command()
def label(
    corpus: Annotated[Path, typer.Option(help="Text: any format; text, Word and PDF in one folder.")],
    output: Annotated[
        Path, typer.Option(help="File to write; its ending names the format (.spacy, .jsonl, …).")
    ],
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    label: Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    switch: Switch = None,
    disable: Disable = None,
    source: Source = None,
    rules: Rules = None,
    fuzzy: FuzzyModes = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    variants: Variants = True,
    ids: Ids = "",
    shard: Shard = "0/1",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Label text by rules alone and write the aggregated weak labels with a manifest.

    The manifest, OUTPUT.manifest.json, has counts and the fingerprints of the terms and the text. It is
    written last: an output without one is not whole.
    """
    from hybrid_ner.cli._console import bars, model_lines, print_json
    from hybrid_ner.cli._inputs import Inputs, parse_shard
    from hybrid_ner.cli._options import own_sources
    from hybrid_ner.domains.registry import DomainSettings
    from hybrid_ner.errors import InputError
    from hybrid_ner.matching.match import Fuzzy
    from hybrid_ner.sources.rule_sets import read_rules
    from hybrid_ner.training.label import label_corpus

    if str(output) == "-":
        raise InputError("a manifest is written beside the output.", hint="Give a file as --output.")
    part, inputs = parse_shard(shard), Inputs(skip_bad)
    with bars(quiet or as_json) as report:
        report("terms", 0.0, "reading term lists")
        own = (*own_sources(source), *(each for path in rules or () for each in read_rules(path)))
        terms = inputs.terms(domain, gazetteer or (), label, shipped, bool(own))
        near = Fuzzy.parse(fuzzy or (), fuzzy_threshold)
        settings = DomainSettings(
            tuple(disable or ()), tuple(switch or ()), sources=own, fuzzy=near, variants=variants, ids=ids
        )
        whole = inputs.corpus(corpus)
        texts = whole.shard(*part)
        manifest = label_corpus(
            terms, domain, settings, texts, output, report=report, lost=inputs.told, whole=whole
        )
    if as_json:
        print_json({**manifest, "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    found = quantity(manifest["entities"], "weak label")
    typer.echo(f"{found} in {quantity(manifest['documents'], 'document')} → {output}")
    if manifest["misaligned"]:
        unfit = quantity(len(manifest["misaligned"]), "match fits", "matches fit")
        typer.echo(f"{unfit} no tokens; listed in {output}.manifest.json")
    for line in model_lines(manifest.get("models", {}), f"{output}.manifest.json"):
        typer.echo(line)
    for line in manifest["trust"]:
        typer.echo(f"Source    {line}")
    typer.echo(f"Next: hybrid-ner train --labels {shlex.quote(str(output))} --out DIR")
