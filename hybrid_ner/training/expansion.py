"""What is learned in words: from raw text, and from reviewed documents where mentions begin.

Words that a small list lacks are learned by a positive-unlabeled classifier over the vocabulary. Items are
the words of the text and of the shipped word vectors (``words``), so that a word is known before a document
holds it; features are vectors of their contexts and character n-grams. Words that are terms are positive,
all others unlabeled. Spies (Liu et al., 2002, "Partially supervised classification of text documents"):
some positives are hidden among the unlabeled, and unlabeled words that score like the spies leave the
negatives. Scores are cross-fitted, so no word is judged by a classifier that saw it, and a word is accepted
when it outscores a share of the known words, which were judged the same way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.corpus import Corpus
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.sources.learned import LearnedWord, words_of
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, brief, content_hash, fold, quantity
from hybrid_ner.training.label import Steps, fingerprint
from hybrid_ner.training.policy import Reviewed
from hybrid_ner.words import BuildSettings, WordVectors, build_words, join, other_words, resolve_words

TABLE = "learned_words.tsv"
"""Accepted words, then those that a person should look at."""
_USED, _REVIEW = "labeled", "review"
_MISTAKEN = 1.4
"""Words learned beside a list that lacks nothing, as a multiple of the known words that pass: with all
shipped concepts 2,752 were learned beside 3,514 known (1.1), and cost 8 points."""
_VECTOR_WEIGHT, _GRAM_WEIGHT = 5.0, 0.5

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]


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
        accepted: Words to label.
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
        The words to label, and the result of the step: counts, seconds, whether it was reused.
    """
    texts = list(_first(corpora, settings.tokens))
    path = folder / TABLE
    words = resolve_words(settings.words, texts)
    if not path.is_file():
        (folder / "expand.json").unlink(missing_ok=True)

    def work() -> dict[str, Any]:
        found = expand(texts, gazetteer, settings, everyday_words(), words, other_words(words))
        lines = ["term\tlabel\tscore\tdocuments\tuse"]
        for listed, use in ((found.accepted, _USED), (found.to_review, _REVIEW)):
            lines += [f"{w.word}\t{w.label}\t{w.score}\t{w.documents}\t{use}" for w in listed]
        with atomic_path(path) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        counts = {"words": len(found.accepted), "to_review": len(found.to_review)}
        vectors = words.name if words else "none"
        return {"documents": len(texts), **counts, "vectors": vectors, "known": dict(found.known)}

    told = gazetteer.fingerprint, asdict(settings), words.fingerprint if words else ""
    inputs = fingerprint(*told, [content_hash(text) for text in texts])
    result = Steps(folder).run("expand", inputs, work)
    return read_words(path), result


def read_words(path: Path) -> tuple[LearnedWord, ...]:
    """The words of a table that are to be labeled."""
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
    masks = {
        label: np.array([word in terms for word in words], dtype=bool)
        for label, terms in sorted(known_words(gazetteer).items())
    }
    counts = {label: int(mask.sum()) for label, mask in masks.items()}
    learnable = {label: masks[label] for label, count in counts.items() if count >= settings.min_positives}
    if not learnable:
        return Expansion(known=counts)
    plain = BuildSettings(settings.dimensions, min_count=1, classes=(), subwords=False, seed=settings.seed)
    own = build_words(texts, plain)
    vectors = join(known_text, own) if known_text is not None else own
    features = _features(words, vectors.vectors(words, guess=False))
    closed = {fold(term.text) for term in gazetteer} | set(excluded)
    best: dict[str, LearnedWord] = {}
    for label, positive in learnable.items():
        scores = _scores(features, positive, settings)
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
        accepted = ()
    kept = set(accepted)
    to_review = tuple(item for item in ordered if item not in kept)
    return Expansion(accepted, to_review, counts)


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


def _features(words: list[str], vectors: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 6), min_df=3, dtype=np.float32)
    return hstack([grams.fit_transform(words) * _GRAM_WEIGHT, csr_matrix(vectors * _VECTOR_WEIGHT)]).tocsr()


def _scores(features: Any, positive: Mask, settings: ExpansionSettings) -> Scores:
    """Mean scores of classifiers with other spies and folds."""
    seeds = range(settings.seed, settings.seed + settings.repeats)
    mean: Scores = np.mean([_one(features, positive, replace(settings, seed=s)) for s in seeds], axis=0)
    return mean


