"""One document as one reviewer sees it: what was suggested, under what was decided; suggestions of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from operator import add
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import CorpusError, wrong_kind
from hybrid_ner.review.store.database import chunks, rows_in
from hybrid_ner.review.store.events import Change, DocumentState, EventDraft, Mention, place_in
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.labels import HIDDEN, extend_labels, joined_labels
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.postings import stands_whole, surface_key
from hybrid_ner.review.store.projection import numbers_used, relabeled, to_mention, to_state
from hybrid_ner.review.store.schema import document, document_state, mention, model_run, suggestion
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import Flagger, Suggestion, flagger
from hybrid_ner.text import quantity
from hybrid_ner.text.offsets import meeting

Tokenize = Callable[[str], Sequence[tuple[int, int]]]
CLAIM_SECONDS = 1800.0
"""A document that another reviewer opened stays out of the queue for so long."""


def holds(claimed_at: float) -> bool:
    """Whether a claim still holds; one of a time to come was made by a clock that was wrong."""
    return abs(time.time() - claimed_at) <= CLAIM_SECONDS


@dataclass(frozen=True, slots=True)
class Card:
    """A document with its mentions.

    Args:
        position: One-based place in the project.
        content_hash: SHA-256 of the text.
        model_id: Name of the model run shown.
        mentions: Every mention by number, decided or not.
        version: Step that changed the state last.
        claimed_by: Row of the reviewer who has it open.
        claimed_at: When, in seconds since 1970.
    """

    id: int
    doc_id: str
    position: int
    text: str
    content_hash: str
    model_id: str
    round: int
    state: DocumentState
    mentions: tuple[Mention, ...]
    version: int
    claimed_by: int
    claimed_at: float

    def event(self, kind: str, payload: Mapping[str, Any]) -> EventDraft:
        """An event about the document, bound to its text and to the suggestions that are shown."""
        return EventDraft(kind, payload, self.id, self.content_hash, self.model_id)

    def decided(self, changes: Sequence[Change]) -> list[EventDraft]:
        """The event that carries changes of its mentions; none for none."""
        payload = {"changes": [change.to_json() for change in changes]}
        return [self.event("mentions", payload)] if changes else []

    def mention(self, number: int) -> Mention | None:
        return next((m for m in self.mentions if m.number == number), None)

    @property
    def open(self) -> tuple[Mention, ...]:
        """Mentions that wait for a decision."""
        return tuple(m for m in self.mentions if m.status == "open")

    @property
    def next_number(self) -> int:
        """Number of the next new span."""
        return max((m.number for m in self.mentions), default=0) + 1


def load_card(
    connection: sa.Connection, reviewer_id: int, document_id: int, window: tuple[int, int] | None = None
) -> Card:
    """Read a document and its mentions.

    Args:
        window: Only mentions that touch these characters.
    """
    row = connection.execute(
        sa.select(document, model_run.c.name.label("run_name"), model_run.c.number.label("run_number"))
        .outerjoin(model_run, model_run.c.id == document.c.run_id)
        .where(document.c.id == document_id)
    ).one()
    query = sa.select(mention).where(
        mention.c.reviewer_id == reviewer_id, mention.c.document_id == document_id, touching(mention, window)
    )
    touched = [to_mention(found) for found in connection.execute(query).all()]
    decided = connection.execute(
        sa.select(document_state).where(
            document_state.c.reviewer_id == reviewer_id, document_state.c.document_id == document_id
        )
    ).one_or_none()
    by_key = {m.key: m for m in touched}
    state = to_state(decided, by_key) if decided is not None else DocumentState(by_key)
    mentions = merge_mentions(suggested(connection, document_id, window), touched)
    return Card(
        row.id,
        row.doc_id,
        row.position,
        row.text,
        row.content_hash,
        row.run_name or "",
        row.run_number or 0,
        state,
        tuple(sorted(mentions, key=lambda m: m.number)),
        decided.version if decided is not None else 0,
        row.claimed_by or 0,
        row.claimed_at,
    )


_PLAIN = (
    *("document_id", "number", "start_char", "end_char", "label", "score", "mark", "method", "flags"),
    *("surface_key", "chosen"),
)
SUGGESTED = (
    *(suggestion.c[name] for name in _PLAIN),
    # Taken out by the database: decoding the votes of every suggestion would take most of the time.
    sa.func.coalesce(suggestion.c.detail["concept"].as_string(), "").label("concept"),
)


def to_suggested(row: Any) -> Mention:
    """A row of the suggestion table as a mention that nobody touched."""
    # By place, for there may be thousands.
    start, end, key, concept = row.start_char, row.end_char, row.surface_key, row.concept
    shown = (row.number, start, end, row.label, row.label, "open", key, row.mark, row.method, row.score)
    flags = tuple(row.flags.split())
    return Mention((start, end, 0), *shown, flags, concept, base_surface=key, base_concept=concept)


def touching(table: sa.Table, window: tuple[int, int] | None) -> sa.ColumnElement[bool]:
    """Condition: the row's span, or the one it was before it was moved, touches the window."""
    if window is None:
        return sa.true()
    start, end = window
    touches = (table.c.start_char < end) & (table.c.end_char > start)
    if table is mention:
        touches |= (mention.c.base_start < end) & (mention.c.base_end > start)
    return touches


