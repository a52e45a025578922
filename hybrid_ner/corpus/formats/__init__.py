"""The formats that documents are read from and written to: one module for those of a kind."""

from __future__ import annotations

import logging
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import combinations
from operator import index
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from hybrid_ner import registry
from hybrid_ner.bounds import reading
from hybrid_ner.corpus.document import (
    Corpus,
    Document,
    Located,
    Opinion,
    misplaced,
    unwritable,
    validated,
    with_usable_entities,
)
from hybrid_ner.corpus.formats import (
    annotation_tools,
    bioc,
    conllu,
    inception,
    jsonl,
    office,
    shared,
    standoff,
    tables,
    tokens,
)
from hybrid_ner.corpus.formats.shared import (
    Format,
    endings,
    first_bytes,
    next_steps,
    of_others,
    standard_input,
    unknown,
)
from hybrid_ner.errors import STDIN, CorpusError, given_path, spelled
from hybrid_ner.io import (
    Place,
    Problem,
    ProblemLog,
    Report,
    fail,
    is_there,
    missing_file,
    standard_output,
    unpacked_name,
)
from hybrid_ner.text import quantity, scratch

__all__ = ["FORMATS", "Format", "detect", "read_corpus", "read_opinions", "recognize", "write_corpus"]

_ALL = (
    # What is known by its content stands first, the general before the last.
    *(office.DOCX, office.PDF, office.ODT, office.RTF, office.MAIL, office.HTML, office.FHIR),
    # WebAnno's rows of ten columns look like those of CoNLL-U, and its first line like nothing else.
    *(inception.WEBANNO, tokens.CONLL, tokens.BILUO, conllu.FORMAT, standoff.PUBTATOR),
    *(standoff.REFERENCES, standoff.MESSAGES),
    *(bioc.XML, bioc.JSON, bioc.TEXTS, inception.XMI, inception.CAS_JSON, tables.PARQUET),
    *(annotation_tools.ARGILLA, annotation_tools.LABEL_STUDIO, annotation_tools.PRODIGY),
    *(jsonl.FORMAT, annotation_tools.DOCCANO, tokens.DOCBIN),
    *(tables.TABLE, tables.WORKBOOK, standoff.BRAT, standoff.TXT),
)

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})


def formats() -> dict[str, Format]:
    """Every format by name: those above, and those that other packages bring."""
    others = {name: of_others(each) for name, each in registry.FORMATS.all(FORMATS)}
    return {**FORMATS, **others}


def detect(path: Path, name: str | None = None) -> Format:
    """The format called ``name``, or else the one that the content tells, or the path's ending.

    Raises:
        CorpusError: There is no such format, or none or several can be told.
    """
    if name is not None:
        known = formats()
        if name not in known:
            raise CorpusError(f"unknown format {name!r}.", path=path, hint=f"Use one of {', '.join(known)}.")
        return known[name]
    if path.is_dir():
        return _Folder(path).format
    found = recognize(path)
    if found is None:
        raise unknown(path, formats())
    return found


def recognize(path: Path, known: Collection[Format] = ()) -> Format | None:
    """The format of one file: by its content where that tells, else by its name.

    Args:
        known: All formats, where many files are looked at.
    """
    known = known or formats().values()
    bare = unpacked_name(path.name)
    named = next((each for each in known if each.takes(path)), None)
    head = first_bytes(path) if path.is_file() else b""
    told = next((each for each in known if head and each.sniffs(bare.lower(), head)), None)
    if told is not None and bare != path.name and (told.binary or not told.unpacks):
        return None
    if path.name == STDIN and told is None:
        return FORMATS["txt"]
    # The name tells apart what looks alike (BIO and BILUO); the content, what is called by a general name.
    if told is None or (named is not None and named.read == told.read):
        return named
    return told


