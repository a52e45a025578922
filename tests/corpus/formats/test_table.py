"""CSV and TSV files of documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.errors import CorpusError


def _read(tmp_path: Path, content: str, name: str = "x.csv") -> list[Document]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return list(read_corpus(path))


def test_other_columns_become_meta(tmp_path: Path) -> None:
    found = _read(tmp_path, 'Doc_ID;Text;year\n1;"a;\nb";2001\n;c;\n')
    assert [(d.doc_id, d.text, dict(d.meta)) for d in found] == [
        ("1", "a;\nb", {"year": "2001"}),
        ("4", "c", {"year": ""}),
    ]


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
