"""JSON Lines, plain or gzip: one record a line; or a JSON array of records.

Annotations as other tools write them are read too: a file need not say who wrote it. Known are spans as
objects (``start``/``end``, ``start_offset``/``end_offset``, ``begin``/``end`` …) or as triples, under any of
the keys in ``SPANS``; words with a tag each (``tokens``, ``ner_tags``); pairs of a text and its annotations,
as spaCy 2 was trained on; and the tokens of GLiNER with spans that count tokens.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.formats import records, shared
from hybrid_ner.corpus.formats.records import BadRecordError as BadRecordError
from hybrid_ner.corpus.formats.records import with_text as with_text
from hybrid_ner.corpus.formats.shared import Document, Entity, Format, Located, StrayTags, present, write_each
from hybrid_ner.corpus.formats.tokens import tagged
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report, parse_json, read_rows, read_text
from hybrid_ner.text import quantity

_FORM = 'A record is {"id": "…", "text": "…", "entities": [{"start": 0, "end": 4, "label": "…"}]}.'


def read(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file; a record without an id is named by its row number."""
    beside, unknown, names, stray = Counter[str](), Counter[str](), Counter[str](), StrayTags()
    for place, found in json_records(path, report, record_list, _FORM):
        try:
            record, more = own_form(with_text(found, text_column), place, report, stray)
            beside.update(more)
            document = from_record(record, _name(record, place.row, names))
            unknown.update(records.annotated(document.meta) if document.entities is None else ())
            yield place, document
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint=_FORM))
    stray.tell(report)
    records.tell_annotated(unknown, path, report, _FORM)
    if again := next((name for name, count in names.items() if count > 1), ""):
        said = f"several records have the id {again!r}: later ones of an id have their row behind it."
        report(Problem("ids", said, Place(str(path)), warning=True))
    for key, count in beside.items():
        said = f"{quantity(count, 'record')} with spans under {key!r} too: these are kept as meta data."
        report(Problem("second annotation", said, Place(str(path)), warning=True))


_NAMES = (
    *("doc_id", "docid", "document_id", "_id", "note_id", "report_id"),
    *("example_id", "documentName"),  # of LightTag, of UBIAI
)
"""What else the id of a record is called; it stays among the meta data."""


def _name(record: Any, row: int | None, names: Counter[str]) -> str:
    """The id of a record that has none under ``id``; one that came before gets the row behind it.

    Args:
        names: Ids so far, with how often each came.
    """
    given = record if isinstance(record, dict) and record.get("id") is None else {}
    found = (given[key] for key in _NAMES if type(given.get(key)) in (str, int) and given[key] != "")
    if not (name := str(next(found, ""))):
        return str(row)
    names[name] += 1
    return name if names[name] == 1 else f"{name} {row}"


def json_records(
    path: Path, report: Report, listed: Callable[[Any], list[Any] | None], hint: str = ""
) -> Iterator[tuple[Place, Any]]:
    """Each record of a file of JSON Lines or of one JSON value; a line that is no JSON goes to ``report``.

    Records that are ``null`` are counted: some tools keep the place of a text that nobody has annotated. A
    line may hold several: {"patient": 7, "notes": [{"text": "…"}, {"text": "…"}]}.

    Args:
        listed: The records of a whole value; ``None`` where it holds none.
    """
    whole, nulls, beside = _whole(path, listed), 0, Counter[str]()
    for row, given in read_rows(path, report) if whole is None else enumerate(whole, start=1):
        place = Place(str(path), row)
        if whole is None and not given.strip():
            continue
        try:
            # Files that were put together may each begin with the mark of UTF-8.
            record = parse_json(given.removeprefix("\ufeff")) if whole is None else given
        except (ValueError, RecursionError) as error:
            report(Problem("json", f"broken JSON: {error}.", place, hint=hint))
            continue
        nulls += record is None
        if record is not None:
            held = _of_line(record, row, listed, beside) if whole is None else [record]
            yield from ((place, each) for each in held)
    shared.not_read(Counter({shared.NULL_RECORD: nulls}) + beside, path, report)


