"""Tables that hold the fold, kept in the transaction of the step that changes it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.store import events, ranking
from hybrid_ner.review.store.database import batches, chunks, rows_in
from hybrid_ner.review.store.labels import HIDDEN, JOINS, joined_labels, rebuild_labels, show_assignment
from hybrid_ner.review.store.schema import (
    counting,
    document,
    document_state,
    event,
    mention,
    of_project,
    position,
    step,
    suggestion,
    surface,
)
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import Suggestion, Vote

GIVEN = "given label"
"""What the detail of a suggestion calls the label that it had before its label was joined into another."""
Outcomes = Mapping[str, tuple[int, int]]
"""Decided and corrected suggestions by surface."""
FEW = 50
"""Up to so many documents of a step are valued anew as a whole."""


def to_event(row: Any) -> events.Event:
    about = (row.document_id or 0, row.kind, row.payload, row.content_hash)
    return events.Event(row.id, row.step_id, row.reviewer_id, *about)


def load_events(connection: sa.Connection, project_id: int) -> list[events.Event]:
    """The whole log of a project, undone steps included."""
    rows = connection.execute(sa.select(event).where(event.c.project_id == project_id).order_by(event.c.id))
    return [to_event(row) for row in rows]


_BOTH = ("rule+model", "rule≠model")
"""Marks that labels decide, which may be one by now."""


def relabeled(label: str, mark: str, detail: Mapping[str, Any], joined: Mapping[str, str]) -> dict[str, Any]:
    """Label, mark and detail of a suggestion that was given a label which may be another one by now."""
    kept = {name: value for name, value in detail.items() if name != GIVEN}
    if mark in _BOTH and kept.get("votes"):
        votes = (
            Vote(**{**each, "label": joined.get(each["label"], each["label"])}) for each in kept["votes"]
        )
        mark = Suggestion(0, 1, label, votes=tuple(votes)).mark
    told = {**kept, GIVEN: label} if label in joined else kept
    return {"label": joined.get(label, label), "mark": mark, "detail": told}


def refresh(
    connection: sa.Connection, project_id: int, reviewer_id: int, documents: Iterable[int], version: int
) -> None:
    """Fold the named documents again and write what changed, in the counts and the queue too."""
    ids = sorted(set(documents))
    few = len(ids) <= FEW
    before = _outcomes(connection, reviewer_id, ids)
    were_settled = {} if few else ranking.settled(connection, ids)
    _refold(connection, project_id, reviewer_id, ids, version)
    after = _outcomes(connection, reviewer_id, ids)
    if few:
        _tally(connection, project_id, before, after)
        ranking.revalue(connection, project_id, ids)
        return
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    counts = ranking.surface_counts(connection, project_id, changed)
    _tally(connection, project_id, before, after)
    ranking.shift_values(connection, project_id, ids, counts, were_settled)


def _outcomes(connection: sa.Connection, reviewer_id: int, ids: Sequence[int]) -> Outcomes:
    """Decided and corrected suggestions of a reviewer in these documents, by surface."""
    found: dict[str, tuple[int, int]] = {}
    m = mention.c
    query = ranking.TALLIED.where(m.reviewer_id == reviewer_id)
    for key, decided, wrong in rows_in(connection, query, m.document_id, ids):
        known = found.get(key, (0, 0))
        found[key] = (known[0] + decided, known[1] + wrong)
    return found


def _tally(connection: sa.Connection, project_id: int, before: Outcomes, after: Outcomes) -> None:
    """Add what changed between two looks at the same documents."""
    rows = []
    for key in before.keys() | after.keys():
        (decided, corrected), (was, wrong) = after.get(key, (0, 0)), before.get(key, (0, 0))
        if (decided, corrected) != (was, wrong):
            more = decided < was or corrected > wrong
            rows.append(
                {"of": project_id, "key": key, "d": decided - was, "c": corrected - wrong, "more": more}
            )
    if rows:
        connection.execute(_ADD, rows)


# Only a surface that other documents hold as well can leave them behind.
_RISES = sa.bindparam("more", type_=sa.Boolean) & (surface.c.suggested > 1)
_BEHIND = surface.c.behind > ranking.UP_TO_DATE
_ADD = (
    surface.update()
    .where(surface.c.project_id == sa.bindparam("of"), surface.c.surface_key == sa.bindparam("key"))
    .values(
        decided=surface.c.decided + sa.bindparam("d"),
        corrected=surface.c.corrected + sa.bindparam("c"),
        behind=sa.case((_RISES & ~_BEHIND, 0), else_=surface.c.behind),
        again=sa.case((_RISES & _BEHIND, sa.true()), else_=surface.c.again),
    )
)


def _refold(
    connection: sa.Connection, project_id: int, reviewer_id: int, documents: Sequence[int], version: int
) -> None:
    joins = connection.scalars(JOINS, {"of": project_id}).all()
    joined = events.fold_joined(joins) if joins else events.NOTHING_JOINED
    for ids in chunks(documents):
        kept = sa.select(document.c.id, document.c.content_hash).where(document.c.withdrawn.is_(None))
        here = {row.id: row.content_hash for row in connection.execute(kept.where(document.c.id.in_(ids)))}
        mine = (event.c.reviewer_id == reviewer_id, event.c.document_id.in_(here))
        log: dict[int, list[events.Event]] = {}
        for row in connection.execute(_COUNTING.where(*mine, event.c.kind.in_(events.DOCUMENT_KINDS))).all():
            log.setdefault(row.document_id, []).append(to_event(row))
        now = {n: {"", here[n]} for n in log}
        earlier = [n for n, found in log.items() if not now[n].issuperset(e.content_hash for e in found)]
        texts = load_texts(connection, earlier) if earlier else {}
        states = {
            n: events.fold_document(found, texts.get(n, events.ONE_TEXT), joined) for n, found in log.items()
        }
        keys = {"reviewer_id": reviewer_id, "project_id": project_id}
        state = document_state.c
        done = sa.select(state.document_id).where(state.reviewer_id == reviewer_id, state.done)
        was_done = set(connection.scalars(done.where(state.document_id.in_(ids))))
        for table in (mention, document_state):
            old = (table.c.reviewer_id == reviewer_id, table.c.document_id.in_(ids))
            connection.execute(table.delete().where(*old))
        rows = [
            {**keys, "document_id": number, **_mention_row(m)}
            for number, found in states.items()
            for m in found.mentions.values()
        ]
        if rows:
            connection.execute(mention.insert(), rows)
        if states:
            rows = [{**keys, "document_id": n, "version": version, **_decided(s)} for n, s in states.items()]
            connection.execute(document_state.insert(), rows)
        changed = was_done ^ {number for number, found in states.items() if found.done}
        counted = sa.select(sa.func.count()).where(state.document_id == document.c.id, state.done)
        update = document.update().where(document.c.id.in_(changed))
        connection.execute(update.values(done_count=counted.scalar_subquery()))


_COUNTING = counting(event)

_SAME = (
    *("number", "label", "base_label", "status", "reason", "concept_id", "score", "mark", "method"),
    *("surface_key", "event_id", "base_surface", "base_concept"),
)
"""Fields of a mention that are columns of the same name."""


def _mention_row(m: events.Mention) -> dict[str, Any]:
    key = dict(zip(("base_start", "base_end", "copy"), m.key, strict=True))
    places = {**key, "start_char": m.start, "end_char": m.end, "flags": " ".join(m.flags)}
    return places | {name: getattr(m, name) for name in _SAME}


_KEY = attrgetter("base_start", "base_end", "copy")
_BEFORE_FLAGS = attrgetter(
    *("number", "start_char", "end_char", "label", "base_label", "status", "surface_key", "mark", "method"),
    "score",
)
_BEHIND_FLAGS = attrgetter("concept_id", "reason", "event_id", "base_surface", "base_concept")
"""Columns in the order of the fields of a mention."""


def to_mention(row: Any) -> events.Mention:
    flags = tuple(row.flags.split())
    fields: tuple[Any, ...] = (_KEY(row), *_BEFORE_FLAGS(row), flags, *_BEHIND_FLAGS(row))
    return events.Mention(*fields)


_DECIDED = ("done", "adjudicated", "deferred", "flag")
"""Fields of a state that are columns of the same name."""


def _decided(state: Any) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _DECIDED}


def to_state(row: Any, mentions: Mapping[events.Key, events.Mention]) -> events.DocumentState:
    """A row of the table of states, with the mentions of the document."""
    return events.DocumentState(mentions, **_decided(row))


def load_states(
    connection: sa.Connection, project_id: int, documents: Sequence[int] | None = None
) -> dict[tuple[int, int], events.DocumentState]:
    """The projected state by ``(reviewer id, document id)``, of all documents or of some."""
    mentions: dict[tuple[int, int], dict[Any, events.Mention]] = {}
    states: dict[tuple[int, int], events.DocumentState] = {}
    for ids in [None] if documents is None else chunks(documents):
        for row in connection.execute(_of_project(mention, project_id, ids)):
            found = to_mention(row)
            mentions.setdefault((row.reviewer_id, row.document_id), {})[found.key] = found
        for row in connection.execute(_of_project(document_state, project_id, ids)):
            key = (row.reviewer_id, row.document_id)
            states[key] = to_state(row, mentions.get(key, {}))
    return states


def _of_project(table: sa.Table, project_id: int, ids: Sequence[int] | None) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.project_id == project_id)
    return query if ids is None else query.where(table.c.document_id.in_(ids))


def show_withdrawn(
    connection: sa.Connection, project_id: int, documents: Iterable[int], version: int
) -> None:
    """Let documents leave the project, or come back, as the log says, with all that is known of them.

    Whoever has one of them open that leaves begins anew with the queue.
    """
    ids = sorted(set(documents))
    d = document.c
    out = counting(event).where(event.c.kind.in_((events.WITHDRAWN, events.ERASED)))
    rows = rows_in(connection, out, event.c.document_id, ids)
    reasons = events.fold_withdrawn(map(to_event, rows))
    before = {row.id: row.withdrawn for row in rows_in(connection, sa.select(d.id, d.withdrawn), d.id, ids)}
    changed = [{"key": number, "reason": reasons.get(number)} for number in ids]
    if ids:
        update = document.update().where(d.id == sa.bindparam("key"))
        connection.execute(update.values(withdrawn=sa.bindparam("reason")), changed)
    gone = [number for number in ids if before[number] is None and number in reasons]
    back = [number for number in ids if before[number] is not None and number not in reasons]
    for part in chunks(gone):
        s, on_it = suggestion.c, position.c.document_id.in_(part)
        connection.execute(suggestion.update().where(s.document_id.in_(part), s.shown).values(shown=False))
        left = {"document_id": None, "at_value": None, "at_position": None, "pending": None}
        connection.execute(position.update().where(on_it).values(left))
    _show_anew(connection, project_id, [*gone, *back], back, version)


def load_texts(connection: sa.Connection, documents: Iterable[int]) -> dict[int, events.Texts]:
    """The texts of those documents that have had several."""
    query = sa.select(event, step.c.undone).join(step, step.c.id == event.c.step_id)
    query = query.where(event.c.kind == events.TEXT).order_by(event.c.id)
    rows = rows_in(connection, query, event.c.document_id, sorted(set(documents)))
    return events.known_texts((to_event(row), row.undone) for row in rows)


def show_texts(connection: sa.Connection, project_id: int, documents: Iterable[int], version: int) -> None:
    """Let documents have the texts that the log says, with the decisions and suggestions that fit them."""
    d, changed = document.c, list[int]()
    found = load_texts(connection, documents)
    columns = sa.select(d.id, d.content_hash)
    for number, known in rows_in(connection, columns, d.id, sorted(found)):
        texts = found[number]
        if known == texts.current:
            continue
        changed.append(number)
        correction, side = next(
            (each, side)
            for each in reversed(texts.corrections)
            for side in (1, 0)
            if each["hashes"][side] == texts.current
        )
        first = texts.corrections[0]["hashes"][0]
        edition = "" if texts.current == first else texts.current
        s = suggestion.c
        runs = sa.select(sa.func.max(s.run_id)).where(s.document_id == number, s.edition == edition)
        values = {"text": correction["texts"][side], "meta": correction["meta"][side], "edition": edition}
        values |= {"content_hash": texts.current, "run_id": connection.scalar(runs)}
        connection.execute(document.update().where(d.id == number).values(values))
    for part in chunks(changed):
        s = suggestion.c
        connection.execute(suggestion.update().where(s.document_id.in_(part), s.shown).values(shown=False))
        asked = position.update().where(position.c.document_id.in_(part))
        connection.execute(asked.values(pending=None))
    _show_anew(connection, project_id, changed, changed, version)


def _show_anew(
    connection: sa.Connection, project_id: int, ids: Sequence[int], shown: Sequence[int], version: int
) -> None:
    """Fold what everybody has decided in documents, and let some of them show their suggestions again."""
    for who in _deciding(connection, ids):
        _refold(connection, project_id, who, ids, version)
    settings = connection.scalar(sa.select(project_table.c.settings).where(project_table.c.id == project_id))
    used = suggestion.c.label.not_in((settings or {}).get(HIDDEN, ()))
    for part in chunks(shown):
        _show_again(connection, project_id, suggestion.c.document_id.in_(part) & used)
    ranking.count_surfaces(connection, project_id, _surfaces(connection, ids))
    ranking.revalue(connection, project_id, ids)


def _surfaces(connection: sa.Connection, ids: Sequence[int]) -> list[str]:
    """Folded surfaces of everything that was ever suggested in some documents."""
    query = sa.select(suggestion.c.surface_key).distinct()
    return sorted({row[0] for row in rows_in(connection, query, suggestion.c.document_id, ids)})


def _deciding(connection: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Rows of the reviewers who have ever decided something in some documents."""
    query = sa.select(event.c.reviewer_id).distinct().where(event.c.kind.in_(events.DOCUMENT_KINDS))
    return sorted({row[0] for row in rows_in(connection, query, event.c.document_id, ids)})


