"""Occurrences of a term in the texts that no span covers yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document.spans import snap
from hybrid_ner.review.store.events import Change, Mention
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.postings import MANY, bounds, occurrences, surface_key
from hybrid_ner.review.store.projection import chunks
from hybrid_ner.review.store.schema import document_state, mention, suggestion
from hybrid_ner.terms import MatchMode
from hybrid_ner.text import exact_form


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence: characters ``[start, end)`` of a document; ``number`` is free for a new span there."""

    document_id: int
    start: int
    end: int
    number: int


def unlabeled(work: Work, term: str, only: int | None = None, mode: MatchMode = "folded") -> list[Place]:
    """Occurrences of ``term`` that touch no span, not even a rejected one of the same characters.

    Args:
        work: The session's transaction.
        term: What to look for.
        only: Look in this document alone.
        mode: With ``case``, only where its exact letters stand.
    """
    places: list[Place] = []
    known, covered = _known(work, term)
    most = bounds(work.connection, work.author.project_id, term)
    # As many spans as the term can have places: each of them has one, and the text need not be read.
    unsure = sorted(number for number, count in most.items() if count == MANY or count > covered[number])
    if only is not None:
        unsure = [number for number in unsure if number == only]
    batch: dict[int, list[tuple[int, int]]] = {}
    for number, text, offsets in occurrences(work.connection, work.author.project_id, term, unsure):
        if mode == "case":
            offsets = [(s, e) for s, e in offsets if exact_form(text[s:e]) == exact_form(term)]
        if any((number, *place) not in known for place in offsets):
            batch[number] = offsets
    for part in chunks(sorted(batch)):
        spans = _spans(work, part)
        for number in part:
            places += _free(number, batch[number], spans.get(number, []))
    return places


@dataclass(frozen=True, slots=True)
class _Span:
    """As much of a span as says whether an occurrence is free."""

    start: int
    end: int
    number: int
    status: str


def _known(work: Work, term: str) -> tuple[set[tuple[int, int, int]], Counter[int]]:
    """Places of spans with this surface, from the index, and how many of them are sure, by document."""
    m, s, key = mention.c, suggestion.c, surface_key(term)
    suggested = sa.select(s.document_id, s.start_char, s.end_char, s.whole).where(
        s.project_id == work.author.project_id, s.surface_key == key, s.shown
    )
    moved = sa.select(m.document_id, m.base_start, m.base_end).where(
        m.reviewer_id == work.author.reviewer_id,
        (m.base_start != m.start_char) | (m.base_end != m.end_char),
    )
    gone = {tuple(row) for row in work.connection.execute(moved).all()}
    rows = [row for row in work.connection.execute(suggested).all() if tuple(row[:3]) not in gone]
    return {(row[0], row[1], row[2]) for row in rows}, Counter(row[0] for row in rows if row.whole)


def _free(document_id: int, offsets: Sequence[tuple[int, int]], spans: Sequence[_Span]) -> list[Place]:
    following = max((m.number for m in spans), default=0) + 1
    places: list[Place] = []
    for start, end in offsets:
        covered = any(m.status != "rejected" and m.start < end and start < m.end for m in spans)
        decided = any(m.status == "rejected" and (m.start, m.end) == (start, end) for m in spans)
        if not covered and not decided:
            places.append(Place(document_id, start, end, following + len(places)))
    return places


def _spans(work: Work, ids: Sequence[int]) -> dict[int, list[_Span]]:
    """Spans by document, as ``merge_mentions`` shows them; suggestions are read without their votes."""
    m, s = mention.c, suggestion.c
    columns = (m.document_id, m.base_start, m.base_end, m.copy, m.start_char, m.end_char, m.number, m.status)
    mine = sa.select(*columns).where(m.reviewer_id == work.author.reviewer_id, m.document_id.in_(ids))
    found: dict[int, list[_Span]] = {number: [] for number in ids}
    hidden: set[tuple[int, int, int]] = set()
    for row in work.connection.execute(mine):
        found[row.document_id].append(_Span(row.start_char, row.end_char, row.number, row.status))
        hidden.add((row.document_id, row.start_char, row.end_char))
        if row.copy == 0:
            hidden.add((row.document_id, row.base_start, row.base_end))
    accepted = {n: [x for x in spans if x.status == "accepted"] for n, spans in found.items()}
    shown = sa.select(s.document_id, s.start_char, s.end_char, s.number).where(
        s.document_id.in_(ids), s.shown
    )
    for number, start, end, shown_number in work.connection.execute(shown).all():
        if (number, start, end) not in hidden:
            over = any(x.start < end and start < x.end for x in accepted[number])
            found[number].append(_Span(start, end, shown_number, "rejected" if over else "open"))
    return found


def done_documents(work: Work, ids: Iterable[int]) -> set[int]:
    """Those of the documents that this reviewer has reviewed completely."""
    state = document_state.c
    return {
        number
        for part in chunks(sorted(set(ids)))
        for number in work.connection.scalars(
            sa.select(state.document_id).where(
                state.reviewer_id == work.author.reviewer_id, state.document_id.in_(part), state.done
            )
        )
    }


def unlabeled_changes(
    work: Work, places: Sequence[Place], label: str, status: str, mark: str
) -> list[tuple[int, Change]]:
    """New spans at these places, snapped to whole tokens."""
    texts = texts_of(work.connection, (place.document_id for place in places))
    changes: list[tuple[int, Change]] = []
    taken: set[tuple[int, int, int]] = set()
    for place in places:
        text = texts[place.document_id]
        start, end = snap(text, work.tokens(text), place.start, place.end)
        if (place.document_id, start, end) in taken:
            continue
        taken.add((place.document_id, start, end))
        flags = work.flag(text, [(start, end)])[0]
        folded = surface_key(text[start:end])
        m = Mention(
            (start, end, 0),
            place.number,
            start,
            end,
            label,
            label if mark != "reviewer" else "",
            surface_key=folded,
            mark=mark,
            flags=flags,
            base_surface=folded,
        )
        changes.append((place.document_id, m.change(status=status)))
    return changes
