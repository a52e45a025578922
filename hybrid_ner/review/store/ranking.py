"""What a document is worth to the reviewer, for each order of the queue.

The value of a span is the chance that it needs a correction, which follows what was decided about the
surface so far. Where one kind of mistake is looked for (similar spellings, new terms, overlaps), it is times
how often its surface still waits in the corpus: correcting a frequent term pays more, because its other
occurrences follow by a bulk step. The general orders leave that out: they would give document after document
with the same few words, of which a learner soon hears nothing new (``benchmarks/rounds.md``). A surface
counts once in a document, and a span that is decided no longer.

What is known of each surface is kept in the transaction of the step that changes it. A surface whose
documents became more valuable is ``behind``: the queue catches up with a few of its documents at a time, up
to the suggestion named there, and begins ``again`` when they became more valuable on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store.database import CHUNK, chunks, rows_in
from hybrid_ner.review.store.schema import ORDERS, document, mention, of_project, project, suggestion, surface
from hybrid_ner.text.offsets import Intervals

DISAGREEING = ("model", "rule", "rule≠model", "split")
_MARK_CHANCE = {"rule≠model": 0.5, "split": 0.5, "model": 0.4, "rule": 0.3}
"""Chance of a correction for a span whose sources disagree, before its score is looked at."""
_GENERAL = ("disagree", "uncertain")
UP_TO_DATE = -1
PRIOR = 4
"""Decisions that the chance known beforehand counts for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is known of a surface.

    Args:
        left: Suggestions of it that still wait, in the whole project.
        decided: Suggestions that were decided.
        corrected: Those of them that were rejected, relabeled or moved.
    """

    left: int = 1
    decided: int = 0
    corrected: int = 0

    def share(self, chance: float) -> float:
        """Chance of a correction.

        Args:
            chance: As it was before anything was decided.
        """
        return (PRIOR * chance + self.corrected) / (PRIOR + self.decided)

    def worth(self, chance: float) -> float:
        """Corrections to expect when one is decided and the others follow by a bulk step."""
        return self.share(chance) * max(1, self.left)


_UNKNOWN = Counts()


@dataclass(frozen=True, slots=True)
class Ranked:
    """What ranking needs of a suggestion."""

    start: int
    end: int
    score: float
    mark: str
    method: str
    surface_key: str


def document_values(
    spans: Sequence[Ranked], counts: Mapping[str, Counts], doc_id: str, mixed: bool
) -> dict[str, float]:
    """Value of a document by queue order.

    Args:
        spans: Its suggestions that wait, in order of start.
        counts: What is known of each surface.
        doc_id: Seeds the random order, which is therefore the same everywhere.
        mixed: Whether the project has both rule and model votes; with only one kind nothing disagrees.
    """
    parts: dict[str, dict[str, float]] = {order: {} for order in ORDERS}

    def count(order: str, span: Ranked, chance: float) -> None:
        found = counts.get(span.surface_key, _UNKNOWN)
        worth = found.share(chance) if order in _GENERAL else found.worth(chance)
        known = parts[order]
        known[span.surface_key] = max(known.get(span.surface_key, 0.0), worth)

    for span in spans:
        doubt = min(1.0, max(0.02, 1.0 - span.score))
        if mixed and span.mark in DISAGREEING:
            count("disagree", span, max(_MARK_CHANCE[span.mark], doubt))
        count("uncertain", span, 1.0 - abs(2.0 * span.score - 1.0))
        if span.method == "fuzzy":
            count("fuzzy", span, max(0.1, doubt))
        if span.mark == "model":
            count("new_terms", span, 0.5)
    for span in _overlapping(spans):
        count("conflicts", span, 0.5)
    values = {order: sum(known.values()) for order, known in parts.items()}
    values["random"] = int.from_bytes(hashlib.sha256(doc_id.encode()).digest()[:6], "big") / 2**48
    return values


def _overlapping(spans: Sequence[Ranked]) -> list[Ranked]:
    found, reach = [], None
    for span in spans:
        if reach is not None and span.start < reach.end:
            found += [reach, span]
        if reach is None or span.end > reach.end:
            reach = span
    return found


def rank_documents(connection: sa.Connection, project_id: int) -> None:
    """Compute the queue columns of every document of a project from what is shown and decided."""
    counts = count_surfaces(connection, project_id)
    marks = sa.select(suggestion.c.mark).where(suggestion.c.project_id == project_id, suggestion.c.shown)
    seen = set(connection.scalars(marks.distinct()))
    mixed = bool(seen & {"model", "rule+model", "rule≠model", "split"}) and bool(seen - {"model"})
    connection.execute(project.update().where(project.c.id == project_id).values(mixed=mixed))
    ids = connection.scalars(
        sa.select(document.c.id).where(of_project(project_id)).order_by(document.c.id)
    ).all()
    revalue(connection, project_id, ids, counts)


def revalue(
    connection: sa.Connection,
    project_id: int,
    ids: Sequence[int],
    counts: Mapping[str, Counts] | None = None,
    row: Any = None,
    *,
    wait: bool = True,
) -> None:
    """Compute the queue columns of some documents.

    Args:
        connection: A write transaction.
        counts: What is known of every surface; looked up when not given.
        row: The row of the project, when it is at hand.
        wait: Wait for documents that others are writing; they are passed over otherwise, to come up again.
    """
    mixed, reviews = _settings(connection, project_id, row)
    if not wait:
        ids = _unlocked(connection, ids)
    for part in chunks(ids):
        spans = _unsettled(_spans(connection, part), settled(connection, part), reviews)
        known = counts
        if known is None:
            keys = (span.surface_key for found in spans.values() for span in found)
            known = surface_counts(connection, project_id, keys, reviews)
        columns = (document.c.id, document.c.doc_id, *(document.c[f"by_{order}"] for order in ORDERS))
        changed: dict[tuple[str, ...], list[dict[str, float]]] = {}
        for key, doc_id, *stored in connection.execute(sa.select(*columns).where(document.c.id.in_(part))):
            values = document_values(spans.get(key, []), known, doc_id, mixed)
            # Negative, so that one ascending index gives the best document first and then the lower position.
            new = {f"by_{o}": -values[o] for o, old in zip(ORDERS, stored, strict=True) if old != -values[o]}
            changed.setdefault(tuple(new), []).append({"key": key, **new})
        _write(connection, changed)


def _unlocked(connection: sa.Connection, ids: Sequence[int]) -> Sequence[int]:
    """Lock documents; those that nobody else is writing."""
    if connection.dialect.name != "postgresql":
        return ids
    query = sa.select(document.c.id).where(document.c.id.in_(ids)).order_by(document.c.id)
    return connection.scalars(query.with_for_update(key_share=True, skip_locked=True)).all()


def shift_values(
    connection: sa.Connection,
    project_id: int,
    ids: Sequence[int],
    before: Mapping[str, Counts],
    were_settled: Mapping[int, Mapping[int, Decided]],
) -> None:
    """Move the queue columns of many documents by what a step changed, without looking at their other spans.

    Where the columns were behind they stay behind, until the documents come up.

    Args:
        connection: A write transaction.
        before: Counts before the step of every surface that it changed.
        were_settled: What ``settled`` said before the step.
    """
    mixed, reviews = _settings(connection, project_id)
    after = surface_counts(connection, project_id, before, reviews)
    for part in chunks(ids):
        spans = _spans(connection, part, before)
        then = _unsettled(spans, were_settled, reviews)
        now = _unsettled(spans, settled(connection, part), reviews)
        changed: dict[tuple[str, ...], list[dict[str, float]]] = {}
        for number in spans:
            old = document_values(then[number], before, "", mixed)
            new = document_values(now[number], after, "", mixed)
            delta = {f"by_{order}": old[order] - new[order] for order in ORDERS if old[order] != new[order]}
            changed.setdefault(tuple(delta), []).append({"key": number, **delta})
        _write(connection, changed, add=True)


def _settings(connection: sa.Connection, project_id: int, row: Any = None) -> tuple[bool, int]:
    if row is None:
        query = sa.select(project.c.mixed, project.c.settings).where(project.c.id == project_id)
        row = connection.execute(query).one()
    return row.mixed, int(row.settings.get("reviews", 1))


def _write(
    connection: sa.Connection, changed: Mapping[tuple[str, ...], list[dict[str, float]]], *, add: bool = False
) -> None:
    """Write only what changed: each column has an index of its own."""
    for names, rows in changed.items():
        if names:
            update = document.update().where(document.c.id == sa.bindparam("key"))
            new = {n: document.c[n] + sa.bindparam(n) if add else sa.bindparam(n) for n in names}
            connection.execute(update.values(new), rows)


def _spans(
    connection: sa.Connection, ids: Sequence[int], keys: Collection[str] | None = None
) -> dict[int, list[Ranked]]:
    """Suggestions shown, by document: all of them, or those of some surfaces."""
    s = suggestion.c
    query = (
        sa.select(s.document_id, s.start_char, s.end_char, s.score, s.mark, s.method, s.surface_key)
        .where(s.document_id.in_(ids), s.shown)
        .order_by(s.document_id, s.start_char)
    )
    if keys is not None and len(keys) <= CHUNK:
        query = query.where(s.surface_key.in_(keys))
    found: dict[int, list[Ranked]] = {}
    for number, *columns in connection.execute(query).all():
        span = Ranked(*columns)
        if keys is None or span.surface_key in keys:
            found.setdefault(number, []).append(span)
    return found


def _unsettled(
    spans: Mapping[int, list[Ranked]], decided: Mapping[int, Mapping[int, Decided]], reviews: int
) -> dict[int, list[Ranked]]:
    """The spans that fewer than ``reviews`` reviewers have settled."""
    found = dict(spans)
    for number in spans.keys() & decided.keys():
        theirs = decided[number].values()
        found[number] = [s for s in spans[number] if sum(each.settles(s) for each in theirs) < reviews]
    return found


class Decided:
    """What one reviewer decided in one document: a span, and with an accepted one all that overlap it."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.places = {(row.base_start, row.base_end) for row in rows}
        self.places |= {(row.start_char, row.end_char) for row in rows}
        self.accepted = Intervals([(r.start_char, r.end_char) for r in rows if r.status == "accepted"])

    def settles(self, span: Ranked) -> bool:
        """Whether a suggestion needs no decision of this reviewer any more."""
        return (span.start, span.end) in self.places or self.accepted.overlap(span.start, span.end)


