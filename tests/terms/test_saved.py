"""Terms of a pipeline that an earlier version saved."""

from __future__ import annotations

import gzip
from dataclasses import astuple, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.saved import unpack_terms

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def pack_terms(gazetteer: Gazetteer) -> bytes:
    """As earlier versions wrote them."""
    head = [field.name for field in fields(Term)]
    rows = [
        [*head, str(len(gazetteer))],
        *([str(v).translate(ESCAPES) for v in astuple(t)] for t in gazetteer),
    ]
    return gzip.compress("".join("\t".join(row) + "\n" for row in rows).encode(), mtime=0)


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
    assert unpack_terms(pack_terms(gazetteer)).terms == gazetteer.terms


def test_truncated_and_foreign_data_are_refused() -> None:
    whole = pack_terms(Gazetteer.of([Term(f"term {n}", "A") for n in range(50)]))
    lines = gzip.decompress(whole).splitlines(keepends=True)
    for content in (
        whole[: len(whole) // 2],
        gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"x\ty\n"),
        b"no",
    ):
        with pytest.raises(CompiledFileError, match=r"model/terms.*Save the pipeline again"):
            unpack_terms(content, "model/terms")
