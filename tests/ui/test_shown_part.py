"""Parts of long documents on the page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.ui.shown_part import number_ranges


def test_runs_of_numbers_are_ranges() -> None:
    assert number_ranges([3, 1, 2, 7, 9, 10]) == "1-3 7 9-10"
    assert number_ranges([]) == ""


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers(numbers: set[int]) -> None:
    ends = [tuple(map(int, part.split("-"))) for part in number_ranges(numbers).split()]
    assert {n for each in ends for n in range(each[0], each[-1] + 1)} == numbers
