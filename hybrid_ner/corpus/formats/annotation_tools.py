"""JSON records of annotation tools beside Label Studio: Prodigy, doccano, Argilla."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.jsonl import BadRecordError, as_list, from_record, json_records, own_form
from hybrid_ner.corpus.formats.records import Losses, mapping, objects, side_by_side
from hybrid_ner.corpus.formats.shared import Document, Entity, Located, Opinion
from hybrid_ner.io import Place, Problem, Report, parse_json
from hybrid_ner.text import quantity

Made = TypeVar("Made")

# Prodigy's JSONL for named entities (https://prodi.gy/docs/api-interfaces): offsets in code points.
#
# A task that was rejected or ignored as a whole is read as unlabeled, with its answer in ``meta``.

_PRODIGY_FORM = 'A line is {"text": "…", "spans": [{"start": 0, "end": 4, "label": "Disease"}]}.'
_ANSWERS = ("accept", "reject", "ignore")
_READ = {
    *("id", "text", "meta", "answer", "spans", "tokens", "_is_binary", "_input_hash", "_task_hash"),
    *("_session_id", "_view_id", "_timestamp", "_annotator_id"),
}
_OWN = ("start", "end", "label", "token_start", "token_end", "text", "concept_id")


def _objects(
    path: Path, report: Report, form: str, texts: tuple[str, ...] = ("text",)
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Objects of JSON Lines with a ``text``, and where each was read.

    Args:
        form: What a line looks like.
        texts: Names that the text may have; the first that is there becomes ``text``.
    """
    for place, found in json_records(path, report, lambda whole: None, form):
        given = found if isinstance(found, dict) else {}
        if (named := next((name for name in texts if isinstance(given.get(name), str)), None)) is None:
            report(Problem("record", "expected an object with a text.", place, hint=form))
        else:
            yield place, {**given, "text": given[named]}


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
    others, answered, again = Counter[str](), dict[str, str](), Counter[str]()
    for place, row in _rows(path, report):
        who = str(row.get("_annotator_id") or row.get("_session_id") or "")
        if who and (before := answered.setdefault(row["text"], who)) != who:
            again[f"{before} and {who}"] += 1
        if (answer := row.get("answer") or "accept") != "accept":
            others[f"{'ignored' if answer == 'ignore' else 'rejected'} task"] += 1
            others["span of such tasks"] += len(row.get("spans") or ())
        if row.get("_is_binary") and row.get("answer") == "accept":
            said = "a yes or no about single spans says nothing of the rest: the text is read as unlabeled."
            report(Problem("binary", said, place, str(row.get("id", place.row)), warning=True))
        yield place, _document(row, place)
    shared.not_read(others, path, report)
    if again:
        names = ", ".join(name for name, _ in again.most_common(3))
        said = (
            f"{quantity(again.total(), 'text')} answered in more than one session ({names}): each answer is a"
        )
        hint = "Take over one by name (review import --decided-by), or all as suggestions (--as-suggestions)."
        report(Problem("sessions", f"{said} document of its own.", Place(str(path)), hint=hint, warning=True))


