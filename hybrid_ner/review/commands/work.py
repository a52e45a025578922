"""What a command works on: one transaction, the reviewer's position, the services around; and its question.

The wider a step, the more deliberate the answer: none, ``yes``, the count, the name of a version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Command
from hybrid_ner.review.document.spans import Edit
from hybrid_ner.review.queue import Queue, dealt
from hybrid_ner.review.reply import Pending, PendingKind, Reply, Table
from hybrid_ner.review.rounds import ModelService
from hybrid_ner.review.rounds.terms import TermIndex
from hybrid_ner.review.store.card import Card, Tokenize, load_card
from hybrid_ner.review.store.events import NO_REASON, EventDraft, Mention, StepDraft
from hybrid_ner.review.store.journal import Author, Place, Written, append, extend, set_model
from hybrid_ner.review.store.reviewers import load_roles, refuse, role_in
from hybrid_ner.review.store.schema import (
    document,
    erased_documents,
    of_project,
    suggestion,
    withdrawn_documents,
)
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import Flagger, flagger
from hybrid_ner.text.offsets import meeting

BACK_LENGTH = 100


@dataclass(frozen=True, slots=True)
class FileAccess:
    """The right of a session to read and write files: ``export`` to a file, ``replay``.

    A session that was given none has no way to a path, whatever is typed into it.

    Args:
        folder: Names of files are relative to it.
    """

    folder: Path = Path()

    def path(self, name: str) -> Path:
        return self.folder / Path(name).expanduser()


@dataclass(frozen=True, slots=True)
class Services:
    """What the embedding program gives to a session; what is not given cannot be reached by its lines."""

    tokenize: Tokenize
    terms: TermIndex = field(default_factory=TermIndex)
    models: ModelService | None = None
    files: FileAccess | None = None
    signed_in: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The confirmation that a command is run again with."""

    pending: Pending
    text: str = ""
    without: tuple[int, ...] = ()
    which: int = 0


_DOCUMENT_NOUNS = frozenset(
    (
        "the",
        "document",
        "documents",
        "doc",
        "letter",
        "note",
        "notes",
        "file",
        "report",
        "text",
        "one",
        "page",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
    )
)
"""What people call any document, and titles before the name of one: "mrs okafors letter"."""


