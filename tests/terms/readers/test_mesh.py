"""MeSH as XML and as ASCII files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer

# MeSH XML: all concepts, trees, mapped headings with a star, cut files.

Write = Callable[..., Path]


def _concept(*terms: tuple[str, str, str], preferred: str = "N") -> str:
    strings = "".join(
        f'<Term RecordPreferredTermYN="{record}" LexicalTag="{tag}"><String>{text}</String></Term>'
        for text, record, tag in terms
    )
    return (
        f'<Concept PreferredConceptYN="{preferred}"><ConceptUI>M1</ConceptUI>'
        f"<ConceptName><String>{terms[0][0]}</String></ConceptName><TermList>{strings}</TermList></Concept>"
    )


def _descriptor(ui: str, name: str, trees: str, *concepts: str) -> str:
    numbers = "".join(f"<TreeNumber>{tree}</TreeNumber>" for tree in trees.split())
    return (
        f"<DescriptorRecord><DescriptorUI>{ui}</DescriptorUI><DescriptorName><String>{name}</String></DescriptorName>"
        f"<TreeNumberList>{numbers}</TreeNumberList><ConceptList>{''.join(concepts)}</ConceptList></DescriptorRecord>"
    )


DESC = (
    '<?xml version="1.0"?>\n<!DOCTYPE DescriptorRecordSet SYSTEM "desc.dtd">\n<DescriptorRecordSet>'
    + _descriptor(
        "D01",
        "Made Fever",
        "C01.1 X09.2",
        _concept(("Made Fever", "Y", "NON"), ("Fever, Made", "N", "NON"), preferred="Y"),
        _concept(("Narrow Made Fever", "N", "NON"), ("MF", "N", "ACR")),
    )
    + _descriptor("D02", "Fevers", "C01", _concept(("Fevers", "Y", "NON"), preferred="Y"))
    + _descriptor("D03", "Madeprotein", "D12.5", _concept(("Madeprotein", "Y", "NON"), preferred="Y"))
    + _descriptor("D04", "Madeacid", "D02.1", _concept(("Madeacid", "Y", "NON"), ("Acidex", "N", "TRD")))
    + "</DescriptorRecordSet>"
)
SUPP = (
    '<?xml version="1.0"?>\n<SupplementalRecordSet><SupplementalRecord SCRClass="1">'
    "<SupplementalRecordUI>C01</SupplementalRecordUI><SupplementalRecordName><String>madeamine</String>"
    "</SupplementalRecordName><HeadingMappedToList><HeadingMappedTo><DescriptorReferredTo>"
    "<DescriptorUI>*D03</DescriptorUI></DescriptorReferredTo></HeadingMappedTo></HeadingMappedToList><ConceptList>"
    + _concept(("madeamine", "Y", "NON"))
    + "</ConceptList></SupplementalRecord></SupplementalRecordSet>"
)


def test_all_concepts_of_wanted_trees(write: Write) -> None:
    reading = read_gazetteer(write("desc2024.xml", DESC))
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("Made Fever", "Disease", "MESH:D01", "preferred"),
        ("Fever, Made", "Disease", "MESH:D01", "synonym"),
        ("Narrow Made Fever", "Disease", "MESH:D01", "synonym"),
        ("MF", "Disease", "MESH:D01", "abbreviation"),
        ("Fevers", "Disease", "MESH:D02", "preferred"),
        ("Madeacid", "Chemical", "MESH:D04", "preferred"),
        ("Acidex", "Chemical", "MESH:D04", "brand"),
    ]
    assert reading.report.rows == 4
    assert reading.report.skipped["type not wanted"].examples == [(3, "D03 Madeprotein (D12.5)")]
    assert reading.parents == {"MESH:D01": ("MESH:D02",)}
    assert reading.report.format == "mesh-xml"


def test_options(write: Write) -> None:
    path = write("desc2024.xml", DESC)
    assert [t.text for t in read_gazetteer(path, label="X", trees="D12")] == ["Madeprotein"]
    preferred = [t.text for t in read_gazetteer(path, concepts="preferred")]
    assert "Narrow Made Fever" not in preferred
    assert "Fever, Made" in preferred
    assert "Narrow Made Fever" not in [t.text for t in read_gazetteer(path, max_length=12)]
    mapped = read_gazetteer(path, label_map={"D": "", "D12": "Protein"})
    assert [(t.text, t.label) for t in mapped] == [("Madeprotein", "Protein")]


def test_supplement_alone_has_its_class_and_a_parent_without_star(write: Write) -> None:
    found = load_gazetteer(write("supp2024.xml", SUPP))
    assert [(t.text, t.label, t.concept_id) for t in found] == [("madeamine", "Chemical", "MESH:C01")]
    assert found.parents == {"MESH:C01": ("MESH:D03",)}


def test_supplement_beside_descriptors_takes_the_trees_of_its_heading(write: Write) -> None:
    folder = write("mesh/desc2024.xml", DESC).parent
    write("mesh/supp2024.xml", SUPP)
    reading = read_gazetteer(folder)
    assert "madeamine" not in [t.text for t in reading]
    assert {t.file for t in read_gazetteer(folder, label="X")} == {"desc2024.xml", "supp2024.xml"}


def test_a_record_without_an_id(write: Write) -> None:
    path = write("desc.xml", DESC.replace("<DescriptorUI>D02</DescriptorUI>", ""))
    with pytest.raises(InputError, match=r"desc\.xml, row 2: record without an id or a name: Fevers"):
        list(read_gazetteer(path))
    assert "Fevers" not in [t.text for t in read_gazetteer(path, skip_bad=True)]


def test_a_cut_file_is_an_error_even_with_skip_bad(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 3: malformed XML.*cut off"):
        list(read_gazetteer(write("desc.xml", DESC[:-60]), skip_bad=True))


# MeSH ASCII records.

DESCRIPTORS = """*NEWRECORD
RECTYPE = D
MH = Made Fever
ENTRY = Fever, Made|T047|NON|EQV|NLM (2001)|010101|abbcdef
PRINT ENTRY = MF|T047|ACR|NRW
MN = C01.5
MN = X01
UI = D01

