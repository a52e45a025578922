"""Undo, redo, log: a step of any kind is taken back as a whole; and what was done, meant otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.offers import in_plain
from hybrid_ner.review.chat.reading import Reading, Understand, asked, decided
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Past, Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.chat.words import ORDINALS
from hybrid_ner.review.commands.base import Asking, Command, Key, command
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.team import find_reviewer
from hybrid_ner.review.commands.work import Plan, Work, confirm, rung
from hybrid_ner.review.document import LogRow
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply, Table, digest
from hybrid_ner.review.store import journal
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import ONE_TEXT, Mention, fold_document
from hybrid_ner.review.store.labels import joined_labels, labels_meant
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.projection import load_texts, to_event
from hybrid_ner.review.store.schema import (
    counting,
    document,
    document_state,
    event,
    reviewer,
    step,
    withdrawn_documents,
)
from hybrid_ner.text import quantity
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

MANY = 200
"""Changed documents that a reply names."""


@command(
    "undo",
    says="undo · undo 3 · undo bulk b7 · undo all · undo all by ana · undo all by ana since 2026-11-30: "
    "take back a step, of any kind, or one that waits; a lead all of a person, by days (UTC)",
    keys=(Key("Backspace", "undo", "undo"),),
)
class Undo(Command):
    moves = True
    loose = True
    step: int = 0
    name: str = ""
    every: bool = False
    who: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if cursor.word("all"):
            return cls(every=True, **(_whose(cursor.rest()) if cursor.word("by", "of") else {}))
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
        if self.who:
            return self._of_person(work)
        targets = _undoable(work, None if self.every else 1)
        if self.every and (asked := confirm(work, _many("undo", targets))):
            return asked
        return _write(work, targets, True) if targets else Reply("nothing to undo")

    def _of_person(self, work: Work) -> Reply:
        """All that a person has decided, or in some days: for whoever leads."""
        work.require("lead", "undo what others have decided")
        name, who = find_reviewer(work, self.who)
        targets = _undoable(work, None, who, self.since, self.until)
        if not targets:
            return Reply(f"there is nothing of {name} to undo" + (" in these days" if self.since else ""))
        plan = _many("undo", targets, f" of {name}")
        ids = journal.documents_of(work.connection, [target.id for target in targets])
        if asked := confirm(work, replace(plan, what=f"{plan.what} in {quantity(len(ids), 'document')}")):
            return asked
        reply = _write(work, targets, True)
        state = document_state.c
        others = (state.adjudicated, state.reviewer_id != who)
        query = sa.select(sa.func.count()).where(state.project_id == work.project.id, *others)
        settled = sum(row[0] for row in rows_in(work.connection, query, state.document_id, ids))
        number = work.written.number if work.written else 0
        said = f"{reply.echo} of {name}; `redo {number}` brings them back"
        if settled:
            said += f"; {quantity(settled, 'document')} that others have settled stay as they are"
        return replace(reply, echo=said)


_WHOSE = re.compile(
    r"(?P<who>\".+?\"|.+?)(?:\s+since (?P<since>\S+))?(?:\s+until (?P<until>\S+))?", re.IGNORECASE
)
"""``"Anna Berg" since 2026-11-30 until 2026-12-02``: whose steps, and the days, both of them meant."""


def _whose(said: str) -> dict[str, Any]:
    """A person and the times between which steps count, as the log has them."""
    found = _WHOSE.fullmatch(said)
    if found is None:
        raise ParseError("say whose steps.", hint="For example `undo all by ana`. Nothing changed.")
    times = {name: _time(found[name], name) if found[name] else "" for name in ("since", "until")}
    return {"who": found["who"].strip('"'), **times}


def _time(said: str, name: str) -> str:
    try:
        return journal.moment(said, end=name == "until")
    except ValueError:
        hint = f"For example `undo all by ana {name} 2026-11-30`. Nothing changed."
        raise ParseError(f"{said!r} is no day.", hint=hint) from None


def _many(word: str, targets: Sequence[Any], whose: str = "") -> Plan:
    """The question before many steps are taken back, or all of somebody else's."""
    count = len(targets)
    kind = rung(count, 2 if whose else 1)
    what = f"{word} {quantity(count, 'step')}{whose}"
    return Plan(kind, what, digest((word, [target.id for target in targets])), count, whole=True)


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
        hint = f"Only its author can undo it, or a lead all of theirs: `undo all by {row.author}`."
        raise InputError(f"{what} is {row.author}'s.", hint=f"{hint} Nothing changed.")
    if row.kind in ("undo", "redo"):
        raise InputError(f"{what} is itself an {row.kind}.", hint="Use `redo` or `undo`. Nothing changed.")
    if row.kind in journal.STANDING:
        raise InputError(f"{what} ({row.summary}) cannot be undone.", hint="Nothing changed.")
    if row.undone:
        raise InputError(f"{what} is undone already.", hint="Nothing changed.")
    return row


