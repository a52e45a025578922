"""Spans of the whole corpus that fit a selection: by index, reading texts only where words matter."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.language import whole_number
from hybrid_ner.review.commands.selection import Selection
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.store.card import SUGGESTED, to_suggested
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.postings import candidates, find_all, surface_key
from hybrid_ner.review.store.projection import to_mention
from hybrid_ner.review.store.schema import document, mention, suggestion

_VOTES: dict[str, tuple[str, ...]] = {"both": ("rule+model", "rule≠model")}
_VOTES |= {mark: (mark,) for mark in ("rule+model", "rule", "model", "split", "agree")}
"""Marks of suggestions that a word after ``source:`` stands for."""
_MARKS = {**_VOTES, "reviewer": ("reviewer",), "gazetteer": ("gazetteer",)}
"""The same with those of spans that were made in review."""
_READ = 1000
"""Suggestions read at a time."""


def _refuse_unknown(work: Work, selection: Selection) -> None:
    """Complain of a selection that fits nothing since nothing has its source or its method."""
    of_project = suggestion.c.project_id == work.project.id
    if selection.source and selection.source not in _MARKS:
        query = sa.select(suggestion.c.detail).where(of_project, suggestion.c.shown)
        details = work.connection.execute(query.execution_options(yield_per=_READ)).scalars()
        voters = {str(vote["source"]) for detail in details for vote in detail.get("votes", ())}
        _refuse("source", selection.source, {*_MARKS, *voters})
    if selection.method:
        suggested = sa.select(suggestion.c.method).where(of_project)
        decided = sa.select(mention.c.method).where(mention.c.project_id == work.project.id)
        methods = work.connection.scalars(suggested.union(decided))
        _refuse("method", selection.method, map(str, methods))


def _refuse(what: str, said: str, known: Iterable[str]) -> None:
    names = sorted(filter(None, known))
    if said in names:
        return
    close = process.extractOne(said.lower(), names, score_cutoff=60)
    meant = f"Did you mean `{what}:{close[0]}`? " if close else ""
    listed = f"The {what}s are {', '.join(names)}." if names else f"There is no {what} at all yet."
    raise InputError(f"no suggestion has the {what} {said!r}.", hint=f"{meant}{listed} Nothing changed.")


NEAR_WORDS = 10
"""Words on either side that count as near."""

_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that fits.

    Args:
        mention: As the reviewer sees it.
        chosen: Whether the pipeline chose it.
    """

    document_id: int
    mention: Mention
    chosen: bool


def find_hits(work: Work, selection: Selection) -> list[Hit]:
    """Spans that fit, by document and start.

    Raises:
        InputError: An unknown label, source or method, or a document that is not in the project.
    """
    label = find_label(selection.label, work.labels) if selection.label else ""
    hits: list[Hit] = []
    if selection.status in ("", "open"):
        hits += _untouched(work, selection, label)
    hits += _touched(work, selection, label)
    if not hits:
        _refuse_unknown(work, selection)
    if selection.flags:
        hits = [hit for hit in hits if set(selection.flags) <= set(hit.mention.flags)]
    if selection.skipped:
        gone = _documents(work, selection.skipped)
        hits = [hit for hit in hits if hit.document_id not in gone]
    if selection.likely:
        hits = [hit for hit in hits if hit.chosen]
    if selection.mine:
        waiting = sa.select(document.c.id).where(work.queue.waits(document.c.id))
        ids = sorted({hit.document_id for hit in hits})
        asked = {row[0] for row in rows_in(work.connection, waiting, document.c.id, ids)}
        hits = [hit for hit in hits if hit.document_id in asked]
    if selection.only:
        hits = _listed(work, hits, selection.only)
    if selection.without:
        places = _at(work, selection.without)
        hits = [hit for hit in hits if place_of(hit) not in places]
    if selection.near:
        hits = _near(work, hits, selection.near)
    return sorted(hits, key=lambda hit: (hit.document_id, hit.mention.start, -hit.mention.end))


def decided_by(reviewer_id: int) -> sa.ColumnElement[bool]:
    """Whether a reviewer decided a suggestion, or accepted a span that overlaps it."""
    s, m = suggestion.c, mention.c
    same = (m.base_start == s.start_char) & (m.base_end == s.end_char) & (m.copy == 0)
    twin = (m.start_char == s.start_char) & (m.end_char == s.end_char)
    over = (m.status == "accepted") & (m.start_char < s.end_char) & (s.start_char < m.end_char)
    return sa.exists().where(m.reviewer_id == reviewer_id, m.document_id == s.document_id, same | twin | over)


