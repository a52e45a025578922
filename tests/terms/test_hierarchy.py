"""Subtrees of concepts."""

from __future__ import annotations

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.hierarchy import children_of, count_children, restrict, subtree

PARENTS = {"B": ("A",), "C": ("A", "X"), "D": ("B",), "E": ("D",), "A": ("E",)}  # A-B-D-E is a cycle
TERMS = tuple(Term(name * 2, "L", name) for name in "ABCDEX")
GAZETTEER = Gazetteer(TERMS, PARENTS, "toy")


def test_children() -> None:
    assert children_of(PARENTS)["A"] == ("B", "C")


def test_subtree_survives_a_cycle() -> None:
    assert subtree(PARENTS, ["A"]) == set("ABCDE")
    assert subtree(PARENTS, ["X"]) == {"X", "C"}
    assert subtree({}, ["Q"]) == {"Q"}


def test_restrict() -> None:
    assert [t.concept_id for t in restrict(GAZETTEER, ["X"])] == ["C", "X"]
    assert [t.concept_id for t in restrict(GAZETTEER, (), ["X"])] == ["A", "B", "D", "E"]
    assert [t.concept_id for t in restrict(GAZETTEER, ["A"], ["X"])] == ["A", "B", "D", "E"]
    assert restrict(GAZETTEER) is GAZETTEER


def test_terms_without_a_concept_are_under_nothing() -> None:
    gazetteer = Gazetteer((*TERMS, Term("free", "L")), PARENTS)
    assert "free" not in [t.text for t in restrict(gazetteer, ["A"])]
    assert "free" in [t.text for t in restrict(gazetteer, (), ["A"])]


def test_unknown_concepts() -> None:
    with pytest.raises(InputError, match=r"no concept 'Q' in toy"):
        restrict(GAZETTEER, ["Q"])
    with pytest.raises(InputError, match="It has no hierarchy"):
        restrict(Gazetteer(TERMS), ["Q"])


def test_counts() -> None:
    parents = {"B": ("A",), "C": ("A",), "D": ("B",)}
    counts = count_children(
        Gazetteer((Term("aa", "L", "A"), Term("bb", "L", "B"), Term("dd", "L", "D")), parents), "A"
    )
    assert [(c.concept_id, c.name, c.concepts, c.terms) for c in counts] == [
        ("A", "aa", 4, 3),
        ("B", "bb", 2, 2),
        ("C", "", 1, 0),
    ]
