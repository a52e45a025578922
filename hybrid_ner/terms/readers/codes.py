"""Codes of diagnoses and of drugs: ICD-10, MedDRA; ATC, DrugBank's open vocabulary, the FDA's UNII."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Files, Options, Reader, Recorder, Term, looks, option, text_lines
from hybrid_ner.terms.readers.streams import Table, children, header_of, inside, is_xml, local, records, value
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

CODE_LABELS = {**dict.fromkeys("ABCDEFGHIJKLMNOPQRSTU", "Disease"), **dict.fromkeys("VWXYZ", "")}
"""First letters of codes → label; external causes and contacts with health services are no diseases."""


@dataclass(frozen=True, slots=True)
class IcdOptions(Options):
    codes: tuple[str, ...] = option((), "code prefixes to keep where one label is given, for example C,D0")
    unspecified: bool = option(False, "also give descriptions with “unspecified”")
    other: bool = option(False, "also give descriptions such as “Other …” and “… not elsewhere classified”")
    seventh: bool = option(False, "also give codes with a 7th character (initial encounter …)")


def give_code(
    row: int,
    code: str,
    names: Sequence[str],
    options: IcdOptions,
    recorder: Recorder,
    vocabulary: str = "ICD10CM",
) -> Iterator[Term]:
    """Terms of one code; the first name is its description."""
    shown = f"{code} {names[0]}"
    if options.codes and not code.startswith(options.codes):
        recorder.not_wanted(row, shown)
        return
    if not (label := recorder.wanted([code], row, shown, by_prefix=True)):
        return
    if len(code.replace(".", "")) >= 7 and not options.seventh:
        recorder.skip("7th-character variant", row, shown)
        return
    for number, name in enumerate(names):
        if not options.unspecified and _RE.UNSPECIFIED.search(name):
            recorder.skip("unspecified", row, f"{code} {name}")
        elif not options.other and _RE.OTHER.search(name):
            recorder.skip("other", row, f"{code} {name}")
        else:
            status = "synonym" if number else "preferred"
            yield from recorder.terms(name, row, label, f"{vocabulary}:{code}", status)


# ICD-10-CM order file: fixed columns with order number, code, header flag, short and long description.
#
# The code list beside it (``icd10cm-codes-2025.txt``) has the code and the long description only, and none of
# the headings; it is read where there is no order file.

_ORDER, _CODE_FILES = "icd10cm*order*.txt", "icd10cm*codes*.txt"


def _read_order(files: Files, options: IcdOptions, recorder: Recorder) -> Iterator[Term]:
    names = files.find(_ORDER) or files.find(_CODE_FILES)
    # The addenda beside it list what changed since the year before, in other columns.
    for name in [name for name in names if "addenda" not in name.lower()] or names:
        above: list[str] = []
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if not line.strip():
                continue
            recorder.report.rows += 1
            found = _RE.LINE.fullmatch(line) or _RE.CODE_LINE.fullmatch(line)
            if not found or not found["name"].strip():
                recorder.bad("not the columns of an order file", row, line)
                continue
            code = found["code"]
            while above and not code.startswith(above[-1]):
                above.pop()
            if above:
                recorder.parent(f"ICD10CM:{_dotted(code)}", [f"ICD10CM:{_dotted(above[-1])}"])
            above.append(code)
            yield from give_code(row, _dotted(code), [found["name"]], options, recorder)


def _dotted(code: str) -> str:
    """ "A000" as it is written elsewhere: "A00.0"."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _sniff_order(name: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
    return bool(_RE.LINE.fullmatch(first) or (name.startswith("icd10") and _RE.CODE_LINE.fullmatch(first)))


ORDER = Reader(
    "icd10cm-order",
    "ICD-10-CM order file or code list",
    _read_order,
    _sniff_order,
    IcdOptions,
    members=(_ORDER, _CODE_FILES),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)


# ICD-10-CM tabular XML: codes with their descriptions and inclusion terms.
#
# The parent of a category is its section (``ICD10CM:A00-A09``).


@dataclass(frozen=True, slots=True)
class IcdXmlOptions(IcdOptions):
    inclusion_terms: bool = option(True, "also give the inclusion terms of a code")


