"""The model in use belongs to the log; text is ordered by code points on every engine.

A store from before takes the model from its log; where nothing was promoted yet, the pointer beside the
models still tells. On PostgreSQL text columns get the collation "C", so that ``ORDER BY`` gives the order
that SQLite gives and a session file leads to the same documents.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = (
    "project",
    "reviewer",
    "model_run",
    "document",
    "suggestion",
    "surface",
    "posting",
    "step",
    "event",
    "mention",
    "document_state",
    "position",
    "turn",
    "client_operation",
)


def upgrade() -> None:
    op.add_column("project", sa.Column("model", sa.String(length=200), nullable=True))
    connection = op.get_bind()
    _take_from_log(connection)
    if connection.dialect.name == "postgresql":
        for table in _TABLES:
            _order_by_code_point(connection, table)


def _take_from_log(connection: sa.Connection) -> None:
    rows = connection.execute(
        sa.text(
            "SELECT event.project_id, step.undone, event.payload FROM event"
            " JOIN step ON step.id = event.step_id"
            " WHERE event.kind IN ('promote', 'rollback') ORDER BY event.id"
        )
    ).all()
    models: dict[int, str] = {}
    for project_id, undone, payload in rows:
        change = json.loads(payload) if isinstance(payload, str) else payload
        models.setdefault(project_id, change["previous"])
        if not undone:
            models[project_id] = change["model"]
    for project_id, model in models.items():
        connection.execute(
            sa.text("UPDATE project SET model = :model WHERE id = :id"), {"model": model, "id": project_id}
        )


def _order_by_code_point(connection: sa.Connection, table: str) -> None:
    columns = [c for c in sa.inspect(connection).get_columns(table) if isinstance(c["type"], sa.String)]
    changes = []
    for column in columns:
        length = getattr(column["type"], "length", None)
        kind = f"VARCHAR({length})" if length else "TEXT"
        changes.append(f'ALTER COLUMN "{column["name"]}" TYPE {kind} COLLATE "C"')
    if changes:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(changes)}')
