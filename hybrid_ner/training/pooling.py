"""Pool rules and the CRF: how much the rules' answer counts beside a model that has heard it.

Both have something to tell of that: how many of the rules' spans reviewers accepted, how much the model has
learned from, and what the rules are worth where a model that has not read a document sees nothing. Which of
its spans are right there teaches to judge spans as a whole (``fit_spans``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.pipeline import (
    CONSIDERED,
    MODEL_GROUP,
    FusionSettings,
    Key,
    least_of,
    pool,
    said_of,
    sources_of,
)
from hybrid_ner.pipeline.crf_model import CrfSettings
from hybrid_ner.pipeline.dense_tagger import one_thread
from hybrid_ner.pipeline.scored_ner import (
    PLACES,
    ScoredSpan,
    SpanScorer,
    named_parts,
    place_vectors,
    span_numbers,
    span_parts,
)
from hybrid_ner.pipeline.token_features import TokenFeatures, words_of
from hybrid_ner.text import fold
from hybrid_ner.training.choose_fusion import (
    MODEL_ALONE,
    RULES_ALONE,
    SURE,
    Choice,
    Counts,
    Gold,
    choose,
    counts_of,
    f1,
    gains,
)

_ALONE = CrfSettings().least_score
"""Probability from which a span that no rule has counts beside a CRF: as where the CRF is read alone."""
_FIRST, _HALVED, _FALLS = 0.55, 200, 1.5
"""Weight of the rules before anything is learned, accepted spans after which they weigh half as much, since
by then the CRF knows what their votes are worth, and the power of their number by which that falls."""
_UNSEEN, _UNSEEN_RIGHT = 10.0, 0.3
"""Spans of the rules that a model does not consider, and the share of right ones, that are supposed before
any is seen: of those that it doubts 13 to 45 % were right on six tasks with ten documents."""
_EVEN = 50
"""Answers, right and wrong, that rules and model begin with: few documents do not tell who is ahead."""
_AHEAD = 1.1
"""How many times the odds of a right answer a model may have that the rules' have before they weigh less."""
_NOISE = 4.0
"""Times the root of the accepted spans: how far the odds of rules and model may be apart by chance alone."""
_BEHIND = 0.85
"""How many times the rules' odds a model has that may not take away what rules that do well have found."""
_LEAST_F1 = 0.4
"""F1 that counts as reached where less was: few documents may hold nothing that rules or model know."""
_LABEL, _EVERY = 10.0, 3.0
"""Spans of the rules that a label's share of right ones begins with, at the share of all labels, and that one
at a half; a source's begins with as many at the share of its label."""
TRUSTING = FusionSettings(0.45, "pooled", 0.4)
"""What is used beside rules that have ``_WELL`` or more before review, once much is learned: what no rule has
needs three in four, and what a rule has goes below one in twelve."""
_TRUSTED, _SURER, _TAUGHT = 0.15, 0.05, 300
"""How much more such rules weigh and a span has to have before anything is learned, and accepted spans after
which it is nothing: with 360 it cost what it gains with 70 (NCBI)."""
_MODEST = 0.3
"""Share of the probability needed beside other rules that is taken off before anything is learned, until
as many are accepted: a CRF of two documents is right often enough where it is a fifth sure (see
``benchmarks/learner.md``)."""
_GOOD, _WELL = 0.72, 0.78
"""F1 of the rules before review from which that is used where the model is not clearly ahead, and always.
Below the first it is used where the model is clearly behind, while the rules are not clearly worse."""
_ERRORS = 2.0
"""Standard errors that are more than chance."""
_USUAL_F1, _USUAL_SPANS = 0.6, 15
"""F1 of rules that is supposed before any accepted span is seen, and spans it counts for: thirty spans gave
rules with 24 and 47 on other text 73 and 75."""
_ENOUGH = 20
_CLEAR = 0.995
"""Share of bootstrap draws on which the rules alone have to be ahead of pooling: of nine draws of fifty
documents (NCBI) one had 98.4 % for the rules and was 1.4 behind pooling on other text."""

