"""Compiled loops of fuzzy matching: candidate windows and edit distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from hybrid_ner.matching.jit import compiled
from hybrid_ner.matching.piece_kernels import (
    DOUBTFUL,
    DOUBTFUL_FROM,
    ENGLISH,
    FIRST,
    LAST,
    LONGEST,
    MIDDLE,
    ONE_EDIT_FROM,
    STOP,
    TWO_EDITS_FROM,
    UNKNOWN,
    bag_bit,
    bucket_of,
    cuts,
    edits_allowed,
    may_hold,
    piece,
    prefix_hashes,
    spaced_text,
)
from hybrid_ner.matching.tokens import END_OK, START_OK

__all__ = ["osa", "propose"]

Array = Any


@compiled
def osa(a: Array, a0: int, n: int, b: Array, b0: int, m: int, most: int, rows: Array) -> int:
    """Optimal string alignment distance of two slices, or ``most + 1`` when it is greater.

    Args:
        a: Characters of the first string.
        a0: Where it starts.
        n: Its length.
        b: Characters of the second string.
        b0: Where it starts.
        m: Its length.
        most: Greatest distance of interest.
        rows: Three rows of working space, longer than either string.
    """
    while n > 0 and m > 0 and a[a0] == b[b0]:
        a0, b0, n, m = a0 + 1, b0 + 1, n - 1, m - 1
    while n > 0 and m > 0 and a[a0 + n - 1] == b[b0 + m - 1]:
        n, m = n - 1, m - 1
    if abs(n - m) > most:
        return most + 1
    if n == 0 or m == 0:
        return max(n, m)
    for j in range(m + 1):
        rows[0, j] = j
    for i in range(1, n + 1):
        now, before, earlier = i % 3, (i - 1) % 3, (i - 2) % 3
        least = most + 1
        low, high = max(1, i - most), min(m, i + most)
        rows[now, low - 1] = i if low == 1 else most + 1
        for j in range(low, high + 1):
            best = rows[before, j - 1] + (a[a0 + i - 1] != b[b0 + j - 1])
            if j < i + most:
                best = min(best, rows[before, j] + 1)
            best = min(best, rows[now, j - 1] + 1)
            swapped = i > 1 and j > 1 and a[a0 + i - 1] == b[b0 + j - 2] and a[a0 + i - 2] == b[b0 + j - 1]
            if swapped and abs(i - j) <= most:
                best = min(best, rows[earlier, j - 2] + 1)
            rows[now, j] = best
            least = min(least, best)
        if least > most:
            return most + 1
    return int(min(rows[n % 3, m], most + 1))


@compiled
def _compare(
    h: Any, window: Any, index: Array, limits: Any, state: Array, out: Array, since: int, count: int
) -> int:
    """Compare a window with every term that holds a piece; add those near enough to ``out``."""
    _, buckets, tags, owners, text, starts, bags = index
    begin, length, bag, doc, first, last, _ = window
    term_length, most = limits
    buffer, rows = state
    docs, firsts, lasts, terms, distances = out
    bucket = bucket_of(h, buckets)
    low, high = buckets[bucket], buckets[bucket + 1]
    tag = np.uint32(h & np.uint64(0xFFFFFFFF))
    for place in range(low, high):
        if tags[place] != tag:
            continue
        term = owners[place]
        different = bag ^ bags[term]
        ones = 0
        while different != 0 and ones <= 2 * most:
            different &= different - np.uint64(1)
            ones += 1
        if ones > 2 * most:
            continue
        known = False
        for earlier in range(since, min(count, len(docs))):
            known = known or terms[earlier] == term
        if known or starts[term + 1] - starts[term] != term_length:
            continue
        distance = osa(buffer, begin, length, text, starts[term], term_length, most, rows)
        if 0 < distance <= most:
            if count < len(docs):
                docs[count], firsts[count], lasts[count] = doc, first, last
                terms[count], distances[count] = term, distance
            count += 1
    return count


@compiled
def _window(
    window: Any, prefix: Array, powers: Array, index: Array, state: Array, out: Array, count: int
) -> int:
    """Look up the pieces that a window shares with terms of each possible length."""
    begin, length, shortest = window[0], window[1], window[6]
    since, bits = count, index[0]
    for term_length in range(max(shortest, length - 2), min(LONGEST, length + 2) + 1):
        most = edits_allowed(term_length)
        if abs(term_length - length) > most:
            continue
        limits = (term_length, most)
        left, right = cuts(term_length)
        if left <= length:
            h = piece(prefix, powers, begin, begin + left, term_length, FIRST)
            if may_hold(h, bits):
                count = _compare(h, window, index, limits, state, out, since, count)
        tail = term_length - right - 1
        if tail <= length:
            h = piece(prefix, powers, begin + length - tail, begin + length, term_length, LAST)
            if may_hold(h, bits):
                count = _compare(h, window, index, limits, state, out, since, count)
        if most == 2:
            over = term_length - length  # one edit on either side of the middle piece makes this sum
            for shift in range(max(-1, -1 - over), min(1, 1 - over) + 1):
                low, high = left + 1 + shift, right + shift
                if low >= 0 and high <= length:
                    h = piece(prefix, powers, begin + low, begin + high, term_length, MIDDLE)
                    if may_hold(h, bits):
                        count = _compare(h, window, index, limits, state, out, since, count)
    return count


@compiled
def propose(
    first: Array, tokens: Array, classes: Array, edges: Array, powers: Array, index: Array, out: Array
) -> int:
    """Terms near to some window of tokens; return how many, also when ``out`` is too short.

    Args:
        first: First token of each text, and the number of tokens.
        tokens: (places, flags, folded) of the tokens.
        classes: ``STOP``, ``KNOWN`` or ``UNKNOWN`` for each token.
        edges: Bits for each token: 1 a window may start, 2 may end with it.
        powers: Powers of the hash base.
        index: (bits, bucket starts, tags, owners of pieces, characters, starts, bags of terms).
        out: Receives (texts, first tokens, last tokens, terms, distances).
    """
    places, flags, folded = tokens
    room = 1
    for doc in range(len(first) - 1):
        size = places[first[doc + 1]] - places[first[doc]] + first[doc + 1] - first[doc] + 1
        room = max(room, size)
    buffer, prefix = np.empty(room, dtype=np.uint16), np.empty(room + 1, dtype=np.uint64)
    at = np.empty(room + 1, dtype=np.int32)
    state = (buffer, np.empty((3, LONGEST + 8), dtype=np.int32))
    count = 0
    for doc in range(len(first) - 1):
        token, stop = first[doc], first[doc + 1]
        while token < stop:
            end, unknown = token, False
            while end < stop and classes[end] != STOP:
                unknown = unknown or classes[end] == UNKNOWN or classes[end] == DOUBTFUL
                end += 1
            if unknown:
                length = spaced_text(token, end, places, flags, folded, buffer, at)
                prefix_hashes(buffer, 0, length, prefix)
                count = _run(
                    doc, token, end, tokens, classes, edges, at, prefix, powers, index, state, out, count
                )
            token = end + 1
    return count


@compiled
def _run(
    doc: int,
    first: int,
    end: int,
    tokens: Array,
    classes: Array,
    edges: Array,
    at: Array,
    prefix: Array,
    powers: Array,
    index: Array,
    state: Array,
    out: Array,
    count: int,
) -> int:
    """Every window of a run of tokens that holds an unknown one."""
    places, flags = tokens[0], tokens[1]
    buffer = state[0]
    for start in range(first, end):
        if not flags[start] & START_OK:
            continue
        begin = at[start - first]
        bag = np.uint64(0)
        unknown = doubtful = False
        odd = 0 if edges[start] & 1 else 1  # what only an edit beside the unknown word explains
        done = begin
        for last in range(start, end):
            stop = at[last - first] + places[last + 1] - places[last]
            if stop - begin > LONGEST + 2:
                break
            odd += classes[last] == ENGLISH
            if odd > 1:
                break
            for k in range(done, stop):
                bag |= bag_bit(buffer[k])
            done = stop
            unknown = unknown or classes[last] == UNKNOWN
            doubtful = doubtful or classes[last] == DOUBTFUL
            odd_end = odd if edges[last] & 2 else odd + 1
            if (unknown or doubtful) and odd_end <= 1 and flags[last] & END_OK:
                shortest = TWO_EDITS_FROM if odd_end else ONE_EDIT_FROM if unknown else DOUBTFUL_FROM
                window = (begin, stop - begin, bag, doc, start, last, shortest)
                count = _window(window, prefix, powers, index, state, out, count)
    return count
