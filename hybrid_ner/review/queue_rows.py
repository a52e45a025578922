"""The queue as a list, for a page that shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.queue import CLAIM_SECONDS, LISTS, Queue
from hybrid_ner.review.schema import document, document_state, reviewer, suggestion
from hybrid_ner.review.view import QueueRow

__all__ = ["queue_rows"]


def queue_rows(
    queue: Queue, connection: sa.Connection, limit: int = 100, offset: int = 0, search: str = ""
) -> list[QueueRow]:
    """The documents in this order, those that wait first."""
    ids = _ids(queue, connection, limit + offset, search)[offset:]
    mine = document_state.c
    columns = [c for c in document.c if c.name not in ("text", "meta")]
    done = sa.func.coalesce(mine.done, sa.false()).label("done")
    deferred = sa.func.coalesce(mine.deferred, 0).label("deferred")
    query = (
        sa.select(*columns, queue.value.label("value"), done, deferred, mine.flag, reviewer.c.name)
        .outerjoin(document_state, queue.my_state())
        .outerjoin(reviewer, reviewer.c.id == document.c.claimed_by)
        .where(document.c.id.in_(ids))
    )
    found = {row.id: row for row in connection.execute(query)}
    counts = _suggested(connection, ids)
    return [_row(queue, found[number], counts.get(number, 0)) for number in ids]


def _ids(queue: Queue, connection: sa.Connection, count: int, search: str) -> list[int]:
    """The first documents of the order: those that wait come from the index, the rest is sorted."""
    mine, place = document_state.c, document.c.position
    query = queue.limited(
        sa.select(document.c.id)
        .outerjoin(document_state, queue.my_state())
        .where(document.c.project_id == queue.project_id)
    )
    if search:
        query = query.where(document.c.doc_id.icontains(search, autoescape=True))
    if queue.order in LISTS:
        listed = query.where(queue.listed()).order_by(queue.value, place)
        return list(connection.scalars(listed.limit(count)))
    waits = (mine.done.is_(None) | mine.done.is_(False)) & (mine.deferred.is_(None) | (mine.deferred == 0))
    ids: list[int] = []
    if queue.reviews == 1:
        first = query.where(document.c.done_count == 0, waits).order_by(queue.value, place)
        ids = list(connection.scalars(first.limit(count)))
        query = query.where((document.c.done_count > 0) | ~waits)
    if len(ids) < count:
        done, deferred = sa.func.coalesce(mine.done, sa.false()), sa.func.coalesce(mine.deferred, 0)
        rest = query.order_by(done, deferred, queue.value, place).limit(count - len(ids))
        ids += connection.scalars(rest)
    return ids


def _row(queue: Queue, row: Any, count: int) -> QueueRow:
    fresh = row.claimed_at >= time.time() - CLAIM_SECONDS and row.claimed_by != queue.reviewer_id
    claimed = row.name if row.name and fresh else ""
    value = 0.0 if queue.order in LISTS else 0.0 - row.value
    flag = row.flag or ""
    return QueueRow(row.doc_id, row.position, value, count, bool(row.done), bool(row.deferred), flag, claimed)


def _suggested(connection: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    query = sa.select(suggestion.c.document_id, sa.func.count()).where(
        suggestion.c.document_id.in_(ids), suggestion.c.shown
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(suggestion.c.document_id))}
