"""LOINC table (``Loinc.csv``), with the hierarchy of the release where it is beside the table.

Parents are parts (``LOINC:LP31388-9``), from ``ComponentHierarchyBySystem.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.columns import Table, header_of
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER", "LoincOptions"]

_HIERARCHIES = ("componenthierarchybysystem.csv", "multiaxialhierarchy.csv")
"""Name of the file in releases of today, and before 2.71."""


@dataclass(frozen=True, slots=True)
class LoincOptions(Options):
    """Options of LOINC."""

    statuses: tuple[str, ...] = option(("ACTIVE",), "STATUS values to keep")
    classes: tuple[str, ...] = option((), "CLASS values to keep, for example CHEM,HEM/BC; all when empty")
    names: tuple[str, ...] = option(
        ("COMPONENT", "LONG_COMMON_NAME", "CONSUMER_NAME"),
        "columns to take names from, the preferred one first",
    )


def _read(files: Files, options: LoincOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("loinc.csv") or files.find("loinctablecore.csv"):
        table = Table(files, name, recorder, ("LOINC_NUM", "STATUS", "COMPONENT"))
        for row, cells in table:
            code, shown = cells["loinc_num"], f"{cells['loinc_num']} {cells['component']}"
            if not code:
                recorder.bad("no LOINC number", row, cells["component"])
            elif options.statuses and cells["status"] not in options.statuses:
                recorder.skip(f"status {cells['status']}", row, shown)
            elif options.classes and cells.get("class", "") not in options.classes:
                recorder.skip("class", row, shown)
            elif not (label := recorder.label_of([cells.get("class", ""), cells.get("classtype", "")])):
                recorder.skip(NOT_WANTED, row, shown)
            else:
                yield from _names(row, cells, label, options, recorder)
    _hierarchy(files, recorder)


def _hierarchy(files: Files, recorder: Recorder) -> None:
    beside = files.beside(*_HIERARCHIES)
    if beside is None:
        return
    read = recorder.report.rows
    for _, cells in Table(*beside, recorder, ("IMMEDIATE_PARENT", "CODE")):
        if cells["immediate_parent"]:
            recorder.parent(f"LOINC:{cells['code']}", [f"LOINC:{cells['immediate_parent']}"])
    recorder.report.rows = read


def _names(
    row: int, cells: dict[str, str], label: str, options: LoincOptions, recorder: Recorder
) -> Iterator[Term]:
    seen: set[str] = set()
    for column in options.names:
        cell = cells.get(column.lower(), "")
        # A challenge or adjustment after the caret ("Glucose^2H post meal") is no part of a name.
        texts = cell.split(";") if column.upper() == "RELATEDNAMES2" else [cell.partition("^")[0]]
        for text in (t.strip() for t in texts):
            if text and text not in seen:
                status: TermStatus = "synonym" if seen else "preferred"
                seen.add(text)
                if term := recorder.term(text, row, label, f"LOINC:{cells['loinc_num']}", status):
                    yield term


def _sniff(name: str, head: bytes) -> bool:
    return "loinc_num" in header_of(head)


READER = Reader(
    "loinc",
    "LOINC table",
    _read,
    _sniff,
    LoincOptions,
    members=("loinc.csv", "loinctablecore.csv"),
    label="LabTest",
    source="LOINC",
)
