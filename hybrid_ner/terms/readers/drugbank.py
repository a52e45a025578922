"""DrugBank's open vocabulary (``drugbank vocabulary.csv``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.columns import Table, header_of
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER", "DrugBankOptions"]


@dataclass(frozen=True, slots=True)
class DrugBankOptions(Options):
    """Options of the DrugBank vocabulary."""

    synonyms: bool = option(True, "also give the synonyms")


def _read(files: Files, options: DrugBankOptions, recorder: Recorder) -> Iterator[Term]:
    label = recorder.label_of([])
    for name in files.find("drugbank*vocabulary*.csv"):
        for row, cells in Table(files, name, recorder, ("DrugBank ID", "Common name", "Synonyms")):
            key, text = cells["drugbank id"], cells["common name"]
            if not key or not text:
                recorder.bad("no DrugBank ID or no common name", row, f"{key} {text}".strip())
                continue
            if term := recorder.term(text, row, label, f"DRUGBANK:{key}", "preferred"):
                yield term
            synonyms = cells["synonyms"].split(" | ") if options.synonyms else []
            for synonym in filter(str.strip, synonyms):
                if term := recorder.term(synonym, row, label, f"DRUGBANK:{key}"):
                    yield term


def _sniff(name: str, head: bytes) -> bool:
    columns = header_of(head)
    return "drugbank id" in columns and "common name" in columns


READER = Reader(
    "drugbank",
    "DrugBank open vocabulary",
    _read,
    _sniff,
    DrugBankOptions,
    members=("drugbank*vocabulary*.csv",),
    label="Chemical",
    source="DrugBank",
)
