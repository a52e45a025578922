"""ATC classification as a table with a code and a name column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.labels import prefix_label
from hybrid_ner.terms.readers.options import Options, option
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.table import Table, header_of
from hybrid_ner.terms.term import Term

__all__ = ["READER", "AtcOptions"]

_CODES = ("atc code", "atc_code", "atccode", "atc", "code")
_NAMES = ("atc level name", "atc_name", "atc name", "level name", "name", "substance")
_CODE = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?\Z")
_LEVELS = {1: "1", 3: "2", 4: "3", 5: "4", 7: "5"}
_COMBINED = re.compile(r"\bcombinations?\b|\bvarious\b|\bother\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AtcOptions(Options):
    """Options of ATC."""

    levels: tuple[str, ...] = option(("5",), "levels to keep: 1 to 4 are groups, 5 substances")
    combinations: bool = option(False, "also give “combinations”, “various” and “other”")


def _read(files: Files, options: AtcOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    table = Table(files, name, recorder)
    code_column = next((c for c in _CODES if c in table.columns), None)
    name_column = next((c for c in _NAMES if c in table.columns), None)
    if code_column is None or name_column is None:
        problem = f"no column for the ATC code and its name; its columns are {', '.join(table.columns[:8])}."
        raise InputError(
            problem, path=files.where(name), row=1, hint="Name them 'ATC code' and 'ATC level name'."
        )
    for row, cells in table:
        code, text = cells[code_column].strip(), cells[name_column].strip()
        if not _CODE.match(code):
            recorder.bad("not an ATC code", row, f"{code} {text}")
            continue
        level = _LEVELS[len(code)]
        if level != "1":
            above = max(length for length in _LEVELS if length < len(code))
            recorder.parent(f"ATC:{code}", [f"ATC:{code[:above]}"])
        if level not in options.levels:
            recorder.skip(f"level {level}", row, f"{code} {text}")
        elif not options.combinations and _COMBINED.search(text):
            recorder.skip("combination", row, f"{code} {text}")
        elif not (label := prefix_label([code], recorder)):
            recorder.skip(NOT_WANTED, row, f"{code} {text}")
        elif term := recorder.term(text, row, label, f"ATC:{code}", "preferred"):
            yield term


def _sniff(name: str, head: bytes) -> bool:
    columns = header_of(head)
    return any(c in columns for c in _CODES[:4]) and any(c in columns for c in _NAMES)


READER = Reader(
    "atc",
    "ATC classification table",
    _read,
    _sniff,
    AtcOptions,
    label="Chemical",
    source="ATC",
    mode="folded",
)
