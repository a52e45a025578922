"""Decisions on the spans of one document and on their edges, as pure functions from a card to changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hybrid_ner.errors import InputError
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import Change, Mention
from hybrid_ner.review.store.postings import find_all, is_whole, surface_key
from hybrid_ner.terms.variants.own import other_letters
from hybrid_ner.text import quantity
from hybrid_ner.text.offsets import Intervals, meeting

Tokens = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Spans by number, or all open ones but some."""

    listed: tuple[int, ...] = ()
    every: bool = False
    but: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes of one document, what to say of them, and of what they push out."""

    changes: tuple[Change, ...]
    said: str
    out: str = ""

    @property
    def echo(self) -> str:
        """The whole line."""
        return self.said + self.out


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
            ends = dict.fromkeys(str(m.number) for m in (*card.mentions[:1], *card.mentions[-1:]))
            said = f"there is no mention {number} in {card.doc_id}"
            raise InputError(f"{said}: it has {' to '.join(ends) or 'no mentions'}.", hint="Nothing changed.")
    if numbers.every:
        return [m for m in card.open if m.number not in numbers.but]
    return [known[number] for number in numbers.listed]


def text_of(card: Card, m: Mention) -> str:
    return card.text[m.start : m.end]


def _listed(card: Card, mentions: Sequence[Mention]) -> str:
    """Each of a few, and of many how many, with the first ones."""
    few = len(mentions) <= _FEW
    first = mentions if few else mentions[: _FEW // 2]
    said = ", ".join(f"{m.number} {short(text_of(card, m), 40)} {m.label}" for m in first)
    return said if few else f"{len(mentions):,} mentions: {said} and {len(mentions) - len(first):,} more"


_FEW = 6
"""Mentions that an answer names one by one."""


def accept(card: Card, numbers: Numbers, chosen: Callable[[Mention], bool]) -> Edit:
    """Accept; of open spans that overlap, "all" takes those that the pipeline chose.

    Raises:
        InputError: An unknown number, or two listed spans that overlap.
    """
    mentions = pick(card, numbers)
    left_out: list[Mention] = []
    if numbers.every:
        mentions, left_out = _apart(mentions, chosen)
    elif len(mentions) > 1:
        _refuse_overlap(mentions)
    changes = [m.change(status="accepted", reason="") for m in mentions if m.status != "accepted"]
    said = f"accepted {_listed(card, mentions)}" if mentions else "no open mention to accept"
    pushed = _pushed(card, mentions)
    return Edit(tuple(changes), said, _out(card, [*pushed, *(m for m in left_out if m not in pushed)]))


def _apart(
    mentions: Sequence[Mention], chosen: Callable[[Mention], bool]
) -> tuple[list[Mention], list[Mention]]:
    taken, kept = Intervals(), set()
    for m in sorted(mentions, key=lambda m: (not chosen(m), -m.score, m.start - m.end, m.number)):
        if taken.take(m.start, m.end):
            kept.add(m.number)
    inside = sorted((m for m in mentions if m.number in kept), key=lambda m: m.number)
    return inside, [m for m in mentions if m.number not in kept]


def _refuse_overlap(mentions: Sequence[Mention]) -> None:
    taken = Intervals()
    for index, second in enumerate(mentions):
        if taken.take(second.start, second.end):
            continue
        for first in mentions[:index]:
            if first.overlaps(second.start, second.end):
                raise InputError(
                    f"mentions {first.number} and {second.number} overlap.",
                    hint="Accept one of them; the other goes out. Nothing changed.",
                )


def _pushed(card: Card, mentions: Sequence[Mention]) -> list[Mention]:
    numbers = {m.number for m in mentions}
    rest = [m for m in card.mentions if m.status != "rejected" and m.number not in numbers]
    return meeting(mentions, rest)


def reject(card: Card, numbers: Numbers) -> Edit:
    """Reject: a negative example."""
    mentions = pick(card, numbers)
    changes = [m.change(status="rejected", reason="") for m in mentions if m.status != "rejected" or m.reason]
    said = f"rejected {_listed(card, mentions)}" if mentions else "no open mention to reject"
    return Edit(tuple(changes), said)


def reopen(card: Card, numbers: Numbers) -> Edit:
    """Take decisions back, without touching later ones."""
    mentions = pick(card, numbers)
    changes = [m.change(status="open", reason="") for m in mentions if m.status != "open"]
    return Edit(tuple(changes), f"open again: {_listed(card, mentions)}")


def relabel(card: Card, numbers: Numbers, label: str) -> Edit:
    """Give another label; that accepts the span."""
    mentions = pick(card, numbers)
    _refuse_overlap(mentions)
    changes = [_labeled(m, label) for m in mentions if not _is(m, label)]
    said = ", ".join(f"{m.number} {short(text_of(card, m), 40)} {_became(m, label)}" for m in mentions)
    return Edit(tuple(changes), said, out_by(card, mentions))


def _is(m: Mention, label: str) -> bool:
    """Whether it is accepted with this label already."""
    return m.status == "accepted" and m.label == label


def _labeled(m: Mention, label: str) -> Change:
    return m.change(status="accepted", reason="", label=label)


def _became(m: Mention, label: str) -> str:
    if m.label != label:
        return f"{m.label} → {label}"
    return f"is {label} already" if _is(m, label) else f"is {label}, accepted"


def out_by(card: Card, mentions: Sequence[Mention], besides: Sequence[Mention] = ()) -> str:
    """What accepting these spans pushes out, to be said after them; nothing is said of ``besides``."""
    return _out(card, [m for m in _pushed(card, mentions) if m not in besides])


def _out(card: Card, pushed: Sequence[Mention]) -> str:
    if len(pushed) > _FEW // 2:
        return f"; out, because they overlap: {quantity(len(pushed), 'mention')}"
    return f"; out, because they overlap: {_listed(card, pushed)}" if pushed else ""


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
        raise InputError("the mention holds no word.", hint="Nothing changed.")
    return start, end


_LOOSE = ",;:|"


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _LOOSE):
        end -= 1
    return start, end


def _is_loose(text: str, tokens: Tokens) -> bool:
    """Whether tokens are nothing but what a mention does not end with."""
    return not "".join(text[start:end] for start, end in tokens).strip(_LOOSE + " ")


def mention_at(card: Card, start: int, end: int) -> Mention | None:
    """The mention of exactly these characters, decided or not."""
    return next((m for m in card.mentions if (m.start, m.end) == (start, end)), None)


def link(card: Card, number: int, concept_id: str, name: str) -> Edit:
    m = pick(card, Numbers((number,)))[0]
    named = f"{name} ({concept_id})" if name != concept_id else name
    said = f"{number} {short(text_of(card, m))} → {named}"
    return Edit((m.change(concept_id=concept_id),), said)


def occurrences_in(text: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote stands: exactly, as no part of a figure (900 in 6,900); else folded as whole words."""
    exact, at = [], text.find(quote)
    while quote and at >= 0:
        exact.append((at, at + len(quote)))
        at = text.find(quote, at + len(quote))
    whole = [place for place in exact if is_whole(text, *place) and not _cuts_figure(text, *place)]
    if found := whole or exact or find_all(text, quote):
        return found
    return [place for other in other_letters(quote) for place in find_all(text, other)]  # "Oedem" for "Ödem"


