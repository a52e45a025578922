"""Text in UTF-16 and UTF-32: read as what it is, with its mark and without, by every road."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.corpus.formats import read_corpus
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import ProblemLog
from hybrid_ner.sources.rule_sets import check_rules
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer
from hybrid_ner.text.encodings import narrowed, wide_encoding

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32")
LISTS = {
    "Drug.txt": "aspirin\nnaïve café\n",
    "Drug.csv": "term,label\r\naspirin,Drug\r\nnaïve café,Drug\r\n",
    "Drug.jsonl": '{"term": "aspirin", "label": "Drug"}\n{"term": "naïve café", "label": "Drug"}\n',
    "Drug.json": '[{"term": "aspirin", "label": "Drug"}, {"term": "naïve café", "label": "Drug"}]',
    "Drug.yaml": "Drug:\n- aspirin\n- naïve café\n",
    "Drug.obo": "format-version: 1.2\n\n[Term]\nid: X:1\nname: aspirin\nsynonym: \"naïve café\" EXACT []\n",
    "Drug.md": "- aspirin\n- naïve café\n",
    "Drug.xml": '<?xml version="1.0" encoding="UTF-16"?><a><b name="aspirin"/><b name="naïve café"/></a>',
}  # fmt: skip
DOCUMENTS = {
    "a.txt": "naïve café",
    "a.csv": "id,text\n1,naïve café\n",
    "a.jsonl": '{"id": "1", "text": "naïve café"}\n',
    "a.json": '[{"id": "1", "text": "naïve café"}]',
    "a.conll": "naïve\tO\ncafé\tB-Drug\n\n",
    "a.html": '<html><head><meta charset="utf-16"></head><body><p>naïve café</p></body></html>',
    "a.rtf": "{\\rtf1 na\\'efve caf\\'e9}",
    "a.xml": '<?xml version="1.0" encoding="UTF-16"?><collection><document><id>1</id><passage>'
    "<offset>0</offset><text>naïve café</text></passage></document></collection>",
}


@pytest.mark.parametrize("encoding", WIDE)
def test_term_lists_and_documents_of_every_format(tmp_path: Path, encoding: str) -> None:
    for name, text in LISTS.items():
        (path := tmp_path / name).write_bytes(text.encode(encoding))
        assert [t.text for t in load_gazetteer(path, label="Drug")] == ["aspirin", "naïve café"], name
    for name, text in DOCUMENTS.items():
        (path := tmp_path / name).write_bytes(text.encode(encoding))
        (document,) = read_corpus(path)
        assert document.text.strip() == "naïve café", name
    (path := tmp_path / "b.csv.gz").write_bytes(gzip.compress(LISTS["Drug.csv"].encode(encoding)))
    assert len(load_gazetteer(path)) == 2
    (path := tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(DOCUMENTS["a.jsonl"].encode(encoding)))
    assert [document.text for document in read_corpus(path)] == ["naïve café"]
    (path := tmp_path / "rules.yaml").write_bytes("label: Café\nrules: [{terms: [thé]}]\n".encode(encoding))
    assert check_rules(path)[1][0].label == "Café"


@pytest.mark.parametrize(
    "text", ["аспирин", "ασπιρίνη 5 mg\n", "أسبرين\n", "Łódź\r\n", "😀 fine\n", "a,b\n", "ab"]
)
@pytest.mark.parametrize("encoding", WIDE)
def test_alphabets_are_told(text: str, encoding: str) -> None:
    assert narrowed(text.encode(encoding)).decode() == text


@pytest.mark.parametrize(
    "content",
    [b"", b"a", b"\0\0\0\0" * 9, b"abc\0def ghi jkl", b"\t\n\t\n", b"plain \x01 text", b"PK\3\4\0\0\0\0"],
)  # fmt: skip
def test_other_bytes_are_left_alone(content: bytes) -> None:
    assert narrowed(content) == content


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=80))
@pytest.mark.hypothesis
def test_text_in_utf8_is_never_taken_for_another(text: str) -> None:
    assert wide_encoding(text.encode()) == ""


def test_what_is_not_told_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "Drug.txt").write_bytes("阿司匹林\n布洛芬\n".encode("utf-16-le"))
    with pytest.raises(InputError, match=r"binary file. Give a text file, in UTF-8"):
        read_gazetteer(path)
    with pytest.raises(CorpusError, match="Export the documents as text in UTF-8"):
        list(read_corpus(path, report=ProblemLog()))


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    (path := tmp_path / "Drug.csv").write_bytes("term\naspirin\n".encode("utf-16-le")[:-1])
    with pytest.raises(InputError, match=r"Drug.csv: is not whole UTF-16 .*save it again, as UTF-8"):
        load_gazetteer(path)
    with pytest.raises(InputError, match="is not whole UTF-16"):
        list(read_corpus(path, "txt"))


def test_yaml_of_an_older_program_keeps_its_letters(tmp_path: Path) -> None:
    (path := tmp_path / "a.yaml").write_bytes("Drug:\n- café\n".encode("cp1252"))
    reading = read_gazetteer(path)
    assert [term.text for term in reading] == ["café"]
    assert "some rows are not UTF-8 and were read as Windows-1252" in reading.report.notes
