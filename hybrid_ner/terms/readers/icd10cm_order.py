"""ICD-10-CM order file: fixed columns with order number, code, header flag, short and long description.

The code list beside it (``icd10cm-codes-2025.txt``) has the code and the long description only, and none of
the headings; it is read where there is no order file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.readers.base import Reader, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.icd10cm import CODE_LABELS, IcdOptions, give_code
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER"]

_LINE = re.compile(r"\d{5} (?P<code>[A-Z][A-Z0-9]{2,6}) *\s[01] .{60} (?P<name>.*)")
_CODE_LINE = re.compile(r"(?P<code>[A-Z]\d[A-Z0-9]{1,5}) +(?P<name>\S.*)")
_ORDER, _CODES = "icd10cm*order*.txt", "icd10cm*codes*.txt"
_CATEGORY = 3


def _read(files: Files, options: IcdOptions, recorder: Recorder) -> Iterator[Term]:
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


def _sniff(name: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
    listed = name.startswith("icd10") and _CODE_LINE.fullmatch(first)
    return _LINE.fullmatch(first) is not None or bool(listed)


READER = Reader(
    "icd10cm-order",
    "ICD-10-CM order file or code list",
    _read,
    _sniff,
    IcdOptions,
    members=(_ORDER, _CODES),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)
