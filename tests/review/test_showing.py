"""What a page draws of a document: the whole of it, or a window with whole spans."""

from __future__ import annotations

import pytest

from hybrid_ner.review import Operation, ReviewSession, ReviewStore, showing
from tests.review.helpers import make_project, suggest

TEXT = "afib one\nafib two\nafib three\nafib four\nafib five\n"


@pytest.fixture
def long_note(store: ReviewStore, monkeypatch: pytest.MonkeyPatch) -> ReviewSession:
    monkeypatch.setattr(showing, "MARGIN", 15)
    found = [suggest(TEXT, "afib", "PROBLEM", nth=n) for n in range(1, 6)]
    crossing = suggest(TEXT, "two\nafib", "TEST", "model", 0.4, chosen=False)
    project = make_project(store, [(TEXT, [*found, crossing])])
    session = ReviewSession(store, project.name, "ana")
    session.handle("ok 2")
    return session


def test_votes_are_read_when_somebody_asks(long_note: ReviewSession) -> None:
    view = long_note.view()
    assert view is not None
    assert view.spans[0].sources == ("gazetteer", "model")
    assert view.spans[0].reference == "afib"
    assert [s.reference for s in view.spans if s.label == "TEST"] == [""]


@pytest.mark.parametrize("window", [(0, 9), (9, 18), (18, 29), (20, 21), (29, 50), (0, 10_000), (-5, 3)])
def test_window_shows_whole_spans_and_no_others(long_note: ReviewSession, window: tuple[int, int]) -> None:
    whole, part = long_note.view(), long_note.view(window=window)
    assert whole is not None
    assert part is not None
    assert part.window is not None
    start, end = part.window
    assert start <= max(0, window[0])
    assert end >= min(len(TEXT), window[1])
    inside = tuple(s for s in whole.spans if start <= s.start and s.end <= end)
    assert part.spans == inside
    assert not [s for s in whole.spans if s.start < start < s.end or s.start < end < s.end]
    assert part.tokens == tuple(t for t in whole.tokens if start <= t[0] and t[1] <= end)
    assert (part.text, part.content_hash) == (whole.text, whole.content_hash)


def test_decision_outside_the_window_counts_in_it(long_note: ReviewSession) -> None:
    """The span over the line end lost against the one that was accepted on its second line."""
    long_note.handle("ok 4")
    part = long_note.view(window=(10, 12))
    assert part is not None
    assert [(s.surface, s.status, s.reason) for s in part.spans] == [("afib", "accepted", "")]
    part = long_note.view(window=(14, 17))
    assert part is not None
    assert [(s.surface, s.reason) for s in part.spans] == [("two\nafib", "overlap"), ("afib", "")]


def test_moved_span_is_not_suggested_again_where_it_was(long_note: ReviewSession) -> None:
    view = long_note.view()
    assert view is not None
    moved = Operation("boundary", view.doc_id, view.content_hash, "c", 1, 1, 23, 28, "three")
    assert long_note.apply(moved).level == "done"
    part = long_note.view(window=(0, 4))
    assert part is not None
    assert part.spans == ()


def test_what_is_left_is_counted_as_the_page_counts_it(session: ReviewSession) -> None:
    """“ECHO”, which the pipeline did not choose, is open too and stands apart on the page."""
    assert session.handle("the first one is fine").then.startswith("2 are left: is “afib”")