def _cuts_figure(text: str, start: int, end: int) -> bool:
    """Whether a figure is cut at the comma or the point in it."""
    return any(
        re.fullmatch(r"\d[.,]\d", text[max(0, at) : at + 3]) is not None for at in (start - 2, end - 1)
    )


def _said_grown(asked: tuple[int, int], made: tuple[int, int]) -> str:
    """That more was taken than asked for; a comma that was left out is no news."""
    return " (to whole words)" if made[0] < asked[0] or asked[1] < made[1] else ""


def add_at(card: Card, start: int, end: int, label: str, tokens: Tokens, flags: tuple[str, ...] = ()) -> Edit:
    """A new accepted span; at the characters of a known one, that one is accepted with the label."""
    new_start, new_end = snap(card.text, tokens, start, end)
    grown = _said_grown((start, end), (new_start, new_end))
    surface = card.text[new_start:new_end]
    twin = mention_at(card, new_start, new_end)
    if twin is not None:
        said = f"{twin.number} {short(surface)} {_became(twin, label)}{grown}"
        return Edit(() if _is(twin, label) else (_labeled(twin, label),), said, out_by(card, [twin]))
    copies = [m.key[2] for m in card.mentions if m.key[:2] == (new_start, new_end)]
    key = (new_start, new_end, max(copies, default=-1) + 1)
    m = Mention.first(key, card.next_number, label, surface_key(surface), flags=flags)
    said = f"{m.number} {short(surface)} {label}{grown}"
    return Edit((m.change(status="accepted"),), said, out_by(card, [m]))


