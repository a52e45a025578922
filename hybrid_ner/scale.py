"""Labeling more text than one process should: file by file in shards, or Arrow record batches in and out.

Batches come back the same, with a column of entities. One loop for every engine that hands out Arrow data;
the engine itself is not needed here. Spark::

    entity = "start int, end int, label string, concept_id string, source string, model_score float"
    notes.mapInArrow(BatchLabeler("model"), f"id long, text string, entities array<struct<{entity}>>")

Ray Data::

    notes.map_batches(BatchLabeler("model").label_table, batch_format="pyarrow")
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from spacy.language import Language

from hybrid_ner.corpus import Document, Entity, read_corpus, write_corpus
from hybrid_ner.corpus.formats import Format, recognize
from hybrid_ner.corpus.formats.shared import endings, next_steps, read_only
from hybrid_ner.corpus.formats.tables import WORKBOOK
from hybrid_ner.errors import CorpusError, InputError, given_path, need, wrong_kind
from hybrid_ner.io import Place, Problem, fail, is_there, missing_file, unpacked_name
from hybrid_ner.text import atomic_path, quantity, remove_stale, scratch
from hybrid_ner.training.label import Steps, file_sum, fingerprint
from hybrid_ner.training.predict import load_pipeline, parse_system, predict

__all__ = ["ENTITIES", "BatchLabeler", "FileResult", "label_files", "label_store"]


ENTITIES = pa.list_(
    pa.struct(
        [
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("label", pa.string()),
            ("concept_id", pa.string()),
            ("source", pa.string()),
            ("model_score", pa.float32()),
            ("flags", pa.list_(pa.string())),
        ]
    )
)
"""Type of the column that is added. Offsets are code points of the text, half open; ``source`` names the
rules that voted for the span, ``model_score`` is the model's probability of it; both may be null."""


