"""Decisions on the spans of one document, as pure functions from a card to changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.review.card import Card
from hybrid_ner.review.commands import Numbers
from hybrid_ner.review.events import Change, Mention
from hybrid_ner.review.intervals import Intervals
from hybrid_ner.review.postings import find_all
from hybrid_ner.review.surface_key import surface_key

__all__ = [
    "Edit",
    "accept",
    "add_at",
    "boundary_by_quote",
    "boundary_by_tokens",
    "link",
    "merge",
    "move_to",
    "occurrences_in",
    "pick",
    "reject",
    "relabel",
    "reopen",
    "short",
    "snap",
    "split",
]

Tokens = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes of one document and the line that says them."""

    changes: tuple[Change, ...]
    echo: str


def short(text: str, width: int = 60) -> str:
    """A text on one line, in quotes, cut in the middle when long."""
    line = " ".join(text.split())
    if len(line) > width:
        line = f"{line[: width // 2]}…{line[-width // 2 :]}"
    return f"“{line}”"


def pick(card: Card, numbers: Numbers) -> list[Mention]:
    """The mentions that ``numbers`` names; ``every`` means every open one.

    Raises:
        InputError: A number that the document does not have.
    """
    wanted = numbers.but if numbers.every else numbers.listed
    known = {m.number: m for m in card.mentions}
    for number in wanted:
        if number not in known:
            raise InputError(
                f"there is no span {number} in {card.doc_id}{_has(card)}.", hint="Nothing changed."
            )
    if numbers.every:
        return [m for m in card.open if m.number not in numbers.but]
    return [known[number] for number in numbers.listed]


def _has(card: Card) -> str:
    if not card.mentions:
        return ": it has no spans"
    numbers = [m.number for m in card.mentions]
    return f": it has {numbers[0]}" + (f" to {numbers[-1]}" if len(numbers) > 1 else "")


def _set(mention: Mention, **values: Any) -> Change:
    return mention.change(**values)


def _said(card: Card, mentions: Sequence[Mention], label: str = "") -> str:
    return ", ".join(
        f"{m.number} {short(card.text[m.start : m.end], 40)} {label or m.label}" for m in mentions[:6]
    ) + (f" and {len(mentions) - 6} more" if len(mentions) > 6 else "")


def accept(card: Card, numbers: Numbers, chosen: Callable[[Mention], bool]) -> Edit:
    """Accept; of open spans that overlap, "all" takes those that the pipeline chose.

    Raises:
        InputError: An unknown number, or two listed spans that overlap.
    """
    mentions = pick(card, numbers)
    left_out: list[Mention] = []
    if numbers.every:
        mentions, left_out = _apart(mentions, chosen)
    else:
        _refuse_overlap(card, mentions)
    changes = [_set(m, status="accepted", reason="") for m in mentions if m.status != "accepted"]
    echo = f"accepted {_said(card, mentions)}" if mentions else "no open span to accept"
    pushed = _pushed(card, mentions)
    pushed += [m for m in left_out if m not in pushed]
    if pushed:
        echo += f"; out, because they overlap: {_said(card, pushed)}"
    return Edit(tuple(changes), echo)


def _apart(
    mentions: Sequence[Mention], chosen: Callable[[Mention], bool]
) -> tuple[list[Mention], list[Mention]]:
    taken, kept = Intervals(), set()
    for m in sorted(mentions, key=lambda m: (not chosen(m), -m.score, m.start - m.end, m.number)):
        if not taken.overlap(m.start, m.end):
            taken.add(m.start, m.end)
            kept.add(m.number)
    inside = sorted((m for m in mentions if m.number in kept), key=lambda m: m.number)
    return inside, [m for m in mentions if m.number not in kept]


def _refuse_overlap(card: Card, mentions: Sequence[Mention]) -> None:
    taken = Intervals()
    for index, second in enumerate(mentions):
        if not taken.overlap(second.start, second.end):
            taken.add(second.start, second.end)
            continue
        for first in mentions[:index]:
            if first.overlaps(second.start, second.end):
                raise InputError(
                    f"spans {first.number} and {second.number} overlap.",
                    hint="Accept one of them; the other goes out. Nothing changed.",
                )


