"""Comparative Toxicogenomics Database vocabularies (``CTD_chemicals``, ``CTD_diseases``), CSV or TSV.

The header is a comment: the line after ``# Fields:``. Files: https://ctdbase.org/downloads/
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER", "CtdOptions"]

_KINDS = {"ChemicalName": "Chemical", "DiseaseName": "Disease"}
_CHEMICAL_FIELDS = (
    *("ChemicalName", "ChemicalID", "CasRN", "Definition"),
    *("ParentIDs", "TreeNumbers", "ParentTreeNumbers", "Synonyms"),
)


@dataclass(frozen=True, slots=True)
class CtdOptions(Options):
    """Options of CTD vocabularies."""

    synonyms: bool = option(True, "also give the synonyms")


def _read(files: Files, options: CtdOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("ctd_chemicals.*", "ctd_diseases.*"):
        fields: Sequence[str] = ()
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if line.startswith("#"):
                candidate = _cells(line.lstrip("# "))
                fields = candidate if candidate and candidate[0] in _KINDS else fields
            elif line.strip():
                recorder.report.rows += 1
                yield from _terms(row, line, fields or _CHEMICAL_FIELDS, options, recorder)


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _terms(
    row: int, line: str, fields: Sequence[str], options: CtdOptions, recorder: Recorder
) -> Iterator[Term]:
    cells = _cells(line)
    if len(cells) != len(fields):
        recorder.bad("wrong number of columns", row, f"{len(cells)} instead of {len(fields)}: {line[:80]}")
        return
    values = dict(zip(fields, cells, strict=True))
    text, concept = cells[0], cells[1]
    if not text or not concept:
        recorder.bad("no name or no id", row, line[:80])
        return
    kind = _KINDS[fields[0]]
    label = recorder.label_of([kind]) if recorder.label_map else recorder.label or kind
    if not label:
        recorder.skip(NOT_WANTED, row, text)
        return
    recorder.parent(concept, filter(None, values.get("ParentIDs", "").split("|")))
    if term := recorder.term(text, row, label, concept, "preferred"):
        yield term
    for synonym in _synonyms(values) if options.synonyms else ():
        if term := recorder.term(synonym, row, label, concept):
            yield term


def _synonyms(values: Mapping[str, str]) -> Iterator[str]:
    """Of ``Synonyms``, in newer files of ``MESHSynonyms`` and ``CTDCuratedSynonyms``; each once."""
    cells = [cell for field, cell in values.items() if field.endswith("Synonyms")]
    yield from filter(None, dict.fromkeys(synonym for cell in cells for synonym in cell.split("|")))


def _sniff(name: str, head: bytes) -> bool:
    return b"ctdbase.org" in head or (name.startswith("ctd_") and head.startswith(b"#"))


READER = Reader(
    "ctd",
    "CTD chemical and disease vocabularies",
    _read,
    _sniff,
    CtdOptions,
    members=("ctd_chemicals.*", "ctd_diseases.*"),
    label_map={kind: kind for kind in _KINDS.values()},
    source="CTD",
)
