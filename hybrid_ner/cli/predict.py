"""``hybrid-ner predict``: entities of new documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli._inputs import TextColumn
from hybrid_ner.cli._options import FuzzyThreshold, Ids, Json, Quiet, Shard, SkipBad
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Document

app = typer.Typer(add_completion=False)


@app.command()
def predict(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[Path, typer.Option(help="Corpus: any format, or - for standard input.")],
    output: Annotated[
        Path,
        typer.Option(help="File to write; its ending names the format (.jsonl, …); - for standard output."),
    ],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    fuzzy: Annotated[
        list[str] | None,
        typer.Option(
            help="Near matches of terms: off, label, or LABEL=MODE; by default as the model was made."
        ),
    ] = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    ids: Ids = "",
    text_column: TextColumn = "",
    skip_bad: SkipBad = False,
    shard: Shard = "0/1",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find entities in documents with one of a pipeline's three systems."""
    from hybrid_ner.cli._console import bars, model_lines, print_json
    from hybrid_ner.cli._inputs import Inputs, open_output, parse_shard
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.matching.match import Fuzzy
    from hybrid_ner.pipeline.concept_ids import set_ids
    from hybrid_ner.pipeline.labeling import set_fuzzy, take_reports
    from hybrid_ner.training.predict import load_pipeline, parse_system
    from hybrid_ner.training.predict import predict as predicted

    chosen, part, inputs = parse_system(system), parse_shard(shard), Inputs(skip_bad)
    near = Fuzzy.parse(fuzzy, fuzzy_threshold) if fuzzy else None
    corpus = inputs.corpus(input).shard(*part)
    with bars(quiet or as_json) as report:
        report("load", 0.0, str(model))
        nlp = load_pipeline(model)
        if near is not None:
            set_fuzzy(nlp, near)
        if ids:
            set_ids(nlp, ids)
        entities = 0

        def counted() -> Iterator[Document]:
            nonlocal entities
            for number, document in enumerate(predicted(nlp, corpus, chosen), 1):
                entities += len(document.entities or ())
                found = quantity(entities, "entity", "entities")
                report("predict", 0.0, f"{quantity(number, 'document')}, {found}")
                yield document

        documents = write_corpus(open_output(output, as_json), counted(), report=inputs.told)
    did = {name: report.as_dict() for name, report in take_reports(nlp).items()}
    if as_json:
        counts = {"system": system, "documents": documents, "entities": entities, "output": str(output)}
        print_json({**counts, "models": did, "warnings": inputs.warnings()})
    else:
        inputs.list_warnings()
        found = quantity(entities, "entity", "entities")
        typer.echo(
            f"{found} in {quantity(documents, 'document')} ({system}) → {output}", err=str(output) == "-"
        )
        for line in model_lines(did, "the span groups of each document (hybrid-ner label lists them)"):
            typer.echo(line, err=str(output) == "-")
