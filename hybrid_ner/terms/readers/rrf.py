"""Rich Release Format rows of UMLS and RxNorm: split on the bar, never quoted."""

from __future__ import annotations

from collections.abc import Iterator

from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import TermStatus

__all__ = ["CONSO_WIDTH", "rrf_lines", "rrf_rows", "status_of", "utf8"]

CONSO_WIDTH = 18
"""Columns of MRCONSO and RXNCONSO, without the empty one after the last bar."""

_ABBREVIATIONS = frozenset(
    {"AA", "AB", "ABB", "ABBR", "ABX", "ACR", "ACRO", "ACRX", "NA", "OAM", "RAB", "SB", "MTH_ACR"}
)
_BRANDS = frozenset({"BN", "SBD", "SBDC", "SBDF", "SBDG", "BPCK", "TA", "FBD"})


def rrf_lines(files: Files, name: str, recorder: Recorder, width: int) -> Iterator[tuple[int, bytes]]:
    """Numbered lines with ``width`` columns; a line of another width is a bad row."""
    recorder.begin(files.shown(name), files.where(name))
    for row, line in enumerate(files.lines(name), start=1):
        if width - 1 <= line.count(b"|") <= width:
            yield row, line
        elif line:
            found = f"{line.count(b'|') + 1} instead of {width}: {line[:80].decode('utf-8', 'replace')}"
            recorder.bad("wrong number of columns", row, found)


def rrf_rows(files: Files, name: str, recorder: Recorder, width: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows with ``width`` columns; other rows are bad."""
    for row, line in rrf_lines(files, name, recorder, width):
        if text := utf8(line, row, recorder):
            yield row, text.split("|")


def utf8(line: bytes, row: int, recorder: Recorder) -> str:
    """The decoded line; empty for a bad row."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        recorder.bad("not valid UTF-8", row, f"byte 0x{line[error.start]:02x} at {error.start}")
        return ""


def status_of(term_type: str, preferred: bool) -> TermStatus:
    """Status from a term type (TTY) and whether the row is its concept's preferred one."""
    if term_type in _ABBREVIATIONS:
        return "abbreviation"
    if term_type in _BRANDS:
        return "brand"
    return "preferred" if preferred else "synonym"
