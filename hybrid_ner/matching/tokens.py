"""Batches of texts as arrays of folded tokens, by whole-array operations: nothing is compiled for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.match import Ints
from hybrid_ner.terms.surfaces import hashes_between
from hybrid_ner.text import extends_previous, fold_char, is_word_char

_CODE = (1 << 21) - 1
"""Bits of an entry that hold the folded code point, or under ``_MANY`` the number of an expansion."""
_WORD, _SPACE, _DROP, _MANY, _MARK, _UNFILLED = (1 << bit for bit in range(21, 27))
"""In this order: an entry from ``_DROP`` on is of a character that is not one to itself."""
_PAGE = 256

Codes = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

SPACED, START_OK, END_OK = 1, 2, 4
"""Flags of a token: white space before it; a match may start, may end with it."""


class FoldTable:
    """What each code point folds to; pages of 256 are filled when a text needs them.

    Folding does not depend on a gazetteer: one table serves a process and all its threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.entries = np.full(0x110000, _UNFILLED, dtype=np.uint32)
        self.many: list[list[int]] = []
        self._fill(0)

    def of(self, codes: NDArray[Any]) -> Codes:
        """The entry of each code point."""
        entries: Codes = self.entries.take(codes)
        if int(entries.max(initial=0)) < _UNFILLED:
            return entries
        missing = codes[(entries & _UNFILLED) != 0]
        with self._lock:
            for page in sorted(set((missing // _PAGE).tolist())):  # np.unique imports half of numpy
                self._fill(page)
        entries = self.entries.take(codes)
        return entries

    def _fill(self, page: int) -> None:
        filled = [self._entry(chr(code)) for code in range(page * _PAGE, (page + 1) * _PAGE)]
        self.entries[page * _PAGE : (page + 1) * _PAGE] = filled  # last: what they point to is there

    def _entry(self, char: str) -> int:
        units = [_unit(folded) for folded in fold_char(char)]
        if len(units) == 1:
            return units[0]
        if not units:
            return _DROP | (_MARK if extends_previous(char) else 0)
        self.many.append(units)
        return _MANY | (len(self.many) - 1)


@cache
def fold_table() -> FoldTable:
    """The one of this process."""
    return FoldTable()


def _unit(char: str) -> int:
    if char == " ":
        return _SPACE | ord(char)
    mark = _MARK if unicodedata.category(char)[0] == "M" else 0
    return ord(char) | mark | (_WORD if is_word_char(char) else 0)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a batch of texts, as arrays.

    Args:
        hashes: Hash of each folded token.
        places: Where each token starts in ``folded``, and the end of the last.
        starts: First character in its own text.
        ends: One past the last character.
        flags: ``SPACED``, ``START_OK``, ``END_OK``.
        first: First token of each text, and the number of tokens.
        folded: Folded code points, without white space.
    """

    hashes: NDArray[np.uint64]
    places: Ints
    starts: Ints
    ends: Ints
    flags: NDArray[np.uint8]
    first: Ints
    folded: Codes

    @property
    def count(self) -> int:
        """Number of tokens."""
        return len(self.hashes)


@dataclass(frozen=True, slots=True)
class _Units:
    """Folded characters, white space among them, and where each comes from.

    Args:
        entries: Code points with their flags.
        source: Character that each was folded from, in the joined texts; ``None`` where it is its own place.
        ends: One past the last character of each, marks on it included.
        opens: Whether it is the first that its character was folded to.
        closes: Whether it is the last, and no mark that stands by itself follows.
    """

    entries: Codes
    source: Places | None = None
    ends: Places | None = None
    opens: Mask | None = None
    closes: Mask | None = None


def tokenize(texts: Sequence[str]) -> Tokens:
    """Tokens of each text: runs of letters and digits, and every other visible character by itself."""
    joined = "\n".join(texts)  # white space between texts, so that no token reaches over
    if joined.isascii():
        codes: NDArray[Any] = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    offsets = np.zeros(len(texts) + 1, dtype=np.intp)
    np.cumsum([len(text) + 1 for text in texts], out=offsets[1:])
    entries = fold_table().of(codes)
    odd = not joined.isascii() and int(entries.max(initial=0)) >= _DROP
    return _cut(_unfolded(entries, offsets) if odd else _Units(entries), offsets)


def _cut(units: _Units, offsets: Places) -> Tokens:
    entries = units.entries
    seen = np.flatnonzero((entries & _SPACE) == 0)
    kept = entries[seen]
    after_space = np.ones(len(seen), dtype=np.bool_)
    np.not_equal(seen[1:], seen[:-1] + 1, out=after_space[1:])
    word = (kept & _WORD) != 0
    opening = after_space.copy()
    opening[1:] |= ~(word[1:] & word[:-1])
    places = np.flatnonzero(opening)
    bounds = np.append(places, len(seen)).astype(np.int32)
    first_unit, last_unit = seen[places], seen[bounds[1:] - 1] if len(places) else places
    starts = first_unit if units.source is None else units.source[first_unit]
    ends = last_unit + 1 if units.ends is None else units.ends[last_unit]
    flags = np.full(len(places), START_OK | END_OK, dtype=np.uint8)
    if units.opens is not None and units.closes is not None:
        flags = np.where(units.opens[first_unit], START_OK, 0).astype(np.uint8)
        flags |= np.where(units.closes[last_unit], END_OK, 0).astype(np.uint8)
    flags |= after_space[places].astype(np.uint8)
    first = np.searchsorted(starts, offsets)
    first[-1] = len(places)
    if len(offsets) > 2:
        shift = np.repeat(offsets[:-1], np.diff(first))
        starts, ends = starts - shift, ends - shift
    folded = kept & np.uint32(_CODE)
    return Tokens(
        hashes_between(folded, bounds),
        bounds,
        starts.astype(np.int32),
        ends.astype(np.int32),
        flags,
        first.astype(np.int32),
        folded,
    )


def _unfolded(entries: Codes, offsets: Places) -> _Units:
    """Characters that fold to several as that many units, and those that fold to none left out."""
    many = np.flatnonzero(entries & _MANY)
    table = fold_table().many
    expansions = [table[number] for number in (entries[many] & _CODE).tolist()]
    sizes = np.ones(len(entries), dtype=np.intp)
    sizes[(entries & _DROP) != 0] = 0
    sizes[many] = [len(units) for units in expansions]
    source = np.repeat(np.arange(len(entries)), sizes)
    units = entries[source]
    units[(units & _MANY) != 0] = [unit for units in expansions for unit in units]
    opens, closes = np.ones(len(units), dtype=np.bool_), np.ones(len(units), dtype=np.bool_)
    np.not_equal(source[1:], source[:-1], out=opens[1:])
    closes[:-1] = opens[1:]
    mark, space = (units & _MARK) != 0, (units & _SPACE) != 0
    closes[:-1] &= ~(mark[1:] & ~space[:-1])
    begins = np.searchsorted(source, offsets[:-1])  # a mark that a text starts with is on nothing
    begins = begins[begins < len(source)]
    alone = np.zeros(len(units), dtype=np.bool_)
    alone[begins] = True
    opens &= ~mark | alone
    ends = source + 1
    dropped = np.flatnonzero((entries & (_DROP | _MARK)) == (_DROP | _MARK))
    bearer = np.searchsorted(source, dropped) - 1  # the unit that a mark stands on
    on = bearer >= 0
    ends[bearer[on]] = dropped[on] + 1  # ascending, so that the last mark counts
    return _Units(units, source, ends, opens, closes)


def ragged(starts: NDArray[Any], lengths: NDArray[Any]) -> Places:
    """Positions of stretches, one stretch after the other."""
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - (ends - lengths), lengths)
    return shift + np.arange(int(ends[-1]) if len(ends) else 0)


_CHUNK = 1 << 18
"""Characters folded at a time: small enough for the working arrays to stay in the cache."""


def slices(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last of texts that are worth working on together, half open."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHUNK:
            yield start, place + 1
            start, size = place + 1, 0
    if start < len(texts):
        yield start, len(texts)


_CHARACTERS = 1_000_000


_Text = TypeVar("_Text", bound=Sized)


def batches(texts: Iterable[_Text], characters: int = _CHARACTERS) -> Iterator[list[_Text]]:
    """Lists of texts, each closed by the text with which it reaches so many characters (tokens of a Doc)."""
    batch: list[_Text] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text) + 1  # so that empty texts do not pile up
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