def hide_suggestions(
    connection: sa.Connection, project_id: int, hidden: Collection[str], used: Collection[str]
) -> None:
    """Take suggestions of labels that are used no longer from the screen, and bring those of others back.

    What was decided stays: it is not a suggestion any more.

    Args:
        hidden: Labels that are used no longer.
        used: Labels that were hidden until now.
    """
    s = suggestion.c
    gone = (s.project_id == project_id, s.label.in_(hidden), s.shown)
    connection.execute(suggestion.update().where(*gone).values(shown=False))
    _show_again(connection, project_id, s.label.in_(used))


def show_joined(
    connection: sa.Connection, project_id: int, joins: Sequence[Mapping[str, Any]], version: int
) -> None:
    """Let decisions and suggestions have the labels that the log says, once labels are joined, or no longer.

    Args:
        joins: Payloads of the events that count now, or that no longer count.
    """
    joined, s, m = joined_labels(connection, project_id), suggestion.c, mention.c
    names = {label for each in joins for label in (each["name"], each["into"])}
    names |= {joined.get(label, label) for label in names}
    first, was = s.detail[GIVEN].as_string(), {each["name"] for each in joins}
    voted = (sa.cast(s.detail, sa.Text).contains(json.dumps(each), autoescape=True) for each in was)
    changed = sa.select(s.id, s.document_id, s.label, s.mark, s.detail).where(s.project_id == project_id)
    changed = changed.where(
        sa.or_(first.is_not(None), s.label.in_(was), sa.and_(s.mark.in_(_BOTH), sa.or_(sa.false(), *voted)))
    )
    rows, marked = [], set[int]()
    for row in connection.execute(changed):
        now = relabeled(row.detail.get(GIVEN, row.label), row.mark, row.detail, joined)
        if (now["label"], now["mark"]) != (row.label, row.mark):
            rows.append({"key": row.id, "given": now["label"], "as": now["mark"], "told": now["detail"]})
        if now["mark"] != row.mark:
            marked.add(row.document_id)
    values: dict[str, Any] = {
        "label": sa.bindparam("given"),
        "mark": sa.bindparam("as"),
        "detail": sa.bindparam("told"),
    }
    update = suggestion.update().where(s.id == sa.bindparam("key")).values(values)
    for part in batches(rows, 5000):
        connection.execute(update, part)
    decided = sa.select(m.document_id).distinct().where(m.project_id == project_id)
    decided = decided.where(sa.or_(m.label.in_(names), m.base_label.in_(names)))
    _show_anew(connection, project_id, sorted({*connection.scalars(decided), *marked}), (), version)


