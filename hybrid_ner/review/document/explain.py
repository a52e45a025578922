"""Why a span was labeled or a text was not, and who changed what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hybrid_ner.matching.edits import LONGEST, ONE_EDIT_FROM, describe, edits_between, is_plausible
from hybrid_ner.review.document.spans import occurrences_in, short, text_of
from hybrid_ner.review.rounds.model_runs import SpanScores
from hybrid_ner.review.rounds.terms import TermIndex
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import ONE_TEXT, Change, Mention
from hybrid_ner.review.store.labels import human_name
from hybrid_ner.review.store.overlay import Overlay
from hybrid_ner.review.store.projection import load_texts
from hybrid_ner.review.store.schema import event, mention, reviewer, step, suggestion
from hybrid_ner.review.store.suggestion import near_match
from hybrid_ner.text import fold, fold_text, quantity

Tokens = Sequence[tuple[int, int]]


def suggestion_rows(connection: sa.Connection, document_id: int) -> dict[tuple[int, int], Any]:
    """The suggestions shown for a document, with their votes, by offsets."""
    query = sa.select(suggestion).where(suggestion.c.document_id == document_id, suggestion.c.shown)
    return {(row.start_char, row.end_char): row for row in connection.execute(query)}


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
    card: Card,
    m: Mention,
    row: Any,
    tokens: Tokens,
    terms: TermIndex,
    overlay: Overlay,
) -> list[str]:
    """Everything that led to a span, as lines.

    Args:
        row: Its suggestion, ``None`` for a span that a reviewer added.
    """
    surface = card.text[m.start : m.end]
    lines = [f"span {m.number}: characters {m.start}-{m.end}, {short(surface)}, {m.label}, {m.status}"]
    if m.reason:
        lines[0] += f" ({m.reason})"
    lines += fold_steps(surface)
    detail: Mapping[str, Any] = row.detail if row is not None else {}
    lines += _votes(detail.get("votes", []))
    if row is None:
        lines.append("no source voted: a reviewer or a change of the term list made this mention")
    else:
        chose = detail.get("rule") or ("chosen by the pipeline" if row.chosen else "")
        lines.append(
            f"fusion    {chose}" if row.chosen else f"fusion    not chosen{': ' if chose else ''}{chose}"
        )
        lines.append(f"model run {card.model_id} (round {card.round})")
    concept = m.concept_id or detail.get("concept", "")
    named = terms.preferred(concept)
    known = f" “{named.text}”{f' ({named.source})' if named.source else ''}" if named else ""
    lines.append(f"concept   {concept or 'none linked'}{known}")
    lines += edit_lines(surface, overlay, card.doc_id)
    lines += _tokens(card.text, m, tokens)
    if m.flags:
        lines.append(f"context   {', '.join(m.flags)}")
    return lines + [
        f"overlaps  {_described(card, o)}"
        for o in card.mentions
        if o.key != m.key and o.overlaps(m.start, m.end)
    ]


def _described(card: Card, m: Mention) -> str:
    return f"{m.number} {short(text_of(card, m))} {m.label}, {m.mark} {m.score:.2f}, {m.status}"


def plain_reason(surface: str, m: Mention, row: Any) -> str:
    """Why a span is there, in one plain sentence: what found it, and whether rules and model agree."""
    detail: Mapping[str, Any] = row.detail if row is not None else {}
    votes = detail.get("votes", [])
    kind = spoken_label(m.base_label or m.label)
    if not votes:
        if row is not None:
            return f"{short(surface)} was suggested as {kind}; nothing says by what."
        return f"{short(surface)} was marked as {kind} in review, nothing else found it."
    own = {id(vote): (vote.get("evidence") or {}).get("method", "weights") == "weights" for vote in votes}
    rules, models = ([vote for vote in votes if own[id(vote)] is of_model] for of_model in (False, True))
    parts = [_reason(surface, max(rules, key=lambda vote: float(vote["score"])))] if rules else []
    for vote in models[:1]:
        sure = f"the model takes {'it' if parts else short(surface)} for {spoken_label(vote['label'])}"
        sure += f" and is {float(vote['score']):.0%} sure"
        because = _FOR.findall((vote.get("evidence") or {}).get("reference", ""))
        # A class of words has a number alone; the machine's words have it.
        if because := [each for each in because if "the class of the word is" not in each]:
            sure += f" ({'; '.join(because)})"
        agrees = bool(rules) and vote["label"] == rules[0]["label"]
        parts.append(("and " if agrees else "but " if rules else "") + sure)
    return ", ".join(parts) + "."


_FOR = re.compile(r"(?:^|; )([^;]+?) \(\+[\d.]+\)")
"""What speaks for a span of the CRF: ``its shape is Xxx (+1.0); the rules say nothing (-1.6)``."""


def spoken_label(label: str) -> str:
    """A label as it is said: ``Disease`` is "a disease", ``ORG`` "an organisation", ``VTE`` "a VTE"."""
    words = human_name(label)
    said = words.lower() if len(words) > 3 else words
    return f"{'an' if said[:1].lower() in 'aeiou' else 'a'} {said}".replace("an other ", "another ")


def _reason(surface: str, vote: Mapping[str, Any]) -> str:
    evidence = vote["evidence"]
    kind, method = spoken_label(vote["label"]), evidence.get("method", "")
    reference, text = evidence.get("reference", ""), short(surface)
    if method in ("exact", "folded"):
        named = f" (“{reference}”)" if method == "folded" and reference != surface else ""
        return f"{text} stands in the term list{named} as {kind}"
    if method == "fuzzy":
        return f"{text} is {near_match([vote])}, which the term list has as {kind}"
    if method == "variant":
        return f"{text} is another way to write “{reference}”, {kind}"
    if method == "abbreviation":
        return f"{text} is the short form of “{reference}”, {kind}"
    if method == "model":
        words = evidence.get("words")
        return f"{text} is {kind} for a model ({reference}" + (f": “{words}”)" if words else ")")
    if method == "reviewed":
        return f"{text} was decided in review before: {reference}"
    if reference.startswith("… "):
        return f"{text} ends in “{reference[2:]}”, which names {kind}"
    return f"{text} is {kind} by a rule ({reference or vote['source']})"


def _votes(votes: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for vote in votes:
        evidence = vote.get("evidence") or {}
        said = f"vote      {vote['source']}: {vote['label']} {vote['score']:.2f}, weight {vote['weight']:g}"
        if evidence.get("method") == "weights":
            said += f"; because {evidence.get('reference', '')}"
        elif evidence.get("method") == "model":
            said += f"; {evidence.get('reference', '')}"
            said += f", in its own words “{evidence['words']}”" if evidence.get("words") else ""
            said += f"; {evidence['trust']}" if evidence.get("trust") else ""
        elif evidence:
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
    from hybrid_ner.matching.fuzzy_index import edits_allowed

    allowed = edits_allowed(len(name))
    return allowed, 1.0 - allowed / max(len(name), len(found), 1)


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


def decisions_on(connection: sa.Connection, project_id: int, surface: str) -> str:
    """What everybody decided about a folded surface, in a line."""
    m = mention.c
    query = sa.select(m.status, m.label, sa.func.count()).where(
        m.project_id == project_id, m.surface_key == surface, m.status != "open"
    )
    tally: Counter[str] = Counter()
    for status, label, count in connection.execute(query.group_by(m.status, m.label)):
        tally[f"accepted {label}" if status == "accepted" else "rejected"] += count
    parts = [f"{what} {count} of {tally.total()}" for what, count in tally.most_common()]
    return f"decisions “{surface}” {'; '.join(parts)}" if parts else f"decisions none on “{surface}” yet"


def history_of(connection: sa.Connection, document_id: int, m: Mention) -> list[tuple[Any, ...]]:
    """Every change of a mention by every reviewer: step, time, reviewer, command, values, undone."""
    rows = connection.execute(
        sa.select(event, step.c.number, step.c.line, step.c.undone)
        .add_columns(reviewer.c.name)
        .join(step, step.c.id == event.c.step_id)
        .join(reviewer, reviewer.c.id == event.c.reviewer_id)
        .where(event.c.document_id == document_id, event.c.kind == "mentions")
        .order_by(event.c.id)
    )
    found = []
    texts = load_texts(connection, [document_id]).get(document_id, ONE_TEXT)
    for row in rows.all():
        for each in map(Change.from_json, row.payload["changes"]):
            change = texts.carried(each, row.content_hash)
            if change is not None and change.mention.key == m.key:
                kept = [(n, value) for n, value in change.values.items() if n != "surface_key" and value]
                said = ", ".join(f"{name} {value}" for name, value in kept)
                undone = "undone" if row.undone else ""
                found.append((row.number, row.at, row.name, row.line, said, row.model_id, undone))
    return found


AskModel = Callable[[str, int, int], SpanScores | str]
"""Text, start and end to the model's scores, or to the reason why there are none."""

