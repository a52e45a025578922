"""Documents and term lists from uploaded files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Any

from hybrid_ner.bounds import shown_size
from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.corpus.document import has_text, told_empty
from hybrid_ner.corpus.formats import formats
from hybrid_ner.corpus.formats.jsonl import from_record, to_record
from hybrid_ner.corpus.formats.office import READERS as OFFICE_READERS
from hybrid_ner.corpus.formats.office import Told, office_document, office_text
from hybrid_ner.errors import CorpusError, Hint, InputError
from hybrid_ner.guarded import ARCHIVE, TOO_MUCH, Guard, guarded, unzipped
from hybrid_ner.io import Problem, Report, is_western, write_bytes
from hybrid_ner.matching import gather_terms
from hybrid_ner.project_file import ListFile
from hybrid_ner.terms.readers import ReadReport
from hybrid_ner.terms.shipped import find_pack
from hybrid_ner.text import named_after, quantity, scratch
from hybrid_ner.text.encodings import narrowed


def _endings(*, binary: bool = False) -> Iterator[str]:
    """The last part of the endings of all formats; a file of brat (.ann) is nothing without its text."""
    for each in formats().values():
        if each.binary is not None or not binary:
            yield from (end.rpartition(".")[2] for end in each.suffixes if end != ".ann")


_BINARY = frozenset((*_endings(binary=True), "spacy", "gz"))
DOCUMENT_TYPES = tuple(dict.fromkeys(("txt", *_endings(), "xml")))
"""Endings of all formats, those of office programs first."""
TERM_TYPES = (
    *("txt", "csv", "tsv", "jsonl", "ndjson", "json", "yaml", "yml", "md", "gz", "bz2", "xz", "zip"),
    *("obo", "owl", "rdf", "ttl", "nt", "n3", "tbx", "tmx", "rrf", "asc", "dat", "bin"),
    *("xml", "xlsx", "xlsm", "ods", "docx", "lst", "tab", "psv", "toml", "ini", "rst"),
)
INSTEAD = {
    "doc": "Open it in Word and save it as .docx.",
    "msg": "Open it in the mail program and save it as .eml or as text.",
    "xls": "In the spreadsheet choose Save as, then .xlsx.",
    **dict.fromkeys(("png", "jpg", "jpeg", "tif"), "A picture holds no text: run text recognition first."),
    "zip": "It is damaged, has a password or lies in a third archive: unpack it, and add what is in it.",
}
"""What to do with files that people have but that are not read."""
OFFERED_DOCUMENTS = (*DOCUMENT_TYPES, *INSTEAD)
OFFERED_TERMS = (*TERM_TYPES, *(name for name in INSTEAD if name not in TERM_TYPES))
"""Endings that may be chosen: for those that are not read the answer says what to do instead."""
GUARD_LISTS = Guard(seconds=120, memory=2 << 30)
GUARD = Guard()
"""What reading one uploaded file may use."""
_LONGEST_STEM, _LONGEST_SUFFIX = 200, 12
"""Bytes of a file name and characters of its ending, which may have four: a file system takes 255 bytes."""
MAX_CHARACTERS = 20_000_000
"""In one document."""


def plain_name(name: str) -> str:
    """The last part of a file name, whatever system it comes from: no folder, and short enough for any."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    plain = PurePosixPath("".join(c if c.isprintable() else " " for c in last).strip())
    if plain.name in ("", ".."):
        return "upload"
    return f"{_cut(plain.stem, _LONGEST_STEM)}{plain.suffix[:_LONGEST_SUFFIX]}"


def _cut(name: str, size: int) -> str:
    """The whole characters of the first so many bytes."""
    return name.encode()[:size].decode(errors="ignore").rstrip()


def _given_name(name: str, given: dict[str, str]) -> str:
    """Its plain name, with a number where that of another file was cut to the same.

    Args:
        given: Plain names so far, with what they were before; gets this one.
    """
    plain, last = PurePosixPath(plain_name(name)), PureWindowsPath(name).name
    if given.setdefault(plain.name, last) == last:
        return plain.name
    numbered = (f"{_cut(plain.stem, _LONGEST_STEM - 5)}-{n}{plain.suffix}" for n in range(2, 10_000))
    found = next(each for each in numbered if each not in given)
    given[found] = last
    return found