def suggested(
    connection: sa.Connection, document_id: int, window: tuple[int, int] | None = None
) -> list[Mention]:
    query = sa.select(*SUGGESTED).where(
        suggestion.c.document_id == document_id, suggestion.c.shown, touching(suggestion, window)
    )
    return [to_suggested(row) for row in connection.execute(query.order_by(suggestion.c.number)).all()]


def merge_mentions(suggestions: Iterable[Mention], touched: Sequence[Mention]) -> list[Mention]:
    """Suggestions under decisions.

    A suggestion that was decided, or that has the offsets of a decided span, is not shown twice; one
    that overlaps an accepted span is rejected for that reason.
    """
    keys = {m.key for m in touched}
    places = {(m.start, m.end) for m in touched}
    accepted = [m for m in touched if m.status == "accepted"]
    kept = [s for s in suggestions if s.key not in keys and (s.start, s.end) not in places]
    out = {s.key for s in meeting(accepted, kept)}
    return [*touched, *(replace(s, status="rejected", reason="overlap") if s.key in out else s for s in kept)]


@lru_cache(maxsize=1)
def _blank() -> Any:
    from hybrid_ner.text.tokenizer import blank

    return blank()


def default_tokenize(text: str) -> list[tuple[int, int]]:
    """Token boundaries of the tokenizer that training uses."""
    return [(token.idx, token.idx + len(token)) for token in _blank().make_doc(text) if not token.is_space]


@dataclass(frozen=True, slots=True)
class RunImport:
    """Documents and suggestions written, documents that had the run, suggestions blocked by ``never``.

    Of documents that were withdrawn nothing is written: they are read when they come back.
    """

    documents: int = 0
    suggestions: int = 0
    known: int = 0
    blocked: int = 0

    def __add__(self, other: RunImport) -> RunImport:
        return RunImport(*map(add, astuple(self), astuple(other)))


def open_run(connection: sa.Connection, project_id: int, name: str, meta: Mapping[str, Any]) -> int:
    """Row of the model run, made at first use."""
    where = (model_run.c.project_id == project_id, model_run.c.name == name)
    found = connection.scalar(sa.select(model_run.c.id).where(*where))
    if found is not None:
        return int(found)
    count = sa.select(sa.func.count()).where(model_run.c.project_id == project_id)
    row = {"project_id": project_id, "name": name, "number": int(connection.scalar(count) or 0) + 1}
    inserted = connection.execute(
        model_run.insert().returning(model_run.c.id), {**row, "meta": dict(meta), "created": now()}
    )
    return int(inserted.scalar_one())


def write_suggestions(
    connection: sa.Connection, project_id: int, run_id: int, pairs: Sequence[tuple[str, Sequence[Suggestion]]]
) -> RunImport:
    """Write one batch in the caller's transaction."""
    known = _documents(connection, project_id, [doc_id for doc_id, _ in pairs])
    project = connection.execute(sa.select(project_table).where(project_table.c.id == project_id)).one()
    overlay = load_overlay(connection, project_id)
    flag = flagger(project.settings.get("domain", ""))
    hidden = frozenset(project.settings.get(HIDDEN, ()))
    joined = joined_labels(connection, project_id)
    again = [row.id for row in known.values() if row.edition or row.run_id not in (None, run_id)]
    numbers = numbers_used(connection, again)
    rows: list[dict[str, Any]] = []
    done, stale, had, dropped = [], [], 0, 0
    for doc_id, suggestions in pairs:
        row = known.get(doc_id)
        if row is None:
            raise CorpusError(
                f"suggestions for document {doc_id!r}, which is not in project {project.name!r}.",
                hint="Import the documents first.",
            )
        if row.withdrawn is not None:
            continue
        if row.run_id == run_id:
            had += 1
            continue
        if row.run_id is not None:
            stale.append(row.id)
        kept = _clean(row, suggestions, flag)
        free = [s for s in kept if not overlay.blocks(row.text[s.start : s.end], s.label, doc_id)]
        dropped += len(kept) - len(free)
        done.append(row.id)
        rows += _rows(project_id, run_id, row, free, numbers.get(row.id), hidden, joined)
    for part in chunks(stale):
        connection.execute(suggestion.update().where(suggestion.c.document_id.in_(part)).values(shown=False))
    if rows:
        connection.execute(suggestion.insert(), rows)
    for part in chunks(done):
        connection.execute(document.update().where(document.c.id.in_(part)).values(run_id=run_id))
    extend_labels(connection, project_id, {row["label"] for row in rows})
    return RunImport(len(done), sum(row["shown"] for row in rows), had, dropped)


