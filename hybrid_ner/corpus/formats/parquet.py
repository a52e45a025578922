"""Parquet: a row a document, with a text and entities, or with words and tags as Hugging Face keeps them.

Numbers for tags get their names from the ``features`` that Hugging Face writes into the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import reading
from hybrid_ner.corpus.document import Document, Located
from hybrid_ner.corpus.formats.jsonl import BadRecordError, from_record, to_record, with_text
from hybrid_ner.corpus.formats.records import own_form
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report, write_bytes

_ROWS = 500
_HINT = "This is no Parquet file, or a damaged one: copy it again."
_JSON = ("meta", "entities")


def sniff(name: str, head: bytes) -> bool:
    """Whether it begins as Parquet does."""
    return head.startswith(b"PAR1")


def read(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file.

    Args:
        path: The file.
        report: Told about rows and annotations that cannot be used.
        text_column: Name of the column with the text, where it is not one of the usual ones.
    """
    import pyarrow.parquet as pq

    with (
        reading(path, CorpusError, library=True, hint=_HINT),
        path.open("rb") as handle,
        pq.ParquetFile(handle) as opened,
    ):
        names = _tag_names(opened.schema_arrow.metadata or {})
        rows = (row for batch in opened.iter_batches(_ROWS) for row in batch.to_pylist())
        for number, row in enumerate(rows, start=1):
            place = Place(str(path), number)
            try:
                record, _ = own_form(with_text(_named(row, names), text_column), place, report)
                yield place, from_record(record, str(number))
            except BadRecordError as error:
                hint = "Give a column text, or tokens and tags."
                report(Problem(error.kind, str(error), place, hint=hint))


def _tag_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Column → the names of its classes."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    found = {}
    for column, feature in features.items():
        inner = feature
        while isinstance(inner, dict) and "names" not in inner and isinstance(inner.get("feature"), dict):
            inner = inner["feature"]
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict) and isinstance(inner.get("names"), list):
            found[column] = [str(name) for name in inner["names"]]
    return found


def _named(row: dict[str, Any], names: Mapping[str, list[str]]) -> dict[str, Any]:
    """The row without empty cells; numbers of classes become their names."""
    kept = {column: value for column, value in row.items() if value is not None}
    for column, classes in names.items():
        value = kept.get(column)
        if isinstance(value, list):
            kept[column] = [classes[v] if type(v) is int and 0 <= v < len(classes) else v for v in value]
        elif type(value) is int and 0 <= value < len(classes):
            kept[column] = classes[value]
    for column in _JSON:
        if isinstance(kept.get(column), str):
            try:
                kept[column] = json.loads(kept[column])
            except ValueError as error:
                raise BadRecordError(column, f"column {column} holds broken JSON: {error}.") from error
    return kept


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write id, text, and entities and meta data as JSON, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in ("id", "text", "entities", "meta")])
    count = 0
    with write_bytes(path) as handle, pq.ParquetWriter(handle, schema) as writer:
        for document in documents:
            record = to_record(document)
            cells = {name: json.dumps(record[name], ensure_ascii=False) for name in _JSON if name in record}
            rows = [{"id": document.doc_id, "text": document.text, **cells}]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += 1
    return count
