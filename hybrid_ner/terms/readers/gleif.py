"""GLEIF legal entity identifiers (golden copy or concatenated CSV)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.options import Options, option
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.table import Table, header_of
from hybrid_ner.terms.term import Term

__all__ = ["READER", "GleifOptions"]

_NAME, _STATUS = "entity.legalname", "entity.entitystatus"
_COUNTRY, _CATEGORY = "entity.legaladdress.country", "entity.entitycategory"
_OTHER = "entity.otherentitynames.otherentityname."
_TRANSLITERATED = "entity.transliteratedotherentitynames.transliteratedotherentityname."


@dataclass(frozen=True, slots=True)
class GleifOptions(Options):
    """Options of GLEIF files."""

    statuses: tuple[str, ...] = option(("ACTIVE",), "Entity.EntityStatus values to keep; all when empty")
    countries: tuple[str, ...] = option((), "countries of the legal address to keep, for example US,IN")
    other_names: bool = option(True, "also give other and transliterated names")


def _read(files: Files, options: GleifOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    table = Table(files, name, recorder, ("LEI", "Entity.LegalName", "Entity.EntityStatus"))
    others = [c for c in table.columns if c.startswith((_OTHER, _TRANSLITERATED)) and c[-1].isdigit()]
    for row, cells in table:
        lei, text = cells["lei"], cells[_NAME]
        if not lei or not text:
            recorder.bad("no LEI or no legal name", row, f"{lei} {text}".strip())
        elif options.statuses and cells[_STATUS] not in options.statuses:
            recorder.skip(f"status {cells[_STATUS] or 'none'}", row, text)
        elif options.countries and cells.get(_COUNTRY, "") not in options.countries:
            recorder.skip("country", row, text)
        elif not (label := recorder.label_of([cells.get(_CATEGORY, "")])):
            recorder.skip(NOT_WANTED, row, text)
        else:
            if term := recorder.term(text, row, label, f"LEI:{lei}", "preferred"):
                yield term
            for other in filter(None, (cells[c] for c in others) if options.other_names else ()):
                if term := recorder.term(other, row, label, f"LEI:{lei}"):
                    yield term


def _sniff(name: str, head: bytes) -> bool:
    columns = header_of(head)
    return "lei" in columns and _NAME in columns


READER = Reader(
    "gleif",
    "GLEIF legal entities CSV",
    _read,
    _sniff,
    GleifOptions,
    label="ORG",
    source="GLEIF",
    mode="folded",
)