def _pushed(card: Card, mentions: Sequence[Mention]) -> list[Mention]:
    taken, numbers = Intervals((m.start, m.end) for m in mentions), {m.number for m in mentions}
    return [
        other
        for other in card.mentions
        if other.status != "rejected"
        and other.number not in numbers
        and taken.overlap(other.start, other.end)
    ]


def reject(card: Card, numbers: Numbers) -> Edit:
    """Reject: a negative example."""
    mentions = pick(card, numbers)
    changes = [_set(m, status="rejected", reason="") for m in mentions if m.status != "rejected" or m.reason]
    said = f"rejected {_said(card, mentions)}" if mentions else "no open span to reject"
    return Edit(tuple(changes), said)


def reopen(card: Card, numbers: Numbers) -> Edit:
    """Take decisions back, without touching later ones."""
    mentions = pick(card, numbers)
    changes = [_set(m, status="open", reason="") for m in mentions if m.status != "open"]
    return Edit(tuple(changes), f"open again: {_said(card, mentions)}")


def relabel(card: Card, numbers: Numbers, label: str) -> Edit:
    """Give another label; that accepts the span."""
    mentions = pick(card, numbers)
    _refuse_overlap(card, mentions)
    changes = [_set(m, status="accepted", reason="", label=label) for m in mentions]
    said = ", ".join(
        f"{m.number} {short(card.text[m.start : m.end], 40)} "
        + (f"{m.label} → {label}" if m.label != label else f"is {label} already")
        for m in mentions
    )
    return Edit(tuple(changes), said + _out(card, mentions))


def _out(card: Card, mentions: Sequence[Mention]) -> str:
    pushed = _pushed(card, mentions)
    return f"; out, because they overlap: {_said(card, pushed)}" if pushed else ""


