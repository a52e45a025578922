"""Documents as services, data models and tables of words have them; what cannot be read is never silent."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus.formats import read_corpus
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import ProblemLog


def _found(path: Path) -> list[tuple[str, list[tuple[str, str]] | None]]:
    return [
        (d.text, None if d.entities is None else [(d.text[e.start : e.end], e.label) for e in d.entities])
        for d in read_corpus(path)
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"Text": "Took gin", "Entities": [{"BeginOffset": 5, "EndOffset": 8, "Type": "DRUG", "Text": "gin"}]},
        {
            "Text": "Took gin",
            "Entities": [{"BeginOffset": 5, "EndOffset": 8, "Category": "DRUG", "Type": "GENERIC_NAME"}],
        },
        {"note_text": "Took gin", "annotations": [{"from": 5, "to": 8, "tag": "DRUG"}]},
    ],
)
def test_records_of_services(tmp_path: Path, record: dict[str, Any]) -> None:
    (path := tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n")
    assert _found(path) == [("Took gin", [("gin", "DRUG")])]


def test_annotations_that_nobody_can_read_are_told(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text(
        '{"text": "Took gin", "spans": ["gin"], "labels": ["DRUG"]}\n{"text": "Had tea", "tags": ["ok"]}\n'
    )
    with pytest.warns(UserWarning, match="1 record with 'spans' of an unknown form: read as unlabeled texts"):
        assert _found(path) == [("Took gin", None), ("Had tea", None)]


@pytest.mark.parametrize(
    "table",
    [
        "Sentence #,Word,POS,Tag\nS: 1,Took,VB,O\n,gin,NN,B-DRUG\nS: 2,Dry,JJ,B-DRUG\n,gin,NN,I-DRUG\n",
        "sentence_id;token;ner_tag\n1;Took;O\n1;gin;B-DRUG\n2;Dry;B-DRUG\n2;gin;I-DRUG\n",
        "sentence\tword\ttag\n0\tTook\tO\n0\tgin\tB-DRUG\n1\tDry\tB-DRUG\n1\tgin\tI-DRUG\n",
    ],
)  # fmt: skip
def test_tables_with_a_word_a_row(tmp_path: Path, table: str) -> None:
    (path := tmp_path / "a.csv").write_text(table)
    assert _found(path) == [("Took gin", [("gin", "DRUG")]), ("Dry gin", [("Dry gin", "DRUG")])]


def test_a_table_of_words_without_tags_is_an_error(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("id,word,label\n1,gin,Drug\n2,tea,Drink\n")
    with pytest.raises(CorpusError, match=r"row 2: expected a word and a tag .* Name the column of texts"):
        list(read_corpus(path))
    (path := tmp_path / "b.csv").write_text("id,note_text,word,label\n1,Took gin,x,Drug\n")
    assert _found(path) == [("Took gin", None)]


def test_old_and_damaged_workbooks_say_what_to_do(tmp_path: Path) -> None:
    (path := tmp_path / "notes.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(CorpusError, match=r"Save it as \.xlsx, with a column 'text'"):
        read_corpus(path)
    (path := tmp_path / "notes.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(CorpusError, match="no workbook, or a damaged one"):
        list(read_corpus(path))


MADE = {"text": "Took gin", "entities": [[5, 8, "DRUG"]]}
FOUND = [("Took gin", [("gin", "DRUG")])]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.json", json.dumps(MADE, indent=1), FOUND),  # a document a file
        ("a.json", json.dumps({"d1": MADE, "d2": {"text": "Rum"}}, indent=1), [*FOUND, ("Rum", None)]),
        ("a.json", json.dumps({"d1": MADE, "d2": {"text": "Rum"}}), [*FOUND, ("Rum", None)]),
        # As pandas writes lists to a table.
        ("a.csv", "id,text,entities\n1,Took gin,\"[(5, 8, 'DRUG')]\"\n", FOUND),
        ("a.csv", "id,text,entities\n1,Took gin,\"[{'start': 5, 'end': 8, 'label': 'DRUG'}]\"\n", FOUND),
        ("a.csv", 'id,text,entities\n1,Took gin,"[[5, 8, ""DRUG""]]"\n', FOUND),
        ("a.csv", "doc,token,tag\n1,Took,O\n1,gin,B-DRUG\n", FOUND),
        # A response of Argilla 1 has the answers to all questions.
        (
            "a.jsonl",
            '{"fields": {"text": "Took gin"}, "responses": [{"status": "submitted", "values": {"s": '
            '{"value": [{"start": 5, "end": 8, "label": "DRUG"}]}, "ok": {"value": "yes"}}}]}\n',
            FOUND,
        ),
    ],
)
def test_records_of_more_kinds(tmp_path: Path, name: str, text: str, found: object) -> None:
    (path := tmp_path / name).write_text(text)
    assert _found(path) == found


def test_files_of_a_folder_that_count_their_documents_have_ids_apart(tmp_path: Path) -> None:
    for name, tag in (("dev", "B-X"), ("train", "O")):
        (tmp_path / f"{name}.conll").write_text(f"gin {tag}\n\nrum {tag}\n")
    log = ProblemLog()
    assert [d.doc_id for d in read_corpus(tmp_path, report=log)] == ["1", "2", "train 1", "train 2"]
    assert ["'train 1' and so on" in str(each) for each in log.problems] == [True]
    (folder := tmp_path / "named").mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.jsonl").write_text('{"id": "x", "text": "gin"}\n')
    with pytest.raises(CorpusError, match=r"'x' was already used in row 1 of .*a\.jsonl"):
        list(read_corpus(folder))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Took <DRUG>gin</DRUG>.", True),
        ("Took [gin](DRUG).", True),
        ("Took/O no/O more/O gin/DRUG", True),
        ("5 mg/ml and/or 7 [1] (see 2), <b>bold</b>", False),
    ],
)
def test_tags_inside_a_text_are_told(tmp_path: Path, text: str, marked: bool) -> None:
    (tmp_path / "a.txt").write_text(text)
    log = ProblemLog()
    assert [d.text for d in read_corpus(tmp_path / "a.txt", report=log)] == [text]
    assert ["with tags in them" in str(each) for each in log.problems] == [True] * marked


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_packed_files_alone_and_in_folders(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "a").mkdir()
    for name, text in (
        ("a/one.txt", "Took gin"),
        ("b.jsonl", '{"text": "Dry"}'),
        ("c.csv", "id,text\nx,Dry\n"),
    ):
        (tmp_path / f"{name}.{ending}").write_bytes(pack(text.encode()))
    (tmp_path / "a/two.txt").write_text("Dry")
    assert [(d.doc_id, d.text) for d in read_corpus(tmp_path / "a")] == [("one", "Took gin"), ("two", "Dry")]
    assert [d.doc_id for d in read_corpus(tmp_path / f"a/one.txt.{ending}")] == ["one"]
    assert [d.text for name in "bc" for d in read_corpus(next(tmp_path.glob(f"{name}.*")))] == ["Dry", "Dry"]
    (tmp_path / f"d.pdf.{ending}").write_bytes(pack(b"%PDF-1.4 \x00"))
    with pytest.raises(CorpusError, match="Unpack it"):
        list(read_corpus(tmp_path / f"d.pdf.{ending}"))


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (b"\x28\xb5\x2f\xfd", "zstd -d"),
        (b"7z\xbc\xaf\x27\x1c", "7z x"),
        (b"a" * 257 + b"ustar\x00", "tar xf"),
    ],
)
def test_what_is_packed_otherwise_says_what_unpacks_it(tmp_path: Path, begins: bytes, said: str) -> None:
    (path := tmp_path / "a.jsonl.zst").write_bytes(begins + b"\x00\x01")
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))


def test_endings_in_capitals_are_read(tmp_path: Path) -> None:
    (tmp_path / "A.TXT").write_text("Took gin")
    (tmp_path / "b.txt").write_text("Dry")
    assert [d.doc_id for d in read_corpus(tmp_path)] == ["A", "b"]
    (tmp_path / "A.ANN").write_text("T1\tDRUG 5 8\tgin\n")
    assert _found(tmp_path) == [("Took gin", [("gin", "DRUG")]), ("Dry", None)]


def test_workbooks(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Notes of 2024"], ["id", "text", "ward"], ["x", "  Took gin", "A"], ["y", "Dry", None]):
        book.active.append(row)
    for name, rows in (
        ("Old", (["text"], ["Wet"])),
        ("Legend", (["Code", "Meaning"], ["A", "the bar " * 9])),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path := tmp_path / "a.xlsx")
    log = ProblemLog()
    read = list(read_corpus(path, report=log))
    assert [(d.doc_id, d.text) for d in read] == [("x", "  Took gin"), ("y", "Dry"), ("Old 2", "Wet")]
    assert read[0].meta == {"ward": "A"}
    told = " ".join(map(str, log.problems))
    assert "1 row above the headings" in told
    assert "not read: Legend" in told
    with pytest.raises(CorpusError, match=r"no sheet has a column called note: .*--text-column NAME"):
        list(read_corpus(path, text_column="note"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_load_files_of_concordance(tmp_path: Path, encoding: str) -> None:
    text = "þBegDocþ\x14þExtractedTextþ\r\nþA1þ\x14þTook, gin®twiceþ\r\n"
    (path := tmp_path / "load.dat").write_bytes(text.encode(encoding))
    assert [(d.doc_id, d.text) for d in read_corpus(path)] == [("A1", "Took, gin\ntwice")]
    path.write_bytes(text.replace("Took, gin®twice", "TEXT\\A1.txt").encode(encoding))
    with pytest.raises(CorpusError, match="holds paths of text files"):
        list(read_corpus(path))


_ABSTRACT = (
    "PMID- 7\nTI  - Gin and\n      tonic.\nAB  - Took gin\n      twice.\nAU  - Fox\n\nPMID- 8\nTI  - Dry.\n"
)
_RIS = "TY  - JOUR\nID  - 7\nTI  - Gin and tonic.\nAB  - Took gin twice.\nHIV - negative\nER  - \n"
_HL7 = "MSH|^~\\&|R|H|E|H|1||ORU^R01|7|P|2.5\rPID|1||9\rOBX|1|TX|A||Took \\T\\ drank~gin\\.br\\||||||F\r"
_PUBMED = """<?xml version='1.0'?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID><Article>
<ArticleTitle>Gin <i>and</i> tonic.</ArticleTitle><Abstract>
<AbstractText Label='AIM'>Gin &lt; 2.</AbstractText></Abstract>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
_CLINIC = """<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Letter</title><recordTarget><name>D</name>
</recordTarget><component><structuredBody><component><section><title>History</title><text>Took
<content>gin</content>.<list><item>dry</item><item>wet</item></list></text></section></component>
</structuredBody></component></ClinicalDocument>"""
_OTHER_MARKS = _HL7.replace("|", "#").replace("^", "*")
_PLAIN_BODY = """<ClinicalDocument><title>Letter</title><component><nonXMLBody>
<text>Took gin.</text></nonXMLBody></component></ClinicalDocument>"""
_JATS = """<article><front><article-meta><article-id pub-id-type='pmid'>7</article-id><title-group>
<article-title>Gin</article-title></title-group></article-meta></front><body><sec><title>Aim</title>
<p>Took gin.</p></sec></body></article>"""


