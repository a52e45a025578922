"""Documents from uploaded files."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.guarded import Guard, guarded
from hybrid_ner.ui import importing
from hybrid_ner.ui.creating import save_models
from hybrid_ner.ui.importing import (
    TOO_LARGE,
    count_left_out,
    keep_usable,
    list_as_read,
    note_marks,
    plain_name,
    read_documents,
    save_rules,
    save_terms,
)


def word_file() -> bytes:
    made = docx.Document()
    made.add_paragraph("Pt denies chest pain 😀.")
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "BP", "128/70"
    made.add_paragraph("Discharged.")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_file(text: str) -> bytes:
    """A PDF of one page, written by hand."""
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + table
    return out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def texts(*files: tuple[str, bytes]) -> dict[str, str]:
    return {d.doc_id: d.text for d in read_documents(files)}


def test_text_is_kept_to_the_character() -> None:
    assert texts(("note.txt", b"\xef\xbb\xbfFever \xf0\x9f\x98\x80\r\nRash\n")) == {
        "note": "Fever 😀\r\nRash\n"
    }


@pytest.mark.parametrize("name", ["note.txt", "note.csv"])
def test_text_of_old_windows_programs_is_read_and_noted(name: str) -> None:
    notes: list[str] = []
    content = "id,text\r\nnote,café\r\n" if name.endswith("csv") else "café"
    [document] = read_documents([(name, content.encode("cp1252"))], notes)
    assert document.text == "café"
    assert len(notes) == 1
    assert notes[0].startswith(f"{name}: not in UTF-8")


def test_text_of_a_code_page_that_is_not_western_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"note\.txt.*Western code page"):
        texts(("note.txt", "Пациент жалуется".encode("cp1251")))


def test_text_with_two_bytes_a_character_is_read() -> None:
    assert texts(("note.txt", "Fièvre 😀".encode("utf-16"))) == {"note": "Fièvre 😀"}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("list.txt", b"fever\n", "name the file after it"),
        ("a.csv", b"Wort;Sorte\nfever;Disease\n", "Name the columns in the first row"),
        ("a.csv", b"term,label\n!!!,Disease\n", "no term found in 1 row"),
        ("a.xml", b"<a/>", "use a CSV with the columns term and label"),
        ("a.xlsx", b"PK\x03\x04", "CSV UTF-8"),
        ("a.csv", b"", "empty"),
    ],
)
def test_unusable_term_list_says_what_to_do_here(
    name: str, content: bytes, problem: str, tmp_path: Path
) -> None:
    [path] = save_terms(tmp_path, [(name, content)])
    with pytest.raises(InputError, match=problem) as raised:
        keep_usable([path], "", [])
    assert str(raised.value).startswith(name)
    assert "--" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


_CONCEPT = (
    b'<http://a/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "gin"@en .\n<http://a/1> '
    b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2004/02/skos/core#Concept> .\n"
)


@pytest.mark.parametrize(
    ("name", "content"), [("a.nt", _CONCEPT), ("a.csv.bz2", bz2.compress(b"term,label\ngin,Drug\n"))]
)
def test_lists_of_the_terminal_may_be_chosen(name: str, content: bytes, tmp_path: Path) -> None:
    assert name.rpartition(".")[2] in importing.OFFERED_TERMS
    paths = save_terms(tmp_path, [(name, content)])
    assert tuple(keep_usable(paths, "Drug", [])) == ("Drug",)


@pytest.mark.usefixtures("own_process")
def test_word_keeps_paragraphs_and_tables_in_order() -> None:
    assert texts(("a.docx", word_file())) == {"a": "Pt denies chest pain 😀.\nBP\t128/70\nDischarged."}


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (("id", "text"), ("d", "Took gin.")):
        book.active.append(row)
    book.save(kept := io.BytesIO())
    return kept.getvalue()


@pytest.mark.usefixtures("own_process")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", _workbook()),
        ("a.csv.gz", gzip.compress(b"id,text\nd,Took gin.\n", mtime=0)),
        ("a.ndjson", b'{"id": "d", "text": "Took gin."}\n'),
        ("a.ris", b"TY  - JOUR\nID  - d\nTI  - Took gin.\nER  - \n"),
        ("a.nxml", b"<TEI xml:id='d'><text><p>Took gin.</p></text></TEI>"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_formats_of_the_terminal_are_read_here(name: str, content: bytes) -> None:
    assert texts((name, content)) == {"d": "Took gin."}


@pytest.mark.usefixtures("own_process")
def test_pdf_text_is_read() -> None:
    assert texts(("scan.PDF", pdf_file("Took aspirin"))) == {"scan": "Took aspirin"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.rtf", rb"{\rtf1\ansi Took \b aspirin\b0  daily.}"),
        ("letter.htm", b"<!DOCTYPE html><html><body><p>Took <b>aspirin</b> daily.</p></body></html>"),
        ("letter.eml", b"From: a@b.c\r\nMIME-Version: 1.0\r\n\r\nTook aspirin daily.\r\n"),
    ],
)
def test_pages_mails_and_rich_text_are_read(name: str, content: bytes) -> None:
    (document,) = read_documents([(name, content)])
    assert document.doc_id == "letter"
    assert document.text.split() == ["Took", "aspirin", "daily."]


def test_marks_of_a_page_are_entities() -> None:
    notes: list[str] = []
    page = b'<html><body>Took <mark data-label="Drug">aspirin</mark> daily.'
    (document,) = read_documents([("letter.html", page)], notes)
    assert [(e.start, e.end, e.label) for e in document.entities or ()] == [(5, 12, "Drug")]
    assert "1 mark read as entities: Drug 1." in " ".join(notes)


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_an_archive_is_its_files_each_with_its_own_report() -> None:
    notes: list[str] = []
    inside = {
        "notes/a.txt": b"one",
        "notes/b.pdf": b"%PDF",
        "__MACOSX/notes/._a.txt": b"x",
        "notes/~$c.docx": b"x",
    }
    found = read_documents([("all.ZIP", zipped(**inside)), ("bad.zip", b"PK"), ("d.txt", b"two")], notes)
    assert {each.doc_id: each.text for each in found} == {"a": "one", "d": "two"}
    assert [note.split(":")[1].strip() for note in notes] == ["bad.zip", "b.pdf"]
    with pytest.raises(CorpusError, match=r"^bomb\.zip: it unpacks to more than 256 MiB"):
        texts(("bomb.zip", zipped(**{"a.txt": bytes(257 << 20)})))


def test_files_of_one_name_in_several_folders_of_an_archive_are_all_read() -> None:
    inside = {"p1/report.txt": b"one", "p2/report.txt": b"two", "p2/other.txt": b"three"}
    assert texts(("all.zip", zipped(**inside))) == {"p1 report": "one", "p2 report": "two", "other": "three"}


def test_names_that_are_cut_to_the_same_stay_apart(tmp_path: Path) -> None:
    long = "ü" * 120  # 240 bytes
    found = texts(*((f"{long}{n}.txt", f"{n}".encode()) for n in range(3)))
    assert found == {"ü" * 100: "0", f"{'ü' * 97}-2": "1", f"{'ü' * 97}-3": "2"}
    kept = save_terms(tmp_path, [(f"{long}{n}.txt", b"fever") for n in range(2)])
    assert [path.stem for path in kept] == ["ü" * 100, f"{'ü' * 97}-2"]


def test_a_long_name_is_whole_where_a_file_system_takes_it() -> None:
    name = "2026-101 Harbour & Finch – Master Services Agreement (signed, final version 2)"
    assert texts((f"{name}.txt", b"one")) == {name: "one"}


def test_rows_of_json_lines_and_csv_are_documents() -> None:
    lines = b'{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}\n'
    assert texts(("x.jsonl", lines)) == {"a": "one", "b": "two"}
    assert texts(("x.csv", b"id,text\nc,three\n")) == {"c": "three"}
    # Rows alone are no names: two tables would have the same ones.
    calls, visits = (b"text\none\ntwo\n", b"text,id\nthree,\n")
    assert texts(("calls.csv", calls), ("visits.csv", visits)) == {
        "calls 2": "one",
        "calls 3": "two",
        "visits 2": "three",
    }
    with pytest.raises(CorpusError, match=r"called text .*found 'remark'\. Call the column"):
        texts(("x.csv", b"remark\none\n"))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"caf\x81\xe9", "not a text file"),
        ("a.txt", b"Fe\0ver", "not a text file"),
        ("a.csv", bytes(range(256)), "not a text file"),
        ("a.txt", b"  \n", "no text"),
        ("a.doc", b"\xd0\xcf\x11\xe0", r"save it as \.docx"),
        ("a.xlsx", b"PK", "a.xlsx"),
        ("a.xls", b"\xd0\xcf\x11\xe0", r"Save as, then \.xlsx"),
        ("a.pdf", pdf_file(""), "text recognition"),
        ("a.pdf", b"not a pdf", "cannot be read"),
        # in plain words: the class of a library's error helps nobody who has the file
        ("a.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type /Cat", r"cannot be read \(Stream has ended unexpectedly\)"),
        ("a.docx", b"PK", "no Word document"),
        ("a.exe", b"MZ", "not read"),
        ("noending", b"x", "not read"),
        ("x.jsonl", b'{"id": 1', "row 1"),
    ],
)
def test_unusable_file_is_named_with_its_problem(name: str, content: bytes, problem: str) -> None:
    with pytest.raises(CorpusError, match=problem) as raised:
        texts((name, content))
    assert name in str(raised.value)
    assert "/" not in str(raised.value).split(":")[0]


def with_part(docx: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A Word file in one part of which something is replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.namelist():
            content = before.read(part)
            after.writestr(part, content.replace(old, new, 1) if part == name else content)
    return out.getvalue()


def test_word_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "GUARD", Guard(unpacked=10))
    with pytest.raises(CorpusError, match="unpacks to more than 10 bytes"):
        texts(("bomb.docx", word_file()))


@pytest.mark.usefixtures("own_process")
def test_a_cell_that_spans_columns_is_read_once() -> None:
    wide = b'<w:tcPr><w:gridSpan w:val="100000000"/>'
    file = with_part(word_file(), "word/document.xml", b"<w:tcPr>", wide)
    assert texts(("a.docx", file))["a"].splitlines()[1] == "BP\t128/70"


@pytest.mark.usefixtures("own_process")
def test_every_limit_of_an_upload_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    big = b"x" * 3_000_000
    for guard, said in (
        (Guard(output=1_000_000), "holds more than 977 KiB of text"),
        (Guard(memory=1 << 20), "takes more than 1 MiB of memory"),
    ):
        monkeypatch.setattr(importing, "GUARD", guard)
        with pytest.raises(CorpusError, match=said):
            texts(("a.txt", big))


@pytest.mark.usefixtures("own_process")
def test_an_item_that_hangs_costs_only_itself() -> None:
    found = dict(guarded("tests.ui.hanging:hang", [0, 1, 2], Guard(seconds=1)))
    assert (found[0], found[2]) == ([0], [2])
    assert "more than 1 second" in str(found[1])


@pytest.mark.usefixtures("own_process")
def test_one_bad_file_does_not_keep_the_others_out() -> None:
    notes: list[str] = []
    files = [("a.txt", b"Fever"), ("b.txt", b""), ("c.docx", b"PK"), ("d.csv", b"id,text\n1,Rash\n")]
    assert [d.doc_id for d in read_documents(files, notes)] == ["a", "1"]
    assert [note[:18] for note in notes] == ["Left out: b.txt: t", "Left out: c.docx: "]


@pytest.mark.usefixtures("own_process")
def test_where_no_file_can_be_used_each_is_told(tmp_path: Path) -> None:
    notes: list[str] = []
    with pytest.raises(InputError, match=r"^none of the 2 files can be used\.$"):
        list(read_documents([("b.txt", b""), ("c.docx", b"PK")], notes))
    with pytest.raises(InputError, match=r"^none of the 2 files"):
        keep_usable(save_terms(tmp_path, [("a.csv", b""), ("x.csv", b"")]), "", notes)
    with pytest.raises(InputError, match=r"^none of the 2 files"):
        save_rules(tmp_path, [("a.yaml", b"rules: 1"), ("b.yaml", b"- x")], notes)
    said = ("b.txt: ", "c.docx: ", "2 files (a.csv, x.csv): ", "a.yaml: ", "b.yaml: ")
    assert [note.startswith(f"Left out: {each}") for note, each in zip(notes, said, strict=True)] == [
        True
    ] * 5
    with pytest.raises(InputError, match=r"^c\.docx: "):
        list(read_documents([("c.docx", b"PK")], notes))


@pytest.mark.usefixtures("own_process")
def test_files_left_out_for_one_reason_are_one_note_that_names_them_all() -> None:
    pictures = [(f"scan{n}.jpeg", b"\xff\xd8") for n in range(5)]
    notes: list[str] = []
    others = ("a.txt", b"Fever"), ("b.txt", b""), ("c.csv", b"id,text\n1\n")
    found = read_documents([*pictures, *others], notes)
    assert [each.doc_id for each in found] == ["a"]
    names = ", ".join(name for name, _ in pictures)
    why = "files of type .jpeg are not read. A picture holds no text: run text recognition first."
    assert notes[0] == f"Left out: 5 files ({names}): {why}"
    assert [note.split(":")[1] for note in notes[1:]] == [" b.txt", " c.csv, row 2"]
    assert count_left_out([*notes, "Two labels."]) == 7


@pytest.mark.usefixtures("own_process")
def test_an_archive_among_many_files_is_read_though_browsers_pack_these() -> None:
    """The browser makes an archive of a folder of many files: one among them is then within another."""
    inner = zipped(**{"a.txt": b"inner", "more.zip": zipped(**{"b.txt": b"third"})})
    notes: list[str] = []
    packed = zipped(**{"a.txt": b"outer", "post.zip": inner, "bad.zip": b"PK"})
    found = {d.doc_id: d.text for d in read_documents([("files 1 to 3.zip", packed)], notes)}
    assert found == {"a": "outer", "post a": "inner"}
    (left_out,) = notes
    assert left_out.startswith("Left out: 2 files (more.zip, bad.zip): files of type .zip are not read.")
    halves = {f"{n}.zip": zipped(**{"a.txt": bytes(150 << 20)}) for n in range(2)}
    with pytest.raises(CorpusError, match=r"^bomb\.zip: it unpacks to more than 256 MiB"):
        texts(("bomb.zip", zipped(**halves)))


def test_a_text_that_is_there_twice_is_told() -> None:
    notes: list[str] = []
    copies = [(f"{name}.txt", b"Gout.") for name in ("a", "copy of a", "b")]
    assert len(list(read_documents([*copies, ("c.txt", b"Fever.")], notes))) == 4
    (said,) = notes
    assert said.startswith("copy of a (as a), b (as a): the same text as in another document")


def test_what_is_marked_in_files_whose_texts_alone_are_taken_is_told() -> None:
    line = b'{"id": "a", "text": "Gout.", "entities": [{"start": 0, "end": 4, "label": "Disease"}]}\n'
    notes: list[str] = []
    note_marks(read_documents([("gold.jsonl", line), ("b.txt", b"Fever")]), notes)
    (said,) = notes
    assert said.startswith("Not taken over: 1 mark in 1 document. To have them as suggestions, ")
    note_marks(read_documents([("b.txt", b"Fever")]), notes)
    assert len(notes) == 1


LOCKED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def test_files_with_a_password_and_what_office_keeps_beside_open_ones_are_told_apart(tmp_path: Path) -> None:
    beside = ("~$a.docx", b"\x05ana" + bytes(50)), ("~$a.xlsx", b"\x05ana" + bytes(50))
    password, owner = "it has a password, or is older than Office 2007.", "beside a file that is open."
    notes: list[str] = []
    documents = [("a.docx", LOCKED), beside[0], ("b.txt", b"fever")]
    assert [d.doc_id for d in read_documents(documents, notes)] == ["b"]
    lists = save_terms(tmp_path, [("a.xlsx", LOCKED), beside[1], ("Disease.txt", b"fever")])
    assert keep_usable(lists, "", notes) == ("Disease",)
    for note, name, said in zip(
        [note for note in notes if note.startswith("Left out")],
        ("a.docx", "~$a.docx", "a.xlsx", "~$a.xlsx"),
        (password, owner) * 2,
        strict=True,
    ):
        assert f"Left out: {name}: " in note
        assert said in note


@pytest.mark.usefixtures("own_process")
def test_one_bad_term_list_does_not_keep_the_others_out(tmp_path: Path) -> None:
    notes: list[str] = []
    paths = save_terms(tmp_path, [("Disease.txt", b"fever\n"), ("Drug.txt", b"")])
    assert keep_usable(paths, "", notes) == ("Disease",)
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["Disease.txt"]
    said, left_out = notes
    assert said.startswith("Disease.txt: 1 term (Disease);")
    assert left_out.startswith("Left out: Drug.txt: the file is empty.")
    with pytest.raises(InputError, match="empty"):
        keep_usable(save_terms(tmp_path, [("Drug.txt", b"")]), "", [])


def test_a_list_that_unpacks_without_end_is_refused_in_words_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "GUARD_LISTS", Guard(unpacked=100_000))
    [path] = save_terms(tmp_path, [("Disease.txt.gz", gzip.compress(b"fever\n" * 100_000))])
    with pytest.raises(InputError, match=r"unpacks to more than 98 KiB.* Split the file") as raised:
        keep_usable([path], "", [])
    assert "--" not in str(raised.value)


def test_zip_that_is_no_word_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(CorpusError, match="no Word document"):
        texts(("a.docx", out.getvalue()))


def test_same_id_twice_is_refused() -> None:
    notes: list[str] = []
    files = [("a.txt", b"one"), ("sub/a.txt", b"two")]
    assert [d.text for d in read_documents(files, notes)] == ["one"]
    assert len(notes) == 1
    assert "is in a.txt already" in notes[0]


@pytest.mark.parametrize("name", ["../../x.txt", "C:\\Users\\x.txt", "/etc/x.txt"])
def test_only_the_last_part_of_a_name_counts(name: str, tmp_path: Path) -> None:
    assert plain_name(name) == "x.txt"
    assert save_terms(tmp_path, [(name, b"fever\n")]) == [tmp_path / "terms" / "x.txt"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("..", "upload"),
        ("../..", "upload"),
        ("a/..", "upload"),
        ("C:\\x\\Drug.txt", "Drug.txt"),
        ("a\0b.txt", "a b.txt"),
        ("\n", "upload"),
        (".txt", ".txt"),
        ("x" * 300 + ".txt", "x" * 200 + ".txt"),
    ],
)
def test_uploaded_name_is_one_plain_file(tmp_path: Path, name: str, plain: str) -> None:
    assert plain_name(name) == plain
    [kept] = save_terms(tmp_path, [(name, b"aspirin")])
    assert kept.parent == tmp_path / "terms"
    assert kept.read_bytes() == b"aspirin"


def test_second_list_of_a_name_does_not_replace_the_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Drug.txt: two term lists have this name"):
        save_terms(tmp_path, [("a/Drug.txt", b"aspirin"), ("b/Drug.txt", b"ibuprofen")])


def test_second_list_of_a_name_does_not_keep_the_others_out(tmp_path: Path) -> None:
    notes: list[str] = []
    files = [("a/Drug.txt", b"aspirin"), ("b/Drug.txt", b"ibuprofen"), ("Disease.txt", b"fever")]
    kept = save_terms(tmp_path, files, notes)
    assert [(path.name, path.read_bytes()) for path in kept] == [
        ("Drug.txt", b"aspirin"),
        ("Disease.txt", b"fever"),
    ]
    assert notes == ["Left out: Drug.txt: two term lists have this name. Rename one of them."]


SETTINGS = b"- llm: http://127.0.0.1:1/v1\n  model: small\n  labels: {Room: where people sleep}\n"


def test_second_rule_file_of_a_name_does_not_replace_the_first(tmp_path: Path) -> None:
    rules = "label: Room\nrules:\n  - heads: [{0}]\n    match: ['the [[Queen {0}]]']\n"
    files = [(f"{n}/my.yaml", rules.format(head).encode()) for n, head in enumerate(("Hall", "Suite"))]
    notes: list[str] = []
    save_rules(tmp_path, files, notes)
    assert "Hall" in (tmp_path / "rules" / "my.yaml").read_text(encoding="utf-8")
    assert notes == [
        "my.yaml: 1 rule (Room 1).",
        "Left out: my.yaml: two rule files have this name. Rename one of them.",
    ]
    with pytest.raises(InputError, match="two rule files have this name"):
        save_rules(tmp_path, files)
    with pytest.raises(InputError, match="two settings of models have this name"):
        save_models(tmp_path, [(name, SETTINGS) for name, _ in files], ())


def test_one_bad_rule_file_does_not_block_the_others(tmp_path: Path) -> None:
    good = b"label: Room\nrules:\n  - heads: [Hall]\n    match: ['the [[Queen Hall]]']\n"
    notes: list[str] = []
    save_rules(tmp_path, [("bad.yaml", b"rules: 3"), ("good.yaml", good)], notes)
    assert [path.name for path in (tmp_path / "rules").iterdir()] == ["good.yaml"]
    assert len(notes) == 2
    assert notes[0] == "good.yaml: 1 rule (Room 1)."
    assert notes[1].startswith("Left out: bad.yaml")
    with pytest.raises(InputError, match=r"bad\.yaml"):
        save_rules(tmp_path, [("bad.yaml", b"rules: 3")], notes)


@pytest.mark.parametrize("save", [save_terms, save_rules])
def test_an_upload_that_finds_no_room_leaves_the_earlier_file(
    save: Callable[[Path, list[tuple[str, bytes]]], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = b"label: Room\nrules:\n  - heads: [Hall]\n    match: ['the [[Queen Hall]]']\n"
    save(tmp_path, [("my.yaml", old)])
    (before,) = (path for path in tmp_path.rglob("*") if path.is_file())

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("hybrid_ner.io.os.fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        save(tmp_path, [("my.yaml", b"new"), ("other.yaml", b"new")])
    assert caught.value.filename == str(before)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [before]
    assert before.read_bytes() == old


def test_an_upload_that_finds_no_room_names_where_it_would_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        list(read_documents([("a.txt", b"fever")]))
    assert str(caught.value.filename).startswith(tempfile.gettempdir())


def test_the_child_brings_neither_spacy_nor_the_store() -> None:
    said = "import sys, hybrid_ner.ui.importing; print({'spacy', 'sqlalchemy', 'streamlit'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_a_list_says_in_a_sentence_what_became_of_it(tmp_path: Path) -> None:
    notes: list[str] = []
    table = b"id,name,kind,seen\n1,flu,Sign,x\n2,gout,Sign,y\n3,,Sign,z\n4,drug A,Drug,\n"
    keep_usable(save_terms(tmp_path, [("ours.csv", table)]), "", notes)
    assert notes == [
        "ours.csv: 3 terms (Sign 2, Drug 1); left out 1 row: no term in the row (row 4: 3, Sign, z); column "
        "'kind' is read as the label; columns that were not read: seen."
    ]


def test_columns_of_names_are_said_with_the_label_that_they_get(tmp_path: Path) -> None:
    notes: list[str] = []
    paths = save_terms(tmp_path, [("list.csv", b"Drug,Disease\naspirin,fever\nheparin,rash\n")])
    assert keep_usable(paths, "Thing", notes) == ("Thing",)
    assert "'Disease' is read as names with the label 'Thing'" in notes[0]
    assert keep_usable(paths, "", notes) == ("Disease", "Drug")
    assert "'Disease' is read as names with the label 'Disease'" in notes[1]


def test_hints_for_the_page_name_no_option(tmp_path: Path) -> None:
    lists = {
        "a.csv": b"name\n,\n",
        "b.md": b"Only prose, and a sentence of many words.\n",
        "c.csv": b'n,m\n"x,1\n',
    }
    for name, content in lists.items():
        with pytest.raises(InputError) as caught:
            keep_usable(save_terms(tmp_path, [(name, content)]), "X", [])
        assert "--" not in str(caught.value)
        assert "format" not in str(caught.value)


def test_files_with_the_same_note_share_it() -> None:
    def letter(number: int, footer: bool) -> tuple[str, bytes]:
        made = docx.Document()
        made.add_paragraph(f"Letter {number}.")
        if footer:
            made.sections[0].footer.paragraphs[0].text = "Confidential"
        out = io.BytesIO()
        made.save(out)
        return f"letter {number}.docx", out.getvalue()

    notes: list[str] = []
    list(read_documents([letter(n, n != 1) for n in range(7)], notes))
    said = "not read, as only paragraphs and tables are: 1 footer."
    assert notes == [f"letter 0.docx, letter 2.docx, letter 3.docx and 3 more: {said}"]
    notes.clear()
    list(read_documents([letter(0, True)], notes))
    assert notes == [f"letter 0.docx: {said}"]


def test_a_row_without_text_is_left_out_and_told() -> None:
    notes: list[str] = []
    found = read_documents([("t.csv", b"id,text\n1,gout\n2,\n3,  \n")], notes)
    assert [each.doc_id for each in found] == ["1"]
    assert any("t.csv: 2 documents without text are left out" in note for note in notes)


def test_a_file_that_the_browser_did_not_send_is_told_afterwards() -> None:
    """Among others it was red before it was left out, and nothing was said of it when they were added."""
    notes: list[str] = []
    sent = [("scan.pdf", TOO_LARGE + b"31200000"), ("a.txt", b"Gout."), ("b.txt", TOO_LARGE + b"none")]
    assert [each.doc_id for each in read_documents(sent, notes)] == ["a", "b"]
    (said,) = notes
    assert said.startswith("Left out: scan.pdf: it has 31.2 MB, and the page takes up to 10 MB a file.")
    assert list_as_read("drugs.csv", TOO_LARGE + b"12000000", {})[0] == ()
    assert "12.0 MB" in list_as_read("drugs.csv", TOO_LARGE + b"12000000", {})[1]
