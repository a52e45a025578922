"""The keys of records: of the text, which somebody may name and which may be one within another; of spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any


class BadRecordError(Exception):
    """A record that is no document; the reader adds file and row."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def with_text(record: Any, column: str) -> Any:
    """The record with the value of a key as its text."""
    if not column or not isinstance(record, dict):
        return record
    if column not in record:
        inner: Any = record
        for name in column.split("."):  # {"message": {"body": "…"}} by "message.body"
            inner = inner.get(name) if isinstance(inner, dict) else None
        if inner is None:
            keys = list(chain.from_iterable(inner_keys(record)))[:_SHOWN]
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


def inner_keys(record: Mapping[str, Any]) -> Iterator[list[str]]:
    """The keys of a record, those of a record in it behind a full stop."""
    for key, value in record.items():
        within = value.items() if isinstance(value, dict) else ()
        yield [f"{key}.{name}" for name, each in within if isinstance(each, str)] or [str(key)]


NOTES = ("note_text", "report_text", "NOTE_TEXT")
"""What clinical data models call a text: the table NOTE of OMOP."""
_CAPITALS = {"Text": "text", "Entities": "entities"}
"""Keys of Amazon Comprehend and Comprehend Medical, which give what they were sent beside what they found."""
_ANNOTATED = ("entities", "ents", "spans", "annotations", "annotation", "mentions", "ner", "ner_tags")


def usual_keys(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy, with the keys of services that write them with capitals under their usual names."""
    return {
        _CAPITALS[key] if key in _CAPITALS and _CAPITALS[key] not in record else key: value
        for key, value in record.items()
    }


def annotated(meta: Mapping[str, Any]) -> list[str]:
    """Keys of what looks like annotations that nobody could read: not empty, and a list or object."""
    return [key for key in _ANNOTATED if isinstance(meta.get(key), (list, dict)) and meta[key]]


def present(value: Any) -> Any:
    """A list without what is ``null`` in it, which says nothing; ``None`` for what is no list."""
    return [each for each in value if each is not None] if isinstance(value, list) else None


def objects(value: Any, what: str) -> list[dict[str, Any]]:
    """The objects of a list, without what is ``null``; none where it is missing.

    Raises:
        BadRecordError: Something else.
    """
    found = present(value if value is not None else [])
    if found is None or not all(isinstance(each, dict) for each in found):
        raise BadRecordError("record", f"expected a list of objects as {what}, found {_shown(value)}.")
    return list(found)


def mapping(value: Any, what: str) -> dict[str, Any]:
    """An object; an empty one where it is missing.

    Raises:
        BadRecordError: Something else.
    """
    if value is not None and not isinstance(value, dict):
        raise BadRecordError("record", f"expected an object as {what}, found {_shown(value)}.")
    return value or {}


def _shown(value: Any) -> str:
    shown = repr(value)
    return f"{shown[:40]}{'…' if len(shown) > 40 else ''}"
