"""JSON records of annotation tools: Prodigy, doccano, Argilla, Label Studio."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.jsonl import BadRecordError, as_list, from_record, json_records, own_form
from hybrid_ner.corpus.formats.records import Losses, mapping, objects, side_by_side
from hybrid_ner.corpus.formats.shared import Document, Entity, Located, Opinion
from hybrid_ner.io import Place, Problem, Report, parse_json, read_text
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
    "prodigy",
    (),
    read_prodigy,
    lambda path, documents, report: shared.write_objects(path, map(_task, documents)),
    sniff=sniff_prodigy,
    opinions=opinions_prodigy,
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


# Label Studio's JSON: a list of tasks with labeled regions (https://labelstud.io/guide/export).
#
# Label Studio runs in a browser, so its offsets count UTF-16 units. On reading, a region's own text tells
# which unit was used; files written by scripts often count code points.

_TASKS_FORM = 'Expected a list of tasks {"data": {"text": "…"}, "annotations": [{"result": […]}]}.'


def read_label_studio(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file; a task without annotations is unlabeled; of several that of ground truth
    counts, else the last one.

    Args:
        text_column: Key of the text in ``data``, where neither its name nor the regions tell it.
    """
    others = Counter[str]()
    for place, task, data, name in _tasks(path, report, text_column):
        for each in ("predictions", "drafts"):
            others[each[:-1]] += len(task.get(each) or ())
        done, cancelled, nulls = _annotations(task)
        others["null annotation"] += nulls
        others["cancelled annotation"] += cancelled
        others["other annotation"] += max(0, len(done) - 1)
        yield place, _document_label_studio(task, data, name, place, others)
    shared.not_read(others, path, report)


def _annotations(task: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int, int]:
    """Those that count, and how many were cancelled or are ``null``; before 1.0 they were called completions.

    One that is marked as ground truth stands last, as the one to be read. One whose result is ``null`` says
    nothing: not that there is no mention.
    """
    listed = task.get("annotations") or task.get("completions") or []
    given = [each for each in listed if isinstance(each, dict)]
    filled = [each for each in given if each.get("result", ()) is not None]
    done = [each for each in filled if not each.get("was_cancelled")]
    done.sort(key=lambda each: bool(each.get("ground_truth")))
    return done, len(filled) - len(done), len(given) - len(filled)


