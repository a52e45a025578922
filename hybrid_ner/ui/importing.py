"""Documents from uploaded files: TXT, JSON Lines, CSV, Word and PDF."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms.readers import load_gazetteer

__all__ = [
    "DOCUMENT_TYPES",
    "OFFERED_DOCUMENTS",
    "OFFERED_TERMS",
    "check_terms",
    "plain_name",
    "read_documents",
    "save_rules",
    "save_terms",
]

DOCUMENT_TYPES = ("txt", "jsonl", "csv", "tsv", "docx", "pdf")
TERM_TYPES = ("txt", "csv", "tsv", "jsonl", "gz", "obo", "xml")
INSTEAD = {
    "doc": "Open it in Word and save it as .docx.",
    "odt": "Save it as .docx.",
    "rtf": "Save it as .docx or as text.",
    "xlsx": "In the spreadsheet choose Save as, then CSV UTF-8.",
    "xls": "In the spreadsheet choose Save as, then CSV UTF-8.",
    "ods": "In the spreadsheet choose Save as, then CSV.",
    "html": "Save the page as text.",
    "json": "Write one JSON object a line and name the file .jsonl.",
    "png": "A picture holds no text: run text recognition first.",
    "jpg": "A picture holds no text: run text recognition first.",
}
"""What to do with files that people have but that are not read."""
OFFERED_DOCUMENTS = (*DOCUMENT_TYPES, *INSTEAD)
OFFERED_TERMS = (*TERM_TYPES, *(name for name in INSTEAD if name not in TERM_TYPES))
"""Endings that may be chosen: for those that are not read the answer says what to do instead."""
MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes that a Word file may unpack to."""
MAX_PAGES = 5000
MAX_CHARACTERS = 20_000_000
"""In one document."""


def plain_name(name: str) -> str:
    """The last part of a file name, whatever system it comes from."""
    return PurePosixPath(PureWindowsPath(name).name).name.strip() or "upload"


def read_documents(files: Iterable[tuple[str, bytes]], notes: list[str] | None = None) -> Iterator[Document]:
    """Documents of uploaded files, each checked; ids are unique.

    Args:
        files: Name and content.
        notes: Filled with what the user should know of files that could be read.

    Raises:
        CorpusError: A file that cannot be used; the message says which and why.
    """
    seen: dict[str, str] = {}
    for name, content in files:
        name = plain_name(name)
        for document in _read(name, content, [] if notes is None else notes):
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


def _read(name: str, content: bytes, notes: list[str]) -> Iterator[Document]:
    suffix = PurePosixPath(name.lower()).suffix.lstrip(".")
    if suffix not in DOCUMENT_TYPES:
        what = f"files of type .{suffix}" if suffix else "files without an ending such as .txt"
        hint = INSTEAD.get(suffix, f"Use one of {', '.join(DOCUMENT_TYPES)}.")
        raise CorpusError(f"{what} are not read.", path=name, hint=hint)
    if suffix in _BINARY_READERS:
        text = _BINARY_READERS[suffix](name, content)
    else:
        text = decoded(name, content, notes)
    if not text.strip():
        scanned = "A scanned page is a picture: run text recognition first."
        hint = scanned if suffix == "pdf" else "Check that it is the right file."
        raise CorpusError("the file holds no text.", path=name, hint=hint)
    if suffix == "txt" or suffix in _BINARY_READERS:
        yield Document(PurePosixPath(name).stem, text)
    else:
        yield from _rows(name, text)


def _rows(name: str, text: str) -> Iterator[Document]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            yield from read_corpus(path)
        except CorpusError as error:
            raise CorpusError(error.problem, path=name, row=error.row, hint=error.hint) from error


def decoded(name: str, content: bytes, notes: list[str]) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or else as old Windows programs write it, which is noted.

    Raises:
        CorpusError: No text in any of these.
    """
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            text = "\0"
        else:
            notes.append(
                f"{name} is not in UTF-8. It was read as Windows text (code page 1252): check a word with an "
                "accent, and save the file as UTF-8 if it looks wrong."
            )
    if "\0" in text:
        hint = "Open it in the program that made it and save it as text with the encoding UTF-8."
        raise CorpusError("this is not a text file.", path=name, hint=hint)
    return text


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
        return "\n\n".join(page.extract_text() for page in reader.pages).replace("\0", " ")
    except CorpusError:
        raise
    except (PyPdfError, ValueError, KeyError, OSError) as error:
        raise CorpusError(
            f"this PDF cannot be read ({error}).", path=name, hint="Print it to a new PDF."
        ) from error


_BINARY_READERS: Mapping[str, Callable[[str, bytes], str]] = {"docx": _word, "pdf": _pdf}


def save_rules(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Keep uploaded rule files with a project.

    Raises:
        InputError: One is no rule file, or holds a rule that may not run or an example that does not hold.
    """
    for name, content in files:
        path = folder / "rules" / plain_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        try:
            read_rules(path)
        except InputError as error:
            raise InputError(error.problem, path=path.name, row=error.row, hint=error.hint) from error


def check_terms(path: Path, label: str) -> None:
    """Read an uploaded term list once.

    Raises:
        InputError: It cannot be used; the message names the file as the user does, and what to do here.
    """
    suffix = path.suffix.lower().lstrip(".")
    if suffix in INSTEAD and suffix not in TERM_TYPES:
        raise InputError(f"files of type .{suffix} are not read.", path=path.name, hint=INSTEAD[suffix])
    try:
        load_gazetteer(path, label=label or None)
    except InputError as error:
        raise InputError(error.problem, path=path.name, row=error.row, hint=_hint_here(error.hint)) from error


def _hint_here(hint: str) -> str:
    """The hint of a reader for somebody without a command line."""
    if "--skip-bad" in hint:
        return "Correct the row and add the file again."
    if "format=" in hint:
        return "Use a CSV with the columns term and label, or a text file with one term a line."
    if "columns=" in hint:
        return "Name the columns in the first row: term and label."
    if "name the file after it" in hint:
        return "Fill in the label of the terms, or name the file after it, for example Disease.txt."
    return hint


def save_terms(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Keep uploaded term lists with a project; returns their paths."""
    kept = []
    for name, content in files:
        path = folder / "terms" / plain_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        kept.append(path)
    return kept
