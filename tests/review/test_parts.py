"""Long documents in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review import ReviewSession, ReviewStore, document
from hybrid_ner.review.document import Outline, cut
from tests.review.helpers import make_project, suggest

LINES = [f"{n} afib with afib then ECHO" for n in range(40)]
TEXT = "\n".join(LINES)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a length that a person can read."""
    for name, value in {"WHOLE": 200, "PART": 100, "_SLACK": 20, "_CONTEXT": 40}.items():
        monkeypatch.setattr(document, name, value)


@given(st.text(alphabet="ab \n\u0301", max_size=900))
def test_parts_follow_each_other(text: str) -> None:
    starts = cut(text)
    assert starts[0] == 0
    assert list(starts) == sorted(set(starts))
    assert all(0 < start < len(text) for start in starts[1:])
    assert (len(starts) == 1) == (len(text) <= 200)
    ends = (*starts[1:], len(text))
    assert all(end - start <= 150 for start, end in zip(starts, ends, strict=True))


@given(st.text(alphabet="ab \n\u0301", min_size=201, max_size=900))
def test_windows_cover_their_parts_and_a_little_more(text: str) -> None:
    outline = Outline("d", text, cut(text))
    ends = (*outline.starts[1:], len(text))
    for part, (start, end) in enumerate(zip(outline.starts, ends, strict=True)):
        left, right = outline.window(part)
        assert max(0, start - 40) <= left <= start
        assert end <= right <= end + 40
        assert [outline.part_at(place) for place in (start, end - 1)] == [part, part]


def test_text_is_cut_at_empty_lines_before_lines_before_words() -> None:
    assert cut(f"{'a' * 95}\n\n{'b' * 8}\n{'c' * 194}")[1] == 97
    assert cut(f"{'a' * 95}\n{'b ' * 102}")[1] == 96
    assert cut(f"{'a' * 95} {'b' * 204}")[1] == 96
    long = "a" * 400
    assert cut(long) == (0, 100, 200, 300)


@pytest.fixture
def session(store: ReviewStore) -> ReviewSession:
    found = [suggest(TEXT, "afib", "PROBLEM", nth=n) for n in range(1, 81)]
    found += [suggest(TEXT, "ECHO", "TEST", "model", 0.4, nth=n, chosen=n % 2 == 0) for n in range(1, 41)]
    project = make_project(store, [(TEXT, found), ("afib", [suggest("afib", "afib", "PROBLEM")])])
    made = ReviewSession(store, project.name, "ana")
    made.handle("go 1")
    return made


def counted(session: ReviewSession, outline: Outline) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Open spans part by part, from the whole view."""
    view = session.view(outline.doc_id)
    assert view is not None
    counts = [[0] * len(outline), [0] * len(outline)]
    for span in view.spans:
        if span.status == "open":
            counts[not span.chosen][outline.part_at(span.start)] += 1
    return tuple(counts[0]), tuple(counts[1])


def test_counts_are_those_of_the_whole_view(session: ReviewSession) -> None:
    lines = (
        "ok 1-8",
        "no 9 10",
        "reopen 2",
        "12 +2",
        'split 12 at "then with"',
        "reopen 12",
        "undo",
        "ok 30",
    )
    for line in ("", *lines):
        if line:
            session.handle(line)
        outline = session.outline()
        assert outline is not None
        assert len(outline) > 8
        assert (outline.chosen, outline.others) == counted(session, outline)
    assert outline.first_open() == 0


def test_first_open_part_is_where_the_next_decision_waits(session: ReviewSession) -> None:
    for line in ("ok 1-60", "yes"):
        session.handle(line)
    outline = session.outline()
    view = session.view()
    assert outline is not None
    assert view is not None
    waiting = min(span.start for span in view.spans if span.status == "open" and span.chosen)
    assert outline.first_open() == outline.part_at(waiting) > 0
    for line in ("ok", "yes"):
        session.handle(line)
    done = session.outline()
    assert done is not None
    assert sum(done.chosen) == 0


def test_short_document_has_one_part(session: ReviewSession) -> None:
    session.handle("go 2")
    outline = session.outline()
    assert outline is not None
    assert (outline.starts, outline.chosen, outline.window(0)) == ((0,), (), (0, 4))
