"""Pieces of a text and their places: edits with a map of offsets, characters that are taken, windows."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Generic, Protocol, TypeVar

from hybrid_ner.text import extends_previous

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

    def overlap(self, start: int, end: int) -> bool:
        """Whether one of these characters is taken."""
        return bisect_right(self._ends, start) < bisect_left(self._starts, end)


def meeting(taken: Iterable[_Span], spans: Iterable[T]) -> list[T]:
    """Those of some spans that share a character with one of the others."""
    overlap = Intervals([(span.start, span.end) for span in taken]).overlap
    return [span for span in spans if overlap(span.start, span.end)]


class Touching(Generic[T]):
    """Finds the spans that share a character with another one, without looking at all of them.

    Args:
        spans: May overlap each other.
    """

    def __init__(self, spans: Iterable[T]) -> None:
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]
        self._reach = list(accumulate((span.end for span in self._spans), max))

    def __call__(self, start: int, end: int) -> list[T]:
        """Those that touch the characters ``[start, end)``, in order."""
        found = []
        number = bisect_left(self._starts, end) - 1
        while number >= 0 and self._reach[number] > start:
            if self._spans[number].end > start:
                found.append(self._spans[number])
            number -= 1
        return found[::-1]


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

    def place(self, offset: int) -> int:
        """Where a place of the source went; one inside an edit is behind what that has left."""
        return self._forward(offset, is_start=True)[0]

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the new text came from: the tightest span that holds all of it."""
        return self._back(start, is_start=True), self._back(end, is_start=False)

    def _forward(self, offset: int, *, is_start: bool) -> tuple[int, bool]:
        """New offset, and whether the edge fell inside an edit of letters or digits."""
        number = bisect_left(self.pieces, offset, key=lambda piece: piece.start) - 1
        if number < 0:
            return offset, False
        piece = self.pieces[number]
        if offset < piece.end:
            return (piece.new_end if is_start else piece.new_start), piece.meaningful
        return offset - piece.end + piece.new_end, False

    def _back(self, offset: int, *, is_start: bool) -> int:
        number = (bisect_right if is_start else bisect_left)(
            self.pieces, offset, key=lambda piece: piece.new_start
        )
        if not number:
            return offset
        piece = self.pieces[number - 1]
        if offset < piece.new_end:
            return piece.start if is_start else piece.end
        return offset - piece.new_end + piece.end


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


BROKEN_WORD = re.compile(r"(?<=[^\W_])(?:[-‐\u00ad¬⸗]|[ \t][‐\u00ad])[ \t]*(?:\r\n|\n|\r)[ \t]*(?=[^\W_])")
"""A hyphen at the end of a line within a word: "carci-⏎noma", "drug-⏎eluting", "HER-⏎2".

A browser's PDF has a space before its hyphen ("fibril ‐"), which nobody types; scanned print has "¬" or "⸗".
"""
_HYPHENS = frozenset("-‐\u00ad¬⸗")


def _may_break(text: str) -> bool:
    """Whether a hyphen stands at the end of a line: told much sooner than by the pattern."""
    for end in "\n\r":
        at = text.find(end)
        while at > 0:
            last = at - 1
            while last > 0 and text[last] in " \t":
                last -= 1
            if text[last] in _HYPHENS:
                return True
            at = text.find(end, at + 1)
    return False


_REACH = 200
"""Characters on both sides of a broken word that are read with it; a term is hardly ever as long."""


def unbroken(text: str) -> Iterator[tuple[int, str, OffsetMap]]:
    """Where words are broken, the text without these line ends, a hyphen being the word's own or the line's.

    Between digits a hyphen is never the line's.

    Yields:
        Where a piece of the text begins, the piece as it is then, and its map, whose source is the piece.
    """
    for start, end, breaks in _near(text, BROKEN_WORD.finditer(text)) if _may_break(text) else ():
        edits = [(found.start() - start, found.end() - start) for found in breaks]
        yield start, *apply_edits(text[start:end], (Edit(*edit, "-") for edit in edits))
        letters = [text[found.start() - 1].isalpha() and text[found.end()].isalpha() for found in breaks]
        if any(letters):
            mended = (Edit(*at, "" if joined else "-") for at, joined in zip(edits, letters, strict=True))
            yield start, *apply_edits(text[start:end], mended)


def _near(text: str, places: Iterable[re.Match[str]]) -> Iterator[tuple[int, int, list[re.Match[str]]]]:
    """Pieces of whole words around places, those together that are near each other."""
    near: list[re.Match[str]] = []
    for found in places:
        if near and found.start() - near[-1].end() > 2 * _REACH:
            yield *_piece(text, near), near
            near = []
        near.append(found)
    if near:
        yield *_piece(text, near), near


