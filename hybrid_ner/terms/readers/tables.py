"""Tables that anyone makes: CSV and other delimited text, sheets of workbooks, tables of Word files."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from itertools import chain, islice
from typing import Any

from hybrid_ner.bounds import check_workbook, reading
from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms.readers import headings, sheets, streams
from hybrid_ner.terms.readers.base import OWN_LIST, Options, Reader, Separators, Term, option, quoting_problem
from hybrid_ner.terms.readers.columns import Columns, judge, names_one
from hybrid_ner.terms.readers.files import WORKBOOKS, Files, label_of_name
from hybrid_ner.terms.readers.headings import NAMES, as_label
from hybrid_ner.terms.readers.report import Recorder, are_known, are_labels, unescaped
from hybrid_ner.terms.readers.streams import Lines, quoting, rows_delimited
from hybrid_ner.terms.shipped import COLUMNS
from hybrid_ner.text import quantity, unguarded

# Tables that stand beside each other under the same headings: "Name, Type, , Name, Type".


def beside(first: Sequence[str]) -> list[tuple[int, int]]:
    """Where each of several tables with the same headings begins and ends; empty for one table."""
    cells = [*map(headings.plain, first)]
    starts = [at for at, cell in enumerate(cells) if cell and cell == next(filter(None, cells))]
    if not starts:  # a row of empty cells
        return []
    ends = [*starts[1:], len(cells)]
    blocks = [[*map(str.strip, cells[start:end])] for start, end in zip(starts, ends, strict=True)]
    while blocks and len({*map(len, blocks)}) > 1 and any(not block[-1] for block in blocks):
        blocks = [block[:-1] if not block[-1] else block for block in blocks]
    same = len(blocks) > 1 and all(block == blocks[0] for block in blocks) and "" not in blocks[0][:1]
    return [(start, start + len(blocks[0])) for start in starts] if same else []


def stacked(
    rows: Iterator[tuple[int, list[str]]], blocks: Sequence[tuple[int, int]], labels: Sequence[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """The rows of tables that stand beside each other as those of one, the headings once.

    Args:
        labels: What stands above each table, for a last column of labels; none where nothing does.
    """
    for number, (row, cells) in enumerate(rows):
        cells = cells + [""] * (blocks[-1][1] - len(cells))
        more = ["label"] * len(blocks) if labels and number == 0 else labels
        for at, (start, end) in enumerate(blocks[: 1 if number == 0 else None]):
            if any(map(str.strip, piece := cells[start:end])):
                yield row, [*piece, *more[at : at + 1]]


# CSV and other delimited files, with a header or a column mapping given by the user.

_NAMED = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "\\t": "\t"}
_SAMPLE, _JUDGED = 20, 1_000
"""Rows by which it is judged what separates the values of a cell."""
_COMMA = Hint(
    "comma", "Put quotes around a value that holds a comma or tab, or skip such rows with --skip-bad."
)
_MEND = Hint("quotes", "Mend the quotes, or use the option quote=none (--set quote=none).")
_NOTHING = re.compile(r"[\s|+=:_–—─━┼╋-]*").fullmatch
"""A cell that is empty, or a piece of a rule under headings."""


@dataclass(frozen=True, slots=True)
class TableOptions(Options):
    columns: Mapping[str, str] = option(
        {}, f"role=column name or number, or role= to ignore a column; roles: {', '.join(NAMES)}"
    )
    separator: str = option(
        "", "between several synonyms or parents in one cell; judged by the cells when empty"
    )
    header: str = option("auto", "auto, yes or no", choices=("auto", "yes", "no"))
    where: Mapping[str, str] = option({}, "column=allowed values joined by a bar; other rows are skipped")
    groups: str = option(
        "auto",
        "rows with nothing but a term: skip (names of groups of rows), terms, or auto",
        choices=("auto", "skip", "terms"),
    )


@dataclass(frozen=True, slots=True)
class DelimitedOptions(TableOptions):
    delimiter: str = option("", "one character, or tab, comma, semicolon, bar; sniffed when empty")
    quote: str = option('"', "quote character; none for files that do not quote")


_AS_TEXT = re.compile(r'\A\s*="([^"]*)"\s*\Z')
"""A cell that Excel is to keep as text: ``="00123"``."""


def _read_delimited(files: Files, options: DelimitedOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    _check_marks(options)
    lines = Lines(files, name, recorder)
    lines.skip_comments()
    lines.read_as = streams.laid_out(lines.peek(_SAMPLE)) if not options.delimiter else None
    sample = lines.peek(_SAMPLE)
    # Whether there is one column.
    alone = "term" in headings.usual(sample[:1]) and not re.search(r"[,;\t|]", sample[0])
    sniffed = "" if alone else streams.sniff_delimiter(sample, options.quote)
    if not options.delimiter and sample and _CONCORDANCE.match(sample[0]):
        sniffed, options = "\x14", replace(options, quote="\u00fe")
    if not (options.delimiter or sniffed or alone):
        counts = {mark: {line.count(mark) for line in sample} for mark in "，；"}
        sniffed = next((mark for mark, each in counts.items() if len(each) == 1 and 0 not in each), "")
    delimiter = _NAMED.get(options.delimiter, options.delimiter) or sniffed or "\t"
    table = csv.reader(lines, delimiter=delimiter, **quoting(options.quote))
    seen = rows_delimited(sample, delimiter, options.quote, partly=True)
    above = headings.rows_above(seen) if options.header == "auto" else 0
    skipped: list[tuple[int, str]] = []
    while above > len(skipped):
        row, cells = lines.row + 1, next(table)
        skipped += [(row, " ".join(filter(None, cells)))] * bool(cells)
    for row, title in skipped:
        recorder.skip("title above the table", row, title)
    try:
        first = next(csv.reader(sample[above:][:1], delimiter=delimiter, **quoting(options.quote)), [])
    except csv.Error as error:
        problem = f"broken quoting: {quoting_problem(error)}."
        raise InputError(problem, path=files.where(name), row=1, hint=_MEND) from error
    read = streams.csv_rows(table, lines, recorder, _MEND)
    read = ((row, [_AS_TEXT.sub(r"\1", cell) for cell in cells]) for row, cells in read)
    rows = ((row, cells) for row, cells in read if not all(map(_NOTHING, cells)))
    if tuple(map(str.strip, first)) == (*COLUMNS, "parents"):
        # As this package writes it: what a spreadsheet would run as a formula has an apostrophe before it.
        rows = ((row, [unguarded(cell) for cell in cells]) for row, cells in rows)
    titles = seen[above - 1] if above else []
    yield from table_terms(rows, options, recorder, above=titles, mark=delimiter)


_CONCORDANCE = re.compile("\u00fe[^\u00fe]*\u00fe\x14\u00fe")
"""How a load file of Concordance begins: \u00feTerm\u00fe, a sign that no text has, \u00feLabel\u00fe."""


def _check_marks(options: DelimitedOptions) -> None:
    for name, mark, words in (
        ("delimiter", _NAMED.get(options.delimiter, options.delimiter), ", ".join([*_NAMED][:4])),
        ("quote", options.quote.removesuffix("none"), "none"),
    ):
        if len(mark) > 1 or mark in ("\r", "\n"):
            said = f"option {name} takes one character, or {words}, found {mark!r}."
            raise InputError(said, hint="Use one of them.")


def table_terms(
    rows: Iterable[tuple[int, list[str]]],
    options: TableOptions,
    recorder: Recorder,
    label: str = "",
    whole: Collection[int] = (),
    above: Sequence[str] = (),
    mark: str = "",
) -> Iterator[Term]:
    """Terms of a table, of several beside each other, or of several below each other; see ``_table``.

    Args:
        rows: Numbered, the headings first where it has some.
        label: Label of the rows that bring none, as a heading above the table says.
        whole: Numbers of rows that are one cell.
        above: Cells of the row above the headings.
        mark: What stands between cells of a file that may lack quotes.
    """
    stack = sheets.Stack(rows, mark, several=options.header == "auto" and not options.columns)
    while stack.head(1):
        for row, cells in stack.titles():
            recorder.skip("title above the table", row, " ".join(filter(None, cells)))
            above = cells
        ahead = stack.head(_JUDGED)
        own = label
        if not (label or recorder.label or recorder.otherwise):
            own, said = _own_label(above, ahead[0], alone=not stack.several)
            recorder.report.notes += [f"{said!r} is read as the label of the table below it"] * bool(own)
        unquoted = streams.Unquoted(len(ahead[0]), ahead[1:], mark)
        mend = unquoted.mended if mark else lambda cells, row=0: cells
        ahead = [ahead[0], *map(mend, ahead[1:])]
        read = ((row, mend(cells, row)) for row, cells in stack.rows())
        yield from _table(read, ahead, options, recorder, own, whole, above)
        above = ()
        if unquoted.first:
            note = f"names hold {mark!r} without quotes around them, first row {unquoted.first}"
            recorder.report.notes.append(f"{note}: the pieces are joined")


def _own_label(above: Sequence[str], first: Sequence[str], *, alone: bool) -> tuple[str, str]:
    """Label that the title of a table says, or, beside other tables, the heading of its terms: "Drug, Code".

    Of several tables any short title says it ("Statins"), of one that is ``alone`` what is a label.
    """
    usual = headings.usual(first)
    kinds = (c.strip() for at, c in enumerate(first) if at not in usual.values() and headings.is_kind(c))
    heads = [*kinds] if not {"term", "label"} & {*usual} else []
    heads = heads if len(heads) == 1 else []
    title = " ".join(filter(None, map(str.strip, above)))
    if alone or not re.fullmatch(_SHORT_TITLE, title):
        title = next(filter(headings.is_kind, (title, *([] if alone else heads))), "")
    return as_label(title), title


_SHORT_TITLE = r"[^\W\d_]+(?:[ &-]+[^\W\d_]+){,2}"
"""Up to three words without digits, which "Formulary 2024, page 2" is not."""


def _table(
    rows: Iterable[tuple[int, list[str]]],
    ahead: Sequence[list[str]],
    options: TableOptions,
    recorder: Recorder,
    label: str,
    whole: Collection[int],
    above: Sequence[str],
) -> Iterator[Term]:
    """Terms of a table, or of several beside each other; a row of another width is bad.

    Args:
        ahead: The first rows, by which it is told what columns hold.
    """
    parts = beside(ahead[0]) if ahead and not options.columns and options.header == "auto" else []
    block = ahead[0][slice(*parts[0])] if parts else []
    if headings.names_term(block) or are_known(block):
        labels = [as_label(" ".join("".join(above[start:end]).split())) for start, end in parts]
        labels = labels if all(labels) and "label" not in headings.usual(ahead[0]) else []
        rows = stacked(iter(rows), parts, labels)
        ahead = [cells for _, cells in stacked(enumerate(ahead), parts, labels)]
        named = ", each with the label that stands above it" * bool(labels)
        recorder.report.notes.append(f"{len(parts)} tables beside each other are read as one{named}")
    ahead = [[*map(unescaped, cells)] for cells in ahead]
    rows = ((row, [*map(unescaped, cells)]) for row, cells in rows)
    width = max((at for cells in ahead for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
    ahead = [cells[:width] for cells in ahead]  # without columns that are empty throughout at the end
    first, named = ahead[0] if ahead else [], recorder.label or label or recorder.otherwise
    where, below, common = recorder.where, ahead[1:_SAMPLE], named or recorder.fallback
    columns = Columns.of(first, options.columns, options.header, where, below, common, bool(named))
    columns = columns.labeled(recorder.otherwise)
    columns = columns if recorder.label else columns.ticked(ahead, options.columns, bool(named))
    seen = [cells for cells in ahead[columns.has_header :] if len(cells) == columns.width]
    separators = judge(seen, columns, _NAMED.get(options.separator, options.separator), recorder)
    before = recorder.fallback, recorder.guessed
    recorder.fallback, recorder.guessed = (label, "") if label else before
    below = [cells + [""] * (columns.width - len(cells)) for cells in ahead[columns.has_header :]]
    groups = sheets.Groups.judged(below, columns, options.groups, whole, recorder)
    recorder.labeled_by = columns.labeled_by(below)
    yield from _terms(islice(rows, columns.has_header, None), columns, separators, options, recorder, groups)
    recorder.fallback, recorder.guessed = before
    recorder.labeled_by = ""


def _terms(
    rows: Iterable[tuple[int, list[str]]],
    columns: Columns,
    separators: Mapping[str, Separators],
    options: TableOptions,
    recorder: Recorder,
    groups: sheets.Groups,
) -> Iterator[Term]:
    wanted = {columns.find(key): set(kept.split("|")) for key, kept in options.where.items()}
    above, seen, told = "", 0, [list[tuple[int, str]]() for _ in _VALUES]
    used, place = sorted({*columns.at.values(), *columns.also, *columns.parts}), columns.at["term"]
    for row, cells in rows:
        recorder.report.rows += 1
        seen += 1
        if seen == 1 and columns.names and headings.are_units(cells):
            recorder.skip("units below the headings", row, " | ".join(cells))
            continue
        if reason := groups.reason(row, cells):
            recorder.skip(reason, row, cells[groups.place])
            if groups.label and reason == sheets.GROUP:
                recorder.fallback, recorder.guessed = as_label(cells[groups.place].rstrip(":")), ""
            continue
        if columns.names and [*map(str.strip, cells)] == [*columns.names]:
            recorder.skip("the headings again", row, " | ".join(cells))
            continue
        cells = _fitted(groups.cleaned(cells), row, columns, recorder)
        if 0 <= groups.blocks < len(cells):
            above = cells[groups.blocks].strip() or above
            cells = [*cells[: groups.blocks], above, *cells[groups.blocks + 1 :]]
        if len(cells) != columns.width and columns.width > 2 and sum(map(bool, cells)) < 2:
            recorder.skip("text beside the table", row, " ".join(cells))
        elif len(cells) != columns.width:
            found = f"{len(cells)} instead of {columns.width}: {', '.join(cells[:4])}"
            recorder.bad("wrong number of columns", row, found, _COMMA if len(cells) > columns.width else "")
        elif any(cells[at] not in kept for at, kept in wanted.items()):
            recorder.skip("not in the rows asked for (where)", row, " | ".join(cells[:4]))
        elif fault := next((cells[at] for at in used if FAULT.fullmatch(cells[at].strip())), ""):
            recorder.bad("the spreadsheet shows an error instead of a value", row, fault)
        elif cells[place].strip().lower() in ("true", "false"):
            recorder.skip("a value of a spreadsheet in place of a name", row, cells[place])
        else:
            for looks, rows_of in zip(_VALUES, told, strict=True):
                if looks.fullmatch(cells[place].strip()):
                    rows_of.append((row, cells[place].strip()))
            yield from columns.terms(cells, row, recorder, separators)
    for (one, several, remark), rows_of in zip(_VALUES.values(), told, strict=True):
        if rows_of:
            said = f"{quantity(len(rows_of), one, several)}, first {rows_of[0][1]!r} (row {rows_of[0][0]})"
            recorder.report.notes.append(f"{said}: {remark}")


def _fitted(cells: list[str], row: int, columns: Columns, recorder: Recorder) -> list[str]:
    """A row without empty cells too many, and with those that are missing at its end, which is told."""
    while len(cells) > columns.width and not cells[-1].strip():
        cells = cells[:-1]
    if 1 < len(cells) < columns.width and len(cells) > columns.at["term"]:
        note = "rows end before the last column, first row {}: what is missing is read as empty"
        if not any(each.startswith(note[:37]) for each in recorder.report.notes):
            recorder.report.notes.append(note.format(row))
        return cells + [""] * (columns.width - len(cells))
    return cells


def _sniff_delimited(name: str, head: bytes) -> bool:
    if _CONCORDANCE.match(head.decode("utf-8", "replace").replace("\ufffd", "\u00fe")):
        return True
    first, *more = head.decode("utf-8", "replace").strip().splitlines()[:_SAMPLE] or [""]
    if name.endswith((".csv", ".tsv", ".tab", ".psv")) or (name.endswith(".txt") and "\t" in first):
        return True
    delimiter = streams.sniff_delimiter([first])
    cells = next(csv.reader([first], delimiter=delimiter or "\t"), [])
    if len(cells) > 1 and headings.names_term(cells) and all(len(cell.split()) < 4 for cell in cells):
        return True
    # Under a title, as cells in most lines show: "8140|/3|adenocarcinoma, NOS||140|152".
    lines = [line for line in (first, *more) if line.strip()]
    for mark in "\t|;":
        most = max(line.count(mark) for line in lines)
        rows = rows_delimited(lines, mark)
        even = most and {*map(len, rows)} == {most + 1} and len(rows) > 2
        told = headings.told_without(rows) if even else {}
        if "concept_id" in told or "label" in told:
            return True
        if most > 1 and 2 * sum(line.count(mark) == most for line in lines) > len(lines) > 3:
            return _have_headings(rows)
    rows = [[cell.strip() for cell in line.rsplit(",", 1)] for line in lines]
    if {*map(len, rows)} == {2} and are_labels(kinds := [row[1] for row in rows]):  # "gout,DISEASE"
        return are_known(kinds) or all(map(str.isupper, kinds))
    aligned = streams.laid_out(lines) if name.endswith((".txt", ".prn")) or "." not in name else None
    laid = [*filter(str.strip, map(aligned, lines))] if aligned else []
    return _have_headings(rows_delimited(laid, "\t"))


def _have_headings(rows: Sequence[Sequence[str]]) -> bool:
    return any(headings.are_headings(row, rows[at:]) for at, row in enumerate(rows[:4], start=1))


DELIMITED = Reader(
    "csv", "delimited text (CSV, TSV, …)", _read_delimited, _sniff_delimited, DelimitedOptions, **OWN_LIST
)


# Workbooks (.xlsx, .ods): every sheet that holds terms is a table; formulas give their value. Of a Word file
# the tables are, else its lines.
#
# Those of Excel need the package openpyxl.

_HINT = "This is no workbook, or a damaged one: save it again as .xlsx (.docx), or as CSV UTF-8."


@dataclass(frozen=True, slots=True)
class XlsxOptions(TableOptions):
    sheet: str = option("", "name of the only sheet to read; all that hold terms when empty")


def _read_xlsx(files: Files, options: XlsxOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    where, file, notes = recorder.where, recorder.file, recorder.report.notes
    common = recorder.fallback, recorder.guessed
    with files.open(name) as stream, reading(where, library=True, hint=_HINT):
        check_workbook(stream, where)
        tables, whole = workbook(stream, name, where, options.sheet, notes)
        wanted, others = _chosen(tables, options, where)
        for sheet in wanted:
            recorder.where = where + f", sheet {sheet}" * (len(tables) > 1)
            recorder.file = file + f"!{sheet}" * (len(tables) > 1)
            own = label_of_name(as_label(sheet)) if len(wanted) > 1 or not common[0] else ""
            recorder.fallback, recorder.guessed = (own, "sheet") if own else common
            yield from _sheet_terms(tables[sheet](), options, recorder, whole.get(sheet, ()))
    about = [name for name in others if sheets.about_list(name)]
    for why, names in (
        ("no heading names their terms", [name for name in others if name not in about]),
        ("their names say that they are about the list", about),
    ):
        said = f"sheets that were not read, as {why}: {', '.join(names)} (--columns sheet=NAME reads one)"
        notes += [said] * bool(names)
    notes[:] = dict.fromkeys(notes)


def _sheet_terms(
    rows: sheets.Rows, options: XlsxOptions, recorder: Recorder, whole: Collection[int]
) -> Iterator[Term]:
    head = _padded(islice(rows, _SAMPLE))
    above = headings.rows_above([cells for _, cells in head]) if options.header == "auto" else 0
    for row, cells in head[:above]:
        recorder.skip("title above the table", row, " ".join(filter(None, cells)))
    titles = head[above - 1][1] if above else []
    head = _padded([*head[above:], *islice(rows, _JUDGED)], width := len(head[above][1]))
    rest = ((row, cells + [""] * (width - len(cells))) for row, cells in rows)
    yield from table_terms(chain(head, rest), options, recorder, whole=whole, above=titles)


def _chosen(tables: Mapping[str, Sheet], options: XlsxOptions, where: str) -> tuple[list[str], list[str]]:
    """The sheets to read, those under headings before others, and those that hold something else."""
    if options.sheet and options.sheet not in tables:
        raise InputError(f"no sheet {options.sheet!r}.", path=where, hint=f"Name one of {', '.join(tables)}.")
    heads = {name: [cells for _, cells in _padded(islice(rows(), _SAMPLE))] for name, rows in tables.items()}
    filled = [name for name in heads if heads[name]]
    headed = [name for name in filled if _is_headed(heads[name], options, label_of_name(as_label(name)))]
    listed = [name for name in filled if _is_list(heads[name])]
    # "Contacts" under good headings gives way to a list without any.
    own = [name for name in filled if not sheets.about_list(name)]
    wanted = [name for name in headed if name in own] or [name for name in listed if name in own]
    wanted = [options.sheet] if options.sheet else wanted or headed or listed or filled[:1]
    return wanted, [name for name in filled if name not in wanted]


def _is_headed(rows: Sequence[Sequence[str]], options: TableOptions, label: str) -> bool:
    """Whether a sheet has headings, or one that is called as the sheet is: "Breed" on "Breeds"."""
    head, *below = rows[headings.rows_above(rows) :]
    named = headings.named_after(head, label, below) is not None or names_one(options.columns, head)
    return named or headings.are_headings(head, below) or bool(headings.kinds(head, below))


def _is_list(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows begin with something short: notes on a workbook do not."""
    short = [row for row in rows if 0 < len(row[0].split()) <= _MOST_WORDS and row[0][-1] not in ".:?!"]
    return 4 * len(short) > 3 * len(rows)


