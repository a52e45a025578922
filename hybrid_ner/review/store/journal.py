"""Append steps to the log, undo and redo; what was said; where each reviewer is; what is erased of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.reply import Pending, Reply
from hybrid_ner.review.store.database import chunks, rows_in
from hybrid_ner.review.store.events import ERASED, JOINED, TEXT, WITHDRAWN, EventDraft, StepDraft
from hybrid_ner.review.store.labels import ASSIGN, LABEL, show_assignment, show_labels
from hybrid_ner.review.store.postings import GONE, Traces
from hybrid_ner.review.store.projection import refresh, show_joined, show_texts, show_withdrawn
from hybrid_ner.review.store.schema import client_operation, event, position, reviewer, step, turn
from hybrid_ner.review.store.schema import project as project_table

SWITCHES = ("promote", "rollback")
"""Kinds of steps and events that put another model into use."""
ERASE = "erase"
"""Kind of the step that erases documents; steps of which it leaves nothing are of the kind ``ERASED``."""
STANDING = ("undo", "redo", "retrain", "stop", "role", "documents", "meanings", ERASE, ERASED)
"""Kinds of steps that are no decisions, or none any more: ``undo`` passes them over."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, in which project."""

    project_id: int
    reviewer_id: int


@dataclass(frozen=True, slots=True)
class Written:
    """A step that is now in the log."""

    number: int
    name: str
    step_id: int


def now() -> str:
    """The time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def moment(said: str, *, end: bool = False) -> str:
    """A day or a time as the log has times, in UTC: ``2026-11-30``, ``2026-11-30T14:00+01:00``.

    Args:
        said: In ISO 8601; without a zone it is in UTC.
        end: A day stands for its end, not for its beginning.

    Raises:
        ValueError: It is neither.
    """
    at = datetime.fromisoformat(said)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    day = end and re.fullmatch(r"[\d-]+", said)  # "2026-11-30", "20261130"
    return (at + timedelta(days=bool(day))).astimezone(UTC).isoformat(timespec="milliseconds")


def lock_project(connection: sa.Connection, project_id: int) -> Any:
    """Let writers of one project pass one at a time, so that event ids follow the order of commits.

    Returns:
        The row of the project.
    """
    # Rows that only refer to the project, as those of a line of chat, need not wait for it.
    query = sa.select(project_table).where(project_table.c.id == project_id)
    return connection.execute(query.with_for_update(key_share=True)).one()


def lock_reviewer(connection: sa.Connection, reviewer_id: int) -> None:
    """Let the lines of one reviewer pass one at a time; those of others need not wait."""
    if connection.dialect.name == "postgresql":  # In SQLite there is one writer anyway.
        query = sa.select(reviewer.c.id).where(reviewer.c.id == reviewer_id)
        connection.execute(query.with_for_update(key_share=True))


def append(connection: sa.Connection, author: Author, draft: StepDraft, line: str) -> Written:
    """Write a step with its events, and the state that follows from them."""
    p = project_table.c
    following = project_table.update().where(p.id == author.project_id).values(version=p.version + 1)
    # The number of the step is the version of the project's data after it.
    number = int(connection.execute(following.returning(p.version)).scalar_one())
    name = _bulk_name(connection, author.project_id) if draft.bulk else ""
    about = {name: getattr(draft, name) for name in ("kind", "summary", "spans")}
    by = {"project_id": author.project_id, "reviewer_id": author.reviewer_id, "line": line, "at": now()}
    where = {"document_id": draft.document_id or None, "documents": len(_touched(draft)), "undone": False}
    row = {"number": number, "name": name, **about, **by, **where}
    step_id = connection.execute(step.insert().returning(step.c.id), row).scalar_one()
    written = Written(number, name, step_id)
    _add(connection, author, written, draft)
    refresh(connection, author.project_id, author.reviewer_id, _touched(draft), number)
    return written


def extend(connection: sa.Connection, author: Author, written: Written, draft: StepDraft) -> Written:
    """Add the events of a draft to the step that this transaction has just written, so that both are one."""
    _add(connection, author, written, draft)
    name = written.name or (_bulk_name(connection, author.project_id) if draft.bulk else "")
    connection.execute(
        step.update()
        .where(step.c.id == written.step_id)
        .values(
            name=name,
            summary=step.c.summary + "; " + draft.summary,
            spans=step.c.spans + draft.spans,
            documents=len(documents_of(connection, [written.step_id])),
        )
    )
    refresh(connection, author.project_id, author.reviewer_id, _touched(draft), written.number)
    return Written(written.number, name, written.step_id)


def _touched(draft: StepDraft) -> set[int]:
    return {e.document_id for e in draft.events if e.document_id} | set(draft.touched)


def _add(connection: sa.Connection, author: Author, written: Written, draft: StepDraft) -> None:
    """Write the events of a step, and bring up to date what follows from the project's own ones."""
    of, at = {"project_id": author.project_id, "reviewer_id": author.reviewer_id}, now()
    same = ("kind", "payload", "content_hash", "model_id")
    rows = [
        {**of, "step_id": written.step_id, "document_id": e.document_id or None, "at": at}
        | {name: getattr(e, name) for name in same}
        for e in draft.events
    ]
    if rows:
        connection.execute(event.insert(), rows)
    if added := [e.payload for e in draft.events if e.kind == LABEL]:
        show_labels(connection, author.project_id, added, shown=True)
    if joins := [e.payload for e in draft.events if e.kind == JOINED]:
        show_labels(connection, author.project_id, joins, shown=False)
        show_joined(connection, author.project_id, joins, written.number)
    if any(e.kind == ASSIGN for e in draft.events):
        show_assignment(connection, author.project_id)
    for kind, show in _SHOWN.items():
        if moved := [e.document_id for e in draft.events if e.kind == kind]:
            show(connection, author.project_id, moved, written.number)


