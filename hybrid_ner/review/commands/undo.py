"""Undo, redo, log: a step of any kind is taken back as a whole; and what is decided so far."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import islice
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Asking, Command, Key, command
from hybrid_ner.review.commands.explain import left_said
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import LogRow, spans
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store import journal
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.postings import occurrences
from hybrid_ner.review.store.schema import (
    document,
    document_state,
    event,
    last_position,
    mention,
    reviewer,
    step,
)
from hybrid_ner.text import quantity

MANY = 200
"""Changed documents that a reply names."""


@command(
    "undo",
    says="undo · undo 3 · undo bulk b7 · undo all: take back a step, of any kind, or the question that waits",
    keys=(Key("Backspace", "undo", "undo"),),
)
class Undo(Command):
    moves = True
    loose = True
    step: int = 0
    name: str = ""
    every: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if cursor.word("all"):
            return cls(every=True)
        named = cursor.word("bulk")
        if number := cursor.number("undo 3"):
            return cls(number)
        token = cursor.take("word")
        if named and token is None:
            raise ParseError("say which bulk step.", hint="For example `undo bulk b7`; see `log`.")
        return cls(name=token.text.lower() if token else "")

    def run(self, work: Work) -> Reply:
        if self.step or self.name:
            return _write(work, [_named(work, self)], True)
        targets = _undoable(work, None if self.every else 1)
        return _write(work, targets, True) if targets else Reply("nothing to undo")


def _named(work: Work, wanted: Undo) -> Any:
    what = f"step {wanted.step}" if wanted.step else f"step {wanted.name!r}"
    where = step.c.number == wanted.step if wanted.step else step.c.name == wanted.name
    row = work.connection.execute(
        sa.select(step, reviewer.c.name.label("author"))
        .join(reviewer, reviewer.c.id == step.c.reviewer_id)
        .where(step.c.project_id == work.project.id, where)
    ).one_or_none()
    if row is None:
        raise InputError(f"there is no {what}.", hint="See `log`. Nothing changed.")
    if row.reviewer_id != work.author.reviewer_id:
        raise InputError(f"{what} is {row.author}'s.", hint="Only its author can undo it. Nothing changed.")
    if row.kind in ("undo", "redo"):
        raise InputError(f"{what} is itself an {row.kind}.", hint="Use `redo` or `undo`. Nothing changed.")
    if row.kind in journal.STANDING:
        raise InputError(f"{what} ({row.summary}) cannot be undone.", hint="Nothing changed.")
    if row.undone:
        raise InputError(f"{what} is undone already.", hint="Nothing changed.")
    return row


def _undoable(work: Work, most: int | None) -> list[Any]:
    """The reviewer's steps that can be taken back, the last one first."""
    query = sa.select(step).where(
        *(step.c.reviewer_id == work.author.reviewer_id, step.c.kind.not_in(journal.STANDING)),
        step.c.undone.is_(False),
    )
    return list(work.connection.execute(query.order_by(step.c.id.desc()).limit(most)))


_SETTLES = re.compile(r'(?:ok|no|relabel) all ("(?:[^"\\]|\\.)*")')
"""``ok all "chest pain" likely``, whose answer says how many places, and not of which term."""


def settled_term(line: str) -> str:
    """The term, in quotation marks, that a line decides in the whole project; empty for other lines."""
    found = _SETTLES.match(line)
    return f"“{json.loads(found[1])}”" if found else ""


def last_step(work: Work) -> str:
    """The line that takes back the last step, whatever question waits."""
    return next((f"undo {row.number}" for row in _undoable(work, 1)), "undo")


@command("redo", says="redo: repeat what was undone last")
class Redo(Command):
    moves = True

    def run(self, work: Work) -> Reply:
        targets = journal.redoable(work.connection, work.author)
        if not targets:
            return Reply("nothing to redo")
        return _write(work, [targets[0]], False)


