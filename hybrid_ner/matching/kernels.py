"""Compiled inner loops of the phrase hash: tokens, words, trie walk, overlap choice.

A token is a run of word characters or one other character that is not white space. Every edge of a
possible match is an edge of a token, so windows of tokens are all that has to be looked at. Words are
numbered; a trie over word numbers, kept as one hash table of (node, space before, word) → node, says
at each step whether some term goes on. Words are compared letter by letter when they are looked up and
edges are exact integers, so there is no false match to weed out.

All loops release the GIL and are cached on disk after the first compilation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hybrid_ner.matching.fold_table import CODE, DROP, MANY, MARK, SPACE, UNFILLED, WORD
from hybrid_ner.matching.jit import compiled, inlined

__all__ = [
    "END_OK",
    "SPACED",
    "START_OK",
    "insert_edges",
    "insert_words",
    "longest",
    "look_up",
    "rehash_edges",
    "rehash_words",
    "tokenize",
    "walk",
]

Array = Any

SPACED, START_OK, END_OK = 1, 2, 4
_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ID_BITS = np.uint64(24)
_ID_MASK = np.uint64((1 << 24) - 1)
_S32 = np.uint64(32)
_ONE = np.uint64(1)
_PAGE_BITS = np.uint32(8)
_PAGE_MASK = np.uint32(255)
_KIND = WORD | SPACE | DROP | MANY | MARK | UNFILLED


@compiled
def tokenize(codes: Array, offsets: Array, table: Array, folded: Array, tokens: Array, first: Array) -> int:
    """Fold and cut texts; return the number of tokens, -1: ``folded`` is too short, -2: a page is missing.

    Args:
        codes: Code points of all texts, one after the other.
        offsets: Where each text starts, and the end of the last.
        table: (page_of, pages, many_starts, many) of a fold table.
        folded: Receives the folded characters of all tokens, without white space.
        tokens: Receives (hashes, where in ``folded``, starts, ends, flags); starts and ends are
            characters of the token's own text.
        first: Receives the first token of each text.
    """
    page_of, pages, many_starts, many = table
    hashes, places, starts, ends, flags = tokens
    last = -1  # number of the token that is open or was closed last
    used = 0
    for doc in range(len(offsets) - 1):
        first[doc] = last + 1
        begin, stop = offsets[doc], offsets[doc + 1]
        in_word = spaced = attached = False  # attached: a mark here belongs to the last token
        nothing_yet = True
        at = begin
        while at < stop:
            code = codes[at]
            entry = pages[page_of[code >> _PAGE_BITS], code & _PAGE_MASK]
            if entry & _KIND == WORD:
                if in_word:
                    h = hashes[last]
                else:
                    last += 1
                    starts[last], places[last], flags[last] = (
                        at - begin,
                        used,
                        START_OK | (SPACED if spaced else 0),
                    )
                    h = _SEED
                while True:
                    char = entry & CODE
                    h = (h ^ np.uint64(char)) * _PRIME
                    folded[used] = char
                    used += 1
                    at += 1
                    if at == stop:
                        break
                    code = codes[at]
                    entry = pages[page_of[code >> _PAGE_BITS], code & _PAGE_MASK]
                    if entry & _KIND != WORD:
                        break
                hashes[last] = h
                ends[last] = at - begin
                flags[last] |= END_OK
                in_word = attached = True
                spaced = nothing_yet = False
                continue
            at += 1
            if entry & SPACE:
                in_word = attached = nothing_yet = False
                spaced = True
                continue
            if entry & UNFILLED:
                return -2
            if entry & DROP:
                if entry & MARK and attached:
                    ends[last] = at - begin
                continue
            low, high = 0, 1
            if entry & MANY:
                low, high = many_starts[entry & CODE], many_starts[(entry & CODE) + 1]
                if used + (high - low) + (offsets[-1] - at) > len(folded):
                    return -1
            for unit in range(low, high):
                one = many[unit] if entry & MANY else entry
                if one & MARK and attached:
                    flags[last] &= ~END_OK
                if not (one & WORD and in_word):
                    last += 1
                    starts[last], places[last], hashes[last] = at - 1 - begin, used, _SEED
                    flags[last] = SPACED if spaced else 0
                    if unit == low and (not one & MARK or nothing_yet):
                        flags[last] |= START_OK
                    in_word = one & WORD != 0
                    spaced = nothing_yet = False
                hashes[last] = (hashes[last] ^ np.uint64(one & CODE)) * _PRIME
                folded[used] = one & CODE
                used += 1
                ends[last] = at - begin
                attached = True
                if unit == high - 1:
                    flags[last] |= END_OK
                else:
                    flags[last] &= ~END_OK
    count = last + 1
    first[len(offsets) - 1] = count
    places[count] = used
    return count


@inlined
def _spread(h: Array) -> Array:
    h = (h ^ (h >> _S32)) * _MIX
    return h ^ (h >> _S32)


@inlined
def _same(folded: Array, place: Array, end: Array, letters: Array, start: Array, stop: Array) -> bool:
    if end - place != stop - start:
        return False
    for k in range(end - place):  # noqa: SIM110
        if folded[place + k] != letters[start + k]:
            return False
    return True


@compiled
def look_up(count: int, hashes: Array, places: Array, folded: Array, words: Array, ids: Array) -> None:
    """Number of each token's word, -1 where no term holds it.

    Args:
        count: Number of tokens.
        hashes: Hash of each token.
        places: Where each token starts in ``folded``, and the end of the last.
        folded: Folded characters of all tokens.
        words: (slots, starts of each word in letters, letters).
        ids: Receives the numbers.
    """
    slots, starts, letters = words
    mask = np.uint64(len(slots) - 1)
    for token in range(count):
        h = _spread(hashes[token])
        tag = h >> _ID_BITS
        slot = h & mask
        found = -1
        while slots[slot] != 0:
            if slots[slot] >> _ID_BITS == tag:
                word = int(slots[slot] & _ID_MASK) - 1
                if _same(folded, places[token], places[token + 1], letters, starts[word], starts[word + 1]):
                    found = word
                    break
            slot = (slot + _ONE) & mask
        ids[token] = found


@compiled
def insert_words(count: int, hashes: Array, places: Array, folded: Array, words: Array, ids: Array) -> int:
    """Number the distinct words of all tokens; fill ``words``; return how many there are."""
    slots, starts, letters = words
    mask = np.uint64(len(slots) - 1)
    known = 0
    for token in range(count):
        h = _spread(hashes[token])
        tag = h >> _ID_BITS
        slot = h & mask
        found = -1
        while slots[slot] != 0:
            if slots[slot] >> _ID_BITS == tag:
                word = int(slots[slot] & _ID_MASK) - 1
                if _same(folded, places[token], places[token + 1], letters, starts[word], starts[word + 1]):
                    found = word
                    break
            slot = (slot + _ONE) & mask
        if found < 0:
            found = known
            known += 1
            slots[slot] = (tag << _ID_BITS) | np.uint64(known)
            begin = starts[found]
            for k in range(places[token + 1] - places[token]):
                letters[begin + k] = folded[places[token] + k]
            starts[known] = begin + places[token + 1] - places[token]
        ids[token] = found
    return known


@compiled
def rehash_words(starts: Array, letters: Array, slots: Array) -> None:
    """Fill an empty table of another size with the words."""
    mask = np.uint64(len(slots) - 1)
    for word in range(len(starts) - 1):
        h = _SEED
        for place in range(starts[word], starts[word + 1]):
            h = (h ^ np.uint64(letters[place])) * _PRIME
        h = _spread(h)
        slot = h & mask
        while slots[slot] != 0:
            slot = (slot + _ONE) & mask
        slots[slot] = (h >> _ID_BITS << _ID_BITS) | np.uint64(word + 1)


@inlined
def _edge(node: Array, spaced: Array, word: Array) -> Array:
    return (np.uint64(node) << _S32) | (np.uint64(spaced) << np.uint64(31)) | np.uint64(word)


@inlined
def _slot(key: Array, size: Array) -> Array:
    h = key * _MIX
    h = (h ^ (h >> _S32)) * _MIX
    return np.int64(((h >> _S32) * np.uint64(size)) >> _S32)


@compiled
def insert_edges(first: Array, flags: Array, ids: Array, trie: Array, group_of: Array) -> Array:
    """Thread every term through the trie; return the numbers of nodes, edges and groups.

    Args:
        first: First token of each term, and the number of tokens.
        flags: Flags of each token.
        ids: Word of each token.
        trie: (root node of each word, edge keys, edge nodes, group of each node) to fill; node 0 is none.
        group_of: Receives the group of each term: terms of equal folded form share one.
    """
    roots, keys, nodes, terminal = trie
    size = len(keys)
    last_node = 0
    edges = 0
    groups = 0
    for term in range(len(first) - 1):
        group_of[term] = -1
        if first[term] == first[term + 1]:
            continue
        node = roots[ids[first[term]]]
        if node == 0:
            last_node += 1
            node = last_node
            roots[ids[first[term]]] = node
        for token in range(first[term] + 1, first[term + 1]):
            key = _edge(node, flags[token] & SPACED, ids[token])
            slot = _slot(key, size)
            while keys[slot] != 0 and keys[slot] != key:
                slot = slot + 1 if slot + 1 < size else 0
            if keys[slot] == 0:
                last_node += 1
                keys[slot] = key
                nodes[slot] = last_node
                edges += 1
            node = nodes[slot]
        if terminal[node] < 0:
            terminal[node] = groups
            groups += 1
        group_of[term] = terminal[node]
    return last_node, edges, groups


@compiled
def rehash_edges(keys: Array, nodes: Array, new_keys: Array, new_nodes: Array) -> None:
    """Move edges into a table of another size."""
    size = len(new_keys)
    for old in range(len(keys)):
        if keys[old] != 0:
            slot = _slot(keys[old], size)
            while new_keys[slot] != 0:
                slot = slot + 1 if slot + 1 < size else 0
            new_keys[slot] = keys[old]
            new_nodes[slot] = nodes[old]


@compiled
def walk(first: Array, tokens: Array, ids: Array, trie: Array, hits: Array) -> int:
    """Every occurrence of every term; return how many, also when ``hits`` is too short for them.

    Args:
        first: First token of each text, and the number of tokens.
        tokens: (starts, ends, flags) of each token.
        ids: Word of each token, -1 for none.
        trie: (root node of each word, edge keys, edge nodes, group of each node).
        hits: Receives (texts, starts, ends, groups).
    """
    starts, ends, flags = tokens
    roots, keys, nodes, terminal = trie
    docs, hit_starts, hit_ends, groups = hits
    size = len(keys)
    room = len(docs)
    count = 0
    for doc in range(len(first) - 1):
        stop = first[doc + 1]
        for begin in range(first[doc], stop):
            if ids[begin] < 0 or not flags[begin] & START_OK:
                continue
            node = roots[ids[begin]]
            token = begin
            while node:
                if terminal[node] >= 0 and flags[token] & END_OK:
                    if count < room:
                        docs[count] = doc
                        hit_starts[count] = starts[begin]
                        hit_ends[count] = ends[token]
                        groups[count] = terminal[node]
                    count += 1
                token += 1
                if token == stop or ids[token] < 0:
                    break
                key = _edge(node, flags[token] & SPACED, ids[token])
                slot = _slot(key, size)
                while keys[slot] != 0 and keys[slot] != key:
                    slot = slot + 1 if slot + 1 < size else 0
                node = nodes[slot] if keys[slot] else 0
    return count


@compiled
def longest(docs: Array, starts: Array, ends: Array, mask: Array) -> None:
    """Mark the leftmost-longest hits; hits come by text, start, end."""
    doc = -1
    last = 0
    count = len(docs)
    for row in range(count):
        if docs[row] != doc:
            doc = docs[row]
            last = 0
        if starts[row] < last:
            continue
        if row + 1 < count and docs[row + 1] == doc and starts[row + 1] == starts[row]:
            continue  # a longer one follows
        mask[row] = True
        last = ends[row]
