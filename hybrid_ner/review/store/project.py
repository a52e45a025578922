"""One project of a store: its documents, added, corrected, withdrawn and erased; its reviewers and log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hybrid_ner.corpus.document import PAGE_STARTS, Document, documents_of, unwritable
from hybrid_ner.errors import CorpusError, InputError, StoreError, wrong_kind
from hybrid_ner.io import Place
from hybrid_ner.review.store import card, projection
from hybrid_ner.review.store.database import Transactions, batches, chunks, rows_in, wipe
from hybrid_ner.review.store.events import (
    DOCUMENT_KINDS,
    ERASED,
    NO_REASON,
    TEXT,
    WITHDRAWN,
    DocumentState,
    Event,
    EventDraft,
    StepDraft,
    Texts,
    align,
    fold_carried,
    has_new_words,
)
from hybrid_ner.review.store.journal import (
    ERASE,
    Author,
    append,
    forget,
    lock_project,
    model_of_log,
    now,
    set_model,
)
from hybrid_ner.review.store.labels import project_labels
from hybrid_ner.review.store.postings import Traces, take_out, write_postings
from hybrid_ner.review.store.ranking import count_surfaces, rank_documents
from hybrid_ner.review.store.reviewers import reviewer_names
from hybrid_ner.review.store.schema import (
    count_documents,
    counting,
    document,
    document_state,
    erased_documents,
    event,
    last_position,
    mention,
    reviewer,
    suggestion,
)
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import Flagger, Suggestion, flagger, suggestions_from_doc
from hybrid_ner.text import content_hash, quantity, some

if TYPE_CHECKING:
    from spacy.tokens import Doc

BATCH = 5000
"""Documents in one transaction and one batch of postings."""
LONGEST_NAME = 100
LONGEST_ID = 400
RUN_BATCH = 1000
"""Documents whose suggestions are written in one transaction."""


@dataclass(frozen=True, slots=True)
class DocumentImport:
    """Documents added, and those that were there already with the same text, some of them withdrawn.

    Args:
        numbers: The first and the last number that the added ones have; zeros where none was added.
    """

    added: int
    known: int
    withdrawn: int = 0
    numbers: tuple[int, int] = (0, 0)

    def sentence(self) -> str:
        """For people."""
        said = f"{quantity(self.added, 'document')} added, {self.known:,} known"
        return said + (f", {self.withdrawn:,} of them withdrawn and left so" if self.withdrawn else "")


@dataclass(frozen=True, slots=True)
class Correction:
    """What becomes of the decisions in a document that has another text.

    Args:
        carried: Decisions whose words stand in the text at the place that it aligns with.
        lost: Reviewer, folded words and label of the others.
        reopened: Reviewers who had finished it, and have to look at it again.
    """

    doc_id: str
    carried: int
    lost: tuple[tuple[str, str, str], ...]
    reopened: tuple[str, ...]


def corrections_said(found: Sequence[Correction], *, would: bool = False) -> str:
    """``2 documents have another text (d1, d2): 4 of 5 decisions carried over, 1 to look at: d2 “afib” …``.

    Args:
        would: Nothing was done yet.
    """
    carried, lost = sum(each.carried for each in found), [(c.doc_id, *row) for c in found for row in c.lost]
    ids = some((each.doc_id for each in found), _NAMED)
    said = f"{quantity(len(found), 'document has', 'documents have')} another text ({ids}): "
    done = "would be carried over" if would else "carried over"
    if carried + len(lost):
        said += f"{carried:,} of {quantity(carried + len(lost), 'decision')} {done}"
    else:
        said += f"nothing is decided in {'it' if len(found) == 1 else 'them'}"
    if lost:
        named = some((f"{doc_id} “{words}” {label} ({who})" for doc_id, who, words, label in lost), _NAMED)
        said += f", {len(lost):,} to look at: {named}"
    if again := [each.doc_id for each in found if each.reopened]:
        said += f"; no longer reviewed: {quantity(len(again), 'document')} ({some(again, _NAMED)})"
    return said


_NAMED = 10


@dataclass(frozen=True, slots=True)
class Erasure:
    """A document whose text is gone for good.

    Args:
        doc_id: Its id, empty where that went too.
        reviewer: Who erased it.
        at: When, ISO 8601 in UTC.
        marks: SHA-256 of its id and of the texts that it has had.
        lost: What went, counted: characters, decisions, suggestions, events.
        models: Models that may have learned from it.
    """

    doc_id: str
    reason: str
    reviewer: str
    at: str
    marks: tuple[str, ...]
    lost: Mapping[str, int]
    models: tuple[str, ...] = ()

    def sentence(self) -> str:
        """``was erased on 2026-12-01 by lea (consent withdrawn)``."""
        return f"was erased on {self.at[:10]} by {self.reviewer} ({self.reason or NO_REASON})"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure takes.

    Args:
        documents: The documents, those that were erased before last.
        lines: Lines of the conversation.
        terms: Edits of term lists and rules of the codebook in words that no other document has.
        copies: ``project: id`` of documents of the store that have the same text.
        words: Words that no other document has, to look for in files; kept nowhere.
        before: How many of the documents were erased before.
    """

    documents: tuple[Erasure, ...] = ()
    lines: int = 0
    terms: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    words: frozenset[str] = field(default=frozenset(), repr=False)
    before: int = 0


