"""Annotations made elsewhere, taken over as the finished decisions of a reviewer."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import sqlalchemy as sa

from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.review.document.card import Card, load_card
from hybrid_ner.review.store.events import Change, EventDraft, Mention, StepDraft, mentions_event
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.labels import label_drafts, project_labels
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.schema import document
from hybrid_ner.text import quantity

__all__ = ["import_decisions"]


def import_decisions(project: Project, reviewer: str, documents: Iterable[Document]) -> int:
    """Take over annotated documents as one step of ``reviewer``, which can be undone.

    Args:
        project: It must hold the documents already, with the same text.
        reviewer: Whose decisions they become.
        documents: Those without entities (``None``) are passed over.

    Returns:
        The number of documents taken over.

    Raises:
        CorpusError: An unknown document, another text, or overlapping entities.
    """
    author = Author(project.id, project.reviewer_id(reviewer))
    with project.alone() as connection:
        events: list[EventDraft] = []
        count, labels = 0, set()
        for each in documents:
            if each.entities is None:
                continue
            card = _card(connection, author, each)
            changes = _changes(card, each)
            if changes:
                events.append(mentions_event(card.id, changes, card.content_hash, card.model_id))
            events.append(EventDraft("done", {"done": True}, card.id, card.content_hash, card.model_id))
            labels |= {e.label for e in each.entities}
            count += 1
        if count:
            said = f"took over {quantity(count, 'annotated document')}"
            events += label_drafts(project_labels(connection, project.id), sorted(labels))
            append(connection, author, StepDraft("import", said, tuple(events), bulk=True), "import")
        return count


def _card(connection: sa.Connection, author: Author, each: Document) -> Card:
    found = connection.execute(
        sa.select(document.c.id, document.c.content_hash).where(
            document.c.project_id == author.project_id, document.c.doc_id == each.doc_id
        )
    ).one_or_none()
    if found is None or found.content_hash != each.content_hash:
        what = "is not in the project" if found is None else "has another text in the project"
        raise CorpusError(f"document {each.doc_id!r} {what}.", hint="Import the documents first.")
    return load_card(connection, author.reviewer_id, found.id)


def _changes(card: Card, each: Document) -> list[Change]:
    known = {(m.start, m.end): m for m in card.mentions}
    wanted = {(e.start, e.end): e for e in each.entities or ()}
    _refuse_overlap(each.doc_id, sorted(wanted))
    changes = [m.change(status="rejected", reason="") for place, m in known.items() if place not in wanted]
    number = card.next_number
    for place, e in wanted.items():
        m = known.get(place)
        if m is None:
            surface = surface_key(card.text[e.start : e.end])
            m = Mention((*place, 0), number, *place, e.label, surface_key=surface, base_surface=surface)
            number += 1
        concept = {"concept_id": e.concept_id} if e.concept_id else {}
        changes.append(m.change(status="accepted", reason="", label=e.label, **concept))
    return changes


def _refuse_overlap(doc_id: str, places: list[tuple[int, int]]) -> None:
    for first, second in pairwise(places):
        if second[0] < first[1]:
            raise CorpusError(
                f"document {doc_id!r}: entities {first} and {second} overlap.",
                hint="A review keeps entities that do not overlap.",
            )
