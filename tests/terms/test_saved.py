"""Terms of a saved pipeline."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.saved import read_terms, write_terms

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TERMS = st.builds(
    Term,
    text=TEXT.map(lambda text: text + "a"),
    label=st.sampled_from(["A", "B"]),
    concept_id=TEXT,
    source=TEXT,
    mode=st.sampled_from(["folded", "case", "defined"]),
    file=TEXT,
    row=st.integers(0, 10**6),
    parent=TEXT,
    rule=TEXT,
)


@given(st.lists(TERMS, max_size=6))
def test_terms_round_trip(terms: list[Term]) -> None:
    gazetteer = Gazetteer.of(terms)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terms.tsv.gz"
        write_terms(path, gazetteer)
        assert read_terms(path).terms == gazetteer.terms


def test_equal_terms_give_equal_bytes(tmp_path: Path) -> None:
    gazetteer = Gazetteer.of([Term("aspirin", "Chemical")])
    for name in ("a", "b"):
        write_terms(tmp_path / name, gazetteer)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_truncated_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv.gz"
    write_terms(path, Gazetteer.of([Term(f"term {n}", "A") for n in range(50)]))
    whole = path.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    for content in (
        whole[: len(whole) // 2],
        gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"x\ty\n"),
        b"no",
    ):
        path.write_bytes(content)
        with pytest.raises(CompiledFileError, match="Save the pipeline again"):
            read_terms(path)
