"""Words that a small list lacks, learned from raw text.

Words that a small list lacks are learned by a positive-unlabeled classifier over the vocabulary. Items are
the words of the text and of the shipped word vectors (``words``), so that a word is known before a document
holds it; features are vectors of their contexts, character n-grams, and what the letters alone say of them:
the score of a classifier that every word of the list teaches, most of which no text at hand holds. Words
that are terms are positive, all others unlabeled. Spies (Liu et al., 2002, "Partially supervised
classification of text documents"): some positives are hidden among the unlabeled, and unlabeled words that
score like the spies leave the negatives. Scores are cross-fitted, so no word is judged by a classifier that
saw it or another form of it, and a word is accepted when it outscores a share of the known words, which
were judged the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.corpus import Corpus
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.pipeline.dense_tagger import one_thread
from hybrid_ner.sources.learned import LearnedWord, endings_of, words_of
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, brief, content_hash, fold
from hybrid_ner.training.label import Steps, fingerprint
from hybrid_ner.words import BuildSettings, WordVectors, build_words, join, other_words, resolve_words

TABLE = "learned_words.tsv"
"""Accepted words, then those that a person should look at."""
_USED, _REVIEW = "labeled", "review"
_METHOD = "words and endings"
"""Tables of another method are made again."""
_MISTAKEN = 1.4
"""Words learned beside a list that lacks nothing, as a multiple of the known words that pass: with all
shipped concepts 2,752 were learned beside 3,514 known (1.1), and cost 8 points."""
_VECTOR_WEIGHT, _GRAM_WEIGHT, _LETTERS_WEIGHT = 5.0, 0.5, 0.1
_OF_THE_LANGUAGE = 0.5
"""Share of the text's running words of four letters or more that vectors hold, from which they are of its
language: 0.71 to 1.00 in fourteen English sets, 0.00 to 0.24 in German, French, Spanish and Turkish notes."""
_ENOUGH = 20_000
"""Words of the list, beside those of the text, that show how such words are spelled: a random choice of a
longer list, so that its length costs no time. A tenth of the shipped concepts has 6,500 in all."""
_LEAST_WORDS = 3
"""Words with an ending that say what it tells."""
_STEM = 5
"""Words that share this many first letters are taken for forms of one and judged together: lists hold
"seizure" beside "seizures", the words that they lack have no such sibling to speak for them."""

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ExpansionSettings:
    """Settings of the word classifier; the defaults are the measured ones (``benchmarks/expand.md``).

    Args:
        min_score: Share of the known words that an accepted word must outscore.
        max_share: A word in a larger share of the documents, the vectors' own counted in, is left to a
            reviewer: most such are generic.
        max_own_share: The same for a word that is rare in text of other subjects ("seizures").
        rarer: How many times rarer it has to be there.
        tokens: Words of raw text to read.
        words: Word vectors to start from: ``auto`` (the shipped ones that fit the text best), ``none``, a
            shipped name, or a file of ``hybrid-ner words build``.
        dimensions: Length of a word vector.
        repeats: Classifiers with other spies and folds whose scores are averaged.
        rounds: Rounds of spy filtering.
        spies: Share of the positives hidden in each round.
        spy_percentile: Unlabeled words above this percentile of the spies leave the negatives.
        folds: Folds over words for cross-fitting.
        epochs: Passes over the words in fitting.
        min_positives: A label with fewer known words in the text is not learned.
        seed: Seed of every random choice.
    """

    min_score: float = 0.3
    max_share: float = 0.02
    max_own_share: float = 0.05
    rarer: float = 10.0
    tokens: int = 2_000_000
    words: str = "auto"
    dimensions: int = 100
    repeats: int = 3
    rounds: int = 1
    spies: float = 0.15
    spy_percentile: float = 12.0
    folds: int = 5
    epochs: int = 10
    min_positives: int = 30
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Expansion:
    """What was learned, best first.

    Args:
        accepted: Words to label, then endings that tell such words.
        to_review: Words that score as high but stand in too many documents, or beside a list that covers the
            text: for a person to look at.
        known: Label → number of its known words that the text holds.
    """

    accepted: tuple[LearnedWord, ...] = ()
    to_review: tuple[LearnedWord, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)

    __repr__ = brief


def learn_from(
    gazetteer: Gazetteer, corpora: Iterable[Corpus], folder: Path, settings: ExpansionSettings
) -> tuple[tuple[LearnedWord, ...], dict[str, Any]]:
    """Learn words from the first texts, or take them from the last run with the same inputs.

    Args:
        corpora: Text, the most important first; annotations are never read.
        folder: Where the table and the record of the step are.

    Returns:
        The words and endings to label, and the result of the step: counts, seconds, whether it was reused.
    """
    texts = list(_first(corpora, settings.tokens))
    path = folder / TABLE
    words = resolve_words(settings.words, texts)
    known = 1.0 if words is None or settings.words != "auto" else _share_known(words, texts)
    if known < _OF_THE_LANGUAGE:  # beside English words, "wurde" is as rare as a drug
        words = None
    if not path.is_file():
        (folder / "expand.json").unlink(missing_ok=True)

    def work() -> dict[str, Any]:
        from sklearn.utils import extmath  # noqa: F401  # so that the threads of scipy are there to be limited

        with one_thread():  # sums in another order are other words: 3,573 and 3,722 on one and two cores
            found = expand(texts, gazetteer, settings, everyday_words(), words, other_words(words))
        lines = ["term\tlabel\tscore\tdocuments\tuse"]
        for listed, use in ((found.accepted, _USED), (found.to_review, _REVIEW)):
            lines += [f"{w.word}\t{w.label}\t{w.score}\t{w.documents}\t{use}" for w in listed]
        with atomic_path(path) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        endings = sum(item.is_ending for item in found.accepted)
        counts = {"words": len(found.accepted) - endings, "endings": endings}
        counts["to_review"] = len(found.to_review)
        vectors = {"vectors": words.name if words else "none", "known_to_vectors": round(known, 3)}
        return {"documents": len(texts), **counts, **vectors, "known": dict(found.known)}

    told = gazetteer.fingerprint, asdict(settings), words.fingerprint if words else ""
    inputs = fingerprint(_METHOD, *told, [content_hash(text) for text in texts])
    result = Steps(folder).run("expand", inputs, work)
    return read_words(path), result


def _share_known(words: WordVectors, texts: Iterable[str]) -> float:
    """Share of the running words that vectors hold; 1 of text without words."""
    held = set(words.words)
    running = [fold(text[a:b]) in held for text in texts for a, b in words_of(text)]
    return sum(running) / len(running) if running else 1.0


def read_words(path: Path) -> tuple[LearnedWord, ...]:
    """The words and endings of a table that are to be labeled."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(
        LearnedWord(word, label, float(score), int(documents))
        for word, label, score, documents, use in rows
        if use == _USED
    )


