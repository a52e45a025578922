"""Documents from uploaded files: TXT, JSON Lines, CSV, Word and PDF."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.errors import CorpusError

__all__ = ["DOCUMENT_TYPES", "TERM_TYPES", "plain_name", "read_documents", "save_terms"]

DOCUMENT_TYPES = ("txt", "jsonl", "csv", "tsv", "docx", "pdf")
TERM_TYPES = ("txt", "csv", "tsv", "jsonl", "gz", "obo", "xml")
MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes that a Word file may unpack to."""
MAX_PAGES = 5000
MAX_CHARACTERS = 20_000_000
"""In one document."""


def plain_name(name: str) -> str:
    """The last part of a file name, whatever system it comes from."""
    return PurePosixPath(PureWindowsPath(name).name).name.strip() or "upload"


def read_documents(files: Iterable[tuple[str, bytes]]) -> Iterator[Document]:
    """Documents of uploaded files, each checked; ids are unique.

    Args:
        files: Name and content.

    Raises:
        CorpusError: A file that cannot be used; the message says which and why.
    """
    seen: dict[str, str] = {}
    for name, content in files:
        name = plain_name(name)
        for document in _read(name, content):
            if document.doc_id in seen:
                raise CorpusError(
                    f"document id {document.doc_id!r} is in {seen[document.doc_id]} already.",
                    path=name,
                    hint="Rename the file, or give the record another id.",
                )
            if len(document.text) > MAX_CHARACTERS:
                raise CorpusError(
                    f"{document.doc_id!r} is longer than {MAX_CHARACTERS:,} characters.", path=name
                )
            seen[document.doc_id] = name
            yield document


def _read(name: str, content: bytes) -> Iterator[Document]:
    suffix = PurePosixPath(name.lower()).suffix.lstrip(".")
    if suffix in _TEXT_READERS:
        text = _TEXT_READERS[suffix](name, content)
        if not text.strip():
            hint = "A scanned page is a picture: run text recognition first." if suffix == "pdf" else ""
            raise CorpusError("the file holds no text.", path=name, hint=hint)
        yield Document(PurePosixPath(name).stem, text)
    elif suffix in DOCUMENT_TYPES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            try:
                yield from read_corpus(path)
            except CorpusError as error:
                raise CorpusError(error.problem, path=name, row=error.row, hint=error.hint) from error
    else:
        known = ", ".join(DOCUMENT_TYPES)
        raise CorpusError(
            f"files of type {suffix or 'without ending'} are not read.", path=name, hint=f"Use {known}."
        )


def _plain_text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is no UTF-8."
        raise CorpusError(problem, path=name, hint="Save the file with the encoding UTF-8.") from error


def _word(name: str, content: bytes) -> str:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise CorpusError(
                    "the file unpacks to more than 200 MB.", path=name, hint="Split the document."
                )
        opened = docx.Document(io.BytesIO(content))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(
            "this is no Word document (.docx).", path=name, hint="Save it again as .docx."
        ) from error
    return "\n".join(_word_lines(opened))


def _word_lines(opened: Any) -> Iterator[str]:
    """Paragraphs and tables in the order of the page; a table row is one line."""
    for part in opened.iter_inner_content():
        if hasattr(part, "rows"):
            for row in part.rows:
                yield "\t".join(cell.text.replace("\n", " ") for cell in row.cells)
        else:
            yield part.text


def _pdf(name: str, content: bytes) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError("the file is protected by a password.", path=name, hint="Save it without one.")
        if len(reader.pages) > MAX_PAGES:
            raise CorpusError(f"more than {MAX_PAGES:,} pages.", path=name, hint="Split the document.")
        return "\n\n".join(page.extract_text() for page in reader.pages)
    except CorpusError:
        raise
    except (PyPdfError, ValueError, KeyError, OSError) as error:
        raise CorpusError(
            f"this PDF cannot be read ({error}).", path=name, hint="Print it to a new PDF."
        ) from error


_TEXT_READERS: Mapping[str, Callable[[str, bytes], str]] = {"txt": _plain_text, "docx": _word, "pdf": _pdf}


def save_terms(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Keep uploaded term lists with a project; returns their paths."""
    kept = []
    for name, content in files:
        path = folder / "terms" / plain_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        kept.append(path)
    return kept
