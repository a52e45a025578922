"""doccano's JSONL for sequence labeling (https://doccano.github.io/doccano/): offsets in code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.shared import LostData, integer, read_objects, write_objects
from hybrid_ner.io import Place, Problem, Report

_FORM = 'A line is {"text": "…", "label": [[0, 4, "Disease"]]}, or with "entities" of the relation export.'
_KNOWN = ("id", "text", "data", "label", "labels", "entities", "annotations", "relations", "Comments")


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file, of the plain and of the relation export."""
    for place, row in read_objects(path, report, _FORM, texts=("text", "data")):
        doc_id = str(row.get("id", place.row))
        meta = {key: value for key, value in row.items() if key not in _KNOWN}
        yield place, Document(doc_id, row["text"], _entities(row, place, doc_id, report), meta)


def _entities(row: dict[str, Any], place: Place, doc_id: str, report: Report) -> tuple[Entity, ...] | None:
    found = next((row[name] or [] for name in _LABELED if name in row), None)
    if found is None:
        return None
    entities = []
    for each in found if isinstance(found, list) else [found]:
        entity = _entity(each)
        if entity is not None:
            entities.append(entity)
        elif isinstance(each, dict) and type(each.get("label")) is int:
            said = f"label {each['label']} is only a number, and the file does not name it."
            hint = "Export with label texts: the format that doccano calls JSONL with text labels."
            report(Problem("entity", said, place, doc_id, hint))
        else:
            said = f"expected [start, end, label], found {each!r}."
            report(Problem("entity", said, place, doc_id, _FORM))
    return tuple(entities)


_LABELED = ("entities", "label", "labels", "annotations")
"""Where the versions of doccano keep the spans."""


def _entity(each: Any) -> Entity | None:
    if isinstance(each, list) and len(each) == 3:
        start, end, label = each
    elif isinstance(each, dict) and "start_offset" in each:
        start, end, label = each["start_offset"], each.get("end_offset"), each.get("label")
    else:
        return None
    return Entity(integer(start), integer(end), label) if isinstance(label, str) else None


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write the plain form, whole or not at all; the number of documents."""
    lost = LostData(concepts=True)

    def rows() -> Iterator[dict[str, Any]]:
        for document in documents:
            lost.add(Document(document.doc_id, document.text, document.entities))
            kept = {key: value for key, value in document.meta.items() if key not in _KNOWN}
            row: dict[str, Any] = {"id": document.doc_id, "text": document.text, **kept}
            if document.entities is not None:
                row["label"] = [[e.start, e.end, e.label] for e in document.entities]
            yield row

    count = write_objects(path, rows())
    lost.warn(path, report)
    return count
