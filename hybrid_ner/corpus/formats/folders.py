"""Folders of text files: document ids and file names, one from the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from hybrid_ner.corpus.files import read_text
from hybrid_ner.corpus.problems import Place, Problem, Report
from hybrid_ner.errors import CorpusError

__all__ = ["file_name", "read_file", "text_files"]

_SAFE = " ()+,=@/"


def text_files(path: Path) -> Iterator[tuple[str, Path]]:
    """Document id and path of every ``.txt`` file of a folder and its folders, or of the one file."""
    if path.is_file():
        yield path.stem, path
        return
    for each in sorted(path.rglob("*.txt")):
        hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
        if each.is_file() and not hidden:
            yield each.relative_to(path).with_suffix("").as_posix(), each


def read_file(path: Path, report: Report) -> str | None:
    """The text of one file of several; an unusable file goes to ``report``."""
    try:
        return read_text(path, report)
    except CorpusError as error:
        hint = f"{error.hint} Among many files, --skip-bad leaves such a one out."
        report(Problem("file", error.problem, Place(str(error.path), error.row), hint=hint))
        return None


def file_name(doc_id: str) -> str:
    """A relative file name, without suffix, that stands for the id and stays inside its folder."""
    parts = [quote(part, safe=_SAFE) for part in doc_id.split("/")]
    return "/".join(part.replace(".", "%2E", 1) if part.startswith(".") else part or "%" for part in parts)
