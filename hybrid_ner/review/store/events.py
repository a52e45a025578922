"""The records of the append-only log, the changes they carry, and current state as their pure fold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from rapidfuzz.distance import LCSseq

from hybrid_ner.text import some
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

    def joined(self, labels: Mapping[str, str]) -> Mention:
        """With the labels that its own ones are by now."""
        label, base = (labels.get(each, each) for each in (self.label, self.base_label))
        same = (label, base) == (self.label, self.base_label)
        return self if same else replace(self, label=label, base_label=base)

    @property
    def is_verdict(self) -> bool:
        """Whether somebody decided it, and not another mention that took its place or was made of it."""
        return self.status != "open" and self.reason in ("", "never")

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
    """One record of the log. ``document_id`` 0 stands for the project as a whole.

    The hash is that of the text that it was made on, empty where it is about none.
    """

    id: int
    step_id: int
    reviewer_id: int
    document_id: int
    kind: str
    payload: Mapping[str, Any]
    content_hash: str = ""


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
ERASED = "erased"
"""Event kind: the text of a document is gone for good, for a ``reason``, and so are its other events.
``document`` is its id, empty where that was to go too, ``marks`` are the hashes of its id and texts, by which
it is known again, ``lost`` counts what went, and ``models`` may have learned from it."""
JOINED = "joined"
"""Event kind: the label ``name`` is ``into`` another one from then on, in every decision and suggestion;
``place`` is the one that it had in key order."""
NO_REASON = "no reason given"
TEXT = "text"
"""Event kind: a document has another text. ``hashes``, ``texts`` and ``meta`` are those before and after,
``blocks`` as ``align`` gives them; ``new`` says whether the text after, and the one before, has words that
the other lacks, and ``flags`` are the context flags of carried spans in the text after."""


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


Block = Sequence[int]
"""Equal characters of two texts: where they begin in each, how many, and 1 where nothing but white space
stands between them and the block before, in both texts."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


_MOST = 10**9
"""Pairs of words that are compared at once: an eighth as many bytes are needed for it."""


def align(before: str, after: str) -> list[list[int]]:
    """The blocks that two texts have in common, in order: whole words, by their longest common subsequence.

    Long texts are aligned by lines first. A word that stands alone among others is no block: by chance it
    may be another one of the same letters.
    """
    first, second = ([(*m.span(), m[0]) for m in _TOKEN.finditer(text)] for text in (before, after))
    runs: list[list[tuple[int, int]]] = []
    for pair in _pairs([each[2] for each in first], [each[2] for each in second], _line_ends(before, after)):
        if runs and (runs[-1][-1][0] + 1, runs[-1][-1][1] + 1) == pair:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    edges = {(0, 0), (len(first) - 1, len(second) - 1)}
    blocks: list[list[int]] = []
    for run in (each for each in runs if len(each) > 1 or each[0] in edges):
        for place, (one, two) in enumerate(run):
            (a, end, _), b = first[one], second[two][0]
            last = blocks[-1] if place else None
            if last and before[last[0] + last[2] : a] == after[last[1] + last[2] : b]:
                last[2] = end - last[0]
            else:
                blocks.append([a, b, end - a, int(last is not None)])
    return blocks


def _line_ends(*texts: str) -> list[list[int]]:
    """Of each text how many words there are up to the end of each line."""
    counts = ((len(_TOKEN.findall(line)) for line in text.splitlines()) for text in texts)
    return [list(accumulate(each)) for each in counts]


