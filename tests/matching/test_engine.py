from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.matching.automata import hits_of
from hybrid_ner.matching.exact import longest_first, taken
from hybrid_ner.matching.fuzzy import FuzzyMatcher
from hybrid_ner.matching.match import Match, Weights
from hybrid_ner.terms import Term
from hybrid_ner.text.offsets import Intervals, best_weight
from tests.oracle.matching import greatest_weight, longest

SPAN = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(st.lists(SPAN, max_size=12, unique=True))
def test_longest_first_equals_the_naive_choice(spans: list[tuple[int, int]]) -> None:
    hits = hits_of([(doc, *span, 0) for doc in (0, 2) for span in spans])
    chosen = taken(hits, longest_first(hits))
    for doc in (0, 2):
        assert [(s, e) for d, s, e, _ in chosen.rows() if d == doc] == longest(spans)


@settings(deadline=None)
@given(st.lists(st.tuples(SPAN, st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0])), max_size=9))
def test_best_weight_equals_trying_every_set(rows: list[tuple[tuple[int, int], float]]) -> None:
    spans, weights = [row[0] for row in rows], [row[1] for row in rows]
    chosen = best_weight(spans, weights)
    taken = [spans[i] for i in chosen]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(taken))
    assert sum(weights[i] for i in chosen) == pytest.approx(greatest_weight(spans, weights))


def test_best_weight_prefers_one_long_span_among_equals() -> None:
    assert best_weight([(0, 2), (2, 4), (0, 4)], [2, 2, 4]) == [2]


def test_weights_multiply_label_and_source() -> None:
    weights = Weights(labels={"Drug": 2.0}, sources={"mesh": 3.0})
    assert weights.of(Term("a", "Drug", source="mesh"), 5) == 30.0
    assert weights.of(Term("a", "Disease"), 5) == 5.0


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