_OF_ALL = (
    *journal.STANDING,
    *journal.SWITCHES,
    "assign",
    "codebook",
    "label",
    "withdraw",
    "reinstate",
    "correct",
)
"""Kinds of steps that stay when all decisions of a person are taken back: they are about everybody's work."""


def _undoable(work: Work, most: int | None, who: int = 0, since: str = "", until: str = "") -> list[Any]:
    """The reviewer's steps that can be taken back, or the decisions of another one; the last one first."""
    query = sa.select(step).where(
        step.c.reviewer_id == (who or work.author.reviewer_id),
        step.c.kind.not_in(_OF_ALL if who else journal.STANDING),
        step.c.undone.is_(False),
        *((step.c.at >= since,) if since else ()),
        *((step.c.at < until,) if until else ()),
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


def earlier(work: Work) -> tuple[Past, ...]:
    """What the last steps on the card have changed, as it was before each of them, the last step first.

    Of a step after them that changed none of its mentions, as a block does, only that it is the last.
    """
    card = work.card()
    mine = (event.c.reviewer_id == work.author.reviewer_id, event.c.document_id == card.id)
    columns = (event, step.c.number.label("step_number"))
    rows = work.connection.execute(counting(*columns).where(*mine, event.c.kind == "mentions")).all()
    numbers = list(dict.fromkeys(row.step_number for row in rows))
    texts = load_texts(work.connection, [card.id]).get(card.id, ONE_TEXT)
    joined = joined_labels(work.connection, work.project.id)
    found, after = [], fold_document(map(to_event, rows), texts, joined).mentions
    for number in reversed(numbers[-_REMEMBERED:]):
        rows = [row for row in rows if row.step_number < number]
        before = fold_document(map(to_event, rows), texts, joined).mentions
        changed = {key: m for key, m in after.items() if key not in before or _look(before[key]) != _look(m)}
        was = {m.number: _spot(before.get(key), m, card.text) for key, m in changed.items()}
        whole = any(m.reason in ("merged", "split") for m in changed.values())
        found.append(Past(number, was, whole))
        after = before
    last = next(iter(_undoable(work, 1)), None)
    if last is not None and last.document_id in (None, card.id) and last.number > max(numbers, default=0):
        found.insert(0, Past(last.number, {}))  # of a term or a label, which changed no mention here
    return tuple(found)


_REMEMBERED = 8
"""Steps that a sentence may be about."""


def _look(m: Mention) -> tuple[Any, ...]:
    return m.start, m.end, m.label, m.status


def _spot(before: Mention | None, now: Mention, text: str) -> Spot | None:
    """A mention as it was; as suggested where nothing was decided, ``None`` where it was not there."""
    if before is None and not now.base_label:
        return None
    start, end = (before.start, before.end) if before else now.key[:2]
    label, status = (before.label, before.status) if before else (now.base_label, "open")
    return Spot(now.number, start, end, text[start:end], label, status == "open", out=status == "rejected")


@command(
    "redo", says="redo · redo all · redo 12: repeat what was undone last, or all that step 12 has undone"
)
class Redo(Command):
    moves = True
    step: int = 0
    every: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return cls(every=True) if cursor.word("all") else cls(cursor.number("redo 12"))

    def run(self, work: Work) -> Reply:
        targets = list(self._named(work) if self.step else journal.redoable(work.connection, work.author))
        if not targets:
            return Reply("nothing to redo")
        if not (self.step or self.every):
            return _write(work, targets[:1], False)
        return confirm(work, _many("redo", targets)) or _write(work, targets, False)

    def _named(self, work: Work) -> Sequence[Any]:
        """The steps that an undo of this person took back, and that still are."""
        where = (step.c.project_id == work.project.id, step.c.number == self.step, step.c.kind == "undo")
        mine = (*where, step.c.reviewer_id == work.author.reviewer_id)
        query = sa.select(event.c.payload).join(step, step.c.id == event.c.step_id).where(*mine)
        payload = work.connection.scalar(query)
        if payload is None:
            hint = "See `log`. Nothing changed."
            raise InputError(f"step {self.step} is no undo of yours.", hint=hint)
        undone = sa.select(step).where(step.c.undone)
        return rows_in(work.connection, undone, step.c.id, payload["steps"])


def _write(work: Work, targets: list[Any], undone: bool) -> Reply:
    if any(target.kind in journal.SWITCHES for target in targets):
        work.require("lead", "change the model in use")
    word = "undone" if undone else "redone"
    ids = journal.documents_of(work.connection, [target.id for target in targets])
    work.written = journal.set_undone(work.connection, work.author, targets, undone, work.line)
    if switches := [target for target in targets if target.kind in journal.SWITCHES]:
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
    mine, before = last.reviewer_id == work.author.reviewer_id, work.place.document_id
    work.leave_withdrawn()
    gone = withdrawn_documents(work.connection, work.project.id)
    if mine and last.document_id and last.document_id not in gone:
        work.move(last.document_id)
    if work.place.document_id is not None and work.place.document_id != before:
        said += f" → {work.where()}"
    if undone and len(targets) == 1 and (later := _decided_later(work, targets[0])):
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


@command("rejected", says="rejected: what was rejected in this document")
class Rejected(Asking):
    def run(self, work: Work) -> Reply:
        card = work.card()
        gone = [m for m in card.mentions if m.status == "rejected" and m.reason not in ("merged", "overlap")]
        rows = tuple((m.number, card.text[m.start : m.end], m.label) for m in gone)
        said = f"{quantity(len(rows), 'mention')} rejected here" if rows else "nothing is rejected here"
        return Reply(said, table=Table(("number", "text", "label"), rows) if rows else None)


def unblocked(work: Work, line: str) -> Reading | None:
    """What lets a blocked term be suggested again: "unblock Lasix", "allow it again"; ``None`` otherwise."""
    if (found := _RE.UNBLOCKS.fullmatch(line)) is None:
        return None
    term = (found["a"] or found["b"] or found["c"]).strip()
    edits = load_overlay(work.connection, work.project.id).of(term, work.doc_id())
    mine = next((edit for edit in reversed(edits) if edit.action == "never"), None)
    if mine is None:
        return Reading(answer=f"{short(term)} is not blocked.") if found["b"] is None else None
    if mine.reviewer != work.reviewer:
        who = f"{mine.reviewer}, who alone can take step {mine.step} back"
        return Reading(answer=f"{short(term)} was blocked by {who}.")
    if found["how"]:
        return Reading(answer=f"`undo {mine.step}` takes that step back, also as “allow {term} again”.")
    return Reading((f"undo {mine.step}",))


def meant_again(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What was done before, meant otherwise: "undo that last edge", "ultrasound on its own was better".

    Also words that an edge has just taken in ("not the once daily"), what was rejected and is wanted after
    all ("put polyuria back in, it counts"), what stays open ("could you leave that one open?"), and what an
    answer was about ("then take it off"). What else the line tells is a remark, or an order of its own.
    """
    if _RE.UNSURE.search(line) or ("?" in line and not _RE.ASKS_POLITELY.search(line)):
        return None
    if _RE.WITHDRAWN.fullmatch(line):
        return Reading(answer="All right, nothing changed.")
    line = _RE.NOT_UNDO.sub(r"undo \g<x>", _RE.BUT_LEAVE.sub(", ", line))
    pieces = [found for found in _RE.PIECE.finditer(line) if not _RE.LED_UP.fullmatch(found["said"])]
    if len(pieces) > _PIECES:
        return None
    back = _Back(situation)
    acts: list[str] = []
    others: list[str] = []
    for found in pieces:
        said = _RE.LED.sub("", found["said"])
        if (lines := back.heard(said, found["said"].strip(), line)) is not None:
            if others and lines[:1] == ["undo"]:
                return None  # of what the line itself has said
            acts += [each for each in lines if each not in acts]
        elif wanted := _RE.ONLY_WANTED.fullmatch(said):
            others.append(f"accept {wanted['what']}")
        else:
            told = bool(_RE.TOLD.match(said) or _RE.COUNTS.search(said)) and not _RE.RULED.fullmatch(said)
            labels = "LAB" in read_words(said, situation).text and not (told and _RE.WHY.match(said))
            back.more = back.more or labels or _RE.SAYS_MORE.search(said) is not None
            back.about = back.spans(said, told=told) or back.about
            others += [] if told or back.keeps(said) else [found[0]]
    last = back.past[0].was if acts and back.past else {}
    if len(acts) > 1 and acts[0].startswith("undo") and {*last} <= set().union(*map(spans_in, acts[1:])):
        del acts[0]  # "I take that back, put Leeds in" says how
    if not acts or (others and back.told) or (back.more and acts[0][:4] == "undo" and not back.regrets):
        return None  # "undo that, it is a drug" is read as a whole
    if not others and acts == ["undo"] and len(last) > 1 and _RE.LEAVES_SO.fullmatch(line):
        return asked("Shall I take the last step back?", ("Undo", "undo"))
    if not others:
        return Reading(tuple(acts), writes=True)
    more = _RE.THEN.sub("", "".join(others).strip(" ,;."))
    rest = understand(more, back.after())
    if rest is None or rest.question or not rest.lines:
        if (len(pieces) == 2 and not back.sure) or (rest is None and re.match("(?i)and ", more)):
            return None
        choice = "; ".join(acts)
        return asked(f"I did not get “{more}”. The rest?", (in_plain(choice), choice))
    if {*decided(rest.lines, "ok")} & back.restored.keys():
        return None  # "undo that 7, keep EUR 1,200,000" is of edges
    return Reading((*acts, *rest.lines), writes=True)


_PIECES = 6
"""Of more nobody takes back what was done."""


class _Back:
    """What the pieces of a line say of what was done before."""

    def __init__(self, situation: Situation) -> None:
        self.situation, self.about = situation, set[int]()
        self.restored: dict[int, Spot | None] = {}
        self.sure = self.told = self.more = self.regrets = False

    @cached_property
    def past(self) -> tuple[Past, ...]:
        """The last steps, looked up where a line may be about them."""
        return self.situation.past()

    def heard(self, said: str, raw: str, line: str) -> list[str] | None:
        """The lines that a piece stands for; ``None`` where it takes nothing back."""
        acts = ((self.undone, said), (self.cut, raw), (self.cut, said), (self.renamed, said))
        for act, part in (*acts, (self.put_in, said), (self.left_open, said), (self.taken_off, said)):
            if (lines := act(part, line)) is not None:
                return lines
        return None

    def after(self) -> Situation:
        """The document as it is once that is done."""
        spots = [self.restored.get(each.number, each) for each in self.situation.spots]
        return replace(self.situation, spots=tuple(each for each in spots if each), last="", fresh=False)

    def _words(self, number: int) -> set[str]:
        """The words of a mention, as it is and as it was."""
        was = [step.was.get(number) for step in self.past]
        texts = [each.surface for each in (self.situation.spot(number), *was) if each]
        return set(re.findall(r"\w+", " ".join(texts).lower()))

    def spans(self, said: str, *, told: bool = False) -> set[int]:
        """The decided or changed mentions that words name, each by its number or words; empty otherwise.

        Args:
            told: Words beside the names count for nothing.
        """
        if told:
            wording = read_words(said, self.situation)
            items = wording.named(wording.text)
            return {n for item in items if item.by in ("number", "term") for n in item.numbers}
        found: set[int] = set()
        changed = {n for step in self.past for n in step.was}
        for name in _RE.AND.split(said.lower()):
            words = _content(name)
            numbers = {int(each) for each in words if each.isdecimal() and self.situation.spot(int(each))}
            words -= set(map(str, numbers))
            mine = numbers or {n for n in changed if words and words <= self._words(n)}
            newest = numbers or next((each for step in self.past if (each := mine & step.was.keys())), mine)
            if (words and not newest) or (numbers and any(not words <= self._words(n) for n in numbers)):
                return set()
            found |= newest
        return found

    def nth(self, said: re.Match[str]) -> set[int]:
        """The first, second or last of several that the last step has changed, by number."""
        last = self.past[0].was if self.past and self.situation.fresh else {}
        changed = sorted(n for n in last if self.situation.spot(n))
        place = ORDINALS[said["nth"].lower()]
        at = place - 1 if place > 0 else len(changed) + place
        several = len(changed) > 1 and 0 <= at < len(changed) and not self.past[0].whole
        return {changed[at]} if several and (said["of"] or said["nth"].lower() != "last") else set()

    def restore(self, numbers: set[int]) -> list[str] | None:
        """The lines for mentions as they were before their last change; for none all of the last step."""
        last = self.past[0] if self.past else None
        if last is None:
            return ["undo"] if not numbers and self.situation.last else None
        real = {n for n in last.was if (spot := self.situation.spot(n)) is None or not spot.out}
        if not numbers or numbers in (last.was.keys(), real) or (last.whole and numbers & real):
            self.restored |= last.was
            return [f"undo {last.step}"] if self.past and not self.situation.fresh else ["undo"]
        lines: list[str] = []
        for n in sorted(numbers):
            step = next((step for step in self.past if n in step.was), None)
            if step is None:
                return None
            self.restored[n] = step.was[n]
            made = [spot for m, was in step.was.items() if was is None and (spot := self.situation.spot(m))]
            was = step.was[n]
            split = was is not None and any(was.start <= each.start < was.end for each in made)
            whole = [f"undo {step.step}"] if step.whole or split else None
            lines += whole or _as_before(n, step.was[n], self.situation.spot(n))
        return lines

    def undone(self, said: str, line: str) -> list[str] | None:
        """ "undo the ultrasound one only", "put 5 back how it was", "the longer name was better"."""
        found = _RE.UNDOES.fullmatch(said) or _RE.BACK.fullmatch(said)
        better = None if found else _RE.BETTER.fullmatch(said) or _RE.LIKED.fullmatch(said)
        if found is None and (better is None or (not self.situation.fresh and not self.past)):
            return None
        what = _what(found or better)
        words = _content(what)
        numbers = self.spans(what) if words else set()
        if nth := _RE.NTH.fullmatch(what):
            numbers = self.nth(nth)
            self.sure = self.sure or bool(numbers)
            if numbers:
                return self.restore(numbers)
        both = _RE.BOTH.fullmatch(what) and (not self.past or len(self.past[0].was) != 2)
        if both and better:  # "both were right", after 3 was rejected and then 5
            numbers = {n for step in self.past[:2] for n in step.was}
            if len(numbers) != 2:
                return None
        goes = _RE.GOES.match(said) and not (words or _RE.DESCRIBES.search(what))
        joined = bool(_RE.BOTH.fullmatch(what) and self.past and self.past[0].whole)
        self.about = numbers or self.about  # "I should not have accepted 9, that is out"
        agrees = better and not words and self.situation.last.startswith("ok ")  # "that was right"
        steps = (not joined and _RE.STEPS.search(what)) or (both and _RE.UNDOES.fullmatch(said))
        if goes or agrees or steps or (words and not numbers):
            return None
        self.sure = self.sure or found is not None
        self.regrets = self.regrets or _RE.REGRETS.match(said) is not None
        if not words and self.about and _RE.POINTS.search(what):
            numbers = {n for n in self.about if any(n in step.was for step in self.past)}
        rejected = [n for n in sorted(numbers) if (spot := self.situation.spot(n)) and spot.out]
        if better and rejected and _RE.WAS_RIGHT.search(said):
            return [f"ok {numbers_said(rejected)}"]  # "wait, 5 was right" is no "5 was open"
        return self.restore(numbers)

    def cut(self, said: str, line: str) -> list[str] | None:
        """Words that the last edge has taken in: "no, take overnight off", "not the once daily"."""
        found = _RE.CUTS_OFF.fullmatch(said) or _RE.WITHOUT.fullmatch(said)
        if found is None or not self.past or not self.situation.fresh:
            return None
        if on := _RE.ON_SPANS.fullmatch(_what(found)):
            numbers = self.spans(on["spans"])
            return self.restore(numbers) if numbers else None
        words, lines = squeezed(_what(found)).lower(), list[str]()
        for n, was in self.past[0].was.items():
            now = self.situation.spot(n)
            if was is None or now is None or words in was.surface.lower() or was.surface == now.surface:
                continue
            rest = re.sub(rf"(?i)^{re.escape(words)}\W+|\W+{re.escape(words)}$", "", squeezed(now.surface))
            lines += [f"{n} = {quoted(rest)}"] if rest != squeezed(now.surface) else []
        return lines or None

    def renamed(self, said: str, line: str) -> list[str] | None:
        """The words of a mention that was changed: "5 levothyroxine", "8 is Norland Foods only"."""
        found = _RE.RENAMES.fullmatch(said)
        spot = self.situation.spot(int(found["number"])) if found else None
        if found is None or spot is None or not any(spot.number in step.was for step in self.past):
            return None
        words, now = squeezed(found["words"]).lower(), squeezed(spot.surface).lower()
        inside = f" {words} " in f" {now} " and words != now
        return [f"{spot.number} = {quoted(found['words'])}"] if inside else None

    def put_in(self, said: str, line: str) -> list[str] | None:
        """What was rejected and is wanted after all: "put polyuria back in, negated ones count"."""
        found = _RE.PUTS_IN.fullmatch(said) or _RE.GOES_IN.fullmatch(said)
        if found is None or not (_RE.IN.search(said) or _RE.COUNTS.search(line)):
            two = self.situation.fresh and self.past and len(self.past[0].was) == 2
            if two and found is not None and _RE.BOTH.fullmatch(_what(found)):
                return self.restore(set())
            return None
        what = _what(found)
        last = {n for n in (self.past[0].was if self.past else ()) if self.situation.fresh}
        waits = {self.situation.waits} - {0}
        points = _RE.POINTS.fullmatch(what) is not None
        numbers = (self.about or waits or last) if points else self.spans(what)
        spots = self.situation.these(numbers)
        if not spots or any(not spot.out for spot in spots if not (waits and spot.open)):
            return None
        labels = set(labels_meant(line, self.situation.labels))
        label = labels.pop() if len(labels) == 1 and len(spots) == 1 else spots[0].label
        if label != spots[0].label:
            return [f"{spots[0].number} is {label}"]
        return [f"ok {numbers_said(sorted(spot.number for spot in spots))}"]

    def left_open(self, said: str, line: str) -> list[str] | None:
        """ "Could you leave that one open for now?", of what is decided."""
        found = _RE.STAYS_OPEN.fullmatch(said)
        if found is None:
            return None
        numbers = self.about if _RE.POINTS.fullmatch(_what(found)) else self.spans(_what(found))
        closed = [n for n in sorted(numbers) if (spot := self.situation.spot(n)) and not spot.open]
        return [f"reopen {numbers_said(closed)}"] if closed and len(closed) == len(numbers) else None

    def taken_off(self, said: str, line: str) -> list[str] | None:
        """What the answer before was about, or an accepted mention: "then take it off please"."""
        found = _RE.TAKES_OFF.fullmatch(said)
        if found is None:
            return None
        told = {self.situation.named} - {0}
        numbers = (self.about or told) if _RE.POINTS.fullmatch(_what(found)) else self.spans(_what(found))
        self.told = self.told or _RE.POINTS.fullmatch(_what(found)) is not None
        taken = [n for n in sorted(numbers) if (spot := self.situation.spot(n)) and not spot.out]
        return [f"no {numbers_said(taken)}"] if taken and len(taken) == len(numbers) else None

    def keeps(self, said: str) -> bool:
        """Whether a piece only names what is not taken back: "leave 11", "not 9"."""
        found = _RE.KEEPS.fullmatch(said)
        return found is not None and bool(self.spans(_what(found)))


def _content(said: str) -> set[str]:
    """The words of what is taken back that may be of a mention."""
    return {each for each in re.findall(r"\w+", said.lower()) if not _RE.FILL.fullmatch(each)}


def _what(found: re.Match[str] | None) -> str:
    """What a pattern names, in whichever of its ways."""
    ways = found.groupdict() if found else {}
    named = next((ways[each] for each in ("what", "a", "b", "w") if ways.get(each)), "")
    return f"{named}{ways.get('more') or ''}"


def _as_before(number: int, was: Spot | None, now: Spot | None) -> list[str]:
    """The lines that make a mention what it was."""
    if was is None:
        return [f"no {number}"]
    lines = [f"{number} = {quoted(was.surface)}"] if now and was.surface != now.surface else []
    lines += [f"{number} is {was.label}"] if now and was.label != now.label else []
    if was.open:
        return [*lines, f"reopen {number}"]
    return lines if lines and not was.out else [f"no {number}" if was.out else f"ok {number}"]