def erasures(connection: sa.Connection, project_id: int) -> list[Erasure]:
    """The documents whose text was erased, in the order in which they were."""
    query = sa.select(event.c.payload, event.c.at, reviewer.c.name)
    query = query.join(reviewer, reviewer.c.id == event.c.reviewer_id).order_by(event.c.id)
    rows = connection.execute(query.where(event.c.project_id == project_id, event.c.kind == ERASED))
    return [
        Erasure(
            *(row.payload["document"], row.payload["reason"], row.name, row.at),
            *(tuple(row.payload["marks"]), row.payload["lost"], tuple(row.payload["models"])),
        )
        for row in rows
    ]


def check_name(name: str, what: str) -> None:
    """Refuse a name that no list of them could show; ``what`` it would name is for the message."""
    if not isinstance(name, str):
        raise wrong_kind(f"the name of a {what}", name, "Give it as text.")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        shown = name[:LONGEST_NAME]
        raise StoreError(f"{shown!r} is no name of a {what}. Use 1 to {LONGEST_NAME} printable characters.")


class Project(Transactions):
    """A project of a review store; get one from ``ReviewStore.project``."""

    def __init__(self, engine: sa.Engine, project_id: int, name: str) -> None:
        super().__init__(engine)
        self.id, self.name = project_id, name

    @contextmanager
    def alone(self) -> Iterator[sa.Connection]:
        """A transaction that writes while no other one writes to this project."""
        with self.write() as connection:
            lock_project(connection, self.id)
            yield connection

    @property
    def labels(self) -> tuple[str, ...]:
        """Entity labels in key order."""
        return tuple(self._row().labels)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings: ``domain``, ``reviews``, and how its models are made (``rounds.ModelSetup``)."""
        return dict(self._row().settings)

    def change_settings(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Change some settings; returns all of them."""
        mine = project_table.c.id == self.id
        with self.alone() as connection:
            kept = connection.scalar(sa.select(project_table.c.settings).where(mine))
            changed = {**(kept or {}), **values}
            connection.execute(project_table.update().where(mine).values(settings=changed))
        return changed

    @property
    def model(self) -> str | None:
        """The model in use, empty for none; ``None`` while only the pointer beside the models tells."""
        found: str | None = self._row().model
        return found

    def use_model(self, name: str) -> None:
        """Put the first model into use; later ones come with the step that says so."""
        with self.alone() as connection:
            set_model(connection, self.id, name)

    @property
    def version(self) -> int:
        """Number of the last step."""
        return int(self._row().version)

    def _row(self) -> Any:
        with self.read() as connection:
            return connection.execute(sa.select(project_table).where(project_table.c.id == self.id)).one()

    def add_documents(
        self, documents: Iterable[Document], *, by: str = "", again: bool = False
    ) -> DocumentImport:
        """Add documents; one that is there already with the same text is left alone.

        Args:
            documents: Their annotations are not read.
            by: Who adds them: then it is a step of the log, which ``undo`` passes over.
            again: Take in documents that were erased, too.

        Raises:
            CorpusError: A document id that is there with another text, or a document that was erased.
        """
        added = known = out = first = last = 0
        author = Author(self.id, self.reviewer_id(by)) if by else None
        for batch in batches(documents_of(documents), BATCH):
            with self.alone() as connection:
                erased = {} if again else self.erased_marks(connection)
                new, withdrawn = self._new(connection, batch, erased)
                known += len(batch) - len(new)
                out += withdrawn
                added += len(new)
                if new:
                    last = self._insert(connection, new)
                    first = first or last - len(new) + 1
                    if author is not None:
                        said = f"added {quantity(len(new), 'document')}"
                        event = EventDraft("documents", {"added": [each.doc_id for each in new]})
                        append(connection, author, StepDraft("documents", said, (event,)), "import")
        return DocumentImport(added, known, out, (first, last))

    def erased_marks(self, connection: sa.Connection | None = None) -> dict[str, Erasure]:
        """By what documents that were erased are known again: ``Erasure.marks`` → what the log says."""
        found = self.erasures() if connection is None else erasures(connection, self.id)
        return {mark: each for each in found for mark in each.marks}

    def _new(
        self, connection: sa.Connection, batch: Sequence[Document], erased: Mapping[str, Erasure]
    ) -> tuple[list[Document], int]:
        """The documents that are not there yet, and how many were there and are withdrawn."""
        columns = (document.c.doc_id, document.c.content_hash, document.c.withdrawn)
        query = sa.select(*columns).where(document.c.project_id == self.id)
        query = query.where(document.c.id.not_in(erased_documents(self.id)))
        # Rows of a table without ids were called "2" before they were "calls 2".
        before = {d.doc_id: d.doc_id.rpartition(" ")[2] for d in batch if re.search(r" \d+$", d.doc_id)}
        rows = rows_in(connection, query, document.c.doc_id, [*(d.doc_id for d in batch), *before.values()])
        hashes = {row.doc_id: row.content_hash for row in rows}
        new = []
        for each in batch:
            self.refuse(each, hashes.get(each.doc_id, ""), erased)
            if each.doc_id not in hashes and hashes.get(before.get(each.doc_id, "")) == each.content_hash:
                continue
            seen = hashes.setdefault(each.doc_id, "")
            if not seen:
                hashes[each.doc_id] = each.content_hash
                new.append(each)
        out = {row.doc_id for row in rows if row.withdrawn is not None}
        return new, sum(d.doc_id in out or before.get(d.doc_id) in out for d in batch)

    def erase(
        self,
        doc_ids: Iterable[str],
        reason: str = "",
        *,
        by: str,
        hide_id: bool = False,
        keep_terms: bool = False,
        models: Sequence[str] = (),
        ask: bool = False,
    ) -> Erased:
        """Take the texts of documents out of the store for good, with all that was decided and said in them.

        It cannot be undone. What stays is a step of the log that says who erased what, when and why, and
        hashes by which a later import is known. Files beside the store are left alone:
        ``rounds.decisions.erase_documents`` does both.

        Args:
            reason: Why, for everybody to read.
            by: Who does it, for the log.
            hide_id: Let the ids go too, where they name people.
            keep_terms: Keep edits of term lists and rules of the codebook in words of these documents alone.
            models: Models that may have learned from them, for the log.
            ask: Only tell what would go.

        Returns:
            What went. Of documents that were erased before, what the log says; the files of the store are
            made anew in any case, so that they hold nothing of them.

        Raises:
            InputError: No such document, or somebody else has one open.
            StoreError: The files of the store could not be made anew; repeat it then.
        """
        ids = [doc_ids] if isinstance(doc_ids, str) else list(dict.fromkeys(doc_ids))
        author = Author(self.id, 0 if ask else self.reviewer_id(by))
        with self.alone() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            rows, before = to_erase(connection, self.id, ids, author.reviewer_id, by)
            how = _Erasing(reason, hide_id, keep_terms, tuple(models))
            with connection.begin_nested() as part:
                found = _erase(connection, author, rows, how) if rows else Erased()
                if ask:
                    part.rollback()
            found = replace(found, documents=(*found.documents, *before), before=len(before))
        if not ask:
            wipe(self.engine)
        return found

    def erasures(self) -> list[Erasure]:
        """The documents whose text was erased, in the order in which they were."""
        with self.read() as connection:
            return erasures(connection, self.id)

    def withdraw(self, doc_ids: Iterable[str], reason: str = "", *, by: str) -> list[str]:
        """Take documents out of the project, as a step of the log that can be undone.

        What was decided in them is kept; until they come back they are in no queue, count, gold or training.

        Args:
            reason: Why, for everybody to read.
            by: Who does it, for the log.

        Returns:
            Their ids.

        Raises:
            InputError: No document of that id, or one that is withdrawn already.
        """
        return self._move_out(doc_ids, reason, by)

    def reinstate(self, doc_ids: Iterable[str], *, by: str) -> list[str]:
        """Bring withdrawn documents back, with everything that was decided in them.

        Raises:
            InputError: No withdrawn document of that id.
        """
        return self._move_out(doc_ids, None, by)

    def _move_out(self, doc_ids: Iterable[str], reason: str | None, by: str) -> list[str]:
        ids = [doc_ids] if isinstance(doc_ids, str) else list(dict.fromkeys(doc_ids))
        author = Author(self.id, self.reviewer_id(by))
        with self.alone() as connection:
            draft = withdrawal(connection, self.id, ids, reason)
            append(connection, author, draft, draft.kind)
        return ids

    def corrections(self, documents: Iterable[Document]) -> list[Correction]:
        """What ``correct`` would come to: of those documents that the project has with another text."""
        with self.read() as connection:
            return [found.told for found in self._corrected(connection, documents)]

    def correct(self, documents: Iterable[Document], *, by: str) -> list[Correction]:
        """Give documents the texts that stand under their ids here, as a step that can be undone.

        Decisions are carried over where their words stand in the new text. Whoever had finished a document
        has to look at it again where a decision could not be, or where the text has new words. Other
        documents are left alone.

        Args:
            by: Who does it, for the log.

        Raises:
            CorpusError: A document that cannot be kept, or that is given twice with different texts.
        """
        author = Author(self.id, self.reviewer_id(by))
        with self.alone() as connection:
            found = self._corrected(connection, documents)
            if not found:
                return []
            if not connection.scalar(sa.select(project_table.c.model).where(project_table.c.id == self.id)):
                # Without a model that could read the text, what was imported is carried over too.
                for each in found:
                    card.carry_suggestions(connection, each.row, each.event.payload, each.flag)
            pairs = sorted((each.row.id, each.event.payload["texts"][1]) for each in found)
            write_postings(connection, self.id, pairs)
            said = corrections_said([each.told for each in found])
            append(connection, author, StepDraft("correct", said, tuple(e.event for e in found)), "correct")
        return [each.told for each in found]

    def _corrected(self, connection: sa.Connection, documents: Iterable[Document]) -> list[_Corrected]:
        given: dict[str, Document] = {}
        for each in documents_of(documents):
            if given.setdefault(each.doc_id, each).content_hash != each.content_hash:
                raise CorpusError(f"document {each.doc_id!r} is given twice, with different texts.")
        query = sa.select(document).where(document.c.project_id == self.id)
        query = query.where(document.c.id.not_in(erased_documents(self.id)))
        rows = rows_in(connection, query, document.c.doc_id, list(given))
        rows = [row for row in rows if row.content_hash != given[row.doc_id].content_hash]
        texts = projection.load_texts(connection, [row.id for row in rows])
        names = reviewer_names(connection, self.id)
        decided = counting(event).where(event.c.kind.in_(DOCUMENT_KINDS))
        events: dict[int, dict[str, list[Event]]] = {}
        for row in rows_in(connection, decided, event.c.document_id, [row.id for row in rows]):
            mine = events.setdefault(row.document_id, {}).setdefault(names[row.reviewer_id], [])
            mine.append(projection.to_event(row))
        settings = connection.scalar(sa.select(project_table.c.settings).where(project_table.c.id == self.id))
        flag = flagger((settings or {}).get("domain", ""))
        found = []
        for row in sorted(rows, key=attrgetter("position")):
            self.refuse(given[row.doc_id], "")
            known = texts.get(row.id, Texts(row.content_hash))
            found.append(_correction(row, given[row.doc_id], known, events.get(row.id, {}), flag))
        return found

    def refuse(
        self, each: Document, known: str, erased: Mapping[str, Erasure] = MappingProxyType({})
    ) -> None:
        """What a store cannot keep, or should not, is said by the name of its document.

        Args:
            known: Hash of the text that the project has under its id; empty for none.
            erased: See ``erased_marks``.

        Raises:
            CorpusError: A document that cannot be added.
        """
        if known and known != each.content_hash:
            raise CorpusError(
                f"document {each.doc_id!r} is in project {self.name!r} already, with another text.",
                hint="`review import --corrected` takes the text over, with the decisions that fit it. "
                "Another document needs another id.",
            )
        marks = (content_hash(each.doc_id), each.content_hash)
        if not known and (gone := next((erased[mark] for mark in marks if mark in erased), None)):
            other = "" if marks[0] in gone.marks else " has the text of one that"
            hint = "`review import --again` takes it in all the same."
            raise CorpusError(f"document {each.doc_id!r}{other} {gone.sentence()}.", hint=hint)
        if problem := unwritable(each, Place()):
            raise problem.error()
        if len(each.doc_id) > LONGEST_ID:
            raise CorpusError(
                f"document id {each.doc_id[:40]!r}… has {len(each.doc_id)} characters.",
                hint=f"Use at most {LONGEST_ID}.",
            )
        if self.engine.dialect.name == "postgresql" and "\0" in each.doc_id + each.text:
            raise CorpusError(
                f"document {each.doc_id!r} holds character number 0, which PostgreSQL cannot keep.",
                hint="Take it out of the text, or review in a SQLite file.",
            )

    def _insert(self, connection: sa.Connection, new: Sequence[Document]) -> int:
        """Write documents behind the others; the number of the last one."""
        last = last_position(connection, self.id)
        # What was erased gives its id to what is taken in again.
        query = sa.select(document).where(document.c.id.in_(erased_documents(self.id)))
        for row in rows_in(connection, query, document.c.doc_id, [each.doc_id for each in new]):
            update = document.update().where(document.c.id == row.id)
            connection.execute(update.values(doc_id=_placeholder(row)))
        rows = [
            {
                "project_id": self.id,
                "doc_id": each.doc_id,
                "position": last + place,
                "content_hash": each.content_hash,
                "text": each.text,
                "meta": dict(each.meta),
            }
            for place, each in enumerate(new, 1)
        ]
        connection.execute(document.insert(), rows)
        ids = connection.execute(
            sa.select(document.c.id, document.c.text)
            .where(document.c.project_id == self.id, document.c.position > last)
            .order_by(document.c.id)
        )
        write_postings(connection, self.id, ((row[0], row[1]) for row in ids))
        return last + len(new)

    def add_suggestions(
        self,
        run: str,
        pairs: Iterable[tuple[str, Sequence[Suggestion]]],
        *,
        meta: dict[str, Any] | None = None,
        rank: bool = True,
    ) -> card.RunImport:
        """Show the suggestions of a model run instead of the earlier ones; decisions stay.

        A document that has this run already is left alone, so that an interrupted import can be repeated.

        Args:
            run: Name of the run, for example ``r3``.
            pairs: Document id and its suggestions; an empty list says that nothing was found.
            meta: Kept with the run (model id, fingerprints, scores).
            rank: Compute the queue afterwards; pass ``False`` for all but the last of several calls.

        Raises:
            CorpusError: An unknown document, or offsets outside its text.
        """
        if not isinstance(run, str) or not isinstance(pairs, Iterable):
            hint = 'Give add_suggestions("r1", [(doc_id, [Suggestion(0, 7, "Drug")])]).'
            raise wrong_kind("the name of a run and pairs", (run, pairs), hint)
        pairs = pairs.items() if isinstance(pairs, Mapping) else pairs
        with self.alone() as connection:
            run_id = card.open_run(connection, self.id, run, meta or {})
        total = card.RunImport()
        for batch in batches(pairs, RUN_BATCH):
            with self.alone() as connection:
                total += card.write_suggestions(connection, self.id, run_id, batch)
        if rank:
            with self.alone() as connection:
                rank_documents(connection, self.id)
        return total

    def add_docs(self, run: str, docs: Iterable[Doc], **options: Any) -> card.RunImport:
        """The same from spaCy Docs; ``doc.user_data["doc_id"]`` (or ``doc._.doc_id``) names the document."""
        return self.add_suggestions(
            run, ((_doc_id(doc), suggestions_from_doc(doc)) for doc in docs), **options
        )

    def reviewer_id(self, name: str) -> int:
        """Row of a reviewer, made at first use."""
        check_name(name, "reviewer")
        query = sa.select(reviewer.c.id).where(reviewer.c.project_id == self.id, reviewer.c.name == name)
        with self.read() as connection:
            found = connection.scalar(query)
        if found is not None:
            return int(found)
        with self.alone() as connection:
            # Another session of the same reviewer may have been faster.
            found = connection.scalar(query)
            if found is None:
                row = {"project_id": self.id, "name": name, "created": now()}
                found = connection.execute(reviewer.insert().returning(reviewer.c.id), row).scalar_one()
            return int(found)

    def reviewers(self) -> dict[str, int]:
        """Row of each reviewer by name, in order of arrival."""
        with self.read() as connection:
            return {name: row for row, name in reviewer_names(connection, self.id).items()}

    def events(self) -> list[Event]:
        """The whole log, undone steps included."""
        with self.read() as connection:
            return projection.load_events(connection, self.id)

    def states(self) -> dict[tuple[int, int], DocumentState]:
        """The projected state by ``(reviewer id, document id)``."""
        with self.read() as connection:
            return projection.load_states(connection, self.id)

    def rebuild(self) -> None:
        """Fold the whole log again into the projections."""
        with self.alone() as connection:
            projection.rebuild(connection, self.id)
            model = model_of_log(connection, self.id)
            if model is not None:
                set_model(connection, self.id, model)

    def __len__(self) -> int:
        with self.read() as connection:
            return count_documents(connection, self.id)


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A row of the documents, the event that gives it another text, and what becomes of the decisions."""

    row: Any
    event: EventDraft
    told: Correction
    flag: Flagger


def _of_any_text(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of a document whatever its text is."""
    return {key: value for key, value in meta.items() if key != PAGE_STARTS}


