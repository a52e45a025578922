"""The codebook on the page: read beside the document, written by form and button, each a line of the log."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from hybrid_ner.corpus.codebook import Rule
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.codebook import codebook_of, suggest_rules
from tests.ui.views.test_views import run, words


@pytest.fixture
def session(notes: str, store: ReviewStore) -> ReviewSession:
    found = ReviewSession(store, notes, "ana")
    found.handle("ok 1")
    return found


def press(tested: AppTest, name: str) -> AppTest:
    tested = next(b for b in tested.button if b.label == name).click().run()
    assert not tested.exception
    return tested


def test_a_rule_is_written_beside_the_document(session: ReviewSession) -> None:
    tested = run("review")
    label = next(box for box in tested.selectbox if box.label == "Label")
    view = session.view()
    assert view is not None
    span = next(span for span in view.spans if span.status == "accepted")
    tested = label.set_value(span.label).run()
    next(box for box in tested.selectbox if box.label == "Kind").set_value("include")
    next(area for area in tested.text_area if area.label == "Rule").set_value('findings, "so called"')
    next(box for box in tested.multiselect if box.label.startswith("Examples")).set_value([span.number])
    tested = press(tested, "Write it")
    (rule,) = codebook_of(session.project).rules(span.label)
    assert (rule.kind, rule.text) == ("include", 'findings, "so called"')
    assert [each.text for each in rule.examples] == [span.surface]
    assert 'Include: findings, "so called"' in words(tested)
    press(tested, "Take out")
    assert not codebook_of(session.project)
    assert session.transcript()[-1] == f'codebook "{span.label}" no 1'


def test_a_further_rule_leaves_the_definition_alone(session: ReviewSession) -> None:
    session.handle('codebook Disease means "an illness"')
    tested = run("review")
    tested = next(box for box in tested.selectbox if box.label == "Label").set_value("Disease").run()
    next(area for area in tested.text_area if area.label == "Rule").set_value("short forms too")
    press(tested, "Write it")
    rules = codebook_of(session.project).rules("Disease")
    assert [(rule.kind, rule.text) for rule in rules] == [
        ("definition", "an illness"),
        ("include", "short forms too"),
    ]


def test_proposals_are_taken_and_refused(session: ReviewSession) -> None:
    proposed = [Rule(1, "definition", "An *illness*.", by="qwen"), Rule(2, "exclude", "Doses.", by="qwen")]
    suggest_rules(session.project, {"Disease": proposed}, "ana", "codebook")
    tested = run("review")
    next(box for box in tested.selectbox if box.label == "Label").set_value("Disease").run()
    assert "Proposed by qwen. An *illness*." in words(tested)
    tested = press(tested, "Accept")
    press(tested, "Reject")
    book = codebook_of(session.project)
    assert [rule.text for rule in book.rules("Disease")] == ["An *illness*."]
    assert book.suggested("Disease") == ()


def test_queue_page_offers_the_whole_of_it(session: ReviewSession) -> None:
    assert "Nothing is written yet" in words(run("queue"))
    session.handle('codebook Disease means "an illness"')
    tested = run("queue")
    assert f"Version {codebook_of(session.project).version}" in words(tested).replace("\\", "")
    assert "Propose them" in [button.label for button in tested.button]