def settled(connection: sa.Connection, ids: Sequence[int]) -> dict[int, dict[int, Decided]]:
    """What each reviewer decided in each document."""
    m = mention.c
    columns = (m.document_id, m.reviewer_id, m.base_start, m.base_end, m.start_char, m.end_char, m.status)
    query = sa.select(*columns).where(m.status != "open")
    found: dict[int, dict[int, list[Any]]] = {}
    for row in rows_in(connection, query, m.document_id, ids):
        found.setdefault(row.document_id, {}).setdefault(row.reviewer_id, []).append(row)
    return {n: {who: Decided(rows) for who, rows in theirs.items()} for n, theirs in found.items()}


def left_behind(connection: sa.Connection, project_id: int, limit: int) -> list[int]:
    """Some documents of surfaces that are behind, to be computed anew now; later calls name the others."""
    query = sa.select(surface).where(surface.c.project_id == project_id, surface.c.behind > UP_TO_DATE)
    found: set[int] = set()
    # In order: which documents are computed anew decides what the queue gives next, on every engine.
    first = query.order_by(surface.c.surface_key).limit(limit).with_for_update(skip_locked=True)
    for row in connection.execute(first).all():
        if len(found) < limit:
            found.update(_catch_up(connection, row, limit - len(found)))
    return sorted(found)


