"""XML, JSON and tables read as streams, so that a file larger than memory can be read."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import IO, Any
from xml.etree import ElementTree

from hybrid_ner.bounds import JsonWindow, check_depth
from hybrid_ner.io import said_once
from hybrid_ner.terms.readers.base import (
    Files,
    InputError,
    Recorder,
    decode,
    delimited_header,
    quoting_problem,
)
from hybrid_ner.terms.readers.base import header_of as header_of
from hybrid_ner.terms.readers.headings import CODE

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def is_xml(head: bytes) -> bool:
    return head.lstrip().startswith(b"<") and not _INLINE.match(head)


_INLINE = re.compile(rb"(?i)\s*</?(?:i|b|em|strong|sub|sup|span|font|u)\b[^<>]*>")
"""What begins a name in a list of another kind: "<i>Listeria</i> spp."."""


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def records(
    files: Files, name: str, recorder: Recorder, tags: Collection[str]
) -> Iterator[tuple[int, ElementTree.Element]]:
    """Numbered elements with one of the local names; each is freed when the next is asked for.

    Raises:
        InputError: The XML is malformed or ends early; the row is the line.
    """
    recorder.begin(files, name)
    number = 0
    for above, element in ended(files, name):
        if local(element.tag) in tags:
            number += 1
            recorder.report.rows += 1
            yield number, element
            if above:
                above[-1].remove(element)


_Ended = Iterator[tuple[list[ElementTree.Element], ElementTree.Element]]


def ended(files: Files, name: str) -> _Ended:
    """Elements of a member, as ``elements`` gives them."""
    with files.open(name) as stream:
        yield from elements(stream, files.where(name))


def elements(stream: IO[bytes], where: str) -> _Ended:
    """Every element of XML when it ends, with those around it: who takes one frees it there.

    Raises:
        InputError: It cannot be parsed, is in an encoding nobody knows, or too deep.
    """
    above: list[ElementTree.Element] = []
    try:
        for event, element in ElementTree.iterparse(stream, ("start", "end")):
            if event == "start":
                above.append(element)
                check_depth(len(above), where)
            else:
                above.pop()
                yield above, element
    except (ElementTree.ParseError, LookupError) as error:
        line = error.position[0] if isinstance(error, ElementTree.ParseError) else 1
        hint = "The file may be cut off: download or copy it again."
        if "invalid token" in str(error):
            hint = "Save it in UTF-8, or name its encoding in the first line, and write & as &amp;."
        if "entit" in str(error):  # of its head: one that grows, or that stands in another file
            hint = "Write out the entities (&name;) of its DOCTYPE: xmllint --noent FILE, if you trust it."
        raise InputError(f"malformed XML ({error}).", path=where, row=line, hint=hint) from error


def children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Direct children with a local name."""
    return (found for found in element if local(found.tag) == name)


