"""Documents that were taken out of a project, and why; which text of a document suggestions are about."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # On PostgreSQL as every other text of a store.
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.add_column("document", sa.Column("withdrawn", sa.Text(collation=collation), nullable=True))
    gone = sa.text("withdrawn IS NOT NULL")
    op.create_index(
        "ix_document_withdrawn", "document", ["project_id"], sqlite_where=gone, postgresql_where=gone
    )
    for table in ("document", "suggestion"):
        kind = sa.String(64, collation=collation)
        op.add_column(table, sa.Column("edition", kind, nullable=False, server_default=""))
