"""Expressions behind a prefilter match what they match without it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.text.patterns import PerText, WordPattern, runs
from hybrid_ner.text.prefilter import beginnings_of, literals_of, needs_other_than_letters

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

WORD_PATTERNS = [
    re.compile(pattern, flags)
    for pattern in (
        r"\bgenes?\b",
        r"(?<!\w)(?:he|c)[ -]?x",
        r"(?<![\w-])x(?:-ray)?|\b(?i:STAT)\d",
        r"\b\d{1,2}-?k",
        r"(?<= )pre",
        r"\b(?:c|he)\b ?[a-z]|b\b",
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


@pytest.mark.parametrize(
    ("pattern", "flags", "wanted"),
    [
        (r"\bgenes?\b", 0, {"gene"}),
        (r"\b(?:he|Cell) is", 0, {"he ", "Cell"}),
        (r"\bX-ray|\b\d\dmg", 0, {"X ", "00mg"}),
        (r"(?<!\w)[SDW]/[oO]", 0, {"S ", "D ", "W "}),
        (r"(?<= )no", 0, {"no"}),
        (r"\bgene", re.IGNORECASE, {"\ue001gene"}),
        (r"\b(?i:Mr)\.", 0, {"\ue001mr "}),
        (r"\b(?:Mr|Sh)\b\.?\s?[A-Z][a-z]", 0, {"Mr ", "Sh "}),
        (r"\bx(?:\b\.|y)z?", 0, {"x ", "xy", "xyz"}),
        (r"x\b", 0, None),
        (r"genes?", 0, None),
        (r"\b\w+", 0, None),
        (r"-?\bx", 0, None),
    ],
)
def test_what_words_a_match_begins_with(pattern: str, flags: int, wanted: set[str] | None) -> None:
    assert beginnings_of(re.compile(pattern, flags)) == wanted


def test_a_pattern_is_looked_into_once() -> None:
    """Every pipeline asks of the same ones: a fifth of the time in which one is made."""
    for asked in (beginnings_of, literals_of):
        assert asked(re.compile(r"\bgenes?\b")) is asked(re.compile(r"\bgenes?\b"))


@given(
    st.lists(
        st.sampled_from(
            [*"abcxyzſİıK 07-_'", "gene", "GENES", "he", "cell line", "prefix", "kınase", "STAT3", "X-ray"]
        )
    ).map("".join)
)
def test_word_patterns_find_what_their_expressions_find(text: str) -> None:
    for pattern in (*PATTERNS, *WORD_PATTERNS):
        wanted = [found.span() for found in pattern.finditer(text)]
        found = WordPattern(pattern.pattern, pattern.flags).finditer(text)
        assert [match.span() for match in found] == wanted, pattern


@given(st.text(alphabet="ab3_ -'é²\n"))
def test_runs_are_those_of_letters_and_digits(text: str) -> None:
    found = runs(text)
    wanted = [match.span() for match in re.finditer(r"[^\W_]+", text)]
    assert list(zip(found.starts, found.ends, strict=True)) == wanted
    assert [text[start:end] for start, end in wanted] == found.words
    assert "".join(g + w for g, w in zip(found.gaps, [*found.words, ""], strict=True)) == text


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"^[(\[]|'s$", True),
        (r"(?<=[0-9])(?:km|mg)$", True),
        (r"a?\.", True),
        (r"a|\.", False),
        ("[^.]", False),
    ],
)
def test_expressions_that_need_more_than_letters(pattern: str, wanted: bool) -> None:
    assert needs_other_than_letters(re.compile(pattern)) is wanted


def test_texts_are_remembered_until_there_are_too_many_characters() -> None:
    asked = []

    @PerText
    def length(text: str) -> int:
        asked.append(text[:1])
        return len(text)

    for text in ("a" * 300_000, "b" * 150_000, "a" * 300_000, "c" * 150_000, "a" * 300_000):
        assert length(text) == len(text)
    assert asked == ["a", "b", "c", "a"]
