"""Batches of texts as arrays of folded tokens: the fold as arrays, and the compiled loop that cuts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.jit import compiled, inlined
from hybrid_ner.text.fold import extends_previous, fold_char, is_word_char

__all__ = [
    "CODE",
    "DROP",
    "END_OK",
    "MANY",
    "MARK",
    "PAGE_MISSING",
    "SPACE",
    "SPACED",
    "START_OK",
    "TOO_SHORT",
    "UNFILLED",
    "WORD",
    "FoldTable",
    "FoldTables",
    "Tokenizer",
    "Tokens",
    "fold_tables",
    "hash_letter",
    "hash_seed",
    "slices",
    "tokenize",
]


CODE = (1 << 21) - 1
"""Bits of an entry that hold the folded code point, or under ``MANY`` the number of an expansion."""
WORD, SPACE, DROP, MANY, MARK, UNFILLED = (1 << bit for bit in range(21, 27))
_PAGE = 256
_PAGES = 0x110000 // _PAGE

Codes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class FoldTable:
    """A snapshot that never changes; later pages make a new one.

    Args:
        page_of: Row of ``pages`` for each block of 256 code points, 0 where it is not filled.
        pages: Entries: flags over a folded code point; row 0 holds ``UNFILLED`` everywhere.
        many_starts: Where each expansion starts in ``many``.
        many: Entries of the expansions.
    """

    page_of: NDArray[np.int32]
    pages: Codes
    many_starts: NDArray[np.int32]
    many: Codes


class FoldTables:
    """Hands out tables; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        empty = np.full((1, _PAGE), UNFILLED, dtype=np.uint32)
        none = np.empty(0, dtype=np.uint32)
        self.current = FoldTable(np.zeros(_PAGES, np.int32), empty, np.zeros(1, np.int32), none)
        self.covering(np.zeros(1, dtype=np.uint32))

    def covering(self, codes: Codes) -> FoldTable:
        """Fill the page of every code point in ``codes``."""
        with self._lock:
            for page in np.unique(codes >> 8).tolist():
                if not self.current.page_of[page]:
                    self.current = _with_page(self.current, page)
            return self.current


@cache
def fold_tables() -> FoldTables:
    """The one set of tables of this process: folding does not depend on a gazetteer."""
    return FoldTables()


def _with_page(table: FoldTable, page: int) -> FoldTable:
    entries = np.zeros(_PAGE, dtype=np.uint32)
    many, starts = table.many.tolist(), table.many_starts.tolist()
    for place in range(_PAGE):
        char = chr(page * _PAGE + place)
        units = [_entry(c) for c in fold_char(char)]
        if len(units) == 1:
            entries[place] = units[0]
        elif units:
            entries[place] = MANY | (len(starts) - 1)
            many += units
            starts.append(len(many))
        else:
            entries[place] = DROP | (MARK if extends_previous(char) else 0)
    page_of = table.page_of.copy()
    page_of[page] = len(table.pages)
    return FoldTable(
        page_of,
        np.concatenate((table.pages, entries[None])),
        np.array(starts, dtype=np.int32),
        np.array(many, dtype=np.uint32),
    )


def _entry(char: str) -> int:
    if char == " ":
        return SPACE | ord(char)
    mark = MARK if unicodedata.category(char)[0] == "M" else 0
    return ord(char) | mark | (WORD if is_word_char(char) else 0)


Array = Any

SPACED, START_OK, END_OK = 1, 2, 4
"""Flags of a token: white space before it; a match may start, may end with it."""
TOO_SHORT, PAGE_MISSING = -1, -2
_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_PAGE_BITS = np.uint32(8)
_PAGE_MASK = np.uint32(255)
_LONGEST = 32  # more than any character unfolds to
_KIND = WORD | SPACE | DROP | MANY | MARK | UNFILLED


@inlined
def hash_seed() -> Any:
    """Hash of no letters (FNV-1a)."""
    return _SEED


@inlined
def hash_letter(h: Any, letter: Any) -> Any:
    """Hash of one letter more."""
    return (h ^ np.uint64(letter)) * _PRIME


@compiled
def tokenize(codes: Array, offsets: Array, table: Array, folded: Array, tokens: Array, first: Array) -> Any:
    """Fold and cut texts; return the number of tokens, or ``TOO_SHORT`` or ``PAGE_MISSING``.

    Args:
        codes: Code points of all texts, one after the other.
        offsets: Where each text starts, and the end of the last.
        table: (page_of, pages, many_starts, many) of a fold table.
        folded: Receives the folded characters of all tokens, without white space.
        tokens: Receives (hashes, where in ``folded``, starts, ends, flags); starts and ends are
            characters of the token's own text.
        first: Receives the first token of each text.
    """
    last, used = -1, 0  # number of the last token, characters in ``folded``
    for doc in range(len(offsets) - 1):
        first[doc] = last + 1
        room = len(folded) - (offsets[-1] - offsets[doc + 1])  # a character of each later one is sure to fit
        last, used = _cut(codes, offsets[doc], offsets[doc + 1], table, folded[:room], tokens, last, used)
        if used < 0:
            return used
    first[len(offsets) - 1] = last + 1
    tokens[1][last + 1] = used
    return last + 1


