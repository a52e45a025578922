"""Text of Word, PDF and plain text files: one document a file, unlabeled.

Word and PDF are read in a process of their own (``hybrid_ner.guarded``): what people send may be damaged
or made to do harm. A PDF of scanned pages holds pictures and no text, and is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import limits, reading, shown_size
from hybrid_ner.corpus.cleaning import clean_text
from hybrid_ner.corpus.document import Document, Located
from hybrid_ner.corpus.formats import shared
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.guarded import Guard, guarded
from hybrid_ner.io import Place, Problem, Report, write_folder
from hybrid_ner.text import quantity

MAX_PAGES = 5000
_MEMORY = 4 << 30
_SCANNED = "A scanned page is a picture: run text recognition first."


def read(path: Path, report: Report) -> Iterator[Located]:
    """A document a file, named after it."""
    yield from files_text([(path.stem, path)], report)


def files_text(files: Sequence[tuple[str, Path]], report: Report) -> Iterator[Located]:
    """Documents of several files, each given by its id; an unusable one goes to ``report``."""
    guard = Guard(seconds=300, memory=_MEMORY, output=1 << 30, unpacked=limits().unpacked)
    paths = [str(path) for _, path in files]
    also = " Among many files, --skip-bad leaves such a one out." if len(files) > 1 else ""
    for number, found in guarded(f"{__name__}:read_one", paths, guard):
        name, path = files[number]
        if isinstance(found, InputError):
            report(Problem("file", found.problem, Place(str(path)), name, f"{found.hint}{also}".strip()))
            continue
        text, *notes = found
        for note in notes:
            report(Problem("not read", note, Place(str(path)), name, warning=True))
        yield Place(str(path)), Document(name, text)


def read_one(path: str) -> Iterator[str]:
    """The child's task: the text of one file, then what the user should know."""
    content, notes = Path(path).read_bytes(), list[str]()
    kind = "pdf" if sniff_pdf("", content[:1024]) else "docx"
    yield office_text(Path(path).name, content, kind, notes)
    yield from notes


def office_text(name: str, content: bytes, kind: str, notes: list[str]) -> str:
    """The text of a file by its kind, ``docx`` or ``pdf``.

    Args:
        name: Of the file, for messages.
        kind: A key of ``READERS``.
        notes: Filled with what the file holds besides the text that is given.

    Raises:
        CorpusError: It is damaged, protected, too large, or holds no text.
    """
    text = READERS[kind](name, content, notes)
    if not text.strip():
        hint = _SCANNED if kind == "pdf" else "Check that it is the right file."
        raise CorpusError("the file holds no text.", path=name, hint=hint)
    return text


def _word(name: str, content: bytes, notes: list[str]) -> str:
    import docx

    hint = "This is no Word document (.docx), or a damaged one: save it again as .docx."
    with reading(name, CorpusError, library=True, hint=hint):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > (most := limits().unpacked):
                said = f"the file unpacks to more than {shown_size(most)}."
                raise CorpusError(said, path=name, hint="Split the document.")
            if beside := _beside(archive):
                notes.append(f"not read, as only paragraphs and tables are: {', '.join(beside)}.")
        return "\n".join(_word_lines(docx.Document(io.BytesIO(content)).element.body))


_PART = re.compile(r"word/(header|footer|footnote|endnote|comment)s?\d*\.xml")
_TEXT, _BOX = re.compile(rb"<w:t[ >]"), b"<w:txbxContent"


def _beside(archive: zipfile.ZipFile) -> list[str]:
    """Parts of a Word file with text that is beside the page, counted."""
    counts: Counter[str] = Counter()
    for name in archive.namelist():
        if found := _PART.fullmatch(name):
            counts[found[1]] += bool(_TEXT.search(archive.read(name)))
        elif name == "word/document.xml":
            counts["text box"] += archive.read(name).count(_BOX)
    # Notes and comments are all in one part each, a text box is written twice for older programs.
    whole = {"footnote": "footnotes", "endnote": "endnotes", "comment": "comments", "text box": "text boxes"}
    return [whole.get(what) or quantity(count, what) for what, count in counts.items() if count]


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRITTEN = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_NOT_TEXT = ("del", "moveFrom", "rPr", "pPr", "drawing", "pict", "object")
"""Deleted words, and what holds text boxes."""


def _word_lines(block: Any) -> Iterator[str]:
    """Paragraphs and tables in the order of the page; a table row is one line, with tables in its cells."""
    for part in block.iterchildren(f"{_WORD}*"):
        kind = part.tag.removeprefix(_WORD)
        if kind == "p":
            yield "".join(_pieces(part))
        elif kind == "tr":
            yield "\t".join(_cells(part))
        elif kind not in _NOT_TEXT:  # a table, or the frame of a form's field around paragraphs
            yield from _word_lines(part)


