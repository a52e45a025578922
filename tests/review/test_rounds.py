"""A round of the loop on a small project: rules, decisions, candidate, gate, promotion, rollback."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.evaluation import evaluate
from hybrid_ner.matching.match import Fuzzy, FuzzyMode
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import HELD_OUT, ModelSetup, is_held_out
from hybrid_ner.review.rounds.model_runs import documents_without, show
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.review.rounds.round import decisions, first_round, next_round
from hybrid_ner.review.store.gold import gold_documents
from hybrid_ner.review.store.lookups import disagreements, find_term, standing, surface_counts, top_surfaces
from hybrid_ner.training.predict import load_pipeline, predict

WORDS = ("aspirin", "ibuprofen", "heparin")
QUICK = {"training.max_epochs": 1}


def text(n: int) -> str:
    return f"Patient {n} took {WORDS[n % 3]} for chest pain and slept well."


@pytest.fixture
def setup(tmp_path: Path, project: Project) -> ModelSetup:
    made = ModelSetup(tmp_path / "project", "generic", overrides=QUICK)
    (made.folder / "terms").mkdir(parents=True)
    (made.folder / "terms" / "Drug.txt").write_text("aspirin\nibuprofen\n", encoding="utf-8")
    gold = [Document("g1", "Took aspirin for fever.", (Entity(5, 12, "Drug"), Entity(17, 22, "Disease")))]
    write_corpus(made.gold_path, gold)
    made.save(project)
    return made


@pytest.fixture
def first_file(empty_file: Path) -> Path:
    """The project of these tests is another."""
    return empty_file


@pytest.fixture
def project(store: ReviewStore) -> Project:
    made = store.create_project("notes", ("Drug", "Disease"))
    made.add_documents(Document(f"d{n}", text(n)) for n in range(9))
    return made


@pytest.fixture
def session(store: ReviewStore, project: Project, setup: ModelSetup, tmp_path: Path) -> ReviewSession:
    first_round(project, setup, by="ana")
    models = ProjectModels(tmp_path / "review.sqlite3", setup, "ana", project)
    return ReviewSession(store, "notes", "ana", models=models)


def service(session: ReviewSession) -> ProjectModels:
    models = session.services.models
    assert isinstance(models, ProjectModels)
    return models


def quiet(step: str, share: float, line: str) -> None:
    pass


def test_setup_survives_a_round_trip(store: ReviewStore, project: Project, setup: ModelSetup) -> None:
    assert ModelSetup.of(project, setup.folder) == setup
    assert project.settings["reviews"] == 1
    assert ModelSetup.of(store.create_project("other", domain="medical"), setup.folder).domain == "medical"
    other = replace(setup, fuzzy=Fuzzy("suggest", (("Drug", "off"),), 0.9))
    other.save(project)
    assert ModelSetup.of(store.project("notes"), setup.folder) == other


OLD_SETUP = {
    "shipped": False,
    "label": "Drug",
    "sources": [],
    "recipe": "cnn",
    "repeats": 5,
    "fusion": {"min_score": 0.5},
    "fuzzy": {"mode": "suggest", "labels": [["Drug", "off"]], "threshold": 0.9},
    "gone_since": 1,
}


@pytest.mark.parametrize(
    ("row", "file", "domain"),
    [("generic", "medical", "medical"), ("medical", "generic", "medical"), ("legal", "legal", "legal")],
)
def test_settings_that_an_older_version_kept_in_a_file_are_taken_over(
    store: ReviewStore, tmp_path: Path, row: str, file: str, domain: str
) -> None:
    folder, old = tmp_path / "old", store.create_project("old", domain=row, reviews=2)
    folder.mkdir()
    (folder / "setup.json").write_text(json.dumps({**OLD_SETUP, "domain": file}), encoding="utf-8")
    for _ in range(2):
        found = ModelSetup.of(store.project("old"), folder)
        assert (found.domain, found.shipped, found.label, found.repeats) == (domain, False, "Drug", 5)
        assert (found.fusion.min_score, found.fuzzy.mode_of("Drug")) == (0.5, "off")
    assert (old.settings["domain"], old.settings["reviews"]) == (domain, 2)
    assert [path.name for path in folder.iterdir()] == ["setup.json.old"]
    replace(found, repeats=1).save(old)
    # What a crash, or an older version beside this one, left there does not come back.
    (folder / "setup.json").write_text(json.dumps(OLD_SETUP), encoding="utf-8")
    assert ModelSetup.of(old, folder).repeats == 1


def test_a_folder_without_the_file_of_an_older_version_takes_the_row(
    store: ReviewStore, tmp_path: Path
) -> None:
    found = ModelSetup.of(store.create_project("old", domain="legal"), tmp_path / "nowhere")
    assert (found.domain, found.shipped, found.bootstrap.domain) == ("legal", True, "legal")


@pytest.mark.parametrize(("fuzzy", "chosen"), [("suggest", False), ("label", True)])
def test_near_matches_wait_in_a_queue_of_their_own(
    store: ReviewStore, project: Project, setup: ModelSetup, fuzzy: FuzzyMode, chosen: bool
) -> None:
    project.add_documents([Document("typo", "She takes ibuprofne daily.")])
    first_round(project, replace(setup, fuzzy=Fuzzy(fuzzy)), by="ana")
    session = ReviewSession(store, "notes", "ana")
    session.handle("queue fuzzy")
    view = session.view()
    assert view is not None
    assert view.doc_id == "typo"
    assert [(span.method, span.chosen) for span in view.spans] == [("fuzzy", chosen)]
    said = session.handle("why 1").lines
    assert any("fuzzy match of “ibuprofen” with “en” swapped" in line for line in said)
    assert any("casts no vote" in line for line in said) is not chosen


def test_first_round_shows_the_rules_and_their_scores(session: ReviewSession, project: Project) -> None:
    models = service(session)
    assert models.current() == "r0"
    table = models.scores()
    assert [row[0] for row in table.rows] == ["rule", "hybrid"]
    assert table.rows[0][1] == 2
    view = session.view("d0")
    assert view is not None
    assert [(s.surface, s.label, s.mark) for s in view.spans] == [("aspirin", "Drug", "rule")]
    assert documents_without(project, "r0") == []


def test_decisions_of_unfinished_documents_count_where_nobody_differs(
    session: ReviewSession, store: ReviewStore, project: Project, setup: ModelSetup
) -> None:
    project.add_documents([Document("pair", "Aspirin, ibuprofen and aspirin.")])
    show(project, setup, service(session).registry)
    other = ReviewSession(store, "notes", "ben")
    for reviewer, line in ((session, "no 1"), (session, "ok 2"), (other, "no 1"), (other, "no 2")):
        reviewer.open("pair")
        assert reviewer.handle(line).level == "done"
    found = decisions(project, gold_documents(project))["pair"]
    assert not found.complete
    assert [(e.start, e.end, e.label) for e in found.rejected] == [(0, 7, "Drug")]
    assert found.accepted == ()


def test_candidate_is_scored_shown_after_promotion_and_rolled_back(
    session: ReviewSession, project: Project, setup: ModelSetup
) -> None:
    models = service(session)
    session.open("d2")
    session.handle('add "heparin" Drug')
    session.handle('add "chest pain" Disease')
    session.handle("next")
    session.handle('never "ibuprofen" Drug')
    session.handle(session.pending.answer if session.pending else "")
    result = next_round(project, setup, quiet, "ana")
    assert result["candidate"] == "r1"
    assert result["reviewed"] == 1
    assert models.current() == "r0"
    assert len(models.registry.get("r1").overlay) == 1
    assert models.gate("r1").current == "r0"
    session.handle("promote r1")
    assert session.handle("r1").level == "done"
    show(project, setup, models.registry)
    assert documents_without(project, "r1") == []
    session.handle("rollback r0")
    assert session.handle("r0").level == "done"
    show(project, setup, models.registry)
    assert documents_without(project, "r0") == []
    assert [row["model"] for row in models.registry.history()] == ["r0", "r1", "r0"]


def test_fast_update_says_what_changed_and_is_rolled_back(
    session: ReviewSession, project: Project, setup: ModelSetup
) -> None:
    models = service(session)
    session.open("d2")
    session.handle('add "heparin" Drug')
    session.handle('add "chest pain" Disease')
    session.handle("next")
    steps: list[str] = []
    result = next_round(project, setup, lambda step, share, line: steps.append(step), "ana", fast=True)
    assert (result["candidate"], result["reviewed"]) == ("r1", 1)
    # Two surfaces accepted in one document: "heparin" in two more texts, "chest pain" in eight. What was
    # accepted itself is new to nobody.
    assert result["changed"] == {"new": 10, "gone": 0, "documents": 8}
    assert "train" in steps
    assert [row[0] for row in models.scores("r1").rows] == ["rule", "model", "hybrid"]
    assert models.changes("r1").counts() == result["changed"]
    session.handle("promote r1")
    assert session.handle("r1").level == "done"
    show(project, setup, models.registry)
    view = session.view("d8")
    assert view is not None
    assert [(s.surface, s.label) for s in view.spans] == [("heparin", "Drug"), ("chest pain", "Disease")]
    session.open("d8")
    said = session.handle('why not "slept"').lines
    assert any("r1" in line and "Disease" in line for line in said), said
    told = session.handle("changes")
    assert told.echo == "r1 beside r0: 10 suggestions new, 0 gone in 8 documents"
    assert told.table is not None
    assert told.table.rows[0] == (1, "d0", "“chest pain” Disease", "")
    assert told.table.rows[7] == (9, "d8", "“heparin” Drug, “chest pain” Disease", "")
    assert session.handle("undo").level == "done"
    show(project, setup, models.registry)
    assert [s.surface for s in session.view("d8").spans] == []  # type: ignore[union-attr]
    again = next_round(project, setup, quiet, "ana", fast=True)
    assert again["changed"] == result["changed"]


def test_the_score_of_a_model_is_that_of_the_exported_gold_it_has_not_learned_from(
    session: ReviewSession, project: Project, setup: ModelSetup
) -> None:
    setup.gold_path.unlink()
    # d5 and d8 are kept apart: the one has what d2 teaches, the other something else.
    for doc_id, said in (("d2", "heparin"), ("d5", "heparin"), ("d8", "slept")):
        session.open(doc_id)
        session.handle(f'add "{said}" Drug')
    session.open("d0")
    for _ in range(9):
        session.handle("ok next")
    gold = list(gold_documents(project))
    assert [d.doc_id for d in gold if is_held_out(d)] == ["d5", "d8"]
    model = next_round(project, setup, quiet, "ana", fast=True)["candidate"]
    registry = service(session).registry
    nlp = load_pipeline(registry.get(model).folder / "model")
    scores = evaluate(gold, predict(nlp, gold, "hybrid"))
    kept = registry.get(model).scores
    assert kept is not None
    assert scores.others is not None
    micro = kept["systems"]["hybrid"]["micro"]
    assert (scores.learned_from, scores.others.f1, scores.documents) == (7, micro["f1"], 9)
    assert 0 < micro["f1"] < scores.micro.f1


@pytest.mark.slow
def test_the_chat_starts_an_update_and_tells_what_it_changed(
    session: ReviewSession, project: Project, setup: ModelSetup
) -> None:
    models = service(session)
    for line in ("go d2", 'add "heparin" Drug', 'add "chest pain" Disease', "next"):
        session.handle(line)
    assert models.finished_since(project) == 1
    started = session.handle("learn from my corrections")
    assert (started.understood, started.echo) == (
        "update",
        "the update has started: you can go on reviewing",
    )
    deadline = time.monotonic() + 120
    while models.job.is_running() and time.monotonic() < deadline:
        time.sleep(0.2)
    said = session.handle("status")
    assert re.fullmatch(r"the update is done: r1 is ready after \d+ s", said.echo)
    assert said.lines == (
        "10 suggestions new, 0 gone in 8 documents; see them with `changes r1`",
        "rules and model: rules alone for now: 2 accepted mentions in 1 reviewed document cannot tell what a"
        " model is worth: review 4 documents, or two with 20 mentions",
        "`promote r1` puts it into use, `undo` brings the old suggestions back",
    )
    assert models.finished_since(project) == 0
    session.handle("promote r1")
    session.handle("r1")
    assert session.handle("status").lines[-1] == "r1 is in use"


def test_documents_that_came_later_are_read_with_the_model_in_use(
    session: ReviewSession, project: Project, setup: ModelSetup
) -> None:
    project.add_documents([Document("late", "Ibuprofen helped.")])
    assert show(project, setup, service(session).registry).documents == 1
    view = session.view("late")
    assert view is not None
    assert [s.surface for s in view.spans] == ["Ibuprofen"]
    assert show(project, setup, service(session).registry).documents == 0


def test_empty_project_cannot_be_trained(store: ReviewStore, setup: ModelSetup) -> None:
    with pytest.raises(CorpusError, match="no documents"):
        next_round(store.create_project("empty"), setup, quiet)


def test_gold_is_kept_out_of_training(setup: ModelSetup) -> None:
    gold = Document("other id", "Took aspirin for fever.", ())
    assert not setup.may_train_on(gold, setup.gold([]))
    assert setup.may_train_on(Document("x", "Something else."), setup.gold([]))


def test_without_a_gold_file_every_fifth_reviewed_document_is_kept_apart(tmp_path: Path) -> None:
    setup = ModelSetup(tmp_path)
    documents = [Document(f"d{n}", text(n), ()) for n in range(500)]
    kept = setup.gold(documents)
    assert kept == [d for d in documents if is_held_out(d)]
    assert 0.7 < len(kept) * HELD_OUT / len(documents) < 1.3
    assert not any(setup.may_train_on(d, kept) for d in kept)


def test_gate_passes_small_losses_only(session: ReviewSession, setup: ModelSetup) -> None:
    models = service(session)
    scores = models.registry.get("r0").scores
    assert scores is not None
    for lost, passes in ((0.004, True), (0.006, False)):
        worse = json.loads(json.dumps(scores))
        for part in (worse["systems"]["hybrid"]["micro"], worse["systems"]["hybrid"]["per_label"]["Drug"]):
            part["f1"] -= lost
        with models.registry.stage() as staged:
            (staged / "scores.json").write_text(json.dumps(worse), encoding="utf-8")
            meta = {"gold_fingerprint": models.registry.get("r0").meta["gold_fingerprint"]}
            candidate = models.registry.add(staged, meta)
        gate = models.gate(candidate)
        assert gate.passed is passes
        assert bool(gate.worse) is not passes


@pytest.mark.parametrize(
    ("before", "after", "passes", "said"),
    [
        (0.9, 0.8948, False, "90.00 → 89.48 (-0.52)"),
        (0.90446, 0.89862, False, "90.45 → 89.86 (-0.58)"),  # 90.4 → 89.9 would look like 0.5
        (0.90451, 0.89949, False, "90.451 → 89.949 (-0.502)"),
        (0.9, 0.895, True, "90.0 → 89.5 (-0.5)"),
        (0.8, 0.83, True, "80.0 → 83.0 (+3.0)"),
    ],
)
def test_gate_shows_the_digits_that_decide(
    session: ReviewSession, before: float, after: float, passes: bool, said: str
) -> None:
    def scores(f1: float) -> dict[str, object]:
        return {"systems": {"hybrid": {"micro": {"f1": f1}, "per_label": {"Drug": {"f1": f1}}}}}

    models = service(session)
    with models.registry.stage() as staged:
        base = {"model": models.current(), "scores": scores(before)}
        (staged / "base.json").write_text(json.dumps(base), encoding="utf-8")
        (staged / "scores.json").write_text(json.dumps(scores(after)), encoding="utf-8")
        candidate = models.registry.add(staged, {})
    gate = models.gate(candidate)
    assert gate.passed is passes
    assert (
        gate.summary
        == f"F1 of rules and model together {said} on the documents kept apart; at most 0.5 may be lost"
    )
    assert gate.worse == (() if passes else (f"Drug {said}",))


@pytest.mark.parametrize(
    ("documents", "lost", "unsure"),
    [(3, 1, True), (3, 0, False), (40, 1, False)],
)
def test_gate_says_when_gold_is_too_little(
    session: ReviewSession, documents: int, lost: int, unsure: bool
) -> None:
    def scores(missed: int) -> dict[str, object]:
        table = [[25 - missed, 0, missed], *[[25, 0, 0]] * (documents - 1)]
        f1 = 2 * sum(r[0] for r in table) / (2 * sum(r[0] for r in table) + missed)
        hybrid = {"micro": {"f1": f1}, "per_label": {"Drug": {"f1": f1}}}
        return {"systems": {"hybrid": hybrid}, "by_document": table}

    models = service(session)
    with models.registry.stage() as staged:
        base = {"model": models.current(), "scores": scores(0)}
        (staged / "base.json").write_text(json.dumps(base), encoding="utf-8")
        (staged / "scores.json").write_text(json.dumps(scores(lost)), encoding="utf-8")
        candidate = models.registry.add(staged, {})
    gate = models.gate(candidate)
    assert gate.unsure is unsure
    if unsure:
        assert gate.summary.startswith("75 mentions in 3 documents cannot tell F1 99.3 from 100.0")
        assert gate.verdict == "is not decided by the gate"


def test_what_was_learned_of_boundaries_can_be_switched_off(session: ReviewSession) -> None:
    models = service(session)
    said = "severity (severe) stays outside: 8 of 8 places"
    counts = {"boundaries": [{"kind": "severity", "inside": False, "sentence": said}]}
    with models.registry.stage() as staged:
        made = models.registry.add(staged, {"counts": counts, "kind": "trained"})
    assert models.learned(made) == (f"boundaries: {said}",)
    assert models.boundaries() == {"severity": True}
    models.project = session.project
    models.learn_boundaries("severity", False)
    assert models.boundaries() == {"severity": False}
    kept = ModelSetup.of(session.project, models.setup.folder)
    assert kept.bootstrap.forget == ("severity",)
    models.learn_boundaries("severity", True)
    assert ModelSetup.of(session.project, models.setup.folder).forget == ()


def test_without_gold_the_folds_speak(session: ReviewSession) -> None:
    models = service(session)
    with models.registry.stage() as staged:
        fusion = {"fusion": {"sentence": "rules and model together: F1 61.7 on 10 reviewed documents"}}
        candidate = models.registry.add(staged, {"counts": fusion})
    gate = models.gate(candidate)
    assert gate.unsure
    assert "left out in turn: rules and model together: F1 61.7" in gate.summary


def test_gate_does_not_compare_scores_on_other_gold(session: ReviewSession) -> None:
    models = service(session)
    with models.registry.stage() as staged:
        (staged / "scores.json").write_text(json.dumps(models.registry.get("r0").scores), encoding="utf-8")
        candidate = models.registry.add(staged, {"gold_fingerprint": "other"})
    gate = models.gate(candidate)
    assert not gate.passed
    assert "tested on the same documents" in gate.summary


def test_scores_of_nothing_say_what_to_do(store: ReviewStore, project: Project, tmp_path: Path) -> None:
    models = ProjectModels(tmp_path / "review.sqlite3", ModelSetup(tmp_path / "none"))
    with pytest.raises(InputError, match="retrain"):
        models.scores()
    assert models.status().state == "idle"
    assert models.cancel().message == "nothing was running"


def test_lookups_count_what_the_project_shows(session: ReviewSession, project: Project) -> None:
    session.open("d0")
    session.handle("ok next")
    assert standing(project).accepted == 1
    assert standing(project).documents == 9
    assert surface_counts(project, ["Aspirin", "nothing"]) == {"Aspirin": 3, "nothing": 0}
    assert top_surfaces(project) == ["aspirin", "ibuprofen"]
    assert disagreements(project) == []
    found = find_term(project, "chest  pain", samples=2)
    assert (found.occurrences, found.documents, len(found.samples)) == (9, 9, 2)


def test_settings_of_a_model_travel_with_it(
    setup: ModelSetup, session: ReviewSession, project: Project
) -> None:
    meta = service(session).registry.get("r0").meta
    assert meta["settings"]["fusion"]["min_score"] == setup.fusion.min_score
    changed = replace(setup, fusion=replace(setup.fusion, min_score=0.5))
    changed.save(project)
    assert ModelSetup.of(project, setup.folder).fusion.min_score == 0.5


def test_small_medical_lists_are_expanded_again_at_every_round(tmp_path: Path) -> None:
    assert ModelSetup(tmp_path, "medical", shipped=False).bootstrap.expands
    assert not ModelSetup(tmp_path, "medical").bootstrap.expands
    assert ModelSetup(tmp_path, "generic").bootstrap.expands
