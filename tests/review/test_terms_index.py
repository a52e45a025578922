"""Look-ups of terms, against dictionaries over all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.review import TermIndex
from hybrid_ner.review.rounds.terms import Endings, TermTable
from hybrid_ner.terms import TERM_STATUSES, Gazetteer, Term
from tests.oracle.term_lookup import by_concept, by_letters, by_text

WORDS = st.text(alphabet="aBé- ", min_size=1, max_size=4).filter(lambda text: any(map(str.isalnum, text)))
STATUS = st.sampled_from(TERM_STATUSES)
CONCEPTS = st.sampled_from(("", "M:1", "M:2"))
TERMS = st.lists(st.builds(Term, WORDS, st.sampled_from("XY"), CONCEPTS, STATUS), max_size=8)


@given(TERMS, WORDS)
def test_look_ups_are_those_of_the_obvious_way(terms: list[Term], asked: str) -> None:
    gazetteer = Gazetteer.of(terms)
    index, listed = TermIndex(gazetteer), list(gazetteer)
    assert index.terms(asked) == sorted(by_text(listed, asked), key=lambda term: term.label != "")
    assert index.same_letters(asked) == by_letters(listed, asked)
    assert all(index.preferred(concept) == by_concept(listed, concept) for concept in ("", "M:1", "M:2"))
    assert len(index) == len(gazetteer)


def test_terms_of_the_wanted_label_come_first() -> None:
    index = TermIndex(Gazetteer.of([Term("MI", "Place"), Term("mi", "Disease")]))
    assert [term.label for term in index.terms("Mi", "Disease")] == ["Disease", "Place"]


def test_close_terms_are_named_when_none_is_meant() -> None:
    index = TermIndex(Gazetteer.of([Term("metoprolol", "Drug", "M:1")]))
    assert index.find("Metoprolol").concept_id == "M:1"
    assert index.find("M:9").text == "M:9"
    with pytest.raises(InputError, match="Close terms: “metoprolol”"):
        index.find("metropolol")


def test_index_without_terms_knows_nothing() -> None:
    index = TermIndex()
    assert (index.terms("a"), index.preferred("M:1"), index.same_letters("a"), index.closest("a")) == (
        [],
        None,
        [],
        [],
    )


ENDED = [("hepatitis", "Disease"), ("nephritis", "Disease"), ("arthritis", "Disease"), ("gout", "Disease")]
ENDED += [("vitamin C", "Drug"), ("doxycycline", "Drug"), ("minocycline", "Drug")]


def test_words_on_no_list_are_labeled_by_how_listed_terms_end() -> None:
    table = TermTable.of([Term(text, label, "") for text, label in ENDED])
    words = ["Bronchitis", "tetracycline", "gout", "C", "scout", "spins", "", "\ud800", "größe"]
    labels = ["Disease", "Drug", "Disease", "Drug", "Disease", "", "", "", ""]
    assert Endings.of(table).labels_of(words) == labels
    assert Endings.of(table).labels_of([]) == []
    assert Endings.of(TermTable.of([])).labels_of(["pain"]) == [""]


def test_endings_are_counted_as_a_slow_count_says() -> None:
    table = TermTable.of([Term(text, label, "") for text, label in ENDED])
    found = Endings.of(table)
    for word in ("sclerosis", "phlebitis", "cline", "C", "vitamin", "ut"):
        assert found.labels_of([word]) == [slowly(word)]


def test_labels_without_terms_keep_endings_from_being_asked() -> None:
    found = Endings.of(TermTable.of([Term(text, label, "") for text, label in ENDED]))
    assert found.cover(("Disease", "Drug", "Dose", "Route"))
    assert not found.cover(("Disease", "Judge", "Date"))


def slowly(word: str) -> str:
    for size, least in ((n, 3) for n in range(8, 1, -1)):
        if label := most(word, size, least):
            return label
    return next((label for n in range(8, 2, -1) if (label := most(word, n, 1))), "")


def most(word: str, size: int, least: int) -> str:
    tail = word.lower().rjust(8)[-size:]
    labels = [label for text, label in ENDED if text.lower().split()[-1].rjust(8)[-size:] == tail]
    return max(sorted(set(labels)), key=labels.count) if len(labels) >= least else ""
