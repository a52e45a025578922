"""Look-up of terms by their whole text."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.terms import Gazetteer, Term, hashes_of, stems_of, surface_key
from hybrid_ner.text.tokens import may_hold, powers_of

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


@given(NAMES, st.text("abseiy", max_size=6), st.sampled_from(["s", "es", "is", "ies", "y", "e", ""]))
def test_no_other_number_or_joint_of_a_term_is_denied(names: list[str], more: str, ending: str) -> None:
    names = [name + more for name in names]
    index = Gazetteer.of(Term(name, "X") for name in names).surfaces
    others = [name.replace(" ", "-") + ending for name in names if len(name) >= 4]
    assert may_hold(index.stems, hashes_of(stems_of(map(surface_key, others)))).all()


def test_what_is_no_term_is_mostly_denied() -> None:
    index = Gazetteer.of(Term(f"term number {n}", "X") for n in range(2_000)).surfaces
    passed = may_hold(index.stems, hashes_of([f"other{n}word" for n in range(1_000)]))
    assert np.mean(passed) < 0.05


@given(st.lists(st.text("ab\u00e9 \U0001f600", max_size=9), max_size=9))
def test_the_hash_of_joined_strings_is_told_from_theirs(parts: list[str]) -> None:
    hashed, power = np.zeros(1, np.uint64), np.ones(1, np.uint64)
    for part in parts:
        hashed = hashed + power * hashes_of([part])
        power = power * powers_of(np.array([len(part)]))
    assert hashed == hashes_of(["".join(parts)])
