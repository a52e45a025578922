"""Look-up of terms by their whole text."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.surfaces import squash, surface_key

NAMES = st.lists(
    st.text("abé -1", min_size=4, max_size=9).filter(lambda t: any(map(str.isalnum, t))), max_size=40
)


@given(NAMES, st.text("abé -1", min_size=1, max_size=9))
def test_every_term_is_found_and_nothing_else(names: list[str], other: str) -> None:
    gazetteer = Gazetteer.of(Term(name, "X") for name in names)
    first = {}
    for term in gazetteer:
        first.setdefault(surface_key(term.text), term)
    index = pickle.loads(pickle.dumps(gazetteer.surfaces))
    for key, term in first.items():
        assert index.find(key) == term
        assert index.starts(key.split(" ")[0].split("-")[0]) or not key[0].isalnum()
    assert index.find(other) == first.get(other)


@given(NAMES, st.text("ab", min_size=3, max_size=3))
def test_no_beginning_of_a_term_is_denied(names: list[str], ending: str) -> None:
    index = Gazetteer.of(Term(name, "X") for name in names).surfaces
    for name in names:
        whole = squash(surface_key(name))
        assert all(index.begins((whole[:size] + ending).encode()) for size in range(len(whole) + 1))


def test_what_no_term_begins_like_is_mostly_denied() -> None:
    index = Gazetteer.of(Term(f"term number {n}", "X") for n in range(2_000)).surfaces
    denied = [not index.begins(f"other{n}word".encode()) for n in range(1_000)]
    assert np.mean(denied) > 0.8