def _correction(
    row: Any, new: Document, known: Texts, events: Mapping[str, Sequence[Event]], flag: Flagger
) -> _Corrected:
    """What a new text comes to.

    Args:
        known: The texts that the document has had.
        events: What counts of each reviewer's decisions, in order.
    """
    blocks, flags = align(row.text, new.text), dict[str, list[str]]()
    payload = {
        "hashes": [row.content_hash, new.content_hash],
        "texts": [row.text, new.text],
        "meta": [row.meta, {**_of_any_text(row.meta), **new.meta}],
        "blocks": blocks,
        "new": [has_new_words(blocks, new.text, 1), has_new_words(blocks, row.text, 0)],
        "flags": flags,
    }
    texts = Texts(new.content_hash, (*known.corrections, payload))
    carried, lost, reopened, spans = 0, list[tuple[str, str, str]](), list[str](), set[tuple[int, int]]()
    for who, theirs in events.items():
        before, gone_before = fold_carried(theirs, known)
        after, gone = fold_carried(theirs, texts)
        kept = [m for m in after.mentions.values() if m.is_verdict]
        spans |= {m.key[:2] for m in after.mentions.values()}
        carried += len(kept)
        told = {m.key for m in gone_before}
        lost += [(who, m.surface_key, m.label) for m in gone if m.key not in told]
        reopened += [who] if before.done and not after.done else []
    places = sorted(spans)
    flags |= {f"{s}-{e}": list(said) for (s, e), said in zip(places, flag(new.text, places), strict=True)}
    found = Correction(row.doc_id, carried, tuple(lost), tuple(reopened))
    return _Corrected(row, EventDraft(TEXT, payload, row.id, new.content_hash), found, flag)