_EVEN_DRAWS, _TOWARDS = 0.5, 0.5
"""Share of bootstrap draws below which the careful way of pooling is behind the light one, and how far it
goes towards that one then, at most."""

_PRIOR = {"own": (1.0, 0.2), "over": (0.0, 0.05), "most": (0.0, 0.05), "": (0.0, 0.05)}
"""What a weight for all labels is before anything is learned, and its penalty: the probability stands for
itself until the documents say otherwise. Other weights begin at nothing, with a penalty of one."""
_STEPS, _LEAST_WEIGHT = 80, 1e-4
"""Steps of the fit, and the smallest weight that is kept."""


class Told(NamedTuple):
    """Whether a span of the rules is right, and what else stands or falls with it.

    Args:
        document: Its number.
        surface: Folded text of the span.
        label: Of the span.
        right: Whether it is right.
        source: Which of the rules gave it.
    """

    document: int
    surface: str
    label: str
    right: bool
    source: str = ""


def told_of(
    number: int,
    spans: Iterable[Key],
    gold: Collection[Key],
    text: str,
    sources: Mapping[Key, str] = MappingProxyType({}),
) -> list[Told]:
    """What a reviewed document says of spans of the rules."""
    return [Told(number, fold(text[s[0] : s[1]]), s[2], s in gold, sources.get(s, "")) for s in spans]


def judged_rules(told: Sequence[Told]) -> tuple[tuple[str, float], ...]:
    """Share of the rules' spans that may well be right: of all (``""``), by label, and by label and source.

    Learned words may be worth a third of what listed terms are.

    Args:
        told: Of rules that have learned nothing from the reviewed documents.
    """
    whole = _may_be_right(told, 0.5, _EVERY)
    shares = {"": whole}
    for label in sorted({each.label for each in told}):
        shares[label] = _may_be_right((each for each in told if each.label == label), whole, _LABEL)
    if len({each.source for each in told}) > 1:
        for label, source in sorted({(each.label, each.source) for each in told}):
            own = (each for each in told if (each.label, each.source) == (label, source))
            shares[f"{label}|{source}"] = _may_be_right(own, shares[label], _LABEL)
    return tuple((name, round(share, 3)) for name, share in shares.items())


def _may_be_right(told: Iterable[Told], share: float, spans: float) -> float:
    """Share of right spans, one standard error above what is to be expected.

    To drop what the rules know costs much more where that is a mistake than to keep it: few documents have to
    be clear about it. Spans of one surface in a document count as the root of their number, since most stand
    or fall together.

    Args:
        share: Expected before any is seen …
        spans: … which counts for so many.
    """
    together: defaultdict[tuple[int, str, str], list[bool]] = defaultdict(list)
    for document, surface, label, right, _ in told:
        together[document, surface, label].append(right)
    seen = spans + sum(sqrt(len(each)) for each in together.values())
    expected = (spans * share + sum(sum(each) / sqrt(len(each)) for each in together.values())) / seen
    expected = min(1.0, expected)  # all right: sums of roots may be a last digit more
    return min(1.0, expected + sqrt(expected * (1 - expected) / seen))


def pooled(accepted: int, right: tuple[tuple[str, float], ...] = ()) -> FusionSettings:
    """The default beside a CRF: a span that the rules have too needs a little less probability.

    How much less: the rules say a label with the share of their spans that was right where people looked, and
    count the less the more accepted spans the CRF has learned from (``benchmarks/learner.md``).
    Documents left out may lower that (``limited``).
    """
    return _weighing(
        FusionSettings(0.0, "pooled", right=right), _FIRST / (1 + (accepted / _HALVED) ** _FALLS)
    )


def trusting(accepted: int) -> FusionSettings:
    """The same beside rules that do well: few documents better nothing, and tell least of them."""
    few = max(0.0, 1 - accepted / _TAUGHT)
    least, trust = (TRUSTING.min_score or 0.0) + few * _SURER, TRUSTING.trust + few * _TRUSTED
    return replace(TRUSTING, min_score=round(least, 3), trust=round(trust, 3))


