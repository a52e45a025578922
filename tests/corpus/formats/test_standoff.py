"""brat standoff files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.errors import CorpusError

TEXT = "Lung\ncancer and ß aspirin"
ANN = """T1\tDisease 0 11\tLung cancer
T2\tChemical 18 25\taspirin
N1\tReference T2 MESH:D001241\taspirin
A1\tNegated T1
#1\tAnnotatorNotes T2\tcheck this
"""


def _folder(tmp_path: Path, ann: str) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "sub" / "a.ann").write_text(ann, encoding="utf-8")
    return tmp_path


def test_entities_with_concepts_attributes_and_notes(tmp_path: Path) -> None:
    (document,) = read_corpus(_folder(tmp_path, ANN))
    assert document.doc_id == "sub/a"
    assert document.entities == (Entity(0, 11, "Disease"), Entity(18, 25, "Chemical", "MESH:D001241"))
    assert [dict(e.attrs) for e in document.entities] == [
        {"flags": ["negated"]},
        {"AnnotatorNotes": "check this"},
    ]


def test_attributes_and_notes_are_written_as_they_were_read(tmp_path: Path) -> None:
    attrs = {
        "flags": ["negated", "family"],
        "Confidence": "High",
        "Severe": True,
        "AnnotatorNotes": "sure\nsee page 3",
        "Wish": "in two words",
    }
    lost = {"score": 0.5, "odd name": "x", "Negated": True, "Tabbed": "a\tb", "Nothing": ""}
    log = ProblemLog()
    document = Document("a", "gin rum", (Entity(0, 3, "Drug", "", attrs), Entity(4, 7, "Drug", "", {})))
    write_corpus(tmp_path / "kept", [document], "brat", report=log)
    assert log.counts == {}
    (back,) = read_corpus(tmp_path / "kept")
    assert [dict(e.attrs) for e in back.entities or ()] == [attrs, {}]
    for name, value in lost.items():
        told = ProblemLog()
        mention = Entity(0, 3, "Drug", "", {name: value})
        write_corpus(tmp_path / name, [Document("a", "gin", (mention,))], "brat", report=told)
        assert told.counts == {"lost data": 1}, name
        (back,) = read_corpus(tmp_path / name)
        assert [dict(e.attrs) for e in back.entities or ()] == [{}], name


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("T1\tDisease 0 4;6 11\tLung ancer", "discontinuous"),
        ("T1\tDisease 0 4;\tLung", "annotation"),
        ("T1\tDisease zero 4\tLung", "annotation"),
        ("T1\tDisease 1 5\tLung", "surface"),
        ("T1\tDisease 0 400\t", "offsets"),
        ("T2\tDisease 0 4\tLung", "annotation"),  # again: what was annotated first would be lost
    ],
)
def test_unusable_annotation_names_file_and_row(tmp_path: Path, line: str, kind: str) -> None:
    folder = _folder(tmp_path, f"{ANN.splitlines()[1]}\n{line}\n")
    with pytest.raises(CorpusError) as caught:
        list(read_corpus(folder))
    assert str(caught.value.path).endswith("a.ann")
    log = ProblemLog()
    (document,) = read_corpus(folder, report=log)
    assert [e.label for e in document.entities or ()] == ["Chemical"]
    assert list(log.counts) == [kind]


@pytest.mark.parametrize("name", ["a.pubtator", "a.conll"])
def test_carriage_returns_between_other_ends_of_lines_end_one(tmp_path: Path, name: str) -> None:
    rows = ["1|t|Flu", "1|a|here", "1\t0\t3\tFlu\tDisease", ""]
    if name == "a.conll":
        rows = ["It\tO", "was\tO", "Flu\tB-Disease", ""]
    (tmp_path / name).write_bytes("\r\n".join(rows[:2]).encode() + b"\r" + "\n".join(rows[2:]).encode())
    ((entity,),) = (document.entities or () for document in read_corpus(tmp_path / name))
    assert entity.label == "Disease"


def test_parts_with_white_space_between_are_one_mention(tmp_path: Path) -> None:
    (document,) = read_corpus(_folder(tmp_path, "T1\tDisease 0 4;5 11\tLung cancer\n"))
    assert document.entities == (Entity(0, 11, "Disease"),)


def test_relations_and_events_are_one_warning(tmp_path: Path) -> None:
    log = ProblemLog()
    list(
        read_corpus(
            _folder(
                tmp_path, f"{ANN}R1\tCID Arg1:T1 Arg2:T2\nR2\tCID Arg1:T1 Arg2:T2\n*\tEquiv T1 T2\nE1\tX:T1\n"
            ),
            report=log,
        )
    )
    assert [(p.kind, p.warning) for p in log.problems] == [("not read", True)]
    assert log.problems[0].message == "not read: 3 relations, 1 event."


def test_annotations_without_text_are_reported(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ANN)
    (folder / "b.ann").write_text("")
    with pytest.raises(CorpusError, match=r"no \.txt file beside"):
        list(read_corpus(folder))


def test_ids_too_long_for_a_file_name_are_shortened_and_said(tmp_path: Path) -> None:
    ids = ["a" * 300, "a" * 300 + "b", "ü" * 100, "/".join(["folder"] * 300), "short"]
    documents = [Document(doc_id, "Fever", (Entity(0, 5, "D"),)) for doc_id in ids]
    log = ProblemLog()
    for form in ("brat", "txt"):
        write_corpus(tmp_path / form, documents, form, report=log)
        found = {document.doc_id for document in read_corpus(tmp_path / form, form)}
        assert len(found) == len(ids)
        assert "short" in found
    assert log.counts["id"] == 8


def test_label_with_white_space_is_written_with_a_line_and_told_once(tmp_path: Path) -> None:
    spaced = [Document(n, "a lease", (Entity(2, 7, "Contract  term"), Entity(0, 1, "X"))) for n in "ab"]
    log = ProblemLog()
    write_corpus(tmp_path / "out", spaced, "brat", report=log)
    assert [(p.kind, p.warning) for p in log.problems] == [("label", True)]
    assert "'Contract  term' is written as 'Contract_term'" in log.problems[0].message
    for document in read_corpus(tmp_path / "out"):
        assert {(e.start, e.label) for e in document.entities or ()} == {(2, "Contract_term"), (0, "X")}


@pytest.mark.parametrize(
    ("text", "start", "end", "counted"),
    [
        ("Übelkeit, Fieber", 11, 17, "bytes of UTF-8"),
        ("\U0001f48a Fieber", 3, 9, "units of UTF-16"),
        ("flu\r\nFieber", 4, 10, r"line breaks as one character, and the text has two \(CRLF\)"),
        ("flu\nFieber", 5, 11, "line breaks as two characters"),
        ("a Fieber", 3, 9, "from 1"),
        ("a Fieber", 2, 7, "up to the last character"),
        ("a Fieber", 0, 6, "$^|Unicode code points from 0, half open, not bytes"),
    ],
)
def test_offsets_of_another_kind_are_named(
    tmp_path: Path, text: str, start: int, end: int, counted: str
) -> None:
    (tmp_path / "d.txt").write_bytes(text.encode())
    (tmp_path / "d.ann").write_text(f"T1\tDisease {start} {end}\tFieber\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"d\.ann, row 1: .*{counted}"):
        list(read_corpus(tmp_path, format="brat"))
    record = {"text": text, "entities": [{"start": start, "end": end, "label": "X", "text": "Fieber"}]}
    (tmp_path / "d.jsonl").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"d\.jsonl, row 1: .*{counted}"):
        list(read_corpus(tmp_path / "d.jsonl"))


def test_a_place_outside_the_text_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("aspirin", encoding="utf-8")
    (tmp_path / "d.ann").write_text("T1\tDrug 0 7\taspirin\nT2\tDrug 3 70\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"d\.ann, row 2: Drug \[3, 70\) .* lies outside the text"):
        list(read_corpus(tmp_path, format="brat"))
