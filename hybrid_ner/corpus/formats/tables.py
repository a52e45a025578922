"""A document a row: CSV, TSV and Parquet."""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import reading
from hybrid_ner.corpus.formats.jsonl import (
    BadRecordError,
    as_list,
    from_record,
    own_form,
    to_record,
    with_text,
)
from hybrid_ner.corpus.formats.records import as_json, without_nul
from hybrid_ner.corpus.formats.shared import Document, Format, Located, StrayTags
from hybrid_ner.corpus.formats.tokens import tagged
from hybrid_ner.errors import CorpusError, Hint
from hybrid_ner.io import Place, Problem, Report, parse_json, read_rows, write_bytes, write_text
from hybrid_ner.text import guarded, quantity, unguarded

# CSV and TSV: a document a row, columns named in the first row.
#
# A text or id that a spreadsheet would run as a formula is written with an apostrophe before it. A table with
# exactly the columns that ``write`` makes is read without these.

_TEXT = ("text", "content", "body", "document", "note", "abstract", "sentence", "note_text", "report_text")
_WORD, _TAG = ("word", "token", "words", "tokens"), ("tag", "ner_tag", "ner", "label", "tags", "bio", "iob")
_SENTENCE = (
    *("sentence_#", "sentence_id", "sentence", "sent_id", "sentence_number"),
    *("doc_id", "document_id", "id", "doc", "document"),
)
_ID = ("id", "doc_id", "docid", "_id", *(f"{name}_id" for name in _TEXT))
"""Ids of texts (``note_id``); those of something else, as ``patient_id``, stand in more rows than one."""
_JSON = ("entities", "meta")
_WRITTEN = ("id", "text", *_JSON)
_START, _END = ("start", "begin", "start_offset", "start_char"), ("end", "stop", "end_offset", "end_char")
_AS_JSON = (
    "Give all mentions of a text in one row, as JSON in a column entities: "
    '[{"start": 0, "end": 4, "label": "…"}].'
)


_SEPARATOR = re.compile(r"(?i)sep=(.)")
"""The first row by which Excel is told the separator: ``sep=;``."""


