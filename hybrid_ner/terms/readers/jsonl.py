"""JSON Lines or a JSON array: one record a term, or the patterns of a spaCy ``EntityRuler``.

A record holds ``term`` (or ``text``, ``name``) and, if it likes, ``label``, ``concept_id`` (or ``id``),
``status``, ``mode``, ``source``, ``synonyms`` and ``parents``. A pattern holds ``label``, ``pattern`` and
``id``; a list of tokens is read where each token is one plain string under ``ORTH``, ``TEXT`` or ``LOWER``,
and all words are exact or none is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from hybrid_ner.terms.readers.base import Options, Reader, text_lines
from hybrid_ner.terms.readers.columns import NAMES, SEVERAL, Separators, give
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.readers.streams import json_items
from hybrid_ner.terms.term import Term

__all__ = ["READER"]

_JOINED = frozenset("-/'’.,:;")
_ARRAY = re.compile(r"\[")
NOT_PLAIN = "token pattern that is not plain text"


def _read(files: Files, options: Options, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    is_array = files.head(name).lstrip().startswith(b"[")
    records = _array(files, name, recorder) if is_array else _lines(files, name, recorder)
    first = list(islice(records, _JUDGED))
    written = [_cells(record) for _, record in first if isinstance(record, dict)]
    separators = {
        role: Separators.judged([(cells["term"], cells[role]) for cells in written if cells.get(role)])
        for role in SEVERAL
    }
    for role, found in separators.items():
        if found.mark != "|":
            note = f"{role} that are one string are separated by {found.mark!r}, as the first records show"
            recorder.report.notes.append(note)
    for row, record in chain(first, records):
        recorder.report.rows += 1
        if isinstance(record, str):
            record = {"term": record}
        if isinstance(record, dict):
            yield from _terms(record, row, recorder, separators)
        else:
            recorder.bad("not a JSON object", row, str(record)[:80], "Write one object a line.")


_JUDGED = 1_000
"""Records by which it is judged what separates the values of a string."""


def _cells(record: dict[str, Any]) -> dict[str, str]:
    """The term, and the roles of several values that are one string."""
    several = {role: value for role in SEVERAL if isinstance(value := _value(record, role), str)}
    return {"term": _text(record, "term"), **several}


def _lines(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, Any]]:
    for row, line in text_lines(files, name, recorder):
        if not line.strip():
            continue
        try:
            yield row, json.loads(line)
        except (ValueError, RecursionError) as error:
            recorder.report.rows += 1
            recorder.bad("not JSON", row, f"{error}: {line[:80]}")


def _array(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, Any]]:
    recorder.begin(files.shown(name), files.where(name))
    return json_items(files, name, _ARRAY)


def _terms(
    record: dict[str, Any], row: int, recorder: Recorder, separators: dict[str, Separators]
) -> Iterator[Term]:
    if "pattern" in record and not isinstance(record["pattern"], str):
        text, mode = _joined(record["pattern"])
        if not text:
            recorder.skip(NOT_PLAIN, row, json.dumps(record["pattern"], ensure_ascii=False))
            return
        record = {**record, "pattern": text, "mode": mode}
    values = {role: _text(record, role) for role in NAMES}
    values["term"] = values["term"] or str(record.get("pattern", ""))
    if not values["term"]:
        recorder.bad("no term", row, f"keys {sorted(record)}", "Give a term, text, name or pattern key.")
        return
    several = {role: _several(record, role, separators[role]) for role in SEVERAL}
    yield from give(values, several["synonyms"], several["parents"], row, recorder)


def _joined(pattern: Any) -> tuple[str, str]:
    """The text of a token pattern and its match mode; empty when it is no one string of one mode."""
    words: list[str] = []
    modes: set[str] = set()
    for token in pattern if isinstance(pattern, list) else [None]:
        if not isinstance(token, dict) or len(token) != 1:
            return "", ""
        ((attribute, value),) = token.items()
        if attribute.upper() not in ("ORTH", "TEXT", "LOWER") or not isinstance(value, str):
            return "", ""
        if value.lower() != value.upper():
            modes.add("folded" if attribute.upper() == "LOWER" else "case")
        words.append(value)
    if len(modes) > 1:
        return "", ""
    text = ""
    for word in words:
        tight = not text or word in _JOINED or text[-1] in "-/" or word.startswith(("'", "’"))
        text += word if tight else f" {word}"
    return text, next(iter(modes), "folded")


def _value(record: dict[str, Any], role: str) -> Any:
    for name in NAMES[role]:
        for key in (name, name.replace(" ", "_")):
            if record.get(key) not in (None, ""):
                return record[key]
    return ""


def _text(record: dict[str, Any], role: str) -> str:
    value = _value(record, role)
    return "" if isinstance(value, (list, dict)) else str(value)


def _several(record: dict[str, Any], role: str, separators: Separators) -> list[str]:
    value = _value(record, role)
    return (
        [str(v) for v in value] if isinstance(value, list) else separators.split(str(value)) if value else []
    )


def _sniff(name: str, head: bytes) -> bool:
    if name.endswith((".jsonl", ".ndjson")):
        return True
    return name.endswith(".json") and (head.lstrip().startswith(b"[") or b"}\n{" in head.replace(b"\r", b""))


READER = Reader(
    "jsonl",
    "JSON Lines or a JSON array, also spaCy EntityRuler patterns",
    _read,
    _sniff,
    own_labels=True,
    mode="folded",
    strict=True,
)
