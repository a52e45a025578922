"""A reviewer at work: every line, key and click goes through here, one transaction each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from hybrid_ner.corpus import Document
from hybrid_ner.errors import HybridNerError, InputError, StaleError, StoreError
from hybrid_ner.registry import COMMANDS
from hybrid_ner.review.chat.listening import reading_of, situation_of
from hybrid_ner.review.chat.natural import Reading
from hybrid_ner.review.chat.proposing import Proposer
from hybrid_ner.review.chat.wording import LONGEST
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.context import (
    Answer,
    FileAccess,
    Place,
    Seen,
    Services,
    Work,
    load_place,
    remember,
    said_before,
    save_place,
)
from hybrid_ner.review.commands.grammar import parse, script
from hybrid_ner.review.commands.handlers import HANDLERS, answer_of, is_wide, only_asks
from hybrid_ner.review.commands.lexer import ParseError, is_text
from hybrid_ner.review.commands.on_info import left_said, next_question
from hybrid_ner.review.commands.on_log import log_rows
from hybrid_ner.review.document.card import Card, Tokenize, default_tokenize
from hybrid_ner.review.document.drawing import around, document_view
from hybrid_ner.review.document.parts import Outline, outline_of, place_of
from hybrid_ner.review.document.view import DocumentView, LogRow, QueueRow, TurnRow
from hybrid_ner.review.operating import Operation, operate, operation_line
from hybrid_ner.review.queue import queue_rows
from hybrid_ner.review.reply import Pending, Reply
from hybrid_ner.review.roles import admit, check, give_role, load_roles, require, role_in
from hybrid_ner.review.rounds.models import ModelService
from hybrid_ner.review.rounds.terms import TermIndex
from hybrid_ner.review.screen import ON_CARD, Shown, refuse_stale_command
from hybrid_ner.review.session_file import is_run, read_session, replayed, session_lines
from hybrid_ner.review.store.database import retried
from hybrid_ner.review.store.journal import Author, lock_project, lock_reviewer
from hybrid_ner.review.store.project import DocumentImport, Project
from hybrid_ner.review.store.schema import document as document_table
from hybrid_ner.review.store.schema import position, turn
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.store import ReviewStore
from hybrid_ner.terms import Gazetteer

__all__ = ["ReviewSession"]

_Run = Callable[[Work], Reply]
_KEYED = re.compile(r"next|back|skip|undo|redo|ok|(?:ok|no|why|reopen) [\d ,-]+|ok(?: [\d ,-]+)? next|\?")
"""Lines of keys and buttons, which are no sentences: nothing is looked up for them."""
_NO_TEXT = "the line holds characters that no text has (broken encoding?). Nothing changed."
_NOTHING_ASKED = "nothing waits for an answer: the question expired, or was never asked"


class _AskedError(Exception):
    """One of several commands of a line asks."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.echo)
        self.reply = reply


