"""Searching terms, against the obvious loop."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.lint import TermSearch

GAZETTEER = Gazetteer(
    (
        Term("Lung Cancer", "Disease", "D:1"),
        Term("cancer", "Disease", "D:0"),
        Term("Sjögren syndrome", "Disease", "D:2"),
        Term("cancerine", "Drug", "C:1"),
        Term("ß-carotene", "Drug", "C:2"),
    )
)


def _texts(query: str, how: str = "substring", **given_: object) -> list[str]:
    return [f.term.text for f in TermSearch(GAZETTEER).search(query, how, **given_)]  # type: ignore[arg-type]


def test_each_way() -> None:
    assert _texts("CANCER") == ["Lung Cancer", "cancer", "cancerine"]
    assert _texts("cancer", "prefix") == ["cancer", "cancerine"]
    assert _texts("cancer", "exact") == ["cancer"]
    assert _texts("sjogren") == ["Sjögren syndrome"]
    assert _texts("D:1", "concept") == ["Lung Cancer"]
    assert _texts("lung cancre", "fuzzy") == ["Lung Cancer"]
    assert _texts("cancer", label="Drug") == ["cancerine"]
    assert _texts("ss-car") == ["ß-carotene"]


def test_hyphens_dashes_and_spaces_are_alike() -> None:
    names = ("Ehlers-Danlos syndrome", "Ehlers Danlos", "Ehlers–Danlos, type 2", "Ehlers  Danlos")
    index = TermSearch(Gazetteer.of(Term(name, "Disease") for name in names))
    for query in ("ehlers danlos", "EHLERS-DANLOS", "Ehlers–Danlos"):
        assert len(index.search(query)) == 4
        assert len(index.search(query, "exact")) == 2
        assert len(index.search(query, "prefix")) == 4


def test_pages_and_counts() -> None:
    assert _texts("cancer", limit=1, offset=1) == ["cancer"]
    assert TermSearch(GAZETTEER).count("cancer") == 3
    assert TermSearch(GAZETTEER).count("cancer", label="Disease") == 2
    assert _texts("cancer", "fuzzy", limit=1, offset=1) == []


def test_an_empty_query_and_an_empty_gazetteer() -> None:
    with pytest.raises(InputError, match="the query is empty"):
        _texts("  ")
    assert TermSearch(Gazetteer()).search("x") == []
    assert TermSearch(Gazetteer()).search("x", "fuzzy") == []


@given(
    st.lists(st.text("abAB c", min_size=1, max_size=6).filter(str.strip), max_size=8),
    st.text("abc ", min_size=1, max_size=3).filter(str.strip),
)
def test_the_index_finds_what_a_loop_finds(texts: list[str], query: str) -> None:
    gazetteer = Gazetteer.of(Term(text, "X") for text in texts)
    index = TermSearch(gazetteer)
    folded = [(t, re.sub(" +", " ", t.text.casefold())) for t in gazetteer]
    wanted = re.sub(" +", " ", query.casefold())
    assert [f.term for f in index.search(query, limit=99)] == [t for t, f in folded if wanted in f]
    assert [f.term for f in index.search(query, "prefix", limit=99)] == [
        t for t, f in folded if f.startswith(wanted)
    ]
    assert [f.term for f in index.search(query, "exact", limit=99)] == [t for t, f in folded if f == wanted]
