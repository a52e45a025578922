"""Documents from uploaded files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from hybrid_ner.errors import CorpusError
from hybrid_ner.ui import importing
from hybrid_ner.ui.importing import plain_name, read_documents, save_terms


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


def test_word_keeps_paragraphs_and_tables_in_order() -> None:
    assert texts(("a.docx", word_file())) == {"a": "Pt denies chest pain 😀.\nBP\t128/70\nDischarged."}


def test_pdf_text_is_read() -> None:
    assert texts(("scan.PDF", pdf_file("Took aspirin"))) == {"scan": "Took aspirin"}


def test_rows_of_json_lines_and_csv_are_documents() -> None:
    lines = b'{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}\n'
    assert texts(("x.jsonl", lines)) == {"a": "one", "b": "two"}
    assert texts(("x.csv", b"id,text\nc,three\n")) == {"c": "three"}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"caf\xe9", "no UTF-8"),
        ("a.txt", b"  \n", "no text"),
        ("a.pdf", pdf_file(""), "text recognition"),
        ("a.pdf", b"not a pdf", "cannot be read"),
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


def test_word_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_UNPACKED", 10)
    with pytest.raises(CorpusError, match="unpacks"):
        texts(("bomb.docx", word_file()))


def test_zip_that_is_no_word_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(CorpusError, match="no Word document"):
        texts(("a.docx", out.getvalue()))


def test_same_id_twice_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"is in a\.txt already"):
        texts(("a.txt", b"one"), ("sub/a.txt", b"two"))


@pytest.mark.parametrize("name", ["../../x.txt", "C:\\Users\\x.txt", "/etc/x.txt"])
def test_only_the_last_part_of_a_name_counts(name: str, tmp_path: Path) -> None:
    assert plain_name(name) == "x.txt"
    assert save_terms(tmp_path, [(name, b"fever\n")]) == [tmp_path / "terms" / "x.txt"]