_MOST_WORDS = 6
Sheet = Callable[[], sheets.Rows]
"""Gives rows that are not blank, with their numbers, without the empty cells at their ends."""


def _padded(rows: Iterable[tuple[int, list[str]]], width: int = 0) -> list[tuple[int, list[str]]]:
    """Rows with the empty cells at their ends, which are not stored."""
    rows = list(rows)
    width = width or max((len(cells) for _, cells in rows), default=0)
    return [(row, cells + [""] * (width - len(cells))) for row, cells in rows]


def workbook(
    stream: Any, name: str, where: str, asked: str, notes: list[str], *, as_written: bool = False
) -> tuple[dict[str, Sheet], dict[str, Collection[int]]]:
    """The sheets of a workbook, and which of their rows are one cell; one of Excel is read while they are."""
    whole: dict[str, Collection[int]] = {}
    if name.lower().endswith(".docx"):
        tables = sheets.word_tables(stream, where, notes, whole)
        return {name: partial(iter, rows) for name, rows in tables}, whole
    if name.lower().endswith(".ods"):
        tables = streams.ods_sheets(stream, where, whole)
        return {name: partial(iter, rows) for name, rows in tables}, whole
    import openpyxl

    book = openpyxl.load_workbook(stream, read_only=True, data_only=True)

    def rows(name: str) -> sheets.Rows:
        merged, whole[name], hidden, unknown = sheets.marks(book, name)
        if unknown:
            said = quantity(len(unknown), "formula", "formulas")
            notes.append(
                f"sheet {name!r}: {said} without a stored value read as empty, first {unknown[0]}: open the"
                " workbook in Excel or LibreOffice and save it"
            )
        if hidden:
            notes.append(f"sheet {name!r}: {quantity(hidden, 'hidden row is', 'hidden rows are')} read too")
        # Cells take twice as long as their values, and are read where some may be shown as 00123 or 5%.
        formatted = any(map(_FORMATTED.fullmatch, book._number_formats))
        formatted = formatted or any(style.numFmtId in _PERCENT for style in book._cell_styles)
        read = book[name].iter_rows(values_only=not formatted)
        shown = (map(_shown, cells) if formatted else cells for cells in read)
        found = ((row, _cells(cells, as_written)) for row, cells in enumerate(shown, 1))
        said = "cells that are merged downwards stand for each of their rows"
        notes.extend([said] * (bool(merged) and said not in notes))
        return ((row, cells) for row, cells in sheets.repeated(found, merged) if cells)

    names = [name for name in book.sheetnames if hasattr(book[name], "iter_rows")]
    return {name: partial(rows, name) for name in sheets.shown_first(book, names, asked, notes)}, whole


