"""What is wrong with an input, where, and what to do about it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hybrid_ner.errors import CorpusError

__all__ = ["Place", "Problem", "ProblemLog", "Report", "fail"]


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a one-based row in it."""

    path: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be used.

    Args:
        kind: Short name to count by, for example ``offsets``.
        message: What was expected and what was found.
        place: File and row.
        doc_id: The document, when it is known.
        hint: The next step.
        warning: Something is lost that nobody needs for recognizing entities.
    """

    kind: str
    message: str
    place: Place = field(default_factory=Place)
    doc_id: str = ""
    hint: str = ""
    warning: bool = False

    def error(self) -> CorpusError:
        """The same as an exception."""
        return CorpusError(self.message, path=self.place.path or None, row=self.place.row, hint=self.hint)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        row = asdict(self)
        return {**row.pop("place"), **row}

    def __str__(self) -> str:
        return f"[{self.kind}] {self.error()}"


Report = Callable[[Problem], None]
"""Told about every problem; raising stops the reading, returning leaves the unusable part out."""


def fail(problem: Problem) -> None:
    """The default report: stop at the first problem, but only warn of a warning."""
    if not problem.warning:
        raise problem.error()
    warnings.warn(str(problem), stacklevel=2)


class ProblemLog:
    """A report that keeps every problem, so that a caller can count and list them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __call__(self, problem: Problem) -> None:
        self.problems.append(problem)

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of problems of each kind."""
        return dict(sorted(Counter(problem.kind for problem in self.problems).items()))