_EDITION = """<TEI xmlns='http://www.tei-c.org/ns/1.0' xml:id='L1'><teiHeader><p>Of it</p></teiHeader><text>
<body><head>To Dr Fox</head><p>Has <choice><sic>astma</sic><corr>asthma</corr></choice>, read
<title>Emma</title> <note>Ed.</note>; the in-<lb break='no'/>flammation is gone.</p><l>One</l>
<l>Two</l></body></text></TEI>"""
_ACT = """<akomaNtoso xmlns='http://docs.oasis-open.org/legaldocml/ns/akn/3.0'><act><meta><identification>
<FRBRWork><FRBRthis value='/uk/act/7'/></FRBRWork></identification></meta><body><section><num>1</num>
<heading>Gin</heading><subsection><num>(1)</num><content><p>Take <ref>gin</ref>.</p></content></subsection>
</section></body></act></akomaNtoso>"""
_PATENT = """<?xml version="1.0"?>
<!DOCTYPE us-patent-grant SYSTEM "v45.dtd" [ ]>
<us-patent-grant><us-bibliographic-data-grant><publication-reference><document-id><country>US</country>
<doc-number>%d</doc-number><kind>B2</kind></document-id></publication-reference><invention-title>Still
</invention-title></us-bibliographic-data-grant><abstract><p>A <b>1</b> still.</p></abstract><claims><claim>
<claim-text>1. A still with<claim-text>a <maths/> pipe.</claim-text></claim-text></claim></claims>
</us-patent-grant>
"""
_TWO_PATENTS = _PATENT % 7 + _PATENT % 8
_CLAIMS = "Still\nA 1 still.\n1. A still with\na pipe."


