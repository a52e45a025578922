"""Why a span was labeled, and who changed what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hybrid_ner.matching.normalize import fold, fold_text
from hybrid_ner.review.card import Card
from hybrid_ner.review.events import Change, Mention
from hybrid_ner.review.journal import Author
from hybrid_ner.review.overlay import Overlay
from hybrid_ner.review.schema import event, mention, reviewer, step
from hybrid_ner.review.spans import short
from hybrid_ner.review.terms_index import TermIndex
from hybrid_ner.text import quantity

__all__ = ["edit_lines", "explain_span", "fold_steps", "fuzzy_limit", "history_of"]

Tokens = Sequence[tuple[int, int]]


def fold_steps(surface: str) -> list[str]:
    """The surface on its way to its folded form, one line a step that changed something."""
    lines = [f"surface   {surface!r}"]
    lower = surface.casefold()
    if lower != surface:
        lines.append(f"case      {lower!r}")
    folded = fold_text(surface).folded
    if folded != lower:
        lines.append(f"typography (accents, ligatures, dashes, quotes, spaces) {folded!r}")
    if folded.strip() != folded:
        lines.append(f"edges     {folded.strip()!r}")
    return [*lines, f"folded    {fold(surface)!r}"]


def explain_span(
    connection: sa.Connection,
    author: Author,
    card: Card,
    m: Mention,
    row: Any,
    tokens: Tokens,
    terms: TermIndex,
    overlay: Overlay,
) -> list[str]:
    """Everything that led to a span, as lines.

    Args:
        connection: A transaction.
        author: The reviewer who asks.
        card: The document.
        m: The span.
        row: Its suggestion, ``None`` for a span that a reviewer added.
        tokens: Token boundaries of the document.
        terms: The gazetteer.
        overlay: Edits of the gazetteer.
    """
    surface = card.text[m.start : m.end]
    lines = [f"span {m.number}: characters {m.start}-{m.end}, {short(surface)}, {m.label}, {m.status}"]
    if m.reason:
        lines[0] += f" ({m.reason})"
    lines += fold_steps(surface)
    detail: Mapping[str, Any] = row.detail if row is not None else {}
    lines += _votes(detail.get("votes", []))
    if row is None:
        lines.append("no source voted: a reviewer or a gazetteer edit made this span")
    else:
        chose = detail.get("rule") or ("chosen by the pipeline" if row.chosen else "")
        lines.append(
            f"fusion    {chose}" if row.chosen else f"fusion    not chosen{': ' if chose else ''}{chose}"
        )
        lines.append(f"model run {card.model_id} (round {card.round})")
    lines += _concept(m, detail, terms)
    lines += edit_lines(surface, overlay, card.doc_id)
    lines += _tokens(card.text, m, tokens)
    if m.flags:
        lines.append(f"context   {', '.join(m.flags)}")
    return [*lines, *_rivals(card, m), *_decisions(connection, author, m)]


def _votes(votes: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for vote in votes:
        evidence = vote.get("evidence") or {}
        said = f"vote      {vote['source']}: {vote['label']} {vote['score']:.2f}, weight {vote['weight']:g}"
        if evidence:
            said += f"; {evidence.get('method', '')} match of “{evidence.get('reference', '')}”"
            if evidence.get("edits"):
                said += f" with {'; '.join(evidence['edits'])}"
            if evidence.get("method") == "fuzzy" and evidence.get("reference"):
                allowed, needed = fuzzy_limit(fold(evidence["reference"]), fold(evidence.get("surface", "")))
                said += f", threshold {needed:.2f} ({quantity(allowed, 'edit')} allowed)"
            if evidence.get("file"):
                said += f", {evidence['file']} row {evidence.get('row', 0)}"
        lines.append(said)
    return lines


def fuzzy_limit(name: str, found: str) -> tuple[int, float]:
    """Most edits that the fuzzy matcher allows between a folded term and what was found, and their score."""
    from hybrid_ner.matching.piece_kernels import edits_allowed

    allowed = edits_allowed(len(name))
    return allowed, 1.0 - allowed / max(len(name), len(found), 1)


def _concept(m: Mention, detail: Mapping[str, Any], terms: TermIndex) -> list[str]:
    concept = m.concept_id or detail.get("concept", "")
    if not concept:
        return ["concept   none linked"]
    named = terms.preferred(concept)
    return [f"concept   {concept}" + (f" “{named.text}” ({named.source})" if named else "")]


def edit_lines(surface: str, overlay: Overlay, doc_id: str) -> list[str]:
    """The gazetteer edits about a text that are in effect in a document; of several the last one counts."""
    lines = []
    for e in overlay.of(surface, doc_id):
        what = "blocked by" if e.action == "never" else "edit     "
        lines.append(f"{what} {e.action} “{e.text}” {e.label} ({e.provenance})")
    return lines


def _tokens(text: str, m: Mention, tokens: Tokens) -> list[str]:
    inside = [(s, e) for s, e in tokens if s < m.end and m.start < e]
    if not inside:
        return ["tokens    none"]
    said = " | ".join(text[s:e] for s, e in inside[:12])
    whole = inside[0][0] == m.start and inside[-1][1] == m.end
    shift = "" if whole else f"; not on token boundaries, training sees {inside[0][0]}-{inside[-1][1]}"
    return [f"tokens    {said}{shift}"]


def _rivals(card: Card, m: Mention) -> list[str]:
    return [
        f"overlaps  {o.number} {short(card.text[o.start : o.end])} {o.label}, "
        f"{o.mark} {o.score:.2f}, {o.status}"
        for o in card.mentions
        if o.key != m.key and o.overlaps(m.start, m.end)
    ]


def _decisions(connection: sa.Connection, author: Author, m: Mention) -> list[str]:
    rows = connection.execute(
        sa.select(mention.c.status, mention.c.label, sa.func.count())
        .where(
            mention.c.project_id == author.project_id,
            mention.c.surface_key == m.surface_key,
            mention.c.status != "open",
        )
        .group_by(mention.c.status, mention.c.label)
    ).all()
    total = sum(row[2] for row in rows)
    if not total:
        return [f"decisions none on “{m.surface_key}” yet"]
    tally = Counter({f"{row[0]} {row[1]}" if row[0] == "accepted" else "rejected": 0 for row in rows})
    for status, label, count in rows:
        tally[f"accepted {label}" if status == "accepted" else "rejected"] += count
    parts = [f"{what} {count} of {total}" for what, count in tally.most_common()]
    return [f"decisions “{m.surface_key}” {'; '.join(parts)}"]


def history_of(connection: sa.Connection, document_id: int, m: Mention) -> list[tuple[Any, ...]]:
    """Every change of a mention by every reviewer: step, time, reviewer, command, values, undone."""
    rows = connection.execute(
        sa.select(event.c.payload, event.c.at, event.c.model_id, step.c.number, step.c.line, step.c.undone)
        .add_columns(reviewer.c.name)
        .join(step, step.c.id == event.c.step_id)
        .join(reviewer, reviewer.c.id == event.c.reviewer_id)
        .where(event.c.document_id == document_id, event.c.kind == "mentions")
        .order_by(event.c.id)
    )
    found = []
    for row in rows:
        for change in map(Change.from_json, row.payload["changes"]):
            if change.mention.key == m.key:
                values = ", ".join(
                    f"{name} {value}"
                    for name, value in change.values.items()
                    if name != "surface_key" and value
                )
                undone = "undone" if row.undone else ""
                found.append((row.number, row.at, row.name, row.line, values, row.model_id, undone))
    return found
