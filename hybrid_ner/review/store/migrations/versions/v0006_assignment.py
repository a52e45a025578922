"""Documents that were given to reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    of = ("reviewer", "document", "project")
    op.create_table(
        "assignment",
        *(sa.Column(f"{table}_id", kind, nullable=False) for table in of),
        *(
            sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_assignment_{table}_id"))
            for table in of
        ),
        sa.PrimaryKeyConstraint("reviewer_id", "document_id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_project", "assignment", ["project_id", "reviewer_id"], unique=False)
    op.create_index("ix_assignment_document_id", "assignment", ["document_id"], unique=False)