def opinions_label_studio(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
    """What each model predicted and each person annotated, by name; cancelled annotations are counted."""
    others = Counter[str]()
    for place, task, data, name in _tasks(path, report):
        predicted = [each for each in task.get("predictions") or [] if isinstance(each, dict)]
        said = [(str(each.get("model_version") or each.get("model") or ""), each) for each in predicted]
        done, cancelled, _ = _annotations(task)
        others["cancelled annotation"] += cancelled
        said += ((_person(each.get("completed_by")), each) for each in done)
        if "annotator" in task and not isinstance(task.get("data"), dict):  # the short export
            said.append((_person(task["annotator"]), {"result": _regions(task)}))
        for by, each in said:
            alone = {"data": task.get("data", data), "annotations": [each]}
            found = _document_label_studio({**alone, "id": task.get("id")}, data, name, place, others)
            yield place, Opinion(_scored(found, each.get("score")), by)
    shared.not_read(others, path, report)


def _person(said: Any) -> str:
    """A name, an e-mail address, or the number of a user."""
    if isinstance(said, dict):
        named = " ".join(filter(None, (str(said.get("first_name") or ""), str(said.get("last_name") or ""))))
        said = said.get("username") or said.get("email") or named or said.get("id")
    if isinstance(said, int) and not isinstance(said, bool):
        return f"user {said}"
    return str(said or "")


def _scored(document: Document, score: Any) -> Document:
    """A prediction's own score, where its regions have none."""
    if not isinstance(score, (int, float)) or not 0 <= score <= 1 or isinstance(score, bool):
        return document
    entities = (replace(e, attrs={"score": float(score), **e.attrs}) for e in document.entities or ())
    return replace(document, entities=tuple(entities))


def _tasks(
    path: Path, report: Report, text_column: str = ""
) -> Iterator[tuple[Place, dict[str, Any], dict[str, Any], str]]:
    """Each task, what was imported with it, and which value of that is the text."""
    if (text := read_text(path, report)) is None:
        return
    try:
        tasks = parse_json(text)
    except (ValueError, RecursionError) as error:
        try:
            tasks = [parse_json(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            report(Problem("json", f"broken JSON: {error}.", Place(str(path)), hint=_TASKS_FORM))
            return
    tasks = tasks if isinstance(tasks, list) else [tasks]
    shared.not_read(Counter({shared.NULL_RECORD: tasks.count(None)}), path, report)
    given = ((row, task) for row, task in enumerate(tasks, 1) if task is not None)
    rows = [(row, task) for row, task in given if _is_sound(task, row, path, report)]
    usual = text_column or _annotated([task for _, task in rows])
    for row, task in rows:
        place = Place(str(path), row)
        data = _data(task)
        name = usual if isinstance(data.get(usual), str) else None if text_column else _text_name(data)
        if name is None:
            keys = ", ".join(repr(key) for key, value in data.items() if isinstance(value, str))
            said = f" One of {keys} is the text? Name it (--text-column)." if keys else ""
            if turns := next((key for key, value in data.items() if isinstance(value, list) and value), ""):
                said = (
                    said or f" {turns!r} holds a text in parts (a dialogue): write each as a task of its own."
                )
            report(Problem("task", f"expected a task with data.text.{said}", place, hint=_TASKS_FORM))
            continue
        yield place, task, data, name


def _is_sound(task: Any, row: int, path: Path, report: Report) -> bool:
    """Whether what a task holds has the form of annotations; what has not goes to ``report``."""
    try:
        for name in _LISTS if isinstance(task, dict) else ():
            listed = task.get(name) or None
            if isinstance(listed, list) and name in ("predictions", "drafts"):  # exports may give ids alone
                listed = [each for each in listed if type(each) is not int]
            for each in objects(listed, name):
                for region in objects(each.get("result") or None, "result"):
                    mapping(region.get("value"), "value")
    except BadRecordError as error:
        report(Problem(error.kind, str(error), Place(str(path), row), hint=_TASKS_FORM))
        return False
    return True


_LISTS = ("annotations", "completions", "predictions", "drafts")


def sniff_label_studio(name: str, head: str) -> bool:
    """Whether it begins as a list of tasks, or one task, in the full or the short export."""
    if not _TASKS.match(head):
        return False
    full = any(f'"{key}"' in head for key in ("annotations", "completions", "predictions", "file_upload"))
    return (full and bool(_DATA.search(head))) or '"annotation_id"' in head


_TASKS = re.compile(r"\s*(?:\[\s*(?:null\s*,\s*)*)?\{")
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


def _annotated(tasks: Sequence[Any]) -> str:
    """The key under which regions have the text that they say; empty where none or several fit best."""
    fits = Counter[str]()
    for task in tasks:
        data = _data(task)
        names = [name for name, value in data.items() if isinstance(value, str)]
        for region in (_regions(task) or [])[:_JUDGED] if len(names) > 1 else ():
            value: Any = region.get("value")
            for name in names if isinstance(value, dict) and value.get("text") else ():
                start, end = _offsets(data[name], shared.points_of_units(data[name]), value)
                fits[name] += data[name][start:end] == value["text"]
    best = fits.most_common(2)
    is_told = best and best[0][1] and (len(best) == 1 or best[0][1] > best[1][1])
    return best[0][0] if is_told else ""


_JUDGED = 20
"""Regions of a task by which it is told what they lie in."""


def _text_name(data: Mapping[str, Any]) -> str | None:
    """Which value is the text: the one of that name, else the only one."""
    texts = [name for name, value in data.items() if isinstance(value, str) and name != "id"]
    return "text" if "text" in texts else texts[0] if len(texts) == 1 else None


def _is_regions(value: Any) -> bool:
    first = next(iter(shared.present(value) or ()), None)
    return isinstance(first, dict) and "start" in first and "end" in first


def _document_label_studio(
    task: Mapping[str, Any], data: Mapping[str, Any], name: str, place: Place, others: Counter[str]
) -> Document:
    """The document; regions that hold no label are counted among ``others``."""
    doc_id = str(data.get("id", task.get("id", place.row)))
    known = {key: value for key, value in data.items() if key not in (name, "id")}
    regions = _regions(task)
    if regions is None:
        return Document(doc_id, data[name], None, known)
    text, points = data[name], shared.points_of_units(data[name])
    entities = []
    for region in regions:
        value = region.get("value") or {}
        labels = next((found for kind in _KINDS if (found := shared.present(value.get(kind)))), ())
        if region.get("type") not in (*_KINDS, None) or not labels:
            kind = region.get("type")
            others["relation" if kind == "relation" else f"region of type {kind} without a label"] += 1
            continue
        start, end = _offsets(text, points, value)
        attrs: dict[str, Any] = {"text": value["text"]} if isinstance(value.get("text"), str) else {}
        if isinstance(region.get("score"), (int, float)):
            attrs["score"] = region["score"]
        entities += [Entity(start, end, str(label), attrs=attrs) for label in labels]
    return Document(doc_id, text, tuple(entities), known)


_KINDS = ("labels", "hypertextlabels")


def _regions(task: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The regions of the last annotation that counts; ``None`` when there is no annotation."""
    if isinstance(task.get("data"), dict):
        done, *_ = _annotations(task)
        found = done[-1].get("result") or [] if done else None
    else:
        short = [value for value in task.values() if _is_regions(value)]
        regions = [{"value": value} for values in short for value in values]  # a list for each label set
        found = regions if short or "annotator" in task else None
    return None if found is None else [region for region in found if isinstance(region, dict)]


def _offsets(text: str, points: Callable[[int], int], value: Mapping[str, Any]) -> tuple[int, int]:
    # In HTML start and end are paths; beside them stand offsets in what a browser shows of it.
    place = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    start, end = (shared.integer((place or {}).get(edge)) for edge in ("start", "end"))
    said = value.get("text")
    if place is not value and 0 <= start < end <= len(shown := _shown(text)):
        where = shown[start][0], shown[end - 1][1]
        if not isinstance(said, str) or text[slice(*where)] == said:
            return where
    if isinstance(said, str) and text[points(start) : points(end)] != said and text[start:end] == said:
        return start, end
    return points(start), points(end)


@lru_cache(maxsize=2)
def _shown(text: str) -> list[tuple[int, int]]:
    """Where each UTF-16 unit stands that a browser shows of HTML: none for tags, one for ``&amp;``."""
    places = (found.span() for found in _PIECE.finditer(text) if not found[1])
    return [place for place in places for _ in range(2 if text[place[0]] > "\uffff" else 1)]


_PIECE = re.compile(r"(</?[A-Za-z!][^<>]*>)|&#?\w+;|.", re.DOTALL)


def write_label_studio(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write tasks ready to import, whole or not at all; the number of documents."""
    lost = Losses(path, report, concepts=True, meta=False)
    return shared.write_array(path, map(_task_label_studio, lost.noting(documents)))


def _task_label_studio(document: Document) -> dict[str, Any]:
    data = side_by_side({"text": document.text, "id": document.doc_id}, document.meta)
    if document.entities is None:
        return {"data": data}
    units = shared.units_of_points(document.text)
    kind = {"from_name": "label", "to_name": "text", "type": "labels"}
    result = []
    for number, e in enumerate(document.entities, 1):
        said = {"text": document.text[e.start : e.end], "labels": [e.label]}
        value = {"start": units(e.start), "end": units(e.end), **said}
        result.append({"id": f"{number}", **kind, "value": value})
    return {"data": data, "annotations": [{"result": result}]}


LABEL_STUDIO = shared.Format(
    "label-studio",
    (),
    read_label_studio,
    write_label_studio,
    sniff=sniff_label_studio,
    opinions=opinions_label_studio,
    text_column=True,
)
