"""Many files, one output each: in shards, resumable, each output whole or not there.

Parquet files are read batch by batch and keep every column; files of any corpus format are read document by
document, and what cannot hold entities (text, Word, PDF) becomes JSON Lines. Files that are not read are
counted in a warning. Each output has a record beside it that names what it was made from, so that a second
run, or a run after an interruption, repeats only what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hybrid_ner.corpus import Document, read_corpus, write_corpus
from hybrid_ner.corpus.formats import Format, endings, recognize
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, fail
from hybrid_ner.scale.batches import BatchLabeler
from hybrid_ner.text import atomic_path, quantity, remove_stale
from hybrid_ner.training.label import Steps, file_sum, fingerprint
from hybrid_ner.training.predict import predict

__all__ = ["RECORDS", "FileResult", "label_files", "label_one", "model_stamp", "output_name"]

_PARQUET = (".parquet", ".pq")
_ROWS = 1_000
"""Rows of a Parquet file that are held at once."""
RECORDS = ".records"
"""Folder of the outputs that holds what each was made from."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one input file.

    Args:
        source: The input, a path or an address.
        output: The file made of it.
        documents: Its texts.
        entities: What was found in them.
        reused: Whether an earlier run had made it of the same input and model.
    """

    source: Path | str
    output: Path | str
    documents: int
    entities: int
    reused: bool


def label_files(
    source: Path,
    output: Path,
    labeler: BatchLabeler,
    *,
    shard: tuple[int, int] = (0, 1),
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
) -> Iterator[FileResult]:
    """Label every file of a folder, in order of name.

    Args:
        source: Folder, looked through with its subfolders, or one file.
        output: Folder for the results, which keep their names and subfolders.
        labeler: Says which model, system and column.
        shard: ``(i, n)``: only the files whose place in the order leaves ``i`` when divided by ``n``.
        report: Told about progress.

    Raises:
        CorpusError: No usable file, or one that cannot be read; what was finished before is kept.
    """
    index, count = shard
    if not 0 <= index < count:
        raise CorpusError(f"there is no shard {index} of {count}.", hint="Shards count from 0.")
    files = _inputs(source, output)[index::count]
    if not files:
        return
    report("load", 0.0, labeler.model)
    model = model_stamp(labeler)
    steps = Steps(output / RECORDS)
    for number, file in enumerate(files):
        report("label", number / len(files), str(file))
        name = file.relative_to(source if source.is_dir() else source.parent)
        made = output / output_name(file, str(name))
        remove_stale(made)
        work = partial(label_one, file, made, labeler)
        step = steps.run(str(name), fingerprint(model, file_sum(file)), work, [made])
        yield FileResult(file, made, step["documents"], step["entities"], step["reused"])


def _inputs(source: Path, output: Path) -> list[Path]:
    if not source.exists():
        raise CorpusError("no such file or folder.", path=source, hint="Check the path.")
    found = [source] if source.is_file() else sorted(file for file in source.rglob("*") if file.is_file())
    inside = output.resolve()
    outside = [f for f in found if not f.resolve().is_relative_to(inside) and not f.name.startswith(".")]
    files = [file for file in outside if _is_known(file)]
    if not files:
        raise CorpusError(
            f"no file to label here (found {endings(outside) if outside else 'none'}).",
            path=source,
            hint="Give texts, Word, PDF, JSON, tables or Parquet, outside the output folder.",
        )
    if others := [file for file in outside if file not in set(files)]:
        message = f"{quantity(len(others), 'file')} not read: {endings(others)}."
        fail(Problem("not read", message, Place(str(source)), warning=True))
    return files


def model_stamp(labeler: BatchLabeler) -> str:
    """What tells one model and way of asking it from another."""
    return fingerprint(_hashes(Path(labeler.model)), labeler.system, labeler.text, labeler.column)


def output_name(file: Path, name: str) -> str:
    """Name of what is made of a file; empty for one that is not read."""
    if not _is_known(file):
        return ""
    form = None if _is_parquet(file) else recognize(file)
    return f"{name}.jsonl" if form is not None and form.is_text else name


def label_one(file: Path, made: Path, labeler: BatchLabeler) -> dict[str, Any]:
    """Label one file into another; gives the counts of documents and entities."""
    form = None if _is_parquet(file) else recognize(file)
    return _corpus(file, made, labeler, form) if form else _parquet(file, made, labeler)


def _is_parquet(file: Path) -> bool:
    return file.name.lower().endswith(_PARQUET)


def _is_known(file: Path) -> bool:
    return _is_parquet(file) or ((form := recognize(file)) is not None and form.name != "brat")


def _hashes(folder: Path) -> list[tuple[str, str]]:
    """Every file of a model, without what the bootstrap of an earlier version worked with."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    names = ((str(file.relative_to(folder)), file) for file in files)
    return [(name, file_sum(file)) for name, file in names if not name.startswith("work/")]


def _parquet(file: Path, made: Path, labeler: BatchLabeler) -> dict[str, Any]:
    documents = entities = 0
    try:
        opened = pq.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise CorpusError(f"no readable Parquet file ({error}).", path=file, hint="Copy it again.") from error
    with opened, atomic_path(made) as temporary:
        try:
            schema = labeler.schema(opened.schema_arrow)
        except CorpusError as error:
            raise CorpusError(error.problem, path=file, hint=error.hint) from error
        with pq.ParquetWriter(temporary, schema) as writer:
            for batch in labeler(opened.iter_batches(_ROWS)):
                writer.write_batch(batch)
                documents += len(batch)
                entities += len(batch.column(labeler.column).flatten())
    return {"documents": documents, "entities": entities}


def _corpus(file: Path, made: Path, labeler: BatchLabeler, form: Format) -> dict[str, Any]:
    entities = 0
    column = labeler.text if form.text_column and labeler.text != "text" else ""

    def counted() -> Iterator[Document]:
        nonlocal entities
        for document in predict(
            labeler.pipeline, read_corpus(file, form.name, text_column=column), labeler.system
        ):
            entities += len(document.entities or ())
            yield document

    documents = write_corpus(made, counted(), "jsonl" if form.is_text else form.name)
    return {"documents": documents, "entities": entities}
