"""Which document comes next, and how many are left.

Value orders lead through the documents that still need a review, best first; a document left open is
met again on the next round, a skipped one after all others. ``flagged`` and ``mine`` are plain lists.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.schema import ORDERS, document, document_state, reviewer, suggestion
from hybrid_ner.review.view import QueueRow

__all__ = ["CLAIM_SECONDS", "LISTS", "ORDER_NAMES", "Queue", "claim"]

LISTS = ("flagged", "mine")
ORDER_NAMES = tuple(order.replace("_", "-") for order in ORDERS) + LISTS
CLAIM_SECONDS = 1800.0
"""A document that another reviewer opened stays out of the queue for so long."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one reviewer.

    Args:
        project_id: Row of the project.
        reviewer_id: Row of the reviewer.
        order: One of ``ORDER_NAMES``.
        limit: Only the first so many documents of the order; 0 for all.
        reviews: Reviews that a document needs.
    """

    project_id: int
    reviewer_id: int
    order: str = "disagree"
    limit: int = 0
    reviews: int = 1

    @property
    def _value(self) -> sa.Column[Any]:
        return document.c[f"by_{self.order.replace('-', '_')}" if self.order not in LISTS else "by_random"]

    def following(self, connection: sa.Connection, current: int | None) -> int | None:
        """The document after ``current``: undecided ones first, then skipped ones; ``None`` at the end."""
        if self.order in LISTS:
            return self._next_of_list(connection, current)
        at = self._place(connection, current)
        for after in (at, None) if at else (None,):
            found = self._first(connection, current, after)
            if found is not None:
                return found
        return self._first_deferred(connection, current)

    def _place(self, connection: sa.Connection, current: int | None) -> tuple[float, int] | None:
        if current is None:
            return None
        row = connection.execute(
            sa.select(self._value, document.c.position).where(document.c.id == current)
        ).one_or_none()
        return (row[0], row[1]) if row else None

    def _first(
        self, connection: sa.Connection, current: int | None, after: tuple[float, int] | None
    ) -> int | None:
        best: tuple[float, int, int] | None = None
        for done in range(self.reviews):
            query = self._waiting(
                done, document_state.c.deferred.is_(None) | (document_state.c.deferred == 0)
            )
            if current is not None:
                query = query.where(document.c.id != current)
            if after is not None:
                here = sa.tuple_(self._value, document.c.position)
                query = query.where(here > sa.tuple_(*map(sa.literal, after)))
            row = connection.execute(query.order_by(self._value, document.c.position).limit(1)).one_or_none()
            if row is not None and (best is None or (row[1], row[2]) < best[:2]):
                best = (row[1], row[2], row[0])
        return best[2] if best else None

    def _first_deferred(self, connection: sa.Connection, current: int | None) -> int | None:
        candidates = []
        for done in range(self.reviews):
            query = self._waiting(done, document_state.c.deferred > 0)
            query = query.add_columns(document_state.c.deferred).order_by(document_state.c.deferred)
            candidates += [row for row in connection.execute(query.limit(2)) if row[0] != current]
        return min(candidates, key=lambda row: row[3])[0] if candidates else None

    def _waiting(self, done: int, deferred: sa.ColumnElement[bool]) -> sa.Select[Any]:
        mine = document_state.c.done
        query = (
            sa.select(document.c.id, self._value, document.c.position)
            .outerjoin(document_state, self._my_state())
            .where(
                document.c.project_id == self.project_id,
                document.c.done_count == done,
                mine.is_(None) | mine.is_(False),
                deferred,
            )
        )
        if done == self.reviews - 1:
            free = document.c.claimed_by.is_(None) | (document.c.claimed_by == self.reviewer_id)
            stale = document.c.claimed_at < time.time() - CLAIM_SECONDS
            query = query.where(free | stale | _finished_by_claimer())
        return self._limited(query)

    def _my_state(self) -> sa.ColumnElement[bool]:
        same = document_state.c.document_id == document.c.id
        return same & (document_state.c.reviewer_id == self.reviewer_id)

    def _limited(self, query: sa.Select[Any]) -> sa.Select[Any]:
        if not self.limit:
            return query
        first = document.alias()
        value = first.c[self._value.name]
        top = sa.select(first.c.id).where(first.c.project_id == self.project_id)
        return query.where(document.c.id.in_(top.order_by(value, first.c.position).limit(self.limit)))

    def _listed(self) -> sa.ColumnElement[bool]:
        if self.order == "flagged":
            return document_state.c.flag.is_not(None)
        return document_state.c.done.is_(False)

    def _next_of_list(self, connection: sa.Connection, current: int | None) -> int | None:
        at = connection.scalar(sa.select(document.c.position).where(document.c.id == current)) or 0
        query = (
            sa.select(document.c.id)
            .join(document_state, self._my_state())
            .where(document.c.project_id == self.project_id, self._listed(), document.c.position > at)
        )
        return connection.scalar(query.order_by(document.c.position).limit(1))

    def left(self, connection: sa.Connection) -> int:
        """Documents that still need a review by this reviewer."""
        if self.order in LISTS:
            query = sa.select(sa.func.count()).select_from(document)
            query = query.join(document_state, self._my_state())
            return int(
                connection.scalar(query.where(document.c.project_id == self.project_id, self._listed())) or 0
            )
        left = self._unfinished(connection)
        if self.reviews == 1:
            return left
        done = sa.select(sa.func.count()).select_from(document).join(document_state, self._my_state())
        done = done.where(
            document.c.project_id == self.project_id,
            document.c.done_count < self.reviews,
            document_state.c.done,
        )
        return left - int(connection.scalar(self._limited(done)) or 0)

    def _unfinished(self, connection: sa.Connection) -> int:
        """Documents that need another review by anybody; few are finished, so those are counted."""
        of_project = document.c.project_id == self.project_id
        if self.limit:
            query = sa.select(sa.func.count()).where(of_project, document.c.done_count < self.reviews)
            return int(connection.scalar(self._limited(query)) or 0)
        total = connection.scalar(sa.select(sa.func.max(document.c.position)).where(of_project))
        query = sa.select(sa.func.count()).where(of_project, document.c.done_count >= self.reviews)
        return int(total or 0) - int(connection.scalar(query) or 0)

    def rows(
        self, connection: sa.Connection, limit: int = 100, offset: int = 0, search: str = ""
    ) -> list[QueueRow]:
        """The documents in this order, those that wait first."""
        ids = self._ids(connection, limit + offset, search)[offset:]
        mine = document_state.c
        columns = [c for c in document.c if c.name not in ("text", "meta")]
        done = sa.func.coalesce(mine.done, sa.false()).label("done")
        deferred = sa.func.coalesce(mine.deferred, 0).label("deferred")
        query = (
            sa.select(*columns, done, deferred, mine.flag, reviewer.c.name)
            .outerjoin(document_state, self._my_state())
            .outerjoin(reviewer, reviewer.c.id == document.c.claimed_by)
            .where(document.c.id.in_(ids))
        )
        found = {row.id: row for row in connection.execute(query)}
        counts = _suggested(connection, ids)
        return [self._row(found[number], counts.get(number, 0)) for number in ids]

    def _ids(self, connection: sa.Connection, count: int, search: str) -> list[int]:
        """The first documents of the order: those that wait come from the index, the rest is sorted."""
        mine = document_state.c
        query = self._limited(
            sa.select(document.c.id)
            .outerjoin(document_state, self._my_state())
            .where(document.c.project_id == self.project_id)
        )
        if search:
            query = query.where(document.c.doc_id.icontains(search, autoescape=True))
        if self.order in LISTS:
            query = query.where(self._listed()).order_by(mine.done, mine.deferred, document.c.position)
            return list(connection.scalars(query.limit(count)))
        value, place = self._value, document.c.position
        waits = (mine.done.is_(None) | mine.done.is_(False)) & (
            mine.deferred.is_(None) | (mine.deferred == 0)
        )
        ids: list[int] = []
        if self.reviews == 1:
            first = query.where(document.c.done_count == 0, waits).order_by(value, place)
            ids = list(connection.scalars(first.limit(count)))
            query = query.where((document.c.done_count > 0) | ~waits)
        if len(ids) < count:
            done, deferred = sa.func.coalesce(mine.done, sa.false()), sa.func.coalesce(mine.deferred, 0)
            rest = query.order_by(done, deferred, value, place).limit(count - len(ids))
            ids += connection.scalars(rest)
        return ids

    def _row(self, row: Any, count: int) -> QueueRow:
        fresh = row.claimed_at >= time.time() - CLAIM_SECONDS and row.claimed_by != self.reviewer_id
        claimed = row.name if row.name and fresh else ""
        value = -row._mapping[self._value.name] if self.order not in LISTS else 0.0
        flag = row.flag or ""
        return QueueRow(
            row.doc_id, row.position, value, count, bool(row.done), bool(row.deferred), flag, claimed
        )


def _finished_by_claimer() -> sa.ColumnElement[bool]:
    """The reviewer who still has the document open has reviewed it already."""
    theirs = document_state.alias()
    return sa.exists().where(
        theirs.c.document_id == document.c.id, theirs.c.reviewer_id == document.c.claimed_by, theirs.c.done
    )


def _suggested(connection: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    query = sa.select(suggestion.c.document_id, sa.func.count()).where(
        suggestion.c.document_id.in_(ids), suggestion.c.shown
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(suggestion.c.document_id))}


def claim(connection: sa.Connection, reviewer_id: int, current: int | None, following: int | None) -> None:
    """Give ``current`` free and take ``following``, unless another reviewer has it open."""
    if current == following:
        return
    if current is not None:
        mine = (document.c.id == current) & (document.c.claimed_by == reviewer_id)
        connection.execute(document.update().where(mine).values(claimed_by=None))
    if following is not None:
        free = document.c.claimed_by.is_(None) | (document.c.claimed_at < time.time() - CLAIM_SECONDS)
        connection.execute(
            document.update()
            .where(document.c.id == following, free)
            .values(claimed_by=reviewer_id, claimed_at=time.time())
        )
