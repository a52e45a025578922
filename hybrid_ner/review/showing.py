"""What a session shows: the document as a page draws it, queue, log, chat; and its people and documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

import hybrid_ner.review.document as drawn
from hybrid_ner.corpus.document import Document, Opinion
from hybrid_ner.errors import InputError
from hybrid_ner.review.answering import may_move, moves_first
from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.wording import LONGEST
from hybrid_ner.review.commands.explain import next_question
from hybrid_ner.review.commands.files import last_taken, session_lines
from hybrid_ner.review.commands.help import Proposer
from hybrid_ner.review.commands.language import Line, read_line
from hybrid_ner.review.commands.team import versions_of
from hybrid_ner.review.commands.undo import log_rows
from hybrid_ner.review.commands.work import Services, Work
from hybrid_ner.review.document.differences import Versions, conflicts
from hybrid_ner.review.listening import reading_of, situation_of
from hybrid_ner.review.queue import QueueRow, queue_rows
from hybrid_ner.review.reply import Pending
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.decisions import (
    ErasedEverywhere,
    OpinionImport,
    erase_documents,
    import_opinions,
)
from hybrid_ner.review.rounds.round import read_again
from hybrid_ner.review.store.card import Card, holds, touching
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.journal import Author, Place, load_place
from hybrid_ner.review.store.labels import Progress, assigned, progress
from hybrid_ner.review.store.project import Correction, DocumentImport, Project
from hybrid_ner.review.store.reviewers import (
    give_role,
    last_adjudicators,
    load_roles,
    reviewer_names,
    role_in,
)
from hybrid_ner.review.store.schema import (
    count_documents,
    last_position,
    suggestion,
    turn,
    withdrawn_documents,
)
from hybrid_ner.training.bootstrap import Report

KEYED = re.compile(r"next|back|skip|undo|redo|(?:ok|no|why|reopen) [\d ,-]+|ok(?: [\d ,-]+)? next|\?")
"""Lines of keys and buttons, which are no sentences: nothing is looked up for them."""
MARGIN = 5_000
"""Characters around a window in which mentions are looked at too; no mention is as long."""

Window = tuple[int, int]


def document_view(work: Work, card: Card, window: Window | None = None) -> drawn.DocumentView:
    """The view of a document for the reviewer of ``work``.

    Args:
        card: The document, with the mentions of ``window`` and ``MARGIN`` characters around it.
        window: Characters to show; grown to whole mentions.
    """
    mentions = card.mentions
    if window is not None:
        window = _grown(window, mentions, len(card.text))
        mentions = tuple(m for m in mentions if window[0] <= m.start and m.end <= window[1])
    s = suggestion.c
    # Of the suggestions what is drawn of them; the votes stay JSON.
    query = sa.select(s.start_char, s.end_char, s.chosen, sa.cast(s.detail, sa.Text).label("detail")).where(
        s.document_id == card.id, s.shown, touching(suggestion, around(window))
    )
    rows = {(row.start_char, row.end_char): row for row in work.connection.execute(query)}
    claimed_by = ""
    if card.claimed_by not in (0, work.author.reviewer_id) and holds(card.claimed_at):
        claimed_by = reviewer_names(work.connection, work.project.id).get(card.claimed_by, "")
    start, end = window or (0, len(card.text))
    tokens = tuple((start + left, start + right) for left, right in work.tokens(card.text[start:end]))
    return drawn.DocumentView(
        card.doc_id,
        card.position,
        last_position(work.connection, work.project.id),
        card.text,
        card.content_hash,
        card.model_id,
        card.version,
        tuple(_span(card.text, m, rows.get(m.key[:2])) for m in mentions),
        tokens,
        work.labels,
        work.order,
        work.queue.left(work.connection),
        card.state.done,
        card.state.flag or "",
        card.round,
        claimed_by,
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


_SAME = ("number", "start", "end", "label", "mark", "method", "score", "flags", "concept_id", "reason")
"""Fields of a span on the screen that are those of its mention."""


def _span(text: str, m: Mention, row: Any) -> drawn.SpanView:
    return drawn.SpanView(
        surface=text[m.start : m.end],
        status=cast(drawn.SpanStatus, m.status),
        chosen=bool(row.chosen) if row is not None else True,
        suggested_label=m.base_label,
        detail=row.detail if row is not None else "",
        **{name: getattr(m, name) for name in _SAME},
    )


class Showing:
    """The half of a session that decides nothing."""

    project: Project
    author: Author
    reviewer: str
    services: Services
    proposer: Proposer | None

    def look(self, connection: sa.Connection) -> Work:
        """The project as this reviewer sees it; before the first visit, with the first document."""
        place = load_place(connection, self.author.reviewer_id) or Place()
        work = Work(connection, self.author, self.reviewer, place, self.services)
        work.require("reviewer", "look at it")
        if place.document_id is None:
            work.place = replace(place, document_id=work.queue.following(connection, None))
        return work

    @contextmanager
    def looking(self) -> Iterator[Work]:
        """The same in a transaction of its own."""
        with self.project.read() as connection:
            yield self.look(connection)

    def view(
        self, doc_id: str | None = None, window: tuple[int, int] | None = None
    ) -> drawn.DocumentView | None:
        """The document on the card, or another one; ``None`` when the project is empty.

        Args:
            doc_id: The document; by default the one on the card.
            window: Only the spans and tokens in these characters, grown to whole spans.

        Raises:
            InputError: No such document.
        """
        with self.looking() as work:
            number = work.place.document_id if doc_id is None else work.document_row(doc_id)
            if number is None and doc_id is not None:
                raise work.no_document(doc_id)
            if number is None:
                return None
            return document_view(work, work.card_of(number, around(window)), window)

    def reading(self, line: str, framed: int = 0) -> Reading | None:
        """What a sentence would be taken for; ``None`` for a command. Nothing is run.

        Args:
            framed: Number of the span that "this" means.
        """
        return self._understood(read_line(line), framed)

    def _understood(self, said: Line, framed: int) -> Reading | None:
        keyed = KEYED.fullmatch(said.text)
        if len(said.text) > LONGEST or (keyed and said.text != "ok next"):
            return None
        with self.looking() as work:
            if keyed and work.place.pending is None:
                return None
            return reading_of(work, said, framed)

    def moves_first(self, said: Line, framed: int) -> tuple[str, str] | None:
        """A move at the head of a line and what is said behind it; see ``answering.moves_first``."""
        if len(said.text) > LONGEST or not may_move(said.text):
            return None
        with self.looking() as work:
            return moves_first(work, said.text, situation_of(work, framed))

    def meaning(self, said: Line, framed: int) -> Reading | None:
        """What a sentence means; what the rules do not understand, a model on this machine may."""
        found = self._understood(said, framed)
        if found is not None or self.proposer is None or said.commands or len(said.text) > LONGEST:
            return found
        with self.looking() as work:
            if work.place.pending is not None:
                return None
            situation = situation_of(work, framed)
        return self.proposer.propose(said.text, situation)

    def next_question(self) -> str:
        """What to ask when nothing waits for an answer; empty for nothing."""
        with self.looking() as work:
            if work.place.document_id is None or work.place.pending is not None:
                return ""
            focus = situation_of(work).focus
            return next_question(work, work.card().mention(focus.number) if focus else None)

    def asked_about(self) -> int:
        """Number of the mention that ``next_question`` asks about; 0 for none."""
        with self.looking() as work:
            focus = situation_of(work).focus if work.place.document_id and not work.place.pending else None
            return focus.number if focus else 0

    def outline(self) -> drawn.Outline | None:
        """The parts of the document on the card; ``None`` when the project is empty."""
        with self.looking() as work:
            number = work.place.document_id
            if number is None:
                return None
            return drawn.outline_of(work.connection, self.author.reviewer_id, number)

    def place_of(self, number: int) -> int | None:
        """Where a span of the document on the card begins; ``None`` when it has none of that number."""
        with self.looking() as work:
            document_id = work.place.document_id
            if document_id is None:
                return None
            return drawn.place_of(work.connection, self.author.reviewer_id, document_id, number)

    @property
    def role(self) -> str:
        """The reviewer's role; ``owner`` where nobody signs in."""
        if not self.services.signed_in:
            return "owner"
        with self.project.read() as connection:
            return role_in(load_roles(connection, self.project.id), self.reviewer)

    def add_documents(self, documents: Iterable[Document]) -> DocumentImport:
        """Add documents to the project, as a step of this reviewer.

        Raises:
            AccessError: Signed in, and no lead or owner.
            CorpusError: A document id that is there with another text.
        """
        with self.looking() as work:
            work.require("lead", "import documents")
        return self.project.add_documents(documents, by=self.reviewer)

    def correct(self, documents: Sequence[Document], *, ask: bool = False) -> list[Correction]:
        """Give documents of the project the texts that stand under their ids here; see ``Project.correct``.

        Args:
            ask: Only say what would become of the decisions.

        Raises:
            AccessError: Signed in, and no lead or owner.
        """
        with self.looking() as work:
            work.require("lead", "correct documents")
        if ask:
            return self.project.corrections(documents)
        return self.project.correct(documents, by=self.reviewer)

    def erase(
        self, setup: ModelSetup, doc_ids: Sequence[str], reason: str, *, hide_id: bool = False
    ) -> ErasedEverywhere:
        """Erase documents for good; see ``rounds.decisions.erase_documents``.

        Raises:
            AccessError: Signed in, and no owner.
            InputError: No such document, somebody else has one open, or a training runs.
        """
        with self.looking() as work:
            work.require("owner", "erase documents")
        return erase_documents(self.project, setup, doc_ids, reason, by=self.reviewer, hide_id=hide_id)

    def add_opinions(self, setup: ModelSetup, opinions: Iterable[Opinion], default: str) -> OpinionImport:
        """Make what others said sources of the project; see ``rounds.decisions.import_opinions``.

        Raises:
            AccessError: Signed in, and no lead or owner.
        """
        with self.looking() as work:
            work.require("lead", "import documents")
        return import_opinions(self.project, setup, opinions, default=default, by=self.reviewer)

    def check_lists_may_change(self) -> None:
        """Whether term lists and how they are taken may change now.

        Raises:
            AccessError: Signed in, and no lead or owner.
            InputError: It learns just now, from what would be changed.
        """
        with self.looking() as work:
            work.require("lead", "change term lists and their settings")
        if self.services.models is not None and self.services.models.status().is_alive:
            raise InputError("it learns just now.", hint="Wait until that has ended, or stop it on Models.")

    def read_again(self, setup: ModelSetup, report: Report, notes: list[str] | None = None) -> bool:
        """Keep how its term lists are taken, and read the documents so; see ``rounds.round.read_again``.

        Raises:
            AccessError, InputError: See ``check_lists_may_change``.
        """
        self.check_lists_may_change()
        return read_again(self.project, setup, report, self.reviewer, notes)

    def give_role(self, name: str, role: str) -> None:
        """Give somebody a role in the project.

        Raises:
            AccessError: Signed in, and no owner.
            InputError: No such role, or nobody would be an owner any more.
        """
        give_role(self.project, name, role, self.reviewer, as_owner=self.services.signed_in)

    def queue(
        self, limit: int = 100, offset: int = 0, search: str = "", *, everybody: bool = False
    ) -> list[QueueRow]:
        """The documents in the current order, those that wait first; ``everybody``: also those of others."""
        with self.looking() as work:
            return queue_rows(work.queue, work.connection, limit, offset, search, everybody=everybody)

    def given_to_nobody(self) -> int:
        """Documents that were given to nobody, where others were given to somebody; else 0."""
        with self.looking() as work:
            given = assigned(work.connection, self.project.id).keys()
            there = given - withdrawn_documents(work.connection, self.project.id)
            return count_documents(work.connection, self.project.id) - len(there) if given else 0

    def versions(self) -> Versions | None:
        """Everybody's finished version of the document on the card, for adjudication."""
        with self.looking() as work:
            if work.place.document_id is None:
                return None
            return versions_of(work, len(conflicts(work.connection, self.project.id)))

    def conflicts(self) -> int:
        """Documents whose finished reviews differ and that nobody has adjudicated."""
        with self.project.read() as connection:
            return len(conflicts(connection, self.project.id))

    def settled_by(self, doc_id: str) -> str:
        """Who adjudicated a document last; empty where nobody has."""
        with self.looking() as work:
            number = work.document_row(doc_id)
            last = last_adjudicators(work.connection, [number] if number else []).get(number or 0, 0)
            return reviewer_names(work.connection, self.project.id).get(last, "")

    def progress(self) -> list[Progress]:
        """How far everybody is."""
        with self.project.read() as connection:
            return progress(connection, self.project.id)

    def log(self, limit: int = 30) -> list[drawn.LogRow]:
        """The last steps of all reviewers, newest last."""
        with self.project.read() as connection:
            return log_rows(connection, self.project.id, limit)

    def history(self, limit: int = 30) -> list[drawn.TurnRow]:
        """The last lines of this reviewer's chat, newest last."""
        query = sa.select(turn).where(turn.c.reviewer_id == self.author.reviewer_id)
        with self.project.read() as connection:
            rows = connection.execute(query.order_by(turn.c.id.desc()).limit(limit)).all()
        return [drawn.TurnRow(row.at, row.line, row.echo, row.level) for row in reversed(rows)]

    @property
    def last_taken(self) -> str:
        """Since when something is new to this reviewer, who took the gold away then; see ``Export``."""
        with self.project.read() as connection:
            return last_taken(connection, self.author.reviewer_id)

    @property
    def pending(self) -> Pending | None:
        """The question that waits for an answer."""
        with self.project.read() as connection:
            place = load_place(connection, self.author.reviewer_id)
        return place.pending if place else None

    @property
    def order(self) -> str:
        """Name of the queue order."""
        with self.looking() as work:
            return work.order

    @property
    def mixed(self) -> bool:
        """Whether both rules and a model vote, so that they may disagree."""
        with self.looking() as work:
            return bool(work.project.mixed)

    @property
    def with_something_new(self) -> int:
        """Documents that this reviewer has reviewed and in which a likely suggestion is not decided."""
        with self.looking() as work:
            return replace(work.queue, order="again", limit=0).left(work.connection)

    @property
    def left(self) -> int:
        """Documents left in the queue."""
        with self.looking() as work:
            return work.queue.left(work.connection)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the project in key order."""
        return self.project.labels

    def card(self) -> Card:
        """The document on the card with its mentions, for programs that need the keys."""
        with self.looking() as work:
            return work.card()

    def transcript(self) -> list[str]:
        """Every line of this reviewer that was understood: a session file for ``replay``.

        It names the document wherever another one came up, since what the queue leads to also depends on
        the others who review.
        """
        query = sa.select(turn).where(turn.c.reviewer_id == self.author.reviewer_id).order_by(turn.c.id)
        with self.project.read() as connection:
            rows = connection.execute(query).all()
        return session_lines((row.line, row.doc_id or "", row.level) for row in rows)
