"""What records of any format share: the keys of text and spans, and how strings and ids are spelled.

The key of the text may be named by somebody, and be one within another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report


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


# What formats of text cannot spell, in names and in texts: written otherwise and told, or refused.

LONGEST = 200
"""Bytes of a file name: file systems take 255, and a suffix and the mark of a temporary file need some."""


def without_nul(document: Document, path: Path) -> Document:
    """The document, if a file of text can hold it.

    Raises:
        CorpusError: It holds the character U+0000, by which every reader knows a file that is no text.
    """
    if "\x00" in document.text:
        said = f"document {document.doc_id!r} holds the character U+0000, which no file of text can hold."
        hint = "Clean it first (hybrid-ner corpus clean), or write JSON Lines."
        raise CorpusError(said, path=path, hint=hint)
    return document


def as_json(value: Any, path: Path) -> str:
    """A value as JSON that every reader takes.

    Raises:
        CorpusError: It holds what JSON has no form for, such as a number of NumPy, or ``NaN``.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"a document holds a value that JSON cannot hold ({error}): {repr(value)[:60]}…"
        hint = "Give plain strings, numbers, lists and dicts as offsets, meta data and attributes."
        raise CorpusError(problem, path=path, hint=hint) from error


class Spelled:
    """Labels or ids of concepts in a format that ends them at some characters: those are written as ``_``.

    Args:
        what: How people call them.
        unfit: Pattern of what stands in no such name; white space around one is no part of it either.
        why: What the format does not have, for the notice of what was changed.
    """

    def __init__(self, what: str, unfit: str, why: str) -> None:
        self._what, self._unfit, self._why = what, re.compile(unfit), why
        self._written: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        return self._written.setdefault(name, self._unfit.sub("_", name.strip()) or "_")

    def warn(self, path: Path, report: Report) -> None:
        """Report each name that was changed."""
        for name, written in self._written.items():
            if name != written:
                said = f"{self._what} {name!r} is written as {written!r}: {self._why}."
                report(Problem(self._what, said, Place(str(path)), warning=True))


class SpelledIds:
    """Ids of documents in a format that cannot spell all of them; no two of them become one.

    Args:
        unfit: Pattern of what stands in no id, and what is written for it.
    """

    def __init__(self, unfit: str, instead: str) -> None:
        self._unfit, self._instead, self._taken = re.compile(unfit), instead, set[str]()

    def __call__(self, doc_id: str, path: Path, report: Report) -> str:
        """The id as it is written; one that is changed is reported."""
        written = self._unfit.sub(self._instead, doc_id).strip() or "_"
        written = written if len(written) <= LONGEST else shortened(written)
        while written in self._taken:
            written += "_"
        self._taken.add(written)
        if written != doc_id:
            message = f"document id {doc_id!r} is written as {written!r}."
            report(Problem("id", message, Place(str(path)), doc_id, warning=True))
        return written


def shortened(name: str) -> str:
    """The beginning of a name, and enough of its hash to tell it from others with this beginning."""
    return f"{name[: LONGEST - 20].rstrip('%')}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
