"""Expressions behind a prefilter match what they match without it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.text.prefilter import Prefilter, literals_of

PATTERNS = [
    re.compile(pattern, flags)
    for pattern in (
        r"\bgenes?\b",
        r"\b(?:he|she)\b|\bcell lines?\b",
        r"(?:ab)+c?",
        r"x*yes",
        r"[ab]c",
        r"(?<=pre)fix(?!ed)",
        r"(?i:Kinase)|STAT\d",
        r"a|bc",
    )
    for flags in (0, re.IGNORECASE)
]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"\bgenes?\b", {"gene"}),
        (r"\b(?:he|she)\b|\bcell lines?\b", {"he", "she", "cell line"}),
        (r"a|bc", None),
        (r"(?:long)?x", None),
        (r"(?:ab|cd)+ef?", {"ab", "cd"}),
        (r"[ab]c", None),
    ],
)
def test_literals_that_every_match_holds(pattern: str, wanted: set[str] | None) -> None:
    assert literals_of(re.compile(pattern)) == wanted


@given(
    st.lists(
        st.sampled_from([*"abcxyzſİıK ", "gene", "GENES", "he", "cell line", "prefix", "kınase", "STAT3"])
    )
)
def test_what_matches_is_possible(parts: list[str]) -> None:
    text = "".join(parts)
    possible = Prefilter(PATTERNS).possible(text)
    for number, pattern in enumerate(PATTERNS):
        assert number in possible or not pattern.search(text)
