"""What a document is worth to the reviewer, for each order of the queue.

The value of a span is the chance that it needs a correction times how often its surface is suggested in
the corpus: correcting a frequent term pays more, because its other occurrences follow by a bulk step.
A surface counts once in a document.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.projection import chunks
from hybrid_ner.review.schema import ORDERS, document, suggestion

__all__ = ["Ranked", "document_values", "rank_documents"]

DISAGREEING = ("model", "rule", "rule≠model")
_MARK_CHANCE = {"rule≠model": 0.5, "model": 0.4, "rule": 0.3}
"""Chance of a correction for a span whose sources disagree, before its score is looked at."""


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
    spans: Sequence[Ranked], frequency: Mapping[str, int], doc_id: str, mixed: bool
) -> dict[str, float]:
    """Value of a document by queue order.

    Args:
        spans: Its suggestions in order of start.
        frequency: How often each surface is suggested in the corpus.
        doc_id: Seeds the random order, which is therefore the same everywhere.
        mixed: Whether the project has both rule and model votes; with only one kind nothing disagrees.
    """
    parts: dict[str, dict[str, float]] = {order: {} for order in ORDERS}

    def count(order: str, span: Ranked, chance: float) -> None:
        worth = chance * frequency.get(span.surface_key, 1)
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
    """Compute the queue columns of every document of a project from the suggestions now shown."""
    frequency = _frequencies(connection, project_id)
    marks = set(connection.scalars(_shown(project_id, suggestion.c.mark).distinct()))
    mixed = bool(marks & {"model", "rule+model", "rule≠model"}) and bool(marks - {"model"})
    columns = (suggestion.c.start_char, suggestion.c.end_char, suggestion.c.score, suggestion.c.mark)
    columns_more = (suggestion.c.method, suggestion.c.surface_key)
    ids = connection.execute(
        sa.select(document.c.id, document.c.doc_id)
        .where(document.c.project_id == project_id)
        .order_by(document.c.id)
    ).all()
    for part in chunks(ids):
        found = _spans_of(connection, [row[0] for row in part], (*columns, *columns_more))
        updates = [
            {"key": key, **_columns(document_values(found.get(key, []), frequency, doc_id, mixed))}
            for key, doc_id in part
        ]
        connection.execute(_UPDATE, updates)


_UPDATE = (
    document.update()
    .where(document.c.id == sa.bindparam("key"))
    .values({f"by_{order}": sa.bindparam(order) for order in ORDERS})
)


def _columns(values: Mapping[str, float]) -> dict[str, float]:
    # Negative, so that one ascending index gives the best document first and then the lower position.
    return {order: -values[order] for order in ORDERS}


def _shown(project_id: int, *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(suggestion.c.project_id == project_id, suggestion.c.shown)


def _frequencies(connection: sa.Connection, project_id: int) -> Counter[str]:
    query = _shown(project_id, suggestion.c.surface_key, sa.func.count()).group_by(suggestion.c.surface_key)
    return Counter(dict(tuple(row) for row in connection.execute(query)))


def _spans_of(
    connection: sa.Connection, ids: Sequence[int], columns: Iterable[Any]
) -> dict[int, list[Ranked]]:
    query = (
        sa.select(suggestion.c.document_id, *columns)
        .where(suggestion.c.document_id.in_(ids), suggestion.c.shown)
        .order_by(suggestion.c.document_id, suggestion.c.start_char)
    )
    rows = connection.execute(query)
    return {key: [Ranked(*row[1:]) for row in group] for key, group in groupby(rows, key=lambda r: r[0])}
