"""Workbooks (.xlsx): the first sheet that holds something, as a table; formulas give their value.

Needs the package openpyxl.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from hybrid_ner.bounds import check_whole, limits, reading, shown_size
from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Reader, option
from hybrid_ner.terms.readers.columns import Columns
from hybrid_ner.terms.readers.delimited import TableOptions, judge, table_terms
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term
from hybrid_ner.text import quantity

__all__ = ["READER", "XlsxOptions"]

_JUDGED = 1_000
_HINT = "This is no workbook, or a damaged one: save it again as .xlsx, or as CSV UTF-8."


@dataclass(frozen=True, slots=True)
class XlsxOptions(TableOptions):
    """Options of workbooks."""

    sheet: str = option("", "name of the sheet; the first that holds something when empty")


def _read(files: Files, options: XlsxOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    recorder.begin(files.shown(name), files.where(name))
    rows = _rows(files, name, options, recorder)
    first = next(rows, (1, []))
    columns = Columns.of(first[1], options.columns, options.header, files.where(name))
    ahead = list(islice(rows if columns.has_header else chain([first], rows), _JUDGED))
    separators = judge([_padded(cells, columns.width) for _, cells in ahead], columns, options, recorder)
    padded = ((row, _padded(cells, columns.width)) for row, cells in chain(ahead, rows))
    yield from table_terms(padded, columns, separators, options, recorder)


def _padded(cells: list[str], width: int) -> list[str]:
    """Empty cells at the end of a row are not stored."""
    return cells + [""] * (width - len(cells)) if len(cells) < width else cells


def _rows(
    files: Files, name: str, options: XlsxOptions, recorder: Recorder
) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with their numbers, without the empty cells at their ends."""
    import openpyxl

    with files.open(name) as stream, reading(files.where(name), library=True, hint=_HINT):
        _check_size(stream, files.where(name))
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        try:
            yield from _sheet(book, options, files.where(name), recorder)
        finally:
            book.close()


def _check_size(stream: Any, where: str) -> None:
    """Refuse a workbook that unpacks to too much: its strings are held in memory."""
    with zipfile.ZipFile(stream) as archive:
        for part in archive.infolist():
            if "sharedStrings" in part.filename:
                check_whole(part.file_size, where)
        if sum(part.file_size for part in archive.infolist()) > (most := limits().unpacked):
            said = f"the file unpacks to more than {shown_size(most)}."
            raise InputError(said, path=where, hint="Split the workbook.")
    stream.seek(0)


def _sheet(
    book: Any, options: XlsxOptions, where: str, recorder: Recorder
) -> Iterator[tuple[int, list[str]]]:
    names = list(book.sheetnames)
    if options.sheet and options.sheet not in names:
        hint = f"Name one of {', '.join(names)}."
        raise InputError(f"no sheet {options.sheet!r}.", path=where, hint=hint)
    for name in [options.sheet] if options.sheet else names:
        found = ((row, _cells(cells)) for row, cells in enumerate(book[name].iter_rows(values_only=True), 1))
        filled = ((row, cells) for row, cells in found if cells)
        if (first := next(filled, None)) is None:
            continue
        if others := [other for other in names if other != name]:
            listed = f"{quantity(len(others), 'other sheet')} not read: {', '.join(others)}"
            recorder.report.notes.append(f"{listed} (--set sheet=NAME reads one)")
        yield from chain([first], filled)
        return


def _cells(values: Any) -> list[str]:
    cells = ["" if value is None else str(value).strip() for value in values]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _sniff(name: str, head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and name.endswith((".xlsx", ".xlsm"))


READER = Reader(
    "xlsx",
    "workbooks (.xlsx)",
    _read,
    _sniff,
    XlsxOptions,
    own_labels=True,
    mode="folded",
    strict=True,
)