def _pairs(
    first: Sequence[str], second: Sequence[str], lines: Sequence[Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Places of equal words of two texts, in order."""
    if len(first) * len(second) <= _MOST:
        yield from _common(first, second)
        return
    one, two = (
        [tuple(words[a:b]) for a, b in pairwise((0, *ends))]
        for words, ends in zip((first, second), lines, strict=True)
    )
    at = (0, 0)
    for i, j in (*_common(one, two), (len(one), len(two))):
        a, b = (ends[n - 1] if n else 0 for ends, n in zip(lines, (i, j), strict=True))
        if (a - at[0]) * (b - at[1]) <= _MOST:
            yield from ((at[0] + x, at[1] + y) for x, y in _common(first[at[0] : a], second[at[1] : b]))
        length = len(one[i]) if i < len(one) else 0
        yield from ((a + n, b + n) for n in range(length))
        at = (a + length, b + length)


def _common(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of the longest common subsequence."""
    parts = (part for part in LCSseq.opcodes(first, second) if part.tag == "equal")
    return [(p.src_start + n, p.dest_start + n) for p in parts for n in range(p.src_end - p.src_start)]


def has_new_words(blocks: Iterable[Block], text: str, side: int) -> bool:
    """Whether a text, the one before (0) or after (1), has words outside of the blocks."""
    held = Intervals([(block[side], block[side] + block[2]) for block in blocks])
    return any(not held.overlap(*found.span()) for found in re.finditer(r"\w+", text))


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that a document has had, so that what was decided on one of them is found in another.

    Args:
        current: Hash of the text that it has; empty where it had no other one.
        corrections: Payloads of its ``TEXT`` events, in order, undone or not.
    """

    current: str = ""
    corrections: tuple[Mapping[str, Any], ...] = ()

    def way(self, content_hash: str) -> list[tuple[Mapping[str, Any], int]]:
        """Corrections that lead from a text to the current one, each with 0 where it is gone back."""
        ways: dict[str, list[tuple[Mapping[str, Any], int]]] = {content_hash: []}
        waiting = [content_hash] if self.current and content_hash else []
        while waiting and self.current not in ways:
            here = waiting.pop(0)
            for each in self.corrections:
                for forward, (start, end) in ((1, each["hashes"]), (0, reversed(each["hashes"]))):
                    if start == here and end not in ways:
                        ways[end] = [*ways[here], (each, forward)]
                        waiting.append(end)
        return ways.get(self.current, [])

    def carried(self, change: Change, content_hash: str) -> Change | None:
        """A change as it is on the current text; ``None`` where its words do not stand there."""
        for correction, forward in self.way(content_hash):
            blocks = _blocks(correction, forward)
            key, values = place_in(blocks, *change.mention.key[:2]), dict(change.values)
            span = (values.get("start", change.mention.start), values.get("end", change.mention.end))
            moved = place_in(blocks, *span)
            if key is None or moved is None:
                return None
            values |= {n: at for n, at in zip(("start", "end"), moved, strict=True) if n in values}
            flags = correction["flags"].get(f"{key[0]}-{key[1]}") if forward else None
            m = change.mention
            m = replace(
                m,
                key=(*key, m.key[2]),
                start=key[0],
                end=key[1],
                flags=m.flags if flags is None else tuple(flags),
            )
            change = Change(m, values)
        return change

    def place(self, content_hash: str, start: int, end: int) -> tuple[int, int] | None:
        """Where characters of one of its texts stand in the current one, if all of them do."""
        found: tuple[int, int] | None = (start, end)
        for correction, forward in self.way(content_hash):
            found = found and place_in(_blocks(correction, forward), *found)
        return found


def _blocks(correction: Mapping[str, Any], forward: int) -> list[Block]:
    """The blocks of a correction, from the text before or, gone back, from the one after."""
    return [b if forward else (b[1], b[0], *b[2:]) for b in correction["blocks"]]


def place_in(blocks: Sequence[Block], start: int, end: int) -> tuple[int, int] | None:
    """Where characters ``[start, end)`` of one text stand in the other; ``None`` where not all of them do."""
    first = bisect_right(blocks, start, key=itemgetter(0)) - 1
    last = bisect_right(blocks, end - 1, key=itemgetter(0)) - 1
    if first < 0 or not all(block[3] for block in blocks[first + 1 : last + 1]):
        return None
    a, b = blocks[first], blocks[last]
    if start >= a[0] + a[2] or end > b[0] + b[2]:
        return None
    return start - a[0] + a[1], end - b[0] + b[1]


ONE_TEXT = Texts()
"""Of a document that has had no other text."""
NOTHING_JOINED: Mapping[str, str] = MappingProxyType({})


def fold_document(
    events: Iterable[Event], texts: Texts = ONE_TEXT, joined: Mapping[str, str] = NOTHING_JOINED
) -> DocumentState:
    """State of one document for one reviewer from its effective events, in order.

    Args:
        joined: Labels that are another one by now, see ``fold_joined``.

    Where the document has another text by now, decisions are carried over to it. It is reviewed no longer
    where one of them could not be, or where the text has new words; the flag says what to look at.
    """
    state = fold_carried(events, texts)[0]
    if not joined:
        return state
    return replace(state, mentions={key: m.joined(joined) for key, m in state.mentions.items()})


def fold_carried(events: Iterable[Event], texts: Texts) -> tuple[DocumentState, list[Mention]]:
    """The same, with the decided mentions that could not be carried over, as they stood in their text."""
    mentions: dict[Key, Mention] = {}
    lost: dict[Key, Mention] = {}
    order: dict[Key, tuple[int, int]] = {}
    state, reopened, carries, reflagged = DocumentState(), False, False, False
    for event in events:
        way = texts.way(event.content_hash) if texts.current else []
        if event.kind == "mentions":
            for index, row in enumerate(event.payload["changes"]):
                given = Change.from_json(row)
                change = texts.carried(given, event.content_hash) if way else given
                if change is None:
                    lost[given.mention.key] = given.apply_to(lost.get(given.mention.key), event.id)
                    continue
                key = change.mention.key
                mentions[key] = change.apply_to(mentions.get(key), event.id)
                order[key] = (event.id, index)
        elif event.kind == "done":
            state = replace(state, done=event.payload["done"], deferred=0)
            reopened = any(correction["new"][1 - forward] for correction, forward in way)
            carries = bool(way)
        elif event.kind == "defer":
            state = replace(state, deferred=event.id)
        elif event.kind == "flag":
            state = replace(state, flag=event.payload["note"])
            reflagged = bool(texts.current) and not way
        elif event.kind == "adjudicated":
            state = replace(state, adjudicated=event.payload["adjudicated"])
    gone = [m for m in lost.values() if m.is_verdict]
    if carries and (gone or reopened):
        state = replace(state, done=False)
    if gone and not reflagged:
        said = some(dict.fromkeys(f"“{m.surface_key}” {m.label}" for m in gone), _NAMED)
        note = f"the text has changed: look at {said}"
        state = replace(state, flag=f"{state.flag}; {note}" if state.flag else note)
    return replace(state, mentions=_without_overlap(mentions, order)), gone


_NAMED = 5
"""Mentions that could not be carried over, which the flag of a document names."""


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
    """Why documents are not in the project, from effective events in order; what is erased stays out."""
    out = (WITHDRAWN, ERASED)
    reasons = {event.document_id: event.payload["reason"] for event in events if event.kind in out}
    return {number: reason for number, reason in reasons.items() if reason is not None}


def fold_joined(payloads: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Labels that are another one, each with that one, from payloads of ``JOINED`` events that count."""
    found: dict[str, str] = {}
    for each in payloads:
        found |= {label: each["into"] for label, into in found.items() if into == each["name"]}
        found[each["name"]] = each["into"]
    return found


def fold_texts(events: Iterable[Event]) -> dict[int, Texts]:
    """The texts of documents that have had several, from a log with its undone steps."""
    kept = sorted(events, key=lambda event: event.id)
    undone = undone_steps(kept)
    return known_texts((each, each.step_id in undone) for each in kept if each.kind == TEXT)


def known_texts(events: Iterable[tuple[Event, bool]]) -> dict[int, Texts]:
    """The same from ``TEXT`` events in order, each with whether it is undone."""
    found: dict[int, Texts] = {}
    for each, undone in events:
        before, after = each.payload["hashes"]
        known = found.get(each.document_id, Texts(before))
        current = known.current if undone else after
        found[each.document_id] = Texts(current, (*known.corrections, each.payload))
    return found


def fold_project(events: Iterable[Event]) -> dict[tuple[int, int], DocumentState]:
    """State by ``(reviewer id, document id)`` from a whole log; a withdrawn document has none."""
    events = list(events)
    kept, texts = effective(events), fold_texts(events)
    gone, joined = fold_withdrawn(kept), fold_joined(e.payload for e in kept if e.kind == JOINED)
    grouped: dict[tuple[int, int], list[Event]] = {}
    for event in kept:
        if event.kind in DOCUMENT_KINDS and event.document_id not in gone:
            grouped.setdefault((event.reviewer_id, event.document_id), []).append(event)
    return {key: fold_document(group, texts.get(key[1], ONE_TEXT), joined) for key, group in grouped.items()}


Span = tuple[int, int, str]
"""Characters and label."""


def accepted(state: DocumentState) -> tuple[Span, ...]:
    """The accepted spans of a state, in order."""
    return tuple(sorted((m.start, m.end, m.label) for m in state.mentions.values() if m.status == "accepted"))
