"""Annotations made elsewhere, taken over as the finished decisions of a reviewer.

Each document that is taken over carries the fingerprint of its annotations in the log. The same file can
therefore be imported again, whole or after an interruption: what is in the log already is not written twice,
and what the reviewer, or a later file, has decided since is left alone and reported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.corpus.document import Opinion, context_flags
from hybrid_ner.errors import CorpusError
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.round import read_again
from hybrid_ner.review.store.card import Card, load_card
from hybrid_ner.review.store.database import batches
from hybrid_ner.review.store.events import Change, EventDraft, Mention, Span, StepDraft
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.labels import label_drafts, project_labels
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.review.store.project import RUN_BATCH, Project
from hybrid_ner.review.store.schema import document, event, step
from hybrid_ner.sources.models.predictions import keep_opinions
from hybrid_ner.text import quantity

IMPORT = "import"
"""Kind of the step."""
_DECIDING = ("mentions", "done", "adjudicated")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A document that was left as it is, and why."""

    doc_id: str
    why: str


@dataclass(frozen=True, slots=True)
class DecisionImport:
    """Documents taken over, documents that had the same decisions, and those left alone."""

    taken: int = 0
    known: int = 0
    conflicts: tuple[Conflict, ...] = ()

    def __add__(self, other: DecisionImport) -> DecisionImport:
        return DecisionImport(
            self.taken + other.taken, self.known + other.known, self.conflicts + other.conflicts
        )


def import_decisions(project: Project, reviewer: str, documents: Iterable[Document]) -> DecisionImport:
    """Take over annotated documents as steps of ``reviewer``, which can be undone.

    A thousand documents are one step and one transaction. A document that the reviewer has decided in by
    hand, or undone, or that a later import has changed, keeps what it has.

    Args:
        project: It must hold the documents already, with the same text.
        documents: Those without entities (``None``) are passed over.

    Raises:
        CorpusError: An unknown document, another text, overlapping entities, or a document given twice with
            different entities; of a long import the steps before it stay.
    """
    author = Author(project.id, project.reviewer_id(reviewer))
    total = DecisionImport()
    given: dict[str, str] = {}
    annotated = (each for each in documents if each.entities is not None)
    for batch in batches(annotated, RUN_BATCH):
        with project.alone() as connection:
            total += _take_over(connection, author, [d for d in batch if _is_new(given, d)])
    return total


def _is_new(given: dict[str, str], each: Document) -> bool:
    """Whether this import has not named the document yet."""
    mark = _fingerprint(each)
    before = given.setdefault(each.doc_id, "")
    if before and before != mark:
        raise CorpusError(
            f"document {each.doc_id!r} is given twice, with different entities.",
            hint="Keep one of the two. What was taken over before stays; import the corrected file again.",
        )
    given[each.doc_id] = mark
    return not before


def _take_over(connection: sa.Connection, author: Author, batch: Sequence[Document]) -> DecisionImport:
    events: list[EventDraft] = []
    labels: set[str] = set()
    taken, known, conflicts = 0, 0, []
    for each in batch:
        card = _card(connection, author, each)
        if card is None:
            conflicts.append(Conflict(each.doc_id, "withdrawn"))
            continue
        mark = _fingerprint(each)
        rows = _decided(connection, author, card)
        if _is_known(card, each, rows, mark):
            known += 1
        elif why := _conflict(rows, mark):
            conflicts.append(Conflict(each.doc_id, why))
        else:
            events += card.decided(_changes(card, each))
            events.append(card.event("done", {"done": True, "imported": mark}))
            labels |= {e.label for e in each.entities or ()}
            taken += 1
    if taken:
        said = f"took over {quantity(taken, 'annotated document')}"
        events += label_drafts(project_labels(connection, author.project_id), sorted(labels))
        append(connection, author, StepDraft(IMPORT, said, tuple(events), bulk=True), IMPORT)
    return DecisionImport(taken, known, tuple(conflicts))


