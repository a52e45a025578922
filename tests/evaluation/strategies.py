"""Generated gold documents with predictions."""

from __future__ import annotations

from hypothesis import strategies as st

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation.counts import Pair

SIZE = 24
LABELS = ("A", "B", "C")


def spans() -> st.SearchStrategy[tuple[Entity, ...]]:
    """Non-overlapping entities in order, as predictions and most gold standards have them."""
    cuts = st.lists(st.integers(0, SIZE), unique=True, max_size=12).map(sorted)
    labels = st.lists(st.sampled_from((*LABELS, "")), min_size=12, max_size=12)

    def build(cut: list[int], names: list[str]) -> tuple[Entity, ...]:
        found = zip(cut, cut[1:], names, strict=False)
        return tuple(Entity(start, end, label) for start, end, label in found if label)

    return st.builds(build, cuts, labels)


def pairs(max_size: int = 5) -> st.SearchStrategy[list[Pair]]:
    """Gold and predictions over texts of equal length."""
    one = st.tuples(spans(), spans())
    return st.lists(one, min_size=1, max_size=max_size).map(
        lambda sides: [Pair(Document(str(i), "x" * SIZE, g), p) for i, (g, p) in enumerate(sides)]
    )
