"""What a system got wrong: missed, spurious, boundary and label mistakes, with their place in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from hybrid_ner.corpus.document import Entity
from hybrid_ner.evaluation.counts import Pair

__all__ = ["MISTAKE_KINDS", "Mistake", "MistakeKind", "confusions", "find_mistakes"]

MistakeKind = Literal["missed", "spurious", "boundary", "label", "boundary and label"]
MISTAKE_KINDS: tuple[MistakeKind, ...] = get_args(MistakeKind)

_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; a gold mention and a prediction that overlap make one, not two.

    Args:
        kind: What is wrong.
        doc_id: Document.
        gold: The gold mention, ``None`` for a spurious prediction.
        predicted: The prediction, ``None`` for a missed mention.
        window: The text around it.
        offset: Where the window starts in the document.
    """

    kind: MistakeKind
    doc_id: str
    gold: Entity | None
    predicted: Entity | None
    window: str
    offset: int

    def surface(self, entity: Entity) -> str:
        """The characters of one of its two mentions."""
        return self.window[entity.start - self.offset : entity.end - self.offset]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        row: dict[str, Any] = {"kind": self.kind, "id": self.doc_id}
        for name, entity in (("gold", self.gold), ("predicted", self.predicted)):
            row[name] = entity and {
                "start": entity.start,
                "end": entity.end,
                "label": entity.label,
                "text": self.surface(entity),
            }
        return {**row, "excerpt": " ".join(self.window.split())}


Match = tuple[Entity | None, Entity | None]


def find_mistakes(pairs: Iterable[Pair], labels: Sequence[str]) -> Iterator[Mistake]:
    """Every mistake on the scored labels, in the order of the documents."""
    for pair in pairs:
        for gold, predicted in _matches(pair, labels):
            if gold is None or predicted is None or not _same(gold, predicted):
                yield _mistake(pair, gold, predicted)


def confusions(pairs: Iterable[Pair], labels: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often a gold label was given a predicted label; an empty label stands for no mention."""
    return Counter(
        (gold.label if gold else "", predicted.label if predicted else "")
        for pair in pairs
        for gold, predicted in _matches(pair, labels)
    )


def _matches(pair: Pair, labels: Sequence[str]) -> Iterator[Match]:
    """Each mention once, beside the mention of the other side that it shares most characters with."""
    for gold, found in _clusters(pair, frozenset(labels)):
        candidates = sorted(
            (-_closeness(g, p), i, j)
            for i, g in enumerate(gold)
            for j, p in enumerate(found)
            if g.start < p.end and p.start < g.end
        )
        left, right = dict(enumerate(gold)), dict(enumerate(found))
        for _, i, j in candidates:
            if i in left and j in right:
                yield left.pop(i), right.pop(j)
        yield from ((g, None) for g in left.values())
        yield from ((None, p) for p in right.values())


def _closeness(gold: Entity, predicted: Entity) -> float:
    """Shared part of the two mentions' characters; an equal label decides between equals."""
    shared = min(gold.end, predicted.end) - max(gold.start, predicted.start)
    whole = max(gold.end, predicted.end) - min(gold.start, predicted.start)
    return shared / whole + (1e-6 if gold.label == predicted.label else 0)


def _clusters(pair: Pair, labels: frozenset[str]) -> Iterator[tuple[list[Entity], list[Entity]]]:
    sides = [(False, e) for e in pair.entities if e.label in labels]
    sides += [(True, e) for e in pair.predicted if e.label in labels]
    unique = {(e.start, e.end, e.label, side): e for side, e in sides}
    gold: list[Entity] = []
    found: list[Entity] = []
    last = 0
    for (start, end, _, side), entity in sorted(unique.items(), key=lambda item: item[0]):
        if start >= last and (gold or found):
            yield gold, found
            gold, found = [], []
        (found if side else gold).append(entity)
        last = max(last, end)
    if gold or found:
        yield gold, found


def _same(gold: Entity, predicted: Entity) -> bool:
    return (gold.start, gold.end, gold.label) == (predicted.start, predicted.end, predicted.label)


def _kind(gold: Entity | None, predicted: Entity | None) -> MistakeKind:
    if predicted is None:
        return "missed"
    if gold is None:
        return "spurious"
    if gold.label == predicted.label:
        return "boundary"
    return "label" if (gold.start, gold.end) == (predicted.start, predicted.end) else "boundary and label"


def _mistake(pair: Pair, gold: Entity | None, predicted: Entity | None) -> Mistake:
    present = [entity for entity in (gold, predicted) if entity is not None]
    start = max(0, min(entity.start for entity in present) - _WIDTH)
    end = max(entity.end for entity in present) + _WIDTH
    text = pair.gold.text[start:end]
    return Mistake(_kind(gold, predicted), pair.gold.doc_id, gold, predicted, text, start)
