"""The formats that documents are read from and written to: one module each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.formats import jsonl
from hybrid_ner.corpus.problems import Report
from hybrid_ner.corpus.validate import Located
from hybrid_ner.errors import CorpusError

__all__ = ["FORMATS", "Format", "detect"]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep documents in a file or a folder.

    Args:
        name: As given on the command line.
        suffixes: File name endings that stand for it.
        read: Parses; yields documents and where each was found.
        write: Writes whole or not at all; returns the number of documents.
        folder: Whether one corpus is a folder of files.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Report], Iterator[Located]]
    write: Callable[[Path, Iterable[Document], Report], int]
    folder: bool = False


_ALL = (Format("jsonl", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"), jsonl.read, jsonl.write),)

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})


def detect(path: Path, name: str | None = None) -> Format:
    """The format called ``name``, or else the one the path stands for."""
    if name is not None:
        if name not in FORMATS:
            raise CorpusError(
                f"unknown format {name!r}.", path=path, hint=f"Use one of {', '.join(FORMATS)}."
            )
        return FORMATS[name]
    for each in _ALL:
        if not each.folder and path.name.lower().endswith(each.suffixes):
            return each
    known = ", ".join(suffix for each in _ALL for suffix in each.suffixes)
    raise CorpusError(
        "the file name does not tell the format.",
        path=path,
        hint=f"End it in one of {known}, or name a format.",
    )
