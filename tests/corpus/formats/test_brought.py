"""Documents as services, data models and tables of words have them; what cannot be read is never silent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus.formats import read_corpus
from hybrid_ner.errors import CorpusError


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
