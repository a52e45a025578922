"""Sources and methods that a selection names and that the project does not have."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import Selection
from hybrid_ner.review.schema import mention, suggestion

__all__ = ["MARKS", "VOTES", "refuse_unknown"]

VOTES = {
    "both": ("rule+model", "rule≠model"),
    "rule+model": ("rule+model",),
    "rule": ("rule",),
    "model": ("model",),
}
"""Marks of suggestions that a word after ``source:`` stands for."""
MARKS = {**VOTES, "reviewer": ("reviewer",), "gazetteer": ("gazetteer",)}
"""The same with those of spans that were made in review."""
_READ = 1000
"""Suggestions read at a time."""


def refuse_unknown(connection: sa.Connection, project_id: int, selection: Selection) -> None:
    """Complain of a selection that fits nothing since nothing has its source or its method.

    Raises:
        InputError: It names the known ones, and the one that may be meant.
    """
    if selection.source and selection.source not in MARKS:
        _refuse("source", selection.source, {*MARKS, *_sources(connection, project_id)})
    if selection.method:
        _refuse("method", selection.method, _methods(connection, project_id))


def _refuse(what: str, said: str, known: Iterable[str]) -> None:
    names = sorted(filter(None, known))
    if said in names:
        return
    close = process.extractOne(said.lower(), names, score_cutoff=60)
    meant = f"Did you mean `{what}:{close[0]}`? " if close else ""
    listed = f"The {what}s are {', '.join(names)}." if names else f"There is no {what} at all yet."
    raise InputError(f"no suggestion has the {what} {said!r}.", hint=f"{meant}{listed} Nothing changed.")


def _sources(connection: sa.Connection, project_id: int) -> set[str]:
    """Labeling sources that voted for any suggestion."""
    query = sa.select(suggestion.c.detail).where(suggestion.c.project_id == project_id, suggestion.c.shown)
    details = connection.execute(query.execution_options(yield_per=_READ)).scalars()
    return {str(vote["source"]) for detail in details for vote in detail.get("votes", ())}


def _methods(connection: sa.Connection, project_id: int) -> set[str]:
    return {
        str(method)
        for table in (suggestion, mention)
        for method in connection.scalars(
            sa.select(table.c.method).where(table.c.project_id == project_id).distinct()
        )
    }
