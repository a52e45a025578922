"""A document a row: CSV, TSV, workbooks and Parquet."""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import check_workbook, reading
from hybrid_ner.corpus.formats import jsonl
from hybrid_ner.corpus.formats.records import annotated, as_json, tell_annotated, without_nul
from hybrid_ner.corpus.formats.shared import Document, Format, Located, StrayTags, not_read, read_only
from hybrid_ner.corpus.formats.tokens import tagged
from hybrid_ner.errors import CorpusError, Hint
from hybrid_ner.guarded import check_office
from hybrid_ner.io import Place, Problem, Report, parse_json, read_rows, write_bytes, write_text
from hybrid_ner.terms.readers.tables import FAULT, FULL, workbook
from hybrid_ner.text import guarded, quantity, unguarded

# CSV and TSV: a document a row, columns named in the first row.
#
# A text or id that a spreadsheet would run as a formula is written with an apostrophe before it. A table with
# exactly the columns that ``write`` makes is read without these.

_TEXT = (
    *("text", "content", "body", "document", "note", "abstract", "sentence", "note_text", "report_text"),
    *("extracted_text", "extractedtext", "plain_text"),  # of Relativity, of Concordance, of CourtListener
    *("texto", "texte", "testo", "tekst", "metin", "freitext", "befundtext", "berichtstext", "brieftext"),
    *("notiz", "notiztext", "inhalt", "informe", "contenido", "conteúdo", "contenu"),
)
_WORD, _TAG = ("word", "token", "words", "tokens"), ("tag", "ner_tag", "ner", "label", "tags", "bio", "iob")
_SENTENCE = (
    *("sentence_#", "sentence_id", "sentence", "sent_id", "sentence_number"),
    *("doc_id", "document_id", "id", "doc", "document"),
)
_ID = (
    *("id", "doc_id", "docid", "_id", *(f"{name}_id" for name in _TEXT)),
    *("dok_id", "dokument_id", "identifiant", "identificador"),
    *("control_number", "begdoc", "beg_doc", "begbates", "beg_bates"),
)
"""Ids of texts (``note_id``); those of something else, as ``patient_id``, stand in more rows than one."""
_KEY = re.compile(
    r"(?:^|_)(?:id|key|no|nr|num|number|ref|reference|pmid|doi|ecli|uuid|guid|az)\.?$|nummer$|zeichen$"
)
"""How headings of other columns end that tell rows apart: ``mdr_report_key``, "Case No.", "Aktenzeichen"."""
_LONGEST_KEY = 100
_JSON = ("entities", "meta")
_WRITTEN = ("id", "text", *_JSON)
_START = (
    *("start", "begin", "start_offset", "start_char", "begin_offset"),
    *("anfang", "beginn", "von", "inicio", "início", "début"),
)
_END = ("end", "stop", "end_offset", "end_char", "ende", "bis", "fin", "fim")
_AS_JSON = (
    "Give all mentions of a text in one row, as JSON in a column entities: "
    '[{"start": 0, "end": 4, "label": "…"}].'
)


_NAME_TEXT = Hint(
    "text column",
    "Name the column that holds the documents 'text', or give its name: --text-column NAME.",
)
_SEPARATOR = re.compile(r"(?i)sep=(.)")
"""The first row by which Excel is told the separator: ``sep=;``."""


