"""Which patterns may run: checked against Python's own engine, and matches against ``finditer``."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.sources.regex_safety import UnsafePatternError, degree_of, finditer

EXPONENTIAL = (
    "(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    r"(\w+\s?)*x",
    "(.*)*",
    r"([a-z]+)*\d",
    "(x+x+)+y",
    "(?:a{1,100}){1,100}",
    "(?:a?){50}b",
    "(?:ab|ab)*c",
    "(?:a?b?)*c",
    "(?:(?:a|b)+c?)+",
    r"(?:\d+,?)+",
    "(?=(a+)+b)x",
    "(?i:(?:ab|AB)+)c",
    "(?:a{2,3}){2,}b",
    "(?:a{0,3})*b",
)
SAFE = (
    r"\d+ ?mg",
    r"\w+\s\w+\s\w+\s\w+",
    r"(?:[A-Z]\w+\s)+Act",
    r"(?:\s\w+)*x",
    r"[\w.]+@[\w.]+",
    r"\b(?:[A-Z][a-z]+|of|the)(?:\s(?:[A-Z][a-z]+|of|the)){0,5}\b",
    r"(?:\d+(?:,\d+)*)?\s?mg",
    r"[A-Z][\w'’-]*(?:\s[A-Z][\w'’-]*)*\sRiver",
    r"(?<!\w)§§?\s?\d+",
    r"\d{1,4}(?:-\d{1,3})*",
    r"(?:art\. )?\d{1,3}(?:, ?\d{1,3}[a-z]?)*",
    r"(?:\.\d{1,2}){0,9}",
)


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_exponential_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(UnsafePatternError):
        degree_of(pattern, re.IGNORECASE)


@pytest.mark.parametrize("pattern", SAFE)
def test_useful_patterns_may_run(pattern: str) -> None:
    assert degree_of(pattern) <= 1


def test_loops_that_share_characters_are_counted() -> None:
    assert degree_of("a{3}") == 0
    assert degree_of(".*foo.*bar") == 2
    with pytest.raises(UnsafePatternError, match="4 open repeats in a row"):
        degree_of("a*a*a*a*b")
    with pytest.raises(UnsafePatternError, match="refers back"):
        degree_of(r"(\d+)\1")


@given(
    st.sampled_from([r"\d+ ?mg", r"[A-Z]\w*(?:\s[A-Z]\w*)*", "a|ab", r"(?<=x)y+", r"\w+\b"]),
    st.lists(st.sampled_from(["12 mg ", "Ab ", "abc", "xyy", "\n", "é", ", "]), max_size=1500),
)
def test_windows_find_what_the_whole_text_holds(pattern: str, parts: list[str]) -> None:
    compiled, text = re.compile(pattern), "".join(parts)
    found = [m.span() for m in finditer(compiled, degree_of(pattern), text)]
    wanted = [m.span() for m in compiled.finditer(text)]
    if all(end - start < 100 for start, end in wanted):
        assert found == wanted
