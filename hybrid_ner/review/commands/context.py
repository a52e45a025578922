"""What a command works on: one transaction, the reviewer's position, and the services around."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.proposing import Proposer
from hybrid_ner.review.document.card import Card, Tokenize, load_card
from hybrid_ner.review.document.spans import Edit
from hybrid_ner.review.queue import LISTS, At, Queue, claim
from hybrid_ner.review.reply import Pending, Reply
from hybrid_ner.review.rounds.models import ModelService
from hybrid_ner.review.rounds.terms import TermIndex
from hybrid_ner.review.store.events import EventDraft, Mention, StepDraft, mentions_event
from hybrid_ner.review.store.journal import Author, Written, append, extend, now, set_model
from hybrid_ner.review.store.ranking import left_behind, revalue
from hybrid_ner.review.store.schema import client_operation, document, position, turn
from hybrid_ner.review.store.suggestion import Flagger, flagger
from hybrid_ner.text.intervals import Intervals

__all__ = [
    "Answer",
    "FileAccess",
    "Place",
    "Seen",
    "Services",
    "Work",
    "correct_answer",
    "keep_answer",
    "load_place",
    "remember",
    "said_before",
    "save_place",
]

Seen = tuple[str, int] | None
"""Sender and number of a line that may be sent twice."""

BACK_LENGTH = 100
AHEAD, ROUNDS, BEHIND = 4, 2, 4
"""Documents valued anew before going on: at a time, how often at most, and of a surface left behind."""


@dataclass(frozen=True, slots=True)
class FileAccess:
    """The right of a session to read and write files: ``export`` to a file, ``replay``.

    A session that was given none has no way to a path, whatever is typed into it.

    Args:
        folder: Names of files are relative to it.
    """

    folder: Path = Path()

    def path(self, name: str) -> Path:
        """Where a name leads."""
        return self.folder / Path(name).expanduser()


@dataclass(frozen=True, slots=True)
class Services:
    """What the embedding program gives to a session; what is not given cannot be reached by its lines."""

    tokenize: Tokenize
    terms: TermIndex = field(default_factory=TermIndex)
    models: ModelService | None = None
    files: FileAccess | None = None
    signed_in: bool = False
    proposer: Proposer | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reviewer is: document, order, way back, how far in the order, question."""

    document_id: int | None = None
    queue: str = "disagree"
    limit: int = 0
    back: tuple[int, ...] = ()
    at: At | None = None
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The confirmation that a command is run again with."""

    pending: Pending
    text: str = ""
    without: tuple[int, ...] = ()
    which: int = 0


@dataclass
class Work:
    """One command's view of the project; gone when the transaction ends.

    Args:
        connection: The write transaction.
        project: Row of the project.
        author: Who writes.
        reviewer: Name of the reviewer.
        place: Where the reviewer is; handlers replace it.
        services: Tokenizer, gazetteer, models.
        line: The line as typed (of the question, when this is an answer).
        answer: The confirmation, when there was a question.
        changed: Ids of the documents that changed.
        written: The step that was written.
        switched: The model that was put into use, for the files to follow once the step is committed.
        later: What a line begins outside of the store once it is committed, beside what is said until then.
        joining: Several lines are run as one step, which is ``joined`` from the first one that writes.
    """

    connection: sa.Connection
    project: Any
    author: Author
    reviewer: str
    place: Place
    services: Services
    line: str
    answer: Answer | None = None
    changed: dict[str, None] = field(default_factory=dict)
    written: Written | None = None
    switched: str | None = None
    later: list[tuple[str, Callable[[], Reply]]] = field(default_factory=list)
    joining: bool = False
    joined: Written | None = None
    _card: Card | None = None
    _names: dict[int, str] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the project in key order."""
        return tuple(self.project.labels)

    @property
    def queue(self) -> Queue:
        """The reviewer's queue."""
        reviews = int(self.project.settings.get("reviews", 1))
        return Queue(
            self.author.project_id, self.author.reviewer_id, self.place.queue, self.place.limit, reviews
        )

    @property
    def flag(self) -> Flagger:
        """Context flags of the project's domain."""
        return flagger(self.project.settings.get("domain", ""))

    def model_in_use(self) -> str:
        """Id of the model in use, empty when there is none."""
        if self.project.model is not None:
            return str(self.project.model)
        return self.services.models.current() if self.services.models else ""

    def use_model(self, name: str) -> None:
        """Put a model into use, or none when empty: a row of this transaction, like the step itself."""
        set_model(self.connection, self.author.project_id, name)
        self.switched = name

    def forget(self) -> None:
        """Nothing of the line is kept: neither what changed nor what was to follow."""
        self.changed.clear()
        self.later.clear()
        self.written = self.joined = self.switched = self._card = None

    def card(self) -> Card:
        """The document on the card.

        Raises:
            InputError: The project has no document, or the queue is empty.
        """
        if self.place.document_id is None:
            raise InputError("no document is open.", hint="Import documents, or choose one with `go 1`.")
        if self._card is None or self._card.id != self.place.document_id:
            self._card = self.card_of(self.place.document_id)
        return self._card

    def doc_id(self) -> str:
        """Id of the document on the card, empty when there is none."""
        number = self.place.document_id
        if number is None:
            return ""
        if number not in self._names:
            query = sa.select(document.c.doc_id).where(document.c.id == number)
            self._names[number] = self.connection.scalar(query) or ""
        return self._names[number]

    def where(self) -> str:
        """Number and id of the document on the card, without reading it."""
        query = sa.select(document.c.position).where(document.c.id == self.place.document_id)
        return f"doc {self.connection.scalar(query)} {self.doc_id()}"

    def card_of(self, document_id: int, window: tuple[int, int] | None = None) -> Card:
        """Any document as this reviewer sees it, or only the mentions that touch a window of it."""
        card = load_card(self.connection, self.author.reviewer_id, document_id, window)
        self._names[card.id] = card.doc_id
        return card

    def tokens(self, text: str) -> Sequence[tuple[int, int]]:
        """Token boundaries of a text."""
        return self.services.tokenize(text)

    def document_row(self, doc_id: str) -> int | None:
        """Row of a document by its id."""
        where = (document.c.project_id == self.author.project_id, document.c.doc_id == doc_id)
        return self.connection.scalar(sa.select(document.c.id).where(*where))

    def move(self, document_id: int | None, *, remember: bool = True) -> None:
        """Put another document on the card."""
        current = self.place.document_id
        if document_id == current:
            return
        claim(self.connection, self.author.reviewer_id, current, document_id)
        back = self.place.back
        if remember and current is not None:
            back = (*back, current)[-BACK_LENGTH:]
        # As it is now: what is decided on the card must not send the reviewer down the order.
        at = self.queue.place(self.connection, document_id)
        self.place = replace(self.place, document_id=document_id, back=back, at=at)

    def go_on(self, fresh: bool = False) -> bool:
        """Put the next document of the queue on the card; whether there is one.

        Args:
            fresh: From the beginning of the order, which may include the document on the card.
        """
        current, at = (None, None) if fresh else (self.place.document_id, self.place.at)
        at = self._look_ahead(current, at)
        found = self.queue.following(self.connection, current, at, take=True)
        if found is None:
            return False
        self.move(found)
        if fresh:
            self.place = replace(self.place, at=self.queue.place(self.connection, found))
        return True

    def _look_ahead(self, current: int | None, at: At | None) -> At | None:
        """Value anew what could come next, until the best of it is up to date.

        Returns:
            Where to go on from: before ``at`` when a document that lay ahead has become more valuable.
        """
        if self.place.queue in LISTS:
            return at
        behind = left_behind(self.connection, self.author.project_id, BEHIND)
        at = self._value_anew(self.queue.places(self.connection, behind) if behind else {}, at)
        seen: set[int] = set()
        for _ in range(ROUNDS):
            found = self.queue.ahead(self.connection, current, at, AHEAD)
            if not found or found[0][0] in seen:
                break
            new = {number: place for number, place in found if number not in seen}
            at = self._value_anew(new, at)
            seen.update(new)
        return at

    def _value_anew(self, before: Mapping[int, At], at: At | None) -> At | None:
        """Value documents anew that have stood at these places."""
        if not before:
            return at
        revalue(self.connection, self.author.project_id, list(before), row=self.project, wait=False)
        if at is None:
            return None
        after = self.queue.places(self.connection, list(before))
        risen = [(after[n][0], after[n][1] - 1) for n in before if after[n] < at < before[n]]
        return min([at, *risen])

    def write(self, draft: StepDraft, changed: Sequence[str] = ()) -> Written:
        """Append a step; the card is read again afterwards."""
        if self.joined is not None:
            self.written = extend(self.connection, self.author, self.joined, draft)
        else:
            self.written = append(self.connection, self.author, draft, self.line)
        self.joined = self.written if self.joining else None
        self.changed.update(dict.fromkeys(changed))
        self._card = None
        return self.written

    def write_edit(
        self, card: Card, edit: Edit, kind: str, leaves: Callable[[Mention], bool] | None = None
    ) -> Reply:
        """Append the changes of one document; with nothing left open, the document is done.

        Args:
            card: The document.
            edit: The changes.
            kind: Kind of the step.
            leaves: Whether an open span keeps the document open; every one does by default.
        """
        if not edit.changes:
            return Reply(f"{edit.echo} (nothing to change)")
        events = [mentions_event(card.id, list(edit.changes), card.content_hash, card.model_id)]
        done = not _open_after(card, edit, leaves)
        if card.state.done != done:
            events.append(EventDraft("done", {"done": done}, card.id, card.content_hash, card.model_id))
        draft = StepDraft(kind, edit.echo, tuple(events), card.id, len(edit.changes))
        self.write(draft, [card.doc_id])
        return Reply(edit.echo, "done")

    def ask(self, pending: Pending, reply: Reply) -> Reply:
        """Remember a question."""
        self.place = replace(self.place, pending=pending)
        return replace(reply, level="ask", pending=pending)


