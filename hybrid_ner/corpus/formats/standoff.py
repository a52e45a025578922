"""Annotations that stand apart from their text, brat's folders and PubTator's blocks; and plain texts.

Of texts that other programs pack in lines of fields, the fields that hold text are read: references (MEDLINE,
RIS) and laboratory or radiology messages (HL7 v2).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import FLAGS, Document, Entity, Located, misplaced, why_elsewhere
from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.records import Losses, without_nul
from hybrid_ner.io import Place, Problem, Report, read_rows, read_text, unpacked_name, write_folder
from hybrid_ner.text import quantity

# brat standoff: a folder of ``.txt`` files, each with an ``.ann`` file beside it.
#
# https://brat.nlplab.org/standoff.html. Text-bound annotations (T) and normalizations (N) are read, notes
# (#) and attributes (A, M) are kept with their entity; events and relations have no place here and are
# counted, discontinuous spans are reported.


def read_brat(path: Path, report: Report) -> Iterator[Located]:
    """A document a text file; one without ``.ann`` is unlabeled."""
    files, left = dict(shared.text_files(path)), Counter[str]()
    for orphan in sorted(each for each in path.rglob("*") if each.suffix.lower() == ".ann"):
        if not _beside(orphan, ".txt").exists():
            report(Problem("no text", "there is no .txt file beside this one.", Place(str(orphan))))
    for name, file in files.items():
        notes = _beside(file, ".ann")
        # An empty text with annotations beside it was meant to be one.
        text = "" if notes.exists() and not file.stat().st_size else shared.read_file(file, report)
        if text is None:
            continue
        entities = None
        if notes.exists():
            entities = _Annotations(text, name, notes, report, left).entities if notes.stat().st_size else ()
        yield Place(str(notes if notes.exists() else file)), Document(name, text, entities)
    shared.not_read(left, path, report)


def _beside(file: Path, ending: str) -> Path:
    """The other file of a pair; older programs write its ending in capitals."""
    bare = file.with_name(unpacked_name(file.name))
    found = (bare.with_suffix(each) for each in (ending, ending.upper()))
    return next((each for each in found if each.exists()), bare.with_suffix(ending))


_TWICE = "Give each a number of its own; what two people annotated are two folders."
_LEAVE_OUT = "Make it one part in brat, or leave such mentions out with --skip-bad, which lists them."


class _Annotations:
    """The entities of one ``.ann`` file."""

    def __init__(self, text: str, name: str, path: Path, report: Report, left: Counter[str]) -> None:
        self._text, self._name, self._path, self._report = text, name, path, report
        self._left = left
        self._found: dict[str, Entity] = {}
        rows = (shared.read_file(path, report) or "").split("\n")
        lines = [(row, line.rstrip("\r")) for row, line in enumerate(rows, start=1) if line.strip()]
        for row, line in lines:
            if line[0] == "T":
                self._mention(row, line)
        for row, line in lines:
            if line[0] != "T":
                self._about(row, line)

    @property
    def entities(self) -> tuple[Entity, ...]:
        return tuple(self._found.values())

    def _problem(self, kind: str, message: str, row: int, hint: str = "", *, warning: bool = False) -> None:
        place = Place(str(self._path), row)
        self._report(Problem(kind, message, place, self._name, hint, warning=warning))

    def _mention(self, row: int, line: str) -> None:
        name, _, rest = line.partition("\t")
        span, _, surface = rest.partition("\t")
        try:
            label, _, places = span.partition(" ")
            parts = [(int(start), int(end)) for start, end in (p.split(" ") for p in places.split(";"))]
        except ValueError:
            self._problem("annotation", f"expected 'T1<tab>Label 0 4<tab>text', found {line!r}.", row)
            return
        one = shared.as_one(parts, self._text)  # brat cuts a mention at the end of a line
        if one is None:
            self._problem(
                "discontinuous", f"{name} has several parts: {span!r}; only one is possible.", row, _LEAVE_OUT
            )
            return
        entity = Entity(one[0], one[1], label)
        # brat writes the surface on one line.
        there = " ".join(self._text[entity.start : entity.end].split("\n"))
        if surface and surface != there.replace("\r", "") and surface != there:
            hint = why_elsewhere(self._text, *one, surface)
            self._problem("surface", f"{name} says {surface!r}, the text there is {there!r}.", row, hint)
            return
        if found := misplaced(Document(self._name, self._text), entity, Place(str(self._path), row)):
            self._report(found)
            return
        if name in self._found:
            self._problem("annotation", f"{name} stands twice, again as {span!r}.", row, _TWICE)
            return
        self._found[name] = entity

    def _about(self, row: int, line: str) -> None:
        fields = line.split("\t")
        parts = fields[1].split(" ") if len(fields) > 1 else []
        target = parts[1] if len(parts) > 1 else ""
        if target not in self._found or line[0] in _OTHERS:
            self._left[_OTHERS.get(line[0], "annotation of no entity")] += 1
            return
        entity = self._found[target]
        if line[0] == "N" and len(parts) > 2:
            joined = "|".join(filter(None, (entity.concept_id, parts[2])))
            self._found[target] = replace(entity, concept_id=joined)
        elif line[0] == "A" and len(parts) == 2 and parts[0].lower() in FLAGS:
            flags = [*entity.attrs.get("flags", ()), parts[0].lower()]
            self._found[target] = replace(entity, attrs={**entity.attrs, "flags": flags})
        elif line[0] in "AM#":
            value: Any = fields[2] if line[0] == "#" and len(fields) > 2 else " ".join(parts[2:]) or True
            if line[0] == "#" and isinstance(before := entity.attrs.get(parts[0]), str):
                value = f"{before}\n{value}"  # a note of its own
            self._found[target] = replace(entity, attrs={**entity.attrs, parts[0]: value})
        else:
            message = f"expected a line such as 'A1<tab>…', found {line!r}."
            self._problem("annotation", message, row, warning=True)


_OTHERS = {"R": "relation", "*": "relation", "E": "event"}


def write_brat(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a new folder; an unlabeled document gets no ``.ann`` file, a label no white space."""
    lost, count = Losses(path, report, keeps=lambda name, value: bool(_about(name, value))), 0
    labels = lost.spelled("label", r"\s+", "brat has no white space in labels")
    concepts = lost.spelled("concept id", r"\s+", "brat has no white space in ids")
    with write_folder(path) as folder:
        for document in lost.noting(documents):
            written, file = shared.write_file(folder, document, lost)
            if written.entities is not None:
                lines = "".join(_lines_brat(written, labels, concepts))
                file.with_name(f"{file.name[:-4]}.ann").write_text(lines, encoding="utf-8", newline="\n")
            count += 1
    return count


