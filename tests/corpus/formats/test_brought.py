"""Documents as services, data models and tables of words have them; what cannot be read is never silent."""

from __future__ import annotations

import json
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


def test_a_workbook_of_notes_says_what_to_do(tmp_path: Path) -> None:
    (path := tmp_path / "notes.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(CorpusError, match="Save the sheet as CSV UTF-8, with a column 'text'"):
        read_corpus(path)


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
