"""Term lists in Word files, and sheets whose headings only the name of the sheet explains."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

docx = pytest.importorskip("docx")

ROWS = (
    ("Allergen / additive", "E number", "Kind"),
    ("sulphur dioxide", "E 220", "Additive"),
    ("milk (incl. lactose)", "", "Allergen"),
    ("Salmonella spp.", "", "Pathogen"),
    ("peanuts", "", "Allergen"),
    ("tartrazine", "E 102", "Additive"),
)


def _table(document: object, rows: tuple[tuple[str, ...], ...]) -> object:
    table = document.add_table(rows=0, cols=len(rows[0]))  # type: ignore[attr-defined]
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    return table


def test_a_table_of_word_is_a_sheet(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Annex II", 1)
    document.add_paragraph("Version 4, for internal use.")
    _table(document, ROWS)
    document.save(str(path := tmp_path / "annex.docx"))
    reading = read_gazetteer(path)
    assert [(t.text, t.label, t.concept_id, t.row) for t in reading][:4] == [
        ("sulphur dioxide", "Additive", "E 220", 2),
        ("milk", "Allergen", "name:milk", 3),
        ("lactose", "Allergen", "name:milk", 3),
        ("Salmonella spp.", "Pathogen", "", 4),
    ]
    assert "2 lines beside the tables are not read" in reading.report.notes


def test_merged_cells_and_several_tables_of_word(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Drugs")
    table = _table(
        document, (("Term", "Class"), ("aspirin", "NSAID"), ("ibuprofen", ""), ("heparin", "other"))
    )
    table.cell(1, 1).merge(table.cell(2, 1))  # type: ignore[attr-defined]
    document.add_paragraph("Devices")
    _table(document, (("Term", "Class"), ("pacemaker", "implant")))
    document.save(str(path := tmp_path / "lists.docx"))
    found = [(t.text, t.label, t.file, t.row) for t in read_gazetteer(path)]
    assert found == [
        ("aspirin", "NSAID", "lists.docx!Drugs", 2),
        ("ibuprofen", "NSAID", "lists.docx!Drugs", 3),
        ("heparin", "other", "lists.docx!Drugs", 4),
        ("pacemaker", "implant", "lists.docx!Devices", 6),
    ]


def test_lines_of_word_are_a_list(tmp_path: Path) -> None:
    document = docx.Document()
    for line in ("heart failure", "gout\nflu"):
        document.add_paragraph(line)
    document.save(str(path := tmp_path / "terms.docx"))
    assert [t.text for t in read_gazetteer(path, label="Disease")] == ["heart failure", "gout", "flu"]


def test_what_is_no_word_file_is_refused_with_its_name(tmp_path: Path) -> None:
    (path := tmp_path / "terms.docx").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match=r"terms\.docx"):
        list(read_gazetteer(path, label="Disease"))


def test_a_sheet_is_read_by_a_heading_that_is_its_name(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Conditions"
    for row in (("Condition", "Code"), ("bloat", "V-1"), ("parvo", "V-2")):
        book.active.append(row)
    breeds = book.create_sheet("Breeds")
    for row in (("Breed", "Species"), ("Maine Coon", "cat"), ("German Shepherd", "dog")):
        breeds.append(row)
    book.save(path := tmp_path / "vet.xlsx")
    found = [(t.text, t.label) for t in read_gazetteer(path)]
    assert found[2:] == [("Maine Coon", "Breeds"), ("German Shepherd", "Breeds")]


def test_codes_keep_the_zeros_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("Drug", "Code", "Note"), ("gin", 123, 1.5), ("rum", 7, None)):
        book.active.append(row)
    book.active["B2"].number_format = "00000"
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text('Drug,Code\ngin,="00123"\nrum,"=""007"""\n', encoding="utf-8")
    assert [t.concept_id for t in read_gazetteer(tmp_path / "a.xlsx", label="X")] == ["00123", "7"]
    assert [t.concept_id for t in read_gazetteer(tmp_path / "a.csv", label="X")] == ["00123", "007"]


def _workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_dates_among_names_are_told(tmp_path: Path) -> None:
    rows = (("term", "label"), (datetime(2024, 3, 1), "Gene"), ("BRCA1", "Gene"), ("2-Sep", "Gene"))
    reading = read_gazetteer(_workbook(tmp_path / "genes.xlsx", *rows))
    assert [term.text for term in reading] == ["2024-03-01", "BRCA1", "2-Sep"]
    said = "2 names are dates, first '2024-03-01' (row 2): spreadsheets make them of names such as MARCH1"
    assert said in reading.report.notes


def test_values_of_a_workbook_are_no_names_or_are_told(tmp_path: Path) -> None:
    rows = [("Drug",), ("aspirin",), (True,), (False,), (0.05,), (0.125,), (12,), ("heparin",)]
    path = _workbook(tmp_path / "Drug.xlsx", *rows)
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(path)
    book.active["A5"].number_format, book.active["A6"].number_format = "0%", "0.0%"
    book.save(path)
    reading = read_gazetteer(path)
    assert [term.text for term in reading] == ["aspirin", "5%", "12.5%", "12", "heparin"]
    assert reading.report.skipped["a value of a spreadsheet in place of a name"].examples == [
        (3, "True"),
        (4, "False"),
    ]
    said = "3 names are numbers, first '5%' (row 5): they are found wherever the text has it"
    assert said in reading.report.notes


@pytest.mark.parametrize(
    "row", [("#NAME?", "Drug", ""), ("aspirin", "#REF!", ""), ("aspirin", "Drug", "#WERT!")]
)
def test_an_error_of_a_spreadsheet_is_no_name_label_or_id(tmp_path: Path, row: tuple[str, ...]) -> None:
    path = _workbook(tmp_path / "drugs.xlsx", ("term", "label", "id"), ("gout", "Disease", "D:1"), row)
    with pytest.raises(InputError, match="the spreadsheet shows an error instead of a value: #") as caught:
        list(read_gazetteer(path))
    assert caught.value.row == 3
    assert [term.text for term in read_gazetteer(path, skip_bad=True)] == ["gout"]


def test_what_excel_writes_for_the_line_ends_of_windows_is_no_text(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "notes.xlsx", ("id", "text"), ("a", "Took gin._x000D_\nSlept."))
    assert [document.text for document in read_corpus(path)] == ["Took gin.\r\nSlept."]
    path = _workbook(tmp_path / "drugs.xlsx", ("term", "label"), ("gin_x000D_", "Drug"))
    assert [term.text for term in read_gazetteer(path)] == ["gin"]