def carry_suggestions(
    connection: sa.Connection, row: Any, correction: Mapping[str, Any], flag: Flagger
) -> None:
    """Keep the suggestions whose words stand in the text that a document will have, to be shown with it.

    Args:
        row: Of the document.
        correction: Payload of the event that gives it the text.
    """
    s, document_id, text = suggestion.c, row.id, correction["texts"][1]
    edition, blocks = correction["hashes"][1], correction["blocks"]
    known = sa.select(sa.exists().where(s.document_id == document_id, s.edition == edition))
    if connection.scalar(known):
        return
    now = (s.document_id == document_id, s.run_id == row.run_id, s.edition == row.edition)
    rows = connection.execute(sa.select(suggestion).where(*now)).mappings()
    moved = [(r, place) for r in rows if (place := place_in(blocks, r["start_char"], r["end_char"]))]
    flags = flag(text, [place for _, place in moved])
    new = [
        {
            **{name: value for name, value in old.items() if name != "id"},
            **{"edition": edition, "start_char": start, "end_char": end, "flags": " ".join(said)},
            "whole": stands_whole(text, start, end),
            "shown": False,
        }
        for (old, (start, end)), said in zip(moved, flags, strict=True)
    ]
    if new:
        connection.execute(suggestion.insert(), new)


def _documents(connection: sa.Connection, project_id: int, ids: Sequence[str]) -> dict[str, Any]:
    names = ("id", "doc_id", "text", "run_id", "edition", "withdrawn")
    columns = [document.c[name] for name in names]
    query = sa.select(*columns).where(document.c.project_id == project_id)
    return {row.doc_id: row for row in rows_in(connection, query, document.c.doc_id, ids)}


def _clean(row: Any, suggestions: Sequence[Suggestion], flag: Flagger) -> list[Suggestion]:
    """In order, checked, one a span, with context flags."""
    merged: dict[tuple[int, int], Suggestion] = {}
    for each in [suggestions] if isinstance(suggestions, Suggestion) else suggestions:
        if not isinstance(each, Suggestion) or not all(
            hasattr(at, "__index__") for at in (each.start, each.end)
        ):
            hint = "Give Suggestion(start, end, label), with offsets in characters."
            raise wrong_kind(f"suggestions for document {row.doc_id!r}", each, hint)
        if not 0 <= each.start < each.end <= len(row.text):
            raise CorpusError(
                f"document {row.doc_id!r}: suggestion {each.start}-{each.end} lies outside its "
                f"{quantity(len(row.text), 'character')}.",
                hint="Predict again on the text that was imported.",
            )
        place = (each.start, each.end)
        merged[place] = _merge(merged[place], each) if place in merged else each
    ordered = sorted(merged.values(), key=lambda s: (s.start, -s.end))
    flags = flag(row.text, [(s.start, s.end) for s in ordered])
    return [replace(s, flags=f) if f and not s.flags else s for s, f in zip(ordered, flags, strict=True)]


def _merge(first: Suggestion, second: Suggestion) -> Suggestion:
    best, other = (
        (second, first) if (second.chosen, second.score) > (first.chosen, first.score) else (first, second)
    )
    return replace(best, votes=best.votes + tuple(v for v in other.votes if v not in best.votes))


def _rows(
    project_id: int,
    run_id: int,
    row: Any,
    suggestions: Sequence[Suggestion],
    used: Mapping[tuple[int, int], int] | None,
    hidden: Collection[str],
    joined: Mapping[str, str],
) -> list[dict[str, Any]]:
    following = max(used.values(), default=0) + 1 if used else 1
    rows = []
    for each in suggestions:
        number = (used or {}).get((each.start, each.end))
        if number is None:
            number, following = following, following + 1
        called = relabeled(each.label, each.mark, each.detail(), joined)
        rows.append(
            {
                "project_id": project_id,
                "document_id": row.id,
                "run_id": run_id,
                "edition": row.edition,
                "shown": called["label"] not in hidden,
                "number": number,
                "start_char": each.start,
                "end_char": each.end,
                **{name: getattr(each, name) for name in ("score", "method", "chosen")},
                "flags": " ".join(each.flags),
                "surface_key": surface_key(row.text[each.start : each.end]),
                "whole": stands_whole(row.text, each.start, each.end),
                **called,
            }
        )
    return rows
