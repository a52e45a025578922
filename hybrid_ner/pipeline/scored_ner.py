"""spaCy's transition-based entity recognizer, with a probability for every span.

The parser takes one BILUO action a token. The probability of an action is the softmax of its score over
the actions that are valid at that token; the probability of a span is the product over its tokens. Long
documents are read in windows, so that memory stays bounded and a window never starts inside a line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, log
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.pipeline.ner import DEFAULT_NER_MODEL, EntityRecognizer
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training.batchers import minibatch_by_words
from thinc.api import Model

from hybrid_ner.pipeline.token_features import TokenFeatures, letter_marks, words_of
from hybrid_ner.sources.gazetteer import find_definitions
from hybrid_ner.text import brief

MODEL_GROUP = "model"
LISTED = 0.02
"""Least probability of a span that a recognizer which weighs all of them tells of."""
CONSIDERED = 0.05
"""Probability below which such a recognizer counts as seeing nothing."""
SURE_EDGES = 0.6
"""Least probability of a span whose edges an overlapping one takes over: above a half, so that no two of them
overlap; from 0.55 to 0.7 it makes little difference (``benchmarks/learner.md``)."""
UNLISTED = 0.9
"""Least probability of a mention that no source has, by a recognizer that is not told what they say: of those
above it more are right than wrong (``benchmarks/learner.md``)."""
_DRAWN = 0.5
"""How far a probability is drawn to the mean of the places where the words stand: from 0.3 to 0.7 it gains,
most with much text in a document (``benchmarks/learner.md``)."""
_SHORT = 0.25
"""What a short form itself has to say beside its long form: nothing to a half make little difference."""
WINDOW = 1500
"""Longest stretch, in tokens, that the model reads as one."""
BATCH = 20_000
"""Tokens that the model reads at once: memory grows with it."""


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """Tokens ``[start, end)`` of a document with a label and the model's probability."""

    start: int
    end: int
    label: str
    score: float


@runtime_checkable
class Recognizer(Protocol):
    """A component that writes its spans and their probabilities to ``doc.spans["model"]``, for the fusion.

    Whoever has another one registers a recipe with it.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can label."""

    def span_scores(self, doc: Doc, start: int, end: int) -> dict[str, float]:
        """Probability of each label for the tokens ``[start, end)``, whatever was chosen there."""


def surest(spans: Iterable[ScoredSpan], least: float) -> list[ScoredSpan]:
    """Non-overlapping spans of at least this probability, surest first where they overlap, in order."""
    taken: set[int] = set()
    kept = []
    for span in sorted(spans, key=lambda s: (-s.score, s.start - s.end, s.start, s.label)):
        tokens = range(span.start, span.end)
        if span.score >= least and taken.isdisjoint(tokens):
            taken.update(tokens)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def added(found: Iterable[ScoredSpan], more: Iterable[ScoredSpan]) -> list[ScoredSpan]:
    """The spans, and sure ones of a recognizer that is not told what the sources say."""
    scores = {(span.start, span.end, span.label): span.score for span in found}
    for span in more:
        key = span.start, span.end, span.label
        if span.score >= UNLISTED:
            scores[key] = max(span.score, scores.get(key, 0.0))
    return [ScoredSpan(*key, score) for key, score in scores.items()]


