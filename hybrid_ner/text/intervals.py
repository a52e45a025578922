"""Which characters are taken: asked many times, so without comparing every span with every other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Protocol, TypeVar

__all__ = ["Intervals"]


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


T = TypeVar("T", bound=_Span)


class Intervals:
    """Half-open spans of characters; overlapping ones are kept as one.

    Args:
        spans: The first of them.
    """

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Take these characters too."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def take(self, start: int, end: int) -> bool:
        """Take these characters unless one of them is taken; whether all were free."""
        if self.overlap(start, end):
            return False
        self.add(start, end)
        return True

    def meeting(self, spans: Iterable[T]) -> list[T]:
        """Those of some spans that touch taken characters."""
        return [span for span in spans if self.overlap(span.start, span.end)]

    def overlap(self, start: int, end: int) -> bool:
        """Whether one of these characters is taken."""
        return bisect_right(self._ends, start) < bisect_left(self._starts, end)
