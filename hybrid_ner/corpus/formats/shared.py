"""What a format is, and what formats share: folders of texts, archives, offsets; files of no known format.

Formats that other packages bring: what fails in them is told, and their files are written whole.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import zipfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain, pairwise, repeat
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from hybrid_ner.bounds import bounded, limits
from hybrid_ner.corpus.document import Document as Document
from hybrid_ner.corpus.document import Entity as Entity
from hybrid_ner.corpus.document import Located as Located
from hybrid_ner.corpus.document import Opinion as Opinion
from hybrid_ner.corpus.formats.records import LONGEST, Losses, as_json, shortened, without_nul
from hybrid_ner.corpus.formats.records import present as present
from hybrid_ner.errors import STDIN, CorpusError, Hint, PluginError, shown_path, spelled
from hybrid_ner.guarded import archived
from hybrid_ner.io import (
    PACKED,
    Place,
    Problem,
    Report,
    read_text,
    refuse_packed,
    unpacked_head,
    unpacked_name,
    write_text,
)
from hybrid_ner.registry import others_code
from hybrid_ner.text import atomic_path, named_after, quantity, scratch_until_exit
from hybrid_ner.text.encodings import narrowed
from hybrid_ner.text.offsets import Edit, apply_edits

T = TypeVar("T")
HEAD = 1 << 16
"""Bytes of a file that are looked at to tell its format."""
_LINE = 16 << 20
"""More bytes of a line of records: a task of Prodigy says behind its text, its tokens and its spans that it
was rejected. 20,000 mentions are 2 MB."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep documents in a file or a folder.

    Args:
        name: As given on the command line.
        suffixes: File name endings that stand for it.
        read: Parses; yields documents and where each was found.
        write: Writes whole or not at all; returns the number of documents.
        folder: Whether one corpus is a folder of files.
        sniff: Whether a file is of this format, by its lower-case name and its first characters; ``None``
            where only the name tells.
        binary: The same by its first bytes, for files that hold no text.
        is_text: A file is one unlabeled text: such files may stand in one folder with others of the kind.
        text_column: Takes the name of the column that holds the text.
        opinions: Reads what each person or model said, where a file holds several for one text.
        unpacks: Whether packed files (``.gz``) may be given to ``read``: none that holds no text, and none to
            other packages, which may not know.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[..., Iterator[Located]]
    write: Callable[[Path, Iterable[Document], Report], int]
    folder: bool = False
    sniff: Callable[[str, str], bool] | None = None
    binary: Callable[[str, bytes], bool] | None = None
    is_text: bool = False
    text_column: bool = False
    opinions: Callable[[Path, Report], Iterator[tuple[Place, Opinion]]] | None = None
    unpacks: bool = True

    def holds(self, file: Path) -> bool:
        """Whether the file's name stands for this format."""
        return bool(self.suffixes) and file.name.lower().endswith(self.suffixes)

    def takes(self, file: Path) -> bool:
        """Whether a file to read has such a name, packed or not."""
        bare = file.with_name(unpacked_name(file.name))
        return self.holds(file) or (self.unpacks and self.binary is None and self.holds(bare))

    def sniffs(self, name: str, head: bytes) -> bool:
        """Whether the content is of this format."""
        if self.binary is not None and self.binary(name, head):
            return True
        return self.sniff is not None and b"\x00" not in head and self.sniff(name, _text(head))


def _text(head: bytes) -> str:
    """The first characters, without the line that is cut off."""
    text = head.decode("utf-8", "replace")
    return text.rpartition("\n")[0] or text if len(head) >= HEAD - 3 else text


def begins(
    *signs: str, holds: tuple[str, ...] = (), one_of: tuple[str, ...] = ("",)
) -> Callable[[str, str], bool]:
    """What sniffs a format: text that begins so, holds all of some marks, and one of others."""

    def sniff(name: str, head: str) -> bool:
        marked = all(mark in head for mark in holds) and any(mark in head for mark in one_of)
        return marked and head.lstrip().startswith(signs)

    return sniff


FAR = 1_000
"""More characters than stand between two passages; with more, offsets count parts that are not there."""


def not_read(counts: Counter[str], path: Path, report: Report) -> None:
    """One line for what a file holds beside text and entities, each kind with how often it occurs."""
    said = []
    for what, count in counts.items():
        if count:  # "2 spans of the group sc"
            head, of, rest = what.partition(" of ")
            said.append(quantity(count, what, f"{head}s{of}{rest}"))
    if said:
        report(Problem("not read", f"not read: {', '.join(said)}.", Place(str(path)), warning=True))


