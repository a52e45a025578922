"""Which text of a document suggestions are about, once it has had several."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    # As every other text of a store on PostgreSQL.
    kind = sa.String(64, collation="C") if postgres else sa.String(64)
    for table in ("document", "suggestion"):
        op.add_column(table, sa.Column("edition", kind, nullable=False, server_default=""))