def _of_line(
    value: Any, row: int, listed: Callable[[Any], list[Any] | None], beside: Counter[str]
) -> list[Any]:
    """The records of one line of several, each with a name of its own and what the line says of all.

    Args:
        beside: Counts lists and objects beside the records.
    """
    found = listed(value) if isinstance(value, dict) else None
    if found is None or found == [value]:
        return [value]
    others = (
        key for key, said in value.items() if isinstance(said, (list, dict)) and said and said is not found
    )
    by_id = all(isinstance(each, dict) for each in value.values())  # {"d1": {"text": "…"}, …}
    beside.update([] if by_id else [f"value of {key!r} beside documents" for key in others])
    about = {key: said for key, said in value.items() if not isinstance(said, (list, dict))}
    about |= {"record.id": about.pop("id")} if "id" in about else {}
    named = ({"id": f"{row}.{number}"} for number in range(1, len(found) + 1))
    return [
        {**about, **name, **each} if isinstance(each, dict) else each
        for name, each in zip(named, found, strict=True)
        if each is not None
    ]


def as_list(value: Any) -> list[Any]:
    """The items of an array, or the one value."""
    return value if isinstance(value, list) else [value]


def _whole(path: Path, listed: Callable[[Any], list[Any] | None]) -> list[Any] | None:
    """The records of a file that is one JSON value; ``None`` where each line is one."""
    # What is wrong with the bytes is said when the lines are read.
    lines = (line for _, line in read_rows(path, lambda problem: None) if line.strip())
    first = next(lines, "").strip()
    if first[:1] not in ("[", "{"):
        return None
    try:
        found = parse_json(first)
    except (ValueError, RecursionError) as error:
        if not isinstance(error, json.JSONDecodeError):
            return None  # line by line it is said where it is broken
    else:
        if not isinstance(found, list) or is_record(found):
            held = listed(found)
            return None if held == [found] or next(lines, "") else held
    try:
        return listed(parse_json(read_text(path, lambda problem: None) or ""))
    except (json.JSONDecodeError, RecursionError):
        return None
    except ValueError as error:  # a value over several lines that is whole, and says one thing twice
        raise CorpusError(f"broken JSON: {error}.", path=path, hint=_FORM) from error


def sniff(name: str, head: str) -> bool:
    """Whether the first line is a document in JSON, or the file an array of them."""
    first = head.lstrip().partition("\n")[0]
    try:
        found = parse_json(first)
    except (ValueError, RecursionError):
        return name.endswith(".json") and bool(_ARRAY.match(head) or _OBJECT.match(head))
    held = present(record_list(found))
    if not held:
        return False
    inner = held[0].values() if isinstance(held[0], dict) else ()
    within = any(map(is_record, inner))  # {"_source": {"text": …}}
    return is_record(held[0]) or (within and name.endswith((".json", ".jsonl", ".ndjson")))


_ARRAY = re.compile(
    r"\s*(?:\{(?:[^\[]{0,2000}\[[^\[\]{}]{0,5000}\])?[^\[]{0,2000})?\[\s*(?:null\s*,\s*){0,999}(?:\{|\[\s*\")"
)
"""A file that is an array of records, or has one behind another of names: ``{"classes": ["DRUG"], …``."""
_OBJECT = re.compile(r'\s*\{(?:\s*"[^"]{1,200}"\s*:\s*\{)?(?:[^{}]{0,2000},)?\s*"text"\s*:\s*"')
"""A file that is one record, or records under their ids: ``{"d1": {"text": "…"}, …``."""


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    def line(document: Document) -> tuple[str, ...]:
        try:
            return json.dumps(to_record(document), ensure_ascii=False, allow_nan=False), "\n"
        except (TypeError, ValueError) as error:
            problem = f"document {document.doc_id!r} holds a value that JSON cannot hold ({error})."
            hint = "Give plain strings, numbers, lists and dicts as meta data and attributes."
            raise CorpusError(problem, path=path, hint=hint) from error

    return write_each(path, documents, line)


