"""Commands on the spans of the document on the card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.confirm import Plan, confirm, digest, rung
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.commands.hits import find_hits
from hybrid_ner.review.commands.on_moves import chosen_in, go_next, mark_done
from hybrid_ner.review.document import edges, spans
from hybrid_ner.review.document.card import Card
from hybrid_ner.review.document.spans import Edit
from hybrid_ner.review.reply import Pending, Reply, Table
from hybrid_ner.review.store.events import EventDraft, Mention, StepDraft
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.text import excerpt, quantity

__all__ = [
    "accept",
    "add",
    "boundary",
    "defer",
    "flag",
    "link",
    "merge",
    "reject",
    "relabel",
    "reopen",
    "split",
]


def _apply(work: Work, edit: Edit, kind: str, leaves: Callable[[Mention], bool] | None = None) -> Reply:
    """Write an edit of the card, after a question when it is wide; ``leaves`` as ``write_edit`` has it."""
    card = work.card()
    count = len(edit.changes)
    # With the labels of now: what was relabeled after the question is another step.
    changed = {change.mention.key for change in edit.changes}
    now = [(m.key, m.start, m.end, m.label, m.status) for m in card.mentions if m.key in changed]
    token = digest([card.doc_id, card.content_hash, *(change.to_json() for change in edit.changes), *now])
    plan = Plan(rung(count, 1), f"{kind} {quantity(count, 'span')} of this document", token, count, 1)
    return confirm(work, plan) or work.write_edit(card, edit, kind, leaves)


def accept(work: Work, command: c.Accept) -> Reply:
    """``ok``."""
    card = work.card()
    chosen = chosen_in(work, card)
    edit = spans.accept(card, command.numbers, chosen)
    leaves = chosen if command.then_next else None
    if edit.changes:
        reply = _apply(work, edit, "accept", leaves=leaves)
    elif command.numbers.every and not command.numbers.but and not card.open and not card.state.done:
        reply = mark_done(work, card)
    else:
        reply = Reply("nothing is open here" if command.numbers.every else f"{edit.echo} (nothing to change)")
    return go_next(work, reply) if command.then_next and reply.level != "ask" else reply


def reject(work: Work, command: c.Reject) -> Reply:
    """``no``."""
    return _apply(work, spans.reject(work.card(), command.numbers), "reject")


def reopen(work: Work, command: c.Reopen) -> Reply:
    """``reopen``."""
    return _apply(work, spans.reopen(work.card(), command.numbers), "reopen")


def relabel(work: Work, command: c.Relabel) -> Reply:
    """``2 is DRUG``."""
    spans.pick(work.card(), command.numbers)
    label = find_label(command.label, work.labels)
    return _apply(work, spans.relabel(work.card(), command.numbers, label), "relabel")


def boundary(work: Work, command: c.Boundary) -> Reply:
    """``3 = "…"``, ``3 +1``."""
    card = work.card()
    tokens = work.tokens(card.text)
    if command.at is not None:
        edit = edges.move_to(card, command.number, *_characters(card, command.quote, command.at), tokens)
    elif command.quote:
        edit = edges.boundary_by_quote(card, command.number, command.quote, tokens)
    else:
        edit = edges.boundary_by_tokens(card, command.number, command.left, command.right, tokens)
    return _apply(work, edit, "boundary")


def link(work: Work, command: c.Link) -> Reply:
    """``3 -> concept``: a concept id, or a term of the gazetteer."""
    card = work.card()
    m = spans.pick(card, c.Numbers((command.number,)))[0]
    found = work.services.terms.find(command.concept, m.label)
    edit = spans.link(card, command.number, found.concept_id, found.text)
    reply = _apply(work, edit, "link")
    surface = card.text[m.start : m.end]
    selection = c.Selection(term=surface, label=m.label)
    hits = find_hits(work.connection, work.author, selection, work.labels)
    others = [
        hit
        for hit in hits
        if hit.mention.status != "rejected"
        and hit.mention.concept_id != found.concept_id
        and (hit.document_id, hit.mention.key) != (card.id, m.key)
    ]
    if not others:
        return reply
    documents = quantity(len({h.document_id for h in others}), "document")
    asks = f'`link all "{surface}" -> {found.concept_id}` shows and links them, for the next model too'
    more = f"{quantity(len(others), 'other mention')} of {spans.short(surface)} in {documents}: {asks}"
    return replace(reply, lines=(*reply.lines, more))


def add(work: Work, command: c.Add) -> Reply:
    """``add "ECHO" TEST``; asks which when the text occurs more than once."""
    card = work.card()
    label = find_label(command.label, work.labels)
    if command.at is not None:
        places = [_characters(card, command.text, command.at)]
    else:
        places = spans.occurrences_in(card.text, command.text)
    if not places:
        raise InputError(
            f"{spans.short(command.text)} does not occur in {card.doc_id}.",
            hint="Quote the text as the document writes it. Nothing changed.",
        )
    which = command.which or (work.answer.which if work.answer else 0)
    if not which and len(places) > 1:
        return _ask_which(work, card, command, places)
    if which > len(places):
        raise InputError(
            f"{spans.short(command.text)} occurs {quantity(len(places), 'time')}, there is no #{which}.",
            hint="Nothing changed.",
        )
    start, end = places[max(which, 1) - 1]
    flags = work.flag(card.text, [(start, end)])[0]
    return _apply(work, spans.add_at(card, start, end, label, work.tokens(card.text), flags), "add")


def _characters(card: Card, quote: str, at: tuple[int, int]) -> tuple[int, int]:
    """The characters named, when the quote stands there; white space counts as white space.

    Raises:
        InputError: Another text stands there.
    """
    there = card.text[at[0] : at[1]]
    if not quote.split() or there.split() != quote.split():
        raise InputError(
            f"characters {at[0]}-{at[1]} of {card.doc_id} are not {spans.short(quote)}.",
            hint="Nothing changed.",
        )
    return at


def _ask_which(work: Work, card: Card, command: c.Add, places: list[tuple[int, int]]) -> Reply:
    rows = tuple((f"#{n}", excerpt(card.text, start, end)) for n, (start, end) in enumerate(places, 1))
    token = digest([card.doc_id, card.content_hash, command.text])
    question = f"{spans.short(command.text)} occurs {len(places)} times"
    pending = Pending("which", "#1", work.line, token, len(places), 1, question=question)
    said = f"{question}: type `#1` to `#{len(places)}`"
    return work.ask(pending, Reply(said, "ask", table=Table(("which", "where"), rows)))


def merge(work: Work, command: c.Merge) -> Reply:
    """``merge 2 3``."""
    card = work.card()
    return _apply(work, edges.merge(card, command.numbers, work.tokens(card.text)), "merge")


def split(work: Work, command: c.Split) -> Reply:
    """``split 2 at "and"``."""
    card = work.card()
    return _apply(work, edges.split(card, command.number, command.at, work.tokens(card.text)), "split")


def defer(work: Work, command: c.Defer) -> Reply:
    """``skip``: to the end of the queue, and on."""
    card = work.card()
    event = EventDraft("defer", {}, card.id, card.content_hash, card.model_id)
    said = f"skipped {card.doc_id}; it comes back at the end of the queue"
    work.write(StepDraft("skip", said, (event,), card.id), [card.doc_id])
    return go_next(work, Reply(said, "done"))


def flag(work: Work, command: c.Flag) -> Reply:
    """``flag "note"``, ``unflag``."""
    card = work.card()
    if command.note is None and card.state.flag is None:
        return Reply(f"{card.doc_id} is not flagged")
    event = EventDraft("flag", {"note": command.note}, card.id, card.content_hash, card.model_id)
    said = f"flagged {card.doc_id}" + (f": {spans.short(command.note)}" if command.note else "")
    if command.note is None:
        said = f"removed the flag of {card.doc_id}"
    work.write(StepDraft("flag", said, (event,), card.id), [card.doc_id])
    return Reply(said, "done")
