"""Training, gate and registry of a project, behind ``retrain``, ``promote``, ``score`` and others.

The training is a process of its own: ``python -m hybrid_ner.review.rounds.model_service REQUEST.json``.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hybrid_ner.errors import HybridNerError, InputError, missing_part, told
from hybrid_ner.evaluation.counts import enough, paired_difference
from hybrid_ner.review.reply import Table
from hybrid_ner.review.rounds import (
    Changes,
    GateReport,
    JobStatus,
    ModelService,
    ModelSetup,
    changed_sentence,
)
from hybrid_ner.review.rounds.model_runs import (
    changes_between,
    corrected_documents,
    decided_places,
    read_suggestions,
    registry_of,
)
from hybrid_ner.review.store.lookups import finished_documents, withdrawals
from hybrid_ner.review.store.project import Project
from hybrid_ner.text import quantity
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.jobs import Job, JobState, Progress, TrainingQueue, wait_for_turn
from hybrid_ner.training.policy import misfit_sentence
from hybrid_ner.training.registry import ModelRecord, ModelRegistry, read_json

GATE_MARGIN = 0.005
"""The hybrid F1 of a candidate may be lower than that of the model in use by this much."""
SYSTEMS = ("rule", "model", "hybrid")
_LITTLE = 20
"""From so many gold documents the figures alone decide."""
_DRAWS = 1000
_MOST_DIGITS = 6
"""Of a score in the gate's report."""