def _bulk_name(connection: sa.Connection, project_id: int) -> str:
    query = sa.select(sa.func.count()).where(step.c.project_id == project_id, step.c.name != "")
    return f"b{(connection.scalar(query) or 0) + 1}"


def set_undone(
    connection: sa.Connection, author: Author, targets: Sequence[Any], undone: bool, line: str
) -> Written:
    """Write the step that undoes (or redoes) steps, whosever they are, and the state that follows."""
    ids = [target.id for target in targets]
    documents: set[int] = set()
    joins: list[Any] = []
    moved: dict[str, list[int]] = {kind: [] for kind in _SHOWN}
    for part in chunks(ids):
        connection.execute(step.update().where(step.c.id.in_(part)).values(undone=undone))
        documents.update(documents_of(connection, part))
        query = sa.select(event.c.payload).where(event.c.step_id.in_(part), event.c.kind == LABEL)
        if added := connection.scalars(query.order_by(event.c.id)).all():
            show_labels(connection, author.project_id, added, shown=not undone)
        query = sa.select(event.c.payload).where(event.c.step_id.in_(part), event.c.kind == JOINED)
        joins += connection.scalars(query.order_by(event.c.id))
        deals = sa.exists().where(event.c.step_id.in_(part), event.c.kind == ASSIGN)
        if connection.scalar(sa.select(deals)):
            show_assignment(connection, author.project_id)
        for kind, found in moved.items():
            about = sa.select(event.c.document_id).where(event.c.step_id.in_(part), event.c.kind == kind)
            found += connection.scalars(about)
    kind = "undo" if undone else "redo"
    said = ", ".join(f"{target.number} ({target.line})" for target in targets)
    others = {target.reviewer_id for target in targets} - {author.reviewer_id}
    draft = StepDraft(
        kind,
        f"{kind} of {said}",
        (EventDraft(kind, {"steps": ids}),),
        spans=sum(target.spans for target in targets),
        touched=tuple(documents),
    )
    written = append(connection, author, draft, line)
    for who in others:
        refresh(connection, author.project_id, who, documents, written.number)
    if joins:
        # The one joined last was taken out last, and comes back first.
        show_labels(connection, author.project_id, reversed(joins) if undone else joins, shown=undone)
        show_joined(connection, author.project_id, joins, written.number)
    for kind, found in moved.items():
        _SHOWN[kind](connection, author.project_id, found, written.number)
    return written


_SHOWN = {TEXT: show_texts, WITHDRAWN: show_withdrawn, ERASED: show_withdrawn}
"""Kinds of events about a document itself, and what brings up to date what follows from them."""