def rebounded(chosen: Sequence[ScoredSpan], edges: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Spans with the edges of the one that each overlaps, unless it joins two of them or divides one."""

    def near(span: ScoredSpan, others: Iterable[ScoredSpan]) -> list[ScoredSpan]:
        return [other for other in others if other.start < span.end and span.start < other.end]

    found = []
    for span in chosen:
        over = near(span, edges)
        fits = len(over) == 1 and over[0].label == span.label and near(over[0], chosen) == [span]
        found.append(replace(span, start=over[0].start, end=over[0].end) if fits else span)
    return found


def consistent(words: Sequence[str], spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Spans whose words stand elsewhere in the document too, drawn to the mean probability of these places.

    One sense per discourse (Gale, Church and Yarowsky 1992).

    Args:
        words: Folded tokens of the document.
        spans: Every span of some probability; where a span is missing it has none.
    """
    said = [(tuple(words[span.start : span.end]), span.label) for span in spans]
    total: defaultdict[tuple[tuple[str, ...], str], float] = defaultdict(float)
    for span, key in zip(spans, said, strict=True):
        total[key] += span.score
    places = _Places(words)
    number = {key[0]: len(places.of(span)) for span, key in zip(spans, said, strict=True)}
    means = (total[key] / number[key[0]] for key in said)
    drawn = (s.score + _DRAWN * (mean - s.score) for s, mean in zip(spans, means, strict=True))
    return [ScoredSpan(s.start, s.end, s.label, score) for s, score in zip(spans, drawn, strict=True)]


def defined(doc: Doc, spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """As ``consistent``; then short forms and the long forms that define them have one probability.

    A long form tells by its words and its place what it is; what a short form tells is drawn from it.
    """
    folded = [token.lower_ for token in doc]
    spans = consistent(folded, spans)
    definitions = find_definitions(doc.text) if spans else []
    if not definitions:
        return spans
    places, labels = (_Places([t.text for t in doc]), _Places(folded)), sorted({s.label for s in spans})
    found = {(span.start, span.end, span.label): span.score for span in spans}
    ending: defaultdict[tuple[int, str], float] = defaultdict(float)
    for span in spans:
        ending[span.end, span.label] += span.score
    for each in definitions:
        short = doc.char_span(each.short_start, each.short_start + len(each.short))
        long = doc.char_span(each.start, each.end, alignment_mode="expand")
        if short is None or long is None:
            continue
        where = [known.of(span) for known, span in zip(places, (short, long), strict=True)]
        for label in labels:
            own, meant = (sum(found.get((*at, label), 0.0) for at in each) / len(each) for each in where)
            # The mention may have more words on its left than those that spell the short form.
            meant = max(meant, min(1.0, ending[long.end, label]))
            score = _SHORT * own + (1 - _SHORT) * meant
            found |= {(*at, label): score for each in where for at in each}
    return [ScoredSpan(*key, score) for key, score in found.items() if score >= LISTED]


class _Places:
    """Where the words of a span stand in a document."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            self._at[word].append(place)

    def of(self, span: Span | ScoredSpan) -> list[tuple[int, int]]:
        wanted = self._words[span.start : span.end]
        ends = ((n, n + len(wanted)) for n in self._at[wanted[0]])
        return [(start, end) for start, end in ends if self._words[start:end] == wanted]


def by_document(spans: Iterable[ScoredSpan], starts: Sequence[int]) -> list[list[ScoredSpan]]:
    """Spans of documents in a row that begin at these tokens, each document counted from its own first."""
    found: list[list[ScoredSpan]] = [[] for _ in starts[1:]]
    for span in spans:
        number = bisect_right(starts, span.start) - 1
        first = starts[number]
        found[number].append(ScoredSpan(span.start - first, span.end - first, span.label, span.score))
    return found


PLACES = ("first", "last", "before", "behind", "any", "mean")
"""Places of words that a span is judged by; only at the last one words count by their share of the span."""
_ENDS, _AFFIX, _ANY = 2, 0.6, 0.7
"""Places whose letters count; how much these do beside the word, and a word anywhere in the span."""
_VECTOR = 1.5
"""Scale of word vectors beside features that are there or not."""
_LONGEST, _MOST_OVER = 6, 2.0
"""Tokens, and sum of the probabilities of spans that overlap, beyond which more make no difference."""
_SUREST, _LARGE = 0.001, 30.0
"""Probability of the doubted, and log odds, that stand for all beyond them."""


@dataclass(frozen=True)
class SpanScorer:
    """Judges a span as a whole, beside the probability that a recognizer of tokens gives it.

    Logistic regression on that probability, the spans that overlap it, and the words and word vectors at its
    ends, around and within it; it has learned from what a model said of documents that this model had not
    read (stacking). The mean of both probabilities is taken (``benchmarks/learner.md``).

    Args:
        labels: In the order of the columns behind the first, which counts for all labels.
        weights: Feature → its weights.
        vectors: Weights of word vectors, place × dimension × column.
    """

    labels: tuple[str, ...]
    weights: Mapping[str, NDArray[np.float32]]
    vectors: NDArray[np.float32]

    __repr__ = brief

    def to_plain(self) -> dict[str, Any]:
        grid = np.array(list(self.weights.values()), dtype="float32")
        arrays = (grid, self.vectors)
        return {
            "labels": list(self.labels),
            "features": list(self.weights),
            "arrays": [[list(each.shape), each.astype("float32").tobytes()] for each in arrays],
        }

    @classmethod
    def of_plain(cls, kept: Mapping[str, Any]) -> Self:
        grid, vectors = (np.frombuffer(data, "float32").reshape(shape) for shape, data in kept["arrays"])
        return cls(tuple(kept["labels"]), dict(zip(kept["features"], grid, strict=True)), vectors)

    def judged(
        self, features: TokenFeatures, docs: Sequence[Doc], spans: Sequence[Sequence[ScoredSpan]]
    ) -> list[list[ScoredSpan]]:
        """The spans of documents with the mean of their probability and that of the span as a whole."""
        texts = list(map(words_of, docs))
        pairs = zip(texts, spans, strict=True)
        parts = [[list(span_parts(words, span)) for span in each] for words, each in pairs]
        self._look_up(features, {part for each in parts for one in each for part, _ in one})
        return [self._judged(*each) for each in zip(texts, spans, parts, strict=True)]

    def _judged(
        self,
        words: Sequence[str],
        spans: Sequence[ScoredSpan],
        parts: Sequence[Sequence[tuple[tuple[str, str], float]]],
    ) -> list[ScoredSpan]:
        found = []
        for span, seen, numbers in zip(spans, parts, span_numbers(words, spans), strict=True):
            column = self.labels.index(span.label) + 1 if span.label in self.labels else 0
            said = sum(number * self._known[part][column] for part, number in seen)
            said += sum(n * self._rows[name][column] for name, n in numbers.items() if name in self._rows)
            score = 1 / (1 + exp(-max(-_LARGE, said)))
            found.append(ScoredSpan(span.start, span.end, span.label, (span.score + score) / 2))
        return found

    @cached_property
    def _rows(self) -> dict[str, list[float]]:
        """Weights by label, those for all labels added, as lists: arrays that short take longer to add."""
        return {name: _by_label(row) for name, row in self.weights.items()}

    @cached_property
    def _known(self) -> dict[tuple[str, str], list[float]]:
        """What a word at a place adds, as these."""
        return {}

    def _look_up(self, features: TokenFeatures, parts: set[tuple[str, str]]) -> None:
        new = sorted(parts - self._known.keys())
        for number, place in enumerate(PLACES):
            words = [word for at, word in new if at == place]
            grid = place_vectors(features, words) @ self.vectors[number]
            for word, total in zip(words, map(_by_label, grid), strict=True):
                for name, times in named_parts(features, place, word):
                    if name in self._rows:
                        total = [a + times * b for a, b in zip(total, self._rows[name], strict=True)]
                self._known[place, word] = total


def _by_label(row: NDArray[np.float32]) -> list[float]:
    return [float(row[0]), *(row[0] + row[1:]).tolist()]


def span_parts(words: Sequence[str], span: ScoredSpan) -> Iterator[tuple[tuple[str, str], float]]:
    """The words that a span is judged by, each with its place and how much it counts; none: the text ends."""
    inside = words[span.start : span.end]
    before = words[span.start - 1] if span.start else ""
    behind = words[span.end] if span.end < len(words) else ""
    for place, word in zip(PLACES, (inside[0], inside[-1], before, behind), strict=False):
        yield (place, word), 1.0
    for word in inside:
        yield ("any", word), _ANY
        yield ("mean", word), 1 / len(inside)


def named_parts(features: TokenFeatures, place: str, word: str) -> Iterator[tuple[str, float]]:
    """Features of a word at a place, beside its vector."""
    if place == "mean":
        return
    if not word or features.hides(word):
        yield f"{place} {'hidden' if word else 'none'}", 1.0
        return
    shape, *letters, whole = letter_marks(word)
    yield f"{place} {whole}", 1.0
    if place != "any":
        yield f"{place} {shape}", 1.0
    if place in PLACES[:_ENDS]:
        yield from ((f"{place} {each}", _AFFIX) for each in letters)


def place_vectors(features: TokenFeatures, words: Sequence[str]) -> NDArray[np.float32]:
    """One row a word: its vector, or zeros; no columns where no vectors are known."""
    if features.words is None:
        return np.zeros((len(words), 0), dtype=np.float32)
    shown = ("" if features.hides(word) else word for word in words)
    return np.asarray(features.words.vectors(shown, guess=False) * np.float32(_VECTOR))


def span_numbers(words: Sequence[str], spans: Sequence[ScoredSpan]) -> Iterator[dict[str, float]]:
    """What is known of each span beside its words: its probability, those that overlap it, its length."""
    over: defaultdict[int, list[int]] = defaultdict(list)
    for number, span in enumerate(spans):
        for token in range(span.start, span.end):
            over[token].append(number)
    for number, span in enumerate(spans):
        others = {n for token in range(span.start, span.end) for n in over[token]} - {number}
        scores, text = [spans[n].score for n in others], "".join(words[span.start : span.end])
        open_one = any(text.count(a) != text.count(b) for a, b in ("()", "[]"))
        yield {
            "": 1.0,
            "own": log_odds(span.score),
            "over": log_odds(max(scores, default=0.0)),
            "most": min(_MOST_OVER, sum(scores)),
            f"long {min(_LONGEST, span.end - span.start)}": 1.0,
            "open": float(open_one),
        }


def log_odds(score: float) -> float:
    bounded = min(max(score, _SUREST), 1 - _SUREST)
    return log(bounded / (1 - bounded))


class ScoredEntityRecognizer(EntityRecognizer):  # type: ignore[misc]
    """``ner`` that also writes its spans and their probabilities to ``doc.spans["model"]``."""

    def predict(self, docs: Sequence[Doc]) -> list[list[ScoredSpan]]:
        pieces = [(number, *piece) for number, doc in enumerate(docs) for piece in windows(doc, WINDOW)]
        found: list[list[ScoredSpan]] = [[] for _ in docs]
        for batch in minibatch_by_words(pieces, size=BATCH, get_length=lambda piece: len(piece[2])):
            self._ensure_labels_are_added([piece for _, _, piece in batch])
            parsed = self._parse([piece for _, _, piece in batch])
            for (number, offset, _), spans in zip(batch, parsed, strict=True):
                found[number] += [replace(s, start=s.start + offset, end=s.end + offset) for s in spans]
        return found

    def set_annotations(self, docs: Sequence[Doc], results: Sequence[Sequence[ScoredSpan]]) -> None:
        """Set ``doc.ents`` and the span group ``model``."""
        for doc, spans in zip(docs, results, strict=True):
            made = [Span(doc, s.start, s.end, s.label) for s in spans]
            doc.set_ents(made)
            scores = [round(s.score, 4) for s in spans]
            doc.spans[MODEL_GROUP] = SpanGroup(doc, name=MODEL_GROUP, spans=made, attrs={"scores": scores})

    def span_scores(self, doc: Doc, start: int, end: int) -> dict[str, float]:
        """Probability of each label for the tokens ``[start, end)``, whatever the parser chose there."""
        piece = doc[max(0, start - WINDOW // 2) : end + WINDOW // 2]
        (scores,) = self._scores([piece.as_doc(copy_user_data=False)])[1]
        local = slice(start - piece.start, end - piece.start)
        return {label: self._probability(scores, local.start, local.stop, label) for label in self.labels}

    def _parse(self, docs: list[Doc]) -> Iterator[list[ScoredSpan]]:
        states, scores = self._scores(docs)
        for doc, state, rows in zip(docs, states, scores, strict=True):
            copy = bare(doc)
            if len(copy):
                self.moves.set_annotations(state, copy)
            yield [
                ScoredSpan(e.start, e.end, e.label_, self._probability(rows, e.start, e.end, e.label_))
                for e in copy.ents
            ]

    def _scores(self, docs: list[Doc]) -> tuple[list[Any], list[NDArray[np.float32]]]:
        """Final parser states and, for each document, the raw action scores by token."""
        states = self.moves.init_batch(docs)
        rows: list[list[NDArray[np.float32]]] = [[] for _ in docs]
        if any(len(doc) for doc in docs):
            step_model = self.model.predict(docs)
            active = [(n, s) for n, s in enumerate(states) if not s.is_final()]
            while active:
                scores = self.model.ops.to_numpy(step_model.predict([s for _, s in active]))
                for (number, _), row in zip(active, scores, strict=True):
                    rows[number].append(row)
                self.transition_states([s for _, s in active], np.ascontiguousarray(scores, dtype="float32"))
                active = [(n, s) for n, s in active if not s.is_final()]
            step_model.clear_memory()
        width = self.moves.n_moves
        return states, [np.array(r, dtype="float32").reshape(-1, width) for r in rows]

    def _probability(self, scores: NDArray[np.float32], start: int, end: int, label: str) -> float:
        """Product over ``[start, end)`` of the softmax probability of the BILUO action for ``label``."""
        actions = [self.moves.get_class_name(n) for n in range(self.moves.n_moves)]
        outside = [n for n, a in enumerate(actions) if a == "O" or a[0] in "BU"]
        inside = [n for n, a in enumerate(actions) if a in (f"I-{label}", f"L-{label}")]
        product = 1.0
        for token in range(start, end):
            first, last = token == start, token == end - 1
            wanted = ("U" if last else "B") if first else ("L" if last else "I")
            valid = outside if first else inside
            exps = np.exp(scores[token, valid] - scores[token, valid].max())
            product *= float(exps[valid.index(actions.index(f"{wanted}-{label}"))] / exps.sum())
        return product


def bare(tokens: Doc | Span) -> Doc:
    """A document of these tokens that nobody has read."""
    spaces = [bool(token.whitespace_) for token in tokens]
    return Doc(tokens.vocab, words=[token.text for token in tokens], spaces=spaces)


def windows(doc: Doc, size: int) -> Iterator[tuple[int, Doc]]:
    """First token and copy of each stretch of at most ``size`` tokens, cut after a line or a sentence."""
    if len(doc) <= size:
        yield 0, doc
        return
    start = 0
    while start < len(doc):
        end = min(start + size, len(doc))
        if end < len(doc):
            end = next((i + 1 for i in range(end - 1, start + size // 2, -1) if _breaks(doc, i)), end)
        yield start, doc[start:end].as_doc(copy_user_data=False)
        start = end


def _breaks(doc: Doc, index: int) -> bool:
    token = doc[index]
    return "\n" in token.text or (token.text in ".!?" and bool(token.whitespace_))


@Language.factory(
    "scored_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_NER_MODEL,
        "update_with_oracle_cut_size": 100,
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def create_scored_ner(
    nlp: Language, name: str, model: Model, update_with_oracle_cut_size: int, scorer: Any
) -> ScoredEntityRecognizer:
    """Factory ``scored_ner``: the settings of spaCy's ``ner`` that a greedy parser needs."""
    return ScoredEntityRecognizer(
        nlp.vocab, model, name=name, update_with_oracle_cut_size=update_with_oracle_cut_size, scorer=scorer
    )