def _show_again(connection: sa.Connection, project_id: int, which: sa.ColumnElement[bool]) -> None:
    """Show some of the suggestions that the model in use has made for the documents of a project."""
    s = suggestion.c
    query = sa.select(s.id, s.document_id, s.number, s.start_char, s.end_char)
    query = query.join(document, document.c.id == s.document_id)
    now = (s.run_id == document.c.run_id, s.edition == document.c.edition)
    back = query.where(of_project(project_id), *now, which, ~s.shown)
    found: dict[int, list[Any]] = {}
    for row in connection.execute(back.order_by(s.number)):
        found.setdefault(row.document_id, []).append(row)
    used_numbers = numbers_used(connection, list(found))
    new: list[dict[str, int]] = []
    for document_id, rows in found.items():
        places = {number: place for place, number in used_numbers.get(document_id, {}).items()}
        new += _numbered_anew(rows, places)
    if new:
        update = suggestion.update().where(s.id == sa.bindparam("key"))
        connection.execute(update.values(shown=True, number=sa.bindparam("free")), new)


def _numbered_anew(rows: Sequence[Any], taken: Mapping[int, tuple[int, int]]) -> Iterator[dict[str, int]]:
    """Suggestions that come back, with other numbers where a new mention has taken theirs meanwhile."""
    following = max((*taken, *(row.number for row in rows))) + 1
    for row in rows:
        number = row.number
        if taken.get(number, (row.start_char, row.end_char)) != (row.start_char, row.end_char):
            number, following = following, following + 1
        yield {"key": row.id, "free": number}


