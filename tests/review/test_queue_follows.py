"""The queue follows decisions: counts exactly, values of the documents ahead at once, others soon."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings

from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review import queue as work
from hybrid_ner.review.store import projection
from hybrid_ner.review.store.ranking import UP_TO_DATE, Counts, rank_documents
from hybrid_ner.review.store.schema import ORDERS, document, surface
from tests.conftest import examples
from tests.review.helpers import make_project, say, suggest
from tests.review.test_properties import TURNS, Turn, answered, copied, filled, run

__all__ = ["filled"]


def test_worth_is_expected_corrections() -> None:
    assert Counts(10).worth(0.5) == pytest.approx(5)
    assert Counts(8, 2, 0).worth(0.5) == pytest.approx(2 / 6 * 8)
    assert Counts(8, 2, 2).worth(0.5) == pytest.approx(4 / 6 * 8)
    assert Counts(0, 12, 0).worth(0.4) == pytest.approx(1.6 / 16)


def _counts(project: Project) -> dict[str, tuple[int, int, int]]:
    with project.read() as connection:
        rows = connection.execute(sa.select(surface).where(surface.c.project_id == project.id)).all()
    return {row.surface_key: (row.suggested, row.decided, row.corrected) for row in rows}


def _values(project: Project) -> dict[str, tuple[float, ...]]:
    query = sa.select(document).where(document.c.project_id == project.id)
    with project.read() as connection:
        return {
            row.doc_id: tuple(round(row._mapping[f"by_{order}"], 9) for order in ORDERS)
            for row in connection.execute(query)
        }


def test_counts_follow_accepting_relabeling_rejecting_undoing(session: ReviewSession) -> None:
    before = _counts(session.project)
    assert before["afib"] == (5, 0, 0)
    say(session, "ok 2")
    assert _counts(session.project)["afib"] == (5, 1, 0)
    say(session, "2 is DRUG")
    assert _counts(session.project)["afib"] == (5, 1, 1)
    say(session, "go d2", "no 1")
    assert _counts(session.project)["afib"] == (5, 2, 2)
    say(session, "undo", "undo", "undo")
    assert _counts(session.project) == before


def test_spans_of_reviewers_and_of_gazetteer_edits_are_not_counted(session: ReviewSession) -> None:
    say(session, 'add "Pt" PERSON', 'term + "25 mg" = a dose DRUG', "yes 1", "go d1", "ok")
    assert "pt" not in _counts(session.project)
    assert "25 mg" not in _counts(session.project)


def _corpus(store: ReviewStore, frequent: int = 12) -> ReviewSession:
    """``wrong`` is frequent and uncertain, ``other`` is less frequent."""
    texts = [f"wrong {n}" for n in range(frequent)] + [f"other {n}" for n in range(6)]
    found = [[suggest(text, text.split()[0], "TEST", "model", 0.6)] for text in texts]
    texts.append("agreed")
    found.append([suggest("agreed", "agreed", "TEST", "rule+model", 0.99)])
    made = make_project(store, list(zip(texts, found, strict=True)))
    return ReviewSession(store, made.name, "ana")


def test_a_surface_that_is_always_right_gives_way(store: ReviewStore) -> None:
    session = _corpus(store)
    seen = []
    for _ in range(12):
        view = session.view()
        assert view is not None
        seen.append(view.text.split()[0])
        say(session, "ok next")
    assert seen[0] == "wrong"
    assert "other" in seen[:9], seen


def test_a_surface_that_is_always_wrong_stays_ahead(store: ReviewStore) -> None:
    session = _corpus(store, 8)
    seen = []
    for _ in range(5):
        view = session.view()
        assert view is not None
        seen.append(view.text.split()[0])
        say(session, "2 is DRUG" if len(view.spans) > 1 else "no 1", "next")
    assert set(seen) == {"wrong"}


def test_a_bulk_step_empties_the_value_of_its_documents(store: ReviewStore) -> None:
    session = _corpus(store)
    say(session, 'ok all "wrong" score<0.7', "yes")
    values = {row.doc_id: row.value for row in session.queue()}
    assert all(values[f"d{n}"] == 0 for n in range(1, 13))
    say(session, "next")
    view = session.view()
    assert view is not None
    assert view.text.startswith("other")
    say(session, "undo bulk b1")
    assert session.queue()[0].value == pytest.approx(0.4)


def test_documents_left_behind_are_caught_up_with(store: ReviewStore) -> None:
    session = _corpus(store, 40)
    say(session, "go d1", "no 1", "next", "go d2", "no 1")
    for _ in range(30):
        say(session, "next")
    with session.project.read() as connection:
        assert not connection.scalars(
            sa.select(surface.c.surface_key).where(surface.c.behind > UP_TO_DATE)
        ).all()
    now = _values(session.project)
    with session.project.write() as connection:
        rank_documents(connection, session.project.id)
    assert _values(session.project) == now


@given(turns=TURNS)
@settings(max_examples=examples(8), deadline=None)
def test_counts_are_exact_and_undo_restores_them(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        before = _counts(project)
        run(sessions, turns)
        after = _counts(project)
        project.rebuild()
        assert _counts(project) == after
        for session in sessions.values():
            while session.handle("undo").level == "done":
                pass
        assert _counts(project) == before


@given(turns=TURNS)
@settings(max_examples=examples(6), deadline=None)
def test_the_next_document_is_the_best_as_if_all_were_ranked_anew(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        ana = sessions["ana"]
        run(sessions, turns)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(work, "BEHIND", 1000)
            chosen = ana.handle("queue disagree").doc_id
        with project.write() as connection:
            rank_documents(connection, project.id)
        assert ana.handle("queue disagree").doc_id == chosen


def test_a_step_over_many_documents_shifts_their_values(
    store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "FEW", 2)
    session = _corpus(store)
    say(session, "queue uncertain")
    before = _values(session.project)
    for line in (
        'ok all "wrong"',
        "no all score<0.7 including reviewed",
        'relabel all "other" -> DRUG including reviewed',
    ):
        answered(session, line)
        now = _values(session.project)
        with session.project.write() as connection:
            rank_documents(connection, session.project.id)
        assert _values(session.project) == now
    for _ in range(3):
        assert say(session, "undo").level == "done"
    assert _values(session.project) == before