@dataclass
class Work:
    """One command's view of the project; gone when the transaction ends.

    Args:
        place: Where the reviewer is; handlers replace it.
        line: The line as typed (of the question, when this is an answer).
        answer: The confirmation, when there was a question.
        foreseen: The count or name that the sender has seen: a question about just this is not asked.
        switched: The model that was put into use, for the files to follow once the step is committed.
        later: What a line begins outside of the store once it is committed, beside what is said until then.
        joining: Several lines are run as one step, which is ``joined`` from the first one that writes.
    """

    connection: sa.Connection
    author: Author
    reviewer: str
    place: Place
    services: Services
    line: str = ""
    project: Any = None
    answer: Answer | None = None
    foreseen: str = ""
    changed: dict[str, None] = field(default_factory=dict)
    written: Written | None = None
    switched: str | None = None
    later: list[tuple[str, Callable[[], Reply]]] = field(default_factory=list)
    joining: bool = False
    joined: Written | None = None
    _card: Card | None = None
    _dealt: tuple[bool, bool] | None = None
    _names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reread()

    def reread(self) -> None:
        """Read the project's row; again after a line that changed its labels: the next one may name them."""
        row = project_table.c.id == self.author.project_id
        self.project = self.connection.execute(sa.select(project_table).where(row)).one()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the project in key order."""
        return tuple(self.project.labels)

    @property
    def order(self) -> str:
        """The order in force: while only rules, or only a model, vote, nothing disagrees."""
        return "uncertain" if self.place.queue == "disagree" and not self.project.mixed else self.place.queue

    @property
    def queue(self) -> Queue:
        reviews = int(self.project.settings.get("reviews", 1))
        if self._dealt is None:
            self._dealt = dealt(self.connection, self.author.project_id, self.author.reviewer_id)
        me = (self.author.project_id, self.author.reviewer_id)
        return Queue(*me, self.order, self.place.limit, reviews, *self._dealt)

    @property
    def flag(self) -> Flagger:
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

    def require(self, role: str, what: str) -> None:
        """Refuse what the reviewer's role does not allow; without sign-in everybody may do everything.

        Raises:
            AccessError: The role is not enough.
        """
        if self.services.signed_in:
            refuse(role_in(load_roles(self.connection, self.author.project_id), self.reviewer), role, what)

    def admit(self, command: Command) -> None:
        """Refuse a command that the role of a reviewer who signed in does not allow.

        Raises:
            AccessError: The role is not enough.
        """
        self.require(command.role, f"use `{self.line.split()[0] if self.line else ''}`")
        if getattr(command, "scope", "") == "global":
            for number in self.connection.scalars(sa.select(project_table.c.id)).all():
                role = role_in(load_roles(self.connection, number), self.reviewer)
                refuse(role, "lead", "change the term lists of every project", "in every project")

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

    def chosen(self, card: Card) -> Callable[[Mention], bool]:
        """Whether the pipeline chose a mention; looked up when first asked."""
        s = suggestion.c
        query = sa.select(s.start_char, s.end_char).where(s.document_id == card.id, s.shown, s.chosen)
        keys = cache(lambda: {tuple(row) for row in self.connection.execute(query)})
        return lambda m: m.key[:2] in keys()

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
        return self.services.tokenize(text)

    def document_row(self, doc_id: str) -> int | None:
        where = (of_project(self.author.project_id), document.c.doc_id == doc_id)
        return self.connection.scalar(sa.select(document.c.id).where(*where))

    def no_document(self, doc_id: str, hint: str = "") -> InputError:
        """Why a document cannot be opened: there is none of that id, or it is withdrawn, or erased."""
        columns = (document.c.project_id == self.author.project_id, document.c.doc_id == doc_id)
        query = sa.select(document.c.id, document.c.withdrawn).where(*columns)
        found = self.connection.execute(query).first()
        reason = found.withdrawn if found else None
        if found and found.id in self.connection.scalars(erased_documents(self.author.project_id)).all():
            said = f"the text of document {doc_id!r} is erased ({reason or NO_REASON})."
            return InputError(said, hint=hint)
        if reason is None:
            return InputError(f"there is no document {doc_id!r} in project {self.project.name!r}.", hint=hint)
        said = f"document {doc_id!r} is withdrawn ({reason or NO_REASON})."
        return InputError(said, hint=f"`reinstate {doc_id}` brings it back.")

    def leave_withdrawn(self) -> None:
        """Go on to the next document where the one on the card was taken out of the project."""
        gone = withdrawn_documents(self.connection, self.author.project_id)
        if self.place.document_id in gone:
            if not self.go_on():
                self.move(None)
            self.place = replace(self.place, back=tuple(n for n in self.place.back if n not in gone))

    def document_called(self, said: str, *, loosely: bool = False) -> str:
        """The id of the one document that is meant, whatever its capitals and signs: "case 2" for CASE-2.

        The first word of an id does, where no other id begins with it: "lease" for lease-quay.

        Args:
            said: As typed.
            loosely: Words of an id do too, where no other id has them all: "the kowalski notes" for
                newborn_kowalski.
        """
        if self.document_row(said) is not None:
            return said
        column: Any = sa.func.lower(document.c.doc_id)
        for sign in "-_ ":
            column = sa.func.replace(column, sign, "")
        key = re.sub(r"[\s_-]", "", said.lower())
        whole = sa.func.replace(sa.func.replace(sa.func.lower(document.c.doc_id), "_", "-"), " ", "-")
        begins = whole.startswith(f"{said.lower()}-", autoescape=True)
        for where in (column == key, begins):
            query = sa.select(document.c.doc_id).where(of_project(self.author.project_id), where)
            found = self.connection.scalars(query.order_by(document.c.id).limit(2)).all()
            if found:
                return str(found[0]) if len(found) == 1 else ""
        said_words = re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", said.lower()))
        fewer = [each for each in said_words if each not in _DOCUMENT_NOUNS]
        parted = sa.literal("-") + whole + "-"
        own = of_project(self.author.project_id)
        for words in (said_words, fewer) if loosely and fewer + said_words[1:] else ():
            having = (
                parted.contains(f"-{word}-", autoescape=True)
                | parted.contains(f"-{word.removesuffix('s')}-", autoescape=True)
                for word in words
            )
            found = self.connection.scalars(sa.select(document.c.doc_id).where(own, *having).limit(2)).all()
            if words and len(found) == 1:
                return str(found[0])
        return ""

    def move(self, document_id: int | None, *, remember: bool = True) -> None:
        """Put another document on the card."""
        current = self.place.document_id
        if document_id == current:
            return
        back = self.place.back
        if remember and current is not None:
            back = (*back, current)[-BACK_LENGTH:]
        # As it is now: what is decided on the card must not send the reviewer down the order.
        at = self.queue.take(self.connection, current, document_id)
        self.place = replace(self.place, document_id=document_id, back=back, at=at)

    def go_on(self, fresh: bool = False) -> bool:
        """Put the next document of the queue on the card; whether there is one.

        Args:
            fresh: From the beginning of the order, which may include the document on the card.
        """
        current, at = (None, None) if fresh else (self.place.document_id, self.place.at)
        at = self.queue.look_ahead(self.connection, current, at, self.project)
        found = self.queue.following(self.connection, current, at, take=True)
        if found is None:
            return False
        self.move(found)
        if fresh:
            self.place = replace(self.place, at=self.queue.place(self.connection, found))
        return True

    def write(self, draft: StepDraft, changed: Sequence[str] = ()) -> Written:
        """Append a step; the card is read again afterwards."""
        if self.joined is not None:
            self.written = extend(self.connection, self.author, self.joined, draft)
        else:
            self.written = append(self.connection, self.author, draft, self.line)
        self.joined = self.written if self.joining else None
        self.changed.update(dict.fromkeys(changed))
        self._card = self._dealt = None
        return self.written

    def write_edit(self, edit: Edit, kind: str, leaves: Callable[[Mention], bool] | None = None) -> Reply:
        """Append the changes of the document on the card; the decision about its last open span ends it.

        Adding a span, or changing a decided one, does not: where nothing was open somebody may go on marking,
        and ``next`` says that it is complete.

        Args:
            leaves: Whether an open span keeps the document open; every one does by default.
        """
        if not edit.changes:
            return Reply(f"{edit.echo} (nothing to change)")
        card = self.card()
        events = card.decided(edit.changes)
        waits = _open_after(card, edit, leaves)
        done = not waits and (card.state.done or bool(card.open))
        if card.state.done != done:
            events.append(card.event("done", {"done": done}))
        return self.write_card(kind, edit.echo, events, len(edit.changes))

    def write_card(self, kind: str, said: str, events: Sequence[EventDraft], spans: int = 0) -> Reply:
        """Append a step about the document on the card; the answer says the same."""
        card = self.card()
        self.write(StepDraft(kind, said, tuple(events), card.id, spans), [card.doc_id])
        return Reply(said, "done")

    def ask(self, pending: Pending, reply: Reply) -> Reply:
        self.place = replace(self.place, pending=pending)
        return replace(reply, level="ask", pending=pending)


def _open_after(card: Card, edit: Edit, leaves: Callable[[Mention], bool] | None) -> bool:
    """Whether an untouched span would still wait after the edit."""
    changed = {c.mention.key: c.apply_to(card.state.mentions.get(c.mention.key), 1) for c in edit.changes}
    if any(m.status == "open" for m in changed.values()):
        return True
    untouched = [m for m in card.open if m.key not in changed and (leaves is None or leaves(m))]
    accepted = [m for m in changed.values() if m.status == "accepted"]
    return len(meeting(accepted, untouched)) < len(untouched)


ASK_SPANS = 10
"""More spans than this in one document need ``yes``."""
COUNT_SPANS = 100
"""More spans than this need ``yes`` with the count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A step before it is taken.

    Args:
        kind: Answer it needs, ``None`` for none.
        what: What would happen, one line.
        token: Digest of what would change.
        name: The answer of kind ``name``.
        whole: It cannot be taken without some of its samples.
        choices: What else may be wanted: what a button says, and its line.
    """

    kind: PendingKind | None
    what: str
    token: str
    count: int = 0
    documents: int = 0
    name: str = ""
    lines: tuple[str, ...] = ()
    table: Table | None = None
    without: tuple[int, ...] = ()
    whole: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def answer(self) -> str:
        """The line that confirms."""
        return {"count": f"yes {self.count}", "name": self.name}.get(self.kind or "", "yes")


def rung(count: int, documents: int, *, reviewed: int = 0) -> PendingKind | None:
    """The answer that a step of this size needs."""
    if count > COUNT_SPANS or reviewed:
        return "count"
    return "yes" if count > ASK_SPANS or documents > 1 else None


def confirm(work: Work, plan: Plan) -> Reply | None:
    """``None`` when the step may be taken, else the question to show.

    A question that was asked for other data, or a wrong answer, asks again; nothing has changed then.
    """
    if plan.kind is None or (plan.kind != "count" and work.foreseen == (plan.name or str(plan.count))):
        return None
    given = work.answer
    if given is not None and given.pending.token == plan.token:
        count = str(plan.count)
        wanted = {"yes": ("", count), "count": (count,)}.get(plan.kind, (plan.name,))
        if given.text in wanted or (given.without and plan.kind == "yes"):
            return None
        return _ask(work, plan, plan.what, f"; to go on, type `{plan.answer}`")
    changed = "the data has changed since; " if given is not None and not given.without else ""
    apart = plan.table is not None and plan.table.rows and not plan.whole
    how = f": type `{plan.answer}`{' (or `except N` for a sample shown)' if apart else ''}"
    return _ask(work, plan, changed + plan.what, how)


def _ask(work: Work, plan: Plan, question: str, how: str) -> Reply:
    sizes = (plan.count, plan.documents, plan.without)
    pending = Pending(plan.kind or "yes", plan.answer, work.line, plan.token, *sizes, question, plan.choices)
    return work.ask(pending, Reply(question + how, "ask", plan.lines, plan.table))
