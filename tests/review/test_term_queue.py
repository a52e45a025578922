"""Review by term and by single decision."""

from __future__ import annotations

import pytest

from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store.gold import gold_report
from hybrid_ner.review.store.suggestion import near_match
from hybrid_ner.review.term_queue import decision_queue, term_queue
from tests.review.helpers import make_project, say, statuses, suggest


def test_terms_come_with_what_settles_most_first(project: Project, session: ReviewSession) -> None:
    found = term_queue(project, "ana")
    assert [(c.term, c.label, c.spans, c.others, c.documents) for c in found.cards[:3]] == [
        ("afib", "PROBLEM", 5, 0, 5),
        ("metropolol", "DRUG", 2, 0, 2),
        ("mi", "PROBLEM", 2, 0, 2),
    ]
    assert (found.terms, found.spans) == (6, 11)
    first = found.cards[0].contexts[0]
    assert first.before + first.surface + first.after == (
        "Pt denies chest pain, h/o afib; started on metropolol 25 mg, f/u ECHO."
    )


def test_a_card_is_headed_by_the_commonest_spelling(store: ReviewStore) -> None:
    texts = ("Warfarin 5 mg.", "On warfarin.", "No warfarin.", "MI in 2019, no mi now.")
    words = (("Warfarin",), ("warfarin",), ("warfarin",), ("MI", "mi"))
    found = [(t, [suggest(t, word, "DRUG") for word in each]) for t, each in zip(texts, words, strict=True)]
    project = make_project(store, found)
    assert [c.term for c in term_queue(project, "ana").cards] == ["warfarin", "MI"]
    assert "Warfarin" in [c.term for c in decision_queue(project, "ana").cards]


def test_decided_terms_leave_the_list_and_come_back_with_undo(
    project: Project, session: ReviewSession
) -> None:
    say(session, 'ok all "afib" label:PROBLEM likely', "yes 5")
    assert "afib" not in [c.term for c in term_queue(project, "ana").cards]
    assert "afib" in [c.term for c in term_queue(project, "ben").cards]
    say(session, "undo")
    assert term_queue(project, "ana").cards[0].term == "afib"


def test_documents_that_were_decided_by_term_are_finished_in_one_step(store: ReviewStore) -> None:
    texts = ("MI and afib.", "MI.", "MI, then mi again.", "Nothing.")
    found = [(t, [suggest(t, w, "PROBLEM") for w in ("MI", "afib", "mi") if w in t]) for t in texts]
    project = make_project(store, found)
    ana = ReviewSession(store, project.name, "ana")
    assert term_queue(project, "ana").decided == 0
    say(ana, 'ok all "mi" label:PROBLEM', "yes")
    # "afib" is open in the first, and nobody has decided anything in the last.
    assert (term_queue(project, "ana").decided, decision_queue(project, "ana").decided) == (2, 2)
    assert (term_queue(project, "ben").decided, gold_report(project).documents) == (0, 0)
    asked = say(ana, "complete all")
    assert asked.table is not None
    assert [row[0] for row in asked.table.rows] == ["d2", "d3"]
    assert say(ana, "yes").echo.startswith("2 documents reviewed")
    report = gold_report(project)
    assert (report.documents, report.spans, term_queue(project, "ana").decided) == (2, 3, 0)
    say(ana, "undo")
    assert (term_queue(project, "ana").decided, gold_report(project).documents) == (2, 0)
    say(ana, "go d2", "reopen 1")
    assert term_queue(project, "ana").decided == 1
    assert "say all" in ana.handle("complete").echo


@pytest.mark.parametrize("given", [False, True], ids=["reviewed by another", "given to another"])
def test_places_in_documents_of_others_are_neither_counted_nor_touched(
    project: Project, session: ReviewSession, given: bool
) -> None:
    ben = ReviewSession(session.store, project.name, "ben")
    before = term_queue(project, "ben")
    assert (before.cards[0].spans, before.shared) == (5, False)
    say(session, *(("assign ana, ben", "yes") if given else ("ok all next",)))
    found = term_queue(project, "ben", 99)
    afib = next(card for card in found.cards if card.term == "afib")
    assert found.shared
    assert {c.doc_id for c in afib.contexts} <= {row.doc_id for row in ben.queue(99) if not row.done}
    for which, count in (("likely", 5), ("likely mine", afib.spans)):
        asked = say(ben, f'ok all "afib" label:PROBLEM {which}').pending
        assert asked is not None
        assert asked.count == count
    assert afib.spans == decision_queue(project, "ben", 99, search="afib").spans < 5