class _Folder:
    """The files of a folder by their formats; those of none are announced when it is read.

    Args:
        name: Of the format, where it is given.
        called: How errors call the folder: an archive that was unpacked there.

    Raises:
        CorpusError: It holds no file of a known format, or of several that do not belong together.
    """

    def __init__(self, path: Path, name: str | None = None, called: Path | None = None) -> None:
        self.path, self.called = path, called or path
        shown = (f for f in path.rglob("*") if not shared.is_hidden(f.relative_to(path)))
        # A link to a folder may lead back here, so it is not followed.
        files = sorted(file for file in shown if not file.is_dir() or file.is_symlink())
        if not files:
            raise CorpusError("the folder is empty.", path=self.called, hint="Give one that holds documents.")
        self._by: dict[str, list[Path]] = {}
        known = formats().values()
        for file in files:
            found = recognize(file, known) if file.is_file() else None  # a link to nowhere, a pipe
            self._by.setdefault(found.name if found else "", []).append(file)
        self.format = formats()[name] if name else self._told()
        self._kinds = (name,) if name else tuple(each.name for each in formats().values() if each.is_text)

    def named(self, file: str | Path | None) -> str:
        """How people call a file of the folder, alone or in a sentence."""
        return str(file or "").replace(str(self.path), str(self.called), 1)

    def _told(self) -> Format:
        found = [formats()[name] for name in self._by if name]
        # A table beside letters is about them rather than one of them.
        found = [each for each in found if each is not tables.WORKBOOK] or found
        # Annotations beside texts are one corpus in brat's form.
        if "brat" in self._by:
            return FORMATS["brat"]
        texts = [each for each in found if each.is_text]
        if len(found) == 1 or (found and len(texts) == len(found)):
            return FORMATS["txt"] if len(found) > 1 else found[0]
        if found:
            counts = (f"{quantity(len(self._by[each.name]), 'file')} of {each.name}" for each in found)
            problem = f"the folder's files are of several formats: {', '.join(counts)}."
        else:
            problem = f"no file here is of a known format ({endings(self._by[''])})."
        named = "Give one of the files, or name the format, as hybrid-ner corpus convert --from takes it"
        steps = next_steps(self._by.get("", ())) or f"{named}: one of {', '.join(formats())}."
        raise CorpusError(problem, path=self.called, hint=steps)

    def read(self, report: Report, **options: str) -> Iterator[Located]:
        """Documents of the files of the format; those of others are announced."""
        chosen = self.format
        if chosen.name == "brat":
            mine = {*self._named(chosen), *self._named(FORMATS["txt"])}
            found = chosen.read(self.path, report)
        elif chosen.is_text:
            mine = {file for kind in self._kinds for file in self._by.get(kind, ())}
            mine |= set(self._named(FORMATS["txt"])) if "txt" in self._kinds else set()
            found = self._read_texts(report)
        else:
            files = self._by.get(chosen.name) or self._named(chosen)
            mine = set(files)
            found = self._told_apart(files, report, options)
        others = [file for file in self._all() if file not in mine or not file.is_file()]
        if others := [file for file in others if not inception.is_beside(file, chosen.name)]:
            message = f"{quantity(len(others), 'file')} in the folder not read: {endings(others)}."
            report(Problem("not read", message, Place(str(self.path)), hint=next_steps(others), warning=True))
        if chosen.is_text:
            yield from found
        else:
            yield from self._with_authors(found, report)

    def _with_authors(self, found: Iterable[Located], report: Report) -> Iterator[Located]:
        """The documents; at the end it is told whether several people have annotated the same texts."""
        rows = []
        for place, document in found:
            if document.entities is not None:
                rows.append(self._row(place, document))
            yield place, document
        by = Counter(who for _, who in _authors(rows).values())
        if len(by) > 1:
            said = f"the same texts stand in files of several people ({', '.join(sorted(by)[:_NAMED])}): "
            said += "each is a document of its own."
            report(Problem(_SEVERAL, said, Place(str(self.path)), hint=_ONE_BY_ONE, warning=True))

    def authors(self) -> dict[str, tuple[str, str]]:
        """Id of each annotated document → the id that it has among one person's, and who that is."""
        found = self.read(lambda problem: None)
        return _authors([self._row(place, each) for place, each in found if each.entities is not None])

    def _row(self, place: Place, document: Document) -> _Row:
        file = Path(place.path or "")
        parts: tuple[str, ...] = ()
        if file != self.path and file.is_relative_to(self.path):  # a format of somebody else may say anything
            inside = file.relative_to(self.path)
            parts = inside.with_name(unpacked_name(inside.name)).with_suffix("").parts
        return _Row(parts, place.row is not None, document.doc_id, document.content_hash)

    def _told_apart(
        self, files: Sequence[Path], report: Report, options: Mapping[str, str]
    ) -> Iterator[Located]:
        """Documents of each file; where files count theirs from 1, a later one is called after its file.

        So is one that another file has too, as of a second annotator.
        """
        used, renamed, exported = dict[str, str](), "", inception.exported(files)
        for file in files:
            mine = dict[str, str]()
            if exported.get(file, file) is None:
                continue
            for place, document in self.format.read(file, report, **options):
                if name := exported.get(file):
                    own = document.doc_id.removeprefix(file.parent.name)  # "/view" of a CAS of several
                    document = replace(document, doc_id=name + own)
                doc_id, text = document.doc_id, document.content_hash
                again = document.entities is not None and used.get(doc_id) == text
                if again or (doc_id in used and (doc_id.isdigit() or place.row is None)):
                    stem = spelled(file.relative_to(self.path).with_suffix("").as_posix())
                    named = stem if place.row is None else f"{stem} {doc_id}"
                    document = replace(document, doc_id=named)
                    renamed = renamed or named
                mine[document.doc_id] = text
                yield place, document
            used |= mine
        copies = Counter({"copy from before the annotation of INCEpTION": [*exported.values()].count(None)})
        shared.not_read(copies, self.path, report)
        if renamed:
            said = f"files have the same ids: documents of later ones are {renamed!r} and so on."
            report(Problem("ids", said, Place(str(self.path)), warning=True))

    def _named(self, format: Format) -> list[Path]:
        return [file for file in self._all() if format.takes(file)]

    def _all(self) -> list[Path]:
        return sorted(file for files in self._by.values() for file in files)

    def _read_texts(self, report: Report) -> Iterator[Located]:
        """Texts of every kind; where two files differ only in the ending, it is a part of the id."""
        if "txt" in self._kinds and self._named(FORMATS["txt"]):
            yield from standoff.read_txt(self.path, report)
        files = [file for kind in self._kinds if kind != "txt" for file in self._by.get(kind, ())]
        stems = Counter(file.with_suffix("") for file in {*files, *self._named(FORMATS["txt"])})
        named = []
        for file in sorted(files):
            inside = file.relative_to(self.path)
            alone = stems[file.with_suffix("")] == 1
            named.append((spelled((inside.with_suffix("") if alone else inside).as_posix()), file))
        if named:
            yield from office.files_text(named, report)