def unpacked(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The files in an archive, those of one name in several folders with their folder; else the file.

    An archive in it is opened too, since browsers pack many files into one (``page.js``), unless that fails.
    """
    if not name.lower().endswith(".zip"):
        return [(name, content)]
    parts: list[tuple[str, bytes]] = []
    size = 0
    for part in unzipped(name, content):
        opened = _opened(*part)
        size += sum(len(held) for _, held in opened)
        if size > ARCHIVE:
            raise InputError(f"it unpacks to more than {shown_size(ARCHIVE)}.", path=name, hint=TOO_MUCH)
        parts += opened
    often = Counter(plain_name(part) for part, _ in parts)
    return [(part.replace("/", " ") if often[plain_name(part)] > 1 else part, held) for part, held in parts]


def _opened(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The files in an archive with its name before theirs; itself where it is none that can be opened."""
    if not name.lower().endswith(".zip"):
        return [(name, content)]
    try:
        return [(f"{name[:-4]}/{part}", held) for part, held in unzipped(name, content)]
    except InputError:
        return [(name, content)]


def pasted_files(texts: Iterable[tuple[str, str]], taken: Collection[str] = ()) -> list[tuple[str, bytes]]:
    """Texts that were pasted as files, which go the way of uploaded ones.

    Args:
        texts: Name, which may be empty, and text of each.
        taken: Ids that no text without a name gets.
    """
    free = (name for name in map("pasted {}".format, count(1)) if name not in taken)
    # "Letter of 3/12/2025" has no folders.
    named = ((re.sub(r"[/\\]", "-", name.strip()) or next(free), text) for name, text in texts)
    return [(f"{name}.txt", text.encode()) for name, text in named]


def read_documents(files: Iterable[tuple[str, bytes]], notes: list[str] | None = None) -> Iterator[Document]:
    """Documents of uploaded files, each checked; ids are unique.

    Each file is read in a process of its own, within ``GUARD``. A file that cannot be used is left out whole.

    Args:
        notes: Filled with what the user should know: files that were left out and why, guesses.

    Raises:
        InputError: No file can be used; the notes say why each cannot, the message where there is one.
    """
    told = [] if notes is None else notes
    refused: list[CorpusError] = []
    seen: dict[str, str] = {}
    said: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for name, found in _each(files):
        try:
            if isinstance(found, InputError):
                raise CorpusError(
                    found.problem, path=name, row=found.row, hint=Hint.in_words(found.hint, _WORDS)
                )
            documents = [from_record(row["document"]) for row in found if "document" in row]
            _check_ids(name, documents, seen)
        except CorpusError as error:
            refused.append(error)
            continue
        for note in (row["note"] for row in found if "note" in row):
            said.setdefault(note, []).append(name)
        seen |= {document.doc_id: name for document in documents}
        if empty := [document.doc_id for document in documents if not has_text(document)]:
            said.setdefault(told_empty(empty), []).append(name)
        for document in filter(has_text, documents):
            if (first := texts.setdefault(document.content_hash, document.doc_id)) != document.doc_id:
                said.setdefault(_SAME_TEXT, []).append(f"{document.doc_id} (as {first})")
            yield document
    told += [_note_of(names, note) for note, names in said.items()]
    leave_out(refused, notes, usable=len(seen))


_SAME_TEXT = "the same text as in another document; added like any other."
_NAMED = 3
"""Files that a note names which it shares with more of them."""


def _note_of(names: Sequence[str], note: str) -> str:
    """A note with the files that it is about; a hundred letters with one footer each are one note."""
    if note.startswith(names[0]):
        return note
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED + 1 else ""
    few = names[:_NAMED] if more else names
    return f"{', '.join(few)}{more}: {note}"


LEFT_OUT = "Left out: "
"""How a note begins of a file that is not there, or of several."""
_SEVERAL = re.compile(rf"{LEFT_OUT}([\d,]+) files \(")  # "Left out: 60 files (a.jpg, b.jpg, …): …"


def count_left_out(notes: Iterable[str]) -> int:
    """How many files were left out, by what was noted of them."""
    found = (_SEVERAL.match(note) or note.startswith(LEFT_OUT) for note in notes)
    return sum(int(each[1].replace(",", "")) if isinstance(each, re.Match) else each for each in found)


def note_marks(documents: Iterable[Document], notes: list[str]) -> None:
    """Note what is marked in documents whose texts alone are taken."""
    counts = [len(document.entities) for document in documents if document.entities]
    if counts:
        notes.append(
            f"Not taken over: {quantity(sum(counts), 'mark')} in {quantity(len(counts), 'document')}. To "
            "have them as suggestions, add the files on the Queue page with “Show what is marked in them as "
            "suggestions” ticked."
        )


def leave_out(refused: Sequence[InputError], notes: list[str] | None, *, usable: int) -> None:
    """Note each file that cannot be used.

    Raises:
        InputError: No other one can. It says why where there is one file, or where nobody reads the notes.
    """
    if refused and not usable and (len(refused) == 1 or notes is None):
        raise refused[0]
    if notes is not None:
        alike: dict[object, list[InputError]] = {}
        for error in refused:
            alike.setdefault((error.problem, error.hint) if error.row is None else error, []).append(error)
        notes += map(_refusal, alike.values())
    if refused and not usable:
        raise InputError(f"none of the {len(refused):,} files can be used.")


def _refusal(errors: Sequence[InputError]) -> str:
    """The note of files that cannot be used for one reason: all are named, since they are not there."""
    if len(errors) == 1:
        return f"{LEFT_OUT}{errors[0]}"
    names = ", ".join(plain_name(str(error.path)) for error in errors)
    return f"{LEFT_OUT}{len(errors):,} files ({names}): {errors[0].problem} {errors[0].hint}".rstrip()


def _each(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, list[Any] | InputError]]:
    """Name of each file and what the child read in it."""
    with scratch() as folder:
        kept: list[dict[str, str]] = []
        given: dict[str, str] = {}
        for name, content in files:
            try:
                parts = unpacked(name, content)
            except InputError as error:
                yield plain_name(name), error
                continue
            for part, inside in parts:
                path = folder / str(len(kept))
                with named_after(path):
                    path.write_bytes(inside)
                kept.append({"name": _given_name(part, given), "path": str(path)})
        for number, found in guarded("hybrid_ner.ui.importing:read_upload", kept, GUARD):
            yield kept[number]["name"], found


