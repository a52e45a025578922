"""Where projects are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.ui.workspace import Workspace


def test_store_stands_in_the_folder(tmp_path: Path) -> None:
    place = Workspace.at(tmp_path)
    assert place.store == str(tmp_path / "review.sqlite3")
    assert not place.exists


def test_server_store_is_taken_to_be_there(tmp_path: Path) -> None:
    assert Workspace.at(tmp_path, "postgresql://localhost/x").exists


def test_environment_names_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRID_NER_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("HYBRID_NER_STORE", raising=False)
    assert Workspace.from_environment().folder == tmp_path


@pytest.mark.parametrize("name", ["../../etc", "a/b", "..", "-x", "ä ö", "x" * 500, "a\0b", ""])
def test_project_folder_stays_inside(tmp_path: Path, name: str) -> None:
    folder = Workspace.at(tmp_path).project_folder(name)
    assert folder.parent == tmp_path / "projects"
    assert folder.name.isascii()


def test_names_that_look_alike_have_folders_of_their_own(tmp_path: Path) -> None:
    place = Workspace.at(tmp_path)
    assert len({place.project_folder(name) for name in ("a b", "a-b", "a/b", "ä")}) == 4