def _open_after(card: Card, edit: Edit, leaves: Callable[[Mention], bool] | None) -> bool:
    """Whether an untouched span would still wait after the edit."""
    changed = {c.mention.key: c.apply_to(card.state.mentions.get(c.mention.key), 1) for c in edit.changes}
    accepted = Intervals((m.start, m.end) for m in changed.values() if m.status == "accepted")
    if any(m.status == "open" for m in changed.values()):
        return True
    untouched = (m for m in card.open if m.key not in changed and (leaves is None or leaves(m)))
    return any(not accepted.overlap(m.start, m.end) for m in untouched)


def load_place(connection: sa.Connection, reviewer_id: int) -> Place | None:
    """Where the reviewer is, or ``None`` before the first visit."""
    row = connection.execute(sa.select(position).where(position.c.reviewer_id == reviewer_id)).one_or_none()
    if row is None:
        return None
    pending = Pending.from_json(row.pending) if row.pending else None
    at = (row.at_value, row.at_position) if row.at_position is not None else None
    return Place(row.document_id, row.queue, row.queue_limit, tuple(row.back), at, pending)


def save_place(connection: sa.Connection, reviewer_id: int, place: Place, *, new: bool = False) -> None:
    """Keep where the reviewer is."""
    values = {
        "document_id": place.document_id,
        "queue": place.queue,
        "queue_limit": place.limit,
        "back": list(place.back),
        "pending": asdict(place.pending) if place.pending else None,
        "at_value": place.at[0] if place.at else None,
        "at_position": place.at[1] if place.at else None,
    }
    if new:
        connection.execute(position.insert().values(reviewer_id=reviewer_id, **values))
    else:
        connection.execute(position.update().where(position.c.reviewer_id == reviewer_id).values(**values))


