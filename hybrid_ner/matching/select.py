"""Which of several overlapping hits are kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Hits
from hybrid_ner.matching.match import Match
from hybrid_ner.terms import Term

__all__ = ["Overlap", "Weights", "best_weight", "leftmost_longest", "merge"]

Overlap = Literal["longest", "weight", "all"]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a character of a match is worth, by label and by source; 1 where nothing is said.

    Args:
        labels: Label → factor.
        sources: Name of a term's source → factor.
    """

    labels: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, float] = field(default_factory=dict)

    def of(self, term: Term, length: int) -> float:
        """Worth of ``length`` characters labeled by ``term``."""
        return length * self.labels.get(term.label, 1.0) * self.sources.get(term.source, 1.0)


def leftmost_longest(hits: Hits) -> NDArray[np.bool_]:
    """Mask: from left to right, at each start the longest hit that does not overlap an earlier choice."""
    mask = np.zeros(len(hits), dtype=np.bool_)
    order = np.lexsort((-hits.ends, hits.starts, hits.docs))
    doc, last = -1, 0
    rows = zip(
        order.tolist(),
        hits.docs[order].tolist(),
        hits.starts[order].tolist(),
        hits.ends[order].tolist(),
        strict=True,
    )
    for row, this, start, end in rows:
        if this != doc:
            doc, last = this, 0
        if start >= last:
            mask[row] = True
            last = end
    return mask


def best_weight(spans: Sequence[tuple[int, int]], weights: Sequence[float]) -> list[int]:
    """Positions of the non-overlapping spans of the greatest total weight, in order of start.

    Weighted interval scheduling in O(n log n). Spans without a positive weight are never chosen; of
    equal totals the one with fewer, longer and then earlier spans wins.
    """
    order = sorted((i for i in range(len(spans)) if weights[i] > 0), key=lambda i: (spans[i][1], spans[i][0]))
    ends = [spans[i][1] for i in order]
    totals: list[tuple[float, int]] = [(0.0, 0)]  # weight, minus the number of spans
    taken: list[int] = []
    for place, i in enumerate(order):
        before = bisect_right(ends, spans[i][0], 0, place)
        with_it = (totals[before][0] + weights[i], totals[before][1] - 1)
        taken.append(before if with_it > totals[place] else -1)
        totals.append(max(with_it, totals[place]))
    chosen, place = [], len(order)
    while place:
        before = taken[place - 1]
        if before >= 0:
            chosen.append(order[place - 1])
        place = before if before >= 0 else place - 1
    return chosen[::-1]


def merge(exact: Sequence[Match], near: Sequence[Match]) -> list[Match]:
    """Both kinds in order, without the exact matches inside a fuzzy one."""
    kept = [m for m in exact if not any(f.start <= m.start and m.end <= f.end for f in near)]
    return sorted((*kept, *near), key=lambda match: (match.start, match.end))
