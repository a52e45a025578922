"""Choose how rules and model are fused by reviewed documents that neither has learned from.

The default, rules alone or with a bound, stays until another way is clearly better: better on most draws of
documents (paired bootstrap). Where the evidence does not reach, it says how much more would decide.
From the learning curve it foretells what the next reviewed documents will probably bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product
from math import ceil, sqrt
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from hybrid_ner.corpus import Document
from hybrid_ner.pipeline import MODEL_GROUP, EntityFusion, FusionSettings, Key, Policy, bare
from hybrid_ner.text import quantity
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import read_docs

# How sure the student must be before its spans are added to the rules: decided without gold.
#
# Every span that the model adds where the rules have none may be wrong. Adding ``k`` wrong spans to ``n``
# rule spans lowers F1 by a factor of about ``k / 2n`` whatever the gold is, so a bound on ``k / n``,
# measured on held-out text, bounds the loss. The least probability that keeps the bound is chosen; text too
# small to tell adds nothing.

MAX_ADDED = 0.006
"""Added spans for each rule span: a loss of at most about 0.3 points of F1 if every one is wrong."""
NEVER = 1.01
"""A probability that no span reaches."""
_LEAST = 0.5
REPEATS = 0.97
"""A student with so much of the rules' spans on text it has not seen has learned nothing else."""
LEAST_SPANS = 100
"""Held-out spans of the rules below which nothing is said of that."""
_FEW_ADDED = 0.02


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the held-out text says of a student.

    Args:
        min_score: Least probability of a span that is added: at least 0.5, or more than 1 when none may be.
        rule_spans: Spans of the rules in the held-out text.
        would_add: Spans that the student has where the rules have none.
        may_add: How many of them the bound allows.
        repeated: Spans of the rules that the student has exactly.
    """

    min_score: float
    rule_spans: int
    would_add: int
    may_add: int
    repeated: int = 0

    @property
    def repeats(self) -> bool:
        """Whether the student only repeats the rules, and so is not worth its time."""
        few = self.would_add <= _FEW_ADDED * self.rule_spans
        return self.rule_spans >= LEAST_SPANS and self.repeated >= REPEATS * self.rule_spans and few


def calibrate(student: Language, held_out: Path, max_added: float = MAX_ADDED) -> Calibrated:
    """The least span probability at which the student adds at most ``max_added`` spans for each rule span.

    Args:
        student: Pipeline with a scored recognizer.
        held_out: ``.spacy`` file of windows with the rules' entities that the student was not trained on.
        max_added: Bound on added spans for each rule span.
    """
    docs = list(DocBin().from_disk(held_out).get_docs(student.vocab))
    rules = sum(len(doc.ents) for doc in docs)
    added: list[float] = []  # probabilities of the student's spans where the rules have none
    repeated = 0
    for doc, read in zip(docs, student.pipe(map(bare, docs)), strict=True):
        taken = {token for ent in doc.ents for token in range(ent.start, ent.end)}
        known = {(ent.start, ent.end, ent.label_) for ent in doc.ents}
        group = read.spans[MODEL_GROUP]
        for span, score in zip(group, group.attrs["scores"], strict=True):
            repeated += (span.start, span.end, span.label_) in known
            if taken.isdisjoint(range(span.start, span.end)):
                added.append(score)
    added.sort(reverse=True)
    allowed = int(rules * max_added)
    if not allowed:
        least = NEVER
    elif len(added) < allowed:
        least = _LEAST
    else:
        least = max(_LEAST, min(NEVER, round(added[allowed - 1] + 0.0001, 4)))
    return Calibrated(least, rules, len(added), allowed, repeated)


RULES_ALONE = FusionSettings(NEVER, "rules_first")
MODEL_ALONE = FusionSettings(0.0, "model_only")
_SCORES = (0.5, 0.3, 0.0, 0.7, 0.9, 0.97)
"""Of equal ones the first is taken."""
SURE = 0.9
"""Share of bootstrap draws on which another way has to beat the default."""
SURER = 0.975
"""The same for a mixture over the model alone: the best of many looks better than it is."""
_RESAMPLES = 1000
_MOST_MORE = 1000
"""Beyond so many further documents nobody wants to know how many would decide."""

Counts = NDArray[np.int64]
"""Right, predicted and annotated spans, one row a document."""
Gold = set[Key]
"""Characters and label of every annotated span of a document."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The settings to use, and what they were chosen by.

    Args:
        settings: The default ones, unless others are clearly better.
        f1: Strict F1 of the settings on the documents, between 0 and 1.
        default_f1: The same of the default ones.
        documents: How many documents were looked at.
        best: The settings with the best F1, chosen or not.
        best_f1: Their F1.
        sure: Share of bootstrap draws on which they beat the default.
        more: Further reviewed documents after which they would probably be chosen, if it goes on like this;
            0 when they are chosen, ``None`` when nothing beats the default.
        rules_f1: F1 of the rules alone; ``None`` when they were not looked at.
        enough: Documents below which the default stays whatever they say.
        learned: How many of the others a model had learned from that read one of them; 0 where one model read
            all of them.
    """

    settings: FusionSettings
    f1: float
    default_f1: float
    documents: int
    best: FusionSettings
    best_f1: float
    sure: float
    more: int | None
    rules_f1: float | None = None
    enough: int = 0
    learned: int = 0

    def sentence(self) -> str:
        seen = quantity(self.documents, "reviewed document")
        if self.learned:
            seen += f", each read by a smaller model of {self.learned:,} of the others"
        else:
            seen += " that nothing had learned from yet"
        chosen = described(self.settings)
        if self.more is None and self.rules_f1 is not None and self.settings != RULES_ALONE:
            return f"{chosen}: F1 {100 * self.f1:.1f} on {seen}, the rules alone {100 * self.rules_f1:.1f}"
        if self.more is None:
            return f"{chosen}: F1 {100 * self.f1:.1f} on {seen}, and nothing tried is better"
        if self.more == 0:
            return f"{chosen}: F1 {100 * self.f1:.1f} on {seen}, {100 * self.default_f1:.1f} by default"
        if self.documents < self.enough:
            return (
                f"{chosen}, by default: on {seen}, it has F1 "
                f"{100 * self.f1:.1f} and {described(self.best)} {100 * self.best_f1:.1f}; "
                f"fewer than {self.enough} documents are too few to change the default"
            )
        ahead = (
            f"{described(self.best)} is ahead, F1 {100 * self.best_f1:.1f} to {100 * self.f1:.1f} on {seen}"
        )
        few = self.more <= _MOST_MORE
        more = f"about {quantity(self.more, 'more document')}" if few else "far more documents"
        return f"{chosen} for now: {ahead}, but only {more} would decide"


def described(settings: FusionSettings) -> str:
    """``model first, where it is at least 50 % sure``."""
    least = settings.min_score
    if least is not None and least > 1:
        return "rules alone"
    if settings.policy == "pooled":
        return "rules and model together" + (", trusted sources kept" if settings.known else "")
    who = "it" if settings.policy != "rules_first" else "the model"
    sure = f", where {who} is at least {100 * least:g} % sure" if least else ""
    return f"{settings.policy.replace('_', ' ')}{sure}"


def options() -> Iterator[FusionSettings]:
    """Every way of fusion that is compared for a model that tells only the spans it chose."""
    yield RULES_ALONE
    policies: tuple[Policy, ...] = ("rules_first", "model_first", "model_only")
    yield from (FusionSettings(score, policy) for policy, score in product(policies, _SCORES))


def choose_fusion(
    nlp: Language, documents: Sequence[Document], decided: Mapping[str, Decided], default: FusionSettings
) -> Choice:
    """The best settings on completely reviewed documents.

    Args:
        nlp: A hybrid pipeline that has learned nothing from the documents.
        documents: The documents.
        decided: Document id → what the reviewers decided.
        default: Settings to keep when no others are clearly better.
    """
    ways = [default, *options()]
    read = read_docs(nlp, documents)
    counted = [count_all(doc, decided[document.doc_id].spans, ways) for document, doc in read]
    columns = np.array(counted, dtype=np.int64).reshape(len(counted), len(ways), 3)
    return choose({way: columns[:, n] for n, way in enumerate(ways)}, default)


def choose(
    counts: Mapping[FusionSettings, Counts], default: FusionSettings, sure: float = SURE, enough: int = 0
) -> Choice:
    """The best settings by their counts on the same documents, or the default.

    Args:
        counts: Settings → counts, the default among them.
        default: Settings to keep when no others are clearly better.
        sure: Share of bootstrap draws on which others have to beat the default.
        enough: Documents below which the default always stays.
    """
    base = counts[default]
    best = max(counts, key=lambda way: f1(counts[way].sum(0)))
    base_f1, best_f1 = float(f1(base.sum(0))), float(f1(counts[best].sum(0)))
    chosen = default
    # The model alone first: a mixture has to beat it too, or it may be worse than one of its parts.
    for way in (MODEL_ALONE, best):
        least = sure if chosen == default else SURER
        if way in counts and len(base) >= enough and (gains(counts[way], counts[chosen]) > 0).mean() >= least:
            chosen = way
    gained = gains(counts[best], base)
    more: int | None = 0
    if chosen == default:
        ahead = best_f1 - base_f1
        more = _more(ahead, float(gained.std()), len(base), sure) if ahead > 0 else None
        more = more and max(more, enough - len(base))
    now = float(f1(counts[chosen].sum(0)))
    rules_f1 = float(f1(counts[RULES_ALONE].sum(0))) if RULES_ALONE in counts else None
    surely = float((gained > 0).mean())
    return Choice(chosen, now, base_f1, len(base), best, best_f1, surely, more, rules_f1, enough)


def count_all(doc: Doc, gold: Gold, ways: Sequence[FusionSettings]) -> list[tuple[int, int, int]]:
    """Right, predicted and annotated spans of a document that carries both answers, by each way of fusion.

    Args:
        doc: The document.
        gold: Its annotated spans.
        ways: Ways of fusion; none knows what models among the sources have earned.
    """
    rows = []
    for way in ways:
        fusion = EntityFusion([], way.min_score or 0.0, way.policy, way.trust, right=dict(way.right))
        found = {(s.start_char, s.end_char, s.label_) for s in fusion.fused(doc)}
        rows.append(counts_of(found, gold))
    return rows


def counts_of(found: Set[Key], gold: Set[Key]) -> tuple[int, int, int]:
    """Right, predicted and annotated spans."""
    return len(found & gold), len(found), len(gold)


def f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of counts in the last axis."""
    right, found, gold = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * right / np.maximum(1, found + gold), dtype=np.float64)


