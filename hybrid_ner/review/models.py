"""What the review engine asks of model training; the engine never trains by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hybrid_ner.review.reply import Table

__all__ = ["GateReport", "JobStatus", "ModelService"]


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The retraining job.

    Args:
        state: ``idle``, ``running``, ``done``, ``failed`` or ``cancelled``.
        message: One line for the reviewer.
        candidate: Model id that the job made, when ``done``.
    """

    state: str
    message: str = ""
    candidate: str = ""


@dataclass(frozen=True, slots=True)
class GateReport:
    """Candidate against the current model on frozen gold.

    Args:
        candidate: Model id.
        current: Model id now in use, empty when none.
        passed: Whether hybrid F1 fell by no more than the margin.
        summary: One line.
        worse: Labels that got worse, with their figures.
    """

    candidate: str
    current: str
    passed: bool
    summary: str
    worse: tuple[str, ...] = ()


class ModelService(Protocol):
    """Training, gate and registry behind the commands ``retrain``, ``promote``, ``rollback``, ``score``."""

    def start_retrain(self, project: str, reviewer: str) -> JobStatus:
        """Start the one job, or say which one is running."""
        ...

    def status(self) -> JobStatus:
        """The running or the last job."""
        ...

    def cancel(self) -> JobStatus:
        """Stop the running job."""
        ...

    def current(self) -> str:
        """Id of the promoted model, empty when none."""
        ...

    def models(self) -> tuple[str, ...]:
        """Ids of every model, oldest first."""
        ...

    def pipeline(self, model_id: str) -> Path | None:
        """Folder of its saved pipeline, ``None`` for rules alone."""
        ...

    def gate(self, candidate: str) -> GateReport:
        """Compare a candidate with the current model."""
        ...

    def promote(self, model_id: str) -> None:
        """Make it current: model, gazetteer and fusion settings together."""
        ...

    def rollback(self, model_id: str) -> None:
        """Make an earlier model current again, with its gazetteer and settings; empty for none."""
        ...

    def scores(self, model_id: str = "") -> Table:
        """Rule, model and hybrid on frozen gold, seen and unseen; of the current model by default."""
        ...

    def compare(self, first: str, second: str) -> Table:
        """Scores of two models side by side."""
        ...
