"""Taken characters, against a comparison with every span."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.text.intervals import Intervals

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(SPANS, max_size=10), SPANS)
def test_overlap_is_that_with_any_span(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    start, end = asked
    assert Intervals(spans).overlap(start, end) == any(a < end and start < b for a, b in spans)