_Spell = Callable[[str], str]


def _lines_brat(document: Document, labels: _Spell, ids: _Spell) -> Iterator[str]:
    concepts, attributes = 0, Counter[str]()
    for number, entity in enumerate(document.entities or (), start=1):
        label = labels(entity.label)
        surface = document.text[entity.start : entity.end].replace("\n", " ").replace("\r", "")
        yield f"T{number}\t{label} {entity.start} {entity.end}\t{surface}\n"
        for concept in filter(None, entity.concept_id.split("|")):
            concepts += 1
            yield f"N{concepts}\tReference T{number} {ids(concept)}\t{surface}\n"
        for name, value in entity.attrs.items():
            for kind, called, said in _about(name, value) if name != "text" else ():
                attributes[kind] += 1
                separated = "\t" if kind == "#" else " " * bool(said)
                yield f"{kind}{attributes[kind]}\t{called} T{number}{separated}{said}\n"


_NOTES = "AnnotatorNotes"
"""What brat calls the notes of people."""
_ONE_WORD = re.compile(r"\S+")
_UNWRITTEN = re.compile(r"[\t\r\x00]")
"""What ends a line or a column of brat."""


def _about(name: str, value: Any) -> list[tuple[str, str, str]]:
    """An attribute as brat has it: the kind of its lines, its name and value; empty where it has no place.

    ``A1 Negated T1``, ``A2 Confidence T1 High``, ``#1 AnnotatorNotes T1<tab>check this``.
    """
    if name == "flags":
        flags = value if isinstance(value, (list, tuple)) else ()
        return [("A", f.capitalize(), "") for f in flags if isinstance(f, str) and _ONE_WORD.fullmatch(f)]
    if not _ONE_WORD.fullmatch(name) or name.lower() in FLAGS:
        return []
    if value is True:
        return [("A", name, "")]
    if not isinstance(value, str) or not value.strip() or _UNWRITTEN.search(value):
        return []
    if name != _NOTES and _ONE_WORD.fullmatch(value):
        return [("A", name, value)]
    return [("#", name, line) for line in value.split("\n")]


BRAT = shared.Format("brat", (".ann",), read_brat, write_brat, folder=True)


