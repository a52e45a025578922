"""Projects of the same name beside each other, and suggestions of lists where there are others already."""

from __future__ import annotations

import sys
from pathlib import Path

import catalogue
import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.registry import PLUGINS_VARIABLE, load_plugin
from hybrid_ner.review import ReviewStore
from hybrid_ner.terms import Gazetteer

TEXT = "The band gap of titania was measured."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_corpus(tmp_path / "docs.jsonl", [Document("d1", TEXT, (Entity(4, 12, "Property"),))])
    (tmp_path / "materials.csv").write_text("term,label\ntitania,Material\n")
    (tmp_path / "properties.csv").write_text("term,label\nband gap,Property\n")
    return tmp_path


def _run(*words: str, typed: str = "", code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["review", *words], input=typed)
    assert result.exit_code == code, result.output
    return result


def _shown(store: str) -> str:
    return _run("run", store, "-r", "ana", typed="left\n").output


def test_two_stores_in_one_folder_keep_their_lists_and_models_apart() -> None:
    _run("init", "a.sqlite3", "--gazetteer", "materials.csv")
    _run("import", "a.sqlite3", "docs.jsonl", "--suggest")
    said = _run("init", "b.sqlite3", "--gazetteer", "properties.csv").stderr
    assert "the folder of another project of this name" in said
    _run("import", "b.sqlite3", "docs.jsonl", "--suggest")
    for _ in range(2):  # the second look does not bring what the other store has
        assert "[1 titania]" in _shown("a.sqlite3")
        assert "[1 band gap]" in _shown("b.sqlite3")
        assert "titania]" not in _shown("b.sqlite3")


def test_a_store_made_anew_has_nothing_of_the_one_that_was_removed(folder: Path) -> None:
    _run("init", "review.sqlite3", "--gazetteer", "materials.csv")
    _run("import", "review.sqlite3", "docs.jsonl", "--suggest")
    for file in folder.glob("review.sqlite3*"):
        file.unlink()
    _run("init", "review.sqlite3")
    _run("import", "review.sqlite3", "docs.jsonl", "--run", "theirs")
    said = _shown("review.sqlite3")
    assert "[1 band gap]" in said
    assert "titania]" not in said


def test_a_project_that_is_not_made_leaves_no_folder(folder: Path) -> None:
    (folder / "empty.csv").write_text("")
    _run("init", "review.sqlite3", "--gazetteer", "empty.csv", code=2)
    assert not (folder / "projects").exists()
    _run("init", "review.sqlite3", "--gazetteer", "materials.csv")
    said = _run("init", "review.sqlite3", "--gazetteer", "properties.csv", code=2).output
    assert "--project NAME" in said
    assert [path.name for path in (folder / "projects").iterdir()] == ["review"]
    assert [path.name for path in (folder / "projects/review/terms").iterdir()] == ["materials.csv"]


def test_a_project_without_lists_does_not_replace_suggestions_by_none() -> None:
    _run("init", "review.sqlite3")
    _run("import", "review.sqlite3", "docs.jsonl", "--run", "theirs")
    said = _run("import", "review.sqlite3", "docs.jsonl", "--suggest", code=2).output
    assert "no lists, rules or sources that could suggest anything" in said
    assert "[1 band gap]" in _shown("review.sqlite3")


def test_what_lists_suggest_says_whose_suggestions_it_replaces() -> None:
    _run("init", "review.sqlite3", "--gazetteer", "materials.csv")
    _run("import", "review.sqlite3", "docs.jsonl", "--run", "theirs")
    said = _run("import", "review.sqlite3", "docs.jsonl", "--suggest").output
    assert "those of theirs are no longer shown in 1 document" in said
    assert "no longer shown" not in _run("import", "review.sqlite3", "docs.jsonl", "--suggest").output


def test_a_text_that_is_there_under_another_id_is_told(folder: Path) -> None:
    _run("init", "review.sqlite3", "--gazetteer", "materials.csv")
    _run("import", "review.sqlite3", "docs.jsonl", "--suggest")
    (folder / "table.csv").write_text(f"id,text\n17,{TEXT}\n18,Another one.\n")
    said = _run("import", "review.sqlite3", "table.csv", "--suggest").output
    assert "2 documents added, 0 known" in said
    assert "1 document added beside one of the same text, as 17 beside d1" in said


def test_a_project_keeps_plug_ins_that_bring_commands(folder: Path) -> None:
    (folder / "long_command.py").write_text(
        "from hybrid_ner.registry import COMMANDS\n\n\n"
        "def characters(session, rest):\n"
        '    """`characters`: how long the document is"""\n'
        '    return f"{len(session.view().text)} characters"\n\n\n'
        'COMMANDS.register("characters", characters)\n'
    )
    _run("init", "review.sqlite3", "--labels", "Material", "--plugin", "long_command.py")
    _run("import", "review.sqlite3", "docs.jsonl")
    with ReviewStore.open("review.sqlite3") as store:
        assert store.project().settings["plugins"] == [str(folder / "long_command.py")]
    assert f"{len(TEXT)} characters" in _run("run", "review.sqlite3", typed="characters\n").output


def test_import_with_a_model_loads_the_plug_ins_of_the_project_and_fails_before_it_adds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "kept_rule.py").write_text(
        "import re\nfrom hybrid_ner import labeling_source\n\n\n"
        '@labeling_source("kept_rule", label="Material")\ndef kept_rule(text: str):\n'
        '    return re.finditer("titania", text)\n'
    )
    load_plugin(folder / "kept_rule.py")
    save(rule_pipeline(Gazetteer(), sources="kept_rule"), folder / "m")
    _run("init", "review.sqlite3", "--labels", "Material", "--plugin", "kept_rule.py")
    catalogue._remove(("hybrid_ner", "sources", "kept_rule"))  # as in a process of its own
    monkeypatch.delitem(sys.modules, "kept_rule")
    monkeypatch.setenv(PLUGINS_VARIABLE, "")
    assert (
        "no complete model" in _run("import", "review.sqlite3", "docs.jsonl", "--model", "no", code=2).output
    )
    said = _run("import", "review.sqlite3", "docs.jsonl", "--model", "m").output
    assert "1 document added, 0 known" in said
    assert "1 suggestion of m in 1 document" in said
