"""Plain text: a folder of ``.txt`` files, or one such file, one document a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from hybrid_ner.corpus.document import Document, Located
from hybrid_ner.corpus.formats.shared import LostData, lost_entities, read_file, text_files, write_file
from hybrid_ner.io import Place, Report, write_folder


def read(path: Path, report: Report) -> Iterator[Located]:
    """A document a file, named by its path inside the folder, without suffix."""
    for name, file in text_files(path):
        text = read_file(file, report)
        if text is not None:
            yield Place(str(file)), Document(name, text)


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a new folder; annotations cannot be kept and are reported."""
    lost, count = LostData(concepts=True), 0
    with write_folder(path) as folder:
        for document in documents:
            lost_entities(document, document.entities or (), "plain text keeps no annotations", path, report)
            lost.add(document)
            write_file(folder, replace(document, entities=None), lost, path, report)
            count += 1
    lost.warn(path, report)
    return count
