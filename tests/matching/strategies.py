"""Texts and terms that are hard to match: few letters, so that they meet, and every odd character class."""

from __future__ import annotations

from hypothesis import strategies as st

from hybrid_ner.terms import Gazetteer, Term

ODD = [
    "ß", "ﬁ", "İ", "ı", "é", "e\u0301", "\u0301", "\u00ad", "\u200b", "\ufeff", "½", "²", "™", "…", "–", "’",
    "\r\n", "\n", "\t", "\u00a0", "\u2003", "\x00", "가", "ᄀ", "ᅡ", "𝐀", "😀", "\U0001f3fd", "\u200d", "œ",
    "ि", "क", "्", "ﾞ", "\u20dd", "ς", "σ", "μ", "µ", "ﷺ", "´", "¨", "\ud800", "\ufe0f", "Å", "㎎",
]  # fmt: skip
CHARS = st.sampled_from([*"aAbBs1-+ ,.('_", *ODD])
SOUP = st.lists(CHARS, max_size=24).map("".join)
WORDS = st.sampled_from(["a", "b", "ab", "ba", "aß", "Ass", "1", "a1", "-", "(", "é", "e", "–"])
PHRASES = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "  ", "-", "\n", "-\n"])), max_size=10).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
TEXTS = st.one_of(SOUP, PHRASES, st.text(max_size=20), st.tuples(SOUP, PHRASES).map("".join))
TERM_TEXTS = st.one_of(
    st.lists(CHARS, min_size=1, max_size=5).map("".join), PHRASES, st.text(min_size=1, max_size=4)
).filter(lambda text: any(map(str.isalnum, text)))


@st.composite
def text_and_terms(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text and terms, some of which are cut out of it."""
    text = draw(TEXTS)
    terms = draw(st.lists(TERM_TEXTS, max_size=8))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        if any(map(str.isalnum, text[start:end])):
            terms.append(text[start:end])
    return text, terms


def gazetteer(texts: list[str]) -> Gazetteer:
    """One concept and label for each distinct text."""
    return Gazetteer.of(Term(text, "X", f"T:{i}") for i, text in enumerate(dict.fromkeys(texts)))
