"""brat standoff: a folder of ``.txt`` files, each with an ``.ann`` file beside it.

https://brat.nlplab.org/standoff.html. Text-bound annotations (T) and normalizations (N) are read, notes
(#) and attributes (A, M) are kept with their entity; events and relations have no place here and are counted,
discontinuous spans are reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from hybrid_ner.corpus.document import FLAGS, Document, Entity, Located
from hybrid_ner.corpus.formats.shared import (
    LostData,
    lost_entities,
    read_file,
    text_file,
    text_files,
    write_file,
)
from hybrid_ner.io import Place, Problem, Report, write_folder


def read(path: Path, report: Report) -> Iterator[Located]:
    """A document a text file; one without ``.ann`` is unlabeled."""
    files, left = dict(text_files(path)), Counter[str]()
    for orphan in sorted(path.rglob("*.ann")) if path.is_dir() else ():
        if not orphan.with_suffix(".txt").exists():
            report(Problem("no text", "there is no .txt file beside this one.", Place(str(orphan))))
    for name, file in files.items():
        notes = file.with_name(f"{file.name[:-4]}.ann")
        # An empty text with annotations beside it was meant to be one.
        text = "" if notes.exists() and not file.stat().st_size else read_file(file, report)
        if text is None:
            continue
        entities = None
        if notes.exists():
            entities = _Annotations(text, name, notes, report, left).entities if notes.stat().st_size else ()
        yield Place(str(notes if notes.exists() else file)), Document(name, text, entities)
    if left:
        counted = ", ".join(f"{count:,} {what}" for what, count in left.most_common())
        message = f"left out, as they have no place here: {counted}."
        report(Problem("not read", message, Place(str(path)), warning=True))


class _Annotations:
    """The entities of one ``.ann`` file."""

    def __init__(self, text: str, name: str, path: Path, report: Report, left: Counter[str]) -> None:
        self._text, self._name, self._path, self._report = text, name, path, report
        self._left = left
        self._found: dict[str, Entity] = {}
        rows = (read_file(path, report) or "").split("\n")
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

    def _problem(self, kind: str, message: str, row: int, *, warning: bool = False) -> None:
        place = Place(str(self._path), row)
        self._report(Problem(kind, message, place, self._name, warning=warning))

    def _mention(self, row: int, line: str) -> None:
        name, _, rest = line.partition("\t")
        span, _, surface = rest.partition("\t")
        if ";" in span:
            self._problem("discontinuous", f"{name} has several parts: {span!r}; only one is possible.", row)
            return
        try:
            label, start, end = span.split(" ")
            entity = Entity(int(start), int(end), label)
        except ValueError:
            self._problem("annotation", f"expected 'T1<tab>Label 0 4<tab>text', found {line!r}.", row)
            return
        # brat writes the surface on one line.
        there = " ".join(self._text[entity.start : entity.end].split("\n"))
        if surface and surface != there.replace("\r", "") and surface != there:
            self._problem("surface", f"{name} says {surface!r}, the text there is {there!r}.", row)
            return
        self._found[name] = entity

    def _about(self, row: int, line: str) -> None:
        fields = line.split("\t")
        parts = fields[1].split(" ") if len(fields) > 1 else []
        target = parts[1] if len(parts) > 1 else ""
        if target not in self._found or line[0] in _OTHERS:
            self._left[_OTHERS.get(line[0], "annotations of no entity")] += 1
            return
        entity = self._found[target]
        if line[0] == "N" and len(parts) > 2:
            joined = "|".join(filter(None, (entity.concept_id, parts[2])))
            self._found[target] = replace(entity, concept_id=joined)
        elif line[0] == "A" and len(parts) == 2 and parts[0].lower() in FLAGS:
            flags = [*entity.attrs.get("flags", ()), parts[0].lower()]
            self._found[target] = replace(entity, attrs={**entity.attrs, "flags": flags})
        elif line[0] in "AM#":
            value = fields[2] if line[0] == "#" and len(fields) > 2 else " ".join(parts[2:]) or True
            self._found[target] = replace(entity, attrs={**entity.attrs, parts[0]: value})
        else:
            self._problem(
                "annotation", f"expected a line such as 'A1<tab>…', found {line!r}.", row, warning=True
            )


_OTHERS = {"R": "relations", "*": "relations", "E": "events"}


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a new folder; an unlabeled document gets no ``.ann`` file."""
    lost, count = LostData(flags=False), 0
    with write_folder(path) as folder:
        for document in documents:
            written = write_file(folder, document, lost, path, report)
            if written.entities is not None:
                lines = "".join(_lines(written, path, report))
                file = text_file(folder, written)
                file.with_name(f"{file.name[:-4]}.ann").write_text(lines, encoding="utf-8", newline="\n")
            lost.add(document)
            count += 1
    lost.warn(path, report)
    return count


def _lines(document: Document, path: Path, report: Report) -> Iterator[str]:
    concepts = number = flags = 0
    for entity in document.entities or ():
        if not entity.label or any(map(str.isspace, entity.label)):
            lost_entities(document, [entity], "a brat label holds no white space", path, report)
            continue
        number += 1
        surface = document.text[entity.start : entity.end].replace("\n", " ").replace("\r", "")
        yield f"T{number}\t{entity.label} {entity.start} {entity.end}\t{surface}\n"
        for concept in filter(None, entity.concept_id.split("|")):
            concepts += 1
            yield f"N{concepts}\tReference T{number} {concept}\t{surface}\n"
        for flag in entity.attrs.get("flags", ()):
            flags += 1
            yield f"A{flags}\t{flag.capitalize()} T{number}\n"