def f1_of(answers: Sequence[tuple[Gold, Gold]]) -> tuple[float, float]:
    """F1 of found spans beside the accepted ones, over all documents, and its standard error.

    Spans of a document stand or fall together: F1 is a ratio of sums over documents, with the error of such a
    ratio (Cochran 1977, Sampling Techniques, 6.3). One document tells no error: 0.
    """
    rows = np.array([counts_of(found, gold) for found, gold in answers], dtype=np.int64).reshape(-1, 3)
    score, number = float(f1(rows.sum(0))), len(rows)
    both = rows[:, 1] + rows[:, 2]
    apart = float(((2 * rows[:, 0] - score * both) ** 2).sum())
    return score, sqrt(apart * number / (number - 1)) / max(1, int(both.sum())) if number > 1 else 0.0


def gains(counts: Counts, base: Counts) -> NDArray[np.float64]:
    """Differences of F1 on draws of documents, the same for both (paired bootstrap)."""
    drawn = np.random.default_rng(0).integers(0, len(counts), (_RESAMPLES, len(counts)))
    return np.asarray(f1(counts[drawn].sum(1)) - f1(base[drawn].sum(1)), dtype=np.float64)


def _more(gain: float, error: float, documents: int, sure: float) -> int:
    """Documents that are lacking until a gain like this one is sure: its error falls with their root."""
    needed = documents * (NormalDist().inv_cdf(sure) * error / gain) ** 2
    return max(1, ceil(needed - documents))


