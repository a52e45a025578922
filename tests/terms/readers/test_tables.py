"""CSV and other delimited text, workbooks, plain lists."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.bounds import limited
from hybrid_ner.errors import InputError
from hybrid_ner.matching import gather_terms
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer

# CSV, TSV and friends: delimiters, headers, encodings, columns, bad rows.

Write = Callable[..., Path]


def _rows(path: Path, **given: object) -> list[tuple[str, str, str, str]]:
    return [(t.text, t.label, t.concept_id, t.status) for t in read_gazetteer(path, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_sniffed(write: Write, delimiter: str) -> None:
    text = delimiter.join(("term", "label", "id")) + "\n" + delimiter.join(("aspirin", "Drug", "X:1")) + "\n"
    assert _rows(write("a.csv", text)) == [("aspirin", "Drug", "X:1", "preferred")]


def test_delimiter_is_sniffed_although_a_quoted_cell_holds_another(write: Write) -> None:
    text = 'term;label\n"acid, acetylsalicylic";Drug\n"a,b,c";Drug\n'
    assert [r[0] for r in _rows(write("a.csv", text))] == ["acid, acetylsalicylic", "a,b,c"]


def test_byte_order_mark_and_crlf_are_no_part_of_cells(write: Write) -> None:
    path = write("a.csv", b"\xef\xbb\xbfterm,label\r\naspirin,Drug\r\n")
    assert _rows(path) == [("aspirin", "Drug", "", "preferred")]


def test_what_a_list_says_in_two_ways_is_noted(write: Write) -> None:
    text = "term,label\naspirin,Drug\nAspirin,Food\nflu,Disease\ngout,disease\nflu,Disease\n"
    reading = read_gazetteer(write("a.csv", text))
    reading.gazetteer()
    assert reading.report.notes == [
        "Disease, disease are different labels, as their capitals differ",
        "1 name with a second label, of which the first counts: 'Aspirin' is Drug in row 2 and Food in row 3",
    ]


def test_column_without_a_heading_is_called_by_its_number(write: Write) -> None:
    rows = "term,,label\n" + "".join(f"word{n},A{n},Drug\n" for n in range(3))
    reading = read_gazetteer(write("a.csv", rows))
    reading.gazetteer()
    assert "columns that were not read: number 2" in reading.report.notes
    assert any("column 2 are not" in note and "--columns synonyms=2" in note for note in reading.report.notes)


def test_utf16_from_a_spreadsheet(write: Write) -> None:
    path = write("a.csv", "term\tlabel\r\nβ-blocker\tDrug\r\n".encode("utf-16"))
    assert _rows(path) == [("β-blocker", "Drug", "", "preferred")]


def test_windows_1252_is_read_and_noted(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "term,label\nSjögren’s,Disease\n".encode("cp1252")))
    assert [t.text for t in reading] == ["Sjögren’s"]
    assert "Windows-1252" in reading.report.notes[0]


def test_bytes_of_no_known_encoding_are_a_bad_row(write: Write) -> None:
    path = write("a.csv", b"term,label\nok,Drug\n\x81\x8d,Drug\n")
    with pytest.raises(InputError, match=r"a\.csv, row 3: neither UTF-8 nor Windows-1252"):
        _rows(path)
    assert [r[0] for r in _rows(path, skip_bad=True)] == ["ok"]


def test_a_quoted_cell_may_hold_a_line_break_and_rows_stay_right(write: Write) -> None:
    terms = list(read_gazetteer(write("a.csv", 'term,label\n"lung\ncancer",Disease\nflu,Disease\n')))
    assert [(t.text, t.row) for t in terms] == [("lung cancer", 2), ("flu", 4)]


def test_column_mapping_by_name_and_by_number(write: Write) -> None:
    path = write("a.csv", "Code,Drug Name,Kind\n1,aspirin,Drug\n")
    expected = [("aspirin", "Drug", "1", "preferred")]
    assert _rows(path, columns={"term": "drug_name", "label": "Kind", "concept_id": "1"}) == expected
    assert _rows(path, columns="term=2,label=3,concept_id=1", header="yes") == expected


def test_no_header_with_numbers(write: Write) -> None:
    path = write("a.csv", "1,aspirin\n2,ibuprofen\n")
    rows = _rows(path, columns={"term": "2", "concept_id": "1"}, label="Drug")
    assert rows == [("aspirin", "Drug", "1", "preferred"), ("ibuprofen", "Drug", "2", "preferred")]


def test_synonyms_and_parents_in_one_cell(write: Write) -> None:
    path = write("a.csv", "name,synonyms,id,parents\nflu,influenza|grippe,D:1,D:0|D:9\n")
    reading = read_gazetteer(path, label="Disease")
    assert [(t.text, t.status) for t in reading] == [
        ("flu", "preferred"),
        ("influenza", "synonym"),
        ("grippe", "synonym"),
    ]
    assert reading.parents == {"D:1": ("D:0", "D:9")}


def test_where_keeps_the_rows_asked_for(write: Write) -> None:
    reading = read_gazetteer(
        write("a.csv", "term,state\na1,ACTIVE\nb1,OLD\n"), label="X", where="state=ACTIVE"
    )
    assert [t.text for t in reading] == ["a1"]
    assert reading.report.skipped["not in the rows asked for (where)"].count == 1


def test_unknown_columns_without_mapping_are_an_error_that_says_what_to_do(write: Write) -> None:
    with pytest.raises(InputError, match=r"no column can be taken for the term.*columns=term"):
        _rows(write("a.csv", "aspirin,tablet\nibuprofen,gel\n"), label="Drug")


def test_a_column_of_words_beside_codes_needs_no_heading(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "R05,Cough\nR50.9,Fever\n"), label="X")
    assert [(term.text, term.concept_id) for term in reading] == [("Cough", "R05"), ("Fever", "R50.9")]
    assert "there are no headings: column 2 is read as the term, column 1 as its id" in reading.report.notes
    numbered = read_gazetteer(write("b.csv", "1,aspirin\n2,ibuprofen\n"), label="X")
    assert [(term.text, term.concept_id) for term in numbered] == [("aspirin", ""), ("ibuprofen", "")]


def test_a_named_column_that_is_missing_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match=r"no column 'nom'.*columns: term, label"):
        _rows(write("a.csv", "term,label\na1,X\n"), columns={"term": "nom", "label": "label"})


def test_wrong_number_of_columns_names_the_row(write: Write) -> None:
    path = write("a.csv", "term,label\naspirin,Drug\nbroken\nflu,Disease\n")
    with pytest.raises(InputError, match=r"a\.csv, row 3: wrong number of columns: 1 instead of 2"):
        _rows(path)
    reading = read_gazetteer(path, skip_bad=True)
    assert [t.text for t in reading] == ["aspirin", "flu"]
    assert reading.report.bad["wrong number of columns"].examples[0][0] == 3


def test_broken_quotes_are_an_error_with_a_way_out(write: Write) -> None:
    path = write("a.csv", 'term,label\n"Maxi" pads,Device\nflu,Disease\n')
    with pytest.raises(InputError, match=r"row 2: broken quoting.*quote=none"):
        _rows(path)
    assert [r[0] for r in _rows(path, quote="none")] == ['"Maxi" pads', "flu"]


def test_a_table_of_unknown_columns_is_shown_as_it_is_written(write: Write) -> None:
    with pytest.raises(
        InputError, match=r"row 1: .*the first row is Dept \| Shift\. Name the columns"
    ) as error:
        _rows(write("a.csv", "Dept,Shift\nA,early\nA,late\n"))
    assert "[" not in str(error.value)


def test_a_row_without_a_term_is_left_out_and_told(write: Write) -> None:
    text = "term,label,alias\n--,Drug,\nflu,Disease,n/a\n,Drug,\nN/A,Drug,ASA\n"
    reading = read_gazetteer(write("a.csv", text))
    assert [term.text for term in reading] == ["flu", "ASA"]
    assert "  skipped 2: no term in the row (row 2: --, Drug; row 4: Drug)" in reading.report.lines()


def test_a_status_that_does_not_exist_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 2: unusable term: unknown status 'odd'"):
        _rows(write("a.csv", "term,label,status\na1,Drug,odd\na2,Drug,synonym\n"))


def test_a_column_with_another_meaning_is_ignored_but_for_what_is_off(write: Write) -> None:
    text = "term,label,status,mode\na1,Drug,ACTIVE,oral\na2,Drug,Retired,oral\n"
    reading = read_gazetteer(write("a.csv", text))
    assert [(term.text, term.status, term.mode) for term in reading] == [("a1", "preferred", "folded")]
    assert reading.report.skipped["not active"].examples == [(3, "a2")]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.data"])
def test_a_table_is_known_by_its_header(write: Write, name: str) -> None:
    assert _rows(write(name, "term,label\naspirin,Drug\n")) == [("aspirin", "Drug", "", "preferred")]


def test_comment_lines_on_top_are_counted(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "# made by hand\nterm,label\na1,X\n"))
    assert [(t.text, t.row) for t in reading] == [("a1", 3)]
    assert reading.report.skipped["comment"].count == 1


def test_label_from_column_file_name_or_error(write: Write) -> None:
    assert _rows(write("Disease.csv", "term\nflu\n")) == [("flu", "Disease", "", "preferred")]
    assert _rows(write("Drug.csv", "term,label\nflu,Disease\n"))[0][1] == "Disease"
    assert _rows(write("Drug.csv", "term,label\nflu,Disease\n"), label="Mine")[0][1] == "Mine"
    with pytest.raises(InputError, match=r"row 2: no label: 'flu'\. .*--label Disease, or name its column"):
        _rows(write("terms.csv", "term\nflu\n"))


def test_label_map_renames_and_excludes(write: Write) -> None:
    path = write("a.csv", "term,type\nflu,sickness\nlondon,city\nbob,person\n")
    reading = read_gazetteer(path, label_map={"sickness": "Disease", "city": ""})
    assert [(t.text, t.label) for t in reading] == [("flu", "Disease")]
    assert reading.report.skipped["type not wanted"].count == 2


def test_only_a_header_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match="no term found in 0 rows"):
        load_gazetteer(write("a.csv", "term,label\n"))


def _texts(path: Path, **given: object) -> list[str]:
    return [t.text for t in read_gazetteer(path, label="X", **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ("influenza, grippe", "MI, heart attack, coronary"),
            ["influenza", "grippe", "MI", "heart attack", "coronary"],
        ),
        (("ASA,acetylsalicylic acid", "2,4-D,Weedar"), ["ASA", "acetylsalicylic acid", "2,4-D", "Weedar"]),
        (("influenza; grippe, the", "x; y"), ["influenza", "grippe, the", "x", "y"]),
        (("a1|b1, c1", "d1"), ["a1", "b1, c1", "d1"]),
        (("influenza / grippe", "MI / TIA"), ["influenza", "grippe", "MI", "TIA"]),
        (("influenza\ngrippe", "MI\nTIA"), ["influenza", "grippe", "MI", "TIA"]),
        (("['influenza', 'grippe, real']", '["MI"]'), ["influenza", "grippe, real", "MI"]),
        (
            ("iron(II,III) oxide, rust", "vitamin B (B1, B6), Becozym"),
            ["iron(II,III) oxide", "rust", "vitamin B (B1, B6)", "Becozym"],
        ),
    ],
)
def test_what_separates_synonyms_is_judged_by_the_cells(
    write: Write, cells: tuple[str, str], expected: list[str]
) -> None:
    rows = "".join(f'flu{at},"{cell.replace(chr(34), chr(34) * 2)}"\n' for at, cell in enumerate(cells))
    path = write("a.csv", f"term,synonyms\n{rows}")
    assert [text for text in _texts(path) if not text.startswith("flu")] == expected


def test_cells_of_a_column_may_be_separated_in_several_ways(write: Write) -> None:
    text = 'name,brands\na,Tegretol; Timonil\nb,Levaquin / Tavanic\nc,"Avonex, Rebif"\nd,"Ery / Tab; Emu"\n'
    names = [text for text in _texts(write("a.csv", text)) if len(text) > 1]
    assert names == ["Tegretol", "Timonil", "Levaquin", "Tavanic", "Avonex", "Rebif", "Ery", "Tab", "Emu"]


@pytest.mark.parametrize(
    "heading", ["CAS No.", "CAS number", "CAS registry number", "CAS RN", "EC No.", "E-number"]
)
def test_numbers_of_a_register_are_ids(write: Write, heading: str) -> None:
    path = write(
        "a.csv", f"Substance,{heading},Synonyms\nethanol,64-17-5,ethyl alcohol\nlead (Pb),7439-92-1,\n"
    )
    found = [(t.text, t.concept_id) for t in read_gazetteer(path, label="X")]
    assert found == [
        *(("ethanol", "64-17-5"), ("ethyl alcohol", "64-17-5")),
        *(("lead", "7439-92-1"), ("Pb", "7439-92-1")),
    ]


def test_what_columns_without_headings_are_taken_for_is_told(write: Write) -> None:
    text = "36,AEROCARIBBEAN,-0- ,CUBA\n173,AVIA IMPORT,-0- ,CUBA\n306,BANCO NACIONAL,-0- ,CUBA\n"
    reading = read_gazetteer(write("a.csv", f"{text}7,ABU NIDAL,-0- ,SDT\n"))
    assert [(t.text, t.label) for t in reading][::3] == [("AEROCARIBBEAN", "CUBA"), ("ABU NIDAL", "SDT")]
    note = "there are no headings: column 2 is read as the term, column 1 as its id, column 4 as its label"
    assert note in reading.report.notes


def test_a_code_page_that_is_not_western_is_refused(write: Write) -> None:
    russian = "Термин;Тип\nаспирин;Препарат\n".encode("cp1251")
    with pytest.raises(
        InputError, match=r"row 1: neither UTF-8 nor in a Western code page.*save it as UTF-8"
    ):
        _rows(write("a.csv", russian))
    french = "Terme;Type\ncréée;X\nÉTÉ œuvré;X\n".encode("cp1252")
    assert _texts(write("b.csv", french)) == ["créée", "ÉTÉ œuvré"]


def test_quotes_and_remarks_in_a_plain_list(write: Write) -> None:
    text = '; parties of the deal\n"Acme, Inc."     ; the comma is its own\nBlue Corp\n'
    reading = read_gazetteer(write("a.txt", text), label="Party")
    assert [t.text for t in reading] == ["Acme, Inc.", "Blue Corp"]
    assert any("what stands behind ; in a line is read as a remark" in note for note in reading.report.notes)
    several = write("b.txt", '"Acme, Inc."; Acme\nBlue Corp; BC\n')
    assert [t.text for t in read_gazetteer(several, label="Party")] == [
        "Acme, Inc.",
        "Acme",
        "Blue Corp",
        "BC",
    ]


def test_turned_names_are_not_cut_at_their_commas(write: Write) -> None:
    text = 'term,synonyms\nlung cancer,"Cancer, lung"\nasthma,"Asthma, unspecified"\n'
    text += 'renal failure,"failure, renal, chronic"\n'
    reading = read_gazetteer(write("a.csv", text), label="X")
    assert [t.text for t in reading][1::2] == [
        "Cancer, lung",
        "Asthma, unspecified",
        "failure, renal, chronic",
    ]
    assert reading.report.notes == []
    assert "lung" in _texts(write("b.csv", text), separator=",")


def test_names_of_genes_are_read_as_their_committee_writes_them(write: Write) -> None:
    """Beside bars a comma belongs to a name, and former symbols and names are names too."""
    head = "hgnc_id\tsymbol\tname\talias_symbol\talias_name\tprev_symbol\tprev_name\n"
    text = 'X:1\tBRCA1\tDNA repair\t"RNF53|BRCC1"\tcomplex A, subunit 1\tPSCP\tbreast cancer 1, early onset\n'
    text += "X:2\tMLH1\tmutL homolog 1\tFCC2\t\tCOCA2\t\n"
    texts = _texts(write("genes.tsv", head + text))
    assert {"RNF53", "BRCC1", "PSCP", "COCA2", "complex A, subunit 1", "breast cancer 1, early onset"} <= {
        *texts
    }
    assert {"subunit 1", "early onset"}.isdisjoint(texts)
    alone = _texts(write("own.csv", "gene_symbol;synonyms\nERBB2;HER2|NEU\n"))
    assert alone == ["ERBB2", "HER2", "NEU"]


@pytest.mark.parametrize("heading", ["Trade name", "Drug name", "Name of drug"])
def test_a_heading_over_one_column_is_no_term(write: Write, heading: str) -> None:
    reading = read_gazetteer(write("a.csv", f"{heading}\nMepilex\nAllevyn\n"), label="X")
    assert [t.text for t in reading] == ["Mepilex", "Allevyn"]
    assert reading.report.notes == [f"column {heading!r} is read as the term"]


def test_a_total_that_says_of_what_is_no_term(write: Write) -> None:
    text = "Name,Site\nBrackwell,Yard\nMorven,Quay\nTotal parties: 2,\n"
    assert _texts(write("a.csv", text)) == ["Brackwell", "Morven"]


def test_the_separator_that_was_judged_is_said(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", 'term,synonyms\nflu,"influenza, grippe"\n'), label="X")
    assert len(list(reading)) == 3
    assert reading.report.notes == [
        "values of column 'synonyms' are separated by ',', as its first rows show"
    ]


def test_headings_of_another_wording(write: Write) -> None:
    path = write("a.csv", "Term name;Category;Also known as;Remarks\nflu;Disease;grippe, influenza;x\n")
    reading = read_gazetteer(path)
    assert [(t.text, t.label) for t in reading] == [
        (name, "Disease") for name in ("flu", "grippe", "influenza")
    ]
    assert reading.report.notes[:4] == [
        "column 'Also known as' is read as the synonyms",
        "column 'Term name' is read as the term",
        "column 'Category' is read as the label (--label NAME gives all rows that label instead)",
        "columns that were not read: Remarks",
    ]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("id,label", "X:1,flu", ("flu", "List", "X:1", "preferred")),
        ("id,label,type", "X:1,flu,Disease", ("flu", "Disease", "X:1", "preferred")),
        ("type,id,label", "Disease,X:1,flu", ("flu", "Disease", "X:1", "preferred")),
        ("Disease code,Disease name", "X:1,flu", ("flu", "List", "X:1", "preferred")),
        ("id,rdfs:label", "X:1,flu", ("flu", "List", "X:1", "preferred")),
    ],
)
def test_a_column_of_names_may_be_called_label(
    write: Write, header: str, row: str, expected: tuple[str, str, str, str]
) -> None:
    label = None if "ype" in header else "List"
    assert _rows(write("a.csv", f"{header}\n{row}\n"), **({"label": label} if label else {})) == [expected]


def test_rows_without_a_header_are_not_taken_for_one(write: Write) -> None:
    path = write("a.csv", "brand name,blood group\naspirin,drug\n")
    assert _texts(path, columns="term=1") == ["brand name", "aspirin"]


def test_rows_with_synonyms_and_no_id_are_concepts_named_after_their_term(write: Write) -> None:
    path = write("a.csv", "term,label,id,synonyms\nLetter of Credit,T,,L/C|LC\nlien,T,,\nnote,T,N:1,IOU\n")
    assert [row[:3] for row in _rows(path)] == [
        ("Letter of Credit", "T", "name:letter-of-credit"),
        ("L/C", "T", "name:letter-of-credit"),
        ("LC", "T", "name:letter-of-credit"),
        ("lien", "T", ""),
        ("note", "T", "N:1"),
        ("IOU", "T", "N:1"),
    ]


def test_headings_that_look_like_roles_are_taken_beside_a_usual_name(write: Write) -> None:
    path = write("devices.csv", "name,kind,code,also known as\nstent,Device,D-2,DES|coronary stent\n")
    reading = read_gazetteer(path)
    assert [(t.text, t.label, t.concept_id) for t in reading] == [
        ("stent", "Device", "D-2"),
        ("DES", "Device", "D-2"),
        ("coronary stent", "Device", "D-2"),
    ]
    told = "column 'kind' is read as the label (--label NAME gives all rows that label instead)"
    assert told in reading.report.notes


# Workbooks.

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
    said = "sheets that were not read, as their names say that they are about the list: Notes"
    assert any(note.startswith(said) for note in reading.report.notes)
    assert any("separated by ','" in note for note in reading.report.notes)


def test_every_sheet_that_holds_terms_is_read(tmp_path: Path) -> None:
    about = [["About this list"], ["It was made by hand and holds what the ward uses."]]
    drugs = [["Term", "Brand"], ["ivermectin", "Ivomec"], ["meloxicam", None]]
    path = _book(tmp_path / "a.xlsx", About=about, Drugs=drugs, Diseases=[["Term"], ["founder"]])
    reading = read_gazetteer(path)
    drug_names = [("ivermectin", "Drugs"), ("Ivomec", "Drugs"), ("meloxicam", "Drugs")]
    assert [(t.text, t.label) for t in reading] == [*drug_names, ("founder", "Diseases")]
    assert "rows that bring no label have 'Drugs', after the name of the sheet" in reading.report.notes
    assert any(
        note.startswith("sheets that were not read") and "About" in note for note in reading.report.notes
    )
    assert {(term.label, term.file) for term in read_gazetteer(path, label="X")} == {
        ("X", "a.xlsx!Drugs"),
        ("X", "a.xlsx!Diseases"),
    }
    some = gather_terms("generic", [path], label="X", columns="sheet=Diseases")
    assert [term.text for term in some] == ["founder"]
    plain = _book(tmp_path / "b.xlsx", Sheet1=[["gate valve"], ["rotor"]], Sheet2=[["pump"]], Sheet3=[])
    assert [term.text for term in read_gazetteer(plain, label="Part")] == ["gate valve", "rotor", "pump"]
    wrong = _book(
        tmp_path / "terms.xlsx",
        Sheet1=[["term", "label"], ["a1", "X"]],
        Sheet2=[["term", "label"], ["b1", ""]],
    )
    with pytest.raises(InputError, match=r"terms\.xlsx, sheet Sheet2, row 2: no label: 'b1'"):
        list(read_gazetteer(wrong))


def test_sheets_of_an_open_document_are_read(tmp_path: Path) -> None:
    path = tmp_path / "parts.ods"
    office = "urn:oasis:names:tc:opendocument:xmlns"
    row = "<t:table-row>{}</t:table-row>".format
    cell = "<t:table-cell><x:p>{}</x:p></t:table-cell>".format
    nothing = '<t:table-cell t:number-columns-repeated="16384"/>'
    blank = f'<t:table-row t:number-rows-repeated="3">{nothing}</t:table-row>'
    first = row(cell("Term") + cell("Label")) + blank + row(cell("gate <x:s/>valve") + cell("Part"))
    twice = row('<t:table-cell t:number-columns-repeated="2"><x:p>Part</x:p></t:table-cell>')
    tables = f'<t:table t:name="A">{first}{twice}</t:table><t:table t:name="B">{row(cell("x"))}</t:table>'
    body = f'<c xmlns:t="{office}:table:1.0" xmlns:x="{office}:text:1.0">{tables}</c>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", body)
    reading = read_gazetteer(path)
    assert [(t.text, t.label, t.row) for t in reading] == [("gate valve", "Part", 5), ("Part", "Part", 6)]
    assert any("B" in note for note in reading.report.notes if note.startswith("sheets that were not read"))


def test_lists_beside_each_other_and_cells_of_several_names(write: Write) -> None:
    text = 'Disease,Symptoms\n"cancer, lung","Fever, Cough"\nFlu,"Wheeze, Chest tightness"\n'
    reading = read_gazetteer(write("a.csv", text))
    symptoms = ["Fever", "Cough", "Wheeze", "Chest tightness"]
    assert [t.text for t in reading if t.label == "Symptoms"] == symptoms
    assert [t.text for t in reading if t.label == "Disease"] == ["cancer, lung", "Flu"]
    assert (
        "column 'Disease': names with a comma are one (--columns separator=comma cuts them)"
        in reading.report.notes
    )
    others = write("b.csv", "Breed,Housing\nBoxer,Kennel\nPersian,Flat\n")
    with pytest.raises(InputError, match=r"columns=term=\* reads each as a list under its label"):
        list(read_gazetteer(others))
    told = [(t.text, t.label) for t in read_gazetteer(others, columns={"term": "*"})]
    assert told == [("Kennel", "Housing"), ("Boxer", "Breed"), ("Flat", "Housing"), ("Persian", "Breed")]
    alone = read_gazetteer(write("c.csv", "Terms\nfever; chills\nTom &amp; Son\n"), label="X")
    assert {term.text for term in alone} == {"fever", "chills", "Tom & Son"}


def test_a_column_of_labels_is_told_unless_the_user_gives_one(write: Write) -> None:
    path = write("a.csv", "Term,Class\nflu,Disease\n")
    reading = read_gazetteer(path)
    assert [t.label for t in reading] == ["Disease"]
    said = "column 'Class' is read as the label (--label NAME gives all rows that label instead)"
    assert reading.report.notes == [said]
    reading = read_gazetteer(path, label="X")
    assert [t.label for t in reading] == ["X"]
    assert not any("as the label" in note for note in reading.report.notes)
    reading = read_gazetteer(path, otherwise="X")
    assert ([t.label for t in reading], reading.report.notes) == (["Disease"], [said])
    records = read_gazetteer(write("a.jsonl", '{"term": "flu", "category": "Disease"}\n'))
    assert [t.label for t in records] == ["Disease"]
    assert records.report.notes == [
        "key 'category' is read as the label (--label NAME gives all rows that label instead)"
    ]


def test_cells_merged_downwards_stand_for_each_of_their_rows(tmp_path: Path) -> None:
    rows = [["term", "label"], ["aspirin", "Drug"], ["codeine", None], [], ["zinc", None], ["flu", "Disease"]]
    path = _book(tmp_path / "a.xlsx", List=rows)
    book = openpyxl.load_workbook(path)
    book["List"].merge_cells("B2:B5")
    book.save(path)
    reading = read_gazetteer(path)
    assert [(t.text, t.label) for t in reading] == [
        ("aspirin", "Drug"),
        ("codeine", "Drug"),
        ("zinc", "Drug"),
        ("flu", "Disease"),
    ]
    assert "cells that are merged downwards stand for each of their rows" in reading.report.notes


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


# Plain text lists.


def test_one_term_a_line_with_rows_and_comments(write: Write) -> None:
    reading = read_gazetteer(write("Disease.txt", b"\xef\xbb\xbfflu\r\n\r\n# viral\r\n  lung   cancer \r\n"))
    found = [(t.text, t.label, t.row, t.file) for t in reading]
    assert found == [("flu", "Disease", 1, "Disease.txt"), ("lung cancer", "Disease", 4, "Disease.txt")]
    assert reading.report.skipped["comment"].examples == [(3, "# viral")]


def test_commas_are_part_of_the_term(write: Write) -> None:
    terms = list(read_gazetteer(write("x.txt", "pain, chest\n"), label="Disease"))
    assert [t.text for t in terms] == ["pain, chest"]


def test_what_is_no_term_in_a_plain_list_is_left_out_and_told(write: Write) -> None:
    reading = read_gazetteer(write("x.txt", "flu\n***\ncold\tDisease\nasthma\n"), label="Disease")
    assert [t.text for t in reading] == ["flu", "cold", "asthma"]
    assert reading.report.skipped["no letter or digit"].examples == [(2, "***")]
    assert reading.report.skipped["what stands behind a tab is no term"].examples == [(3, "Disease")]


def test_a_table_in_a_text_file_is_read_as_one(write: Write) -> None:
    terms = list(read_gazetteer(write("x.txt", "term\tlabel\nflu\tDisease\n")))
    assert [(t.text, t.label) for t in terms] == [("flu", "Disease")]


def test_no_label_at_all_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match="no label"):
        list(read_gazetteer(write("terms.txt", "flu\n")))


@pytest.mark.parametrize(
    ("text", "terms", "said"),
    [
        ("Device\tCat. no.\nscalpel\tA1\ncatheter\tA2\n", ["scalpel", "catheter"], "Device"),
        ("Brand;Generic;Notes\nTylo;aceta;x\nZyra;ceti;\n", ["Tylo", "aceta", "Zyra", "ceti"], "Brand"),
        ("No,Mineral,Formula\n1,mica,K\n2,quartz,SiO2\n", ["mica", "quartz"], "Mineral"),
        ('Analyte,Synonym(s)\nIgG,"Ig G"\nCRP,x|y\n', ["IgG", "Ig G", "CRP", "x", "y"], "Analyte"),
    ],
)
def test_a_heading_of_its_own_over_words_is_the_term_and_said(
    tmp_path: Path, text: str, terms: list[str], said: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    reading = read_gazetteer(path, label="X")
    assert [term.text for term in reading] == terms
    assert f"column {said!r} is read as the term" in reading.report.notes


@pytest.mark.parametrize("text", ["mica,quartz\nbirch,oak\nash,elm\n", "A1,B1\nA2,B2\nA3,B3\n"])
def test_a_table_without_headings_is_not_guessed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no column can be taken for the term"):
        [*read_gazetteer(path, label="X")]


def test_a_title_above_a_sheet_is_no_heading(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Foods 2024"], [], ["Food item", "Category"], ["loaf", "bread"], ["cherry", "fruit"]):
        book.active.append(row)
    book.save(tmp_path / "foods.xlsx")
    reading = read_gazetteer(tmp_path / "foods.xlsx")
    assert [(term.text, term.label) for term in reading] == [
        ("loaf", "bread"),
        ("cherry", "fruit"),
    ]


def test_a_column_of_short_forms_holds_names_too(write: Write) -> None:
    text = "subject|short|stage\nMathematics|Maths|KS3\nPhysical Education|PE|KS3\n"
    reading = read_gazetteer(write("a.csv", text), label="SUBJECT")
    assert [term.text for term in reading] == ["Mathematics", "Maths", "Physical Education", "PE"]
    assert "column 'short' is read as names of the same row too" in reading.report.notes


def test_a_short_form_that_is_a_word_keeps_its_capitals(write: Write) -> None:
    text = "clause,alias\nself-insured retention,SIR\nmutual waiver,MWVR\narsenic,As\nlead,Pb\n"
    modes = {t.text: t.mode for t in read_gazetteer(write("a.csv", text), label="CLAUSE")}
    assert (modes["SIR"], modes["MWVR"]) == ("case", "folded")
    assert (modes["As"], modes["Pb"]) == ("case", "folded")
    capitals = {
        t.text: t.mode for t in read_gazetteer(write("b.csv", "term,alias\nTUG,BOAT\n"), label="SHIP")
    }
    assert capitals["BOAT"] == "folded"
    sides = {t.text: t.mode for t in read_gazetteer(write("c.csv", "term\nRE\nLE\nR\nOU\n"), label="SIDE")}
    assert (sides["RE"], sides["R"]) == ("case", "case")


def test_codes_that_are_not_looked_for_are_said(write: Write) -> None:
    text = "Part no;Description;Bin\nMX-1001;drive shaft;A\nMX-1002;worm wheel;A\n"
    reading = read_gazetteer(write("a.csv", text), label="PART", columns={"term": "Description"})
    assert [term.text for term in reading] == ["drive shaft", "worm wheel"]
    assert any("'Part no' are not looked for" in note for note in reading.report.notes)
    coded = read_gazetteer(
        write("b.csv", text), label="PART", columns={"term": "Description", "synonyms": "Part no"}
    )
    assert "MX-1001" in [term.text for term in coded]


def test_two_names_in_a_line_of_a_plain_list(write: Write) -> None:
    reading = read_gazetteer(
        write("a.txt", "Grey Heron = Ardea cinerea\nRuff = Calidris pugnax\n"), label="BIRD"
    )
    names = [(term.text, term.concept_id) for term in reading]
    assert names[:2] == [("Grey Heron", "name:grey-heron"), ("Ardea cinerea", "name:grey-heron")]
    assert reading.report.notes
    one = read_gazetteer(write("b.txt", "x = y\nGrey Heron\nRuff\n"), label="BIRD")
    assert "x = y" in [term.text for term in one]


def test_records_whose_keys_have_other_names(write: Write) -> None:
    text = '{"preferred": "bowline", "alt": "king of knots; bow line knot", "id": "K1"}\n'
    terms = [*read_gazetteer(write("a.jsonl", text), label="KNOT")]
    assert [(t.text, t.concept_id) for t in terms] == [
        ("bowline", "K1"),
        ("king of knots", "K1"),
        ("bow line knot", "K1"),
    ]


def test_the_name_of_a_table_is_no_short_name(write: Write) -> None:
    text = "Item\tShort name\tAKA\nball-peen hammer\t\tengineer's hammer\ntorque wrench\tTWR\t\n"
    names = [term.text for term in read_gazetteer(write("a.tsv", text), label="TOOL")]
    assert names == ["ball-peen hammer", "engineer's hammer", "torque wrench", "TWR"]


def test_a_second_column_of_names_is_read_too(write: Write) -> None:
    text = "Latin name,Common name,Height\nTaxus baccata,common yew,20\nIlex aquifolium,holly,10\n"
    names = [term.text for term in read_gazetteer(write("a.csv", text), label="TREE")]
    assert names == ["common yew", "Taxus baccata", "holly", "Ilex aquifolium"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "a.txt",
            "ochre | pigment\nwhite | pigment\nlinseed oil | binder\nalkyd | binder\n",
            "ochre pigment , white pigment ",
        ),
        (
            "a.txt",
            "id|preferred_name|synonyms\n1|bloat|tympany\n2|colic|\n",
            "bloat X 1, tympany X 1, colic X 2",
        ),
        (
            "a.prn",
            "Term            Category\nwhite lead      pigment\nshellac         resin\n",
            "white lead pigment , shellac resin ",
        ),
        (
            "a.csv",
            "term,label,mesh\nheart attack,X,D009203\nflu,X,D007251\n",
            "heart attack X MESH:D009203, flu X MESH:D007251",
        ),
        (
            "a.ini",
            "[Drug]\naspirin=ASA\nheparin=\n[Device]\ncannula=\n",
            "aspirin Drug name:aspirin, ASA Drug name:aspirin",
        ),
    ],
)
def test_tables_in_files_of_other_names(write: Write, name: str, text: str, told: str) -> None:
    path = write(name, text)
    label = "" if " X " not in told or "label" in text else "X"
    found = ", ".join(f"{t.text} {t.label} {t.concept_id}" for t in read_gazetteer(path, label=label))
    assert found.startswith(told)


def test_a_label_in_the_first_row_is_no_heading(write: Write) -> None:
    path = write("a.csv", '"Smith, John";PARTY\n"ACME, Inc.";PARTY\n"Doe, Jane";WITNESS\n"Roe, R";WITNESS\n')
    assert next((t.text, t.label) for t in read_gazetteer(path)) == ("Smith, John", "PARTY")
    with pytest.raises(InputError, match=r"no label: 'flu'. Give all rows one, --label Disease, or name its"):
        list(read_gazetteer(write("terms.csv", "Term,Notes\nflu,x\n")))
    told = read_gazetteer(write("b.csv", "Term,Typ\nSchraube,Teil\nMutter,Teil\nBruch,Fehler\n"))
    assert [term.label for term in told] == ["Teil", "Teil", "Fehler"]


# Several names in a cell of terms, several columns of synonyms.


@pytest.mark.parametrize(
    ("name", "content", "row"),
    [
        ("a.csv", "term,label\nheparin,Drug\naspirin | ASA,Drug\n", 3),
        ("a.jsonl", '{"term": "heparin", "label": "Drug"}\n{"term": "aspirin|ASA", "label": "Drug"}\n', 2),
    ],
)
def test_names_with_a_bar_between_them_are_names_of_one_thing(
    write: Write, name: str, content: str, row: int
) -> None:
    reading = read_gazetteer(write(name, content))
    assert [(t.text, t.concept_id) for t in reading] == [
        ("heparin", ""),
        ("aspirin", "name:aspirin"),
        ("ASA", "name:aspirin"),
    ]
    said = f"names with a bar between them are names of one thing, first row {row}"
    assert said in reading.report.notes


def test_a_bar_that_parts_no_names_stays_and_is_told(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "term,label\n22298006 |Gout|,Disease\n1|2 block,Disease\n"))
    assert [t.text for t in reading] == ["22298006 |Gout|", "1|2 block"]
    assert any(note.startswith("a bar is read as part of a name") for note in reading.report.notes)


@pytest.mark.parametrize("columns", ["synonyms=A,synonyms=B", "term=1,synonyms=2,synonyms=3,label=4"])
def test_synonyms_may_stand_in_several_columns(write: Write, columns: str) -> None:
    rows = "aspirin,ASA,acetylsalicylic acid,Drug\nheparin,UFH,,Drug\n"
    head = "" if "=1" in columns else "term,A,B,label\n"
    found = gather_terms("generic", [write("a.csv", head + rows)], columns=columns)
    assert [t.text for t in found] == ["aspirin", "ASA", "acetylsalicylic acid", "heparin", "UFH"]
    records = '{"term": "aspirin", "A": "ASA", "B": ["acetylsalicylic acid"], "label": "Drug"}\n'
    found = gather_terms("generic", [write("a.jsonl", records)], columns="synonyms=A,synonyms=B")
    assert sorted(t.text for t in found) == ["ASA", "acetylsalicylic acid", "aspirin"]


def test_another_role_has_one_column(write: Write) -> None:
    path = write("a.csv", "A,B,label\naspirin,ASA,Drug\n")
    with pytest.raises(InputError, match=r"names term twice: 'A' and 'B'\. Keep one"):
        gather_terms("generic", [path], columns="term=A,term=B")
