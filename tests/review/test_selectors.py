"""Sources and methods in a selection: what nothing has is said, with what there is."""

from __future__ import annotations

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from tests.review.helpers import make_project, suggest, ward


@pytest.fixture
def session(store: ReviewStore) -> ReviewSession:
    return ReviewSession(store, ward(store).name, "ana")


@pytest.mark.parametrize("line", ["ok all source:gazeteer", "no all source:gazeteer", "all source:gazeteer"])
def test_unknown_source_is_said_with_the_known_ones(session: ReviewSession, line: str) -> None:
    reply = session.handle(line)
    assert reply.level == "error"
    assert reply.echo == (
        "no suggestion has the source 'gazeteer'. Did you mean `source:gazetteer`? "
        "The sources are agree, both, gazetteer, model, reviewer, rule, rule+model, split. Nothing changed."
    )


def test_unknown_method_is_said_with_the_known_ones(session: ReviewSession) -> None:
    assert session.handle("ok all method:fuzy").echo == (
        "no suggestion has the method 'fuzy'. Did you mean `method:fuzzy`? "
        "The methods are abbreviation, exact, fuzzy. Nothing changed."
    )
    assert "There is no method at all" not in session.handle("ok all method:xyz").echo


def test_a_project_without_suggestions_has_no_method(store: ReviewStore) -> None:
    session = ReviewSession(store, make_project(store, [("No text.", [])]).name, "ana")
    assert "There is no method at all yet." in session.handle("all method:exact").echo


def test_a_known_source_of_which_nothing_is_left_is_no_error(session: ReviewSession) -> None:
    assert session.handle("ok all source:reviewer").echo == "nothing to accept"


def test_the_gazetteer_is_a_source_by_its_name(store: ReviewStore) -> None:
    text = "afib and ECHO"
    found = [suggest(text, "afib", "PROBLEM", "rule"), suggest(text, "ECHO", "TEST", "model")]
    session = ReviewSession(store, make_project(store, [(text, found)]).name, "ana")
    assert session.handle("all source:gazetteer").echo == "1 mention in 1 document"
    session.handle('term + "and" = conjunction TEST')
    session.handle("yes 1")
    assert session.handle("all source:gazetteer").echo == "2 mentions in 1 document"
