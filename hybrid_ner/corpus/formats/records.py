"""A record as other tools write it, in the form of this package: text, entities in code points, the rest.

Known are spans as objects (``start``/``end``, ``start_offset``/``end_offset``, ``begin``/``end`` …) or as
triples, under any of the keys in ``SPANS``; words with a tag each (``tokens``, ``ner_tags``); pairs of a text
and its annotations, as spaCy 2 was trained on; and the tokens of GLiNER with spans that count tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hybrid_ner.corpus.formats.tokens import tagged
from hybrid_ner.io import Place, Problem, Report

TEXTS = ("text", "data", "content", "sentence", "document", "body", "note", "raw_text", "abstract")
SPANS = ("entities", "ents", "spans", "label", "labels", "annotations", "annotation", "mentions", "ner")
"""Keys under which tools keep spans, the first that holds any counts."""
TOKENS = ("tokens", "words", "tokenized_text")
TAGS = ("ner_tags", "tags", "labels", "ner", "ner_labels", "bio_tags", "iob_tags")

_EMPTY_TOO = frozenset({"entities", "ents", "spans", "label"})
"""Keys whose empty list says that somebody looked and found none; under the others it may be anything."""
_START = (
    "start",
    "start_offset",
    "start_char",
    "begin",
    "startOffset",
    "char_start",
    "start_index",
    "offset",
)
_END = ("end", "end_offset", "end_char", "stop", "endOffset", "char_end", "end_index")
_LABEL = ("label", "type", "entity_type", "entity", "tag", "category", "entity_group", "class", "labels")
_SAID = ("text", "surface", "mention", "word")
_CONCEPT = ("concept_id", "kb_id")


def is_record(value: Any) -> bool:
    """Whether a JSON value is a document, in the form of this package or of another tool."""
    if isinstance(value, list):
        return len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)
    return isinstance(value, dict) and (
        any(isinstance(value.get(name), str) for name in TEXTS) or _words(value) is not None
    )


def record_list(value: Any) -> list[Any] | None:
    """The records of a whole JSON file: an array, or the one array of documents in an object."""
    if isinstance(value, dict) and not is_record(value):
        lists = [v for v in value.values() if isinstance(v, list) and v and is_record(v[0])]
        return lists[0] if len(lists) == 1 else None
    return value if isinstance(value, list) and not is_record(value) else [value]


def own_form(record: Any, place: Place, report: Report) -> tuple[Any, tuple[str, ...]]:
    """The record with ``text`` and ``entities``, and the keys of further annotations that stay meta data.

    Args:
        report: Told about annotations that cannot be read.
    """
    if isinstance(record, list) and is_record(record):
        record = {"text": record[0], **record[1]}
    if not isinstance(record, dict):
        return record, ()
    record = dict(record)
    if not isinstance(record.get("text"), str):
        if (words := _words(record)) is not None:
            return _from_tokens(record, words, place, report), ()
        name = next((name for name in TEXTS if isinstance(record.get(name), str)), None)
        if name is not None and record.get("text") is None:
            record["text"] = record.pop(name)
    found = [name for name in SPANS if _holds_spans(record.get(name), name)]
    if not found:
        words = _words(record)
        if words is not None and _tags(record, words) is not None and isinstance(record.get("text"), str):
            return _from_tokens(record, words, place, report), ()
        return record, ()
    text = record["text"] if isinstance(record.get("text"), str) else ""
    raw = record.pop(found[0])
    record["entities"] = [each for one in raw for each in _entities(one, text, found[0], place, report)]
    return record, tuple(name for name in found[1:] if record[name])


def _holds_spans(value: Any, name: str) -> bool:
    if not isinstance(value, list):
        return False
    return any(map(_is_span, value)) if value else name in _EMPTY_TOO


def _is_span(value: Any) -> bool:
    if isinstance(value, dict):
        return _place(value) is not None
    return isinstance(value, list) and len(value) >= 3 and sum(type(v) is int for v in value[:3]) == 2


def _place(span: Mapping[str, Any]) -> tuple[int, int] | None:
    """Where a span object says that it is."""
    inner = span.get("points") or span.get("span") or span.get("offsets")
    while isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if isinstance(inner, dict):
        return _place(inner)
    if isinstance(inner, list) and len(inner) == 2 and all(type(v) is int for v in inner):
        return inner[0], inner[1]
    start = next((span[name] for name in _START if type(span.get(name)) is int), None)
    end = next((span[name] for name in _END if type(span.get(name)) is int), None)
    if start is not None and end is None and type(span.get("length")) is int:
        end = start + span["length"]
    return None if start is None or end is None else (start, end)


def _entities(raw: Any, text: str, key: str, place: Place, report: Report) -> Iterator[Any]:
    """One annotation in the form of this package, with each of its labels."""
    if isinstance(raw, list) and _is_span(raw):
        numbers = [v for v in raw[:3] if type(v) is int]
        label = next(v for v in raw[:3] if type(v) is not int)
        yield {"start": numbers[0], "end": numbers[1], "label": label}
        return
    if not isinstance(raw, dict) or (where := _place(raw)) is None:
        if key == "entities":
            yield raw
            return
        report(Problem("annotation", f"{key} holds {str(raw)[:60]!r}, which is no span.", place))
        return
    if type(raw.get("start")) is int and type(raw.get("end")) is int and isinstance(raw.get("label"), str):
        yield raw
        return
    labels = next(
        (raw[name] for name in _LABEL if isinstance(raw.get(name), (str, list)) and raw[name]), None
    )
    if labels is None:
        said = next((raw[name] for name in _LABEL if raw.get(name) is not None), None)
        if said is None and key == "entities":
            yield raw  # in our own form, with a mistake that its reader names
            return
        named = f"a label that is the number {said}, which the file does not name"
        what, hint = "no label" if said is None else named, "Export with the texts of labels."
        report(Problem("annotation", f"a span of {key} at {where} has {what}.", place, hint=hint))
        return
    for label in labels if isinstance(labels, list) else [labels]:
        yield _spelled(raw, where, str(label), text)


_USED = frozenset({*_START, *_END, *_LABEL, *_SAID, *_CONCEPT, "points", "span", "offsets", "length"})


def _spelled(raw: Mapping[str, Any], where: tuple[int, int], label: str, text: str) -> dict[str, Any]:
    start, end = where
    points = raw.get("points")
    inner = points[0] if isinstance(points, list) and points and isinstance(points[0], dict) else raw
    said = next((inner[name] for name in _SAID if isinstance(inner.get(name), str)), None)
    if said is not None and said != text[start:end] and said == text[start : end + 1]:
        end += 1  # some tools count the last character as a part of the span
    made: dict[str, Any] = {"start": start, "end": end, "label": label}
    if concept := next((raw[name] for name in _CONCEPT if raw.get(name)), None):
        made["concept_id"] = concept
    if said is not None:
        made["text"] = said
    return {**{key: value for key, value in raw.items() if key not in _USED}, **made}


def _words(record: Mapping[str, Any]) -> list[str] | None:
    for name in TOKENS:
        value = record.get(name)
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return value
    return None


def _tags(record: Mapping[str, Any], words: Sequence[str]) -> str | None:
    """Key of a tag for each word."""
    for name in TAGS:
        value = record.get(name)
        if isinstance(value, list) and len(value) == len(words) and all(type(v) in (str, int) for v in value):
            return name
    return None


def _from_tokens(record: dict[str, Any], words: list[str], place: Place, report: Report) -> dict[str, Any]:
    text = record.get("text")
    name = _tags(record, words)
    rest = {key: value for key, value in record.items() if value is not words and key not in ("text", name)}
    counted = rest.get("ner")
    if name is None and isinstance(counted, list) and all(map(_is_span, counted)):
        del rest["ner"]
        return {**rest, "text": " ".join(words), "entities": list(_by_token(words, counted))}
    tags = record[name] if name is not None else ["O"] * len(words)
    if any(type(tag) is int for tag in tags):
        if any(tags):
            hint = "Give tags such as B-Disease, or the Parquet files, which name them."
            report(
                Problem("annotation", f"{name} holds numbers that the file does not name.", place, hint=hint)
            )
            name = None
        tags = ["O"] * len(words)
    made = tagged(words, tags, text if isinstance(text, str) else None, place, report)
    if made is None:
        return {**rest, "text": text if isinstance(text, str) else " ".join(words)}
    found = [{"start": e.start, "end": e.end, "label": e.label} for e in made.entities or ()]
    return {**rest, "text": made.text, **({"entities": found} if name is not None else {})}


def _by_token(words: Sequence[str], spans: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Spans that count tokens, the last one included."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    for first, last, label, *_ in spans:
        if 0 <= first <= last < len(words):
            yield {"start": starts[first], "end": starts[last] + len(words[last]), "label": str(label)}
        else:
            yield {"start": -1, "end": -1, "label": str(label)}