def _resource(doc_id: str, *attachments: dict[str, str]) -> dict[str, Any]:
    content = [{"attachment": each} for each in attachments]
    return {"resourceType": "DocumentReference", "id": doc_id, "content": content}


def _base64(text: str, encoding: str = "utf-8") -> str:
    return b64encode(text.encode(encoding)).decode()


_HTML_FORM = {"contentType": "text/html", "data": _base64("<html><body><p>Took gin.</p></body></html>")}
_PLAIN_FORM = {"contentType": "text/plain; charset=latin-1", "data": _base64("Übel", "latin-1")}
_APART = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": _base64("Apart.")}
_DIV = {"div": "<div xmlns='http://www.w3.org/1999/xhtml'>Had <b>gout</b>.</div>"}
_LETTER = {"resourceType": "Composition", "id": "c", "section": [{"title": "History", "text": _DIV}]}
_FINDING = {"resourceType": "DiagnosticReport", "id": "g", "conclusion": "No fracture."}
_BULK = "\n".join(
    map(json.dumps, (_resource("d", _HTML_FORM, _PLAIN_FORM), {"resourceType": "Patient"}, _FINDING))
)
_BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "entry": [{"resource": each} for each in (_APART, _resource("d", {"url": "Binary/b"}), _LETTER)],
    },
    indent=1,
)


