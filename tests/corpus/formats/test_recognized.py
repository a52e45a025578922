"""Files known by their content; folders of several kinds; what is not read is said with a count."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus
from hybrid_ner.corpus.cleaning import Cleaner, joined_pages
from hybrid_ner.corpus.formats import detect
from hybrid_ner.errors import CorpusError
from tests.ui.test_importing import pdf_file, word_file

COLUMNS = "-DOCSTART- -X- -X- O\n\nMetformin NNP B-NP B-Chemical\nhelps VBZ B-VP O\n\n"
TEXT = "Metformin helps diabetes."
SPANS = [(0, 9, "Chemical"), (16, 24, "Disease")]


def _spans(document: Document) -> list[tuple[int, int, str]] | None:
    if document.entities is None:
        return None
    return [(e.start, e.end, e.label) for e in document.entities]


def _mixed(folder: Path) -> None:
    for number in range(3):
        (folder / f"letter{number}.docx").write_bytes(word_file())
        (folder / f"note{number}.txt").write_text(f"Note {number}.")
    (folder / "report.pdf").write_bytes(pdf_file("Took aspirin"))


def _open_document(path: Path, body: str) -> None:
    space = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", f"<a {space}><office:text>{body}</office:text></a>")


RTF_FILE = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator W;}{\header HEAD}\pard On {\b aspirin},"
    rb" caf\'e9 \u8364?50 \{x\}\emdash z.\par\line b\tab c\trowd a\cell b\cell\row}"
)
MAIL = b"""From: a@b.c
Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="B"

--B
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Took caf=E9 and=
 aspirin.
--B
Content-Type: application/pdf
Content-Disposition: attachment; filename="x.pdf"

