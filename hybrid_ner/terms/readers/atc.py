"""ATC classification: a table with a code and a name column, or the row set of the WHO centre in XML.

A code that has several doses stands in as many rows; its name is given once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Options, Reader, option, prefix_label
from hybrid_ner.terms.readers.columns import Table, header_of
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import is_xml, local, records, value
from hybrid_ner.terms.term import Term

__all__ = ["READER", "AtcOptions"]

_CODES = ("atccode", "atc", "code")
_NAMES = (
    *("atclevelname", "atcname", "atcbedeutung", "levelname", "name"),
    *("substance", "bezeichnung", "bedeutung", "description", "label"),
)
"""Names of the columns without spaces, hyphens and underscores, best first."""
_CODE = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?\Z")
_LEVELS = {1: "1", 3: "2", 4: "3", 5: "4", 7: "5"}
_COMBINED = re.compile(r"\bcombinations?\b|\bvarious\b|\bother\b", re.IGNORECASE)
_ROWS = frozenset({"row"})


@dataclass(frozen=True, slots=True)
class AtcOptions(Options):
    """Options of ATC."""

    levels: tuple[str, ...] = option(
        ("5",), "levels to keep: 1 to 4 are groups, 5 substances", choices=tuple(_LEVELS.values())
    )
    combinations: bool = option(False, "also give “combinations”, “various” and “other”")


def _read(files: Files, options: AtcOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    rows = _from_xml if is_xml(files.head(name)) else _from_table
    seen: set[tuple[str, str]] = set()
    for row, code, text in rows(files, name, recorder):
        if not _CODE.match(code):
            recorder.bad("not an ATC code", row, f"{code} {text}")
            continue
        level = _LEVELS[len(code)]
        if level != "1":
            above = max(length for length in _LEVELS if length < len(code))
            recorder.parent(f"ATC:{code}", [f"ATC:{code[:above]}"])
        if level not in options.levels:
            recorder.skip(f"level {level}", row, f"{code} {text}")
        elif not options.combinations and _COMBINED.search(text):
            recorder.skip("combination", row, f"{code} {text}")
        elif not (label := prefix_label([code], recorder)):
            recorder.skip(NOT_WANTED, row, f"{code} {text}")
        elif (code, text) in seen:
            recorder.skip("same name of the same code", row, f"{code} {text}")
        else:
            seen.add((code, text))
            if term := recorder.term(text, row, label, f"ATC:{code}", "preferred"):
                yield term


def _from_table(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, str, str]]:
    table = Table(files, name, recorder)
    code, text = _column(table.columns, _CODES), _column(table.columns, _NAMES)
    if not code or not text:
        raise InputError(
            f"no column for the ATC code and its name; its columns are {table.shown}.",
            path=files.where(name),
            row=1,
            hint="Name them 'ATC code' and 'ATC level name'.",
        )
    for row, cells in table:
        yield row, cells[code].strip(), cells[text].strip()


def _from_xml(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, str, str]]:
    for number, record in records(files, name, recorder, _ROWS):
        cells = {**record.attrib, **{local(part.tag): value(part) for part in record}}
        columns = {column.lower(): " ".join(cell.split()) for column, cell in cells.items()}
        code, text = _column(list(columns), _CODES), _column(list(columns), _NAMES)
        yield number, columns.get(code, ""), columns.get(text, "")


def _column(columns: Sequence[str], wanted: Sequence[str]) -> str:
    """The best of the columns by its name; empty when there is none."""
    found = {re.sub(r"[\s_-]", "", column): column for column in reversed(columns)}
    return next((found[name] for name in wanted if name in found), "")


def _sniff(name: str, head: bytes) -> bool:
    if is_xml(head):
        return b"ATCCode" in head
    columns = header_of(head)
    return bool(_column(columns, _CODES[:2]) and _column(columns, _NAMES))


READER = Reader(
    "atc",
    "ATC classification, table or XML",
    _read,
    _sniff,
    AtcOptions,
    label="Chemical",
    source="ATC",
    mode="folded",
)
