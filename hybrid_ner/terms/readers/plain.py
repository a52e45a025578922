"""Plain text: one term a line; blank lines and lines that begin with ``#`` are comments."""

from __future__ import annotations

from collections.abc import Iterator

from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms.readers.base import Options, Reader, decode
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER"]


def _read(files: Files, options: Options, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    recorder.begin(files.shown(name), files.where(name))
    label = recorder.common()
    if not label:
        hint = Hint("label", "Give a label, or name the file after it, for example Disease.txt.")
        raise InputError("no label: a plain list brings none.", path=files.where(name), hint=hint)
    for row, line in enumerate(files.lines(name), start=1):
        text = decode(line, row, recorder)
        if text is None or not text.strip():
            continue
        recorder.report.rows += 1
        if text.startswith("#"):
            recorder.skip("comment", row, text)
        elif "\t" in text:
            recorder.bad("holds a tab", row, text, "If it is a table, read it with the format csv.")
        elif term := recorder.term(text, row, label, status="preferred"):
            yield term


def _sniff(name: str, head: bytes) -> bool:
    return name.endswith((".txt", ".lst", ".list", ".dic", ".words"))


READER = Reader(
    "txt", "plain text, one term a line", _read, _sniff, own_labels=True, mode="folded", strict=True
)
