"""Tables with bars of the National Library of Medicine: UMLS Metathesaurus, RxNorm and the NCBI Taxonomy.

UMLS: ``MRCONSO.RRF`` with the semantic types of ``MRSTY.RRF`` beside it.
Columns: https://www.ncbi.nlm.nih.gov/books/NBK9685/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.readers.base import (
    Files,
    InputError,
    Options,
    Reader,
    Recorder,
    Term,
    decode,
    option,
    text_lines,
)

_WIDTH = 18
"""Columns of MRCONSO and RXNCONSO, without the empty one after the last bar."""

_ABBREVIATIONS = {
    *("AA", "AB", "ABB", "ABBR", "ABX", "ACR", "ACRO", "ACRX", "NA", "OAM", "RAB", "SB", "MTH_ACR"),
}
_BRANDS = {"BN", "SBD", "SBDC", "SBDF", "SBDG", "BPCK", "TA", "FBD"}


def _lines(files: Files, name: str, recorder: Recorder, width: int) -> Iterator[tuple[int, bytes]]:
    """Numbered lines with ``width`` columns; a line of another width is a bad row.

    In a file as NLM writes it a bar ends every line: one less is a column that is missing.
    """
    recorder.begin(files, name)
    bars = 0
    for row, line in enumerate(files.lines(name), start=1):
        count = line.count(b"|")
        if count == (bars or count) and width - 1 <= count <= width:
            bars = count
            yield row, line
        elif line:
            columns, shown = count + (not line.endswith(b"|")), line[:80].decode("utf-8", "replace")
            found = f"{columns} instead of {width}: {shown}"
            recorder.bad("wrong number of columns", row, found)


def _rows(files: Files, name: str, recorder: Recorder, width: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows with ``width`` columns; other rows are bad."""
    for row, line in _lines(files, name, recorder, width):
        if text := decode(line, row, recorder, or_cp1252=False):
            yield row, text.split("|")


def _status(term_type: str, preferred: bool) -> str:
    """Status from a term type (TTY) and whether the row is its concept's preferred one."""
    if term_type in _ABBREVIATIONS:
        return "abbreviation"
    return "brand" if term_type in _BRANDS else "preferred" if preferred else "synonym"


SEMANTIC_LABELS = {
    tui: label
    for label, types in {
        "Disease": "T019 T020 T037 T046 T047 T048 T049 T184 T190 T191",
        "Chemical": "T103 T104 T109 T120 T121 T122 T127 T130 T131 T195 T196 T197 T200",
        "Anatomy": "T017 T018 T021 T022 T023 T024 T025 T026 T029 T030",
        "Procedure": "T059 T060 T061",
    }.items()
    for tui in types.split()
}
"""Semantic type (TUI) → label where the user gives none."""

_STY_WIDTH, _REL_WIDTH = 6, 16


@dataclass(frozen=True, slots=True)
class RrfOptions(Options):
    """Which rows of a table of names are read; everything where a list is empty."""

    languages: tuple[str, ...] = option(("ENG",), "languages (LAT)")
    vocabularies: tuple[str, ...] = option(
        (), "source vocabularies (SAB) to keep, for example MSH,SNOMEDCT_US"
    )
    exclude_vocabularies: tuple[str, ...] = option((), "source vocabularies (SAB) to leave out")
    term_types: tuple[str, ...] = option((), "term types (TTY) to keep")
    exclude_term_types: tuple[str, ...] = option((), "term types (TTY) to leave out")
    suppressed: bool = option(False, "also read suppressed and obsolete strings (SUPPRESS not N)")


@dataclass(frozen=True, slots=True)
class UmlsOptions(RrfOptions):
    semantic_types: tuple[str, ...] = option((), "semantic types (TUI or name) to keep with one label")
    hierarchy: bool = option(False, "also read the parents of concepts from MRREL.RRF beside it")


