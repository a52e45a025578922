"""The term lists of an open project."""

from __future__ import annotations

import threading

from hybrid_ner.review import ReviewStore
from hybrid_ner.ui.workspace import Terms, Workspace


def test_sessions_that_ask_at_once_share_one_table(place: Workspace, store: ReviewStore, notes: str) -> None:
    terms = Terms(place, store.project(notes))
    tables = []
    askers = [threading.Thread(target=lambda: tables.append(terms.table)) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len({id(table) for table in tables}) == 1
    assert terms.ready
    assert [term.label for term in terms.terms("Fever")] == ["Disease"]


def test_lists_are_ready_when_a_project_is_made(place: Workspace, notes: str) -> None:
    assert (place.project_folder(notes) / "terms.index").is_file()
