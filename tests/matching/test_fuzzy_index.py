from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.matching.fuzzy_index import FuzzyIndex, build_fuzzy
from hybrid_ner.matching.phrase_hash import PhraseHashEngine, build_phrases
from tests.conftest import examples
from tests.oracle.fuzzy import near_windows
from tests.oracle.matching import fold_key

NAMES = st.lists(st.text("abcé", min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join)


def index_of(terms: list[str], english: tuple[str, ...] = ()) -> FuzzyIndex:
    engine = PhraseHashEngine(build_phrases(terms))
    arrays = build_fuzzy(engine, terms, np.arange(len(terms), dtype=np.int32))
    assert arrays.is_sound(engine.arrays)
    return FuzzyIndex(engine, arrays, english)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text that holds terms with a few edits."""
    terms = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=fold_key))
    parts = []
    for name in draw(st.lists(st.sampled_from(terms), max_size=3)):
        letters = list(name)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(letters)))
            cut = draw(st.integers(0, 2))
            letters[at : at + cut] = draw(st.sampled_from(["", "a", "é", " ", "-", "ba"]))
        parts.append("".join(letters))
    return draw(st.sampled_from([" ", ", ", "  x "])).join(parts), terms


@settings(deadline=None, max_examples=examples(60))
@given(edited())
def test_ungated_proposals_are_every_near_window(case: tuple[str, list[str]]) -> None:
    text, terms = case
    (found,) = index_of(terms).proposals([text], gated=False)
    ours = {(p.start, p.end, p.key): p.edits for p in found}
    naive = near_windows(text, [fold_key(term) for term in terms])
    with_letters = {k: v for k, v in naive.items() if any(map(str.isalpha, fold_key(text[k[0] : k[1]])))}
    assert ours == with_letters


@settings(deadline=None)
@given(edited())
def test_gated_proposals_are_among_the_ungated(case: tuple[str, list[str]]) -> None:
    text, terms = case
    index = index_of(terms, ("abba",))
    gated, every = index.proposals([text]), index.proposals([text], gated=False)
    assert {*gated[0]} <= {*every[0]}


def test_only_windows_with_an_unknown_word_are_looked_at() -> None:
    index = index_of(["heart attack", "heart", "attic"], english=("hearth",))
    assert index.proposals(["hearth attack"]) == [[]]
    (found,) = index.proposals(["haert attack"])
    assert {p.key for p in found} == {"heart attack", "heart"}


def test_short_words_that_only_the_terms_know_may_be_slips_in_longer_names() -> None:
    index = index_of(["back pain", "back", "PAI-1", "abc-2", "abd"], english=("back",))
    (found,) = index.proposals(["back pai"])
    assert {p.key for p in found} == {"back pain"}
    assert index.proposals(["an abc", "back abc"]) == [[], []]


def test_joined_and_split_words_are_proposed() -> None:
    index = index_of(["heart attack", "hypertension"])
    (joined,), (split,) = index.proposals(["a heartattack"]), index.proposals(["hyp ertension"])
    assert [(p.start, p.end) for p in joined] == [(2, 13)]
    assert [(p.start, p.end) for p in split] == [(0, 13)]


@pytest.mark.parametrize(("term", "text"), [("abcd", "abed"), ("x" * 97, "x" * 96 + "y")])
def test_short_and_very_long_terms_are_left_out(term: str, text: str) -> None:
    assert index_of([term]).proposals([text]) == [[]]


def test_more_proposals_than_expected_still_all_come_out() -> None:
    terms = [f"abcdefgh{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    (found,) = index_of(terms).proposals(["abcdefghzz abcdefghxa"], gated=False)
    assert len({p.key for p in found}) == 10
    (found,) = index_of([f"abcdefghijklmn{t}" for t in range(300)]).proposals(["abcdefghijklmn"], gated=False)
    assert len(found) == 100


def test_no_terms_propose_nothing() -> None:
    assert index_of([]).proposals(["anything", ""]) == [[], []]