def read_table(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file; columns other than id, text, entities and meta become meta data."""
    rows = _records(path, report)
    _, header = next(rows, (0, []))
    names = _told_apart([name.strip() for name in header])
    text = _column(names, (text_column,) if text_column else _TEXT)
    doc_id = _column(names, _ID)
    if not text_column and (text is None or names[text].casefold() in _SENTENCE):
        found = [_column(names, wanted) for wanted in (_WORD, _TAG, _SENTENCE)]
        places = [at for at in found if at is not None]
        if len(places) == len({*places}) == 3:
            yield from _of_words(rows, places, path, report)
            return
    if text is None:
        shown = ", ".join(names[:10])
        problem = f"expected a column called {text_column or 'text'} in the first row, found {shown!r}."
        said = "Name the column that holds the documents 'text', or give its name: --text-column NAME."
        hint = Hint("text column", said)
        raise CorpusError(problem, path=path, row=1, hint=hint)
    places = [at for wanted in (_START, _END) if (at := _column(names, wanted)) is not None]
    if len(places) == 2 and _column(names, _JSON[:1]) is None:
        shown = " and ".join(repr(names[at]) for at in places)
        said = f"columns {shown} are kept as meta data: each row is read as a text without annotations."
        report(Problem("not read", said, Place(str(path), 1), hint=_AS_JSON, warning=True))
    own, blank = tuple(names) == _WRITTEN, list[int]()
    for row, values in rows:
        place = Place(str(path), row)
        if len(values) != len(names):
            message = f"expected {len(names)} columns, found {len(values)}."
            report(Problem("columns", message, place, hint="Quote texts that hold the separator."))
            continue
        if own:
            values = [unguarded(value) for value in values]
        if not (own or values[text].strip()):
            blank.append(row)
        record: dict[str, Any] = dict(zip(names, values, strict=True))
        record["text"] = record.pop(names[text])
        record["id"] = (record.pop(names[doc_id]) if doc_id is not None else "") or str(row)
        try:
            yield place, from_record(_with_spans(_parsed(record), place, report))
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place))
    if blank:
        message = f"{quantity(len(blank), 'row')} without text, read as documents; the first is this one."
        report(Problem("no text", message, Place(str(path), blank[0]), warning=True))


_BIO = re.compile(r"(?:[BILUESM]-.+|O)\Z")


def _of_words(
    rows: Iterable[tuple[int, list[str]]], places: Sequence[int], path: Path, report: Report
) -> Iterator[Located]:
    """Documents of a table of words with tags; the number of a sentence stands in its first row or in all."""
    stray = StrayTags()
    for name, found in _sentences(rows, places, path, report):
        place = Place(str(path), found[0][0])
        _, words, tags = zip(*found, strict=True)
        if (made := tagged(words, tags, None, place, report, stray)) is not None:
            yield place, replace(made, doc_id=name)
    stray.tell(report)


def _sentences(
    rows: Iterable[tuple[int, list[str]]], places: Sequence[int], path: Path, report: Report
) -> Iterator[tuple[str, list[tuple[int, str, str]]]]:
    """Name of each sentence, with row, word and tag of its words."""
    name, held = "", list[tuple[int, str, str]]()
    for row, values in rows:
        word, tag, now = (values[at].strip() if at < len(values) else "" for at in places)
        if not word or not _BIO.match(tag):
            message = f"expected a word and a tag such as B-Disease or O, found {', '.join(values)[:60]!r}."
            hint = "Name the column of texts with --text-column, if rows are no words."
            report(Problem("columns", message, Place(str(path), row), hint=hint))
            continue
        if now and now != name:
            if held:
                yield name, held
            name, held = now, []
        held.append((row, word, tag))
    if held:
        yield name or "1", held


def sniff_table(name: str, head: str) -> bool:
    """Whether the first row names a column of texts and one of ids, in a file of any name."""
    first = head.partition("\n")[0].strip("\r")
    cells = [cell.strip(' "').casefold() for cell in first.split(max(",;\t|", key=first.count))]
    named = _column(cells, _TEXT) is not None and _column(cells, (*_ID, *_JSON)) is not None
    return named and len(head) > len(first) + 1


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    folded, asked = ([name.casefold().replace(" ", "_") for name in each] for each in (names, wanted))
    return next((folded.index(name) for name in asked if name in folded), None)


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names of columns; a second ``text`` is ``text (2)``, so that the values of neither are lost."""
    return [
        f"{name} ({names[: at + 1].count(name)})" if name in names[:at] else name
        for at, name in enumerate(names)
    ]


def _parsed(record: dict[str, Any]) -> dict[str, Any]:
    """The record with what stands in its columns as JSON."""
    for name in _JSON:
        value = record.get(name)
        if value == "":
            del record[name]
        elif isinstance(value, str):
            try:
                record[name] = parse_json(value)
            except (ValueError, RecursionError) as error:
                record[name] = _as_python(value)
                if record[name] is None:
                    raise BadRecordError(name, f"column {name} holds broken JSON: {error}.") from error
    return record


def _as_python(value: str) -> Any:
    """A list as pandas writes one to a table, "[(0, 7, 'Drug')]", with lists for tuples; else nothing."""
    try:
        return json.loads(json.dumps(ast.literal_eval(value)))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _with_spans(record: dict[str, Any], place: Place, report: Report) -> Any:
    """The record with the spans that a column holds as JSON, as Label Studio exports a table.

    Those under ``entities`` may be triples, as pandas writes them.
    """
    if any(isinstance(each, list) for each in as_list(record.get("entities"))):
        return own_form(record, place, report)[0]
    for name, value in record.items():
        if name in _JSON or not isinstance(value, str) or not value.lstrip().startswith("[{"):
            continue
        with suppress(ValueError, RecursionError):
            spans = parse_json(value)
            if any(isinstance(each, dict) and {"start", "end"} <= {*each} for each in spans):
                rest = {key: said for key, said in record.items() if key != name}
                return own_form({**rest, "spans": spans}, place, report)[0]
    return record


def _records(path: Path, report: Report) -> Iterator[tuple[int, list[str]]]:
    """The row each record starts in, and its values; a quoted value may span rows."""
    csv.field_size_limit(sys.maxsize)
    _, header = next(read_rows(path, lambda problem: None, windows=True), (0, ""))
    excel = _SEPARATOR.fullmatch(header.strip())
    delimiter = "\t" if ".tsv" in path.suffixes else max(",;\t|", key=header.count)
    lines = (line for _, line in read_rows(path, report, ends=True, windows=True))
    row = 1
    if excel:
        delimiter, row = excel[1], row + 1
        next(lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for values in reader:
            if values:
                yield row, values
            row = reader.line_num + (2 if excel else 1)
    except csv.Error as error:
        raise CorpusError(f"broken table: {error}.", path=path, row=row, hint="Check the quotes.") from error


def write_table(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write id, text, and entities and meta as JSON."""
    count = 0
    with write_text(path) as handle:
        comma = "\t" if ".tsv" in path.suffixes else ","
        table = csv.writer(handle, delimiter=comma, lineterminator="\n")
        # A carriage return alone is not quoted by itself, and would end the row for every reader.
        quoted = csv.writer(handle, delimiter=comma, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(_WRITTEN)
        for document in documents:
            record = to_record(without_nul(document, path))
            cells = (as_json(record[name], path) if name in record else "" for name in _JSON)
            writer = quoted if "\r" in document.doc_id + document.text else table
            writer.writerow((guarded(document.doc_id), guarded(document.text), *cells))
            count += 1
    return count


TABLE = Format(
    "csv",
    (".csv", ".tsv", ".csv.gz", ".tsv.gz"),
    read_table,
    write_table,
    sniff=sniff_table,
    text_column=True,
)


# Parquet: a row a document, with a text and entities, or with words and tags as Hugging Face keeps them.
#
# Numbers for tags get their names from the ``features`` that Hugging Face writes into the schema.

_ROWS = 500
_HINT = "This is no Parquet file, or a damaged one: copy it again."


def read_parquet(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    import pyarrow.parquet as pq

    with (
        reading(path, CorpusError, library=True, hint=_HINT),
        path.open("rb") as handle,
        pq.ParquetFile(handle) as opened,
    ):
        names = _tag_names(opened.schema_arrow.metadata or {})
        stray = StrayTags()
        rows = (row for batch in opened.iter_batches(_ROWS) for row in batch.to_pylist())
        for number, row in enumerate(rows, start=1):
            place = Place(str(path), number)
            try:
                record, _ = own_form(with_text(_named(row, names), text_column), place, report, stray)
                yield place, from_record(record, str(number))
            except BadRecordError as error:
                hint = "Give a column text, or tokens and tags."
                report(Problem(error.kind, str(error), place, hint=hint))
        stray.tell(report)


def _tag_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Column → the names of its classes."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    found = {}
    for column, inner in features.items():
        while isinstance(inner, dict) and "names" not in inner and isinstance(inner.get("feature"), dict):
            inner = inner["feature"]
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict) and isinstance(inner.get("names"), list):
            found[column] = [str(name) for name in inner["names"]]
    return found


def _named(row: dict[str, Any], names: Mapping[str, list[str]]) -> dict[str, Any]:
    """The row without empty cells; numbers of classes become their names."""
    kept = {column: value for column, value in row.items() if value is not None}
    for column, classes in names.items():
        value = kept.get(column)
        if isinstance(value, list):
            kept[column] = [classes[v] if type(v) is int and 0 <= v < len(classes) else v for v in value]
        elif type(value) is int and 0 <= value < len(classes):
            kept[column] = classes[value]
    return _parsed(kept)


def write_parquet(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write id, text, and entities and meta data as JSON, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in ("id", "text", "entities", "meta")])
    count = 0
    with write_bytes(path) as handle, pq.ParquetWriter(handle, schema) as writer:
        for document in documents:
            record = to_record(document)
            cells = {name: as_json(record[name], path) for name in _JSON if name in record}
            rows = [{"id": document.doc_id, "text": document.text, **cells}]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += 1
    return count


PARQUET = Format(
    "parquet",
    (".parquet", ".pq"),
    read_parquet,
    write_parquet,
    binary=lambda name, head: head.startswith(b"PAR1"),
    text_column=True,
)
