"""ICD-10-CM order file: fixed columns with order number, code, header flag, short and long description."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.readers.base import Reader, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.icd10cm import CODE_LABELS, IcdOptions, give_code
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER"]

_LINE = re.compile(r"(\d{5}) ([A-Z][A-Z0-9]{2,6}) *\s([01]) (.{60}) (.*)")
_CATEGORY = 3


def _read(files: Files, options: IcdOptions, recorder: Recorder) -> Iterator[Term]:
    names = files.find("icd10cm*order*.txt")
    # The addenda beside it list what changed since the year before, in other columns.
    for name in [name for name in names if "addenda" not in name.lower()] or names:
        above: list[str] = []
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if not line.strip():
                continue
            recorder.report.rows += 1
            found = _LINE.fullmatch(line)
            if not found or not found[5].strip():
                recorder.bad("not the columns of an order file", row, line)
                continue
            code = found[2]
            while above and not code.startswith(above[-1]):
                above.pop()
            if above:
                recorder.parent(f"ICD10CM:{_dotted(code)}", [f"ICD10CM:{_dotted(above[-1])}"])
            above.append(code)
            yield from give_code(row, _dotted(code), [found[5]], options, recorder)


def _dotted(code: str) -> str:
    return f"{code[:_CATEGORY]}.{code[_CATEGORY:]}" if len(code) > _CATEGORY else code


def _sniff(name: str, head: bytes) -> bool:
    return _LINE.fullmatch(head.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")) is not None


READER = Reader(
    "icd10cm-order",
    "ICD-10-CM order file",
    _read,
    _sniff,
    IcdOptions,
    members=("icd10cm*order*.txt",),
    label_map=CODE_LABELS,
    source="ICD-10-CM",
)
