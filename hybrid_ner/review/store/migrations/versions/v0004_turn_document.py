"""The document that a line was about, so that a session file says it."""

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn", sa.Column("doc_id", sa.String(length=400), nullable=True))
