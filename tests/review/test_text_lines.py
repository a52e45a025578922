"""Texts in one block of bytes, against a list of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review.rounds.terms import Lines

TEXTS = st.lists(st.text(alphabet="abß😀 \ud800", max_size=4), max_size=8)
ASKED = st.text(alphabet="abß😀 \ud800", max_size=3)


@given(TEXTS, ASKED)
def test_lines_are_found_as_in_a_list(texts: list[str], asked: str) -> None:
    lines = Lines.of(texts)
    assert list(lines.equal(asked)) == [n for n, text in enumerate(texts) if text == asked]
    assert list(lines.beginning(asked)) == [n for n, text in enumerate(texts) if text.startswith(asked)]
    assert list(lines.holding(asked)) == [n for n, text in enumerate(texts) if asked in text]


@given(TEXTS)
def test_lines_come_back(texts: list[str]) -> None:
    lines = Lines.of(texts)
    assert len(lines) == len(texts)
    assert list(lines) == texts
    assert [lines[n] for n in range(len(lines))] == texts


def test_line_break_counts_as_a_space() -> None:
    lines = Lines.of(["a\nb", "c"])
    assert list(lines) == ["a b", "c"]
    assert list(lines.equal("a\nb")) == [0]
