"""What tables hold besides rows of terms: merged cells, the text of Word files, names of groups, remarks."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple
from xml.etree import ElementTree

from hybrid_ner.bounds import check_depth
from hybrid_ner.terms.readers import headings
from hybrid_ner.terms.readers.columns import Columns
from hybrid_ner.terms.readers.report import Recorder, are_known, parents_note
from hybrid_ner.text import quantity

Rows = Iterator[tuple[int, list[str]]]
"""Rows that are not blank, with their numbers."""
Sheet = tuple[str, list[tuple[int, list[str]]]]
"""Name and rows."""

# Tables that stand below each other on a sheet, each under headings of its own.


class Stack:
    """Rows of a sheet as those of one table after the other.

    A table begins behind an empty row, with headings that are not those of the table above or have a title.

    Args:
        rows: Rows that are not blank, numbered.
        mark: What stands between cells of a text file, where a row with line breaks in it is several lines.
        several: Whether there may be more than one.
    """

    def __init__(self, rows: Iterable[tuple[int, list[str]]], mark: str, *, several: bool) -> None:
        self._rows, self._ahead = iter(rows), deque[tuple[int, list[str]]]()
        self._lines, self._may_be, self._names = bool(mark), several, list[str]()
        self.several = False  # whether more than one was seen so far

    def head(self, count: int) -> list[list[str]]:
        """The next rows of the table, without using them up."""
        self._peek(count)
        ends = next((at for at in range(1, len(self._ahead)) if self._begins(at)), count)
        self.several = self.several or ends < count
        return [cells for _, cells in islice(self._ahead, min(count, ends))]

    def titles(self) -> list[tuple[int, list[str]]]:
        """What stands above the headings of a further table, used up; the headings are remembered."""
        above = headings.rows_above(self._block(0)) if self._names else 0
        found = [self._ahead.popleft() for _ in range(above)]
        self._names = [cell.strip() for cell in self._ahead[0][1]]
        return found

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of the table, used up, to where another begins."""
        while self._peek(2):
            ends = len(self._ahead) > 1 and self._begins(1)
            yield self._ahead.popleft()
            if ends:
                return

    def _peek(self, count: int) -> int:
        self._ahead.extend(islice(self._rows, max(0, count - len(self._ahead))))
        return len(self._ahead)

    def _behind_gap(self, at: int) -> bool:
        row, cells = self._ahead[at - 1]
        more = sum(cell.count("\n") for cell in cells) if self._lines else 0
        return self._ahead[at][0] > row + 1 + more

    def _block(self, at: int) -> list[list[str]]:
        """Rows up to the next empty one that stands below more than titles."""
        self._peek(at + _BLOCK)
        rows = list[list[str]]()
        for place in range(at, min(len(self._ahead), at + _BLOCK)):
            if rows and self._behind_gap(place) and sum(map(bool, map(str.strip, rows[-1]))) > 1:
                break
            rows.append(self._ahead[place][1])
        return rows

    def _begins(self, at: int) -> bool:
        if not self._may_be or not self._behind_gap(at) or len(block := self._block(at)) < 2:
            return False
        above = headings.rows_above(block)
        first, *below = block[above:]
        names = [*map(str.strip, first)]
        if [*filter(None, names)] == [*filter(None, self._names)] and not above:
            return False
        return headings.are_telling(first, below)


_BLOCK = 20
"""Rows by which it is judged whether a table begins."""

# Cells of Excel that are merged with those below them.

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


class Marks(NamedTuple):
    """What a sheet says of its cells besides what stands in them.

    Args:
        runs: Columns (from 0) and last rows of cells that are merged with those below, by first row.
        across: The rows in which cells are merged with those beside them.
        hidden: How many filled rows are hidden.
        unknown: Names of the cells whose formula has no stored value, as programs write them.
    """

    runs: dict[int, list[tuple[int, int]]]
    across: set[int]
    hidden: int
    unknown: list[str]