@pytest.mark.filterwarnings("ignore:.*not read", "ignore:.*without an abstract")
@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        (
            "a.xml",
            _EDITION,
            [("L1", "To Dr Fox\nHas astma, read Emma ; the inflammation is gone.\nOne\nTwo")],
        ),
        ("a.xml", _ACT, [("/uk/act/7", "1 Gin\n(1) Take gin.")]),
        ("ipg.xml", _TWO_PATENTS, [("US7B2", _CLAIMS), ("US8B2", _CLAIMS)]),
        ("a.ndjson", _BULK, [("d", "Übel"), ("g", "No fracture.")]),
        ("a.json", _BUNDLE, [("d", "Apart."), ("c", "History\nHad gout.")]),
        ("a.json", json.dumps(_resource("d", _HTML_FORM)), [("d", "Took gin.")]),
        ("pubmed-gin.txt", _ABSTRACT, [("7", "Gin and tonic.\nTook gin twice."), ("8", "Dry.")]),
        ("a.ris", _RIS, [("7", "Gin and tonic.\nTook gin twice. HIV - negative")]),
        ("a.txt", _HL7, [("7", "Took & drank\ngin")]),
        ("a.txt", _OTHER_MARKS, [("7", "Took & drank\ngin")]),
        ("a.xml", _PLAIN_BODY, [("a", "Letter\nTook gin.")]),
        ("a.xml", _PUBMED, [("7", "Gin and tonic.\nAIM: Gin < 2.")]),
        ("a.xml", _CLINIC, [("a", "Letter\nHistory\nTook gin.\ndry\nwet")]),
        ("a.nxml", _JATS, [("7", "Gin\nAim\nTook gin.")]),
    ],
)
def test_texts_in_files_of_other_programs(
    tmp_path: Path, name: str, content: str, read: list[tuple[str, str]]
) -> None:
    (path := tmp_path / name).write_text(content, newline="")
    assert [(d.doc_id, d.text) for d in read_corpus(path)] == read


