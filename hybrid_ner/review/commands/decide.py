"""Accept, reject, put off; the answers to a question of the session; and what is decided so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import HASH, Asking, Command, Key, OnCard, command
from hybrid_ner.review.commands.bulk import Bulk
from hybrid_ner.review.commands.explain import left_said
from hybrid_ner.review.commands.language import Cursor, Line, ParseError, read_line, whole_number
from hybrid_ner.review.commands.models import Stop
from hybrid_ner.review.commands.move import go_next, mark_done
from hybrid_ner.review.commands.selection import EVERY, Selection, numbers_or_selection
from hybrid_ner.review.commands.work import Answer, Plan, Work, confirm, rung
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.spans import Edit, Numbers
from hybrid_ner.review.queue import LISTS
from hybrid_ner.review.reply import Pending, Reply, Table, digest
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.labels import BY_PEOPLE
from hybrid_ner.review.store.postings import occurrences
from hybrid_ner.review.store.schema import count_documents, document_state, mention
from hybrid_ner.text import quantity


def apply_to(work: Work, numbers: Numbers, make: Callable[[Card, Numbers], Edit], kind: str) -> Reply:
    """Write what is done with mentions of the card, but for those that an answer leaves out: ``except 6``."""
    card, out = work.card(), set(work.answer.without) if work.answer is not None else set()
    edit = make(card, numbers)
    if not out:
        return apply(work, edit, kind)
    about = {change.mention.number for change in edit.changes}
    if unknown := sorted(out - about):
        raise InputError(f"{unknown[0]} is none of the {len(about)} mentions.", hint="Nothing changed.")
    return apply(work, edit, kind, make(card, Numbers(tuple(sorted(about - out)))))


def apply(work: Work, edit: Edit, kind: str, instead: Edit | None = None) -> Reply:
    """Write an edit of the card, after a question when it is wide.

    Args:
        instead: What is written when the question is answered so, where it is less.
    """
    count = len(edit.changes)
    asks = rung(count, 1)
    if asks is None:
        return work.write_edit(edit, kind)
    card = work.card()
    # With the labels of now: what was relabeled after the question is another step.
    changed = {change.mention.key for change in edit.changes}
    now = [(m.key, m.start, m.end, m.label, m.status) for m in card.mentions if m.key in changed]
    token = digest([card.doc_id, card.content_hash, *(change.to_json() for change in edit.changes), *now])
    plan = Plan(asks, f"{kind} {quantity(count, 'mention')} of this document", token, count, 1)
    return confirm(work, plan) or work.write_edit(instead or edit, kind)


@command(
    "ok, a, accept",
    says="ok · ok 1 3 · ok all but 4 · ok next: accept; `ok next` goes on",
    keys=(
        Key("a", "ok {n}", "accept the mention"),
        Key("Enter", "ok {open} next", "accept the rest, save, next"),
    ),
)
class Accept(OnCard):
    pushes = True
    numbers: Numbers
    then_next: bool = False

    @property
    def goes_on(self) -> bool:
        return self.then_next

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if numbers := cursor.numbers():
            return cls(Numbers(numbers), then_next=bool(cursor.word("next")))
        if cursor.word("next"):
            return cls(EVERY, then_next=True)
        found = numbers_or_selection(cursor)
        if isinstance(found, Selection):
            return Bulk("accept", found)
        return cls(found or EVERY, then_next=bool(cursor.word("next")))

    def run(self, work: Work) -> Reply:
        card = work.card()
        chosen = work.chosen(card)
        edit = spans.accept(card, self.numbers, chosen)
        every = self.numbers.every
        if edit.changes:
            # What is shown is accepted without a question: one document is on the screen, undo is one key.
            reply = work.write_edit(edit, "accept", chosen if self.then_next else None)
        elif every and not self.numbers.but and not card.open and not card.state.done:
            reply = mark_done(work, card)
        else:
            reply = Reply("nothing is open here" if every else f"{edit.echo} (nothing to change)")
        return go_next(work, reply) if self.then_next and reply.level != "ask" else reply


@command(
    "no, x, reject",
    says="no 4 · no 2-5: reject, kept as a negative example",
    keys=(Key("x", "no {n}", "reject the mention"),),
)
class Reject(OnCard):
    numbers: Numbers

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        found = numbers_or_selection(cursor)
        if isinstance(found, Selection):
            return Bulk("reject", found)
        if found is None:
            raise ParseError(
                "say which mentions to reject.", hint="For example `no 4`, `no 2-5` or `no all`."
            )
        return cls(found)

    def run(self, work: Work) -> Reply:
        return apply_to(work, self.numbers, spans.reject, "reject")


@command(
    "reopen",
    says="reopen 2: take a decision back without touching later ones",
    reads=lambda cursor: Numbers(cursor.listed("reopen 2")),
)
class Reopen(OnCard):
    numbers: Numbers

    def run(self, work: Work) -> Reply:
        return apply_to(work, self.numbers, spans.reopen, "reopen")


@command(
    "skip, later",
    says="skip · later: defer: it comes back at the end of the queue",
    keys=(Key(" ", "skip", "skip: it comes back at the end"),),
)
class Skip(OnCard):
    moves = True

    def run(self, work: Work) -> Reply:
        card = work.card()
        if card.state.done and work.order not in LISTS:
            return go_next(work, Reply(f"{card.doc_id} stays reviewed (`flag` marks it for later)"))
        said = f"skipped {card.doc_id}; it comes back at the end of the queue"
        return go_next(work, work.write_card("skip", said, [card.event("defer", {})]))


@command(
    "flag, f",
    says='flag "ask a colleague": mark with a note; note kept',
    keys=(Key("f", "flag {text}", "flag with a note"),),
    reads=Cursor.rest,
)
class Flag(OnCard):
    loose = True
    note: str

    def run(self, work: Work) -> Reply:
        card = work.card()
        said = f"flagged {card.doc_id}" + (f": {spans.short(self.note)}" if self.note else "")
        return work.write_card("flag", said, [card.event("flag", {"note": self.note})])


@command("unflag", says="unflag: remove the flag")
class Unflag(OnCard):
    loose = True

    def run(self, work: Work) -> Reply:
        card = work.card()
        if card.state.flag is None:
            return Reply(f"{card.doc_id} is not flagged")
        said = f"removed the flag of {card.doc_id}"
        return work.write_card("flag", said, [card.event("flag", {"note": None})])


# Answers to a question of the session, which itself goes on with the step that asked.

NOTHING_ASKED = "nothing waits for an answer: the question expired, or was never asked"
DROPPED = "dropped: "


class Answering(Command):
    """It answers a question; its fields are those of the ``Answer``."""

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
        names: tuple[str, ...] = type(self).__slots__
        return Answer(pending, **{name: getattr(self, name) for name in names})


@command("yes", says="yes · yes 128: confirm what was asked", reads=Cursor.rest)
class Confirm(Answering):
    moves = True
    asks_terms = True
    text: str = ""


@command(
    "except",
    says="except 3: confirm all but some of the samples shown, or of the mentions here",
    reads=lambda cursor: cursor.listed("except 3"),
)
class Except(Answering):
    moves = True
    without: tuple[int, ...] = ()


@command("cancel, leave", says="cancel: leave the step that was asked about; nothing changes")
class Dismiss(Answering):
    proposed = True

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return Stop() if cursor.word("training") else cls()

    def to(self, pending: Pending) -> Answer | Reply:
        return Reply(f"{DROPPED}`{pending.line}`; nothing changed")


@command(HASH)
class Which(Answering):
    """``#2``: which occurrence, when one was asked for."""

    which: int

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        token = cursor.take("hash")
        return cls(int(token.text[1:]) if token else 0)


