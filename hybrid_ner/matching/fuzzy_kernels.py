"""Compiled loops of the fuzzy index: pieces of terms, candidate windows, edit distance.

By the pigeonhole principle a string within k edits of a term holds one of k + 1 pieces of the term
unchanged. One character is left out between pieces, so that swapping two neighbors breaks one piece
only. Pieces are found by hash; the hash also covers the length of the term and which piece it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.jit import compiled, inlined
from hybrid_ner.matching.token_kernels import END_OK, SPACED, START_OK

__all__ = [
    "KNOWN",
    "LONGEST",
    "STOP",
    "UNKNOWN",
    "classify",
    "edits_allowed",
    "fill_buckets",
    "hash_pieces",
    "osa",
    "powers",
    "propose",
    "spaced_terms",
    "spaced_text",
]

Array = Any

ONE_EDIT_FROM, TWO_EDITS_FROM, LONGEST = 5, 12, 96
"""Folded lengths from which one and two edits are allowed, and of the longest term that is compared."""
_UNKNOWN_FROM = 2
STOP, KNOWN, UNKNOWN, ENGLISH = 0, 1, 2, 3
"""Classes of tokens: never in a window; allowed in one; one of these must be in it."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_S32 = np.uint64(32)
_FIRST, _MIDDLE, _LAST = 0, 1, 2


def powers() -> NDArray[np.uint64]:
    """Powers of the hash base, for pieces of every length."""
    out = np.ones(LONGEST + 4, dtype=np.uint64)
    out[1:] = _BASE
    return np.cumprod(out, dtype=np.uint64)


@compiled
def edits_allowed(length: int) -> int:
    """Most edits between a term of this folded length and a mention of it."""
    if length < ONE_EDIT_FROM or length > LONGEST:
        return 0
    return 1 if length < TWO_EDITS_FROM else 2


@inlined
def _cuts(length: Any) -> Any:
    """Where the gaps of a term lie: one for one edit, two for two."""
    if length < TWO_EDITS_FROM:
        return length // 2, length // 2
    return length // 3, 2 * length // 3


@inlined
def _piece(prefix: Array, powers: Array, start: Any, end: Any, length: Any, kind: Any) -> Any:
    h = prefix[end] - prefix[start] * powers[end - start]
    h = (h ^ np.uint64(length * 4 + kind)) * _MIX
    h = (h ^ (h >> _S32)) * _MIX
    return h ^ (h >> _S32)


@inlined
def _bag_bit(letter: Any) -> Any:
    code = np.uint64(letter)
    if 97 <= code <= 122:
        return np.uint64(1) << (code - np.uint64(97))
    return np.uint64(1) << (np.uint64(26) + code % np.uint64(38))


@compiled
def spaced_text(
    first: int, last: int, places: Array, flags: Array, folded: Array, out: Array, at: Array
) -> int:
    """Write tokens with the spaces between them; return the length.

    Args:
        first: First token.
        last: One past the last token.
        places: Where each token starts in ``folded``.
        flags: Flags of each token.
        folded: Folded characters without spaces.
        out: Receives the characters, cut to 16 bits.
        at: Receives where each token starts in ``out``, counted from ``first``.
    """
    used = 0
    for token in range(first, last):
        if token > first and flags[token] & SPACED:
            out[used] = 32
            used += 1
        at[token - first] = used
        for place in range(places[token], places[token + 1]):
            out[used] = folded[place] & 0xFFFF
            used += 1
    at[last - first] = used
    return used


@compiled
def spaced_terms(first: Array, places: Array, flags: Array, folded: Array, out: Array, starts: Array) -> int:
    """Write the folded form of every term; return the length of all."""
    used = 0
    for term in range(len(first) - 1):
        starts[term] = used
        for token in range(first[term], first[term + 1]):
            if token > first[term] and flags[token] & SPACED:
                out[used] = 32
                used += 1
            for place in range(places[token], places[token + 1]):
                out[used] = folded[place] & 0xFFFF
                used += 1
    starts[len(first) - 1] = used
    return used


@compiled
def classify(
    places: Array, folded: Array, ids: Array, english: Array, words: Array, gated: bool, out: Array
) -> None:
    """Say for each token whether windows may hold it, start with it and end with it.

    Args:
        places: Where each token starts in ``folded``, and the end of the last.
        folded: Folded characters.
        ids: Word of each token in the terms, -1 for none.
        english: Word of each token in the English list, -1 for none.
        words: For each word of the terms, (node as first word or 0, whether some term ends with it).
        gated: Whether a window needs a word that neither the terms nor the English list know.
        out: Receives (classes, edges).
    """
    roots, last_words = words
    classes, edges = out
    for token in range(len(ids)):
        letters = 0
        for place in range(places[token], places[token + 1]):
            code = folded[place]
            letters += code > 127 or 97 <= code <= 122
        edges[token] = 3
        if not gated:
            classes[token] = UNKNOWN if letters else KNOWN
        elif ids[token] >= 0:
            classes[token] = KNOWN
            edges[token] = (1 if roots[ids[token]] else 0) | (2 if last_words[ids[token]] else 0)
        elif letters == 0:
            classes[token] = STOP
        elif english[token] >= 0:
            classes[token] = ENGLISH
        else:
            classes[token] = UNKNOWN if letters >= _UNKNOWN_FROM else KNOWN


