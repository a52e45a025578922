"""Queue orders and what a document is worth."""

from __future__ import annotations

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.ranking import Counts, Ranked, document_values
from hybrid_ner.review.term_queue import term_queue
from tests.review.helpers import make_project, say, suggest, ward


def _span(surface: str, mark: str, score: float = 0.9, method: str = "exact", at: int = 0) -> Ranked:
    return Ranked(at, at + len(surface), score, mark, method, surface)


def test_value_is_chance_of_a_correction_and_for_one_kind_of_mistake_times_frequency() -> None:
    counts = {"a": Counts(10), "b": Counts(3)}
    values = document_values(
        [_span("a", "model", 0.9), _span("b", "rule+model", 0.5, at=5)], counts, "d", True
    )
    assert values["disagree"] == pytest.approx(0.4)
    assert values["uncertain"] == pytest.approx(0.2 + 1.0)
    assert values["new_terms"] == pytest.approx(0.5 * 10)
    assert values["fuzzy"] == values["conflicts"] == 0


def test_a_surface_counts_once_and_nothing_disagrees_without_a_model() -> None:
    twice = [_span("a", "rule", 0.6, "fuzzy"), _span("a", "rule", 0.6, "fuzzy", at=9)]
    values = document_values(twice, {"a": Counts(2)}, "d", False)
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
        ("disagree", ["d2", "d3", "d4"]),
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
    assert session.handle("queue random 2").echo.startswith("random: 2 left")
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
    assert session.handle("queue flagged").echo == "flagged: no document"
    assert "Did you mean `queue uncertain`?" in session.handle("queue uncertian").echo


def _plain(store: ReviewStore, count: int = 6) -> ReviewSession:
    texts = [f"word {n}" for n in range(1, count + 1)]
    found = [[suggest(text, "word", "TEST")] for text in texts]
    return ReviewSession(store, make_project(store, list(zip(texts, found, strict=True))).name, "ana")


def test_flagged_is_an_order_with_positions_skips_and_returns(store: ReviewStore) -> None:
    session = _plain(store)
    for number in (5, 2, 4):
        say(session, f"go {number}", "flag later")
    assert session.handle("queue flagged").echo == "flagged: 3 documents → doc 2 d2"
    assert [row.doc_id for row in session.queue()] == ["d2", "d4", "d5"]
    assert session.handle("skip").echo.endswith("→ doc 4 d4")
    assert [row.doc_id for row in session.queue()] == ["d4", "d5", "d2"]
    assert session.handle("ok next").echo.endswith("→ doc 5 d5")
    assert session.handle("next").echo.endswith("→ doc 2 d2")
    assert session.handle("next").echo.endswith("→ doc 4 d4")
    assert session.left == 3
    say(session, "unflag", "next", "unflag", "next", "unflag")
    assert session.handle("next").echo == "left 1 open in d2; no other document is flagged"
    assert session.left == 0


def test_mine_leads_through_what_was_begun_and_not_finished(store: ReviewStore) -> None:
    session = _plain(store)
    bob = ReviewSession(store, session.project.name, "bob")
    say(bob, "go 1", "flag x")
    say(session, "go 2", "skip", "go 3", "ok", "go 5", "ok", "reopen 1", "go 6", "flag x")
    assert session.handle("queue mine").echo == "begun by me, not finished: 3 documents → doc 5 d5"
    assert [row.doc_id for row in session.queue()] == ["d5", "d6", "d2"]
    assert [row.doc_id for row in session.queue(1, 1)] == ["d6"]
    assert session.handle("ok next").echo.endswith("→ doc 6 d6")
    assert [row.doc_id for row in session.queue()] == ["d6", "d2"]
    assert session.handle("next").echo.endswith("→ doc 2 d2")
    assert session.handle("next").echo.endswith("→ doc 6 d6")
    assert session.handle("queue mine 1").echo == "begun by me, not finished: 1 document → doc 2 d2"


def test_reviewed_documents_with_something_new_are_a_list(store: ReviewStore) -> None:
    session = _plain(store, 3)
    assert session.handle("queue again").echo == "reviewed by me, with something new: no document"
    say(session, "go 1", "ok", "next", "go 2", "ok", "next")
    session.project.add_suggestions("r2", [("d1", [suggest("word 1", "1", "TEST")])])
    # On Terms nothing of it waits, and no verdict there touches it.
    assert term_queue(session.project, "ana").shared
    assert session.handle("queue again").echo == "reviewed by me, with something new: 1 document → doc 1 d1"
    said = say(session, "ok", "next").echo
    assert said == "no other document is reviewed by you, with something new"
    assert session.left == 0


def test_a_list_keeps_its_place_over_a_reload_and_another_document(store: ReviewStore) -> None:
    session = _plain(store)
    for number in (1, 3, 5):
        say(session, f"go {number}", "flag x")
    say(session, "queue flagged", "next")
    again = ReviewSession(store, session.project.name, "ana")
    assert again.order == "flagged"
    say(again, "go 4")
    assert again.handle("next").echo.endswith("→ doc 5 d5")


def test_what_is_left_elsewhere_is_said_with_who_has_it_open(store: ReviewStore) -> None:
    session = _plain(store, 3)
    bob = ReviewSession(store, session.project.name, "bob")
    say(bob, "go 2")
    assert say(session, "go 1", "ok next").echo.endswith("→ doc 3 d3")
    assert say(session, "ok next").echo.endswith(
        "; no other document waits, 1 left in all (open with bob now)"
    )
    assert session.handle("next").echo == "no other document waits, 1 left in all (open with bob now)"
    assert say(bob, "go 1") is not None
    assert session.handle("next").echo == "→ doc 2 d2".removeprefix("→ ")


def test_a_reviewed_document_is_not_said_to_come_back(store: ReviewStore) -> None:
    session = _plain(store, 3)
    assert (
        say(session, "go 1", "ok", "skip").echo == "d1 stays reviewed (`flag` marks it for later) → doc 2 d2"
    )
    assert session.left == 2


def test_the_queue_says_what_was_begun(store: ReviewStore) -> None:
    session = ReviewSession(store, ward(store).name, "ana")
    say(session, "go d1", "ok 1")
    ReviewSession(store, session.project.name, "bob").handle("go d2")
    assert [row.doc_id for row in session.queue() if row.begun] == ["d1"]


def test_adding_alone_does_not_finish_a_document(store: ReviewStore) -> None:
    """A second mention may follow: ``next``, or the last decision about an open span, completes it."""
    session = ReviewSession(store, ward(store).name, "ana")
    say(session, "go d5", 'add "Nothing" TEST')
    for line in ('add "see" TEST', "1 is DRUG", "1 + 1", "undo", "no 2"):
        say(session, line)
        view = session.view()
        assert view is not None
        assert not view.done, line
    assert session.handle("next").echo.startswith("d5 is reviewed → ")
    say(session, "go d5", 'add "here" TEST')
    view = session.view()
    assert view is not None
    assert view.done, "what is reviewed stays so"
    for lines in (("go d4", 'add "and" TEST', "ok 1", "no 2"), ("go d2", "no 1", 'add "mi ruled" TEST')):
        say(session, *lines)
        view = session.view()
        assert view is not None
        assert view.done, "what was open is decided, or gave way"
