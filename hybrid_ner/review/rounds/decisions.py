"""Annotations made elsewhere, taken over as decisions of a reviewer or as sources; documents erased for good.

Each document that is taken over carries the fingerprint of its annotations in the log. The same file can
therefore be imported again, whole or after an interruption: what is in the log already is not written twice,
and what the reviewer, or a later file, has decided since is left alone and reported.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document, read_corpus, write_corpus
from hybrid_ner.corpus.document import Opinion, context_flags
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.review.rounds import NOTICES, ModelSetup
from hybrid_ner.review.rounds.model_runs import Suggested, read_suggestions, registry_of, write_suggestions
from hybrid_ner.review.rounds.round import read_again
from hybrid_ner.review.store.card import Card, load_card
from hybrid_ner.review.store.database import batches
from hybrid_ner.review.store.events import Change, EventDraft, Mention, Span, StepDraft
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.labels import joined_labels, label_drafts, project_labels
from hybrid_ner.review.store.postings import surface_key, words_of
from hybrid_ner.review.store.project import RUN_BATCH, Erased, Project
from hybrid_ner.review.store.schema import document, erased_documents, event, step
from hybrid_ner.sources.models.endpoint import CACHE_VARIABLE
from hybrid_ner.sources.models.predictions import keep_opinions
from hybrid_ner.text import fold, quantity, remove_left, remove_stale
from hybrid_ner.training.jobs import Job
from hybrid_ner.training.registry import ModelRecord, write_json

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

    def sentence(self, name: str) -> str:
        """What was taken over for a reviewer, and a line for each document that was not."""
        said = f"{quantity(self.taken, 'annotated document')} taken over for {name}, {self.known:,} known"
        return said + "".join(
            f"\nleft as {name} has it: {each.doc_id} ({each.why})" for each in self.conflicts
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
        joined = joined_labels(connection, author.project_id)
        labels = {joined.get(label, label) for label in labels}
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
            document.c.project_id == author.project_id,
            document.c.doc_id == each.doc_id,
            document.c.id.not_in(erased_documents(author.project_id)),
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
    again: bool = False,
) -> OpinionImport:
    """Make what others said sources of a project, and show it where only rules have spoken so far.

    Args:
        project: The project; texts that it lacks are added.
        setup: How its models are made; it is saved with the new sources.
        opinions: As ``read_opinions`` gives them.
        default: Name of the source for opinions without a name.
        again: Take in texts that were erased, too.
    """
    given = list(opinions)
    added, known = _add(project, given, by, again=again)
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
    query = query.where(document.c.id.not_in(erased_documents(project.id)))
    with project.read() as connection:
        return {row.doc_id: row.content_hash for row in connection.execute(query)}


def _add(project: Project, opinions: Iterable[Opinion], by: str, *, again: bool) -> tuple[int, int]:
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
        project.add_documents(new.values(), by=by, again=again)
    return len(new), len(had)


# Documents whose text is erased: what the folder of the project keeps of them, and what is out of reach.


@dataclass(frozen=True, slots=True)
class ErasedEverywhere:
    """What an erasure takes from the store and from the folder of the project.

    Args:
        store: What the store lost.
        files: What went from the folder of the project, one line each.
        left: What is out of reach and may still hold the text, one line each, for people to follow up.
    """

    store: Erased
    files: tuple[str, ...]
    left: tuple[str, ...]

    def sentences(self, *, asked: bool = False) -> list[str]:
        """For people, a line each.

        Args:
            asked: Nothing was done yet.
        """
        said = []
        new = len(self.store.documents) - self.store.before
        for place, each in enumerate(self.store.documents):
            counts = ", ".join(quantity(count, name[:-1]) for name, count in each.lost.items())
            done = f"would lose {counts}" if asked else f"is erased: {counts}"
            said.append(f"{each.doc_id} {done if place < new else f'{each.sentence()} already'}")
        if self.store.lines:
            said.append(f"{quantity(self.store.lines, 'line')} of the conversation, with the answers")
        if self.store.terms:
            named = ", ".join(f"“{term}”" for term in self.store.terms)
            what = quantity(len(self.store.terms), "term or rule", "terms and rules")
            said.append(f"{what} in words that only such a document has: {named}")
        return [*said, *self.files]


def erase_documents(
    project: Project,
    setup: ModelSetup,
    doc_ids: Sequence[str],
    reason: str = "",
    *,
    by: str,
    hide_id: bool = False,
    keep_terms: bool = False,
    ask: bool = False,
) -> ErasedEverywhere:
    """Erase documents from the store and from the folder of the project; see ``Project.erase``.

    It may be repeated: of documents that were erased already, the files are looked through once more.

    Raises:
        InputError: No such document, somebody else has one open, or a training runs, which has read them.
        StoreError: The files of the store could not be made anew; repeat it then.
    """
    job, wanted = Job(setup.job), set(doc_ids)
    with job.held_off() as free:
        if not free:
            hint = "Wait until it has ended, or stop it. Nothing changed."
            raise InputError("a training runs, which has read the documents.", hint=hint)
        registry = registry_of(project, setup)
        records = registry.records()
        read = [r.model_id for r in records if r.pipeline and any(d in wanted for d, _ in _said(r))]
        how: dict[str, Any] = {"by": by, "hide_id": hide_id, "keep_terms": keep_terms, "models": read}
        # The files first: whatever breaks off then, the same call does all of it.
        store = project.erase(doc_ids, reason, **how, ask=True)
        known = {word for each in wanted if hide_id for word in words_of(fold(each))}
        terms = () if keep_terms else store.terms
        gone = replace(store, terms=terms, words=store.words | known)
        files = list(_erase_files(setup, records, wanted, gone, ask=ask))
        store = store if ask else project.erase(doc_ids, reason, **how)
    named = dict.fromkeys([*(m for each in store.documents for m in each.models), *read])
    models = [name for name in named if name in registry.ids()]
    left = _out_of_reach(project, setup, store, models, registry.current())
    return ErasedEverywhere(store, tuple(files), tuple(left))


def _said(record: ModelRecord) -> Iterator[Suggested]:
    return read_suggestions(record.suggestions)


def _erase_files(
    setup: ModelSetup,
    records: Sequence[ModelRecord],
    doc_ids: Collection[str],
    store: Erased,
    *,
    ask: bool,
) -> Iterator[str]:
    """Take documents out of the files of a project; a line for each file that loses something."""
    marks = {mark for each in store.documents for mark in each.marks}
    for record in records:
        rows = list(_said(record))
        kept = [row for row in rows if row[0] not in doc_ids]
        if len(kept) < len(rows):
            if not ask:
                write_suggestions(record.suggestions, kept)
            yield f"what {record.model_id} suggested in them"
        if not ask:
            _clean_record(record, store)
    for path in (setup.gold_path, *sorted((setup.folder / FOLDER).glob("*.jsonl"))):
        documents = list(read_corpus(path)) if path.is_file() else []
        held = [d for d in documents if d.content_hash not in marks]
        if len(held) < len(documents):
            if not ask:
                write_corpus(path, held)
            yield f"their text in {path}"
    notices = setup.folder / NOTICES
    told = json.loads(notices.read_bytes()) if notices.is_file() else []
    held_notes = [note for note in told if store.words.isdisjoint(words_of(fold(note)))]
    if len(held_notes) < len(told):
        if not ask:
            write_json(notices, held_notes)
        yield "what was said when files were imported"
    learner = setup.folder / "learner"
    if learner.is_dir():
        if not ask:
            shutil.rmtree(learner)
        yield "what the fast update keeps of all texts; the next one reads them anew"
    if (setup.job / "request.json").is_file():
        if not ask:
            Job(setup.job).forget()
        yield "what the last training said and printed"
    if not ask:
        remove_stale(setup.models / "staged")
        remove_left()


def _clean_record(record: ModelRecord, store: Erased) -> None:
    """Take words of erased documents out of what is written down of a model."""
    terms = {fold(term) for term in store.terms}
    edits = [row for row in record.overlay if fold(row["text"]) not in terms]
    if len(edits) < len(record.overlay):
        write_json(record.folder / "overlay.json", edits)
    counts = record.meta.get("counts", {})
    lines = counts.get("misfit", [])
    held = [line for line in lines if store.words.isdisjoint(words_of(fold(line)))]
    if len(held) < len(lines):
        write_json(record.folder / "meta.json", {**record.meta, "counts": {**counts, "misfit": held}})


def _out_of_reach(
    project: Project, setup: ModelSetup, store: Erased, models: Sequence[str], current: str
) -> Iterator[str]:
    """What may still hold the text, for whoever has to follow it up."""
    if store.copies:
        yield f"other documents of this store that have the same text: {'; '.join(store.copies)}"
    if not setup.folder.is_dir():
        yield f"lists and models of the project: they are not in {setup.folder} (see --workspace)"
    if models:
        named = ", ".join(f"{name} (in use)" if name == current else name for name in models)
        yield (
            f"models that may have learned from it: {named}. A model cannot forget, and its terms may be "
            "words of it: retrain, use the new model, then delete the folders of these in "
            f"{setup.models}, and what was packaged or copied from them"
        )
    if setup.sources:
        yield (
            "answers of models that were asked for labels: answers.sqlite3 in the folder that "
            f"{CACHE_VARIABLE} names, or in the user's cache, or as the settings of the model say"
        )
    if project.engine.dialect.name == "postgresql":
        yield (
            "the server: its write-ahead log and the archive of it, replicas, base backups, dumps and its "
            "log of statements, until they are recycled or deleted"
        )
    else:
        yield "the disk: freed blocks, until they are written over, and snapshots of the file system"
    yield "backups and other copies of the store (`review backup`) and of the folder of the project"
    yield "what was exported or downloaded before: gold, session files, codebooks, term lists, reports"
    yield "the files that it was imported from, and other programs and projects that have them"
    yield "pages that are open, until they are loaded anew, and their server, until it is started anew"
    yield "term lists and rules in files of people's own, where they have copied words of it"
