"""ICD-10-CM: the order file or code list, and the tabular XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hybrid_ner.terms import Term
from hybrid_ner.terms.readers.base import Options, Reader, longest_prefix, option, prefix_label, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import child, children, records, value

CODE_LABELS = {
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTU", "Disease"),
    **dict.fromkeys("VWXYZ", ""),
}
"""First letters of codes → label; external causes and contacts with health services are no diseases."""

_SEVENTH = 7
_UNSPECIFIED = re.compile(r"\bunspecified\b", re.IGNORECASE)
_OTHER = re.compile(r"^other\b|\bother specified\b|\bnot elsewhere classified\b|\bNEC$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IcdOptions(Options):
    """Options of ICD-10-CM."""

    codes: tuple[str, ...] = option((), "code prefixes to keep where one label is given, for example C,D0")
    unspecified: bool = option(False, "also give descriptions with “unspecified”")
    other: bool = option(False, "also give descriptions such as “Other …” and “… not elsewhere classified”")
    seventh: bool = option(False, "also give codes with a 7th character (initial encounter …)")


def give_code(
    row: int, code: str, names: Sequence[str], options: IcdOptions, recorder: Recorder
) -> Iterator[Term]:
    """Terms of one code; the first name is its description."""
    wanted = not options.codes or longest_prefix(code, dict.fromkeys(options.codes, "yes"))
    label = prefix_label([code], recorder) if wanted else ""
    if not label:
        recorder.skip(NOT_WANTED, row, f"{code} {names[0]}")
        return
    if len(code.replace(".", "")) >= _SEVENTH and not options.seventh:
        recorder.skip("7th-character variant", row, f"{code} {names[0]}")
        return
    for number, name in enumerate(names):
        if not options.unspecified and _UNSPECIFIED.search(name):
            recorder.skip("unspecified", row, f"{code} {name}")
        elif not options.other and _OTHER.search(name):
            recorder.skip("other", row, f"{code} {name}")
        else:
            if term := recorder.term(
                name, row, label, f"ICD10CM:{code}", "preferred" if not number else "synonym"
            ):
                yield term


# ICD-10-CM order file: fixed columns with order number, code, header flag, short and long description.
#
# The code list beside it (``icd10cm-codes-2025.txt``) has the code and the long description only, and none of
# the headings; it is read where there is no order file.

_LINE = re.compile(r"\d{5} (?P<code>[A-Z][A-Z0-9]{2,6}) *\s[01] .{60} (?P<name>.*)")
_CODE_LINE = re.compile(r"(?P<code>[A-Z]\d[A-Z0-9]{1,5}) +(?P<name>\S.*)")
_ORDER, _CODES = "icd10cm*order*.txt", "icd10cm*codes*.txt"
_CATEGORY = 3


def _read_order(files: Files, options: IcdOptions, recorder: Recorder) -> Iterator[Term]:
    names = files.find(_ORDER) or files.find(_CODES)
    # The addenda beside it list what changed since the year before, in other columns.
    for name in [name for name in names if "addenda" not in name.lower()] or names:
        above: list[str] = []
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if not line.strip():
                continue
            recorder.report.rows += 1
            found = _LINE.fullmatch(line) or _CODE_LINE.fullmatch(line)
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
    return f"{code[:_CATEGORY]}.{code[_CATEGORY:]}" if len(code) > _CATEGORY else code


def _sniff_order(name: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
    listed = name.startswith("icd10") and _CODE_LINE.fullmatch(first)
    return _LINE.fullmatch(first) is not None or bool(listed)


ORDER = Reader(
    "icd10cm-order",
    "ICD-10-CM order file or code list",
    _read_order,
    _sniff_order,
    IcdOptions,
    members=(_ORDER, _CODES),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)


# ICD-10-CM tabular XML: codes with their descriptions and inclusion terms.
#
# The parent of a category is its section (``ICD10CM:A00-A09``).


@dataclass(frozen=True, slots=True)
class IcdXmlOptions(IcdOptions):
    """Options of the tabular XML."""

    inclusion_terms: bool = option(True, "also give the inclusion terms of a code")


def _read_xml(files: Files, options: IcdXmlOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("*tabular*.xml"):
        for number, section in records(files, name, recorder, frozenset({"section"})):
            for diag in children(section, "diag"):
                yield from _diag(number, diag, section.get("id", ""), options, recorder)


def _diag(
    number: int, diag: Element, parent: str, options: IcdXmlOptions, recorder: Recorder
) -> Iterator[Term]:
    code, description = value(diag, "name"), value(diag, "desc")
    if not code or not description:
        recorder.bad("code without a name or a description", number, f"{code} {description}".strip())
        return
    inclusions = child(diag, "inclusionTerm") if options.inclusion_terms else None
    notes = [value(note) for note in inclusions if note.text] if inclusions is not None else []
    if parent:
        recorder.parent(f"ICD10CM:{code}", [f"ICD10CM:{parent}"])
    yield from give_code(number, code, [description, *notes], options, recorder)
    for inner in children(diag, "diag"):
        yield from _diag(number, inner, code, options, recorder)


def _sniff_xml(name: str, head: bytes) -> bool:
    return b"<ICD10CM.tabular" in head


XML = Reader(
    "icd10cm-xml",
    "ICD-10-CM tabular XML",
    _read_xml,
    _sniff_xml,
    IcdXmlOptions,
    members=("*tabular*.xml",),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)
