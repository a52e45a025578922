"""Words, their offsets, and walks by lists of phrases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.domains.medical.spelling import split_words

PHRASES = frozenset({"breast", "ovarian", "small cell", "renal"})


def surface(text: str, phrases: frozenset[str] = PHRASES) -> str:
    """From the first word of the chain of phrases before the last word."""
    words = split_words(text)
    last = len(words.lower) - 1
    return text[words.starts[words.walk_left(last, phrases)] :]


@given(st.text(max_size=80), st.booleans())
def test_offsets_point_into_the_text(text: str, skip: bool) -> None:
    words = split_words(text, skip)
    previous = 0
    for start, end, gap in zip(words.starts, words.ends, words.gaps, strict=True):
        assert previous <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
        assert text[start - len(gap) : start] == gap
        previous = end


def test_chains_of_phrases() -> None:
    assert surface("of breast and ovarian cancer") == "breast and ovarian cancer"
    assert surface("of breast and/or ovarian cancer") == "breast and/or ovarian cancer"
    assert surface("of renal, breast, and ovarian cancer") == "renal, breast, and ovarian cancer"
    assert surface("a small-cell cancer") == "small-cell cancer"
    assert surface("heart and cancer") == "cancer"
    assert surface("renal; cancer") == "cancer"
    assert surface("renal. Ovarian cancer") == "Ovarian cancer"


def test_short_forms_in_brackets_can_be_passed_over() -> None:
    words = split_words("central nervous system (CNS) tumors", skip_short_forms=True)
    assert words.lower == ("central", "nervous", "system", "tumors")
    assert words.ends[-1] == 35


def test_possessives_are_folded_but_keep_their_offsets() -> None:
    words = split_words("Parkinson's disease")
    assert words.lower == ("parkinson", "disease")
    assert words.ends[0] == 11
