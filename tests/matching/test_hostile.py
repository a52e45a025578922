"""Inputs that no list and no text should hold, and some do."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.matching.exact import EngineName
from hybrid_ner.terms import Gazetteer, Term
from tests.conftest import examples
from tests.matching.strategies import gazetteer, text_and_terms
from tests.oracle.matching import fold_key

SIZE = 5_000_000


@pytest.fixture(params=["automaton", "hash"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    name: EngineName = request.param
    return name


def spans(matcher: GazetteerMatcher, text: str) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in matcher.match(text)]


@settings(deadline=None, max_examples=examples(20))
@given(case=text_and_terms())
def test_fuzzy_labels_lie_in_the_text_and_do_not_overlap(case: tuple[str, list[str]]) -> None:
    text, terms = case
    matcher = GazetteerMatcher(gazetteer(terms), fuzzy="label", common_words=["ab"])
    found = matcher.match(text)
    assert all(0 <= m.start < m.end <= len(text) for m in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for m in found:
        assert m.evidence is not None
        assert m.evidence.surface == text[m.start : m.end]
        assert m.evidence.sentence()
        assert (m.evidence.method == "fuzzy") == (
            fold_key(m.evidence.surface) != fold_key(m.evidence.reference)
        )


def test_terms_of_ten_thousand_characters(engine: EngineName, tmp_path: Path) -> None:
    words, letters = "long name " * 1000, "x" * 10_000
    matcher = GazetteerMatcher(gazetteer([words, letters, "long"]), engine=engine)
    matcher.save(tmp_path / "long.gaz")
    text = f"({words}) {letters} {letters}x {words[:-5]}"
    found = [(1, 10_000), (10_003, 20_003), *((30_006 + 10 * n, 30_010 + 10 * n) for n in range(1000))]
    assert spans(matcher, text) == found
    assert spans(GazetteerMatcher.load(tmp_path / "long.gaz"), text) == found


@pytest.mark.parametrize(
    "unit", ["x", "😀", *(pytest.param(unit, marks=pytest.mark.slow) for unit in "(é\u00adﬁ"), "a\u0301"]
)
def test_five_megabytes_without_a_space(unit: str) -> None:
    text = unit * (SIZE // len(unit)) + " end"
    matcher = GazetteerMatcher(gazetteer(["end", "xx"]), engine="hash")
    assert spans(matcher, text) == [(len(text) - 3, len(text))]


def test_five_megabytes_of_one_term_with_fuzzy_matching() -> None:
    matcher = GazetteerMatcher(gazetteer(["heart attack"]), fuzzy="label")
    text = "heart attack, heart attaxk; " * (SIZE // 28 // 20)
    assert len(matcher.match(text)) == 2 * (SIZE // 28 // 20)


def test_one_string_under_many_concepts(engine: EngineName) -> None:
    terms = Gazetteer.of(Term("iron", "Element", f"E:{n}") for n in range(2000))
    (match,) = GazetteerMatcher(terms, engine=engine).match("Iron")
    assert match.concept_ids == tuple(f"E:{n}" for n in range(2000))


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\ud800", "\udc80 a", "\u200d", "\ufeff", "\u0301"])
def test_texts_of_nothing_much(engine: EngineName, text: str) -> None:
    for terms in ([], ["a"], ["\ud800a", "a\u0301"]):
        matcher = GazetteerMatcher(gazetteer(terms), engine=engine)
        found = [text[start:end] for start, end in spans(matcher, text)]
        assert found == (["a"] if terms and "a" in text else [])


def test_characters_that_share_sixteen_bits_are_still_different() -> None:
    terms = ["\U00011f80liposarcoma", "chondro\U00011f81sarcoma"]  # letters beside "\u1f80" in the lower half
    matcher = GazetteerMatcher(gazetteer(terms), fuzzy="label")
    (match,) = matcher.match("\U00011f80liposarcomma")
    assert match.evidence is not None
    assert match.evidence.edits == ("extra “m”",)
    assert matcher.match("chondro\U00021f81sarcomma") == []