NEXT = 10
"""Documents that a forecast looks ahead."""
_DRAWS = 500
_USUAL, _USUAL_DOCUMENTS = 0.15, 20
"""Exponent of the learning curve that is expected, and documents it counts for: from the first to the second
hundred documents of five corpora it was between 0.0 and 0.23, however steep the curve of ten documents."""
_SCATTER = 0.092
"""Standard deviation of F1 between two draws of documents, times the root of their number: the gain of ten
more documents depends on which they are, and on the text that is read then. They come to documents that stay,
so of that deviation counts what ten of a mean of all change (``benchmarks/rounds.md``)."""
_MENTIONS = 10
"""Mentions that a document holds for this: of sentences with half a mention each twenty tell as much."""
_NORMAL_80 = 1.28
"""Standard deviations to each side of the mean that 80 % lie within."""
_NOTHING = 0.0002


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next documents will probably bring, from the learning curve of the chosen fusion.

    Args:
        documents: How many.
        gain: Expected gain of strict F1, between 0 and 1.
        low: With a probability of 80 % the gain on other text is between ``low`` …
        high: … and ``high``.
        curve: Number of documents learned from, and F1 on documents left out.
        now: Number of all reviewed documents, and F1 that the curve leads to there.
    """

    documents: int
    gain: float
    low: float
    high: float
    curve: tuple[tuple[int, float], ...]
    now: tuple[int, float]

    @property
    def worth(self) -> bool:
        """Whether going on is likely to be felt."""
        return self.gain > _NOTHING * self.documents

    def sentence(self) -> str:
        """For people, with a hint to stop when nothing is to be gained."""
        between = f"80 % interval {100 * self.low:+.1f} to {100 * self.high:+.1f}"
        said = (
            f"the next {quantity(self.documents, 'reviewed document')} will probably bring the suggestions "
            f"{100 * self.gain:+.1f} points of F1 ({between}; 100 is perfect)"
        )
        return said if self.worth else f"{said}: reviewing more of this text changes little"


def forecast(documents: int, learned: int, half: Counts, whole: Counts) -> Forecast:
    """The error falls as a power of the number of documents (Hestness et al. 2017).

    The exponent is the measured one, drawn towards the usual one where documents are few. The interval joins
    the spread over draws of the reviewed documents (bootstrap) with that between draws of the next ones.
    """
    drawn = np.random.default_rng(0).integers(0, len(whole), (_DRAWS, len(whole)))

    def errors(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
        """With all documents, and with the next ones."""
        error = np.maximum(1 - after, 1e-3)
        measured = np.log(np.maximum(1 - before, 1e-3) / error) / np.log(2)
        known = learned / (learned + _USUAL_DOCUMENTS)
        exponent = np.maximum(known * measured + (1 - known) * _USUAL, 0.0)
        return np.asarray([error * (learned / n) ** exponent for n in (documents, documents + NEXT)])

    now, then = errors(f1(half.sum(0)), f1(whole.sum(0))).tolist()
    expected = now - then
    spread = float(np.diff(errors(f1(half[drawn].sum(1)), f1(whole[drawn].sum(1))), axis=0).std())
    full = min(documents, max(1.0, float(whole[:, 2].sum()) / _MENTIONS))
    scatter = _SCATTER * sqrt(NEXT / ((documents + NEXT) * full))
    reach = _NORMAL_80 * float(np.hypot(spread, scatter))
    curve = ((round(learned / 2), float(f1(half.sum(0)))), (learned, float(f1(whole.sum(0)))))
    return Forecast(NEXT, expected, expected - reach, expected + reach, curve, (documents, 1 - now))