class ReviewSession:
    """One reviewer in one project. It keeps nothing that the store does not have.

    Args:
        store: Where everything is kept.
        project: Name of the project; the only one when empty.
        reviewer: Name of the reviewer, registered at first use.
        gazetteer: For links and ``why not``; a ``TermIndex`` to share its tables between sessions.
        models: Training and registry, for ``retrain``, ``promote``, ``score`` and the like.
        tokenize: Token boundaries of a text; those of training by default.
        files: The right to write files with ``export`` and to read them with ``replay``; without it no line
            reaches a path.
        signed_in: The name was verified: what it may do is what its role in the project allows.
        proposer: A model on this machine that may propose a line for what is not understood; none by default.

    Raises:
        AccessError: Signed in, and nobody of this project.
    """

    def __init__(
        self,
        store: ReviewStore,
        project: str = "",
        reviewer: str = "reviewer",
        *,
        gazetteer: Gazetteer | TermIndex | None = None,
        models: ModelService | None = None,
        tokenize: Tokenize | None = None,
        files: FileAccess | None = None,
        signed_in: bool = False,
        proposer: Proposer | None = None,
    ) -> None:
        self.store, self.reviewer = store, reviewer
        self.project: Project = store.project(project)
        if signed_in:
            with self.project.read() as connection:
                admit(load_roles(connection, self.project.id), reviewer)
        self.author = Author(self.project.id, self.project.reviewer_id(reviewer))
        terms = gazetteer if isinstance(gazetteer, TermIndex) else TermIndex(gazetteer)
        self.services = Services(tokenize or default_tokenize, terms, models, files, signed_in, proposer)
        if models is not None and (model := self.project.model) is not None:
            self._follow(model)

    def handle(
        self,
        line: str,
        *,
        client_id: str | None = None,
        sequence: int | None = None,
        shown: Shown | None = None,
        question: str | None = None,
        framed: int = 0,
    ) -> Reply:
        """Run one line, or do what a sentence says.

        Args:
            line: A command, several with ``;`` between, an answer to the pending question, a sentence, or
                ``replay FILE``.
            client_id: Identity of the sender, for lines that may be sent twice.
            sequence: Number of the line from that sender.
            shown: What the sender sees of the document; a decision on anything else is refused.
            question: ``Pending.key`` of the question that the sender sees, empty for none; an answer to
                another one is refused.
            framed: Number of the span that "this" means; by default the first one that is open.

        Raises:
            StoreError: The store failed; nothing of the line was kept.
        """
        seen = (client_id, sequence) if client_id is not None and sequence is not None else None
        if not is_text(line):
            return Reply(_NO_TEXT, "error")
        command = _parsed(line)
        if isinstance(command, c.ReplayFile) and self.services.files is not None:
            return self._replay_command(self.services.files.path(command.path))
        own = self._own_command(line)
        if own is not None:
            return self._run(lambda work: own, line, seen)
        reading = self.reading(line, framed) or self._proposal(line, framed)
        if reading is not None and (reading.question or reading.answer):
            return self._run(lambda work: _spoken(work, line, reading), line, seen)
        meant = line if reading is None else "; ".join(reading.lines)

        def run(work: Work) -> Reply:
            return self._lines(work, meant, shown, question)

        asked = self._ask(run, meant, seen) if only_asks(meant) else None
        reply = asked or self._run(run, meant, seen)
        if reading is None:
            return reply
        then = self._next_question() if reply.level == "done" or reply.moved else ""
        return replace(reply, understood=meant, then=then)

    def _proposal(self, line: str, framed: int) -> Reading | None:
        """What a model on this machine makes of a sentence that the rules do not understand."""
        proposer = self.services.proposer
        if proposer is None or len(line) > LONGEST:
            return None
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            if is_run(line) or work.place.pending is not None:
                return None
            situation = situation_of(work, framed)
        return proposer.propose(line, situation)

    def _next_question(self) -> str:
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            if work.place.document_id is None or work.place.pending is not None:
                return ""
            focus = situation_of(work).focus
            return next_question(work, work.card().mention(focus.number) if focus else None)

    def reading(self, line: str, framed: int = 0) -> Reading | None:
        """What a sentence would be taken for; ``None`` for a command. Nothing is run.

        Args:
            line: As typed.
            framed: Number of the span that "this" means.
        """
        if len(line) > LONGEST or _KEYED.fullmatch(line):
            return None
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            return reading_of(work, line, framed)

    def _own_command(self, line: str) -> Reply | None:
        """The reply of a command that another package brings; ``None`` when the line is none.

        It runs outside of a transaction, so that it may handle lines of its own.
        """
        word, _, rest = line.strip().partition(" ")
        if word not in COMMANDS:
            return None
        with suppress(ParseError):
            parse(line)
            return None  # the language itself has such a command
        try:
            said = COMMANDS.get(word)(self, rest.strip())
        except Exception as error:  # whatever another package's code does
            return Reply(f"{word}: {error or type(error).__name__}", "error")
        return said if isinstance(said, Reply) else Reply(str(said))

    def apply(self, operation: Operation) -> Reply:
        """Run an edit made with the mouse.

        Raises:
            StoreError: The store failed; the operation may be sent again.
        """
        seen = (operation.client_id, operation.sequence)
        if not is_text(operation.surface + operation.label + operation.doc_id + operation.client_id):
            return Reply(_NO_TEXT, "error")

        def run(work: Work) -> Reply:
            require(work, "reviewer", "review")
            work.place = replace(work.place, pending=None)
            return operate(work, operation)

        return self._run(run, operation_line(operation), seen, operation.doc_id)

    def _run(self, run: _Run, line: str, seen: Seen, about: str = "") -> Reply:
        return retried(lambda: self._write(run, line, seen, about))

    def _ask(self, run: _Run, line: str, seen: Seen) -> Reply | None:
        """Run a line that only asks: without any lock but for keeping what was said, which is short.

        Returns:
            ``None`` when the reviewer is not there yet: the first visit opens a document.
        """
        with self.project.read() as connection:
            place = load_place(connection, self.author.reviewer_id)
            if place is None or place.document_id is None:
                return None
            work = self._work_at(connection, place, line)
            about = work.doc_id()
            reply = self._finish(work, self._guarded(run, work), place)
        left = place.pending is not None and work.place.pending is None
        return retried(lambda: self._keep(reply, (line, about), seen, left))

    def _keep(self, reply: Reply, said: tuple[str, str], seen: Seen, left: bool) -> Reply:
        """Keep a line that changes nothing, and drop the question that it left."""
        with self.project.write() as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            known = said_before(connection, self.author.reviewer_id, seen)
            if known is not None:
                return replace(known, duplicate=True)
            if left:
                mine = position.c.reviewer_id == self.author.reviewer_id
                connection.execute(position.update().where(mine).values(pending=None))
            remember(connection, self.author.reviewer_id, said, reply, seen)
        return reply

    def _write(self, run: _Run, line: str, seen: Seen, about: str) -> Reply:
        with self.project.write() as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            known = said_before(connection, self.author.reviewer_id, seen)
            if known is not None:
                return replace(known, duplicate=True)
            work, new = self._work(connection, line)
            before = work.place
            about = about or work.doc_id()
            reply = self._guarded(run, work)
            if work.place != before or new:
                save_place(connection, self.author.reviewer_id, work.place, new=new)
            reply = self._finish(work, reply, before)
            said = work.line if work.answer is None else line
            remember(connection, self.author.reviewer_id, (said, about), reply, seen)
        if work.switched is None:
            return reply
        return replace(reply, lines=(*reply.lines, *self._follow(work.switched)))

    def _follow(self, model: str) -> tuple[str, ...]:
        """Let the files beside the models follow what the store says; what keeps them from it is told."""
        try:
            if self.services.models is not None:
                self.services.models.use(model)
        except (OSError, HybridNerError) as error:
            return (f"the pointer beside the models is behind until a session opens again: {error}",)
        return ()

    def _work(self, connection: sa.Connection, line: str) -> tuple[Work, bool]:
        place = load_place(connection, self.author.reviewer_id)
        if is_wide(place.pending if place else None, line):
            lock_project(connection, self.project.id)
        work = self._work_at(connection, place or Place(), line)
        if work.place.document_id is None:
            # The same one that a page, which only reads, has shown.
            work.move(work.queue.following(connection, None, take=True))
        return work, place is None

    def _guarded(self, run: _Run, work: Work) -> Reply:
        before = work.place
        try:
            with work.connection.begin_nested():
                return run(work)
        except _AskedError as asked:
            # Nothing of the line is kept until the question is answered: then all of it is run again.
            work.changed.clear()
            work.written = work.joined = work._card = None
            work.place = replace(before, pending=asked.reply.pending)
            if work.answer is not None:
                work.place = replace(before, pending=None)
                return Reply("that asks for more than one confirmation: say one thing at a time", "error")
            return asked.reply
        except ParseError as error:
            work.place = before
            return Reply(str(error), "error")
        except StoreError:
            raise
        except HybridNerError as error:
            answered = work.answer is not None
            work.place = before if answered else replace(before, pending=None)
            work.changed.clear()
            work.switched = None
            return Reply(str(error), "error", stale=isinstance(error, StaleError))

    def _lines(self, work: Work, line: str, shown: Shown | None = None, question: str | None = None) -> Reply:
        """One command, or several that are done as one step."""
        several = script(line)
        if not several:
            return self._line(work, line, shown, question)
        work.joining = True
        return self._several(work, several, shown)

    def _several(self, work: Work, lines: Sequence[str], shown: Shown | None = None) -> Reply:
        replies: list[Reply] = []
        for each in lines:
            command = parse(each)
            if isinstance(command, c.Undo | c.Redo):
                work.joined = None
            work.place = replace(work.place, pending=None)
            if shown is not None and isinstance(command, ON_CARD) and work.place.document_id is not None:
                refuse_stale_command(work.card(), shown, command)
            check(work, command)
            reply = HANDLERS[type(command)](work, command)
            if reply.level == "ask":
                raise _AskedError(reply)
            replies.append(reply)
        wrote = any(reply.level == "done" for reply in replies)
        rich = next((reply for reply in replies if reply.table or reply.lines), replies[-1])
        echo = "; ".join(dict.fromkeys(reply.echo for reply in replies if reply.echo))
        return Reply(echo, "done" if wrote else "info", rich.lines, rich.table)

    def _line(self, work: Work, line: str, shown: Shown | None = None, question: str | None = None) -> Reply:
        pending = work.place.pending
        command = answer_of(pending, line) or parse(line)
        answers = isinstance(command, c.Confirm | c.Except | c.Which | c.Dismiss)
        if answers and pending is not None and question not in (None, pending.key):
            return Reply(f"another question waits by now: {pending.question}. Nothing changed.", "error")
        if isinstance(command, c.Confirm | c.Except | c.Which):
            return self._answered(work, command, pending)
        work.place = replace(work.place, pending=None)
        if isinstance(command, c.Dismiss):
            return Reply(f"left: `{pending.line}`; nothing changed" if pending else _NOTHING_ASKED)
        if shown is not None and isinstance(command, ON_CARD) and work.place.document_id is not None:
            refuse_stale_command(work.card(), shown, command)
        check(work, command)
        return HANDLERS[type(command)](work, command)

    def _answered(self, work: Work, given: c.Confirm | c.Except | c.Which, pending: Pending | None) -> Reply:
        if pending is None:
            return Reply(_NOTHING_ASKED, "error")
        if pending.kind == "choice":
            return Reply(f"{pending.question} Say which one, or `cancel`.", "ask", pending=pending)
        if (pending.kind == "which") != isinstance(given, c.Which):
            return Reply(f"expected an answer like `{pending.answer}`", "ask", pending=pending)
        if isinstance(given, c.Confirm):
            work.answer = Answer(pending, given.answer)
        elif isinstance(given, c.Except):
            work.answer = Answer(pending, without=given.numbers)
        else:
            work.answer = Answer(pending, which=given.number)
        work.line = pending.line
        work.place = replace(work.place, pending=None)
        if several := script(pending.line):
            work.joining = True
            return self._several(work, several)
        command = parse(pending.line)
        check(work, command)
        return HANDLERS[type(command)](work, command)

    def _finish(self, work: Work, reply: Reply, before: Place) -> Reply:
        doc_id = work.doc_id()
        return replace(
            reply,
            changed=tuple(work.changed),
            doc_id=doc_id,
            moved=work.place.document_id != before.document_id,
            step=work.written.number if work.written else None,
            pending=work.place.pending,
        )

    def view(self, doc_id: str | None = None, window: tuple[int, int] | None = None) -> DocumentView | None:
        """The document on the card, or another one; ``None`` when the project is empty.

        Args:
            doc_id: The document; by default the one on the card.
            window: Only the spans and tokens in these characters, grown to whole spans.

        Raises:
            InputError: No such document.
        """
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            number = work.place.document_id if doc_id is None else work.document_row(doc_id)
            if number is None and doc_id is not None:
                raise InputError(f"there is no document {doc_id!r} in project {self.project.name!r}.")
            if number is None:
                return None
            return document_view(work, work.card_of(number, around(window)), window)

    def outline(self) -> Outline | None:
        """The parts of the document on the card; ``None`` when the project is empty."""
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            number = work.place.document_id
            if number is None:
                return None
            query = sa.select(document_table.c.doc_id, document_table.c.text).where(
                document_table.c.id == number
            )
            row = connection.execute(query).one()
            return outline_of(connection, self.author.reviewer_id, number, row.doc_id, row.text)

    def place_of(self, number: int) -> int | None:
        """Where a span of the document on the card begins; ``None`` when it has none of that number."""
        with self.project.read() as connection:
            document_id = self._work_to_read(connection)[0].place.document_id
            if document_id is None:
                return None
            return place_of(connection, self.author.reviewer_id, document_id, number)

    def _work_to_read(self, connection: sa.Connection) -> tuple[Work, bool]:
        place = load_place(connection, self.author.reviewer_id) or Place()
        work = self._work_at(connection, place, "")
        require(work, "reviewer", "look at it")
        if place.document_id is None:
            work.place = replace(place, document_id=work.queue.following(connection, None))
        return work, False

    def _work_at(self, connection: sa.Connection, place: Place, line: str) -> Work:
        row = connection.execute(sa.select(project_table).where(project_table.c.id == self.project.id)).one()
        return Work(connection, row, self.author, self.reviewer, place, self.services, line)

    def open(self, doc_id: str) -> Reply:
        """Put a document on the card.

        Raises:
            InputError: No such document.
        """
        return retried(lambda: self._open(doc_id))

    def _open(self, doc_id: str) -> Reply:
        with self.project.write() as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            work, new = self._work(connection, "")
            require(work, "reviewer", "look at it")
            number = work.document_row(doc_id)
            if number is None:
                raise InputError(f"there is no document {doc_id!r} in project {self.project.name!r}.")
            before = work.place
            work.move(number)
            save_place(connection, self.author.reviewer_id, work.place, new=new)
            return self._finish(work, Reply(work.where()), before)

    def add_documents(self, documents: Iterable[Document]) -> DocumentImport:
        """Add documents to the project, as a step of this reviewer.

        Raises:
            AccessError: Signed in, and no lead or owner.
            CorpusError: A document id that is there with another text.
        """
        with self.project.read() as connection:
            require(self._work_to_read(connection)[0], "lead", "import documents")
        return self.project.add_documents(documents, by=self.reviewer)

    def give_role(self, name: str, role: str) -> None:
        """Give somebody a role in the project.

        Raises:
            AccessError: Signed in, and no owner.
            InputError: No such role, or nobody would be an owner any more.
        """
        give_role(self.project, name, role, self.reviewer, as_owner=self.services.signed_in)

    @property
    def role(self) -> str:
        """The reviewer's role; ``owner`` where nobody signs in."""
        if not self.services.signed_in:
            return "owner"
        with self.project.read() as connection:
            return role_in(load_roles(connection, self.project.id), self.reviewer)

    def queue(self, limit: int = 100, offset: int = 0, search: str = "") -> list[QueueRow]:
        """The documents in the current order, those that wait first."""
        with self.project.read() as connection:
            work, _ = self._work_to_read(connection)
            return queue_rows(work.queue, connection, limit, offset, search)

    def log(self, limit: int = 30) -> list[LogRow]:
        """The last steps of all reviewers, newest last."""
        with self.project.read() as connection:
            return log_rows(connection, self.project.id, limit)

    def history(self, limit: int = 30) -> list[TurnRow]:
        """The last lines of this reviewer's chat, newest last."""
        query = sa.select(turn).where(turn.c.reviewer_id == self.author.reviewer_id)
        with self.project.read() as connection:
            rows = connection.execute(query.order_by(turn.c.id.desc()).limit(limit)).all()
        return [TurnRow(row.at, row.line, row.echo, row.level) for row in reversed(rows)]

    @property
    def pending(self) -> Pending | None:
        """The question that waits for an answer."""
        with self.project.read() as connection:
            place = load_place(connection, self.author.reviewer_id)
        return place.pending if place else None

    @property
    def order(self) -> str:
        """Name of the queue order."""
        with self.project.read() as connection:
            return self._work_to_read(connection)[0].order

    @property
    def mixed(self) -> bool:
        """Whether both rules and a model vote, so that they may disagree."""
        with self.project.read() as connection:
            return bool(self._work_to_read(connection)[0].project.mixed)

    @property
    def left(self) -> int:
        """Documents left in the queue."""
        with self.project.read() as connection:
            return self._work_to_read(connection)[0].queue.left(connection)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the project in key order."""
        return self.project.labels

    def card(self) -> Card:
        """The document on the card with its mentions, for programs that need the keys."""
        with self.project.read() as connection:
            return self._work_to_read(connection)[0].card()

    def transcript(self) -> list[str]:
        """Every line of this reviewer that was understood: a session file for ``replay``.

        It names the document wherever another one came up, since what the queue leads to also depends on
        the others who review.
        """
        query = sa.select(turn).where(turn.c.reviewer_id == self.author.reviewer_id).order_by(turn.c.id)
        with self.project.read() as connection:
            rows = connection.execute(query).all()
        return session_lines((row.line, row.doc_id or "", row.level) for row in rows)

    def replay(self, path: str | Path) -> list[Reply]:
        """Run the lines of a session file; blank lines and ``#`` comments are passed over.

        A session file is data, perhaps of somebody else: its lines reach no files, whatever this session may.

        Raises:
            InputError: The file cannot be read, or a line is refused; what came before it stays.
        """
        reader = copy(self)
        reader.services = replace(self.services, files=None)
        replies = []
        for row, line in read_session(path):
            reply = reader.handle(line)
            replies.append(reply)
            if reply.level == "error":
                raise InputError(f"{line!r}: {reply.echo}", path=path, row=row, hint="Correct the line.")
        return replies

    def _replay_command(self, path: Path) -> Reply:
        try:
            replies = self.replay(path)
        except InputError as error:
            return Reply(str(error), "error")
        return replace(replayed(replies), pending=self.pending)


def _spoken(work: Work, line: str, reading: Reading) -> Reply:
    """A question with its choices, or a plain answer; a question that waits stays when it is not answered."""
    if not reading.question:
        return Reply(reading.answer.replace("{left}", left_said(work)).strip())
    first = reading.choices[0][1] if reading.choices else ""
    answer = first if first != "cancel" else ""
    pending = Pending("choice", answer, line, "", question=reading.question, choices=reading.choices)
    return work.ask(pending, Reply(reading.question, "ask"))


def _parsed(line: str) -> c.Command | None:
    try:
        return parse(line)
    except ParseError:
        return None
