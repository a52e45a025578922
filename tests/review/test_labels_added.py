"""Labels that reviewers add are steps: undone, redone, rebuilt and replayed like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds.decisions import import_decisions
from hybrid_ner.review.store.gold import gold_hash
from tests.review.helpers import LABELS, NOTE, say, ward


def test_a_label_is_a_step_that_undo_and_redo_cover(session: ReviewSession) -> None:
    reply = say(session, "label SIGN", "yes")
    assert reply.echo == "label SIGN added; key 6"
    assert reply.step == 1
    assert session.labels == (*LABELS, "SIGN")
    assert session.handle("undo").echo.startswith("undone: step 1 (label SIGN added")
    assert session.labels == LABELS
    say(session, "redo")
    assert session.labels == (*LABELS, "SIGN")


def test_labels_keep_their_keys_when_an_earlier_one_is_undone_and_redone(session: ReviewSession) -> None:
    say(session, "label A1", "yes", "label A2", "yes", "undo 1")
    assert session.labels == (*LABELS, "A2")
    say(session, "undo 2", "undo")
    say(session, "redo", "redo")
    assert session.labels == (*LABELS, "A1", "A2")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("label drug", "label DRUG is there already"),
        ('label "  "', "expected the name of the label"),
        ('label "—"', "is no name of a label"),
        (f"label {'x' * 101}", "at most 100"),
        ('label "Lab   Test"', "a new label Lab Test, beside PROBLEM"),
    ],
)
def test_names_of_labels(session: ReviewSession, line: str, said: str) -> None:
    assert said in session.handle(line).echo


def test_rebuilding_and_replaying_keep_the_labels(
    store: ReviewStore, session: ReviewSession, tmp_path: Path
) -> None:
    say(session, "label GONE", "yes", "undo", "label SIGN", "yes", "4 is SIGN", "ok")
    session.project.rebuild()
    assert session.labels == (*LABELS, "SIGN")
    path = tmp_path / "session.txt"
    path.write_text("go d1\n" + "\n".join(session.transcript()) + "\n")
    again = ReviewSession(store, ward(store, name="again").name, "bob")
    again.replay(path)
    assert again.labels == session.labels
    assert gold_hash(again.project) == gold_hash(session.project)


def test_labels_of_imported_decisions_are_undone_with_them(project: Project, store: ReviewStore) -> None:
    import_decisions(project, "ana", [Document("d1", NOTE, (Entity(0, 2, "WHO"),))])
    assert project.labels == (*LABELS, "WHO")
    say(ReviewSession(store, project.name, "ana"), "undo")
    assert project.labels == LABELS
