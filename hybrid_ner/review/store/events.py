"""The records of the append-only log, the changes they carry, and current state as their pure fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hybrid_ner.text.offsets import Intervals

Key = tuple[int, int, int]
"""Identity of a mention in a document: the offsets it was first shown with, and a copy number."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span as one reviewer sees it.

    Args:
        key: Identity; stays when the boundary moves.
        number: What the reviewer types.
        base_label: Label it was suggested with, empty for a span that the reviewer added.
        status: ``open``, ``accepted`` or ``rejected``.
        surface_key: Folded surface: the key of "every occurrence".
        mark: ``rule``, ``model``, ``rule+model``, ``rule≠model``, ``split`` or ``agree``
            (models and people among the sources), ``reviewer`` or ``gazetteer``.
        method: How the best rule source recognized it.
        score: Between 0 and 1.
        flags: Context flags, sorted.
        reason: Why it is rejected when nobody said no to it.
        event_id: Event that decided it last, 0 while untouched.
        base_surface: Folded surface that it was first shown with.
        base_concept: Concept that it was first shown with.
    """

    key: Key
    number: int
    start: int
    end: int
    label: str
    base_label: str = ""
    status: str = "open"
    surface_key: str = ""
    mark: str = "reviewer"
    method: str = ""
    score: float = 1.0
    flags: tuple[str, ...] = ()
    concept_id: str = ""
    reason: str = ""
    event_id: int = 0
    base_surface: str = ""
    base_concept: str = ""

    @classmethod
    def first(
        cls, key: Key, number: int, label: str, surface: str, concept_id: str = "", **more: Any
    ) -> Mention:
        """As it is first shown, at the characters of its key."""
        more |= {"surface_key": surface, "base_surface": surface}
        more |= {"concept_id": concept_id, "base_concept": concept_id}
        return cls(key, number, key[0], key[1], label, **more)

    def original(self) -> Mention:
        """As it was first shown; an added span keeps the label it has."""
        if not self.event_id and self.status == "open":
            return self
        return replace(
            self,
            start=self.key[0],
            end=self.key[1],
            label=self.base_label or self.label,
            status="open",
            surface_key=self.base_surface,
            concept_id=self.base_concept,
            reason="",
            event_id=0,
        )

    def change(self, **values: Any) -> Change:
        return Change(self.original(), values)

    def copied(self) -> Change:
        """The values that it has, for another reviewer."""
        return self.change(**{name: getattr(self, name) for name in _SETTABLE})

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it shares a character with ``[start, end)``."""
        return self.start < end and start < self.end


_SETTABLE = ("start", "end", "label", "status", "surface_key", "concept_id", "reason")


@dataclass(frozen=True, slots=True)
class Change:
    """New values for some fields of a mention.

    Args:
        mention: The mention as it was first shown: a change stands on its own, so that undoing an
            earlier step cannot leave it without its mention.
        values: Fields to set, any of start, end, label, status, surface_key, concept_id, reason.
    """

    mention: Mention
    values: Mapping[str, Any]

    def apply_to(self, mention: Mention | None, event_id: int) -> Mention:
        return replace(mention or self.mention, **self.values, event_id=event_id)

    def to_json(self) -> dict[str, Any]:
        """Plain values for the payload of an event."""
        m = self.mention
        base = [m.number, m.label, m.base_label, m.base_surface, m.mark, m.method, m.score]
        return {"key": list(m.key), "base": [*base, list(m.flags), m.base_concept], "set": dict(self.values)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Change:
        number, label, base_label, surface, mark, method, score, flags, concept = row["base"]
        seen = {"base_label": base_label, "mark": mark, "method": method, "score": score}
        key = (row["key"][0], row["key"][1], row["key"][2])
        mention = Mention.first(key, number, label, surface, concept, flags=tuple(flags), **seen)
        return cls(mention, {name: row["set"][name] for name in _SETTABLE if name in row["set"]})


@dataclass(frozen=True, slots=True)
class Event:
    """One record of the log. ``document_id`` 0 stands for the project as a whole."""

    id: int
    step_id: int
    reviewer_id: int
    document_id: int
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event that is not written yet; hash and model id bind it to what was on the screen."""

    kind: str
    payload: Mapping[str, Any]
    document_id: int = 0
    content_hash: str = ""
    model_id: str = ""


@dataclass(frozen=True, slots=True)
class StepDraft:
    """Everything that one command changes; undone and redone as a whole."""

    kind: str
    summary: str
    events: tuple[EventDraft, ...]
    document_id: int = 0
    spans: int = 0
    bulk: bool = False
    touched: tuple[int, ...] = field(default=())


def mentions_event(
    document_id: int, changes: Iterable[Change], content_hash: str, model_id: str
) -> EventDraft:
    """The event that carries mention changes of one document."""
    payload = {"changes": [change.to_json() for change in changes]}
    return EventDraft("mentions", payload, document_id, content_hash, model_id)


DOCUMENT_KINDS = ("mentions", "done", "defer", "flag", "adjudicated")
"""Event kinds that change one reviewer's state of one document."""
WITHDRAWN = "withdrawn"
"""Event kind: a document left the project, for a ``reason``; ``None`` brings it back."""
NO_REASON = "no reason given"


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
    undone = undone_steps(kept)
    return [e for e in kept if e.step_id not in undone and e.kind not in ("undo", "redo")]


def undone_steps(events: Iterable[Event]) -> set[int]:
    """Ids of the steps that are undone after these events, in order."""
    undone: set[int] = set()
    for event in events:
        if event.kind == "undo":
            undone.update(event.payload["steps"])
        elif event.kind == "redo":
            undone.difference_update(event.payload["steps"])
    return undone


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
        if not kept.take(mention.start, mention.end):
            mentions[key] = replace(mention, status="rejected", reason="overlap")
    return mentions


def fold_withdrawn(events: Iterable[Event]) -> dict[int, str]:
    """Why documents are not in the project, from effective events in order."""
    reasons = {event.document_id: event.payload["reason"] for event in events if event.kind == WITHDRAWN}
    return {number: reason for number, reason in reasons.items() if reason is not None}


def fold_project(events: Iterable[Event]) -> dict[tuple[int, int], DocumentState]:
    """State by ``(reviewer id, document id)`` from a whole log; a withdrawn document has none."""
    kept = effective(events)
    gone = fold_withdrawn(kept)
    grouped: dict[tuple[int, int], list[Event]] = {}
    for event in kept:
        if event.kind in DOCUMENT_KINDS and event.document_id not in gone:
            grouped.setdefault((event.reviewer_id, event.document_id), []).append(event)
    return {key: fold_document(group) for key, group in grouped.items()}


Span = tuple[int, int, str]
"""Characters and label."""


def accepted(state: DocumentState) -> tuple[Span, ...]:
    """The accepted spans of a state, in order."""
    return tuple(sorted((m.start, m.end, m.label) for m in state.mentions.values() if m.status == "accepted"))
