"""Words the lists lack, learned from raw text: a positive-unlabeled classifier over the vocabulary.

Items are the words of the corpus; features are subword-aware skip-gram vectors trained on all raw text at
hand, and character n-grams. Words that are terms are positive, all others unlabeled. Spies (Liu et al., 2002,
"Partially supervised classification of text documents"): some positives are hidden among the unlabeled, and
unlabeled words that score like the spies leave the negatives. Scores are cross-fitted, so no word is judged
by a classifier that saw it.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExpansionSettings", "LearnedWord", "Vocabulary", "learn_words", "train_vectors"]

_WORD = re.compile(r"[^\W\d_]{4,}(?:-[^\W\d_]{3,})*")


@dataclass(frozen=True, slots=True)
class ExpansionSettings:
    """Settings of the word classifier; the defaults are the measured ones.

    Args:
        min_score: Least cross-fitted probability of an accepted word.
        max_documents: A word in more documents is left to a reviewer: frequent ones are generic.
        tokens: Words of raw text to train vectors on.
        dimensions: Length of a word vector.
        rounds: Rounds of spy filtering.
        spies: Share of the positives hidden in each round.
        spy_percentile: Unlabeled words above this percentile of the spies leave the negatives.
        folds: Folds over words for cross-fitting.
        min_positives: A label with fewer known words is not learned.
        seed: Seed of every random choice.
    """

    min_score: float = 0.9
    max_documents: int = 10
    tokens: int = 2_000_000
    dimensions: int = 100
    rounds: int = 3
    spies: float = 0.15
    spy_percentile: float = 12.0
    folds: int = 5
    min_positives: int = 50
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A word with the label and probability the classifier gives it, and its number of documents."""

    word: str
    label: str
    score: float
    documents: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Case-folded words with the number of documents that hold each."""

    documents: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Words of at least four letters; parts of hyphenated words stay together."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update({found.casefold() for found in _WORD.findall(text)})
        return cls(counts)


def train_vectors(texts: Iterable[str], words: list[str], settings: ExpansionSettings) -> NDArray[np.float32]:
    """Skip-gram vectors with character n-grams (Bojanowski et al., 2017), one row a word."""
    import floret

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        left = settings.tokens
        with path.open("w", encoding="utf-8") as out:
            for text in texts:
                tokens = re.findall(r"\w+(?:-\w+)*|[^\w\s]", text.casefold())[:left]
                out.write(" ".join(tokens) + "\n")
                left -= len(tokens)
                if left <= 0:
                    break
        model = floret.train_unsupervised(
            str(path),
            model="skipgram",
            dim=settings.dimensions,
            minn=3,
            maxn=6,
            minCount=2,
            bucket=200_000,
            thread=1,
            epoch=5,
            verbose=0,
        )
    vectors = np.array([model.get_word_vector(word) for word in words], dtype="float32")
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(norms, 1e-6)
    return unit


def learn_words(
    vocabulary: Vocabulary,
    vectors: NDArray[np.float32],
    positives: Mapping[str, set[str]],
    excluded: set[str],
    settings: ExpansionSettings,
) -> list[LearnedWord]:
    """Words that look like terms of a label, best first.

    Args:
        vocabulary: Words of the corpus.
        vectors: One row a word, in the order of ``vocabulary.documents``.
        positives: Label → known words of that label, case-folded.
        excluded: Words never accepted, for instance general English.
        settings: See ``ExpansionSettings``.
    """
    words = list(vocabulary.documents)
    features = _features(words, vectors)
    known = set().union(*positives.values()) if positives else set()
    learned: dict[str, LearnedWord] = {}
    for label, terms in sorted(positives.items()):
        positive = np.array([word in terms for word in words])
        if positive.sum() < settings.min_positives:
            continue
        for word, score in zip(words, _scores(features, positive, settings), strict=True):
            if score < settings.min_score or word in known or word in excluded:
                continue
            count = vocabulary.documents[word]
            if count <= settings.max_documents and (word not in learned or score > learned[word].score):
                learned[word] = LearnedWord(word, label, round(float(score), 4), count)
    return sorted(learned.values(), key=lambda item: (-item.score, item.word))


def _features(words: list[str], vectors: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 6), min_df=3, dtype=np.float32)
    return hstack([grams.fit_transform(words) * 0.5, csr_matrix(vectors * 5)]).tocsr()


def _scores(features: Any, positive: NDArray[np.bool_], settings: ExpansionSettings) -> NDArray[np.float64]:
    """Cross-fitted probability of each word after the rounds of spy filtering."""
    random = np.random.default_rng(settings.seed)
    negative = ~positive
    for _ in range(settings.rounds):
        spy = positive & (random.random(len(positive)) < settings.spies)
        scores = _cross_fit(features, positive & ~spy, negative | spy, settings)
        threshold = np.percentile(scores[spy], settings.spy_percentile) if spy.any() else 1.0
        negative = ~positive & (scores < threshold)
    return _cross_fit(features, positive, negative, settings)


def _cross_fit(
    features: Any, positive: NDArray[np.bool_], negative: NDArray[np.bool_], settings: ExpansionSettings
) -> NDArray[np.float64]:
    from sklearn.linear_model import SGDClassifier

    fold = np.random.default_rng(settings.seed).integers(settings.folds, size=len(positive))
    scores = np.zeros(len(positive))
    for number in range(settings.folds):
        rows = np.flatnonzero((positive | negative) & (fold != number))
        model = SGDClassifier(
            loss="log_loss",
            alpha=1e-5,
            max_iter=30,
            class_weight="balanced",
            random_state=settings.seed,
            tol=1e-4,
        )
        model.fit(features[rows], positive[rows])
        held_out = np.flatnonzero(fold == number)
        scores[held_out] = model.predict_proba(features[held_out])[:, 1]
    return scores
