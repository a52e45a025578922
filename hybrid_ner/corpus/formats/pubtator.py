"""PubTator: title and abstract on a line each, then annotations (https://www.ncbi.nlm.nih.gov/research/pubtator).

The text is the title, a line break and the abstract, so that offsets are those of the file. Relations have no
place here and are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.shared import LostData, lost_entities
from hybrid_ner.io import Place, Problem, Report, read_rows, write_text
from hybrid_ner.text import quantity

_LINE = re.compile(r"([^|\t\n]{1,200})\|([ta])\|(.*)", re.DOTALL)
_BREAK = re.compile(r"[\r\n]")
_NO_ID = ("", "-", "-1")


def sniff(name: str, head: str) -> bool:
    """Whether it begins with a title."""
    found = _LINE.match(head.lstrip().partition("\n")[0])
    return found is not None and found[2] == "t"


@dataclass(slots=True)
class _Block:
    row: int
    doc_id: str
    title: str = ""
    abstract: str | None = None
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file."""
    relations = 0
    for block in _blocks(path, report):
        text = block.title if block.abstract is None else f"{block.title}\n{block.abstract}"
        entities = []
        for row, fields in block.rows:
            if len(fields) > 1 and not fields[1].lstrip("-").isdigit():
                relations += 1
            elif (entity := _entity(block.doc_id, text, fields, Place(str(path), row), report)) is not None:
                entities.append(entity)
        yield Place(str(path), block.row), Document(block.doc_id, text, tuple(entities))
    if relations:
        message = f"{quantity(relations, 'relation')} left out, as they have no place here."
        report(Problem("not read", message, Place(str(path)), warning=True))


def _blocks(path: Path, report: Report) -> Iterator[_Block]:
    block: _Block | None = None
    for row, line in read_rows(path, report):
        found = _LINE.match(line)
        if found is not None and (block is None or found[1] != block.doc_id):
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
        report(
            Problem("surface", f"[{start}, {end}) says {said!r}, the text there is {there!r}.", place, doc_id)
        )
        return None
    concept = fields[5].strip() if len(fields) > 5 else ""
    return Entity(start, end, label, "" if concept in _NO_ID else concept)


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write the file whole or not at all; the title ends at the first line break."""
    count, lost = 0, LostData()
    with write_text(path) as handle:
        for document in documents:
            handle.writelines(_lines(document, path, lost, report))
            lost.add(document)
            count += 1
    lost.warn(path, report)
    return count


def _lines(document: Document, path: Path, lost: LostData, report: Report) -> Iterator[str]:
    doc_id = re.sub(r"[|\s]+", "_", document.doc_id)
    if doc_id != document.doc_id:
        message = f"document id {document.doc_id!r} is written as {doc_id!r}."
        report(Problem("id", message, Place(str(path)), document.doc_id, warning=True))
    title, cut, abstract = document.text.partition("\n")
    if _BREAK.search(title + abstract):
        lost.note("further line breaks, written as spaces,")
    for kind, part in (("t", title), ("a", abstract)):
        if kind == "t" or cut:
            yield f"{doc_id}|{kind}|{_BREAK.sub(' ', part)}\n"
    if document.entities is None:
        lost.note("that nobody annotated it")
    for e in document.entities or ():
        said = _BREAK.sub(" ", document.text[e.start : e.end])
        if "\t" in said + e.label:
            lost_entities(document, [e], "a tab separates the columns", path, report)
            continue
        yield f"{doc_id}\t{e.start}\t{e.end}\t{said}\t{e.label}\t{e.concept_id or '-'}\n"
    yield "\n"