def _read_xml(files: Files, options: IcdXmlOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("*tabular*.xml"):
        for number, section in records(files, name, recorder, {"section"}):
            for diag in children(section, "diag"):
                yield from _diag(number, diag, section.get("id", ""), options, recorder)


def _diag(
    number: int, diag: Element, parent: str, options: IcdXmlOptions, recorder: Recorder
) -> Iterator[Term]:
    code, description = value(diag, "name"), value(diag, "desc")
    if not code or not description:
        recorder.bad("code without a name or a description", number, f"{code} {description}".strip())
        return
    notes = [value(note) for note in inside(diag, "inclusionTerm") if note.text]
    if parent:
        recorder.parent(f"ICD10CM:{code}", [f"ICD10CM:{parent}"])
    names = [description, *(notes if options.inclusion_terms else ())]
    yield from give_code(number, code, names, options, recorder)
    for inner in children(diag, "diag"):
        yield from _diag(number, inner, code, options, recorder)


XML = Reader(
    "icd10cm-xml",
    "ICD-10-CM tabular XML",
    _read_xml,
    looks(holds=(b"<ICD10CM.tabular",)),
    IcdXmlOptions,
    members=("*tabular*.xml",),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)


# ClaML (EN 14463): the ICD-10 of the WHO, and its national versions.
#
# A class is a code, its rubrics are names of it and remarks. Chapters and blocks only group codes. What a
# rubric says in several pieces ("Tuberculosis of meninges:", "cerebral") is no name as texts have it.

_NAMING = ("preferred", "preferredLong", "inclusion", "synonym")


def _read_claml(files: Files, options: IcdXmlOptions, recorder: Recorder) -> Iterator[Term]:
    vocabulary = ""
    for number, each in records(files, files.only(), recorder, {"Title", "Class"}):
        if local(each.tag) == "Title":
            found = _RE.EDITION.match(f"{each.get('name', '')} {each.text or ''}")
            vocabulary = re.sub(r"\W", "", found[0]).upper() if found else ""
            recorder.report.rows -= 1
            continue
        code, kind = each.get("code", ""), each.get("kind", "")
        said = [(rubric.get("kind", ""), _rubric(rubric)) for rubric in children(each, "Rubric")]
        names = [name for rubric in _NAMING for of, name in said if of == rubric and name]
        if kind in ("chapter", "block"):
            recorder.skip(f"name of a {kind}", number, f"{code} {' '.join(names[:1])}")
            continue
        if not code or not names:
            recorder.bad("class without a code or a name", number, f"{code} {' '.join(names)}".strip())
            continue
        for _ in range(sum(of in _NAMING and not name for of, name in said)):
            recorder.skip("name in several pieces", number, code)
        vocabulary = vocabulary or "ICD10"
        above = [part.get("code", "") for part in children(each, "SuperClass")]
        recorder.parent(f"{vocabulary}:{code}", [f"{vocabulary}:{part}" for part in above if part])
        names = names if options.inclusion_terms else names[:1]
        yield from give_code(number, code, [*dict.fromkeys(names)], options, recorder, vocabulary)


def _rubric(rubric: Element) -> str:
    """What a rubric says, without references to other codes; empty where it stands in several pieces."""
    label = next(children(rubric, "Label"), None)
    if label is None or sum(local(part.tag) == "Fragment" for part in label) > 1:
        return ""
    return " ".join("".join(_said(label)).split())


def _said(element: Element) -> Iterator[str]:
    yield element.text or ""
    for part in element:
        if local(part.tag) != "Reference":
            yield from _said(part)
        yield part.tail or ""


CLAML = Reader(
    "claml",
    "ICD-10 of the WHO and other classifications in ClaML",
    _read_claml,
    looks(holds=(b"<ClaML",)),
    IcdXmlOptions,
    members=("*claml*.xml",),
    label_map=CODE_LABELS,
    source="ICD-10",
    mode="folded",
)


# MedDRA: lowest level terms (``llt.asc``), each with the preferred term that it belongs to.
#
# Columns without headings, with "$" behind each: code, name, code of the preferred term, …, whether it is
# current. Every preferred term is one of them too.


@dataclass(frozen=True, slots=True)
class MeddraOptions(Options):
    current: bool = option(True, "leave out terms that are not current")


def _read_meddra(files: Files, options: MeddraOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("llt.asc"):
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if not line.strip():
                continue
            recorder.report.rows += 1
            cells = line.split("$")
            if len(cells) < 10 or not cells[0].isdigit() or not cells[2].isdigit():
                recorder.bad("not the columns of llt.asc", row, line[:80])
            elif options.current and cells[9].strip() == "N":
                recorder.skip("not current", row, cells[1])
            elif label := recorder.wanted([], row, cells[1]):
                status = "preferred" if cells[0] == cells[2] else "synonym"
                yield from recorder.terms(cells[1], row, label, f"MEDDRA:{cells[2]}", status)


MEDDRA = Reader(
    "meddra",
    "MedDRA lowest level terms (llt.asc)",
    _read_meddra,
    lambda name, head: bool(re.match(rb"\d{8}\$[^$\n]+\$\d{8}\$(?:[^$\n]*\$){7,}", head)),
    MeddraOptions,
    members=("llt.asc",),
    label="Disease",
    source="MedDRA",
    mode="folded",
)


# ATC classification: a table with a code and a name column, or the row set of the WHO centre in XML.
#
# A code that has several doses stands in as many rows; its name is given once.

_CODES = ("atccode", "atc", "code")
_NAMES = (
    *("atclevelname", "atcname", "atcbedeutung", "levelname", "name"),
    *("substance", "bezeichnung", "bedeutung", "description", "label"),
)
"""Names of the columns without spaces, hyphens and underscores, best first."""
_LEVELS = {1: "1", 3: "2", 4: "3", 5: "4", 7: "5"}


@dataclass(frozen=True, slots=True)
class AtcOptions(Options):
    levels: tuple[str, ...] = option(
        ("5",), "levels to keep: 1 to 4 are groups, 5 substances", choices=tuple(_LEVELS.values())
    )
    combinations: bool = option(False, "also give “combinations”, “various” and “other”")


def _read_atc(files: Files, options: AtcOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    rows = _from_xml if is_xml(files.head(name)) else _from_table
    seen: set[tuple[str, str]] = set()
    for row, code, text in rows(files, name, recorder):
        if not _RE.CODE.match(code):
            recorder.bad("not an ATC code", row, f"{code} {text}")
            continue
        level = _LEVELS[len(code)]
        if level != "1":
            above = max(length for length in _LEVELS if length < len(code))
            recorder.parent(f"ATC:{code}", [f"ATC:{code[:above]}"])
        shown = f"{code} {text}"
        if level not in options.levels:
            recorder.skip(f"level {level}", row, shown)
        elif not options.combinations and _RE.COMBINED.search(text):
            recorder.skip("combination", row, shown)
        elif not (label := recorder.wanted([code], row, shown, by_prefix=True)):
            continue
        elif (code, text) in seen:
            recorder.skip("same name of the same code", row, shown)
        else:
            seen.add((code, text))
            yield from recorder.terms(text, row, label, f"ATC:{code}", "preferred")


def _from_table(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, str, str]]:
    table = Table(files, name, recorder)
    code, text = _column(table.columns, _CODES), _column(table.columns, _NAMES)
    if not code or not text:
        problem = f"no column for the ATC code and its name; its columns are {table.shown}."
        hint = "Name them 'ATC code' and 'ATC level name'."
        raise InputError(problem, path=files.where(name), row=1, hint=hint)
    for row, cells in table:
        yield row, cells[code].strip(), cells[text].strip()


def _from_xml(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, str, str]]:
    for number, record in records(files, name, recorder, {"row"}):
        cells = {**record.attrib, **{local(part.tag): value(part) for part in record}}
        columns = {column.lower(): " ".join(cell.split()) for column, cell in cells.items()}
        code, text = _column(list(columns), _CODES), _column(list(columns), _NAMES)
        yield number, columns.get(code, ""), columns.get(text, "")


def _column(columns: Sequence[str], wanted: Sequence[str]) -> str:
    """The best of the columns by its name; empty when there is none."""
    found = {re.sub(r"[\s_-]", "", column): column for column in reversed(columns)}
    return next((found[name] for name in wanted if name in found), "")


def _sniff_atc(name: str, head: bytes) -> bool:
    if is_xml(head):
        return b"ATCCode" in head
    columns = header_of(head)
    return bool(_column(columns, _CODES[:2]) and _column(columns, _NAMES))


ATC = Reader(
    "atc",
    "ATC classification, table or XML",
    _read_atc,
    _sniff_atc,
    AtcOptions,
    label="Chemical",
    source="ATC",
    mode="folded",
)


# DrugBank's open vocabulary (``drugbank vocabulary.csv``).


@dataclass(frozen=True, slots=True)
class DrugBankOptions(Options):
    synonyms: bool = option(True, "also give the synonyms")


def _read_drugbank(files: Files, options: DrugBankOptions, recorder: Recorder) -> Iterator[Term]:
    label = recorder.label_of([])
    for name in files.find("drugbank*vocabulary*.csv"):
        for row, cells in Table(files, name, recorder, ("DrugBank ID", "Common name", "Synonyms")):
            key, text = cells["drugbank id"], cells["common name"]
            if not key or not text:
                recorder.bad("no DrugBank ID or no common name", row, f"{key} {text}".strip())
                continue
            yield from recorder.terms(text, row, label, f"DRUGBANK:{key}", "preferred")
            synonyms = cells["synonyms"].split(" | ") if options.synonyms else []
            for synonym in filter(str.strip, synonyms):
                yield from recorder.terms(synonym, row, label, f"DRUGBANK:{key}")


DRUGBANK = Reader(
    "drugbank",
    "DrugBank open vocabulary",
    _read_drugbank,
    looks(columns=("drugbank id", "common name")),
    DrugBankOptions,
    members=("drugbank*vocabulary*.csv",),
    label="Chemical",
    source="DrugBank",
)


# FDA substance names (``UNII_Names_*.txt``) and records (``UNII_Records_*.txt``), tab-separated.

_BRAND, _OFFICIAL = "bn", "of"
_UNII_NAMES = (_OFFICIAL, "cn", "sys", _BRAND)


@dataclass(frozen=True, slots=True)
class UniiOptions(Options):
    name_types: tuple[str, ...] = option(
        _UNII_NAMES, "TYPE values of names to keep (cd are codes)", choices=(*_UNII_NAMES, "cd")
    )
    as_written: bool = option(False, "keep .ALPHA. and the source list in brackets ([USP-RS]) in names")


def _read_unii(files: Files, options: UniiOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("unii_names*.txt", "unii_records*.txt"):
        table = Table(files, name, recorder, ("UNII",))
        column, named = ("name", "display name") if "name" in table.columns else ("pt", "pt")
        substance, seen = "", set[str]()
        for row, cells in table:
            key, text, kind = cells["unii"], cells.get(column, ""), cells.get("type", _OFFICIAL)
            shown = text if options.as_written else _RE.SOURCE.sub("", _RE.GREEK.sub(r"\1", text))
            if key != substance:
                substance, seen = key, set()
            if not key or not text:
                recorder.bad("no UNII or no name", row, f"{key} {text}".strip())
            elif kind not in options.name_types:
                recorder.skip(f"name type {kind}", row, text)
            elif not (label := recorder.wanted([cells.get("ingredient_type", "")], row, text)):
                continue
            elif shown in seen:
                recorder.skip("same string of the same substance", row, text)
            else:
                seen.add(shown)
                status = "preferred" if text == cells.get(named) else "synonym"
                status = "brand" if kind == _BRAND else status
                yield from recorder.terms(shown, row, label, f"UNII:{key}", status)


def _sniff_unii(name: str, head: bytes) -> bool:
    columns = header_of(head)
    return columns[:1] == ["unii"] or ("unii" in columns and columns[:2] == ["name", "type"])


UNII = Reader(
    "unii",
    "FDA UNII names and records",
    _read_unii,
    _sniff_unii,
    UniiOptions,
    members=("unii_names*.txt", "unii_records*.txt"),
    label="Chemical",
    source="UNII",
    mode="folded",
)