def _weighing(way: FusionSettings, trust: float, alone: float = _ALONE) -> FusionSettings:
    """With this weight of the rules; what they do not have still needs what it needs beside no rules."""
    trust = round(trust, 3)
    return replace(way, trust=trust, min_score=round(alone * (1 - trust), 3))


def _alone(way: FusionSettings) -> float:
    """The probability that a span which no rule has needs of the model."""
    return round((way.min_score or 0.0) / (1 - way.trust), 2)


def crf_ways(
    rules_f1: float,
    accepted: int,
    models: bool = False,
    right: tuple[tuple[str, float], ...] = (),
    least: float = _ALONE,
    error: float = 0.0,
) -> tuple[FusionSettings, ...]:
    """What is compared for a CRF: first the way of pooling that stays while nothing speaks against it.

    Args:
        rules_f1: F1 of the rules before review, on the reviewed documents.
        accepted: Spans that the CRF learns from.
        models: Whether there are models among the sources that may have earned trust.
        right: How many of the rules' spans are right (``judged_rules``).
        least: Probability from which the CRF alone finds a span, as a tuning may have set it.
        error: Standard error of ``rules_f1``.
    """
    expected = (rules_f1 * accepted + _USUAL_F1 * _USUAL_SPANS) / (accepted + _USUAL_SPANS)
    ways = [trusting(accepted), pooled(accepted, right)]  # the careful way first
    if expected >= _WELL:
        ways.pop()
    elif not right or expected + _ERRORS * error < _GOOD:
        ways.pop(0)
    elif expected < _GOOD:
        ways.reverse()
    ways = [replace(way, min_score=round((way.min_score or 0.0) * least / _ALONE, 3)) for way in ways]
    known = (replace(way, known=True) for way in ways if models)
    return (ways[0], RULES_ALONE, MODEL_ALONE, *ways[1:], *known)


class Answered(NamedTuple):
    """What rules and a model say of a reviewed document that they have not learned from, by characters.

    Args:
        model: Every span that the model considered, and its probability.
        chosen: Those that it chooses by itself.
        rules: Spans of the rules, and the least probability that a model among the sources has earned for it.
        edges: Whose edges they take over (``fusion.pool``).
        sources: Which source gave each span of the rules.
    """

    model: Mapping[Key, float]
    chosen: Gold
    rules: Mapping[Key, float]
    gold: Gold
    edges: Collection[Key] = ()
    text: str = ""
    sources: Mapping[Key, str] = MappingProxyType({})

    @classmethod
    def of(cls, doc: Doc, gold: Gold, earned: Sequence[tuple[str, str, float]]) -> Self:
        """Of a document that carries both answers."""
        group, starts = doc.spans[MODEL_GROUP], [token.idx for token in doc]
        rules = least_of(doc, {(source, label): low for source, label, low in earned})
        ends = [start + len(token) for start, token in zip(starts, doc, strict=True)]
        return cls(
            {(starts[a], ends[b - 1], label): p for a, b, label, p in group.attrs.get("considered", ())},
            {(s.start_char, s.end_char, s.label_) for s in group},
            {(starts[a], ends[b - 1], label): low for (a, b, label), low in rules.items()},
            gold,
            {(starts[a], ends[b - 1], label) for a, b, label in group.attrs.get("edges", ())},
            doc.text,
            {(starts[a], ends[b - 1], label): by for (a, b, label), by in sources_of(doc).items()},
        )

    def only(self, labels: Collection[str]) -> Self:
        """Without what rules say of other labels."""
        return self._replace(rules={key: low for key, low in self.rules.items() if key[2] in labels})

    def counted(self, way: FusionSettings) -> tuple[int, int, int]:
        """Right, predicted and annotated spans by a way of ``crf_ways``."""
        found: Collection[Key] = self.rules if way == RULES_ALONE else self.chosen
        if way.policy == "pooled":
            rules = self.rules if way.known else dict.fromkeys(self.rules, 0.0)
            said = said_of(rules, self.sources, dict(way.right))
            found = pool(self.model, rules, way.trust, said, way.min_score or 0.0, self.edges)
        return counts_of(set(found), self.gold)


