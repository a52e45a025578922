"""Words that a mention gains: said relative to it ("append Limited"), or by their kind ("it lacks its unit").

The words are those that stand right beside the mention. Where they stand a little further off, or would take
another mention in, what is nearest is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.losses import beside, called, is_slip, kind_meant
from hybrid_ner.review.chat.situation import Situation, Spot, quoted
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS), TENS="|".join(w.TENS))
_LONGEST = 160
"""Characters of such a sentence, at most: what is longer says several things."""
_FAR = 60
"""Characters between a mention and the words that it shall have, at most: a clause."""
_ORDERS = (
    "SPAN_ADDS",
    "SPAN_NEEDS",
    "WITH",
    "MISSES_AT",
    "LACKING",
    "TAKEN_IN",
    "ADDS_TO",
    "MISSES",
    "MISSING_IN",
    "GIVES",
    "ADDED",
)
_REACHES = ("STRETCHED", "REACHES", "FROM_ON")


class _Order(NamedTuple):
    """What a sentence asks for: the words, the mention, the side (``None``: not said), whether they are all
    up to there, and whether they may also be marked by themselves ("include the date")."""

    words: str
    span: str
    front: bool | None = None
    reaches: bool = False
    loose: bool = False


class Gain(NamedTuple):
    """The line that gives a mention words, and whether it can be done at once."""

    line: str
    sure: bool


def gain(line: str, situation: Situation) -> Gain | None:
    """What a sentence gives the one mention that it is about; ``None`` for any other sentence."""
    orders = list(_orders(line.strip(" .!?"))) if len(line) <= _LONGEST else []
    for order in orders:
        if (found := _given(order, situation)) and found.sure:
            return found
    return next(filter(None, (_given(order, situation) for order in orders)), None)


def _orders(line: str) -> Iterator[_Order]:
    for name in (*_REACHES, *_ORDERS):
        said = getattr(_RE, name).fullmatch(line)
        if said is None:
            continue
        parts = said.groupdict()
        span, how = (parts.get("span") or parts.get("whose") or "").strip(), parts.get("how") or ""
        side = f"{parts.get('side') or ''} {how}"
        front = True if _RE.FRONT.search(side) else False if _RE.BEHIND.search(side) else None
        if name in _REACHES:
            front = name == "FROM_ON"
        # "this date" is the framed mention
        span = re.sub(r"(?i)^(?:(?:this|that) [a-z]+|it|this|that)$", "", span)
        loose = re.match(r"(?i)(?:add|include|put|pick|mark)", how) is not None
        for words in _without_remark(said["words"] or parts["words_of"]):
            yield _Order(words, span, front, name in _REACHES, loose)


def _without_remark(words: str) -> Iterator[str]:
    """Words, and the same without what only comforts behind them: "its paint, bless it"."""
    yield words
    before, comma, after = words.partition(",")
    if comma and len(after.split()) < 4 and not _RE.ORDERS.search(after):
        yield before


def _given(order: _Order, situation: Situation) -> Gain | None:
    """The line for the one mention that has such words beside it."""
    of_label = _is_label(order.span, situation)
    if re.match(r"(?i)an? ", order.words) and _is_label(order.words, situation):
        return None  # "put a Date on March 2019"
    if (order.loose and of_label) or (not order.span and not (situation.framed or situation.waits)):
        return None
    # of one that is not named: the last one changed and the framed one, and no other that has such words
    for spots in islice(called(order.span, situation), None if order.span else 2):
        made = {s.number: (s, to) for s in spots if (to := _grown(s, order, situation))}
        if not made:
            continue
        (number, (spot, (start, end, sure))), *others = made.items()
        # "she takes aspirin" tells of somebody, though "she" stands in the sentence of a mention
        told = set(re.findall(r"\w+", order.span.lower())) & set(re.findall(r"\w+", spot.surface.lower()))
        weak = not (order.span == "" or told or of_label or _RE.NUMBERED.fullmatch(order.span))
        if others or (weak and not (sure and _RE.OF_KIND.match(order.words) and kind_meant(order.words))):
            return None
        covers = any(s is not spot and s.start < end and start < s.end for s in situation.spots)
        line = f"{number} = {quoted(situation.text[start:end])}"
        return Gain(line, sure and not covers)
    return None


def _grown(spot: Spot, order: _Order, situation: Situation) -> tuple[int, int, bool] | None:
    """Where a mention with the words begins and ends, and whether they stand right beside it."""
    bare = _RE.BARE.fullmatch(order.words)
    quotes = re.fullmatch(r"[\"'“‘](.+)[\"'”’]", order.words)
    # "the 4th day of" without the article, which belongs to the sentence
    each = [quotes[1]] if quotes else [*([bare["words"]] if bare else []), order.words]
    if _RE.IDLE.fullmatch(order.words):
        return None
    if order.loose and not order.span and order.front is None:
        each = [words for words in each if kind_meant(words) and not _is_label(words, situation)]
    for words in dict.fromkeys(each):
        if (found := _literal(spot, words, order, situation)) and found[2]:
            return found
        if found_kind := beside(situation.text, spot.start, spot.end, words, front=order.front):
            return *found_kind, True
        if found:
            return found
        if found_slip := _slip(spot, words, order.front, situation):
            return *found_slip, True
    return None


def _is_label(words: str, situation: Situation) -> bool:
    return plain_words(re.sub(r"(?i)^(?:the|its|an?) ", "", words)) in label_words(situation.labels)


_BETWEEN = re.compile(r"[\s,(]*(?:(?:of|the)\s+)*")
"""What may stand between a mention and words that are plainly its: "Clause 14.2 of the Lease"."""


def _literal(spot: Spot, words: str, order: _Order, situation: Situation) -> tuple[int, int, bool] | None:
    """The mention with the nearest place of the words, in its sentence and outside it."""
    text = situation.text
    said = r"\s+".join(map(re.escape, words.split()))
    pattern = re.compile(rf"(?i)(?<!\w){said}(?!\w)")
    near: list[tuple[int, int, int]] = []
    for place in pattern.finditer(text, max(0, spot.start - 2 * _FAR), spot.end + 2 * _FAR):
        start, end = place.span()
        before, behind = end <= spot.start, start >= spot.end
        gap = text[end : spot.start] if before else text[spot.end : start]
        wanted = before if order.front else behind if order.front is False else before or behind
        if wanted and len(gap) < _FAR and not re.search(r"[.;!?]\s+[A-Z(]|\n", gap):
            near.append((len(gap), start, end))
    if not near:
        return None
    gaps = sorted(near)
    length, start, end = gaps[0]
    gap = text[end : spot.start] if end <= spot.start else text[spot.end : start]
    either = len(gaps) > 1 and gaps[1][0] == length
    plain = _BETWEEN.fullmatch(gap) is not None and not ("," in gap and re.search(r"[^\W\d]{3}", order.span))
    sure = not either and (order.reaches or plain)
    return min(start, spot.start), max(end, spot.end), sure


def _slip(spot: Spot, words: str, front: bool | None, situation: Situation) -> tuple[int, int] | None:
    """The mention with as many words beside it, which the typed ones are a slip of: "its Limitd"."""
    count, text = len(words.split()), situation.text
    if count > _MOST_WORDS or situation.holds(words.lower()):
        return None
    after = list(re.finditer(r"[^\s,]+", text[spot.end : spot.end + 2 * _FAR]))[:count]
    if front is not True and len(after) == count:
        end = spot.end + len(text[spot.end : spot.end + after[-1].end()].rstrip(" .,;:)"))
        if is_slip(words, text[spot.end + after[0].start() : end]):
            return spot.start, end
    first = max(0, spot.start - 2 * _FAR)
    before = list(re.finditer(r"[^\s,]+", text[first : spot.start]))[-count:]
    if front is not False and len(before) == count:
        start = first + before[0].start()
        if is_slip(words, text[start : spot.start].strip(" ,")):
            return start, spot.end
    return None


_MOST_WORDS = 5
"""Words that may have a slip in them, at most."""