def child(element: ElementTree.Element | None, *names: str) -> ElementTree.Element | None:
    """The first element down a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def inside(element: ElementTree.Element | None, *names: str) -> list[ElementTree.Element]:
    """What stands in the element at the end of a path of local names; nothing when it is absent."""
    found = child(element, *names)
    return [] if found is None else list(found)


def value(element: ElementTree.Element | None, *names: str) -> str:
    """Text at the end of a path of local names, tidied; empty when absent."""
    found = child(element, *names)
    return "" if found is None else " ".join("".join(found.itertext()).split())


_CHUNK = 1 << 16


def json_items(
    files: Files, name: str, start: re.Pattern[str], *, every: bool = False, needed: bool = True
) -> Iterator[tuple[int, Any]]:
    """Numbered items of the array behind the first match of ``start``, or behind ``every`` match.

    Raises:
        InputError: The text is no JSON, has no such array though one is ``needed``, or ends before the
            array does.
    """
    # A name may be a number, such as 1.10: it stays as it is written.
    decoder = json.JSONDecoder(parse_float=str, object_pairs_hook=said_once)
    window = JsonWindow(_blocks(files, name), files.where(name))
    found = window.seek(start, needed=needed)
    while found:
        while window.next_item():
            yield window.items + 1, window.decode(decoder)
        found = every and window.seek(start, needed=False)


def _blocks(files: Files, name: str) -> Iterator[bytes]:
    """The bytes of a member in blocks; the last one is empty."""
    with files.open(name) as stream:
        yield from iter(partial(stream.read, _CHUNK), b"")
    yield b""


# Tables as rows, each with the number of its first line.

_PIECE = re.compile(r"\S+(?: \S+)*")
_MARKED = re.compile(r"[\t|]|[,;] {2,}")
_BOXED = re.compile(r"\s*[|│┃](.*)[|│┃]\s*")


def laid_out(lines: Sequence[str]) -> Callable[[str], str] | None:
    """What puts tabs between the cells of lines in which they stand under each other, or in boxes.

    Returns:
        ``None`` where most lines do not have as many cells as one of the first, two at least.
    """
    if sum(map(bool, map(_BOXED.fullmatch, lines))) > _MOSTLY * sum(any(map(str.isalnum, x)) for x in lines):
        return _unboxed
    pieces = [list(_PIECE.finditer(line)) for line in lines]
    if sum(_MARKED.search(line) is not None for line in lines) > len(lines) / 2:
        return None
    for at, head in enumerate(pieces[:_TITLES]):
        same = sum(len(row) == len(head) for row in pieces[at + 1 :])
        if len(head) > 1 < same and same >= _MOSTLY * (len(pieces) - at - 1):
            return partial(_under, [found.span() for found in head])
    return None


_TITLES, _MOSTLY = 8, 0.6
"""Lines above a table at most, and the least share of lines below that have as many cells."""


def _unboxed(line: str) -> str:
    found = _BOXED.fullmatch(line)
    return "\t".join(re.split(r"\s*[|│┃]\s*", found[1].strip())) if found else ""


def _under(heads: Sequence[tuple[int, int]], line: str) -> str:
    """The cells of a line, each under the heading that it overlaps, or behind which it begins."""
    pieces = list(_PIECE.finditer(line))
    if len(pieces) == len(heads):
        return "\t".join(piece[0] for piece in pieces)
    cells = [""] * len(heads)
    for piece in pieces:
        start, end = piece.span()
        over = [min(end, last) - max(start, first) for first, last in heads]
        behind = sum(first <= start for first, _ in heads) - 1
        at = over.index(max(over)) if max(over) > 0 else max(0, behind)
        cells[at] = f"{cells[at]} {piece[0]}".strip()
    return "\t".join(cells)


class Lines:
    """Decoded lines of a member; ``row`` is the number of the last one, ``read_as`` may change each."""

    def __init__(self, files: Files, name: str, recorder: Recorder) -> None:
        self._lines = enumerate(files.lines(name, quoted=True), start=1)
        self._ahead: deque[tuple[int, str]] = deque()
        self._recorder = recorder
        self.row = 0
        self.read_as: Callable[[str], str] | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.row, line = self._ahead.popleft() if self._ahead else self._decoded()
        return (self.read_as(line) if self.read_as else line) + "\n"

    def _decoded(self) -> tuple[int, str]:
        for row, line in self._lines:
            if (text := decode(line, row, self._recorder)) is not None:
                return row, text
        raise StopIteration

    def peek(self, count: int) -> list[str]:
        """The next lines that are not blank, without using them up."""
        with suppress(StopIteration):
            while len(self._ahead) < count:
                self._ahead.append(self._decoded())
        lines = [line for _, line in islice(self._ahead, count) if line.strip()]
        return [*filter(str.strip, map(self.read_as, lines))] if self.read_as else lines

    def skip_comments(self) -> None:
        """Count and drop the comment lines at the top."""
        while (ahead := self.peek(1)) and ahead[0].startswith("#"):
            self._recorder.skip("comment", self._ahead[0][0], self._ahead[0][1])
            self._ahead.popleft()


def csv_rows(
    table: Iterator[list[str]], lines: Lines, recorder: Recorder, hint: str = ""
) -> Iterator[tuple[int, list[str]]]:
    """Rows that a CSV reader makes of lines, each with the number of its first line."""
    while True:
        start = lines.row + 1
        try:
            yield start, next(table)
        except StopIteration:
            return
        except csv.Error as error:
            recorder.bad("broken quoting", start, quoting_problem(error, start, lines.row), hint)


class Unquoted:
    """Mends rows with more than ``width`` cells, where a comma in a name stands without quotes around it.

    The column of such names is the one that leaves the others tidy where its pieces are joined: codes, or
    values that come again and again.
    """

    def __init__(self, width: int, rows: Sequence[Sequence[str]], mark: str) -> None:
        self._width, self._mark, self.first = width, mark, 0
        wide = [row for row in rows if len(row) > width and row[-1].strip()]
        scores = [self._tidy([self._joined(row, at) for row in rows], at) for at in range(width * bool(wide))]
        right = [row for row in rows if len(row) == width]
        coded = [bool(right) and all(CODE.fullmatch(row[at].strip()) for row in right) for at in range(width)]
        best = [at for at, score in enumerate(scores) if score == max(scores) and not coded[at]]
        self._at = best[0] if len(best) == 1 else None

    def _joined(self, cells: Sequence[str], at: int) -> list[str]:
        more = max(0, len(cells) - self._width)
        return [*cells[:at], self._mark.join(cells[at : at + more + 1]), *cells[at + more + 1 :]]

    def _tidy(self, rows: Sequence[Sequence[str]], joined: int) -> int:
        """Number of the other columns that hold codes or repeat themselves."""
        held = [[c for row in rows if len(row) > at and (c := row[at].strip())] for at in range(self._width)]
        return sum(
            at != joined and (2 * len(set(cells)) <= len(cells) or all(map(CODE.fullmatch, cells)))
            for at, cells in enumerate(held)
        )

    def mended(self, cells: list[str], row: int = 0) -> list[str]:
        """The row with the pieces of its name joined, if it is clear which; else as it is."""
        if len(cells) <= self._width or not any(map(str.strip, cells[self._width :])):
            return cells
        spaced = cells[:1]  # "Smith, John,17": behind no other comma is a space
        for cell in cells[1:]:
            spaced[-1:] = [f"{spaced[-1]}{self._mark}{cell}"] if cell[:1] == " " else [spaced[-1], cell]
        if len(spaced) != self._width:
            if self._at is None:
                return cells
            spaced = self._joined(cells, self._at)
        self.first = self.first or row
        return spaced


class Table:
    """One table read as a stream.

    Args:
        required: Columns it must have, in any case.

    Raises:
        InputError: A required column is missing.
    """

    def __init__(self, files: Files, name: str, recorder: Recorder, required: Sequence[str] = ()) -> None:
        self._recorder = recorder
        self._where = files.where(name)
        # The whole first line: that of a GLEIF golden copy alone has some 14,000 characters.
        self.columns, self._delimiter = delimited_header(next(files.lines(name), b""))
        missing = [column for column in required if column.lower() not in self.columns]
        if missing:
            problem = f"no column {missing[0]!r}; its columns are {self.shown}."
            hint = "Check that it is the file this format names."
            raise InputError(problem, path=files.where(name), row=1, hint=hint)
        recorder.begin(files, name)
        self._lines = Lines(files, name, recorder)

    @property
    def shown(self) -> str:
        """The first columns, for a message."""
        return ", ".join(column[:60] for column in self.columns[:8])

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows after the header; a row of another width is bad."""
        quotes = quoting("none" if self._delimiter == "\t" else '"')
        rows = csv.reader(self._lines, delimiter=self._delimiter, **quotes)
        try:
            next(rows, None)
        except csv.Error as error:
            problem = f"broken quoting in the header: {quoting_problem(error)}."
            raise InputError(problem, path=self._where, row=1, hint="Mend the first row.") from error
        for start, cells in csv_rows(rows, self._lines, self._recorder):
            if not any(cells):
                continue
            self._recorder.report.rows += 1
            if len(cells) == len(self.columns):
                yield start, dict(zip(self.columns, cells, strict=True))
            else:
                found = f"{len(cells)} instead of {len(self.columns)}: {', '.join(cells[:3])}"
                self._recorder.bad("wrong number of columns", start, found)


