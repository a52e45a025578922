"""Every format: what survives a round trip, and how a path tells its format."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from hybrid_ner.bounds import limited
from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, read_opinions, write_corpus
from hybrid_ner.corpus.formats import FORMATS, detect
from hybrid_ner.corpus.formats.shared import read_only
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.terms.readers import load_gazetteer
from tests.conftest import examples
from tests.corpus.strategies import word_documents

TEXT = "Lung cancer was treated with cisplatin."
DOCUMENT = Document("d", TEXT, (Entity(0, 11, "Disease", "MESH:D008175"), Entity(29, 38, "Chemical")))
SUFFIX = {
    "jsonl": ".jsonl",
    "brat": "",
    "txt": "",
    "conll": ".conll",
    "biluo": ".biluo",
    "spacy": ".spacy",
    "csv": ".csv",
}
NAMED_ONLY = ["label-studio", "doccano", "prodigy"]


def _round_trip(document: Document, name: str) -> tuple[list[Document], ProblemLog]:
    log = ProblemLog()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out{SUFFIX.get(name, '.json')}"
        assert write_corpus(path, [document], name, report=log) == 1
        return list(read_corpus(path, name if name in NAMED_ONLY else None)), log


@pytest.mark.parametrize("name", ["jsonl", "brat", "conll", "biluo", "spacy", "csv", *NAMED_ONLY])
@given(document=word_documents())
@settings(max_examples=examples(20), deadline=None)
def test_text_and_spans_survive(name: str, document: Document) -> None:
    (again,), log = _round_trip(document, name)
    assert again.text == document.text
    lost = sum(problem.kind == "lost annotation" for problem in log.problems)
    spans = [(e.start, e.end, e.label) for e in document.entities or ()]
    assert [(e.start, e.end, e.label) for e in again.entities or ()] == (spans if not lost else [])
    assert again.doc_id == document.doc_id
    if name in {"jsonl", "spacy", "csv"}:
        assert again.meta == document.meta
        assert lost or again == document


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet", "prodigy", "bioc-xml", "bioc-json"])
def test_an_attribute_called_as_an_offset_is_none(tmp_path: Path, name: str) -> None:
    said = {"start": "1", "end": "3", "label": "x", "type": "y", "concept_id": "z", "identifier": "i"}
    given = Document("d", TEXT, (Entity(0, 11, "Disease", "", said), Entity(29, 38, "Chemical", "M:1", said)))
    path = tmp_path / "out.data"
    write_corpus(path, [given], name)
    (again,) = read_corpus(path, name)
    assert again.entities == given.entities
    for each in again.entities or ():
        assert {key.removeprefix("other."): value for key, value in each.attrs.items()} == said


@pytest.mark.parametrize("name", ["label-studio", "doccano"])
def test_meta_data_called_as_the_text_is_none(tmp_path: Path, name: str) -> None:
    given = replace(DOCUMENT, meta={"text": "x", "id": 7, "ward": "B"})
    write_corpus(tmp_path / "out.json", [given], name, report=ProblemLog())
    (again,) = read_corpus(tmp_path / "out.json", name)
    assert (again.doc_id, again.text) == (given.doc_id, TEXT)
    assert again.meta == {"other.text": "x", "other.id": 7, "ward": "B"}


def test_plain_text_reports_what_it_cannot_keep() -> None:
    (again,), log = _round_trip(DOCUMENT, "txt")
    assert again == Document("d", TEXT)
    assert log.counts == {"lost annotation": 2, "lost data": 1}


@pytest.mark.parametrize("name", ["conll", "biluo", "spacy"])
def test_overlapping_and_misaligned_annotations_are_reported(name: str) -> None:
    given_entities = (*(DOCUMENT.entities or ()), Entity(5, 11, "Disease"), Entity(12, 14, "Odd"))
    (again,), log = _round_trip(Document("d", TEXT, given_entities), name)
    assert [(e.start, e.end) for e in again.entities or ()] == [(0, 11), (29, 38)]
    said = [p.message for p in log.problems if p.kind == "lost annotation"]
    assert len(said) == 2
    assert "overlaps a longer one" in said[0]
    assert "does not begin and end with tokens" in said[1]


def test_losing_an_annotation_is_an_error_unless_reported(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="plain text keeps no annotations"):
        write_corpus(tmp_path / "out", [DOCUMENT], "txt")
    assert list(tmp_path.iterdir()) == []


def test_losing_meta_data_is_a_warning(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="meta data of 1 document left out"):
        write_corpus(tmp_path / "out.conll", [Document("d", "x", (), {"a": 1})])
    with warnings.catch_warnings():
        assert next(iter(read_corpus(tmp_path / "out.conll"))) == Document("d", "x", ())


@pytest.mark.parametrize("name", ["brat", "txt"])
@pytest.mark.parametrize("doc_id", ["..", ".", "a/../b", "a//b", "/", "%", "%2E", "a%20b", "ü", ".hid/x.txt"])
def test_ids_that_are_no_file_names_come_back_as_they_were(name: str, doc_id: str) -> None:
    assert _round_trip(Document(doc_id, "x"), name)[0] == [Document(doc_id, "x")]


def test_names_of_files_made_elsewhere_stay_as_they_are(tmp_path: Path) -> None:
    for name in ("a%20b", "%", "%zz", "ü"):
        (tmp_path / f"{name}.txt").write_text("x", encoding="utf-8")
    assert {d.doc_id for d in read_corpus(tmp_path)} == {"a%20b", "%", "%zz", "ü"}


def test_a_mark_of_the_encoding_is_no_text_and_that_is_said() -> None:
    entities = (Entity(0, 1, "A"), Entity(0, 8, "A"), Entity(2, 8, "B"))
    (again,), log = _round_trip(Document("d", "\ufeff\ufeffAspirin", entities), "brat")
    assert (again.text, again.entities) == ("Aspirin", (Entity(0, 6, "A"), Entity(0, 6, "B")))
    lost, left_out = log.problems
    assert lost.kind == "lost annotation"
    assert "character U+FEFF at the beginning of 1 document left out" in left_out.message
    (again,), log = _round_trip(Document("d", "\ufeffAspirin"), "txt")
    assert (again.text, list(log.counts)) == ("Aspirin", ["lost data"])


@pytest.mark.parametrize("name", ["jsonl", "spacy", "csv", "brat", *NAMED_ONLY])
def test_unlabeled_stays_apart_from_empty(name: str) -> None:
    assert _round_trip(Document("d", TEXT), name)[0] == [Document("d", TEXT)]
    assert _round_trip(Document("d", TEXT, ()), name)[0] == [Document("d", TEXT, ())]


@pytest.mark.parametrize(
    "name", ["conll", *(pytest.param(name, marks=pytest.mark.slow) for name in ("biluo", "spacy"))]
)
def test_a_long_document(name: str) -> None:
    text = "Aspirin was given. " * 60_000
    (again,), log = _round_trip(Document("d", text, (Entity(0, 7, "Chemical"),)), name)
    assert again.text == text
    assert len(log) == 0


_RECORDS = ["label-studio", "prodigy", "bioc-xml", "bioc-json"]


@pytest.mark.parametrize("name", _RECORDS)
def test_a_format_is_told_behind_a_long_first_text(tmp_path: Path, name: str) -> None:
    first = Document("d", "Aspirin was given. " * 4_000, (Entity(0, 7, "Chemical"),))
    path = tmp_path / "out.data"
    write_corpus(path, [first, replace(DOCUMENT, doc_id="e")], name, report=ProblemLog())
    assert detect(path).name == name
    assert [each.doc_id for each in read_corpus(path)] == ["d", "e"]


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.write is not read_only])
def test_empty_text_is_a_document_too(name: str) -> None:
    if name in {"txt", "brat"}:
        log = ProblemLog()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.txt").touch()
            (Path(folder) / "b.txt").write_text("x")
            assert [d.doc_id for d in read_corpus(folder, report=log)] == ["b"]
        assert "the file is empty" in log.problems[0].message
    else:
        assert _round_trip(Document("d", "", ()), name)[0] == [Document("d", "", ())]


def test_folders_tell_their_format(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "x"}\n')
    (tmp_path / "b.jsonl").write_text('{"id": "2", "text": "y"}\n')
    assert [d.doc_id for d in read_corpus(tmp_path)] == ["1", "2"]
    (tmp_path / "c.txt").write_text("z")
    with pytest.raises(CorpusError, match="several formats: 2 files of jsonl, 1 file of txt"):
        detect(tmp_path)
    assert detect(tmp_path, "txt").name == "txt"
    (tmp_path / "c.ann").touch()
    assert detect(tmp_path).name == "brat"


def test_an_id_stays_inside_the_folder(tmp_path: Path) -> None:
    write_corpus(tmp_path / "in" / "out", [Document("../../up", "x"), Document("/abs", "y")], "txt")
    assert len(list((tmp_path / "in" / "out").rglob("*.txt"))) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_a_full_folder_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CorpusError, match="new or empty folder"):
        write_corpus(tmp_path, [Document("d", "x")], "txt")


ODD_TEXTS = {
    "crlf": "Pt has pain.\r\nNo\r\npain today.",
    "tabs": "a\tpain\tb\tpain",
    "astral": "𝒜 🫀 pain, 👩\u200d👩\u200d👧 pain",
    "combining": "cafe\u0301 pain e\u0301 pain",
    "spaces": "pain\u00a0in\u2009arm pain\u2028next pain\x85pain",
    "markup": '<b>pain</b> $x$ "pain", # id = 3\n# text = "x"\n-DOCSTART- pain',
    "edges": "\n\n  pain  \n\n",
    "carriage return": "pain\rpain",
    "empty": "",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
@pytest.mark.parametrize("name", ["jsonl", "brat", "conll", "biluo", "spacy", "csv", *NAMED_ONLY])
def test_offsets_survive_odd_texts(name: str, text: str) -> None:
    places = [found.span() for found in re.finditer("pain", text)]
    (again,), log = _round_trip(Document("an id", text, tuple(Entity(*p, "S") for p in places)), name)
    assert (again.doc_id, again.text) == ("an id", text)
    assert [(e.start, e.end) for e in again.entities or ()] == places
    assert [p for p in log.problems if p.kind == "lost annotation"] == []


def test_office_files_that_are_not_read_are_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "contract.DOC").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(CorpusError, match=r"\.DOC is no format .* Save it as \.docx"):
        read_corpus(tmp_path / "contract.DOC")


def test_empty_folder_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the folder is empty"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("encoding", "warned"), [("utf-16", []), ("utf-8-sig", []), ("cp1252", ["encoding"])]
)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("n.txt", "Grüße, Sjögren\r\n"),
        ("n.csv", "id;text\n1;Grüße, Sjögren\n2;Müller\n"),
        ("n.conll", "Grüße O\nSjögren B-Disease\n"),
        ("n.pubtator", "1|t|Grüße\n1|a|Sjögren\n1\t6\t13\tSjögren\tDisease\tX:1\n"),
    ],
)
def test_texts_and_tables_of_windows_programs_are_read(
    tmp_path: Path, name: str, content: str, encoding: str, warned: list[str]
) -> None:
    (tmp_path / "utf8" / name).parent.mkdir()
    (tmp_path / "utf8" / name).write_bytes(content.encode())
    (tmp_path / name).write_bytes(content.encode(encoding))
    log = ProblemLog()
    assert list(read_corpus(tmp_path / name, report=log)) == list(read_corpus(tmp_path / "utf8" / name))
    assert [(p.kind, p.warning) for p in log.problems] == [(kind, True) for kind in warned]


def test_damaged_utf8_is_not_taken_for_text_of_windows(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_bytes("Grüße, Sjögren, Müll".encode() + b"\xc3r")
    with pytest.raises(CorpusError, match="invalid UTF-8: byte b'\\\\xc3' at byte 24"):
        list(read_corpus(tmp_path / "n.txt"))


def _pack(path: Path, **files: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_archive_is_read_as_the_folder_it_packs(tmp_path: Path) -> None:
    _pack(tmp_path / "inner.docx", **{"[Content_Types].xml": "", "word/document.xml": ""})
    files = {"a/one.txt": "Müller".encode("cp1252"), "b/one.txt": "gout", "c.png": "x", "__MACOSX/._c": "x"}
    log = ProblemLog()
    corpus = read_corpus(_pack(tmp_path / "n.zip", **files), report=log)
    for _ in range(2):
        assert [(d.doc_id, d.text) for d in corpus] == [("a/one", "Müller"), ("b/one", "gout")]
    assert {p.place.path for p in log.problems} == {f"{tmp_path}/n.zip", f"{tmp_path}/n.zip/a/one.txt"}
    assert detect(tmp_path / "inner.docx").name == "docx"
    _pack(tmp_path / "o.zip", **{"a.txt": "gout", "a.ann": "T1\tDisease 0 4\tgout"})
    assert [each.document.entities for each in read_opinions(tmp_path / "o.zip")] == [
        (Entity(0, 4, "Disease"),)
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.txt": "x", "b.txt": ""}, r"n\.zip/b\.txt: the file is empty"),
        ({"../a.txt": "x"}, r"n\.zip: .*'\.\./a\.txt'.* Unpack it"),
        ({}, r"n\.zip: the folder is empty"),
    ],
)
def test_unusable_archive_is_named(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(read_corpus(_pack(tmp_path / "n.zip", **files)))


def test_what_is_wrong_in_an_archive_is_told_by_its_name(tmp_path: Path) -> None:
    for name, file, text in (("twice", "a.TXT", "x"), ("mixed", "b.csv", "id,text\n1,x\n")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("a.txt", "x")
            archive.writestr(file, text)
        with pytest.raises(CorpusError) as caught:
            list(read_corpus(tmp_path / f"{name}.zip"))
        assert str(caught.value).count(f"{name}.zip") == str(caught.value).count(str(tmp_path)) > 0
        assert "/hybrid-ner-" not in str(caught.value)


def test_an_archive_may_be_as_large_as_a_file_and_is_held_by_its_limits(tmp_path: Path) -> None:
    path = tmp_path / "big.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "gout")
        archive.writestr("b.txt", b"a " * (10 << 20))
    with pytest.raises(InputError, match=r"big\.zip!b\.txt: .*--limit ratio="):
        list(read_corpus(path))
    with limited(ratio=10_000):
        assert [len(each.text) for each in read_corpus(path)] == [4, 20 << 20]
    with (
        limited(unpacked=1 << 20),
        pytest.raises(InputError, match=r"big\.zip: it unpacks to more than 1 MiB"),
    ):
        list(read_corpus(path))
    assert not (tmp_path.parent / "a.txt").exists()


def test_links_to_nowhere_and_pipes_of_a_folder_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("gout")
    (tmp_path / "b.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "c.txt")
    log = ProblemLog()
    assert [d.doc_id for d in read_corpus(tmp_path, report=log)] == ["a"]
    said = "2 files in the folder not read: 1 broken link, 1 no plain file (b.txt, c.txt)."
    assert [p.message for p in log.problems] == [said]


def test_linked_folders_are_counted_and_what_can_be_saved_anew_says_how(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (tmp_path / "old").mkdir()
    notes.mkdir()
    (notes / "a.txt").write_text("gout")
    (notes / "b.md").write_text("gout")
    (notes / "c.mbox").write_text("From x")
    (notes / "back").symlink_to("..")
    (notes / "old").symlink_to(tmp_path / "old")
    log = ProblemLog()
    assert [d.doc_id for d in read_corpus(notes, report=log)] == ["a"]
    [problem] = log.problems
    assert "2 linked folder, not followed" in problem.message
    assert problem.hint == ".mbox: Save each mail as .eml. .md: Rename it to .txt."


def test_names_of_files_that_are_in_no_utf8(tmp_path: Path) -> None:
    for ending, data in (("txt", b"gout"), ("html", b"<html><body>gout"), ("pdf", b"%PDF-")):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller." + ending.encode())).write_bytes(data)
    log = ProblemLog()
    found = [d.doc_id for d in read_corpus(tmp_path, report=log)]
    assert found == ["Müller", "Müller.html"]
    assert "/Müller.pdf" in str(log.problems[0].error())
    copy = tmp_path / "copy.jsonl"
    assert write_corpus(copy, read_corpus(tmp_path, report=ProblemLog())) == 2
    line = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\nb.txt"))
    line.write_bytes(b"\0\0")
    with pytest.raises(CorpusError, match=r"a\\nb\.txt"):
        list(read_corpus(line))


def test_a_pipe_is_called_so(tmp_path: Path) -> None:
    os.mkfifo(path := tmp_path / "notes.jsonl")
    for read in (read_corpus, load_gazetteer):
        with pytest.raises(InputError, match=r"it is a pipe or a device.* standard input too: -"):
            read(path)
