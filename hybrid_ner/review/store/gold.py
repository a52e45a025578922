"""Gold: what the reviewers agreed on, folded from their decisions; in any format, to download too."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document, Entity, ProblemLog
from hybrid_ner.corpus.document import context_flags, page_starts
from hybrid_ner.corpus.formats import FORMATS, formats
from hybrid_ner.errors import InputError
from hybrid_ner.io import write_text
from hybrid_ner.review.store import events
from hybrid_ner.review.store.codebook import CODEBOOK, codebook_versions
from hybrid_ner.review.store.database import chunks
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.project import Erasure, Project, erasures
from hybrid_ner.review.store.projection import load_states, to_event
from hybrid_ner.review.store.reviewers import last_adjudicators, reviewer_names
from hybrid_ner.review.store.schema import (
    document,
    document_state,
    erased_documents,
    event,
    of_project,
    reviewer,
    step,
)
from hybrid_ner.review.store.schema import mention as mention_table
from hybrid_ner.text import excerpt, guarded, quantity, scratch, some


@dataclass(frozen=True, slots=True)
class GoldReport:
    """What the gold holds and what it leaves out.

    Args:
        partial: Ids of documents with decisions that nobody has finished.
        conflicts: Ids of documents on which reviewers disagree.
        withdrawn: Ids of documents that were taken out of the project.
        since: Only what is new or changed since then is counted (ISO 8601, UTC).
        gone: Ids of documents that the gold had then and has no longer.
    """

    documents: int
    spans: int
    negatives: int
    partial: tuple[str, ...]
    conflicts: tuple[str, ...]
    withdrawn: tuple[str, ...] = ()
    since: str = ""
    gone: tuple[str, ...] = ()

    def sentence(self) -> str:
        """One line for the reviewer."""
        said = f"{quantity(self.documents, 'document')}, {quantity(self.spans, 'mention')}, "
        said += quantity(self.negatives, "rejected mention")
        if self.since:
            said += f", new or changed since {since_said(self.since)}"
        if self.gone:
            said += f"; reviewed then, and no longer: {len(self.gone)} ({some(self.gone)})"
        if self.partial:
            said += f"; left out: {len(self.partial)} partly reviewed ({some(self.partial)})"
        if self.conflicts:
            said += f"; left out: {len(self.conflicts)} in which reviewers differ ({some(self.conflicts)})"
        if self.withdrawn:
            said += f"; left out: {len(self.withdrawn)} withdrawn ({some(self.withdrawn)})"
        return said


def since_said(since: str) -> str:
    """A time of the log for people: ``2026-11-30 14:00 UTC``."""
    return f"{since[:16].replace('T', ' ')} UTC"


def gold_documents(project: Project, by: str = "", changes: GoldChanges | None = None) -> Iterator[Document]:
    """Gold documents in order, with entities and, in ``meta``, the rejected spans and who reviewed.

    Args:
        by: A reviewer: what this person has finished, as this person has it, whatever counts in the end.
        changes: Only documents that are new or otherwise in the gold, each whole.
    """
    with project.read() as connection:
        yield from gold_in(connection, project.id, by, changes)


def gold_in(
    connection: sa.Connection, project_id: int, by: str = "", changes: GoldChanges | None = None
) -> Iterator[Document]:
    """The same inside a transaction."""
    wanted = None if changes is None else {each.doc_id for each in changes.documents}
    for gold in _gold(connection, project_id, by):
        if isinstance(gold, Document) and (wanted is None or gold.doc_id in wanted):
            yield gold


def gold_report(project: Project, by: str = "", changes: GoldChanges | None = None) -> GoldReport:
    """Counts of the gold, and the documents left out.

    Raises:
        InputError: There is no such reviewer.
    """
    if by and by not in (names := project.reviewers()):
        raise InputError(f"there is no reviewer {by!r}.", hint=f"Reviewers: {', '.join(names)}.")
    with project.read() as connection:
        return report_in(connection, project.id, by, changes)


def report_in(
    connection: sa.Connection, project_id: int, by: str = "", changes: GoldChanges | None = None
) -> GoldReport:
    """The same inside a transaction."""
    documents = spans = negatives = 0
    conflicts: list[str] = []
    new = {each.doc_id: each.state for each in changes.documents} if changes else {}
    for gold in _gold(connection, project_id, by):
        if isinstance(gold, str):
            conflicts.append(gold)
            continue
        if changes and gold.doc_id not in new:
            continue
        documents += 1
        spans += len(gold.entities or ())
        negatives += len(gold.meta["rejected"])
    touched = sa.select(mention_table.c.document_id).where(mention_table.c.project_id == project_id)
    unfinished = document.c.done_count == 0
    if by:
        state, who = document_state.c, sa.select(reviewer.c.id)
        mine = who.where(reviewer.c.project_id == project_id, reviewer.c.name == by).scalar_subquery()
        touched = touched.where(mention_table.c.reviewer_id == mine)
        finished = sa.select(state.document_id).where(state.reviewer_id == mine, state.done)
        unfinished = document.c.id.not_in(finished)
    partial = connection.scalars(
        sa.select(document.c.doc_id)
        .where(document.c.id.in_(touched), unfinished)
        .order_by(document.c.position)
    )
    out = sa.select(document.c.doc_id).where(
        document.c.project_id == project_id,
        document.c.withdrawn.is_not(None),
        document.c.id.not_in(erased_documents(project_id)),
    )
    withdrawn = tuple(connection.scalars(out.order_by(document.c.position)))
    gone = tuple(doc_id for doc_id, state in new.items() if state in ("withdrawn", "open again"))
    left_out = (tuple(partial), tuple(conflicts), withdrawn)
    return GoldReport(documents, spans, negatives, *left_out, changes.since if changes else "", gone)


def gold_hash(project: Project, by: str = "") -> str:
    """SHA-256 of the gold: equal for equal decisions, whatever the way to them."""
    made = hashlib.sha256()
    for each in gold_documents(project, by):
        entities = [[e.start, e.end, e.label, e.concept_id] for e in each.entities or ()]
        rejected = [[r["start"], r["end"], r["label"]] for r in each.meta["rejected"]]
        row = [each.doc_id, each.content_hash, entities, rejected]
        made.update(json.dumps(row, ensure_ascii=True).encode() + b"\n")
    return made.hexdigest()


def _gold(connection: sa.Connection, project_id: int, by: str = "") -> Iterator[Document | str]:
    """Every finished document as it counts, or as one person has it; the id where reviewers disagree."""
    names = reviewer_names(connection, project_id)
    query = (
        sa.select(document.c.id)
        .where(of_project(project_id), document.c.done_count > 0)
        .order_by(document.c.position)
    )
    for ids in chunks(connection.scalars(query).all()):
        states = load_states(connection, project_id, ids)
        rows = connection.execute(sa.select(document).where(document.c.id.in_(ids)))
        by_id = {row.id: row for row in rows}
        settled = sorted({n for (_, n), state in states.items() if state.adjudicated and state.done})
        last = last_adjudicators(connection, settled)
        for number in ids:
            found = {
                names[who]: s
                for (who, doc), s in states.items()
                if doc == number and s.done and (names[who] == by if by else last.get(number, who) == who)
            }
            if by and not found:
                continue
            agree = len({events.accepted(state) for state in found.values()}) == 1
            yield _document(by_id[number], found) if agree else str(by_id[number].doc_id)


def _document(row: Any, states: Mapping[str, events.DocumentState]) -> Document:
    kept: dict[tuple[int, int], events.Mention] = {}
    rejected: set[events.Span] = set()
    for state in states.values():
        for m in state.mentions.values():
            if m.status == "accepted":
                known = kept.get((m.start, m.end))
                kept[(m.start, m.end)] = m if known is None or not known.concept_id else known
            elif m.status == "rejected" and m.reason in ("", "never"):
                rejected.add((m.start, m.end, m.label))
    entities = tuple(
        Entity(m.start, m.end, m.label, m.concept_id, {"flags": list(m.flags)} if m.flags else {})
        for _, m in sorted(kept.items())
    )
    # Rejected first and added again, for example by merging two halves of it: no negative.
    rejected -= {(m.start, m.end, m.label) for m in kept.values()}
    negatives = [{"start": s, "end": e, "label": label} for s, e, label in sorted(rejected)]
    meta = {**row.meta, "rejected": negatives, "reviewers": sorted(states)}
    meta.pop("adjudicated", None)  # what a file said of another project
    if any(state.adjudicated for state in states.values()):
        meta["adjudicated"] = True
    return Document(row.doc_id, row.text, entities, meta)


_SUFFIXES = {
    "jsonl": ".jsonl",
    "spacy": ".spacy",
    "conll": ".conll",
    "biluo": ".biluo",
    "csv": ".csv",
    "brat": "",
    "label-studio": ".json",
    "doccano": ".doccano.jsonl",
    "prodigy": ".prodigy.jsonl",
}
GOLD_FORMATS = tuple(_SUFFIXES)
"""Formats of documents that the gold can be written in."""
TABLE = "table"
"""The format for people: a table for a spreadsheet, a row for each mention."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Documents written, and what the format could not hold."""

    documents: int
    lost: ProblemLog