def numbers_used(connection: sa.Connection, ids: Sequence[int]) -> dict[int, dict[tuple[int, int], int]]:
    """Numbers already used in documents that somebody has open or decided in: they must not shift."""
    used: dict[int, dict[tuple[int, int], int]] = {}
    for part in chunks(ids):
        on_cards = sa.select(position.c.document_id).where(position.c.document_id.in_(part))
        used |= {number: {} for number in connection.scalars(on_cards)}
        touched = sa.select(mention).where(mention.c.document_id.in_(part))
        for row in connection.execute(touched):
            used.setdefault(row.document_id, {})[(row.base_start, row.base_end)] = row.number
        shown = sa.select(suggestion).where(suggestion.c.document_id.in_(list(used)), suggestion.c.shown)
        for row in connection.execute(shown):
            used[row.document_id].setdefault((row.start_char, row.end_char), row.number)
    return used


def rebuild(connection: sa.Connection, project_id: int) -> None:
    """Throw the projections of a project away and fold its whole log again."""
    for table in (mention, document_state):
        connection.execute(table.delete().where(table.c.project_id == project_id))
    connection.execute(document.update().where(document.c.project_id == project_id).values(done_count=0))
    undone = events.undone_steps(load_events(connection, project_id))
    connection.execute(step.update().where(step.c.project_id == project_id).values(undone=False))
    for part in chunks(sorted(undone)):
        connection.execute(step.update().where(step.c.id.in_(part)).values(undone=True))
    rebuild_labels(connection, project_id)
    show_assignment(connection, project_id)
    pairs = connection.execute(
        sa.select(event.c.reviewer_id, event.c.document_id, sa.func.max(event.c.id))
        .where(event.c.project_id == project_id, event.c.document_id.is_not(None))
        .group_by(event.c.reviewer_id, event.c.document_id)
    ).all()
    for reviewer_id in {row[0] for row in pairs}:
        mine = [row for row in pairs if row[0] == reviewer_id]
        documents = sorted(row[1] for row in mine)
        _refold(connection, project_id, reviewer_id, documents, max(row[2] for row in mine))
    version = sa.select(project_table.c.version).where(project_table.c.id == project_id)
    moved = sa.select(event.c.document_id).where(event.c.project_id == project_id)
    joins = sa.select(event.c.payload).where(event.c.project_id == project_id, event.c.kind == events.JOINED)
    show_joined(connection, project_id, connection.scalars(joins).all(), connection.scalar(version) or 0)
    for kinds, show in (((events.TEXT,), show_texts), ((events.WITHDRAWN, events.ERASED), show_withdrawn)):
        ids = connection.scalars(moved.where(event.c.kind.in_(kinds))).all()
        show(connection, project_id, ids, connection.scalar(version) or 0)
    ranking.rank_documents(connection, project_id)
