"""GLEIF legal entity identifiers: golden copy or concatenated file, as CSV or as XML (LEI-CDF).

Format: https://www.gleif.org/en/about-lei/common-data-file-format
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.columns import Table, header_of
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import child, inside, is_xml, records, value
from hybrid_ner.terms.term import Term

__all__ = ["READER", "GleifOptions"]

_NAME, _STATUS = "entity.legalname", "entity.entitystatus"
_COUNTRY, _CATEGORY = "entity.legaladdress.country", "entity.entitycategory"
_OTHER = "entity.otherentitynames.otherentityname."
_TRANSLITERATED = "entity.transliteratedotherentitynames.transliteratedotherentityname."
_OTHER_LISTS = ("OtherEntityNames", "TransliteratedOtherEntityNames")


@dataclass(frozen=True, slots=True)
class GleifOptions(Options):
    """Options of GLEIF files."""

    statuses: tuple[str, ...] = option(("ACTIVE",), "Entity.EntityStatus values to keep; all when empty")
    countries: tuple[str, ...] = option((), "countries of the legal address to keep, for example US,IN")
    other_names: bool = option(True, "also give other and transliterated names")


@dataclass(frozen=True, slots=True)
class _Entity:
    row: int
    lei: str
    name: str
    status: str
    country: str
    category: str
    others: tuple[str, ...]


def _read(files: Files, options: GleifOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    entities = _from_xml if is_xml(files.head(name)) else _from_table
    for entity in entities(files, name, recorder):
        if not entity.lei or not entity.name:
            recorder.bad("no LEI or no legal name", entity.row, f"{entity.lei} {entity.name}".strip())
        elif options.statuses and entity.status not in options.statuses:
            recorder.skip(f"status {entity.status or 'none'}", entity.row, entity.name)
        elif options.countries and entity.country not in options.countries:
            recorder.skip("country", entity.row, entity.name)
        elif not (label := recorder.label_of([entity.category])):
            recorder.skip(NOT_WANTED, entity.row, entity.name)
        else:
            concept = f"LEI:{entity.lei}"
            if term := recorder.term(entity.name, entity.row, label, concept, "preferred"):
                yield term
            for other in filter(None, entity.others if options.other_names else ()):
                if term := recorder.term(other, entity.row, label, concept):
                    yield term


def _from_table(files: Files, name: str, recorder: Recorder) -> Iterator[_Entity]:
    table = Table(files, name, recorder, ("LEI", "Entity.LegalName", "Entity.EntityStatus"))
    others = [c for c in table.columns if c.startswith((_OTHER, _TRANSLITERATED)) and c[-1].isdigit()]
    for row, cells in table:
        yield _Entity(
            row,
            cells["lei"],
            cells[_NAME],
            cells[_STATUS],
            cells.get(_COUNTRY, ""),
            cells.get(_CATEGORY, ""),
            tuple(cells[column] for column in others),
        )


def _from_xml(files: Files, name: str, recorder: Recorder) -> Iterator[_Entity]:
    for number, record in records(files, name, recorder, frozenset({"LEIRecord"})):
        entity = child(record, "Entity")
        yield _Entity(
            number,
            value(record, "LEI"),
            value(entity, "LegalName"),
            value(entity, "EntityStatus"),
            value(entity, "LegalAddress", "Country"),
            value(entity, "EntityCategory"),
            tuple(value(other) for names in _OTHER_LISTS for other in inside(entity, names)),
        )


def _sniff(name: str, head: bytes) -> bool:
    if is_xml(head):
        return b"LEIData" in head
    columns = header_of(head)
    return "lei" in columns and _NAME in columns


READER = Reader(
    "gleif",
    "GLEIF legal entities, CSV or XML",
    _read,
    _sniff,
    GleifOptions,
    label="ORG",
    source="GLEIF",
    mode="folded",
)