SHOWN_LABELS, SHOWN_EDITS = 3, 4


def explain_text(
    card: Card, text: str, tokens: Tokens, terms: TermIndex, overlay: Overlay, ask: AskModel
) -> list[str]:
    """Lines that say why no source labeled a text of the document.

    Args:
        text: The text that was expected to be found.
        tokens: Token boundaries of the document.
    """
    places = occurrences_in(card.text, text)
    if not places:
        return [f"{short(text)} does not occur in {card.doc_id}."]
    start, end = places[0]
    known = [m for m in card.mentions if m.overlaps(start, end)]
    answer, exact = ask(card.text, start, end), terms.terms(card.text[start:end])
    lines = [plain_reason_not(card, (start, end), known, exact, answer)]
    lines += [f"{short(text)} at {start}-{end}" + (f", {len(places)} times here" if len(places) > 1 else "")]
    for m in known:
        lines.append(f"covered by mention {_described(card, m)}" + (f" ({m.reason})" if m.reason else ""))
    surface = card.text[start:end]
    lines += [*fold_steps(surface), *edit_lines(surface, overlay, card.doc_id)]
    lines += [*_lookup(surface, terms), *model_lines(answer)]
    cut = [(s, e) for s, e in tokens if (s < start < e) or (s < end < e)]
    return lines + [f"tokens    {card.text[s:e]!r} would be cut: it is one token" for s, e in cut]