def snap(text: str, tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Trim white space and trailing commas, then grow to whole tokens: what training can express.

    Raises:
        InputError: Nothing is left.
    """
    start, end = _trim(text, start, end)
    for left, right in tokens:
        if left < start < right:
            start = left
        if left < end < right:
            end = right
    start, end = _trim(text, start, end)
    if start >= end:
        raise InputError("the span holds no word.", hint="Nothing changed.")
    return start, end


_LOOSE = ",;:"


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _LOOSE):
        end -= 1
    return start, end


def _move(card: Card, m: Mention, tokens: Tokens, start: int, end: int) -> Edit:
    new_start, new_end = snap(card.text, tokens, start, end)
    _refuse_twin(card, m, new_start, new_end)
    values = {"start": new_start, "end": new_end, "surface_key": surface_key(card.text[new_start:new_end])}
    change = _set(m, **values, status="accepted", reason="")
    moved = replace(m, start=new_start, end=new_end)
    grown = "" if (new_start, new_end) == (start, end) else " (snapped to whole tokens)"
    said = f"{m.number} {short(card.text[m.start : m.end])} → {short(card.text[new_start:new_end])}{grown}"
    others = [o for o in _pushed(card, [moved]) if o.key != m.key]
    return Edit((change,), said + (f"; out, because they overlap: {_said(card, others)}" if others else ""))


def _refuse_twin(card: Card, m: Mention, start: int, end: int) -> None:
    for other in card.mentions:
        if other.key != m.key and (other.start, other.end) == (start, end):
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
    places = [p for p in occurrences_in(card.text, quote) if p[0] < m.end and m.start < p[1]]
    if not places:
        raise InputError(
            f"{short(quote)} does not stand at span {number} {short(card.text[m.start : m.end])}.",
            hint="Quote the text as the document writes it. Nothing changed.",
        )
    start, end = min(places, key=lambda p: abs(p[0] - m.start) + abs(p[1] - m.end))
    return _move(card, m, tokens, start, end)


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
            f"span {number} cannot move so far: {inside[0]} tokens before it, "
            f"{len(tokens) - 1 - inside[-1]} after it, {len(inside)} in it.",
            hint="Nothing changed.",
        )
    return _move(card, m, tokens, tokens[first][0], tokens[last][1])


def move_to(card: Card, number: int, start: int, end: int, tokens: Tokens) -> Edit:
    """Move a span to characters ``[start, end)``, snapped to tokens."""
    return _move(card, pick(card, Numbers((number,)))[0], tokens, start, end)


def link(card: Card, number: int, concept_id: str, name: str) -> Edit:
    """Link a span to a concept."""
    m = pick(card, Numbers((number,)))[0]
    said = f"{number} {short(card.text[m.start : m.end])} → {name} ({concept_id})"
    return Edit((_set(m, concept_id=concept_id),), said)


def occurrences_in(text: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote stands: exactly; else folded as whole words."""
    exact, at = [], text.find(quote)
    while quote and at >= 0:
        exact.append((at, at + len(quote)))
        at = text.find(quote, at + len(quote))
    whole = [place for place in exact if _is_whole(text, *place)]
    return whole or exact or find_all(text, quote)


def _is_whole(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after


def add_at(card: Card, start: int, end: int, label: str, tokens: Tokens, flags: tuple[str, ...] = ()) -> Edit:
    """A new accepted span; at the characters of a known one, that one is accepted with the label."""
    new_start, new_end = snap(card.text, tokens, start, end)
    grown = "" if (new_start, new_end) == (start, end) else " (snapped to whole tokens)"
    surface = card.text[new_start:new_end]
    twin = next((m for m in card.mentions if (m.start, m.end) == (new_start, new_end)), None)
    if twin is not None:
        change = _set(twin, status="accepted", reason="", label=label)
        return Edit((change,), f"{twin.number} {short(surface)} {label}{grown}" + _out(card, [twin]))
    copies = [m.key[2] for m in card.mentions if m.key[:2] == (new_start, new_end)]
    key = (new_start, new_end, max(copies, default=-1) + 1)
    folded = surface_key(surface)
    m = Mention(
        key, card.next_number, new_start, new_end, label, surface_key=folded, flags=flags, base_surface=folded
    )
    return Edit(
        (_set(m, status="accepted"),), f"{m.number} {short(surface)} {label}{grown}" + _out(card, [m])
    )


def merge(card: Card, numbers: tuple[int, ...], tokens: Tokens) -> Edit:
    """One span over several: the first keeps its number and label, the others go."""
    mentions = sorted(pick(card, Numbers(numbers)), key=lambda m: m.start)
    first, rest = mentions[0], mentions[1:]
    start, end = snap(card.text, tokens, first.start, max(m.end for m in mentions))
    values = {"start": start, "end": end, "surface_key": surface_key(card.text[start:end])}
    gone = [_set(m, status="rejected", reason="merged") for m in rest]
    change = _set(first, **values, status="accepted", reason="")
    said = f"{first.number} {short(card.text[start:end])} {first.label}, out of {len(mentions)} spans"
    return Edit((*gone, change), said)


def split(card: Card, number: int, at: str, tokens: Tokens) -> Edit:
    """Two spans with the words ``at`` between them.

    Raises:
        InputError: The words do not stand inside the span.
    """
    m = pick(card, Numbers((number,)))[0]
    inner = [(s + m.start, e + m.start) for s, e in occurrences_in(card.text[m.start : m.end], at)]
    inner = [(s, e) for s, e in inner if m.start < s and e < m.end]
    if len(inner) != 1:
        problem = "stands more than once" if inner else "does not stand"
        raise InputError(
            f"{short(at)} {problem} inside span {number} {short(card.text[m.start : m.end])}.",
            hint="Nothing changed.",
        )
    left = snap(card.text, tokens, m.start, inner[0][0])
    right = snap(card.text, tokens, inner[0][1], m.end)
    if left[1] > right[0]:
        raise InputError(f"{short(at)} stands inside a token.", hint="Nothing changed.")
    values = {"start": left[0], "end": left[1], "surface_key": surface_key(card.text[left[0] : left[1]])}
    first = _set(m, **values, status="accepted", reason="")
    second = add_at(card, *right, m.label, tokens, m.flags)
    said = f"{number} {short(card.text[left[0] : left[1]])} and {second.echo.partition(';')[0]}"
    return Edit((first, *second.changes), said)
