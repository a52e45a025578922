"""Review by term, and by single decision: what waits across documents, most gain first.

Spans are gathered by surface and label. A decision about a card settles all of its spans, so the cards that
settle most come first. What is left after them are exceptions, which are reviewed in their documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from hybrid_ner.review.queue import Queue, dealt, decided_by
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.ranking import DISAGREEING
from hybrid_ner.review.store.schema import document, mention, of_project, suggestion
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.review.store.suggestion import near_match
from hybrid_ner.text import beside

AROUND = 70
"""Characters on either side of a span that its line shows."""
CONTEXTS = 30
"""Lines of a card; more are counted."""
_LESS_LIKELY = 0.25
"""What a span counts that the pipeline did not choose: a few of them are missed mentions."""

NEAR_METHOD = "fuzzy"
"""How near matches of terms were recognized."""

TermsWanted = Literal["all", "disagree", "near"]


@dataclass(frozen=True, slots=True)
class Context:
    """A span of a card in its sentence.

    Args:
        position: Place of the document in the project.
        before: Text on its left, on one line.
        after: Text on its right.
        likely: Whether the pipeline chose it.
        mark: Who found it.
        score: Between 0 and 1.
    """

    doc_id: str
    position: int
    start: int
    end: int
    before: str
    surface: str
    after: str
    likely: bool
    mark: str
    score: float


@dataclass(frozen=True, slots=True)
class TermCard:
    """A surface that waits under one label.

    Args:
        term: As most of ``contexts`` write it, of equally many spellings the first.
        spans: Open spans that the pipeline chose.
        others: Open spans that it did not choose.
        documents: Documents with either.
        marks: Who found how many of them.
        elsewhere: The same surface under other labels: label and open spans.
        accepted: Spans of the surface that this reviewer accepted before, under any label.
        contexts: The first spans, likely ones first.
        near: The term that it is but for a typing error, and its edits; empty for others.
    """

    term: str
    label: str
    spans: int
    others: int
    documents: int
    marks: tuple[tuple[str, int], ...]
    elsewhere: tuple[tuple[str, int], ...]
    accepted: int
    rejected: int
    contexts: tuple[Context, ...]
    near: str = ""


@dataclass(frozen=True, slots=True)
class TermQueue:
    """The first cards, and how much waits in all.

    Args:
        cards: Most gain first.
        terms: Cards in all that fit.
        spans: Open spans of all these that the pipeline chose.
        shared: Something stands in documents that do not wait: it is counted nowhere here.
        decided: Documents that wait although all that was likely in them is decided.
    """

    cards: tuple[TermCard, ...]
    terms: int
    spans: int
    shared: bool = False
    decided: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Open spans of one surface and label, counted."""

    key: str
    label: str
    chosen: int
    others: int
    disagreeing: int
    marks: tuple[tuple[str, int], ...]
    near: int

    @property
    def gain(self) -> float:
        """Decisions that one verdict saves; doubtful ones count more, since more of these are wrong."""
        return self.chosen + _LESS_LIKELY * self.others + 0.5 * self.disagreeing


def term_queue(
    project: Project,
    reviewer: str,
    limit: int = 20,
    *,
    wanted: TermsWanted = "all",
    label: str = "",
    search: str = "",
) -> TermQueue:
    """The cards that wait for a reviewer.

    Args:
        reviewer: Whose decisions are taken into account.
        wanted: Everything, only terms about which rules and model disagree somewhere, or misspelled ones.
        search: Only terms that hold this text.
    """
    with project.read() as connection:
        queue = _queue(connection, project.id, project.reviewer_id(reviewer))
        groups = _groups(connection, queue)
        fitting = [g for g in groups if label in ("", g.label) and search.casefold() in g.key.casefold()]
        if wanted != "all":
            fitting = [g for g in fitting if (g.near if wanted == "near" else g.disagreeing)]
        fitting.sort(key=lambda g: (-g.gain, g.key, g.label))
        shown = fitting[:limit]
        decided = _decided(connection, queue, [g.key for g in shown])
        cards = [_card(connection, queue, g, groups, decided) for g in shown]
        shared, done = _shared(connection, queue), _all_decided(connection, queue)
    return TermQueue(tuple(cards), len(fitting), sum(g.chosen for g in fitting), shared, done)