def count_ways(
    ways: Iterable[FusionSettings], answers: Sequence[Answered], labels: Collection[str] | None = None
) -> dict[FusionSettings, Counts]:
    """Counts of each way on documents left out; rules count no more than these say (``limited``).

    Args:
        ways: Ways of fusion.
        answers: Of rules and model.
        labels: Those of the project; what rules say of others does not tell who knows these better.
    """
    return {way: counts_by(limited(way, answers), answers, labels) for way in ways}


def counts_by(
    way: FusionSettings, answers: Sequence[Answered], labels: Collection[str] | None = None
) -> Counts:
    """Counts of a way as it is."""
    judged = answers if labels is None else [each.only(labels) for each in answers]
    return np.array([each.counted(way) for each in judged], dtype=np.int64)


def limited(way: FusionSettings, answers: Sequence[Answered], *, judged: bool = False) -> FusionSettings:
    """In a pool rules count no more than is right beside a model that had not read the documents.

    They add no more than what they may be worth where it sees nothing: the share of right ones among the
    spans of a source which it does not consider; what it does consider has its probability as well. What is
    right more often than half of the F1 that is reached helps, so shares count the more the less that is. And
    rules weigh less where the model is ahead. Beside rules that do well a model that is clearly behind takes
    nothing away. Spans that are ``judged`` as a whole are not doubted too much, so nothing is eased for them.
    """
    if way.policy != "pooled" or not answers:
        return way
    ways = (RULES_ALONE, MODEL_ALONE)
    rules, model = (np.array([each.counted(part) for each in answers]).sum(0) for part in ways)
    ahead, alone, unseen = _odds(model) / _odds(rules), _alone(way), []
    if not way.right:
        return replace(way, trust=max(way.trust, way.min_score or 0.0)) if ahead < _BEHIND else way
    for number, each in enumerate(answers):
        spans = (span for span in each.rules if each.model.get(span, 0) < CONSIDERED)
        unseen += told_of(number, spans, each.gold, each.text, each.sources)
    worth = _may_be_right(unseen, _UNSEEN_RIGHT, _UNSEEN)
    names = {each.source for each in unseen}
    by_source = {
        name: _may_be_right((each for each in unseen if each.source == name), worth, _UNSEEN)
        for name in (names if len(names) > 1 else ())
    }
    most = (1 - way.trust) / way.trust if way.trust else np.inf
    scale = alone / min(alone, max(float(f1(rules)), float(f1(model)), _LEAST_F1) / 2)
    right = tuple(
        (name, round(min(1.0, scale * min(share, most * by_source.get(name.partition("|")[2], worth))), 3))
        for name, share in way.right
    )
    used = _weighing(replace(way, right=right), way.trust * min(1.0, _AHEAD / ahead), alone)
    return used if judged else _eased(used, sum(len(each.gold) for each in answers))


def _eased(way: FusionSettings, accepted: int) -> FusionSettings:
    """After few accepted spans what no rule has needs less; what a rule has stays or falls as before."""
    least, few = way.min_score or 0.0, max(0.0, 1 - accepted / _TAUGHT)
    if not (few and way.trust):
        return way
    less = _MODEST * few * least
    right = tuple((name, round(max(0.0, share - less / way.trust), 3)) for name, share in way.right)
    return replace(way, min_score=round(least - less, 3), right=right)


def _odds(counts: Counts) -> float:
    """Right answers for each that is wrong, a span that is missed among them, as F1 counts them."""
    right, found, gold = counts.tolist()
    return float((2 * right + _EVEN) / (found + gold - 2 * right + _EVEN))