def _one(features: Any, positive: Mask, settings: ExpansionSettings) -> Scores:
    """Cross-fitted log odds of each word after the rounds of spy filtering."""
    random = np.random.default_rng(settings.seed)
    negative = ~positive
    for _ in range(settings.rounds):
        spy = positive & (random.random(len(positive)) < settings.spies)
        if not spy.any():
            continue
        scores = _cross_fit(features, positive & ~spy, negative | spy, settings)
        negative = ~positive & (scores < np.percentile(scores[spy], settings.spy_percentile))
    return _cross_fit(features, positive, negative, settings)


def _cross_fit(features: Any, positive: Mask, negative: Mask, settings: ExpansionSettings) -> Scores:
    from sklearn.linear_model import SGDClassifier

    fold_of = np.random.default_rng(settings.seed).integers(settings.folds, size=len(positive))
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


# What reviewed documents say about where mentions begin, in words: "severity stays outside".
#
# Annotation policy, which no term list states, is mostly about words at the left edge: "severe pain" or
# "pain"? Each such word is looked at where it stands directly before a mention (outside) or begins one
# (inside). The CRF learns the same from its features; a habit that a reviewer does not want is hidden from
# it.

KINDS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "severity": (
            "mild moderate severe profound extreme marked slight minor major massive serious significant"
        ),
        "course": "acute chronic subacute recurrent persistent progressive intermittent transient stable",
        "location": (
            "left right bilateral unilateral upper lower anterior posterior lateral medial proximal distal "
            "central peripheral superior inferior dorsal ventral"
        ),
        "time": "new old prior previous former recent early late initial current",
        "titles": "mr mrs ms dr shri smt sri justice hon'ble honourable honorable learned sir",
        "articles": "the a an this that these those his her its their our",
        "doubt": "possible probable suspected likely presumed alleged apparent",
    }.items()
}
"""Words that annotation guidelines have rules about, by what they tell."""
_LEAST_PLACES, _LEAST_DOCUMENTS = 3, 2
_CLEAR = 0.75
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Habit:
    """Words that mostly stand inside, or mostly outside of mentions.

    Args:
        kind: What they tell: a key of ``KINDS``.
        inside: Whether mentions take them in.
        words: Those met, most frequent first.
        agree: Places where it is so …
        places: … of all places.
    """

    kind: str
    inside: bool
    words: tuple[str, ...]
    agree: int
    places: int

    def sentence(self) -> str:
        """``severity (severe, mild) stays outside: 9 of 10 places``."""
        named = ", ".join(self.words[:_SHOWN]) + (", …" if len(self.words) > _SHOWN else "")
        verb, where = ("belong", "inside") if self.inside else ("stay", "outside")
        where = f"{verb}{'' if self.kind.endswith('s') else 's'} {where}"  # "articles stay", "severity stays"
        return f"{self.kind} ({named}) {where}: {self.agree} of {quantity(self.places, 'place')}"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "inside": self.inside, "sentence": self.sentence()}


def habits(reviewed: Iterable[Reviewed], forget: Collection[str] = ()) -> tuple[Habit, ...]:
    """Every clear habit of the completely reviewed documents but with words to forget, most places first."""
    seen: dict[str, list[tuple[bool, str, int]]] = defaultdict(list)
    for number, (doc, decided) in enumerate(reviewed):
        for entity in decided.accepted if decided.complete else ():
            for inside, word in _at_edge(doc, entity.start, entity.end):
                for kind, words in KINDS.items():
                    if word in words and word not in forget:
                        seen[kind].append((inside, word, number))
    found = [habit for kind, places in seen.items() if (habit := _habit(kind, places))]
    return tuple(sorted(found, key=lambda habit: -habit.places))


def hidden_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of kinds, and words named one by one, folded and in order."""
    return tuple(sorted({word for name in names for word in KINDS.get(name, (fold(name),))}))


def _at_edge(doc: Doc, start: int, end: int) -> Iterable[tuple[bool, str]]:
    """The word that begins a mention of several, and the word right before it, folded."""
    span = doc.char_span(start, end)
    if span is None:
        return
    if len(span) > 1:
        yield True, fold(span[0].text).rstrip(".")
    before = doc[span.start - 1] if span.start else None
    if before is not None and before.whitespace_:
        yield False, fold(before.text).rstrip(".")


def _habit(kind: str, places: list[tuple[bool, str, int]]) -> Habit | None:
    within = sum(inside for inside, _, _ in places)
    inside = 2 * within >= len(places)
    agree = within if inside else len(places) - within
    documents = len({number for _, _, number in places})
    if len(places) < _LEAST_PLACES or documents < _LEAST_DOCUMENTS or agree < _CLEAR * len(places):
        return None
    words = [word for where, word, _ in places if where is inside]
    met = sorted(set(words), key=lambda word: (-words.count(word), word))
    return Habit(kind, inside, tuple(met), agree, len(places))
