"""From a card to what a page draws."""

from __future__ import annotations

import time
from typing import Any, cast

import sqlalchemy as sa

from hybrid_ner.review.card import Card
from hybrid_ner.review.events import Mention
from hybrid_ner.review.queue import CLAIM_SECONDS
from hybrid_ner.review.schema import document, reviewer, suggestion
from hybrid_ner.review.view import DocumentView, SpanStatus, SpanView
from hybrid_ner.review.work import Work

__all__ = ["document_view", "suggestion_rows"]


def suggestion_rows(connection: sa.Connection, document_id: int) -> dict[tuple[int, int], Any]:
    """The suggestions shown for a document, with their votes, by offsets."""
    query = sa.select(suggestion).where(suggestion.c.document_id == document_id, suggestion.c.shown)
    return {(row.start_char, row.end_char): row for row in connection.execute(query)}


def document_view(work: Work, card: Card) -> DocumentView:
    """The view of a document for the reviewer of ``work``."""
    rows = suggestion_rows(work.connection, card.id)
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
        tuple(_span(card.text, m, rows.get(m.key[:2])) for m in card.mentions),
        tuple(work.tokens(card.text)),
        work.labels,
        work.place.queue,
        work.queue.left(work.connection),
        card.state.done,
        card.state.flag if card.state.flag is not None else "",
        card.round,
        _claimed_by(work, card),
        card.state.flag is not None,
    )


def _span(text: str, m: Mention, row: Any) -> SpanView:
    votes = row.detail.get("votes", []) if row is not None else []
    reference = next((v["evidence"].get("reference", "") for v in votes if v["evidence"]), "")
    return SpanView(
        m.number,
        m.start,
        m.end,
        text[m.start : m.end],
        m.label,
        cast(SpanStatus, m.status),
        m.mark,
        tuple(dict.fromkeys(vote["source"] for vote in votes)),
        m.method,
        reference,
        m.score,
        bool(row.chosen) if row is not None else True,
        m.base_label,
        m.flags,
        m.concept_id,
        m.reason,
    )


def _claimed_by(work: Work, card: Card) -> str:
    mine = card.claimed_by in (0, work.author.reviewer_id)
    if mine or card.claimed_at < time.time() - CLAIM_SECONDS:
        return ""
    query = sa.select(reviewer.c.name).where(reviewer.c.id == card.claimed_by)
    return work.connection.scalar(query) or ""