def _piece(text: str, breaks: Sequence[re.Match[str]]) -> tuple[int, int]:
    start, end = max(0, breaks[0].start() - _REACH), breaks[-1].end() + _REACH
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


VALUE_BEHIND = (
    r"(?i:(?<=[A-Za-zÀ-ɏ\d][A-Za-zÀ-ɏ])"
    r"(?=\d{1,3}\.\d{1,2}(?!\d|\.\d)|\d{1,3},\d(?!\d|[.,]\d| (?:and|or|und|et)\b)"
    r"|\d{1,4} ?(?:[munµ]?(?:g|l|mol|i?u)|)/(?:[dmµ]?l|min|mm3|h)\b))"
)
"""Between a name and the value that is typed to it: "Hb9.8", "HbA1c7.9%", "Hb9,8", "eGFR38ml/min". A whole
number alone is as often a part of the name ("CD34", "CA125")."""
VALUE = re.compile(VALUE_BEHIND)


def before_values(text: str, digits: Iterable[int]) -> Iterator[tuple[int, str, OffsetMap]]:
    """A text with spaces before values that are typed to names; as ``unbroken`` gives it.

    Args:
        digits: Where such values may begin.
    """
    values = filter(None, (VALUE.match(text, at) for at in digits))
    for start, end, near in _near(text, values):
        edits = (Edit(place.start() - start, place.start() - start, " ") for place in near)
        yield start, *apply_edits(text[start:end], edits)


# Long text in overlapping windows that end where sentences do, for models that read only so much.

_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*\s+(?![a-z,;])"  # "… was given.  The", but not "5 mg p.o. daily"
    r"|[。！？]+[”」』）]*\s*"  # scripts that put no space between sentences
    r"|\s*\n\s*"
)
"""Where a piece ends. An abbreviation ("Dr. Smith") may end one too: windows overlap by whole pieces."""

_MOST_MARKS = 8
"""Marks of one letter; more are damage, and are cut like any text, or a window of them would have no end."""

Measure = Callable[[Sequence[str]], Sequence[int]]
"""Cost of each of several texts, for example their subword tokens."""


@dataclass(frozen=True, slots=True)
class Window:
    """Characters ``[start, end)`` that are read together, of which ``[first, last)`` are this window's own.

    Every character belongs to exactly one window; what begins in it is told by that window.
    """

    start: int
    end: int
    first: int
    last: int


