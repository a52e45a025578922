"""ICD-10-CM: tabular XML and order file; 7th characters, unspecified, other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]

XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2024</version><chapter><name>1</name><desc>Made chapter</desc>
<section id="A00-A09"><desc>Made section</desc>
<diag><name>A00</name><desc>Made fever</desc>
  <inclusionTerm><note>Fever of making</note><note>Maker's fever NOS</note></inclusionTerm>
  <diag><name>A00.1</name><desc>Made fever with rash</desc>
    <diag><name>A00.11</name><desc>Other made fever with rash</desc></diag></diag>
  <diag><name>A00.9</name><desc>Made fever, unspecified</desc></diag></diag>
</section></chapter>
<chapter><name>20</name><section id="V00"><diag><name>V00</name><desc>Fall from making</desc></diag></section>
</chapter></ICD10CM.tabular>
"""


def _line(order: int, code: str, text: str, header: int = 1) -> str:
    return f"{order:05d} {code:<7} {header} {text[:60]:<60} {text}"


ORDER = "\r\n".join(
    (
        _line(1, "A00", "Made fever", 0),
        _line(2, "A001", "Made fever with rash", 0),
        _line(3, "A0011", "Other made fever with rash"),
        _line(4, "A009", "Made fever, unspecified"),
        _line(5, "S00", "Made wound", 0),
        _line(6, "S00011A", "Made wound of hand, initial encounter"),
        _line(7, "V00", "Fall from making"),
        "",
    )
)


def test_xml_descriptions_inclusions_and_parents(write: Write) -> None:
    reading = read_gazetteer(write("icd10cm_tabular_2024.xml", XML))
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("Made fever", "Disease", "ICD10CM:A00", "preferred"),
        ("Fever of making", "Disease", "ICD10CM:A00", "synonym"),
        ("Maker's fever NOS", "Disease", "ICD10CM:A00", "synonym"),
        ("Made fever with rash", "Disease", "ICD10CM:A00.1", "preferred"),
    ]
    assert reading.parents["ICD10CM:A00.11"] == ("ICD10CM:A00.1",)
    assert {r: s.count for r, s in reading.report.skipped.items()} == {
        "unspecified": 1,
        "other": 1,
        "type not wanted": 1,
    }


def test_xml_options(write: Write) -> None:
    path = write("icd10cm_tabular_2024.xml", XML)
    texts = [t.text for t in read_gazetteer(path, unspecified=True, other=True, inclusion_terms=False)]
    assert texts == [
        "Made fever",
        "Made fever with rash",
        "Other made fever with rash",
        "Made fever, unspecified",
    ]
    assert [t.text for t in read_gazetteer(path, label="Cause", codes="V")] == ["Fall from making"]


def test_xml_code_without_description(write: Write) -> None:
    path = write("icd10cm_tabular.xml", XML.replace("<desc>Made fever with rash</desc>", ""))
    with pytest.raises(InputError, match=r"row 1: code without a name or a description: A00\.1"):
        list(read_gazetteer(path))
    assert len(list(read_gazetteer(path, skip_bad=True))) == 3


def test_order_file(write: Write) -> None:
    reading = read_gazetteer(write("icd10cm_order_2024.txt", ORDER))
    assert [(t.text, t.concept_id, t.row) for t in reading] == [
        ("Made fever", "ICD10CM:A00", 1),
        ("Made fever with rash", "ICD10CM:A00.1", 2),
        ("Made wound", "ICD10CM:S00", 5),
    ]
    assert reading.report.skipped["7th-character variant"].count == 1
    assert reading.parents["ICD10CM:A00.11"] == ("ICD10CM:A00.1",)
    assert reading.parents["ICD10CM:S00.011A"] == ("ICD10CM:S00",)


def test_order_file_options(write: Write) -> None:
    path = write("order.txt", ORDER)
    assert read_gazetteer(path).report.format == "icd10cm-order"
    assert "Made wound of hand, initial encounter" in [t.text for t in read_gazetteer(path, seventh=True)]


def test_order_file_malformed_row(write: Write) -> None:
    path = write("icd10cm_order_2024.txt", ORDER + "nonsense\r\n")
    with pytest.raises(InputError, match=r"row 8: not the columns of an order file: nonsense"):
        list(read_gazetteer(path))
    assert len(list(read_gazetteer(path, skip_bad=True))) == 3


def test_a_code_list_is_read_where_there_is_no_order_file(write: Write) -> None:
    text = "A000    Made fever with rash\r\nS00011A Made wound, initial encounter\r\nA46     Made rash\r\n"
    path = write("codes/icd10cm-codes-2025.txt", text)
    for given in (path, path.parent):
        reading = read_gazetteer(given)
        assert [(t.text, t.concept_id, t.label) for t in reading] == [
            ("Made fever with rash", "ICD10CM:A00.0", "Disease"),
            ("Made rash", "ICD10CM:A46", "Disease"),
        ]
        assert reading.report.skipped["7th-character variant"].count == 1


CLAML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0"><Title name="ICD-10-2019-en" version="2019">ICD-10</Title>
<Class code="I" kind="chapter"><Rubric kind="preferred"><Label>Made chapter</Label></Rubric></Class>
<Class code="A00" kind="category"><SuperClass code="A00-A09"/>
  <Rubric kind="preferred"><Label xml:lang="en">Made fever<Reference>A01.1</Reference></Label></Rubric>
  <Rubric kind="inclusion"><Label>fever due to <Term class="italic">Maker</Term></Label></Rubric>
  <Rubric kind="inclusion"><Label><Fragment>Fever:</Fragment><Fragment>made</Fragment></Label></Rubric>
  <Rubric kind="exclusion"><Label>real fever</Label></Rubric></Class>
<Class code="A02" kind="category">
  <Rubric kind="preferred"><Label>Sonstiges Fieber</Label></Rubric></Class>
</ClaML>
"""


def test_claml_names_and_references(write: Write) -> None:
    reading = read_gazetteer(write("icd.xml", CLAML))
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("Made fever", "Disease", "ICD10:A00", "preferred"),
        ("fever due to Maker", "Disease", "ICD10:A00", "synonym"),
    ]
    assert reading.parents["ICD10:A00"] == ("ICD10:A00-A09",)
    assert {r: s.count for r, s in reading.report.skipped.items()} == {
        "name of a chapter": 1,
        "name in several pieces": 1,
        "other": 1,
    }


def test_meddra_terms_that_are_current(write: Write) -> None:
    rows = (
        "10000001$Made itch$10081988$$$$$$$Y$$",
        "10000002$Itch$10000002$$$$$$$Y$$",
        "10000003$Old$10000002$$$$$$$N$$",
    )
    reading = read_gazetteer(write("llt.asc", "\n".join(rows)))
    assert [(t.text, t.concept_id, t.status) for t in reading] == [
        ("Made itch", "MEDDRA:10081988", "synonym"),
        ("Itch", "MEDDRA:10000002", "preferred"),
    ]
    assert reading.report.skipped["not current"].count == 1
