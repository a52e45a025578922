"""Accept, reject, put off."""

from __future__ import annotations

from collections.abc import Callable

from hybrid_ner.review.commands.base import Command, Key, command
from hybrid_ner.review.commands.bulk import Bulk
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.move import go_next, mark_done
from hybrid_ner.review.commands.selection import EVERY, Selection, numbers_or_selection
from hybrid_ner.review.commands.work import Plan, Work, confirm, digest, rung
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.spans import Edit, Numbers
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.store.events import EventDraft, Mention, StepDraft
from hybrid_ner.text import quantity

__all__ = ["Accept", "Flag", "OnSpans", "Reject", "Reopen", "Skip", "Unflag", "apply"]


def apply(work: Work, edit: Edit, kind: str, leaves: Callable[[Mention], bool] | None = None) -> Reply:
    """Write an edit of the card, after a question when it is wide; ``leaves`` as ``write_edit`` has it."""
    count = len(edit.changes)
    asks = rung(count, 1)
    if asks is None:
        return work.write_edit(edit, kind, leaves)
    card = work.card()
    # With the labels of now: what was relabeled after the question is another step.
    changed = {change.mention.key for change in edit.changes}
    now = [(m.key, m.start, m.end, m.label, m.status) for m in card.mentions if m.key in changed]
    token = digest([card.doc_id, card.content_hash, *(change.to_json() for change in edit.changes), *now])
    plan = Plan(asks, f"{kind} {quantity(count, 'span')} of this document", token, count, 1)
    return confirm(work, plan) or work.write_edit(edit, kind, leaves)


class OnSpans(Command):
    """A decision on the spans of the open document."""

    __slots__ = ()

    effect = "own"
    on_card = True


@command(
    "ok, a, accept",
    says="ok · ok 1 3 · ok all but 4 · ok next: accept; `ok next` goes on",
    keys=(
        Key("a", "ok {n}", "accept the span"),
        Key("Enter", "ok {open} next", "accept the rest, save, next"),
    ),
)
class Accept(OnSpans):
    """``ok``; ``then_next`` moves on."""

    pushes = True
    numbers: Numbers
    then_next: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it may lead to another document."""
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
    keys=(Key("x", "no {n}", "reject the span"),),
)
class Reject(OnSpans):
    """``no``."""

    numbers: Numbers

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        found = numbers_or_selection(cursor)
        if isinstance(found, Selection):
            return Bulk("reject", found)
        if found is None:
            raise ParseError("say which spans to reject.", hint="For example `no 4`, `no 2-5` or `no all`.")
        return cls(found)

    def run(self, work: Work) -> Reply:
        return apply(work, spans.reject(work.card(), self.numbers), "reject")


@command(
    "reopen",
    says="reopen 2: take a decision back without touching later ones",
    reads=lambda cursor: Numbers(cursor.listed("reopen 2")),
)
class Reopen(OnSpans):
    """``reopen``: take a decision back by hand."""

    numbers: Numbers

    def run(self, work: Work) -> Reply:
        return apply(work, spans.reopen(work.card(), self.numbers), "reopen")


@command(
    "skip, later",
    says="skip · later: defer: it comes back at the end of the queue",
    keys=(Key(" ", "skip", "skip: it comes back at the end"),),
)
class Skip(Command):
    """``skip``."""

    effect = "own"
    on_card = True
    moves = True

    def run(self, work: Work) -> Reply:
        card = work.card()
        event = EventDraft("defer", {}, card.id, card.content_hash, card.model_id)
        said = f"skipped {card.doc_id}; it comes back at the end of the queue"
        work.write(StepDraft("skip", said, (event,), card.id), [card.doc_id])
        return go_next(work, Reply(said, "done"))


@command(
    "flag, f",
    says='flag "ask cardiology": mark with a note; note kept',
    keys=(Key("f", "flag {text}", "flag with a note"),),
    reads=Cursor.rest,
)
class Flag(Command):
    """``flag "note"``."""

    effect = "own"
    on_card = True
    loose = True
    note: str

    def run(self, work: Work) -> Reply:
        said = f"flagged {work.card().doc_id}" + (f": {spans.short(self.note)}" if self.note else "")
        return _flag(work, self.note, said)


@command("unflag", says="unflag: remove the flag")
class Unflag(Command):
    """``unflag``."""

    effect = "own"
    on_card = True
    loose = True

    def run(self, work: Work) -> Reply:
        card = work.card()
        if card.state.flag is None:
            return Reply(f"{card.doc_id} is not flagged")
        return _flag(work, None, f"removed the flag of {card.doc_id}")


def _flag(work: Work, note: str | None, said: str) -> Reply:
    card = work.card()
    event = EventDraft("flag", {"note": note}, card.id, card.content_hash, card.model_id)
    work.write(StepDraft("flag", said, (event,), card.id), [card.doc_id])
    return Reply(said, "done")
