"""Agreement, gold of several reviewers, decisions taken over from files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.document.differences import Difference, regions
from hybrid_ner.review.rounds.decisions import import_decisions
from hybrid_ner.review.store.gold import gold_documents, gold_hash, gold_report
from hybrid_ner.review.store.labels import deal
from hybrid_ner.review.store.reviewers import (
    agree,
    cohen_kappa,
    differences,
    krippendorff_alpha,
    token_labels,
)
from tests.review.helpers import NOTE, make_project, note_suggestions, say, surfaces, ward


def _agreement(left: Sequence[str], right: Sequence[str]) -> float:
    """As scikit-learn has it, which the other tests need not wait for."""
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(left, right))


@given(st.lists(st.tuples(st.sampled_from("OAB"), st.sampled_from("OAB")), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    left, right = zip(*pairs, strict=True)
    if len({*left, *right}) == 1:
        assert cohen_kappa(Counter(pairs)) == 1.0
    else:
        assert cohen_kappa(Counter(pairs)) == pytest.approx(_agreement(left, right))


def test_agreement_of_a_known_case() -> None:
    tokens = [(0, 2), (3, 5), (6, 8), (9, 11)]
    first, second = [(0, 5, "A"), (6, 8, "B")], [(0, 5, "A"), (6, 8, "A"), (9, 11, "B")]
    assert token_labels(tokens, first) == ["A", "A", "B", "O"]
    found = agree([(tokens, first, second)])
    assert (found.documents, found.both, found.first, found.second) == (1, 1, 1, 2)
    assert found.f1 == pytest.approx(2 / 5)
    assert found.kappa == pytest.approx(_agreement(["A", "A", "B", "O"], ["A", "A", "A", "B"]))
    assert differences(first, second) == [(6, 8, "B", "A"), (9, 11, "", "B")]
    assert agree([]).f1 == 1.0


def test_alpha_of_a_known_case() -> None:
    # The nominal example of Krippendorff 2011: four observers, twelve units, the last seen by one alone.
    observers = ("123321412---", "1233224125-3", "-3332342251-", "12332441251-")
    documents = []
    for unit in zip(*observers, strict=True):
        sides = [[(0, 1, label)] for label in unit if label != "-"]
        documents += [([(0, 1)], sides)] if len(sides) > 1 else []
    assert krippendorff_alpha(documents) == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha([([(0, 1)], [[], []])]) == 1.0


def test_agreement_of_three_by_pair_and_by_label(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob, carl = _disagreeing(any_store, project)
    say(carl, "ok")
    told = ana.handle("agreement")
    assert told.table is not None
    assert [row[:2] for row in told.table.rows] == [("ana", "bob"), ("ana", "carl"), ("bob", "carl")]
    assert "2 more pairs; all 3: Krippendorff's alpha" in told.echo
    by_label = bob.handle("agreement by label")
    assert by_label.table is not None
    assert by_label.table.columns == ("label", "span F1", "token kappa", "both", "one only")
    assert [row[0] for row in by_label.table.rows] == ["TEST", "DRUG", "PROBLEM"], "the least agreed first"
    assert by_label.table.rows[0][3:] == (0, 2)
    assert by_label.echo == "least agreed on: TEST, F1 0.00"


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
    assert "left out: 1 in which reviewers differ (d6)" in report.sentence()
    say(bob, "go d6", "take bob")
    gold = {g.doc_id: g for g in gold_documents(project)}
    assert gold["d6"].meta["reviewers"] == ["bob"]
    assert len(gold["d6"].meta["rejected"]) == 1
    say(bob, "undo")
    assert gold_report(project).conflicts == ("d6",)


def test_who_renames_a_label_is_told_what_others_have_decided_with_it(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob = (ReviewSession(any_store, project.name, name) for name in ("ana", "bob"))
    line = "relabel all label:PROBLEM including reviewed -> TEST"
    ana.open("d4")
    say(ana, "ok")
    assert not any("others" in told for told in ana.handle(line).lines)
    bob.open("d4")
    say(bob, "ok")
    told = "What others have decided as PROBLEM stays so (bob 1): each renames their own."
    assert told in ana.handle(line).lines


def test_a_step_over_documents_tells_where_others_count(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob = (ReviewSession(any_store, project.name, name) for name in ("ana", "bob"))
    say(bob, "go d4", "ok", "next")
    theirs = (
        "1 document of these finished by bob, not by you: what counts there stays as they have it, until "
    )
    for line in ('relabel all "afib" -> TEST', 'no all "afib"', 'always "afib" TEST', 'never "afib"'):
        assert any(told.startswith(theirs) for told in ana.handle(line).lines), line
        ana.handle("cancel")
    say(ana, "assign ana, bob each 2", "yes")
    assert not any("finished by" in told for told in ana.handle('no all "afib"').lines)  # it waits for ana
    say(ana, "cancel", "assign nobody", "yes", "go d4", "ok", "next")
    asked = ana.handle('relabel all "afib" -> TEST including reviewed')
    assert any("finished by bob, and by you: where you differ now" in told for told in asked.lines)


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


def test_what_one_person_has_decided_goes_from_store_to_store(any_store: ReviewStore) -> None:
    one, two = (make_project(any_store, [(NOTE, note_suggestions())], name=name) for name in ("one", "two"))
    ana, ben = (ReviewSession(any_store, "one", name) for name in ("ana", "ben"))
    say(ana, "go d1", "ok 1 2", "no 4", "3 is TEST", 'add "denies" ANATOMY', "no 5", "next")
    say(ben, "go d1", "ok all", "next")
    assert gold_report(one).conflicts == ("d1",)
    with pytest.raises(InputError, match="no reviewer 'carl'"):
        gold_report(one, "carl")
    for name in ("ana", "ben"):
        (theirs,) = gold_documents(one, name)
        assert theirs.meta["reviewers"] == [name]
        assert import_decisions(two, name, [theirs]).taken == 1
        assert gold_hash(two, name) == gold_hash(one, name)
    assert len(next(gold_documents(two, "ana")).meta["rejected"]) == 2
    assert gold_report(two).conflicts == ("d1",)
    say(ReviewSession(any_store, "one", "lea"), "go d1", "take ana")
    assert [d.meta.get("adjudicated") for d in gold_documents(one)] == [True]


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


@given(st.integers(0, 60), st.integers(1, 6), st.integers(1, 4), st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)))
def test_a_deal_is_fair_and_has_the_overlap_that_was_asked(
    documents: int, people: int, each: int, overlap: float
) -> None:
    reviewers = list(range(1, people + 1))
    found = deal(list(range(100, 100 + documents)), reviewers, each, overlap)
    sizes = Counter(len(given_to) for given_to in found.values())
    assert all(len(set(given_to)) == len(given_to) for given_to in found.values())
    few, many = min(each, people), min(each + 1, people)
    assert sum(sizes.values()) == documents
    assert set(sizes) <= {few, many}
    if few != many:
        assert sizes[many] == int(documents * overlap + 1e-9)
    load = Counter({who: sum(who in given_to for given_to in found.values()) for who in reviewers})
    assert max(load.values()) - min(load.values()) <= 2
    pairs = Counter(two for given_to in found.values() for two in combinations(sorted(given_to), 2))
    shared = [pairs[two] for two in combinations(reviewers, 2)] or [0]
    assert each > 1 or max(shared) - min(shared) <= 1  # nobody is left out of the agreement


def test_an_overlap_is_not_read_by_one_pair_alone() -> None:
    found = deal(range(60), [1, 2, 3], 1, 0.2)
    shared = Counter(frozenset(given_to) for given_to in found.values() if len(given_to) > 1)
    assert shared == {frozenset((1, 2)): 4, frozenset((1, 3)): 4, frozenset((2, 3)): 4}
    again = deal(range(4), [1, 2, 3], 2, 0.0, {0: (1, 2), 1: (2, 1)})
    assert {frozenset(again[2]), frozenset(again[3])} == {frozenset((1, 3)), frozenset((2, 3))}


def test_a_share_that_is_no_whole_number_is_told(any_store: ReviewStore) -> None:
    project = ward(any_store)
    lead = ReviewSession(any_store, project.name, "lead")
    said = lead.handle("assign ana and bob overlap 30%").echo
    assert "6 documents for ana, bob, 1 of them read by one more (30% of 6, rounded down)" in said
    assert "3 of them read by one more (50% of 6)" in lead.handle("assign ana, bob overlap 50%").echo
    assert "one more" not in lead.handle("assign ana, bob").echo


def test_a_deal_of_some_documents_tells_of_these(any_store: ReviewStore) -> None:
    ward(any_store)
    lead = ReviewSession(any_store, "notes", "lead")
    say(lead, "assign ana, ben", "yes")
    assert lead.handle("assign eve docs 2-3").echo.startswith("2 documents for eve")
    say(lead, "yes")
    assert {row.reviewer: row.assigned for row in lead.progress() if row.assigned} == {
        "ana": 2,
        "ben": 2,
        "eve": 2,
    }


def test_a_deal_leaves_people_what_they_have() -> None:
    assert deal([1, 2, 3, 4], [7, 8], 1, 0.0, {1: (8,), 2: (8,)}) == {1: (8,), 2: (8,), 3: (7,), 4: (7,)}
    assert deal([1], [7, 8], 2, 0.0, {1: (8,)}) == {1: (8, 7)}


def test_the_list_of_everybody_says_who_has_reviewed_what_and_what_nobody_has(any_store: ReviewStore) -> None:
    project = ward(any_store)
    lead, bob = (ReviewSession(any_store, project.name, name) for name in ("lead", "bob"))
    assert lead.given_to_nobody() == 0
    say(lead, "assign bob docs 1-4", "yes")
    say(bob, "go d3", "ok", "next")
    rows = {row.doc_id: (row.given, row.finished) for row in lead.queue(everybody=True)}
    assert (rows["d3"], rows["d4"], rows["d6"]) == ((("bob",), ("bob",)), (("bob",), ()), ((), ()))
    assert lead.given_to_nobody() == 2


def test_everybody_has_the_queue_that_was_dealt(any_store: ReviewStore) -> None:
    project = ward(any_store)
    lead, ana, bob = (ReviewSession(any_store, project.name, name) for name in ("lead", "ana", "bob"))
    say(ana, "go d3")
    asked = lead.handle("assign ana and bob overlap 50%")
    assert (asked.level, ana.left) == ("ask", 6)
    assert asked.table is not None
    assert asked.table.rows == (("ana", 5, 3), ("bob", 4, 3))
    assert say(lead, "yes").level == "done"
    assert {row.doc_id for row in ana.queue()} == {"d1", "d2", "d4", "d5", "d6"}
    assert {row.doc_id for row in bob.queue()} == {"d2", "d3", "d4", "d6"}
    assert (ana.left, bob.left, lead.left) == (5, 4, 0)
    assert lead.queue() == []
    every = {row.doc_id: (row.given, row.finished) for row in lead.queue(everybody=True)}
    assert every.keys() == {f"d{n}" for n in range(1, 7)}
    assert (every["d1"], every["d2"], every["d3"]) == ((("ana",), ()), (("ana", "bob"), ()), (("bob",), ()))
    view = ana.view()
    assert view is not None
    assert view.doc_id != "d3", "who has somebody else's document open begins with the first of her own"
    for doc_id in ("d4", "d2"):
        for session in (ana, bob):
            say(session, f"go {doc_id}", "ok")
    assert (ana.left, bob.left) == (3, 2), "that one has reviewed it does not take it from the other"
    rows = {row.reviewer: (row.done, row.assigned, row.shared) for row in lead.progress()}
    assert rows == {"lead": (0, 0, 0), "ana": (2, 5, 3), "bob": (2, 4, 3)}
    assert lead.handle("how far is everybody?").understood == "progress"
    for asked in (
        "which documents have I reviewed?",
        "which letters have I done?",
        "list the notes I finished",
    ):
        assert ana.handle(asked).lines == ("by you: d2, d4",), asked
    assert lead.handle("progress").lines == ()
    project.rebuild()
    assert (ana.left, bob.left) == (3, 2)
    say(lead, "undo")
    assert (ana.left, bob.left, lead.left) == (4, 4, 4)
    say(lead, "redo", "assign carl docs 1-1", "yes")
    assert {row.doc_id for row in ana.queue() if not row.done} == {"d5", "d6"}
    say(lead, "assign nobody", "yes")
    assert lead.left == 4


@pytest.mark.parametrize(
    "line",
    ["assign", "assign ana each", "assign ana docs 3-1", "assign ana overlap lots", "assign ana each 2"],
)
def test_an_assignment_that_cannot_be_meant_changes_nothing(session: ReviewSession, line: str) -> None:
    assert session.handle(line).level == "error"
    assert session.log() == []


def test_a_slip_in_the_name_of_a_reviewer_is_asked_about(session: ReviewSession) -> None:
    """Its documents would wait for somebody who never comes."""
    said = session.handle("assign anna, dorothea").echo
    assert "(anna was never here: did you mean ana)" in said
    assert "never here" not in session.handle("assign ana, dorothea").echo


def test_what_looks_like_an_assignment_and_is_a_label(session: ReviewSession) -> None:
    say(session, "go d1")
    assert session.handle("assign 3 to TEST").understood == "3 is TEST"


def test_regions_are_where_versions_differ() -> None:
    first, second = [(0, 5, "A"), (10, 20, "B"), (30, 32, "A")], [(0, 5, "A"), (10, 14, "B"), (15, 18, "C")]
    assert regions([first, second]) == [
        ((10, 20), (((10, 20, "B"),), ((10, 14, "B"), (15, 18, "C")))),
        ((30, 32), (((30, 32, "A"),), ())),
    ]
    assert regions([first, first]) == []
    assert regions([]) == []


def _two_versions(store: ReviewStore) -> tuple[ReviewSession, ...]:
    """Of d1 ana has marked more than bob, who has another label; both have finished it."""
    project = ward(store)
    lead, ana, bob = (ReviewSession(store, project.name, name) for name in ("lead", "ana", "bob"))
    say(ana, "go d1", 'add "denies chest pain" PROBLEM', "ok")
    say(bob, "go d1", "3 is TEST", "no 4", "ok")
    return lead, ana, bob


def test_differences_are_settled_one_by_one(any_store: ReviewStore) -> None:
    lead, _, _ = _two_versions(any_store)
    before = lead.handle("agreement")
    said = lead.handle("adjudicate")
    assert said.echo.startswith("doc 1 d1: 3 differences between ana and bob, F1 0.29, word kappa")
    assert said.table is not None
    assert [row[2:] for row in said.table.rows] == [
        ("“denies chest pain” PROBLEM", "“chest pain” PROBLEM", ""),
        ("“metropolol” DRUG", "“metropolol” TEST", ""),
        ("“ECHO” TEST", "-", ""),
    ]
    assert "overlap" in lead.handle("settle 1 both").echo
    say(lead, "settle 1 bob", "settle 2 is ANATOMY")
    assert gold_report(lead.project).conflicts == ("d1",)
    assert lead.conflicts() == 1
    found = lead.versions()
    assert found is not None
    assert [each.settled for each in found.differences] == ["bob", "ANATOMY", ""]
    assert "your version counts" in lead.handle("settle 3 none").echo
    (gold,) = gold_documents(lead.project)
    kept = [(NOTE[e.start : e.end], e.label) for e in gold.entities or ()]
    assert kept == [("chest pain", "PROBLEM"), ("afib", "PROBLEM"), ("metropolol", "ANATOMY")]
    rejected = [NOTE[r["start"] : r["end"]] for r in gold.meta["rejected"]]
    assert rejected == ["denies chest pain", "ECHO"]
    assert gold.meta["reviewers"] == ["lead"]
    assert lead.handle("adjudicate").echo.startswith("no conflict")
    assert lead.handle("agreement").table == before.table
    digest = gold_hash(lead.project)
    say(lead, "undo")
    assert lead.conflicts() == 1
    say(lead, "redo")
    lead.project.rebuild()
    assert gold_hash(lead.project) == digest


def test_one_of_the_two_may_adjudicate_and_numbers_stay_apart(any_store: ReviewStore) -> None:
    _, ana, bob = _two_versions(any_store)
    say(bob, "adjudicate", "settle 1 ana", "settle rest bob")
    (gold,) = gold_documents(bob.project)
    kept = [(NOTE[e.start : e.end], e.label) for e in gold.entities or ()]
    assert kept == [("denies chest pain", "PROBLEM"), ("afib", "PROBLEM"), ("metropolol", "TEST")]
    numbers = [m.number for m in bob.card().mentions]
    assert len(numbers) == len(set(numbers))
    assert surfaces(ana, "d1")[0] == ("denies chest pain", "PROBLEM")


def test_both_versions_count_where_they_do_not_overlap(any_store: ReviewStore) -> None:
    project = ward(any_store)
    lead, ana, bob = (ReviewSession(any_store, project.name, name) for name in ("lead", "ana", "bob"))
    say(ana, "go d5", 'add "Nothing to" TEST', "next")
    say(bob, "go d5", 'add "Nothing to see here" PROBLEM', "next")
    assert "overlap" in say(lead, "adjudicate", "settle 1 both").echo
    say(lead, "settle 1 ana")
    (gold,) = gold_documents(project)
    assert [e.label for e in gold.entities or ()] == ["TEST"]


def test_of_one_review_there_is_nothing_to_settle(session: ReviewSession) -> None:
    say(session, "ok")
    assert "no two finished reviews" in session.handle("settle 1 ana").echo


def test_what_somebody_has_reviewed_is_not_given_to_another(store: ReviewStore) -> None:
    name = ward(store).name
    ana = ReviewSession(store, name, "ana")
    say(ana, "go d2", "ok", "go d4", "ok", "go d5", "next")
    say(ana, "assign ana, bob", "yes")
    rows = {row.reviewer: (row.done, row.assigned) for row in ana.progress()}
    assert rows == {"ana": (3, 3), "bob": (0, 3)}
    bob = ReviewSession(store, name, "bob")
    assert {row.doc_id for row in bob.queue()} == {"d1", "d3", "d6"}
    asked = ana.handle("assign nobody")
    assert asked.echo == "the documents are everybody's again: type `yes`"


def test_versions_count_together_where_none_overlaps() -> None:
    apart = Difference(1, 0, 9, (((0, 4, "TEST"),), ((5, 9, "TEST"),)))
    same_place = Difference(2, 0, 4, (((0, 4, "TEST"),), ((0, 4, "PROBLEM"),)))
    assert (apart.together, same_place.together) == (True, False)


def test_who_asks_for_one_persons_gold_gets_no_file_of_everybodys(session: ReviewSession) -> None:
    assert "hybrid-ner review export STORE FILE --by eve" in session.handle("export jsonl by eve").echo
