"""Where a span begins and ends: its boundary, one span out of several, two out of one."""

from __future__ import annotations

from dataclasses import replace

from hybrid_ner.errors import InputError
from hybrid_ner.review.document.spans import (
    Edit,
    Numbers,
    Tokens,
    add_at,
    mention_at,
    occurrences_in,
    out_by,
    pick,
    short,
    snap,
    text_of,
)
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import Change, Mention
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.text import quantity


def _move(card: Card, m: Mention, tokens: Tokens, start: int, end: int) -> Edit:
    new_start, new_end = snap(card.text, tokens, start, end)
    if (new_start, new_end) == (m.start, m.end) and m.status == "accepted":
        return Edit((), f"{m.number} {short(text_of(card, m))} stays as it is")
    _refuse_twin(card, m, new_start, new_end)
    change = _placed(card, m, new_start, new_end)
    moved = replace(m, start=new_start, end=new_end)
    grown = "" if (new_start, new_end) == (start, end) else " (snapped to whole tokens)"
    said = f"{m.number} {short(text_of(card, m))} → {short(card.text[new_start:new_end])}{grown}"
    return Edit((change,), said, out_by(card, [moved]))


def _placed(card: Card, m: Mention, start: int, end: int) -> Change:
    values = {"start": start, "end": end, "surface_key": surface_key(card.text[start:end])}
    return m.change(**values, status="accepted", reason="")


def _refuse_twin(card: Card, m: Mention, start: int, end: int) -> None:
    other = mention_at(card, start, end)
    if other is not None and other.key != m.key:
        raise InputError(
            f"span {other.number} has these characters already.",
            hint=f"Use `ok {other.number}` or `{other.number} is {m.label}`. Nothing changed.",
        )


def boundary_by_quote(card: Card, number: int, quote: str, tokens: Tokens) -> Edit:
    """Move a span to the occurrence of ``quote`` that overlaps it, the closest one.

    Raises:
        InputError: No such span, or no occurrence of the text that touches it.
    """
    m = pick(card, Numbers((number,)))[0]
    place = place_of_quote(card, m, quote)
    if place is None:
        raise InputError(
            f"{short(quote)} does not stand at span {number} {short(text_of(card, m))}.",
            hint="Quote the text as the document writes it. Nothing changed.",
        )
    return _move(card, m, tokens, *place)


def place_of_quote(card: Card, m: Mention, quote: str) -> tuple[int, int] | None:
    """The occurrence of a quote that overlaps a mention, the closest one."""
    places = [p for p in occurrences_in(card.text, quote) if p[0] < m.end and m.start < p[1]]
    return min(places, key=lambda p: abs(p[0] - m.start) + abs(p[1] - m.end), default=None)


def boundary_by_tokens(card: Card, number: int, left: int, right: int, tokens: Tokens) -> Edit:
    """Move the edges of a span by tokens; positive takes in, negative gives up.

    Raises:
        InputError: No such span, or nothing would be left, or the text ends before.
    """
    m = pick(card, Numbers((number,)))[0]
    inside = [i for i, (start, end) in enumerate(tokens) if start < m.end and m.start < end]
    if not inside:
        raise InputError(f"span {number} covers no token.", hint="Nothing changed.")
    first, last = inside[0] - left, inside[-1] + right
    if first < 0 or last >= len(tokens) or first > last:
        raise InputError(
            f"span {number} cannot move so far: {quantity(inside[0], 'token')} before it, "
            f"{len(tokens) - 1 - inside[-1]} after it, {len(inside)} in it.",
            hint="Nothing changed.",
        )
    return _move(card, m, tokens, tokens[first][0], tokens[last][1])


def move_to(card: Card, number: int, start: int, end: int, tokens: Tokens) -> Edit:
    """Move a span to characters ``[start, end)``, snapped to tokens."""
    return _move(card, pick(card, Numbers((number,)))[0], tokens, start, end)


def merge(card: Card, numbers: tuple[int, ...], tokens: Tokens) -> Edit:
    """One span over several: the first keeps its number and label, the others go.

    Where a span of just these characters is known, that one stays instead of the first.
    """
    mentions = sorted(pick(card, Numbers(numbers)), key=lambda m: m.start)
    start, end = snap(card.text, tokens, mentions[0].start, max(m.end for m in mentions))
    label, kept = mentions[0].label, mention_at(card, start, end) or mentions[0]
    gone = [m for m in mentions if m.key != kept.key]
    values = {**_placed(card, kept, start, end).values, "label": label}
    changes = [m.change(status="rejected", reason="merged") for m in gone]
    said = f"{kept.number} {short(card.text[start:end])} {label}, out of {len(mentions)} spans"
    out = out_by(card, [replace(kept, start=start, end=end)], besides=gone)
    return Edit((*changes, kept.change(**values)), said, out)


def split(card: Card, number: int, at: str, tokens: Tokens) -> Edit:
    """Two spans with the words ``at`` between them.

    Raises:
        InputError: The words do not stand inside the span.
    """
    m = pick(card, Numbers((number,)))[0]
    left, right = _parts(card, m, at, tokens)
    twins = [twin for twin in (mention_at(card, *left), mention_at(card, *right)) if twin is not None]
    if any((twin.start, twin.end) == left for twin in twins):
        first = add_at(card, *left, m.label, tokens)
        changes = [m.change(status="rejected", reason="split"), *first.changes]
    else:
        first = Edit((), f"{number} {short(card.text[left[0] : left[1]])}")
        changes = [_placed(card, m, *left)]
    second = add_at(card, *right, m.label, tokens, m.flags)
    halves = [replace(m, start=start, end=end) for start, end in (left, right)]
    out = out_by(card, halves, besides=twins)
    return Edit((*changes, *second.changes), f"{first.said} and {second.said}", out)


def _parts(card: Card, m: Mention, at: str, tokens: Tokens) -> tuple[tuple[int, int], tuple[int, int]]:
    inner = [(s + m.start, e + m.start) for s, e in occurrences_in(text_of(card, m), at)]
    inner = [(s, e) for s, e in inner if m.start < s and e < m.end]
    if len(inner) != 1:
        problem = "stands more than once" if inner else "does not stand"
        raise InputError(
            f"{short(at)} {problem} inside span {m.number} {short(text_of(card, m))}.",
            hint="Nothing changed.",
        )
    left = snap(card.text, tokens, m.start, inner[0][0])
    right = snap(card.text, tokens, inner[0][1], m.end)
    if left[1] > right[0]:
        raise InputError(f"{short(at)} stands inside a token.", hint="Nothing changed.")
    return left, right