def answer_to(pending: Pending, line: str) -> Command | None:
    """A bare name or number that answers a question; ``undo`` takes back a step that has to be confirmed."""
    said = line.strip()
    if said.lower() == "undo" and pending.kind != "choice":
        return Dismiss()
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


@command(
    "decided",
    says='decided "polyuria": what was decided on a text, here and in the other documents',
    reads=lambda cursor: cursor.text("the text that was decided on"),
)
class Decided(Asking):
    loose = True
    text: str

    def run(self, work: Work) -> Reply:
        """In one sentence where it is the same everywhere, and then document by document."""
        said: list[tuple[str, str, str]] = []
        for number, text, places in islice(occurrences(work.connection, work.project.id, self.text), _MOST):
            card = work.card_of(number)
            name = "here" if number == work.place.document_id else card.doc_id
            for start, end in places:
                on = [m for m in card.mentions if m.start < end and start < m.end]
                best = sorted(on, key=lambda m: (m.status != "accepted", m.status != "open", m.number))[:1]
                what = [f"{m.number} {spans.short(text[m.start : m.end])}" for m in best]
                said.append((name, "".join(what), "".join(map(_verdict, best)) or "not marked"))
        if not said:
            return Reply(f"“{self.text}” stands in no document")
        verdicts = Counter(verdict for *_, verdict in said)
        here = Counter(verdict for name, _, verdict in said if name == "here")
        places_in = dict.fromkeys(name for name, *_ in said)
        where = "here" if [*places_in] == ["here"] else f"in {quantity(len(places_in), 'document')}"
        times = "once" if len(said) == 1 else f"{len(said)} times"
        told = f"{'each time ' if len(said) > 1 else ''}{next(iter(verdicts))}"
        if len(verdicts) > 1:
            away = f", elsewhere {count_of(verdicts - here)}" if here and verdicts - here else ""
            told = f"{count_of(here)} here{away}" if here else count_of(verdicts)
        table = Table(("document", "mention", "decision"), tuple(dict.fromkeys(said)))
        alone = len(said) == 1 and where == "here"
        echo = f"“{self.text}” is {told}; it stands {times} {where}."
        return Reply(echo, table=None if alone else table)


