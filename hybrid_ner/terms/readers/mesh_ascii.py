"""MeSH ASCII files (``d2024.bin``, ``c2024.bin``): ``*NEWRECORD`` blocks of ``TAG = value`` lines.

A supplementary record names the headings it is mapped to: they are its parents and give its trees where the
descriptor file was read before it (a folder or archive with both); alone it has only its semantic types.
Format: https://www.nlm.nih.gov/mesh/dtype.html and https://www.nlm.nih.gov/mesh/ctype.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from hybrid_ner.terms.readers.base import Reader, prefix_label, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.mesh_xml import LEXICAL_TAGS, TREE_LABELS, MeshOptions, tree_parents
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.umls import SEMANTIC_LABELS
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER"]

_NAMES = frozenset({"MH", "NM"})
_ENTRIES = frozenset({"ENTRY", "PRINT ENTRY", "SY"})
_OTHER_CONCEPT = frozenset({"NRW", "BRD", "REL"})
"""How an entry of another concept relates to the preferred one; those of the preferred one say ``EQV``."""


@dataclass(slots=True)
class _Record:
    row: int
    ui: str = ""
    names: list[tuple[int, str]] = field(default_factory=list)
    entries: list[tuple[int, str]] = field(default_factory=list)
    trees: list[str] = field(default_factory=list)
    semantic: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


def _read(files: Files, options: MeshOptions, recorder: Recorder) -> Iterator[Term]:
    trees: dict[str, tuple[str, ...]] = {}
    named: dict[str, str] = {}
    for name in _descriptors_first(files):
        for record in _records(files, name, recorder):
            above = [named[heading] for heading in record.headings if heading in named]
            mapped = [tree for ui in above for tree in trees[ui]]
            if not record.headings:
                trees[record.ui] = tuple(record.trees)
                named.update((text, record.ui) for _, text in record.names)
            recorder.parent(f"MESH:{record.ui}", (f"MESH:{ui}" for ui in above))
            yield from _terms(record, record.trees or mapped or record.semantic, options, recorder)
    tree_parents(trees, recorder)


def _descriptors_first(files: Files) -> list[str]:
    names = files.find("d[0-9]*.bin", "c[0-9]*.bin")
    return sorted(names, key=lambda name: PurePosixPath(name).name.lower().startswith("c"))


def _records(files: Files, name: str, recorder: Recorder) -> Iterator[_Record]:
    record: _Record | None = None
    for row, line in text_lines(files, name, recorder):
        if line.startswith("*NEWRECORD"):
            if record:
                yield record
            record = _Record(row)
            recorder.report.rows += 1
        elif line.strip():
            tag, equals, value = line.partition(" =")
            if not equals or record is None:
                recorder.bad("no TAG = value line in a record", row, line)
            else:
                _note(record, tag.strip(), value.strip(), row)
    if record:
        yield record


def _note(record: _Record, tag: str, value: str, row: int) -> None:
    if tag == "UI":
        record.ui = value
    elif tag in _NAMES:
        record.names.append((row, value))
    elif tag in _ENTRIES:
        record.entries.append((row, value))
    elif tag == "MN":
        record.trees.append(value)
    elif tag == "ST":
        record.semantic.append(value)
    elif tag == "HM":
        # A star marks a major heading, and a qualifier may follow: "*Lung Neoplasms/genetics".
        record.headings.append(value.partition("/")[0].lstrip("*"))


def _terms(record: _Record, types: Sequence[str], options: MeshOptions, recorder: Recorder) -> Iterator[Term]:
    """The strings of a record, labeled by its trees or semantic types."""
    if not record.ui or not record.names:
        shown = record.names[0][1] if record.names else record.ui or "empty record"
        recorder.bad("record without an id or a name", record.row, shown)
        return
    label = prefix_label(types, recorder)
    if not label or (options.trees and not any(t.startswith(options.trees) for t in types)):
        recorder.skip(NOT_WANTED, record.row, f"{record.ui} {record.names[0][1]} ({', '.join(types[:3])})")
        return
    concept = f"MESH:{record.ui}"
    strings: list[tuple[int, str, TermStatus]] = [(row, text, "preferred") for row, text in record.names]
    for row, value in record.entries:
        text, *notes = value.split("|")
        if options.concepts == "preferred" and not _OTHER_CONCEPT.isdisjoint(notes):
            recorder.skip("not the preferred concept", row, text)
            continue
        status: TermStatus = next((LEXICAL_TAGS[n] for n in notes if n in LEXICAL_TAGS), "synonym")
        strings.append((row, text, status))
    for row, text, status in strings:
        if options.max_length and len(text) > options.max_length:
            recorder.skip("too long", row, text)
        elif term := recorder.term(text, row, label, concept, status):
            yield term


def _sniff(name: str, head: bytes) -> bool:
    return head.startswith(b"*NEWRECORD")


READER = Reader(
    "mesh-ascii",
    "MeSH ASCII descriptor and supplementary files",
    _read,
    _sniff,
    MeshOptions,
    members=("d[0-9]*.bin", "c[0-9]*.bin"),
    label_map={**TREE_LABELS, **SEMANTIC_LABELS},
    source="MeSH",
)
