"""MeSH ASCII records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]

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
