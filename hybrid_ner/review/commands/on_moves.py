"""Commands that move through the documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import islice

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.commands.lexer import whole_number
from hybrid_ner.review.document.card import Card
from hybrid_ner.review.queue import LISTS, ORDER_NAMES
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store.events import EventDraft, Mention, StepDraft
from hybrid_ner.review.store.postings import occurrences, words_holding
from hybrid_ner.review.store.schema import document, suggestion
from hybrid_ner.text import excerpt, quantity

__all__ = ["back", "chosen_in", "find", "following", "go", "go_next", "mark_done", "order"]

FOUND = 50
"""Documents that ``find`` lists."""
WORDS = 12
"""Longer words that it names when nothing holds the text as a whole word."""


def go_next(work: Work, reply: Reply) -> Reply:
    """Move to the next document of the queue and say so after the echo of ``reply``."""
    if not work.go_on():
        left = work.queue.left(work.connection)
        said = f"{reply.echo}; the queue {work.order} has no other document".removeprefix("; ")
        if work.place.queue not in LISTS:
            said += f", {left} left in all" if left else ": all reviewed"
        return replace(reply, echo=said)
    echo = f"{reply.echo} → {work.where()}"
    return replace(reply, echo=echo.removeprefix(" → "))


def chosen_in(work: Work, card: Card) -> Callable[[Mention], bool]:
    """Whether the pipeline chose a mention."""

    @cache
    def keys() -> set[tuple[int, int]]:
        query = sa.select(suggestion.c.start_char, suggestion.c.end_char).where(
            suggestion.c.document_id == card.id, suggestion.c.shown, suggestion.c.chosen
        )
        return {(row[0], row[1]) for row in work.connection.execute(query)}

    return lambda m: m.key[:2] in keys()


def following(work: Work, command: c.Next) -> Reply:
    """``next``: a document in which nothing is open is saved as reviewed.

    Suggestions that the pipeline itself did not choose do not keep it open: nobody has to reject them.
    """
    if work.place.document_id is None:
        return go_next(work, Reply(""))
    card = work.card()
    waiting = list(filter(chosen_in(work, card), card.open)) if card.open else []
    if waiting or card.state.done:
        count = len(waiting)
        return go_next(work, Reply(f"left {count} open in {card.doc_id}" if count else ""))
    return go_next(work, mark_done(work, card))


def mark_done(work: Work, card: Card) -> Reply:
    """Say that the document was read and is complete."""
    said = f"{card.doc_id} is reviewed" + ("" if card.mentions else ", it holds nothing")
    if card.open:
        said += f", {quantity(len(card.open), 'less likely span')} left out"
    event = EventDraft("done", {"done": True}, card.id, card.content_hash, card.model_id)
    work.write(StepDraft("done", said, (event,), card.id), [card.doc_id])
    return Reply(said, "done")


def back(work: Work, command: c.Back) -> Reply:
    """``back``."""
    if not work.place.back:
        return Reply("there is no document before this one")
    *rest, last = work.place.back
    work.move(last, remember=False)
    work.place = replace(work.place, back=tuple(rest))
    return Reply(work.where())


def go(work: Work, command: c.Go) -> Reply:
    """``go 31``: by number or id."""
    where = command.where.removeprefix("doc ").strip()
    found = work.document_row(command.where) or work.document_row(where)
    if found is None and (number := whole_number(where)) is not None:
        query = sa.select(document.c.id).where(
            document.c.project_id == work.author.project_id, document.c.position == number
        )
        found = work.connection.scalar(query)
    if found is None:
        total = work.connection.scalar(
            sa.select(sa.func.max(document.c.position)).where(document.c.project_id == work.author.project_id)
        )
        raise InputError(f"there is no document {where!r}.", hint=f"Use 1 to {total or 0}, or an id.")
    work.move(found)
    return Reply(work.where())


def order(work: Work, command: c.Order) -> Reply:
    """``queue random 50``."""
    if not command.name:
        return Reply(f"order {work.order}; orders: {', '.join(ORDER_NAMES)}")
    name = command.name.replace("_", "-")
    if name not in ORDER_NAMES:
        close = process.extractOne(name, ORDER_NAMES, score_cutoff=60)
        meant = f"Did you mean `queue {close[0]}`? " if close else ""
        raise InputError(f"there is no order {name!r}.", hint=f"{meant}Orders: {', '.join(ORDER_NAMES)}.")
    if name == "disagree" and not work.project.mixed:
        raise InputError(
            "nothing disagrees yet: there is no model beside the rules.",
            hint="`queue uncertain` gives the least certain first. Nothing changed.",
        )
    work.place = replace(work.place, queue=name, limit=command.limit)
    left = work.queue.left(work.connection)
    if not work.go_on(fresh=True):
        return Reply(f"queue {name}: nothing in it")
    waiting = quantity(left, "document") if name in LISTS else f"{left:,} left"
    return Reply(f"queue {name}: {waiting} → {work.where()}")


def find(work: Work, command: c.Find) -> Reply:
    """``find "statin"``: documents that hold the text, and the next one of them."""
    hits = []
    for number, text, places in islice(
        occurrences(work.connection, work.author.project_id, command.text), FOUND
    ):
        hits.append((number, len(places), excerpt(text, *places[0])))
    if not hits:
        words = words_holding(work.connection, work.author.project_id, command.text, WORDS)
        within = f" as a word of its own; it is part of {', '.join(words)}" if words else ""
        return Reply(f"no document holds “{command.text}”{within}")
    rows = {
        row.id: row
        for row in work.connection.execute(
            sa.select(document.c.id, document.c.position, document.c.doc_id).where(
                document.c.id.in_([hit[0] for hit in hits])
            )
        )
    }
    table = tuple((rows[n].position, rows[n].doc_id, count, sample) for n, count, sample in hits)
    current = work.place.document_id or 0
    target = next((hit[0] for hit in hits if hit[0] > current), hits[0][0])
    work.move(target)
    more = "at least " if len(hits) == FOUND else ""
    said = f"{more}{quantity(len(hits), 'document holds', 'documents hold')} “{command.text}”"
    said += f" → doc {rows[target].position}"
    return Reply(said, table=Table(("doc", "id", "times", "where"), table))