class _Row(NamedTuple):
    """A document of a folder: the parts of its file's path, and whether that file holds several."""

    parts: tuple[str, ...]
    many: bool
    doc_id: str
    text: str


_SPLITS = frozenset({"train", "dev", "test", "valid", "validation", "val", "eval"})
_COMPARED = 8
"""Files of one text that are compared with each other."""
_NAMED = 5
"""People who are named in a warning."""
_SEVERAL = "annotators"
_ONE_BY_ONE = "Take over one by name (review import --decided-by), or all as suggestions (--as-suggestions)."


def _authors(rows: Sequence[_Row]) -> dict[str, tuple[str, str]]:
    """Id of each document → its id without the name of a person, and that name; empty where none can be told.

    Files of one text then differ in one part of their paths: ``ana/n1.ann`` and ``ben/n1.ann`` (brat),
    ``annotation/n1.txt/ana.tsv`` and ``annotation/n1.txt/ben.tsv`` (INCEpTION), ``ana.jsonl`` and
    ``ben.jsonl`` (doccano). One text twice in a folder of brat is none of these.
    """
    same: dict[str, set[_Row]] = {}
    for row in rows:
        same.setdefault(row.text, set()).add(row)
    shared_at = Counter[int]()
    for found in same.values():
        pairs = combinations(sorted({(row.parts, row.many) for row in found})[:_COMPARED], 2)
        shared_at.update({at for (a, many), (b, _) in pairs if (at := _differ_at(a, b, many)) is not None})
    told = shared_at.most_common(1)
    if not told or (rows[0].many and 2 * told[0][1] < len(same)):  # a text or two may stand in two files
        return {}
    at = told[0][0]
    names = {row.parts[at] for row in rows if len(row.parts) > at}
    if names <= _SPLITS:
        return {}
    made = {}
    for row in rows:
        if len(row.parts) > at:
            rest = row.parts[:at] + row.parts[at + 1 :]
            own = rest[-1] if inception.is_exported(row.parts) else "/".join(rest)
            name = f"{row.parts[at]} "
            made[row.doc_id] = (row.doc_id.removeprefix(name) if row.many else own, row.parts[at])
    return made


