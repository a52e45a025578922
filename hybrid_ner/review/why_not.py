"""Why a text carries no label: the step that failed, and by how much."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hybrid_ner.matching.edits import describe, edits_between
from hybrid_ner.matching.guards import is_plausible
from hybrid_ner.matching.normalize import fold
from hybrid_ner.review.card import Card
from hybrid_ner.review.explain import edit_lines, fold_steps, fuzzy_limit
from hybrid_ner.review.overlay import Overlay
from hybrid_ner.review.span_model import SpanScores
from hybrid_ner.review.spans import occurrences_in, short
from hybrid_ner.review.terms_index import TermIndex
from hybrid_ner.text import quantity

__all__ = ["AskModel", "explain_text", "fuzzy_lines", "model_lines"]

Tokens = Sequence[tuple[int, int]]
AskModel = Callable[[str, int, int], SpanScores | str]
"""Text, start and end to the model's scores, or to the reason why there are none."""

SHOWN_LABELS, SHOWN_EDITS = 3, 4


def explain_text(
    card: Card, text: str, tokens: Tokens, terms: TermIndex, overlay: Overlay, ask: AskModel
) -> list[str]:
    """Lines that say why no source labeled a text of the document.

    Args:
        card: The document.
        text: The text that was expected to be found.
        tokens: Token boundaries of the document.
        terms: The gazetteer.
        overlay: Edits of the gazetteer.
        ask: The model.
    """
    places = occurrences_in(card.text, text)
    if not places:
        return [f"{short(text)} does not occur in {card.doc_id}."]
    start, end = places[0]
    known = [m for m in card.mentions if m.overlaps(start, end)]
    lines = [f"{short(text)} at {start}-{end}" + (f", {len(places)} times here" if len(places) > 1 else "")]
    for m in known:
        lines.append(
            f"covered by span {m.number} {short(card.text[m.start : m.end])} {m.label}, "
            f"{m.mark} {m.score:.2f}, {m.status}" + (f" ({m.reason})" if m.reason else "")
        )
    surface = card.text[start:end]
    lines += fold_steps(surface)
    lines += edit_lines(surface, overlay, card.doc_id)
    lines += _lookup(surface, terms)
    lines += model_lines(ask(card.text, start, end))
    return lines + _token_fit(card.text, start, end, tokens)


def _lookup(text: str, terms: TermIndex) -> list[str]:
    exact = terms.terms(text)
    if not exact:
        count = len(terms)
        if not count:
            return ["gazetteer none: this session was given no term list"]
        none = f"gazetteer {quantity(count, 'term')}, none folds to {fold(text)!r}"
        return [none, *fuzzy_lines(text, terms)]
    lines = []
    for term in exact[:5]:
        where = f"{term.file} row {term.row}" if term.file else term.source or "gazetteer"
        why = {
            "case": f"; it wants the exact letters “{term.text}”",
            "defined": "; it counts only where the document defines it",
        }.get(term.mode, "; it lost in the fusion, or to a longer match")
        lines.append(f"gazetteer “{term.text}” {term.label} {term.concept_id} ({where}){why}")
    return lines


def fuzzy_lines(text: str, terms: TermIndex) -> list[str]:
    """The nearest term, measured as the fuzzy matcher measures, against what it allows."""
    from hybrid_ner.terms import Gazetteer
    from hybrid_ner.weak.gazetteer import GazetteerSource

    closest = terms.closest(text)
    if not closest:
        return ["best fuzzy none: no term begins like it and is about as long"]
    mode = GazetteerSource(Gazetteer()).fuzzy
    off = ": the gazetteer source looks for exact terms only" if mode == "off" else ""
    return [_near(fold(text), closest[0][0]), f"fuzzy     {mode}{off}"]


def _near(found: str, name: str) -> str:
    from hybrid_ner.matching.piece_kernels import LONGEST, ONE_EDIT_FROM

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
        said += "; likely enough by itself, so it lost to a span beside it or to the rules"
    rest = ", ".join(f"{name} {value:.2f}" for name, value in ranked[1:SHOWN_LABELS])
    lines = [said + (f"; {rest}" if rest else "")]
    if answer.grown:
        lines.append(f"          asked for the whole tokens {short(answer.grown)}")
    return lines


def _token_fit(text: str, start: int, end: int, tokens: Tokens) -> list[str]:
    cut = [(s, e) for s, e in tokens if (s < start < e) or (s < end < e)]
    return [f"tokens    {text[s:e]!r} would be cut: it is one token" for s, e in cut]