TOO_LARGE = b"hybrid_ner: too large to be sent, bytes: "
"""What ``page.js`` sends in place of a file that the server would not take, before its size."""


def _arrived(path: Path, name: str) -> bytes:
    """What an uploaded file holds.

    Raises:
        CorpusError: It is too large to be sent.
    """
    content = path.read_bytes()
    if content.startswith(TOO_LARGE) and (size := content.removeprefix(TOO_LARGE)).isdigit():
        said = f"it has {int(size) / 1e6:,.1f} MB, and the page takes up to 10 MB a file."
        raise CorpusError(said, path=name, hint=Hint("limit", _WORDS["limit"]))
    return content


def read_upload(upload: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The child's task: notes and documents of one file, given by its ``name`` and its ``path`` here."""
    notes: list[str] = []
    found = list(_read(upload["name"], _arrived(Path(upload["path"]), upload["name"]), notes))
    # Rows without an id are numbered from 2, as those of every other table are.
    if found and found[0].doc_id == "2" and all(document.doc_id.isdecimal() for document in found):
        stem = PurePosixPath(upload["name"]).stem
        found = [replace(document, doc_id=f"{stem} {document.doc_id}") for document in found]
    for document in found:
        if len(document.text) > MAX_CHARACTERS:
            raise CorpusError(f"{document.doc_id!r} is longer than {MAX_CHARACTERS:,} characters.")
        yield {"document": to_record(document)}
    yield from ({"note": note} for note in notes)


def _check_ids(name: str, documents: Iterable[Document], seen: Mapping[str, str]) -> None:
    for document in documents:
        if document.doc_id in seen:
            raise CorpusError(
                f"document id {document.doc_id!r} is in {seen[document.doc_id]} already.",
                path=name,
                hint="Rename the file, or give the record another id.",
            )


def _read(name: str, content: bytes, notes: list[str]) -> Iterator[Document]:
    suffix = PurePosixPath(name.lower()).suffix.lstrip(".")
    if suffix not in DOCUMENT_TYPES:
        what = f"files of type .{suffix}" if suffix else "files without an ending such as .txt"
        hint = INSTEAD.get(suffix, f"Use one of {', '.join(DOCUMENT_TYPES)}.")
        raise CorpusError(f"{what} are not read.", path=name, hint=hint)
    if (kind := "html" if suffix in ("htm", "xhtml") else suffix) in OFFICE_READERS:
        told = Told(notes)
        text = office_text(name, content, kind, told)
        yield office_document(PurePosixPath(name).stem, text, told.marks, told.pages)
        return
    if suffix not in _BINARY:
        text = decoded(name, content, notes)
        if not text.strip():
            raise CorpusError("the file holds no text.", path=name, hint="Check that it is the right file.")
        content = text.encode("utf-8", "surrogatepass")
    with scratch() as folder:
        path = folder / name
        with named_after(path):
            path.write_bytes(content)
        try:
            yield from read_corpus(path, report=_told(notes))
        except CorpusError as error:
            raise CorpusError(error.problem, path=name, row=error.row, hint=error.hint) from error


def _told(notes: list[str]) -> Report:
    """Warnings become notes, anything else stops the file."""

    def told(problem: Problem) -> None:
        if not problem.warning:
            raise problem.error()
        notes.append(problem.message)

    return told


def decoded(name: str, content: bytes, notes: list[str]) -> str:
    """Text in UTF-8, in UTF-16 or UTF-32, or else as old Windows programs write it, which is noted.

    Raises:
        CorpusError: No text in any of these.
    """
    try:
        text = narrowed(content).decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            text = "\0"
        else:
            if not is_western(text):
                hint = "Open it in the program that made it and save it as text with the encoding UTF-8."
                raise CorpusError("it is neither in UTF-8 nor in a Western code page.", path=name, hint=hint)
            notes.append(
                "not in UTF-8, so read as Windows text (code page 1252): check a word with an accent, and "
                "save the file as UTF-8 if it looks wrong."
            )
    if "\0" in text:
        hint = "Open it in the program that made it and save it as text with the encoding UTF-8."
        raise CorpusError("this is not a text file.", path=name, hint=hint)
    return text


def keep_file(path: Path, content: bytes) -> Path:
    with write_bytes(path) as written:
        written.write(content)
    return path


def named_apart(
    files: Iterable[tuple[str, bytes]], what: str, notes: list[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Uploaded files by their plain names; the second of one name would take the place of the first.

    Args:
        what: What they are, in the plural.
        notes: Filled with the second one, which is left out; without it that ends it.
    """
    given: dict[str, str] = {}
    seen: set[str] = set()
    for name, content in files:
        plain = _given_name(name, given)
        if plain not in seen:
            seen.add(plain)
            yield plain, content
            continue
        twice = InputError(f"two {what} have this name.", path=plain, hint="Rename one of them.")
        if notes is None:
            raise twice
        notes.append(f"{LEFT_OUT}{twice}")


def save_rules(folder: Path, files: Iterable[tuple[str, bytes]], notes: list[str] | None = None) -> None:
    """Keep uploaded rule files with a project.

    Args:
        notes: Filled with what each file holds, and with those that were left out and why while another one
            can be used; without it the first bad file ends it.

    Raises:
        InputError: One is no rule file, or holds a rule that may not run or an example that does not hold.
    """
    from hybrid_ner.sources.rule_sets import read_rules  # brings spaCy, which the child does not need

    refused: list[InputError] = []
    usable = 0
    for name, content in named_apart(files, "rule files", notes):
        path = keep_file(folder / "rules" / name, content)
        try:
            rules = [rule for source in read_rules(path) for rule in source.rules]
        except InputError as error:
            refused.append(InputError(error.problem, path=path.name, row=error.row, hint=error.hint))
            if notes is None:
                raise refused[0] from error
            path.unlink()
            continue
        usable += 1
        if notes is not None:
            labels = Counter(rule.label for rule in rules if rule.kind != "veto")
            vetoes = len(rules) - labels.total()
            each = ", ".join(f"{label} {count}" for label, count in labels.items())
            said = f"{quantity(labels.total(), 'rule')} ({each})" if labels else ""
            more = quantity(vetoes, "rule") + " against what others find" if vetoes else ""
            notes.append(f"{name}: {', '.join(filter(None, (said, more)))}.")
    leave_out(refused, notes, usable=usable)


def _checked(
    paths: Iterable[Path], label: str, told: Mapping[str, Mapping[str, str]], words: Mapping[str, str]
) -> Iterator[tuple[Path, InputError | dict[str, Any]]]:
    """Read uploaded term lists once, in one child: each with what it holds, or why it cannot be used."""
    read: list[Path] = []
    for path in paths:
        suffix = path.suffix.lower().lstrip(".")
        if suffix in INSTEAD and suffix not in TERM_TYPES:
            said = f"files of type .{suffix} are not read."
            yield path, InputError(said, path=path.name, hint=INSTEAD[suffix])
        else:
            read.append(path)
    given = [{"path": str(path), "label": label, **told.get(path.name, {})} for path in read]
    for number, found in guarded("hybrid_ner.ui.importing:read_list", given, GUARD_LISTS):
        path = read[number]
        if isinstance(found, InputError):
            hint = Hint.in_words(found.hint, words)
            yield path, InputError(found.problem, path=path.name, row=found.row, hint=hint)
        else:
            yield path, found[0]


def read_list(given: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The child's task: the labels of a list, and a sentence of what was read and what was left out."""
    options, reports = {key: given[key] for key in _TOLD if given.get(key)}, list[ReadReport]()
    _arrived(Path(given["path"]), Path(given["path"]).name)
    lists = gather_terms("generic", [Path(given["path"])], told=lambda path: options, reports=reports)
    labels = Counter(term.label for term in lists)
    yield {"said": reports[0].sentence(labels), "labels": [*labels]}


_TOLD = ("label", "otherwise", "columns")
"""What may be told of a list, see ``gather_terms``."""
_WORDS = {
    "limit": "Split the file, or add it from the command line, where limits can be raised.",
    "bad row": "Correct the row and add the file again.",
    "format": "Save it again, or use a CSV with the columns term and label.",
    "columns": "Name the columns in the first row term and label, or say under How term lists are read which "
    "they are: term=Name,label=Kind; with term=* each column is a list that its heading labels.",
    "keys": "Say under How term lists are read which key names the terms: term=KEY.",
    "rows": "Check that it is the right file; How term lists are read names the column of the terms.",
    "prose": "Write - before each term, or save the list as text with one term a line.",
    "types": "Under How term lists are read fill in a label for all terms of this list.",
    "language": "Give a list of English terms, or add it from the command line, which can name languages.",
    "comma": "Put quotes around a value that holds a comma (a tab, a semicolon), and add the file again.",
    "quotes": "Mend the quotes, or save the table as .xlsx, and add the file again.",
    "label": "Choose a label in the field “Label of” that file (in a project: Term lists, Add term lists), "
    "or name the file after its label.",
    "label of row": "Write it in that row and add the file again; on the page the field “Label of” that file "
    "says the label of rows that say none.",
    "text column": "Call the column that holds the documents text, in the first row.",
}
"""Hints for somebody without a command line, by code."""


def keep_usable(
    paths: Iterable[Path],
    label: str,
    notes: list[str],
    told: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    words: Mapping[str, str] = _WORDS,
) -> tuple[str, ...]:
    """Check uploaded term lists; one that cannot be used is taken away and noted, the others stay.

    Args:
        words: Hints as somebody is to read them, by code.

    Returns:
        Their labels; what came of each list is noted too.

    Raises:
        InputError: None of them can be used; see ``leave_out``.
    """
    refused: list[InputError] = []
    usable = 0
    labels: dict[str, None] = {}
    for path, found in _checked(paths, label, told, words):
        if isinstance(found, InputError):
            path.unlink()
            refused.append(found)
        else:
            usable += 1
            notes.append(f"{path.name}: {found['said']}")
            labels.update(dict.fromkeys(found["labels"]))
    leave_out(refused, notes, usable=usable)
    return tuple(labels)


def list_as_read(name: str, content: bytes, told: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """The labels of a term list, none where it cannot be used, and in a sentence what came of it.

    Args:
        told: What is told of it, as in ``keep_usable``. Nothing of the list is kept.
    """
    notes: list[str] = []
    with scratch() as folder:
        try:
            paths = save_terms(folder, [(name, content)])
            labels = keep_usable(paths, "", notes, {path.name: told for path in paths})
        except InputError as error:
            return (), " ".join(str(error).split())
    return labels, notes[0]


@dataclass(frozen=True, slots=True)
class Listed:
    """Term lists and rule files, as a new project takes them.

    Args:
        terms: Name and content of each list.
        told: Name → what is told of it, see ``gather_terms``.
        rules: Name and content of each rule file.
    """

    terms: tuple[tuple[str, bytes], ...] = ()
    told: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: tuple[tuple[str, bytes], ...] = ()


def listed(lists: Iterable[ListFile], rules: Iterable[Path]) -> Listed:
    """The files that a folder's ``hybrid-ner.toml`` or a command line names.

    Raises:
        OSError: One of them cannot be read.
    """
    terms, told = [], {}
    for each in lists:
        path = find_pack(str(each.file)) or each.file
        terms.append((path.name, path.read_bytes()))
        if own := {key: value for key in ("label", "columns") if (value := getattr(each, key))}:
            told[plain_name(path.name)] = own
    return Listed(tuple(terms), told, tuple((path.name, path.read_bytes()) for path in rules))


def save_terms(
    folder: Path, files: Iterable[tuple[str, bytes]], notes: list[str] | None = None
) -> list[Path]:
    """Keep uploaded term lists with a project; returns their paths.

    Args:
        notes: Filled with the second of two lists of one name, which is left out; without it that ends it.

    Raises:
        InputError: Two lists of one name: the second would take the place of the first.
    """
    named = named_apart(files, "term lists", notes)
    return [keep_file(folder / "terms" / name, content) for name, content in named]