def _queue(connection: sa.Connection, project_id: int, reviewer_id: int) -> Queue:
    settings = connection.scalar(sa.select(project_table.c.settings).where(project_table.c.id == project_id))
    given, mine = dealt(connection, project_id, reviewer_id)
    reviews = int((settings or {}).get("reviews", 1))
    return Queue(project_id, reviewer_id, reviews=reviews, dealt=given, mine=mine)


def _shared(connection: sa.Connection, queue: Queue) -> bool:
    """Whether some documents do not wait, as others have them, or something new came to a reviewed one."""
    number = document.c.id
    others = sa.select(number).where(of_project(queue.project_id), ~queue.waits(number))
    others = others.where(number.not_in(queue.finished()) | queue.likely_open(number))
    return bool(connection.scalar(sa.select(others.exists())))


def _all_decided(connection: sa.Connection, queue: Queue) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).where(queue.all_decided())) or 0)


def decision_queue(
    project: Project,
    reviewer: str,
    limit: int = 20,
    *,
    wanted: TermsWanted = "all",
    label: str = "",
    search: str = "",
) -> TermQueue:
    """Single spans that wait for a yes or no, the least certain first; see ``term_queue``.

    A span that the pipeline did not choose comes up only where no chosen one is in its place.
    """
    s = suggestion.c
    better = suggestion.alias()
    beaten = sa.exists().where(
        *(better.c.document_id == s.document_id, better.c.shown, better.c.chosen),
        *(better.c.start_char < s.end_char, s.start_char < better.c.end_char),
    )
    where: list[sa.ColumnElement[bool]] = [s.chosen | ~beaten]
    where += [s.label == label] if label else []
    where += [s.surface_key.icontains(search, autoescape=True)] if search else []
    with project.read() as connection:
        queue = _queue(connection, project.id, project.reviewer_id(reviewer))
        if wanted == "disagree":
            where.append(s.mark.in_(DISAGREEING) if _mixed(connection, queue) else sa.false())
        if wanted == "near":
            where.append(s.method == NEAR_METHOD)
        count = connection.scalar(_open_spans(queue, sa.func.count()).where(*where)) or 0
        doubt = sa.func.abs(s.score - 0.5)
        waiting = _in_context(queue).where(*where).order_by(doubt, s.document_id, s.start_char)
        rows = connection.execute(waiting.limit(limit)).all()
        decided = _decided(connection, queue, [row.surface_key for row in rows])
        cards = [_single(connection, row, decided) for row in rows]
        done = _all_decided(connection, queue)
    return TermQueue(tuple(cards), count, count, decided=done)


def _single(connection: sa.Connection, row: Any, decided: Mapping[str, Counter[str]]) -> TermCard:
    s, context = suggestion.c, _context(row)
    here = (s.document_id == row.document_id, s.start_char == row.start_char, s.end_char == row.end_char)
    near = _near(connection, *here) if row.method == NEAR_METHOD else ""
    before = decided.get(row.surface_key, Counter())
    said = (before["accepted"], before["rejected"])
    mark, likely = ((row.mark, 1),), int(row.chosen)
    return TermCard(context.surface, row.label, likely, 1 - likely, 1, mark, (), *said, (context,), near)


def _open_spans(queue: Queue, *columns: Any) -> sa.Select[Any]:
    """What waits for a reviewer in the documents that wait for them."""
    s = suggestion.c
    waiting = (s.shown, ~decided_by(queue.reviewer_id), queue.waits(s.document_id))
    return sa.select(*columns).select_from(suggestion).where(s.project_id == queue.project_id, *waiting)


