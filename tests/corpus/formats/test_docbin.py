"""spaCy's binary files."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import CorpusError


def test_a_file_written_by_spacy_names_documents_by_number(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    labeled, unlabeled = nlp("aspirin helps"), nlp("more")
    labeled.ents = [labeled.char_span(0, 7, "Chemical", kb_id="MESH:D001241")]
    DocBin(docs=[labeled, unlabeled]).to_disk(tmp_path / "x.spacy")
    first, second = read_corpus(tmp_path / "x.spacy")
    assert (first.doc_id, second.doc_id) == ("1", "2")
    assert [(e.start, e.label, e.concept_id) for e in first.entities or ()] == [
        (0, "Chemical", "MESH:D001241")
    ]
    assert second.entities is None


@pytest.mark.parametrize("content", [b"", b"no docbin", b"\x00" * 50])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.spacy"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"the file is empty|no \.spacy file, or a damaged one"):
        list(read_corpus(path))
