"""MeSH descriptor and supplementary record XML, every concept of a record.

Trees of a supplementary record are those of the headings it is mapped to, where the descriptor file
was read before it (a folder or archive with both); alone it has only its class (``SCR1`` chemicals,
``SCR3`` diseases). Format: https://www.nlm.nih.gov/mesh/xml_data_elements.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers.base import Options, Reader, option, prefix_label
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import child, children, inside, records, value
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["LEXICAL_TAGS", "READER", "TREE_LABELS", "MeshOptions", "tree_parents"]

TREE_LABELS = {
    "C": "Disease",
    "F03": "Disease",
    "D": "Chemical",
    **dict.fromkeys(("D08", "D12", "D23", "D25", "D26", "D27"), ""),
    "SCR1": "Chemical",
    "SCR3": "Disease",
}
"""Tree → label: proteins, enzymes, roles and mixtures are left out, which was measured to raise F1."""

LEXICAL_TAGS: dict[str, TermStatus] = {
    **dict.fromkeys(("ABB", "ABX", "ACR", "ACX"), "abbreviation"),
    "TRD": "brand",
}
"""LexicalTag of a MeSH term → status."""

_RECORDS = frozenset({"DescriptorRecord", "SupplementalRecord"})


@dataclass(frozen=True, slots=True)
class MeshOptions(Options):
    """Options of MeSH files."""

    trees: tuple[str, ...] = option((), "tree prefixes to keep where one label is given, for example C,F03")
    concepts: str = option(
        "all", "all, or preferred for the preferred concept only", choices=("all", "preferred")
    )
    max_length: int = option(0, "longest string in characters; 0 for any")


@dataclass(slots=True)
class _Trees:
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _read(files: Files, options: MeshOptions, recorder: Recorder) -> Iterator[Term]:
    trees = _Trees()
    for name in sorted(files.find("desc*.xml", "supp*.xml")):
        for number, record in records(files, name, recorder, _RECORDS):
            yield from _terms(number, record, trees, options, recorder)
    tree_parents(trees.of, recorder)


def _terms(
    number: int, record: Element, trees: _Trees, options: MeshOptions, recorder: Recorder
) -> Iterator[Term]:
    supplementary = record.tag == "SupplementalRecord"
    kind = "SupplementalRecord" if supplementary else "Descriptor"
    ui, name = value(record, f"{kind}UI"), value(record, f"{kind}Name", "String")
    if not ui or not name:
        recorder.bad("record without an id or a name", number, f"{ui} {name}".strip() or "empty record")
        return
    if supplementary:
        headings = _headings(record)
        recorder.parent(f"MESH:{ui}", (f"MESH:{heading}" for heading in headings))
        mapped = tuple(t for h in headings for t in trees.of.get(h, ()))
        types = mapped or (f"SCR{record.get('SCRClass', '')}",)
    else:
        types = tuple(value(tree) for tree in inside(record, "TreeNumberList"))
        trees.of[ui] = types
    label = prefix_label(types, recorder)
    if not label or (options.trees and not any(t.startswith(options.trees) for t in types)):
        recorder.skip(NOT_WANTED, number, f"{ui} {name} ({', '.join(types[:3])})")
        return
    yield from _strings(number, record, f"MESH:{ui}", label, options, recorder)


def _headings(record: Element) -> list[str]:
    """Ids of the headings it is mapped to; a star marks a major one and is no part of the id."""
    mapped = inside(record, "HeadingMappedToList")
    return [value(one, "DescriptorReferredTo", "DescriptorUI").lstrip("*") for one in mapped]


def _strings(
    number: int, record: Element, concept: str, label: str, options: MeshOptions, recorder: Recorder
) -> Iterator[Term]:
    for part in inside(record, "ConceptList"):
        if options.concepts == "preferred" and part.get("PreferredConceptYN") != "Y":
            recorder.skip("not the preferred concept", number, value(part, "ConceptName", "String"))
            continue
        listed = child(part, "TermList")
        for string in children(part if listed is None else listed, "Term"):
            text = value(string, "String")
            if not text:
                recorder.bad("term without a string", number, concept)
            elif options.max_length and len(text) > options.max_length:
                recorder.skip("too long", number, text)
            else:
                preferred = string.get("RecordPreferredTermYN") == "Y"
                status = (
                    "preferred" if preferred else LEXICAL_TAGS.get(string.get("LexicalTag", ""), "synonym")
                )
                if term := recorder.term(text, number, label, concept, status):
                    yield term


def tree_parents(trees: dict[str, tuple[str, ...]], recorder: Recorder) -> None:
    """Parents of descriptors from their tree numbers."""
    owner = {tree: ui for ui, numbers in trees.items() for tree in numbers}
    for ui, numbers in trees.items():
        above = (owner.get(tree.rpartition(".")[0]) for tree in numbers)
        recorder.parent(f"MESH:{ui}", (f"MESH:{parent}" for parent in above if parent))


def _sniff(name: str, head: bytes) -> bool:
    return b"<DescriptorRecordSet" in head or b"<SupplementalRecordSet" in head


READER = Reader(
    "mesh-xml",
    "MeSH descriptor and supplementary XML",
    _read,
    _sniff,
    MeshOptions,
    members=("desc*.xml", "supp*.xml"),
    label_map=TREE_LABELS,
    source="MeSH",
)