*NEWRECORD
RECTYPE = D
MH = Fevers
MN = C01
UI = D02

*NEWRECORD
RECTYPE = D
MH = Madeprotein
MN = D12.1
UI = D03
"""
SUPPLEMENT = (
    "*NEWRECORD\nRECTYPE = C\nNM = madeamine\nSY = MA-7|T109|LAB|EQV\nHM = *Amines\nST = T109\nUI = C01\n"
)


def test_descriptors(write: Write) -> None:
    reading = read_gazetteer(write("d2024.bin", DESCRIPTORS))
    assert [(t.text, t.label, t.concept_id, t.status, t.row) for t in reading] == [
        ("Made Fever", "Disease", "MESH:D01", "preferred", 3),
        ("Fever, Made", "Disease", "MESH:D01", "synonym", 4),
        ("MF", "Disease", "MESH:D01", "abbreviation", 5),
        ("Fevers", "Disease", "MESH:D02", "preferred", 12),
    ]
    assert reading.parents == {"MESH:D01": ("MESH:D02",)}
    assert reading.report.skipped["type not wanted"].count == 1
    assert reading.report.rows == 3


def test_supplement_takes_its_semantic_type(write: Write) -> None:
    found = [(t.text, t.label, t.status) for t in read_gazetteer(write("c2024.bin", SUPPLEMENT))]
    assert found == [("madeamine", "Chemical", "preferred"), ("MA-7", "Chemical", "synonym")]


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        (DESCRIPTORS.replace("MH = Fevers", "MH Fevers"), 12, "no TAG = value line in a record"),
        (DESCRIPTORS.replace("UI = D02\n", ""), 10, "record without an id or a name"),
    ],
)
def test_malformed(write: Write, text: str, row: int, problem: str) -> None:
    path = write("d2024.bin", text)
    with pytest.raises(InputError, match=rf"d2024\.bin, row {row}: {problem}"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True)
    assert "Made Fever" in [t.text for t in reading]
    assert reading.report.bad[problem].count == 1


def test_a_supplement_is_placed_by_the_headings_it_is_mapped_to(write: Write) -> None:
    folder = write("mesh/d2024.bin", DESCRIPTORS).parent
    records = (
        "*NEWRECORD\nRECTYPE = C\nNM = made rash\nHM = *Made Fever/genetics\nHM = Fevers\nAN =\nUI = C05\n"
        "*NEWRECORD\nRECTYPE = C\nNM = madekinase\nHM = *Madeprotein\nST = T121\nUI = C06\n"
    )
    write("mesh/c2024.bin", records)
    reading = read_gazetteer(folder)
    assert [(t.text, t.label) for t in reading if t.concept_id.startswith("MESH:C")] == [
        ("made rash", "Disease")
    ]
    assert reading.parents["MESH:C05"] == ("MESH:D01", "MESH:D02")
    assert reading.parents["MESH:D01"] == ("MESH:D02",)
    assert "MF" not in [t.text for t in read_gazetteer(folder, concepts="preferred")]