def windows_of(text: str, limit: int, overlap: int, measure: Measure | None = None) -> list[Window]:
    """Windows that cost at most ``limit`` and share about ``overlap`` with the next; nothing is left out.

    Args:
        limit: Most cost of a window, 2 at least.
        overlap: Cost of what two windows share, at most half of ``limit``; a whole sentence where one is
            longer.
        measure: Cost of texts; by default their characters.
    """
    if not text.strip():
        return []
    measure = measure or (lambda texts: [len(text) for text in texts])
    if measure([text])[0] <= limit:
        return [Window(0, len(text), 0, len(text))]
    pieces = list(_pieces(text, limit, max(1, min(overlap, limit // 2)), measure))
    return list(_packed(pieces, limit, overlap))


_Cut = tuple[int, int, int]
"""Start, end and cost."""


def _pieces(text: str, limit: int, overlap: int, measure: Measure) -> Iterator[_Cut]:
    """Sentences; those that cost more than half a window in chunks of half an overlap."""
    sentences = [*pairwise([0, *(m.end() for m in _END.finditer(text) if m.end() < len(text)), len(text)])]
    costs = measure([text[start:end] for start, end in sentences])
    for (start, end), cost in zip(sentences, costs, strict=True):
        if cost * 2 <= limit:
            yield start, end, cost
        else:
            yield from _chunks(text, start, end, cost, max(1, overlap // 2), measure)


def _chunks(text: str, start: int, end: int, cost: int, most: int, measure: Measure) -> Iterator[_Cut]:
    """Halves of halves, cut at white space where there is some."""
    waiting = [(start, end, cost)]
    while waiting:
        start, end, cost = waiting.pop()
        middle = _middle(text, start, end)
        if cost <= most or middle in (start, end):
            yield start, end, cost
            continue
        halves = ((start, middle), (middle, end))
        costs = measure([text[a:b] for a, b in halves])
        waiting += [(a, b, cost) for (a, b), cost in zip(halves, costs, strict=True)][::-1]


def _middle(text: str, start: int, end: int) -> int:
    """A place near the middle, behind white space, and never between a letter and its marks."""
    half = (start + end) // 2
    for at in range(half, min(end, half + (end - start) // 4)):
        if text[at - 1].isspace() and not text[at].isspace() and at > start:
            return at
    for at in range(half, start, -1):
        if text[at - 1].isspace() and not text[at].isspace():
            return at
    for at in range(half, min(end, half + _MOST_MARKS)):
        if not extends_previous(text[at]):
            return at
    return end if end - half < _MOST_MARKS else half


def _packed(pieces: Sequence[_Cut], limit: int, overlap: int) -> Iterator[Window]:
    """As many pieces as fit; the next window begins with the last ones of this."""
    begin, own = 0, pieces[0][0]
    while True:
        end, cost = begin, 0
        while end < len(pieces) and (end == begin or cost + pieces[end][2] <= limit):
            cost += pieces[end][2]
            end += 1
        start, stop = pieces[begin][0], pieces[end - 1][1]
        if end == len(pieces):
            yield Window(start, stop, own, stop)
            return
        following = _back(pieces, begin, end, overlap)
        last = _between(pieces, following, end)
        yield Window(start, stop, own, last)
        begin, own = following, last


def _back(pieces: Sequence[_Cut], begin: int, end: int, overlap: int) -> int:
    """Number of the piece that the next window begins with: one later than this window's, at the least."""
    following, cost = end, 0
    while following - 1 > begin and (following == end or cost + pieces[following - 1][2] <= overlap):
        following -= 1
        cost += pieces[following][2]
    return following


def _between(pieces: Sequence[_Cut], following: int, end: int) -> int:
    """Where one window stops telling and the next begins: a piece's start near the middle of what they share.

    Never the end of the window, so that what begins before it is seen whole.
    """
    if following >= end:
        return pieces[end - 1][1]
    middle = (pieces[following][0] + pieces[end - 1][1]) // 2
    starts = [piece[0] for piece in pieces[following:end]]
    return starts[max(0, bisect_right(starts, middle) - 1)]


def owned(windows: Iterable[Window], found: Iterable[Sequence[tuple[int, int]]]) -> Iterator[list[bool]]:
    """For each window which of its spans (characters of the text) it is to tell.

    Those that begin in its own characters, unless an earlier window told one that reaches over them.
    """
    reached = 0
    for window, spans in zip(windows, found, strict=True):
        told = [window.first <= start < window.last and start >= reached for start, _ in spans]
        yield told
        reached = max([reached, *(end for (_, end), own in zip(spans, told, strict=True) if own)])


class TokenEdges:
    """Tells where tokens lie from the words at the edges of a span alone, where each is cut by itself.

    Args:
        doc: The ``Doc`` of a text.
        cut: Where the tokens of a chunk between spaces begin.
        longest: Characters of a chunk that is remembered.
        most: Chunks that are remembered.
    """

    def __init__(
        self, doc: Callable[[str], Any], cut: Callable[[str], frozenset[int]], longest: int, most: int
    ) -> None:
        self.doc, self._cut, self._longest, self._most = doc, cut, longest, most
        self._cuts: dict[str, frozenset[int]] = {}
        self._long: tuple[str, int, int, frozenset[int]] = "", 0, 0, frozenset()

    def align(self, text: str, start: int, end: int) -> bool:
        """Whether a token starts and another, or the same, ends with these characters."""
        if not 0 <= start < end <= len(text) or text[start].isspace() or text[end - 1].isspace():
            # White space makes tokens of its own, in ways that only the whole text tells.
            return self.doc(text).char_span(start, end) is not None
        opens = start == 0 or text[start - 1].isspace() or self._is_cut(text, start)
        return opens and (end == len(text) or text[end].isspace() or self._is_cut(text, end))

    def _is_cut(self, text: str, at: int) -> bool:
        long_text, low, high, cuts = self._long
        if low < at < high and long_text is text:
            return at - low in cuts
        low = high = at
        while low and not text[low - 1].isspace():
            low -= 1
        while high < len(text) and not text[high].isspace():
            high += 1
        if high - low > self._longest:
            cuts = self._cut(text[low:high])
            self._long = text, low, high, cuts
            return at - low in cuts
        chunk = text[low:high]
        known = self._cuts.get(chunk)
        if known is None:
            if len(self._cuts) >= self._most:
                self._cuts.clear()
            known = self._cuts[chunk] = self._cut(chunk)
        return at - low in known