def _fingerprint(each: Document) -> str:
    rows = sorted([e.start, e.end, e.label, e.concept_id] for e in each.entities or ())
    return hashlib.sha256(json.dumps([each.content_hash, rows]).encode()).hexdigest()[:24]


def _decided(connection: sa.Connection, author: Author, card: Card) -> Sequence[Any]:
    """The reviewer's events that decide something in the document, in order, undone ones too."""
    query = (
        sa.select(event.c.kind, event.c.payload, step.c.kind.label("step_kind"), step.c.undone)
        .join(step, step.c.id == event.c.step_id)
        .where(
            event.c.document_id == card.id,
            event.c.reviewer_id == author.reviewer_id,
            event.c.kind.in_(_DECIDING),
        )
    )
    return connection.execute(query.order_by(event.c.id)).all()


def _marks(rows: Sequence[Any], undone: bool) -> list[str]:
    """Fingerprints of what was taken over, in order."""
    return [r.payload["imported"] for r in rows if r.undone is undone and "imported" in r.payload]


def _is_known(card: Card, each: Document, rows: Sequence[Any], mark: str) -> bool:
    """Whether the document is decided in this way already."""
    wanted = {(e.start, e.end, e.label): e.concept_id for e in each.entities or ()}
    kept = {(m.start, m.end, m.label): m.concept_id for m in card.mentions if m.status == "accepted"}
    # The file may leave the concept to the review.
    same = wanted.keys() == kept.keys() and all(wanted[key] in ("", kept[key]) for key in wanted)
    if card.state.done and same:
        return True
    by_hand = any(row.step_kind != IMPORT and not row.undone for row in rows)
    return not by_hand and _marks(rows, False)[-1:] == [mark]


def _conflict(rows: Sequence[Any], mark: str) -> str:
    """Why the document must be left alone; empty when it may be taken over."""
    if any(row.step_kind != IMPORT and not row.undone for row in rows):
        return "decided by hand"
    if mark in _marks(rows, False):
        return "a later import says otherwise"
    return "taken over before and undone" if mark in _marks(rows, True) else ""


def _card(connection: sa.Connection, author: Author, each: Document) -> Card | None:
    """The document as the reviewer has it; ``None`` for one that is withdrawn."""
    found = connection.execute(
        sa.select(document.c.id, document.c.content_hash, document.c.withdrawn).where(
            document.c.project_id == author.project_id, document.c.doc_id == each.doc_id
        )
    ).one_or_none()
    if found is None or found.content_hash != each.content_hash:
        what = "is not in the project" if found is None else "has another text in the project"
        raise CorpusError(f"document {each.doc_id!r} {what}.", hint="Import the documents first.")
    return load_card(connection, author.reviewer_id, found.id) if found.withdrawn is None else None


def _changes(card: Card, each: Document) -> list[Change]:
    known = {(m.start, m.end): m for m in card.mentions}
    wanted = {(e.start, e.end): e for e in each.entities or ()}
    for first, second in pairwise(sorted({(e.start, e.end, e.label) for e in each.entities or ()})):
        if second[0] < first[1]:
            raise CorpusError(
                f"document {each.doc_id!r}: entities {first} and {second} overlap.",
                hint="A review keeps entities that do not overlap: keep one of them.",
            )
    changes = [m.change(status="rejected", reason="") for place, m in known.items() if place not in wanted]
    number = card.next_number
    for place, e in wanted.items():
        m = known.get(place)
        if m is None:
            surface = surface_key(card.text[e.start : e.end])
            m = Mention.first((*place, 0), number, e.label, surface, flags=context_flags(e.attrs))
            number += 1
        concept = {"concept_id": e.concept_id} if e.concept_id else {}
        changes.append(m.change(status="accepted", reason="", label=e.label, **concept))
    for more, (start, end, label) in enumerate(_turned_down(each), number):
        if (start, end) not in known:
            surface = surface_key(card.text[start:end])
            # Beside a mention of these characters that counts it is a copy of its own.
            m = Mention.first((start, end, int((start, end) in wanted)), more, label, surface)
            changes.append(m.change(status="rejected", reason="", label=label))
    return changes


