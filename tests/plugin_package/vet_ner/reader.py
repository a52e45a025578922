"""A reader of term lists: lines such as `bloat = Sign`, in files that end in .herd."""

from collections.abc import Iterator
from typing import Any

from hybrid_ner import Term
from hybrid_ner.terms.readers.base import Reader, text_lines


def _read(files: Any, options: Any, recorder: Any) -> Iterator[Term]:
    for row, line in text_lines(files, files.only(), recorder):
        recorder.report.rows += 1
        text, equals, label = line.strip().partition(" = ")
        if not equals:
            recorder.bad("no ` = `", row, line)
        elif term := recorder.term(text, row, label, status="preferred"):
            yield term


READER = Reader(
    "herd",
    "herd book, `term = label` a line",
    _read,
    lambda name, head: name.endswith(".herd"),
    own_labels=True,
)