def marks(book: Any, name: str) -> Marks:
    """What a sheet of Excel says of its cells, which openpyxl tells only where it reads all."""
    from openpyxl.utils import column_index_from_string as column_index

    runs, across, hidden = defaultdict[int, list[tuple[int, int]]](list), set[int](), 0
    unknown, rest, block = list[str](), b"", b" "
    with book._archive.open(book[name]._worksheet_path) as sheet:
        while block:
            rest += (block := sheet.read(1 << 20))
            # Up to a whole row, or a whole tag; all of it at the end.
            cut = max(rest.rfind(b"</row>"), -1) if block else len(rest)
            cut = cut if cut >= 0 else rest.rfind(b"<")
            part, rest = rest[:cut], rest[cut:]
            for column, first, to, last in _MERGED.findall(part):
                if first == last and to != column:
                    across.add(int(first))
                if int(last) > int(first):
                    runs[int(first)].append((column_index(column.decode()) - 1, int(last)))
            hidden += len(_HIDDEN.findall(part))
            unknown += (cell.decode() for cell in _UNKNOWN.findall(part))
    return Marks(runs, across, hidden, unknown)


_UNKNOWN = re.compile(
    rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]+\d+)"[^<>]*><(?:\w+:)?f\b[^<>]*(?:/>|>[^<>]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_HIDDEN = re.compile(rb'<(?:\w+:)?row\s[^<>]*?\bhidden="(?:1|true)"[^<>]*(?<!/)>')
_ABOUT = re.compile(
    r"(?i)\W*(?:change ?log|changes|(?:version )?history|read ?me|legende?|instructions?|about|info|help"
    r"|(?:notes?|remarks?|comments?|hinweise?|anmerkung(?:en)?|bemerkung(?:en)?)(?: (?:on|about|zu) .*)?"
    r"|(?:contacts?|kontakte?|contactos?)(?: (?:details?|persons?|list|info(?:rmation)?))?|ansprechpartner"
    r"|maintainers?|address book|cover(?: (?:page|sheet))?|deckblatt|(?:table of )?contents|inhalt"
    r")\W*"
)


def about_list(name: str) -> bool:
    """Whether a sheet says something of the list, as its name tells: "Change log", "Contacts"."""
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
) -> Iterator[Sheet]:
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
    lines, tables, row = list[str](), list[Sheet](), 0
    styled = list[_Line]()
    for block in body if body is not None else ():
        if block.tag == f"{_WORD}tbl":
            read = [*enumerate(_table(block), start=row + 1)]
            rows, row = [(at, cells) for at, (cells, _) in read], row + len(read)
            title = styled[-1].text if styled else ""
            short = title if len(title.split()) <= _MOST_WORDS and title[-1:] not in ".:;" else ""
            taken = {name for name, _ in tables}
            name = short if short and short not in taken else f"table {len(tables) + 1}"
            tables.append((name, [(at, cells) for at, cells in rows if any(cells)]))
            whole[name] = {at for at, (_, is_whole) in read if is_whole}
        else:
            for part in block.iter(f"{_WORD}p"):
                said = [line.strip() for line in _text(part).split("\n")]
                numbered = [(row, line) for row, line in enumerate(said, len(lines) + 1) if line]
                styled += [_Line(row, line, *_style(part)) for row, line in numbered]
                lines += said
    if styled and tables:
        told = quantity(len(styled), "line beside the tables is", "lines beside the tables are")
        notes.append(f"{told} not read")
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
    level, end = numbered.find(f"{_WORD}ilvl") if numbered is not None else None, name[-1:]
    said = str(int(end) - 1) if end.isdigit() else "0"  # of "Liste 2"
    said = said if level is None else level.get(f"{_WORD}val", "0")
    return int(said) if said.isdigit() else 0, False


def _lists(lines: Sequence[_Line], notes: list[str]) -> list[Sheet]:
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
        said = quantity(beside, "line beside the list is", "lines beside the list are")
        notes.append(f"{said} not read")
    notes += parents_note([line.level for line in items], [line.text for line in items])
    return [*parts.items()]


_MOST_WORDS = 6
"""Words of what may be the title of a table."""


def _parsed(content: Any, where: str) -> ElementTree.Element:
    above, root = 0, ElementTree.Element("empty")
    for event, element in ElementTree.iterparse(content, ("start", "end")):
        above += 1 if event == "start" else -1
        if event == "start":
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
    own = (element.text or "") if element.tag == f"{_WORD}t" else _BREAKS.get(element.tag, "")
    return "" if element.tag in _GONE else own + "".join(map(_text, element))


# Rows of a table that hold no term: names of the rows below them ("Antibiotics" over its drugs), remarks.