# Where a table begins, and what stands between its cells.

_DELIMITERS = ",\t;|"


def sniff_delimiter(lines: Sequence[str], quote: str = '"') -> str:
    """The delimiter that gives the first lines the same number of columns, the most columns winning.

    Up to two lines above the table may be its title.
    """
    for title in range(min(3, max(1, len(lines) - 2))):
        best, width = "", 1
        for delimiter in _DELIMITERS:
            counts = {len(row) for row in rows_delimited(lines[title:], delimiter, quote) if row}
            if len(counts) == 1 and (found := counts.pop()) > width:
                best, width = delimiter, found
        if best or not lines:
            return best
    widths = {d: Counter(len(row) for row in rows_delimited(lines, d, quote) if row) for d in _DELIMITERS}
    usual = {d: width.most_common(1)[0] for d, width in widths.items() if width}
    often = [(count, width, d) for d, (width, count) in usual.items() if width > 1 and 2 * count > len(lines)]
    if often:
        return max(often)[2]
    most = max(_DELIMITERS, key=lines[0].count)
    return most if most in lines[0] else ""


def rows_delimited(
    lines: Sequence[str], delimiter: str, quote: str = "none", *, partly: bool = False
) -> list[list[str]]:
    """The rows of some lines; of broken ones none, or those above."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, **quoting(quote)))
    except csv.Error:
        return rows if partly else []
    return rows


def quoting(quote: str) -> dict[str, Any]:
    return {"quotechar": quote, "strict": True} if quote not in ("", "none") else {"quoting": csv.QUOTE_NONE}


# Sheets of OpenDocument (OASIS, OpenDocument 1.3, part 3, 9.1), which has cells and rows that repeat.

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def ods_sheets(
    stream: Any, where: str, whole: dict[str, Collection[int]]
) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Name and rows of each sheet: numbered, without blank ones and without the empty cells at their ends.

    Args:
        whole: Filled with the rows of each sheet that hold cells over several columns.
    """
    with zipfile.ZipFile(stream) as archive, archive.open("content.xml") as content:
        rows, row, across = list[tuple[int, list[str]]](), 0, set[int]()
        for _, element in elements(content, where):
            if element.tag not in (f"{_OFFICE}table", f"{_OFFICE}table-row"):
                continue
            if element.tag.endswith("row"):
                row += 1
                across |= {row} if any(cell.get(_SPANNED, "1") != "1" for cell in element) else set()
                if cells := _cells_ods(element):
                    rows.append((row, cells))
                row += int(element.get(f"{_OFFICE}number-rows-repeated", 1)) - 1
            else:
                whole[name := element.get(f"{_OFFICE}name", "")] = across
                yield name, rows
                rows, row, across = [], 0, set()
            element.clear()


_SPANNED = f"{_OFFICE}number-columns-spanned"


def _cells_ods(row: ElementTree.Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        said = "\n".join("".join(line.itertext()).strip() for line in children(cell, "p"))
        cells += [said] * min(int(cell.get(f"{_OFFICE}number-columns-repeated", 1)), _MOST_COLUMNS)
    while cells and not cells[-1]:
        cells.pop()
    return cells


_MOST_COLUMNS = 16_384
"""Columns that a sheet can have."""
