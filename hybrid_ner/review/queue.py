"""Which document comes next, how many are left, and the queue as a list."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store.card import CLAIM_SECONDS, holds
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.ranking import left_behind, revalue
from hybrid_ner.review.store.schema import (
    ORDERS,
    assignment,
    count_documents,
    document,
    document_state,
    mention,
    of_project,
    reviewer,
    suggestion,
)

LISTS = ("flagged", "mine", "again")
ORDER_NAMES = tuple(order.replace("_", "-") for order in ORDERS) + LISTS
BEGINNING = 160
"""Characters of the text in a row of the queue."""

AHEAD, ROUNDS, BEHIND = 4, 2, 4
"""Documents valued anew before going on: at a time, how often at most, and of a surface left behind."""
At = tuple[float, int]
"""Where a document stands in an order; the smaller comes first, of equal ones by position."""


def _stale() -> sa.ColumnElement[bool]:
    """``holds`` of every document, the other way round."""
    now = time.time()
    return ~document.c.claimed_at.between(now - CLAIM_SECONDS, now + CLAIM_SECONDS)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One document of the queue, best first; ``begins`` is the beginning of its text on one line.

    Of the ``suggestions`` the less likely ones are not counted, as on the page. It is ``begun`` where this
    reviewer has decided something in it, ``given`` to those whom it was dealt to, and ``finished`` by those
    who have reviewed it.
    """

    doc_id: str
    position: int
    value: float
    suggestions: int
    done: bool
    deferred: bool
    flag: str = ""
    claimed_by: str = ""
    begins: str = ""
    begun: bool = False
    given: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()


