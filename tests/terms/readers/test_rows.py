"""Rows and columns of tables that say something else than terms: groups of rows, numbers of cases."""

from __future__ import annotations

import pytest

from hybrid_ner.terms.readers import read_gazetteer
from tests.terms.readers.conftest import Write


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("a.csv", "Row ID,Term\n1,gout\n2,stroke\n", ["", ""]),
        ("a.csv", "Patient ID;Drug\nP1;aspirin\nP2;heparin\nP1;aspirin\n", ["", "", ""]),
        ("a.csv", "Encounter ID,Problem\nE1,gout\nE2,stroke\nE3,gout\n", ["", "", ""]),
        ("a.csv", "Matter ID,Client Name\nM-1,Acme Ltd\nM-2,Beta LLC\n", ["", ""]),
        ("a.csv", "Record No,ICD-10 code,Diagnosis\n71,M10,gout\n72,I64,stroke\n", ["M10", "I64"]),
        ("a.csv", "Case ID,ICD code,Diagnosis\n71,M10,gout\n72,I64,stroke\n", ["M10", "I64"]),
        ("a.csv", "Patienten-ID;Begriff\n71;Gicht\n72;Asthma\n", ["", ""]),
        ("a.jsonl", '{"patient_id": "P1", "term": "gout"}\n', [""]),
        # Those of what the terms mean stay ids.
        ("a.csv", "Drug ID,Drug\nD1,aspirin\nD2,heparin\n", ["D1", "D2"]),
        ("a.csv", "Client ID,Client Name\nC1,Acme Ltd\nC2,Beta LLC\n", ["C1", "C2"]),
        ("a.csv", "Patient ID,Name\nP1,Ann Lee\nP2,Bo Kim\n", ["P1", "P2"]),
        ("a.csv", "ID,Term\n1,gout\n2,stroke\n", ["1", "2"]),
    ],
)
def test_numbers_of_cases_are_no_ids_of_terms(write: Write, name: str, text: str, ids: list[str]) -> None:
    reading = read_gazetteer(write(name, text), label="X")
    assert [term.concept_id for term in reading] == ids
    unread = [note for note in reading.report.notes if "that were not read" in note]
    assert bool(unread) == (not ids[0] or "ICD" in text), "what is left out is told"


def test_numbers_of_cases_are_ids_where_somebody_says_so(write: Write) -> None:
    path = write("a.csv", "Case ID,Term\n71,gout\n72,stroke\n")
    asked = read_gazetteer(path, label="X", columns={"concept_id": "Case ID"})
    assert [term.concept_id for term in asked] == ["71", "72"]
