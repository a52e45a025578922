"""What the decisions say of each surface: how often it is suggested, decided and corrected.

The counts are kept in the transaction of the step that changes them. A surface whose documents became more
valuable is ``behind``: the queue catches up with a few of its documents at a time, up to the suggestion named
there, and begins ``again`` when they became more valuable on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store.schema import mention, project, suggestion, surface

__all__ = ["UP_TO_DATE", "Counts", "Outcomes", "count_surfaces", "outcomes", "surface_counts", "tally"]

Outcomes = Mapping[str, tuple[int, int]]
"""Decided and corrected suggestions by surface."""

UP_TO_DATE = -1
PRIOR = 4
"""Decisions that the chance known beforehand counts for."""
_CHUNK = 500


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

    def worth(self, chance: float) -> float:
        """Corrections to expect when one is decided and the others follow by a bulk step.

        Args:
            chance: Chance of a correction as it was before anything was decided.
        """
        return (PRIOR * chance + self.corrected) / (PRIOR + self.decided) * max(1, self.left)


def _of_suggestions() -> list[sa.ColumnElement[bool]]:
    m = mention.c
    return [m.status != "open", m.mark.not_in(("reviewer", "gazetteer"))]


def _tallied() -> list[sa.ColumnElement[Any]]:
    m = mention.c
    moved = (m.start_char != m.base_start) | (m.end_char != m.base_end)
    wrong = (m.status == "rejected") | (m.label != m.base_label) | moved
    return [m.base_surface, sa.func.count(), sa.func.sum(sa.case((wrong, 1), else_=0))]


def outcomes(connection: sa.Connection, reviewer_id: int, ids: Sequence[int]) -> Outcomes:
    """What a reviewer has decided in these documents, by surface."""
    m = mention.c
    query = sa.select(*_tallied()).where(m.reviewer_id == reviewer_id, m.document_id.in_(ids))
    rows = connection.execute(query.where(*_of_suggestions()).group_by(m.base_surface))
    return {row[0]: (row[1], row[2]) for row in rows}


def tally(connection: sa.Connection, project_id: int, before: Outcomes, after: Outcomes) -> None:
    """Add what changed between two looks at the same documents."""
    rows = []
    for key in before.keys() | after.keys():
        (decided, corrected), (was, wrong) = after.get(key, (0, 0)), before.get(key, (0, 0))
        if (decided, corrected) != (was, wrong):
            more = decided < was or corrected > wrong
            rows.append(
                {"of": project_id, "key": key, "d": decided - was, "c": corrected - wrong, "more": more}
            )
    if rows:
        connection.execute(_ADD, rows)


# Only a surface that other documents hold as well can leave them behind.
_RISES = sa.bindparam("more", type_=sa.Boolean) & (surface.c.suggested > 1)
_BEHIND = surface.c.behind > UP_TO_DATE
_ADD = (
    surface.update()
    .where(surface.c.project_id == sa.bindparam("of"), surface.c.surface_key == sa.bindparam("key"))
    .values(
        decided=surface.c.decided + sa.bindparam("d"),
        corrected=surface.c.corrected + sa.bindparam("c"),
        behind=sa.case((_RISES & ~_BEHIND, 0), else_=surface.c.behind),
        again=sa.case((_RISES & _BEHIND, sa.true()), else_=surface.c.again),
    )
)


def surface_counts(
    connection: sa.Connection, project_id: int, keys: Iterable[str], reviews: int = 0
) -> dict[str, Counts]:
    """Counts of these surfaces; ``reviews`` of the project is looked up when not given."""
    reviews = reviews or _reviews(connection, project_id)
    wanted = sorted(set(keys))
    found: dict[str, Counts] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        query = sa.select(surface).where(surface.c.project_id == project_id, surface.c.surface_key.in_(part))
        found.update({row.surface_key: _counts(row, reviews) for row in connection.execute(query).all()})
    return found


def _counts(row: Any, reviews: int) -> Counts:
    return Counts(max(0, reviews * row.suggested - row.decided), row.decided, row.corrected)


def _reviews(connection: sa.Connection, project_id: int) -> int:
    settings = connection.scalar(sa.select(project.c.settings).where(project.c.id == project_id)) or {}
    return int(settings.get("reviews", 1))


def count_surfaces(connection: sa.Connection, project_id: int) -> dict[str, Counts]:
    """Count all over again what is shown and decided; the counts."""
    connection.execute(surface.delete().where(surface.c.project_id == project_id))
    m, s = mention.c, suggestion.c
    query = sa.select(s.surface_key, sa.func.count()).where(s.project_id == project_id, s.shown)
    suggested = connection.execute(query.group_by(s.surface_key)).all()
    query = sa.select(*_tallied()).where(m.project_id == project_id, *_of_suggestions())
    decided = {row[0]: (row[1], row[2]) for row in connection.execute(query.group_by(m.base_surface))}
    rows = [
        {
            "project_id": project_id,
            "surface_key": key,
            "suggested": count,
            "decided": decided.get(key, (0, 0))[0],
            "corrected": decided.get(key, (0, 0))[1],
            "behind": UP_TO_DATE,
            "again": False,
        }
        for key, count in suggested
    ]
    if rows:
        connection.execute(surface.insert(), rows)
    reviews = _reviews(connection, project_id)
    return {
        row["surface_key"]: Counts(
            max(0, reviews * row["suggested"] - row["decided"]), row["decided"], row["corrected"]
        )
        for row in rows
    }
