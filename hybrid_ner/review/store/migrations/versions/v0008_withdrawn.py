"""Documents that were taken out of a project, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    # As every other text of a store on PostgreSQL.
    kind = sa.Text(collation="C") if postgres else sa.Text()
    op.add_column("document", sa.Column("withdrawn", kind, nullable=True))
    gone = sa.text("withdrawn IS NOT NULL")
    op.create_index(
        "ix_document_withdrawn", "document", ["project_id"], sqlite_where=gone, postgresql_where=gone
    )
