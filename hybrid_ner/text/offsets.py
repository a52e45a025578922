"""Edits of a text, where every offset goes and comes from, and which characters are taken."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

# Which characters are taken: asked many times, so without comparing every span with every other.


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


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters ``[start, end)`` of a text and what takes their place."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """An edit with its place in the new text."""

    start: int
    end: int
    new_start: int
    new_end: int
    meaningful: bool


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Maps spans of a text to the edited text and back.

    Args:
        pieces: One for each edit, in order.
    """

    pieces: tuple[_Piece, ...] = ()

    def to_new(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a span of the source went; ``None`` when it vanished or an edit crosses its edge."""
        left, left_cut = self._forward(start, is_start=True)
        right, right_cut = self._forward(end, is_start=False)
        return None if left_cut or right_cut or left >= right else (left, right)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the new text came from: the tightest span that holds all of it."""
        return self._back_start(start), self._back_end(end)

    def _forward(self, offset: int, *, is_start: bool) -> tuple[int, bool]:
        """New offset, and whether the edge fell inside an edit of letters or digits."""
        number = bisect_left(self.pieces, offset, key=lambda piece: piece.start) - 1
        if number < 0:
            return offset, False
        piece = self.pieces[number]
        if offset < piece.end:
            return (piece.new_end if is_start else piece.new_start), piece.meaningful
        return offset - piece.end + piece.new_end, False

    def _back_start(self, offset: int) -> int:
        number = bisect_right(self.pieces, offset, key=lambda piece: piece.new_start) - 1
        if number < 0:
            return offset
        piece = self.pieces[number]
        return piece.start if offset < piece.new_end else offset - piece.new_end + piece.end

    def _back_end(self, offset: int) -> int:
        number = bisect_left(self.pieces, offset, key=lambda piece: piece.new_start) - 1
        if number < 0:
            return offset
        piece = self.pieces[number]
        return piece.end if offset < piece.new_end else offset - piece.new_end + piece.end


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap]:
    """The edited text and its map.

    Args:
        text: The source.
        edits: In order, without overlap.
    """
    kept: list[str] = []
    pieces: list[_Piece] = []
    last = length = 0
    for edit in edits:
        kept += text[last : edit.start], edit.replacement
        new_start = length + edit.start - last
        length = new_start + len(edit.replacement)
        removed = text[edit.start : edit.end]
        meaningful = any(map(str.isalnum, removed)) or any(map(str.isalnum, edit.replacement))
        pieces.append(_Piece(edit.start, edit.end, new_start, length, meaningful))
        last = edit.end
    kept.append(text[last:])
    return "".join(kept), OffsetMap(tuple(pieces))
