"""Partial and type-only scores, as nervaluate defines them.

Partial (MUC): any overlap counts half, exact boundaries count whole, labels are ignored. Type-only: any
overlap with the right label counts whole. Segura-Bedmar et al., SemEval-2013 Task 9.

nervaluate compares every prediction with every gold mention of a document. Mentions can only meet
where they overlap, so each cluster of overlapping mentions goes to nervaluate on its own: the same
counts, in time that grows with the number of mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nervaluate.entities import Entity as NervaluateEntity
from nervaluate.entities import EvaluationResult
from nervaluate.strategies import EntityTypeEvaluation, EvaluationStrategy, PartialEvaluation

from hybrid_ner.evaluation.pairs import Pair

__all__ = ["LenientScore", "lenient_scores"]


@dataclass(frozen=True, slots=True)
class LenientScore:
    """Counts and scores of one nervaluate strategy."""

    precision: float
    recall: float
    f1: float
    correct: int
    incorrect: int
    partial: int
    missed: int
    spurious: int


Cluster = tuple[list[NervaluateEntity], list[NervaluateEntity]]


def lenient_scores(pairs: Iterable[Pair], labels: Sequence[str]) -> tuple[LenientScore, LenientScore]:
    """The partial and the type-only score over all documents, both in micro average.

    Args:
        pairs: Gold and predictions.
        labels: Labels to score; others are ignored on both sides.
    """
    wanted = frozenset(labels)
    clusters = [cluster for pair in pairs for cluster in _clusters(pair, wanted)]
    return _total(PartialEvaluation(), clusters, labels), _total(EntityTypeEvaluation(), clusters, labels)


def _clusters(pair: Pair, labels: frozenset[str]) -> Iterator[Cluster]:
    """Gold and predicted mentions that overlap, directly or through others."""
    mentions = {(e.start, e.end, e.label, False) for e in pair.entities if e.label in labels}
    mentions |= {(e.start, e.end, e.label, True) for e in pair.predicted if e.label in labels}
    gold: list[NervaluateEntity] = []
    found: list[NervaluateEntity] = []
    last = 0
    for start, end, label, predicted in sorted(mentions):
        if start >= last and (gold or found):
            yield gold, found
            gold, found = [], []
        # nervaluate's ends are inclusive: half-open ends would make neighbors overlap.
        (found if predicted else gold).append(NervaluateEntity(label, start, end - 1))
        last = max(last, end)
    if gold or found:
        yield gold, found


def _total(strategy: EvaluationStrategy, clusters: Iterable[Cluster], labels: Sequence[str]) -> LenientScore:
    total = EvaluationResult()
    for gold, found in clusters:
        result, _ = strategy.evaluate(gold, found, list(labels))
        for name in ("correct", "incorrect", "partial", "missed", "spurious"):
            setattr(total, name, getattr(total, name) + getattr(result, name))
    total.compute_metrics(partial_or_type=True)
    return LenientScore(
        float(total.precision),
        float(total.recall),
        float(total.f1),
        total.correct,
        total.incorrect,
        total.partial,
        total.missed,
        total.spurious,
    )
