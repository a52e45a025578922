"""What is gold, whose it is, and what is left out of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store import gold
from hybrid_ner.review.store.events import DocumentState, Mention
from hybrid_ner.review.store.gold import GoldReport, gold_documents, gold_hash, gold_report
from tests.review.helpers import NOTE, make_project, say, suggest, ward


@pytest.fixture
def ana(store: ReviewStore, project: Project) -> ReviewSession:
    return _at_first(store, "ana")


@pytest.fixture
def bob(store: ReviewStore, project: Project) -> ReviewSession:
    return _at_first(store, "bob")


def _at_first(store: ReviewStore, name: str) -> ReviewSession:
    session = ReviewSession(store, "notes", name)
    session.open("d1")
    return session


def _gold(project: Project) -> dict[str, tuple[list[Any], list[Any], list[str]]]:
    """Accepted and rejected spans and reviewers by document."""
    return {
        each.doc_id: (
            [(each.text[e.start : e.end], e.label, e.concept_id) for e in each.entities or ()],
            [(each.text[r["start"] : r["end"]], r["label"]) for r in each.meta["rejected"]],
            each.meta["reviewers"],
        )
        for each in gold_documents(project)
    }


def test_only_finished_reviews_count(project: Project, ana: ReviewSession, bob: ReviewSession) -> None:
    say(bob, "1 is TEST", "no 2")
    assert _gold(project) == {}
    assert gold_report(project).partial == ("d1",)
    say(ana, "ok 1 2", "no 3 4")
    # Bob has begun: what he has is neither gold nor a conflict.
    accepted, rejected, who = _gold(project)["d1"]
    assert accepted == [("chest pain", "PROBLEM", ""), ("afib", "PROBLEM", "")]
    assert rejected == [("metropolol", "DRUG"), ("ECHO", "TEST")]
    assert who == ["ana"]
    assert gold_report(project) == GoldReport(1, 2, 2, (), ())
    say(bob, "no 3 4")
    assert _gold(project) == {}
    assert gold_report(project) == GoldReport(0, 0, 0, (), ("d1",))


def test_a_span_accepted_again_is_no_negative(project: Project, ana: ReviewSession) -> None:
    rest = [("metropolol", "DRUG"), ("ECHO", "TEST")]
    say(ana, "no 1 2 3 4", 'add "afib" PROBLEM')
    assert _gold(project)["d1"][:2] == ([("afib", "PROBLEM", "")], [("chest pain", "PROBLEM"), *rest])
    say(ana, "2 is TEST")
    # Under another label it is the same span: nothing is left to reject.
    assert _gold(project)["d1"][:2] == ([("afib", "TEST", "")], [("chest pain", "PROBLEM"), *rest])


def test_of_a_span_rejected_here_and_accepted_there_the_acceptance_counts() -> None:
    """As where one step of several on the same characters is undone."""
    rejected = Mention((0, 4, 0), 1, 0, 4, "A", "A", "rejected")
    other = replace(rejected, key=(0, 4, 1), status="accepted")
    row = SimpleNamespace(doc_id="d", text="afib and more", meta={"source": "x"})
    for label, kept in (("A", []), ("B", [{"start": 0, "end": 4, "label": "A"}])):
        mentions = {m.key: m for m in (rejected, replace(other, label=label))}
        made = gold._document(row, {"ana": DocumentState(mentions)})
        assert made.meta == {"source": "x", "rejected": kept, "reviewers": ["ana"]}
        assert [(e.start, e.end, e.label) for e in made.entities or ()] == [(0, 4, label)]


def test_what_only_made_room_is_no_negative(project: Project, ana: ReviewSession) -> None:
    say(ana, "ok 1 3 4", 'add "h/o afib" PROBLEM')
    accepted, rejected, _ = _gold(project)["d1"]
    assert [text for text, *_ in accepted] == ["chest pain", "h/o afib", "metropolol", "ECHO"]
    assert rejected == []


def test_a_stop_term_is_a_negative(store: ReviewStore) -> None:
    text = "you see afib"
    found = [suggest(text, "you", "PERSON"), suggest(text, "afib", "PROBLEM")]
    project = make_project(store, [(text, found)])
    ana = _at_first(store, "ana")
    say(ana, 'never "you"', "yes 1", "ok 2")
    assert _gold(project)["d1"][:2] == ([("afib", "PROBLEM", "")], [("you", "PERSON")])


def test_reviewers_who_agree_share_the_gold(project: Project, ana: ReviewSession, bob: ReviewSession) -> None:
    say(ana, "ok 1", "no 2 3 4")
    before = gold_hash(project)
    say(bob, "no 2 3 4", "ok 1")
    assert _gold(project)["d1"] == (
        [("chest pain", "PROBLEM", "")],
        [("afib", "PROBLEM"), ("metropolol", "DRUG"), ("ECHO", "TEST")],
        ["ana", "bob"],
    )
    assert gold_hash(project) == before
    # A link that one of them made is kept, whoever of them it was.
    for session in (ana, bob):
        say(session, "1 -> X:1")
        assert _gold(project)["d1"][0] == [("chest pain", "PROBLEM", "X:1")]
        say(session, "undo")


@pytest.mark.parametrize("taken", ["ana", "bob"])
def test_the_last_adjudicator_decides(
    project: Project, ana: ReviewSession, bob: ReviewSession, taken: str
) -> None:
    say(ana, "ok 1", "no 2 3 4")
    say(bob, "ok 2", "no 1 3 4")
    say(ana, "take bob")
    assert [text for text, *_ in _gold(project)["d1"][0]] == ["afib"]
    assert _gold(project)["d1"][2] == ["ana"]
    say(ana, "undo")
    assert gold_report(project).conflicts == ("d1",)
    say(ana, "take ana")
    say(bob, f"take {taken}")
    assert [text for text, *_ in _gold(project)["d1"][0]] == ["chest pain" if taken == "ana" else "afib"]
    assert _gold(project)["d1"][2] == ["bob"]


def test_flags_and_order(store: ReviewStore, project: Project, ana: ReviewSession) -> None:
    say(ana, "ok 1 2 3", "no 4", "go d3", "ok 1")
    documents = list(gold_documents(project))
    assert [each.doc_id for each in documents] == ["d1", "d3"]
    entities = documents[0].entities or ()
    assert [e.start for e in entities] == sorted(NOTE.index(w) for w in ("chest pain", "afib", "metropolol"))
    assert [dict(e.attrs) for e in entities] == [{"flags": ["negated"]}, {"flags": ["historical"]}, {}]


def test_the_report_in_words() -> None:
    assert GoldReport(1, 2, 1, (), ()).sentence() == "1 document, 2 mentions, 1 rejected mention"
    many = tuple(f"d{n}" for n in range(6))
    said = GoldReport(0, 0, 0, many, many[:5]).sentence()
    assert said == (
        "0 documents, 0 mentions, 0 rejected mentions; left out: 6 partly reviewed (d0, d1, d2, d3, d4 …)"
        "; left out: 5 in which reviewers differ (d0, d1, d2, d3, d4)"
    )


def test_the_hash_tells_every_difference(project: Project, ana: ReviewSession) -> None:
    seen = set()
    for line in ("ok 1 2 3 4", "no 4", "4 is DRUG", "reopen 4", "no 4", "1 -> X:1", "2 +1"):
        say(ana, line)
        seen.add(gold_hash(project))
    assert len(seen) == 7
    ward(ana.store, name="other")
    assert gold_hash(project) in seen