def _cells(row: Any) -> Iterator[str]:
    """Each cell as it is written, not as often as its gridSpan says."""
    for part in row.iterchildren(f"{_WORD}*"):
        if part.tag == f"{_WORD}tc":
            yield " ".join(filter(None, _word_lines(part))).replace("\n", " ")
        elif part.tag != f"{_WORD}trPr":
            yield from _cells(part)


def _pieces(part: Any) -> Iterator[str]:
    """Text of a paragraph, also where it was inserted with changes tracked, or stands in a field."""
    for each in part.iterchildren(f"{_WORD}*"):
        kind = each.tag.removeprefix(_WORD)
        if kind == "t":
            yield each.text or ""
        elif kind == "br":
            yield "" if each.get(f"{_WORD}type") in ("page", "column") else "\n"
        elif kind in _WRITTEN:
            yield _WRITTEN[kind]
        elif kind not in _NOT_TEXT:
            yield from _pieces(each)


def _pdf(name: str, content: bytes, notes: list[str]) -> str:
    from pypdf import PdfReader

    hint = "This is no PDF, or a damaged one: print it to a new PDF."
    with reading(name, CorpusError, library=True, hint=hint):
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError("the file is protected by a password.", path=name, hint="Save it without one.")
        if len(reader.pages) > MAX_PAGES:
            raise CorpusError(f"more than {MAX_PAGES:,} pages.", path=name, hint="Split the document.")
        pages = [page.extract_text() for page in reader.pages]
    if 0 < (empty := sum(not page.strip() for page in pages)) < len(pages):
        notes.append(f"{empty:,} of {quantity(len(pages), 'page')} hold no text. {_SCANNED}")
    # Line ends of a page are its layout: "fibril-" and "lation" are one word, "beta-" and "blocker" stay two.
    return clean_text("\n\n".join(pages).replace("\0", " "), ("hyphenation", "soft-hyphens")).text


READERS: Mapping[str, Callable[[str, bytes, list[str]], str]] = {"docx": _word, "pdf": _pdf}


def sniff_pdf(name: str, head: bytes) -> bool:
    """Whether bytes are the beginning of a PDF."""
    return b"%PDF-" in head[:1024]


def sniff_docx(name: str, head: bytes) -> bool:
    """Whether bytes are the beginning of a Word file; other office files are packed likewise."""
    return head.startswith(b"PK\x03\x04") and (b"word/" in head or name.endswith(".docx"))


DOCX = shared.Format("docx", (".docx",), read, shared.read_only, binary=sniff_docx, is_text=True)
PDF = shared.Format("pdf", (".pdf",), read, shared.read_only, binary=sniff_pdf, is_text=True)


# Plain text: a folder of ``.txt`` files, or one such file, one document a file.


def read_txt(path: Path, report: Report) -> Iterator[Located]:
    """A document a file, named by its path inside the folder, without suffix."""
    for name, file in shared.text_files(path):
        text = shared.read_file(file, report)
        if text is not None:
            if _looks_tagged(text):
                said = "words with tags such as B-Disease, in no form that is known, are read as text."
                hint = "Write a token and its tag a line (CoNLL)."
                report(Problem("not read", said, Place(str(file)), name, hint, warning=True))
            yield Place(str(file)), Document(name, text)


_TAGGED = re.compile(r"(?<![^\s/_|])[BIES]-[A-Z][\w-]*(?![^\s/|])")
"""``B-Disease`` in "heart/B-Disease", "heart|B-Disease" and "B-Disease heart"; also "B-Cell", so several."""


def _looks_tagged(text: str) -> bool:
    lines = text.split("\n", 200)[:200]
    filled = [line for line in lines if line.strip()]
    return len(filled) >= 2 and 2 * sum(bool(_TAGGED.search(line)) for line in filled) >= len(filled)


def write_txt(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a new folder; annotations cannot be kept and are reported."""
    lost, count = shared.LostData(concepts=True), 0
    with write_folder(path) as folder:
        for document in documents:
            shared.lost_entities(
                document, document.entities or (), "plain text keeps no annotations", path, report
            )
            lost.add(document)
            shared.write_file(folder, replace(document, entities=None), lost, path, report)
            count += 1
    lost.warn(path, report)
    return count


TXT = shared.Format("txt", (".txt",), read_txt, write_txt, folder=True, is_text=True)
