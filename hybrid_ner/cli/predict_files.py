"""``hybrid-ner predict-files``: entities of more documents than one process should read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hybrid_ner.cli._options import Json, Quiet
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False)


@app.command()
def predict_files(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[Path, typer.Option(help="Folder of files: Parquet, JSONL, CoNLL, .spacy, CSV.")],
    output: Annotated[Path, typer.Option(help="Folder for the results, one file for each input file.")],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    text: Annotated[str, typer.Option(help="Column of the text in Parquet files.")] = "text",
    column: Annotated[str, typer.Option(help="Column of the entities in Parquet files.")] = "entities",
    shard: Annotated[
        str, typer.Option(help="Only every Nth file from I on, as I/N, counted from 0: one process each.")
    ] = "0/1",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find entities in every file of a folder; a file that is finished is not done again.

    Parquet files keep their columns and get one more, a list of start, end, label, concept_id, source and
    model_score. Start the same command once for each shard; after an interruption start it again.
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.cli._inputs import parse_shard
    from hybrid_ner.errors import InputError
    from hybrid_ner.scale import BatchLabeler, label_files
    from hybrid_ner.training.predict import SYSTEMS

    if system not in SYSTEMS:
        raise InputError(f"unknown system {system!r}.", hint=f"Use one of {', '.join(SYSTEMS)}.")
    labeler = BatchLabeler(model, system=system, text=text, column=column)
    part = parse_shard(shard)
    rows: list[dict[str, Any]] = []
    with bars(quiet or as_json) as report:
        for done in label_files(input, output, labeler, shard=part, report=report):
            rows.append(
                {
                    "input": str(done.source),
                    "output": str(done.output),
                    "documents": done.documents,
                    "entities": done.entities,
                    "reused": done.reused,
                }
            )
    if as_json:
        print_json({"system": system, "files": rows})
        return
    documents, entities = (sum(row[key] for row in rows) for key in ("documents", "entities"))
    finished = sum(row["reused"] for row in rows)
    typer.echo(
        f"{quantity(entities, 'entity', 'entities')} in {quantity(documents, 'document')}"
        f" of {quantity(len(rows), 'file')} ({system}) → {output}"
        + (f"; finished before: {finished:,}" if finished else "")
    )
