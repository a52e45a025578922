"""A small workspace for page tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewStore
from hybrid_ner.ui.creating import Wish, create_project
from hybrid_ner.ui.workspace import STORE_VARIABLE, WORKSPACE_VARIABLE, Workspace
from tests.review.conftest import unsafe_but_fast

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


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a store without projects: copying it is faster than migrating a new one for every test."""
    made = Workspace.at(tmp_path_factory.mktemp("empty") / "workspace")
    made.folder.mkdir()
    ReviewStore.open(made.store).close()
    return made.folder


@pytest.fixture(scope="session")
def workspace_of_notes(empty_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a project of the notes above, which holds no path."""
    made = Workspace.at(shutil.copytree(empty_workspace, tmp_path_factory.mktemp("notes") / "workspace"))
    with ReviewStore.open(made.store) as store:
        create_project(store, made, wish(), quiet)
    return made.folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace that the pages use."""
    import streamlit as st

    monkeypatch.setenv(WORKSPACE_VARIABLE, str(tmp_path / "workspace"))
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    st.cache_resource.clear()
    return Workspace.from_environment()


@pytest.fixture
def store(request: pytest.FixtureRequest, place: Workspace) -> Iterator[ReviewStore]:
    """Its review store; with the notes, if a test wants them."""
    filled = "workspace_of_notes" if "notes" in request.fixturenames else "empty_workspace"
    shutil.copytree(request.getfixturevalue(filled), place.folder, dirs_exist_ok=True)
    with ReviewStore.open(place.store) as made:
        unsafe_but_fast(made)
        yield made


@pytest.fixture
def notes(store: ReviewStore) -> str:
    """The name of a project in it."""
    (name,) = store.projects()
    return name