class BatchLabeler:
    """Adds a column of entities to record batches.

    It is a path and three names until it is first called, so it pickles into any worker, which loads the
    pipeline once.

    Args:
        model: Folder of a pipeline, readable by every worker.
        system: ``rule``, ``model`` or ``hybrid``.
        text: Column that holds the text; a null has null for entities.
        column: Name of the new column.

    Raises:
        InputError: There is no such system.
    """

    def __init__(
        self, model: str | Path, *, system: str = "hybrid", text: str = "text", column: str = "entities"
    ) -> None:
        given_path(model)
        self.model, self.system, self.text, self.column = str(model), parse_system(system), text, column

    @property
    def pipeline(self) -> Language:
        return _load(self.model)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches in order, each with its entities.

        Raises:
            CorpusError: There is no column of text, or the new column is there already.
            ModelError: The model cannot be opened, or has no such system.
        """
        for batch in batches if isinstance(batches, Iterable) else (batches,):
            if not isinstance(batch, pa.RecordBatch):
                raise wrong_kind(
                    "a RecordBatch", batch, "Give table.to_batches(), or use label_table(table)."
                )
            yield self.label(batch)

    def schema(self, before: pa.Schema) -> pa.Schema:
        """What comes out for batches of a schema.

        Raises:
            CorpusError: As above.
        """
        names = ", ".join(before.names)
        place = before.get_field_index(self.text)
        if place < 0:
            raise CorpusError(f"no column {self.text!r} among {names}.", hint="Name the column of the text.")
        if not (pa.types.is_string(kind := before.field(place).type) or pa.types.is_large_string(kind)):
            problem = f"column {self.text!r} holds {kind}, expected strings."
            raise CorpusError(problem, hint="Convert it first.")
        if self.column in before.names:
            problem = f"there is a column {self.column!r} already."
            raise CorpusError(problem, hint="Give the new one another name.")
        return before.append(pa.field(self.column, ENTITIES))

    def label_table(self, table: pa.Table) -> pa.Table:
        """A table with its entities, for engines that hand out tables (Ray Data's ``map_batches``)."""
        if not isinstance(table, pa.Table):
            raise wrong_kind("a Table", table, "Give pyarrow.table({...}), or call the labeler with batches.")
        return pa.Table.from_batches(self(table.to_batches()), self.schema(table.schema))

    def label(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        schema = self.schema(batch.schema)
        texts = batch.column(self.text).to_pylist()
        documents = (Document(str(row), text) for row, text in enumerate(texts) if text is not None)
        labeled = predict(self.pipeline, documents, self.system)
        rows = [None if text is None else [*map(_row, next(labeled).entities or ())] for text in texts]
        return pa.RecordBatch.from_arrays([*batch.columns, pa.array(rows, ENTITIES)], schema=schema)


def _row(entity: Entity) -> dict[str, Any]:
    row = {"start": entity.start, "end": entity.end, "label": entity.label}
    said = {name: entity.attrs.get(name) for name in ("source", "model_score", "flags")}
    return {**row, "concept_id": entity.concept_id or None, **said}


@lru_cache(maxsize=1)
def _load(folder: str) -> Language:
    return load_pipeline(folder)


# Many files, one output each: in shards, resumable, each output whole or not there.

_ROWS = 1_000
"""Rows of a Parquet file that are held at once."""
RECORDS = ".records"
"""Folder of the outputs that holds what each was made from."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one input file.

    Args:
        source: The input, a path or an address.
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
        shard: ``(i, n)``: only the files whose place in the order leaves ``i`` when divided by ``n``.

    Raises:
        CorpusError: No usable file; or, after all others, that some could not be read, each of which has been
            told in a warning. What is finished is kept.
    """
    index, count = shard
    if not 0 <= index < count:
        raise CorpusError(f"there is no shard {index} of {count}.", hint="Shards count from 0.")
    files = _inputs(source, output)[index::count]
    if not files:
        return
    report("load", 0.0, labeler.model)
    model = model_stamp(labeler)
    steps, refused = Steps(output / RECORDS), list[CorpusError]()
    for number, file in enumerate(files):
        report("label", number / len(files), str(file))
        name = file.relative_to(source if source.is_dir() else source.parent)
        made = output / output_name(file, str(name))
        remove_stale(made)
        work = partial(label_one, file, made, labeler)
        try:
            step = steps.run(str(name), fingerprint(model, file_sum(file)), work, [made])
        except CorpusError as error:
            refused.append(error)
            continue
        yield FileResult(file, made, step["documents"], step["entities"], step["reused"])
    _stop(refused, len(files), source)


def _stop(refused: Sequence[CorpusError], count: int, source: Path | str) -> None:
    """Name the files that could not be read, after all others are done."""
    if count == 1 and refused:
        raise refused[0]
    for error in refused:
        place = Place(str(error.path or source), error.row)
        fail(Problem("not read", error.problem, place, hint=str(error.hint), warning=True))
    if refused:
        problem = f"{quantity(len(refused), 'file')} of {count} could not be read; the others are done."
        hint = "Mend what the warnings name and start the same command again: nothing is done twice."
        raise CorpusError(problem, path=source, hint=hint)


def _inputs(source: Path, output: Path) -> list[Path]:
    if not is_there(source):
        raise missing_file(source)
    # A link to a folder is not followed, and one to nowhere not read: both are told.
    within = (file for file in source.rglob("*") if file.is_symlink() or not file.is_dir())
    found = [source] if source.is_file() else sorted(within)
    inside = os.path.realpath(output)
    real = ((file, file.resolve() if file.is_file() else file.absolute()) for file in found)
    outside = [f for f, at in real if not at.is_relative_to(inside) and not f.name.startswith((".", "~$"))]
    files = [file for file in outside if file.is_file() and _is_known(file)]
    # Beside letters a workbook is about them.
    files = [file for file in files if not file.name.lower().endswith(WORKBOOK.suffixes)] or files
    if not files:
        problem = f"no file to label here (found {endings(outside) if outside else 'none'})."
        hint = "Give texts, Word, PDF, JSON, tables or Parquet, outside the output folder."
        raise CorpusError(problem, path=source, hint=hint)
    if others := [file for file in outside if file not in set(files)]:
        message = f"{quantity(len(others), 'file')} not read: {endings(others)}."
        fail(Problem("not read", message, Place(str(source)), hint=next_steps(others), warning=True))
    return files


def model_stamp(labeler: BatchLabeler) -> str:
    """What tells one model and way of asking it from another."""
    return fingerprint(_hashes(Path(labeler.model)), labeler.system, labeler.text, labeler.column)


def output_name(file: Path, name: str) -> str:
    """Name of what is made of a file; empty for one that is not read."""
    if not _is_known(file):
        return ""
    form = None if _is_parquet(file) else recognize(file)
    return name if form is None or _is_written_so(file, form) else f"{name}.jsonl"


def label_one(file: Path, made: Path, labeler: BatchLabeler) -> dict[str, Any]:
    """Label one file into another; gives the counts of documents and entities."""
    form = None if _is_parquet(file) else recognize(file)
    return _corpus(file, made, labeler, form) if form else _parquet(file, made, labeler)


def _is_written_so(file: Path, form: Format) -> bool:
    """Whether results stand in a file of the same form; those of texts, and of what is only read, do not."""
    packed = unpacked_name(file.name) != file.name and not file.name.lower().endswith(".gz")
    return not (form.is_text or packed or form.write is read_only)


def _is_parquet(file: Path) -> bool:
    return file.name.lower().endswith((".parquet", ".pq"))


def _is_known(file: Path) -> bool:
    return _is_parquet(file) or ((form := recognize(file)) is not None and form.name != "brat")


def _hashes(folder: Path) -> list[tuple[str, str]]:
    """Every file of a model."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [(str(file.relative_to(folder)), file_sum(file)) for file in files]


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
    corpus = read_corpus(file, form.name, text_column=column)

    def counted() -> Iterator[Document]:
        nonlocal entities
        for document in predict(labeler.pipeline, corpus, labeler.system):
            entities += len(document.entities or ())
            yield document

    documents = write_corpus(made, counted(), form.name if _is_written_so(file, form) else "jsonl")
    return {"documents": documents, "entities": entities}


# The same for object stores: files are fetched one at a time, labeled here, and put back whole.
#
# Whatever fsspec opens serves (``s3://``, ``gs://``, ``az://``, ``sftp://``, ``memory://``), with the package
# that it asks for. A record beside each output names what it was made from; it is put last, so that a worker
# that is killed leaves at most one file to be done again. Shards are made by name alone, before any file is
# read.


def is_address(place: str) -> bool:
    return "://" in place


@dataclass(frozen=True, slots=True)
class _Store:
    """A folder of a store: the file system and its path there."""

    files: Any
    root: str
    shown: str

    @classmethod
    def at(cls, address: str) -> _Store:
        """The folder at an address.

        Raises:
            InputError: Nobody knows such addresses, or the package that does is not installed.
        """
        need("fsspec")
        import fsspec

        try:
            place = address if is_address(address) else str(Path(address).absolute())
            files, root = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError) as error:
            said = " ".join(str(error).split())
            hint = "Check the address, or install what it needs."
            raise InputError(f"cannot be opened ({said}).", path=address, hint=hint) from error
        return cls(files, root.rstrip("/"), address.rstrip("/"))

    def names(self) -> list[str]:
        """Every file, relative to the folder and sorted; hidden ones are left out."""
        if self.files.isfile(self.root):
            return [""]
        found = (path[len(self.root) :].lstrip("/") for path in self.files.find(self.root))
        return sorted(name for name in found if not any(part.startswith(".") for part in name.split("/")))

    def path(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root

    def stamp(self, name: str) -> str:
        """What changes when a file does: size, time and tag as the store knows them."""
        known = self.files.info(self.path(name))
        return fingerprint(sorted((key, str(value)) for key, value in known.items()))

    def fetch(self, name: str, to: Path) -> Path:
        to.parent.mkdir(parents=True, exist_ok=True)
        self.files.get_file(self.path(name), str(to))
        return to

    def put(self, made: Path, name: str) -> None:
        """Put a file there; it appears under its name when it is whole."""
        target = self.path(name)
        self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
        if "file" not in self.files.protocol:  # a name, or a tuple of names
            self.files.put_file(str(made), target)  # an object store shows a file once it is whole
            return
        part = f"{target}.part"
        self.files.put_file(str(made), part)
        self.files.mv(part, target)

    def record(self, name: str) -> dict[str, Any]:
        """What an earlier run left of an output; empty for none."""
        try:
            found = json.loads(self.files.cat_file(self.path(f"{RECORDS}/{name}.json")))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def label_store(
    source: str,
    output: str,
    labeler: BatchLabeler,
    *,
    shard: tuple[int, int] = (0, 1),
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
) -> Iterator[FileResult]:
    """As ``label_files``, where source, output or both are addresses (``s3://bucket/notes``).

    Raises:
        CorpusError: As there.
        InputError: An address that cannot be opened.
    """
    given, made = _Store.at(source), _Store.at(output)
    here = made.files is given.files
    outside = [n for n in given.names() if not (here and f"{given.path(n)}/".startswith(f"{made.root}/"))]
    names = outside[shard[0] :: shard[1]]
    if shard == (0, 1) and not names:
        raise CorpusError("no file to label here.", path=source, hint="Check the address.")
    stamp = model_stamp(labeler)
    unread, refused = list[Path](), list[CorpusError]()
    for number, name in enumerate(names):
        report("label", number / len(names), f"{given.shown}/{name}")
        try:
            with scratch() as folder:
                result = _one(given, made, name, labeler, stamp, folder)
        except CorpusError as error:
            refused.append(error)
            continue
        if result is None:
            unread.append(Path(name))
        else:
            yield result
    if unread:
        message = f"{quantity(len(unread), 'file')} not read: {endings(unread)}."
        fail(Problem("not read", message, Place(source), hint=next_steps(unread), warning=True))
    _stop(refused, len(names), source)


def _one(
    given: _Store, made: _Store, name: str, labeler: BatchLabeler, stamp: str, folder: Path
) -> FileResult | None:
    """One file, fetched only where its record is not of the same input and model.

    Returns:
        What became of it; ``None`` for one of no known format.
    """
    called = name or given.root.rpartition("/")[2]
    inputs = fingerprint(stamp, given.stamp(name))
    record = made.record(called)
    if record.get("inputs") == inputs and record.get("made") == _stamp(made, record.get("output", "")):
        return _result(given, made, name, record["output"], record["result"], reused=True)
    local = given.fetch(name, folder / "in" / called)
    target = output_name(local, called)
    result: dict[str, int] = {"documents": 0, "entities": 0}
    if target:
        result = label_one(local, folder / "out" / target, labeler)
        made.put(folder / "out" / target, target)
    note = folder / "record.json"
    row = {"inputs": inputs, "output": target, "made": _stamp(made, target), "result": result}
    note.write_text(json.dumps(row), encoding="utf-8")
    made.put(note, f"{RECORDS}/{called}.json")
    return _result(given, made, name, target, result, reused=False)


def _result(
    given: _Store, made: _Store, name: str, target: str, counts: dict[str, int], *, reused: bool
) -> FileResult | None:
    if not target:
        return None
    source = f"{given.shown}/{name}" if name else given.shown
    return FileResult(source, f"{made.shown}/{target}", counts["documents"], counts["entities"], reused)


def _stamp(made: _Store, name: str) -> str:
    try:
        return made.stamp(name) if name else ""
    except OSError:
        return "gone"
