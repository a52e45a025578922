"""doccano's JSONL for sequence labeling (https://doccano.github.io/doccano/): offsets in code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.formats.loss import LostData
from hybrid_ner.corpus.formats.objects import integer, read_objects, write_objects
from hybrid_ner.corpus.problems import Place, Problem, Report
from hybrid_ner.corpus.validate import Located

__all__ = ["read", "write"]

_FORM = 'A line is {"text": "…", "label": [[0, 4, "Disease"]]}, or with "entities" of the relation export.'
_KNOWN = ("id", "text", "label", "labels", "entities", "relations", "Comments")


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file, of the plain and of the relation export."""
    for place, row in read_objects(path, report, _FORM):
        doc_id = str(row.get("id", place.row))
        meta = {key: value for key, value in row.items() if key not in _KNOWN}
        yield place, Document(doc_id, row["text"], _entities(row, place, doc_id, report), meta)


def _entities(row: dict[str, Any], place: Place, doc_id: str, report: Report) -> tuple[Entity, ...] | None:
    if "entities" in row:
        return tuple(
            Entity(integer(e.get("start_offset")), integer(e.get("end_offset")), str(e.get("label", "")))
            for e in row["entities"] or []
        )
    found = row.get("label", row.get("labels"))
    if found is None:
        return None
    entities = []
    for each in found:
        if isinstance(each, list) and len(each) == 3:
            entities.append(Entity(integer(each[0]), integer(each[1]), str(each[2])))
        else:
            said = f"expected [start, end, label], found {each!r}."
            report(Problem("entity", said, place, doc_id, _FORM))
    return tuple(entities)


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
