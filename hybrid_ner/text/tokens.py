"""Texts as arrays of folded tokens, and tables to look them up in, by whole-array operations.

Nothing is compiled for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text import extends_previous, fold_char, is_word_char

_CODE = (1 << 21) - 1
"""Bits of an entry that hold the folded code point, or under ``_MANY`` the number of an expansion."""
_WORD, _SPACE, _DROP, _MANY, _MARK, _UNFILLED = (1 << bit for bit in range(21, 27))
"""In this order: an entry from ``_DROP`` on is of a character that is not one to itself."""
_BLANK = _SPACE | ord(" ")
_PAGE = 256
_TO_POINT = np.uint32(ord(".") ^ ord(","))
"""The bit in which a comma is no point."""

Ints = NDArray[np.int32]
Hashes = NDArray[np.uint64]
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
    return FoldTable()


def _unit(char: str) -> int:
    if char == " ":
        return _BLANK
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
        return len(self.hashes)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where folded characters come from: what is said of those that do not stand for one character each.

    Args:
        made: Units that such characters were folded to.
        made_of: The character of each of them, in the joined texts.
        edges: The unit behind those of each such character.
        shifts: How many units more than characters there are up to the first edge, from there on, and so on.
        marked: Units with a mark that is left out.
        marks: One past that mark; the last of several on one unit counts.
        inner: Units that no match starts with: not the first of their character, or a mark.
        unclosed: Units that no match ends with: not the last of their character, or a mark follows.
    """

    made: Places
    made_of: Places
    edges: Places
    shifts: Places
    marked: Places
    marks: Places
    inner: Places
    unclosed: Places

    def starts(self, units: Places) -> Places:
        """The character that each of some units, in ascending order, was folded from."""
        reached = np.searchsorted(units, self.edges)
        starts = units - np.repeat(self.shifts, np.diff(reached, prepend=0, append=len(units)))
        at, known = _found_in(units, self.made)
        starts[at] = self.made_of[known]
        return starts

    def ends(self, units: Places) -> Places:
        """One past the last character of each of some units, in ascending order, marks on it included."""
        ends = self.starts(units) + 1
        at, known = _found_in(units, self.marked)
        ends[at] = self.marks[known]
        return ends


def _found_in(places: Places, wanted: Places) -> tuple[Places, Mask]:
    """Where ``places``, in ascending order, hold what is wanted, and which of it they hold."""
    at = np.searchsorted(places, wanted)
    known: Mask = at < len(places)
    known[known] = places[at[known]] == wanted[known]
    return at[known], known


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
    units, sources = _unfolded(entries, offsets) if odd else (entries, None)
    return _cut(units, sources, offsets)


def _cut(entries: Codes, sources: _Sources | None, offsets: Places) -> Tokens:
    seen = entries != _BLANK
    word = (entries & _WORD) != 0
    apart = ~(word[1:] & word[:-1])
    opening, closing = seen.copy(), seen.copy()
    opening[1:] &= apart
    closing[:-1] &= apart
    first_unit, last_unit = np.flatnonzero(opening), np.flatnonzero(closing)
    bounds = np.zeros(len(first_unit) + 1, dtype=np.int32)
    np.cumsum(last_unit + 1 - first_unit, out=bounds[1:])
    flags = np.full(len(first_unit), START_OK | END_OK, dtype=np.uint8)
    starts, ends = first_unit, last_unit + 1
    if sources is not None:
        starts, ends = sources.starts(first_unit), sources.ends(last_unit)
        flags[_found_in(first_unit, sources.inner)[0]] &= ~np.uint8(START_OK)
        flags[_found_in(last_unit, sources.unclosed)[0]] &= ~np.uint8(END_OK)
    flags[_in_figures(entries, first_unit, last_unit)] &= ~np.uint8(START_OK)
    flags |= ~seen.take(first_unit - 1) & np.uint8(SPACED)
    flags[: len(starts) and not first_unit[0]] |= SPACED  # nothing stands before it
    first = np.searchsorted(starts, offsets)
    first[-1] = len(first_unit)
    if len(offsets) > 2:
        shift = np.repeat(offsets[:-1], np.diff(first))
        starts, ends = starts - shift, ends - shift
    folded = entries.compress(seen) & np.uint32(_CODE)  # in a third of the time of an index
    return Tokens(
        hashes_between(folded, bounds),
        bounds,
        starts.astype(np.int32),
        ends.astype(np.int32),
        flags,
        first.astype(np.int32),
        folded,
    )


def _in_figures(entries: Codes, first: Places, last: Places) -> Places:
    """The tokens behind the sign of a number, as ``text.in_figure`` says: the "5" of "2.5"."""
    sign = np.flatnonzero((entries.take(first) | _TO_POINT) == ord("."))
    sign = sign[(sign > 0) & (sign < len(first) - 1)]
    before, behind = sign - 1, sign + 1
    close = (last[before] + 1 == first[sign]) & (first[sign] + 1 == first[behind])
    for place in (first[before], last[before], first[behind]):
        codes = entries.take(place) & np.uint32(_CODE)
        close &= (ord("0") <= codes) & (codes <= ord("9"))
    found: Places = behind[close]
    return found


