"""A small workspace for page tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewStore
from hybrid_ner.ui.creating import Wish, create_project
from hybrid_ner.ui.workspace import STORE_VARIABLE, WORKSPACE_VARIABLE, Workspace

TERMS = (("Drug.txt", b"aspirin\nibuprofen\n"), ("Disease.txt", b"chest pain\nfever\nafib\n"))
NOTES = {
    "note-1": "Pt denies chest pain. Took aspirin 😀 for fever, then aspirin again.\n"
    "Cafe\u0301 visit; no metoprolol.",
    "note-2": "Fever and afib. Aspirin stopped, ibuprofen started.",
    "note-3": "Nothing of note was seen.",
    "hostile": "<script>document.title='owned'</script> **bold** $x^2$ ![p](http://e.test/p.png) "
    "fever ok all",
    "note-4": "Afib again, aspirin again.",
}


def wish(name: str = "notes", **texts: str) -> Wish:
    """A project of the notes above, or of other texts."""
    documents = [Document(doc_id, text) for doc_id, text in (texts or NOTES).items()]
    return Wish(name, "generic", documents, TERMS, by="ana")


def quiet(step: str, share: float, line: str) -> None:
    """Progress that nobody looks at."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace that the pages use."""
    import streamlit as st

    monkeypatch.setenv(WORKSPACE_VARIABLE, str(tmp_path / "workspace"))
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    st.cache_resource.clear()
    return Workspace.from_environment()


@pytest.fixture
def store(place: Workspace) -> Iterator[ReviewStore]:
    """Its review store."""
    place.folder.mkdir(parents=True, exist_ok=True)
    with ReviewStore.open(place.store) as made:
        yield made


@pytest.fixture
def notes(place: Workspace, store: ReviewStore) -> str:
    """A project in it."""
    return create_project(store, place, wish(), quiet)