def _differ_at(a: Sequence[str], b: Sequence[str], many: bool) -> int | None:
    """The one part in which two paths differ; the name of a file of one document tells nobody's."""
    differ = [at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    if len(a) != len(b) or len(differ) != 1:
        return None
    named = many or differ[0] < len(a) - 1 or inception.is_exported(a)
    return differ[0] if named else None


def read_corpus(
    path: str | Path,
    format: str | None = None,
    *,
    labels: Collection[str] | None = None,
    text_column: str = "",
    report: Report = fail,
) -> Corpus:
    """A corpus from a file or folder, read lazily and checked as it is read.

    Args:
        path: File or folder; ``-`` is standard input.
        format: Name of a format; by default the content or the path's ending tells.
        labels: Labels that may occur; ``None`` allows any.
        text_column: Column or key of the text in a table or JSON, where it is not one of the usual ones.
        report: Told about every unusable record or annotation, and of files that are not read. The default
            raises at the first; a ``ProblemLog`` keeps a list and leaves the unusable parts out.

    Raises:
        CorpusError: At once for a missing path or unknown format; while reading, for the first
            unusable record (unless ``report`` returns), and for a file without any document.
    """
    path = standard_input() if str(path) == "-" else given_path(path)
    if not is_there(path):
        raise missing_file(path)
    held = shared.unpacked(path) if path.is_file() else path
    name = detect(held, format).name if format else None
    folder = _Folder(held, name, path) if held.is_dir() else None
    chosen = folder.format if folder else detect(path, format)
    options = {"text_column": text_column} if text_column else {}
    if options and not chosen.text_column:
        hint = f"Formats with columns: {', '.join(e.name for e in formats().values() if e.text_column)}."
        raise CorpusError(f"{chosen.name} has no columns.", path=path, hint=hint)
    allowed = None if labels is None else frozenset([labels] if isinstance(labels, str) else labels)
    logging.getLogger(__name__).info("%s: documents, format %s", path, chosen.name)
    return Corpus(partial(_read, folder or path, chosen, options, report, allowed), path.name)


def _read(
    source: Path | _Folder,
    chosen: Format,
    options: Mapping[str, str],
    report: Report,
    labels: frozenset[str] | None,
) -> Iterator[Document]:
    first: list[Problem] = []
    path = source if isinstance(source, Path) else source.called

    def told(problem: Problem) -> None:
        if isinstance(source, _Folder):
            place = replace(problem.place, path=source.named(problem.place.path))
            problem = replace(problem, place=place, message=source.named(problem.message))
        if not first and not problem.warning:
            first.append(problem)
        report(problem)

    empty = True
    with reading(path, CorpusError), _naming(source):
        if isinstance(source, _Folder):
            located = source.read(told, **options)
        else:
            located = chosen.read(source, told, **options)
        marked = 0
        for document in validated(located, told, labels):
            empty = False
            if document.entities is None and ("/" in document.text or "](" in document.text):
                marked += _MARKED.search(document.text) is not None
            yield document
        if marked:
            found = quantity(marked, "text")
            said = f"{found} with tags in them, as <DRUG>aspirin</DRUG>: read as part of the text."
            hint = "Give the mentions as spans with offsets, or as CoNLL."
            told(Problem("not read", said, Place(str(path)), hint=hint, warning=True))
    if empty:
        hint = f"The first problem: {first[0].error()}" if first else "Check the file, or name its format."
        raise CorpusError(f"no usable document found (read as {chosen.name}).", path=path, hint=hint)


_MARKED = re.compile(
    r"<([A-Z]\w{1,30})>[^<>]{1,200}</\1>|\[[^\[\]]{1,200}\]\([A-Za-z_]{2,30}\)|(?:\S{1,50}/O\s+){3}"
)
"""Annotations inside a text: <DRUG>aspirin</DRUG>, [aspirin](drug), took/O no/O new/O aspirin/DRUG."""


@contextmanager
def _naming(source: Path | _Folder) -> Iterator[None]:
    """Errors name the archive, not the folder it was unpacked to."""
    try:
        yield
    except CorpusError as error:
        if isinstance(source, Path) or source.called == source.path:
            raise
        where = source.named(error.path)
        said = source.named(error.problem)  # "already used in FILE"
        raise CorpusError(said, path=where, row=error.row, hint=error.hint) from error


def write_corpus(
    path: str | Path, documents: Iterable[Document], format: str | None = None, *, report: Report = fail
) -> int:
    """Write documents to a file or folder; it appears only once it is complete.

    Args:
        path: File or folder; an existing file is replaced, ``-`` is standard output (JSON Lines by default).
        format: Name of a format; by default the path's ending tells.
        report: Told about annotations that the format cannot hold. The default raises.

    Returns:
        The number of documents written.

    Raises:
        CorpusError: A document is none that could be read again: an id or text that is no string, an entity
            outside the text or without a label.
    """
    path = given_path(path)
    if not isinstance(documents, Iterable):
        documents = [documents]
    documents = map(partial(_sound, path, set()), documents)
    if str(path) == "-":
        return _to_standard_output(documents, for_writing(path, format or "jsonl"), report)
    return for_writing(path, format).write(path, documents, report)


def _sound(path: Path, seen: set[str], document: Document) -> Document:
    """The document, if what is written of it will be read again.

    Args:
        seen: Ids of the documents before it; its own is added.
    """
    if not isinstance(document, Document):
        said = f"expected a Document, found {repr(document)[:60]}."
        raise CorpusError(said, path=path, hint="Give an iterable of hybrid_ner.Document.")
    if not isinstance(document.doc_id, str) or not isinstance(document.text, str):
        said = f"id and text of document {document.doc_id!r} are not both strings."
        raise CorpusError(said, path=path, hint="Give Document(doc_id, text).")
    if document.doc_id in seen:
        said = f"two documents have the id {document.doc_id!r}."
        raise CorpusError(said, path=path, hint="Give every document its own id.")
    seen.add(document.doc_id)
    place = Place(str(path))
    problem = unwritable(document, place)
    for entity in document.entities or ():
        problem = problem or misplaced(document, entity, place)
    if problem:
        raise problem.error()
    if all(type(each.start) is int is type(each.end) for each in document.entities or ()):
        return document
    plain = (replace(each, start=index(each.start), end=index(each.end)) for each in document.entities or ())
    return replace(document, entities=tuple(plain))  # of numpy, say, which JSON cannot hold


def _to_standard_output(documents: Iterable[Document], form: Format, report: Report) -> int:
    output = standard_output()
    if output is None:
        raise CorpusError("standard output is closed.", path="-", hint="Give a file to write.")
    with scratch() as folder:
        path = folder / "standard-output"
        count = form.write(path, documents, report)
        if path.is_dir():
            raise CorpusError(f"{form.name} is a folder of files.", path="-", hint="Give a folder to write.")
        with path.open("rb") as written:
            shutil.copyfileobj(written, output.buffer)
    output.flush()
    return count


def for_writing(path: Path, name: str | None) -> Format:
    """The format called so, or the one that the ending of the path stands for, whatever is there now."""
    known = formats()
    found = known.get(name or "") or next((e for e in known.values() if not name and e.holds(path)), None)
    if found:
        return found
    if name:
        return detect(path, name)
    if path.is_dir() and any(path.iterdir()) and (found := detect(path)).folder:
        return found
    able = ", ".join(each.name for each in known.values() if each.write is not shared.read_only)
    in_folder = "a folder does not say in which format to write."
    problem = in_folder if path.is_dir() else "no format has this ending."
    hint = f"Use a name such as out.jsonl, or name the format (corpus convert --to): {able}."
    raise CorpusError(problem, path=path, hint=hint)


# What several people and models said of the same texts, each under its name.


def read_opinions(path: str | Path, format: str | None = None, *, report: Report = fail) -> Iterator[Opinion]:
    """What each person or model said of each text; a text may come several times.

    Args:
        path: File or folder in any format. Exports of Argilla, Label Studio and Prodigy say who annotated,
            answered or suggested; a record of another format may have an ``annotator``. In a folder each
            person may have a folder or files of their own (brat, INCEpTION, doccano).
        format: Name of a format; by default the content or the path's ending tells.
        report: As for ``read_corpus``; it is told as well how many answers were not read, and why.

    Raises:
        CorpusError: As ``read_corpus``, and for a file in which nobody said anything.
    """
    path, empty = Path(path), True
    chosen = detect(path, format) if path.is_file() and not _is_zip(path) else None
    if chosen is None or chosen.opinions is None:
        whose = _whose(path, format)

        def told(problem: Problem) -> None:
            if problem.kind != _SEVERAL:  # here they are told apart
                report(problem)

        for document in read_corpus(path, format, report=told):
            if document.entities is not None:
                empty = False
                doc_id, by = whose.get(document.doc_id, (document.doc_id, ""))
                by = by or str(document.meta.get("annotator") or "")
                yield Opinion(replace(document, doc_id=doc_id), by)
    else:
        with reading(path, CorpusError):
            for place, each in chosen.opinions(path, report):
                if problem := unwritable(each.document, place):
                    report(problem)
                    continue
                empty = False
                yield replace(each, document=with_usable_entities(each.document, place, report))
    if empty:
        hint = "Give documents with entities."
        raise CorpusError("nobody has labeled anything in it.", path=path, hint=hint)


def _whose(path: Path, format: str | None = None) -> dict[str, tuple[str, str]]:
    """Of a folder in which people have files of their own: id → the id among theirs, and who that is."""
    held = shared.unpacked(path) if path.is_file() else path
    if not held.is_dir():
        return {}
    folder = _Folder(held, detect(held, format).name if format else None, path)
    return {} if folder.format.is_text else folder.authors()


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def names_in(path: Path) -> tuple[str, ...]:
    """Names of who said something in a file, in order; empty where it has none."""
    if path.is_dir() or _is_zip(path):
        return tuple(dict.fromkeys(name for _, name in _whose(path).values()))
    stat = path.stat()
    return _names(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _names(path: Path, changed: int, size: int) -> tuple[str, ...]:
    if detect(path).opinions is None:
        return ()
    found = dict.fromkeys(each.by for each in read_opinions(path, report=ProblemLog()))
    return tuple(filter(None, found))