def withdrawal(
    connection: sa.Connection, project_id: int, doc_ids: Sequence[str], reason: str | None
) -> StepDraft:
    """The step that takes documents out of a project, or brings them back without a reason.

    Raises:
        InputError: No such document, or it is out (in) already.
    """
    query = sa.select(document).where(document.c.project_id == project_id)
    rows = {row.doc_id: row for row in rows_in(connection, query, document.c.doc_id, doc_ids)}
    gone = set(connection.scalars(erased_documents(project_id)))
    for doc_id in doc_ids:
        row = rows.get(doc_id)
        if row is None:
            raise InputError(f"there is no document {doc_id!r}.", hint="Nothing changed.")
        if row.id in gone:
            said = row.withdrawn or NO_REASON
            raise InputError(f"the text of document {doc_id!r} is erased ({said}).", hint="Nothing changed.")
        if reason is None and row.withdrawn is None:
            raise InputError(f"document {doc_id!r} is not withdrawn.", hint="Nothing changed.")
        if reason is not None and row.withdrawn is not None:
            said = row.withdrawn or NO_REASON
            raise InputError(f"document {doc_id!r} is withdrawn already ({said}).", hint="Nothing changed.")
    if not doc_ids:
        raise InputError("no document is named.", hint="Name one or more by their ids.")
    named = doc_ids[0] if len(doc_ids) == 1 else quantity(len(doc_ids), "document")
    kind, said = (
        ("reinstate", f"{named} is back") if reason is None else ("withdraw", f"{named} is withdrawn")
    )
    said = said.replace(" is ", " are ") if len(doc_ids) > 1 else said
    said += f" ({reason})" if reason else ""
    found = [rows[doc_id] for doc_id in doc_ids]
    events = tuple(EventDraft(WITHDRAWN, {"reason": reason}, row.id, row.content_hash) for row in found)
    return StepDraft(kind, said, events, found[0].id if len(found) == 1 else 0)