def decided_by(reviewer_id: int) -> sa.ColumnElement[bool]:
    """Whether a reviewer decided a suggestion, or accepted a span that overlaps it."""
    s, m = suggestion.c, mention.c
    same = (m.base_start == s.start_char) & (m.base_end == s.end_char) & (m.copy == 0)
    twin = (m.start_char == s.start_char) & (m.end_char == s.end_char)
    over = (m.status == "accepted") & (m.start_char < s.end_char) & (s.start_char < m.end_char)
    return sa.exists().where(m.reviewer_id == reviewer_id, m.document_id == s.document_id, same | twin | over)


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one reviewer.

    Args:
        order: One of ``ORDER_NAMES``.
        limit: Only the first so many documents of the order; 0 for all.
        reviews: Reviews that a document needs.
        dealt: Documents were given to reviewers.
        mine: Some of them to this one, who has these alone in the queue, whoever else has reviewed them.
    """

    project_id: int
    reviewer_id: int
    order: str = "disagree"
    limit: int = 0
    reviews: int = 1
    dealt: bool = False
    mine: bool = False

    @property
    def value(self) -> sa.ColumnElement[Any]:
        """Minus the value of a document; in a list, when it was skipped, so that skipped ones come last."""
        if self.order in LISTS:
            return sa.func.coalesce(document_state.c.deferred, 0)
        return document.c[f"by_{self.order.replace('-', '_')}"]

    def following(
        self, connection: sa.Connection, current: int | None, at: At | None = None, *, take: bool = False
    ) -> int | None:
        """The document to go to from ``current``; ``None`` when no other one waits.

        Args:
            at: How far the reviewer has come; by default the place of ``current``.
            take: Lock its row, passing over those that others are taking at this moment.
        """
        at = at or self.place(connection, current)
        for after in (at, None) if at else (None,):
            found = self.ahead(connection, current, after, 1, take=take)
            if found:
                return found[0][0]
        return None if self.order in LISTS else self._first_deferred(connection, current)

    def look_ahead(
        self, connection: sa.Connection, current: int | None, at: At | None, row: Any
    ) -> At | None:
        """Value anew what could come next, until the best of it is up to date.

        Args:
            connection: A write transaction.
            at: How far the reviewer has come.

        Returns:
            Where to go on from: before ``at`` when a document that lay ahead has become more valuable.
        """
        if self.order in LISTS:
            return at
        behind = left_behind(connection, self.project_id, BEHIND)
        at = self._value_anew(connection, self.places(connection, behind) if behind else {}, at, row)
        seen: set[int] = set()
        for _ in range(ROUNDS):
            found = self.ahead(connection, current, at, AHEAD)
            if not found or found[0][0] in seen:
                break
            new = {number: place for number, place in found if number not in seen}
            at = self._value_anew(connection, new, at, row)
            seen.update(new)
        return at

    def _value_anew(
        self, connection: sa.Connection, before: Mapping[int, At], at: At | None, row: Any
    ) -> At | None:
        """Value documents anew that have stood at these places."""
        if not before:
            return at
        revalue(connection, self.project_id, list(before), row=row, wait=False)
        if at is None:
            return None
        after = self.places(connection, list(before))
        risen = [(after[n][0], after[n][1] - 1) for n in before if after[n] < at < before[n]]
        return min([at, *risen])

    def place(self, connection: sa.Connection, number: int | None) -> At | None:
        return None if number is None else self.places(connection, [number]).get(number)

    def take(self, connection: sa.Connection, current: int | None, following: int | None) -> At | None:
        """Free ``current`` and take ``following``, unless somebody else has it open; where that stands."""
        if current is not None:
            mine = (document.c.id == current) & (document.c.claimed_by == self.reviewer_id)
            connection.execute(document.update().where(mine).values(claimed_by=None))
        if following is not None:
            free = document.c.claimed_by.is_(None) | _stale()
            mine_now = {"claimed_by": self.reviewer_id, "claimed_at": time.time()}
            connection.execute(document.update().where(document.c.id == following, free).values(mine_now))
        return self.place(connection, following)

    def places(self, connection: sa.Connection, numbers: Sequence[int]) -> dict[int, At]:
        query = sa.select(document.c.id, self.value, document.c.position).where(document.c.id.in_(numbers))
        if self.order in LISTS:
            query = query.outerjoin(document_state, self.my_state())
        return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def ahead(
        self,
        connection: sa.Connection,
        current: int | None,
        after: At | None,
        limit: int,
        *,
        take: bool = False,
    ) -> list[tuple[int, At]]:
        """The next documents that wait, with their places, best first; in a value order none was skipped."""
        found: list[tuple[int, At]] = []
        place = document.c.position
        for query in self._waiting(document_state.c.deferred.is_(None) | (document_state.c.deferred == 0)):
            if current is not None:
                query = query.where(document.c.id != current)
            if after is not None:
                query = query.where(sa.tuple_(self.value, place) > sa.tuple_(*map(sa.literal, after)))
            query = query.order_by(self.value, place).limit(limit)
            if take:
                query = query.with_for_update(key_share=True, skip_locked=True, of=document)
            rows = connection.execute(query)
            found += [(row[0], (row[1], row[2])) for row in rows]
        return sorted(found, key=lambda each: each[1])[:limit]

    def _first_deferred(self, connection: sa.Connection, current: int | None) -> int | None:
        candidates = []
        for query in self._waiting(document_state.c.deferred > 0):
            query = query.add_columns(document_state.c.deferred).order_by(
                document_state.c.deferred, document.c.position
            )
            candidates += [row for row in connection.execute(query.limit(2)) if row[0] != current]
        return min(candidates, key=lambda row: (row[3], row[2]))[0] if candidates else None

    def _waiting(self, deferred: sa.ColumnElement[bool]) -> list[sa.Select[Any]]:
        """Queries for the documents that wait: one for each number of finished reviews, for the index."""
        state = document_state.c
        columns = (document.c.id, self.value.label("value"), document.c.position)
        if self.order in LISTS:
            query = sa.select(*columns).join(document_state, self.my_state())
            return [self.limited(query.where(of_project(self.project_id), self.listed()))]
        query = sa.select(*columns).outerjoin(document_state, self.my_state())
        query = query.where(
            of_project(self.project_id), state.done.is_(None) | state.done.is_(False), deferred
        )
        query = query.where(self.scope())
        if self.mine:
            return [self.limited(query)]
        queries = [self.limited(query.where(document.c.done_count == done)) for done in range(self.reviews)]
        return [*queries[:-1], queries[-1].where(self._free())]

    def scope(self, number: sa.ColumnElement[int] = document.c.id) -> sa.ColumnElement[bool]:
        """The documents that this reviewer is asked to look at: those given to the reviewer, or to nobody."""
        if not self.dealt:
            return sa.true()
        a = assignment.c
        given = sa.select(a.document_id).where(a.project_id == self.project_id)
        if self.mine:
            return number.in_(given.where(a.reviewer_id == self.reviewer_id))
        return number.not_in(given)

    def finished(self) -> sa.Select[Any]:
        """The documents that this reviewer has finished."""
        state = document_state.c
        return sa.select(state.document_id).where(state.reviewer_id == self.reviewer_id, state.done)

    def waits(self, number: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether a document waits for this reviewer, whoever has it open."""
        found = self.scope(number) & number.not_in(self.finished())
        if self.mine:
            return found
        enough = sa.select(document.c.id).where(of_project(self.project_id))
        return found & number.not_in(enough.where(document.c.done_count >= self.reviews))

    def _free(self) -> sa.ColumnElement[bool]:
        """Nobody else has it open, so that its last review is not done twice."""
        claimed, theirs = document.c.claimed_by, document_state.alias()
        # Whoever still has the document open has reviewed it already.
        finished = sa.exists().where(
            theirs.c.document_id == document.c.id, theirs.c.reviewer_id == claimed, theirs.c.done
        )
        return claimed.is_(None) | (claimed == self.reviewer_id) | _stale() | finished

    def my_state(self) -> sa.ColumnElement[bool]:
        """Join of a document and what this reviewer decided in it."""
        same = document_state.c.document_id == document.c.id
        return same & (document_state.c.reviewer_id == self.reviewer_id)

    def limited(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Only documents among the first of the order."""
        if not self.limit:
            return query
        first = document.alias()
        top = sa.select(first.c.id).where(of_project(self.project_id, first))
        if self.order in LISTS:
            state = document_state.alias()
            mine = (state.c.document_id == first.c.id) & (state.c.reviewer_id == self.reviewer_id)
            top = top.join(state, mine).where(self.listed(state)).order_by(first.c.position)
        else:
            top = top.order_by(first.c[f"by_{self.order.replace('-', '_')}"], first.c.position)
        return query.where(document.c.id.in_(top.limit(self.limit)))

    def listed(self, state: Any = document_state) -> sa.ColumnElement[bool]:
        """Whether a document is in the list."""
        found: sa.ColumnElement[bool] = {
            "flagged": state.c.flag.is_not(None),
            "mine": state.c.done.is_(False),
            "again": state.c.done & self.likely_open(state.c.document_id),
        }[self.order]
        return found

    def likely_open(self, number: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether a likely suggestion of a document is not decided by this reviewer."""
        s = suggestion.c
        return sa.exists().where(s.document_id == number, s.shown, s.chosen, ~decided_by(self.reviewer_id))

    def all_decided(self) -> sa.ColumnElement[bool]:
        """Whether a document waits in which this reviewer has decided all that is likely."""
        m, number = mention.c, document.c.id
        mine = sa.exists().where(m.document_id == number, m.reviewer_id == self.reviewer_id)
        waits = of_project(self.project_id) & self.waits(number)
        return waits & mine & ~mine.where(m.status == "open") & ~self.likely_open(number)

    def left(self, connection: sa.Connection) -> int:
        """Documents that still need a review by this reviewer; the length of a list."""
        every = document.outerjoin(document_state, self.my_state())
        counted = sa.select(sa.func.count()).select_from(every)
        counted = counted.where(of_project(self.project_id))
        if self.order in LISTS:
            return self._count(connection, counted.where(self.listed()))
        if self.dealt:
            return self._count(connection, counted.where(self.waits(document.c.id)))
        left = self._unfinished(connection)
        if self.reviews == 1:
            return left
        done = counted.where(document.c.done_count < self.reviews, document_state.c.done)
        return left - self._count(connection, done)

    def held(self, connection: sa.Connection) -> tuple[str, ...]:
        """Who has a document open that this reviewer would have next; see ``CLAIM_SECONDS``."""
        claimed, state = document.c.claimed_by, document_state.c
        query = (
            sa.select(reviewer.c.name)
            .distinct()
            .select_from(
                document.join(reviewer, reviewer.c.id == claimed).outerjoin(document_state, self.my_state())
            )
            .where(of_project(self.project_id), state.done.is_not(sa.true()))
            .where(document.c.done_count < self.reviews, self.scope(), ~self._free())
        )
        return tuple(connection.scalars(query.order_by(reviewer.c.name)))

    def _count(self, connection: sa.Connection, query: sa.Select[Any]) -> int:
        return int(connection.scalar(self.limited(query)) or 0)

    def _unfinished(self, connection: sa.Connection) -> int:
        """Documents that need another review by anybody; few are finished, so those are counted."""
        mine = of_project(self.project_id)
        if self.limit:
            query = sa.select(sa.func.count()).where(mine, document.c.done_count < self.reviews)
            return self._count(connection, query)
        query = sa.select(sa.func.count()).where(mine, document.c.done_count >= self.reviews)
        return count_documents(connection, self.project_id) - int(connection.scalar(query) or 0)


def dealt(connection: sa.Connection, project_id: int, reviewer_id: int) -> tuple[bool, bool]:
    """Whether documents of a project were given to anybody, and to this reviewer."""
    a = assignment.c
    somebody = sa.exists().where(a.project_id == project_id)
    me = sa.exists().where(a.project_id == project_id, a.reviewer_id == reviewer_id)
    row = connection.execute(sa.select(somebody, me)).one()
    return bool(row[0]), bool(row[1])


def queue_rows(
    queue: Queue,
    connection: sa.Connection,
    limit: int = 100,
    offset: int = 0,
    search: str = "",
    *,
    everybody: bool = False,
) -> list[QueueRow]:
    """The documents in this order, those that wait first.

    Args:
        everybody: Also those that were given to others alone.
    """
    ids = _ids(queue, connection, limit + offset, search, everybody=everybody)[offset:]
    mine = document_state.c
    columns = [c for c in document.c if c.name not in ("text", "meta")]
    begins = sa.func.substr(document.c.text, 1, BEGINNING).label("begins")
    done = sa.func.coalesce(mine.done, sa.false()).label("done")
    deferred = sa.func.coalesce(mine.deferred, 0).label("deferred")
    m = mention.c
    begun = (
        sa.exists().where(m.document_id == document.c.id, m.reviewer_id == queue.reviewer_id).label("begun")
    )
    state = (done, deferred, mine.flag, reviewer.c.name, begun)
    query = (
        sa.select(*columns, begins, queue.value.label("value"), *state)
        .outerjoin(document_state, queue.my_state())
        .outerjoin(reviewer, reviewer.c.id == document.c.claimed_by)
        .where(document.c.id.in_(ids))
    )
    found = {row.id: row for row in connection.execute(query)}
    counted = sa.select(suggestion.c.document_id, sa.func.count()).where(
        suggestion.c.document_id.in_(ids), suggestion.c.shown, suggestion.c.chosen
    )
    rows = connection.execute(counted.group_by(suggestion.c.document_id))
    counts = {row[0]: row[1] for row in rows}
    given = _people(connection, assignment, ids)
    finished = _people(connection, document_state, ids, document_state.c.done)
    return [
        replace(
            _row(queue, found[number], counts.get(number, 0)),
            given=given.get(number, ()),
            finished=finished.get(number, ()),
        )
        for number in ids
    ]


def _people(
    connection: sa.Connection, table: sa.Table, ids: Sequence[int], *conditions: sa.ColumnElement[bool]
) -> dict[int, tuple[str, ...]]:
    """Names of the reviewers in the rows of a table, by document, in order of arrival."""
    query = sa.select(table.c.document_id, reviewer.c.name).where(*conditions)
    query = query.join(reviewer, reviewer.c.id == table.c.reviewer_id).order_by(reviewer.c.id)
    found: dict[int, tuple[str, ...]] = {}
    for number, name in rows_in(connection, query, table.c.document_id, ids):
        found[number] = (*found.get(number, ()), name)
    return found


def _ids(
    queue: Queue, connection: sa.Connection, count: int, search: str, *, everybody: bool = False
) -> list[int]:
    """The first documents of the order: those that wait come from the index, the rest is sorted."""
    mine, place = document_state.c, document.c.position
    query = queue.limited(
        sa.select(document.c.id)
        .outerjoin(document_state, queue.my_state())
        .where(of_project(queue.project_id), sa.true() if everybody else queue.scope())
    )
    if search:
        query = query.where(document.c.doc_id.icontains(search, autoescape=True))
    if queue.order in LISTS:
        listed = query.where(queue.listed()).order_by(queue.value, place)
        return list(connection.scalars(listed.limit(count)))
    waits = (mine.done.is_(None) | mine.done.is_(False)) & (mine.deferred.is_(None) | (mine.deferred == 0))
    ids: list[int] = []
    if queue.mine:
        ids = list(connection.scalars(query.where(waits).order_by(queue.value, place).limit(count)))
        query = query.where(~waits)
    elif queue.reviews == 1:
        first = query.where(document.c.done_count == 0, waits).order_by(queue.value, place)
        ids = list(connection.scalars(first.limit(count)))
        query = query.where((document.c.done_count > 0) | ~waits)
    if len(ids) < count:
        done, deferred = sa.func.coalesce(mine.done, sa.false()), sa.func.coalesce(mine.deferred, 0)
        rest = query.order_by(done, deferred, queue.value, place).limit(count - len(ids))
        ids += connection.scalars(rest)
    return ids


def _row(queue: Queue, row: Any, count: int) -> QueueRow:
    fresh = holds(row.claimed_at) and row.claimed_by != queue.reviewer_id
    claimed = row.name if row.name and fresh else ""
    value = 0.0 if queue.order in LISTS else 0.0 - row.value
    flag = row.flag or ""
    begins = " ".join(row.begins.split())
    state = (bool(row.done), bool(row.deferred), flag, claimed, begins, bool(row.begun))
    return QueueRow(row.doc_id, row.position, value, count, *state)
