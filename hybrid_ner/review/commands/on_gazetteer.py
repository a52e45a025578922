"""Gazetteer edits from review: they go into the project's overlay, never into shipped files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.confirm import Plan, confirm, digest, rung
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.commands.hits import Hit, find_hits
from hybrid_ner.review.commands.on_bulk import bulk_events, rejections, sample_table
from hybrid_ner.review.commands.unlabeled import Place, done_documents, unlabeled, unlabeled_changes
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.review.store.overlay import OverlayEntry, load_overlay
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.review.store.schema import mention
from hybrid_ner.terms import Term
from hybrid_ner.text import quantity
from hybrid_ner.text.fold import fold

__all__ = ["abbr", "link_all", "never", "term", "variant"]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a new term stands for."""

    label: str
    concept: str
    concept_id: str


def _payload(action: str, text: str, meaning: _Meaning, scope: str) -> EventDraft:
    row = {"action": action, "text": text, "label": meaning.label, "scope": scope}
    return EventDraft("gazetteer", {**row, "concept": meaning.concept, "concept_id": meaning.concept_id})


def never(work: Work, command: c.Never) -> Reply:
    """``never "mi"``: reject every open span of it, and block it in the matcher."""
    label = find_label(command.label, work.labels) if command.label else ""
    _usable(command.text)
    selection = c.Selection(term=command.text, label=label, status="open")
    hits = find_hits(work.connection, work.author, selection, work.labels)
    if command.scope == "here":
        hits = [hit for hit in hits if hit.document_id == work.place.document_id]
    documents = {hit.document_id for hit in hits}
    aim = f" {label}" if label else ""
    what = f"never {short(command.text)}{aim} ({_where(work, command.scope)}): "
    where = quantity(len(documents), "document")
    what += f"rejects {quantity(len(hits), 'open span')} in {where} and blocks the term"
    token = digest([command, *((hit.document_id, hit.mention) for hit in hits)])
    table = sample_table(work, hits) if hits else None
    kind = rung(len(hits), 2, gazetteer=True)
    plan = Plan(kind, what, token, len(hits), len(documents), table=table, whole=True)
    asked = _ask(work, plan)
    if asked is not None:
        return asked
    events, names = bulk_events(work, rejections(hits, "never"))
    meaning = _Meaning(label, "", "")
    events.append(_payload("never", command.text, meaning, command.scope))
    said = f"{short(command.text)}{aim} is blocked; rejected {quantity(len(hits), 'span')} in {where}"
    return _write(work, "never", said, events, len(hits), names)


def link_all(work: Work, command: c.LinkAll) -> Reply:
    """``link all "afib" -> concept``: every mention that is not rejected, and the term for the next model."""
    found = find_hits(work.connection, work.author, command.selection, work.labels)
    kept = [hit for hit in found if hit.mention.status != "rejected"]
    if not kept:
        return Reply(f"nothing to link: no span of {short(command.selection.term)}")
    label = command.selection.label or Counter(hit.mention.label for hit in kept).most_common(1)[0][0]
    concept = work.services.terms.find(command.concept, label)
    hits = [h for h in kept if h.mention.label == label and h.mention.concept_id != concept.concept_id]
    documents = {hit.document_id for hit in hits}
    named = f"{concept.text} ({concept.concept_id})" if concept.text != concept.concept_id else concept.text
    where = f"{quantity(len(hits), 'span')} in {quantity(len(documents), 'document')}"
    what = f"link {where} {short(command.selection.term)} {label} → {named}, and keep it as a term"
    token = digest([command, *((hit.document_id, hit.mention) for hit in hits)])
    kind = rung(len(hits), 2, gazetteer=True)
    table = sample_table(work, hits) if hits else None
    asked = _ask(work, Plan(kind, what, token, len(hits), len(documents), table=table, whole=True))
    if asked is not None:
        return asked
    changes = [(hit.document_id, hit.mention.change(concept_id=concept.concept_id)) for hit in hits]
    events, names = bulk_events(work, changes)
    meaning = _Meaning(label, concept.text, concept.concept_id)
    events.append(_payload("term", command.selection.term, meaning, command.scope))
    said = f"linked {where} {short(command.selection.term)} → {named}"
    return _write(work, "link", said, events, len(hits), names)


def _ask(work: Work, plan: Plan) -> Reply | None:
    if work.answer is not None and work.answer.without:
        raise InputError(
            "a gazetteer edit is taken or left as a whole.",
            hint=f"Type `{plan.answer}`, or decide the spans.",
        )
    return confirm(work, plan)


def _where(work: Work, scope: str) -> str:
    if scope == "here":
        return f"only in {work.card().doc_id}"
    return "in every project" if scope == "global" else "in this project"


def _usable(text: str) -> None:
    if not fold(text) or not any(map(str.isalnum, text)):
        raise InputError(f"{short(text)} holds no letter or digit.", hint="Nothing changed.")


def _write(work: Work, kind: str, said: str, events: list[EventDraft], spans: int, names: list[str]) -> Reply:
    document_id = work.place.document_id or 0
    draft = StepDraft(f"gazetteer {kind}", said, tuple(events), document_id, spans, bulk=True)
    written = work.write(draft, names)
    return Reply(f"{said} [{written.name}]", "done")


