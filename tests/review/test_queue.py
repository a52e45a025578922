"""Queue orders and what a document is worth."""

from __future__ import annotations

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.ranking import Ranked, document_values
from tests.review.helpers import make_project, say, suggest


def _span(surface: str, mark: str, score: float = 0.9, method: str = "exact", at: int = 0) -> Ranked:
    return Ranked(at, at + len(surface), score, mark, method, surface)


def test_value_is_chance_of_a_correction_times_frequency() -> None:
    values = document_values(
        [_span("a", "model", 0.9), _span("b", "rule+model", 0.5, at=5)], {"a": 10, "b": 3}, "d", True
    )
    assert values["disagree"] == pytest.approx(0.4 * 10)
    assert values["uncertain"] == pytest.approx(0.2 * 10 + 1.0 * 3)
    assert values["new_terms"] == pytest.approx(0.5 * 10)
    assert values["fuzzy"] == values["conflicts"] == 0


def test_a_surface_counts_once_and_nothing_disagrees_without_a_model() -> None:
    twice = [_span("a", "rule", 0.6, "fuzzy"), _span("a", "rule", 0.6, "fuzzy", at=9)]
    values = document_values(twice, {"a": 2}, "d", False)
    assert values["fuzzy"] == pytest.approx(0.4 * 2)
    assert values["disagree"] == 0


def test_overlapping_suggestions_are_conflicts() -> None:
    spans = [_span("abcdef", "rule"), _span("cd", "model", at=2), _span("x", "rule", at=9)]
    assert document_values(spans, {}, "d", True)["conflicts"] == pytest.approx(1.0)


def test_random_order_is_the_same_everywhere() -> None:
    first, second = (document_values([], {}, "doc7", True)["random"] for _ in range(2))
    assert first == second
    assert 0 <= first < 1
    assert first != document_values([], {}, "doc8", True)["random"]


def _orders(store: ReviewStore) -> ReviewSession:
    texts = ["agree here", "rare word", "usual word one", "usual word two", "usual word three"]
    found = [
        [suggest(texts[0], "agree", "TEST", score=0.99)],
        [suggest(texts[1], "rare", "TEST", "model", 0.55)],
        *([suggest(text, "usual", "TEST", "model", 0.9)] for text in texts[2:4]),
        [suggest(texts[4], "usual", "TEST", "rule", 0.9, method="fuzzy")],
    ]
    return ReviewSession(store, make_project(store, list(zip(texts, found, strict=True))).name, "ana")


def _walk(session: ReviewSession, order: str, count: int) -> list[str]:
    say(session, f"queue {order}")
    seen = []
    for _ in range(count):
        view = session.view()
        assert view is not None
        seen.append(view.doc_id)
        say(session, "next")
    return seen


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("disagree", ["d3", "d4", "d5"]),
        ("uncertain", ["d2", "d3", "d4"]),
        ("fuzzy", ["d5"]),
        ("new-terms", ["d3", "d4", "d2"]),
    ],
)
def test_orders(store: ReviewStore, order: str, first: list[str]) -> None:
    assert _walk(_orders(store), order, len(first)) == first


def test_next_passes_every_document_before_it_returns_to_an_open_one(store: ReviewStore) -> None:
    seen = _walk(_orders(store), "disagree", 10)
    assert sorted(seen[:5]) == ["d1", "d2", "d3", "d4", "d5"]
    assert seen[5:] == seen[:5]


def test_random_with_a_limit_is_a_sample(store: ReviewStore) -> None:
    session = _orders(store)
    assert session.handle("queue random 2").echo.startswith("queue random: 2 left")
    sample = {row.doc_id for row in session.queue()}
    assert len(sample) == 2
    say(session, "ok next", "ok next")
    assert session.left == 0


def test_the_queue_can_be_searched_and_paged(store: ReviewStore) -> None:
    session = _orders(store)
    assert [row.doc_id for row in session.queue(search="D2")] == ["d2"]
    assert session.queue(search="%") == []
    rows = session.queue()
    assert [*session.queue(2), *session.queue(2, 2), *session.queue(2, 4)] == rows
    assert rows[0].value >= rows[-1].value
    say(session, "go d1", "ok")
    assert session.queue()[-1].doc_id == "d1"


def test_an_empty_list_says_so(store: ReviewStore) -> None:
    session = _orders(store)
    assert session.handle("queue flagged").echo == "queue flagged: nothing in it"
    assert "Did you mean `queue uncertain`?" in session.handle("queue uncertian").echo
