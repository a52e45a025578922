"""The document that a line was about, so that a session file says it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("turn", sa.Column("doc_id", sa.String(length=400), nullable=True))