def _first(corpora: Iterable[Corpus], tokens: int) -> Iterator[str]:
    """Texts up to the number of words, as white space parts them."""
    for corpus in corpora:
        for document in corpus:
            yield document.text
            tokens -= len(document.text.split())
            if tokens <= 0:
                return


def known_words(gazetteer: Gazetteer) -> dict[str, set[str]]:
    """Label → its terms of one word, folded; words with several labels teach none of them."""
    labels: dict[str, set[str]] = {}
    for term in gazetteer:
        if list(words_of(term.text)) == [(0, len(term.text))]:
            labels.setdefault(fold(term.text), set()).add(term.label)
    known: dict[str, set[str]] = {}
    for word, names in labels.items():
        if len(names) == 1:
            known.setdefault(next(iter(names)), set()).add(word)
    return known


def expand(
    texts: Sequence[str],
    gazetteer: Gazetteer,
    settings: ExpansionSettings,
    excluded: Collection[str] = frozenset(),
    known_text: WordVectors | None = None,
    elsewhere: Sequence[WordVectors] = (),
) -> Expansion:
    """Words of the texts that look like terms of a label.

    Args:
        texts: Raw text, one string a document.
        gazetteer: The terms at hand.
        excluded: Folded words that are never accepted.
        known_text: Word vectors of other text, to be joined with those of the texts; their words may be
            learned too.
        elsewhere: Word vectors of other subjects, which tell the words of this one from general English.
    """
    documents = Counter(word for text in texts for word in {fold(text[a:b]) for a, b in words_of(text)})
    if known_text is not None:
        documents.update(_candidates(known_text))
    words = sorted(documents)
    known = dict(sorted(known_words(gazetteer).items()))
    masks = {label: _members(words, terms) for label, terms in known.items()}
    counts = {label: int(mask.sum()) for label, mask in masks.items()}
    learnable = {label: masks[label] for label, count in counts.items() if count >= settings.min_positives}
    if not learnable:
        return Expansion(known=counts)
    plain = BuildSettings(settings.dimensions, min_count=1, classes=(), subwords=False, seed=settings.seed)
    own = build_words(texts, plain)
    vectors = join(known_text, own) if known_text is not None else own
    letters = _letters(words, known, learnable, settings)
    features = _features(words, vectors.vectors(words, guess=False), letters)
    stems = _stems(words)
    closed = {fold(term.text) for term in gazetteer} | set(excluded)
    best: dict[str, LearnedWord] = {}
    for label, positive in learnable.items():
        scores = _scores(features, positive, stems, settings)
        # The share of the known words that each word scores above or beside.
        shares = np.searchsorted(np.sort(scores[positive]), scores, side="right") / positive.sum()
        for number in np.flatnonzero(shares >= settings.min_score):
            word, share = words[number], float(shares[number])
            if word not in closed and (word not in best or share > best[word].score):
                best[word] = LearnedWord(word, label, round(share, 4), documents[word])
    ordered = sorted(best.values(), key=lambda item: (-item.score, item.word))
    texts_read = len(texts) + (known_text.texts if known_text else 0)
    accepted = tuple(item for item in ordered if _is_rare(item, texts_read, settings, elsewhere))
    # The words a list lacks score like those it holds, so about 1 - min_score of them are among the learned
    # ones. When that makes them fewer than the known ones, most of what was learned is no term.
    held = sum(int(mask.sum()) for mask in learnable.values())
    if len(accepted) < _MISTAKEN * (1 - settings.min_score) * held:
        return Expansion((), tuple(ordered), counts)
    kept = set(accepted)
    to_review = tuple(item for item in ordered if item not in kept)
    return Expansion((*accepted, *_endings(accepted, known, words)), to_review, counts)


