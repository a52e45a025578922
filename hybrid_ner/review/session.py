"""A reviewer at work: every line, key and click goes through here, one transaction each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from hybrid_ner.errors import HybridNerError, InputError, StaleError, StoreError, told, wrong_kind
from hybrid_ner.review.chat.reading import LEAVE
from hybrid_ner.review.chat.situation import spans_in
from hybrid_ner.review.chat.words import compared
from hybrid_ner.review.choosing import STILL, still
from hybrid_ner.review.commands.base import Added, Command
from hybrid_ner.review.commands.decide import DROPPED, NOTHING_ASKED, Answering, Dismiss, answer_to, meant_by
from hybrid_ner.review.commands.files import Replay, replayed, run_file
from hybrid_ner.review.commands.help import Proposer, own_words
from hybrid_ner.review.commands.language import Line, ParseError, is_text, read_line, script
from hybrid_ner.review.commands.undo import Redo, Undo
from hybrid_ner.review.commands.work import FileAccess, Services, Work
from hybrid_ner.review.listening import spoken
from hybrid_ner.review.reply import Pending, Reply
from hybrid_ner.review.rounds import ModelService
from hybrid_ner.review.rounds.terms import TermIndex
from hybrid_ner.review.screen import Operation, Shown, as_left, operate, operation_line, refuse_stale_command
from hybrid_ner.review.showing import KEYED, Showing
from hybrid_ner.review.store import ReviewStore, journal
from hybrid_ner.review.store.card import Tokenize, default_tokenize
from hybrid_ner.review.store.database import retried, transaction
from hybrid_ner.review.store.journal import Author, Place, Seen, lock_reviewer
from hybrid_ner.review.store.reviewers import load_roles, refuse, role_in
from hybrid_ner.review.store.schema import position
from hybrid_ner.terms import Gazetteer

_Run = Callable[[Work], Reply]
_NO_TEXT = "the line holds characters that no text has (broken encoding?). Nothing changed."


_SENTENCE = 4
"""Words from which on a line is no slip in an answer."""


class _AskedError(Exception):
    """One of several commands of a line asks."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.echo)
        self.reply = reply


def _is_typed(line: object) -> bool:
    """Whether a line is one that somebody can type: text without halves of letters.

    Raises:
        InputError: It is no string.
    """
    if not isinstance(line, str):
        raise wrong_kind("a line of text", line, 'Give what somebody would type: "ok".')
    return is_text(line)