@dataclass(frozen=True, slots=True)
class _Erasing:
    """See ``Project.erase``."""

    reason: str
    hide_id: bool
    keep_terms: bool
    models: tuple[str, ...]


def to_erase(
    connection: sa.Connection, project_id: int, doc_ids: Sequence[str], reviewer_id: int, by: str
) -> tuple[list[Any], list[Erasure]]:
    """Rows of the documents of these ids, and of those that were erased already what the log says.

    Raises:
        InputError: None is named, there is none of an id, or somebody else has one open.
    """
    if not doc_ids:
        raise InputError("no document is named.", hint="Name one or more by their ids.")
    query = sa.select(document).where(document.c.project_id == project_id)
    gone = set(connection.scalars(erased_documents(project_id)))
    rows = {r.doc_id: r for r in rows_in(connection, query, document.c.doc_id, doc_ids) if r.id not in gone}
    before = {each.marks[0]: each for each in erasures(connection, project_id)}
    for doc_id in doc_ids:
        row = rows.get(doc_id)
        if row is None and content_hash(doc_id) not in before:
            raise InputError(f"there is no document {doc_id!r}.", hint="Nothing changed.")
        if row is None or not row.claimed_by or not card.holds(row.claimed_at):
            continue
        who = reviewer_names(connection, project_id)[row.claimed_by]
        if who != by:
            until = datetime.fromtimestamp(row.claimed_at + card.CLAIM_SECONDS, UTC).isoformat(" ", "minutes")
            hint = f"Ask {who} to go on to another document, or wait until {until}. Nothing changed."
            raise InputError(f"{who} has document {doc_id!r} open.", hint=hint)
    known = [replace(before[content_hash(d)], doc_id=d) for d in doc_ids if d not in rows]
    return sorted(rows.values(), key=attrgetter("position")), known