def _endings(
    accepted: Iterable[LearnedWord], known: Mapping[str, Collection[str]], words: Collection[str]
) -> list[LearnedWord]:
    """Endings by which a word is more often known or learned than not, for words that no text held yet.

    One that holds a shorter one of its label adds nothing and is left out.
    """
    labels = {item.word: item.label for item in accepted}
    learned = set(labels.values())
    labels |= {word: label for label, terms in known.items() if label in learned for word in terms}
    every, named = Counter[str](), Counter[tuple[str, str]]()
    for word in labels.keys() | set(words):
        endings = list(endings_of(word))
        every.update(endings)
        if label := labels.get(word):
            named.update((ending, label) for ending in endings)
    clear = {
        ending: LearnedWord(ending, label, round(count / every[ending], 4), every[ending])
        for (ending, label), count in named.items()
        if every[ending] >= _LEAST_WORDS and count > every[ending] / 2
    }

    def told_by_less(item: LearnedWord) -> bool:
        shorter = (clear.get(f"-{item.word[cut:]}") for cut in range(2, len(item.word)))
        return next((other.label == item.label for other in shorter if other), False)

    found = [item for item in clear.values() if not told_by_less(item)]
    return sorted(found, key=lambda item: (-item.score, item.word))


def _is_rare(
    item: LearnedWord, texts: int, settings: ExpansionSettings, elsewhere: Sequence[WordVectors]
) -> bool:
    """Whether so few documents hold a word that it may be labeled unseen."""
    if item.documents <= max(1, int(settings.max_share * texts)):
        return True
    if not elsewhere or item.documents > settings.max_own_share * texts:
        return False
    there = max((other.documents_of(item.word) + 1) / max(1, other.texts) for other in elsewhere)
    return item.documents / texts >= settings.rarer * there


