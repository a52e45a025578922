"""Parts of long documents on the page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review import DocumentView, SpanView
from hybrid_ner.ui.shown_part import accept_line, number_ranges


def test_runs_of_numbers_are_ranges() -> None:
    assert number_ranges([3, 1, 2, 7, 9, 10]) == "1-3 7 9-10"
    assert number_ranges([]) == ""


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers(numbers: set[int]) -> None:
    ends = [tuple(map(int, part.split("-"))) for part in number_ranges(numbers).split()]
    assert {n for each in ends for n in range(each[0], each[-1] + 1)} == numbers


def view_of(*spans: SpanView) -> DocumentView:
    text = "x" * 100
    return DocumentView("d", 1, 1, text, "h", "r1", 1, spans, (), ("A",), "disagree", 1, False)


def test_line_names_what_the_button_counts() -> None:
    spans = [
        SpanView(n, 10 * n, 10 * n + 5, "xxxxx", "A", "open", "rule", chosen=n <= 4) for n in range(1, 7)
    ]
    assert accept_line(view_of(*spans)) == (4, "ok 1-4")
    assert accept_line(view_of(*spans[4:])) == (0, "ok")


def test_of_overlapping_spans_the_better_one_is_counted() -> None:
    spans = (
        SpanView(1, 0, 5, "xxxxx", "A", "open", "rule", score=0.5),
        SpanView(2, 0, 9, "x" * 9, "A", "open", "rule", score=0.9),
        SpanView(3, 20, 25, "xxxxx", "A", "open", "rule"),
    )
    assert accept_line(view_of(*spans)) == (2, "ok 2-3")
