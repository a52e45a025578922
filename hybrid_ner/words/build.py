"""Word vectors and classes from raw text, without a trained model and the same on every machine run.

Positive pointwise mutual information with smoothed context counts, decomposed with square-root singular
values (Levy, Goldberg and Dagan, 2015, "Improving distributional similarity with lessons learned from word
embeddings"). The words beside a word also count as contexts of their own, by their place: they tell what kind
of word it is, the wider window what it is about. Classes are k-means clusters of the vectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.words.vectors import WordVectors, pack, rows_of_unit_length, subword_table, word_forms

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How vectors are made; the defaults are the measured ones (``benchmarks/words.md``).

    Args:
        dimensions: Length of a vector; small texts may give shorter ones.
        vocabulary: Most frequent words that get a vector.
        min_count: A rarer word gets none.
        contexts: Most frequent words that serve as contexts.
        window: Words to each side that count, the near ones more.
        beside: Words to each side that count by their exact place as well.
        smoothing: Power of the context counts; below 1, rare contexts count less.
        classes: Numbers of classes.
        subwords: Whether words outside the vocabulary get a vector by their letters.
        levels: Largest code of a number; fewer levels pack better.
        seed: Seed of every random choice.
    """

    dimensions: int = 100
    vocabulary: int = 100_000
    min_count: int = 2
    contexts: int = 10_000
    window: int = 5
    beside: int = 2
    smoothing: float = 0.75
    classes: tuple[int, ...] = (50, 200, 1000)
    subwords: bool = True
    levels: int = 127
    seed: int = 0


def build_words(
    texts: Iterable[str],
    settings: BuildSettings | None = None,
    name: str = "own",
    about: Mapping[str, Any] | None = None,
) -> WordVectors:
    """Vectors and classes of the words of some texts.

    Args:
        texts: Raw text, one string a document; read once.
        settings: See ``BuildSettings``.
        name: What text it is.
        about: Where it is from, to be kept with the vectors.
    """
    settings = settings or BuildSettings()
    read = _Read.of(texts, settings)
    rows = min(settings.vocabulary, int((read.counts >= settings.min_count).sum()))
    unit = _decomposed(read, rows, settings)
    words = read.words[:rows]
    codes, scale = pack(unit, settings.levels)
    grams = None
    if settings.subwords and rows:
        grams = pack(
            subword_table(words, unit, np.log1p(read.counts[:rows]).astype(np.float32)), settings.levels
        )
    classes = {
        count: _classes(unit, read.counts[:rows], count, settings.seed)
        for count in settings.classes
        if 2 * count <= rows
    }
    return WordVectors(
        name,
        tuple(words),
        codes,
        scale,
        read.documents[:rows],
        read.texts,
        classes,
        grams,
        {
            **(about or {}),
            "tokens": int(read.counts.sum()),
            "settings": {**asdict(settings), "classes": list(settings.classes)},
        },
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """Words by falling frequency, and the texts as their numbers with gaps of -1 between them."""

    words: list[str]
    counts: NDArray[np.int64]
    documents: NDArray[np.uint32]
    numbers: Numbers
    texts: int

    @classmethod
    def of(cls, texts: Iterable[str], settings: BuildSettings) -> _Read:
        first: dict[str, int] = {}
        holds: Counter[int] = Counter()
        parts: list[NDArray[np.int32]] = []
        gap = np.full(max(settings.window, settings.beside), -1, dtype=np.int32)
        for text in texts:
            numbers = [first.setdefault(form, len(first)) for form in word_forms(text)]
            holds.update(set(numbers))
            parts += [np.array(numbers, dtype=np.int32), gap]
        joined = np.concatenate(parts) if parts else gap
        words = list(first)
        counts = np.bincount(joined[joined >= 0], minlength=len(words))
        order = sorted(range(len(words)), key=lambda n: (-counts[n], words[n]))
        place = np.empty(len(words) + 1, dtype=np.int64)
        place[order] = np.arange(len(words))
        place[-1] = -1
        documents = np.array([holds[n] for n in order], dtype=np.uint32)
        return cls([words[n] for n in order], counts[order], documents, place[joined], len(parts) // 2)


def _decomposed(read: _Read, rows: int, settings: BuildSettings) -> Floats:
    from sklearn.utils.extmath import randomized_svd

    contexts = min(settings.contexts, len(read.words))
    if not rows or not contexts:
        return np.zeros((rows, 1), dtype=np.float32)
    weights = _weights(read.numbers, rows, contexts, settings)
    size = min(settings.dimensions, *(side - 1 for side in weights.shape))
    if size < 1 or weights.nnz == 0:
        return np.zeros((rows, 1), dtype=np.float32)
    left, strengths, _ = randomized_svd(weights, size, n_iter=3, random_state=settings.seed)
    return rows_of_unit_length(left * np.sqrt(strengths))


def _weights(numbers: Numbers, rows: int, contexts: int, settings: BuildSettings) -> Any:
    """Sparse matrix of words by contexts: a block for the whole window, one for each place beside."""
    from scipy.sparse import csr_matrix

    places = [o for o in range(-settings.beside, settings.beside + 1) if o]
    shape = (rows, contexts * (1 + len(places)))
    counts = csr_matrix(shape, dtype=np.float32)
    reach = max(settings.window, settings.beside)
    for offset in (o for o in range(-reach, reach + 1) if o):
        word = numbers[max(0, -offset) : len(numbers) - max(0, offset)]
        near = numbers[max(0, offset) : len(numbers) - max(0, -offset)]
        both = (word >= 0) & (word < rows) & (near >= 0) & (near < contexts)
        word, near = word[both], near[both]
        weight = np.full(len(word), 1 / abs(offset), dtype=np.float32)
        blocks = [0] if abs(offset) <= settings.window else []
        for block in (*blocks, *(1 + places.index(o) for o in places if o == offset)):
            counts = counts + csr_matrix((weight, (word, near + block * contexts)), shape=shape)
    return _information(counts, settings.smoothing)


def _information(counts: Any, smoothing: float) -> Any:
    """Positive pointwise mutual information of counts."""
    from scipy.sparse import csr_matrix

    by_word = np.asarray(counts.sum(axis=1)).ravel()
    by_context = np.asarray(counts.sum(axis=0)).ravel() ** smoothing
    counts = counts.tocoo()
    expected = by_word[counts.row] * by_context[counts.col] / max(by_context.sum(), 1e-9)
    values = np.log(counts.data / expected)
    kept = values > 0
    return csr_matrix(
        (values[kept].astype(np.float32), (counts.row[kept], counts.col[kept])), shape=counts.shape
    )


def _classes(unit: Floats, counts: Sequence[int] | NDArray[Any], count: int, seed: int) -> NDArray[np.uint16]:
    """k-means clusters of the vectors, numbered by falling frequency of their words."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(count, random_state=seed, batch_size=4096, n_init=1, max_iter=30)
    found = model.fit_predict(unit)
    weight = np.bincount(found, weights=np.asarray(counts, dtype=float), minlength=count)
    place = np.empty(count, dtype=np.uint16)
    place[np.argsort(-weight, kind="stable")] = np.arange(count, dtype=np.uint16)
    classes: NDArray[np.uint16] = place[found]
    return classes
