"""Answers to a question of the session, which itself goes on with the step that asked."""

from __future__ import annotations

from hybrid_ner.review.commands.base import HASH, Command, command
from hybrid_ner.review.commands.language import Cursor, Line, read_line, whole_number
from hybrid_ner.review.commands.models import Stop
from hybrid_ner.review.commands.work import Answer
from hybrid_ner.review.reply import Pending, Reply

__all__ = ["NOTHING_ASKED", "Answering", "Confirm", "Dismiss", "Except", "Which", "answer_to", "meant_by"]

NOTHING_ASKED = "nothing waits for an answer: the question expired, or was never asked"


class Answering(Command):
    """It answers a question."""

    __slots__ = ()

    effect = "own"
    answers = True
    alone = True
    proposed = False

    def to(self, pending: Pending) -> Answer | Reply:
        if pending.kind == "choice":
            return Reply(f"{pending.question} Say which one, or `cancel`.", "ask", pending=pending)
        if (pending.kind == "which") != isinstance(self, Which):
            return Reply(f"expected an answer like `{pending.answer}`", "ask", pending=pending)
        return self.given(pending)

    def given(self, pending: Pending) -> Answer:
        raise NotImplementedError


@command("yes", says="yes · yes 128: confirm what was asked", reads=Cursor.rest)
class Confirm(Answering):
    """``yes``, ``yes 128``, ``yes r4``."""

    moves = True
    asks_terms = True
    answer: str = ""

    def given(self, pending: Pending) -> Answer:
        return Answer(pending, self.answer)


@command(
    "except",
    says="except 3: confirm all but some of the samples shown",
    reads=lambda cursor: cursor.listed("except 3"),
)
class Except(Answering):
    """``except 3``: the pending step without some of its samples."""

    moves = True
    samples: tuple[int, ...] = ()

    def given(self, pending: Pending) -> Answer:
        return Answer(pending, without=self.samples)


@command("cancel, leave", says="cancel: leave the step that was asked about; nothing changes")
class Dismiss(Answering):
    """``cancel``: leave the pending step."""

    proposed = True

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return Stop() if cursor.word("training") else cls()

    def to(self, pending: Pending) -> Answer | Reply:
        return Reply(f"left: `{pending.line}`; nothing changed")


@command(HASH)
class Which(Answering):
    """``#2``: which occurrence, when one was asked for."""

    place: int

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        token = cursor.take("hash")
        return cls(int(token.text[1:]) if token else 0)

    def given(self, pending: Pending) -> Answer:
        return Answer(pending, which=self.place)


def answer_to(pending: Pending, line: str) -> Command | None:
    """A bare name or number that answers a question."""
    said = line.strip()
    if pending.kind == "name" and said == pending.answer:
        return Confirm(said)
    if pending.kind == "which" and (number := whole_number(said)) is not None:
        return Which(number)
    return None


def meant_by(pending: Pending, said: Line) -> tuple[Command, ...]:
    """The commands that a line runs, or that the question asked for which it answers."""
    answer = answer_to(pending, said.text)
    commands = said.commands if answer is None else (answer,)
    if any(isinstance(each, Answering) and not isinstance(each, Dismiss) for each in commands):
        return read_line(pending.line).commands
    return commands
