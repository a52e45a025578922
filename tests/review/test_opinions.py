"""Other people's suggestions in a project: sources with their names, the queue by their disagreement."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner import cli
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.corpus.document import Opinion
from hybrid_ner.errors import AccessError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds.decisions import OpinionImport
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.sources.models.settings import read_models
from hybrid_ner.ui.workspace import Workspace
from tests.corpus.test_opinions import STUDIO, TEXT


def run(*words: str) -> str:
    done = CliRunner().invoke(cli.app, ["review", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("drugs.txt").write_text("aspirin\n")
    run("init", "r.sqlite3", "--gazetteer", "drugs.txt", "--label", "Drug", "--labels", "Drug,Disease,X")
    return "r.sqlite3"


def test_everybody_votes_under_a_name_and_disagreement_comes_first(store: str) -> None:
    agreed = {"id": 8, "data": {"text": "Nothing but a cough."}}
    agreed["predictions"] = [{"model_version": name, "result": []} for name in ("m1", "m2")]
    Path("export.json").write_text(json.dumps([agreed, *STUDIO]))
    with pytest.warns(UserWarning, match="not read: 1 cancelled annotation"):
        said = run("import", store, "export.json", "--as-suggestions")
    assert "2 documents added, 0 known; suggestions of m1 (2), m2 (0), ana@x_org (1), user_5 (1)" in said
    with ReviewStore.open(store) as opened:
        session = ReviewSession(opened, "", "ben")
        view = session.view()
        assert view is not None
        assert (view.text, session.order) == (TEXT, "disagree")
        spans = {span.surface: span for span in view.spans}
        assert (spans["Aspirin"].mark, spans["fever"].mark) == ("split", "split")
        assert (spans["Aspirin"].chosen, spans["fever"].chosen) == (True, False)
        why = "\n".join(session.handle(f"why {spans['fever'].number}").lines)
        assert "ana@x_org: Disease 0.50, weight 1; ana@x.org says Disease" in why
        assert "only shown, since nobody has decided on what it adds" in why
        setup = Workspace.of(opened).setup(opened.project())
        assert [json.loads(source)["name"] for source in setup.sources] == ["m1", "m2", "ana@x_org", "user_5"]
    # Once more, with one who has changed his mind: the same sources, and what he says now.
    later = json.loads(json.dumps(STUDIO))
    later[0]["predictions"][0]["result"].pop()
    Path("again.json").write_text(json.dumps(later))
    with pytest.warns(UserWarning, match="not read: 1 cancelled annotation"):
        said = run("import", store, "again.json", "--as-suggestions")
    assert "0 documents added, 1 known; suggestions of m1 (1), m2 (0)" in said


def test_two_models_as_docbins_are_named_by_file_or_option(store: str) -> None:
    start = TEXT.index("fever")
    for name, label in (("first", "Disease"), ("second", "X")):
        write_corpus(Path(f"{name}.spacy"), [Document("1", TEXT, (Entity(start, start + 5, label),))])
    assert "suggestions of first (1)" in run("import", store, "first.spacy", "--as-suggestions")
    said = run("import", store, "second.spacy", "--as-suggestions", "--source", "en_core_x")
    assert "0 documents added, 1 known; suggestions of en_core_x (1)" in said
    with ReviewStore.open(store) as opened:
        view = ReviewSession(opened, "", "ben").view()
    assert view is not None
    marks = {(span.surface, span.mark) for span in view.spans}
    assert marks == {("Aspirin", "rule"), ("fever", "split")}


@pytest.mark.parametrize(
    ("shown", "end"),
    [(True, "m1 (1,200)"), (False, "without them: `update` or `retrain` lets it hear them")],
)
def test_a_trained_model_is_said_not_to_know_them_yet(shown: bool, end: str) -> None:
    said = OpinionImport(1, 2, {"m1": 1200}, shown).sentence()
    assert said.startswith("1 document added, 2 known; suggestions of m1 (1,200)")
    assert said.endswith(end)


def test_a_file_of_predictions_is_a_source_for_each_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(STUDIO))
    assert [each.name for each in read_models(f"predictions:{path}")] == ["m1", "m2", "ana@x_org", "user_5"]
    named = json.dumps({"predictions": str(path), "name": "all"})
    assert [each.name for each in read_models(named)] == ["all"]


def test_suggestions_are_of_one_kind(store: str) -> None:
    done = CliRunner().invoke(
        cli.app, ["review", "import", store, "drugs.txt", "--as-suggestions", "--decided-by", "ana"]
    )
    assert done.exit_code != 0
    assert "suggestions or decisions, and suggestions of one kind" in done.output + done.stderr


def test_a_reviewer_who_signs_in_may_not_import(tmp_path: Path) -> None:
    with ReviewStore.open(tmp_path / "r.sqlite3") as opened:
        project = opened.create_project("notes", ["Drug"])
        give_role(project, "lea", "owner", "admin")
        give_role(project, "ben", "reviewer", "lea")
        setup = Workspace.of(opened).setup(project)
        opinions = [Opinion(Document("1", TEXT, (Entity(2, 9, "Drug"),)), "m1")]
        with pytest.raises(AccessError, match="import documents"):
            ReviewSession(opened, "notes", "ben", signed_in=True).add_opinions(setup, opinions, "x")
        done = ReviewSession(opened, "notes", "lea", signed_in=True).add_opinions(setup, opinions, "x")
        assert (done.added, done.spans, done.shown) == (1, {"m1": 1}, True)
