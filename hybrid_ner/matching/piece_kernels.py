"""Compiled loops of the fuzzy index: classes of tokens, pieces of terms and their hashes.

By the pigeonhole principle a string within k edits of a term holds one of k + 1 pieces of the term
unchanged. One character is left out between pieces, so that swapping two neighbors breaks one piece
only. Pieces are found by hash; the hash also covers the length of the term and which piece it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.jit import compiled, inlined
from hybrid_ner.matching.tokens import SPACED

__all__ = [
    "DOUBTFUL",
    "DOUBTFUL_FROM",
    "ENGLISH",
    "FIRST",
    "KNOWN",
    "LAST",
    "LONGEST",
    "MIDDLE",
    "ONE_EDIT_FROM",
    "STOP",
    "TWO_EDITS_FROM",
    "UNKNOWN",
    "bag_bit",
    "bucket_of",
    "classify",
    "cuts",
    "edits_allowed",
    "fill_buckets",
    "hash_pieces",
    "may_hold",
    "piece",
    "powers",
    "prefix_hashes",
    "spaced_terms",
    "spaced_text",
]

Array = Any

ONE_EDIT_FROM, TWO_EDITS_FROM, LONGEST = 5, 12, 96
"""Folded lengths from which one and two edits are allowed, and of the longest term that is compared."""
_UNKNOWN_FROM = 2
_DOUBTFUL_TO = 4
DOUBTFUL_FROM = 8
"""Folded length from which a term is compared with a window that holds doubtful words but no unknown one."""
STOP, KNOWN, UNKNOWN, ENGLISH, DOUBTFUL = 0, 1, 2, 3, 4
"""Classes of tokens: never in a window; allowed in one; one of the rest but English must be in it.

Doubtful are short words that only the terms know: "pai" is one of their acronyms and may be "pain".
"""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_S32 = np.uint64(32)
FIRST, MIDDLE, LAST = 0, 1, 2


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
def cuts(length: Any) -> Any:
    """Where the gaps of a term lie: one for one edit, two for two."""
    if length < TWO_EDITS_FROM:
        return length // 2, length // 2
    return length // 3, 2 * length // 3


@inlined
def piece(prefix: Array, powers: Array, start: Any, end: Any, length: Any, kind: Any) -> Any:
    h = prefix[end] - prefix[start] * powers[end - start]
    h = (h ^ np.uint64(length * 4 + kind)) * _MIX
    h = (h ^ (h >> _S32)) * _MIX
    return h ^ (h >> _S32)


@inlined
def bag_bit(letter: Any) -> Any:
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
        elif ids[token] >= 0 and english[token] < 0 and _UNKNOWN_FROM <= letters <= _DOUBTFUL_TO:
            classes[token] = DOUBTFUL
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
def prefix_hashes(text: Array, start: Any, length: Any, prefix: Array) -> None:
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
            bag |= bag_bit(text[k])
        bags[term] = bag
        if edits_allowed(length) == 0:
            continue
        prefix_hashes(text, starts[term], length, prefix)
        left, right = cuts(length)
        hashes[count] = piece(prefix, powers, 0, left, length, FIRST)
        hashes[count + 1] = piece(prefix, powers, right + 1, length, length, LAST)
        owners[count] = owners[count + 1] = term
        count += 2
        if right > left:
            hashes[count] = piece(prefix, powers, left + 1, right, length, MIDDLE)
            owners[count] = term
            count += 1
    return count


@inlined
def bucket_of(hash_value: Any, buckets: Array) -> Any:
    return np.int64(((hash_value >> _S32) * np.uint64(len(buckets) - 1)) >> _S32)


@inlined
def _bit(hash_value: Any, bits: Array) -> Any:
    low = hash_value & np.uint64(0xFFFFFFFF)
    return np.int64((low * np.uint64(8 * len(bits))) >> _S32)


@inlined
def may_hold(hash_value: Any, bits: Array) -> Any:
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
        while place < len(hashes) and bucket_of(hashes[place], buckets) < bucket:
            place += 1
        buckets[bucket] = place
