"""Terms as programs hold them: this package's TSV, JSON Lines, lists pasted from code."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms import Term
from hybrid_ner.terms.lint import plain
from hybrid_ner.terms.readers.base import OWN_LIST, Files, Options, Reader, Separators, option, text_lines
from hybrid_ner.terms.readers.columns import guessed_keys, renamed
from hybrid_ner.terms.readers.headings import NAMES, SEVERAL
from hybrid_ner.terms.readers.records import UNREAD, add_notes, inner_name, names_in, told_keys, unnested
from hybrid_ner.terms.readers.report import Recorder, capitals_tell, give
from hybrid_ner.terms.readers.streams import LANG, json_items, local
from hybrid_ner.terms.shipped import COLUMNS
from hybrid_ner.terms.variants.words import written_out
from hybrid_ner.text import unguarded

# The gazetteer format of this package: tab-separated, no quoting, a fixed header, optionally compressed.
#
# The columns are ``term label concept_id status mode source``, and for generated variants also ``parent``
# and ``rule``; columns after these are not read. Parents of concepts stand in
# ``NAME.parents.tsv`` beside ``NAME.tsv``, or in ``parents.tsv`` of the same folder, with the columns
# ``concept_id parents``; a space separates several parents. An apostrophe before a cell that a spreadsheet
# would run as a formula is no part of it.

_HEADER = "\t".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class GazetteerOptions(Options):
    """Options of the gazetteer format."""

    containing: str = option("", "only rows that hold this text somewhere, in any case")


def _read_tsv(files: Files, options: GazetteerOptions, recorder: Recorder) -> Iterator[Term]:
    name, wanted = files.only(), plain(options.containing)
    rows = text_lines(files, name, recorder)
    first = next(rows, (1, ""))[1]
    names = first.split("\t")
    if tuple(names[: len(COLUMNS)]) != COLUMNS:
        problem = f"expected the header {' '.join(COLUMNS)!r}, found {first[:80]!r}."
        hint = Hint("option", "Give the format csv for a table with other columns.")
        raise InputError(problem, path=files.where(name), row=1, hint=hint)
    origin = [names.index(column) for column in ("parent", "rule")] if "rule" in names else []
    for row, line in rows:
        if not line:
            continue
        recorder.report.rows += 1
        if wanted and wanted not in plain(line):
            recorder.skip("does not hold the text asked for", row, line)
            continue
        cells = _cells_tsv(line)
        if len(cells) != len(names):
            recorder.bad("wrong number of columns", row, f"{len(cells)} instead of {len(names)}: {line[:80]}")
            continue
        if recorder.label or recorder.label_map:
            yield from give(dict(zip(names, cells, strict=True)), (), (), row, recorder)
            continue
        text, label, concept, status, mode, source = cells[:6]
        derived = [cells[position] for position in origin]
        yield from recorder.terms(text, row, label, concept, status, mode, source, *derived)
    _parents(files, name, recorder)


def _cells_tsv(line: str) -> list[str]:
    cells = line.split("\t")
    return [unguarded(cell) for cell in cells] if "'" in line else cells


def _parents(files: Files, name: str, recorder: Recorder) -> None:
    stem = PurePosixPath(name).name.removesuffix(".gz").removesuffix(".tsv")
    found = files.beside(f"{stem}.parents.tsv") or files.beside("parents.tsv")
    if found is None:
        return
    rows = text_lines(*found, recorder)
    if next(rows, (1, ""))[1].split("\t") != ["concept_id", "parents"]:
        recorder.report.notes.append(f"{found[1]} has not the header concept_id, parents and was not read")
        return
    for row, line in rows:
        child, *above = _cells_tsv(line)
        if child and above:
            recorder.parent(child, " ".join(above).split())
        elif line:
            recorder.bad("wrong number of columns", row, line[:80])


TSV = Reader(
    "gazetteer",
    "the gazetteer format of this package",
    _read_tsv,
    lambda name, head: head.startswith(_HEADER.encode()),
    GazetteerOptions,
    **OWN_LIST,
)


# JSON Lines or a JSON array: one record a term, or the patterns of a spaCy ``EntityRuler``.
#
# A record holds ``term`` (or ``text``, ``name``) and, if it likes, ``label``, ``concept_id`` (or ``id``),
# ``status``, ``mode``, ``source``, ``synonyms`` and ``parents``. A pattern holds ``label``, ``pattern`` and
# ``id``; a list of tokens is read where each token is one plain string under ``ORTH``, ``TEXT`` or ``LOWER``,
# and all words are exact or none is.

_JOINED = frozenset("-/'’.,:;")
_ARRAY = re.compile(r"\[")
NOT_PLAIN = "token pattern that is not plain text"


_Records = Iterator[tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class RecordOptions(Options):
    """Options of records."""

    columns: Mapping[str, str] = option({}, f"role=key of the records; roles: {', '.join(NAMES)}")


def _read_jsonl(files: Files, options: RecordOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    is_array = files.head(name).lstrip().startswith(b"[")
    records = json_items(files, name, _ARRAY) if is_array else _lines(files, name, recorder)
    yield from terms_of_records(records, options, recorder)


def terms_of_records(records: _Records, options: RecordOptions, recorder: Recorder) -> Iterator[Term]:
    """Terms of numbered records, by whose first ones it is judged what their keys say."""
    records = ((row, each) for row, record in records for each in unnested(record))
    first = list(islice(records, _JUDGED))
    held = [record for _, record in first if isinstance(record, dict)]
    keys = guessed_keys(held, recorder.label or recorder.fallback) | dict(options.columns)
    written = [_cells_jsonl(renamed(record, keys)) for record in held]
    separators = _judged(written)
    names = [record for _, record in first if isinstance(record, str)]
    recorder.capitals = capitals_tell([*names, *(cells["term"] for cells in written)])
    recorder.report.notes += told_keys(held, keys, labeled=bool(recorder.label))
    recorder.report.notes += [
        f"{role} that are one string are separated by {found.mark!r}, as the first records show"
        for role, found in separators.items()
        if found.mark != "|"
    ]
    for row, record in chain(first, records):
        recorder.report.rows += 1
        record = {"term": record} if isinstance(record, str) else record
        if isinstance(record, dict):
            yield from _terms_jsonl(renamed(record, keys), row, recorder, separators)
        elif record is None:
            recorder.skip("no term", row, "null")
        else:
            recorder.bad("not a JSON object", row, str(record)[:80], "Write one object a line.")


_JUDGED = 1_000
"""Records by which it is judged what separates the values of a string."""


def _cells_jsonl(record: dict[str, Any]) -> dict[str, str]:
    """The term, and the roles of several values that are one string."""
    several = {role: value for role in SEVERAL if isinstance(value := _value(record, role), str)}
    return {"term": _text(record, "term"), **several}


def _judged(written: Sequence[dict[str, str]]) -> dict[str, Separators]:
    """What separates the values of a role that are one string."""
    cells = {role: [(each["term"], each[role]) for each in written if each.get(role)] for role in SEVERAL}
    return {role: Separators.judged(found) for role, found in cells.items()}


def _lines(files: Files, name: str, recorder: Recorder) -> _Records:
    for row, line in text_lines(files, name, recorder):
        if not line.strip():
            continue
        try:
            yield row, json.loads(line)
        except (ValueError, RecursionError) as error:
            recorder.report.rows += 1
            recorder.bad("not JSON", row, f"{error}: {line[:80]}")


def record_terms(record: dict[str, Any], row: int, recorder: Recorder) -> Iterator[Term]:
    """The terms of one record that stands by itself."""
    for each in unnested(record):
        keys = guessed_keys([each])
        add_notes(recorder.report.notes, (n for n in told_keys([each], keys) if n.startswith(UNREAD)))
        named = renamed(each, keys)
        yield from _terms_jsonl(named, row, recorder, _judged([_cells_jsonl(named)]))


def _terms_jsonl(
    record: dict[str, Any], row: int, recorder: Recorder, separators: dict[str, Separators]
) -> Iterator[Term]:
    if "pattern" in record and not isinstance(record["pattern"], str):
        text, mode = _joined(record["pattern"])
        if not text:
            recorder.skip(NOT_PLAIN, row, json.dumps(record["pattern"], ensure_ascii=False))
            return
        record = {**record, "pattern": text, "mode": mode}
    if isinstance(several_names := _value(record, "term"), list) and several_names:  # the first one names it
        several_names = [inner_name(each) if isinstance(each, dict) else each for each in several_names]
        record = renamed(record, {}) | {NAMES["term"][0]: several_names[0], "also": several_names[1:]}
    values = {role: _text(record, role) for role in NAMES}
    values["term"] = values["term"] or str(record.get("pattern", ""))
    if not values["term"]:
        keys = f"keys {', '.join(sorted({*record} - {'also'}))}"
        if any(name in record for name in NAMES["term"]):
            recorder.skip("no term", row, keys)
        else:
            recorder.bad("no term", row, keys, Hint("keys", "Name the key of the terms: --columns term=KEY."))
        return
    several = {role: _several(record, role, separators[role]) for role in SEVERAL}
    synonyms = [*several["synonyms"], *map(str, record.get("also", ()))]
    yield from give(values, synonyms, several["parents"], row, recorder)


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
    text = ""
    for word in words:
        tight = not text or word in _JOINED or text[-1] in "-/" or word.startswith(("'", "’"))
        text += word if tight else f" {word}"
    return ("", "") if len(modes) > 1 else (text, next(iter(modes), "folded"))


def _value(record: dict[str, Any], role: str) -> Any:
    for name in NAMES[role]:
        for key in (name, name.replace(" ", "_")):
            if record.get(key) not in (None, ""):
                return in_english(record[key])
    return ""


def in_english(value: Any) -> Any:
    """Of {"en": "hull", "de": "Rumpf"} the English, else the first; anything else as it is."""
    if isinstance(value, dict) and value and all(map(_LANGUAGE.fullmatch, map(str, value))):
        return value.get("en", next(iter(value.values())))
    return value


_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


def _text(record: dict[str, Any], role: str) -> str:
    value = _value(record, role)
    return "" if isinstance(value, (list, dict)) else str(value)


def _several(record: dict[str, Any], role: str, separators: Separators) -> list[str]:
    value = _value(record, role)
    if not isinstance(value, list):
        return separators.split(str(value)) if value else []
    # Synonyms may be records themselves: {"val": "Fits", "pred": "hasExactSynonym"}.
    names = (inner_name(each) if isinstance(each, dict) else each for each in value)
    return [str(name) for name in names if name]


_INLINE = frozenset({"b", "i", "em", "strong", "sub", "sup", "span", "u"})
"""Elements that are part of a name: "H<sub>2</sub>O"."""


def text_of(element: Element) -> str:
    """The text of an element of XML itself."""
    inline = len(element) and all(local(str(each.tag)) in _INLINE for each in element)
    return " ".join(("".join(element.itertext()) if inline else element.text or "").split())


def record_of(element: Element) -> dict[str, Any]:
    """What an element of XML holds as a record: its attributes, its text, and the texts in its elements."""
    record = defaultdict[str, list[str]](list)
    for key, value in element.attrib.items():
        record[local(key)] += [value] * (key != LANG)
    record["term"] += filter(None, [text_of(element)])
    told = {each.tag for each in element if each.get(LANG, "").startswith("en")}
    for each in element:  # <synonym type="brand">Lasix</synonym>, <alias value="Lasix"/>
        if local(str(each.tag)) not in _INLINE and (each.tag not in told or each.get(LANG, "")[:2] == "en"):
            record[local(each.tag)] += names_in(each, text_of) or each.attrib.values()
    return {key: names[0] if len(names) == 1 else names for key, names in record.items() if names}


TEXT_ARRAY = re.compile(rb"\s*\[\s*(?:\"[^\"]*\"\s*[,\]]|\{\s*\")")
"""A list in brackets that somebody pasted into a text file: ["flu", "asthma"]."""


def _sniff_jsonl(name: str, head: bytes) -> bool:
    if name.endswith((".jsonl", ".ndjson")) or (name.endswith(".txt") and TEXT_ARRAY.match(head)):
        return True
    return name.endswith(".json") and (head.lstrip().startswith(b"[") or b"}\n{" in head.replace(b"\r", b""))


JSONL = Reader(
    "jsonl",
    "JSON Lines or a JSON array, also spaCy EntityRuler patterns",
    _read_jsonl,
    _sniff_jsonl,
    RecordOptions,
    **OWN_LIST,
)


# Lists pasted from code: the strings of a list, set, vector or mapping.

_TOKEN = re.compile(
    r"(?P<remark>(?:#|//|--(?=\s))[^\n]*|/\*.*?\*/)"
    r"|(?P<string>\b[rRbBuUfF]?(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.|'')*')"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.|'')*')|(?P<word>[\w.$%@]+)|(?P<mark><-|=>|:=|\S)",
    re.DOTALL,
)
_KEYWORDS = re.compile(
    r"select|distinct|from|where|and|or|not|in|as|const|let|va[lr]|final|new|list|set|c|tuple|frozenset|array"
    r"|vector|of|values|insert|into|return",
    re.IGNORECASE,
)
_OPEN, _CLOSE, _KEYED = frozenset("[({"), frozenset("])}"), frozenset({":", "=", "=>", "<-", ":="})
_SIGNS = _OPEN | _CLOSE | _KEYED | frozenset(",;<>.*&+")


def pasted(text: str) -> Any:
    """What a piece of code or a regular expression holds, in lists and mappings; nothing if it is none.

    Strings in quotes are most of it: ``drugs <- c("aspirin", "heparin")``, ``"flu","asthma"``,
    ``WHERE name IN ('flu', 'asthma')``, ``DRUGS = ["aspirin"]; DISEASES = ["flu"]``.
    """
    if names := written_out(text):
        return names
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(text)]
    tokens = [(kind, said) for kind, said in tokens if kind != "remark"]
    strings = sum(kind == "string" for kind, _ in tokens)
    words = sum(kind == "word" and not _KEYWORDS.fullmatch(said) for kind, said in tokens)
    marks = {said for kind, said in tokens if kind == "mark"}
    if strings < 2 or words >= strings or not marks & {",", *_OPEN} or not marks <= _SIGNS or _are_rows(text):
        return None
    node = _node(iter(tokens))
    while isinstance(node, dict) and len(node) == 1 and isinstance(next(iter(node.values())), (list, dict)):
        (node,) = node.values()  # of one list the name of its variable says little
    return node


def _are_rows(text: str) -> bool:
    """Whether lines are rows of a table with all cells in quotes."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    counts = {len(_TOKEN.findall(line)) for line in lines}
    goes_on = any(line.endswith((",", ";")) for line in lines)
    return len(lines) > 1 and len(counts) == 1 < max(counts) and not goes_on


def _node(tokens: Iterator[tuple[str, str]]) -> Any:
    """The items up to a closing bracket or the end: a list, or a mapping where they have keys."""
    items, keyed, key, word = list[Any](), dict[str, Any](), "", ""
    for kind, said in tokens:
        if kind == "string" or said in _OPEN:
            value = _node(tokens) if said in _OPEN else unquoted_string(said)
            if key:
                keyed[key] = value
            elif value:
                items.append(value)
            key = word = ""
        elif said in _CLOSE:
            break
        elif said in _KEYED:
            key = word or (items.pop() if items and isinstance(items[-1], str) else "")
            word = ""
        else:
            word = said if kind == "word" else ""
    if keyed:
        return keyed
    return items[0] if len(items) == 1 and not isinstance(items[0], str) else items


def unquoted_string(string: str) -> str:
    """What a string of code holds; a number as it is."""
    if (mark := string[-1]) not in "'\"":
        return string
    return re.sub(r"\\(.)", r"\1", string[string.index(mark) + 1 : -1].replace(mark * 2, mark))
