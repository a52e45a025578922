"""Documents that were taken out of a project, and why; which text of a document suggestions are about."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # On PostgreSQL as every other text of a store.
    order = {"collation": "C"} if op.get_bind().dialect.name == "postgresql" else {}
    op.add_column("document", sa.Column("withdrawn", sa.Text(**order), nullable=True))
    gone = sa.text("withdrawn IS NOT NULL")
    op.create_index(
        "ix_document_withdrawn", "document", ["project_id"], sqlite_where=gone, postgresql_where=gone
    )
    for table in ("document", "suggestion"):
        edition = sa.Column("edition", sa.String(64, **order), nullable=False, server_default="")
        op.add_column(table, edition)