def test_what_a_resource_of_fhir_has_beside_its_text_is_counted(tmp_path: Path) -> None:
    elsewhere = _resource("e", {"contentType": "text/plain", "url": "https://example.org/Binary/9"})
    image = _resource("i", {"contentType": "image/png", "data": _base64("png")})
    broken = _resource("b", {"contentType": "text/plain", "data": "%%%"})
    odd = {"resourceType": "DocumentReference", "id": "o", "content": "gin"}
    dated = {**_resource("d", _PLAIN_FORM), "date": "2024-01-02", "subject": {"reference": "Patient/7"}}
    (path := tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, (elsewhere, image, broken, dated))))
    with pytest.warns(UserWarning, match="of kind image/png, 1 attachment whose base64 is damaged"):
        (document,) = read_corpus(path)
    assert document.meta == {"patient": "Patient/7", "date": "2024-01-02"}
    path.write_text(json.dumps(odd))
    with pytest.raises(CorpusError, match="list of objects as content"):
        list(read_corpus(path))


def test_texts_of_i2b2_with_their_tags(tmp_path: Path) -> None:
    tags = "<NAME id='P0' start='5' end='8' text='gin' TYPE='DRUG'/><NOTE id='D0' TYPE='whole'/>"
    (path := tmp_path / "a.xml").write_text(
        f"<?xml version='1.0'?><deIdi2b2><TEXT><![CDATA[Took gin]]></TEXT><TAGS>{tags}</TAGS></deIdi2b2>"
    )
    with pytest.warns(UserWarning, match="1 tag without a place"):
        assert _found(path) == [("Took gin", [("gin", "DRUG")])]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", "From a@b.c Mon Jan 1 00:00:00 2024\nSubject: gin\n\nTook gin\n", "looks like a mailbox"),
        ("a.txt", "ACC|DATE|REPORT_TEXT\n1|2024|Took gin\n", "looks like a table"),
        ("a.txt", "<?xml version='1.0'?><a>Took gin</a>", "looks like XML"),
    ],
)
def test_a_text_that_is_more_than_one_is_told(tmp_path: Path, name: str, content: str, said: str) -> None:
    (path := tmp_path / name).write_text(content)
    with pytest.warns(UserWarning, match=said):
        assert [d.text for d in read_corpus(path)] == [content]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xml", "<?xml version='1.0'?><formex><p>gin</p></formex>", "it is XML .<formex>"),
        ("a.json", '{"resourceType": "ValueSet", "id": "v"}', "a term list of FHIR.*--terms"),
        ("a.json", '[{"speech": "Took gin", "by": "A"}]', "one of speech, by.*--text-column KEY"),
    ],
)
def test_xml_and_json_of_no_known_form(tmp_path: Path, name: str, content: str, said: str) -> None:
    (path := tmp_path / name).write_text(content)
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))


