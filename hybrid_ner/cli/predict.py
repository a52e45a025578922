"""``hybrid-ner predict``: entities of new documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli._options import Json, Quiet, Shard, SkipBad

if TYPE_CHECKING:
    from hybrid_ner.corpus import Document

app = typer.Typer(add_completion=False)


@app.command()
def predict(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[Path, typer.Option(help="Corpus: JSONL, folder of .txt, brat, CoNLL, .spacy, CSV.")],
    output: Annotated[
        Path, typer.Option(help="File to write; its ending names the format (.jsonl, .spacy, …).")
    ],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    skip_bad: SkipBad = False,
    shard: Shard = "0/1",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find entities in documents with one of a pipeline's three systems."""
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.cli._inputs import Inputs, parse_shard
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.errors import InputError
    from hybrid_ner.training.predict import SYSTEMS, load_pipeline
    from hybrid_ner.training.predict import predict as predicted

    if system not in SYSTEMS:
        raise InputError(f"unknown system {system!r}.", hint=f"Use one of {', '.join(SYSTEMS)}.")
    part, inputs = parse_shard(shard), Inputs(skip_bad)
    corpus = inputs.corpus(input).shard(*part)
    with bars(quiet or as_json) as report:
        report("load", 0.0, str(model))
        nlp = load_pipeline(model)
        entities = 0

        def counted() -> Iterator[Document]:
            nonlocal entities
            for number, document in enumerate(predicted(nlp, corpus, system), 1):
                entities += len(document.entities or ())
                report("predict", 0.0, f"{number:,} documents, {entities:,} entities")
                yield document

        documents = write_corpus(output, counted(), report=inputs.told)
    if as_json:
        counts = {"system": system, "documents": documents, "entities": entities, "output": str(output)}
        print_json({**counts, "warnings": inputs.warnings()})
    else:
        inputs.list_warnings()
        typer.echo(f"{entities:,} entities in {documents:,} documents ({system}) → {output}")
