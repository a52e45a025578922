"""What was kept as definitions of labels goes into the codebook, which is a part of the log.

Each becomes a step of a reviewer called ``codebook``, so that nobody's ``undo`` takes it back.
"""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_LOOKS = "label looks"
_WHO = "codebook"


def upgrade() -> None:
    connection = op.get_bind()
    for number, settings in connection.execute(sa.text("SELECT id, settings FROM project ORDER BY id")).all():
        kept = json.loads(settings) if isinstance(settings, str) else settings
        looks = kept.get(_LOOKS, {})
        meant = {label: look.pop("definition", "").strip() for label, look in looks.items()}
        if meant := {label: said for label, said in meant.items() if said}:
            _write(connection, number, meant)
        _run(connection, "UPDATE project SET settings = :settings WHERE id = :id", settings=kept, id=number)


def _write(connection: sa.Connection, project: int, meant: dict[str, str]) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    mine = {"project": project, "name": _WHO}
    query = "SELECT id FROM reviewer WHERE project_id = :project AND name = :name"
    if (who := connection.scalar(sa.text(query), mine)) is None:
        insert = "INSERT INTO reviewer (project_id, name, created) VALUES (:project, :name, :at) RETURNING id"
        who = connection.scalar(sa.text(insert), {**mine, "at": at})
    query = "UPDATE project SET version = version + 1 WHERE id = :id RETURNING version"
    number = connection.scalar(sa.text(query), {"id": project})
    insert = (
        "INSERT INTO step (project_id, number, name, kind, reviewer_id, line, summary, spans, documents,"
        " undone, at) VALUES (:project, :number, '', 'codebook', :who, 'codebook', :said, 0, 0, :no, :at)"
        " RETURNING id"
    )
    said = f"codebook: {len(meant)} definitions of an older version"
    values = {"project": project, "number": number, "who": who, "said": said, "no": False, "at": at}
    step = connection.scalar(sa.text(insert), values)
    for label, text in meant.items():
        payload = {"op": "put", "label": label, "number": 1, "kind": "definition", "text": text}
        _run(
            connection,
            "INSERT INTO event (project_id, step_id, reviewer_id, kind, payload, content_hash, model_id, at)"
            " VALUES (:project, :step, :who, 'codebook', :payload, '', '', :at)",
            payload={**payload, "by": "", "accepted": True, "examples": []},
            **{"project": project, "step": step, "who": who, "at": at},
        )


def _run(connection: sa.Connection, query: str, **values: Any) -> None:
    kinds = [sa.bindparam(name, type_=sa.JSON()) for name in ("settings", "payload") if name in values]
    connection.execute(sa.text(query).bindparams(*kinds), values)