def opinions_prodigy(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
    """What each annotator or session said; tasks that were rejected, ignored or binary are counted."""
    others = 0
    for place, row in _rows(path, report):
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


def _rows(path: Path, report: Report) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The rows whose spans are objects; others go to ``report``."""
    for place, row in _objects(path, report, _PRODIGY_FORM):
        try:
            yield place, {**row, "spans": objects(row["spans"], "spans")} if row.get("spans") else row
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, str(row.get("id", "")), _PRODIGY_FORM))


def _document(row: dict[str, Any], place: Place) -> Document:
    meta = dict(row["meta"]) if isinstance(row.get("meta"), dict) else {}
    doc_id = str(row.get("id", meta.pop("doc_id", place.row)))
    meta |= {key: value for key, value in row.items() if key not in _READ}
    answer = row.get("answer") or "accept"
    if answer != "accept" or row.get("_is_binary"):
        return Document(doc_id, row["text"], None, {**meta, "answer": answer})
    spans = row.get("spans")
    # A choice among options, or a label of the whole text, says nothing of mentions.
    about_text = "options" in row or "accept" in row or row.get("_view_id") in _OF_TEXTS
    if spans is None and (row.get("answer") is None or about_text):
        return Document(doc_id, row["text"], None, meta)
    found = tuple(_entity_prodigy(span, row.get("tokens")) for span in spans or ())
    return Document(doc_id, row["text"], found, meta)


_OF_TEXTS = ("choice", "classification", "text", "text_input", "html")


def _entity_prodigy(span: dict[str, Any], tokens: Any = None) -> Entity:
    attrs = {key: value for key, value in span.items() if key not in _OWN}
    if isinstance(span.get("text"), str):
        attrs["text"] = span["text"]
    start, end = shared.integer(span.get("start")), shared.integer(span.get("end"))
    if "start" not in span and isinstance(tokens, list):  # the last token is a part of the span
        first, last = (span.get(key) for key in ("token_start", "token_end"))
        places = {t.get("id", at): t for at, t in enumerate(tokens) if isinstance(t, dict)}
        start = shared.integer(places.get(first, {}).get("start"))
        end = shared.integer(places.get(last, {}).get("end"))
    return Entity(start, end, str(span.get("label") or ""), str(span.get("concept_id") or ""), attrs)


def write_prodigy(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write answered tasks, whole or not at all; the number of documents."""
    return shared.write_objects(path, map(_task, documents))


def _task(document: Document) -> dict[str, Any]:
    row: dict[str, Any] = {"text": document.text, "meta": {**document.meta, "doc_id": document.doc_id}}
    if document.entities is None:
        return row
    spans = []
    for e in document.entities:
        span: dict[str, Any] = {"start": e.start, "end": e.end, "label": e.label}
        if e.concept_id:
            span["concept_id"] = e.concept_id
        spans.append(side_by_side(span, e.attrs, set(_OWN) - {"text"}))
    return {**row, "spans": spans, "answer": "accept"}


PRODIGY = shared.Format(
    "prodigy", (), read_prodigy, write_prodigy, sniff=sniff_prodigy, opinions=opinions_prodigy
)


# doccano's JSONL for sequence labeling (https://doccano.github.io/doccano/): offsets in code points.

_DOCCANO_FORM = (
    'A line is {"text": "…", "label": [[0, 4, "Disease"]]}, or with "entities" of the relation export.'
)
_KNOWN = ("id", "text", "data", "label", "labels", "entities", "annotations", "relations", "Comments")


def read_doccano(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file, of the plain and of the relation export."""
    for place, row in _objects(path, report, _DOCCANO_FORM, texts=("text", "data")):
        doc_id = str(row.get("id", place.row))
        meta = {key: value for key, value in row.items() if key not in _KNOWN}
        spans = next((row[name] for name in _LABELED if row.get(name) is not None), None)
        found = None if spans is None else tuple(_entities(as_list(spans), place, doc_id, report))
        yield place, Document(doc_id, row["text"], found, meta)


_LABELED = ("entities", "label", "labels", "annotations")
"""Where the versions of doccano keep the spans."""


def _entities(spans: list[Any], place: Place, doc_id: str, report: Report) -> Iterator[Entity]:
    for each in shared.present(spans):
        start, end, label = each if isinstance(each, list) and len(each) == 3 else (None, None, None)
        if isinstance(each, dict) and "start_offset" in each:
            start, end, label = each["start_offset"], each.get("end_offset"), each.get("label")
        if isinstance(label, str):
            yield Entity(shared.integer(start), shared.integer(end), label)
        elif isinstance(each, dict) and type(each.get("label")) is int:
            said = f"label {each['label']} is only a number, and the file does not name it."
            hint = "Export with label texts: the format that doccano calls JSONL with text labels."
            report(Problem("entity", said, place, doc_id, hint))
        else:
            said = f"expected [start, end, label], found {each!r}."
            report(Problem("entity", said, place, doc_id, _DOCCANO_FORM))


def write_doccano(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write the plain form, whole or not at all; the number of documents."""
    lost = Losses(path, report, concepts=True, meta=False)
    return shared.write_objects(path, map(_row, lost.noting(documents)))


def _row(document: Document) -> dict[str, Any]:
    row = side_by_side({"id": document.doc_id, "text": document.text}, document.meta, _KNOWN)
    if document.entities is not None:
        row["label"] = [[e.start, e.end, e.label] for e in document.entities]
    return row


DOCCANO = shared.Format("doccano", (), read_doccano, write_doccano)


# Argilla's records of span questions, as ``to_json`` writes them (https://docs.argilla.io).
#
# The last submitted response counts; suggestions alone leave a text unlabeled and stay meta data. Records of
# version 1 (``annotation``: label, start, end) are read as JSON Lines.

_AGAIN = "Export the records as JSON again."


def read_argilla(path: Path, report: Report) -> Iterator[Located]:
    several = 0

    def document(record: dict[str, Any], place: Place) -> Iterator[Located]:
        nonlocal several
        spans = [each["value"] for each in _responses(record) if _counts(each)]
        several += len(spans) > 1
        made, _ = own_form(_plain(record, spans), place, report)
        yield place, from_record(made, str(place.row))

    yield from _argilla(path, report, document)
    if several:
        message = f"{quantity(several, 'record')} with several responses: the last one counts."
        report(Problem("second annotation", message, Place(str(path)), warning=True))


def opinions_argilla(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
    """What each user answered and each agent suggested, by name; what is no span question is counted."""
    others = 0

    def opinions(record: dict[str, Any], place: Place) -> Iterator[tuple[Place, Opinion]]:
        nonlocal others
        said, unread = _said(record)
        others += unread
        for by, spans in said.items():
            made, _ = own_form(_plain(record, [spans]), place, report)
            yield place, Opinion(from_record(made, str(place.row)), by)

    yield from _argilla(path, report, opinions)
    if others:
        answers = quantity(others, "suggestion or response", "suggestions or responses")
        message = f"{answers} without spans, or discarded: not read."
        report(Problem("not read", message, Place(str(path)), warning=True))


def _argilla(
    path: Path, report: Report, made_of: Callable[[dict[str, Any], Place], Iterator[Made]]
) -> Iterator[Made]:
    """What is made of each record of a file; an unusable record goes to ``report``."""
    for place, record in json_records(path, report, as_list, _AGAIN):
        try:
            if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
                said = "expected an object with fields, and responses or suggestions."
                raise BadRecordError("record", said)
            yield from made_of(record, place)
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint=_AGAIN))


def _said(record: dict[str, Any]) -> tuple[dict[str, list[Any]], int]:
    """Spans by who named them, and how many answers are no spans."""
    said: dict[str, list[Any]] = {}
    others = 0
    given = record.get("suggestions") or {}
    rows = given.values() if isinstance(given, dict) else given if isinstance(given, list) else []
    for row in (row for row in rows if isinstance(row, dict)):
        if _are_spans(row.get("value")):
            scores = row.get("score")
            spans = [
                {**span, "score": score} if score is not None and "score" not in span else span
                for span, score in zip_longest(row["value"], scores if isinstance(scores, list) else ())
                if span is not None
            ]
            said.setdefault(str(row.get("agent") or ""), []).extend(spans)
        else:
            others += 1
    for each in _responses(record):
        if _counts(each):
            said[str(each.get("username") or each.get("user_id") or "")] = each["value"]
        else:
            others += 1
    return said, others


def _are_spans(value: Any) -> bool:
    spans = shared.present(value)
    return spans is not None and all(isinstance(v, dict) and "start" in v for v in spans)


def _responses(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    responses = record.get("responses")
    for answers in responses.values() if isinstance(responses, dict) else ():
        yield from (each for each in answers if isinstance(each, dict)) if isinstance(answers, list) else ()
    for each in responses if isinstance(responses, list) else ():  # of Argilla 1: a response has all answers
        values = each.get("values") if isinstance(each, dict) else None
        said = [answer for answer in (values or {}).values() if isinstance(answer, dict)]
        yield from ({**each, "value": answer.get("value")} for answer in said)


def _counts(response: dict[str, Any]) -> bool:
    """Whether it was submitted, and holds spans."""
    return (response.get("status") or "submitted") == "submitted" and _are_spans(response.get("value"))


def _plain(record: dict[str, Any], spans: list[list[Any]]) -> dict[str, Any]:
    fields = record["fields"]
    texts = [name for name, value in fields.items() if isinstance(value, str)]
    if not texts:
        raise BadRecordError("text", "no field is a text.")
    name = "text" if "text" in texts else texts[0]
    meta = dict(mapping(record.get("metadata"), "metadata"))
    meta |= {f"field.{key}": value for key, value in fields.items() if key != name}
    if record.get("suggestions"):
        meta["suggestions"] = record["suggestions"]
    made: dict[str, Any] = {"text": fields[name], "meta": meta}
    if record.get("id") is not None:
        made["id"] = record["id"]
    return {**made, "entities": spans[-1]} if spans else made


ARGILLA = shared.Format(
    "argilla",
    (),
    read_argilla,
    shared.read_only,
    sniff=shared.begins("{", "[", holds=('"fields"',), one_of=('"responses"', '"suggestions"')),
    opinions=opinions_argilla,
)
