"""What a page or a terminal draws: the document on the card, the queue, the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["DocumentView", "LogRow", "SpanStatus", "SpanView", "TurnRow"]

SpanStatus = Literal["open", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class SpanView:
    """A numbered span of the card.

    Args:
        number: What the reviewer types; never shifts while the document is on the card.
        start: First character (code points of the text).
        end: One past the last character.
        surface: ``text[start:end]``.
        label: Label now.
        status: ``open`` until decided.
        mark: Who found it: ``rule``, ``model``, ``rule+model`` or ``reviewer``.
        method: How the best rule source recognized it (``exact``, ``fuzzy``, …), empty for model only.
        score: Between 0 and 1.
        chosen: Whether the hybrid pipeline chose it; false for a vote that lost.
        suggested_label: Label it was suggested with.
        flags: ``negated``, ``historical``, ``family``, ``hypothetical``, ``possible``.
        concept_id: Linked concept, empty when none.
        reason: Why it is rejected when nobody said no to it: ``overlap``, ``merged``, ``never``.
        detail: The votes as JSON, read only when somebody asks for sources or reference.
    """

    number: int
    start: int
    end: int
    surface: str
    label: str
    status: SpanStatus
    mark: str
    method: str = ""
    score: float = 1.0
    chosen: bool = True
    suggested_label: str = ""
    flags: tuple[str, ...] = ()
    concept_id: str = ""
    reason: str = ""
    detail: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the labeling sources that voted for it."""
        return tuple(dict.fromkeys(vote["source"] for vote in self._votes))

    @property
    def reference(self) -> str:
        """The term it was recognized by, empty when no source names one."""
        found = (vote["evidence"].get("reference", "") for vote in self._votes if vote["evidence"])
        return str(next(found, ""))

    @property
    def _votes(self) -> list[dict[str, Any]]:
        return list(json.loads(self.detail).get("votes", ())) if self.detail else []


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The document on the card.

    Args:
        doc_id: Its id in the project.
        position: One-based place in the project, for ``go N``.
        total: Documents in the project.
        text: As imported, never changed.
        content_hash: SHA-256 of the text: operations must carry it.
        model_id: Model run whose suggestions are shown, empty when none.
        version: Grows with every change of this reviewer's state of the document.
        spans: By number.
        tokens: Token boundaries ``(start, end)`` of the training tokenizer.
        labels: Labels of the project, in key order (1-9).
        queue: Name of the queue order.
        left: Documents left in the queue.
        done: This reviewer has reviewed it completely.
        flag: Note of a flag, empty when not flagged.
        round: Number of the model run, 0 before the first.
        claimed_by: Another reviewer who has it open, empty when nobody.
        flagged: Marked with ``flag``, with or without a note.
        window: Characters that ``spans`` and ``tokens`` cover when only a part was asked for; every span
            in it is whole.
    """

    doc_id: str
    position: int
    total: int
    text: str
    content_hash: str
    model_id: str
    version: int
    spans: tuple[SpanView, ...]
    tokens: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    queue: str
    left: int
    done: bool
    flag: str = ""
    round: int = 0
    claimed_by: str = ""
    flagged: bool = False
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One step of the log; ``undo N`` takes its number, ``undo bulk b7`` its name."""

    number: int
    name: str
    at: str
    reviewer: str
    line: str
    summary: str
    undone: bool
    spans: int
    documents: int


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One line of the chat and its answer, kept across reloads."""

    at: str
    line: str
    echo: str
    level: str
