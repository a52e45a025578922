"""JSON Lines, plain or gzip: one record a line; or a JSON array of records.

Annotations as other tools write them are read too (``records``): a file need not say who wrote it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.records import is_record, own_form, record_list
from hybrid_ner.corpus.formats.shared import Format, write_each
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report, parse_json, read_rows, read_text
from hybrid_ner.text import quantity

_FORM = 'A record is {"id": "…", "text": "…", "entities": [{"start": 0, "end": 4, "label": "…"}]}.'


class BadRecordError(Exception):
    """A record that is no document; the reader adds file and row."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file; a record without ``id`` is named by its row number.

    Args:
        report: Told about lines and annotations that cannot be used.
        text_column: Key of the text, where it is not one of the usual ones.
    """
    beside: Counter[str] = Counter()
    for row, parse in json_records(path, report):
        place = Place(str(path), row)
        try:
            record = with_text(parse(), text_column)
            record, more = own_form(record, place, report)
            beside.update(more)
            yield place, from_record(record, str(row))
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint=_FORM))
    for key, count in beside.items():
        said = f"{quantity(count, 'record')} with spans under {key!r} too: these are kept as meta data."
        report(Problem("second annotation", said, Place(str(path)), warning=True))


def json_records(
    path: Path, report: Report, listed: Callable[[Any], list[Any] | None] = record_list
) -> Iterator[tuple[int, Callable[[], Any]]]:
    """Number of each record of a file of JSON Lines or of one JSON value, and what parses it.

    Args:
        report: Told about lines that are no UTF-8.
        listed: The records of a whole value; ``None`` where it holds none.
    """
    whole = _whole(path, listed)
    if whole is not None:
        yield from enumerate((partial(lambda value: value, each) for each in whole), start=1)
        return
    for row, line in read_rows(path, report):
        if line.strip():
            yield row, partial(_parse, line)


def as_list(value: Any) -> list[Any]:
    """The items of an array, or the one value."""
    return value if isinstance(value, list) else [value]


def _whole(path: Path, listed: Callable[[Any], list[Any] | None]) -> list[Any] | None:
    """The records of a file that is one JSON value; ``None`` where each line is one."""
    first = next((line for _, line in read_rows(path, _quiet) if line.strip()), "").strip()
    if first[:1] not in ("[", "{"):
        return None
    try:
        found = parse_json(first)
        if not isinstance(found, list) or is_record(found):
            records = listed(found)
            return None if records == [found] else records
    except (ValueError, RecursionError):
        pass
    try:
        return listed(parse_json(read_text(path, _quiet) or ""))
    except (ValueError, RecursionError):
        return None  # line by line it is said where it is broken


def _quiet(problem: Problem) -> None:
    """What is wrong with the bytes is said when the lines are read."""


def with_text(record: Any, column: str) -> Any:
    """The record with the value of a key as its text."""
    if not column or not isinstance(record, dict):
        return record
    if column not in record:
        inner: Any = record
        for name in column.split("."):  # {"message": {"body": "…"}} by "message.body"
            inner = inner.get(name) if isinstance(inner, dict) else None
        if inner is None:
            keys = list(chain.from_iterable(_keys(record)))[:_SHOWN]
            raise BadRecordError("text", f"no key {column!r}; there are {', '.join(keys)}.")
        return with_text({**_without(record, column.split(".")), column: inner}, column)
    rest = {
        f"record.{key}" if key == "text" else key: value for key, value in record.items() if key != column
    }
    return {**rest, "text": record[column]}


def _without(record: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """A record without the value at the end of a path of keys."""
    first, *rest = path
    kept = ((key, value) for key, value in record.items() if key != first or rest)
    return {key: _without(value, rest) if key == first else value for key, value in kept}


_SHOWN = 12
"""Keys that are shown of a record."""


def _keys(record: Mapping[str, Any]) -> Iterator[list[str]]:
    """The keys of a record, those of a record in it behind a full stop."""
    for key, value in record.items():
        inner = (
            [f"{key}.{name}" for name, each in value.items() if isinstance(each, str)]
            if isinstance(value, dict)
            else []
        )
        yield inner or [str(key)]


def sniff(name: str, head: str) -> bool:
    """Whether the first line is a document in JSON, or the file an array of them."""
    first = head.lstrip().partition("\n")[0]
    try:
        found = parse_json(first)
    except (ValueError, RecursionError):
        return name.endswith(".json") and bool(_ARRAY.match(head))
    records = record_list(found)
    if not records:
        return False
    within = isinstance(records[0], dict) and any(
        map(is_record, records[0].values())
    )  # {"_source": {"text": …}}
    return is_record(records[0]) or (within and name.endswith((".json", ".jsonl", ".ndjson")))


_ARRAY = re.compile(r"\s*(?:\{[^\[]{0,2000})?\[\s*(?:\{|\[\s*\")")


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write the file whole or not at all; the number of documents."""
    return write_each(path, documents, lambda document: (_line(document, path),))


