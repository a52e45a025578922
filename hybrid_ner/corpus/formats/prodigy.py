"""Prodigy's JSONL for named entities (https://prodi.gy/docs/api-interfaces): offsets in code points.

A task that was rejected or ignored as a whole is read as unlabeled, with its answer in ``meta``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity, Located, Opinion
from hybrid_ner.corpus.formats.shared import integer, read_objects, write_objects
from hybrid_ner.io import Place, Problem, Report, parse_json
from hybrid_ner.text import quantity

_FORM = 'A line is {"text": "…", "spans": [{"start": 0, "end": 4, "label": "Disease"}]}.'
_ANSWERS = ("accept", "reject", "ignore")
_HOUSEKEEPING = frozenset(
    {"_input_hash", "_task_hash", "_session_id", "_view_id", "_timestamp", "_annotator_id"}
)
_READ = frozenset({"id", "text", "meta", "answer", "spans", "tokens", "_is_binary", *_HOUSEKEEPING})
_OWN = ("start", "end", "label", "token_start", "token_end", "text", "concept_id")


def sniff(name: str, head: str) -> bool:
    """Whether one of the first lines was answered in Prodigy, or has its marks."""
    for line in head.split("\n"):
        if '"answer"' in line or '"_task_hash"' in line:
            try:
                row = parse_json(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict) and isinstance(row.get("text"), str):
                return row.get("answer") in _ANSWERS or "_task_hash" in row
    return False


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file."""
    for place, row in read_objects(path, report, _FORM):
        if row.get("_is_binary") and row.get("answer") == "accept":
            said = "a yes or no about single spans says nothing of the rest: the text is read as unlabeled."
            report(Problem("binary", said, place, str(row.get("id", place.row)), warning=True))
        yield place, _document(row, place)


def opinions(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
    """What each annotator or session said; tasks that were rejected, ignored or binary are counted."""
    others = 0
    for place, row in read_objects(path, report, _FORM):
        document = _document(row, place)
        if document.entities is None:
            others += 1
            continue
        named = {str(e.attrs["source"]) for e in document.entities if e.attrs.get("source")}
        by = row.get("_annotator_id") or row.get("_session_id")
        if not by and len(named) > 1:  # not answered yet: what several models found
            for name in sorted(named):
                own = tuple(e for e in document.entities if e.attrs.get("source") == name)
                yield place, Opinion(replace(document, entities=own), name)
            continue
        yield place, Opinion(document, str(by or next(iter(named), "")))
    if others:
        message = f"{quantity(others, 'task')} rejected, ignored or without spans: not read."
        report(Problem("not read", message, Place(str(path)), warning=True))


def _document(row: dict[str, Any], place: Place) -> Document:
    meta = dict(row["meta"]) if isinstance(row.get("meta"), dict) else {}
    doc_id = str(row.get("id", meta.pop("doc_id", place.row)))
    meta |= {key: value for key, value in row.items() if key not in _READ}
    answer = row.get("answer", "accept")
    if answer != "accept" or row.get("_is_binary"):
        return Document(doc_id, row["text"], None, {**meta, "answer": answer})
    spans = row.get("spans")
    if spans is None and "answer" not in row:
        return Document(doc_id, row["text"], None, meta)
    return Document(doc_id, row["text"], tuple(_entity(span) for span in spans or []), meta)


def _entity(span: dict[str, Any]) -> Entity:
    attrs = {key: value for key, value in span.items() if key not in _OWN}
    if isinstance(span.get("text"), str):
        attrs["text"] = span["text"]
    start, end = integer(span.get("start")), integer(span.get("end"))
    return Entity(start, end, str(span.get("label", "")), str(span.get("concept_id", "")), attrs)


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write answered tasks, whole or not at all; the number of documents."""
    return write_objects(path, map(_task, documents))


def _task(document: Document) -> dict[str, Any]:
    row: dict[str, Any] = {"text": document.text, "meta": {**document.meta, "doc_id": document.doc_id}}
    if document.entities is None:
        return row
    spans = []
    for e in document.entities:
        span: dict[str, Any] = {"start": e.start, "end": e.end, "label": e.label}
        if e.concept_id:
            span["concept_id"] = e.concept_id
        spans.append({**span, **{k: v for k, v in e.attrs.items() if k not in span}})
    return {**row, "spans": spans, "answer": "accept"}