def plain_reason_not(
    card: Card,
    place: tuple[int, int],
    known: Sequence[Mention],
    exact: Sequence[Any],
    answer: SpanScores | str,
) -> str:
    """Why a text was not marked, in one plain sentence.

    Args:
        known: The mentions that overlap it, however they were decided.
        exact: The terms of the lists that are written like it.
        answer: The model's scores, or why there are none.
    """
    text = short(card.text[slice(*place)])
    for m in known:
        here, kind = short(card.text[m.start : m.end]), spoken_label(m.label)
        decided = "" if m.status == "open" else f", {m.status}"
        if (m.start, m.end) == place:
            return f"{text} is mention {m.number} already: {kind}{decided}."
        if m.status != "rejected":
            return f"{text} is part of mention {m.number}, or overlaps it: {here}, {kind}{decided}."
    if exact:
        said = f"{text} is on a term list as {spoken_label(exact[0].label)}, but does not count here"
    else:
        said = f"{text} is on no term list, and no rule marks it"
    if isinstance(answer, str) or not answer.scores:
        return f"{said}."
    label, score = max(answer.scores.items(), key=lambda item: item[1])
    return f"{said}; the model takes it for {spoken_label(label)} with {score:.0%}."


def _lookup(text: str, terms: TermIndex) -> list[str]:
    exact = terms.terms(text)
    if not exact:
        count = len(terms)
        if not count:
            return ["terms     none: this session was given no term list"]
        none = f"terms     {quantity(count, 'term')}, none folds to {fold(text)!r}"
        return [none, *fuzzy_lines(text, terms)]
    lines = []
    for term in exact[:5]:
        where = f"{term.file} row {term.row}" if term.file else term.source or "term list"
        why = {
            "case": f"; it wants the exact letters “{term.text}”",
            "defined": "; it counts only where the document defines it",
        }.get(term.mode, "; it lost in the fusion, or to a longer match")
        lines.append(f"terms     “{term.text}” {term.label} {term.concept_id} ({where}){why}")
    return lines


def fuzzy_lines(text: str, terms: TermIndex) -> list[str]:
    """The nearest term, measured as the fuzzy matcher measures, against what it allows."""
    closest = terms.closest(text)
    if not closest:
        return ["best fuzzy none: no term begins like it and is about as long"]
    off = "" if terms.fuzzy.is_on else ": the term lists are searched for exact terms only"
    return [_near(fold(text), closest[0][0]), f"fuzzy     {terms.fuzzy}{off}"]


def _near(found: str, name: str) -> str:
    edits, (allowed, needed) = edits_between(name, found), fuzzy_limit(name, found)
    score = 1.0 - len(edits) / max(len(name), len(found))
    named = "; ".join(map(describe, edits[:SHOWN_EDITS])) + (" …" if len(edits) > SHOWN_EDITS else "")
    said = f"best fuzzy `{name}` {score:.2f} {'<' if score < needed else '≥'} {needed:.2f}: "
    said += f"{quantity(len(edits), 'edit')} ({named}), "
    said += f"{allowed} allowed for {quantity(len(name), 'character')}"
    if not allowed:
        said += f" (one from {ONE_EDIT_FROM} on, none beyond {LONGEST})"
    elif len(edits) <= allowed and not is_plausible(found, name, edits):
        said += "; refused, since such a difference names another thing"
    return said


def model_lines(answer: SpanScores | str) -> list[str]:
    """What the model says of the span, the likeliest label first."""
    if isinstance(answer, str):
        return [f"model     {answer}"]
    ranked = sorted(answer.scores.items(), key=lambda item: -item[1])
    if not ranked:
        return [f"model     {answer.model} knows no label"]
    label, score = ranked[0]
    short_of = score < answer.least
    said = f"model     {label} {score:.2f} {'<' if short_of else '≥'} {answer.least:.2f} ({answer.model})"
    if not short_of:
        said += "; likely enough by itself, so it lost to a mention beside it or to the rules"
    rest = ", ".join(f"{name} {value:.2f}" for name, value in ranked[1:SHOWN_LABELS])
    lines = [said + (f"; {rest}" if rest else "")]
    if answer.grown:
        lines.append(f"          asked for the whole tokens {short(answer.grown)}")
    return lines