# PubTator: title and abstract on a line each, then annotations
# (https://www.ncbi.nlm.nih.gov/research/pubtator).
#
# The text is the title, a line break and the abstract, so that offsets are those of the file. Relations
# have no place here and are counted.

_LINE = re.compile(r"([^|\t\n]{1,200})\|([ta])\|(.*)", re.DOTALL)
_BREAK = re.compile(r"[\r\n]")
_NO_ID = ("", "-", "-1")


@dataclass(slots=True)
class _Block:
    row: int
    doc_id: str
    title: str | None = None
    abstract: str | None = None
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read_pubtator(path: Path, report: Report) -> Iterator[Located]:
    others = Counter[str]()
    for block in _blocks(path, report):
        title = block.title or ""
        text = title if block.abstract is None else f"{title}\n{block.abstract}"
        entities = []
        for row, fields in block.rows:
            if len(fields) > 1 and not fields[1].lstrip("-").isdigit():
                others["relation"] += 1
            elif (entity := _entity(block.doc_id, text, fields, Place(str(path), row), report)) is not None:
                entities.append(entity)
                others["value of column 7"] += len(fields) > 6 and bool(fields[6].strip())
        yield Place(str(path), block.row), Document(block.doc_id, text, tuple(entities))
    shared.not_read(others, path, report)


def _blocks(path: Path, report: Report) -> Iterator[_Block]:
    block: _Block | None = None
    for row, line in read_rows(path, report, windows=True):
        found = _LINE.match(line)
        again = block is not None and found is not None and found[2] == "t" and block.title is not None
        if found is not None and (block is None or found[1] != block.doc_id or again):
            if block is not None:
                yield block
            block = _Block(row, found[1])
        if found is not None and block is not None:
            if found[2] == "t":
                block.title = found[3]
            else:
                block.abstract = found[3]
        elif block is not None and line.startswith(f"{block.doc_id}\t"):
            block.rows.append((row, line.split("\t")))
        elif line.strip():
            message = f"expected 'ID|t|title', 'ID|a|abstract' or an annotation, found {line[:60]!r}."
            report(Problem("row", message, Place(str(path), row)))
    if block is not None:
        yield block


def _entity(doc_id: str, text: str, fields: list[str], place: Place, report: Report) -> Entity | None:
    try:
        start, end, said, label = int(fields[1]), int(fields[2]), fields[3], fields[4]
    except (ValueError, IndexError):
        message = f"expected ID, start, end, text and type, found {fields[:6]}."
        report(Problem("annotation", message, place, doc_id))
        return None
    if said != (there := text[max(start, 0) : end].replace("\n", " ")):
        message = f"[{start}, {end}) says {said!r}, the text there is {there!r}."
        report(Problem("surface", message, place, doc_id, why_elsewhere(text, start, end, said)))
        return None
    concept = fields[5].strip() if len(fields) > 5 else ""
    return Entity(start, end, label, "" if concept in _NO_ID else concept)