class _Types:
    """Label of each concept, one byte each, indexed by the number of its CUI."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = ["", *dict.fromkeys(labels)]
        self._of = bytearray()

    def set(self, number: int, label: str) -> None:
        """Keep the label that stands first in the map."""
        if number >= len(self._of):
            self._of.extend(bytes(max(number + 1, 2 * len(self._of)) - len(self._of)))
        index = self.labels.index(label)
        if not self._of[number] or index < self._of[number]:
            self._of[number] = index

    def get(self, number: int) -> str:
        """Label of a concept; empty when none of its types is wanted."""
        return self.labels[self._of[number]] if number < len(self._of) else ""


def _number(cui: str) -> int:
    """Number of a CUI, or -1."""
    return int(cui[1:]) if len(cui) == 8 and cui[0] == "C" and cui[1:].isdecimal() else -1


def _types(files: Files, options: UmlsOptions, recorder: Recorder) -> _Types | None:
    wanted = dict(recorder.label_map) or dict.fromkeys(options.semantic_types, recorder.label)
    if not wanted:
        return None
    beside = files.beside("mrsty.rrf")
    if beside is None:
        problem = "there is no MRSTY.RRF beside it, so semantic types are not known."
        hint = "Put MRSTY.RRF beside it, or give one label for every row."
        raise InputError(problem, path=recorder.report.path, hint=hint)
    types = _Types([recorder.label or label for label in wanted.values() if label])
    for row, cells in _rows(*beside, recorder, _STY_WIDTH):
        number = _number(cells[0])
        label = wanted.get(cells[1]) or wanted.get(cells[3])
        if number < 0:
            recorder.bad("no CUI in the first column", row, cells[0])
        elif label:
            types.set(number, recorder.label or label)
    return types


def _read(files: Files, options: UmlsOptions, recorder: Recorder) -> Iterator[Term]:
    types = _types(files, options, recorder)
    common = "" if types else recorder.common()
    report = recorder.report
    seen: set[str] = set()
    current, concept, label = b"", "", common
    for name in files.find("mrconso.rrf"):
        for row, line in _lines(files, name, recorder, _WIDTH):
            report.rows += 1
            if not line.startswith(current) or not current:
                number = _number(line[:8].decode("latin-1"))
                if number < 0 or line[8:9] != b"|":
                    recorder.bad("no CUI in the first column", row, line[:40].decode("latin-1"))
                    continue
                current, concept = line[:9], f"UMLS:{line[:8].decode()}"
                label = types.get(number) if types else common
                seen.clear()
            if not label:
                recorder.not_wanted(row, line)
                continue
            cells = (decode(line, row, recorder, or_cp1252=False) or "").split("|")
            if len(cells) < _WIDTH:
                continue
            text = cells[14]
            if reason := _refusal(cells, options):
                recorder.skip(reason, row, text)
            elif text in seen:
                recorder.skip("same string of the same concept", row, text)
            else:
                seen.add(text)
                preferred = cells[2] == "P" and cells[4] == "PF" and cells[6] == "Y"
                source = recorder.source or f"UMLS:{cells[11]}"
                status = _status(cells[12], preferred)
                yield from recorder.names(text, row, label, concept, status, "", source)
    if options.hierarchy:
        _hierarchy(files, types, options, recorder)


def _hierarchy(files: Files, types: _Types | None, options: UmlsOptions, recorder: Recorder) -> None:
    """Parents of the wanted concepts, in the vocabularies asked for (REL = PAR: the second is the parent)."""
    beside = files.beside("mrrel.rrf")
    if beside is None:
        hint = "Put MRREL.RRF beside it, or leave hierarchy off."
        raise InputError("there is no MRREL.RRF beside it.", path=recorder.report.path, hint=hint)
    for row, cells in _rows(*beside, recorder, _REL_WIDTH):
        number = _number(cells[0])
        if cells[3] != "PAR" or (options.vocabularies and cells[10] not in options.vocabularies):
            continue
        if number < 0 or _number(cells[4]) < 0:
            recorder.bad("no CUI in the columns of a relation", row, "|".join(cells)[:80])
        elif types is None or types.get(number):
            recorder.parent(f"UMLS:{cells[0]}", [f"UMLS:{cells[4]}"])


def _refusal(cells: list[str], options: RrfOptions) -> str:
    """Why a row is left out by the options; empty for a wanted row."""
    if options.languages and cells[1] not in options.languages:
        return "language"
    if cells[16] != "N" and not options.suppressed:
        return "suppressed"
    if _is_left_out(cells[11], options.vocabularies, options.exclude_vocabularies):
        return "vocabulary"
    return "term type" if _is_left_out(cells[12], options.term_types, options.exclude_term_types) else ""


def _is_left_out(value: str, kept: tuple[str, ...], left_out: tuple[str, ...]) -> bool:
    return (bool(kept) and value not in kept) or value in left_out


def _first(head: bytes) -> list[bytes]:
    """Cells of the first line, if it has the width of a table of names; else none."""
    cells = head.partition(b"\n")[0].rstrip(b"\r").split(b"|")
    return cells if len(cells) == _WIDTH + 1 else [b"", b""]


READER = Reader(
    "umls",
    "UMLS Metathesaurus (MRCONSO.RRF, MRSTY.RRF)",
    _read,
    lambda name, head: name == "mrconso.rrf" or _number(_first(head)[0].decode("ascii", "replace")) >= 0,
    UmlsOptions,
    members=("mrconso.rrf",),
    label_map=SEMANTIC_LABELS,
)


# RxNorm: ``RXNCONSO.RRF``; ingredients and brand names by default, not every packaged product.
#
# Columns: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html


@dataclass(frozen=True, slots=True)
class RxNormOptions(RrfOptions):
    vocabularies: tuple[str, ...] = option(("RXNORM",), "source vocabularies (SAB); all when empty")
    term_types: tuple[str, ...] = option(("IN", "PIN", "MIN", "BN"), "term types (TTY); all when empty")


def _read_rxnorm(files: Files, options: RxNormOptions, recorder: Recorder) -> Iterator[Term]:
    for name in _releases(files, recorder):
        for row, cells in _rows(files, name, recorder, _WIDTH):
            recorder.report.rows += 1
            rxcui, text, term_type = cells[0], cells[14], cells[12]
            if not rxcui.isdecimal():
                recorder.bad("no RXCUI in the first column", row, rxcui)
            elif reason := _refusal(cells, options):
                recorder.skip(reason, row, text)
            elif label := recorder.wanted([term_type], row, text):
                status = _status(term_type, term_type in ("IN", "PIN", "MIN"))
                yield from recorder.terms(text, row, label, f"RXNORM:{rxcui}", status)


def _releases(files: Files, recorder: Recorder) -> list[str]:
    """The full table: a release also holds its prescribable part, with the same rows."""
    names = files.find("rxnconso.rrf")
    whole = [name for name in names if "prescribe/" not in f"{name.lower()}/"]
    if whole and len(whole) < len(names):
        recorder.report.notes.append("the prescribable part (prescribe/) repeats rows and was not read")
    return whole or names


RXNORM = Reader(
    "rxnorm",
    "RxNorm (RXNCONSO.RRF)",
    _read_rxnorm,
    lambda name, head: name == "rxnconso.rrf" or (_first(head)[0].isdigit() and _first(head)[1] == b"ENG"),
    RxNormOptions,
    members=("rxnconso.rrf",),
    label="Chemical",
    source="RxNorm",
)


# NCBI Taxonomy: ``names.dmp`` of the release (taxdump).
#
# Columns, with a bar between tabs: number of the taxon, name, a name that is unique, class of the name.

_NAME_CLASSES = {
    "scientific name": "preferred",
    **dict.fromkeys(("synonym", "equivalent name", "common name", "genbank common name"), "synonym"),
    **dict.fromkeys(("blast name", "genbank synonym", "anamorph", "teleomorph"), "synonym"),
    **dict.fromkeys(("acronym", "genbank acronym"), "abbreviation"),
}
"""Classes of names that texts have, each with its status; "authority" and "includes" are remarks."""
_ROOT = "1"
"""The taxon above all, whose names ("root", "all") name nothing."""


@dataclass(frozen=True, slots=True)
class TaxonomyOptions(Options):
    name_classes: tuple[str, ...] = option(tuple(_NAME_CLASSES), "classes of names to keep")


def _read_taxonomy(files: Files, options: TaxonomyOptions, recorder: Recorder) -> Iterator[Term]:
    label = recorder.label_of([])
    for name in files.find("names.dmp"):
        for row, line in text_lines(files, name, recorder):
            if not line.strip():
                continue
            recorder.report.rows += 1
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) < 4 or not cells[0].isdecimal():
                recorder.bad("not the columns of names.dmp", row, line[:80])
            elif cells[0] == _ROOT:
                recorder.skip("name of the root", row, cells[1])
            elif cells[3] not in options.name_classes:
                recorder.skip(f"name class {cells[3]}", row, cells[1])
            else:
                text = re.sub(r"\A\[(\w+)\]", r"\1", cells[1])  # "[Candida] auris": the genus is another one
                status, mode = _NAME_CLASSES.get(cells[3], "synonym"), "case" if _is_word(text) else ""
                yield from recorder.terms(text, row, label, f"NCBITaxon:{cells[0]}", status, mode)


def _is_word(text: str) -> bool:
    """Whether a genus is a word of another sense in small letters: "Cancer", "Iris", no "Streptococcus"."""
    return text.istitle() and text.lower() in english_words() and not _MICROBE.search(text)


_MICROBE = re.compile(r"(?i)(?:coccus|bacill|bacter|monas|ella|virus|plasma|myces|candida|gillus)")


TAXONOMY = Reader(
    "taxonomy",
    "NCBI Taxonomy (names.dmp)",
    _read_taxonomy,
    lambda name, head: re.match(rb"\d+\t\|\t[^|\n]*\t\|\t[^|\n]*\t\|\t[a-z ]+\t\|", head) is not None,
    TaxonomyOptions,
    members=("names.dmp",),
    label="Organism",
    source="NCBI Taxonomy",
)
