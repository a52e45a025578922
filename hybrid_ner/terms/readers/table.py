"""Published tables with a known header: rows as a mapping from column name to text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import quoting_problem, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder

__all__ = ["Table", "header_of"]

_SHOWN, _SHOWN_NAME = 8, 60


def header_of(head: bytes) -> list[str]:
    """Cells of the first line, in lower case."""
    return _header(head)[0]


def _header(head: bytes) -> tuple[list[str], str]:
    """Cells of the first line, in lower case, and the delimiter: a tab where the line holds one."""
    first = head.partition(b"\n")[0].decode("utf-8", "replace").strip()
    delimiter = "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","
    try:
        return [
            cell.strip().lower() for cell in next(csv.reader([first], delimiter=delimiter), [])
        ], delimiter
    except csv.Error:
        return [], delimiter


class Table:
    """One table read as a stream.

    Args:
        files: Where it is.
        name: Its member.
        recorder: Bad rows go there.
        required: Columns it must have, in any case.

    Raises:
        InputError: A required column is missing.
    """

    def __init__(self, files: Files, name: str, recorder: Recorder, required: Sequence[str] = ()) -> None:
        self._recorder = recorder
        self._where = files.where(name)
        # The whole first line: that of a GLEIF golden copy alone has some 14,000 characters.
        self.columns, self._delimiter = _header(next(files.lines(name), b""))
        missing = [column for column in required if column.lower() not in self.columns]
        if missing:
            raise InputError(
                f"no column {missing[0]!r}; its columns are {self.shown}.",
                path=files.where(name),
                row=1,
                hint="Check that it is the file this format names.",
            )
        self._lines = text_lines(files, name, recorder, or_cp1252=True)
        self._row = 0

    @property
    def shown(self) -> str:
        """The first columns, for a message."""
        return ", ".join(column[:_SHOWN_NAME] for column in self.columns[:_SHOWN])

    def _text(self) -> Iterator[str]:
        for row, line in self._lines:
            self._row = row
            yield line + "\n"

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows after the header; a row of another width is bad."""
        if self._delimiter == "\t":
            rows = csv.reader(self._text(), delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            rows = csv.reader(self._text(), delimiter=self._delimiter, strict=True)
        try:
            next(rows, None)
        except csv.Error as error:
            problem = f"broken quoting in the header: {quoting_problem(error)}."
            raise InputError(problem, path=self._where, row=1, hint="Mend the first row.") from error
        while True:
            start = self._row + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                self._recorder.bad("broken quoting", start, quoting_problem(error, start, self._row))
                continue
            if not any(cells):
                continue
            self._recorder.report.rows += 1
            if len(cells) == len(self.columns):
                yield start, dict(zip(self.columns, cells, strict=True))
            else:
                found = f"{len(cells)} instead of {len(self.columns)}: {cells[:3]}"
                self._recorder.bad("wrong number of columns", start, found)
