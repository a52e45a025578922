"""What the gate, the tables and the sentences make of the files beside the models; nothing is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.commands.models import in_words
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.model_runs import changes_between, write_suggestions
from hybrid_ner.review.rounds.model_service import TRAINING_STEPS, ProjectModels, onward, share_of
from hybrid_ner.review.store.suggestion import Suggestion
from hybrid_ner.training.jobs import Job, JobState, Progress
from tests.fresh import fresh
from tests.review.helpers import suggest


def part(f1: float, **more: Any) -> dict[str, Any]:
    interval = {"low": f1 - 0.05, "high": f1 + 0.05}
    return {"f1": f1, "precision": f1, "recall": f1 + 0.01, "gold": 7, "f1_interval": interval, **more}


def scored(**labels: float) -> dict[str, Any]:
    """Scores of the hybrid whose F1 over all is the mean of its labels."""
    per_label = {label: part(f1) for label, f1 in labels.items()}
    overall = sum(labels.values()) / max(1, len(labels))
    system = {"micro": part(overall), "per_label": per_label, "documents": 6}
    return {"systems": {"hybrid": {**system, "seen": part(0.9), "unseen": None}}}


@pytest.fixture
def models(tmp_path: Path) -> ProjectModels:
    return ProjectModels(tmp_path / "review.sqlite3", ModelSetup(tmp_path / "project"), "ana")


def add(models: ProjectModels, scores: Any = None, beside: Any = None, said: Any = None, **meta: Any) -> str:
    """A model of these files."""
    with models.registry.stage() as staged:
        for name, value in (("scores", scores), ("base", beside)):
            if value is not None:
                (staged / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
        if said is not None:
            write_suggestions(staged / "suggestions.jsonl", said)
        return models.registry.add(staged, meta)


def test_a_process_that_trains_loads_no_language() -> None:
    """Which took it a second longer each time."""
    code = "import sys, hybrid_ner.review.rounds.model_service, hybrid_ner.review.rounds.round; "
    said = fresh("-c", code + "print([m for m in sys.modules if m.startswith('hybrid_ner.review.c')])")
    assert said.stdout.strip() == "[]", said.stderr


def test_the_first_model_has_nothing_to_lose(models: ProjectModels) -> None:
    gate = models.gate(add(models, scored(Drug=0.1)))
    assert (gate.passed, gate.current, gate.candidate, gate.worse) == (True, "", "r0", ())
    assert gate.summary == "there is no model in use to compare with"


@pytest.mark.parametrize(
    ("scores", "base", "passed"),
    [
        (scored(Drug=0.8), {"model": "r0", "scores": scored(Drug=0.9)}, False),
        (scored(Drug=0.8), {"model": "r0", "scores": scored(Drug=0.7)}, True),
        # Another model was in use when it was scored: its own scores count, on the same gold.
        (scored(Drug=0.8), {"model": "r7", "scores": scored(Drug=0.9)}, True),
        (scored(Drug=0.4), {"model": "r7", "scores": scored(Drug=0.3)}, False),
        (None, {"model": "r0", "scores": scored(Drug=0.7)}, False),
        (scored(Drug=0.8), {"model": "r0"}, False),
    ],
)
def test_the_candidate_is_compared_on_what_both_were_scored_on(
    models: ProjectModels, scores: Any, base: Any, passed: bool
) -> None:
    models.use(add(models, scored(Drug=0.5), gold_fingerprint="one"))
    gate = models.gate(add(models, scores, base, gold_fingerprint="one"))
    assert (gate.passed, gate.current, gate.candidate) == (passed, "r0", "r1")
    compared = scores is not None and "scores" in base
    assert gate.summary.startswith(
        "F1 of rules and model together " if compared else "r0 and r1 were not tested on the same"
    )
    assert (gate.untested, gate.verdict == "is not decided by the gate") == (not compared, not compared)


def test_labels_that_got_worse_are_named_and_others_are_not(models: ProjectModels) -> None:
    models.use(add(models, scored(Drug=0.8, Disease=0.6, Site=0.5, Old=0.9), gold_fingerprint="g"))
    gate = models.gate(add(models, scored(Drug=0.7, Disease=0.7, Site=0.495, New=0.1), gold_fingerprint="g"))
    assert gate.worse == ("Drug 80.0 → 70.0 (-10.0)",)
    assert not gate.passed


def test_scores_are_a_row_for_each_system(models: ProjectModels) -> None:
    systems = {"hybrid": scored(Drug=0.8)["systems"]["hybrid"], "rule": scored(Drug=0.5)["systems"]["hybrid"]}
    models.use(add(models, {"systems": systems}))
    table = models.scores()
    assert table.columns == ("system", "gold", "P", "R", "F1", "95 % interval of F1", "seen", "unseen")
    assert table.rows == (
        ("rule", 7, "50.0", "51.0", "50.0", "45.0–55.0", "90.0", ""),
        ("hybrid", 7, "80.0", "81.0", "80.0", "75.0–85.0", "90.0", ""),
    )
    assert table.title == "r0, tested on 6 documents kept apart from learning, F1 × 100"
    add(models)
    with pytest.raises(InputError, match=r"the rules alone \(r1\) have not been measured: about one in five"):
        models.scores("r1")


def test_two_models_side_by_side(models: ProjectModels) -> None:
    add(models, scored(Drug=0.5, Site=0.5))
    add(models, scored(Drug=0.75, Disease=0.25))
    table = models.compare("r0", "r1")
    assert (table.columns, table.title) == (
        ("what", "r0", "r1", "change"),
        "F1 × 100 on the same documents, kept apart",
    )
    assert table.rows == (
        ("all hybrid", "50.0", "50.0", "+0.0"),
        ("Disease hybrid", "", "25.0", ""),
        ("Drug hybrid", "50.0", "75.0", "+25.0"),
        ("Site hybrid", "50.0", "", ""),
    )
    assert models.compare("r0", "r0").rows[1] == ("Drug hybrid", "50.0", "50.0", "+0.0")
    add(models)
    assert models.compare("r2", "r2").rows == ()
    add(models, scored(Drug=1.0), gold_fingerprint="another")
    table = models.compare("r1", "r3")
    assert table.rows[1] == ("Disease hybrid", "25.0", "", "")
    assert table.rows[2] == ("Drug hybrid", "75.0", "100.0", "")
    assert "different documents" in table.title


def _said(*words: str) -> list[tuple[str, list[Suggestion]]]:
    return [("d1", [suggest("afib and ECHO", word, "PROBLEM") for word in words])]


def test_changes_are_beside_the_model_in_use_or_the_one_before_it(models: ProjectModels) -> None:
    with pytest.raises(InputError, match="there is no model yet"):
        models.changes()
    add(models, said=_said("afib"))
    first = models.changes()
    assert (first.model, first.before, first.counts()) == ("r0", "", {"new": 1, "gone": 0, "documents": 1})
    models.use("r0")
    add(models, said=_said("ECHO"), base="r0")
    add(models, said=_said("afib"), base="r1")
    assert models.changes().model == "r2"
    assert models.changes("r1").counts() == {"new": 1, "gone": 1, "documents": 1}
    assert (models.changes("r1").before, models.changes("r2").documents) == ("r0", ())
    models.use("r2")
    of_current = models.changes("r2")
    assert (of_current.before, of_current.counts()["new"]) == ("r1", 1)


def test_what_gave_way_to_another_mention_is_not_gone() -> None:
    """Somebody had marked "decompensated CHF", and was told that the model takes "CHF" away there."""
    text = "decompensated CHF, mild oedema, SOB"
    chf, oedema, sob = (suggest(text, word, "Disease") for word in ("CHF", "oedema", "SOB"))
    wider = (0, len("decompensated CHF"), "Disease")
    decided = {("d1", "accepted"): {wider, (sob.start, sob.end, "Disease")}}
    (change,) = changes_between({"d1": [chf, oedema, sob]}, {"d1": []}, decided)
    assert change.gone == ((oedema.start, oedema.end, "Disease"), (sob.start, sob.end, "Disease"))
    assert changes_between({"d1": []}, {"d1": [chf]}, decided) == ()


def test_what_was_learned_is_that_of_the_last_training(models: ProjectModels, project: Project) -> None:
    assert models.learned() == ()
    assert models.finished_since(project) == 0
    counts = {"fusion": {"sentence": "rules alone"}, "forecast": {"sentence": "more helps"}}
    add(models, kind="trained", counts=counts, finished_documents=2)
    add(models, kind="rules", counts={"fusion": {"sentence": "other"}}, finished_documents=0)
    assert models.learned() == ("fusion: rules alone", "forecast: more helps")
    assert models.learned("r1") == ("fusion: other",)
    add(models, kind="trained", counts={"forecast": {}}, reviewed_documents=1)
    assert models.learned() == ()
    add(models, kind="trained", counts={"waits": {"sentence": "rules alone for now"}})
    assert models.learned() == ("fusion: rules alone for now",)


def test_mentions_that_could_not_be_learned_are_told(models: ProjectModels) -> None:
    add(models, kind="trained", counts={"misfit": [f"d{n} 0-5 Organ “Niere”" for n in range(5)]})
    (said,) = map(in_words, models.learned())
    assert said == (
        "not learned: 5 mentions ending inside a word or overlapping a longer one: "
        "d0 0-5 Organ “Niere”; d1 0-5 Organ “Niere”; d2 0-5 Organ “Niere”; and 2 more"
    )


def test_documents_finished_since_the_last_training(
    models: ProjectModels, store: ReviewStore, project: Project
) -> None:
    session = ReviewSession(store, project.name, "ana")
    for number in (1, 2, 3):
        session.handle(f"go {number}")
        session.handle("ok next")
    done = models.finished_since(project)
    assert done == 3
    add(models, kind="trained", reviewed_documents=1)
    assert models.finished_since(project) == 2
    add(models, kind="trained", reviewed_documents=1, finished_documents=2)
    assert models.finished_since(project) == 1
    add(models, kind="trained", finished_documents=9)
    assert models.finished_since(project) == 0


def test_the_state_of_a_job_in_words(models: ProjectModels) -> None:
    job: Job = models.job
    job.folder.mkdir(parents=True)
    (job.folder / "request.json").write_text(json.dumps({"reviewer": "bob", "fast": True}), encoding="utf-8")
    changed = {"new": 2, "gone": 1, "documents": 1}
    result = {"candidate": "r3", "changed": changed, "fusion": {"sentence": "rules alone"}}
    Progress(job.folder).done("r3 is ready", result)
    status = models.status()
    assert (status.state, status.message, status.candidate) == ("done", "r3 is ready", "r3")
    assert (status.by, status.fast, status.did, status.is_alive) == ("bob", True, False, False)
    assert status.lines == ("2 suggestions new, 1 gone in 1 document", "fusion: rules alone")
    with job._lock() as lock:
        assert lock is not None
        Progress(job.folder).report("train", 0.25, "pass 1 of 4")
        running = models.status()
        assert (running.state, running.message) == ("running", "pass 1 of 4 (25%)")
        assert (running.is_alive, running.lines, running.candidate) == (True, (), "")
        assert running.started_already().message == "bob started it already; pass 1 of 4 (25%)"
        Progress(job.folder).report("save", 0.0, "saving")
        assert models.status().message == "saving"
    assert models.status().state == "failed"


def test_steps_of_a_training_never_go_back() -> None:
    told: list[tuple[str, float, str]] = []
    report = onward(lambda *each: told.append(each))
    for step, share in (
        ("label", 0.5),
        ("train", 0.9),
        ("label", 0.0),
        ("train", 0.2),
        ("finish", 0.1),
        ("x", 0),
    ):
        report(step, share, "said")
    assert [each[:2] for each in told] == [
        *(("label", 0.5), ("train", 0.9), ("train", 0.9), ("train", 0.9), ("finish", 0.1), ("x", 0))
    ]


@pytest.mark.parametrize(
    ("share", "second", "left"),
    [
        (0.25, 10, "about 30 seconds"),
        (0.1, 20, "about 3 minutes"),
        (0.5, 1, ""),
        (0.01, 50, ""),
        (1.0, 50, ""),
    ],
)
def test_what_a_step_still_takes_is_told_once_it_is_known(share: float, second: int, left: str) -> None:
    begun, now = (f"2026-01-01T12:00:{at:02}.000+00:00" for at in (0, second))
    assert JobState("running", step="train", share=share, since=begun, updated=now).step_left == left


def test_a_job_that_does_not_run_cannot_be_stopped(models: ProjectModels) -> None:
    status = models.cancel()
    assert (status.state, status.message, status.did) == ("idle", "nothing was running", False)


def by_document(*rows: tuple[int, int, int]) -> dict[str, Any]:
    """Scores of the hybrid from right, wrong and missed spans of each document."""
    right, wrong, missed = (sum(column) for column in zip(*rows, strict=True))
    f1 = 2 * right / (2 * right + wrong + missed)
    systems = {"hybrid": {"micro": {"f1": f1}, "per_label": {"Drug": {"f1": f1}}}}
    return {"systems": systems, "by_document": [list(row) for row in rows]}


LITTLE = "{} cannot tell F1 {} from {}: the difference may be {} (95 % interval)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # One document is no sample: it tells nothing, whatever it says.
        ([(9, 0, 1)], [(10, 0, 0)], None),
        (
            [(8, 2, 2), (9, 1, 1)],
            [(9, 1, 1), (8, 2, 2)],
            LITTLE.format("20 mentions in 2 documents", "85.0", "85.0", "-10.0 to +10.0"),
        ),
        # Better in each of them: the gate decides.
        ([(8, 2, 2), (8, 2, 2)], [(9, 1, 1), (9, 1, 1)], None),
        # Worse in each of them: the gate decides as well.
        ([(9, 1, 1), (9, 1, 1)], [(7, 3, 3), (7, 3, 3)], None),
        # Scored on other documents: nothing to compare one by one.
        ([(9, 1, 1), (8, 2, 2)], [(8, 2, 2)], None),
    ],
)
def test_little_gold_that_could_say_either_is_said(
    models: ProjectModels, old: list[tuple[int, int, int]], new: list[tuple[int, int, int]], said: str | None
) -> None:
    models.use(add(models, by_document(*old), gold_fingerprint="g"))
    gate = models.gate(add(models, by_document(*new), gold_fingerprint="g"))
    assert gate.unsure is (said is not None)
    assert gate.summary == said if said else gate.summary.startswith("F1 of rules and model together ")


def test_folds_speak_only_where_no_gold_is_kept_apart(models: ProjectModels) -> None:
    counts = {"fusion": {"sentence": "rules alone"}, "boundaries": [{"sentence": "severity stays outside"}]}
    models.use(add(models, scored(Drug=0.5), gold_fingerprint="g"))
    gate = models.gate(add(models, counts=counts))
    assert (gate.passed, gate.unsure, gate.candidate, gate.current) == (False, True, "r1", "r0")
    assert gate.summary.endswith("in turn: rules alone; severity stays outside")
    gate = models.gate(add(models, scored(Drug=0.6), gold_fingerprint="g", counts=counts))
    assert (gate.passed, gate.unsure) == (True, False)
    assert gate.summary.startswith("F1 of rules and model together 50.0 → 60.0")


def test_a_model_without_any_score_counts_as_nothing(models: ProjectModels) -> None:
    empty: dict[str, Any] = {"systems": {"hybrid": {"micro": None, "per_label": {}}}}
    models.use(add(models, empty, gold_fingerprint="g"))
    gate = models.gate(add(models, scored(Drug=0.6), gold_fingerprint="g"))
    assert gate.summary.startswith("F1 of rules and model together 0.0 → 60.0 (+60.0)")
    models.use("r1")
    gate = models.gate(add(models, empty, gold_fingerprint="g"))
    assert gate.summary.startswith("F1 of rules and model together 60.0 → 0.0 (-60.0)")


@pytest.mark.parametrize(
    ("step", "share", "whole"),
    [
        ("start", 0.0, 0.0),
        ("read", 0.5, 0.075),  # each of the ten other steps is a twentieth
        ("train", 0.0, 0.25),
        ("train", 0.5, 0.5),
        ("train", 7.0, 0.75),
        ("train", -1.0, 0.25),
        ("suggest", 1.0, 1.0),
        ("of another version", 0.9, 0.0),
    ],
)
def test_training_is_half_of_the_job(step: str, share: float, whole: float) -> None:
    assert len(TRAINING_STEPS) == 11
    assert share_of(JobState("running", step=step, share=share)) == pytest.approx(whole)
