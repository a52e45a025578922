"""The tables of a review store.

``event`` is the truth and is only ever appended to, but for documents that are erased. ``mention``,
``document_state``, ``step.undone``, ``document.done_count``, ``document.withdrawn``, ``document.text`` once
it was corrected, ``assignment`` and ``surface`` are projections of it, written in the same transaction, and
can be rebuilt. The queue columns of ``document`` follow them, those of other documents with some delay. A
document that was withdrawn has neither mentions nor states, and shows no suggestions: only what reads
documents themselves asks for ``of_project``. One that was erased is a row without a text that stays
withdrawn, so that nobody's numbers shift.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store.events import ERASED

ORDERS = ("disagree", "uncertain", "fuzzy", "new_terms", "conflicts", "random")
"""Queue orders that are a column of ``document``: minus the value, so that ascending is best first."""

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of(table: str, name: str = "", **options: bool) -> sa.Column[int]:
    return sa.Column(name or f"{table}_id", Id, sa.ForeignKey(f"{table}.id"), **options)  # type: ignore[arg-type]


project = sa.Table(
    "project",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("version", Id, nullable=False, default=0),
    sa.Column("mixed", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    # The model in use; none is the empty text, and NULL leaves it to the pointer of an older store.
    sa.Column("model", sa.String(200), nullable=True),
    sa.Column("created", sa.String(40), nullable=False),
)

reviewer = sa.Table(
    "reviewer",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("created", sa.String(40), nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

model_run = sa.Table(
    "model_run",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("meta", sa.JSON, nullable=False),
    sa.Column("created", sa.String(40), nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    sa.Column("doc_id", sa.String(400), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("meta", sa.JSON, nullable=False),
    _of("model_run", "run_id", nullable=True),
    sa.Column("done_count", sa.Integer, nullable=False, default=0),
    _of("reviewer", "claimed_by", nullable=True),
    sa.Column("claimed_at", sa.Float, nullable=False, default=0.0),
    # Hash of the text that it has, empty while that is the first one.
    sa.Column("edition", sa.String(64), nullable=False, default="", server_default=""),
    # Why it was taken out of the project; NULL while it is in it.
    sa.Column("withdrawn", sa.Text, nullable=True),
    *(sa.Column(f"by_{order}", sa.Float, nullable=False, default=0.0) for order in ORDERS),
    sa.UniqueConstraint("project_id", "doc_id"),
    sa.UniqueConstraint("project_id", "position"),
    *(
        sa.Index(f"ix_document_queue_{order}", "project_id", "done_count", f"by_{order}", "position")
        for order in ORDERS
    ),
    sa.Index(
        "ix_document_withdrawn",
        "project_id",
        sqlite_where=sa.text("withdrawn IS NOT NULL"),
        postgresql_where=sa.text("withdrawn IS NOT NULL"),
    ),
)

suggestion = sa.Table(
    "suggestion",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    _of("document", nullable=False, index=True),
    _of("model_run", "run_id", nullable=False),
    # The edition of the document that it is about.
    sa.Column("edition", sa.String(64), nullable=False, default="", server_default=""),
    sa.Column("shown", sa.Boolean, nullable=False, default=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("start_char", sa.Integer, nullable=False),
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("mark", sa.String(20), nullable=False),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("chosen", sa.Boolean, nullable=False),
    sa.Column("flags", sa.String(80), nullable=False, default=""),
    sa.Column("surface_key", sa.Text, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=True),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("ix_suggestion_surface", "project_id", "surface_key"),
    sa.Index("ix_suggestion_score", "project_id", "label", "score"),
)

surface = sa.Table(
    "surface",
    metadata,
    _of("project", primary_key=True),
    sa.Column("surface_key", sa.Text, primary_key=True),
    sa.Column("suggested", sa.Integer, nullable=False),
    sa.Column("decided", sa.Integer, nullable=False),
    sa.Column("corrected", sa.Integer, nullable=False),
    sa.Column("behind", Id, nullable=False),
    sa.Column("again", sa.Boolean, nullable=False),
    sa.Index("ix_surface_behind", "project_id", "behind"),
)

posting = sa.Table(
    "posting",
    metadata,
    _of("project", primary_key=True),
    sa.Column("word", sa.String(64), primary_key=True),
    sa.Column("batch", sa.Integer, primary_key=True),
    sa.Column("documents", sa.LargeBinary, nullable=False),
    sa.Column("counts", sa.LargeBinary, nullable=True),
)

step = sa.Table(
    "step",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("name", sa.String(20), nullable=False, default=""),
    sa.Column("kind", sa.String(40), nullable=False),
    _of("reviewer", nullable=False),
    _of("document", nullable=True),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("spans", sa.Integer, nullable=False, default=0),
    sa.Column("documents", sa.Integer, nullable=False, default=0),
    sa.Column("undone", sa.Boolean, nullable=False, default=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.UniqueConstraint("project_id", "number"),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    _of("step", nullable=False, index=True),
    _of("reviewer", nullable=False),
    _of("document", nullable=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False, default=""),
    sa.Column("model_id", sa.String(200), nullable=False, default=""),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Index("ix_event_state", "document_id", "reviewer_id"),
    sa.Index("ix_event_kind", "project_id", "kind"),
    sqlite_autoincrement=True,
)

mention = sa.Table(
    "mention",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True),
    sa.Column("base_start", sa.Integer, primary_key=True),
    sa.Column("base_end", sa.Integer, primary_key=True),
    sa.Column("copy", sa.Integer, primary_key=True),
    _of("project", nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("start_char", sa.Integer, nullable=False),
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("base_label", sa.String(200), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("concept_id", sa.String(200), nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("mark", sa.String(20), nullable=False),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("flags", sa.String(80), nullable=False),
    sa.Column("surface_key", sa.Text, nullable=False),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("base_surface", sa.Text, nullable=False),
    sa.Column("base_concept", sa.String(200), nullable=False),
    sa.Index("ix_mention_surface", "project_id", "surface_key"),
    sa.Index("ix_mention_document", "document_id"),
)

document_state = sa.Table(
    "document_state",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True),
    _of("project", nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("adjudicated", sa.Boolean, nullable=False),
    sa.Column("deferred", Id, nullable=False),
    sa.Column("flag", sa.Text, nullable=True),
    sa.Column("version", Id, nullable=False),
    sa.Index("ix_document_state_document", "document_id"),
)

# The last ``assign`` event that counts.
assignment = sa.Table(
    "assignment",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True, index=True),
    _of("project", nullable=False),
    sa.Index("ix_assignment_project", "project_id", "reviewer_id"),
)

position = sa.Table(
    "position",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", nullable=True),
    sa.Column("queue", sa.String(40), nullable=False),
    sa.Column("queue_limit", sa.Integer, nullable=False, default=0),
    sa.Column("back", sa.JSON, nullable=False),
    sa.Column("pending", sa.JSON, nullable=True),
    sa.Column("at_value", sa.Float, nullable=True),
    sa.Column("at_position", sa.Integer, nullable=True),
)

turn = sa.Table(
    "turn",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _of("reviewer", nullable=False, index=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("echo", sa.Text, nullable=False),
    sa.Column("level", sa.String(20), nullable=False),
    sa.Column("doc_id", sa.String(400), nullable=True),
)

client_operation = sa.Table(
    "client_operation",
    metadata,
    _of("reviewer", primary_key=True),
    sa.Column("client_id", sa.String(200), primary_key=True),
    sa.Column("sequence", Id, primary_key=True),
    sa.Column("reply", sa.JSON, nullable=False),
)


def counting(*columns: Any) -> sa.Select[Any]:
    """Columns of the events that count, in order: those of steps that are not undone."""
    joined = sa.select(*columns).join(step, step.c.id == event.c.step_id)
    return joined.where(step.c.undone.is_(False)).order_by(event.c.id)


def of_project(project_id: int, table: Any = document) -> sa.ColumnElement[bool]:
    """Condition: a document of a project, unless it was withdrawn; whatever lists or counts documents has it.

    Args:
        table: The table of documents, or an alias of it.
    """
    return sa.and_(table.c.project_id == project_id, table.c.withdrawn.is_(None))


def last_position(connection: sa.Connection, project_id: int) -> int:
    """Number of the last document of a project, withdrawn or not; 0 without one."""
    query = sa.select(sa.func.max(document.c.position)).where(document.c.project_id == project_id)
    return int(connection.scalar(query) or 0)


def withdrawn_documents(connection: sa.Connection, project_id: int) -> set[int]:
    """Rows of the documents that were taken out of a project."""
    query = sa.select(document.c.id).where(document.c.project_id == project_id)
    return set(connection.scalars(query.where(document.c.withdrawn.is_not(None))))


def count_documents(connection: sa.Connection, project_id: int) -> int:
    """Documents of a project, without those that were withdrawn: few, so those are counted."""
    return last_position(connection, project_id) - len(withdrawn_documents(connection, project_id))


def erased_documents(project_id: int) -> sa.Select[Any]:
    """The documents of a project whose text is gone for good: they are withdrawn too, and stay so."""
    return sa.select(event.c.document_id).where(event.c.project_id == project_id, event.c.kind == ERASED)
