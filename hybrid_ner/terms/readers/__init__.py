"""Readers of term files: one module for formats of a kind, imported when a file asks for it.

``load_gazetteer`` gives a gazetteer; ``read_gazetteer`` gives the terms one by one, with a report of
what was read and what was skipped.
"""

from __future__ import annotations

from hybrid_ner.terms.readers.reading import (
    FORMATS,
    Reading,
    get_reader,
    guess_format,
    load_gazetteer,
    read_gazetteer,
    reader_names,
)
from hybrid_ner.terms.readers.report import ReadReport

__all__ = [
    "FORMATS",
    "ReadReport",
    "Reading",
    "get_reader",
    "guess_format",
    "load_gazetteer",
    "read_gazetteer",
    "reader_names",
]
