"""Several reviewers: agreement, comparison, adjudication."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Command, command
from hybrid_ner.review.commands.language import Cursor, words_of
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store.agreement import agree, differences, independent_states
from hybrid_ner.review.store.card import load_card
from hybrid_ner.review.store.events import Change, DocumentState, EventDraft, StepDraft, mentions_event
from hybrid_ner.review.store.gold import accepted
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.projection import chunks, load_states
from hybrid_ner.review.store.schema import document, document_state, reviewer
from hybrid_ner.text import quantity

__all__ = ["Adjudicate", "Agreement", "Compare", "Take", "pair_rows"]


@command("agreement", says="agreement: span F1 and Cohen's kappa of the reviewers")
class Agreement(Command):
    """``agreement``."""

    effect = "asks"

    def run(self, work: Work) -> Reply:
        rows = pair_rows(work)
        if not rows:
            return Reply("no two reviewers have reviewed the same document yet")
        columns = (
            "first",
            "second",
            "documents",
            "span F1",
            "token kappa",
            "both",
            "first only",
            "second only",
        )
        first = rows[0]
        said = f"{first[0]} and {first[1]}: span F1 {first[3]:.2f}, token kappa {first[4]:.2f}"
        more = f"; {quantity(len(rows) - 1, 'more pair')}" if len(rows) > 1 else ""
        return Reply(f"{said} on {quantity(first[2], 'document')}{more}", table=Table(columns, tuple(rows)))


def _reviewers(work: Work) -> dict[str, int]:
    rows = work.connection.execute(
        sa.select(reviewer).where(reviewer.c.project_id == work.author.project_id).order_by(reviewer.c.id)
    )
    return {row.name: row.id for row in rows}


def _find(work: Work, said: str) -> tuple[str, int]:
    names = _reviewers(work)
    fits = [name for name in names if name.casefold() == said.casefold()]
    if fits:
        return fits[0], names[fits[0]]
    close = process.extractOne(said, list(names), score_cutoff=60)
    meant = f"Did you mean {close[0]}? " if close else ""
    raise InputError(f"there is no reviewer {said!r}.", hint=f"{meant}Reviewers: {', '.join(names)}.")


def _shared(work: Work, first: int, second: int) -> list[int]:
    """Documents that both have reviewed."""
    one, two = document_state.alias(), document_state.alias()
    query = (
        sa.select(one.c.document_id)
        .join(two, two.c.document_id == one.c.document_id)
        .where(one.c.reviewer_id == first, two.c.reviewer_id == second, one.c.done, two.c.done)
        .order_by(one.c.document_id)
    )
    return list(work.connection.scalars(query))


def pair_rows(work: Work) -> list[tuple[Any, ...]]:
    """One row for each pair of reviewers that share documents, as they were before any adjudication."""
    rows = []
    for (first, one), (second, two) in combinations(_reviewers(work).items(), 2):
        pairs = []
        for ids in chunks(_shared(work, one, two)):
            states = independent_states(work.connection, work.author.project_id, ids)
            both = [n for n in ids if (one, n) in states and (two, n) in states]
            texts = texts_of(work.connection, both)
            pairs += [
                (work.tokens(texts[n]), accepted(states[(one, n)]), accepted(states[(two, n)])) for n in both
            ]
        if pairs:
            a = agree(pairs)
            rows.append(
                (first, second, a.documents, round(a.f1, 4), round(a.kappa, 4), a.both, a.first, a.second)
            )
    return rows


@command("compare", says="compare with ana: differences in this document")
class Compare(Command):
    """``compare with ana``."""

    effect = "asks"
    loose = True
    reviewer: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        cursor.word("with")
        return cls(cursor.rest() or cursor.text("the name of a reviewer", "`compare with ana`"))

    def run(self, work: Work) -> Reply:
        name, other = _find(work, self.reviewer)
        card = work.card()
        theirs = load_card(work.connection, other, card.id)
        rows = differences(accepted(card.state), accepted(theirs.state))
        table = tuple(
            (short(card.text[s:e]), f"{s}-{e}", mine or "-", their or "-") for s, e, mine, their in rows
        )
        differs = f"{quantity(len(rows), 'difference')} with {name}"
        said = f"{card.doc_id}: {differs if rows else f'as {name} has it'}"
        notes = [
            f"{who} has not finished it"
            for who, s in ((name, theirs.state), ("you", card.state))
            if not s.done
        ]
        lines = tuple(note.replace("you has", "you have") for note in notes)
        return Reply(
            said, lines=lines, table=Table(("text", "at", work.reviewer, name), table) if rows else None
        )


@command("adjudicate", says="adjudicate: go to a document that reviewers disagree on")
class Adjudicate(Command):
    """``adjudicate``: open a document on which finished reviews differ."""

    moves = True

    def run(self, work: Work) -> Reply:
        found = _conflict(work, work.place.document_id or 0)
        if found is None:
            return Reply("no conflict: wherever two reviewers have finished, they agree")
        work.move(found)
        card = work.card()
        spans: dict[str, set[tuple[int, int, str]]] = {}
        for name, number in _reviewers(work).items():
            state = load_card(work.connection, number, found).state
            if state.done:
                spans[name] = set(accepted(state))
        everyone: set[tuple[int, int, str]] = set().union(*spans.values())
        unanimous = everyone.intersection(*spans.values())
        rows = tuple(
            (
                short(card.text[s:e]),
                label,
                *("yes" if (s, e, label) in own else "-" for own in spans.values()),
            )
            for s, e, label in sorted(everyone - unanimous)
        )
        choices = " or ".join(f"`take {name}`" for name in spans)
        said = f"doc {card.position} {card.doc_id}: {choices}, or decide and `take {work.reviewer}`"
        return Reply(said, table=Table(("text", "label", *spans), rows))


def _conflict(work: Work, after: int) -> int | None:
    """The next document whose finished reviews differ and that nobody adjudicated."""
    state = document_state.c
    query = (
        sa.select(state.document_id)
        .join(document, document.c.id == state.document_id)
        .where(state.project_id == work.author.project_id, state.done)
        .group_by(state.document_id)
        .having(sa.func.count() > 1, sa.func.max(sa.case((state.adjudicated, 1), else_=0)) == 0)
        .order_by(state.document_id)
    )
    shared: list[int] = list(work.connection.scalars(query))
    ordered = [n for n in shared if n > after] + [n for n in shared if n <= after]
    for ids in chunks(ordered):
        states = load_states(work.connection, work.author.project_id, sorted(ids))
        for number in ids:
            done = [s for (_, n), s in states.items() if n == number and s.done]
            if len({accepted(s) for s in done}) > 1:
                return number
    return None


@command(
    "take",
    says="take ana: make a reviewer's decisions the gold of this document",
    reads=words_of("the name of a reviewer", "`take ana`"),
)
class Take(Command):
    """``take ana``: her decisions become mine and the gold of this document."""

    role = "lead"
    on_card = True
    proposed = False
    loose = True
    reviewer: str

    def run(self, work: Work) -> Reply:
        name, other = _find(work, self.reviewer)
        card = work.card()
        theirs = load_card(work.connection, other, card.id)
        if not theirs.state.done:
            raise InputError(f"{name} has not finished {card.doc_id}.", hint="Nothing changed.")
        changes = _copied(card.state, theirs.state) if other != work.author.reviewer_id else []
        bind = (card.id, card.content_hash, card.model_id)
        events = [mentions_event(card.id, changes, card.content_hash, card.model_id)] if changes else []
        events += [
            EventDraft("done", {"done": True}, *bind),
            EventDraft("adjudicated", {"adjudicated": True}, *bind),
        ]
        said = f"{card.doc_id}: the gold is {name}'s, {quantity(len(accepted(theirs.state)), 'span')}"
        work.write(StepDraft("adjudicate", said, tuple(events), card.id, len(changes)), [card.doc_id])
        return Reply(said, "done")


def _copied(mine: DocumentState, theirs: DocumentState) -> list[Change]:
    """Changes that give my mentions the values of theirs; mine that they do not have are rejected."""
    changes = []
    for key, m in mine.mentions.items():
        if m.status == "accepted" and key not in theirs.mentions:
            changes.append(m.change(status="rejected", reason="overlap"))
    for m in sorted(theirs.mentions.values(), key=lambda m: m.status == "accepted"):
        values = {"start": m.start, "end": m.end, "label": m.label, "status": m.status}
        more = {"surface_key": m.surface_key, "concept_id": m.concept_id, "reason": m.reason}
        changes.append(m.change(**values, **more))
    return changes