def _write(work: Work, targets: list[Any], undone: bool) -> Reply:
    if any(target.kind in journal.SWITCHES for target in targets):
        work.require("lead", "change the model in use")
    word = "undone" if undone else "redone"
    ids = journal.documents_of(work.connection, [target.id for target in targets])
    work.written = journal.set_undone(work.connection, work.author, targets, undone, work.line)
    switches = [target for target in targets if target.kind in journal.SWITCHES]
    if switches:
        _switch_model(work, switches[0].number)
    work._card = None
    names = work.connection.scalars(sa.select(document.c.doc_id).where(document.c.id.in_(ids[:MANY])))
    work.changed.update(dict.fromkeys(names))
    last = targets[0]
    if len(targets) > 1:
        said = f"{word}: {quantity(len(targets), 'step')}"
    else:
        what = f"{about}: {last.summary}" if (about := settled_term(last.line)) else last.summary
        said = f"{word}: step {last.number} {last.name + ' ' if last.name else ''}({what})"
    elsewhere = last.document_id and last.document_id != work.place.document_id
    if elsewhere:
        work.move(last.document_id)
        said += f" → {work.where()}"
    later = _decided_later(work, targets[0]) if undone and len(targets) == 1 else 0
    if later:
        said += f"; {quantity(later, 'later step')} on the same documents kept"
    return Reply(said, "done")


def _decided_later(work: Work, target: Any) -> int:
    ids = journal.documents_of(work.connection, [target.id])[:MANY]
    query = (
        sa.select(sa.func.count(sa.distinct(event.c.step_id)))
        .join(step, step.c.id == event.c.step_id)
        .where(
            event.c.document_id.in_(ids),
            event.c.reviewer_id == work.author.reviewer_id,
            step.c.id > target.id,
            step.c.undone.is_(False),
        )
    )
    return int(work.connection.scalar(query) or 0)


def _switch_model(work: Work, number: int) -> None:
    """Put into use what the last switch says that still counts, whoever made it."""
    models = work.services.models
    if models is None:
        raise InputError(
            f"step {number} changed the model, and this session has no models.",
            hint="Undo it where it was made. Nothing changed.",
        )
    wanted = journal.model_of_log(work.connection, work.project.id) or ""
    if wanted and wanted not in models.models():
        raise InputError(f"there is no model {wanted!r} any more.", hint="Nothing changed.")
    work.use_model(wanted)


def log_rows(connection: sa.Connection, project_id: int, limit: int) -> list[LogRow]:
    """The last steps of all reviewers, newest last."""
    rows = connection.execute(
        sa.select(step, reviewer.c.name.label("author"))
        .join(reviewer, reviewer.c.id == step.c.reviewer_id)
        .where(step.c.project_id == project_id)
        .order_by(step.c.number.desc())
        .limit(limit)
    ).all()
    return [
        LogRow(r.number, r.name, r.at, r.author, r.line, r.summary, r.undone, r.spans, r.documents)
        for r in reversed(rows)
    ]


@command("log", says="log: the last steps")
class Log(Asking):
    def run(self, work: Work) -> Reply:
        rows = log_rows(work.connection, work.project.id, 20)
        table = tuple(
            (row.number, row.name, row.reviewer, row.line, row.summary, "undone" if row.undone else "")
            for row in rows
        )
        said = quantity(len(rows), "last step") if rows else "no step yet"
        return Reply(said, table=Table(("step", "bulk", "who", "command", "what", ""), table))


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
        mine = (m.project_id == work.project.id, m.reviewer_id == work.author.reviewer_id)
        query = sa.select(m.label, m.status, m.document_id, sa.func.count()).where(*mine)
        count, here = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        rows = work.connection.execute(query.group_by(m.label, m.status, m.document_id))
        for label, status, number, found in rows:
            count[label, status] += found
            here[label, status] += found if number == work.place.document_id else 0
        done = sa.select(sa.func.count()).where(
            state.project_id == work.project.id, state.reviewer_id == work.author.reviewer_id, state.done
        )
        reviewed, last = work.connection.scalar(done) or 0, last_position(work.connection, work.project.id)
        sums = {each: sum(n for (_, status), n in count.items() if status == each) for each in _STATES}
        said = f"You have reviewed {reviewed:,} of {quantity(last, 'document')}:"
        said += f" {sums['accepted']:,} mentions accepted and {sums['rejected']:,} rejected in all."
        table = tuple(
            (label, count[label, "accepted"], count[label, "rejected"], here[label, "accepted"])
            for label in work.labels
        )
        columns = ("label", "accepted", "rejected", "accepted here")
        return Reply(f"{said} {left_said(work)}", table=Table(columns, table))


_STATES = ("accepted", "rejected")
