"""Who settled a document last, and what everybody had decided before anyone did."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from hybrid_ner.review.events import Event
from hybrid_ner.review.fold import DOCUMENT_KINDS, DocumentState, fold_document
from hybrid_ner.review.projection import chunks, load_states, to_event
from hybrid_ner.review.schema import event, step

__all__ = ["independent_states", "last_adjudicators"]

States = dict[tuple[int, int], DocumentState]
"""By reviewer and document."""


def last_adjudicators(connection: sa.Connection, documents: Sequence[int]) -> dict[int, int]:
    """The reviewer who adjudicated a document last, by document."""
    found: dict[int, int] = {}
    for each, _ in _events(connection, documents, ("adjudicated",)):
        found[each.document_id] = each.reviewer_id
    return found


def independent_states(connection: sa.Connection, project_id: int, documents: Sequence[int]) -> States:
    """Finished reviews as they were before a document was adjudicated.

    Adjudication copies decisions from one reviewer to another: counted as agreement, it would raise the
    figures that it is a consequence of.
    """
    states = load_states(connection, project_id, documents)
    settled = {number for (_, number), state in states.items() if state.adjudicated}
    before: dict[tuple[int, int], list[Event]] = {}
    closed: set[int] = set()
    for each, kind in _events(connection, sorted(settled), DOCUMENT_KINDS):
        if kind == "adjudicate":
            closed.add(each.document_id)
        if each.document_id not in closed:
            before.setdefault((each.reviewer_id, each.document_id), []).append(each)
    kept = {key: state for key, state in states.items() if key[1] not in settled}
    kept |= {key: fold_document(events) for key, events in before.items()}
    return {key: state for key, state in kept.items() if state.done}


def _events(
    connection: sa.Connection, documents: Sequence[int], kinds: Sequence[str]
) -> list[tuple[Event, str]]:
    """Events that count, in order, with the kind of their step."""
    found: list[tuple[Event, str]] = []
    for ids in chunks(documents):
        query = (
            sa.select(event, step.c.kind.label("step_kind"))
            .join(step, step.c.id == event.c.step_id)
            .where(event.c.document_id.in_(ids), event.c.kind.in_(kinds), step.c.undone.is_(False))
            .order_by(event.c.id)
        )
        found += [(to_event(row), row.step_kind) for row in connection.execute(query)]
    return found
