from __future__ import annotations

import pytest
import spacy

from hybrid_ner.pipeline.special_cases import SpecialCases


@pytest.fixture(scope="module")
def cases() -> SpecialCases:
    return SpecialCases(spacy.blank("en").tokenizer)


@pytest.mark.parametrize(
    ("chunk", "cut", "found"),
    [
        ("30):", ["30", ")", ":"], True),
        ("(U.S.),", ["(", "U.S.", ")", ","], False),
        ("don't", ["do", "n't"], False),
        ("word", ["word"], False),
    ],
)
def test_the_first_pass_leaves_out_what_the_second_finds(
    cases: SpecialCases, chunk: str, cut: list[str], found: bool
) -> None:
    doc = cases.first_pass(chunk)
    assert [token.text for token in doc] == cut
    assert cases.are_in(doc) == found


@pytest.mark.parametrize(
    ("text", "reaches"),
    [("30): 1", True), ("30): one", False), ("30):\n1", False), ("30):", False), ("a : 1 30): b", False)],
)
def test_a_case_reaches_over_one_plain_space(cases: SpecialCases, text: str, reaches: bool) -> None:
    start = text.index("30):")
    assert cases.reach_over(f"z {text} z", start + 2, start + 6) == reaches


def test_a_tokenizer_may_have_no_rules_and_no_affixes() -> None:
    empty = SpecialCases(spacy.tokenizer.Tokenizer(spacy.blank("en").vocab))
    assert not empty.are_in(empty.first_pass("a):"))
    assert not empty.reach_over("a): 1", 0, 3)
