from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.matching.automata import hits_of
from hybrid_ner.matching.exact import FuzzyMatcher, longest_first, taken
from hybrid_ner.matching.match import Fuzzy, Match, reading_of
from hybrid_ner.terms import Term
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


def test_near_matches_are_accepted_by_their_score_and_the_mode_of_their_label() -> None:
    fuzzy = Fuzzy.parse(("label", "Drug=off"), 0.9)
    assert fuzzy.accepts("Disease", 0.9)
    assert not fuzzy.accepts("Disease", 0.89)
    assert not fuzzy.accepts("Drug", 1.0)
    assert (str(fuzzy), str(Fuzzy.parse(("label",), 0.0))) == ("label Drug=off from 0.9", "label")
    assert Match(0, 3, "Drug").score == 1.0


@pytest.mark.parametrize(
    ("term", "surface", "method", "edits"),
    [
        (Term("flu*", "X"), "flus", "variant", ("wildcard",)),
        (Term("fl?", "X"), "flue", "variant", ("wildcard",)),
        (Term("why?", "X"), "why?", "exact", ()),
        (Term("Flu", "X"), "flu", "folded", ()),
        (Term("flues", "X", parent="flue", rule="plural"), "flues", "variant", ("plural",)),
        (Term("flues", "X", parent="flue"), "flues", "variant", ()),
    ],
)
def test_evidence_says_how_a_surface_came_from_its_term(
    term: Term, surface: str, method: str, edits: tuple[str, ...]
) -> None:
    found = reading_of([term], "X", surface).evidence
    assert (found.method, found.edits) == (method, edits)
