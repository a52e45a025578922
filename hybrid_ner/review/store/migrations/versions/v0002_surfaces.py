"""What is known of each surface, so that the queue follows decisions; where a reviewer is in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "surface",
        sa.Column("project_id", _id(), nullable=False),
        sa.Column("surface_key", sa.Text(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("behind", _id(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_surface_project_id")),
        sa.PrimaryKeyConstraint("project_id", "surface_key", name=op.f("pk_surface")),
    )
    op.create_index("ix_surface_behind", "surface", ["project_id", "behind"], unique=False)
    op.add_column("position", sa.Column("at_value", sa.Float(), nullable=True))
    op.add_column("position", sa.Column("at_position", sa.Integer(), nullable=True))
    op.add_column("project", sa.Column("mixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill()


def _fill() -> None:
    """Count the suggestions of stores that exist; decisions are counted from the mentions."""
    op.execute(
        "INSERT INTO surface (project_id, surface_key, suggested, decided, corrected, behind, again) "
        "SELECT project_id, surface_key, COUNT(*), 0, 0, -1, FALSE FROM suggestion WHERE shown "
        "GROUP BY project_id, surface_key"
    )
    outcomes = (
        "SELECT {what} FROM mention WHERE mention.project_id = surface.project_id "
        "AND mention.base_surface = surface.surface_key AND mention.status <> 'open' "
        "AND mention.mark NOT IN ('reviewer', 'gazetteer')"
    )
    wrong = (
        "CASE WHEN mention.status = 'rejected' OR mention.label <> mention.base_label "
        "OR mention.start_char <> mention.base_start OR mention.end_char <> mention.base_end "
        "THEN 1 ELSE 0 END"
    )
    decided = outcomes.format(what="COUNT(*)")
    corrected = outcomes.format(what=f"COALESCE(SUM({wrong}), 0)")
    touched = "SELECT DISTINCT base_surface FROM mention"
    op.execute(
        f"UPDATE surface SET decided = ({decided}), corrected = ({corrected}) "
        f"WHERE surface_key IN ({touched})"
    )
    op.execute(f"UPDATE project SET mixed = ({_any('IN', _MODEL)}) AND ({_any('<>', _ALONE)})")


_MODEL, _ALONE = "('model', 'rule+model', 'rule≠model')", "'model'"


def _any(compare: str, marks: str) -> str:
    shown = "SELECT 1 FROM suggestion WHERE suggestion.project_id = project.id AND suggestion.shown"
    return f"EXISTS ({shown} AND suggestion.mark {compare} {marks})"
