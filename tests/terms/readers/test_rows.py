"""Rows and columns of tables that say something else than terms: groups of rows, numbers of cases."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from hybrid_ner.bounds import limited
from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer, tables
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


ROWS = (
    ("Drug", "ATC", "Form"),
    ("Antibiotics", "", ""),
    ("amoxicillin", "J01CA04", "capsule"),
    ("doxycycline", "J01AA02", "tablet"),
    ("Anticoagulants", "", ""),
    ("warfarin", "B01AA03", "tablet"),
    ("apixaban", "B01AF02", "tablet"),
)
DRUGS = ["amoxicillin", "doxycycline", "warfarin", "apixaban"]
SKIPPED = "2: name of a group of rows (row {}: Antibiotics; row {}: Anticoagulants)"


def _file(folder: Path, ending: str, rows: Sequence[Sequence[str]], merged: Sequence[int] = ()) -> Path:
    """Rows as a file of any kind; those named are one cell over all columns."""
    path = folder / f"a.{ending}"
    if ending == "xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        for row in merged:
            book.active.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(rows[0]))
        book.save(path)
    elif ending == "docx":
        document = pytest.importorskip("docx").Document()
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for cells, row in zip(rows, table.rows, strict=True):
            for text, cell in zip(cells, row.cells, strict=True):
                cell.text = text
        for row in merged:
            table.cell(row - 1, 0).merge(table.cell(row - 1, len(rows[0]) - 1))
        document.save(str(path))
    elif ending == "ods":
        spanned = f' table:number-columns-spanned="{len(rows[0])}"'
        made = "".join(
            "<table:table-row>"
            + "".join(
                f"<table:table-cell{spanned * (n in merged and not at)}><text:p>{cell}</text:p>"
                "</table:table-cell>"
                for at, cell in enumerate(row)
            )
            + "</table:table-row>"
            for n, row in enumerate(rows, 1)
        )
        space = " ".join(
            f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("table", "text")
        )
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "content.xml", f'<a {space}><table:table table:name="s">{made}</table:table></a>'
            )
    elif ending == "md":
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        path.write_text("\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n")
    else:
        mark = {"csv": ",", "tsv": "\t", "txt": ";"}[ending]
        path.write_text("".join(f"{mark.join(row)}\n" for row in rows))
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "md", "xlsx", "docx", "ods"])
def test_names_of_groups_of_rows_are_no_terms(tmp_path: Path, ending: str) -> None:
    path = _file(tmp_path, ending, ROWS)
    reading = read_gazetteer(path, label="Drug")
    assert [term.text for term in reading] == DRUGS
    below = 1 if ending == "md" else 0
    assert SKIPPED.format(2 + below, 5 + below) in " ".join(reading.report.lines())
    assert "--set groups=terms" in " ".join(reading.report.notes)
    assert len([*read_gazetteer(path, label="Drug", groups="terms")]) == 6


@pytest.mark.parametrize("ending", ["xlsx", "docx", "ods"])
def test_a_row_that_is_one_cell_is_the_name_of_a_group(tmp_path: Path, ending: str) -> None:
    rows = [
        ("Drug", "Synonyms"),
        ("aspirin", "ASA"),
        ("Insulin", ""),
        ("ibuprofen", ""),
        ("lispro", "Humalog"),
    ]
    reading = read_gazetteer(_file(tmp_path, ending, rows, [3]), label="Drug", mode="folded")
    assert [term.text for term in reading] == ["aspirin", "ASA", "ibuprofen", "lispro", "Humalog"]
    assert "1: name of a group of rows (row 3: Insulin)" in " ".join(reading.report.lines())


@pytest.mark.parametrize(
    ("rows", "terms"),
    [
        # In capitals or with a colon, as terms are not; under a title; two levels; of labels.
        ("Drug,Note\nOPIOIDS,\nmorphine,\nINSULINS,\nlispro,x\n", "morphine lispro"),
        ("Drug,Also\nmorphine,MST\nInsulins:,\nlispro,\n", "morphine MST lispro"),
        ("Formulary 2024,\nDrug,ATC\nOpioids,\nmorphine,N02\nInsulins,\nlispro,A10\n", "morphine lispro"),
        ("D,ATC,x\nNerves,,\nOpioid,,\ngin,N1,a\nale,N2,b\nrum,N3,a\nTea,,\nrye,A1,b\n", "gin ale rum rye"),
        # Remarks under a table.
        ("Drug,ATC,Form\nmorphine,N02AA01,a\nlispro,A10AB04,b\nSource: pharmacy 2023,,\n", "morphine lispro"),
        ("Drug,ATC,Form\nmorphine,N02AA01,a\nlispro,A10,b\n* only with a consultant,,\n", "morphine lispro"),
    ],
)  # fmt: skip
def test_other_rows_that_name_no_term(write: Write, rows: str, terms: str) -> None:
    reading = read_gazetteer(write("a.csv", rows), label="Drug", mode="folded")
    assert [term.text for term in reading] == terms.split()
    assert sum(found.count for found in reading.report.skipped.values()) >= 1


@pytest.mark.parametrize(
    ("rows", "noted"),
    [
        # Nothing is left out where cells may be empty by chance; what looks like groups is told.
        ("Drug,Synonyms,Note\naspirin,ASA,\nibuprofen,,\nnaproxen,,\nheparin,UFH,x\ngin,,\n", False),
        ("Drug,ATC\nmorphine,N02AA01\nheparin,\nlispro,A10AB04\n", False),
        ("Drug,ATC\nmorphine,\nheparin,B01AB01\nlispro,A10AB04\n", True),
        ("Drug,Synonyms\nOpioids,\nmorphine,MST\nStatins,\npravastatin,Lipostat\n", True),
        ("Client,Matter,Opened\nHarrow LLP,,\nBell Ltd,M-1,2020\nKite Inc,M-2,2021\n", True),
        ("Client,Sector,Country\nHarrow Group,,\nHarrow Ltd,Sea,UK\nKite Holding,,\nKite Inc,IT,US\n", True),
        ("Term,ICD,SNOMED\nfever,,\ncough,R05,497\nrash,R21,271\nheadache,,\nnausea,R11,422\n", True),
    ],
)
def test_empty_cells_alone_make_no_group(write: Write, rows: str, noted: bool) -> None:
    reading = read_gazetteer(write("a.csv", rows), label="Drug")
    firsts = [line.split(",")[0] for line in rows.splitlines()[1:]]
    assert {*firsts} <= {term.text for term in reading}
    assert ("--set groups=skip" in " ".join(reading.report.notes)) == noted
    left = [*read_gazetteer(write("a.csv", rows), label="Drug", groups="skip")]
    assert len(left) < len([*reading])


def test_names_of_groups_that_are_labels(write: Write) -> None:
    rows = "Term,Code\nDiseases,\ngout,M10\nasthma,J45\nDrugs,\naspirin,B01AC06\nheparin,B01AB01\n"
    reading = read_gazetteer(write("terms.csv", rows))
    assert [term.label for term in reading] == ["Diseases", "Diseases", "Drugs", "Drugs"]
    assert "which are their labels" in " ".join(reading.report.notes)
    assert {term.label for term in read_gazetteer(write("terms.csv", rows), label="X")} == {"X"}


def test_a_workbook_of_a_pharmacy(tmp_path: Path) -> None:
    """Merged titles, two rows of headings, groups, hidden rows and sheets, a log, footnotes, notes below."""
    book = pytest.importorskip("openpyxl").Workbook()
    sheet = book.active
    for row in (
        ["St. Elsewhere – Drug Formulary"],
        ["Pharmacy & Therapeutics Committee, rev. 12"],
        [],
        ["Product", None, None, "Coding", None, "Price"],
        ["Generic name", "Brand names", "Strength", "ATC", "PZN", None],
        ["ANTI-INFECTIVES"],
        ["Amoxicillin", "Amoxypen; Clamoxyl", "500 mg", "J01CA04", "01234567", 12.5],
        ["Clarithromycin*", "Klacid", "250 mg", "J01FA09", "01234569", 9],
        ["CARDIOVASCULAR"],
        ["Apixaban", "Eliquis", "5 mg", "B01AF02", "01234571", 70],
        [],
        ["* restricted: infectious diseases consult"],
        ["Last updated 2024-03-01 by H. Vogt"],
    ):
        sheet.append(row)
    for merged in ("A1:F1", "A2:F2", "A4:C4", "D4:E4", "F4:F5", "A6:F6", "A9:F9", "A12:F12"):
        sheet.merge_cells(merged)
    sheet.row_dimensions[10].hidden = True
    for title, state in (("Change log", "visible"), ("old", "hidden")):
        other = book.create_sheet(title)
        other.sheet_state = state
        for row in (["Drug name", "Change"], ["warfarin", "removed"], ["apixaban", "added"]):
            other.append(row)
    book.save(path := tmp_path / "formulary.xlsx")
    reading = read_gazetteer(path, label="Drug")
    names = ["Amoxicillin", "Amoxypen", "Clamoxyl", "Clarithromycin", "Klacid", "Apixaban", "Eliquis"]
    assert [term.text for term in reading] == names
    said = " ".join(reading.report.lines())
    for part in (
        "1 hidden row is read too",
        "hidden sheets that were not read: old",
        "Change log",
        "* restricted",
    ):
        assert part in said
    logged = read_gazetteer(path, label="Drug", sheet="Change log")
    assert [term.text for term in logged] == ["warfarin", "apixaban"]
    assert len([*read_gazetteer(path, label="Drug", sheet="old")]) == 2


def test_a_word_list_of_bullets_in_two_levels(tmp_path: Path) -> None:
    document = pytest.importorskip("docx").Document()
    document.add_heading("Problem list", 1)
    document.add_paragraph("Agreed terms, please keep up to date.")
    for level, name in (
        (1, "Cardiology"),
        (2, "Atrial fibrillation (AF)"),
        (1, "Pulmonology"),
        (2, "Asthma"),
    ):
        document.add_paragraph(name, style="List Bullet" if level == 1 else "List Bullet 2")
    document.save(str(path := tmp_path / "problems.docx"))
    reading = read_gazetteer(path)
    expected = ["Cardiology", "Atrial fibrillation", "AF", "Pulmonology", "Asthma"]
    assert [term.text for term in reading] == expected
    assert "2 lines beside the list are not read" in reading.report.notes
    assert "items with others below them are read as terms too, first 'Cardiology'" in str(
        reading.report.notes
    )


def test_a_markdown_table_may_have_empty_headings(write: Write) -> None:
    reading = read_gazetteer(write("a.md", "|  |  |\n|---|---|\n| aspirin | Drug |\n| flu | Disease |\n"))
    assert [(term.text, term.label) for term in reading] == [("aspirin", "Drug"), ("flu", "Disease")]
    assert not list(read_gazetteer(write("b.md", "| | |\n|---|---|\n")))
    assert tables.beside(["", ""]) == []


def test_headings_over_lists_of_word_are_labels(tmp_path: Path) -> None:
    document = pytest.importorskip("docx").Document()
    for title, names in (("Drugs", ("aspirin", "heparin")), ("Devices", ("pacemaker", "stent"))):
        document.add_heading(title, 2)
        for name in names:
            document.add_paragraph(name, style="List Bullet")
    document.save(str(path := tmp_path / "lists.docx"))
    assert [(term.text, term.label) for term in read_gazetteer(path)] == [
        ("aspirin", "Drugs"),
        ("heparin", "Drugs"),
        ("pacemaker", "Devices"),
        ("stent", "Devices"),
    ]


def test_tables_as_systems_export_them(write: Write) -> None:
    redcap = (
        '"Variable / Field Name","Form Name",Section Header,Field Type,Field Label,"Choices, Calculations"\n'
        'copd,history,,radio,"Chronic obstructive pulmonary disease","1, Yes | 0, No"\n'
        'nsaid,drugs,,checkbox,"Non-steroidal anti-inflammatory drug","1, Ibuprofen | 2, Naproxen"\n'
    )
    found = [*read_gazetteer(write("redcap.csv", redcap))]
    assert [(t.text, t.label) for t in found] == [
        ("Chronic obstructive pulmonary disease", "redcap"),
        ("Non-steroidal anti-inflammatory drug", "redcap"),
    ]
    csv = '"Nr";"Wirkstoff";"Handelsname(n)";"Stärke"\r\n"1";"Metamizol";"Novalgin; Berlosin";"0,5 g"\r\n'
    found = [*read_gazetteer(write("wirkstoffe.csv", csv + csv.split("\n")[1].replace("Metam", "Ibup")))]
    assert [t.text for t in found][:3] == ["Metamizol", "Novalgin", "Berlosin"]
    outlook = '"First Name","Last Name","Company"\n"Jonas","Ptak","Kestrel GmbH"\n"Ann","Lee","Acme"\n'
    reading = read_gazetteer(write("contacts.csv", outlook))
    assert [t.text for t in reading][:2] == ["Jonas Ptak", "Ptak, Jonas"]
    assert "columns that were not read: Company" in reading.report.notes
    assert not any("'Company' is read" in note for note in reading.report.notes)
    text = "| Term | See |\n|---|---|\n| **General** | |\n| Affiliate[^1] | 1 |\n| **Debt** | |\n| Bond | |\n"
    reading = read_gazetteer(write("clauses.md", text))
    assert [t.text for t in reading] == ["Affiliate", "Bond"]


def test_cells_of_hl7_are_names_with_their_ids(write: Write) -> None:
    reading = read_gazetteer(
        write("labs.csv", "Code^Text,Category\nGLU^Glucose^L,LAB\nK^Potassium,LAB\n10^9,LAB\n")
    )
    assert [(term.text, term.concept_id) for term in reading] == [
        ("Glucose", "GLU"),
        ("Potassium", "K"),
        ("10^9", ""),
    ]
    assert (
        "what HL7 has as CODE^NAME^SYSTEM is read as the name and its id, first row 2" in reading.report.notes
    )


def test_columns_of_yes_and_no_are_no_lists(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "Drug,On list (Y/N),LASA\nInsulin,Y,N\nHeparin,Y,N\nGin,N,Y\n"))
    assert [(t.text, t.label) for t in reading] == [("Insulin", "Drug"), ("Heparin", "Drug"), ("Gin", "Drug")]
    assert "columns that were not read: On list (Y/N), LASA" in reading.report.notes


def test_values_with_a_decimal_comma_say_what_to_do(write: Write) -> None:
    rows = "Drug,Strength,Form\nAmoxicillin,0,5 g,capsule\nWarfarin,2,5 mg,tablet\nAspirin,81 mg,tablet\n"
    with pytest.raises(InputError, match=r"row 2: rows have 4 cells, the first row has 3. Put quotes around"):
        [*read_gazetteer(write("a.csv", rows))]
    with pytest.raises(
        InputError, match=r"row 2: wrong number of columns: 4 instead of 3.* Put quotes around"
    ):
        [*read_gazetteer(write("a.csv", rows), label="Drug")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.vcf", "BEGIN:VCARD\nFN:Ann Lee\nEND:VCARD\n", r"vCard\). Export the contacts as CSV"),
        ("a.ris", "TY  - JOUR\nKW  - heart failure\nER  - \n", "Export the keywords as CSV"),
        ("a.txt", "{\\rtf1 aspirin\\par gout}", "is a document, not a term list. Save its list as text"),
    ],
)
def test_files_of_names_that_are_no_lists(write: Write, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_gazetteer(write(name, text), label="X")


def test_value_sets_and_code_systems_of_fhir(write: Write) -> None:
    concepts = [{"code": "a", "display": "Gout", "concept": [{"code": "b", "display": "Acute gout"}]}]
    system = {"resourceType": "CodeSystem", "name": "Own", "status": "active", "concept": concepts}
    found = read_gazetteer(write("a.json", json.dumps(system)), label="Disease").gazetteer()
    assert [(t.text, t.concept_id) for t in found] == [("Gout", "a"), ("Acute gout", "b")]
    assert found.parents == {"b": ("a",)}
    include = [{"system": "http://snomed.info/sct", "concept": [{"code": "90560007", "display": "Gout"}]}]
    values = {"resourceType": "ValueSet", "name": "Own", "title": "Own", "compose": {"include": include}}
    found = read_gazetteer(write("b.json", json.dumps(values)), label="Disease").gazetteer()
    assert [(t.text, t.concept_id) for t in found] == [("Gout", "90560007")]
    said = [{"language": "de", "value": "Gicht"}, {"language": "en-GB", "value": "Podagra"}]
    include[0]["concept"][0]["designation"] = said
    include.append({"system": "http://snomed.info/sct", "filter": [{"property": "concept", "op": "is-a"}]})
    values["compose"]["exclude"] = [{"concept": [{"code": "386661006", "display": "Fever"}]}]
    reading = read_gazetteer(write("b.json", json.dumps(values)), label="Disease")
    assert [t.text for t in reading] == ["Gout", "Podagra"]
    assert set(reading.report.skipped) == {"excluded", "language de"}
    assert "not read: 1 rule of a ValueSet that select codes" in reading.report.notes[0]


def test_the_table_that_wikidata_answers(write: Write) -> None:
    rows = 'item,itemLabel,itemAltLabel\nhttp://www.wikidata.org/entity/Q1,gout,"podagra, gouty arthritis"\n'
    found = read_gazetteer(
        write("query.csv", f"{rows}http://www.wikidata.org/entity/Q2,flu,grippe\n"), label="X"
    )
    assert [t.text for t in found] == ["gout", "podagra", "gouty arthritis", "flu", "grippe"]


def test_what_a_nested_file_says_of_itself_is_no_term(write: Write) -> None:
    for more in ({"_comment": "ours"}, {"meta": {"v": 1, "by": "pharmacy"}}, {"$schema": "x"}):
        reading = read_gazetteer(
            write("a.json", json.dumps({**more, "Drug": ["aspirin"], "Disease": ["gout"]}))
        )
        assert [(t.text, t.label) for t in reading] == [("aspirin", "Drug"), ("gout", "Disease")]
        assert reading.report.skipped["says something of the file"].count == 1


def test_a_total_and_footnotes_under_a_table_are_no_terms(write: Write) -> None:
    rows = "Name,Class,Code\nGin,A,1\nRum,B,2\nAle,C,3\n,,\nTotal: 3,,\n¹ See chapter 5,,\n* old,,\n"
    reading = read_gazetteer(write("a.csv", rows))
    assert [(t.text, t.label) for t in reading] == [("Gin", "A"), ("Rum", "B"), ("Ale", "C")]
    assert reading.report.skipped["text beside the table"].count == 2


def test_labels_that_stand_once_a_block(write: Write) -> None:
    rows = "Term,Type\nGout,Disease\nAsthma,\nFlu,\nAspirin,Drug\nHeparin,\n"
    reading = read_gazetteer(write("terms.csv", rows))
    assert [term.label for term in reading] == ["Disease"] * 3 + ["Drug"] * 2
    assert "empty cells of column 'Type' are read as the one above them" in reading.report.notes
    some = write("Sign.csv", "Term,Type\nGout,Disease\nAsthma,Disease\nFlu,\nGin,Drug\nRum,\n")
    with pytest.raises(InputError, match=r"row 4: no label in column 'Type': 'Flu'"):
        list(read_gazetteer(some))


def _book(path: Path, **sheets: list[list[str]]) -> Path:
    book = pytest.importorskip("openpyxl").Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


PEOPLE = [["Name", "Phone"], ["Jane Doe", "555 1234"], ["John Roe", "555 9876"]]


@pytest.mark.parametrize("listed", [[["term"], ["aspirin"], ["heparin"]], [["aspirin"], ["heparin"]]])
@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("Contacts", PEOPLE),
        ("Kontakte", PEOPLE),
        ("Contact details", PEOPLE),
        ("Notes", [["Ask Jane"], ["See the wiki"]]),
        ("README", [["Ask Jane"], ["See the wiki"]]),
        ("Notes on sources", [["term", "note"], ["MeSH", "2026"]]),
    ],
)
def test_a_sheet_about_the_list_is_no_list_and_told(
    tmp_path: Path, title: str, rows: list[list[str]], listed: list[list[str]]
) -> None:
    path = _book(tmp_path / "a.xlsx", **{title: rows, "Drugs": listed})
    reading = read_gazetteer(path, label="Drug")
    assert [term.text for term in reading] == ["aspirin", "heparin"]
    (said,) = (note for note in reading.report.notes if "sheets that were not read" in note)
    assert title in said
    assert "--columns sheet=NAME reads one" in said
    assert [*read_gazetteer(path, label="Drug", sheet=title)]


def test_a_book_of_nothing_but_contacts_is_read(tmp_path: Path) -> None:
    reading = read_gazetteer(_book(tmp_path / "a.xlsx", Contacts=PEOPLE), label="Person")
    assert [term.text for term in reading] == ["Jane Doe", "John Roe"]


def test_a_word_table_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    document = pytest.importorskip("docx").Document()
    table = document.add_table(0, 2)
    for cells in (("term", "label"), ("aspirin", "Drug")):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    document.save(str(path := tmp_path / "drugs.docx"))
    assert [term.text for term in read_gazetteer(path)] == ["aspirin"]
    with (
        limited(whole=10_000),
        pytest.raises(InputError, match=r"12 times as much memory.*--limit whole=") as found,
    ):
        list(read_gazetteer(path))
    assert str(path) in str(found.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "Term,Kind\ngout,Disease\ngin,Drug\nrum,\n", r"row 4: no label in column 'Kind': 'rum'"),
        (
            "a.csv",
            "Term,Kind\ngout,Disease\nflu,Disease\ngin,n/a\n",
            r"row 4: no label in column 'Kind': 'gin'",
        ),
        (
            "a.md",
            "| Term | Kind |\n|-|-|\n| gout | X |\n| flu | |\n",
            r"row 4: no label in column 'Kind': 'flu'",
        ),
        (
            "a.json",
            '[{"name": "flu", "type": "X"}, {"name": "gin"}]',
            r"row 2: no label in key 'type': 'gin'",
        ),
        ("a.json", '{"flu": "Disease", "gin": "Drug", "rum": null}', r"no label in its value: 'rum'"),
        ("a.yaml", "- {name: flu, type: X}\n- {name: gin}\n", r"row 2: no label in key 'type': 'gin'"),
        ("a.yaml", "flu: {label: Disease}\ngin: {label: Drug}\nrum: {}\n", r"no label in key 'label': 'rum'"),
        ("a.xml", '<l><term label="X">flu</term><term>gin</term></l>', r"no label in key 'label': 'gin'"),
        (
            "a.txt",
            "DRUG gout\nDRUG rum\ngin\nDISEASE flu\nDISEASE tic\n",
            "row 3: no label in the line: 'gin'",
        ),
        (
            "a.txt",
            "rum: DRUG\ngin\nflu: DISEASE\ntic: DISEASE\ngout: DISEASE\n",
            "row 2: no label in the line",
        ),
        (
            "a.csv",
            "Name,Drug,Disease\nrum,x,\nflu,,x\ngin,,\n",
            "row 4: no label in columns 'Drug', 'Disease'",
        ),
    ],
)
def test_a_row_that_says_no_label_where_others_do(write: Write, name: str, text: str, said: str) -> None:
    path = write(name, text)
    with pytest.raises(InputError, match=said) as refused:
        list(read_gazetteer(path))
    assert "--skip-bad" in str(refused.value)
    some = read_gazetteer(path, skip_bad=True)
    assert {term.text for term in some} & {"flu", "gin", "gout"}
    assert "a" not in {term.label for term in some}  # the name of the file says nothing of such rows
    assert sum(found.count for found in some.report.bad.values()) == 1
    chosen = {term.label for term in read_gazetteer(path, otherwise="Other")}
    assert "Other" in chosen
    assert len(chosen) > 1


def test_a_column_of_labels_that_nobody_has_filled_in_says_nothing(write: Write) -> None:
    reading = read_gazetteer(write("Disease.csv", "Term,Label\ngout,\nflu,-\n"))
    assert {term.label for term in reading} == {"Disease"}


@pytest.mark.parametrize(
    ("name", "text", "label", "terms"),
    [
        ("terms.csv", "Disease\ngout\nflu\n", "Disease", ["gout", "flu"]),
        ("mine.txt", "Disease\ngout\nflu\n", "Disease", ["gout", "flu"]),
        ("terms.txt", "Diseases:\n- gout\n- flu\n", "Diseases", ["gout", "flu"]),
        ("terms.csv", "Krankheiten;\nGicht;\nGrippe;\n", "Krankheiten", ["Gicht", "Grippe"]),
        ("terms.md", "| Disease |\n|---|\n| gout |\n| flu |\n", "Disease", ["gout", "flu"]),
        ("terms.txt", "Court\nhearing\nappeal\n", "Court", ["hearing", "appeal"]),
        ("mine.txt", "Court\nhearing\nappeal\n", "mine", ["Court", "hearing", "appeal"]),
        ("mine.csv", "Disease\nDrug\nAnatomy\n", "mine", ["Disease", "Drug", "Anatomy"]),
    ],
)
def test_a_list_whose_only_heading_is_a_label(
    write: Write, name: str, text: str, label: str, terms: list[str]
) -> None:
    reading = read_gazetteer(write(name, text))
    found = list(reading)
    assert ([term.text for term in found], {term.label for term in found}) == (terms, {label})
    if len(terms) == 2:
        assert f"the label {label!r}" in "\n".join(reading.report.lines())
    given = read_gazetteer(write(name, text), label="X")
    assert ([term.text for term in given], {term.label for term in given}) == (terms, {"X"})


@pytest.mark.parametrize(
    ("name", "text", "terms"),
    [
        ("X.yaml", "- 1.10\n- no\n- 2024-05-03\n- 012\n- null\n", ["1.10", "no", "2024-05-03", "012"]),
        ("a.yaml", "V: [1.10, on]\nW: ~\n", ["1.10", "on"]),
        ("a.json", '{"V": ["a", 1.10]}', ["a", "1.10"]),
        ("a.json", '[{"term": 1.10, "label": "V"}, {"term": "b", "label": "V"}]', ["1.10", "b"]),
        ("a.jsonl", '{"term": 1.10, "label": "V"}\n{"term": "b", "label": "V"}\n', ["1.10", "b"]),
    ],
)
def test_words_of_yaml_and_numbers_of_json_stay_as_they_are_written(
    write: Write, name: str, text: str, terms: list[str]
) -> None:
    assert [term.text for term in read_gazetteer(write(name, text))] == terms


def test_broken_yaml_names_the_row_of_the_file(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 2: no YAML or JSON: .*Close the bracket"):
        list(read_gazetteer(write("a.yaml", "V: [x1, x2\n")))
    with pytest.raises(InputError, match=r"row 5: no YAML or JSON: found duplicate key"):
        list(read_gazetteer(write("a.yaml", "---\nV: [a1]\n---\nW: [b1]\nW: [c1]\n")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Name,Type,,Name,Type\ngin,Drug,,gout,Disease\nrum,Drug,,,\n", "gin Drug, gout Disease, rum Drug"),
        ("Drugs,,Diseases,\nName,Synonym,Name,Synonym\ngin,jenever,gout,podagra\nrum,,flu,\n",
         "gin Drugs, jenever Drugs, gout Diseases, podagra Diseases, rum Drugs, flu Diseases"),
        ("Term,ID,Term,ID\ngin,C1,gout,C2\nrum,C3,,\n", "gin a, gout a, rum a"),
        ("Name,Name\ngin,gout\nrum,\n", "gin a, gout a, rum a"),
        ("Name,Type\ngin,Drug\nName,Type\nrum,Drug\n", "gin Drug, rum Drug"),
    ],
)  # fmt: skip
def test_tables_beside_each_other_and_headings_that_come_again(write: Write, text: str, found: str) -> None:
    """The names of the second table were read as synonyms of those of the first, or not at all."""
    reading = read_gazetteer(write("a.csv", text))
    terms = list(reading)
    assert ", ".join(f"{term.text} {term.label}" for term in terms) == found
    told = "\n".join(reading.report.lines())
    assert ("tables beside each other are read as one" in told) != ("the headings again" in told)
    concepts = {term.text: term.concept_id for term in terms}
    assert concepts["gin"] != concepts.get("gout", "another") or not concepts["gin"]


def test_what_stands_below_the_headings_and_below_the_table_is_no_term(write: Write) -> None:
    text = "Name,Class,Dose\n(text),(code),(mg)\ngin,Drug,100\nrum,Drug,200\n,,\n"
    text += "Updated 3 May 2024,,\nTotal: 2,,\n"
    reading = read_gazetteer(write("a.csv", text))
    assert [term.text for term in reading] == ["gin", "rum"]
    told = "\n".join(reading.report.lines())
    assert "units below the headings (row 2: (text) | (code) | (mg))" in told
    assert "text beside the table (row 6: Updated 3 May 2024)" in told
    assert "sum of the rows (row 7: Total: 2)" in told
    two = read_gazetteer(write("b.csv", "Name,Label\ngin,Drug\nrum,Drug\n,\nStand: Mai 2024,\n"))
    assert [term.text for term in two] == ["gin", "rum"]


def test_days_and_formulas_of_a_workbook(tmp_path: Path) -> None:
    from datetime import datetime

    rows = [["Name", "Type"], [datetime(2024, 5, 3), "Date"], ['=A4&" acid"', "Drug"], ["gin", "Drug"]]
    reading = read_gazetteer(_book(tmp_path / "a.xlsx", S=rows))
    assert [term.text for term in reading] == ["2024-05-03", "gin"]
    told = "\n".join(reading.report.lines())
    assert "1 formula without a stored value read as empty, first A3: open the workbook" in told
    assert "no term in the row (row 3: Drug)" in told


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Bezeichnung;Kategorie", "Gicht;Krankheit"),
        ("Begriff;Typ;Synonyme", "Gicht;Krankheit;Podagra"),
        ("Bezeichnung;Klasse", "Gicht;Krankheit"),
        ("Libellé;Catégorie;Synonymes", "Goutte;Krankheit;podagre"),
        ("Wort;Etikett", "Gicht;Krankheit"),
        ("término;clase;sinónimos", "gota;Krankheit;podagra"),
        ("termo;rótulo;sinônimos", "gota;Krankheit;podagra"),
        ("Terim;Tür;Eş anlamlı", "gut;Krankheit;podagra"),
    ],
)
def test_columns_of_labels_in_other_languages(write: Write, head: str, rows: str) -> None:
    reading = read_gazetteer(write("a.csv", f"{head}\n{rows}\nGin;Mittel\n"))
    assert [*dict.fromkeys(term.label for term in reading)] == ["Krankheit", "Mittel"]
    assert "columns that were not read" not in "\n".join(reading.report.lines())


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.csv", "Schlüsselnummer;Bezeichnung"),
        ("a.csv", "ICD-Kode;Titel"),
        ("a.csv", "Código;Descripción"),
        ("a.csv", "CIE-10;Diagnóstico"),
        ("a.csv", "Code CCAM;Libellé"),
        ("a.csv", "CIM-10;Intitulé"),
        ("a.csv", "ICD-10 Kodu;Tanı"),
        ("ops.csv", "OPS;Maßnahme"),  # codes are no names, though the label is the file's
    ],
)
def test_columns_of_codes_in_other_languages(write: Write, name: str, head: str) -> None:
    reading = read_gazetteer(write(name, f"{head}\nM10.9;Gicht\nJ45.9;Asthma\nA46;Erysipel\n"))
    assert [(t.text, t.concept_id) for t in reading][:2] == [("Gicht", "M10.9"), ("Asthma", "J45.9")]


def test_a_label_of_blanks_is_none(write: Write) -> None:
    path = write("a.csv", "term\ngin\n")
    with pytest.raises(InputError, match="the label is blank"):
        read_gazetteer(path, label="  ")
    assert [term.label for term in read_gazetteer(path, label=" Drug ")] == ["Drug"]


X, Y = "Drug", "Disease"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        # A tick says the label, in several columns several.
        (
            "a.csv",
            "Name,Drug,Disease\nrum,x,\nflu,,x\nlye,x,x\n",
            [("rum", X), ("flu", Y), ("lye", X), ("lye", Y)],
        ),
        ("a.csv", "Name;Drug;Disease\nrum;yes;no\nflu;no;yes\n", [("rum", X), ("flu", Y)]),
        ("a.csv", "Name,ID,Drug,Disease\nrum,A1,1,0\nflu,A2,0,1\n", [("rum", X), ("flu", Y)]),
        (
            "a.csv",
            "Name,Widget,Gadget\nrum,✓,\nflu,,✓\ngin,✓,\n",
            [("rum", "Widget"), ("flu", "Gadget"), ("gin", "Widget")],
        ),
        ("a.jsonl", '{"name": "rum", "drug": true, "disease": false}\n', [("rum", X)]),
        # What says yes or no otherwise is no label.
        (
            "a.csv",
            "Name,High alert,Formulary\nrum,x,\nflu,,\ngin,x,x\n",
            [("rum", "a"), ("flu", "a"), ("gin", "a")],
        ),
        ("a.csv", "Name,Type,Drug\nrum,Spirit,x\nflu,Virus,\n", [("rum", "Spirit"), ("flu", "Virus")]),
        # Several labels in a cell; a sign that one label has itself is none.
        ("a.csv", "Name,Label\nrum,Drug; Disease\nflu,Disease\n", [("rum", X), ("rum", Y), ("flu", Y)]),
        ("a.csv", "Name,Label\nrum,Drug/Disease\nflu,Disease\n", [("rum", X), ("rum", Y), ("flu", Y)]),
        (
            "a.csv",
            "Name,Label\nAnn,Person/Org\nAcme,Person/Org\n",
            [("Ann", "Person/Org"), ("Acme", "Person/Org")],
        ),
        ("a.jsonl", '{"name": "rum", "label": ["Drug", "Disease"]}\n', [("rum", X), ("rum", Y)]),
        # Keys and headings that name labels, where the terms stand under another.
        (
            "a.json",
            '{"entities": [{"value": "rum", "entity": "drug"}, {"value": "flu", "entity": "disease"}]}',
            [("rum", "drug"), ("flu", "disease")],
        ),
        ("a.csv", "entity,value\ndrug,rum\ndisease,flu\n", [("rum", "drug"), ("flu", "disease")]),
        # Lines with their labels, in their order.
        (
            "a.txt",
            "DRUG rum\nDISEASE flu\nDRUG gin\n",
            [("rum", "DRUG"), ("flu", "DISEASE"), ("gin", "DRUG")],
        ),
    ],
)
def test_labels_that_a_row_says_in_another_way(
    write: Write, name: str, text: str, found: list[tuple[str, str]]
) -> None:
    assert [(term.text, term.label) for term in read_gazetteer(write(name, text))] == found


def test_ticks_of_columns_that_somebody_names(write: Write) -> None:
    path = write("a.csv", "Name,Oral,IV,Alert\nrum,x,,x\nflu,,x,\ngin,x,x,\n")
    assert {term.label for term in read_gazetteer(path)} == {"a"}
    asked = read_gazetteer(path, columns="label=Oral,label=IV")
    assert [(term.text, term.label) for term in asked][-2:] == [("gin", "Oral"), ("gin", "IV")]
    assert {term.label for term in read_gazetteer(path, label="Drug")} == {"Drug"}


def test_rows_that_are_out_of_use_are_left_out(write: Write) -> None:
    for head, yes in (
        ("Deprecated", "yes"),
        ("Obsolete", "TRUE"),
        ("Withdrawn", "2009-01-01"),
        ("Exclude", "x"),
    ):
        reading = read_gazetteer(write("a.csv", f"Name,Type,{head}\nrum,Drug,\nflu,Disease,{yes}\n"))
        assert [term.text for term in reading] == ["rum"]
        assert reading.report.skipped["not active"].examples == [(3, "flu")]
    names = read_gazetteer(write("a.csv", "Name,Type,Obsolete\nrum,Drug,taffia\nflu,Disease,grippe\n"))
    assert len(list(names)) == 2  # older names


BELOW = [
    ["Drug", "Code", ""],
    ["rum", "A1", ""],
    ["gin", "A2", ""],
    ["", "", ""],
    ["Disease", "ICD", "Notes"],
    ["flu", "J10", "seen"],
    ["gout", "M10", ""],
]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_table_below_another_has_headings_of_its_own(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("\n".join(map(",".join, BELOW)))
    else:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in BELOW:
            book.active.append([cell or None for cell in row])
        book.save(path)
    reading = read_gazetteer(path)
    assert [(term.text, term.label, term.concept_id, term.row) for term in reading] == [
        ("rum", "Drug", "A1", 2),
        ("gin", "Drug", "A2", 3),
        ("flu", "Disease", "J10", 6),
        ("gout", "Disease", "M10", 7),
    ]


def test_tables_below_each_other_may_have_titles_or_other_columns(write: Write) -> None:
    text = "Statins\n\nName,Code\nsimva,A1\natorva,A2\n\nSpirits\n\nName,Code\nrum,B1\ngin,B2\n"
    assert [(term.text, term.label) for term in read_gazetteer(write("a.csv", text))] == [
        ("simva", "Statins"),
        ("atorva", "Statins"),
        ("rum", "Spirits"),
        ("gin", "Spirits"),
    ]
    text = "Term,Label\nrum,Drug\n\nTerm,Label,Synonyms\nflu,Disease,grippe\ngout,Disease,\n"
    assert [term.text for term in read_gazetteer(write("a.csv", text))] == ["rum", "flu", "grippe", "gout"]
    # A row behind an empty one is one of the same table else.
    text = "Term,Code\nrum,A1\n\ngin,none\n\nlye,A3\nash,A4\n"
    assert [term.text for term in read_gazetteer(write("a.csv", text), label="X")] == [
        "rum",
        "gin",
        "lye",
        "ash",
    ]


def test_tags_in_cells_are_no_part_of_names(write: Write) -> None:
    text = (
        "Term,Label,Synonyms\n<i>E. coli</i>,X,Escherichia coli<br>B. coli<br/>coliform\n"
        "H<sub>2</sub>O,X,J&amp;J water\n&lt;b&gt;PO<sub>2</sub>&lt;/b&gt; < 60,X,\n"
    )
    reading = read_gazetteer(write("a.csv", text))
    assert [term.text for term in reading] == [
        *("E. coli", "Escherichia coli", "B. coli", "coliform"),
        *("H2O", "J&J water", "PO2 < 60"),
    ]
    reading = read_gazetteer(write("a.csv", "Term,Label\nE. coli<br>MRSA,X\n"))
    assert [term.text for term in reading] == ["E. coli MRSA"]
    assert any("line breaks in names" in note and note.endswith("row 2") for note in reading.report.notes)
