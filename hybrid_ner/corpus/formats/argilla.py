"""Argilla's records of span questions, as ``to_json`` writes them (https://docs.argilla.io).

The last submitted response counts; suggestions alone leave a text unlabeled and stay meta data. Records of
version 1 (``annotation``: label, start, end) are read as JSON Lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Located, Opinion
from hybrid_ner.corpus.formats.jsonl import BadRecordError, from_record, json_records
from hybrid_ner.corpus.formats.records import own_form
from hybrid_ner.io import Place, Problem, Report
from hybrid_ner.text import quantity


def sniff(name: str, head: str) -> bool:
    """Whether records have fields and responses."""
    start = head.lstrip()[:1] in ("{", "[")
    return start and '"fields"' in head and ('"responses"' in head or '"suggestions"' in head)


def read(path: Path, report: Report) -> Iterator[Located]:
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


def opinions(path: Path, report: Report) -> Iterator[tuple[Place, Opinion]]:
    """What each user answered and each agent suggested, by name; what is no span question is counted."""
    others = 0
    for row, parse in json_records(path, report, _listed):
        place = Place(str(path), row)
        try:
            record = parse()
            if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
                raise BadRecordError("record", "expected an object with fields and suggestions.")
            said, unread = _said(record)
            others += unread
            for by, spans in said.items():
                made, _ = own_form(_plain(record, [spans]), place, report)
                yield place, Opinion(from_record(made, str(row)), by)
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint="Export the records as JSON again."))
    if others:
        answers = quantity(others, "suggestion or response", "suggestions or responses")
        message = f"{answers} without spans, or discarded: not read."
        report(Problem("not read", message, Place(str(path)), warning=True))


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
    responses = record.get("responses")
    for answers in responses.values() if isinstance(responses, dict) else ():
        for each in (a for a in answers if isinstance(a, dict)) if isinstance(answers, list) else ():
            value: Any = each.get("value")
            if each.get("status", "submitted") == "submitted" and _are_spans(value):
                said[str(each.get("username") or each.get("user_id") or "")] = value
            else:
                others += 1
    return said, others


def _are_spans(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict) and "start" in v for v in value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _responses(record: dict[str, Any]) -> list[list[Any]]:
    """The spans of each submitted response."""
    found: list[list[Any]] = []
    responses = record.get("responses")
    for answers in responses.values() if isinstance(responses, dict) else ():
        for each in answers if isinstance(answers, list) else ():
            if isinstance(each, dict) and each.get("status", "submitted") == "submitted":
                value: Any = each.get("value")
                if _are_spans(value):
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