def _erase(connection: sa.Connection, author: Author, rows: Sequence[Any], how: _Erasing) -> Erased:
    """Erase documents in the caller's transaction; the files of the store still hold them after that."""
    ids, project_id = {row.id: row.doc_id for row in rows}, author.project_id
    texts = {row.id: {content_hash(row.text): row.text} for row in rows}
    beside: list[str] = [text for row in rows for text in _strings(row.meta)]
    corrected = sa.select(event.c.document_id, event.c.payload).where(event.c.kind == TEXT)
    for number, payload in rows_in(connection, corrected, event.c.document_id, list(ids)):
        texts[number] |= dict(zip(payload["hashes"], payload["texts"], strict=True))
        beside += _strings(payload["meta"])
    all_texts = [text for each in texts.values() for text in each.values()]
    own = take_out(connection, project_id, set(ids), [*all_texts, *beside])
    names = reviewer_names(connection, project_id)
    known = [*names.values(), *project_labels(connection, project_id)]
    hidden = ids.values() if how.hide_id else ()
    traces = Traces(connection, project_id, [*all_texts, *beside], own, known, hidden)
    counted = _take_rows(connection, project_id, list(ids))
    gone = forget(connection, project_id, ids, traces, keep_terms=how.keep_terms)
    hashes = sorted({mark for each in texts.values() for mark in each})
    copies = _copies(connection, hashes, set(ids))
    events = []
    for row in rows:
        lost = {"characters": len(row.text), **{name: held.get(row.id, 0) for name, held in counted.items()}}
        payload = {
            "document": "" if how.hide_id else row.doc_id,
            "reason": how.reason,
            "marks": [content_hash(row.doc_id), *texts[row.id]],
            "lost": lost,
            "models": list(how.models),
        }
        events.append(EventDraft(ERASED, payload, row.id))
        _empty(connection, row, hide_id=how.hide_id)
    named = "a document" if how.hide_id else rows[0].doc_id
    said = f"{named} is erased" if len(rows) == 1 else f"{quantity(len(rows), 'document')} are erased"
    said += f" ({how.reason})" if how.reason else ""
    if author.reviewer_id:
        written = append(connection, author, StepDraft(ERASE, said, tuple(events)), ERASE)
        projection.show_withdrawn(connection, project_id, gone.flagged, written.number)
        for number in names if gone.flagged else ():
            projection.refresh(connection, project_id, number, gone.flagged, written.number)
    by = names.get(author.reviewer_id, "")
    made = tuple(
        Erasure(row.doc_id, how.reason, by, now(), tuple(e.payload["marks"]), e.payload["lost"], how.models)
        for row, e in zip(rows, events, strict=True)
    )
    return Erased(made, gone.lines, gone.terms, copies, traces.own)