def export_formats() -> dict[str, str]:
    """Export formats with the endings of their files; formats of other packages too."""
    own = {n: (*f.suffixes, "")[0] for n, f in formats().items() if n not in FORMATS}
    return {**_SUFFIXES, TABLE: ".csv", **own}


def export_path(name: str, project: str, given: str, folder: Path) -> Path:
    """Where an export goes: as given, else ``<project>_gold`` in the folder, a table ``<project>_mentions``.

    Raises:
        InputError: Unknown format.
    """
    suffix = export_formats().get(name)
    if suffix is None:
        raise unknown_format(name, export_formats())
    if given:
        return folder / Path(given).expanduser()
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in project)
    return folder / f"{safe}_{'mentions' if name == TABLE else 'gold'}{suffix or '_' + name}"


def unknown_format(name: str, known: Iterable[str]) -> InputError:
    """The error for a format that gold is not written in."""
    hint = f"Use one of {', '.join(known)}; for others, export jsonl for `hybrid-ner corpus convert`."
    return InputError(f"unknown export format {name!r}.", hint=hint)


class Labeled:
    """By which version of the codebook each document was decided last, of several people the earliest.

    Decisions stay when a rule comes later, and nobody has looked at them by it.
    """

    def __init__(self, connection: sa.Connection, project_id: int) -> None:
        self._changes = codebook_versions(connection, project_id)
        self.version = self._changes[-1][1] if self._changes else ""
        self.earlier: list[str] = []
        columns = (document.c.doc_id, reviewer.c.name, sa.func.max(step.c.number))
        query = sa.select(*columns).select_from(event).join(step, step.c.id == event.c.step_id)
        query = query.join(document, document.c.id == event.c.document_id)
        query = query.join(reviewer, reviewer.c.id == event.c.reviewer_id)
        decides = event.c.kind.in_(("mentions", "done", "adjudicated"))
        query = query.where(event.c.project_id == project_id, decides, step.c.undone.is_(False))
        rows = connection.execute(query.group_by(document.c.doc_id, reviewer.c.name)) if self.version else ()
        self._decided = {(row[0], row[1]): row[2] for row in rows}

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Gold for an export, with the version in the meta data of each document."""
        for each in documents:
            at = min((self._decided.get((each.doc_id, who), 0) for who in each.meta["reviewers"]), default=0)
            version = next((name for number, name in reversed(self._changes) if number <= at), "")
            if version != self.version:
                self.earlier.append(each.doc_id)
            yield replace(each, meta={**each.meta, CODEBOOK: version}) if version else each

    def sentence(self) -> str:
        """The version now, and after an export which documents nobody has looked at by it."""
        if not self.earlier:
            return f"codebook {self.version}" if self.version else ""
        were = quantity(len(self.earlier), "document was", "documents were")
        return f"codebook {self.version}; {were} decided before its last rule ({some(self.earlier)})"


def export_documents(documents: Iterable[Document], name: str, path: Path) -> Exported:
    """Write documents whole or not at all; what the format cannot hold is in ``lost``."""
    lost = ProblemLog()
    return Exported(formats()[name].write(path, documents, lost), lost)


@dataclass(frozen=True, slots=True)
class GoldFile:
    """A file to download.

    Args:
        content: The whole file; a folder is packed.
        lost: What the format could not hold, behind which decisions are older than the codebook.
        since: Only what is new or changed since then is in it (ISO 8601, UTC).
    """

    name: str
    content: bytes
    documents: int
    lost: tuple[str, ...]
    since: str = ""


def gold_file(
    project: Project, form: str, names: Mapping[str, str] = MappingProxyType({}), since: str = ""
) -> GoldFile:
    """The gold in a format, as ``export`` writes it; no file stays behind.

    Args:
        names: For a table: label → what it is called.
        since: Only documents that are new or changed since then, as ``gold_changes`` takes it.

    Raises:
        InputError: Unknown format.
    """
    changes = gold_changes(project, since) if since else None
    named = f"{project.name} since {since[:16]}" if since else project.name
    with scratch() as folder:
        path = export_path(form, named, "", folder)
        if form == TABLE:
            documents = list(gold_documents(project, changes=changes))
            return GoldFile(path.name, gold_table(documents, names), len(documents), (), since)
        with project.read() as connection:
            labeled = Labeled(connection, project.id)
        done = export_documents(labeled(gold_documents(project, changes=changes)), form, path)
        packed = path.is_dir()
        content = _zipped(path) if packed else path.read_bytes()
    name = f"{path.name}.zip" if packed else path.name
    told = [labeled.sentence()] if labeled.earlier else []
    return GoldFile(name, content, done.documents, (*told, *(p.message for p in done.lost.problems)), since)


_TABLE = (
    *("document", "mention", "label", "begins", "ends", "around it", "context", "concept", "reviewed by"),
    "page",
)


def gold_table(documents: Iterable[Document], names: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """Gold documents for a spreadsheet: a row for each mention, in the order of the documents.

    It is for people: documents without a mention have no row, and a cell that would run as a formula begins
    with an apostrophe. ``begins`` and ``ends`` count code points, half open; ``context`` has the context
    flags, without which a fever that is denied would be counted; ``page``, of a PDF, is a column where a
    document has some.

    Args:
        names: Label → what it is called.
    """
    written, documents = io.StringIO(newline=""), list(documents)
    rows = csv.writer(written)
    pages = {each.doc_id: page_starts(each.meta) for each in documents}
    width = len(_TABLE) - (not any(pages.values()))
    rows.writerow(_TABLE[:width])
    for each in documents:
        people = ", ".join(each.meta["reviewers"])
        for e in each.entities or ():
            words, around = each.text[e.start : e.end], excerpt(each.text, e.start, e.end)
            said = (each.doc_id, words, names.get(e.label, e.label))
            # A term without an id is its own concept: for people its name is enough.
            context, page = ", ".join(context_flags(e.attrs)), bisect_right(pages[each.doc_id], e.start) or ""
            rest = (around, context, e.concept_id.removeprefix("name:"), people)
            cells = (*map(guarded, said), e.start, e.end, *map(guarded, rest), page)
            rows.writerow(cells[:width])
    # With a mark at the beginning, without which Excel reads a file as old Windows text.
    return written.getvalue().encode("utf-8-sig")


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


# What changed in the gold between two times: the log up to each of them, folded.


@dataclass(frozen=True, slots=True)
class SpanChange:
    """A mention that the gold has otherwise than before.

    Args:
        kind: ``added``, ``taken out``, ``relabelled``, ``resized``, or ``relabelled and resized``.
        start: Where it stands in the text of now; where it stood last, if it was taken out.
        label: Its label now, or as it was.
        text: What stands, or stood, there.
        was: Label and offsets before, where it has others now.
        by: Who decided it so.
        at: When, ISO 8601 in UTC.
    """

    kind: str
    start: int
    end: int
    label: str
    text: str
    was: events.Span | None = None
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that the gold has otherwise than before.

    Args:
        state: ``new`` in the gold, ``changed``, ``withdrawn``, or ``open again``, which holds too where
            reviewers differ by now.
    """

    doc_id: str
    state: str
    changes: tuple[SpanChange, ...]