@compiled
def _cut(
    codes: Array, begin: int, stop: int, table: Array, folded: Array, tokens: Array, last: int, used: int
) -> Any:
    """Cut one text; return the last token and the end of ``folded``, or what is wrong in its place."""
    page_of, pages, _, _ = table
    flags, ends = tokens[4], tokens[3]
    in_word = spaced = attached = False  # attached: a mark here belongs to the last token
    nothing_yet = True
    at = begin
    while at < stop:
        entry = _fold_entry(codes[at], page_of, pages)
        kind = entry & _KIND
        if kind == WORD or kind == 0:
            if not (in_word and kind):
                last += 1
                _open(tokens, last, at - begin, used, START_OK | (SPACED if spaced else 0))
            at, used = _read(entry, codes, at, stop, table, folded, used, tokens[0], last)
            ends[last] = at - begin
            flags[last] |= END_OK
            in_word, attached = kind != 0, True
            spaced = nothing_yet = False
            continue
        at += 1
        if entry & SPACE:
            in_word = attached = nothing_yet = False
            spaced = True
        elif entry & UNFILLED:
            return last, PAGE_MISSING
        elif entry & DROP:
            if entry & MARK and attached:
                ends[last] = at - begin
        else:
            if entry & MANY and used + _LONGEST + (stop - at) > len(folded):
                return last, TOO_SHORT
            state = (last, used, in_word, spaced, attached, nothing_yet)
            last, used, in_word = _units(entry, at - begin, table, folded, tokens, state)
            attached = True
            spaced = nothing_yet = False
    return last, used


@inlined
def _open(tokens: Array, token: Any, start: Any, place: Any, flag: Any) -> None:
    hashes, places, starts, _, flags = tokens
    starts[token], places[token], hashes[token], flags[token] = start, place, _SEED, flag


@inlined
def _fold_entry(code: Any, page_of: Array, pages: Array) -> Any:
    return pages[page_of[code >> _PAGE_BITS], code & _PAGE_MASK]


@inlined
def _read(
    entry: Any,
    codes: Array,
    at: Any,
    stop: Any,
    table: Array,
    folded: Array,
    used: Any,
    hashes: Array,
    token: Any,
) -> Any:
    """Read a character and, if it is a letter or digit, all that follow and fold to one."""
    page_of, pages, _, _ = table
    kind, h = entry & _KIND, hashes[token]
    while True:
        folded[used] = entry & CODE
        h = hash_letter(h, entry & CODE)
        used += 1
        at += 1
        if kind == 0 or at == stop:
            break
        entry = _fold_entry(codes[at], page_of, pages)
        if entry & _KIND != kind:
            break
    hashes[token] = h
    return at, used


@compiled
def _units(entry: Any, end: Any, table: Array, folded: Array, tokens: Array, state: Any) -> Any:
    """Read a mark or a character that folds to several."""
    hashes, _, _, ends, flags = tokens
    last, used, in_word, spaced, attached, nothing_yet = state
    low, high = 0, 1
    if entry & MANY:
        low, high = table[2][entry & CODE], table[2][(entry & CODE) + 1]
    for unit in range(low, high):
        one = table[3][unit] if entry & MANY else entry
        if one & MARK and attached:
            flags[last] &= ~END_OK
        if not (one & WORD and in_word):
            last += 1
            _open(tokens, last, end - 1, used, SPACED if spaced else 0)
            if unit == low and (not one & MARK or nothing_yet):
                flags[last] |= START_OK
            in_word = one & WORD != 0
            spaced = nothing_yet = False
        hashes[last] = hash_letter(hashes[last], one & CODE)
        folded[used] = one & CODE
        used += 1
        ends[last] = end
        attached = True
        flags[last] = flags[last] | END_OK if unit == high - 1 else flags[last] & ~END_OK
    return last, used, in_word


_CHUNK = 1 << 18
"""Characters folded at a time: small enough for the working arrays to stay in the cache."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a batch of texts, as arrays.

    Args:
        count: Number of tokens.
        hashes: Hash of each folded token.
        places: Where each token starts in ``folded``, and the end of the last.
        starts: First character in its own text.
        ends: One past the last character.
        flags: ``SPACED``, ``START_OK``, ``END_OK``.
        first: First token of each text, and the number of tokens.
        folded: Folded code points, without white space.
    """

    count: int
    hashes: NDArray[np.uint64]
    places: Ints
    starts: Ints
    ends: Ints
    flags: NDArray[np.uint8]
    first: Ints
    folded: NDArray[np.uint32]


class Tokenizer:
    """Folds and cuts texts into arrays that it uses again: tokens hold until the next call.

    Fresh arrays for every call would cost a third of the time, in page faults. Not for several threads.
    """

    def __init__(self) -> None:
        self._resize(0)

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Tokens of each text."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=offsets[1:])
        first = np.empty(len(offsets), dtype=np.int32)
        if len(codes) > self._room:
            self._resize(len(codes))
        table = fold_tables().current
        while True:  # once, unless a page is missing or many characters unfold into several
            tables = (table.page_of, table.pages, table.many_starts, table.many)
            count = tokenize(codes, offsets, tables, self._folded, self._columns, first)
            if count >= 0:
                return Tokens(count, *self._columns, first, self._folded)
            if count == PAGE_MISSING:
                table = fold_tables().covering(codes)
            else:
                self._resize(3 * self._room)

    def _resize(self, room: int) -> None:
        self._room = room
        most = room + 64  # a token holds at least one folded character
        self._folded = np.empty(most, dtype=np.uint32)
        places, starts, ends = (np.empty(most + 1, dtype=np.int32) for _ in range(3))
        hashes, flags = np.empty(most, dtype=np.uint64), np.empty(most, dtype=np.uint8)
        self._columns = (hashes, places, starts, ends, flags)


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
