"""Lines cut into tokens: quotes of every kind, closed or not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.review.commands.language import ParseError, tokenize

QUOTED = re.compile(
    r'"(?:[^"\\]|\\.)*"|“[^”]*”|„[^“”]*[“”]|”[^”]*”|«[^»]*»|»[^«]*«|‘[^’]*’(?=\s|$)'
    r"""|'(?:[^']|'(?=\w))+'(?=\s|$)|["“”][^"“”]*["“”]"""
)
"""What a quoted text is, as one pattern, which looks through the rest of the line at every open quote."""
PIECES = [*"\"\"“”„«»‘’''\\ab1 ,\n>", '\\"', "don't", "' "]


def _quoted(line: str) -> list[tuple[int, int]] | None:
    try:
        return [(t.start, t.end) for t in tokenize(line) if t.kind == "quoted"]
    except ParseError:
        return None


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_quoted_texts_are_those_of_the_pattern(line: str) -> None:
    found = _quoted(line)
    if found is None:
        return
    tokens = tokenize(line)
    for token in tokens:
        match = QUOTED.match(line, token.start)
        assert (token.kind == "quoted") == (match is not None)
        assert match is None or match.end() == token.end


@pytest.mark.parametrize(("piece", "closed"), [('"a" ', True), ('\\" ', False), ("“", False), ("'a ", True)])
def test_long_lines_are_read(piece: str, closed: bool) -> None:
    line = piece * (50_000 // len(piece))
    if closed:
        assert "".join(line[t.start : t.end] for t in tokenize(line)) == line.replace(" ", "")
    else:
        with pytest.raises(ParseError, match="is not closed"):
            tokenize(line + "“")
