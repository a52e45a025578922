"""What reviewed documents say about where mentions begin, in words: "severity stays outside".

Annotation policy, which no term list states, is mostly about words at the left edge: "severe pain" or
"pain"? Each such word is looked at where it stands directly before a mention (outside) or begins one
(inside). The CRF learns the same from its features; a habit that a reviewer does not want is hidden from
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc

from hybrid_ner.text import fold, quantity
from hybrid_ner.training.policy import Reviewed

KINDS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "severity": (
            "mild moderate severe profound extreme marked slight minor major massive serious significant"
        ),
        "course": "acute chronic subacute recurrent persistent progressive intermittent transient stable",
        "location": (
            "left right bilateral unilateral upper lower anterior posterior lateral medial proximal distal "
            "central peripheral superior inferior dorsal ventral"
        ),
        "time": "new old prior previous former recent early late initial current",
        "titles": "mr mrs ms dr shri smt sri justice hon'ble honourable honorable learned sir",
        "articles": "the a an this that these those his her its their our",
        "doubt": "possible probable suspected likely presumed alleged apparent",
    }.items()
}
"""Words that annotation guidelines have rules about, by what they tell."""
_LEAST_PLACES, _LEAST_DOCUMENTS = 3, 2
_CLEAR = 0.75
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Habit:
    """Words that mostly stand inside, or mostly outside of mentions.

    Args:
        kind: What they tell: a key of ``KINDS``.
        inside: Whether mentions take them in.
        words: Those met, most frequent first.
        agree: Places where it is so …
        places: … of all places.
    """

    kind: str
    inside: bool
    words: tuple[str, ...]
    agree: int
    places: int

    def sentence(self) -> str:
        """``severity (severe, mild) stays outside: 9 of 10 places``."""
        named = ", ".join(self.words[:_SHOWN]) + (", …" if len(self.words) > _SHOWN else "")
        verb, where = ("belong", "inside") if self.inside else ("stay", "outside")
        where = f"{verb}{'' if self.kind.endswith('s') else 's'} {where}"  # "articles stay", "severity stays"
        return f"{self.kind} ({named}) {where}: {self.agree} of {quantity(self.places, 'place')}"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "inside": self.inside, "sentence": self.sentence()}


def habits(reviewed: Iterable[Reviewed], forget: Collection[str] = ()) -> tuple[Habit, ...]:
    """Every clear habit of the completely reviewed documents but with words to forget, most places first."""
    seen: dict[str, list[tuple[bool, str, int]]] = defaultdict(list)
    for number, (doc, decided) in enumerate(reviewed):
        for entity in decided.accepted if decided.complete else ():
            for inside, word in _at_edge(doc, entity.start, entity.end):
                for kind, words in KINDS.items():
                    if word in words and word not in forget:
                        seen[kind].append((inside, word, number))
    found = [habit for kind, places in seen.items() if (habit := _habit(kind, places))]
    return tuple(sorted(found, key=lambda habit: -habit.places))


def hidden_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of kinds, and words named one by one, folded and in order."""
    return tuple(sorted({word for name in names for word in KINDS.get(name, (fold(name),))}))


def _at_edge(doc: Doc, start: int, end: int) -> Iterable[tuple[bool, str]]:
    """The word that begins a mention of several, and the word right before it, folded."""
    span = doc.char_span(start, end)
    if span is None:
        return
    if len(span) > 1:
        yield True, fold(span[0].text).rstrip(".")
    before = doc[span.start - 1] if span.start else None
    if before is not None and before.whitespace_:
        yield False, fold(before.text).rstrip(".")


def _habit(kind: str, places: list[tuple[bool, str, int]]) -> Habit | None:
    within = sum(inside for inside, _, _ in places)
    inside = 2 * within >= len(places)
    agree = within if inside else len(places) - within
    documents = len({number for _, _, number in places})
    if len(places) < _LEAST_PLACES or documents < _LEAST_DOCUMENTS or agree < _CLEAR * len(places):
        return None
    words = [word for where, word, _ in places if where is inside]
    met = sorted(set(words), key=lambda word: (-words.count(word), word))
    return Habit(kind, inside, tuple(met), agree, len(places))
