"""The first tables."""

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("id", _id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", _id(), nullable=False),
        sa.Column("created", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("name", name=op.f("uq_project_name")),
    )
    op.create_table(
        "model_run",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("created", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_model_run_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_run")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_model_run_project_id_name")),
    )
    op.create_table(
        "posting",
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_posting_project_id")),
        sa.PrimaryKeyConstraint("project_id", "word", "batch", name=op.f("pk_posting")),
    )
    op.create_table(
        "reviewer",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_reviewer_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_reviewer_project_id_name")),
    )
    op.create_table(
        "client_operation",
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("sequence", _id(), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_client_operation_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("reviewer_id", "client_id", "sequence", name=op.f("pk_client_operation")),
    )
    op.create_table(
        "document",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("doc_id", sa.String(length=400), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("run_id", _id(), nullable=True),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("claimed_by", _id(), nullable=True),
        sa.Column("claimed_at", sa.Float(), nullable=False),
        sa.Column("by_disagree", sa.Float(), nullable=False),
        sa.Column("by_uncertain", sa.Float(), nullable=False),
        sa.Column("by_fuzzy", sa.Float(), nullable=False),
        sa.Column("by_new_terms", sa.Float(), nullable=False),
        sa.Column("by_conflicts", sa.Float(), nullable=False),
        sa.Column("by_random", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["claimed_by"], ["reviewer.id"], name=op.f("fk_document_claimed_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_document_project_id")),
        sa.ForeignKeyConstraint(["run_id"], ["model_run.id"], name=op.f("fk_document_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("project_id", "doc_id", name=op.f("uq_document_project_id_doc_id")),
        sa.UniqueConstraint("project_id", "position", name=op.f("uq_document_project_id_position")),
    )
    op.create_index(
        "ix_document_queue_conflicts",
        "document",
        ["project_id", "done_count", "by_conflicts", "position"],
        unique=False,
    )
    op.create_index(
        "ix_document_queue_disagree",
        "document",
        ["project_id", "done_count", "by_disagree", "position"],
        unique=False,
    )
    op.create_index(
        "ix_document_queue_fuzzy",
        "document",
        ["project_id", "done_count", "by_fuzzy", "position"],
        unique=False,
    )
    op.create_index(
        "ix_document_queue_new_terms",
        "document",
        ["project_id", "done_count", "by_new_terms", "position"],
        unique=False,
    )
    op.create_index(
        "ix_document_queue_random",
        "document",
        ["project_id", "done_count", "by_random", "position"],
        unique=False,
    )
    op.create_index(
        "ix_document_queue_uncertain",
        "document",
        ["project_id", "done_count", "by_uncertain", "position"],
        unique=False,
    )
    op.create_table(
        "turn",
        sa.Column("id", _id(), nullable=False),
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("echo", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_turn_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
    )
    op.create_index(op.f("ix_turn_reviewer_id"), "turn", ["reviewer_id"], unique=False)
    op.create_table(
        "document_state",
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("adjudicated", sa.Boolean(), nullable=False),
        sa.Column("deferred", _id(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("version", _id(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_state_document_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_document_state_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_document_state_reviewer_id")),
        sa.PrimaryKeyConstraint("reviewer_id", "document_id", name=op.f("pk_document_state")),
    )
    op.create_index("ix_document_state_document", "document_state", ["document_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=False),
        sa.Column("base_start", sa.Integer(), nullable=False),
        sa.Column("base_end", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_char", sa.Integer(), nullable=False),
        sa.Column("end_char", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("base_label", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("concept_id", sa.String(length=200), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("flags", sa.String(length=80), nullable=False),
        sa.Column("surface_key", sa.Text(), nullable=False),
        sa.Column("event_id", _id(), nullable=False),
        sa.Column("base_surface", sa.Text(), nullable=False),
        sa.Column("base_concept", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_mention_document_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_mention_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_mention_reviewer_id")),
        sa.PrimaryKeyConstraint(
            "reviewer_id", "document_id", "base_start", "base_end", "copy", name=op.f("pk_mention")
        ),
    )
    op.create_index("ix_mention_document", "mention", ["document_id"], unique=False)
    op.create_index("ix_mention_surface", "mention", ["project_id", "surface_key"], unique=False)
    op.create_table(
        "position",
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=True),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("queue_limit", sa.Integer(), nullable=False),
        sa.Column("back", sa.JSON(), nullable=False),
        sa.Column("pending", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_position_document_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_position_reviewer_id")),
        sa.PrimaryKeyConstraint("reviewer_id", name=op.f("pk_position")),
    )
    op.create_table(
        "step",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("spans", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_step_document_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_step_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_step_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_step_project_id_number")),
    )
    op.create_table(
        "suggestion",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=False),
        sa.Column("run_id", _id(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_char", sa.Integer(), nullable=False),
        sa.Column("end_char", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.String(length=80), nullable=False),
        sa.Column("surface_key", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_suggestion_document_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_suggestion_project_id")),
        sa.ForeignKeyConstraint(["run_id"], ["model_run.id"], name=op.f("fk_suggestion_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    op.create_index(op.f("ix_suggestion_document_id"), "suggestion", ["document_id"], unique=False)
    op.create_index("ix_suggestion_score", "suggestion", ["project_id", "label", "score"], unique=False)
    op.create_index("ix_suggestion_surface", "suggestion", ["project_id", "surface_key"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", _id(), nullable=False),
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("step_id", _id(), nullable=False),
        sa.Column("reviewer_id", _id(), nullable=False),
        sa.Column("document_id", _id(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("model_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_event_document_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_event_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_event_reviewer_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_event_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_kind", "event", ["project_id", "kind"], unique=False)
    op.create_index("ix_event_state", "event", ["document_id", "reviewer_id"], unique=False)
    op.create_index(op.f("ix_event_step_id"), "event", ["step_id"], unique=False)
