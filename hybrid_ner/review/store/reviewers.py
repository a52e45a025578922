"""Several reviewers: who may do what, how far two agree, and who settled a document last.

Roles stand in the log like everything else: an event ``role`` a change, the last one of a name counts. A
project in which nobody has a role yet is open to everybody who signs in, as a reviewer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hybrid_ner.errors import AccessError, InputError
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import (
    DOCUMENT_KINDS,
    ONE_TEXT,
    DocumentState,
    Event,
    EventDraft,
    Span,
    StepDraft,
    fold_document,
)
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.labels import joined_labels
from hybrid_ner.review.store.projection import load_states, load_texts, to_event
from hybrid_ner.review.store.schema import counting, event, reviewer, step, turn
from hybrid_ner.review.store.schema import project as project_table

if TYPE_CHECKING:
    from hybrid_ner.review.store import ReviewStore
    from hybrid_ner.review.store.project import Project


ROLES = ("reviewer", "lead", "owner")
"""Each may do what the ones before it may: review; train, switch models, import, adjudicate; give roles and
erase documents."""
NONE = "none"
"""Takes a role away."""
EVERYBODY = "*"
"""Name that stands for everybody who signs in."""


def reviewer_names(connection: sa.Connection, project_id: int) -> dict[int, str]:
    """Names of the reviewers by their rows, in order of arrival."""
    query = sa.select(reviewer.c.id, reviewer.c.name).where(reviewer.c.project_id == project_id)
    return {row.id: row.name for row in connection.execute(query.order_by(reviewer.c.id))}


def load_roles(connection: sa.Connection, project_id: int) -> dict[str, str]:
    query = sa.select(event.c.payload).where(event.c.project_id == project_id, event.c.kind == "role")
    given = connection.scalars(query.order_by(event.c.id))
    last = {row["reviewer"]: row["role"] for row in given}
    return {name: role for name, role in last.items() if role in ROLES}


def role_in(roles: Mapping[str, str], name: str) -> str:
    """Role of somebody who signed in; empty for nobody of this project.

    An address is the same in capitals: providers write it as it was once entered.
    """
    same = [role for each, role in roles.items() if "@" in name and each.casefold() == name.casefold()]
    found = roles.get(name) or max(same, key=ROLES.index, default="")
    return found or roles.get(EVERYBODY) or ("" if roles else "reviewer")


def projects_of(store: ReviewStore, name: str) -> tuple[str, ...]:
    """Projects that somebody who signed in may open, oldest first."""
    with store.read() as connection:
        rows = connection.execute(sa.select(project_table.c.id, project_table.c.name)).all()
        found = [row for row in sorted(rows) if role_in(load_roles(connection, row.id), name)]
    return tuple(row.name for row in found)


def last_project(store: ReviewStore, name: str) -> str:
    """The project in which somebody said something last; empty before the first word."""
    query = sa.select(project_table.c.name).join(reviewer, reviewer.c.project_id == project_table.c.id)
    query = query.join(turn, turn.c.reviewer_id == reviewer.c.id).where(reviewer.c.name == name)
    with store.read() as connection:
        return connection.scalar(query.order_by(turn.c.id.desc()).limit(1)) or ""


def give_role(project: Project, name: str, role: str, by: str, *, as_owner: bool = False) -> None:
    """Give somebody a role, or take it away; it is a step of the log that ``undo`` does not touch.

    Args:
        name: As the person signs in, or ``EVERYBODY``.
        role: One of ``ROLES``, or ``none``.
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


OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two reviewers over documents that both have reviewed.

    Args:
        f1: Of exact spans with labels, either reviewer against the other.
        kappa: Cohen's kappa (doi:10.1177/001316446002000104) over token labels, the outside included.
        first: Spans of the first alone.
        second: Spans of the second alone.
    """

    documents: int
    f1: float
    kappa: float
    both: int
    first: int
    second: int


def agree(pairs: Iterable[tuple[Sequence[tuple[int, int]], Sequence[Span], Sequence[Span]]]) -> Agreement:
    """Agreement over ``(token boundaries, first's spans, second's spans)`` of each document."""
    documents = both = first = second = 0
    table: Counter[tuple[str, str]] = Counter()
    for tokens, left, right in pairs:
        documents += 1
        same = set(left) & set(right)
        both += len(same)
        first += len(set(left) - same)
        second += len(set(right) - same)
        table.update(zip(token_labels(tokens, left), token_labels(tokens, right), strict=True))
    total = 2 * both + first + second
    f1 = 2 * both / total if total else 1.0
    return Agreement(documents, f1, cohen_kappa(table), both, first, second)


def token_labels(tokens: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[str]:
    """The label of each token, ``O`` outside every span."""
    labels, ordered, at = [], sorted(spans), 0
    for start, end in tokens:
        while at < len(ordered) and ordered[at][1] <= start:
            at += 1
        inside = at < len(ordered) and ordered[at][0] < end
        labels.append(ordered[at][2] if inside else OUTSIDE)
    return labels


def cohen_kappa(table: Counter[tuple[str, str]]) -> float:
    """Kappa of a table of paired labels; 1 when both always give the same single label."""
    total = sum(table.values())
    if not total:
        return 1.0
    observed = sum(count for (left, right), count in table.items() if left == right) / total
    lefts: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    for (left, right), count in table.items():
        lefts[left] += count
        rights[right] += count
    expected = sum(lefts[label] * rights[label] for label in lefts) / total**2
    return 1.0 if expected == 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(
    documents: Iterable[tuple[Sequence[tuple[int, int]], Sequence[Sequence[Span]]]],
) -> float:
    """Krippendorff's alpha over token labels, nominal, of any number of reviewers.

    Not everybody has to have read every document (Krippendorff, Computing Krippendorff's alpha-reliability,
    2011).

    Args:
        documents: Token boundaries of each, and the spans of each of its reviewers.
    """
    units: Counter[tuple[str, ...]] = Counter()
    for tokens, sides in documents:
        units.update(zip(*(token_labels(tokens, spans) for spans in sides), strict=True))
    told: Counter[str] = Counter()
    apart = 0.0
    for labels, count in units.items():
        found = Counter(labels)
        for label, number in found.items():
            told[label] += number * count
            apart += count * number * (len(labels) - number) / (len(labels) - 1)
    total = sum(told.values())
    by_chance = total**2 - sum(number**2 for number in told.values())
    return 1.0 - (total - 1) * apart / by_chance if by_chance else 1.0


def differences(left: Sequence[Span], right: Sequence[Span]) -> list[tuple[int, int, str, str]]:
    """Spans on which two reviewers differ: ``(start, end, first's label, second's label)``."""
    first = {(s, e): label for s, e, label in left}
    second = {(s, e): label for s, e, label in right}
    places = sorted(first.keys() | second.keys())
    rows = [(s, e, first.get((s, e), ""), second.get((s, e), "")) for s, e in places]
    return [row for row in rows if row[2] != row[3]]


States = dict[tuple[int, int], DocumentState]
"""By reviewer and document."""


def last_adjudicators(connection: sa.Connection, documents: Sequence[int]) -> dict[int, int]:
    """The reviewer who adjudicated a document last, by document."""
    found: dict[int, int] = {}
    for each, _ in _events(connection, documents, ("adjudicated",)):
        found[each.document_id] = each.reviewer_id
    return found


def independent_states(connection: sa.Connection, project_id: int, documents: Sequence[int]) -> States:
    """Finished reviews as they were before a document was adjudicated.

    Adjudication copies decisions from one reviewer to another: counted as agreement, it would raise the
    figures that it is a consequence of.
    """
    states = load_states(connection, project_id, documents)
    # Documents that somebody has adjudicated, or has begun to.
    query = counting(event.c.document_id).where(step.c.kind == "adjudicate")
    settled = {row[0] for row in rows_in(connection, query, event.c.document_id, documents)}
    before: dict[tuple[int, int], list[Event]] = {}
    closed: set[int] = set()
    for each, kind in _events(connection, sorted(settled), DOCUMENT_KINDS):
        if kind == "adjudicate":
            closed.add(each.document_id)
        if each.document_id not in closed:
            before.setdefault((each.reviewer_id, each.document_id), []).append(each)
    kept = {key: state for key, state in states.items() if key[1] not in settled}
    texts = load_texts(connection, {number for _, number in before})
    joined = joined_labels(connection, project_id)
    kept |= {
        key: fold_document(events, texts.get(key[1], ONE_TEXT), joined) for key, events in before.items()
    }
    return {key: state for key, state in kept.items() if state.done}


def _events(
    connection: sa.Connection, documents: Sequence[int], kinds: Sequence[str]
) -> list[tuple[Event, str]]:
    """Events that count, in order, with the kind of their step."""
    query = counting(event, step.c.kind.label("step_kind")).where(event.c.kind.in_(kinds))
    rows = rows_in(connection, query, event.c.document_id, documents)
    return [(to_event(row), row.step_kind) for row in rows]
