"""From a card to what a page draws."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa

from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.document.card import Card, touching
from hybrid_ner.review.document.view import DocumentView, SpanStatus, SpanView
from hybrid_ner.review.queue import CLAIM_SECONDS
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.schema import document, reviewer, suggestion

__all__ = ["MARGIN", "around", "document_view", "suggestion_rows"]

MARGIN = 5_000
"""Characters around a window in which mentions are looked at too; no mention is as long."""

Window = tuple[int, int]


def suggestion_rows(connection: sa.Connection, document_id: int) -> dict[tuple[int, int], Any]:
    """The suggestions shown for a document, with their votes, by offsets."""
    query = sa.select(suggestion).where(suggestion.c.document_id == document_id, suggestion.c.shown)
    return {(row.start_char, row.end_char): row for row in connection.execute(query)}


def document_view(work: Work, card: Card, window: Window | None = None) -> DocumentView:
    """The view of a document for the reviewer of ``work``.

    Args:
        work: The reviewer.
        card: The document, with the mentions of ``window`` and ``MARGIN`` characters around it.
        window: Characters to show; grown to whole mentions.
    """
    mentions = card.mentions
    if window is not None:
        window = _grown(window, mentions, len(card.text))
        mentions = tuple(m for m in mentions if window[0] <= m.start and m.end <= window[1])
    rows = _drawn_rows(work.connection, card.id, around(window))
    total = work.connection.scalar(
        sa.select(sa.func.max(document.c.position)).where(document.c.project_id == work.author.project_id)
    )
    return DocumentView(
        card.doc_id,
        card.position,
        int(total or 0),
        card.text,
        card.content_hash,
        card.model_id,
        card.version,
        tuple(_span(card.text, m, rows.get(m.key[:2])) for m in mentions),
        _tokens(work, card.text, window),
        work.labels,
        work.order,
        work.queue.left(work.connection),
        card.state.done,
        card.state.flag if card.state.flag is not None else "",
        card.round,
        _claimed_by(work, card),
        card.state.flag is not None,
        window,
    )


def around(window: Window | None) -> Window | None:
    """The window with ``MARGIN`` characters on both sides."""
    return (window[0] - MARGIN, window[1] + MARGIN) if window else None


def _grown(window: Window, mentions: Sequence[Mention], length: int) -> Window:
    """The window with the whole of every mention that one of its edges cuts."""
    start, end = max(0, window[0]), min(length, window[1])
    while cut := [m for m in mentions if m.start < start < m.end or m.start < end < m.end]:
        start = min(start, *(m.start for m in cut if m.end > start))
        end = max(end, *(m.end for m in cut if m.start < end))
    return start, end


def _drawn_rows(connection: sa.Connection, document_id: int, window: Window | None) -> dict[Window, Any]:
    """Of the suggestions now shown what is drawn of them, by offsets; the votes stay JSON."""
    query = sa.select(
        suggestion.c.start_char,
        suggestion.c.end_char,
        suggestion.c.chosen,
        sa.cast(suggestion.c.detail, sa.Text).label("detail"),
    ).where(suggestion.c.document_id == document_id, suggestion.c.shown, touching(suggestion, window))
    return {(row.start_char, row.end_char): row for row in connection.execute(query)}


def _tokens(work: Work, text: str, window: Window | None) -> tuple[Window, ...]:
    if window is None:
        return tuple(work.tokens(text))
    start, end = window
    return tuple((start + left, start + right) for left, right in work.tokens(text[start:end]))


def _span(text: str, m: Mention, row: Any) -> SpanView:
    return SpanView(
        m.number,
        m.start,
        m.end,
        text[m.start : m.end],
        m.label,
        cast(SpanStatus, m.status),
        m.mark,
        m.method,
        m.score,
        bool(row.chosen) if row is not None else True,
        m.base_label,
        m.flags,
        m.concept_id,
        m.reason,
        row.detail if row is not None else "",
    )


def _claimed_by(work: Work, card: Card) -> str:
    mine = card.claimed_by in (0, work.author.reviewer_id)
    if mine or card.claimed_at < time.time() - CLAIM_SECONDS:
        return ""
    query = sa.select(reviewer.c.name).where(reviewer.c.id == card.claimed_by)
    return work.connection.scalar(query) or ""
