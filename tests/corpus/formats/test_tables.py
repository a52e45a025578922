"""CSV and TSV files of documents."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus
from hybrid_ner.corpus.formats import FORMATS
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import fail


def _read(tmp_path: Path, content: str, name: str = "x.csv") -> list[Document]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return list(read_corpus(path))


@pytest.mark.parametrize(
    ("heading", "values", "ids"),
    [
        ("mdr_report_key", "1001 1002", "1001 1002"),
        ("Case No.", "AB/1 AB/2", "AB/1 AB/2"),
        ("caseRef", "AB/1 AB/2", "AB/1 AB/2"),
        ("Aktenzeichen", "7/20 9/20", "7/20 9/20"),
        ("pmid", "31 17", "31 17"),
        ("patient_id", "7 7", "2 3"),
        ("No.", "1 2", "2 3"),  # which counts the rows
        ("year", "2001 2002", "2 3"),
    ],
)
def test_a_column_of_keys_gives_the_ids(tmp_path: Path, heading: str, values: str, ids: str) -> None:
    rows = "".join(f"{value},afib\n" for value in values.split())
    (tmp_path / "notes.csv").write_text(f"{heading},text\n{rows}", encoding="utf-8")
    log = ProblemLog()
    documents = list(read_corpus(tmp_path / "notes.csv", report=log))
    assert [document.doc_id for document in documents] == ids.split()
    assert log.counts == ({"id column": 1} if ids == values else {})


def test_a_key_that_comes_again_later_has_its_row(tmp_path: Path) -> None:
    rows = "".join(f"C{number % 300},afib\n" for number in range(302))
    (tmp_path / "notes.csv").write_text(f"case_no,text\n{rows}", encoding="utf-8")
    documents = list(read_corpus(tmp_path / "notes.csv", report=ProblemLog()))
    assert [document.doc_id for document in documents[-3:]] == ["C299", "C0 302", "C1 303"]


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))
    with pytest.raises(InputError, match=r"notes\.xlsx: it has a password, or is older than Office 2007"):
        list(read_corpus(tmp_path / "notes.xlsx"))


def test_other_columns_become_meta(tmp_path: Path) -> None:
    found = _read(tmp_path, 'Doc_ID;Text;year\n1;"a;\nb";2001\n;c;\n')
    assert [(d.doc_id, d.text, dict(d.meta)) for d in found] == [
        ("1", "a;\nb", {"year": "2001"}),
        ("4", "c", {"year": ""}),
    ]


@pytest.mark.parametrize("named", ["note_id", "Note ID", "text_id", "_id"])
def test_a_text_is_called_as_its_table_calls_it(tmp_path: Path, named: str) -> None:
    (document,) = _read(tmp_path, f"patient_id,{named},note\n7,n-1,Fever.\n")
    assert (document.doc_id, dict(document.meta)) == ("n-1", {"patient_id": "7"})


def test_a_column_of_notes_under_another_name_is_found_and_told(tmp_path: Path) -> None:
    note = "Seen today with her mother: the wheeze has settled, and she sleeps through the night again"
    rows = f"Date,MRN,{{}},{{}}\n2026-10-01,A1,{note.replace(',', '')},Dr Quill\n"
    told = ProblemLog()
    (tmp_path / "x.csv").write_text(rows.format("Clinic note", "Seen by"), encoding="utf-8")
    (document,) = read_corpus(tmp_path / "x.csv", report=told)
    assert (document.text, document.meta["MRN"]) == (note.replace(",", ""), "A1")
    assert [each.message for each in told.problems] == [
        "no column is called text: 'Clinic note' is read as the text, as the one with sentences."
    ]
    two = f"Reason,Clinic note\n{note.replace(',', '')},{note.replace(',', ';')}\n"
    with pytest.warns(UserWarning, match="'Clinic note' is read as the text"):
        assert ";" in _read(tmp_path, two)[0].text
    with pytest.raises(CorpusError, match="expected a column called text"):
        _read(tmp_path, two.replace("Clinic note", "What for"))


def test_tabs_and_annotations(tmp_path: Path) -> None:
    entities = '"[{""start"": 0, ""end"": 1, ""label"": ""A""}]"'
    (document,) = _read(tmp_path, f"id\ttext\tentities\n1\tx\t{entities}\n", "x.tsv")
    assert [(e.start, e.label) for e in document.entities or ()] == [(0, "A")]


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        ("id,words\n1,x\n", 1, "expected a column called text"),
        ("id,text\n1,x,y\n", 2, "expected 2 columns, found 3"),
        ('id,text\n1,"x\n', 2, "broken table"),
        ("id,text,entities\n1,x,{\n", 2, "column entities holds broken JSON"),
    ],
)
def test_bad_table(tmp_path: Path, content: str, row: int, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as caught:
        _read(tmp_path, content)
    assert caught.value.row == row


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.csv.gz"])
def test_no_cell_is_a_formula_and_nothing_is_lost(tmp_path: Path, name: str) -> None:
    texts = [
        '=HYPERLINK("http://x.test","a")',
        "- aspirin 81 mg\n- fever",
        "'=1",
        "-5",
        "plain",
        "+cmd|x",
        "\t@a",
    ]
    written = [
        Document(f"={number}", text, (Entity(0, len(text), "Drug"),)) for number, text in enumerate(texts)
    ]
    FORMATS["csv"].write(tmp_path / name, written, fail)
    assert list(read_corpus(tmp_path / name)) == written
    raw = (tmp_path / name).read_bytes()
    content = (gzip.decompress(raw) if name.endswith("gz") else raw).decode()
    rows = list(csv.DictReader(io.StringIO(content, newline=""), delimiter="\t" if "tsv" in name else ","))
    assert len(rows) == len(texts)
    for row in rows:
        assert row["id"][0] == "'"
        assert row["text"][0] in "'p" or row["text"] == "-5"


def test_an_apostrophe_of_somebody_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,text\nd,'-ol is an ending\n")
    assert [each.text for each in read_corpus(path)] == ["'-ol is an ending"]


@pytest.mark.parametrize("column", ["label", "ner", "Findings"])
def test_spans_in_a_column_as_label_studio_exports_a_table(tmp_path: Path, column: str) -> None:
    cell = '[{""start"": 0, ""end"": 7, ""text"": ""aspirin"", ""labels"": [""Drug""]}]'
    (path := tmp_path / "a.csv").write_text(
        f'id,text,{column},rater\n1,aspirin now,"{cell}",ana\n2,none,,ana\n'
    )
    first, second = read_corpus(path)
    assert [(e.start, e.end, e.label) for e in first.entities or ()] == [(0, 7, "Drug")]
    assert first.meta == {"rater": "ana"}
    assert second.entities is None


@pytest.mark.parametrize(
    ("head", "start", "end"),
    [("text,start,end,label", "start", "end"), ("Freitext,Anfang,Ende,Etikett", "Anfang", "Ende")],
)
def test_a_row_a_mention_is_told(tmp_path: Path, head: str, start: str, end: str) -> None:
    path, log = tmp_path / "a.csv", ProblemLog()
    path.write_text(f"{head}\naspirin helps,0,7,Drug\n", encoding="utf-8")
    (document,) = read_corpus(path, report=log)
    assert document.entities is None
    (problem,) = log.problems
    assert f"columns {start!r} and {end!r} are kept as meta data" in str(problem)


@pytest.mark.parametrize("head", ["Dok_ID;Befundtext", "id;texto", "identifiant;texte", "ID;Metin"])
def test_columns_of_texts_in_other_languages(tmp_path: Path, head: str) -> None:
    (path := tmp_path / "a.csv").write_text(f"{head}\nx;Ödem\n", encoding="utf-8")
    assert [(document.doc_id, document.text) for document in read_corpus(path)] == [("x", "Ödem")]


def test_a_table_with_the_separator_of_excel_and_a_column_named_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("sep=;\nid;text;text;bad\n1;asthma, mild;cough;x\n2;a;b\n", encoding="utf-8")
    log = ProblemLog()
    (document,) = read_corpus(path, report=log)
    assert (document.text, dict(document.meta)) == ("asthma, mild", {"text (2)": "cough", "bad": "x"})
    assert [problem.place.row for problem in log.problems if problem.place] == [4]


def test_what_to_do_with_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    for content, hint in (("\xfcber é".encode("cp437"), "CP850"), ("é".encode() + b"\xdcb", "are UTF-8")):
        (tmp_path / "x.txt").write_bytes(content)
        with pytest.raises(CorpusError, match=hint):
            list(read_corpus(tmp_path / "x.txt"))


def test_headings_that_stand_again_are_no_document(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"  # as "cat a.csv b.csv" makes it, where each begins with a mark
    path.write_bytes(b"\xef\xbb\xbfid,text\na,one\n\xef\xbb\xbfid,text\nb,two\n")
    log = ProblemLog()
    assert [(d.doc_id, d.text) for d in read_corpus(path, report=log)] == [("a", "one"), ("b", "two")]
    assert [p.message for p in log.problems] == ["not read: 1 row of the headings again."]


def test_errors_of_a_spreadsheet_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,text\na,one\nb,#REF!\n")
    with pytest.raises(CorpusError, match="an error instead of the text: #REF!") as caught:
        list(read_corpus(path))
    assert caught.value.row == 3
    assert [d.doc_id for d in read_corpus(path, report=ProblemLog())] == ["a"]


@pytest.mark.parametrize(("text", "told"), [("x" * 32_767, 1), ("𝒜" * 16_383 + "x", 1), ("x" * 32_768, 0)])
def test_a_text_as_long_as_a_cell_may_be_cut_off(tmp_path: Path, text: str, told: int) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"id,text\na,one\nb,{text}\n", encoding="utf-8")
    log = ProblemLog()
    assert [d.text for d in read_corpus(path, report=log)] == ["one", text]
    assert [(p.kind, p.place.row) for p in log.problems] == [("cut off", 3)] * told