class ReviewSession(Showing):
    """One reviewer in one project. It keeps nothing that the store does not have.

    Args:
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
        if not isinstance(store, ReviewStore):
            raise wrong_kind("a ReviewStore", store, "Give ReviewStore.open(path).")
        self.store, self.reviewer = store, reviewer
        self.project, self.proposer = store.project(project), proposer
        if signed_in:
            with self.project.read() as connection:
                refuse(role_in(load_roles(connection, self.project.id), reviewer), "reviewer", "open it")
        self.author = Author(self.project.id, self.project.reviewer_id(reviewer))
        terms = gazetteer if isinstance(gazetteer, TermIndex) else TermIndex(gazetteer)
        self.services = Services(tokenize or default_tokenize, terms, models, files, signed_in)
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
        foreseen: str = "",
    ) -> Reply:
        """Run one line, or do what a sentence says.

        Args:
            line: A command, several with ``;``, an answer to what is asked, a sentence, or ``replay FILE``.
            client_id: Identity of the sender, for lines that may be sent twice.
            sequence: Number of the line from that sender.
            shown: What the sender sees of the document; a decision on anything else is refused.
            question: ``Pending.key`` of the question that the sender sees, empty for none: no other is meant.
            framed: Number of the span that "this" means; by default the first one that is open.
            foreseen: How many spans or which model the sender has seen: whether to do just this is not asked.

        Raises:
            StoreError: The store failed; nothing of the line was kept.
        """
        seen = (client_id, sequence) if client_id is not None and sequence is not None else None
        if not _is_typed(line):
            return Reply(_NO_TEXT, "error")
        keyed = KEYED.fullmatch(line) and line != "ok next"
        said = read_line(line if keyed else compared(line))
        if isinstance(said.command, Replay) and self.services.files is not None:
            path = self.services.files.path(said.command.path)
            return self._outside(lambda: self._replay_command(path), said, seen)
        if isinstance(added := said.command, Added):
            return self._outside(lambda: added.given(self), said, seen)
        if not keyed and (parts := self.moves_first(said, framed)):
            return self._moved(*parts, seen)
        try:
            reading = None if keyed else self.meaning(said, framed)
        except InputError as error:  # of a file of one's own phrasings
            return Reply(str(error), "error")
        if reading is not None and (reading.question or reading.answer):
            return self._run(lambda work: spoken(work, line, reading), said, seen)
        meant = said if reading is None else read_line("; ".join(reading.lines))
        if reading is not None and (parts := self.moves_first(meant, framed)):
            return self._moved(*parts, seen)  # the choice "go there and do it"

        def run(work: Work) -> Reply:
            work.foreseen, waits = foreseen, work.place.pending
            reply = self._lines(work, meant, shown, question)
            if reading is not None and reply.level == "done" and work.place.pending is None:
                work.place = replace(work.place, pending=still(waits, line, reading.lines))
            return _told_what_waited(work, reply, waits, meant)

        asks = meant.command is not None and meant.command.effect == "asks"
        reply = (self._ask(run, meant, seen) if asks else None) or self._run(run, meant, seen)
        if reading is None:
            return reply
        understood = "" if meant.text == line.strip() else meant.text
        return replace(reply, understood=understood, then=self._asked_then(reply))

    def _asked_then(self, reply: Reply) -> str:
        """What is asked after an answer: the question that is still open, or the next one."""
        if reply.level == "done" and reply.pending is not None and reply.pending.question.startswith(STILL):
            return reply.pending.question
        return self.next_question() if reply.level == "done" or reply.moved else ""

    def _moved(self, move: str, rest: str, seen: Seen) -> Reply:
        """Move, and then do what is said of the document that is open by then."""
        with self.project.read() as connection:
            known = journal.said_before(connection, self.author.reviewer_id, seen)
        if known is not None:
            return replace(known, duplicate=True)
        first = self.handle(move)
        if first.level == "error":
            return first
        client, sequence = seen or (None, None)
        then = self.handle(rest, client_id=client, sequence=sequence)
        echo = "; ".join(filter(None, (first.echo, then.echo)))
        understood = f"{move}; {then.understood or rest}"
        return replace(then, echo=echo, understood=understood, moved=first.moved or then.moved)

    def _outside(self, run: Callable[[], Reply], said: Line, seen: Seen) -> Reply:
        """Run what handles lines of its own, outside of any transaction; sent twice, it still runs once."""
        begun = Reply(
            f"`{said.text.strip()}` was sent before and has not ended; `log` shows what it did", "error"
        )

        def claim() -> Reply | None:
            with self.project.write() as connection:
                lock_reviewer(connection, self.author.reviewer_id)
                known = journal.said_before(connection, self.author.reviewer_id, seen)
                if known is None:
                    journal.keep_answer(connection, self.author.reviewer_id, begun, seen)
                return known

        known = retried(claim) if seen is not None else None
        if known is not None:
            return replace(known, duplicate=True)
        reply = run()
        return retried(lambda: self._write(lambda work: reply, said, seen, "", claimed=True))

    def _replay_command(self, path: Path) -> Reply:
        try:
            return replace(replayed(self.replay(path)), pending=self.pending)
        except InputError as error:
            return Reply(str(error), "error")

    def apply(self, operation: Operation) -> Reply:
        """Run an edit made with the mouse.

        Raises:
            StoreError: The store failed; the operation may be sent again.
        """
        seen = (operation.client_id, operation.sequence)
        if not is_text(operation.surface + operation.label + operation.doc_id + operation.client_id):
            return Reply(_NO_TEXT, "error")

        def run(work: Work) -> Reply:
            work.require("reviewer", "review")
            work.place = replace(work.place, pending=None)
            return operate(work, operation)

        return self._run(run, Line(operation_line(operation)), seen, operation.doc_id)

    def _run(self, run: _Run, said: Line, seen: Seen, about: str = "") -> Reply:
        return retried(lambda: self._write(run, said, seen, about))

    def _ask(self, run: _Run, said: Line, seen: Seen) -> Reply | None:
        """Run a line that only asks: without any lock but for keeping what was said, which is short.

        Returns:
            ``None`` when the reviewer is not there yet: the first visit opens a document.
        """
        with self.project.read() as connection:
            place = journal.load_place(connection, self.author.reviewer_id)
            if place is None or place.document_id is None:
                return None
            work = Work(connection, self.author, self.reviewer, place, self.services, said.text)
            about = work.doc_id()
            reply = self._finish(work, self._guarded(run, work), place)
        left = place.pending is not None and work.place.pending is None
        return retried(lambda: self._keep(reply, (said.text, about), seen, left))

    def _keep(self, reply: Reply, said: tuple[str, str], seen: Seen, left: bool) -> Reply:
        """Keep a line that changes nothing, and drop the question that it left."""
        with self.project.write() as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            if seen and (known := journal.said_before(connection, self.author.reviewer_id, seen)):
                return replace(known, duplicate=True)
            if left:
                mine = position.c.reviewer_id == self.author.reviewer_id
                connection.execute(position.update().where(mine).values(pending=None))
            journal.remember(connection, self.author.reviewer_id, said, reply, seen)
        return reply

    def _write(self, run: _Run, said: Line, seen: Seen, about: str, *, claimed: bool = False) -> Reply:
        with transaction(self.project.engine, write=True) as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            known = None if claimed else journal.said_before(connection, self.author.reviewer_id, seen)
            if known is not None:
                return replace(known, duplicate=True)
            work, new = self._work(connection, said)
            before = work.place
            about = about or work.doc_id()
            reply = self._guarded(run, work)
            if (work.place is not before and work.place != before) or new:
                journal.save_place(connection, self.author.reviewer_id, work.place, new=new)
            reply = self._finish(work, reply, before)
            line = work.line if work.answer is None else said.text
            journal.remember(connection, self.author.reviewer_id, (line, about), reply, seen)
        for promise, begin in work.later:
            reply = self._begun(reply, promise, begin, seen)
        followed = () if work.switched is None else self._follow(work.switched)
        return replace(reply, lines=(*reply.lines, *followed))

    def _begun(self, reply: Reply, said: str, begin: Callable[[], Reply], seen: Seen) -> Reply:
        """Begin what the log says by now, and let the answer tell what came of it."""
        before = reply.echo
        try:
            now = begin()
        except (OSError, HybridNerError) as error:
            now = Reply(f"{said}, but it failed: {told(error)}", "error")
        level = "error" if now.level == "error" else reply.level
        reply = replace(
            reply, echo=before.replace(said, now.echo), level=level, lines=(*reply.lines, *now.lines)
        )
        # The answer that was kept with the line is true as well, only less exact.
        with suppress(StoreError), self.project.write() as connection:
            journal.correct_answer(connection, self.author.reviewer_id, before, reply, seen)
        return reply

    def _follow(self, model: str) -> tuple[str, ...]:
        """Let the files beside the models follow what the store says; what keeps them from it is told."""
        try:
            if self.services.models is not None:
                self.services.models.use(model)
        except (OSError, HybridNerError) as error:
            return (f"the pointer beside the models is behind until a session opens again: {error}",)
        return ()

    def _work(self, connection: sa.Connection, said: Line) -> tuple[Work, bool]:
        place = journal.load_place(connection, self.author.reviewer_id)
        commands = meant_by(place.pending, said) if place and place.pending else said.commands
        if any(each.effect == "project" for each in commands):
            journal.lock_project(connection, self.project.id)
        work = Work(connection, self.author, self.reviewer, place or Place(), self.services, said.text)
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
            work.forget()
            work.place = replace(before, pending=asked.reply.pending)
            if work.answer is not None:
                work.place = replace(before, pending=None)
                return Reply("that asks for more than one confirmation: say one thing at a time", "error")
            return asked.reply
        except ParseError as error:
            # A slip in an answer keeps the question; a sentence that is not understood repeats it.
            work.place, waits = before, before.pending
            told = _told(work, error)
            if waits is not None and len(work.line.split()) >= _SENTENCE:
                names = " · ".join(name for name, _ in waits.choices) or "type `yes`, or `no` to leave it"
                told += f" Still asked: {waits.question.removeprefix(STILL)} {names}"
            return Reply(told, "error")
        except StoreError:
            raise
        except HybridNerError as error:
            work.place = before if work.answer is not None else replace(before, pending=None)
            work.forget()
            return Reply(_told(work, error), "error", stale=isinstance(error, StaleError))

    def _lines(self, work: Work, said: Line, shown: Shown | None, question: str | None) -> Reply:
        """One command, or several that are done as one step."""
        if said.parts:
            return self._several(work, said, shown)
        pending = work.place.pending
        command = (answer_to(pending, said.text) if pending else None) or said.command
        if command is None:
            raise said.error or ParseError("an empty line is no command.")
        if command.answers and pending is not None and question not in (None, pending.key):
            return Reply(f"another question waits by now: {pending.question}. Nothing changed.", "error")
        if isinstance(command, Answering):
            return self._answered(work, command, pending)
        return _run_command(work, command, shown)

    def _several(self, work: Work, said: Line, shown: Shown | None = None) -> Reply:
        work.joining = True
        replies: list[Reply] = []
        for place, (command, seen) in enumerate(as_left(work, said.commands, shown)):
            if isinstance(command, Undo | Redo):
                work.joined = None
            reply = _run_command(work, command, seen)
            if reply.level == "ask":
                raise _AskedError(_among(said.parts, place, reply))
            replies.append(reply)
        return Reply.joined(replies)

    def _answered(self, work: Work, given: Answering, pending: Pending | None) -> Reply:
        """Run the line that asked once more, with the answer."""
        leaves = isinstance(given, Dismiss)
        if pending is None:
            return Reply(NOTHING_ASKED, "info" if leaves else "error")
        found = given.to(pending)
        if leaves or not isinstance(found, Reply):
            work.place = replace(work.place, pending=None)
        if isinstance(found, Reply):
            return found
        work.answer, work.line = found, pending.line
        return self._lines(work, read_line(pending.line), None, None)

    def _finish(self, work: Work, reply: Reply, before: Place) -> Reply:
        return replace(
            reply,
            changed=tuple(work.changed),
            doc_id=work.doc_id(),
            moved=work.place.document_id != before.document_id,
            step=work.written.number if work.written else None,
            pending=work.place.pending,
        )

    def open(self, doc_id: str) -> Reply:
        """Put a document on the card.

        Raises:
            InputError: No such document.
        """
        return retried(lambda: self._open(doc_id))

    def _open(self, doc_id: str) -> Reply:
        with self.project.write() as connection:
            lock_reviewer(connection, self.author.reviewer_id)
            work, new = self._work(connection, Line(""))
            work.require("reviewer", "look at it")
            number = work.document_row(doc_id)
            if number is None:
                raise work.no_document(doc_id)
            before = work.place
            work.move(number)
            journal.save_place(connection, self.author.reviewer_id, work.place, new=new)
            return self._finish(work, Reply(work.where()), before)

    def replay(self, path: str | Path) -> list[Reply]:
        """Run the lines of a session file; blank lines and ``#`` comments are passed over.

        A session file is data, perhaps of somebody else: its lines reach no files, whatever this session may.

        Raises:
            InputError: The file cannot be read, or a line is refused; what came before it stays.
        """
        reader = copy(self)
        reader.services = replace(self.services, files=None)
        return list(run_file(path, reader.handle))


def _told(work: Work, error: HybridNerError) -> str:
    """What is wrong; an example in its hint is in words of the project."""
    said, hint = str(error), getattr(error, "hint", "")
    return said.removesuffix(hint) + (own_words(work).told(hint) or hint) if "or example" in hint else said


def _among(parts: tuple[Line, ...], place: int, reply: Reply) -> Reply:
    """A question of one of several commands: what may be chosen stands in its place, beside the others."""
    if reply.pending is None:
        return reply
    told, choices = [each.text for each in parts], []
    for name, line in reply.pending.choices:
        whole = "; ".join([*told[:place], line, *told[place + 1 :]])
        choices += [LEAVE] if (name, line) == LEAVE else [(name, whole)] if script(whole) else []
    return replace(reply, pending=replace(reply.pending, choices=tuple(choices)))


def _told_what_waited(work: Work, reply: Reply, waits: Pending | None, said: Line) -> Reply:
    """Tell that a preview for all documents was left, where a line did something else than answer it.

    "Just here" answers it too: such a line decides mentions of the words that the preview is about.
    """
    left = waits is not None and waits.kind in ("yes", "count") and work.place.pending is None
    if waits is None or not left or reply.level not in ("done", "info") or work.answer is not None:
        return reply
    if isinstance(said.command, Answering) or reply.echo.startswith(DROPPED):
        return reply
    if reply.level == "done" and work.place.document_id is not None:
        card, about = work.card(), spans_in(said.text)
        words = [card.text[m.start : m.end].casefold() for m in card.mentions if m.number in about]
        if any(each in waits.line.casefold() for each in words):
            return reply
    return replace(
        reply, lines=(*reply.lines, f"Not done: `{waits.line}`. Say it again if it is to be done.")
    )


def _run_command(work: Work, command: Command, shown: Shown | None) -> Reply:
    work.place = replace(work.place, pending=None)
    if shown is not None and command.on_card and work.place.document_id is not None:
        refuse_stale_command(work.card(), shown, command)
    if work.services.signed_in:
        work.admit(command)
    return command.run(work)
