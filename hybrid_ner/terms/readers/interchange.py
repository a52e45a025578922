"""Terms as programs hold them: this package's TSV, JSON Lines, lists pasted from code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.io import said_once
from hybrid_ner.terms.lint import plain
from hybrid_ner.terms.readers import base
from hybrid_ner.terms.readers.records import RecordOptions, terms_of_records
from hybrid_ner.terms.readers.streams import json_items
from hybrid_ner.terms.shipped import COLUMNS, parents_shipped_in
from hybrid_ner.terms.variants.words import written_out
from hybrid_ner.text import unguarded

# The gazetteer format of this package: tab-separated, no quoting, a fixed header, optionally compressed.
#
# The columns are ``term label concept_id status mode source``, and for generated variants also ``parent``
# and ``rule``; columns after these are not read. Parents of concepts stand in
# ``NAME.parents.tsv`` beside ``NAME.tsv``, or in ``parents.tsv`` of the same folder, with the columns
# ``concept_id parents``; a space separates several parents. An apostrophe before a cell that a spreadsheet
# would run as a formula is no part of it.


@dataclass(frozen=True, slots=True)
class GazetteerOptions(base.Options):
    containing: str = base.option("", "only rows that hold this text somewhere, in any case")


def _read_tsv(files: base.Files, options: GazetteerOptions, recorder: base.Recorder) -> Iterator[base.Term]:
    name, wanted = files.only(), plain(options.containing)
    rows = base.text_lines(files, name, recorder)
    first = next(rows, (1, ""))[1]
    names = first.split("\t")
    if tuple(names[: len(COLUMNS)]) != COLUMNS:
        problem = f"expected the header {' '.join(COLUMNS)!r}, found {first[:80]!r}."
        hint = base.Hint("option", "Give the format csv for a table with other columns.")
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
        elif recorder.label or recorder.label_map:
            yield from base.give(dict(zip(names, cells, strict=True)), (), (), row, recorder)
        else:
            text, label, concept, status, mode, source = cells[:6]
            derived = [cells[position] for position in origin]
            yield from recorder.terms(text, row, label, concept, status, mode, source, *derived)
    _parents(files, name, recorder)


def _cells_tsv(line: str) -> list[str]:
    cells = line.split("\t")
    return [unguarded(cell) for cell in cells] if "'" in line else cells


def _parents(files: base.Files, name: str, recorder: base.Recorder) -> None:
    stem = PurePosixPath(name).name.removesuffix(".gz").removesuffix(".tsv")
    found = files.beside(f"{stem}.parents.tsv") or files.beside("parents.tsv")
    if found is None:
        return
    if shipped := parents_shipped_in(found[0].path.parent):
        recorder.parents.update((child, dict.fromkeys(above)) for child, above in shipped.items())
        return
    rows = base.text_lines(*found, recorder)
    if next(rows, (1, ""))[1].split("\t") != ["concept_id", "parents"]:
        recorder.report.notes.append(f"{found[1]} has not the header concept_id, parents and was not read")
        return
    for row, line in rows:
        child, *above = _cells_tsv(line)
        if child and above:
            recorder.parent(child, " ".join(above).split())
        elif line:
            recorder.bad("wrong number of columns", row, line[:80])


TSV = base.Reader(
    "gazetteer",
    "the gazetteer format of this package",
    _read_tsv,
    lambda name, head: head.startswith("\t".join(COLUMNS).encode()),
    GazetteerOptions,
    **base.OWN_LIST,
)


# JSON Lines or a JSON array: one record a term, or the patterns of a spaCy ``EntityRuler``.
#
# A record holds ``term`` (or ``text``, ``name``) and, if it likes, ``label``, ``concept_id`` (or ``id``),
# ``status``, ``mode``, ``source``, ``synonyms`` and ``parents``. A pattern holds ``label``, ``pattern`` and
# ``id``; a list of tokens is read where each token is one plain string under ``ORTH``, ``TEXT`` or ``LOWER``,
# and all words are exact or none is.

_ARRAY = re.compile(r"\[")


def _read_jsonl(files: base.Files, options: RecordOptions, recorder: base.Recorder) -> Iterator[base.Term]:
    name = recorder.begin(files, files.only())
    is_array = files.head(name).lstrip().startswith(b"[")
    records = json_items(files, name, _ARRAY) if is_array else _lines(files, name, recorder)
    yield from terms_of_records(records, options, recorder)


def _lines(files: base.Files, name: str, recorder: base.Recorder) -> Iterator[tuple[int, Any]]:
    for row, line in base.text_lines(files, name, recorder):
        if not line.strip():
            continue
        try:
            yield row, json.loads(line, parse_float=str, object_pairs_hook=said_once)  # 1.10 as it is written
        except (ValueError, RecursionError) as error:
            recorder.report.rows += 1
            recorder.bad("not JSON", row, f"{error}: {line[:80]}")


TEXT_ARRAY = re.compile(rb"\s*\[\s*(?:\"[^\"]*\"\s*[,\]]|\{\s*\")")
"""A list in brackets that somebody pasted into a text file: ["flu", "asthma"]."""


def _sniff_jsonl(name: str, head: bytes) -> bool:
    if name.endswith((".jsonl", ".ndjson")) or (name.endswith(".txt") and TEXT_ARRAY.match(head)):
        return True
    return name.endswith(".json") and (head.lstrip().startswith(b"[") or b"}\n{" in head.replace(b"\r", b""))


JSONL = base.Reader(
    "jsonl",
    "JSON Lines or a JSON array, also spaCy EntityRuler patterns",
    _read_jsonl,
    _sniff_jsonl,
    RecordOptions,
    **base.OWN_LIST,
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
                keyed[key] = _both(keyed[key], value) if key in keyed else value
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


def _both(one: Any, other: Any) -> Any:
    """What stands under a key that a mapping has twice: {"Drug": ["aspirin"], …, "Drug": ["heparin"]}."""
    return [*(one if isinstance(one, list) else [one]), *(other if isinstance(other, list) else [other])]


def unquoted_string(string: str) -> str:
    """What a string of code holds; a number as it is."""
    if (mark := string[-1]) not in "'\"":
        return string
    return re.sub(r"\\(.)", r"\1", string[string.index(mark) + 1 : -1].replace(mark * 2, mark))
