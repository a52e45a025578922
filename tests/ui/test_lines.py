"""Lines that a page handles with care."""

from __future__ import annotations

import pytest

from hybrid_ner.ui.lines import moves, needs_terms, refused


@pytest.mark.parametrize("line", ["export jsonl /etc/passwd", "export brat", "replay session.txt"])
def test_lines_that_touch_files_are_refused(line: str) -> None:
    reply = refused(line)
    assert reply is not None
    assert "terminal" in reply.echo


@pytest.mark.parametrize("line", ["ok", "no 2", "what is this", 'all "export"', ""])
def test_other_lines_may_run(line: str) -> None:
    assert refused(line) is None


def test_moves_are_told_from_decisions() -> None:
    assert all(map(moves, ("next", "back", "go 3", "skip", "ok next", "find x")))
    assert not any(map(moves, ("ok", "why 3", "flag next week", "")))


def test_questions_to_the_term_lists_are_known() -> None:
    assert all(map(needs_terms, ("why 3", 'variant "a"', "3 -> fever", "yes 3")))
    assert not any(map(needs_terms, ("ok", "no 3", "next")))