_PLURAL = re.compile(r".*[^\Waeiousy]s|.*(?:[aeiou]|[a-z]y)[a-z]*es", re.IGNORECASE | re.DOTALL)
_REMARK = re.compile(
    r"(?i)(?:\*|†|‡|©|[¹²³⁴-⁹]|n\.?b\.|notes?\b|source\b|legend\b|abbreviations?\b|quelle\b|stand\b|hinweis"
    r"|(?:last )?(?:updated|revised|reviewed)\b|(?:prepared|printed|approved|version)\b|page \d|end of\b"
    r"|\W*(?:continued|cont(?:inuation|['’]d)|fortsetzung|suite)\b)"
)
"""How a line under a table begins: "Source: pharmacy", "* restricted", "Last updated 3 May"."""
_WORDS = 10
"""Words from which a cell beside which nothing stands is a remark."""
_RUN = 2
"""Names of groups that may follow each other: "Anti-infectives" over "Antibiotics"."""
_MANY = 1_000
"""Rows that are looked at; where there are so many, the last of them is not the last of the table."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which rows are names of others.

    Args:
        place: Position of the term.
        lone: Which rows that fill this cell alone are names of groups: ``every``, those in ``capitals``,
            those with a ``colon``, or none but those of ``whole``.
        remarks: Whether every term has something in two further columns, so that a lone remark is no term.
        whole: Numbers of rows that are one cell.
        label: Whether the names are labels of the rows below.
        starred: Whether a remark explains what a star behind a name means.
        blocks: Position of a column of labels in which an empty cell stands for the one above, or -1.
    """

    place: int
    lone: str
    remarks: bool = False
    whole: Collection[int] = ()
    label: bool = False
    starred: bool = False
    blocks: int = -1

    @classmethod
    def judged(
        cls,
        rows: Sequence[Sequence[str]],
        columns: Columns,
        asked: str,
        whole: Collection[int],
        recorder: Recorder,
    ) -> Groups:
        """As the first rows of a table show it; what was decided, or may be meant, is noted.

        Rows are names of groups if one stands first and none last, and further columns are empty in all of
        them and filled in all others: codes and something else, or, beside names in the plural, any. Or if
        they alone are in capitals or end in a colon.
        """
        place = columns.at["term"]
        lone = [at for at, row in enumerate(rows) if _is_lone(row, place)]
        names = [rows[at][place].strip() for at in lone]
        others = [row for row in rows if any(map(str.strip, row)) and not _is_lone(row, place)]
        told = [at for at in _telling(columns) if others and all(row[at].strip() for row in others)]
        remarks = len(told) > 1 or columns.at.get("label") in told
        blocks = _blocks(rows, columns, recorder)
        starred = remarks and any(name.startswith("*") for name in names)
        kept = [at for at, name in zip(lone, names, strict=True) if not (remarks and is_remark(name))]
        names = [rows[at][place].strip() for at in kept]
        if asked == "terms":
            return cls(place, "", starred=starred, blocks=blocks)
        if columns.parts or not (names or whole):
            return cls(place, "", remarks, whole, starred=starred, blocks=blocks)
        if asked == "skip":
            return cls(place, "every", remarks, whole, starred=starred, blocks=blocks)
        terms = [row[place].strip() for row in others]
        sections = _are_sections(kept, len(rows), len(others))
        several = _are_plural(names, terms)
        # Terms that nobody has coded lack all codes at once: a column of another kind tells more.
        coded = [at for at in told if headings.is_coded([row[at].strip() for row in others])]
        mixed = 0 < len(coded) < len(told) and len(names) > 1 and len(others) > len(names)
        signs = (several and (len(told) > 1 or len(names) > 1)) or mixed
        sure = "every" if sections and told and signs else ""
        sure = sure or _stand_out([row[place].strip() for row in rows], kept)
        head = columns.names[place] if columns.names else place + 1
        known = "label" not in columns.at and not recorder.label and are_known(names) and len(names) > 1
        if sure:
            which = {"capitals": " in capitals", "colon": " that end in a colon"}.get(sure, "")
            note = f"rows{which} that fill no column but {head!r} are read as names of the rows below them"
            note = f"{note}, which are their labels" if known else note
            recorder.report.notes.append(f"{note} (--set groups=terms reads them as terms)")
        elif len(whole) < len(names) and sections and (told or len(names) > 1):
            note = f"rows that fill no column but {head!r} are read as terms, first {names[0]!r}"
            recorder.report.notes.append(
                f"{note}: if they name the rows below them, leave them out (--set groups=skip)"
            )
        return cls(place, sure, remarks, whole, known and bool(sure), starred, blocks)

    def reason(self, row: int, cells: Sequence[str]) -> str:
        """Why a row holds no term; empty where it may hold one."""
        if not _is_lone(cells, self.place):
            return ""
        if self.remarks and is_remark(cells[self.place]):
            return "text beside the table"
        named = self.lone == "every" or row in self.whole or self.lone == _form(cells[self.place].strip())
        return GROUP if named else ""

    def cleaned(self, cells: list[str]) -> list[str]:
        """The cells of a term without the star of a footnote behind it: "Clarithromycin*"."""
        if self.starred and len(cells) > self.place and (name := cells[self.place].rstrip("* ")):
            return [*cells[: self.place], name, *cells[self.place + 1 :]]
        return cells