_FORMATTED = re.compile(r"0{2,}|0(?:\.0+)?%")
_PERCENT = (9, 10)
"""Numbers of the formats 0% and 0.00%, which Excel does not write out."""
FAULT = re.compile(r"#(?:[A-ZÀ-Ü]{2,8}[!?]|DIV/0!)")
"""What a cell shows whose formula failed: "#REF!", "#NAME?"; "#N/A" is an empty one."""
FULL = 32_767
"""Characters (units of UTF-16) that a cell of Excel holds; what is longer is cut off there."""
_MONTH = r"(?:Jan|Feb|M[aä]r|Mrz|Apr|Ma[yi]|Jun|Jul|Aug|Sept?|O[ck]t|Nov|De[cz])\.?"
_DAY = re.compile(rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}\.?[- ]{_MONTH}|{_MONTH}-\d\d")
"""What a spreadsheet makes of names such as MARCH1 and SEPT2: "2024-03-01", "1-Mar", "Sep-02"."""
_VALUES = {
    _DAY: ("name is a date", "names are dates", "spreadsheets make them of names such as MARCH1"),
    re.compile(r"[\d.,]*\d ?%?"): (
        *("name is a number", "names are numbers", "they are found wherever the text has it"),
    ),
}
"""What is told of names that are values: what they look like, one, several, and the remark."""


def _shown(cell: Any) -> Any:
    """The value of a cell of Excel; 123 in the format 00000 is "00123", 0.05 in the format 0% "5%"."""
    if isinstance(cell.value, int | float) and _FORMATTED.fullmatch(shown := cell.number_format or ""):
        return f"{cell.value:.{shown.count('0') - 1}%}" if "%" in shown else f"{cell.value:0{len(shown)}.0f}"
    return cell.value


def _cells(values: Any, as_written: bool = False) -> list[str]:
    days = (
        value.date() if isinstance(value, datetime) and value.time() == time() else value for value in values
    )
    cells = ["" if value is None else _ESCAPED.sub(_unescaped, str(value)) for value in days]
    cells = cells if as_written else [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


_ESCAPED = re.compile(r"_x00([01][0-9A-F])_")
"""How Excel writes control characters: ``_x000D_`` at the end of a line that was pasted from Windows."""


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


XLSX = Reader(
    "xlsx",
    "workbooks and Word tables (.xlsx, .ods, .docx)",
    _read_xlsx,
    lambda name, head: head.startswith(b"PK\x03\x04") and name.endswith(WORKBOOKS),
    XlsxOptions,
    **OWN_LIST,
)