def read_table(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of a file; columns other than id, text, entities and meta become meta data."""
    yield from _of_rows(_records(path, report), path, report, text_column, Counter())


def _of_rows(
    rows: Iterator[tuple[int, list[str]]],
    path: Path,
    report: Report,
    text_column: str,
    keys: Counter[str],
    guessed: bool = True,
) -> Iterator[Located]:
    """Documents of numbered rows, the headings first.

    Args:
        keys: Ids of the file so far that columns of another name gave, with how often each came.
        guessed: Without a column that is called as texts are, take the one that holds sentences.
    """
    top, header = next(rows, (1, []))
    names = _told_apart([name.strip() for name in header])
    text = _column(names, (text_column,) if text_column else _TEXT)
    doc_id = _column(names, _ID)
    if not text_column and (text is None or names[text].casefold() in _SENTENCE):
        places = [at for each in (_WORD, _TAG, _SENTENCE) if (at := _column(names, each)) is not None]
        if len(places) == len({*places}) == 3:
            yield from _of_words(rows, places, path, report)
            return
    spans = all(_column(names, wanted) is not None for wanted in (_START, _END))
    if text is None and guessed and not (text_column or spans):
        head = list(islice(rows, _JUDGED))
        rows, text = chain(head, rows), _of_prose(names, head, Place(str(path), top), report)
    if text is None:
        raise _no_text(names, text_column, Place(str(path), top), spans=spans)
    if spans and _column(names, _JSON[:1]) is None:
        _tell_offsets(names, path, report)
    if keyed := doc_id is None:
        head = list(islice(rows, _JUDGED))
        rows, doc_id = chain(head, rows), _key(names, text, head, Place(str(path), top), report)
    own, blank, unknown = tuple(names) == _WRITTEN, list[int](), Counter[str]()
    rows = _of_spreadsheet(_no_paths(rows, text, names, path), text, header, path, report)
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
        record: dict[str, Any] = {name: v for name, v in zip(names, values, strict=True) if name or v}
        record["text"] = record.pop(names[text])
        said = (record.pop(names[doc_id]) if doc_id is not None else "") or str(row)
        record["id"] = _alone(said, row, keys) if keyed else said
        try:
            document = jsonl.from_record(_with_spans(_parsed(record), place, report))
            unknown.update(annotated(document.meta) if document.entities is None else ())
            yield place, document
        except jsonl.BadRecordError as error:
            report(Problem(error.kind, str(error), place))
    tell_annotated(unknown, path, report, _AS_JSON)
    if blank:
        message = f"{quantity(len(blank), 'row')} without text, read as documents; the first is this one."
        report(Problem("no text", message, Place(str(path), blank[0]), warning=True))


def _no_text(names: Sequence[str], wanted: str, place: Place, *, spans: bool) -> CorpusError:
    shown = ", ".join(names[:10])
    problem = f"expected a column called {wanted or 'text'} in the first row, found {shown!r}."
    hint = Hint("bad row", f"It lists mentions without their texts. {_AS_JSON}") if spans else _NAME_TEXT
    return CorpusError(problem, path=place.path, row=place.row, hint=hint)


def _tell_offsets(names: Sequence[str], path: Path, report: Report) -> None:
    shown = " and ".join(
        repr(names[at]) for each in (_START, _END) if (at := _column(names, each)) is not None
    )
    said = f"columns {shown} are kept as meta data: each row is read as a text without annotations."
    report(Problem("not read", said, Place(str(path), 1), hint=_AS_JSON, warning=True))


def _alone(key: str, row: int, keys: Counter[str]) -> str:
    """A key as an id, with its row behind it where it came before: of the first rows each has its own."""
    name = f"{key} {row}" if keys[key] else key
    keys[name] += 1
    return name


def _key(
    names: Sequence[str],
    text: int,
    rows: Sequence[tuple[int, Sequence[str]]],
    place: Place,
    report: Report,
) -> int | None:
    """The first column that is called as keys are and has another value in each row, which is told.

    Numbers that count the rows name nothing.

    Args:
        text: The column of the texts.
        rows: Numbered, some of the first.
        place: Of the headings.
    """
    for at, name in enumerate(names):
        values = [cells[at].strip() for _, cells in rows if len(cells) > at]
        counts = any(values == [str(number) for number, _ in enumerate(values, first)] for first in (0, 1))
        if at == text or len(values) < 2 or counts or not (len({*values}) == len(values) and all(values)):
            continue
        # "caseNo" is "case_No".
        folded = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.]+(?=\S)", "_", name).casefold()
        if _KEY.search(folded) and max(map(len, values)) <= _LONGEST_KEY:
            said = f"no column is called id: {name!r} gives the ids, as its values differ."
            report(Problem("id column", said, place, warning=True))
            return at
    return None


def _of_prose(
    names: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], place: Place, report: Report
) -> int | None:
    """The one column in which most values are sentences; of several, the one whose heading ends like a text.

    That it is read as the text is told.

    Args:
        rows: Numbered, some of the first.
        place: Of the headings.
    """
    found = []
    for at in range(len(names)):
        sizes = sorted(
            len(values[at].split()) for _, values in rows if len(values) > at and values[at].strip()
        )
        if sizes and sizes[len(sizes) // 2] >= _PROSE:
            found.append(at)
    called = [at for at in found if names[at].casefold().rpartition(" ")[2].rstrip("s") in _TEXT]
    best = called if len(found) > 1 else found  # "Clinic note" beside "Reason for the visit"
    if len(best) != 1:
        return None
    said = f"no column is called text: {names[best[0]]!r} is read as the text, as the one with sentences."
    report(Problem("text column", said, place, warning=True))
    return best[0]


def _no_paths(
    rows: Iterator[tuple[int, list[str]]], text: int, names: Sequence[str], path: Path
) -> Iterator[tuple[int, list[str]]]:
    """The rows, unless the column of texts holds the names of files in which these are."""
    head = list(islice(rows, _JUDGED))
    said = [values[text].strip() for _, values in head if len(values) > text and values[text].strip()]
    if said and all(map(_TEXT_FILE.fullmatch, said)):
        problem = f"column {names[text]!r} holds paths of text files, as {said[0][:80]!r}."
        hint = "Give the folder of these files, or a table with the texts themselves."
        raise CorpusError(problem, path=path, row=head[0][0], hint=hint)
    return chain(head, rows)


def _of_spreadsheet(
    rows: Iterable[tuple[int, list[str]]], text: int, header: Sequence[str], path: Path, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """The rows but headings that stand again, and texts in whose place an error is; cut ones are told."""
    names, again, full = [*map(str.strip, header)], 0, list[int]()
    for row, values in rows:
        said = values[text].strip() if len(values) > text else ""
        if [value.strip().removeprefix("\ufeff") for value in values[: len(names)]] == names:
            again += 1
        elif FAULT.fullmatch(said):
            message = f"the spreadsheet shows an error instead of the text: {said}."
            report(Problem("text", message, Place(str(path), row), hint="Mend the cell, and save it again."))
        else:
            # Units of UTF-16 are one or two a character.
            if FULL // 2 <= len(said) <= FULL and len(values[text].encode("utf-16-le")) == 2 * FULL:
                full.append(row)
            yield row, values
    not_read(Counter({"row of the headings again": again}), path, report)
    if full:
        message = f"{quantity(len(full), 'text')} of {FULL:,} characters, as many as a cell of Excel holds."
        hint = "If they were cut off there, take them from where they come from; the first is this one."
        report(Problem("cut off", message, Place(str(path), full[0]), hint=hint, warning=True))


_PROSE = 12
"""Words that a value has at least in a column of texts: names, addresses and remarks have fewer."""
_JUDGED, _TEXT_FILE = 50, re.compile(r"(?i)[^\n]{0,200}[\w)]\.(?:txt|text|html?|pdf|docx?)")
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
    if first.startswith(("\u00fe", "\ufffd")) and first.count("\x14") > 0:
        return True  # a load file of Concordance
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
                    raise jsonl.BadRecordError(name, f"column {name} holds broken JSON: {error}.") from error
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
    if any(isinstance(each, list) for each in jsonl.as_list(record.get("entities"))):
        return jsonl.own_form(record, place, report)[0]
    for name, value in record.items():
        if name in _JSON or not isinstance(value, str) or not value.lstrip().startswith("[{"):
            continue
        with suppress(ValueError, RecursionError):
            spans = parse_json(value)
            if any(isinstance(each, dict) and {"start", "end"} <= {*each} for each in spans):
                rest = {key: said for key, said in record.items() if key != name}
                return jsonl.own_form({**rest, "spans": spans}, place, report)[0]
    return record


def _records(path: Path, report: Report) -> Iterator[tuple[int, list[str]]]:
    """The row each record starts in, and its values; a quoted value may span rows."""
    csv.field_size_limit(sys.maxsize)
    _, header = next(read_rows(path, lambda problem: None, windows=True), (0, ""))
    excel = _SEPARATOR.fullmatch(header.strip())
    delimiter = "\t" if ".tsv" in path.suffixes else max(",;\t|", key=header.count)
    concordance = header.startswith("\u00fe") and "\u00fe\x14\u00fe" in header
    lines = (line for _, line in read_rows(path, report, ends=True, windows=True))
    row = 1
    if excel:
        delimiter, row = excel[1], row + 1
        next(lines)
    delimiter, quote = ("\x14", "\u00fe") if concordance else (delimiter, '"')
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    try:
        for values in reader:
            if concordance:  # which writes its sign for a line break
                values = [value.replace("\u00ae", "\n") for value in values]
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
            record = jsonl.to_record(without_nul(document, path))
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


# Workbooks (.xlsx, .ods): every sheet with a column of texts is a table; formulas give their value.

_NO_WORKBOOK = "This is no workbook, or a damaged one: save it again as .xlsx, or as CSV UTF-8."


def read_workbook(path: Path, report: Report, text_column: str = "") -> Iterator[Located]:
    """Documents of the sheets that hold some; others are told."""
    notes, beside, first, keys = list[str](), list[str](), None, Counter[str]()
    with path.open("rb") as stream, reading(path, CorpusError, library=True, hint=_NO_WORKBOOK):
        check_office(stream.peek(), path.name, path)
        check_workbook(stream, str(path))
        sheets, _ = workbook(stream, path.name, str(path), "", notes, as_written=True)
        wanted = (text_column,) if text_column else _TEXT
        tops = (next(_from_headings(sheet(), wanted)[0], (1, []))[1] for sheet in sheets.values())
        # Beside a sheet of texts, sentences are explanations.
        guessed = all(_column(top, wanted) is None for top in tops)
        for name, sheet in sheets.items():
            rows, above = _from_headings(sheet(), wanted)
            notes += [f"{quantity(above, 'row')} above the headings of sheet {name!r} not read"] * bool(above)
            try:
                for place, document in _of_rows(rows, path, report, text_column, keys, guessed):
                    if first not in (None, name) and document.doc_id == str(place.row):
                        document = replace(document, doc_id=f"{name} {document.doc_id}")
                    first = first or name
                    yield place, document
            except CorpusError as error:
                if error.hint != _NAME_TEXT or len(sheets) == 1:
                    raise
                beside.append(name)
    if beside and first is None:
        said = f"no sheet has a column called {text_column or 'text'}: {', '.join(beside)}."
        raise CorpusError(said, path=path, hint=_NAME_TEXT)
    notes += [f"sheets without a column of texts, not read: {', '.join(beside)}"] * bool(beside)
    for note in dict.fromkeys(notes):
        report(Problem("not read", f"{note}.", Place(str(path)), warning=True))


def _from_headings(
    rows: Iterator[tuple[int, list[str]]], wanted: Sequence[str]
) -> tuple[Iterator[tuple[int, list[str]]], int]:
    """Rows from the headings on, all as wide, and how many stand above: a title, who made it."""
    head = list(islice(rows, _MOST_ABOVE))
    named = (_column([*map(str.strip, cells)], wanted) is not None for _, cells in head)
    above = next((at for at, is_head in enumerate(named) if is_head), 0)
    width = max((len(cells) for _, cells in head[above:]), default=0)
    every = chain(head[above:], rows)
    return ((row, cells + [""] * (width - len(cells))) for row, cells in every), above


_MOST_ABOVE = 12


WORKBOOK = Format(
    "xlsx",
    (".xlsx", ".xlsm", ".ods"),
    read_workbook,
    read_only,
    binary=lambda name, head: head.startswith(b"PK\x03\x04") and name.endswith((".xlsx", ".xlsm", ".ods")),
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
                named = {text_column: None} if text_column in row else {}
                named |= _named(row, names)
                record, _ = jsonl.own_form(jsonl.with_text(named, text_column), place, report, stray)
                yield place, jsonl.from_record(record, str(number))
            except jsonl.BadRecordError as error:
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
            record = jsonl.to_record(document)
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
