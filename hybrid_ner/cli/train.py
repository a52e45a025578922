"""``hybrid-ner label`` and ``train``: weak labels, and a student from these or from gold."""

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
    Recipe,
    Rules,
    Shard,
    Shipped,
    SkipBad,
    Source,
    Switch,
    Variants,
)
from hybrid_ner.text import quantity

# ``hybrid-ner label``: weak labels for a corpus, without training.

label_app = typer.Typer(add_completion=False)


@label_app.command()
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
    from hybrid_ner.cli._inputs import Inputs, parse_shard
    from hybrid_ner.cli._options import bars, model_lines, own_sources, print_json
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
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a spaCy recognizer on labeled documents, by a recipe.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3.
    """
    from hybrid_ner.cli._inputs import Inputs
    from hybrid_ner.cli._options import bars, print_json
    from hybrid_ner.training.label import labeled_documents
    from hybrid_ner.training.recipe import parse_overrides
    from hybrid_ner.training.student import train_on_documents

    overrides, inputs = parse_overrides(context.args), Inputs(skip_bad)
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