def from_record(record: Any, name: str = "") -> Document:
    """A document from its record.

    Args:
        name: The document's id when the record has none.
    """
    if not isinstance(record, dict):
        raise BadRecordError("record", f"expected an object, found {_kind(record)}.")
    rest = dict(record)
    doc_id, text, entities, meta = (rest.pop(key, None) for key in ("id", "text", "entities", "meta"))
    doc_id = name if doc_id is None else doc_id
    if isinstance(doc_id, bool) or not isinstance(doc_id, str | int) or doc_id == "":
        raise BadRecordError("id", f"expected a string as id, found {_kind(doc_id)}.")
    if not isinstance(text, str):
        texts = {key: value for key, value in rest.items() if isinstance(value, str | dict)}
        others = ", ".join(map(repr, chain.from_iterable(records.inner_keys(texts))))
        said = (
            f" One of {others} is the text? Name it (--text-column)."
            if others and "text" not in record
            else ""
        )
        if {"File", "Line"} <= rest.keys():
            said = " It is a result of Amazon Comprehend: add the line that it names, as Text."
        if "resourceType" in rest:
            said = f" It is a {rest['resourceType']} of FHIR, which the format fhir reads."
        raise BadRecordError("text", f"expected a string as text, found {_kind(text)}.{said}")
    if entities is not None and not isinstance(entities, list):
        raise BadRecordError("entities", f"expected a list of entities, found {_kind(entities)}.")
    found = None if entities is None else tuple(map(_entity, entities))
    if meta is not None and not isinstance(meta, dict):
        raise BadRecordError("meta", f"expected an object as meta, found {_kind(meta)}.")
    known = dict(meta or {})
    for key, value in rest.items():  # beside the meta values, so that none is lost
        known[key if key not in known else f"record.{key}"] = value
    return Document(str(doc_id), text, found, known)


def _entity(raw: Any) -> Entity:
    if not isinstance(raw, dict):
        raise BadRecordError("entity", f"expected an object as entity, found {_kind(raw)}.")
    rest = dict(raw)
    start, end, label = (rest.pop(key, None) for key in ("start", "end", "label"))
    for name, offset in (("start", start), ("end", end)):
        if type(offset) is not int:
            raise BadRecordError("offsets", f"expected an integer as {name}, found {_kind(offset)}.")
    if not isinstance(label, str):
        raise BadRecordError("label", f"expected a string as label, found {_kind(label)}.")
    concepts = as_list(rest.pop("concept_id", None) or "")
    return Entity(start, end, label, "|".join(map(str, concepts)), rest)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {records.shown(value)}"


def to_record(document: Document) -> dict[str, Any]:
    """The record of a document, ready for JSON."""
    record: dict[str, Any] = {"id": document.doc_id, "text": document.text}
    if document.entities is not None:
        record["entities"] = [_entity_record(entity) for entity in document.entities]
    if document.meta:
        record["meta"] = dict(document.meta)
    return record


def _entity_record(entity: Entity) -> dict[str, Any]:
    concept = {"concept_id": entity.concept_id} if entity.concept_id else {}
    own = {"start": entity.start, "end": entity.end, "label": entity.label, **concept}
    return records.side_by_side(own, entity.attrs, ("concept_id",))


# A record as other tools write it, in the form of this package: text, entities in code points, the rest.

TEXTS = (
    *("text", "data", "content", "sentence", "document", "body", "note", "raw_text", "abstract"),
    *(*records.NOTES, "plain_text"),
)
SPANS = ("entities", "ents", "spans", "label", "labels", "annotations", "annotation", "mentions", "ner")
"""Keys under which tools keep spans, the first that holds any counts."""
TOKENS = ("tokens", "words", "tokenized_text")
TAGS = ("ner_tags", "tags", "labels", "ner", "ner_labels", "bio_tags", "iob_tags")

_OF_TAGS = {str, int, type(None)}
_EMPTY_TOO = frozenset({"entities", "ents", "spans", "label"})
"""Keys whose empty list says that somebody looked and found none; under the others it may be anything."""
_START = (
    *("start", "start_offset", "start_char", "begin", "startOffset", "char_start", "start_index", "offset"),
    *("BeginOffset", "from"),
)
_END = (*("end", "end_offset", "end_char", "stop", "endOffset", "char_end", "end_index", "EndOffset", "to"),)
_LABEL = (
    *("label", "type", "entity_type", "entity", "tag", "category", "entity_group", "class", "labels"),
    *("Category", "Type"),
)
_SAID = ("text", "surface", "mention", "word")
_CONCEPT = ("concept_id", "kb_id")


def is_record(value: Any) -> bool:
    """Whether a JSON value is a document, in the form of this package or of another tool."""
    if isinstance(value, dict):
        return any(isinstance(value.get(name), str) for name in TEXTS) or _words(value) is not None
    return isinstance(value, list) and [*map(type, value)] in ([str, dict], [str, type(None)])


def record_list(value: Any) -> list[Any] | None:
    """The records of a whole JSON file: an array, or the one array of documents in an object."""
    if isinstance(value, dict) and not is_record(value):
        if value and all(isinstance(each, dict) and is_record(each) for each in value.values()):
            return [{"id": name, **each} for name, each in value.items()]
        lists = [v for v in value.values() if isinstance(v, list) and any(map(is_record, present(v)[:1]))]
        return lists[0] if len(lists) == 1 else None
    return value if isinstance(value, list) and not is_record(value) else [value]


