"""A document that several people have reviewed: where their versions differ, and what was settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import sqlalchemy as sa

from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.database import chunks
from hybrid_ner.review.store.events import ONE_TEXT, Change, DocumentState, Key, Mention, Span, accepted
from hybrid_ner.review.store.projection import load_texts
from hybrid_ner.review.store.reviewers import Agreement, agree, independent_states, reviewer_names
from hybrid_ner.review.store.schema import counting, document_state, event

SETTLED = "settled"
"""Event kind: which version of a difference was taken."""
Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of text that reviewers marked differently.

    Args:
        number: What the reviewer types; from 1, in order of the text.
        versions: The spans of each reviewer there, in the order of the reviewers.
        settled: What was taken: a name, ``both``, ``none`` or a label; empty while it waits.
    """

    number: int
    start: int
    end: int
    versions: tuple[tuple[Span, ...], ...]
    settled: str = ""

    @property
    def together(self) -> bool:
        """Whether the versions can count together: no two of their spans overlap."""
        spans = sorted({span for version in self.versions for span in version})
        return all(left[1] <= right[0] for left, right in pairwise(spans))


@dataclass(frozen=True, slots=True)
class Versions:
    """A document as everybody finished it, before anybody adjudicated.

    Args:
        reviewers: Who finished it, in order of arrival.
        agreement: Of the first two.
        waiting: Documents of the project that wait for adjudication, this one included.
    """

    doc_id: str
    position: int
    text: str
    reviewers: tuple[str, ...]
    differences: tuple[Difference, ...]
    agreement: Agreement
    waiting: int = 0
    states: tuple[DocumentState, ...] = ()

    @property
    def open(self) -> tuple[Difference, ...]:
        """The differences that wait."""
        return tuple(each for each in self.differences if not each.settled)


def regions(versions: Sequence[Sequence[Span]]) -> list[tuple[Window, tuple[tuple[Span, ...], ...]]]:
    """Where versions differ: stretches of overlapping spans that are not in all of them."""
    common = set.intersection(*map(set, versions)) if versions else set()
    apart = sorted({span for version in versions for span in version} - common)
    windows: list[Window] = []
    for start, end, _ in apart:
        if windows and start < windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return [
        (window, tuple(tuple(s for s in sorted(version) if _in(s[0], s[1], window)) for version in versions))
        for window in windows
    ]


def _in(start: int, end: int, window: Window) -> bool:
    return start < window[1] and window[0] < end


def load_versions(
    connection: sa.Connection,
    project_id: int,
    card: Card,
    tokens: Sequence[Window],
    adjudicator: int,
    waiting: int = 0,
) -> Versions:
    """The versions of a document, and what this adjudicator has settled of it."""
    states = independent_states(connection, project_id, [card.id])
    names = reviewer_names(connection, project_id)
    done = {who: states[who, card.id] for who in names if (who, card.id) in states}
    mine = (event.c.document_id == card.id, event.c.reviewer_id == adjudicator, event.c.kind == SETTLED)
    rows = connection.execute(counting(event.c.payload, event.c.content_hash).where(*mine)).all()
    texts = load_texts(connection, [card.id]).get(card.id, ONE_TEXT)
    places = ((texts.place(made_on, row["start"], row["end"]), row["choice"]) for row, made_on in rows)
    settled = {place: choice for place, choice in places if place}
    spans = [accepted(state) for state in done.values()]
    found = tuple(
        Difference(number, *window, versions, settled.get(window, ""))
        for number, (window, versions) in enumerate(regions(spans), 1)
    )
    pair = agree([(tokens, spans[0], spans[1])]) if len(spans) > 1 else agree([])
    people_done = tuple(names[who] for who in done)
    place = (card.doc_id, card.position, card.text)
    return Versions(*place, people_done, found, pair, waiting, tuple(done.values()))


def conflicts(connection: sa.Connection, project_id: int) -> list[int]:
    """Documents whose finished reviews differ and that nobody has adjudicated, in order."""
    state = document_state.c
    query = (
        sa.select(state.document_id)
        .where(state.project_id == project_id)
        .group_by(state.document_id)
        .having(sa.func.count() > 1, sa.func.max(sa.case((state.adjudicated, 1), else_=0)) == 0)
        .order_by(state.document_id)
    )
    found: list[int] = []
    for ids in chunks(connection.scalars(query).all()):
        versions: dict[int, set[tuple[Span, ...]]] = {}
        for (_, number), each in independent_states(connection, project_id, ids).items():
            versions.setdefault(number, set()).add(accepted(each))
        found += [number for number in ids if len(versions.get(number, ())) > 1]
    return found


def agreed(card: Card, versions: Versions) -> list[Change]:
    """Changes that give the adjudicator what nobody disputes, before the first difference is settled."""
    windows = [(each.start, each.end) for each in versions.differences]
    first = versions.states[0]
    kept = [m for m in first.mentions.values() if not any(_in(m.start, m.end, w) for w in windows)]
    keys = {m.key for m in kept}
    own = [m for m in card.state.mentions.values() if m.status == "accepted" and m.key not in keys]
    return [*(m.change(status="rejected", reason="overlap") for m in own), *_copies(card, kept)]


def taken(
    card: Card, versions: Versions, difference: Difference, chosen: Iterable[int], label: str = ""
) -> list[Change]:
    """Changes that make chosen versions of a difference the adjudicator's own; the rest there is rejected.

    Args:
        card: The document as the adjudicator sees it.
        chosen: Places of the reviewers whose spans are taken.
        label: Given to them instead of their own.
    """
    window = (difference.start, difference.end)
    every: dict[Key, Mention] = {}
    wanted: dict[Key, Mention] = {}
    for place, state in enumerate(versions.states):
        for m in state.mentions.values():
            if _in(m.start, m.end, window):
                every.setdefault(m.key, m)
                if place in chosen and m.status == "accepted":
                    wanted[m.key] = replace(m, label=label or m.label)
    for m in card.mentions:
        if m.status == "accepted" and _in(m.start, m.end, window):
            every.setdefault(m.key, m)
    rejected = [replace(m, status="rejected", reason="") for key, m in every.items() if key not in wanted]
    return _copies(card, [*rejected, *wanted.values()])


def _copies(card: Card, mentions: Sequence[Mention]) -> list[Change]:
    """Changes that give the adjudicator these mentions, under numbers that are free on the card."""
    known = {m.key: m.number for m in card.mentions}
    number = card.next_number
    changes = []
    for m in sorted(mentions, key=lambda m: m.status == "accepted"):
        if m.key not in known:
            known[m.key], number = number, number + 1
        changes.append(replace(m, number=known[m.key]).copied())
    return changes
