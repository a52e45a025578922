"""Lines that a page handles with care."""

from __future__ import annotations

from hybrid_ner.ui.state import moves, named_span, needs_terms, searched


def test_moves_are_told_from_decisions() -> None:
    assert all(map(moves, ("next", "back", "go 3", "skip", "ok next", "find x")))
    assert not any(map(moves, ("ok", "why 3", "flag next week", "")))


def test_questions_to_the_term_lists_are_known() -> None:
    assert all(map(needs_terms, ("why 3", 'variant "a"', "3 -> fever", "yes 3")))
    assert not any(map(needs_terms, ("ok", "no 3", "next")))


def test_span_that_a_line_is_about_is_known() -> None:
    lines = {"why 3": 3, "ok 5-9": 5, "no 4": 4, "7 +1": 7, "2 is Drug": 2, "ok": 0, "undo 3": 0, "what": 0}
    assert {line: named_span(line) for line in lines} == lines


def test_text_that_a_line_looks_for_is_known() -> None:
    assert [searched(line) for line in ('find "a b"', "find statin", 'all "x"', "?!")] == [
        "a b",
        "statin",
        "",
        "",
    ]