@dataclass(frozen=True, slots=True)
class GoldChanges:
    """What changed in the gold between two times (ISO 8601, UTC), and which documents were erased."""

    since: str
    until: str
    documents: tuple[DocumentChange, ...]
    erased: tuple[Erasure, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """By label, and for all labels under ``all``, how many mentions were added, taken out, and so on."""
        found: dict[str, Counter[str]] = {"all": Counter()}
        for each in (change for d in self.documents for change in d.changes):
            found["all"][each.kind] += 1
            found.setdefault(each.label, Counter())[each.kind] += 1
        return {label: dict(sorted(count.items())) for label, count in found.items()}

    def sentence(self) -> str:
        """``12 mentions added, 3 taken out, 1 resized in 5 documents; 1 document erased``."""
        counted = self.counts()["all"]
        told = ", ".join(f"{count:,} {kind}" for kind, count in counted.items()) or "nothing"
        said = f"{told} in {quantity(len(self.documents), 'document')}" if self.documents else "no change"
        return said + (f"; {quantity(len(self.erased), 'document')} erased" if self.erased else "")

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for each change; one without a change for a document that came or went without a mention."""
        for d in self.documents:
            for each in d.changes or (None,):
                row: dict[str, Any] = {"document": d.doc_id, "state": d.state}
                names = ("kind", "label", "text", "start", "end")
                row |= {name: getattr(each, name) if each else "" for name in names}
                was = each.was if each and each.was else ("", "", "")
                row |= {"was_label": was[2], "was_start": was[0], "was_end": was[1]}
                yield row | {"by": each.by if each else "", "at": each.at if each else ""}


def gold_changes(project: Project, since: str, until: str = "") -> GoldChanges:
    """What changed in the gold: as it was at one time, against as it was at another.

    Steps that were undone by then do not count, withdrawn documents are out of the gold, and of one whose
    text was corrected the mentions are looked for where their words stand now. What was decided in documents
    that were erased since is not known any more. Steps that came after one of that time are later, whatever
    time the computers they were made on had.

    Args:
        since: In UTC, as ``journal.moment`` gives it.
        until: The same; now by default.
    """
    with project.read() as connection:
        return changes_in(connection, project.id, since, until)


def changes_in(connection: sa.Connection, project_id: int, since: str, until: str = "") -> GoldChanges:
    """The same inside a transaction."""
    bound, until = until, until or now()
    query = sa.select(event, reviewer.c.name).join(reviewer, reviewer.c.id == event.c.reviewer_id)
    rows = connection.execute(query.where(event.c.project_id == project_id).order_by(event.c.id)).all()
    documents = sa.select(document).where(document.c.project_id == project_id)
    known = {row.id: row for row in connection.execute(documents.order_by(document.c.position))}
    erased = tuple(e for e in erasures(connection, project_id) if since <= e.at < until)
    made = {row.id: (row.name, row.at) for row in rows}
    # What stands later in the log is later, although a clock was set back; one ahead of this says nothing.
    begins = next((row.id for row in rows if since <= row.at <= until), inf)
    new = [row for row in rows if row.at >= since or row.id > begins]
    held = {row.id for row in new}
    before = _Then(to_event(row) for row in rows if row.id not in held)
    after = _Then(to_event(row) for row in rows if not bound or row.at < bound)
    meanwhile: dict[int, tuple[str, str]] = {}
    steps = {row.step_id: row.document_id for row in rows if row.document_id}
    for row in (row for row in new if not bound or row.at < bound):
        about = [row.document_id] if row.document_id else [steps.get(n) for n in row.payload.get("steps", ())]
        meanwhile |= {number: (row.name, row.at) for number in about if number}
    found = []
    for number, row in known.items():
        if number not in before.gold and number not in after.gold:
            continue
        changes = _changes_in(row, before, after, made, meanwhile)
        came, left = number not in before.gold, number not in after.gold
        state = (
            "withdrawn" if number in after.gone else "open again" if left else "new" if came else "changed"
        )
        if changes or came or left:
            found.append(DocumentChange(row.doc_id, state, tuple(changes)))
    return GoldChanges(since, until, tuple(found), erased)


class _Then:
    """The gold as the log had it at one time: for each document the reviews that count, which agree."""

    def __init__(self, log: Iterable[events.Event]) -> None:
        log = list(log)
        kept = events.effective(log)
        self.texts, self.gone = events.fold_texts(log), events.fold_withdrawn(kept)
        self.states: dict[int, list[events.DocumentState]] = {}
        self.gold: dict[int, dict[events.Span, events.Mention]] = {}
        last = {e.document_id: e.reviewer_id for e in kept if e.kind == "adjudicated"}
        done: dict[int, dict[int, events.DocumentState]] = {}
        for (who, number), state in events.fold_project(log).items():
            self.states.setdefault(number, []).append(state)
            if state.done:
                done.setdefault(number, {})[who] = state
        for number, theirs in done.items():
            settled = any(state.adjudicated for state in theirs.values())
            counts = [s for who, s in theirs.items() if not settled or last.get(number, who) == who]
            if len({events.accepted(state) for state in counts}) == 1:
                held = (m for s in counts for m in s.mentions.values() if m.status == "accepted")
                self.gold[number] = {(m.start, m.end, m.label): m for m in held}

    def text(self, row: Any) -> tuple[str, str]:
        """Hash and text of a document."""
        texts = self.texts.get(row.id)
        if texts is None:
            return "", ""
        held = {h: t for c in texts.corrections for h, t in zip(c["hashes"], c["texts"], strict=True)}
        return texts.current, held[texts.current]


def _changes_in(
    row: Any,
    before: _Then,
    after: _Then,
    made: Mapping[int, tuple[str, str]],
    meanwhile: Mapping[int, tuple[str, str]],
) -> list[SpanChange]:
    """What a document has otherwise in the gold.

    Args:
        made: Who wrote an event, and when.
        meanwhile: Who wrote something of a document between the two times last, and when.
    """
    texts = after.texts.get(row.id, events.ONE_TEXT)
    first = texts.corrections[0] if texts.corrections else None
    was_hash, was_text = before.text(row)
    if not was_hash and first is not None:
        was_hash, was_text = first["hashes"][0], first["texts"][0]
    is_hash, is_text = after.text(row)
    was_text, is_text = was_text or row.text, is_text or row.text
    old: dict[events.Span, tuple[events.Span, events.Mention]] = {}
    for span, m in before.gold.get(row.id, {}).items():
        place = texts.place(was_hash, *span[:2]) if was_hash != is_hash else span[:2]
        old[(*place, span[2]) if place else (-1 - span[0], -1 - span[0], span[2])] = (span, m)
    new = after.gold.get(row.id, {})
    by_key = {m.key: m for state in after.states.get(row.id, ()) for m in state.mentions.values()}
    fallback = meanwhile.get(row.id, ("", ""))
    lost = {span: held for span, held in old.items() if span not in new}
    changes = []
    for span, m in sorted(new.items()):
        if span in old:
            continue
        by, at = made.get(m.event_id, fallback)
        pair = next((o for o in lost if o[0] < span[1] and span[0] < o[1]), None)
        was = lost.pop(pair)[0] if pair else None
        kind = "added" if pair is None else _kind(pair, span)
        changes.append(SpanChange(kind, *span, is_text[span[0] : span[1]], was, by, at))
    for span, m in lost.values():
        decided = by_key.get(m.key)
        by, at = made.get(decided.event_id if decided else 0, fallback)
        by, at = (by, at) if decided is not None and decided.status == "rejected" else fallback
        changes.append(SpanChange("taken out", *span, was_text[span[0] : span[1]], None, by, at))
    return sorted(changes, key=lambda each: (each.start, each.end))


def _kind(was: events.Span, now: events.Span) -> str:
    parts = ["relabelled"] * (was[2] != now[2]) + ["resized"] * (was[:2] != now[:2])
    return " and ".join(parts)


def write_changes(path: Path, changes: GoldChanges) -> int:
    """Write changes as CSV, one a row, or where the name ends in ``.json`` as one object; their number."""
    rows = list(changes.rows())
    with write_text(path) as handle:
        if path.suffix == ".json":
            json.dump({**asdict(changes), "counts": changes.counts()}, handle, ensure_ascii=False, indent=1)
        else:
            writer = csv.DictWriter(handle, _CHANGED, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: guarded(str(value)) for name, value in row.items()} for row in rows)
    return len(rows)


_CHANGED = (
    *("document", "state", "kind", "label", "text", "start", "end", "was_label", "was_start", "was_end"),
    *("by", "at"),
)
"""Columns of the CSV of changes."""
