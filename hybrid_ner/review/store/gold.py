"""Gold: what the reviewers agreed on, folded from their decisions; in any format, to download too."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document, Entity, ProblemLog
from hybrid_ner.corpus.document import context_flags
from hybrid_ner.corpus.formats import FORMATS, formats
from hybrid_ner.errors import InputError
from hybrid_ner.review.store.codebook import CODEBOOK, codebook_versions
from hybrid_ner.review.store.database import chunks
from hybrid_ner.review.store.events import DocumentState, Mention, Span, accepted
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.projection import load_states
from hybrid_ner.review.store.reviewers import last_adjudicators, reviewer_names
from hybrid_ner.review.store.schema import document, document_state, event, of_project, reviewer, step
from hybrid_ner.review.store.schema import mention as mention_table
from hybrid_ner.text import excerpt, guarded, quantity


@dataclass(frozen=True, slots=True)
class GoldReport:
    """What the gold holds and what it leaves out.

    Args:
        partial: Ids of documents with decisions that nobody has finished.
        conflicts: Ids of documents on which reviewers disagree.
        withdrawn: Ids of documents that were taken out of the project.
    """

    documents: int
    spans: int
    negatives: int
    partial: tuple[str, ...]
    conflicts: tuple[str, ...]
    withdrawn: tuple[str, ...] = ()

    def sentence(self) -> str:
        """One line for the reviewer."""
        said = f"{quantity(self.documents, 'document')}, {quantity(self.spans, 'mention')}, "
        said += quantity(self.negatives, "rejected mention")
        if self.partial:
            said += f"; left out: {len(self.partial)} partly reviewed ({_some(self.partial)})"
        if self.conflicts:
            said += f"; left out: {len(self.conflicts)} in which reviewers differ ({_some(self.conflicts)})"
        if self.withdrawn:
            said += f"; left out: {len(self.withdrawn)} withdrawn ({_some(self.withdrawn)})"
        return said


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def gold_documents(project: Project, by: str = "") -> Iterator[Document]:
    """Gold documents in order, with entities and, in ``meta``, the rejected spans and who reviewed.

    Args:
        by: A reviewer: what this person has finished, as this person has it, whatever counts in the end.
    """
    with project.read() as connection:
        yield from gold_in(connection, project.id, by)


def gold_in(connection: sa.Connection, project_id: int, by: str = "") -> Iterator[Document]:
    """The same inside a transaction."""
    yield from (gold for gold in _gold(connection, project_id, by) if isinstance(gold, Document))


def gold_report(project: Project, by: str = "") -> GoldReport:
    """Counts of the gold, and the documents left out.

    Raises:
        InputError: There is no such reviewer.
    """
    if by and by not in (names := project.reviewers()):
        raise InputError(f"there is no reviewer {by!r}.", hint=f"Reviewers: {', '.join(names)}.")
    with project.read() as connection:
        return report_in(connection, project.id, by)


def report_in(connection: sa.Connection, project_id: int, by: str = "") -> GoldReport:
    """The same inside a transaction."""
    documents = spans = negatives = 0
    conflicts: list[str] = []
    for gold in _gold(connection, project_id, by):
        if isinstance(gold, str):
            conflicts.append(gold)
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
        document.c.project_id == project_id, document.c.withdrawn.is_not(None)
    )
    withdrawn = tuple(connection.scalars(out.order_by(document.c.position)))
    return GoldReport(documents, spans, negatives, tuple(partial), tuple(conflicts), withdrawn)


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
            agree = len({accepted(state) for state in found.values()}) == 1
            yield _document(by_id[number], found) if agree else str(by_id[number].doc_id)


def _document(row: Any, states: Mapping[str, DocumentState]) -> Document:
    kept: dict[tuple[int, int], Mention] = {}
    rejected: set[Span] = set()
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
"""Formats that the gold can be written in."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Documents written, and what the format could not hold."""

    documents: int
    lost: ProblemLog


def export_formats() -> dict[str, str]:
    """Export formats with the endings of their files; formats of other packages too."""
    own = {n: (*f.suffixes, "")[0] for n, f in formats().items() if n not in FORMATS}
    return {**_SUFFIXES, **own}


def export_path(name: str, project: str, given: str, folder: Path) -> Path:
    """Where an export goes: as given, else ``<project>_gold`` in the folder.

    Raises:
        InputError: Unknown format.
    """
    suffix = export_formats().get(name)
    if suffix is None:
        raise unknown_format(name, export_formats())
    if given:
        return folder / Path(given).expanduser()
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in project)
    return folder / f"{safe}_gold{suffix or '_' + name}"


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
        return f"codebook {self.version}; {were} decided before its last rule ({_some(self.earlier)})"


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
    """

    name: str
    content: bytes
    documents: int
    lost: tuple[str, ...]


def gold_file(project: Project, form: str) -> GoldFile:
    """The gold in a format, as ``export`` writes it; no file stays behind.

    Raises:
        InputError: Unknown format.
    """
    with TemporaryDirectory() as folder:
        path = export_path(form, project.name, "", Path(folder))
        with project.read() as connection:
            labeled = Labeled(connection, project.id)
        done = export_documents(labeled(gold_documents(project)), form, path)
        packed = path.is_dir()
        content = _zipped(path) if packed else path.read_bytes()
    name = f"{path.name}.zip" if packed else path.name
    told = [labeled.sentence()] if labeled.earlier else []
    return GoldFile(name, content, done.documents, (*told, *(p.message for p in done.lost.problems)))


_TABLE = ("document", "mention", "label", "begins", "ends", "around it", "context", "concept", "reviewed by")


def gold_table(project: Project, names: Mapping[str, str] = MappingProxyType({}), by: str = "") -> GoldFile:
    """The gold for a spreadsheet: a row for each mention, in the order of the documents.

    It is for people: documents without a mention have no row, and a cell that would run as a formula begins
    with an apostrophe. ``begins`` and ``ends`` count code points, half open; ``context`` has the context
    flags, without which a fever that is denied would be counted.

    Args:
        names: Label → what it is called.
        by: A reviewer, as for ``gold_documents``.
    """
    written, documents = io.StringIO(newline=""), list(gold_documents(project, by))
    rows = csv.writer(written)
    rows.writerow(_TABLE)
    for each in documents:
        people = ", ".join(each.meta["reviewers"])
        for e in each.entities or ():
            words, around = each.text[e.start : e.end], excerpt(each.text, e.start, e.end)
            said = (each.doc_id, words, names.get(e.label, e.label))
            # A term without an id is its own concept: for people its name is enough.
            context = ", ".join(context_flags(e.attrs))
            rest = (around, context, e.concept_id.removeprefix("name:"), people)
            cells = (*map(guarded, said), e.start, e.end, *map(guarded, rest))
            rows.writerow(cells)
    name = export_path("csv", project.name, "", Path()).name.replace("_gold", "_mentions")
    # With a mark at the beginning, without which Excel reads a file as old Windows text.
    return GoldFile(name, written.getvalue().encode("utf-8-sig"), len(documents), ())


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()
