"""RxNorm: ``RXNCONSO.RRF``; ingredients and brand names by default, not every packaged product.

Columns: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.umls import CONSO_WIDTH, rrf_rows, status_of
from hybrid_ner.terms.term import Term

__all__ = ["READER", "RxNormOptions"]


@dataclass(frozen=True, slots=True)
class RxNormOptions(Options):
    """Options of RXNCONSO."""

    vocabularies: tuple[str, ...] = option(("RXNORM",), "source vocabularies (SAB); all when empty")
    term_types: tuple[str, ...] = option(("IN", "PIN", "MIN", "BN"), "term types (TTY); all when empty")
    languages: tuple[str, ...] = option(("ENG",), "languages (LAT)")
    suppressed: bool = option(False, "also read suppressed and obsolete strings (SUPPRESS not N)")


def _read(files: Files, options: RxNormOptions, recorder: Recorder) -> Iterator[Term]:
    for name in _releases(files, recorder):
        for row, cells in rrf_rows(files, name, recorder, CONSO_WIDTH):
            recorder.report.rows += 1
            rxcui, text, term_type = cells[0], cells[14], cells[12]
            if not rxcui.isdecimal():
                recorder.bad("no RXCUI in the first column", row, rxcui)
            elif reason := _refusal(cells, options):
                recorder.skip(reason, row, text)
            elif not (label := recorder.label_of([term_type])):
                recorder.skip(NOT_WANTED, row, text)
            else:
                status = status_of(term_type, term_type in ("IN", "PIN", "MIN"))
                if term := recorder.term(text, row, label, f"RXNORM:{rxcui}", status):
                    yield term


def _releases(files: Files, recorder: Recorder) -> list[str]:
    """The full table: a release also holds its prescribable part, with the same rows."""
    names = files.find("rxnconso.rrf")
    whole = [name for name in names if "prescribe/" not in f"{name.lower()}/"]
    if whole and len(whole) < len(names):
        recorder.report.notes.append("the prescribable part (prescribe/) repeats rows and was not read")
    return whole or names


def _refusal(cells: list[str], options: RxNormOptions) -> str:
    if options.languages and cells[1] not in options.languages:
        return "language"
    if cells[16] != "N" and not options.suppressed:
        return "suppressed"
    if options.vocabularies and cells[11] not in options.vocabularies:
        return "vocabulary"
    return "term type" if options.term_types and cells[12] not in options.term_types else ""


def _sniff(name: str, head: bytes) -> bool:
    cells = head.partition(b"\n")[0].rstrip(b"\r").split(b"|")
    return name == "rxnconso.rrf" or (
        len(cells) == CONSO_WIDTH + 1 and cells[0].isdigit() and cells[1] == b"ENG"
    )


READER = Reader(
    "rxnorm",
    "RxNorm (RXNCONSO.RRF)",
    _read,
    _sniff,
    RxNormOptions,
    members=("rxnconso.rrf",),
    label="Chemical",
    source="RxNorm",
)
