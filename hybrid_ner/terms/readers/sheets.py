"""What workbooks and Word files hold besides rows: cells that are merged, and tables in a text."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from hybrid_ner.bounds import check_depth
from hybrid_ner.text import quantity

Rows = Iterator[tuple[int, list[str]]]
"""Rows that are not blank, with their numbers."""

# Cells of Excel that are merged with those below them.

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


def merged_cells(book: Any, name: str) -> tuple[dict[int, list[tuple[int, int]]], set[int], int]:
    """Columns (from 0) and last rows of cells that are merged with those below, by first row.

    Returns:
        These, the rows in which cells are merged with those beside them, and how many filled rows are hidden.
    """
    from openpyxl.utils import column_index_from_string as column_index

    runs, across, before = defaultdict[int, list[tuple[int, int]]](list), set[int](), b""
    hidden = 0
    with book._archive.open(book[name]._worksheet_path) as sheet:  # openpyxl tells only where it reads all
        while block := sheet.read(1 << 20):
            for column, first, to, last in _MERGED.findall(before[-200:] + block):
                if first == last and to != column:
                    across.add(int(first))
                if int(last) > int(first):
                    runs[int(first)].append((column_index(column.decode()) - 1, int(last)))
            hidden += len(_HIDDEN.findall(block))
            before = block
    return runs, across, hidden


_HIDDEN = re.compile(rb'<(?:\w+:)?row\s[^<>]*?\bhidden="(?:1|true)"[^<>]*(?<!/)>')
_ABOUT = re.compile(
    r"(?i)\W*(?:change ?log|changes|(?:version )?history|read ?me|legende?|instructions?|about|info)\W*"
)


def about_list(name: str) -> bool:
    """Whether a sheet says something of the list: "Change log", "Legend"."""
    return _ABOUT.fullmatch(name.replace("_", " ")) is not None


def shown_first(book: Any, names: Sequence[str], asked: str, notes: list[str]) -> list[str]:
    """The sheets that are shown or asked for, or all where none is; of those that are hidden it is told."""
    hidden = [name for name in names if book[name].sheet_state != "visible" and name != asked]
    if not hidden or len(hidden) == len(names):
        return [*names]
    notes.append(f"hidden sheets that were not read: {', '.join(hidden)} (--columns sheet=NAME reads one)")
    return [name for name in names if name not in hidden]


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

    Where most lines are items of a list, these alone are read: under several headings a sheet for each, whose
    name is the heading.

    Rows are counted through the file, so that a row has one number. A cell that is merged with those below
    it stands in each of their rows.

    Args:
        whole: Filled with the rows of each table that are one cell over several columns.
    """
    with zipfile.ZipFile(stream) as archive, archive.open("word/document.xml") as content:
        body = _parsed(content, where).find(f"{_WORD}body")
    lines, tables, row = list[str](), list[tuple[str, list[tuple[int, list[str]]]]](), 0
    styled = list[_Line]()
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
            for part in block.iter(f"{_WORD}p"):
                said = [line.strip() for line in _text(part).split("\n")]
                styled += [
                    _Line(len(lines) + n, line, *_style(part)) for n, line in enumerate(said, 1) if line
                ]
                lines += said
    if beside := sum(map(bool, lines)) * bool(tables):
        notes.append(
            f"{quantity(beside, 'line')} beside the tables {'is' if beside == 1 else 'are'} not read"
        )
    yield from tables or _lists(styled, notes)


class _Line(NamedTuple):
    """A line of a Word file; the level is that of an item (from 0), else -1."""

    row: int
    text: str
    level: int
    is_heading: bool


_LIST = re.compile(r"(?i)list|aufz|puce|viñeta|elenco|opsomming|nummerierung")
_HEADING = re.compile(r"(?i)heading|title|[üu]?berschrift|titel|titre|t[ií]tulo|titolo|kop")


def _style(paragraph: ElementTree.Element) -> tuple[int, bool]:
    """Level of an item, and whether a paragraph is a heading."""
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    name = style.get(f"{_WORD}val", "") if style is not None else ""
    numbered = paragraph.find(f"{_WORD}pPr/{_WORD}numPr")
    is_heading = _HEADING.match(name) is not None
    if is_heading or (numbered is None and not _LIST.match(name)):
        return -1, is_heading
    level = numbered.find(f"{_WORD}ilvl") if numbered is not None else None
    said = (
        level.get(f"{_WORD}val", "0")
        if level is not None
        else str(int(name[-1:] or 1) - 1 if name[-1:].isdigit() else 0)
    )
    return int(said) if said.isdigit() else 0, False


def _lists(lines: Sequence[_Line], notes: list[str]) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """The items of lists where most lines are some, else all lines."""
    items = [line for line in lines if line.level >= 0]
    if len(items) < 2 or 2 * len(items) < len(lines):
        return [("lines", [(line.row, [line.text]) for line in lines])]
    parts, title = dict[str, list[tuple[int, list[str]]]](), "lines"
    for line in lines:
        title = line.text if line.is_heading else title
        if line.level >= 0:
            parts.setdefault(title, []).append((line.row, [line.text]))
    beside = sum(line.level < 0 and not (line.is_heading and line.text in parts) for line in lines)
    if len(parts) == 1:
        beside, parts = len(lines) - len(items), {"lines": next(iter(parts.values()))}
    if beside:
        said = f"{quantity(beside, 'line')} beside the list"
        notes.append(f"{said} {'is' if beside == 1 else 'are'} not read")
    notes += parents_note([line.level for line in items], [line.text for line in items])
    return [*parts.items()]


def parents_note(levels: Sequence[int], texts: Sequence[str]) -> list[str]:
    """What is said of a list in levels, each of whose first ones has others below: these may be no terms."""
    top = [at for at, level in enumerate(levels) if level == min(levels)]
    have = [at for at in top if at + 1 < len(levels) and levels[at + 1] > levels[at]]
    if len(top) < 2 or have != top:
        return []
    return [
        f"items with others below them are read as terms too, first {texts[top[0]]!r}: take them out if not"
    ]


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
