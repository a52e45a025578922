"""Write the suggestions of a model run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import CorpusError
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.labels import HIDDEN, extend_labels
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.postings import stands_whole, surface_key
from hybrid_ner.review.store.projection import chunks
from hybrid_ner.review.store.schema import document, mention, model_run, position, suggestion
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import Flagger, Suggestion, flagger
from hybrid_ner.text import quantity


@dataclass(frozen=True, slots=True)
class RunImport:
    """Documents and suggestions written, documents that had the run, suggestions blocked by ``never``."""

    documents: int = 0
    suggestions: int = 0
    known: int = 0
    blocked: int = 0

    def __add__(self, other: RunImport) -> RunImport:
        return RunImport(
            self.documents + other.documents,
            self.suggestions + other.suggestions,
            self.known + other.known,
            self.blocked + other.blocked,
        )


def open_run(connection: sa.Connection, project_id: int, name: str, meta: Mapping[str, Any]) -> int:
    """Row of the model run, made at first use."""
    where = (model_run.c.project_id == project_id, model_run.c.name == name)
    found = connection.scalar(sa.select(model_run.c.id).where(*where))
    if found is not None:
        return int(found)
    count = sa.select(sa.func.count()).where(model_run.c.project_id == project_id)
    row = {"project_id": project_id, "name": name, "number": int(connection.scalar(count) or 0) + 1}
    inserted = connection.execute(
        model_run.insert().returning(model_run.c.id), {**row, "meta": dict(meta), "created": now()}
    )
    return int(inserted.scalar_one())


def write_suggestions(
    connection: sa.Connection, project_id: int, run_id: int, pairs: Sequence[tuple[str, Sequence[Suggestion]]]
) -> RunImport:
    """Write one batch in the caller's transaction."""
    known = _documents(connection, project_id, [doc_id for doc_id, _ in pairs])
    project = connection.execute(sa.select(project_table).where(project_table.c.id == project_id)).one()
    overlay = load_overlay(connection, project_id)
    flag = flagger(project.settings.get("domain", ""))
    hidden = frozenset(project.settings.get(HIDDEN, ()))
    numbers = _numbers(connection, [row.id for row in known.values() if row.run_id not in (None, run_id)])
    rows: list[dict[str, Any]] = []
    done, stale, dropped = [], [], 0
    for doc_id, suggestions in pairs:
        row = known.get(doc_id)
        if row is None:
            raise CorpusError(
                f"suggestions for document {doc_id!r}, which is not in project {project.name!r}.",
                hint="Import the documents first.",
            )
        if row.run_id == run_id:
            continue
        if row.run_id is not None:
            stale.append(row.id)
        kept = _clean(row, suggestions, flag)
        kept = [s for s in kept if s.label not in hidden]
        free = [s for s in kept if not overlay.blocks(row.text[s.start : s.end], s.label, doc_id)]
        dropped += len(kept) - len(free)
        done.append(row.id)
        rows += _rows(project_id, run_id, row, free, numbers.get(row.id))
    _write(connection, run_id, rows, stale, done)
    extend_labels(connection, project_id, {row["label"] for row in rows})
    return RunImport(len(done), len(rows), len(pairs) - len(done), dropped)


def _documents(connection: sa.Connection, project_id: int, ids: Sequence[str]) -> dict[str, Any]:
    columns = (document.c.id, document.c.doc_id, document.c.text, document.c.run_id)
    return {
        row.doc_id: row
        for part in chunks(ids)
        for row in connection.execute(
            sa.select(*columns).where(document.c.project_id == project_id, document.c.doc_id.in_(part))
        )
    }


def _numbers(connection: sa.Connection, ids: Sequence[int]) -> dict[int, dict[tuple[int, int], int]]:
    """Numbers already used in documents that somebody has open or decided in: they must not shift."""
    used: dict[int, dict[tuple[int, int], int]] = {}
    for part in chunks(ids):
        on_cards = sa.select(position.c.document_id).where(position.c.document_id.in_(part))
        used |= {number: {} for number in connection.scalars(on_cards)}
        touched = sa.select(mention).where(mention.c.document_id.in_(part))
        for row in connection.execute(touched):
            used.setdefault(row.document_id, {})[(row.base_start, row.base_end)] = row.number
        shown = sa.select(suggestion).where(suggestion.c.document_id.in_(list(used)), suggestion.c.shown)
        for row in connection.execute(shown):
            used[row.document_id].setdefault((row.start_char, row.end_char), row.number)
    return used


def _clean(row: Any, suggestions: Sequence[Suggestion], flag: Flagger) -> list[Suggestion]:
    """In order, checked, one a span, with context flags."""
    merged: dict[tuple[int, int], Suggestion] = {}
    for each in suggestions:
        if not 0 <= each.start < each.end <= len(row.text):
            raise CorpusError(
                f"document {row.doc_id!r}: suggestion {each.start}-{each.end} lies outside its "
                f"{quantity(len(row.text), 'character')}.",
                hint="Predict again on the text that was imported.",
            )
        place = (each.start, each.end)
        merged[place] = _merge(merged[place], each) if place in merged else each
    ordered = sorted(merged.values(), key=lambda s: (s.start, -s.end))
    flags = flag(row.text, [(s.start, s.end) for s in ordered])
    return [replace(s, flags=f) if f and not s.flags else s for s, f in zip(ordered, flags, strict=True)]


def _merge(first: Suggestion, second: Suggestion) -> Suggestion:
    best, other = (
        (second, first) if (second.chosen, second.score) > (first.chosen, first.score) else (first, second)
    )
    return replace(best, votes=best.votes + tuple(v for v in other.votes if v not in best.votes))


def _rows(
    project_id: int,
    run_id: int,
    row: Any,
    suggestions: Sequence[Suggestion],
    used: Mapping[tuple[int, int], int] | None,
) -> list[dict[str, Any]]:
    following = max(used.values(), default=0) + 1 if used else 1
    rows = []
    for each in suggestions:
        number = (used or {}).get((each.start, each.end))
        if number is None:
            number, following = following, following + 1
        rows.append(
            {
                "project_id": project_id,
                "document_id": row.id,
                "run_id": run_id,
                "shown": True,
                "number": number,
                "start_char": each.start,
                "end_char": each.end,
                "label": each.label,
                "score": each.score,
                "mark": each.mark,
                "method": each.method,
                "chosen": each.chosen,
                "flags": " ".join(each.flags),
                "surface_key": surface_key(row.text[each.start : each.end]),
                "whole": stands_whole(row.text, each.start, each.end),
                "detail": each.detail(),
            }
        )
    return rows


def _write(
    connection: sa.Connection,
    run_id: int,
    rows: Sequence[dict[str, Any]],
    stale: Sequence[int],
    done: Sequence[int],
) -> None:
    for part in chunks(stale):
        connection.execute(suggestion.update().where(suggestion.c.document_id.in_(part)).values(shown=False))
    if rows:
        connection.execute(suggestion.insert(), rows)
    for part in chunks(done):
        connection.execute(document.update().where(document.c.id.in_(part)).values(run_id=run_id))
