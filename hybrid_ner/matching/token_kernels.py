"""Compiled loop that folds texts and cuts them into tokens.

A token is a run of word characters or one other character that is not white space. Every edge of a
possible match is an edge of a token, so windows of tokens are all that has to be looked at.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hybrid_ner.matching.fold_table import CODE, DROP, MANY, MARK, SPACE, UNFILLED, WORD
from hybrid_ner.matching.jit import compiled, inlined

__all__ = [
    "END_OK",
    "PAGE_MISSING",
    "SPACED",
    "START_OK",
    "TOO_SHORT",
    "hash_letter",
    "hash_seed",
    "tokenize",
]

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
        entry = _entry(codes[at], page_of, pages)
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
def _entry(code: Any, page_of: Array, pages: Array) -> Any:
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
        entry = _entry(codes[at], page_of, pages)
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
