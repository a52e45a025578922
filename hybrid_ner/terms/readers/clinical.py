"""Clinical codes: SNOMED CT and LOINC."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Files, Options, Reader, Recorder, Term, looks, option, text_lines
from hybrid_ner.terms.readers.streams import Table
from hybrid_ner.terms.variants.words import TAG_LABELS

# SNOMED CT release format 2, the Snapshot files: tab-separated, no quoting, CRLF.
#
# The tag at the end of a fully specified name gives the type of a concept ("… (disorder)"). Concept,
# relationship and language reference set files are used where they stand beside the descriptions.
# Columns: https://confluence.ihtsdotools.org/display/DOCRELFMT

_FSN, _SYNONYM = "900000000000003001", "900000000000013009"
_CASE_SENSITIVE = "900000000000017005"
_PREFERRED, _ACCEPTABLE = "900000000000548007", "900000000000549004"
_IS_A = "116680003"
_ID = re.compile(r"[0-9]{1,18}")
_TAG = re.compile(r"\s*\(([^()]+)\)\s*$")
_DESCRIPTIONS = "sct2_description_*.txt"
_VERSION = re.compile(r"(snapshot|full|delta)[-_.]")
"""Part of a file name; national editions put a name before it (``sct2_Description_UKCLSnapshot-en_…``)."""


class _Kind(NamedTuple):
    """A kind of release file: its width, the columns that hold SNOMED identifiers, what is lost without."""

    pattern: str
    width: int
    ids: tuple[int, ...]
    without: str = ""


_DESCRIPTION = _Kind(_DESCRIPTIONS, 9, (0, 4))
_CONCEPT = _Kind("sct2_concept_*snapshot*.txt", 5, (0,), "names of inactive concepts are given too")
_RELATIONSHIP = _Kind("sct2_relationship_*snapshot*.txt", 10, (0, 4, 5), "concepts have no parents")
_LANGUAGE = _Kind(  # its rows are numbered by UUIDs
    "der2_crefset_*language*snapshot*.txt", 7, (5,), "no name is marked as the preferred one"
)


@dataclass(frozen=True, slots=True)
class SnomedOptions(Options):
    languages: tuple[str, ...] = option(("en",), "language codes of descriptions")
    refsets: tuple[str, ...] = option(
        (), "language reference sets to accept, for example 900000000000509007 (US)"
    )
    tags: tuple[str, ...] = option((), "tags to keep where one label is given, for example disorder,finding")
    inactive: bool = option(False, "also read inactive descriptions and concepts")
    full_names: bool = option(False, "also give the fully specified name, without its tag")
    strict_case: bool = option(False, "exact letters for every description that is case significant")


class _Ids:
    """A compact set of SNOMED identifiers."""

    def __init__(self, ids: list[int]) -> None:
        self._sorted = array("Q", sorted(ids))

    def __contains__(self, wanted: int) -> bool:
        at = bisect_left(self._sorted, wanted)
        return at < len(self._sorted) and self._sorted[at] == wanted


def _rows(files: Files, name: str, recorder: Recorder, kind: _Kind) -> Iterator[tuple[int, list[str]]]:
    lines = text_lines(files, name, recorder)
    header = next(lines, (1, ""))[1]
    if header.partition("\t")[0] != "id" or header.count("\t") != kind.width - 1:
        problem = f"not the header of this file: {header[:80]!r}."
        hint = f"It begins with 'id' and has {kind.width} columns: copy the file of the release again."
        raise InputError(problem, path=files.where(name), row=1, hint=hint)
    for row, line in ((row, line) for row, line in lines if line):
        cells = line.split("\t")
        if len(cells) != kind.width:
            found = f"{len(cells)} instead of {kind.width}: {line[:80]}"
            recorder.bad("not the columns of this file", row, found)
        elif wrong := [cells[at] for at in kind.ids if not _ID.fullmatch(cells[at])]:
            recorder.bad("no SNOMED identifier", row, f"{wrong[0][:40]!r}: {line[:80]}")
        else:
            yield row, cells


def _beside(files: Files, kind: _Kind, recorder: Recorder) -> Iterator[list[str]]:
    for found in files.all_beside(kind.pattern):
        yield from (cells for _, cells in _rows(*found, recorder, kind))


def _check_beside(files: Files, options: SnomedOptions, recorder: Recorder) -> None:
    """Note what is lost without the other files of the release.

    Raises:
        InputError: Language reference sets are asked for, and there are none.
    """
    for kind in (_CONCEPT, _RELATIONSHIP, _LANGUAGE):
        if files.beside(kind.pattern) is None:
            recorder.report.notes.append(f"there is no {kind.pattern} beside it: {kind.without}")
            if kind is _LANGUAGE and options.refsets:
                hint = "Give the folder or archive of the release, or leave refsets out."
                problem = f"there is no {kind.pattern} beside it, so reference sets are not known."
                raise InputError(problem, path=recorder.report.path, hint=hint)


def _read_snomed(files: Files, options: SnomedOptions, recorder: Recorder) -> Iterator[Term]:
    names = _snapshots(files, recorder)
    _check_beside(files, options, recorder)
    inactive = _Ids([int(c[0]) for c in _beside(files, _CONCEPT, recorder) if c[2] != "1"])
    labels = _labels(files, names, options, recorder)
    preferred, acceptable = _acceptability(files, options, recorder)
    for name in names:
        for row, cells in _rows(files, name, recorder, _DESCRIPTION):
            recorder.report.rows += 1
            concept, text = int(cells[4]), cells[7]
            label = labels.get(concept, "")
            if not options.inactive and (cells[2] != "1" or concept in inactive):
                recorder.skip("inactive", row, text)
            elif cells[5] not in options.languages:
                recorder.skip("language", row, text)
            elif not label:
                recorder.not_wanted(row, text)
            elif options.refsets and int(cells[0]) not in acceptable:
                recorder.skip("not in the language reference sets", row, text)
            else:
                yield from _term(row, cells, label, int(cells[0]) in preferred, options, recorder)
    for cells in _beside(files, _RELATIONSHIP, recorder):
        if cells[2] == "1" and cells[7] == _IS_A and int(cells[4]) in labels:
            recorder.parent(f"SNOMED:{cells[4]}", [f"SNOMED:{cells[5]}"])


def _snapshots(files: Files, recorder: Recorder) -> list[str]:
    """Description files of the Snapshot; a file of a name of one's own is taken for one."""
    found = {}
    for name in files.find(_DESCRIPTIONS):
        version = _VERSION.search(name.rpartition("/")[2].lower())
        found[name] = version[1] if version else ""
    names = [name for name, version in found.items() if version in ("", "snapshot")]
    if not names:
        hint = "Give the Snapshot: Full files hold every past version of a row, Delta files the last changes."
        raise InputError("holds no Snapshot description file.", path=recorder.report.path, hint=hint)
    return [name for name in names if found[name]] or names


