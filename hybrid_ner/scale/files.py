"""Many files, one output each: in shards, resumable, each output whole or not there.

Parquet files are read batch by batch and keep every column; files of any corpus format are read document by
document. Each output has a record beside it that names what it was made from, so that a second run, or a run
after an interruption, repeats only what changed.
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
from hybrid_ner.corpus.formats import Format, formats
from hybrid_ner.errors import CorpusError
from hybrid_ner.scale.batches import BatchLabeler
from hybrid_ner.text import atomic_path, remove_stale
from hybrid_ner.training.label import Steps, file_sum, fingerprint
from hybrid_ner.training.predict import predict

__all__ = ["FileResult", "label_files"]

_PARQUET = (".parquet", ".pq")
_ROWS = 1_000
"""Rows of a Parquet file that are held at once."""
_RECORDS = ".records"


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one input file.

    Args:
        source: The input.
        output: The file made of it.
        documents: Its texts.
        entities: What was found in them.
        reused: Whether an earlier run had made it of the same input and model.
    """

    source: Path
    output: Path
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
    model = fingerprint(_hashes(Path(labeler.model)), labeler.system, labeler.text, labeler.column)
    steps = Steps(output / _RECORDS)
    for number, file in enumerate(files):
        report("label", number / len(files), str(file))
        name = file.relative_to(source if source.is_dir() else source.parent)
        made = output / name
        remove_stale(made)
        work = partial(_parquet if _is_parquet(file) else _corpus, file, made, labeler)
        step = steps.run(str(name), fingerprint(model, file_sum(file)), work, [made])
        yield FileResult(file, made, step["documents"], step["entities"], step["reused"])


def _inputs(source: Path, output: Path) -> list[Path]:
    if not source.exists():
        raise CorpusError("no such file or folder.", path=source, hint="Check the path.")
    found = [source] if source.is_file() else sorted(file for file in source.rglob("*") if file.is_file())
    inside = output.resolve()
    files = [file for file in found if _is_known(file) and not file.resolve().is_relative_to(inside)]
    if not files:
        endings = sorted({*_PARQUET, *(suffix for each in _single() for suffix in each.suffixes)})
        raise CorpusError(
            "no file to label here.",
            path=source,
            hint=f"Give files that end in {', '.join(endings)}, outside the output folder.",
        )
    return files


def _single() -> list[Format]:
    return [each for each in formats().values() if not each.folder]


def _is_parquet(file: Path) -> bool:
    return file.name.lower().endswith(_PARQUET)


def _is_known(file: Path) -> bool:
    return _is_parquet(file) or any(each.holds(file) for each in _single())


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


def _corpus(file: Path, made: Path, labeler: BatchLabeler) -> dict[str, Any]:
    entities = 0

    def counted() -> Iterator[Document]:
        nonlocal entities
        for document in predict(labeler.pipeline, read_corpus(file), labeler.system):
            entities += len(document.entities or ())
            yield document

    documents = write_corpus(made, counted())
    return {"documents": documents, "entities": entities}