GROUP = "name of a group of rows"


def _is_lone(row: Sequence[str], place: int) -> bool:
    return len(row) > place and bool(row[place].strip()) and sum(map(bool, map(str.strip, row))) == 1


def is_remark(text: str) -> bool:
    """Whether a cell with nothing beside it is no name but a remark."""
    return bool(_REMARK.match(text.strip())) or len(text.split()) >= _WORDS


def _blocks(rows: Sequence[Sequence[str]], columns: Columns, recorder: Recorder) -> int:
    """Position of labels that stand in the first row of each block alone: "Disease", "", "", "Drug", ""."""
    at = columns.at.get("label", -1)
    place, told = columns.at["term"], [row for row in rows if at >= 0 and any(map(str.strip, row))]
    said = [row[at].strip() for row in told if not (_is_lone(row, place) and is_remark(row[place]))]
    filled = [label for label in said if label]
    if recorder.label or not 2 <= len(filled) == len({*filled}) <= len(said) / 2 or not said[0]:
        return -1
    head = columns.names[at] if columns.names else at + 1
    recorder.report.notes.append(f"empty cells of column {head!r} are read as the one above them")
    return at


def _telling(columns: Columns) -> list[int]:
    """Positions of columns that rarely are empty: not those of other names, and no remarks."""
    named = {columns.at[role] for role in ("term", *headings.SEVERAL) if role in columns.at}
    named |= {*columns.also, *(at for at in (columns.given_names, columns.form) if at is not None)}
    heads = columns.names or ("",) * columns.width
    return [at for at, head in enumerate(heads) if at not in named and not _FREE.search(headings.plain(head))]


_FREE = re.compile(
    r"\b(?:notes?|comments?|remarks?|bemerkung(?:en)?|anmerkung(?:en)?|see|kommentar|definition)\b"
)


def _are_sections(lone: Sequence[int], rows: int, others: int) -> bool:
    """Whether one stands first and none last, and fewer than three follow each other."""
    if not lone or lone[0] != 0 or (lone[-1] == rows - 1 and rows < _MANY) or len(lone) > others:
        return False
    return not any({*range(at, at + _RUN + 1)} <= {*lone} for at in lone)


def _form(name: str) -> str:
    return "colon" if name.endswith(":") else "capitals" if name.isupper() and len(name) > _SHORT else "other"


_SHORT = 3
_LONG = 6
"""Letters of names in capitals on average that are no acronyms."""


def _stand_out(terms: Sequence[str], lone: Sequence[int]) -> str:
    """How names of groups are written among others, if terms never are: in capitals, with a colon."""
    for form in ("colon", "capitals"):
        named = [at for at in lone if _form(terms[at]) == form]
        others = len(terms) - len(named)
        if not named or sum(_form(term) == form for term in terms) > len(named) or len(named) > others:
            continue
        long = sum(len(terms[at]) for at in named) >= _LONG * len(named)
        if form == "colon" or (long and len(named) > 1 and _are_sections(named, len(terms), others)):
            return form
    return ""


def _are_plural(names: Sequence[str], terms: Sequence[str]) -> bool:
    several = sum(_PLURAL.fullmatch(term) is not None for term in terms)
    return all(map(_PLURAL.fullmatch, names)) and 4 * several <= len(terms)
