"""Which of several overlapping hits are kept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Hits
from hybrid_ner.matching.match import Match
from hybrid_ner.terms import Term

__all__ = ["Disjoint", "Overlap", "Overlaps", "Weights", "best_weight", "leftmost_longest", "merge"]

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
    """Both kinds in order, without the exact matches inside a fuzzy one; fuzzy ones do not overlap."""
    starts = [match.start for match in near]

    def is_inside(match: Match) -> bool:
        place = bisect_right(starts, match.start) - 1
        return place >= 0 and match.end <= near[place].end

    kept = (match for match in exact if not is_inside(match))
    return sorted((*kept, *near), key=lambda match: (match.start, match.end))


class Overlaps:
    """Spans ordered by start, asked for those that meet others.

    Args:
        spans: Starts and ends; may overlap each other.
    """

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._spans = spans
        self._starts = [start for start, _ in spans]
        self._reach = list(accumulate((end for _, end in spans), max))

    def sticks_out(self, start: int, end: int) -> bool:
        """Whether some span overlaps this one and does not lie inside it."""
        place = bisect_left(self._starts, end) - 1
        while place >= 0 and self._reach[place] > start:
            other, stop = self._spans[place]
            if stop > start and not (start <= other and stop <= end):
                return True
            place -= 1
        return False


class Disjoint:
    """Spans of which none overlaps another."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> bool:
        """Take a span, unless it overlaps one that was taken before."""
        place = bisect_left(self._starts, end)
        if place and self._ends[place - 1] > start:
            return False
        self._starts.insert(place, start)
        self._ends.insert(place, end)
        return True