def _turned_down(each: Document) -> Iterator[Span]:
    """What reviewers of another project have rejected, as an export of the gold has it in ``meta``."""
    given = each.meta.get("rejected")
    for row in given if isinstance(given, list) else ():
        if isinstance(row, dict) and isinstance(row.get("label"), str):
            start, end = row.get("start"), row.get("end")
            if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(each.text):
                yield start, end, row["label"]


# What other people and models said, as labeling sources of a project: each under its name.
#
# The files that were imported may go; what was said is kept with the project, a file for each source.

FOLDER = "predictions"
"""Below the folder of a project."""


@dataclass(frozen=True, slots=True)
class OpinionImport:
    """What became of an import.

    Args:
        added: Documents that are new in the project.
        known: Texts that it had.
        spans: Spans by name of the source.
        shown: Whether the documents show them; otherwise the model in use knows nothing of them yet.
    """

    added: int
    known: int
    spans: dict[str, int]
    shown: bool

    def sentence(self) -> str:
        """For people."""
        named = ", ".join(f"{name} ({count:,})" for name, count in self.spans.items())
        said = f"{quantity(self.added, 'document')} added, {self.known:,} known; suggestions of {named}"
        if self.shown:
            return said
        return f"{said}; the model in use was trained without them: `update` or `retrain` lets it hear them"


def import_opinions(
    project: Project,
    setup: ModelSetup,
    opinions: Iterable[Opinion],
    *,
    default: str,
    by: str = "admin",
) -> OpinionImport:
    """Make what others said sources of a project, and show it where only rules have spoken so far.

    Args:
        project: The project; texts that it lacks are added.
        setup: How its models are made; it is saved with the new sources.
        opinions: As ``read_opinions`` gives them.
        default: Name of the source for opinions without a name.
    """
    given = list(opinions)
    added, known = _add(project, given, by)
    specs = keep_named(setup.folder, given, default)
    kept = {name: read_corpus(setup.folder / FOLDER / f"{name}.jsonl") for name in specs}
    counts = {name: sum(len(d.entities or ()) for d in documents) for name, documents in kept.items()}
    setup = replace(setup, sources=(*(s for s in setup.sources if s not in specs.values()), *specs.values()))
    return OpinionImport(added, known, counts, read_again(project, setup, by=by))


def keep_named(folder: Path, opinions: Iterable[Opinion], default: str) -> dict[str, str]:
    """Keep what was said below the folder of a project; name of each source → how the project names it."""
    files = keep_opinions(opinions, folder / FOLDER, default)
    return {name: json.dumps({"predictions": str(path), "name": name}) for name, path in files.items()}


def texts_by_id(project: Project) -> dict[str, str]:
    """Id of each document of a project → hash of its text (``Document.content_hash``)."""
    query = sa.select(document.c.doc_id, document.c.content_hash).where(document.c.project_id == project.id)
    with project.read() as connection:
        return {row.doc_id: row.content_hash for row in connection.execute(query)}


def _add(project: Project, opinions: Iterable[Opinion], by: str) -> tuple[int, int]:
    """Add the texts that the project lacks, under ids that it has not."""
    known = texts_by_id(project)
    ids, texts = {*known}, {*known.values()}
    new: dict[str, Document] = {}
    had: set[str] = set()
    for each in (opinion.document for opinion in opinions):
        key = each.content_hash
        if key in texts:
            had.add(key)
        elif key not in new:
            doc_id = each.doc_id if each.doc_id not in ids else f"{each.doc_id} {key[:8]}"
            ids.add(doc_id)
            new[key] = Document(doc_id, each.text, None, each.meta)
    if new:
        project.add_documents(new.values(), by=by)
    return len(new), len(had)