def _catch_up(connection: sa.Connection, row: Any, limit: int) -> set[int]:
    s = suggestion.c
    ahead = sa.select(s.id, s.document_id).where(
        s.project_id == row.project_id, s.surface_key == row.surface_key, s.id > row.behind, s.shown
    )
    found = connection.execute(ahead.order_by(s.id).limit(limit)).all()
    done = len(found) < limit
    values = {"behind": 0 if row.again else UP_TO_DATE, "again": False} if done else {"behind": found[-1].id}
    where = (surface.c.project_id == row.project_id, surface.c.surface_key == row.surface_key)
    connection.execute(surface.update().where(*where).values(**values))
    return {each.document_id for each in found}


_OF = mention.c
_CORRECTED = (
    (_OF.status == "rejected")
    | (_OF.label != _OF.base_label)
    | (_OF.start_char != _OF.base_start)
    | (_OF.end_char != _OF.base_end)
)
TALLIED = (
    sa.select(_OF.base_surface, sa.func.count(), sa.func.sum(sa.case((_CORRECTED, 1), else_=0)))
    .where(_OF.status != "open", _OF.mark.not_in(("reviewer", "gazetteer")))
    .group_by(_OF.base_surface)
)
"""Surface, decided and corrected suggestions, for the mentions that a condition is added for."""


