"""Where projects are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.review.rounds.terms import TermTable
from hybrid_ner.terms import Term
from hybrid_ner.ui.workspace import Endings, Workspace


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


TERMS = [("hepatitis", "Disease"), ("nephritis", "Disease"), ("arthritis", "Disease"), ("gout", "Disease")]
TERMS += [("vitamin C", "Drug"), ("doxycycline", "Drug"), ("minocycline", "Drug")]


def test_words_on_no_list_are_labeled_by_how_listed_terms_end() -> None:
    table = TermTable.of([Term(text, label, "") for text, label in TERMS])
    words = ["Bronchitis", "tetracycline", "gout", "C", "scout", "spins", "", "\ud800", "größe"]
    labels = ["Disease", "Drug", "Disease", "Drug", "Disease", "", "", "", ""]
    assert Endings.of(table).labels_of(words) == labels
    assert Endings.of(table).labels_of([]) == []
    assert Endings.of(TermTable.of([])).labels_of(["pain"]) == [""]


def test_endings_are_counted_as_a_slow_count_says() -> None:
    table = TermTable.of([Term(text, label, "") for text, label in TERMS])
    found = Endings.of(table)
    for word in ("sclerosis", "phlebitis", "cline", "C", "vitamin", "ut"):
        assert found.labels_of([word]) == [slowly(word)]


def test_labels_without_terms_keep_endings_from_being_asked() -> None:
    found = Endings.of(TermTable.of([Term(text, label, "") for text, label in TERMS]))
    assert found.cover(("Disease", "Drug", "Dose", "Route"))
    assert not found.cover(("Disease", "Judge", "Date"))


def slowly(word: str) -> str:
    for size, least in ((n, 3) for n in range(8, 1, -1)):
        if label := most(word, size, least):
            return label
    return next((label for n in range(8, 2, -1) if (label := most(word, n, 1))), "")


def most(word: str, size: int, least: int) -> str:
    tail = word.lower().rjust(8)[-size:]
    labels = [label for text, label in TERMS if text.lower().split()[-1].rjust(8)[-size:] == tail]
    return max(sorted(set(labels)), key=labels.count) if len(labels) >= least else ""