AAA
--B--
"""
PAGE = (
    b'<!-- x --><!DOCTYPE html><html><head><meta charset="windows-1252"><title>T</title><style>p{}</style>'
    b"<body><h1>A  letter</h1><p>On <b>aspi</b>rin &amp; caf\xe9<br>since\nMonday<script>x</script>"
    b"<table><tr><th>Drug<th>Dose</tr><tr><td>a</td><td>5 mg</td></tr></table></body></html>"
)


@pytest.mark.parametrize(
    ("name", "content", "text", "told"),
    [
        ("a.rtf", RTF_FILE, "On aspirin, café €50 {x}—z.\n\nb\tca\tb\n", "1 header, footer or note"),
        ("a.rtf", rb"{\rtf1 On {\b aspirin} and", "On aspirin and", "may be cut off"),
        ("a.eml", MAIL, "grüße\n\nTook café and aspirin.", "1 attachment (x.pdf)"),
        ("a.html", PAGE, "A letter\n\nOn aspirin & café\nsince Monday\n\nDrug\tDose\n\na\t5 mg\n", ""),
    ],
)
def test_pages_mails_and_rtf_are_texts_whatever_they_are_called(
    tmp_path: Path, name: str, content: bytes, text: str, told: str
) -> None:
    for called in (name, "a.txt"):
        (tmp_path / called).write_bytes(content)
        log = ProblemLog()
        [document] = read_corpus(tmp_path / called, report=log)
        assert document.text == text
        assert told in "".join(problem.message for problem in log.problems)
        assert bool(told) == bool(log.problems)


MARKED = (
    '<html><body><p>The  <mark data-label="Clause">force\n <b>majeure</b></mark> clause binds '
    '<mark class="Party">Zorn <mark title="Town">Ulm</mark></mark>, <mark class="hl x">rent</mark>'
    "<mark> </mark>."
    "<table><tr><td>due<td> <mark>&euro; 5 </mark></table>"
    '<mark class="entity">gout <span>Disease</span></mark>'
)


def test_marks_of_a_page_and_of_a_mail_are_entities(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"{MARKED}<mark>open", encoding="utf-8")
    head = "MIME-Version: 1.0\nSubject: Lease\nContent-Type: text/html; charset=utf-8\n\n"
    (tmp_path / "b.eml").write_text(head + MARKED, encoding="utf-8")
    (tmp_path / "c.html").write_text("<html><body>rent", encoding="utf-8")
    log = ProblemLog()
    documents = {each.doc_id: each for each in read_corpus(tmp_path, report=log)}
    expected = [
        ("force majeure", "Clause"),
        ("Zorn Ulm", "Party"),
        ("Ulm", "Town"),
        ("rent", "MARK"),
        ("€ 5", "MARK"),
        ("gout", "Disease"),
    ]
    for name in "ab":
        found = documents[name]
        assert [(found.text[e.start : e.end], e.label) for e in found.entities or ()] == expected
        assert "Disease" not in found.text
    assert documents["a"].text.startswith("The force majeure clause binds Zorn Ulm, rent .")
    assert documents["c"].entities is None
    said = " ".join(problem.message for problem in log.problems)
    assert "6 marks read as entities: MARK 2, Clause 1" in said
    assert "1 mark without an end" in said


def test_a_note_that_begins_like_a_mail_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Diagnosis: gout\nFrom: ward 3\n\nOn aspirin.\n")
    assert next(iter(read_corpus(tmp_path / "a.txt"))).text.startswith("Diagnosis: gout\nFrom: ward 3")


def test_open_document_text(tmp_path: Path) -> None:
    row = "<table:table-row><table:table-cell><text:p>BP</text:p></table:table-cell>"
    row += "<table:table-cell><text:p>120</text:p></table:table-cell></table:table-row>"
    note = "<text:note><text:note-body><text:p>n</text:p></text:note-body></text:note>"
    said = f"<text:h>Letter</text:h><text:p>On<text:s text:c='2'/><text:span>aspi</text:span>rin{note}"
    _open_document(
        tmp_path / "a.odt", f"{said}<text:tab/>x<text:line-break/>y</text:p><table:table>{row}</table:table>"
    )
    log = ProblemLog()
    [document] = read_corpus(tmp_path / "a.odt", report=log)
    assert document.text == "Letter\nOn  aspirin\tx\ny\nBP\t120"
    assert "1 note or comment" in log.problems[0].message
    (tmp_path / "b.odt").write_bytes((tmp_path / "a.odt").read_bytes()[:300])
    with pytest.raises(CorpusError, match="OpenDocument"):
        list(read_corpus(tmp_path / "b.odt"))


def test_words_that_a_line_of_a_pdf_breaks_are_joined(tmp_path: Path) -> None:
    broken = pdf_file(
        "Atrial fibril-) Tj 0 -14 Td (lation, on a beta-) Tj 0 -14 Td (blocker; no beta-blocker before."
    )
    (tmp_path / "a.pdf").write_bytes(broken)
    [document] = read_corpus(tmp_path / "a.pdf")
    assert "fibrillation" in document.text
    assert document.text.count("beta-blocker") == 2


def test_headers_and_footers_of_a_pdf_stand_once_and_cut_no_sentence(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    bodies = [
        "Set aside by the High Court of",
        "Justice at Leeds. The order was",
        "appealed. Rent is 40",
        "and 50.",
    ]
    for number, body in enumerate(bodies, 1):
        lines = f"Case 1:20-cv-0123 Page {number} of 4", body, f"Rent {number * 7}", f"- {number} -"
        page = pdf_file(") Tj 0 -14 Td (".join(lines))
        writer.append(pypdf.PdfReader(io.BytesIO(page)))
    writer.write(tmp_path / "a.pdf")
    log = ProblemLog()
    [document] = read_corpus(tmp_path / "a.pdf", report=log)
    lines = document.text.splitlines()
    assert lines[0] == "Case 1:20-cv-0123 Page 1 of 4"
    assert lines[1:4] == ["Set aside by the High Court of", "Rent 7", ""]  # a line that says something stays
    assert [line for line in lines if line.startswith(("Case", "-"))] == [lines[0], "- 4 -"]
    assert "read once: 2 headers and footers" in log.problems[0].message
    starts = document.meta["page_starts"]
    assert [document.text[each:].split("\n")[0] for each in starts] == [lines[0], *bodies[1:]]


def test_pages_move_with_a_text_that_is_cleaned() -> None:
    text = "fibril-\nlation\n\nPage two"
    broken = Document("d", text, meta={"page_starts": [0, text.index("Page")], "pages": "3-9"})
    [cleaned] = Cleaner(("hyphenation",))([broken])
    assert cleaned.text == "fibrillation\n\nPage two"
    assert cleaned.meta == {"page_starts": [0, cleaned.text.index("Page")], "pages": "3-9"}


def test_pages_that_go_on_are_joined_by_a_line_end() -> None:
    pages = [f"{head}\nPage {n}" for n, head in enumerate(["the High Court of", "Justice. Done.", "End"])]
    assert joined_pages(pages) == ("the High Court of\nJustice. Done.\n\nEnd\nPage 2", 1, [0, 18, 34])
    cases = [f"Case No. {number}\nNo fever." for number in (12, 77, 31)]
    assert joined_pages(cases) == ("\n\n".join(cases), 0, [0, 23, 46])
    # A page without text begins where the one before it ends.
    assert joined_pages(["Page one.", "", "Three."]) == ("Page one.\n\nThree.", 0, [0, 9, 11])


def test_folder_of_word_pdf_and_text_gives_every_document(tmp_path: Path) -> None:
    _mixed(tmp_path)
    found = {document.doc_id: document.text for document in read_corpus(tmp_path)}
    assert len(found) == 7
    assert found["report"] == "Took aspirin"
    assert found["letter0"] == "Pt denies chest pain 😀.\nBP\t128/70\nDischarged."


def test_files_of_a_folder_that_are_not_read_are_counted(tmp_path: Path) -> None:
    _mixed(tmp_path)
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\x00")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / ".hidden").write_text("x")
    log = ProblemLog()
    assert len(list(read_corpus(tmp_path, report=log))) == 7
    (problem,) = log.problems
    assert problem.warning
    assert "2 files in the folder not read: 1 .doc, 1 .png (old.doc, scan.png)" in problem.message
    log = ProblemLog()
    assert len(list(read_corpus(tmp_path, "txt", report=log))) == 3
    assert "6 files in the folder not read: 3 .docx" in log.problems[0].message
    log = ProblemLog()
    assert [d.doc_id for d in read_corpus(tmp_path, "pdf", report=log)] == ["report"]


def test_texts_of_one_name_keep_apart(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.docx").write_bytes(word_file())
    (tmp_path / "a.pdf").write_bytes(pdf_file("Took aspirin"))
    assert [d.doc_id for d in read_corpus(tmp_path)] == ["a", "a.docx", "a.pdf"]


def test_a_folder_with_nothing_usable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\x00")
    with pytest.raises(CorpusError, match=r"no file here is of a known format \(1 \.png \(scan\.png\)\)"):
        read_corpus(tmp_path)


@pytest.mark.usefixtures("own_process")
def test_a_damaged_word_file_stops_or_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word_file()[:500])
    (tmp_path / "b.docx").write_bytes(word_file())
    with pytest.raises(CorpusError, match=r"a\.docx: .*no Word document.*--skip-bad"):
        list(read_corpus(tmp_path))
    log = ProblemLog()
    assert [d.doc_id for d in read_corpus(tmp_path, report=log)] == ["b"]
    assert log.counts == {"file": 1}


def test_beside_annotations_other_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "a.ann").write_text("T1\tChemical 0 9\tMetformin\n")
    (tmp_path / "b.docx").write_bytes(word_file())
    log = ProblemLog()
    (document,) = read_corpus(tmp_path, report=log)
    assert _spans(document) == [(0, 9, "Chemical")]
    assert "1 file in the folder not read: 1 .docx" in log.problems[0].message


@pytest.mark.parametrize("name", ["valid.txt", "train.tsv", "eng.testa", "dev"])
def test_columns_are_read_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(COLUMNS * 2)
    log = ProblemLog()
    documents = list(read_corpus(tmp_path / name, report=log))
    assert [d.text for d in documents] == ["Metformin helps"] * 2
    assert _spans(documents[0]) == [(0, 9, "Chemical")]
    said = "not read: 4 tags of column 3, 4 values of column 2."
    assert [problem.message for problem in log.problems] == [said]
    assert len(list(read_corpus(tmp_path, report=log))) == 2
    assert len(list(read_corpus(tmp_path, "conll", report=log))) == 2


@pytest.mark.parametrize(
    "text", ["heart/B-Disease failure/I-Disease\nfever/B-Disease\n", "B-Disease fever\nO no\n"]
)
def test_tags_in_a_form_that_is_not_known_are_announced(tmp_path: Path, text: str) -> None:
    (tmp_path / "note.txt").write_text(text)
    log = ProblemLog()
    assert [d.text for d in read_corpus(tmp_path / "note.txt", report=log)] == [text]
    assert "words with tags such as B-Disease" in log.problems[0].message


def test_prose_is_no_columns(tmp_path: Path) -> None:
    text = "Blood group O\nVitamin B-12\nThe patient was well.\nI-131\n"
    (tmp_path / "note.txt").write_text(text)
    assert [d.text for d in read_corpus(tmp_path / "note.txt")] == [text]


def _line(**values: object) -> str:
    return json.dumps({"text": TEXT, **values})


_OBJECTS = [{"start": start, "end": end, "label": label} for start, end, label in SPANS]
FOREIGN = {
    "doccano": _line(label=[list(span) for span in SPANS]),
    "doccano plural": _line(labels=[list(span) for span in SPANS]),
    "doccano data": json.dumps({"data": TEXT, "label": [list(span) for span in SPANS]}),
    "doccano relations": _line(
        entities=[{"id": 1, "start_offset": s, "end_offset": e, "label": label} for s, e, label in SPANS],
        relations=[],
    ),
    "prodigy": _line(spans=_OBJECTS, answer="accept", _input_hash=1, _task_hash=2),
    "prodigy without answer": _line(spans=_OBJECTS, _view_id="ner_manual"),
    "displacy": _line(ents=_OBJECTS),
    "triples": _line(entities=[list(span) for span in SPANS]),
    "label first": _line(annotations=[[label, start, end] for start, end, label in SPANS]),
    "spacy 2": json.dumps([TEXT, {"entities": [list(span) for span in SPANS]}]),
    "begin and end": _line(mentions=[{"begin": s, "end": e, "type": label} for s, e, label in SPANS]),
    "offset and length": _line(ner=[{"offset": s, "length": e - s, "tag": label} for s, e, label in SPANS]),
    "last included": json.dumps(
        {
            "content": TEXT,
            "annotation": [
                {"label": [label], "points": [{"start": s, "end": e - 1, "text": TEXT[s:e]}]}
                for s, e, label in SPANS
            ],
        }
    ),
    "words and tags": json.dumps(
        {"tokens": ["Metformin", "helps", "diabetes."], "ner_tags": ["B-Chemical", "O", "B-Disease"]}
    ),
    "words and counted spans": json.dumps(
        {
            "tokenized_text": ["Metformin", "helps", "diabetes", "."],
            "ner": [[0, 0, "Chemical"], [2, 2, "Disease"]],
        }
    ),
    "label studio": json.dumps(
        {
            "id": 1,
            "data": {"text": TEXT},
            "annotations": [
                {
                    "result": [
                        {"type": "labels", "value": {"start": s, "end": e, "labels": [label]}}
                        for s, e, label in SPANS
                    ]
                }
            ],
        }
    ),
}


@pytest.mark.parametrize("ending", ["jsonl", "json", "txt"])
@pytest.mark.parametrize("name", FOREIGN)
def test_annotations_of_other_tools_are_read_without_their_name(
    tmp_path: Path, name: str, ending: str
) -> None:
    path = tmp_path / f"x.{ending}"
    again = FOREIGN[name].replace('"id": 1', '"id": 2')
    path.write_text(f"{FOREIGN[name]}\n{again}\n")
    log = ProblemLog()
    documents = list(read_corpus(path, report=log))
    assert log.problems == []
    assert len(documents) == 2
    for document in documents:
        found = [(document.text[s:e], label) for s, e, label in _spans(document) or ()]
        expected = [("Metformin", "Chemical"), ("diabetes", "Disease")]
        assert [(said.rstrip("."), label) for said, label in found] == expected


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", ["array", "data", "pairs"])
def test_one_json_value_of_many_records(tmp_path: Path, indent: int | None, shape: str) -> None:
    record = {"text": TEXT, "spans": _OBJECTS}
    pair = [TEXT, {"entities": [list(span) for span in SPANS]}]
    values = {"array": [record] * 3, "data": {"version": 1, "data": [record] * 3}, "pairs": [pair] * 3}
    path = tmp_path / "x.json"
    path.write_text(json.dumps(values[shape], indent=indent))
    assert [_spans(d) for d in read_corpus(path)] == [SPANS] * 3


def test_what_looks_like_an_annotation_and_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(_line(label=[[0, 9, "A"], "odd", {"start_offset": 0, "end_offset": 9, "label": 7}]))
    log = ProblemLog()
    (document,) = read_corpus(path, report=log)
    assert _spans(document) == [(0, 9, "A")]
    said = [problem.message for problem in log.problems]
    assert "which is no span" in said[0]
    assert "number 7, which the file does not name" in said[1]
    with pytest.raises(CorpusError, match="no span"):
        list(read_corpus(path))


def test_classes_and_words_without_tags_stay_meta_data(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(_line(label="positive", labels=["a", "b"], annotations=[]))
    (document,) = read_corpus(path)
    assert document.entities is None
    assert document.meta == {"label": "positive", "labels": ["a", "b"], "annotations": []}


def test_a_second_kind_of_annotation_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"{_line(entities=_OBJECTS, spans=_OBJECTS[:1])}\n")
    log = ProblemLog()
    (document,) = read_corpus(path, report=log)
    assert document.entities == tuple(Entity(*span) for span in SPANS)
    assert document.meta == {"spans": _OBJECTS[:1]}
    assert "1 record with spans under 'spans' too" in log.problems[0].message


def test_numbers_for_tags_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"tokens": ["a", "b"], "ner_tags": [0, 3]}))
    with pytest.raises(CorpusError, match="ner_tags holds numbers that the file does not name"):
        list(read_corpus(path))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", '{"id": "1", "note_text": "Fever", "text": "x"}\n'), ("a.csv", "id,note_text\n1,Fever\n")],
)
def test_the_column_of_the_text_can_be_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    (document,) = read_corpus(tmp_path / name, text_column="note_text")
    assert document.text == "Fever"
    with pytest.raises(CorpusError, match="nothere"):
        list(read_corpus(tmp_path / name, text_column="nothere"))
    (tmp_path / "b.txt").write_text("x")
    with pytest.raises(CorpusError, match="txt has no columns"):
        read_corpus(tmp_path / "b.txt", text_column="note_text")


def test_an_empty_file_goes_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert detect(tmp_path / "a.txt").name == "txt"


def test_text_beside_the_page_of_a_word_file_is_said(tmp_path: Path) -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("Fever")
    made.sections[0].header.paragraphs[0].text = "Ward 7"
    made.save(str(tmp_path / "a.docx"))
    log = ProblemLog()
    (document,) = read_corpus(tmp_path / "a.docx", report=log)
    assert document.text == "Fever"
    assert [p.message for p in log.problems] == ["not read, as only paragraphs and tables are: 1 header."]
    (tmp_path / "b.docx").write_bytes(word_file())
    list(read_corpus(tmp_path / "b.docx", report=log))
    assert len(log) == 1


def test_a_word_file_is_read_with_fields_tracked_changes_and_tables_in_tables(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    made = docx.Document()
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "Drug"
    table.cell(0, 1).text = "Dose"
    table.cell(0, 1).add_table(rows=1, cols=1).cell(0, 0).text = "50 mg"
    for xml in (
        "<w:sdt %s><w:sdtContent><w:p><w:r><w:t>Field</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p %s><w:r><w:t>No </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r>"
        "<w:t>new</w:t></w:r></w:ins><w:sdt><w:sdtContent><w:r><w:tab/><w:t>fever</w:t><w:br/></w:r>"
        "</w:sdtContent></w:sdt></w:p>",
    ):
        made.element.body.insert(-1, parse_xml(xml % nsdecls("w")))
    made.save(str(tmp_path / "a.docx"))
    (document,) = read_corpus(tmp_path / "a.docx")
    assert document.text == "Drug\tDose 50 mg\nField\nNo new\tfever\n"


def test_text_in_a_code_page_that_is_not_western_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "ru.txt").write_bytes("аспирин при гипертонии".encode("cp1251"))
    with pytest.raises(CorpusError, match=r"ru\.txt.*in no Western code page either.*UTF-8"):
        list(read_corpus(path))
    path.write_bytes("créée à l'ÉTÉ œuvré".encode("cp1252"))
    assert [d.text for d in read_corpus(path, report=ProblemLog())] == ["créée à l'ÉTÉ œuvré"]


def test_a_page_in_utf16_and_one_without_its_head(tmp_path: Path) -> None:
    (tmp_path / "a.htm").write_bytes("<p>café aspirin</p>".encode("utf-16"))
    (tmp_path / "b.html").write_text("<p>heparin</p>", encoding="utf-8")
    assert [d.text.strip() for d in read_corpus(tmp_path, report=ProblemLog())] == ["café aspirin", "heparin"]


def test_entities_of_a_word_file_are_refused_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET")
    whole = word_file()
    (path := tmp_path / "a.docx").write_bytes(b"")
    with zipfile.ZipFile(io.BytesIO(whole)) as given, zipfile.ZipFile(path, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if name == "word/document.xml":
                place = (tmp_path / "secret.txt").as_uri()
                head = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "{place}">]>'
                body = content.decode().partition("?>")[2]
                content = (head + body.replace("<w:t>", "<w:t>&x;", 1)).encode()
            made.writestr(name, content)
    with pytest.raises(CorpusError, match=r"a\.docx: its text has a DOCTYPE.* save it again"):
        list(read_corpus(path))


@pytest.mark.parametrize("said", ['SYSTEM "secret.txt"', '"&b;"><!ENTITY b "&a;"', '"' + "a" * 200_000 + '"'])
def test_entities_of_xml_are_refused_with_the_way_to_write_them_out(tmp_path: Path, said: str) -> None:
    (tmp_path / "secret.txt").write_text("SECRET")
    body = "<collection><source/><document><id>1</id><passage><offset>0</offset><text>{}</text></passage>"
    text = f'<?xml version="1.0"?>\n<!DOCTYPE collection [<!ENTITY a {said}>]>\n'
    (tmp_path / "a.xml").write_text(text + body.format("&a;" * 20_000) + "</document></collection>")
    with pytest.raises(CorpusError, match=r"a\.xml, row \d: malformed XML .*Write out the entities"):
        list(read_corpus(tmp_path / "a.xml", "bioc-xml"))
