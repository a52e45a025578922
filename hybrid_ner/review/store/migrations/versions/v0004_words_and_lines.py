"""How often a word stands in a document, which suggestions are whole words, and the document of a line.

So texts need not be read, and a session file says which document a line was about. What is in a store already
stays unknown, and is found by reading the texts as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("suggestion", sa.Column("whole", sa.Boolean(), nullable=True))
    op.add_column("posting", sa.Column("counts", sa.LargeBinary(), nullable=True))
    op.add_column("turn", sa.Column("doc_id", sa.String(length=400), nullable=True))
