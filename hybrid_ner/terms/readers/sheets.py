"""What workbooks and Word files hold besides rows: cells that are merged, and tables in a text."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from hybrid_ner.bounds import check_depth
from hybrid_ner.text import quantity

Rows = Iterator[tuple[int, list[str]]]
"""Rows that are not blank, with their numbers."""

# Cells of Excel that are merged with those below them.

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


def merged_cells(book: Any, name: str) -> tuple[dict[int, list[tuple[int, int]]], set[int]]:
    """Columns (from 0) and last rows of cells that are merged with those below, by first row.

    Returns:
        These, and the rows in which cells are merged with those beside them.
    """
    from openpyxl.utils import column_index_from_string as column_index

    runs, across, before = defaultdict[int, list[tuple[int, int]]](list), set[int](), b""
    with book._archive.open(book[name]._worksheet_path) as sheet:  # openpyxl tells only where it reads all
        while block := sheet.read(1 << 20):
            for column, first, to, last in _MERGED.findall(before[-200:] + block):
                if first == last and to != column:
                    across.add(int(first))
                if int(last) > int(first):
                    runs[int(first)].append((column_index(column.decode()) - 1, int(last)))
            before = block
    return runs, across


def repeated(rows: Rows, merged: Mapping[int, Sequence[tuple[int, int]]]) -> Rows:
    """The rows, with the value of a merged cell in each row that it covers and that holds something."""
    held: dict[int, tuple[int, str]] = {}
    for row, cells in rows:
        for column, last in merged.get(row, ()):
            held[column] = last, cells[column] if column < len(cells) else ""
        for column, (last, value) in held.items():
            if cells and value and row <= last:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = value
        yield row, cells


# Word: each table is a sheet, with the heading or title above it as its name; without one the lines are.

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}
_GONE = {f"{_WORD}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "pict", "drawing", "object")}
"""Deleted words, and what is drawn."""


def word_tables(
    stream: Any, where: str, notes: list[str], whole: dict[str, Collection[int]]
) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Name and rows of each table of a Word file; of one without tables its lines, as a sheet of one column.

    Rows are counted through the file, so that a row has one number. A cell that is merged with those below
    it stands in each of their rows.

    Args:
        whole: Filled with the rows of each table that are one cell over several columns.
    """
    with zipfile.ZipFile(stream) as archive, archive.open("word/document.xml") as content:
        body = _parsed(content, where).find(f"{_WORD}body")
    lines, tables, row = list[str](), list[tuple[str, list[tuple[int, list[str]]]]](), 0
    for block in body if body is not None else ():
        if block.tag == f"{_WORD}tbl":
            read = [*enumerate(_table(block), start=row + 1)]
            rows, row = [(at, cells) for at, (cells, _) in read], row + len(read)
            title = next((line for line in reversed(lines) if line), "")
            short = title if len(title.split()) <= _MOST_WORDS and title[-1:] not in ".:;" else ""
            taken = {name for name, _ in tables}
            name = short if short and short not in taken else f"table {len(tables) + 1}"
            tables.append((name, [(at, cells) for at, cells in rows if any(cells)]))
            whole[name] = {at for at, (_, is_whole) in read if is_whole}
        else:
            lines += [line.strip() for part in block.iter(f"{_WORD}p") for line in _text(part).split("\n")]
    if beside := sum(map(bool, lines)) * bool(tables):
        notes.append(
            f"{quantity(beside, 'line')} beside the tables {'is' if beside == 1 else 'are'} not read"
        )
    yield from tables or [("lines", [(at, [line]) for at, line in enumerate(lines, start=1) if line])]


_MOST_WORDS = 6
"""Words of what may be the title of a table."""


def _parsed(content: Any, where: str) -> ElementTree.Element:
    above, root = 0, ElementTree.Element("empty")
    for event, element in ElementTree.iterparse(content, ("start", "end")):
        above += 1 if event == "start" else -1
        check_depth(above, where)
        root = element
    return root


def _table(table: ElementTree.Element) -> Iterator[tuple[list[str], bool]]:
    """The cells of each row, and whether they are one; those that are merged with the one above repeat it."""
    above: list[str] = []
    for row in table.iter(f"{_WORD}tr"):
        cells, drawn = list[str](), 0
        for cell in row.iter(f"{_WORD}tc"):
            merged, span = cell.find(f".//{_WORD}vMerge"), cell.find(f".//{_WORD}gridSpan")
            goes_on = merged is not None and merged.get(f"{_WORD}val", "continue") == "continue"
            text = "\n".join(filter(None, (_text(line).strip() for line in cell.iter(f"{_WORD}p"))))
            cells.append(above[len(cells)] if goes_on and len(cells) < len(above) else text)
            drawn += 1
            wide = int(span.get(f"{_WORD}val", "1")) if span is not None else 1
            cells += [""] * (min(wide, _MOST_COLUMNS) - 1)
        above = cells
        yield [*cells], drawn == 1 < len(cells)


_MOST_COLUMNS = 63
"""Columns that a table of Word can have."""


def _text(element: ElementTree.Element) -> str:
    """The text of a paragraph without what is deleted in it."""
    if element.tag in _GONE:
        return ""
    if element.tag == f"{_WORD}t":
        return element.text or ""
    return _BREAKS.get(element.tag, "") + "".join(map(_text, element))
