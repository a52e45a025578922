"""Commands that explain, count and help."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.intents import intents
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.commands.grammar import TOPICS, help_lines
from hybrid_ner.review.commands.unlabeled import unlabeled
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.drawing import suggestion_rows
from hybrid_ner.review.document.explain import (
    explain_span,
    explain_text,
    history_of,
    plain_reason,
    spoken_label,
)
from hybrid_ner.review.document.span_model import SpanScores, pipeline_folder, span_scores
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.schema import mention
from hybrid_ner.text import quantity

__all__ = [
    "confusions",
    "help_about",
    "labels",
    "left",
    "left_said",
    "next_question",
    "who_changed",
    "why",
    "why_not",
    "worst_terms",
]

ROWS = 30


def why(work: Work, command: c.Why) -> Reply:
    """``why 3``."""
    card = work.card()
    m = spans.pick(card, c.Numbers((command.number,)))[0]
    row = suggestion_rows(work.connection, card.id).get(m.key[:2])
    overlay = load_overlay(work.connection, work.author.project_id)
    tokens = work.tokens(card.text)
    lines = explain_span(work.connection, work.author, card, m, row, tokens, work.services.terms, overlay)
    return Reply(plain_reason(card.text[m.start : m.end], m, row), lines=tuple(lines))


def why_not(work: Work, command: c.WhyNot) -> Reply:
    """``why not "ECG"``: the step that failed, and the edit that would catch it."""
    card = work.card()
    overlay = load_overlay(work.connection, work.author.project_id)
    tokens = work.tokens(card.text)

    def ask(text: str, start: int, end: int) -> SpanScores | str:
        run = card.model_id
        found = pipeline_folder(work.connection, work.author.project_id, run, work.services.models)
        return found if isinstance(found, str) else span_scores(found, run, text, start, end)

    lines = explain_text(card, command.text, tokens, work.services.terms, overlay, ask)
    if len(lines) > 1:
        lines += _remedy(work, command.text)
    return Reply(lines[0], lines=tuple(lines[1:]))


def _remedy(work: Work, text: str) -> list[str]:
    places = unlabeled(work, text)
    documents = {place.document_id for place in places}
    here = sum(place.document_id == work.place.document_id for place in places)
    elsewhere = quantity(len(places) - here, "time")
    edit = f'term + "{text}" = NAME LABEL'
    others = quantity(len(documents - {work.place.document_id}), "other document")
    return [
        f"edit      `{edit}` would catch it here ({here}) and {elsewhere} in {others}",
        f'or        `add "{text}" LABEL` for this one alone',
    ]


def who_changed(work: Work, command: c.WhoChanged) -> Reply:
    """``who changed 2``."""
    card = work.card()
    m = spans.pick(card, c.Numbers((command.number,)))[0]
    rows = history_of(work.connection, card.id, m)
    said = f"span {m.number} {spans.short(card.text[m.start : m.end])}: "
    if not rows:
        return Reply(f"{said}nobody changed it; {m.mark} suggested {m.base_label} {m.score:.2f}")
    columns = ("step", "at", "who", "command", "set", "model", "")
    names = list(dict.fromkeys(row[2] for row in rows))
    said += f"{quantity(len(rows), 'change')} by {', '.join(names)}"
    return Reply(said, table=Table(columns, tuple(rows)))


def help_about(work: Work, command: c.Help) -> Reply:
    """``?``, ``? bulk``."""
    if command.topic in ("say", "chat", "sentences"):
        said = "say it in your own words, for example (type ? for the commands they stand for)"
        return Reply(said, lines=tuple(sayings()))
    lines = help_lines(command.topic, files=work.services.files is not None)
    if not lines:
        raise InputError(f"no help on {command.topic!r}.", hint=f"Topics: {', '.join(TOPICS)}.")
    said = f"help on {command.topic}" if command.topic else f"help; topics: {', '.join(TOPICS)} (`? bulk`)"
    return Reply(said, lines=tuple(lines))


def sayings() -> list[str]:
    """An example of everything that sentences can say."""
    return [f"“{intent.example}”" for intent in intents()]


def left_said(work: Work) -> str:
    """How much is left, here and in all."""
    documents = work.queue.left(work.connection)
    if work.place.document_id is None:
        return "No document is open."
    waiting = work.card().open
    here = (
        f"{quantity(len(waiting), 'span is', 'spans are')} open here" if waiting else "Nothing is open here"
    )
    return f"{here}; {quantity(documents, 'document is', 'documents are')} left."


def next_question(work: Work, first: Mention | None) -> str:
    """What the assistant asks by itself: how much is left here, and about the span that comes next."""
    if work.place.document_id is None:
        return ""
    card = work.card()
    if first is None:
        return "Nothing is left here: shall we go on to the `next` document?" if not card.open else ""
    count = len(card.open)
    left = "One is left" if count == 1 else f"{count} are left"
    return f"{left}: is {spans.short(card.text[first.start : first.end], 40)} {spoken_label(first.label)}?"


def left(work: Work, command: c.Left) -> Reply:
    """``left``: what is open on the card, and how many documents wait."""
    rows: tuple[tuple[object, ...], ...] = ()
    if work.place.document_id is not None:
        card = work.card()
        rows = tuple((m.number, card.text[m.start : m.end], m.label) for m in card.open[:ROWS])
    table = Table(("number", "text", "label"), rows) if rows else None
    return Reply(left_said(work), table=table)


def labels(work: Work, command: c.Labels) -> Reply:
    """``labels``: the labels, and how many spans of the card have each."""
    count: Counter[str] = Counter()
    if work.place.document_id is not None:
        count.update(m.label for m in work.card().mentions if m.status != "rejected")
    rows = tuple((label, count[label]) for label in work.labels)
    said = f"{quantity(len(rows), 'label')}: {', '.join(work.labels)}" if rows else "there is no label yet"
    return Reply(said, table=Table(("label", "here"), rows))


def confusions(work: Work, command: c.Confusions) -> Reply:
    """``confusions``: suggested label against decided label, over all reviewers."""
    m = mention.c
    outcome = sa.case((m.status == "rejected", "(none)"), else_=m.label)
    query = (
        sa.select(m.base_label, outcome.label("became"), sa.func.count())
        .where(m.project_id == work.author.project_id, m.status != "open", m.reason.in_(("", "never")))
        .group_by(m.base_label, sa.text("became"))
        .order_by(sa.func.count().desc(), m.base_label, sa.text("became"))
    )
    rows = [(base or "(none)", became, count) for base, became, count in work.connection.execute(query)]
    wrong = sum(count for base, became, count in rows if base != became)
    total = sum(count for _, _, count in rows)
    changed = f"{wrong:,} of {quantity(total, 'decision')} changed the suggestion"
    said = changed if total else "nothing is decided yet"
    return Reply(said, table=Table(("suggested", "decided", "spans"), tuple(rows[:ROWS])))


def worst_terms(work: Work, command: c.WorstTerms) -> Reply:
    """``worst terms``: surfaces that are rejected or relabeled most."""
    m = mention.c
    wrong = sa.func.sum(sa.case((m.status == "rejected", 1), (m.label != m.base_label, 1), else_=0))
    query = (
        sa.select(m.surface_key, m.base_label, wrong, sa.func.count())
        .where(
            m.project_id == work.author.project_id,
            m.status != "open",
            m.base_label != "",
            m.reason.in_(("", "never")),
        )
        .group_by(m.surface_key, m.base_label)
        .having(wrong > 0)
        .order_by(wrong.desc(), m.surface_key, m.base_label)
        .limit(ROWS)
    )
    rows = tuple((term, label, int(bad), total) for term, label, bad, total in work.connection.execute(query))
    corrected = f"{quantity(len(rows), 'term was', 'terms were')} corrected"
    said = corrected if rows else "no suggested term was corrected yet"
    return Reply(said, table=Table(("term", "label", "corrected", "decided"), rows))