def write_pubtator(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write the file whole or not at all; the title ends at the first line break."""
    lost = Losses(path, report)
    ids, why = lost.ids(r"[|\s\x00]+", "_"), "PubTator has no tabs and line breaks in them"
    labels, concepts = (lost.spelled(what, _UNFIT, why) for what in ("label", "concept id"))

    def lines(document: Document) -> Iterator[str]:
        return _lines_pubtator(document, ids(document.doc_id), labels, concepts, lost)

    return shared.write_each(path, lost.noting(documents), lines)


_UNFIT = r"[\t\r\n\x00]+"


def _lines_pubtator(
    document: Document, doc_id: str, labels: _Spell, concepts: _Spell, lost: Losses
) -> Iterator[str]:
    title, cut, abstract = without_nul(document, lost.path).text.partition("\n")
    if _BREAK.search(title + abstract):
        lost.note("further line breaks, written as spaces,")
    for kind, part in (("t", title), ("a", abstract)):
        if kind == "t" or cut:
            yield f"{doc_id}|{kind}|{_BREAK.sub(' ', part)}\n"
    if document.entities is None:
        lost.note("that nobody annotated it")
    for e in document.entities or ():
        said = _BREAK.sub(" ", document.text[e.start : e.end])
        if "\t" in said:
            lost.entities(document, [e], "a tab separates the columns")
            continue
        concept = concepts(e.concept_id) if e.concept_id else "-"
        yield f"{doc_id}\t{e.start}\t{e.end}\t{said}\t{labels(e.label)}\t{concept}\n"
    yield "\n"


PUBTATOR = shared.Format(
    "pubtator",
    (".pubtator", ".pubtator.gz"),
    read_pubtator,
    write_pubtator,
    # A record of JSON may hold such a line.
    sniff=lambda name, head: re.match(r"(?![\[{])[^|\t\n]{1,200}\|t\|", head.lstrip()) is not None,
)


# References as PubMed and others export them: MEDLINE (``PMID- 1``, ``AB  - …``) and RIS (``TY  - JOUR``).
#
# The text is the title, a line break and the abstract, as in PubTator. A field goes on in lines that begin
# with white space, or with no field.

_OF_MEDLINE, _OF_RIS = re.compile(r"([A-Z][A-Z0-9 ]{3})-(.*)"), re.compile(r"([A-Z][A-Z0-9]) {1,2}-(.*)")
"""Beginnings of fields: "PMID- 1", "AB  - Gout …"; in RIS "HIV - negative" goes on with an abstract."""
_TITLES, _ABSTRACTS, _REF_IDS = ("TI", "T1", "BTI"), ("AB", "N2"), ("PMID", "ID", "AN", "DO", "LID")
_BEGINS = ("PMID", "TY")


def read_references(path: Path, report: Report) -> Iterator[Located]:
    others, alone = Counter[str](), 0
    for number, (row, fields) in enumerate(_references(path, report), start=1):
        place = Place(str(path), row)
        parts = [
            next((fields[name] for name in names if name in fields), "") for names in (_TITLES, _ABSTRACTS)
        ]
        text = "\n".join(filter(None, parts))
        if not text:
            report(Problem("text", "a reference without title and abstract.", place, hint="Export it again."))
            continue
        alone += not parts[1]
        others.update(name for name in fields if name not in (*_TITLES, *_ABSTRACTS, *_REF_IDS, *_BEGINS))
        doc_id = next((fields[name] for name in _REF_IDS if fields.get(name)), str(number))
        yield place, Document(doc_id, text)
    shared.not_read(Counter({"other field of the references": others.total()}), path, report)
    if alone:
        said = f"{quantity(alone, 'reference')} without an abstract: the title alone is the text."
        report(Problem("no abstract", said, Place(str(path)), warning=True))


def _references(path: Path, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """Each reference: its row, and its fields; of several of one name the first."""
    begun, fields, last, field = 0, dict[str, str](), "", _OF_MEDLINE
    for row, line in read_rows(path, report, windows=True):
        field = _OF_RIS if line.startswith("TY ") else _OF_MEDLINE if line.startswith("PMID-") else field
        found = field.fullmatch(line.rstrip())
        name, said = (found[1].strip(), found[2].strip()) if found else ("", line.strip())
        if name in _BEGINS and fields:
            yield begun, fields
            fields = {}
        if not fields:
            begun = row
        if name:
            again = name in fields
            last = name if not again or name in _ABSTRACTS else ""
            fields[name] = f"{fields[name]} {said}" if again and last else fields.get(name, said)
        elif said and last:
            fields[last] = f"{fields[last]} {said}".strip()
    if fields:
        yield begun, fields


REFERENCES = shared.Format(
    "references",
    (".nbib", ".ris"),
    read_references,
    shared.read_only,
    sniff=lambda name, head: re.match(r"(?:PMID- \d|TY  - [A-Z])", head.lstrip("\ufeff\r\n ")) is not None,
)


# HL7 version 2: what observations and notes of a message say in words (OBX of type TX, FT and ST, NTE).
#
# A message begins with MSH, which says what stands between fields; segments end at a carriage return.

_WORDED = ("TX", "FT", "ST")
_ESCAPED = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n", ".sp": "\n", "H": "", "N": ""}
_ESCAPE = re.compile(r"\\(F|S|T|R|E|H|N|\.br|\.sp|X[0-9A-F]{2,})\\")


def read_messages(path: Path, report: Report) -> Iterator[Located]:
    others, number, used = Counter[str](), 0, set[str]()
    text = read_text(path, report, windows=True) or ""
    segments = [line.strip("\x0b\x1c") for line in re.split(r"\r\n|\r|\n", text)]
    starts = [at for at, line in enumerate(segments) if line.startswith("MSH")]
    for number, (begin, end) in enumerate(zip(starts, [*starts[1:], len(segments)], strict=True), start=1):
        place = Place(str(path), begin + 1)
        said, doc_id = _message(segments[begin:end], others)
        if not said:
            report(Problem("text", "a message that says nothing in words.", place, warning=True))
            continue
        doc_id = doc_id if doc_id and doc_id not in used else f"{doc_id} {number}".strip()
        used.add(doc_id)
        yield place, Document(doc_id, said)
    shared.not_read(others, path, report)


def _message(segments: Sequence[str], others: Counter[str]) -> tuple[str, str]:
    """The words of a message, a line for each of its parts, and its id."""
    mark, repeated = segments[0][3:4] or "|", segments[0][5:6] or "~"
    lines = []
    for segment in segments:
        kind, *fields = segment.split(mark)
        words = fields[4:5] if kind == "OBX" and fields[1:2] and fields[1] in _WORDED else []
        words = fields[2:3] if kind == "NTE" else words
        lines += [_spelled(part) for word in words for part in word.split(repeated)]
        others[f"segment of kind {kind}"] += (
            bool(kind) and not words and kind not in ("MSH", "BTS", "FTS", "BHS", "FHS")
        )
    header = segments[0].split(mark)
    return "\n".join(lines).strip("\n"), header[9].strip() if len(header) > 9 else ""


def _spelled(words: str) -> str:
    return _ESCAPE.sub(
        lambda found: (
            _ESCAPED.get(found[1]) or bytes.fromhex(found[1][1:] * (found[1][0] == "X")).decode("latin-1")
        ),
        words,
    )


MESSAGES = shared.Format(
    "hl7",
    (".hl7",),
    read_messages,
    shared.read_only,
    sniff=lambda name, head: (
        re.match(r"\x0b?(?:FHS|BHS|MSH)([^\w\s])[^\w\s]{3,5}\1", head.lstrip("\ufeff\r\n ")) is not None
    ),
)


# Plain text: a folder of ``.txt`` files, or one such file, one document a file.


def read_txt(path: Path, report: Report) -> Iterator[Located]:
    """A document a file, named by its path inside the folder, without suffix."""
    for name, file in shared.text_files(path):
        text = shared.read_file(file, report)
        if text is not None:
            filled = [line for line in text.split("\n", 200)[:200] if line.strip()]
            if len(filled) >= 2 and 2 * sum(bool(_TAGGED.search(line)) for line in filled) >= len(filled):
                said = "words with tags such as B-Disease, in no form that is known, are read as text."
                hint = "Write a token and its tag a line (CoNLL)."
                report(Problem("not read", said, Place(str(file)), name, hint, warning=True))
            if told := next((what for begins, what in _SEVERAL if begins.match(text)), ""):
                said = f"it looks like {told}: read as one text, with all that stands in it."
                hint = "Give each text by itself, or a table with a column 'text'."
                report(Problem("several", said, Place(str(file)), name, hint, warning=True))
            yield Place(str(file)), Document(name, text)


_SEVERAL = (
    (re.compile(r"From \S+ [^\n]*\d{4}\r?\n[\w-]+: "), "a mailbox (mbox)"),
    (re.compile(r"\s*1\r?\n\d\d:\d\d:\d\d,\d{3} --> |\s*WEBVTT"), "subtitles"),
    (re.compile(r"(?i)\s*@[a-z]+\s*\{[^\n{}]*,\s*\n?\s*\w+\s*="), "references (BibTeX)"),
    (re.compile(r"\s*<\?xml|\s*<![A-Z]"), "XML"),
    (re.compile(r"\s*# Dicom-File-Format|(?:.*\n){0,4}\(\d{4},\w{4}\) [A-Z]{2} "), "a dump of DICOM"),
    (
        re.compile(
            r"(?i)[^\n|;\t]*[|;\t](?:[^\n|;\t]*[|;\t])*\"?(?:report_?|note_?)?text\"?(?:[|;\t][^\n]*)?\r?\n"
        ),
        "a table",
    ),
)
"""How texts begin that are several in one file, or hold more than text."""
_TAGGED = re.compile(r"(?<![^\s/_|])[BIES]-[A-Z][\w-]*(?![^\s/|])")
"""``B-Disease`` in "heart/B-Disease", "heart|B-Disease" and "B-Disease heart"; also "B-Cell", so several."""


def write_txt(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a new folder; annotations cannot be kept and are reported."""
    lost, count = Losses(path, report, concepts=True), 0
    with write_folder(path) as folder:
        for document in lost.noting(documents):
            lost.entities(document, document.entities or (), "plain text keeps no annotations")
            shared.write_file(folder, replace(document, entities=None), lost)
            count += 1
    return count


TXT = shared.Format("txt", (".txt",), read_txt, write_txt, folder=True, is_text=True)