NULL_RECORD = "null record"
"""What is counted where ``null`` stands in the place of a document."""


_SAFE = " ()+,=@/"
_LONGEST_PATH = 1_000
"""Bytes of the names of folders and file together: systems take 4,096, with the folder they are put into."""
_MARK = "\ufeff"
"""Before the text it is no character of it: the sign of an encoding, which readers take away."""


def text_files(path: Path) -> Iterator[tuple[str, Path]]:
    """Document id and path of every ``.txt`` file of a folder and its folders, or of the one file.

    Older programs write ``.TXT``; a file may be packed (``.txt.gz``).
    """
    if path.is_file():
        yield _doc_id(_TEXTS.sub("", path.name) if _TEXTS.search(path.name) else path.stem), path
        return
    for each in sorted(path.rglob("*")):
        inside = each.relative_to(path)
        if _TEXTS.search(each.name) and each.is_file() and not is_hidden(inside):
            yield _doc_id(_TEXTS.sub("", inside.as_posix())), each


def is_hidden(file: Path) -> bool:
    """Whether it is hidden, or in what is: also "~$a.docx", which Office keeps beside an open file."""
    return any(part.startswith((".", "~$")) for part in file.parts)


_TEXTS = re.compile(rf"(?i)\.txt(?:{'|'.join(map(re.escape, PACKED))})?\Z")


def read_file(path: Path, report: Report) -> str | None:
    """The text of one file of several; an unusable file goes to ``report``."""
    try:
        return read_text(path, report, windows=True)
    except CorpusError as error:
        said = f"{error.hint} Among many files, --skip-bad leaves such a one out."
        hint = Hint(Hint.code_of(error.hint) or "bad row", said)
        report(Problem("file", error.problem, Place(str(error.path), error.row), hint=hint))
        return None


