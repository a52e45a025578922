"""FDA substance names (``UNII_Names_*.txt``) and records (``UNII_Records_*.txt``), tab-separated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.columns import Table, header_of
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER", "UniiOptions"]

_BRAND, _OFFICIAL = "bn", "of"
_GREEK = re.compile(
    r"\.(ALPHA|BETA|GAMMA|DELTA|EPSILON|ZETA|ETA|THETA|IOTA|KAPPA|LAMBDA|MU|NU|XI|OMICRON|PI|RHO|SIGMA|TAU"
    r"|UPSILON|PHI|CHI|PSI|OMEGA)\.",
    re.IGNORECASE,
)
"""Greek letters between dots: ``.ALPHA.-TOCOPHEROL``."""
_SOURCE = re.compile(r" \[[A-Z][A-Z0-9 .&/-]*\]\Z")
"""The list that a name was taken from, behind it: ``SULFASYMAZINE [WHO-DD]``."""


@dataclass(frozen=True, slots=True)
class UniiOptions(Options):
    """Options of UNII files."""

    name_types: tuple[str, ...] = option(
        ("of", "cn", "sys", "bn"),
        "TYPE values of names to keep (cd are codes)",
        choices=("of", "cn", "sys", "bn", "cd"),
    )
    as_written: bool = option(False, "keep .ALPHA. and the source list in brackets ([USP-RS]) in names")


def _read(files: Files, options: UniiOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("unii_names*.txt", "unii_records*.txt"):
        table = Table(files, name, recorder, ("UNII",))
        column, named = ("name", "display name") if "name" in table.columns else ("pt", "pt")
        substance, seen = "", set[str]()
        for row, cells in table:
            key, text, kind = cells["unii"], cells.get(column, ""), cells.get("type", _OFFICIAL)
            shown = text if options.as_written else _readable(text)
            if key != substance:
                substance, seen = key, set()
            if not key or not text:
                recorder.bad("no UNII or no name", row, f"{key} {text}".strip())
            elif kind not in options.name_types:
                recorder.skip(f"name type {kind}", row, text)
            elif not (label := recorder.label_of([cells.get("ingredient_type", "")])):
                recorder.skip(NOT_WANTED, row, text)
            elif shown in seen:
                recorder.skip("same string of the same substance", row, text)
            else:
                seen.add(shown)
                status: TermStatus = "preferred" if text == cells.get(named) else "synonym"
                status = "brand" if kind == _BRAND else status
                if term := recorder.term(shown, row, label, f"UNII:{key}", status):
                    yield term


def _readable(name: str) -> str:
    return _SOURCE.sub("", _GREEK.sub(r"\1", name))


def _sniff(name: str, head: bytes) -> bool:
    columns = header_of(head)
    return columns[:1] == ["unii"] or ("unii" in columns and columns[:2] == ["name", "type"])


READER = Reader(
    "unii",
    "FDA UNII names and records",
    _read,
    _sniff,
    UniiOptions,
    members=("unii_names*.txt", "unii_records*.txt"),
    label="Chemical",
    source="UNII",
    mode="folded",
)