class ProjectModels(ModelService):
    """Over the folder of one project.

    Args:
        target: The review store, as for ``ReviewStore.open``.
        setup: Settings and folder of the project's models.
        reviewer: Who promotes.
        project: Says which model is in use; without it the pointer beside the models tells.
    """

    def __init__(
        self, target: str | Path, setup: ModelSetup, reviewer: str = "", project: Project | None = None
    ) -> None:
        self.target, self.setup, self.reviewer, self.project = str(target), setup, reviewer, project
        self.registry = registry_of(project, setup) if project else ModelRegistry(setup.models)
        self.job = Job(setup.job, TrainingQueue(setup.folder.parent / ".trainings"))

    def start_retrain(self, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        request = {"fast": fast, "store": self.target, "project": project, "reviewer": reviewer}
        request["folder"] = str(self.setup.folder)
        # Without -P a module in the folder that the server was started from could stand in for a library's.
        command = [sys.executable, "-P", "-m", "hybrid_ner.review.rounds.model_service"]
        if self.job.start(command, request):
            now, state, said = self.job.state(), "running", "you can go on reviewing"
            if now.state == "queued":
                state, said = now.state, now.message
            return JobStatus(state, said, by=reviewer, did=True, fast=fast)
        return self.status().started_already()

    def status(self) -> JobStatus:
        return _status(self.job.state())

    def cancel(self) -> JobStatus:
        if not self.job.cancel():
            return JobStatus(self.job.state().state, "nothing was running")
        return replace(self.status(), did=True)

    def current(self) -> str:
        return self.registry.current()

    def models(self) -> tuple[str, ...]:
        return self.registry.ids()

    def pipeline(self, model_id: str) -> Path | None:
        return self.registry.get(model_id).pipeline

    def gate(self, candidate: str) -> GateReport:
        current = self.current()
        new = self.registry.get(candidate)
        if not current:
            return GateReport(candidate, "", True, "there is no model in use to compare with")
        old = self.scores_beside(new, current)
        if not new.scores and (folds := _sentences(new.meta.get("counts", {}))):
            found = "; ".join(each.partition(": ")[2] for each in folds)
            said = f"no reviewed document is kept apart; on those left out in turn: {found}"
            return GateReport(candidate, current, False, said, unsure=True)
        if not new.scores or old is None:
            said = f"{current} and {candidate} were not tested on the same documents; " + (
                "retrain to compare them" if new.scores else "none is kept apart yet"
            )
            return GateReport(candidate, current, False, said, untested=True)
        return _gate(candidate, current, new.scores, old)

    def scores_beside(self, new: ModelRecord, current: str) -> Mapping[str, Any] | None:
        """Scores of another model on the gold that a model was scored on; nothing where it has none."""
        base = read_json(new.folder / "base.json") or {}
        if base.get("model") == current:
            scores: Mapping[str, Any] | None = base.get("scores")
            return scores
        old = self.registry.get(current)
        same = new.meta.get("gold_fingerprint") == old.meta.get("gold_fingerprint")
        return old.scores if same else None

    def use(self, model_id: str) -> None:
        """Let the pointer beside the models follow the store; empty for none."""
        self.registry.use(model_id, self.reviewer)

    def scores(self, model_id: str = "") -> Table:
        model_id = model_id or self.current()
        if not model_id:
            raise InputError("no model is in use yet.", hint="Start one with `retrain`.")
        model = self.registry.get(model_id)
        scores = model.scores
        if not scores:
            # The rules alone are no model to those who read it.
            said = f"{model_id} has" if model.pipeline else f"the rules alone ({model_id}) have"
            raise InputError(
                f"{said} not been measured: about one in five of the documents reviewed to "
                "the end is kept apart for that, and none was by then.",
                hint="Review more documents to the end, then let it learn from them.",
            )
        systems = scores["systems"]
        rows = tuple(_row(name, systems[name]) for name in SYSTEMS if name in systems)
        columns = ("system", "gold", "P", "R", "F1", "95 % interval of F1", "seen", "unseen")
        tested = quantity(int(next(iter(systems.values()))["documents"]), "document")
        return Table(columns, rows, f"{model_id}, tested on {tested} kept apart from learning, F1 × 100")

    def compare(self, first: str, second: str) -> Table:
        one, other = (self.registry.get(name) for name in (first, second))
        beside = self.scores_beside(other, first)
        # Figures of different documents stand beside each other, without what would be their difference.
        same = beside is not None or not one.scores
        sides = [each or {"systems": {}} for each in (beside or one.scores, other.scores)]
        labels = sorted({label for side in sides for label in _labels(side)})
        rows = []
        for label in ("all", *labels):
            for system in SYSTEMS:
                before, after = (_f1(side, system, label) for side in sides)
                if before is not None or after is not None:
                    known = same and before is not None and after is not None
                    change = f"{100 * ((after or 0.0) - (before or 0.0)):+.1f}" if known else ""
                    rows.append((f"{label} {system}", _shown(before), _shown(after), change))
        on = (
            "the same documents, kept apart" if same else "different documents: their difference says nothing"
        )
        return Table(("what", first, second, "change"), tuple(rows), f"F1 × 100 on {on}")

    def changes(self, model_id: str = "") -> Changes:
        """Beside the model in use, or for that one beside the model that was in use when it was made."""
        model_id = model_id or next(reversed(self.models()), "")
        if not model_id:
            raise InputError("there is no model yet.", hint="Start one with `update`.")
        model, current = self.registry.get(model_id), self.current()
        before = current if current != model_id else str(model.meta.get("base", ""))
        old = dict(read_suggestions(self.registry.get(before).suggestions)) if before else {}
        decided, out = decided_places(self.project) if self.project else {}, set[str]()
        if self.project:
            with self.project.read() as connection:
                out = {each.doc_id for each in withdrawals(connection, self.project.id)}
            out |= corrected_documents(self.project)
        new = {doc_id: said for doc_id, said in read_suggestions(model.suggestions) if doc_id not in out}
        found = changes_between(old, new, decided)
        return Changes(model_id, before, found)

    def learned(self, model_id: str = "") -> tuple[str, ...]:
        record = self.registry.get(model_id) if model_id else self._last_trained()
        return _sentences(record.meta.get("counts", {})) if record else ()

    def boundaries(self) -> dict[str, bool]:
        """Kinds of words whose place the last training learned or had to forget: whether it may learn."""
        record = self._last_trained()
        counts = record.meta.get("counts", {}) if record else {}
        met = {str(habit["kind"]): True for habit in counts.get("boundaries") or ()}
        return met | dict.fromkeys(self.setup.forget, False)

    def learn_boundaries(self, kind: str, wanted: bool) -> None:
        """Let the next update learn where words of this kind stand, or not; kept in the project's record."""
        forget = [name for name in self.setup.forget if name != kind]
        self.setup = replace(self.setup, forget=tuple(forget if wanted else [*forget, kind]))
        if self.project is not None:
            self.setup.save(self.project)

    def finished_since(self, project: Project) -> int:
        """Documents that were finished since the last training began; all of them before the first."""
        record = self._last_trained()
        before = (
            record.meta.get("finished_documents", record.meta.get("reviewed_documents", 0)) if record else 0
        )
        return max(0, finished_documents(project) - int(before))

    def waiting(self) -> str:
        """The newest model, where it is ready and nobody has used it yet; empty otherwise."""
        newest = next(reversed(self.models()), "")
        if self.job.is_running() or not newest or self.pipeline(newest) is None:
            return ""
        used = {str(change["model"]) for change in self.registry.history()}
        return "" if newest in {*used, self.current()} else newest

    def _last_trained(self) -> ModelRecord | None:
        records = (self.registry.get(name) for name in reversed(self.models()))
        return next((each for each in records if each.meta.get("kind") == "trained"), None)


TRAINING_STEPS = (
    *("start", "read", "rules", "expand", "label", "train", "fusion", "finish", "assemble", "score"),
    "suggest",
)
"""Steps of a training in order."""


def share_of(state: JobState) -> float:
    """Share of the whole job: the training step counts as much as all others together."""
    weights = [0.5 if step == "train" else 0.5 / (len(TRAINING_STEPS) - 1) for step in TRAINING_STEPS]
    if state.step not in TRAINING_STEPS:
        return 0.0
    at = TRAINING_STEPS.index(state.step)
    return min(1.0, sum(weights[:at]) + weights[at] * max(0.0, min(1.0, state.share)))


def onward(report: Report) -> Report:
    """A report whose steps never go back: what is done once more is told under the step that was reached."""
    furthest = (0, 0.0)

    def told(step: str, share: float, line: str) -> None:
        nonlocal furthest
        if step in TRAINING_STEPS:
            furthest = max(furthest, (TRAINING_STEPS.index(step), share))
            step, share = TRAINING_STEPS[furthest[0]], furthest[1]
        report(step, share, line)

    return told


def _status(state: JobState) -> JobStatus:
    percent = f" ({state.share:.0%})" if state.state == "running" and state.share else ""
    candidate, by = str(state.result.get("candidate", "")), str(state.request.get("reviewer", ""))
    fast = bool(state.request.get("fast"))
    changed = state.result.get("changed")
    lines = (changed_sentence(changed), *_sentences(state.result)) if changed else ()
    share = share_of(state) if state.state == "running" else 0.0
    said = state.message + percent + (f", {state.step_left} more for this step" if state.step_left else "")
    return JobStatus(state.state, said, candidate, by, fast=fast, lines=lines, share=share)


def _sentences(counts: Mapping[str, Any]) -> tuple[str, ...]:
    """What is known of the fusion, the documents to come, boundaries, models among the sources, and what is
    left out."""
    fusion = counts.get("fusion") or counts.get("waits") or {}
    found = (("fusion", fusion), *((name, counts.get(name) or {}) for name in ("copied", "forecast")))
    said = [f"{name}: {each['sentence']}" for name, each in found if each.get("sentence")]
    kinds = {"boundaries": "boundaries", "trust": "source"}
    said += [f"{word}: {each['sentence']}" for name, word in kinds.items() for each in counts.get(name) or ()]
    return (*said, *(f"misfit: {line}" for line in [misfit_sentence(counts.get("misfit") or ())] if line))


def _gate(candidate: str, current: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> GateReport:
    before, after = _f1(old, "hybrid", "all") or 0.0, _f1(new, "hybrid", "all") or 0.0
    worse = []
    for label in sorted({*_labels(old), *_labels(new)}):
        was, now = _f1(old, "hybrid", label), _f1(new, "hybrid", label)
        if was is not None and now is not None and not _may_be(100 * (now - was)):
            worse.append(f"{label} {_change(was, now)}")
    if few := _too_few(old, new):
        return GateReport(candidate, current, _may_be(100 * (after - before)), few, tuple(worse), unsure=True)
    change, margin = _change(before, after), f"{100 * GATE_MARGIN:.1f}"
    summary = (
        f"F1 of rules and model together {change} on the documents kept apart; at most {margin} may be lost"
    )
    return GateReport(candidate, current, _may_be(100 * (after - before)), summary, tuple(worse))


def _too_few(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """In a sentence that so little gold cannot tell two models apart; empty where it can."""
    tables = [np.array(side.get("by_document") or [], dtype=np.int64) for side in (new, old)]
    documents = len(tables[0])
    if not 0 < documents < _LITTLE or len(tables[1]) != documents:
        return ""
    first, second = (table[:, None, :] for table in tables)
    differs = paired_difference(first, second, resamples=_DRAWS, seed=0)
    low, high = (round(100 * edge, 9) for edge in (differs.interval.low, differs.interval.high))
    if not low < -100 * GATE_MARGIN <= high or (documents > 1 and low == high):
        return ""
    now, was = (200 * t[:, 0].sum() / max(1, (2 * t[:, 0] + t[:, 1] + t[:, 2]).sum()) for t in tables)
    mentions = quantity(int((tables[0][:, 0] + tables[0][:, 2]).sum()), "mention")
    return (
        f"{mentions} in {quantity(documents, 'document')} cannot tell F1 {now:.1f} from {was:.1f}: "
        f"the difference may be {low:+.1f} to {high:+.1f} (95 % interval)"
    )


def _may_be(points: float, digits: int = 9) -> bool:
    """Whether a change of so many points, rounded, loses no more than may be lost."""
    return round(points, digits) >= -100 * GATE_MARGIN


def _change(before: float, after: float) -> str:
    """Both scores and their difference, with as many digits as it takes to see which side of the margin."""
    was, now = 100 * before, 100 * after
    kept = _may_be(now - was)
    for digits in range(1, _MOST_DIGITS + 1):
        shown = round(now, digits) - round(was, digits)
        if kept is _may_be(now - was, digits) is _may_be(shown, digits):
            break
    return f"{was:.{digits}f} → {now:.{digits}f} ({now - was:+.{digits}f})"


def _labels(scores: Mapping[str, Any]) -> list[str]:
    systems = scores.get("systems", {})
    return list(systems["hybrid"]["per_label"]) if "hybrid" in systems else []


def _f1(scores: Mapping[str, Any], system: str, label: str) -> float | None:
    found = scores.get("systems", {}).get(system)
    if found is None:
        return None
    part = found["micro"] if label == "all" else found["per_label"].get(label)
    return None if part is None else float(part["f1"])


def _row(name: str, scores: Mapping[str, Any]) -> tuple[Any, ...]:
    micro = scores["micro"]
    interval = micro["f1_interval"]
    parts = (scores["seen"], scores["unseen"])
    seen, unseen = (_shown(part["f1"] if part and part["gold"] else None) for part in parts)
    low_high = (
        f"{100 * interval['low']:.1f}–{100 * interval['high']:.1f}" if enough(scores["documents"]) else ""
    )
    figures = (_shown(micro[key]) for key in ("precision", "recall", "f1"))
    return (name, micro["gold"], *figures, low_high, seen, unseen)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def main(request_file: str) -> int:
    """Run the request; the outcome is the last line of the progress file beside it."""
    signal.signal(signal.SIGTERM, _stop)
    path = Path(request_file)
    request = json.loads(path.read_text(encoding="utf-8"))
    progress = Progress(path.parent)
    try:
        wait_for_turn(request, progress)
        result = _run(request, progress)
    except (HybridNerError, OSError) as error:
        progress.failed(told(error))
        return 2
    except Exception as error:
        if missing := missing_part(error):
            progress.failed(str(missing))
            return 2
        traceback.print_exc()
        progress.failed(
            f"{type(error).__name__}: {error}. The whole report is in {path.parent / 'worker.log'}."
        )
        return 1
    progress.done(f"{result['candidate']} is ready after {result['seconds']:.0f} s", result)
    return 0


def _run(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from hybrid_ner.review.rounds.round import next_round
    from hybrid_ner.review.store import ReviewStore

    with ReviewStore.open(request["store"], create=False) as store:
        project = store.project(request["project"])
        setup = ModelSetup.of(project, Path(request["folder"]))
        fast = bool(request.get("fast"))
        return next_round(project, setup, onward(progress.report), request.get("reviewer", ""), fast=fast)


def _stop(number: int, frame: object) -> None:
    # As an exception, so that half-made folders are removed.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
