"""MeSH, as XML and as ASCII files, and CTD's vocabularies, whose concepts are those of MeSH."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers.base import Files, Options, Reader, Recorder, Term, looks, option, text_lines
from hybrid_ner.terms.readers.streams import child, children, inside, records, value
from hybrid_ner.terms.readers.umls import SEMANTIC_LABELS

# MeSH descriptor and supplementary record XML, every concept of a record.
#
# Trees of a supplementary record are those of the headings it is mapped to, where the descriptor file
# was read before it (a folder or archive with both); alone it has only its class (``SCR1`` chemicals,
# ``SCR3`` diseases). Format: https://www.nlm.nih.gov/mesh/xml_data_elements.html

TREE_LABELS = {
    "C": "Disease",
    "F03": "Disease",
    "D": "Chemical",
    **dict.fromkeys(("D08", "D12", "D23", "D25", "D26", "D27"), ""),
    "SCR1": "Chemical",
    "SCR3": "Disease",
}
"""Tree → label: proteins, enzymes, roles and mixtures are left out, which was measured to raise F1."""

_LEXICAL_TAGS: dict[str, str] = {
    **dict.fromkeys(("ABB", "ABX", "ACR", "ACX"), "abbreviation"),
    "TRD": "brand",
}
"""LexicalTag of a MeSH term → status."""


@dataclass(frozen=True, slots=True)
class MeshOptions(Options):
    trees: tuple[str, ...] = option((), "tree prefixes to keep where one label is given, for example C,F03")
    concepts: str = option(
        "all", "all, or preferred for the preferred concept only", choices=("all", "preferred")
    )
    max_length: int = option(0, "longest string in characters; 0 for any")


def _read_xml(files: Files, options: MeshOptions, recorder: Recorder) -> Iterator[Term]:
    trees: dict[str, tuple[str, ...]] = {}
    for name in sorted(files.find("desc*.xml", "supp*.xml")):
        for number, record in records(files, name, recorder, {"DescriptorRecord", "SupplementalRecord"}):
            yield from _terms_xml(number, record, trees, options, recorder)
    tree_parents(trees, recorder)


def _terms_xml(
    number: int, record: Element, trees: dict[str, tuple[str, ...]], options: MeshOptions, recorder: Recorder
) -> Iterator[Term]:
    supplementary = record.tag == "SupplementalRecord"
    kind = "SupplementalRecord" if supplementary else "Descriptor"
    ui, name = value(record, f"{kind}UI"), value(record, f"{kind}Name", "String")
    if not ui or not name:
        recorder.bad("record without an id or a name", number, f"{ui} {name}".strip() or "empty record")
        return
    if supplementary:
        # A star marks a major heading and is no part of its id.
        mapped_to = inside(record, "HeadingMappedToList")
        headings = [value(one, "DescriptorReferredTo", "DescriptorUI").lstrip("*") for one in mapped_to]
        recorder.parent(f"MESH:{ui}", (f"MESH:{heading}" for heading in headings))
        mapped = tuple(t for h in headings for t in trees.get(h, ()))
        types = mapped or (f"SCR{record.get('SCRClass', '')}",)
    else:
        types = tuple(value(tree) for tree in inside(record, "TreeNumberList"))
        trees[ui] = types
    if label := _label(number, ui, name, types, options, recorder):
        yield from _given(_strings(number, record, ui, options, recorder), ui, label, options, recorder)


def _label(
    row: int, ui: str, name: str, types: Sequence[str], options: MeshOptions, recorder: Recorder
) -> str:
    """Label of a record by its trees or semantic types; empty for one that is left out, which is counted."""
    shown = f"{ui} {name} ({', '.join(types[:3])})"
    if options.trees and not any(t.startswith(options.trees) for t in types):
        recorder.not_wanted(row, shown)
        return ""
    return recorder.wanted(types, row, shown, by_prefix=True)


_String = tuple[int, str, str]


def _given(
    strings: Iterable[_String], ui: str, label: str, options: MeshOptions, recorder: Recorder
) -> Iterator[Term]:
    for row, text, status in strings:
        if options.max_length and len(text) > options.max_length:
            recorder.skip("too long", row, text)
        else:
            yield from recorder.terms(text, row, label, f"MESH:{ui}", status)


def _strings(
    number: int, record: Element, ui: str, options: MeshOptions, recorder: Recorder
) -> Iterator[_String]:
    for part in inside(record, "ConceptList"):
        if options.concepts == "preferred" and part.get("PreferredConceptYN") != "Y":
            recorder.skip("not the preferred concept", number, value(part, "ConceptName", "String"))
            continue
        listed = child(part, "TermList")
        for string in children(part if listed is None else listed, "Term"):
            text = value(string, "String")
            if not text:
                recorder.bad("term without a string", number, f"MESH:{ui}")
                continue
            status = _LEXICAL_TAGS.get(string.get("LexicalTag", ""), "synonym")
            yield number, text, "preferred" if string.get("RecordPreferredTermYN") == "Y" else status


def tree_parents(trees: dict[str, tuple[str, ...]], recorder: Recorder) -> None:
    """Parents of descriptors from their tree numbers."""
    owner = {tree: ui for ui, numbers in trees.items() for tree in numbers}
    for ui, numbers in trees.items():
        above = (owner.get(tree.rpartition(".")[0]) for tree in numbers)
        recorder.parent(f"MESH:{ui}", (f"MESH:{parent}" for parent in above if parent))


XML = Reader(
    "mesh-xml",
    "MeSH descriptor and supplementary XML",
    _read_xml,
    looks(holds=(b"<DescriptorRecordSet", b"<SupplementalRecordSet")),
    MeshOptions,
    members=("desc*.xml", "supp*.xml"),
    label_map=TREE_LABELS,
    source="MeSH",
)


# MeSH ASCII files (``d2024.bin``, ``c2024.bin``): ``*NEWRECORD`` blocks of ``TAG = value`` lines.
#
# A supplementary record names the headings it is mapped to: they are its parents and give its trees where the
# descriptor file was read before it (a folder or archive with both); alone it has only its semantic types.
# Format: https://www.nlm.nih.gov/mesh/dtype.html and https://www.nlm.nih.gov/mesh/ctype.html


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

    def note(self, tag: str, value: str, row: int) -> None:
        if tag == "UI":
            self.ui = value
        elif tag in ("MH", "NM"):
            self.names.append((row, value))
        elif tag in ("ENTRY", "PRINT ENTRY", "SY"):
            self.entries.append((row, value))
        elif tag == "MN":
            self.trees.append(value)
        elif tag == "ST":
            self.semantic.append(value)
        elif tag == "HM":
            # A star marks a major heading, and a qualifier may follow: "*Lung Neoplasms/genetics".
            self.headings.append(value.partition("/")[0].lstrip("*"))


def _read_ascii(files: Files, options: MeshOptions, recorder: Recorder) -> Iterator[Term]:
    trees: dict[str, tuple[str, ...]] = {}
    named: dict[str, str] = {}
    found = files.find("d[0-9]*.bin", "c[0-9]*.bin")
    for name in sorted(found, key=lambda name: PurePosixPath(name).name.lower().startswith("c")):
        for record in _records(files, name, recorder):
            above = [named[heading] for heading in record.headings if heading in named]
            mapped = [tree for ui in above for tree in trees[ui]]
            if not record.headings:
                trees[record.ui] = tuple(record.trees)
                named.update((text, record.ui) for _, text in record.names)
            recorder.parent(f"MESH:{record.ui}", (f"MESH:{ui}" for ui in above))
            yield from _terms_ascii(record, record.trees or mapped or record.semantic, options, recorder)
    tree_parents(trees, recorder)


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
                record.note(tag.strip(), value.strip(), row)
    if record:
        yield record


def _terms_ascii(
    record: _Record, types: Sequence[str], options: MeshOptions, recorder: Recorder
) -> Iterator[Term]:
    """The strings of a record, labeled by its trees or semantic types."""
    if not record.ui or not record.names:
        shown = record.names[0][1] if record.names else record.ui or "empty record"
        recorder.bad("record without an id or a name", record.row, shown)
        return
    if label := _label(record.row, record.ui, record.names[0][1], types, options, recorder):
        strings: list[_String] = [(row, text, "preferred") for row, text in record.names]
        for row, entry in record.entries:
            text, *notes = entry.split("|")
            if options.concepts == "preferred" and not _OTHER_CONCEPT.isdisjoint(notes):
                recorder.skip("not the preferred concept", row, text)
            else:
                tags = [_LEXICAL_TAGS[note] for note in notes if note in _LEXICAL_TAGS]
                strings.append((row, text, tags[0] if tags else "synonym"))
        yield from _given(strings, record.ui, label, options, recorder)


ASCII = Reader(
    "mesh-ascii",
    "MeSH ASCII descriptor and supplementary files",
    _read_ascii,
    looks(begins=b"*NEWRECORD"),
    MeshOptions,
    members=("d[0-9]*.bin", "c[0-9]*.bin"),
    label_map={**TREE_LABELS, **SEMANTIC_LABELS},
    source="MeSH",
)


# Comparative Toxicogenomics Database vocabularies (``CTD_chemicals``, ``CTD_diseases``), CSV or TSV.
#
# The header is a comment: the line after ``# Fields:``. Files: https://ctdbase.org/downloads/

_KINDS = {"ChemicalName": "Chemical", "DiseaseName": "Disease"}
_CHEMICAL_FIELDS = (
    *("ChemicalName", "ChemicalID", "CasRN", "Definition"),
    *("ParentIDs", "TreeNumbers", "ParentTreeNumbers", "Synonyms"),
)


@dataclass(frozen=True, slots=True)
class CtdOptions(Options):
    synonyms: bool = option(True, "also give the synonyms")


def _read_ctd(files: Files, options: CtdOptions, recorder: Recorder) -> Iterator[Term]:
    for name in files.find("ctd_chemicals.*", "ctd_diseases.*"):
        fields: Sequence[str] = ()
        for row, line in text_lines(files, name, recorder, or_cp1252=True):
            if line.startswith("#"):
                candidate = _cells(line.lstrip("# "))
                fields = candidate if candidate and candidate[0] in _KINDS else fields
            elif line.strip():
                recorder.report.rows += 1
                yield from _terms_ctd(row, line, fields or _CHEMICAL_FIELDS, options, recorder)


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _terms_ctd(
    row: int, line: str, fields: Sequence[str], options: CtdOptions, recorder: Recorder
) -> Iterator[Term]:
    cells = _cells(line)
    if len(cells) != len(fields):
        recorder.bad("wrong number of columns", row, f"{len(cells)} instead of {len(fields)}: {line[:80]}")
        return
    values = dict(zip(fields, cells, strict=True))
    text, concept = cells[0], cells[1]
    if not text or not concept:
        recorder.bad("no name or no id", row, line[:80])
        return
    if not (label := recorder.wanted([_KINDS[fields[0]]], row, text)):
        return
    recorder.parent(concept, filter(None, values.get("ParentIDs", "").split("|")))
    yield from recorder.terms(text, row, label, concept, "preferred")
    # In newer files two columns hold them, ``MESHSynonyms`` and ``CTDCuratedSynonyms``.
    cells = [cell for field, cell in values.items() if field.endswith("Synonyms") and options.synonyms]
    for synonym in filter(None, dict.fromkeys(synonym for cell in cells for synonym in cell.split("|"))):
        yield from recorder.terms(synonym, row, label, concept)


CTD = Reader(
    "ctd",
    "CTD chemical and disease vocabularies",
    _read_ctd,
    lambda name, head: b"ctdbase.org" in head or (name.startswith("ctd_") and head.startswith(b"#")),
    CtdOptions,
    members=("ctd_chemicals.*", "ctd_diseases.*"),
    label_map={kind: kind for kind in _KINDS.values()},
    source="CTD",
)
