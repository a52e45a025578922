from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.matching.automata import hits_of
from hybrid_ner.matching.exact import FuzzyMatcher, longest_first, taken
from hybrid_ner.matching.match import Match
from hybrid_ner.text.offsets import Intervals
from tests.oracle.matching import longest

SPAN = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(st.lists(SPAN, max_size=12, unique=True))
def test_longest_first_equals_the_naive_choice(spans: list[tuple[int, int]]) -> None:
    hits = hits_of([(doc, *span, 0) for doc in (0, 2) for span in spans])
    chosen = taken(hits, longest_first(hits))
    for doc in (0, 2):
        assert [(s, e) for d, s, e, _ in chosen.rows() if d == doc] == longest(spans)


@given(st.lists(SPAN, max_size=6), st.lists(SPAN, max_size=9))
def test_merge_drops_what_lies_inside_a_fuzzy_match(
    exact: list[tuple[int, int]], near: list[tuple[int, int]]
) -> None:
    taken = Intervals()
    fuzzy = sorted(span for span in near if taken.take(*span))
    merged = FuzzyMatcher.merge(
        [Match(s, e, "X") for s, e in sorted(exact)], [Match(s, e, "F") for s, e in fuzzy]
    )
    kept = [s for s in exact if not any(f[0] <= s[0] and s[1] <= f[1] for f in fuzzy)]
    assert [(m.start, m.end) for m in merged] == sorted([*kept, *fuzzy])