def _untouched(work: Work, selection: Selection, label: str) -> Iterable[Hit]:
    s = suggestion.c
    named = selection.source if selection.source not in ("", *_VOTES) else ""
    columns = (*SUGGESTED, s.detail) if named else SUGGESTED
    query = sa.select(*columns).where(
        s.project_id == work.project.id, s.shown, ~decided_by(work.author.reviewer_id)
    )
    if selection.term:
        query = query.where(s.surface_key == surface_key(selection.term))
    query = _conditions(query, suggestion, selection, label)
    if not named and selection.source:
        query = query.where(s.mark.in_(_VOTES[selection.source]))
    for row in work.connection.execute(query).all():
        if not named or any(vote["source"] == named for vote in row.detail.get("votes", ())):
            yield Hit(row.document_id, to_suggested(row), row.chosen)


def _touched(work: Work, selection: Selection, label: str) -> Iterable[Hit]:
    m = mention.c
    query = sa.select(mention).where(
        m.project_id == work.project.id,
        m.reviewer_id == work.author.reviewer_id,
        m.reason.not_in(("merged", "split")),
    )
    if selection.status:
        query = query.where(m.status == selection.status)
    if selection.term:
        query = query.where(m.surface_key == surface_key(selection.term))
    if selection.source:
        if selection.source not in _MARKS:
            return
        query = query.where(m.mark.in_(_MARKS[selection.source]))
    for row in work.connection.execute(_conditions(query, mention, selection, label)).all():
        yield Hit(row.document_id, to_mention(row), True)


def _conditions(query: sa.Select[Any], table: sa.Table, selection: Selection, label: str) -> sa.Select[Any]:
    if label:
        query = query.where(table.c.label == label)
    if selection.method:
        query = query.where(table.c.method == selection.method)
    for condition in selection.scores:
        query = query.where(_COMPARE[condition.operator](table.c.score, condition.value))
    return query


def place_of(hit: Hit) -> tuple[int, int, int]:
    """Row of the document, and characters."""
    return hit.document_id, hit.mention.start, hit.mention.end


def _at(work: Work, said: Iterable[tuple[str, int, int]]) -> set[tuple[int, int, int]]:
    """Places by row of their document."""
    places = list(said)
    rows = {name: min(_documents(work, [name])) for name in dict.fromkeys(p[0] for p in places)}
    return {(rows[name], start, end) for name, start, end in places}


def _listed(work: Work, hits: Sequence[Hit], said: Iterable[tuple[str, int, int]]) -> list[Hit]:
    """The spans at places that somebody ticked."""
    places = _at(work, said)
    found = [hit for hit in hits if place_of(hit) in places]
    gone = len(places) - len({place_of(hit) for hit in found})
    if gone:
        raise InputError(
            f"{gone:,} of the {len(places):,} places have no such mention any more.",
            hint="The list has changed since: look at it again. Nothing changed.",
        )
    return found


def _documents(work: Work, said: Iterable[str]) -> set[int]:
    found = set()
    for name in said:
        if (number := document_named(work.connection, work.project.id, name)) is None:
            raise InputError(f"there is no document {name!r}.", hint="Nothing changed.")
        found.add(number)
    return found


def document_named(connection: sa.Connection, project_id: int, name: str) -> int | None:
    """Row of the document of that id, or else of that number."""
    where = (document.c.doc_id == name, document.c.position == whole_number(name))
    query = sa.select(document.c.id).where(document.c.project_id == project_id, sa.or_(*where))
    return connection.scalar(query.order_by(sa.case((where[0], 0), else_=1)).limit(1))


def _near(work: Work, hits: Sequence[Hit], words: str) -> list[Hit]:
    possible = set(candidates(work.connection, work.project.id, words))
    hits = [hit for hit in hits if hit.document_id in possible]
    texts = texts_of(work.connection, (hit.document_id for hit in hits))
    return [hit for hit in hits if _stands_near(texts[hit.document_id], hit.mention, words)]


def _stands_near(text: str, m: Mention, words: str) -> bool:
    left = list(re.finditer(r"\w+", text[: m.start]))[-NEAR_WORDS:]
    right = list(zip(range(NEAR_WORDS), re.finditer(r"\w+", text[m.end :]), strict=False))
    start = left[0].start() if left else m.start
    end = m.end + (right[-1][1].end() if right else 0)
    return bool(find_all(text[start : m.start], words) or find_all(text[m.end : end], words))
