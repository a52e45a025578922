"""The card in a terminal: a long document that was shown already is repeated only around what is open."""

from __future__ import annotations

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.document import LONG, card_lines
from tests.review.helpers import make_project, suggest

PADDING = "The patient walked in the garden and slept well at night. " * 80
TEXT = f"afib on Monday. {PADDING}Warfarin was given. {PADDING}Fever later."


def test_a_long_document_is_repeated_around_the_first_open_span(store: ReviewStore) -> None:
    found = [
        suggest(TEXT, "afib", "PROBLEM"),
        suggest(TEXT, "Warfarin", "DRUG"),
        suggest(TEXT, "Fever", "PROBLEM"),
    ]
    project = make_project(
        store, [(TEXT, found), ("Short afib.", [suggest("Short afib.", "afib", "PROBLEM")])]
    )
    session = ReviewSession(store, project.name, "ana")
    session.open("d1")
    view = session.view()
    assert view is not None
    assert len(view.text) > LONG
    whole = "\n".join(card_lines(view))
    assert whole.count("walked in the garden") == 160
    session.handle("ok 1")
    view = session.view()
    assert view is not None
    part = "\n".join(card_lines(view, again=True))
    assert "[2 Warfarin] was given" in part
    assert part.count("walked in the garden") < 40
    assert "2 more mentions in the rest; `go d1` shows the whole text" in part
    session.open("d2")
    view = session.view()
    assert view is not None
    assert card_lines(view, again=True) == card_lines(view)