def documents_of(connection: sa.Connection, step_ids: Sequence[int]) -> list[int]:
    """Documents that the steps have events in."""
    query = sa.select(event.c.document_id).where(
        event.c.step_id.in_(step_ids), event.c.document_id.is_not(None)
    )
    return sorted(set(connection.scalars(query)))


def model_of_log(connection: sa.Connection, project_id: int) -> str | None:
    """The model that the last switch that counts put into use, whoever made it; ``None`` without one."""
    query = (
        sa.select(step.c.undone, event.c.payload)
        .join(event, event.c.step_id == step.c.id)
        .where(step.c.project_id == project_id, event.c.kind.in_(SWITCHES))
        .order_by(event.c.id)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    counted = [row.payload["model"] for row in rows if not row.undone]
    return str(counted[-1] if counted else rows[0].payload["previous"])


def set_model(connection: sa.Connection, project_id: int, name: str) -> None:
    """Keep which model is in use, empty for none."""
    where = project_table.c.id == project_id
    connection.execute(project_table.update().where(where).values(model=name))


def redoable(connection: sa.Connection, author: Author) -> Sequence[Any]:
    """Undone steps of the reviewer that no newer step stands on, the one undone last first."""
    newest = connection.scalar(
        sa.select(sa.func.max(step.c.id)).where(
            step.c.reviewer_id == author.reviewer_id, step.c.kind.not_in(STANDING)
        )
    )
    undos = sa.select(event.c.payload).where(
        event.c.reviewer_id == author.reviewer_id, event.c.kind == "undo", event.c.step_id > (newest or 0)
    )
    order = [
        number
        for payload in connection.scalars(undos.order_by(event.c.id.desc()))
        for number in reversed(payload["steps"])
    ]
    undone = sa.select(step).where(step.c.undone, step.c.kind != ERASED)
    found = {row.id: row for row in rows_in(connection, undone, step.c.id, order)}
    return [found[number] for number in dict.fromkeys(order) if number in found]


Seen = tuple[str, int] | None
"""Sender and number of a line that may be sent twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reviewer is: document, order, way back, how far in the order, question."""

    document_id: int | None = None
    queue: str = "disagree"
    limit: int = 0
    back: tuple[int, ...] = ()
    at: tuple[float, int] | None = None
    pending: Pending | None = None


def load_place(connection: sa.Connection, reviewer_id: int) -> Place | None:
    """Where the reviewer is, or ``None`` before the first visit."""
    row = connection.execute(sa.select(position).where(position.c.reviewer_id == reviewer_id)).one_or_none()
    if row is None:
        return None
    pending = Pending.from_json(row.pending) if row.pending else None
    at = (row.at_value, row.at_position) if row.at_position is not None else None
    return Place(row.document_id, row.queue, row.queue_limit, tuple(row.back), at, pending)


def save_place(connection: sa.Connection, reviewer_id: int, place: Place, *, new: bool = False) -> None:
    values = {
        "document_id": place.document_id,
        "queue": place.queue,
        "queue_limit": place.limit,
        "back": list(place.back),
        "pending": asdict(place.pending) if place.pending else None,
        "at_value": place.at[0] if place.at else None,
        "at_position": place.at[1] if place.at else None,
    }
    if new:
        connection.execute(position.insert().values(reviewer_id=reviewer_id, **values))
    else:
        connection.execute(position.update().where(position.c.reviewer_id == reviewer_id).values(**values))


def said_before(connection: sa.Connection, reviewer_id: int, seen: Seen) -> Reply | None:
    """The answer that a line got when it was sent for the first time."""
    if seen is None:
        return None
    found = connection.scalar(sa.select(client_operation.c.reply).filter_by(**_sent(reviewer_id, seen)))
    return Reply.from_json(found) if found else None


def _sent(reviewer_id: int, seen: tuple[str, int]) -> dict[str, Any]:
    return {"reviewer_id": reviewer_id, "client_id": seen[0], "sequence": seen[1]}


def remember(
    connection: sa.Connection, reviewer_id: int, said: tuple[str, str], reply: Reply, seen: Seen
) -> None:
    """Keep a line, with the document that it was about, and its answer."""
    mine = {"reviewer_id": reviewer_id}
    row = {"at": now(), "line": said[0], "echo": reply.echo, "level": reply.level, "doc_id": said[1]}
    connection.execute(turn.insert(), {**mine, **row})
    keep_answer(connection, reviewer_id, reply, seen)


def keep_answer(connection: sa.Connection, reviewer_id: int, reply: Reply, seen: Seen) -> None:
    """Keep what a line that may be sent twice was answered, in place of an earlier answer."""
    if seen is None:
        return
    key, kept = _sent(reviewer_id, seen), {"reply": reply.to_json()}
    if not connection.execute(client_operation.update().filter_by(**key).values(kept)).rowcount:
        connection.execute(client_operation.insert(), {**key, **kept})


def correct_answer(connection: sa.Connection, reviewer_id: int, said: str, reply: Reply, seen: Seen) -> None:
    """Let the last line that was answered with ``said`` have another answer, which came of it later."""
    mine = sa.and_(turn.c.reviewer_id == reviewer_id, turn.c.echo == said)
    last = sa.select(sa.func.max(turn.c.id)).where(mine).scalar_subquery()
    answer = {"echo": reply.echo, "level": reply.level}
    connection.execute(turn.update().where(turn.c.id == last).values(answer))
    keep_answer(connection, reviewer_id, reply, seen)


# What the log and the conversation keep of documents whose text is erased.

_WRITTEN = {"codebook": "text", "flag": "note", WITHDRAWN: "reason"}
"""Kinds of events in which people write, and the field that holds it."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the log and the conversation lost, and whose state has to follow.

    Args:
        events: Events of the documents.
        lines: Lines of the conversation about them, with their answers.
        terms: Texts of edits of term lists and of rules of the codebook that are gone or changed, or that
            stay where they were to be kept.
        flagged: Other documents whose notes or reasons said something of these.
    """

    events: int = 0
    lines: int = 0
    terms: tuple[str, ...] = ()
    flagged: tuple[int, ...] = ()


def forget(
    connection: sa.Connection,
    project_id: int,
    doc_ids: Mapping[int, str],
    traces: Traces,
    *,
    keep_terms: bool = False,
) -> Forgotten:
    """Take the events of documents out of the log, and their words out of everything else that was said.

    Steps keep their numbers, kinds, people and times. Mentions of other documents are never touched.

    Args:
        doc_ids: Ids of the documents by their rows.
        keep_terms: Leave edits of term lists and rules of the codebook as they are, but for examples.
    """
    events = sa.select(event.c.id, event.c.step_id, event.c.payload)
    gone = rows_in(connection, events, event.c.document_id, sorted(doc_ids))
    spans = Counter[int]()
    for row in gone:
        spans[row.step_id] += len(row.payload.get("changes", ()))
    for part in chunks(row.id for row in gone):
        connection.execute(event.delete().where(event.c.id.in_(part)))
    terms, flagged = _forget_events(connection, project_id, doc_ids, spans, traces, keep_terms)
    _forget_steps(connection, project_id, doc_ids, spans, traces)
    lines = _forget_turns(connection, project_id, set(doc_ids.values()), traces)
    return Forgotten(len(gone), lines, terms, flagged)


def _forget_events(
    connection: sa.Connection,
    project_id: int,
    doc_ids: Mapping[int, str],
    spans: Counter[int],
    traces: Traces,
    keep_terms: bool,
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Edits of term lists that are gone, whose steps join ``spans``, and other documents written of."""
    kinds = event.c.kind.in_(("gazetteer", "documents", *_WRITTEN))
    query = sa.select(event, step.c.document_id.label("here")).join(step, step.c.id == event.c.step_id)
    query = query.where(event.c.project_id == project_id, kinds).order_by(event.c.id)
    names, terms, flagged = set(doc_ids.values()), dict[str, None](), set[int]()
    for row in connection.execute(query).all():
        payload, field = dict(row.payload), _WRITTEN.get(row.kind, "")
        if row.kind == "gazetteer":
            here = payload["scope"] == "here" and row.here in doc_ids
            if here or any(traces.holds(payload[name]) for name in ("text", "concept")):
                terms[payload["text"]] = None
                if here or not keep_terms:
                    connection.execute(event.delete().where(event.c.id == row.id))
                    spans[row.step_id] += 0
        elif row.kind == "documents":
            payload["added"] = [GONE if each in traces.ids else each for each in payload["added"]]
        elif payload.get(field) and (cleaned := traces.cleaned(payload[field])) != payload[field]:
            terms |= {payload[field]: None} if row.kind == "codebook" else {}
            payload[field] = payload[field] if keep_terms and row.kind == "codebook" else cleaned
        if "examples" in payload:
            payload["examples"] = [each for each in payload["examples"] if each["doc_id"] not in names]
        if payload != row.payload:
            connection.execute(event.update().where(event.c.id == row.id).values(payload=payload))
            flagged |= {row.document_id} - {None}
    return tuple(terms), tuple(sorted(flagged))


def _forget_steps(
    connection: sa.Connection,
    project_id: int,
    doc_ids: Mapping[int, str],
    spans: Mapping[int, int],
    traces: Traces,
) -> None:
    """Let steps say nothing of documents that are gone.

    Args:
        spans: Mentions in these documents, by the steps that had events in them.
    """
    left = Counter(connection.scalars(sa.select(event.c.step_id).where(event.c.project_id == project_id)))
    query = sa.select(step.c.id, step.c.document_id, step.c.line, step.c.summary)
    empty = {number for number in spans if not left[number]}
    for row in connection.execute(query.where(step.c.project_id == project_id)).all():
        new: dict[str, Any]
        about = row.document_id in doc_ids and not left[row.id]
        if row.id in empty or about:
            new = {"kind": ERASED, "line": GONE, "summary": GONE, "spans": 0, "documents": 0}
        else:
            new = {"line": traces.cleaned(row.line), "summary": traces.cleaned(row.summary)}
            if row.id in spans:
                new["spans"] = step.c.spans - spans[row.id]
                new["documents"] = len(documents_of(connection, [row.id]))
            elif new == {"line": row.line, "summary": row.summary}:
                continue
        connection.execute(step.update().where(step.c.id == row.id).values(new))
        empty |= {row.id} if about else set()
    undoing = sa.select(event.c.step_id, event.c.kind, event.c.payload)
    undoing = undoing.where(event.c.project_id == project_id, event.c.kind.in_(("undo", "redo")))
    for undo in connection.execute(undoing).all():
        if not empty.isdisjoint(undo.payload["steps"]):  # their summaries quote lines
            update = step.update().where(step.c.id == undo.step_id)
            connection.execute(update.values(line=undo.kind, summary=f"{undo.kind} of {GONE}"))


def _forget_turns(connection: sa.Connection, project_id: int, names: set[str], traces: Traces) -> int:
    """Lines about documents that are gone go with their answers; others lose the words."""
    people = sa.select(reviewer.c.id).where(reviewer.c.project_id == project_id)
    about = (turn.c.reviewer_id.in_(people), turn.c.doc_id.in_(names))
    lines = connection.execute(turn.delete().where(*about)).rowcount
    query = sa.select(turn.c.id, turn.c.line, turn.c.echo).where(turn.c.reviewer_id.in_(people))
    for row in connection.execute(query).all():
        new = {"line": traces.cleaned(row.line), "echo": traces.cleaned(row.echo)}
        if new != {"line": row.line, "echo": row.echo}:
            connection.execute(turn.update().where(turn.c.id == row.id).values(new))
    sent = client_operation
    for row in connection.execute(sa.select(sent).where(sent.c.reviewer_id.in_(people))).all():
        own = names & {row.reply.get("doc_id", ""), *row.reply.get("changed", ())}
        if own or traces.cleaned_values(row.reply) != row.reply:
            mine = _sent(row.reviewer_id, (row.client_id, row.sequence))
            connection.execute(sent.update().filter_by(**mine).values(reply=Reply(GONE).to_json()))
    at = position.c
    for row in connection.execute(sa.select(position).where(at.reviewer_id.in_(people))).all():
        if row.pending and traces.cleaned_values(row.pending) != row.pending:
            update = position.update().where(at.reviewer_id == row.reviewer_id)
            connection.execute(update.values(pending=None))
    return lines