def _term(
    row: int, cells: list[str], label: str, preferred: bool, options: SnomedOptions, recorder: Recorder
) -> Iterator[Term]:
    text, kind = cells[7], cells[6]
    if kind == _FSN:
        if not options.full_names:
            recorder.skip("fully specified name", row, text)
            return
        text = _TAG.sub("", text)
    elif kind != _SYNONYM:
        recorder.skip("definition", row, text)
        return
    # Most case-significant names hold an eponym; only short ones are ambiguous in other letters.
    strict = cells[8] == _CASE_SENSITIVE and (options.strict_case or " " not in text)
    mode = "case" if strict and recorder.mode == "auto" else ""
    status = "preferred" if preferred else "synonym"
    yield from recorder.names(text, row, label, f"SNOMED:{cells[4]}", status, mode)


def _labels(files: Files, names: list[str], options: SnomedOptions, recorder: Recorder) -> dict[int, str]:
    """Wanted concepts and their labels, from the tags of their fully specified names."""
    labels: dict[int, str] = {}
    recorder = recorder.silent()  # the next pass reports
    for name in names:
        for _, cells in _rows(files, name, recorder, _DESCRIPTION):
            if cells[6] != _FSN or (cells[2] != "1" and not options.inactive):
                continue
            tag = found[1] if (found := _TAG.search(cells[7])) else ""
            if (label := recorder.label_of([tag])) and (not options.tags or tag in options.tags):
                labels[int(cells[4])] = label
    return labels


def _acceptability(files: Files, options: SnomedOptions, recorder: Recorder) -> tuple[_Ids, _Ids]:
    found: dict[str, list[int]] = {_PREFERRED: [], _ACCEPTABLE: []}
    for cells in _beside(files, _LANGUAGE, recorder):
        if cells[2] == "1" and (not options.refsets or cells[4] in options.refsets) and cells[6] in found:
            found[cells[6]].append(int(cells[5]))
    return _Ids(found[_PREFERRED]), _Ids([*found[_PREFERRED], *found[_ACCEPTABLE]])


SNOMED = Reader(
    "snomed",
    "SNOMED CT RF2 Snapshot",
    _read_snomed,
    looks(named="sct2_description_", begins=b"id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode"),
    SnomedOptions,
    members=(_DESCRIPTIONS,),
    label_map=TAG_LABELS,
    source="SNOMED CT",
)


# LOINC table (``Loinc.csv``), with the hierarchy of the release where it is beside the table.
#
# Parents are parts (``LOINC:LP31388-9``), from ``ComponentHierarchyBySystem.csv``.

_HIERARCHIES = ("componenthierarchybysystem.csv", "multiaxialhierarchy.csv")
"""Name of the file in releases of today, and before 2.71."""


@dataclass(frozen=True, slots=True)
class LoincOptions(Options):
    statuses: tuple[str, ...] = option(("ACTIVE",), "STATUS values to keep")
    classes: tuple[str, ...] = option((), "CLASS values to keep, for example CHEM,HEM/BC; all when empty")
    names: tuple[str, ...] = option(
        ("COMPONENT", "LONG_COMMON_NAME", "CONSUMER_NAME"),
        "columns to take names from, the preferred one first",
    )


def _read_loinc(files: Files, options: LoincOptions, recorder: Recorder) -> Iterator[Term]:
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
            elif label := recorder.wanted([cells.get("class", ""), cells.get("classtype", "")], row, shown):
                yield from _names(row, cells, label, options, recorder)
    _hierarchy(files, recorder)


def _hierarchy(files: Files, recorder: Recorder) -> None:
    beside = files.beside(*_HIERARCHIES)
    read = recorder.report.rows
    for _, cells in Table(*beside, recorder, ("IMMEDIATE_PARENT", "CODE")) if beside else ():
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
                status = "synonym" if seen else "preferred"
                seen.add(text)
                yield from recorder.terms(text, row, label, f"LOINC:{cells['loinc_num']}", status)


LOINC = Reader(
    "loinc",
    "LOINC table",
    _read_loinc,
    looks(columns=("loinc_num",)),
    LoincOptions,
    members=("loinc.csv", "loinctablecore.csv"),
    label="LabTest",
    source="LOINC",
)