def _move(card: Card, m: Mention, tokens: Tokens, start: int, end: int) -> Edit:
    new_start, new_end = snap(card.text, tokens, start, end)
    if (new_start, new_end) == (m.start, m.end) and m.status == "accepted":
        cut = next((card.text[a:b] for a, b in tokens if a < start < b or a < end < b), "")
        why = f": edges are at whole words, and “{cut}” is one" if cut else ""
        return Edit((), f"{m.number} {short(text_of(card, m))} stays as it is{why}")
    other = mention_at(card, new_start, new_end)
    if other is not None and other.key != m.key:
        raise InputError(
            f"mention {other.number} has these characters already.",
            hint=f"Use `ok {other.number}` or `{other.number} is {m.label}`. Nothing changed.",
        )
    change = _placed(card, m, new_start, new_end)
    moved = replace(m, start=new_start, end=new_end)
    grown = _said_grown((start, end), (new_start, new_end))
    said = f"{m.number} {short(text_of(card, m))} → {short(card.text[new_start:new_end])}{grown}"
    return Edit((change,), said, out_by(card, [moved]))


def _placed(card: Card, m: Mention, start: int, end: int) -> Change:
    values = {"start": start, "end": end, "surface_key": surface_key(card.text[start:end])}
    return m.change(**values, status="accepted", reason="")


