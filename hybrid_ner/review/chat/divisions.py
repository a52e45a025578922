"""What becomes of the pieces of a span that is divided: the label of each, and the lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hybrid_ner.review.chat.reading import Reading, asked
from hybrid_ner.review.chat.situation import Situation, Spot, quoted

_MONEY = frozenset(("sum", "amount", "money", "value", "price", "cost", "fee", "figure"))
_QUANTITIES = frozenset(
    ("dose", "dosage", "strength", "amount", "quantity", "value", "number", "figure", "measure",
     "measurement", "size", "dimension")
)  # fmt: skip
"""Words of labels that a piece with figures may be of: money, and anything else."""
_MEASURES = _MONEY | _QUANTITIES | {"date"}
"""Labels of the piece that has the figures: "split 3 into the drug and the dose"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a span: where it begins and ends in the span, and its label; empty where none is said."""

    start: int
    end: int
    label: str = ""


def _shape(text: str) -> str:
    """How words with figures look: "850 mg" and "40mg" are both "0mg"; empty without figures."""
    return re.sub(r"\d[\d.,/]*", "0", text.lower()).replace(" ", "") if re.search(r"\d", text) else ""


def label_like(text: str, spot: Spot, situation: Situation) -> str:
    """The label that a piece of a span has by itself; empty where nothing tells.

    The one its words were accepted with or have in the lists; else the one of mentions of its shape ("40 mg"
    like "850 mg"); else, for figures, the one label of the project that is of figures.
    """
    known, shape = situation.labels_of(text), _shape(text)
    if len(known) == 1:
        return known[0]
    alike = {
        each.label for each in situation.spots if each != spot and shape and _shape(each.surface) == shape
    }
    if not alike and shape[:1] in ("0", "$", "€", "£", "¥"):
        words = _QUANTITIES if shape[0] == "0" else _MONEY
        alike = {each for each in situation.labels if of_words(each, words)}
    return alike.pop() if len(alike) == 1 else ""


def of_words(label: str, words: frozenset[str] = _MEASURES) -> bool:
    """Whether a label has one of these words in its name."""
    return bool(set(map(str.lower, re.findall("[A-Z]?[a-z]+|[A-Z]+", label))) & words)


_JOINS = re.compile(r"(?i)(?:of|and|with|plus|in|for|by|,|&|\+)\s+(?=\w)")
"""What joins a piece to the one before it: "600 kg", "of okra"."""


def written(pieces: Sequence[Piece], spot: Spot, situation: Situation) -> Reading:
    """The lines for the pieces of a span; what a piece is that nothing tells is asked.

    A piece without a label is what the span is, unless that is a piece of figures and this one is none.
    """
    joins = (_JOINS.match(spot.surface, each.start, each.end) for each in pieces)
    pieces = [
        replace(each, start=found.end()) if found else each for each, found in zip(pieces, joins, strict=True)
    ]
    texts = [spot.surface[each.start : each.end] for each in pieces]
    labels = [
        each.label or label_like(text, spot, situation) for each, text in zip(pieces, texts, strict=True)
    ]
    figures = [re.match(r"[$€£¥]? ?\d", text) is not None for text in texts]
    order = sorted(range(len(texts)), key=lambda at: figures[at] != of_words(spot.label))
    for at in order:
        others = [figures[n] for n, label in enumerate(labels) if label == spot.label]
        if not labels[at] and (not others or figures[at] in others):
            labels[at] = spot.label

    def lines(label: str) -> str:
        made = zip(pieces, labels, strict=True)
        return "; ".join(_divided([Piece(e.start, e.end, own or label) for e, own in made], spot, situation))

    if "" not in labels:
        return Reading(tuple(lines("").split("; ")), writes=True)
    asks = f"What is “{texts[labels.index('')]}”?"
    return asked(asks, *((f"As {label}", lines(label)) for label in situation.labels if label != spot.label))


def _divided(pieces: Sequence[Piece], spot: Spot, situation: Situation) -> list[str]:
    """The span becomes the piece of its label, or the first one; the others are added."""

    def several(each: Piece) -> bool:
        return len(situation.places(spot.surface[each.start : each.end])) > 1

    ordered = sorted(pieces, key=lambda each: each.start)
    own = situation.spot(spot.number) or spot
    at_own = [e for e in ordered if own.start < spot.start + e.end and spot.start + e.start < own.end]
    stays = next((each for each in at_own if each.label in ("", spot.label)), (at_own or ordered)[0])
    said = {each: quoted(" ".join(spot.surface[each.start : each.end].split())) for each in ordered}
    lines = [f"{spot.number} = {said[stays]}"]
    if stays.label not in ("", spot.label):
        lines.append(f"{spot.number} is {stays.label}")
    for each in ordered:
        if each != stays:
            place = f"@{spot.start + each.start}-{spot.start + each.end} " if several(each) else ""
            lines.append(f"add {said[each]} {place}{each.label or spot.label}")
    return lines
