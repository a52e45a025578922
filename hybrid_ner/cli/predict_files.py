"""``hybrid-ner predict-files``: entities of more documents than one process should read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli._options import Json, Quiet
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.scale import FileResult

app = typer.Typer(add_completion=False)


@app.command()
def predict_files(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[
        str, typer.Option(help="Folder of files in any format, Word and PDF too; or an address (s3://…).")
    ],
    output: Annotated[
        str, typer.Option(help="Folder or address for the results, one file for each input file.")
    ],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    text: Annotated[
        str, typer.Option("--text-column", "--text", help="Column of the text in Parquet, tables and JSON.")
    ] = "text",
    column: Annotated[str, typer.Option(help="Column of the entities in Parquet files.")] = "entities",
    shard: Annotated[
        str, typer.Option(help="Only every Nth file from I on, as I/N, counted from 0: one process each.")
    ] = "0/1",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find entities in every file of a folder; a file that is finished is not done again.

    Parquet files keep their columns and get one more, a list of start, end, label, concept_id, source and
    model_score. Start the same command once for each shard; after an interruption start it again. Addresses
    of object stores are opened by fsspec, with the package that it asks for (s3fs, gcsfs, adlfs, …).
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.cli._inputs import parse_shard
    from hybrid_ner.scale import BatchLabeler, label_files, label_store
    from hybrid_ner.scale.stores import is_address

    labeler = BatchLabeler(model, system=system, text=text, column=column)
    part = parse_shard(shard)
    with bars(quiet or as_json) as report:
        if is_address(input) or is_address(output):
            done = list(label_store(input, output, labeler, shard=part, report=report))
        else:
            done = list(label_files(Path(input), Path(output), labeler, shard=part, report=report))
    if as_json:
        print_json({"system": system, "files": list(map(_row, done))})
        return
    documents, entities = sum(each.documents for each in done), sum(each.entities for each in done)
    finished = sum(each.reused for each in done)
    typer.echo(
        f"{quantity(entities, 'entity', 'entities')} in {quantity(documents, 'document')}"
        f" of {quantity(len(done), 'file')} ({system}) → {output}"
        + (f"; finished before: {finished:,}" if finished else "")
    )


def _row(done: FileResult) -> dict[str, Any]:
    return {
        "input": str(done.source),
        "output": str(done.output),
        "documents": done.documents,
        "entities": done.entities,
        "reused": done.reused,
    }
