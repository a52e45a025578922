"""Workbooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.bounds import limited
from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

openpyxl = pytest.importorskip("openpyxl")


def _book(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROWS: list[list[object]] = [
    ["Term name", "Category", "Also known as", "Code"],
    ["flu", "Disease", "influenza, grippe", 7],
    [],
    ["cough", "Symptom", None, None],
]


def test_first_filled_sheet_is_a_table(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", Empty=[], List=ROWS, Notes=[["x"]])
    reading = read_gazetteer(path)
    assert [(t.text, t.label, t.concept_id, t.row) for t in reading] == [
        ("flu", "Disease", "7", 2),
        ("influenza", "Disease", "7", 2),
        ("grippe", "Disease", "7", 2),
        ("cough", "Symptom", "", 4),
    ]
    assert any("2 other sheets not read: Empty, Notes" in note for note in reading.report.notes)
    assert any("separated by ','" in note for note in reading.report.notes)


def test_sheet_and_columns_can_be_named(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", One=[["x"]], Two=[["Begriff", "Art"], ["Grippe", "Krankheit"]])
    reading = read_gazetteer(path, sheet="Two", columns="term=Begriff,label=Art")
    assert [(t.text, t.label) for t in reading] == [("Grippe", "Krankheit")]
    with pytest.raises(InputError, match=r"no sheet 'Three'. Name one of One, Two"):
        list(read_gazetteer(path, sheet="Three"))


def test_a_damaged_or_huge_workbook_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", List=ROWS)
    (tmp_path / "b.xlsx").write_bytes(path.read_bytes()[:900])
    with pytest.raises(InputError, match=r"b\.xlsx.*save it again as \.xlsx"):
        list(read_gazetteer(tmp_path / "b.xlsx"))
    with limited(unpacked=100), pytest.raises(InputError, match="unpacks to more than 100 bytes"):
        list(read_gazetteer(path))
