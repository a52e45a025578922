"""Rich Release Format rows of UMLS and RxNorm: split on the bar, never quoted."""

from __future__ import annotations

from collections.abc import Iterator

from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import TermStatus

__all__ = ["CONSO_WIDTH", "rrf_rows", "status_of"]

CONSO_WIDTH = 18
"""Columns of MRCONSO and RXNCONSO, without the empty one after the last bar."""

_ABBREVIATIONS = frozenset(
    {"AA", "AB", "ABB", "ABBR", "ABX", "ACR", "ACRO", "ACRX", "NA", "OAM", "RAB", "SB", "MTH_ACR"}
)
_BRANDS = frozenset({"BN", "SBD", "SBDC", "SBDF", "SBDG", "BPCK", "TA", "FBD"})


def rrf_rows(files: Files, name: str, recorder: Recorder, width: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows with at least ``width`` columns; a row of another width is bad."""
    recorder.begin(files.shown(name), files.where(name))
    wanted = (width, width + 1)
    for row, line in enumerate(files.lines(name), start=1):
        try:
            cells = line.decode().split("|")
        except UnicodeDecodeError as error:
            recorder.bad("not valid UTF-8", row, f"byte 0x{line[error.start]:02x} at {error.start}")
            continue
        if len(cells) in wanted:
            yield row, cells
        elif line:
            found = f"{len(cells)} instead of {width}: {'|'.join(cells)[:80]}"
            recorder.bad("wrong number of columns", row, found)


def status_of(term_type: str, preferred: bool) -> TermStatus:
    """Status from a term type (TTY) and whether the row is its concept's preferred one."""
    if term_type in _ABBREVIATIONS:
        return "abbreviation"
    if term_type in _BRANDS:
        return "brand"
    return "preferred" if preferred else "synonym"
