"""The ordered set of terms, against the obvious way to do it."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer, Term, children_of, count_children, guess_mode, restrict, subtree
from hybrid_ner.text.patterns import paused_gc

_TERMS = st.lists(
    st.builds(
        Term,
        text=st.sampled_from(("a", "b", "A")),
        label=st.sampled_from(("X", "Y")),
        concept_id=st.sampled_from(("", "1", "2")),
        status=st.sampled_from(("preferred", "synonym")),
        source=st.sampled_from(("", "s")),
    ),
    max_size=12,
)


def _key(term: Term) -> tuple[str, str, str]:
    return term.text, term.label, term.concept_id


def _first_of_each(terms: list[Term]) -> dict[tuple[str, str, str], Term]:
    first: dict[tuple[str, str, str], Term] = {}
    for term in terms:
        first.setdefault(_key(term), term)
    return first


def test_short_names_that_are_words_in_small_letters_want_their_capitals() -> None:
    found = [guess_mode(text) for text in ("ALS", "mRNAs", "As", "No", "Flu", "Ox", "arsenic")]
    assert found == ["case"] * 4 + ["folded"] * 3


@given(_TERMS)
def test_the_first_of_equal_keys_wins_in_order(terms: list[Term]) -> None:
    assert list(Gazetteer(tuple(terms))) == list(_first_of_each(terms).values())


@given(_TERMS, st.randoms(use_true_random=False))
def test_the_fingerprint_ignores_the_order_of_different_strings(terms: list[Term], random: object) -> None:
    gazetteer = Gazetteer(tuple(terms))
    rows = {letter: [t for t in gazetteer if t.text.lower() == letter] for letter in "ab"}
    drawn = [t.text.lower() for t in gazetteer]
    random.shuffle(drawn)  # type: ignore[attr-defined]
    shuffled = tuple(rows[letter].pop(0) for letter in drawn)
    assert Gazetteer(shuffled).fingerprint == gazetteer.fingerprint


@pytest.mark.parametrize("other", ["iron", "Iron", "í-ron", "İron"])
def test_the_fingerprint_sees_the_order_that_decides_a_label(other: str) -> None:
    one, two, far = Term("iron", "Element"), Term(other, "Metal"), Term("zinc", "Metal")
    assert Gazetteer((one, two, far)).fingerprint == Gazetteer((far, one, two)).fingerprint
    assert Gazetteer((one, two, far)).fingerprint != Gazetteer((two, one, far)).fingerprint


def test_the_fingerprint_sees_every_setting() -> None:
    base = Term("a", "X", "1", "preferred", "s", "folded")
    others = [
        Term("b", "X", "1", "preferred", "s", "folded"),
        Term("a", "Y", "1", "preferred", "s", "folded"),
        Term("a", "X", "2", "preferred", "s", "folded"),
        Term("a", "X", "1", "synonym", "s", "folded"),
        Term("a", "X", "1", "preferred", "t", "folded"),
        Term("a", "X", "1", "preferred", "s", "case"),
    ]
    assert len({Gazetteer((term,)).fingerprint for term in (base, *others)}) == 7
    assert Gazetteer((Term("a", "X", "1", "preferred", "s", "folded", "f.csv", 9),)).fingerprint == (
        Gazetteer((base,)).fingerprint
    )


@given(_TERMS, _TERMS)
def test_diff_says_what_turns_one_into_the_other(old: list[Term], new: list[Term]) -> None:
    one, two = _first_of_each(old), _first_of_each(new)
    found = Gazetteer(tuple(old)).diff(Gazetteer(tuple(new)))
    assert list(found.added) == [t for k, t in two.items() if k not in one]
    assert list(found.removed) == [t for k, t in one.items() if k not in two]
    changed = [(one[k], two[k]) for k in sorted(one.keys() & two.keys()) if one[k] != two[k]]
    assert list(found.changed) == changed


@given(_TERMS)
def test_stats_count(terms: list[Term]) -> None:
    rows = list(_first_of_each(terms).values())
    stats = Gazetteer(tuple(terms)).stats()
    assert stats.terms == len(rows)
    assert stats.concepts == len({t.concept_id for t in rows} - {""})
    assert stats.labels == {label: n for label in "XY" if (n := sum(t.label == label for t in rows))}
    texts = {t.text for t in rows}
    assert stats.ambiguous == sum(len({t.label for t in rows if t.text == text}) > 1 for text in texts)


def test_the_collector_is_put_back() -> None:
    assert gc.isenabled()
    with paused_gc(), paused_gc():
        assert not gc.isenabled()
    assert gc.isenabled()


# Subtrees of concepts.

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