_MOST = 50
"""Documents that an answer looks at."""


def count_of(verdicts: Counter[str]) -> str:
    if len(verdicts) == 1 and verdicts.total() == 1:
        return next(iter(verdicts))
    told = ((verdict, "once" if n == 1 else f"{n} times") for verdict, n in verdicts.most_common())
    return ", ".join(f"{verdict} {times}" for verdict, times in told)


def _verdict(m: Mention) -> str:
    """What was decided on a mention."""
    return {"accepted": f"accepted as {m.label}", "open": "still open"}.get(m.status, m.status)


@command("totals", says="totals: how much is decided, here and in all, label by label")
class Totals(Asking):
    def run(self, work: Work) -> Reply:
        m, state = mention.c, document_state.c
        mine = (m.project_id == work.project.id, m.reviewer_id == work.author.reviewer_id, BY_PEOPLE)
        query = sa.select(m.label, m.status, m.document_id, sa.func.count()).where(*mine)
        count, here = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        rows = work.connection.execute(query.group_by(m.label, m.status, m.document_id))
        for label, status, number, found in rows:
            count[label, status] += found
            here[label, status] += found if number == work.place.document_id else 0
        done = sa.select(sa.func.count()).where(
            state.project_id == work.project.id, state.reviewer_id == work.author.reviewer_id, state.done
        )
        reviewed, every = work.connection.scalar(done) or 0, count_documents(work.connection, work.project.id)
        sums = {each: sum(n for (_, status), n in count.items() if status == each) for each in _STATES}
        said = f"You have reviewed {reviewed:,} of {quantity(every, 'document')}:"
        said += f" {quantity(sums['accepted'], 'mention')} accepted and {sums['rejected']:,} rejected in all."
        table = tuple(
            (label, count[label, "accepted"], count[label, "rejected"], here[label, "accepted"])
            for label in work.labels
        )
        columns = ("label", "accepted", "rejected", "accepted here")
        return Reply(f"{said} {left_said(work)}", table=Table(columns, table))


_STATES = ("accepted", "rejected")