def _strings(value: Any) -> list[str]:
    """All texts in plain values."""
    if isinstance(value, Mapping | list | tuple):
        held = value.values() if isinstance(value, Mapping) else value
        return [text for each in held for text in _strings(each)]
    return [value] if isinstance(value, str) else []


def _take_rows(connection: sa.Connection, project_id: int, ids: Sequence[int]) -> dict[str, dict[int, int]]:
    """Delete what is suggested and decided in documents; how many rows each had."""
    counted: dict[str, dict[int, int]] = {}
    surfaces: set[str] = set()
    tables = ((suggestion, "suggestions"), (mention, "decisions"), (document_state, ""))
    for table, name in tables:
        of = table.c.document_id
        if name:
            query = sa.select(of, sa.func.count()).group_by(of)
            counted[name] = {row[0]: int(row[1]) for row in rows_in(connection, query, of, ids)}
            key = suggestion.c.surface_key if table is suggestion else mention.c.base_surface
            surfaces |= {row[0] for row in rows_in(connection, sa.select(key).distinct(), of, ids)}
        for part in chunks(ids):
            connection.execute(table.delete().where(of.in_(part)))
    query = sa.select(event.c.document_id, sa.func.count()).group_by(event.c.document_id)
    events = rows_in(connection, query, event.c.document_id, ids)
    counted["events"] = {row[0]: int(row[1]) for row in events}
    count_surfaces(connection, project_id, sorted(surfaces))
    return counted


