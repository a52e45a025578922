"""Word vectors from raw text without a trained model: weighted contexts, then a truncated decomposition.

Positive pointwise mutual information with smoothed context counts, decomposed with square-root singular
values (Levy, Goldberg and Dagan, 2015, "Improving distributional similarity with lessons learned from word
embeddings"). The words right beside a word also count as contexts of their own: they tell what kind of word
it is, the wider window what it is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching import fold

__all__ = ["word_vectors"]

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_WINDOW = 5
_CONTEXTS = 5_000
"""Most frequent tokens that serve as contexts."""
_BESIDE = {-1: 1, 1: 2}
"""Offset → block of contexts of its own; block 0 holds the whole window."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def word_vectors(
    texts: Sequence[str], words: Sequence[str], dimensions: int, seed: int = 0
) -> NDArray[np.float32]:
    """Vectors of unit length, one row a word; a word without contexts has a row of zeros.

    Args:
        texts: Raw text.
        words: Folded words.
        dimensions: Length of a vector; small texts may give shorter ones.
        seed: Seed of the randomized decomposition.
    """
    from sklearn.utils.extmath import randomized_svd

    weights = _weights(texts, words)
    size = min(dimensions, *(side - 1 for side in weights.shape))
    if size < 1 or weights.nnz == 0:
        return np.zeros((len(words), 1), dtype=np.float32)
    left, strengths, _ = randomized_svd(weights, size, n_iter=3, random_state=seed)
    vectors = left * np.sqrt(strengths)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-6)).astype(np.float32)
    return unit


def _weights(texts: Sequence[str], words: Sequence[str]) -> Any:
    """Sparse matrix of words by contexts."""
    from scipy.sparse import coo_matrix, csr_matrix

    tokens = [[fold(token) for token in _TOKEN.findall(text)] for text in texts]
    common = Counter(token for text in tokens for token in text).most_common(_CONTEXTS)
    context = {token: number for number, (token, _) in enumerate(common)}
    row = {word: number for number, word in enumerate(words)}
    rows, columns, values = _pairs(_numbers(tokens, row), _numbers(tokens, context), len(context))
    shape = (len(words), max(_BESIDE.values()) * len(context) + len(context))
    counts = coo_matrix((values, (rows, columns)), shape=shape).tocsr()
    by_word = np.asarray(counts.sum(axis=1)).ravel()
    by_context = np.asarray(counts.sum(axis=0)).ravel() ** 0.75  # Levy et al.: rare contexts count less
    counts = counts.tocoo()
    expected = by_word[counts.row] * by_context[counts.col] / by_context.sum()
    values = np.log(counts.data / expected)
    kept = values > 0
    return csr_matrix((values[kept].astype(np.float32), (counts.row[kept], counts.col[kept])), shape=shape)


def _numbers(tokens: Sequence[Sequence[str]], number: Mapping[str, int]) -> NDArray[np.int64]:
    """All texts in one row, -1 for other tokens and for the gap that keeps windows inside a text."""
    gap = [-1] * _WINDOW
    return np.array(
        [n for text in tokens for n in (*(number.get(t, -1) for t in text), *gap)], dtype=np.int64
    )


def _pairs(rows: NDArray[np.int64], columns: NDArray[np.int64], contexts: int) -> Pairs:
    """Word and context of every pair in a window, weighted by nearness."""
    found: list[Pairs] = []
    for offset in (o for o in range(-_WINDOW, _WINDOW + 1) if o):
        word = rows[max(0, -offset) : len(rows) - max(0, offset)]
        near = columns[max(0, offset) : len(columns) - max(0, -offset)]
        both = (word >= 0) & (near >= 0)
        for block in sorted({0, _BESIDE.get(offset, 0)}):
            weight = np.full(int(both.sum()), 1 / abs(offset), dtype=np.float32)
            found.append((word[both], near[both] + block * contexts, weight))
    word, near, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    return word, near, weight