def said_before(connection: sa.Connection, reviewer_id: int, seen: Seen) -> Reply | None:
    """The answer that a line got when it was sent for the first time."""
    if seen is None:
        return None
    found = connection.scalar(
        sa.select(client_operation.c.reply).where(
            client_operation.c.reviewer_id == reviewer_id,
            client_operation.c.client_id == seen[0],
            client_operation.c.sequence == seen[1],
        )
    )
    return Reply.from_json(found) if found else None


def remember(
    connection: sa.Connection, reviewer_id: int, said: tuple[str, str], reply: Reply, seen: Seen
) -> None:
    """Keep a line, with the document that it was about, and its answer."""
    mine = {"reviewer_id": reviewer_id}
    row = {"at": now(), "line": said[0], "echo": reply.echo, "level": reply.level, "doc_id": said[1]}
    connection.execute(turn.insert(), {**mine, **row})
    keep_answer(connection, reviewer_id, reply, seen)


def keep_answer(connection: sa.Connection, reviewer_id: int, reply: Reply, seen: Seen) -> None:
    """Keep what a line that may be sent twice was answered, in place of an earlier answer."""
    if seen is None:
        return
    key = {"reviewer_id": reviewer_id, "client_id": seen[0], "sequence": seen[1]}
    mine = sa.and_(*(client_operation.c[name] == value for name, value in key.items()))
    kept = {"reply": reply.to_json()}
    if not connection.execute(client_operation.update().where(mine).values(kept)).rowcount:
        connection.execute(client_operation.insert(), {**key, **kept})


def correct_answer(connection: sa.Connection, reviewer_id: int, said: str, reply: Reply, seen: Seen) -> None:
    """Let the last line that was answered with ``said`` have another answer, which came of it later."""
    mine = sa.and_(turn.c.reviewer_id == reviewer_id, turn.c.echo == said)
    last = sa.select(sa.func.max(turn.c.id)).where(mine).scalar_subquery()
    answer = {"echo": reply.echo, "level": reply.level}
    connection.execute(turn.update().where(turn.c.id == last).values(answer))
    keep_answer(connection, reviewer_id, reply, seen)
