"""Folders of text files: document ids and file names, one from the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.files import read_text
from hybrid_ner.corpus.formats.loss import LostData, lost_entities
from hybrid_ner.corpus.offsets import Edit, apply_edits
from hybrid_ner.corpus.problems import Place, Problem, Report
from hybrid_ner.errors import CorpusError

__all__ = ["read_file", "text_file", "text_files", "write_file"]

_SAFE = " ()+,=@/"
_MARK = "\ufeff"
"""Before the text it is no character of it: the sign of an encoding, which readers take away."""


def text_files(path: Path) -> Iterator[tuple[str, Path]]:
    """Document id and path of every ``.txt`` file of a folder and its folders, or of the one file."""
    if path.is_file():
        yield _doc_id(path.stem), path
        return
    for each in sorted(path.rglob("*.txt")):
        hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
        if each.is_file() and not hidden:
            yield _doc_id(each.relative_to(path).with_suffix("").as_posix()), each


def read_file(path: Path, report: Report) -> str | None:
    """The text of one file of several; an unusable file goes to ``report``."""
    try:
        return read_text(path, report)
    except CorpusError as error:
        hint = f"{error.hint} Among many files, --skip-bad leaves such a one out."
        report(Problem("file", error.problem, Place(str(error.path), error.row), hint=hint))
        return None


def write_file(folder: Path, document: Document, lost: LostData, path: Path, report: Report) -> Document:
    """Write the text of one document of several; the document as the file holds it.

    Args:
        folder: Where to.
        document: The document.
        lost: Told of what the file cannot hold.
        path: How the folder is called in a report.
        report: Told of annotations that are left out.
    """
    document = _without_mark(document, lost, path, report)
    file = text_file(folder, document)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(document.text.encode("utf-8"))
    return document


def text_file(folder: Path, document: Document) -> Path:
    """The file of a document."""
    return folder / f"{_file_name(document.doc_id)}.txt"


def _without_mark(document: Document, lost: LostData, path: Path, report: Report) -> Document:
    marks = len(document.text) - len(document.text.lstrip(_MARK))
    if not marks:
        return document
    lost.note("character U+FEFF at the beginning")
    text, moved = apply_edits(document.text, [Edit(0, marks, "")])
    if document.entities is None:
        return replace(document, text=text)
    kept = []
    for entity in document.entities:
        if place := moved.to_new(entity.start, entity.end):
            kept.append(replace(entity, start=place[0], end=place[1]))
        else:
            lost_entities(document, [entity], "no text file begins with this character", path, report)
    return replace(document, text=text, entities=tuple(kept))


def _doc_id(name: str) -> str:
    """The id that a file name stands for: itself, unless it is the one that another id would get."""
    parts = ["" if part == "%" else unquote(part) for part in name.split("/")]
    meant = "/".join(parts)
    return meant if meant and _file_name(meant) == name else name


def _file_name(doc_id: str) -> str:
    """A relative file name, without suffix, that stands for the id and stays inside its folder."""
    parts = [quote(part, safe=_SAFE) for part in doc_id.split("/")]
    return "/".join(part.replace(".", "%2E", 1) if part.startswith(".") else part or "%" for part in parts)