def own_form(
    record: Any, place: Place, report: Report, stray: StrayTags | None = None
) -> tuple[Any, tuple[str, ...]]:
    """The record with ``text`` and ``entities``, and the keys of further annotations that stay meta data.

    Args:
        stray: Told about the tags of words, where records may have some.
    """
    if isinstance(record, list) and is_record(record):
        record = {"text": record[0], **(record[1] or {})}
    if not isinstance(record, dict):
        return record, ()
    record = records.usual_keys(record)
    if not isinstance(record.get("text"), str):
        if (words := _words(record)) is not None:
            return _from_tokens(record, words, place, report, stray), ()
        name = next((name for name in TEXTS if isinstance(record.get(name), str)), None)
        if name is not None and record.get("text") is None:
            record["text"] = record.pop(name)
    lists = {name: present(value) for name in SPANS if isinstance(value := record.get(name), list)}
    found = [n for n, held in lists.items() if any(map(_is_span, held)) or (n in _EMPTY_TOO and not held)]
    if not found:
        words = _words(record)
        if words is not None and _tags(record, words) is not None and isinstance(record.get("text"), str):
            return _from_tokens(record, words, place, report, stray), ()
        return record, ()
    text = record["text"] if isinstance(record.get("text"), str) else ""
    raw = present(record.pop(found[0]))
    record["entities"] = [each for one in raw for each in _entities(one, text, found[0], place, report)]
    return record, tuple(name for name in found[1:] if record[name])


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
    given = [raw[name] for name in _LABEL if raw.get(name) is not None]
    labels = next((each for each in given if isinstance(each, (str, list)) and each), None)
    if labels is not None:
        yield from (_spelled(raw, where, str(label), text) for label in as_list(labels))
    elif not given and key == "entities":
        yield raw  # in our own form, with a mistake that its reader names
    else:
        number = f"a label that is the number {given[0]}, which the file does not name" if given else ""
        said = f"a span of {key} at {where} has {number or 'no label'}."
        report(Problem("annotation", said, place, hint="Export with the texts of labels."))


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
    for value in map(record.get, TOKENS):
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return value
    return None


def _tags(record: Mapping[str, Any], words: Sequence[str]) -> str | None:
    """Key of a tag for each word."""
    for name in TAGS:
        value = record.get(name)
        if isinstance(value, list) and len(value) == len(words) and {*map(type, value)} <= _OF_TAGS:
            return name
    return None


def _from_tokens(
    record: dict[str, Any], words: list[str], place: Place, report: Report, stray: StrayTags | None
) -> dict[str, Any]:
    text = record.get("text")
    name = _tags(record, words)
    rest = {key: value for key, value in record.items() if value is not words and key not in ("text", name)}
    counted = present(rest.get("ner"))
    if name is None and counted is not None and all(map(_is_span, counted)):
        del rest["ner"]
        return {**rest, "text": " ".join(words), "entities": list(_by_token(words, counted))}
    tags = ["O" if tag is None else tag for tag in record[name or ""]] if name else ["O"] * len(words)
    if any(type(tag) is int for tag in tags):
        if any(tags):
            said = f"{name} holds numbers that the file does not name."
            hint = "Give tags such as B-Disease, or the Parquet files, which name them."
            report(Problem("annotation", said, place, hint=hint))
            name = None
        tags = ["O"] * len(words)
    made = tagged(words, tags, text if isinstance(text, str) else None, place, report, stray or StrayTags())
    if made is None:
        return {**rest, "text": text if isinstance(text, str) else " ".join(words)}
    found = [{"start": e.start, "end": e.end, "label": e.label} for e in made.entities or ()]
    return {**rest, "text": made.text, **({"entities": found} if name is not None else {})}


def _by_token(words: Sequence[str], spans: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Spans that count tokens, the last one included."""
    ends = [*accumulate(len(word) + 1 for word in words)]  # behind the space after each word
    for first, last, label, *_ in spans:
        start, end = -1, -1
        if 0 <= first <= last < len(words):
            start, end = ends[first] - len(words[first]) - 1, ends[last] - 1
        yield {"start": start, "end": end, "label": str(label)}


FORMAT = Format(
    "jsonl", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"), read, write, sniff=sniff, text_column=True
)