def _unfolded(entries: Codes, offsets: Places) -> tuple[Codes, _Sources]:
    """Characters that fold to several as that many units, and those that fold to none left out.

    Only these and marks are looked at one by one: a text has few of them.
    """
    odd = np.flatnonzero(entries >= _DROP)
    told = entries.take(odd)
    many = (told & _MANY) != 0
    table = fold_table().many
    expansions = [table[number] for number in (told[many] & _CODE).tolist()]
    sizes = ((told & _DROP) == 0).astype(np.intp)
    sizes[many] = [len(units) for units in expansions]
    shifts = np.append(0, np.cumsum(sizes - 1))
    at = odd + shifts[:-1]  # the first unit of each, or the next one where it has none
    made = ragged(at, sizes)
    plain = np.ones(len(entries) + int(shifts[-1]), dtype=np.bool_)
    plain[made] = False
    units = np.empty(len(plain), dtype=np.uint32)
    units[plain] = np.delete(entries, odd)
    units[made] = np.repeat(told, sizes)
    units[ragged(at[many], sizes[many])] = [unit for units in expansions for unit in units]
    inside = ragged(at[many] + 1, sizes[many] - 1)
    marks = made[(units[made] & _MARK) != 0]
    before = marks[marks > 0] - 1
    inner = np.concatenate((inside, marks))
    begins = offsets[:-1] + shifts[np.searchsorted(odd, offsets[:-1])]  # a mark there is on nothing
    on = ((told & (_DROP | _MARK)) == (_DROP | _MARK)) & (at > 0)
    return units, _Sources(
        made,
        np.repeat(odd, sizes),
        at + sizes,
        shifts,
        at[on] - 1,
        odd[on] + 1,
        inner[~_found_in(begins, inner)[1]],
        np.concatenate((inside - 1, before[(units[before] & _SPACE) == 0])),
    )


def ragged(starts: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.intp]:
    """Positions of stretches, one stretch after the other."""
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - (ends - lengths), lengths)
    return shift + np.arange(int(ends[-1]) if len(ends) else 0)


# A polynomial hash, modulo 2⁶⁴: that of one string behind another can be told from theirs.

_TOGETHER = 1 << 18
"""Characters whose powers are kept: more are hashed in halves."""
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_ONE = np.uint64(1)


