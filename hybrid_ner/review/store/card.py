"""One document as one reviewer sees it: what was suggested, under what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store.events import DocumentState, Mention
from hybrid_ner.review.store.projection import to_mention
from hybrid_ner.review.store.schema import document, document_state, mention, model_run, suggestion
from hybrid_ner.text.offsets import Intervals

Tokenize = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Card:
    """A document with its mentions.

    Args:
        id: Row of the document.
        doc_id: Its id in the project.
        position: One-based place in the project.
        text: Its text.
        content_hash: SHA-256 of the text.
        model_id: Name of the model run shown.
        round: Number of that run.
        state: What the reviewer decided.
        mentions: Every mention by number, decided or not.
        version: Step that changed the state last.
        claimed_by: Row of the reviewer who has it open.
        claimed_at: When, in seconds since 1970.
    """

    id: int
    doc_id: str
    position: int
    text: str
    content_hash: str
    model_id: str
    round: int
    state: DocumentState
    mentions: tuple[Mention, ...]
    version: int
    claimed_by: int
    claimed_at: float

    def mention(self, number: int) -> Mention | None:
        """The mention of that number."""
        return next((m for m in self.mentions if m.number == number), None)

    @property
    def open(self) -> tuple[Mention, ...]:
        """Mentions that wait for a decision."""
        return tuple(m for m in self.mentions if m.status == "open")

    @property
    def next_number(self) -> int:
        """Number of the next new span."""
        return max((m.number for m in self.mentions), default=0) + 1


def load_card(
    connection: sa.Connection, reviewer_id: int, document_id: int, window: tuple[int, int] | None = None
) -> Card:
    """Read a document and its mentions.

    Args:
        connection: A transaction.
        reviewer_id: Whose decisions.
        document_id: Row of the document.
        window: Only mentions that touch these characters.
    """
    row = connection.execute(
        sa.select(document, model_run.c.name.label("run_name"), model_run.c.number.label("run_number"))
        .outerjoin(model_run, model_run.c.id == document.c.run_id)
        .where(document.c.id == document_id)
    ).one()
    query = sa.select(mention).where(
        mention.c.reviewer_id == reviewer_id,
        mention.c.document_id == document_id,
        touching(mention, window),
    )
    touched = [to_mention(found) for found in connection.execute(query).all()]
    state, version = _state(connection, reviewer_id, document_id, touched)
    mentions = merge_mentions(suggested(connection, document_id, window), touched)
    return Card(
        row.id,
        row.doc_id,
        row.position,
        row.text,
        row.content_hash,
        row.run_name or "",
        row.run_number or 0,
        state,
        tuple(sorted(mentions, key=lambda m: m.number)),
        version,
        row.claimed_by or 0,
        row.claimed_at,
    )


def _state(
    connection: sa.Connection, reviewer_id: int, document_id: int, touched: Iterable[Mention]
) -> tuple[DocumentState, int]:
    row = connection.execute(
        sa.select(document_state).where(
            document_state.c.reviewer_id == reviewer_id, document_state.c.document_id == document_id
        )
    ).one_or_none()
    mentions = {m.key: m for m in touched}
    if row is None:
        return DocumentState(mentions), 0
    return DocumentState(mentions, row.done, row.adjudicated, row.deferred, row.flag), row.version


SUGGESTED = (
    suggestion.c.document_id,
    suggestion.c.number,
    suggestion.c.start_char,
    suggestion.c.end_char,
    suggestion.c.label,
    suggestion.c.score,
    suggestion.c.mark,
    suggestion.c.method,
    suggestion.c.flags,
    suggestion.c.surface_key,
    suggestion.c.chosen,
    # Taken out by the database: decoding the votes of every suggestion would take most of the time.
    sa.func.coalesce(suggestion.c.detail["concept"].as_string(), "").label("concept"),
)


def to_suggested(row: Any) -> Mention:
    """A row of the suggestion table as a mention that nobody touched."""
    return Mention(
        (row.start_char, row.end_char, 0),
        row.number,
        row.start_char,
        row.end_char,
        row.label,
        row.label,
        surface_key=row.surface_key,
        mark=row.mark,
        method=row.method,
        score=row.score,
        flags=tuple(row.flags.split()),
        concept_id=row.concept,
        base_surface=row.surface_key,
        base_concept=row.concept,
    )


def touching(table: sa.Table, window: tuple[int, int] | None) -> sa.ColumnElement[bool]:
    """Condition: the row's span, or the one it was before it was moved, touches the window."""
    if window is None:
        return sa.true()
    start, end = window
    touches = (table.c.start_char < end) & (table.c.end_char > start)
    if table is mention:
        touches |= (mention.c.base_start < end) & (mention.c.base_end > start)
    return touches


def suggested(
    connection: sa.Connection, document_id: int, window: tuple[int, int] | None = None
) -> list[Mention]:
    """The suggestions now shown for a document."""
    query = sa.select(*SUGGESTED).where(
        suggestion.c.document_id == document_id, suggestion.c.shown, touching(suggestion, window)
    )
    return [to_suggested(row) for row in connection.execute(query.order_by(suggestion.c.number)).all()]


def merge_mentions(suggestions: Iterable[Mention], touched: Sequence[Mention]) -> list[Mention]:
    """Suggestions under decisions.

    A suggestion that was decided, or that has the offsets of a decided span, is not shown twice; one
    that overlaps an accepted span is rejected for that reason.
    """
    keys = {m.key for m in touched}
    places = {(m.start, m.end) for m in touched}
    accepted = Intervals([(m.start, m.end) for m in touched if m.status == "accepted"])
    kept = [s for s in suggestions if s.key not in keys and (s.start, s.end) not in places]
    out = {s.key for s in accepted.meeting(kept)}
    return [*touched, *(replace(s, status="rejected", reason="overlap") if s.key in out else s for s in kept)]


@lru_cache(maxsize=1)
def _blank() -> Any:
    from hybrid_ner.text.tokenizer import blank

    return blank()


def default_tokenize(text: str) -> list[tuple[int, int]]:
    """Token boundaries of the tokenizer that training uses."""
    return [(token.idx, token.idx + len(token)) for token in _blank().make_doc(text) if not token.is_space]
