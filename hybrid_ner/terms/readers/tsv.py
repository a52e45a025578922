"""The gazetteer format of this package: tab-separated, no quoting, a fixed header, optionally compressed.

The columns are ``term label concept_id status mode source``, and for generated variants also ``parent``
and ``rule``; columns after these are not read. Parents of concepts stand in
``NAME.parents.tsv`` beside ``NAME.tsv``, or in ``parents.tsv`` of the same folder, with the columns
``concept_id parents``; a space separates several parents. An apostrophe before a cell that a spreadsheet
would run as a formula is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms.readers.base import Options, Reader, option, text_lines
from hybrid_ner.terms.readers.columns import give
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.search import plain
from hybrid_ner.terms.shipped import COLUMNS
from hybrid_ner.terms.term import Term, TermStatus
from hybrid_ner.text import unguarded

__all__ = ["READER", "GazetteerOptions"]

_HEADER = "\t".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class GazetteerOptions(Options):
    """Options of the gazetteer format."""

    containing: str = option("", "only rows that hold this text somewhere, in any case")


def _read(files: Files, options: GazetteerOptions, recorder: Recorder) -> Iterator[Term]:
    name, wanted = files.only(), plain(options.containing)
    rows = text_lines(files, name, recorder)
    first = next(rows, (1, ""))[1]
    names = first.split("\t")
    if tuple(names[: len(COLUMNS)]) != COLUMNS:
        problem = f"expected the header {' '.join(COLUMNS)!r}, found {first[:80]!r}."
        hint = Hint("option", "Give the format csv for a table with other columns.")
        raise InputError(problem, path=files.where(name), row=1, hint=hint)
    origin = [names.index(column) for column in ("parent", "rule")] if "rule" in names else []
    for row, line in rows:
        if not line:
            continue
        recorder.report.rows += 1
        if wanted and wanted not in plain(line):
            recorder.skip("does not hold the text asked for", row, line)
            continue
        cells = _cells(line)
        if len(cells) != len(names):
            recorder.bad("wrong number of columns", row, f"{len(cells)} instead of {len(names)}: {line[:80]}")
            continue
        if recorder.label or recorder.label_map:
            yield from give(dict(zip(names, cells, strict=True)), (), (), row, recorder)
            continue
        text, label, concept, status, mode, source = cells[:6]
        derived = [cells[position] for position in origin]
        if term := recorder.term(
            text, row, label, concept, cast("TermStatus", status), mode, source, *derived
        ):
            yield term
    _parents(files, name, recorder)


def _cells(line: str) -> list[str]:
    cells = line.split("\t")
    return [unguarded(cell) for cell in cells] if "'" in line else cells


def _parents(files: Files, name: str, recorder: Recorder) -> None:
    stem = PurePosixPath(name).name.removesuffix(".gz").removesuffix(".tsv")
    found = files.beside(f"{stem}.parents.tsv") or files.beside("parents.tsv")
    if found is None:
        return
    rows = text_lines(*found, recorder)
    if next(rows, (1, ""))[1].split("\t") != ["concept_id", "parents"]:
        recorder.report.notes.append(f"{found[1]} has not the header concept_id, parents and was not read")
        return
    for row, line in rows:
        child, *above = _cells(line)
        if child and above:
            recorder.parent(child, " ".join(above).split())
        elif line:
            recorder.bad("wrong number of columns", row, line[:80])


def _sniff(name: str, head: bytes) -> bool:
    return head.startswith(_HEADER.encode())


READER = Reader(
    "gazetteer",
    "the gazetteer format of this package",
    _read,
    _sniff,
    GazetteerOptions,
    own_labels=True,
    mode="folded",
    strict=True,
)