def _groups(connection: sa.Connection, queue: Queue) -> list[_Group]:
    s = suggestion.c
    chosen = sa.func.sum(sa.case((s.chosen, 1), else_=0))
    near = sa.func.sum(sa.case((s.method == NEAR_METHOD, 1), else_=0))
    query = _open_spans(queue, s.surface_key, s.label, s.mark, chosen, sa.func.count(), near)
    mixed = _mixed(connection, queue)
    counts: dict[tuple[str, str], list[tuple[str, int, int, int]]] = {}
    for key, label, *row in connection.execute(query.group_by(s.surface_key, s.label, s.mark)):
        counts.setdefault((key, label), []).append(tuple(row))
    groups = []
    for (key, label), rows in counts.items():
        sure, every = sum(row[1] for row in rows), sum(row[2] for row in rows)
        disagreeing = sum(row[1] for row in rows if row[0] in DISAGREEING) if mixed else 0
        marks = tuple(Counter({row[0]: row[2] for row in rows}).most_common())
        sizes = (sure, every - sure, disagreeing, marks, sum(row[3] for row in rows))
        groups.append(_Group(key, label, *sizes))
    return groups


def _mixed(connection: sa.Connection, queue: Queue) -> bool:
    """Whether rules and a model both vote: with one kind alone nothing disagrees."""
    query = sa.select(project_table.c.mixed).where(project_table.c.id == queue.project_id)
    return bool(connection.scalar(query))


def _decided(connection: sa.Connection, queue: Queue, keys: Sequence[str]) -> Mapping[str, Counter[str]]:
    """What this reviewer decided about each surface before."""
    m = mention.c
    query = sa.select(m.surface_key, m.status, sa.func.count()).where(
        m.project_id == queue.project_id, m.reviewer_id == queue.reviewer_id, m.surface_key.in_(keys)
    )
    found: dict[str, Counter[str]] = {}
    for key, status, count in connection.execute(query.group_by(m.surface_key, m.status)):
        found.setdefault(key, Counter())[status] = count
    return found


def _card(
    connection: sa.Connection,
    queue: Queue,
    group: _Group,
    groups: Sequence[_Group],
    decided: Mapping[str, Counter[str]],
) -> TermCard:
    s = suggestion.c
    of_group = (s.surface_key == group.key, s.label == group.label)
    shown = _in_context(queue).where(*of_group).order_by(s.chosen.desc(), s.document_id, s.start_char)
    contexts = tuple(map(_context, connection.execute(shown.limit(CONTEXTS))))
    documents = _open_spans(queue, sa.func.count(s.document_id.distinct())).where(*of_group)
    before = decided.get(group.key, Counter())
    elsewhere = tuple((g.label, g.chosen) for g in groups if g.key == group.key and g.label != group.label)
    sizes = (group.chosen, group.others, connection.scalar(documents) or 0)
    said = (before["accepted"], before["rejected"])
    near = _near(connection, s.project_id == queue.project_id, *of_group) if group.near else ""
    ((term, _),) = Counter(context.surface for context in contexts).most_common(1)
    return TermCard(term, group.label, *sizes, group.marks, elsewhere, *said, contexts, near)


def _near(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> str:
    """The term that misspelled ones are, of the first of them that is shown."""
    s = suggestion.c
    first = sa.select(s.detail).where(*where, s.shown, s.method == NEAR_METHOD)
    query = first.order_by(s.document_id, s.start_char).limit(1)
    return near_match((connection.scalar(query) or {}).get("votes", ()))


def _in_context(queue: Queue) -> sa.Select[Any]:
    """Open spans with their surroundings, which the database cuts out: texts may be long."""
    s = suggestion.c
    first = sa.case((s.start_char > AROUND, s.start_char - AROUND), else_=0)
    part = sa.func.substr(document.c.text, first + 1, s.end_char + AROUND - first).label("part")
    columns = (s.document_id, s.start_char, s.end_char, s.label, s.surface_key, s.method, s.mark, s.score)
    query = _open_spans(queue, *columns, s.chosen, document.c.doc_id, document.c.position, part)
    return query.join(document, document.c.id == s.document_id)


def _context(row: Any) -> Context:
    at = min(AROUND, row.start_char)
    end = at + row.end_char - row.start_char
    left, right = beside(row.part[:at], AROUND, left=True), beside(row.part[end:], AROUND, left=False)
    cut = (left, " ".join(row.part[at:end].split()), right)
    place = (row.doc_id, row.position, row.start_char, row.end_char)
    return Context(*place, *cut, row.chosen, row.mark, row.score)
