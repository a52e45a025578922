"""ICD-10-CM tabular XML: codes with their descriptions and inclusion terms.

The parent of a category is its section (``ICD10CM:A00-A09``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers.base import Reader, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.icd10cm import CODE_LABELS, IcdOptions, give_code
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.readers.streams import child, children, records, value
from hybrid_ner.terms.term import Term

__all__ = ["READER", "IcdXmlOptions"]


@dataclass(frozen=True, slots=True)
class IcdXmlOptions(IcdOptions):
    """Options of the tabular XML."""

    inclusion_terms: bool = option(True, "also give the inclusion terms of a code")


def _read(files: Files, options: IcdXmlOptions, recorder: Recorder) -> Iterator[Term]:
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


def _sniff(name: str, head: bytes) -> bool:
    return b"<ICD10CM.tabular" in head


READER = Reader(
    "icd10cm-xml",
    "ICD-10-CM tabular XML",
    _read,
    _sniff,
    IcdXmlOptions,
    members=("*tabular*.xml",),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)