def _line(document: Document, path: Path) -> str:
    try:
        return json.dumps(to_record(document), ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise CorpusError(
            f"document {document.doc_id!r} holds a value that JSON cannot hold ({error}).",
            path=path,
            hint="Give plain strings, numbers, lists and dicts as meta data and attributes.",
        ) from error


def _parse(line: str) -> Any:
    try:
        return parse_json(line)
    except (ValueError, RecursionError) as error:
        raise BadRecordError("json", f"broken JSON: {error}.") from error


def from_record(record: Any, name: str = "") -> Document:
    """A document from its record.

    Args:
        name: The document's id when the record has none.
    """
    if not isinstance(record, dict):
        raise BadRecordError("record", f"expected an object, found {_kind(record)}.")
    rest = dict(record)
    doc_id, text = rest.pop("id", None), rest.pop("text", None)
    entities, meta = rest.pop("entities", None), rest.pop("meta", None)
    if doc_id is None:
        doc_id = name
    if isinstance(doc_id, bool) or not isinstance(doc_id, str | int) or doc_id == "":
        raise BadRecordError("id", f"expected a string as id, found {_kind(doc_id)}.")
    if not isinstance(text, str):
        texts = {key for key, value in rest.items() if isinstance(value, str | dict)}
        others = ", ".join(
            map(repr, chain.from_iterable(_keys({key: rest[key] for key in rest if key in texts})))
        )
        said = f" One of {others} is the text? Name it (--text-column)." if text is None and others else ""
        raise BadRecordError("text", f"expected a string as text, found {_kind(text)}.{said}")
    if entities is not None and not isinstance(entities, list):
        raise BadRecordError("entities", f"expected a list of entities, found {_kind(entities)}.")
    found = None if entities is None else tuple(_entity(e) for e in entities)
    return Document(str(doc_id), text, found, _meta(meta, rest))


def _meta(meta: Any, rest: Mapping[str, Any]) -> dict[str, Any]:
    """Meta values with the record's other keys beside them, so that none is lost."""
    if meta is not None and not isinstance(meta, dict):
        raise BadRecordError("meta", f"expected an object as meta, found {_kind(meta)}.")
    known = dict(meta or {})
    for key, value in rest.items():
        known[key if key not in known else f"record.{key}"] = value
    return known


def _entity(raw: Any) -> Entity:
    if not isinstance(raw, dict):
        raise BadRecordError("entity", f"expected an object as entity, found {_kind(raw)}.")
    rest = dict(raw)
    start, end, label = (rest.pop(key, None) for key in ("start", "end", "label"))
    for name, offset in (("start", start), ("end", end)):
        if type(offset) is not int:
            raise BadRecordError("offsets", f"expected an integer as {name}, found {_kind(offset)}.")
    if not isinstance(label, str):
        raise BadRecordError("label", f"expected a string as label, found {_kind(label)}.")
    concept = rest.pop("concept_id", None) or ""
    if isinstance(concept, list):
        concept = "|".join(map(str, concept))
    return Entity(start, end, label, str(concept), rest)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    shown = repr(value)
    return f"{type(value).__name__} {shown[:40]}{'…' if len(shown) > 40 else ''}"


def to_record(document: Document) -> dict[str, Any]:
    """The record of a document, ready for JSON."""
    record: dict[str, Any] = {"id": document.doc_id, "text": document.text}
    if document.entities is not None:
        record["entities"] = [_entity_record(entity) for entity in document.entities]
    if document.meta:
        record["meta"] = dict(document.meta)
    return record


def _entity_record(entity: Entity) -> dict[str, Any]:
    record: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label}
    if entity.concept_id:
        record["concept_id"] = entity.concept_id
    return {**record, **entity.attrs}


FORMAT = Format(
    "jsonl", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"), read, write, sniff=sniff, text_column=True
)
