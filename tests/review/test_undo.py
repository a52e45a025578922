"""Undo and redo: whose step, which one, and what is said of the others."""

from __future__ import annotations

import pytest

from hybrid_ner.review import Project, ReviewSession, ReviewStore
from tests.review.helpers import NOTE, FakeModels, make_project, note_suggestions, say, statuses


@pytest.fixture
def team(store: ReviewStore, project: Project) -> tuple[ReviewSession, ReviewSession]:
    made = [ReviewSession(store, project.name, name, models=FakeModels("r1")) for name in ("ana", "bob")]
    for session in made:
        session.open("d1")
    return made[0], made[1]


def test_redo_takes_back_only_what_oneself_has_undone(team: tuple[ReviewSession, ReviewSession]) -> None:
    ana, bob = team
    say(ana, "ok 1")
    say(bob, "no 1", "undo")
    assert ana.handle("redo").echo == "nothing to redo"
    assert statuses(bob)[1] == "open"
    assert bob.handle("redo").echo.startswith("redone: step 2")
    assert (statuses(ana)[1], statuses(bob)[1]) == ("accepted", "rejected")


def test_what_was_rejected_here_is_listed(team: tuple[ReviewSession, ReviewSession]) -> None:
    ana, _ = team
    assert ana.handle("rejected").echo == "nothing is rejected here"
    say(ana, "no 1", "ok 2")
    reply = ana.handle("which ones have I turned down here?")
    assert reply.table is not None
    assert [row[0] for row in reply.table.rows] == [1]


def test_new_steps_of_others_leave_redo_alone(team: tuple[ReviewSession, ReviewSession]) -> None:
    ana, bob = team
    say(ana, "ok 1", "no 2", "undo", "undo")
    say(bob, "ok 3")
    assert ana.handle("redo").echo.startswith("redone: step 1 ")
    assert ana.handle("redo").echo.startswith("redone: step 2 ")
    assert statuses(ana) | {3: "", 4: ""} == {1: "accepted", 2: "rejected", 3: "", 4: ""}
    say(ana, "undo", "ok 3")
    assert ana.handle("redo").echo == "nothing to redo"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("ok 1",), ""),
        (("ok 1", "ok 2"), "; 1 later step on the same documents kept"),
        (("ok 1", "ok 2", "no 3"), "; 2 later steps on the same documents kept"),
        (("ok 1", "ok 2", "no 3", "undo"), "; 1 later step on the same documents kept"),
        (("ok 1", "go d4", "ok 1"), ""),
        (("ok 1", "go d4", "ok 1", "go d1", "no 3"), "; 1 later step on the same documents kept"),
        # One step that decides two spans and finishes the document is one step.
        (("ok 1", "no 2 3 4"), "; 1 later step on the same documents kept"),
        (("ok 1", "label NEW"), ""),
    ],
)
def test_later_steps_are_counted(
    team: tuple[ReviewSession, ReviewSession], lines: tuple[str, ...], said: str
) -> None:
    ana, bob = team
    say(bob, "ok 2", "no 3")
    say(ana, *lines)
    say(bob, "no 4")
    echo = ana.handle("undo 3").echo
    assert echo.partition(")")[2].replace(" → doc 1 d1", "") == said
    assert statuses(ana, "d1")[1] == "open"


def test_undo_of_several_steps_says_their_number(team: tuple[ReviewSession, ReviewSession]) -> None:
    ana, _ = team
    say(ana, "ok 1", "ok 2", "go d4", "no 1")
    assert ana.handle("undo all").echo == "undone: 3 steps"
    assert set(statuses(ana, "d1").values()) == {"open"}
    assert ana.handle("undo").echo == "nothing to undo"


def test_many_steps_are_taken_back_only_when_their_number_is_agreed_to(
    team: tuple[ReviewSession, ReviewSession],
) -> None:
    ana, _ = team
    say(ana, *["ok 1", "no 1"] * 6)
    assert ana.handle("undo all").echo == "undo 12 steps: type `yes`"
    assert statuses(ana, "d1")[1] == "rejected"
    assert ana.handle("yes").echo == "undone: 12 steps"
    assert ana.handle("redo all").echo == "redo 12 steps: type `yes`"
    assert ana.handle("yes").echo.startswith("redone: 12 steps")
    assert statuses(ana, "d1")[1] == "rejected"


