"""Current state as a pure function of the log.

This is the definition. ``projection`` keeps the same answer in tables; tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hybrid_ner.review.events import Change, Event, Key, Mention
from hybrid_ner.review.intervals import Intervals

__all__ = ["DOCUMENT_KINDS", "DocumentState", "effective", "fold_document", "fold_project"]

DOCUMENT_KINDS = ("mentions", "done", "defer", "flag", "adjudicated")
"""Event kinds that change one reviewer's state of one document."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What one reviewer has decided in one document.

    Args:
        mentions: Touched mentions by key; suggestions that nobody touched are not in it.
        done: Completely reviewed.
        adjudicated: This reviewer's decisions are the gold of the document.
        deferred: Id of the event that put it at the end of the queue, 0 when it is not deferred.
        flag: Note, or ``None`` when not flagged.
    """

    mentions: Mapping[Key, Mention] = field(default_factory=dict)
    done: bool = False
    adjudicated: bool = False
    deferred: int = 0
    flag: str | None = None


def effective(events: Iterable[Event]) -> list[Event]:
    """The events that count, in order: those of steps that are not undone."""
    kept = sorted(events, key=lambda event: event.id)
    undone: set[int] = set()
    for event in kept:
        if event.kind == "undo":
            undone.update(event.payload["steps"])
        elif event.kind == "redo":
            undone.difference_update(event.payload["steps"])
    return [e for e in kept if e.step_id not in undone and e.kind not in ("undo", "redo")]


def fold_document(events: Iterable[Event]) -> DocumentState:
    """State of one document for one reviewer from its effective events, in order."""
    mentions: dict[Key, Mention] = {}
    order: dict[Key, tuple[int, int]] = {}
    state = DocumentState()
    for event in events:
        if event.kind == "mentions":
            for index, row in enumerate(event.payload["changes"]):
                change = Change.from_json(row)
                key = change.mention.key
                mentions[key] = change.apply_to(mentions.get(key), event.id)
                order[key] = (event.id, index)
        elif event.kind == "done":
            state = replace(state, done=event.payload["done"], deferred=0)
        elif event.kind == "defer":
            state = replace(state, deferred=event.id)
        elif event.kind == "flag":
            state = replace(state, flag=event.payload["note"])
        elif event.kind == "adjudicated":
            state = replace(state, adjudicated=event.payload["adjudicated"])
    return replace(state, mentions=_without_overlap(mentions, order))


def _without_overlap(
    mentions: dict[Key, Mention], order: Mapping[Key, tuple[int, int]]
) -> dict[Key, Mention]:
    """Of accepted mentions that overlap, the one decided last stays; the last command wins."""
    kept = Intervals()
    for key in sorted(mentions, key=lambda k: order[k], reverse=True):
        mention = mentions[key]
        if mention.status != "accepted":
            continue
        if kept.overlap(mention.start, mention.end):
            mentions[key] = replace(mention, status="rejected", reason="overlap")
        else:
            kept.add(mention.start, mention.end)
    return mentions


def fold_project(events: Iterable[Event]) -> dict[tuple[int, int], DocumentState]:
    """State by ``(reviewer id, document id)`` from a whole log."""
    grouped: dict[tuple[int, int], list[Event]] = {}
    for event in effective(events):
        if event.kind in DOCUMENT_KINDS:
            grouped.setdefault((event.reviewer_id, event.document_id), []).append(event)
    return {key: fold_document(group) for key, group in grouped.items()}