def write_file(folder: Path, document: Document, lost: Losses) -> tuple[Document, Path]:
    """Write the text of one document of several; the document as the file holds it, and the file."""
    document = _without_mark(without_nul(document, lost.path), lost)
    file = folder / f"{_file_name(document.doc_id)}.txt"
    if _doc_id(file.relative_to(folder).as_posix()[:-4]) != document.doc_id:
        said = f"document id {document.doc_id[:60]!r}… is too long for a file name"
        message = f"{said}; it is written as {file.stem!r}."
        lost.tell("id", message, document.doc_id, warning=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(document.text.encode("utf-8"))
    return document, file


def _without_mark(document: Document, lost: Losses) -> Document:
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
            lost.entities(document, [entity], "no text file begins with this character")
    return replace(document, text=text, entities=tuple(kept))


def _doc_id(name: str) -> str:
    """The id that a file name stands for: itself, unless it is the one that another id would get."""
    name = spelled(name)
    meant = "/".join("" if part == "%" else unquote(part) for part in name.split("/"))
    return meant if meant and _file_name(meant) == name else name


def _file_name(doc_id: str) -> str:
    """A relative file name, without suffix, that stands for the id and stays inside its folder."""
    parts = [quote(part, safe=_SAFE) for part in doc_id.split("/")]
    named = (part.replace(".", "%2E", 1) if part.startswith(".") else part or "%" for part in parts)
    name = "/".join(part if len(part) <= LONGEST else shortened(part) for part in named)
    return name if len(name) <= _LONGEST_PATH else shortened(name.replace("/", "%2F"))


def write_each(
    path: Path, each: Iterable[T], lines: Callable[[T], Iterable[str]], before: str = "", after: str = ""
) -> int:
    """Write the lines of each document or record, whole or not at all; how many there were."""
    count = 0
    with write_text(path) as handle:
        handle.write(before)
        for one in each:
            handle.writelines(lines(one))
            count += 1
        handle.write(after)
    return count


def write_array(path: Path, items: Iterable[Any], before: str = "[", after: str = "\n]\n") -> int:
    """Write one JSON array, an item a line, whole or not at all; how many there were."""
    commas = chain([""], repeat(","))
    return write_each(path, items, lambda item: (next(commas), "\n", as_json(item, path)), before, after)


def write_objects(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one object a line, whole or not at all; the number of lines."""
    return write_each(path, rows, lambda row: (as_json(row, path), "\n"))


def read_only(path: Path, documents: Iterable[Document], report: Report) -> int:
    """The writer of a format that is only read."""
    hint = "Write JSON Lines, brat, CoNLL, BioC or PubTator."
    raise CorpusError("this format is only read.", path=path, hint=hint)


@cache
def standard_input() -> Path:
    """Standard input as a file, so that it can be looked at and read more than once."""
    path = scratch_until_exit() / STDIN
    with named_after(path), path.open("wb") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
    return path


def unpacked(path: Path) -> Path:
    """The files of an archive as a folder; another file, also of an office program, as it is.

    Raises:
        InputError: It is damaged, has a password, unpacks to too much, or would write outside the folder.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == b"PK" and zipfile.is_zipfile(raw)
        if not packed and path.suffix.lower() != ".zip":
            return path
        if packed:
            with zipfile.ZipFile(raw) as archive:
                if _OF_OFFICE & {*archive.namelist()}:
                    return path
    folder = scratch_until_exit()
    bound, inside, made = limits().unpacked, str(folder.resolve()), set[str]()
    too_much = "If it is what it should be, raise the limit: --limit unpacked=… before the command."
    with (
        path.open("rb") as raw,
        archived(str(path), raw, bound, too_much) as (archive, names),
        named_after(folder),
    ):
        for name in names:
            file = os.path.normpath(os.path.join(inside, name))  # no link lies in the new folder
            size = archive.getinfo(name).compress_size
            if (parent := os.path.dirname(file)) not in made:
                os.makedirs(parent, exist_ok=True)
            made.add(parent)
            with archive.open(name) as content, open(file, "wb") as kept:
                shutil.copyfileobj(bounded(content, size, f"{path}!{name}"), kept)
    return folder


_OF_OFFICE = {"[Content_Types].xml", "mimetype", "word/document.xml", "content.xml"}


class StrayTags:
    """Tags I-… of a file that continue no entity, although others begin with B-.

    In IOB1 B- stands only between two entities of one label, and I- begins all others.
    """

    def __init__(self) -> None:
        self._count, self._first, self._begun = 0, Place(), False

    def look(self, path: str, rows: Iterable[tuple[int, str, str]], sentence_starts: Collection[int]) -> None:
        """Take in a document: row, word and tag of each token."""
        label = ""
        for at, (row, _, tag) in enumerate(rows):
            part, _, name = tag.partition("-")
            alone = name != label or at in sentence_starts
            if part == "I" and alone:
                self._first = self._first if self._count else Place(path, row)
                self._count += 1
            self._begun = self._begun or (part == "B" and alone)
            label = "" if part in "LEUS" else name

    def tell(self, report: Report) -> None:
        """Say at the end of the file how many there are."""
        if self._count and self._begun:
            said = quantity(self._count, "tag I-… continues", "tags I-… continue")
            message = f"{said} no entity of its label, where others begin with B-: each is read as a new one."
            report(Problem("tag", message, self._first, warning=True))


def points_of_units(text: str) -> Callable[[int], int]:
    """From offsets in UTF-16 units, as Java and browsers count, to code points."""
    starts = [at + number for number, at in enumerate(_wide(text))]
    return lambda units: units - bisect_left(starts, units)


def units_of_points(text: str) -> Callable[[int], int]:
    """The way back."""
    wide = _wide(text)
    return lambda point: point + bisect_left(wide, point)


def _wide(text: str) -> list[int]:
    """Places of characters that take two UTF-16 units, in code points."""
    return [] if text.isascii() else [at for at, char in enumerate(text) if ord(char) > 0xFFFF]


def integer(value: Any) -> int:
    """An offset; -1, which no text has, for what is no integer."""
    return value if type(value) is int else -1


def as_one(parts: Iterable[tuple[int, int]], text: str) -> tuple[int, int] | None:
    """A span of several parts with nothing but white space between them, as at the end of a line."""
    ordered = sorted(parts)
    between = pairwise(ordered)
    if not ordered or any(text[end:start].strip() or start < end for (_, end), (start, _) in between):
        return None
    return ordered[0][0], ordered[-1][1]


_PAIR = "Give pairs of Place(path, row) and Document(id, text, entities)."
_COUNT = "Give the number of documents written."
_ALL = "Write each, or tell of it (report), and give the number of those written."


_MADE: dict[int, tuple[Format, Format]] = {}
"""By identity, since what recognizes files compares readers; a format may hold what has no hash."""


def of_others(form: Format) -> Format:
    """The same format, as it is used: a ``PluginError`` tells where its code fails or gives no documents."""
    given, made = _MADE.get(id(form), (None, form))
    if given is not form:
        _MADE[id(form)] = form, (made := _guarded(form))
    return made


def _of_file(report: Report, path: Path, whole: Path, problem: Problem) -> None:
    """Tell of a file by its own name, not by that which it has until it is whole."""
    its = problem.place.path == str(whole)
    report(replace(problem, place=replace(problem.place, path=str(path))) if its else problem)


class _Handed:
    """The documents that a writer is given, counted, as each has to be written or told of."""

    def __init__(self, documents: Iterable[Document], report: Report) -> None:
        self._left, self._report = iter(documents), report
        self.count, self._told = 0, False

    def __iter__(self) -> Iterator[Document]:
        return self

    def __next__(self) -> Document:
        document = next(self._left)
        self.count += 1
        return document

    def told_of(self, problem: Problem) -> None:
        self._told = True
        self._report(problem)

    def check(self, written: Any, called: str, path: Path) -> None:
        """Refuse what a writer says of itself where documents would be lost without a word."""
        if type(written) is not int:
            raise PluginError(f"{called} gave {written!r} when it had written.", path=path, hint=_COUNT)
        wrote = quantity(written, "document")
        if next(self, None) is not None:
            raise PluginError(f"{called} wrote {wrote} and left others out.", path=path, hint=_ALL)
        if written > self.count or (written < self.count and not self._told):
            said = f"{called} wrote {wrote}, and was given {self.count:,}."
            raise PluginError(said, path=path, hint=_ALL)


def _guarded(form: Format) -> Format:

    called = f"the corpus format {form.name!r}"

    def read(path: Path, report: Report, **options: Any) -> Iterator[Located]:
        with others_code(called, form.read, on=path):
            for each in form.read(path, report, **options):
                pair = isinstance(each, tuple) and len(each) == 2
                if not pair or not isinstance(each[0], Place) or not isinstance(each[1], Document):
                    raise PluginError(f"{called} gave {repr(each)[:80]}.", path=path, hint=_PAIR)
                yield each

    def write(path: Path, documents: Iterable[Document], report: Report) -> int:
        handed = _Handed(documents, report)
        with others_code(called, form.write, on=path):
            if form.folder:
                count = form.write(path, handed, handed.told_of)
                handed.check(count, called, path)
                return count
            with atomic_path(path) as whole:
                count = form.write(whole, handed, partial(_of_file, handed.told_of, path, whole))
                handed.check(count if whole.exists() or not count else 0, called, path)
                whole.touch()  # a writer may write nothing where there is nothing
        return count

    def sniff(name: str, head: str) -> bool:
        with others_code(called, form.sniff):
            return bool(form.sniff and form.sniff(name, head))

    endings = (form.suffixes,) if isinstance(form.suffixes, str) else tuple(form.suffixes)
    writes = write if callable(form.write) else read_only
    return replace(form, suffixes=endings, read=read, write=writes, sniff=form.sniff and sniff, unpacks=False)


# Files of no known format, in words.


def first_bytes(path: Path) -> bytes:
    """The beginning of a file, unpacked and in UTF-8, by which its format is told, the first record whole."""
    begins = unpacked_head(path, HEAD)
    head = narrowed(begins).removeprefix(_UTF8)
    if len(begins) < HEAD or not head.lstrip().startswith((b"{", b"[", b"<")):
        return head
    return narrowed(unpacked_head(path, HEAD, _LINE)).removeprefix(_UTF8)


_UTF8 = b"\xef\xbb\xbf"
"""The mark of UTF-8 before the first character."""


def unknown(path: Path, known: Iterable[str]) -> CorpusError:
    """The error for a file of no known format: what it seems to be, and the next step."""
    refuse_packed(head := first_bytes(path) if path.is_file() else b"", path)
    if path.is_file() and unpacked_name(path.name) != path.name and not head.strip():
        return CorpusError("it is damaged, or not packed as its name says.", path=path, hint="Copy it again.")
    if unpacked_name(path.name) != path.name:
        said = "what is packed in it is no text, or in no format that is known."
        return CorpusError(
            said, path=path, hint="Unpack it (gunzip, bunzip2, unxz), then give what is in it."
        )
    if path.suffix.lower() in _OFFICE:
        hint = _OFFICE[path.suffix.lower()]
        return CorpusError(f"{path.suffix} is no format of documents here.", path=path, hint=hint)
    if tool := foreign(head):
        return CorpusError(f"it is {tool[0]}.", path=path, hint=tool[1])
    if found := re.search(rb"<(?![?!])([\w:.-]+)", head) if head.lstrip().startswith(b"<") else None:
        said = f"it is XML (<{found[1].decode()}>) in no form that is read (docs/files.md)."
        return CorpusError(said, path=path, hint="Save its texts as .txt, as HTML or as JSON Lines.")
    if b'"resourceType"' in head:
        hint = "Give it as a term list (--terms)."
        return CorpusError("it is a term list of FHIR, and no document.", path=path, hint=hint)
    if head.lstrip()[:1] in (b"{", b"["):
        keys = dict.fromkeys(re.findall(r'"([^"\n]{1,40})"\s*:\s*"', head.decode("utf-8", "replace")))
        said = "it is JSON, in which nothing is called as texts of documents are."
        among = f" (one of {', '.join([*keys][:_SHOWN])})" if keys else ""
        hint = f"Name the key of the text{among}, as corpus convert --from jsonl --text-column KEY takes it."
        return CorpusError(said, path=path, hint=hint)
    problem = "neither the content nor the name of the file tells the format."
    named = "Use an ending such as .jsonl, or name the format, as hybrid-ner corpus convert --from and --to"
    return CorpusError(problem, path=path, hint=f"{named} take it: one of {', '.join(known)}.")


def foreign(head: bytes) -> tuple[str, str] | None:
    """What a file of another tool is that is not read here, by its first bytes, and the next step."""
    return next(((what, step) for sign, what, step in _FOREIGN if sign.search(head)), None)


_AS_RECORDS = (
    'Write each text with its mentions as a line of JSON: {"id": "…", "text": "…", '
    '"entities": [{"start": 0, "end": 4, "label": "…"}]}.'
)
_FOREIGN = (
    (
        re.compile(rb"\ASQLite format 3"),
        "a database, such as a review store",
        "In `hybrid-ner review` a store stands before the files; its documents are written by "
        "`hybrid-ner review export STORE FILE`.",
    ),
    (re.compile(rb"<GateDocument\b"), "a document of GATE", _AS_RECORDS),
    (
        re.compile(rb'"annotatable"\s*:.{0,500}"parts"', re.DOTALL),
        "what tagtog annotated (ann.json)",
        _AS_RECORDS,
    ),
    (
        re.compile(rb'"type"\s*:\s*"groundtruth/|"source-ref"\s*:'),
        "a manifest of Amazon SageMaker Ground Truth",
        _AS_RECORDS,
    ),
)
"""How files of other tools tell themselves, what they are, and the next step."""
_SHOWN = 8
_LOOKED_AT = 20
"""Files of a folder that are not read, of which the beginning is looked at."""
_OFFICE = {
    ".doc": "Save it as .docx or as plain text (.txt).",
    ".msg": "Save it as .eml or as plain text (.txt).",
    **dict.fromkeys((".mbox", ".pst", ".ost"), "Save each mail as .eml."),
    **dict.fromkeys((".md", ".log", ".text"), "Rename it to .txt."),
    ".xls": "Save it as .xlsx, with a column 'text'.",
    **dict.fromkeys((".xlsx", ".xlsm", ".ods"), "Give it by itself: its column 'text' is read."),
    **dict.fromkeys((".zst", ".lz4", ".7z", ".rar", ".tar", ".tgz", ".zip"), "Unpack it."),
}
"""What to do with files of office programs that are no documents here."""


def endings(files: Sequence[Path]) -> str:
    """``3 .docx, 1 without ending (a.docx, b.docx, …)``."""
    counts = Counter(_kind(file) for file in files)
    said = ", ".join(f"{count:,} {suffix}" for suffix, count in counts.most_common(8))
    names = ", ".join(shown_path(file.name) for file in files[:3])
    return f"{said} ({names}{', …' if len(files) > 3 else ''})"


def next_steps(files: Iterable[Path]) -> str:
    """``.doc: Save it as .docx.`` for each ending among files that are not read, if there is a way."""
    listed = list(files)
    suffixes = sorted({file.suffix.lower() for file in listed} & _OFFICE.keys())
    steps = [f"{suffix}: {_OFFICE[suffix]}" for suffix in suffixes]
    heads = (first_bytes(each) for each in listed[:_LOOKED_AT] if each.suffix.lower() in (".json", ".xml"))
    told = dict.fromkeys(said for said in map(foreign, heads) if said)
    return " ".join(steps + [f"Among them is {what}. {step}" for what, step in told])


def _kind(file: Path) -> str:
    if file.is_dir():
        return "linked folder, not followed"
    if file.exists() and not file.is_file():
        return "no plain file"
    broken = file.is_symlink() and not file.exists()
    return "broken link" if broken else file.suffix.lower() or "without ending"  # of a store too