def test_a_lead_takes_back_what_somebody_has_decided(any_store: ReviewStore) -> None:
    project = make_project(any_store, [(NOTE, note_suggestions()), (NOTE, note_suggestions())])
    eve, bob, lead = (ReviewSession(any_store, project.name, name) for name in ("eve", "bob", "lead"))
    for session in (eve, bob):
        say(session, "go d1", "ok 1", "no 2 3 4", "go d2", "ok all")
    say(eve, "label NEW", "yes")
    before = project.states()
    assert "a lead all of theirs: `undo all by eve`" in lead.handle("undo 1").echo
    assert (
        lead.handle("undo all by eve since 2100-01-01").echo
        == "there is nothing of eve to undo in these days"
    )
    assert "is no day" in lead.handle("undo all by eve until tuesday").echo
    asked = lead.handle("undo all by eve")
    assert asked.echo == "undo 3 steps of eve in 2 documents: type `yes`"
    undone = lead.handle("yes").echo
    assert undone.startswith("undone: 3 steps of eve; `redo ")
    mine = project.reviewers()
    assert {who for (who, _), state in project.states().items() if state.done} == {mine["bob"]}
    assert "NEW" in project.labels
    kept = project.states()
    project.rebuild()
    assert project.states() == kept
    assert eve.handle("redo").echo == "nothing to redo"
    number = undone.split("`")[1]
    assert "is no undo of yours" in eve.handle(number).echo
    say(lead, "go d1", "ok 1", number, "yes")
    again = {key: state for key, state in project.states().items() if key[0] == mine["eve"]}
    assert again == {key: state for key, state in before.items() if key[0] == mine["eve"]}


def test_the_model_in_use_is_that_of_the_last_switch_that_counts(
    store: ReviewStore, project: Project
) -> None:
    models = FakeModels("r0", "r1", "r2", "r3")
    models.use("r0")
    ana, bob = (ReviewSession(store, project.name, name, models=models) for name in ("ana", "bob"))
    say(ana, "promote r1", "r1")
    say(bob, "promote r2", "r2")
    say(ana, "rollback r3", "r3")
    assert say(ana, "undo").level == "done"
    assert models.now == "r2"
    say(ana, "undo")
    assert models.now == "r2"
    say(bob, "undo")
    assert models.now == "r0"
    say(ana, "redo")
    assert models.now == "r1"
    say(bob, "redo")
    assert models.now == "r2"
    say(ana, "redo")
    assert models.now == "r3"


def test_a_bulk_step_is_undone_by_its_name_when_it_is_not_the_last(
    team: tuple[ReviewSession, ReviewSession],
) -> None:
    ana, _ = team
    ana.handle("accept all afib")
    assert ana.handle("yes").echo.endswith("[b1]")
    say(ana, "go d1", "no 1")
    assert ana.handle("undo bulk b1").echo.startswith("undone: step 1 ")
    assert statuses(ana)[1] == "rejected"
    assert statuses(ana)[2] == "open"


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ('ok all "afib" likely', "accepted"),
        ('no all "afib"', "rejected"),
        ('relabel all "afib" -> TEST', "relabeled"),
        ('relabel all "afib" label:PROBLEM -> PROBLEM', "accepted"),  # the label that they have
    ],
)
def test_a_term_that_is_settled_is_named_when_it_is_undone(
    team: tuple[ReviewSession, ReviewSession], line: str, done: str
) -> None:
    ana, _ = team
    ana.handle(line)
    assert ana.handle("yes").echo.startswith(f"{done} ")
    assert f" (“afib”: {done} " in ana.handle("undo").echo
    assert f" (“afib”: {done} " in ana.handle("redo").echo


@pytest.mark.parametrize(
    "said",
    [
        "take back everything I did",
        "Undo all my decisions.",
        "I want to undo all of my work in this project",
        "please revert everything I have done so far",
    ],
)
def test_taking_all_back_is_asked_about_and_comes_back_whole(
    team: tuple[ReviewSession, ReviewSession], said: str
) -> None:
    """One step went, or one was offered; "redo everything" brought one back."""
    ana, _ = team
    ana.handle("ok 1")
    ana.handle("no 2")
    before = [span.status for span in ana.view().spans]  # type: ignore[union-attr]
    assert ana.handle(said).level == "ask"
    assert ana.handle("undo all").echo == "undone: 2 steps"
    assert ana.handle("bring all of it back").echo.startswith("redone: 2 steps")
    ana.handle("undo all")
    assert ana.handle("redo everything").echo.startswith("redone: 2 steps")
    assert [span.status for span in ana.view().spans] == before  # type: ignore[union-attr]
