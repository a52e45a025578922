"""The tables of a review store.

``event`` is the truth and is only ever appended to. ``mention``, ``document_state``, ``step.undone``,
``document.done_count``, ``assignment`` and ``surface`` are projections of it, written in the same
transaction, and can be rebuilt. The queue columns of ``document`` follow them, those of other documents
with some delay.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    select,
)

ORDERS = ("disagree", "uncertain", "fuzzy", "new_terms", "conflicts", "random")
"""Queue orders that are a column of ``document``: minus the value, so that ascending is best first."""

Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of(table: str, name: str = "", **options: bool) -> Column[int]:
    return Column(name or f"{table}_id", Id, ForeignKey(f"{table}.id"), **options)  # type: ignore[arg-type]


project = Table(
    "project",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("labels", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("version", Id, nullable=False, default=0),
    Column("mixed", Boolean, nullable=False, default=False, server_default=false()),
    # The model in use; none is the empty text, and NULL leaves it to the pointer of an older store.
    Column("model", String(200), nullable=True),
    Column("created", String(40), nullable=False),
)

reviewer = Table(
    "reviewer",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    Column("name", String(200), nullable=False),
    Column("created", String(40), nullable=False),
    UniqueConstraint("project_id", "name"),
)

model_run = Table(
    "model_run",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    Column("name", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("meta", JSON, nullable=False),
    Column("created", String(40), nullable=False),
    UniqueConstraint("project_id", "name"),
)

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    Column("doc_id", String(400), nullable=False),
    Column("position", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("meta", JSON, nullable=False),
    _of("model_run", "run_id", nullable=True),
    Column("done_count", Integer, nullable=False, default=0),
    _of("reviewer", "claimed_by", nullable=True),
    Column("claimed_at", Float, nullable=False, default=0.0),
    *(Column(f"by_{order}", Float, nullable=False, default=0.0) for order in ORDERS),
    UniqueConstraint("project_id", "doc_id"),
    UniqueConstraint("project_id", "position"),
    *(
        Index(f"ix_document_queue_{order}", "project_id", "done_count", f"by_{order}", "position")
        for order in ORDERS
    ),
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    _of("document", nullable=False, index=True),
    _of("model_run", "run_id", nullable=False),
    Column("shown", Boolean, nullable=False, default=True),
    Column("number", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("label", String(200), nullable=False),
    Column("score", Float, nullable=False),
    Column("mark", String(20), nullable=False),
    Column("method", String(20), nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("flags", String(80), nullable=False, default=""),
    Column("surface_key", Text, nullable=False),
    Column("whole", Boolean, nullable=True),
    Column("detail", JSON, nullable=False),
    Index("ix_suggestion_surface", "project_id", "surface_key"),
    Index("ix_suggestion_score", "project_id", "label", "score"),
)

surface = Table(
    "surface",
    metadata,
    _of("project", primary_key=True),
    Column("surface_key", Text, primary_key=True),
    Column("suggested", Integer, nullable=False),
    Column("decided", Integer, nullable=False),
    Column("corrected", Integer, nullable=False),
    Column("behind", Id, nullable=False),
    Column("again", Boolean, nullable=False),
    Index("ix_surface_behind", "project_id", "behind"),
)

posting = Table(
    "posting",
    metadata,
    _of("project", primary_key=True),
    Column("word", String(64), primary_key=True),
    Column("batch", Integer, primary_key=True),
    Column("documents", LargeBinary, nullable=False),
    Column("counts", LargeBinary, nullable=True),
)

step = Table(
    "step",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(20), nullable=False, default=""),
    Column("kind", String(40), nullable=False),
    _of("reviewer", nullable=False),
    _of("document", nullable=True),
    Column("line", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("spans", Integer, nullable=False, default=0),
    Column("documents", Integer, nullable=False, default=0),
    Column("undone", Boolean, nullable=False, default=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("project_id", "number"),
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    _of("project", nullable=False),
    _of("step", nullable=False, index=True),
    _of("reviewer", nullable=False),
    _of("document", nullable=True),
    Column("kind", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False, default=""),
    Column("model_id", String(200), nullable=False, default=""),
    Column("at", String(40), nullable=False),
    Index("ix_event_state", "document_id", "reviewer_id"),
    Index("ix_event_kind", "project_id", "kind"),
    sqlite_autoincrement=True,
)

mention = Table(
    "mention",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True),
    Column("base_start", Integer, primary_key=True),
    Column("base_end", Integer, primary_key=True),
    Column("copy", Integer, primary_key=True),
    _of("project", nullable=False),
    Column("number", Integer, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    Column("label", String(200), nullable=False),
    Column("base_label", String(200), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("concept_id", String(200), nullable=False),
    Column("score", Float, nullable=False),
    Column("mark", String(20), nullable=False),
    Column("method", String(20), nullable=False),
    Column("flags", String(80), nullable=False),
    Column("surface_key", Text, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("base_surface", Text, nullable=False),
    Column("base_concept", String(200), nullable=False),
    Index("ix_mention_surface", "project_id", "surface_key"),
    Index("ix_mention_document", "document_id"),
)

document_state = Table(
    "document_state",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True),
    _of("project", nullable=False),
    Column("done", Boolean, nullable=False),
    Column("adjudicated", Boolean, nullable=False),
    Column("deferred", Id, nullable=False),
    Column("flag", Text, nullable=True),
    Column("version", Id, nullable=False),
    Index("ix_document_state_document", "document_id"),
)

# The last ``assign`` event that counts.
assignment = Table(
    "assignment",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", primary_key=True, index=True),
    _of("project", nullable=False),
    Index("ix_assignment_project", "project_id", "reviewer_id"),
)

position = Table(
    "position",
    metadata,
    _of("reviewer", primary_key=True),
    _of("document", nullable=True),
    Column("queue", String(40), nullable=False),
    Column("queue_limit", Integer, nullable=False, default=0),
    Column("back", JSON, nullable=False),
    Column("pending", JSON, nullable=True),
    Column("at_value", Float, nullable=True),
    Column("at_position", Integer, nullable=True),
)

turn = Table(
    "turn",
    metadata,
    Column("id", Id, primary_key=True),
    _of("reviewer", nullable=False, index=True),
    Column("at", String(40), nullable=False),
    Column("line", Text, nullable=False),
    Column("echo", Text, nullable=False),
    Column("level", String(20), nullable=False),
    Column("doc_id", String(400), nullable=True),
)

client_operation = Table(
    "client_operation",
    metadata,
    _of("reviewer", primary_key=True),
    Column("client_id", String(200), primary_key=True),
    Column("sequence", Id, primary_key=True),
    Column("reply", JSON, nullable=False),
)


def counting(*columns: Any) -> Select[Any]:
    """Columns of the events that count, in order: those of steps that are not undone."""
    joined = select(*columns).join(step, step.c.id == event.c.step_id)
    return joined.where(step.c.undone.is_(False)).order_by(event.c.id)