@pytest.mark.parametrize(
    ("encoding", "text", "said"),
    [
        ("shift_jis", "患者は痛風である。", "SHIFT_JIS"),
        ("cp1250", "Pacjent jest właściwy", "CP1250"),
        ("mac_roman", "Größe", "MACINTOSH"),
        ("cp1254", "göğüs ağrısı, ateş yok", "CP1254"),
    ],
)
def test_code_pages_that_are_not_guessed(tmp_path: Path, encoding: str, text: str, said: str) -> None:
    (path := tmp_path / "a.txt").write_bytes(text.encode(encoding))
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))


def test_rows_that_end_at_carriage_returns(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_bytes(b"id,text,\rx,Took gin,\ry,Dry,\r")
    assert [(d.doc_id, d.text, d.meta) for d in read_corpus(path)] == [
        ("x", "Took gin", {}),
        ("y", "Dry", {}),
    ]
    (path := tmp_path / "a.pubtator").write_bytes(b"1|t|Took gin\r1\t5\t8\tgin\tDRUG\r\r2|t|Dry\r")
    assert _found(path) == [("Took gin", [("gin", "DRUG")]), ("Dry", [])]
    (path := tmp_path / "a.conll").write_bytes(b"gin\tB-DRUG\rhelps\tO\r")
    assert _found(path) == [("gin helps", [("gin", "DRUG")])]


def test_what_office_keeps_beside_an_open_file_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Took gin")
    (tmp_path / "~$a.docx").write_bytes(b"xx")
    assert [d.doc_id for d in read_corpus(tmp_path)] == ["a"]


def test_spans_in_a_string_are_told(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text(json.dumps({"text": "gin", "spans": '[[0, 3, "DRUG"]]'}))
    with pytest.warns(UserWarning, match="1 record with 'spans' of an unknown form"):
        assert _found(path) == [("gin", None)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.xml", '<?xml version="1.0"?>\n<GateDocument version="3"/>', "a document of GATE"),
        ("a.ann.json", '{"annotatable": {"parts": ["s1"]}, "entities": []}', "what tagtog annotated"),
        ("a.manifest", '{"source": "gin", "m": {"type": "groundtruth/text-span"}}', "SageMaker Ground Truth"),
        ("a.csv", "File,Line,Begin Offset,End Offset\nd,0,0,3\n", "lists mentions without their texts"),
        ("a.jsonl", '{"Entities": [], "File": "d", "Line": 0}', "result of Amazon Comprehend: add the line"),
    ],
)
def test_files_of_other_tools_that_are_not_read_are_named(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (path := tmp_path / name).write_text(text)
    with pytest.raises(CorpusError) as error:
        list(read_corpus(path))
    assert told in str(error.value)
    assert '"start": 0' in str(error.value)  # the next step


def test_a_store_in_the_place_of_documents_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "review.sqlite3").write_bytes(b"SQLite format 3\0\x10\0\1\1")
    with pytest.raises(CorpusError, match=r"a database, such as a review store\. .* before the files"):
        read_corpus(path)


def test_annotations_of_another_tool_beside_texts_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Took gin")
    (tmp_path / "a.ann.json").write_text('{"annotatable": {"parts": ["s1"]}, "entities": []}')
    log = ProblemLog()
    assert [d.text for d in read_corpus(tmp_path, report=log)] == ["Took gin"]
    assert "Among them is what tagtog annotated (ann.json). Write" in str(log.problems[0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id,text,label\n1,gin,\"[[0, 3, 'DRUG']]\"\n"),
        ("a.jsonl", '{"text": "gin", "label": [{"l": "DRUG", "charS": 0, "charE": 2}]}'),
        ("a.jsonl", '{"text": "gin", "s.responses": [[{"start": 0, "end": 3, "label": "DRUG"}]]}'),
    ],
)
def test_annotations_of_an_unknown_form_are_told(tmp_path: Path, name: str, text: str) -> None:
    (path := tmp_path / name).write_text(text)
    with pytest.warns(UserWarning, match="1 record with '(?:label|s.responses)' of an unknown form"):
        assert _found(path) == [("gin", None)]