def term(work: Work, command: c.TermAdd) -> Reply:
    """``term + "afib" = atrial fibrillation PROBLEM``."""
    return _add(work, "term", command.text, _meaning(work, command.words), command.scope)


def abbr(work: Work, command: c.Abbr) -> Reply:
    """``abbr RA = right atrium here``."""
    return _add(work, "abbr", command.short, _meaning(work, command.words), command.scope)


def variant(work: Work, command: c.Variant) -> Reply:
    """``variant "a-fib"``: of the named term, or of the one with the same letters."""
    if command.of:
        found: list[Term] = _terms(work, command.of) or _decided(work, command.of)
        if not found:
            raise InputError(
                f"{short(command.of)} is not a term of the gazetteer.",
                hint=f'Add it first: `term + "{command.of}" = NAME LABEL`. Nothing changed.',
            )
    else:
        found = _same_letters(work, command.text)
        if not found:
            raise InputError(
                f"no term has the same letters as {short(command.text)}.",
                hint=f'Say which: `variant "{command.text}" = TERM`. Nothing changed.',
            )
    best = found[0]
    return _add(
        work, "variant", command.text, _Meaning(best.label, best.text, best.concept_id), command.scope
    )


def _meaning(work: Work, words: tuple[str, ...]) -> _Meaning:
    """Label and concept of ``atrial fibrillation PROBLEM``; the label may be left out when it is known."""
    name, label = " ".join(words), ""
    if len(words) > 1:
        try:
            label = find_label(words[-1], work.labels)
            name = " ".join(words[:-1])
        except InputError:
            label = ""
    known = _terms(work, name, label) or _decided(work, name, label)
    if not label and not known:
        raise InputError(
            f"{short(name)} is not known, so its label is not either.",
            hint=f"Add one of {', '.join(work.labels)} at the end. Nothing changed.",
        )
    concept = next((found.concept_id for found in known if not label or found.label == label), "")
    return _Meaning(label or known[0].label, name, concept)


def _terms(work: Work, text: str, label: str = "") -> list[Term]:
    overlay = load_overlay(work.connection, work.author.project_id)
    key = fold(text)
    added = [t for t in overlay.added(work.card().doc_id) if fold(t.text) == key]
    return [*work.services.terms.terms(text, label), *added]


def _decided(work: Work, text: str, label: str = "") -> list[Term]:
    """The label that the reviewer accepted most recently for this surface."""
    m = mention.c
    query = sa.select(m.label, m.concept_id).where(
        m.project_id == work.author.project_id,
        m.reviewer_id == work.author.reviewer_id,
        m.surface_key == surface_key(text),
        m.status == "accepted",
    )
    newest = query.order_by(m.event_id.desc(), m.document_id, m.base_start, m.base_end, m.copy)
    rows = work.connection.execute(newest.limit(5)).all()
    return [Term(text, row.label, row.concept_id) for row in rows if label in ("", row.label)]


def _same_letters(work: Work, text: str) -> list[Term]:
    letters = _letters(text)
    overlay = load_overlay(work.connection, work.author.project_id)
    added = [t for t in overlay.added(work.card().doc_id) if _letters(t.text) == letters]
    card = work.card()
    here = [
        Term(card.text[m.start : m.end], m.label, m.concept_id)
        for m in card.mentions
        if m.status == "accepted" and _letters(card.text[m.start : m.end]) == letters
    ]
    return [*work.services.terms.same_letters(text), *added, *here]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _add(work: Work, action: str, text: str, meaning: _Meaning, scope: str) -> Reply:
    _usable(text)
    only = work.place.document_id if scope == "here" else None
    found = unlabeled(work, text, only, OverlayEntry(action, text).mode)
    done = done_documents(work, (place.document_id for place in found))
    places = [place for place in found if place.document_id not in done]
    hits = find_hits(work.connection, work.author, c.Selection(term=text), work.labels)
    documents = {place.document_id for place in places}
    means = f"{short(text)} = {meaning.concept} {meaning.label}".replace(" = “”", "")
    what = f"{action} {means} ({_where(work, scope)}): "
    what += f"{quantity(len(places), 'new suggestion')} in {quantity(len(documents), 'document')}"
    what += _besides(hits, meaning.label, len(found) - len(places))
    token = digest([action, text, meaning, scope, *places])
    plan = Plan(rung(len(places), 2, gazetteer=True), what, token, len(places), len(documents))
    asked = _ask(work, plan)
    if asked is not None:
        return asked
    return _write_add(work, _payload(action, text, meaning, scope), places, f"{action} {means} added")


def _besides(hits: list[Hit], label: str, reviewed: int) -> str:
    other = sorted({hit.mention.label for hit in hits if hit.mention.label != label})
    said = f"; {quantity(len(hits), 'span')} of it already" if hits else ""
    if other:
        said += f", some as {', '.join(other)}"
    return said + (f"; {reviewed} in reviewed documents left out" if reviewed else "")


def _write_add(work: Work, edit: EventDraft, places: list[Place], said: str) -> Reply:
    changes = unlabeled_changes(work, places, str(edit.payload["label"]), "open", "gazetteer")
    events, names = bulk_events(work, changes)
    documents = quantity(len({place.document_id for place in places}), "document")
    said += f"; {quantity(len(changes), 'new suggestion')} in {documents}" if changes else ""
    return _write(work, str(edit.payload["action"]), said, [*events, edit], len(changes), names)
