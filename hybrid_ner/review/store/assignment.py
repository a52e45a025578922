"""Who reviews which documents, and how far each person is.

A lead deals documents out as a step of the log; the last deal that is not undone is in force. Whoever was
given documents has these alone in the queue; everybody else has those that were given to nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hybrid_ner.review.store.schema import assignment, document_state, event, mention, reviewer, step

ASSIGN = "assign"
"""Event kind: the whole deal, documents by reviewer."""
CHUNK = 5000
"""Rows in one insert."""
Deal = Mapping[int, Sequence[int]]
"""Rows of reviewers by the row of a document."""


def deal(
    documents: Sequence[int],
    reviewers: Sequence[int],
    each: int = 1,
    overlap: float = 0.0,
    known: Deal | None = None,
) -> dict[int, tuple[int, ...]]:
    """Give documents to reviewers, so that all have about as many and every two share some.

    Args:
        documents: Documents in order.
        reviewers: Who reviews.
        each: Reviewers of a document.
        overlap: Share of the documents, spread evenly, that one reviewer more gets.
        known: Who has documents already; they keep them, and what is missing is added.
    """
    known = known or {}
    load = Counter(dict.fromkeys(reviewers, 0))
    load.update(who for given in known.values() for who in given if who in load)
    pairs: Counter[tuple[int, int]] = Counter()
    found: dict[int, tuple[int, ...]] = {}
    for place, number in enumerate(documents):
        more = int((place + 1) * overlap + 1e-9) > int(place * overlap + 1e-9)
        chosen = list(known.get(number, ()))
        while len(chosen) < min(each + more, len(reviewers)):
            free = [who for who in reviewers if who not in chosen]
            if not free:
                break
            best = min(free, key=lambda who: (load[who], sum(pairs[_pair(who, c)] for c in chosen)))
            pairs.update(_pair(best, other) for other in chosen)
            load[best] += 1
            chosen.append(best)
        found[number] = tuple(chosen)
    return found


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def show_assignment(connection: sa.Connection, project_id: int) -> None:
    """Make the table agree with the last deal of the log that counts."""
    connection.execute(assignment.delete().where(assignment.c.project_id == project_id))
    query = (
        sa.select(event.c.payload)
        .join(step, step.c.id == event.c.step_id)
        .where(event.c.project_id == project_id, event.c.kind == ASSIGN, step.c.undone.is_(False))
        .order_by(event.c.id.desc())
        .limit(1)
    )
    payload = connection.scalar(query) or {}
    rows = [
        {"project_id": project_id, "reviewer_id": int(who), "document_id": number}
        for who, numbers in payload.items()
        for number in numbers
    ]
    for start in range(0, len(rows), CHUNK):
        connection.execute(assignment.insert(), rows[start : start + CHUNK])


def assigned(connection: sa.Connection, project_id: int) -> dict[int, tuple[int, ...]]:
    """Reviewers by document."""
    found: dict[int, tuple[int, ...]] = {}
    query = sa.select(assignment).where(assignment.c.project_id == project_id)
    for row in connection.execute(query.order_by(assignment.c.document_id, assignment.c.reviewer_id)):
        found[row.document_id] = (*found.get(row.document_id, ()), row.reviewer_id)
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is.

    Args:
        reviewer: Name.
        assigned: Documents given to the person, 0 when none were.
        done: Of those (of all documents, without an assignment) reviewed.
        shared: Of those given to others too.
        accepted: Spans accepted in all documents.
        rejected: Spans rejected.
        last: When the person did something last, ISO 8601; empty for never.
    """

    reviewer: str
    assigned: int
    done: int
    shared: int
    accepted: int
    rejected: int
    last: str


def progress(connection: sa.Connection, project_id: int) -> list[Progress]:
    """How far everybody is who was given documents or has done something, in order of arrival."""
    given = assigned(connection, project_id)
    done: dict[int, set[int]] = {}
    state = document_state.c
    finished = sa.select(state.reviewer_id, state.document_id).where(
        state.project_id == project_id, state.done
    )
    for who, number in connection.execute(finished):
        done.setdefault(who, set()).add(number)
    counted = sa.select(mention.c.reviewer_id, mention.c.status, sa.func.count())
    counted = counted.where(mention.c.project_id == project_id)
    grouped = connection.execute(counted.group_by(mention.c.reviewer_id, mention.c.status))
    spans = {(row[0], row[1]): int(row[2]) for row in grouped}
    latest = sa.select(step.c.reviewer_id, sa.func.max(step.c.at)).where(step.c.project_id == project_id)
    last = {row[0]: row[1] for row in connection.execute(latest.group_by(step.c.reviewer_id))}
    people = sa.select(reviewer.c.id, reviewer.c.name).where(reviewer.c.project_id == project_id)
    found = []
    for who, name in connection.execute(people.order_by(reviewer.c.id)):
        mine = {number for number, given_to in given.items() if who in given_to}
        if not mine and who not in last and who not in done:
            continue
        reviewed = done.get(who, set())
        found.append(
            Progress(
                name,
                len(mine),
                len(reviewed & mine if mine else reviewed),
                sum(len(given[number]) > 1 for number in mine),
                spans.get((who, "accepted"), 0),
                spans.get((who, "rejected"), 0),
                last.get(who, ""),
            )
        )
    return found