@cache
def _powers(bits: int, base: np.uint64 = _BASE) -> Hashes:
    powers = np.full(1 << bits, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def powers_of(lengths: NDArray[Any]) -> Hashes:
    """By what the hash of a string is multiplied that stands behind so many characters."""
    powers: Hashes = _powers(max(6, int(lengths.max(initial=0)).bit_length()))[lengths]
    return powers


def hashes_between(codes: NDArray[Any], bounds: NDArray[Any]) -> Hashes:
    """The hash of each stretch of code points, from one bound to the next.

    Each character counts with the power of its place among all; what stands before a stretch is then divided
    out, for the base is odd and has an inverse.
    """
    if len(codes) > _TOGETHER and len(bounds) > 2:
        middle = len(bounds) // 2
        at = bounds[middle]
        halves = (codes[:at], bounds[: middle + 1]), (codes[at:], bounds[middle:] - at)
        return np.concatenate([hashes_between(*half) for half in halves])
    powers, inverses = _powers(bits := len(codes).bit_length()), _powers(bits, _INVERSE)
    worth = codes.astype(np.uint64)
    worth += _ONE
    worth *= powers[: len(codes)]
    totals = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(worth, out=totals[1:])
    reached = totals.take(bounds)
    hashes: Hashes = np.diff(reached)
    hashes *= inverses.take(bounds[:-1])
    return hashes


def may_hold(bits: NDArray[np.uint8], hashes: Hashes) -> NDArray[np.bool_]:
    """Whether hashes may be of those that bits were made of: none is missed, and one in 500 others passes."""
    first, second = places_of(hashes, 8 * len(bits))
    both = (bits[first >> 3] >> (first & 7)) & (bits[second >> 3] >> (second & 7)) & 1
    return np.asarray(both, dtype=np.bool_)


def places_of(hashes: Hashes, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two of so many bits for each hash."""
    bits = size.bit_length() - 1
    mixed = (hashes ^ (hashes >> _S32)) * _MIX
    first, second = mixed >> np.uint64(64 - bits), mixed >> np.uint64(64 - 2 * bits)
    return first.astype(np.int64), (second & np.uint64(size - 1)).astype(np.int64)


# Hash tables in plain arrays, as compiled files hold them.

TAIL = 64
"""Slots behind the last home, so that no search wraps round; the last one stays empty."""
_MIX, _ODD = np.uint64(0xD6E8FEB86659FD93), np.uint64(0x9E3779B97F4A7C15)
_S32 = np.uint64(32)
ID_BITS = np.uint64(24)
"""Bits of the number beside the hash of a word."""
ID_MASK = np.uint64((1 << 24) - 1)
NONE = np.uint64(0)
_INDEXED = 2
"""Slots to a key looked up so far below which an index is made: probing has cost about as much by then."""
_MOST_LEVELS = 8


def spread_of(h: Hashes) -> Hashes:
    """Hashes all of whose bits depend on all bits."""
    h = h ^ (h >> _S32)
    h *= _MIX
    h ^= h >> _S32
    h *= _MIX
    h ^= h >> _S32
    return h


def homes_of(spread: Hashes, size: int) -> NDArray[np.intp]:
    """Slots of a table of this size where hashes stand, if they are free."""
    homes = spread >> _S32
    homes *= np.uint64(size)
    homes >>= _S32
    return homes.view(np.intp)


def _probed(slots: Hashes, keys: Hashes, homes: NDArray[np.intp], ignored: np.uint64) -> NDArray[np.intp]:
    """Slot of each key, at its home or behind it; -1 for none, which is the last slot and an empty one."""
    result, left, at = np.full(len(keys), -1, dtype=np.intp), np.arange(len(keys)), homes
    while len(left):
        found = slots.take(at)
        same = ((found ^ keys) <= ignored) & (found != NONE)
        result[left[same]] = at[same]
        more = np.flatnonzero((found != NONE) & ~same)
        left, at, keys = left.take(more), at.take(more) + 1, keys.take(more)
    return result


class HashTable:
    """A hash table, with an index that finds most keys in one step where probing takes up to fifty.

    Each level of the index is a sparse table of slots; a key that another one drives out of its place stands
    in the next level.

    Args:
        slots: The entries, 0 for none.
        ignored: Bits of an entry that are no part of its key.
    """

    def __init__(self, slots: Hashes, ignored: np.uint64 = NONE) -> None:
        self._slots, self._ignored = slots, ignored
        self._levels: list[Ints] | None = None
        self._seen = 0

    def numbers(self, spread: Hashes) -> Ints:
        """What the ignored bits say for each hash of a word, less one; -1 for none."""
        found = self.find(spread << ID_BITS, spread)
        numbers: Ints = (self._slots.take(found) & self._ignored).astype(np.int32)
        numbers -= 1  # which an empty slot is right to say
        return numbers

    def find(self, keys: Hashes, spread: Hashes | None = None) -> NDArray[Any]:
        """Slot of each key, -1 for none.

        Args:
            keys: What is looked up, its ignored bits 0.
            spread: What the homes of the keys are told by, if not by the keys themselves.
        """
        if self._levels is None:
            self._seen += len(keys)
            if self._seen * _INDEXED >= len(self._slots):
                self.index()
        if not self._levels:
            homes = homes_of(spread_of(keys) if spread is None else spread, len(self._slots) - TAIL)
            return _probed(self._slots, keys, homes, self._ignored)
        result, left = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.intp)
        for number, level in enumerate(self._levels):
            at = level.take(_level_places(keys, number, len(level)))
            other = (self._slots.take(at) ^ keys) > self._ignored
            more = np.flatnonzero(other & (at >= 0))
            at |= -other.view(np.int8)  # -1 where it is another key, sooner than with np.where
            if number:
                result[left] = at
            else:
                result = at
            if not len(more):
                break
            left, keys = left.take(more) if number else more, keys.take(more)
        return result

    def index(self) -> None:
        """Make the levels; none if two keys cannot be told apart: probing can if their homes differ."""
        every = slots = np.flatnonzero(self._slots)
        keys, levels = self._slots & ~self._ignored, list[Ints]()
        while len(slots) and len(levels) < _MOST_LEVELS:
            level = np.full(1 << max(10, (4 * len(slots)).bit_length()), -1, dtype=np.int32)
            places = _level_places(keys.take(slots), len(levels), len(level))
            level[places] = slots
            levels.append(level)
            slots = slots.compress(level.take(places) != slots)
        index = HashTable(self._slots, self._ignored)
        index._levels = levels
        unsure = len(slots) or self._ignored  # whole entries differ
        self._levels = [] if unsure and (index.find(keys.take(every)) != every).any() else levels


def _level_places(keys: Hashes, number: int, size: int) -> NDArray[np.intp]:
    mixed = keys * _MIX
    for _ in range(number):
        mixed ^= mixed >> _S32
        mixed *= _ODD
    mixed >>= np.uint64(65 - size.bit_length())  # by 64 it is 0 to numpy
    return mixed.view(np.intp)