def _copies(connection: sa.Connection, hashes: Sequence[str], ids: set[int]) -> tuple[str, ...]:
    """Other documents of the store that have one of these texts."""
    query = sa.select(document.c.id, project_table.c.name, document.c.doc_id)
    query = query.join(project_table, project_table.c.id == document.c.project_id)
    rows = rows_in(connection, query, document.c.content_hash, hashes)
    return tuple(f"{row.name}: {row.doc_id}" for row in sorted(rows) if row.id not in ids)


def _empty(connection: sa.Connection, row: Any, *, hide_id: bool) -> None:
    """Let the row of a document hold nothing but its place."""
    values: dict[str, Any] = {"text": "", "meta": {}, "content_hash": content_hash(""), "edition": ""}
    values |= {"run_id": None, "done_count": 0, "claimed_by": None}
    if hide_id:
        values["doc_id"] = _placeholder(row)
    connection.execute(document.update().where(document.c.id == row.id).values(values))


def _placeholder(row: Any) -> str:
    """An id for an erased document that no other one has."""
    return f"erased-{row.position}-{content_hash(row.doc_id)[:8]}"


def _doc_id(doc: Doc) -> str:
    found = doc.user_data.get("doc_id") or (doc._.doc_id if doc.has_extension("doc_id") else "")
    if not found:
        raise CorpusError("a Doc has no document id.", hint='Set doc.user_data["doc_id"] before importing.')
    return str(found)
