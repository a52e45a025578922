"""Compiled loops of the phrase hash: numbering words, the trie, its walk, the overlap choice.

Words are numbered; a trie over word numbers, kept as one hash table of (node, space before, word) →
node, says at each step whether some term goes on. Words are compared letter by letter when they are
looked up and edges are exact integers, so there is no false match to weed out.

All loops release the GIL and are cached on disk after the first compilation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hybrid_ner.matching.jit import compiled, inlined
from hybrid_ner.matching.tokens import END_OK, SPACED, START_OK, hash_letter, hash_seed

__all__ = ["insert_edges", "insert_words", "longest", "look_up", "rehash_edges", "rehash_words", "walk"]

Array = Any

_MIX = np.uint64(0x9E3779B97F4A7C15)
_ID_BITS = np.uint64(24)
_ID_MASK = np.uint64((1 << 24) - 1)
_S32 = np.uint64(32)
_ONE = np.uint64(1)


@inlined
def _spread(h: Any) -> Any:
    h = (h ^ (h >> _S32)) * _MIX
    return h ^ (h >> _S32)


@inlined
def _find_word(h: Any, place: Any, end: Any, folded: Array, words: Array) -> Any:
    """Number of the word ``folded[place:end]`` or -1, and its slot or the free slot it belongs in."""
    slots, starts, letters = words
    mask = np.uint64(len(slots) - 1)
    tag = h >> _ID_BITS
    slot = h & mask
    while slots[slot] != 0:
        if slots[slot] >> _ID_BITS == tag:
            word = np.int64(slots[slot] & _ID_MASK) - 1
            begin = starts[word]
            same = end - place == starts[word + 1] - begin
            k = 0
            while same and k < end - place:
                same = folded[place + k] == letters[begin + k]
                k += 1
            if same:
                return word, slot
        slot = (slot + _ONE) & mask
    return -1, slot


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
    for token in range(count):
        h = _spread(hashes[token])
        ids[token] = _find_word(h, places[token], places[token + 1], folded, words)[0]


@compiled
def insert_words(
    count: int, hashes: Array, places: Array, folded: Array, words: Array, known: int, ids: Array
) -> int:
    """Number the words of all tokens; add new ones to the ``known`` ones; return how many there are."""
    slots, starts, letters = words
    for token in range(count):
        h = _spread(hashes[token])
        place, end = places[token], places[token + 1]
        word, slot = _find_word(h, place, end, folded, words)
        if word < 0:
            word = known
            known += 1
            slots[slot] = (h >> _ID_BITS << _ID_BITS) | np.uint64(known)
            letters[starts[word] : starts[word] + end - place] = folded[place:end]
            starts[known] = starts[word] + end - place
        ids[token] = word
    return known


@compiled
def rehash_words(starts: Array, letters: Array, slots: Array) -> None:
    """Fill an empty table of another size with the words."""
    mask = np.uint64(len(slots) - 1)
    for word in range(len(starts) - 1):
        h = hash_seed()
        for place in range(starts[word], starts[word + 1]):
            h = hash_letter(h, letters[place])
        h = _spread(h)
        slot = h & mask
        while slots[slot] != 0:
            slot = (slot + _ONE) & mask
        slots[slot] = (h >> _ID_BITS << _ID_BITS) | np.uint64(word + 1)


@inlined
def _edge(node: Any, spaced: Any, word: Any) -> Any:
    return (np.uint64(node) << _S32) | (np.uint64(spaced) << np.uint64(31)) | np.uint64(word)


@inlined
def _find_edge(key: Any, keys: Array) -> Any:
    """Slot of an edge, or the free slot it belongs in."""
    size = len(keys)
    h = key * _MIX
    h = (h ^ (h >> _S32)) * _MIX
    slot: Any = np.int64(((h >> _S32) * np.uint64(size)) >> _S32)
    while keys[slot] != 0 and keys[slot] != key:
        slot = slot + 1 if slot + 1 < size else 0
    return slot


@compiled
def insert_edges(
    first: Array, flags: Array, ids: Array, trie: Array, counts: Array, group_of: Array
) -> tuple[int, int, int]:
    """Thread every term through the trie; return the new numbers of nodes, edges and groups.

    Args:
        first: First token of each term, and the number of tokens.
        flags: Flags of each token.
        ids: Word of each token.
        trie: (root node of each word, edge keys, edge nodes, group of each node) to fill; node 0 is none.
        counts: Nodes, edges and groups so far.
        group_of: Receives the group of each term: terms of equal folded form share one.
    """
    roots, keys, nodes, terminal = trie
    last_node, edges, groups = counts
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
            slot = _find_edge(key, keys)
            if keys[slot] == 0:
                last_node += 1
                edges += 1
                keys[slot] = key
                nodes[slot] = last_node
            node = nodes[slot]
        if terminal[node] < 0:
            terminal[node] = groups
            groups += 1
        group_of[term] = terminal[node]
    return last_node, edges, groups


@compiled
def rehash_edges(keys: Array, nodes: Array, new_keys: Array, new_nodes: Array) -> None:
    """Move edges into a table of another size."""
    for old in range(len(keys)):
        if keys[old] != 0:
            slot = _find_edge(keys[old], new_keys)
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
                    if count < len(docs):
                        docs[count] = doc
                        hit_starts[count] = starts[begin]
                        hit_ends[count] = ends[token]
                        groups[count] = terminal[node]
                    count += 1
                token += 1
                if token == stop or ids[token] < 0:
                    break
                key = _edge(node, flags[token] & SPACED, ids[token])
                slot = _find_edge(key, keys)
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
        longer = row + 1 < count and docs[row + 1] == doc and starts[row + 1] == starts[row]
        if starts[row] >= last and not longer:
            mask[row] = True
            last = ends[row]