def choose_crf(counts: Mapping[FusionSettings, Counts]) -> Choice:
    """Pooling or the rules alone; the model alone is not chosen: pooling ends there anyway (``pooled``).

    Beside good rules it is the careful way of pooling unless the model is clearly ahead (``trusting``), and
    beside rules that may be good if the model is clearly behind.
    Pooling was ahead of the rules on every corpus and draw that was measured, also where ten documents left
    out said the contrary on 99 % of the draws: one document full of a word decides there. So it stays unless
    many documents clearly speak against it. Whether models among the sources are taken at their word there is
    what has more on the documents left out: a learner with few examples of a label gains by it, one with many
    knows better (``benchmarks/trust.py``). Few documents have to be clear about it, too.
    """
    ways = [way for way in counts if way.policy == "pooled"]
    if len({bool(way.right) for way in ways}) > 1:
        rules, model = (counts[part].sum(0) for part in (RULES_ALONE, MODEL_ALONE))
        clear = 1 + _NOISE / sqrt(max(1, rules[2]))
        least = 1 / clear if ways[0].right else clear
        ways = [way for way in ways if bool(way.right) == (_odds(model) > least * _odds(rules))]
    best = max(ways, key=lambda way: f1(counts[way].sum(0)))
    known = next((way for way in ways if way.known), best)
    if len(counts[best]) < _ENOUGH and (gains(counts[best], counts[known]) > 0).mean() < SURE:
        best = known
    return choose({way: counts[way] for way in (best, RULES_ALONE)}, best, _CLEAR, _ENOUGH)


def doubt(counts: Mapping[FusionSettings, Counts], chosen: FusionSettings) -> tuple[FusionSettings, float]:
    """The light way of pooling beside the careful one, and how far to go towards it.

    F1 of the rules decides for the careful one, as well as few documents can. Where that is behind on most
    draws of the same documents (paired bootstrap), what lies between loses least; the other way round nothing
    was gained (``benchmarks/learner.md``).
    """
    for way in counts:
        if chosen.policy == "pooled" and not chosen.right and way.right and way.known == chosen.known:
            ahead = float((gains(counts[chosen], counts[way]) > 0).mean())
            return (way, _TOWARDS * (1 - ahead)) if ahead < _EVEN_DRAWS else (chosen, 0.0)
    return chosen, 0.0


def between(way: FusionSettings, other: FusionSettings, share: float) -> FusionSettings:
    """A pool between two: a share of what the other asks for, and of what rules add to a span there."""
    if not share:
        return way
    trust, least = (
        (1 - share) * first + share * second
        for first, second in ((way.trust, other.trust), (way.min_score or 0.0, other.min_score or 0.0))
    )
    added = [(each.trust * weight, dict(each.right)) for each, weight in ((way, 1 - share), (other, share))]
    names = dict.fromkeys(name for _, right in added for name in right)
    right = {name: sum(most * right.get(name, 1.0) for most, right in added) / trust for name in names}
    rounded = tuple((name, round(min(1.0, part), 3)) for name, part in right.items())
    return replace(way, trust=round(trust, 3), min_score=round(least, 3), right=rounded)


def fit_spans(features: TokenFeatures, docs: Sequence[Doc], answers: Sequence[Answered]) -> SpanScorer | None:
    """Learn to judge spans as a whole, from what models said of documents that they had not read.

    ``None`` where all that these considered is right, or all wrong.
    """
    seen, right = _SeenSpans(features), list[bool]()
    for doc, answer in zip(docs, answers, strict=True):
        starts, ends = ({t.idx + n * len(t): t.i + n for t in doc} for n in (0, 1))
        seen.add(doc, [ScoredSpan(starts[a], ends[b], label, p) for (a, b, label), p in answer.model.items()])
        right += [key in answer.gold for key in answer.model]
    if all(right) or not any(right):
        return None
    names, weights, vectors = seen.fit(np.array(right, dtype=float))
    rows = zip(names, weights.astype(np.float32), strict=True)
    chosen = {name: row for name, row in rows if np.abs(row).max() >= _LEAST_WEIGHT}
    return SpanScorer(tuple(seen.labels), chosen, vectors.astype(np.float32))


