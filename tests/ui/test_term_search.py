"""Search in a term list, against the obvious way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review.rounds.terms import TermTable
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text import fold
from hybrid_ner.ui.views.gazetteers import known_terms, search_terms

TERMS = TermTable.of(
    [
        Term("Chest pain", "Disease", "M:1"),
        Term("pain", "Disease", "M:2"),
        Term("pain", "Symptom"),
        Term("Painless", "Finding"),
        Term("MI", "Disease"),
        Term("Café au lait", "Finding"),
    ]
)
WORDS = st.text(alphabet="abP é", min_size=1, max_size=6).filter(lambda text: any(map(str.isalnum, text)))


def names(typed: str, label: str = "", limit: int = 5000) -> list[tuple[str, str]]:
    return [(e.term.text, e.term.label) for e in search_terms(TERMS, typed, label, limit)]


def test_terms_that_begin_with_it_come_first() -> None:
    assert names("pain") == [
        ("pain", "Disease"),
        ("pain", "Symptom"),
        ("Painless", "Finding"),
        ("Chest pain", "Disease"),
    ]


def test_search_folds_and_filters() -> None:
    assert names("CAFE AU") == [("Café au lait", "Finding")]
    assert names("pain", "Symptom") == [("pain", "Symptom")]
    assert names("pain", limit=1) == [("pain", "Disease")]
    assert names("zzz") == []
    assert len(names("")) == len(TERMS)


def test_terms_to_look_out_for_are_marked() -> None:
    found = {e.term.text: e.warning for e in search_terms(TERMS, "")}
    assert found["pain"] == "several labels"
    assert found["MI"] == "very short"
    assert found["Chest pain"] == ""


def test_known_keys_keep_their_order() -> None:
    found = known_terms(TERMS, ["mi", "nothing", "chest pain"])
    assert [e.term.text for e in found] == ["MI", "Chest pain"]


@given(st.lists(WORDS, max_size=8), st.text(alphabet="abp e", max_size=3))
def test_search_finds_what_the_obvious_way_finds(texts: list[str], typed: str) -> None:
    gazetteer = Gazetteer.of([Term(text, "X") for text in texts])
    found = {e.term.text for e in search_terms(TermTable.of(gazetteer.terms), typed)}
    assert found == {t.text for t in gazetteer if fold(typed) in fold(t.text)}
