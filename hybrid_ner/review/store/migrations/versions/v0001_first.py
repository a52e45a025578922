"""The first tables."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INT, _FLOAT, _BOOL, _TEXT, _JSON = sa.Integer(), sa.Float(), sa.Boolean(), sa.Text(), sa.JSON()
_ORDERS = ("disagree", "uncertain", "fuzzy", "new_terms", "conflicts", "random")


def _are(kind: Any, *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null) for name in names]


def _string(length: int, *names: str) -> list[sa.Column[Any]]:
    return _are(sa.String(length), *names)


def _of(table: str, name: str = "", *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name or f"{table}_id", _ID, sa.ForeignKey(f"{table}.id"), nullable=null)


def _table(
    name: str, *columns: sa.Column[Any], key: Sequence[str] = ("id",), unique: Sequence[str] = ()
) -> None:
    """A table whose constraints are named as everywhere; each of ``unique`` is unique in a project."""
    first = _are(_ID, "id") if tuple(key) == ("id",) else []
    apart = (sa.UniqueConstraint("project_id", each) for each in unique)
    op.create_table(name, *first, *columns, sa.PrimaryKeyConstraint(*key), *apart)


def upgrade() -> None:
    _projects()
    _documents()
    _log()
    _projections()


def _projects() -> None:
    op.create_table(
        "project",
        *(*_are(_ID, "id"), *_string(200, "name"), *_are(_JSON, "labels", "settings")),
        *(*_are(_ID, "version"), *_string(40, "created")),
        *(sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("name")),
    )
    _table("reviewer", _of("project"), *_string(200, "name"), *_string(40, "created"), unique=["name"])
    _table(
        "model_run",
        *(_of("project"), *_string(200, "name"), *_are(_INT, "number"), *_are(_JSON, "meta")),
        *_string(40, "created"),
        unique=["name"],
    )
    _table(
        "posting",
        *(_of("project"), *_string(64, "word"), *_are(_INT, "batch")),
        *_are(sa.LargeBinary(), "documents"),
        key=["project_id", "word", "batch"],
    )
    _table(
        "client_operation",
        *(_of("reviewer"), *_string(200, "client_id"), *_are(_ID, "sequence"), *_are(_JSON, "reply")),
        key=["reviewer_id", "client_id", "sequence"],
    )


def _documents() -> None:
    _table(
        "document",
        *(_of("project"), *_string(400, "doc_id"), *_are(_INT, "position"), *_string(64, "content_hash")),
        *(*_are(_TEXT, "text"), *_are(_JSON, "meta"), _of("model_run", "run_id", null=True)),
        *(*_are(_INT, "done_count"), _of("reviewer", "claimed_by", null=True), *_are(_FLOAT, "claimed_at")),
        *_are(_FLOAT, *(f"by_{order}" for order in _ORDERS)),
        unique=["doc_id", "position"],
    )
    for order in _ORDERS:
        columns = ["project_id", "done_count", f"by_{order}", "position"]
        op.create_index(f"ix_document_queue_{order}", "document", columns)
    _table(
        "suggestion",
        *(_of("project"), _of("document"), _of("model_run", "run_id"), *_are(_BOOL, "shown")),
        *(*_are(_INT, "number", "start_char", "end_char"), *_string(200, "label"), *_are(_FLOAT, "score")),
        *(*_string(20, "mark", "method"), *_are(_BOOL, "chosen"), *_string(80, "flags")),
        *(*_are(_TEXT, "surface_key"), *_are(_JSON, "detail")),
    )
    op.create_index("ix_suggestion_document_id", "suggestion", ["document_id"])
    op.create_index("ix_suggestion_score", "suggestion", ["project_id", "label", "score"])
    op.create_index("ix_suggestion_surface", "suggestion", ["project_id", "surface_key"])


def _log() -> None:
    _table(
        "step",
        *(_of("project"), *_are(_INT, "number"), *_string(20, "name"), *_string(40, "kind")),
        *(_of("reviewer"), _of("document", null=True), *_are(_TEXT, "line", "summary")),
        *(*_are(_INT, "spans", "documents"), *_are(_BOOL, "undone"), *_string(40, "at")),
        unique=["number"],
    )
    op.create_table(
        "event",
        *(*_are(_ID, "id"), _of("project"), _of("step"), _of("reviewer"), _of("document", null=True)),
        *(*_string(40, "kind"), *_are(_JSON, "payload"), *_string(64, "content_hash")),
        *(*_string(200, "model_id"), *_string(40, "at"), sa.PrimaryKeyConstraint("id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_kind", "event", ["project_id", "kind"])
    op.create_index("ix_event_state", "event", ["document_id", "reviewer_id"])
    op.create_index("ix_event_step_id", "event", ["step_id"])
    _table(
        "turn", *(_of("reviewer"), *_string(40, "at"), *_are(_TEXT, "line", "echo"), *_string(20, "level"))
    )
    op.create_index("ix_turn_reviewer_id", "turn", ["reviewer_id"])


def _projections() -> None:
    _table(
        "mention",
        *(_of("reviewer"), _of("document"), *_are(_INT, "base_start", "base_end", "copy"), _of("project")),
        *(*_are(_INT, "number", "start_char", "end_char"), *_string(200, "label", "base_label")),
        *(*_string(20, "status", "reason"), *_string(200, "concept_id"), *_are(_FLOAT, "score")),
        *(*_string(20, "mark", "method"), *_string(80, "flags"), *_are(_TEXT, "surface_key")),
        *(*_are(_ID, "event_id"), *_are(_TEXT, "base_surface"), *_string(200, "base_concept")),
        key=["reviewer_id", "document_id", "base_start", "base_end", "copy"],
    )
    op.create_index("ix_mention_document", "mention", ["document_id"])
    op.create_index("ix_mention_surface", "mention", ["project_id", "surface_key"])
    _table(
        "document_state",
        *(_of("reviewer"), _of("document"), _of("project"), *_are(_BOOL, "done", "adjudicated")),
        *(*_are(_ID, "deferred"), *_are(_TEXT, "flag", null=True), *_are(_ID, "version")),
        key=["reviewer_id", "document_id"],
    )
    op.create_index("ix_document_state_document", "document_state", ["document_id"])
    _table(
        "position",
        *(_of("reviewer"), _of("document", null=True), *_string(40, "queue"), *_are(_INT, "queue_limit")),
        *(*_are(_JSON, "back"), *_are(_JSON, "pending", null=True)),
        key=["reviewer_id"],
    )