class _SeenSpans:
    """Spans of documents as sparse rows, for the fit."""

    def __init__(self, features: TokenFeatures) -> None:
        self.features = features
        self.labels: list[str] = []
        self._column: list[int] = []
        self._numbers: list[dict[str, float]] = []
        self._parts: list[dict[tuple[str, str], float]] = []

    def add(self, doc: Doc, spans: Sequence[ScoredSpan]) -> None:
        words = words_of(doc)
        self._numbers += span_numbers(words, spans)
        for span in spans:
            if span.label not in self.labels:
                self.labels.append(span.label)
            self._column.append(self.labels.index(span.label) + 1)
            counts: defaultdict[tuple[str, str], float] = defaultdict(float)
            for part, number in span_parts(words, span):
                counts[part] += number
            self._parts.append(counts)

    def fit(self, right: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Names of the features, their weights, and those of the vectors, by L-BFGS."""
        from scipy.optimize import minimize
        from scipy.sparse import hstack

        numbers, names = _sparse(self._numbers)
        words, parts = _sparse(self._parts)
        described, more = _sparse([dict(named_parts(self.features, *part)) for part in parts])
        grid, names = hstack([numbers, words @ described]).tocsr(), [*names, *more]
        vectors = place_vectors(self.features, [word for _, word in parts]).astype(float)
        places = np.array([PLACES.index(place) for place, _ in parts])
        columns, rows = 1 + len(self.labels), np.arange(len(right))
        shapes = (len(names), columns), (len(PLACES), vectors.shape[1], columns)
        cut = len(names) * columns
        begin, penalty = np.zeros(shapes[0]), np.ones(shapes[0])
        for name, (value, weight) in _PRIOR.items():
            begin[names.index(name), 0], penalty[names.index(name), 0] = value, weight
        rest = np.zeros(int(np.prod(shapes[1])))
        start, cost = np.append(begin, rest), np.append(penalty, rest + 1)
        mine = np.zeros((len(right), columns))
        mine[:, 0] = mine[rows, self._column] = 1.0
        at = [np.flatnonzero(places == place) for place in range(len(PLACES))]
        standing = [vectors[chosen] for chosen in at]
        turned, turned_words = grid.T.tocsr(), words.T.tocsr()

        def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            named, placed = weights[:cut].reshape(shapes[0]), weights[cut:].reshape(shapes[1])
            by_part = np.zeros((len(parts), columns))
            for place, chosen in enumerate(at):
                by_part[chosen] = standing[place] @ placed[place]
            said = ((grid @ named + words @ by_part) * mine).sum(axis=1)
            error = (1 / (1 + np.exp(-said)) - right)[:, None] * mine
            back = turned_words @ error
            slopes = [each.T @ back[chosen] for each, chosen in zip(standing, at, strict=True)]
            away = weights - start
            value = np.logaddexp(0, said).sum() - right @ said + (cost * away**2).sum() / 2
            return float(value), np.concatenate([(turned @ error).ravel(), np.ravel(slopes)]) + cost * away

        with one_thread():  # that of scipy too, which is loaded by now
            found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
        return names, found[:cut].reshape(shapes[0]), found[cut:].reshape(shapes[1])


def _sparse(rows: Sequence[Mapping[Any, float]]) -> tuple[Any, list[Any]]:
    """Rows of numbers by name as a sparse matrix, and the names of its columns."""
    from scipy.sparse import csr_matrix

    number: dict[Any, int] = {}
    places = [number.setdefault(name, len(number)) for row in rows for name in row]
    values = [value for row in rows for value in row.values()]
    starts = np.cumsum([0, *map(len, rows)])
    return csr_matrix((values, places, starts), shape=(len(rows), len(number))), list(number)