def surface_counts(
    connection: sa.Connection, project_id: int, keys: Iterable[str], reviews: int = 0
) -> dict[str, Counts]:
    """Counts of these surfaces; ``reviews`` of the project is looked up when not given."""
    reviews = reviews or _settings(connection, project_id)[1]
    query = sa.select(surface).where(surface.c.project_id == project_id)
    rows = rows_in(connection, query, surface.c.surface_key, sorted(set(keys)))
    return {row.surface_key: _counts(row._mapping, reviews) for row in rows}


def _counts(row: Any, reviews: int) -> Counts:
    left = max(0, reviews * row["suggested"] - row["decided"])
    return Counts(left, row["decided"], row["corrected"])


def count_surfaces(
    connection: sa.Connection, project_id: int, keys: Sequence[str] | None = None
) -> dict[str, Counts]:
    """Count all over again what is shown and decided; the counts.

    Args:
        keys: Count these surfaces alone; the queue then catches up with their documents.
    """
    m, s = mention.c, suggestion.c
    suggested: list[Any] = []
    decided: dict[str, tuple[int, int]] = {}
    for part in [None] if keys is None else chunks(keys):
        held, shown, done = (
            sa.true() if part is None else column.in_(part)
            for column in (surface.c.surface_key, s.surface_key, m.base_surface)
        )
        connection.execute(surface.delete().where(surface.c.project_id == project_id, held))
        query = sa.select(s.surface_key, sa.func.count()).where(s.project_id == project_id, s.shown, shown)
        suggested += connection.execute(query.group_by(s.surface_key)).all()
        query = TALLIED.where(m.project_id == project_id, done)
        decided |= {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    names = ("surface_key", "suggested", "decided", "corrected")
    of = {"project_id": project_id, "behind": UP_TO_DATE if keys is None else 0, "again": False}
    counted = ((key, count, *decided.get(key, (0, 0))) for key, count in suggested)
    rows = [{**of, **dict(zip(names, each, strict=True))} for each in counted]
    if rows:
        connection.execute(surface.insert(), rows)
    reviews = _settings(connection, project_id)[1]
    return {row["surface_key"]: _counts(row, reviews) for row in rows}


ORDER_WORDS = {
    "disagree": "rules and model disagree",
    "uncertain": "least certain first",
    "fuzzy": "similar spellings",
    "new-terms": "new terms of the model",
    "conflicts": "overlapping suggestions",
    "random": "random",
    "flagged": "flagged",
    "mine": "begun by me, not finished",
    "again": "reviewed by me, with something new",
}
"""The orders of the queue, for people."""


def order_words(order: str) -> str:
    """An order in words; one that has none, as it was typed."""
    return ORDER_WORDS.get(order, order)
