"""Agreement, gold of several reviewers, decisions taken over from files."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds.decisions import import_decisions
from hybrid_ner.review.store.agreement import agree, cohen_kappa, differences, token_labels
from hybrid_ner.review.store.gold import gold_documents, gold_hash, gold_report
from tests.review.helpers import NOTE, say, surfaces, ward


@given(st.lists(st.tuples(st.sampled_from("OAB"), st.sampled_from("OAB")), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    left, right = zip(*pairs, strict=True)
    if len({*left, *right}) == 1:
        assert cohen_kappa(Counter(pairs)) == 1.0
    else:
        assert cohen_kappa(Counter(pairs)) == pytest.approx(cohen_kappa_score(left, right))


def test_agreement_of_a_known_case() -> None:
    tokens = [(0, 2), (3, 5), (6, 8), (9, 11)]
    first, second = [(0, 5, "A"), (6, 8, "B")], [(0, 5, "A"), (6, 8, "A"), (9, 11, "B")]
    assert token_labels(tokens, first) == ["A", "A", "B", "O"]
    found = agree([(tokens, first, second)])
    assert (found.documents, found.both, found.first, found.second) == (1, 1, 1, 2)
    assert found.f1 == pytest.approx(2 / 5)
    assert found.kappa == pytest.approx(cohen_kappa_score(["A", "A", "B", "O"], ["A", "A", "A", "B"]))
    assert differences(first, second) == [(6, 8, "B", "A"), (9, 11, "", "B")]
    assert agree([]).f1 == 1.0


def test_gold_of_two_reviewers(store: ReviewStore, project: Project) -> None:
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    for session in (ana, bob):
        session.open("d4")
        say(session, "ok")
    ana.open("d2")
    say(ana, "ok 1")
    assert gold_report(project).partial == ("d2",)
    bob.open("d6")
    say(bob, "no 1", "ok")
    ana.open("d6")
    say(ana, "ok")
    report = gold_report(project)
    assert (report.documents, report.conflicts) == (1, ("d6",))
    assert "left out: 1 in conflict (d6)" in report.sentence()
    say(bob, "go d6", "take bob")
    gold = {g.doc_id: g for g in gold_documents(project)}
    assert gold["d6"].meta["reviewers"] == ["bob"]
    assert len(gold["d6"].meta["rejected"]) == 1
    say(bob, "undo")
    assert gold_report(project).conflicts == ("d6",)


def _disagreeing(store: ReviewStore, project: Project) -> tuple[ReviewSession, ...]:
    """Ana, bob and carl; of d4 the first two have reviewed both spans, one of them differently."""
    ana, bob, carl = (ReviewSession(store, project.name, name) for name in ("ana", "bob", "carl"))
    say(ana, "go d4", "ok")
    say(bob, "go d4", "1 is TEST", "ok")
    carl.open("d4")
    return ana, bob, carl


def test_adjudication_does_not_raise_the_agreement(any_store: ReviewStore) -> None:
    ana, bob, carl = _disagreeing(any_store, ward(any_store))
    before = ana.handle("agreement")
    assert before.table is not None
    assert before.table.rows[0][3] == 0.5
    say(carl, "take ana")
    assert ana.handle("agreement") == before
    say(bob, "take ana")
    assert surfaces(bob, "d4") == surfaces(ana, "d4")
    assert ana.handle("agreement") == before
    say(bob, "undo", "undo")
    after = bob.handle("agreement")
    assert after.echo == "no two reviewers have reviewed the same document yet"


def test_the_last_adjudication_counts(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob, carl = _disagreeing(any_store, project)
    say(ana, "take ana")
    say(bob, "take bob")
    assert [g.meta["reviewers"] for g in gold_documents(project)] == [["bob"]]
    assert carl.handle("adjudicate").echo.startswith("no conflict")
    say(carl, "take ana")
    (gold,) = gold_documents(project)
    assert gold.meta["reviewers"] == ["carl"]
    assert [e.label for e in gold.entities or ()] == ["DRUG", "PROBLEM"]
    say(carl, "undo")
    assert [g.meta["reviewers"] for g in gold_documents(project)] == [["bob"]]
    say(bob, "reopen 1", "undo", "undo")
    assert [g.meta["reviewers"] for g in gold_documents(project)] == [["ana"]]
    say(ana, "undo")
    assert gold_report(project).conflicts == ("d4",)


def test_rejected_spans_are_negatives_but_overlaps_and_merges_are_not(session: ReviewSession) -> None:
    say(session, "no 2", 'add "chest" PROBLEM', 'add "started on" DRUG', "merge 3 6", "no 4")
    (gold,) = gold_documents(session.project)
    rejected = [(NOTE[r["start"] : r["end"]], r["label"]) for r in gold.meta["rejected"]]
    assert rejected == [("afib", "PROBLEM"), ("ECHO", "TEST")]
    kept = [NOTE[e.start : e.end] for e in gold.entities or ()]
    assert kept == ["chest", "started on metropolol"]


def test_the_hash_of_the_gold_does_not_depend_on_the_way(store: ReviewStore, session: ReviewSession) -> None:
    say(session, "ok 1 3", "no 2 4")
    first = gold_hash(session.project)
    say(session, "undo all", "no all but 1 3", "ok", "3 is TEST", "3 is DRUG")
    assert gold_hash(session.project) == first
    say(session, "no 3")
    assert gold_hash(session.project) != first


def test_decisions_from_a_file(store: ReviewStore, project: Project) -> None:
    entities = (Entity(10, 20, "PROBLEM"), Entity(43, 56, "DRUG", "X:1"), Entity(65, 69, "DEVICE"))
    given_documents = [Document("d1", NOTE, entities), Document("d5", "Nothing to see here.", ())]
    assert import_decisions(project, "carl", [*given_documents, Document("d2", "?", None)]).taken == 2
    carl = ReviewSession(store, project.name, "carl")
    assert surfaces(carl, "d1") == [("chest pain", "PROBLEM"), ("metropolol 25", "DRUG"), ("ECHO", "DEVICE")]
    assert "DEVICE" in project.labels
    gold = list(gold_documents(project))
    assert [g.entities for g in gold] == [entities, ()]
    say(carl, "undo")
    assert list(gold_documents(project)) == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (Document("d9", "x", ()), "is not in the project"),
        (Document("d1", "x", ()), "has another text"),
        (Document("d1", NOTE, (Entity(0, 5, "A"), Entity(3, 9, "A"))), "overlap"),
    ],
)
def test_decisions_that_do_not_fit_are_refused(project: Project, document: Document, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        import_decisions(project, "carl", [document])
    assert project.events() == []