@inlined
def _prefix_hashes(text: Array, start: Any, length: Any, prefix: Array) -> None:
    prefix[0] = 0
    for k in range(length):
        prefix[k + 1] = prefix[k] * _BASE + np.uint64(text[start + k] + 1)


@compiled
def hash_pieces(text: Array, starts: Array, powers: Array, out: Array) -> Array:
    """Hash the pieces of every term.

    Args:
        text: Characters of all terms.
        starts: Where each term starts, and the end of the last.
        powers: Powers of the hash base.
        out: Receives (hash of each piece, its term, bag of characters of each term).

    Returns:
        Number of pieces.
    """
    hashes, owners, bags = out
    prefix = np.zeros(LONGEST + 1, dtype=np.uint64)
    count = 0
    for term in range(len(starts) - 1):
        length = starts[term + 1] - starts[term]
        bag = np.uint64(0)
        for k in range(starts[term], starts[term + 1]):
            bag |= _bag_bit(text[k])
        bags[term] = bag
        if edits_allowed(length) == 0:
            continue
        _prefix_hashes(text, starts[term], length, prefix)
        left, right = _cuts(length)
        hashes[count] = _piece(prefix, powers, 0, left, length, _FIRST)
        hashes[count + 1] = _piece(prefix, powers, right + 1, length, length, _LAST)
        owners[count] = owners[count + 1] = term
        count += 2
        if right > left:
            hashes[count] = _piece(prefix, powers, left + 1, right, length, _MIDDLE)
            owners[count] = term
            count += 1
    return count


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


@inlined
def _bucket(hash_value: Any, buckets: Array) -> Any:
    return np.int64(((hash_value >> _S32) * np.uint64(len(buckets) - 1)) >> _S32)


@inlined
def _bit(hash_value: Any, bits: Array) -> Any:
    low = hash_value & np.uint64(0xFFFFFFFF)
    return np.int64((low * np.uint64(8 * len(bits))) >> _S32)


@inlined
def _may_hold(hash_value: Any, bits: Array) -> Any:
    bit = _bit(hash_value, bits)
    return bits[bit >> 3] & (1 << (bit & 7))


@compiled
def fill_buckets(hashes: Array, buckets: Array, bits: Array) -> None:
    """Where each bucket of the sorted hashes starts: buckets come in the order of their hashes.

    Args:
        hashes: Sorted.
        buckets: Receives the starts, with the end of the last.
        bits: Receives one bit for each hash, so that most look-ups touch little memory.
    """
    for k in range(len(hashes)):
        bit = _bit(hashes[k], bits)
        bits[bit >> 3] |= 1 << (bit & 7)
    place = 0
    for bucket in range(len(buckets)):
        while place < len(hashes) and _bucket(hashes[place], buckets) < bucket:
            place += 1
        buckets[bucket] = place


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
    bucket = _bucket(h, buckets)
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
    begin, length, strange = window[0], window[1], window[6]
    since, bits = count, index[0]
    shortest = TWO_EDITS_FROM if strange else ONE_EDIT_FROM
    for term_length in range(max(shortest, length - 2), min(LONGEST, length + 2) + 1):
        most = edits_allowed(term_length)
        if abs(term_length - length) > most:
            continue
        limits = (term_length, most)
        left, right = _cuts(term_length)
        if left <= length:
            h = _piece(prefix, powers, begin, begin + left, term_length, _FIRST)
            if _may_hold(h, bits):
                count = _compare(h, window, index, limits, state, out, since, count)
        tail = term_length - right - 1
        if tail <= length:
            h = _piece(prefix, powers, begin + length - tail, begin + length, term_length, _LAST)
            if _may_hold(h, bits):
                count = _compare(h, window, index, limits, state, out, since, count)
        if most == 2:
            over = term_length - length  # one edit on either side of the middle piece makes this sum
            for shift in range(max(-1, -1 - over), min(1, 1 - over) + 1):
                low, high = left + 1 + shift, right + shift
                if low >= 0 and high <= length:
                    h = _piece(prefix, powers, begin + low, begin + high, term_length, _MIDDLE)
                    if _may_hold(h, bits):
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
                unknown = unknown or classes[end] == UNKNOWN
                end += 1
            if unknown:
                length = spaced_text(token, end, places, flags, folded, buffer, at)
                _prefix_hashes(buffer, 0, length, prefix)
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
        unknown = False
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
                bag |= _bag_bit(buffer[k])
            done = stop
            unknown = unknown or classes[last] == UNKNOWN
            odd_end = odd if edges[last] & 2 else odd + 1
            if unknown and odd_end <= 1 and flags[last] & END_OK:
                window = (begin, stop - begin, bag, doc, start, last, odd_end)
                count = _window(window, prefix, powers, index, state, out, count)
    return count