def _candidates(words: WordVectors) -> dict[str, int]:
    """Words of the vocabulary that may be learned, with their numbers of documents."""
    rows = zip(words.words, words.documents.tolist(), strict=True)
    return {word: count for word, count in rows if list(words_of(word)) == [(0, len(word))]}


def _members(words: Sequence[str], chosen: Collection[str]) -> Mask:
    return np.array([word in chosen for word in words], dtype=bool)


def _stems(words: Iterable[str]) -> Numbers:
    """The number of each word's first letters: forms of a word are judged together."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(word[:_STEM], len(numbers)) for word in words], dtype=np.int64)


def _grams(words: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 6), min_df=3, dtype=np.float32)
    return grams.fit_transform(words).tocsr()


def _letters(
    words: Sequence[str], known: Mapping[str, set[str]], labels: Iterable[str], settings: ExpansionSettings
) -> NDArray[np.float32]:
    """What the letters of each word say of each label: a column a label, standardized.

    A list of a subject holds far more words than the text; how they are spelled counts all the same.
    """
    others = sorted(set().union(*known.values()).difference(words))
    if len(others) > _ENOUGH:
        others = np.random.default_rng(settings.seed).choice(others, _ENOUGH, replace=False).tolist()
    every = [*words, *others]
    grams, stems = _grams(every), _stems(every)
    columns = []
    for label in labels:
        positive = _members(every, known[label])
        scores = _cross_fit(grams, positive, ~positive, stems, settings)
        columns.append((scores - scores.mean()) / max(float(scores.std()), 1e-9))
    return np.array(columns, dtype=np.float32).T[: len(words)]


def _features(words: Sequence[str], vectors: NDArray[np.float32], letters: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix, hstack

    dense = np.hstack([vectors * _VECTOR_WEIGHT, letters * _LETTERS_WEIGHT])
    return hstack([_grams(words) * _GRAM_WEIGHT, csr_matrix(dense)]).tocsr()


def _scores(features: Any, positive: Mask, stems: Numbers, settings: ExpansionSettings) -> Scores:
    """Mean scores of classifiers with other spies and folds."""
    seeds = range(settings.seed, settings.seed + settings.repeats)
    found = [_one(features, positive, stems, replace(settings, seed=seed)) for seed in seeds]
    mean: Scores = np.mean(found, axis=0)
    return mean


def _one(features: Any, positive: Mask, stems: Numbers, settings: ExpansionSettings) -> Scores:
    """Cross-fitted log odds of each word after the rounds of spy filtering."""
    random = np.random.default_rng(settings.seed)
    negative = ~positive
    for _ in range(settings.rounds):
        spy = positive & (random.random(stems.max() + 1)[stems] < settings.spies)
        if not spy.any():
            continue
        scores = _cross_fit(features, positive & ~spy, negative | spy, stems, settings)
        negative = ~positive & (scores < np.percentile(scores[spy], settings.spy_percentile))
    return _cross_fit(features, positive, negative, stems, settings)


def _cross_fit(
    features: Any, positive: Mask, negative: Mask, stems: Numbers, settings: ExpansionSettings
) -> Scores:
    from sklearn.linear_model import SGDClassifier

    fold_of = np.random.default_rng(settings.seed).integers(settings.folds, size=stems.max() + 1)[stems]
    scores = np.zeros(len(positive))
    for number in range(settings.folds):
        rows = np.flatnonzero((positive | negative) & (fold_of != number))
        held_out = np.flatnonzero(fold_of == number)
        if len(np.unique(positive[rows])) < 2 or not len(held_out):
            continue
        model = SGDClassifier(
            loss="log_loss",
            alpha=1e-5,
            max_iter=settings.epochs,
            tol=None,  # a fixed number of passes: stopping early on a training loss would be no criterion
            average=True,
            random_state=settings.seed,
        )
        model.fit(features[rows], positive[rows])
        scores[held_out] = model.decision_function(features[held_out])
    return scores