def boundary_by_quote(card: Card, number: int, quote: str, tokens: Tokens) -> Edit:
    """Move a span to the occurrence of ``quote`` that overlaps it, the closest one.

    Raises:
        InputError: No such span, or no occurrence of the text that touches it.
    """
    m = pick(card, Numbers((number,)))[0]
    place = place_of_quote(card, m, quote)
    if place is None:
        raise InputError(
            f"{short(quote)} does not stand at mention {number} {short(text_of(card, m))}.",
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
        raise InputError(f"mention {number} covers no word.", hint="Nothing changed.")
    first, last = inside[0] - left, inside[-1] + right
    # Commas alone are no step: no mention ends with one, and "; documented" would never be reached.
    while left > 0 and first > 0 and _is_loose(card.text, tokens[first : inside[0]]):
        first -= 1
    while right > 0 and last + 1 < len(tokens) and _is_loose(card.text, tokens[inside[-1] + 1 : last + 1]):
        last += 1
    if first < 0 or last >= len(tokens) or first > last:
        raise InputError(
            f"mention {number} cannot move so far: {quantity(inside[0], 'word')} before it, "
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
    said = f"{kept.number} {short(card.text[start:end])} {label}, out of {len(mentions)} mentions"
    out = out_by(card, [replace(kept, start=start, end=end)], besides=gone)
    return Edit((*changes, kept.change(**values)), said, out)


_FIGURE = re.compile(r"\d+(?:[.,]\d+)+")
"""A figure with signs in it, which no list is cut at: 5,450.50"""
_ARTICLE = re.compile(r"\s+(?:the|an?)\s+(?=\w)", re.IGNORECASE)


def split(card: Card, number: int, at: str, tokens: Tokens) -> Edit:
    """Spans with the words ``at`` between them; words that one of two begins or ends with are that one.

    Raises:
        InputError: The words do not stand in the span, or stand there twice and are none that part a list.
    """
    m = pick(card, Numbers((number,)))[0]
    places = _parts(card, m, at if occurrences_in(text_of(card, m), at) else SIGNS.get(at, at), tokens)
    twins = [twin for place in places if (twin := mention_at(card, *place)) is not None]
    if any((twin.start, twin.end) == places[0] for twin in twins):
        first = add_at(card, *places[0], m.label, tokens)
        edits = [Edit((m.change(status="rejected", reason="split"), *first.changes), first.said)]
    else:
        said = f"{number} {short(card.text[places[0][0] : places[0][1]])}"
        edits = [Edit((_placed(card, m, *places[0]),), said)]
    halves, grown = [replace(m, start=start, end=end) for start, end in places], card
    for start, end in places[1:]:
        edits.append(add_at(grown, start, end, m.label, tokens, m.flags))
        new = Mention.first((start, end, 0), grown.next_number, m.label, "")
        grown = grown if mention_at(grown, start, end) else replace(grown, mentions=(*grown.mentions, new))
    changes = tuple(change for edit in edits for change in edit.changes)
    return Edit(changes, " and ".join(edit.said for edit in edits), out_by(card, halves, besides=twins))


_LISTING = re.compile(r"[\s,;/|+&]+|and|or|plus", re.IGNORECASE)
"""What parts the names of a list, so that a span is split wherever it stands."""
SIGNS = {"slash": "/", "comma": ",", "semicolon": ";", "ampersand": "&", "hyphen": "-", "dash": "-"}
"""Signs by their names, for a span that has them not as words."""
_ALSO = re.compile(r"[\s,;]*(?:(?:and|or|plus)\b|&)\s*", re.IGNORECASE)
_JOINT = r"(?:[\s,;/+&-]|\b(?:and|or|plus|with|of|in|for|at)\b)*"


def _between(text: str, m: Mention, start: int, end: int) -> tuple[int, int]:
    """What parts two halves, for the words of one of them: " of " for "600 kg" of "600 kg of okra"."""
    if m.start < start and end < m.end:
        return start, end
    after = re.compile(_JOINT).match(text, end, m.end)
    before = re.search(f"{_JOINT}$", text[m.start : start])
    if start > m.start:
        return m.start + (before.start() if before else 0), start
    return end, after.end() if after else end


def _parts(card: Card, m: Mention, at: str, tokens: Tokens) -> list[tuple[int, int]]:
    inner = [(s + m.start, e + m.start) for s, e in occurrences_in(text_of(card, m), at)]
    inner = [(s, e) for s, e in inner if (s, e) != (m.start, m.end)]
    figures = [found.span() for found in _FIGURE.finditer(card.text, m.start, m.end)]
    inner = [(s, e) for s, e in inner if not any(a < s and e < b for a, b in figures)]
    if not inner or (len(inner) > 1 and not _LISTING.fullmatch(at)):
        problem = "stands more than once" if inner else "does not stand"
        raise InputError(
            f"{short(at)} {problem} inside mention {m.number} {short(text_of(card, m))}.",
            hint="Nothing changed.",
        )
    several, own = len(inner) > 1, _ARTICLE.match(f" {text_of(card, m)}")
    parts, start, inner = [], m.start, inner if several else [_between(card.text, m, *inner[0])]
    for left, right in (*inner, (m.end, m.end)):
        parts.append(snap(card.text, tokens, start, left))
        # "hydro easement and the sewer line": what begins without an article goes on without one
        article = None if own else _ARTICLE.match(card.text, right, m.end)
        article = article or (_ALSO.match(card.text, right, m.end) if several else None)
        start = article.end() if article else right
    if any(one[1] > two[0] for one, two in pairwise(parts)):
        raise InputError(f"{short(at)} stands inside a word.", hint="Nothing changed.")
    return parts
