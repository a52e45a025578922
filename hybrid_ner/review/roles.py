"""Who may do what in a project, where reviewers sign in.

Roles stand in the log like everything else: an event ``role`` a change, the last one of a name counts. A
project in which nobody has a role yet is open to everybody who signs in, as a reviewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hybrid_ner.errors import AccessError, InputError
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.schema import event
from hybrid_ner.review.store.schema import project as project_table

if TYPE_CHECKING:
    from hybrid_ner.review.store.project import Project
    from hybrid_ner.review.store.store import ReviewStore

ROLES = ("reviewer", "lead", "owner")
"""Each may do what the ones before it may: review; train, switch models, import, adjudicate; give roles."""
NONE = "none"
"""Takes a role away."""
EVERYBODY = "*"
"""Name that stands for everybody who signs in."""


def load_roles(connection: sa.Connection, project_id: int) -> dict[str, str]:
    """Role by name."""
    query = sa.select(event.c.payload).where(event.c.project_id == project_id, event.c.kind == "role")
    given = connection.scalars(query.order_by(event.c.id))
    last = {row["reviewer"]: row["role"] for row in given}
    return {name: role for name, role in last.items() if role in ROLES}


def role_in(roles: Mapping[str, str], name: str) -> str:
    """Role of somebody who signed in; empty for nobody of this project."""
    return roles.get(name) or roles.get(EVERYBODY) or ("" if roles else "reviewer")


def projects_of(store: ReviewStore, name: str) -> tuple[str, ...]:
    """Projects that somebody who signed in may open, oldest first."""
    with store.read() as connection:
        rows = connection.execute(sa.select(project_table.c.id, project_table.c.name)).all()
        found = [row for row in sorted(rows) if role_in(load_roles(connection, row.id), name)]
    return tuple(row.name for row in found)


def give_role(project: Project, name: str, role: str, by: str, *, as_owner: bool = False) -> None:
    """Give somebody a role, or take it away; it is a step of the log that ``undo`` does not touch.

    Args:
        project: Where it holds.
        name: As the person signs in, or ``EVERYBODY``.
        role: One of ``ROLES``, or ``none``.
        by: Who gives it.
        as_owner: Whether ``by`` must be an owner; a program that opens the store itself need not be.

    Raises:
        AccessError: ``by`` is no owner.
        InputError: No such role, or a project that has roles would be left without an owner.
    """
    if role not in (*ROLES, NONE):
        raise InputError(f"there is no role {role!r}.", hint=f"Use one of {', '.join((*ROLES, NONE))}.")
    if name != EVERYBODY:
        project.reviewer_id(name)
    author = Author(project.id, project.reviewer_id(by))
    with project.alone() as connection:
        before = load_roles(connection, project.id)
        if as_owner:
            refuse(role_in(before, by), "owner", "give roles")
        after = {**before, name: role}
        if "owner" in before.values() and "owner" not in after.values():
            raise InputError(f"{name} is the last owner of {project.name}.", hint="Make another owner first.")
        payload = {"reviewer": name, "role": role, "before": before.get(name, NONE)}
        said = f"{name}: {payload['before']} → {role}"
        append(
            connection, author, StepDraft("role", said, (EventDraft("role", payload),)), f"role {name} {role}"
        )


def admit(roles: Mapping[str, str], name: str) -> None:
    """Refuse somebody who signed in and is nobody of the project.

    Raises:
        AccessError: There is no role for the name.
    """
    refuse(role_in(roles, name), "reviewer", "open it")


def refuse(role: str, needed: str, what: str, where: str = "of this project") -> None:
    """Refuse what a role does not allow.

    Raises:
        AccessError: The role is not enough.
    """
    if role in ROLES and ROLES.index(role) >= ROLES.index(needed):
        return
    wanted = " or ".join(ROLES[ROLES.index(needed) :]) if needed != "reviewer" else "member"
    article = "an" if wanted.startswith("o") else "a"
    have = f"you are {role}" if role else "you have no role in it"
    raise AccessError(
        f"only {article} {wanted} {where} may {what}; {have}. Ask an owner, or on the server: "
        "hybrid-ner review role STORE NAME ROLE. Nothing changed."
    )