def test_only_and_except_name_places(project: Project, session: ReviewSession) -> None:
    card = term_queue(project, "ana").cards[0]
    second, third = card.contexts[1:3]
    places = f"{second.position} @{second.start}-{second.end} {third.position} @{third.start}-{third.end}"
    reply = say(session, f'ok all "afib" only {places}')
    assert reply.pending is not None
    assert reply.pending.count == 2
    assert say(session, "yes").echo.startswith("accepted 2 mentions in 2 documents")
    assert term_queue(project, "ana").cards[0].accepted == 2
    left = say(session, f'no all "afib" except {card.contexts[0].doc_id} @26-30')
    assert left.pending is not None
    assert left.pending.count == 2


def test_an_outdated_tick_changes_nothing(project: Project, session: ReviewSession) -> None:
    say(session, 'no all "afib" only 2 @0-4', "yes")
    reply = say(session, 'ok all "afib" only 2 @0-4 3 @3-7 4 @15-18')
    assert reply.level == "error"
    assert "1 of the 3 places" in reply.echo
    assert statuses(session, "d3")[1] == "open"


@pytest.mark.parametrize(
    "line", ['ok all "afib" only', 'ok all "afib" only @3-4', 'no all "afib" only 77 @0-4']
)
def test_places_need_a_document(session: ReviewSession, line: str) -> None:
    reply = say(session, line)
    assert reply.level in ("error", "ask")
    assert reply.step is None
    assert "accepted" not in statuses(session, "d2").values()


def test_likely_leaves_what_lies_inside_a_chosen_span(store: ReviewStore) -> None:
    text = "pituitary hemorrhage, then hemorrhage"
    found = [
        suggest(text, "pituitary hemorrhage", "PROBLEM"),
        suggest(text, "hemorrhage", "PROBLEM", chosen=False),
        suggest(text, "hemorrhage", "PROBLEM", nth=2),
    ]
    project = make_project(store, [(text, found)])
    session = ReviewSession(store, "notes", "ana")
    card = next(c for c in term_queue(project, "ana").cards if c.term == "hemorrhage")
    assert (card.spans, card.others) == (1, 1)
    assert [c.likely for c in card.contexts] == [True, False]
    say(session, 'ok all "hemorrhage" label:PROBLEM likely')
    assert sorted(statuses(session).values()) == ["accepted", "open", "open"]


def test_finished_documents_are_left_alone(project: Project, session: ReviewSession) -> None:
    say(session, "ok", "ok next")
    assert all(c.doc_id != "d1" for card in term_queue(project, "ana").cards for c in card.contexts)


def test_single_decisions_come_least_certain_first(project: Project, session: ReviewSession) -> None:
    found = decision_queue(project, "ana")
    assert found.spans == 12
    assert [c.term for c in found.cards[:2]] == ["afib", "ECHO"]
    first = found.cards[0].contexts[0]
    say(session, f'no all "afib" only {first.position} @{first.start}-{first.end}')
    assert decision_queue(project, "ana").spans == 11


def test_only_disagreements(project: Project, session: ReviewSession) -> None:
    assert [c.term for c in term_queue(project, "ana", wanted="disagree").cards] == ["metropolol"]
    assert {c.term for c in decision_queue(project, "ana", wanted="disagree").cards} == {"metropolol", "ECHO"}


def test_misspelled_terms_say_what_they_are_almost(project: Project, session: ReviewSession) -> None:
    near = "almost “metoprolol”"
    cards = term_queue(project, "ana", wanted="near").cards
    assert [(c.term, c.near, c.spans) for c in cards] == [("metropolol", near, 2)]
    assert [c.near for c in decision_queue(project, "ana", wanted="near").cards] == [near]
    assert {c.near for c in term_queue(project, "ana").cards} == {near, ""}
    view = session.view("d1")
    assert view is not None
    assert [span.near for span in view.spans] == ["", "", near, ""]
    evidence = {"method": "fuzzy", "reference": "metoprolol", "edits": ["“r” too many", "“t” missing"]}
    assert near_match([{"evidence": {}}, {"evidence": evidence}]) == f"{near} (“r” too many; “t” missing)"


def test_search_and_label(project: Project, session: ReviewSession) -> None:
    assert [c.term for c in term_queue(project, "ana", search="AFI").cards] == ["afib"]
    assert {c.label for c in decision_queue(project, "ana", label="DRUG").cards} == {"DRUG"}
