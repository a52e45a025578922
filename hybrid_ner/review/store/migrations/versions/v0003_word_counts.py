"""How often a word stands in a document, and which suggestions are whole words: texts need not be read.

What is in a store already stays unknown, and is found by reading the texts as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("suggestion", sa.Column("whole", sa.Boolean(), nullable=True))
    op.add_column("posting", sa.Column("counts", sa.LargeBinary(), nullable=True))
