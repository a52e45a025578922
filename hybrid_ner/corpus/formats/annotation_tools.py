"""JSON records of annotation tools: Label Studio, Prodigy, doccano, Argilla."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.jsonl import BadRecordError, from_record, json_records
from hybrid_ner.corpus.formats.records import own_form
from hybrid_ner.corpus.formats.shared import (
    LostData,
    integer,
    points_of_units,
    read_objects,
    units_of_points,
    write_objects,
)
from hybrid_ner.io import Place, Problem, Report, parse_json, read_text, write_text
from hybrid_ner.text import quantity

# Label Studio's JSON: a list of tasks with labeled regions (https://labelstud.io/guide/export).
# Label Studio runs in a browser, so its offsets count UTF-16 units. On reading, a region's own text tells
# which unit was used; files written by scripts often count code points.

_LABEL_STUDIO_FORM = 'Expected a list of tasks {"data": {"text": "…"}, "annotations": [{"result": […]}]}.'


def read_label_studio(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file; a task without annotations is unlabeled, of several the last one counts."""
    text = read_text(path, report)
    if text is None:
        return
    try:
        tasks = parse_json(text)
    except (ValueError, RecursionError) as error:
        try:
            tasks = [parse_json(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            report(Problem("json", f"broken JSON: {error}.", Place(str(path)), hint=_LABEL_STUDIO_FORM))
            return
    for row, task in enumerate(tasks if isinstance(tasks, list) else [tasks], 1):
        place = Place(str(path), row)
        data = _data(task)
        name = _text_name(data)
        if name is None:
            report(Problem("task", "expected a task with data.text.", place, hint=_LABEL_STUDIO_FORM))
            continue
        yield place, _document_label_studio(task, data, name, place, report)


def sniff_label_studio(name: str, head: str) -> bool:
    """Whether it begins as a list of tasks, or one task, in the full or the short export."""
    if not _TASKS.match(head):
        return False
    full = (
        '"annotations"' in head
        or '"completions"' in head
        or '"predictions"' in head
        or '"file_upload"' in head
    )
    return (full and bool(_DATA.search(head))) or '"annotation_id"' in head


_TASKS = re.compile(r"\s*(?:\[\s*)?\{")
_DATA = re.compile(r'"data"\s*:\s*\{')


def _data(task: Any) -> dict[str, Any]:
    """What was imported into the project; the short export (JSON-MIN) keeps it beside the labels."""
    if not isinstance(task, dict):
        return {}
    data = task.get("data")
    if isinstance(data, dict):
        return data
    return {k: v for k, v in task.items() if k not in _OWN_KEYS and not _is_regions(v)}


_OWN_KEYS = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def _text_name(data: Mapping[str, Any]) -> str | None:
    """Which value is the text: the one of that name, else the only one."""
    texts = [name for name, value in data.items() if isinstance(value, str) and name != "id"]
    return "text" if "text" in texts else texts[0] if len(texts) == 1 else None


def _is_regions(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and "start" in first and "end" in first


def _document_label_studio(
    task: Mapping[str, Any], data: Mapping[str, Any], name: str, place: Place, report: Report
) -> Document:
    doc_id = str(data.get("id", task.get("id", place.row)))
    known = {key: value for key, value in data.items() if key not in (name, "id")}
    regions = _regions(task)
    if regions is None:
        return Document(doc_id, data[name], None, known)
    text = data[name]
    point, entities = points_of_units(text), []
    for region in regions:
        value = region.get("value") or {}
        labels: list[Any] = next((value[kind] for kind in _KINDS if value.get(kind)), [])
        if region.get("type") not in (*_KINDS, None) or not labels:
            what = region.get("type", "no type")
            report(Problem("region", f"a region of type {what} holds no label.", place, doc_id, warning=True))
            continue
        start, end = _offsets(text, point, value)
        attrs = {"text": value["text"]} if isinstance(value.get("text"), str) else {}
        entities += [Entity(start, end, str(label), attrs=attrs) for label in labels]
    return Document(doc_id, text, tuple(entities), known)


_KINDS = ("labels", "hypertextlabels")


def _regions(task: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The regions of the last annotation that counts; ``None`` when there is no annotation."""
    if isinstance(task.get("data"), dict):
        # Before version 1.0 annotations were called completions.
        listed = task.get("annotations") or task.get("completions") or []
        done = [a for a in listed if isinstance(a, dict) and not a.get("was_cancelled")]
        found = done[-1].get("result") or [] if done else None
    else:
        short = [value for value in task.values() if _is_regions(value)]
        found = [{"value": value} for value in short[0]] if short else [] if "annotator" in task else None
    return None if found is None else [region for region in found if isinstance(region, dict)]


def _offsets(text: str, point: Callable[[int], int], value: Mapping[str, Any]) -> tuple[int, int]:
    # In HTML start and end are paths; beside them stand offsets in the whole text.
    place = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    start, end = (integer((place or {}).get(edge)) for edge in ("start", "end"))
    units = point(start), point(end)
    said = value.get("text")
    if isinstance(said, str) and text[units[0] : units[1]] != said and text[start:end] == said:
        return start, end
    return units


def write_label_studio(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write tasks ready to import, whole or not at all; the number of documents."""
    count, lost = 0, LostData(concepts=True)
    with write_text(path) as handle:
        handle.write("[")
        for document in documents:
            lost.add(Document(document.doc_id, document.text, document.entities))
            handle.write(",\n" if count else "\n")
            handle.write(json.dumps(_task_label_studio(document), ensure_ascii=False, allow_nan=False))
            count += 1
        handle.write("\n]\n")
    lost.warn(path, report)
    return count


def _task_label_studio(document: Document) -> dict[str, Any]:
    data = {**document.meta, "text": document.text, "id": document.doc_id}
    if document.entities is None:
        return {"data": data}
    unit = units_of_points(document.text)
    result = [
        {
            "id": f"{number}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": unit(e.start),
                "end": unit(e.end),
                "text": document.text[e.start : e.end],
                "labels": [e.label],
            },
        }
        for number, e in enumerate(document.entities, 1)
    ]
    return {"data": data, "annotations": [{"result": result}]}


# Prodigy's JSONL for named entities (https://prodi.gy/docs/api-interfaces): offsets in code points.
#
# A task that was rejected or ignored as a whole is read as unlabeled, with its answer in ``meta``.

_PRODIGY_FORM = 'A line is {"text": "…", "spans": [{"start": 0, "end": 4, "label": "Disease"}]}.'
_ANSWERS = ("accept", "reject", "ignore")
_HOUSEKEEPING = frozenset(
    {"_input_hash", "_task_hash", "_session_id", "_view_id", "_timestamp", "_annotator_id"}
)
_READ = frozenset({"id", "text", "meta", "answer", "spans", "tokens", "_is_binary", *_HOUSEKEEPING})
_OWN = ("start", "end", "label", "token_start", "token_end", "text", "concept_id")


def sniff_prodigy(name: str, head: str) -> bool:
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


def read_prodigy(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file."""
    for place, row in read_objects(path, report, _PRODIGY_FORM):
        if row.get("_is_binary") and row.get("answer") == "accept":
            said = "a yes or no about single spans says nothing of the rest: the text is read as unlabeled."
            report(Problem("binary", said, place, str(row.get("id", place.row)), warning=True))
        yield place, _document_prodigy(row, place)


def _document_prodigy(row: dict[str, Any], place: Place) -> Document:
    meta = dict(row["meta"]) if isinstance(row.get("meta"), dict) else {}
    doc_id = str(row.get("id", meta.pop("doc_id", place.row)))
    meta |= {key: value for key, value in row.items() if key not in _READ}
    answer = row.get("answer", "accept")
    if answer != "accept" or row.get("_is_binary"):
        return Document(doc_id, row["text"], None, {**meta, "answer": answer})
    spans = row.get("spans")
    if spans is None and "answer" not in row:
        return Document(doc_id, row["text"], None, meta)
    return Document(doc_id, row["text"], tuple(_entity_prodigy(span) for span in spans or []), meta)


def _entity_prodigy(span: dict[str, Any]) -> Entity:
    attrs = {key: value for key, value in span.items() if key not in _OWN}
    if isinstance(span.get("text"), str):
        attrs["text"] = span["text"]
    start, end = integer(span.get("start")), integer(span.get("end"))
    return Entity(start, end, str(span.get("label", "")), str(span.get("concept_id", "")), attrs)


def write_prodigy(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write answered tasks, whole or not at all; the number of documents."""
    return write_objects(path, map(_task_prodigy, documents))


def _task_prodigy(document: Document) -> dict[str, Any]:
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


# doccano's JSONL for sequence labeling (https://doccano.github.io/doccano/): offsets in code points.

_DOCCANO_FORM = (
    'A line is {"text": "…", "label": [[0, 4, "Disease"]]}, or with "entities" of the relation export.'
)
_KNOWN = ("id", "text", "data", "label", "labels", "entities", "annotations", "relations", "Comments")


def read_doccano(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file, of the plain and of the relation export."""
    for place, row in read_objects(path, report, _DOCCANO_FORM, texts=("text", "data")):
        doc_id = str(row.get("id", place.row))
        meta = {key: value for key, value in row.items() if key not in _KNOWN}
        yield place, Document(doc_id, row["text"], _entities(row, place, doc_id, report), meta)


def _entities(row: dict[str, Any], place: Place, doc_id: str, report: Report) -> tuple[Entity, ...] | None:
    found = next((row[name] or [] for name in _LABELED if name in row), None)
    if found is None:
        return None
    entities = []
    for each in found if isinstance(found, list) else [found]:
        entity = _entity_doccano(each)
        if entity is not None:
            entities.append(entity)
        elif isinstance(each, dict) and type(each.get("label")) is int:
            said = f"label {each['label']} is only a number, and the file does not name it."
            hint = "Export with label texts: the format that doccano calls JSONL with text labels."
            report(Problem("entity", said, place, doc_id, hint))
        else:
            said = f"expected [start, end, label], found {each!r}."
            report(Problem("entity", said, place, doc_id, _DOCCANO_FORM))
    return tuple(entities)


_LABELED = ("entities", "label", "labels", "annotations")
"""Where the versions of doccano keep the spans."""


def _entity_doccano(each: Any) -> Entity | None:
    if isinstance(each, list) and len(each) == 3:
        start, end, label = each
    elif isinstance(each, dict) and "start_offset" in each:
        start, end, label = each["start_offset"], each.get("end_offset"), each.get("label")
    else:
        return None
    return Entity(integer(start), integer(end), label) if isinstance(label, str) else None


def write_doccano(path: Path, documents: Iterable[Document], report: Report) -> int:
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


# Argilla's records of span questions, as ``to_json`` writes them (https://docs.argilla.io).
#
# The last submitted response counts; suggestions alone leave a text unlabeled and stay meta data. Records of
# version 1 (``annotation``: label, start, end) are read as JSON Lines.


def sniff_argilla(name: str, head: str) -> bool:
    """Whether records have fields and responses."""
    start = head.lstrip()[:1] in ("{", "[")
    return start and '"fields"' in head and ('"responses"' in head or '"suggestions"' in head)


def read_argilla(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file."""
    several = 0
    for row, parse in json_records(path, report, _listed):
        place = Place(str(path), row)
        try:
            record = parse()
            if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
                raise BadRecordError("record", "expected an object with fields and responses.")
            spans = _responses(record)
            several += len(spans) > 1
            made, _ = own_form(_plain(record, spans), place, report)
            yield place, from_record(made, str(row))
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint="Export the records as JSON again."))
    if several:
        message = f"{quantity(several, 'record')} with several responses: the last one counts."
        report(Problem("second annotation", message, Place(str(path)), warning=True))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _responses(record: dict[str, Any]) -> list[list[Any]]:
    """The spans of each submitted response."""
    found: list[list[Any]] = []
    responses = record.get("responses")
    for answers in responses.values() if isinstance(responses, dict) else ():
        for each in answers if isinstance(answers, list) else ():
            if isinstance(each, dict) and each.get("status", "submitted") == "submitted":
                value = each.get("value")
                if isinstance(value, list) and all(isinstance(v, dict) and "start" in v for v in value):
                    found.append(value)
    return found


def _plain(record: dict[str, Any], spans: list[list[Any]]) -> dict[str, Any]:
    fields = record["fields"]
    texts = [name for name, value in fields.items() if isinstance(value, str)]
    if not texts:
        raise BadRecordError("text", "no field is a text.")
    name = "text" if "text" in texts else texts[0]
    meta = dict(record.get("metadata") or {})
    meta |= {f"field.{key}": value for key, value in fields.items() if key != name}
    if record.get("suggestions"):
        meta["suggestions"] = record["suggestions"]
    made: dict[str, Any] = {"text": fields[name], "meta": meta}
    if record.get("id") is not None:
        made["id"] = record["id"]
    return {**made, "entities": spans[-1]} if spans else made
