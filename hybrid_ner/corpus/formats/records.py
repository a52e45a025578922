"""What records of any format share: the keys of text and spans, and how strings and ids are spelled.

The key of the text may be named by somebody, and be one within another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity, named
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report
from hybrid_ner.text import quantity


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
    if record[column] is None:
        raise BadRecordError("text", f"{column!r} is null, so the record has no text.")
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


_LABELS = ("label", "labels")
"""Of a whole text, where they are strings."""


def tell_annotated(counts: Counter[str], path: Path, report: Report, form: str) -> None:
    """Say in how many records each key held annotations that nobody could read.

    Args:
        form: How they are written so that they can be read.
    """
    for key, count in counts.items():
        said = f"{quantity(count, 'record')} with {key!r} of an unknown form: read as unlabeled texts."
        report(Problem("not read", said, Place(str(path)), hint=form, warning=True))


def annotated(meta: Mapping[str, Any]) -> list[str]:
    """Keys of what looks like annotations that nobody could read: not empty, and a list or object."""
    held = ((key, meta.get(key)) for key in _ANNOTATED)
    named = [key for key, said in held if (isinstance(said, (list, dict)) and said) or _is_listed(said)]
    named += [key for key in _LABELS if _is_listed(said := meta.get(key)) or _holds_objects(said)]
    spans = (key for key, value in meta.items() if key not in (*named, _REJECTED) and _holds_spans(value))
    return [*named, *spans]


def _holds_objects(said: Any) -> bool:
    return isinstance(said, list) and any(isinstance(each, (list, dict)) for each in said)


def _is_listed(said: Any) -> bool:
    """Whether a string is a list written out: "[[0, 4, \"Drug\"]]"."""
    return isinstance(said, str) and said.lstrip().startswith(("[[", "[{", "[("))


_REJECTED = "rejected"
"""What reviewers rejected, as this package writes it."""


def _holds_spans(value: Any) -> bool:
    """Whether a list holds places in a text, or one further in: {"start": 0, "end": 7}, [0, 7, "Drug"]."""
    if isinstance(value, dict):
        return any(map(_holds_spans, value.values()))
    if not isinstance(value, list) or not value:
        return False
    return all(map(_is_place, value)) or any(_holds_spans(each) for each in value if isinstance(each, list))


def _is_place(item: Any) -> bool:
    if isinstance(item, dict):
        ends = [[v for key, v in item.items() if of.search(str(key)) and type(v) is int] for of in _EDGES]
        return all(ends) and 0 <= ends[0][0] < ends[1][0]
    return isinstance(item, list) and [*map(type, item)] == [int, int, str] and 0 <= item[0] < item[1]


_EDGES = re.compile(r"(?i)start|begin|from|offset"), re.compile(r"(?i)end|stop|length|to\b")
"""What the keys of the edges of a span are called: "start_char", "endOffset"."""


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
        raise BadRecordError("record", f"expected a list of objects as {what}, found {shown(value)}.")
    return list(found)


def mapping(value: Any, what: str) -> dict[str, Any]:
    """An object; an empty one where it is missing.

    Raises:
        BadRecordError: Something else.
    """
    if value is not None and not isinstance(value, dict):
        raise BadRecordError("record", f"expected an object as {what}, found {shown(value)}.")
    return value or {}


def shown(value: Any) -> str:
    """A value in a message, cut where it is long."""
    said = repr(value)
    return f"{said[:40]}{'…' if len(said) > 40 else ''}"


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


def side_by_side(
    own: Mapping[str, Any], more: Mapping[str, Any], taken: Collection[str] = ()
) -> dict[str, Any]:
    """What a form says under its own names, and beside it what else is said: neither replaces the other.

    An attribute may be called as an offset is: a feature ``start`` of UIMA, an infon ``label`` of BioC.

    Args:
        taken: Names that are the form's own too, and have no value here.
    """
    named = ((f"other.{name}" if name in own or name in taken else name, each) for name, each in more.items())
    return {**own, **dict(named)}


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


class Losses:
    """What a format cannot hold of the documents that are written in it, as people are told.

    Args:
        path: What is written, as a report calls it.
        report: Told at once of annotations and ids, and at the end of the documents how often what was lost.
        concepts: Whether ids of concepts are left out.
        keeps: Whether an attribute of an entity, by name and value, has a place.
        meta: Whether meta data is left out.
    """

    def __init__(
        self,
        path: Path,
        report: Report,
        *,
        concepts: bool = False,
        keeps: Callable[[str, Any], bool] = lambda name, value: False,
        meta: bool = True,
    ) -> None:
        self.path, self._report = path, report
        self._concepts, self._meta, self._keeps = concepts, meta, keeps
        self._counts: Counter[str] = Counter()
        self._spelled: list[tuple[str, str, dict[str, str]]] = []

    def tell(self, kind: str, message: str, doc_id: str = "", *, warning: bool = False) -> None:
        self._report(Problem(kind, message, Place(str(self.path)), doc_id, warning=warning))

    def note(self, what: str) -> None:
        """Note what is left out of one more document."""
        self._counts[what] += 1

    def entities(self, document: Document, entities: Iterable[Entity], why: str) -> None:
        """Tell of annotations that are left out."""
        for entity in entities:
            said = f"{named(document, entity)} is left out: {why}."
            self.tell("lost annotation", said, document.doc_id)

    def noting(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents, noted as they pass; at their end it is reported."""
        for document in documents:
            yield document
            entities = document.entities or ()
            self._counts["meta data"] += self._meta and bool(document.meta)
            attrs = (attribute for entity in entities for attribute in entity.attrs.items())
            # "text" is what a tool writes beside the offsets of a mention: it is in the document.
            lost = any(name != "text" and not self._keeps(name, value) for name, value in attrs)
            self._counts["attributes of entities"] += lost
            self._counts["concept ids"] += self._concepts and any(entity.concept_id for entity in entities)
        self.warn()

    def spelled(self, what: str, unfit: str, why: str) -> Callable[[str], str]:
        """Writes labels or ids of concepts, with ``_`` for what ends them in this format.

        Args:
            what: How people call them.
            unfit: Pattern of what stands in no such name; white space around one is no part of it either.
            why: What the format does not have, for the notice of each name that was changed.
        """
        pattern, written = re.compile(unfit), dict[str, str]()
        self._spelled.append((what, why, written))
        return lambda name: written.setdefault(name, pattern.sub("_", name.strip()) or "_")

    def ids(self, unfit: str, instead: str) -> Callable[[str], str]:
        """Writes ids of documents, no two of which become one; one that is changed is told.

        Args:
            unfit: Pattern of what stands in no id, and ``instead`` is written for.
        """
        pattern, taken = re.compile(unfit), set[str]()

        def spelled(doc_id: str) -> str:
            written = pattern.sub(instead, doc_id).strip() or "_"
            written = written if len(written) <= LONGEST else shortened(written)
            while written in taken:
                written += "_"
            taken.add(written)
            if written != doc_id:
                self.tell("id", f"document id {doc_id!r} is written as {written!r}.", doc_id, warning=True)
            return written

        return spelled

    def warn(self) -> None:
        """Say at the end what was lost, and which names were changed."""
        for what, count in self._counts.items():
            if count:
                documents = quantity(count, "document")
                message = f"{what} of {documents} left out: this format has no place for them."
                self.tell("lost data", message, warning=True)
        for what, why, written in self._spelled:
            for name, other in written.items():
                if name != other:
                    self.tell(what, f"{what} {name!r} is written as {other!r}: {why}.", warning=True)


def shortened(name: str) -> str:
    """The beginning of a name, and enough of its hash to tell it from others with this beginning."""
    return f"{name[: LONGEST - 20].rstrip('%')}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
