"""Label Studio's JSON: a list of tasks with labeled regions (https://labelstud.io/guide/export).

Label Studio runs in a browser, so its offsets count UTF-16 units. On reading, a region's own text tells
which unit was used; files written by scripts often count code points.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.records import BadRecordError, Losses, mapping, objects, side_by_side
from hybrid_ner.corpus.formats.shared import Document, Entity, Located, Opinion
from hybrid_ner.io import Place, Problem, Report, parse_json, read_text

_FORM = 'Expected a list of tasks {"data": {"text": "…"}, "annotations": [{"result": […]}]}.'


def read(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
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
        yield place, _document(task, data, name, place, others)
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


def opinions(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
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
            found = _document({**alone, "id": task.get("id")}, data, name, place, others)
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
            report(Problem("json", f"broken JSON: {error}.", Place(str(path)), hint=_FORM))
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
            report(Problem("task", f"expected a task with data.text.{said}", place, hint=_FORM))
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
        report(Problem(error.kind, str(error), Place(str(path), row), hint=_FORM))
        return False
    return True


_LISTS = ("annotations", "completions", "predictions", "drafts")


def sniff(name: str, head: str) -> bool:
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


def _document(
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


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write tasks ready to import, whole or not at all; the number of documents."""
    lost = Losses(path, report, concepts=True, meta=False)
    return shared.write_array(path, map(_task, lost.noting(documents)))


def _task(document: Document) -> dict[str, Any]:
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


FORMAT = shared.Format("label-studio", (), read, write, sniff=sniff, opinions=opinions, text_column=True)
