"""The labels of a project, and the one that a reviewer means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError
from hybrid_ner.review.store.events import EventDraft
from hybrid_ner.review.store.schema import event, step
from hybrid_ner.review.store.schema import project as project_table

__all__ = [
    "LABEL",
    "extend_labels",
    "find_label",
    "label_drafts",
    "project_labels",
    "rebuild_labels",
    "show_labels",
]


LABEL = "label"
"""Event kind: a label was added, at a place in key order."""


def project_labels(connection: sa.Connection, project_id: int) -> list[str]:
    """The labels now, in key order."""
    query = sa.select(project_table.c.labels).where(project_table.c.id == project_id)
    return list(connection.scalars(query).one())


def label_drafts(labels: Sequence[str], names: Iterable[str]) -> tuple[EventDraft, ...]:
    """Events that add the names that are not there yet, at the end."""
    new = [name for name in dict.fromkeys(names) if name not in labels]
    return tuple(
        EventDraft(LABEL, {"name": name, "place": place}) for place, name in enumerate(new, len(labels))
    )


def show_labels(
    connection: sa.Connection, project_id: int, payloads: Iterable[Mapping[str, Any]], *, shown: bool
) -> None:
    """Put the labels of events into the list, or take them out again."""
    labels = before = project_labels(connection, project_id)
    for payload in payloads:
        name = payload["name"]
        labels = [label for label in labels if label != name]
        if shown:
            labels.insert(payload["place"], name)
    if labels != before:
        _save(connection, project_id, labels)


def extend_labels(connection: sa.Connection, project_id: int, found: Iterable[str]) -> None:
    """Add labels that came with imported suggestions; no step, so that nothing undoes them."""
    labels = project_labels(connection, project_id)
    new = sorted(set(found) - set(labels))
    if new:
        _save(connection, project_id, [*labels, *new])


def rebuild_labels(connection: sa.Connection, project_id: int) -> None:
    """Make the list agree with the log."""
    query = (
        sa.select(event.c.payload, step.c.undone)
        .join(step, step.c.id == event.c.step_id)
        .where(event.c.project_id == project_id, event.c.kind == LABEL)
        .order_by(event.c.id)
    )
    for payload, undone in connection.execute(query).all():
        show_labels(connection, project_id, [payload], shown=not undone)


def _save(connection: sa.Connection, project_id: int, labels: Sequence[str]) -> None:
    where = project_table.c.id == project_id
    connection.execute(project_table.update().where(where).values(labels=list(labels)))


CLOSE = 70.0
"""Similarity (0-100) from which a label is taken for the one meant."""
CLEAR = 8.0
"""Lead over the second best that a fuzzy match must have."""


def find_label(said: str, labels: Sequence[str]) -> str:
    """The label meant by ``said``: equal, else equal without case, a unique beginning, or clearly closest.

    Raises:
        InputError: None fits, or several do; the message lists them.
    """
    if said in labels:
        return said
    plain = _plain(said)
    for fits in (
        [label for label in labels if _plain(label) == plain],
        [label for label in labels if plain and _plain(label).startswith(plain)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise InputError(f"label {said!r} could be {' or '.join(fits)}.", hint="Type more of it.")
    close = process.extract(plain, {label: _plain(label) for label in labels}, scorer=fuzz.ratio, limit=2)
    if close and close[0][1] >= CLOSE and (len(close) < 2 or close[0][1] - close[1][1] >= CLEAR):
        return str(close[0][2])
    known = ", ".join(labels) if labels else "none"
    raise InputError(f"no label like {said!r}. Labels: {known}.", hint="Add one with `label NAME`.")


def _plain(label: str) -> str:
    return "".join(filter(str.isalnum, label.casefold()))
