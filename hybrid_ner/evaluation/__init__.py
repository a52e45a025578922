"""Scores of one system against gold: strict, partial, type-only, seen and unseen, with intervals.

``compare`` scores systems side by side with intervals and paired differences; ``three_way`` does so for the
rules, the model and the hybrid of one pipeline; ``report`` writes all of it as one HTML file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from nervaluate.entities import Entity as NervaluateEntity
from nervaluate.entities import EvaluationResult
from nervaluate.strategies import EntityTypeEvaluation, EvaluationStrategy, PartialEvaluation

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation.counts import (
    Counts,
    Interval,
    Pair,
    Score,
    System,
    clusters,
    count,
    f1_intervals,
    inventory,
    pair_system,
)
from hybrid_ner.terms.shipped import VOCABULARIES, Crosswalk
from hybrid_ner.text import brief, fold, quantity

# Scores of concept ids: of the spans that are right, and of spans and ids together.

_NONE = frozenset({"", "-", "-1", "MESH:-1", "CUI-less", "NIL"})
"""What corpora write for a mention without an id."""


@dataclass(frozen=True, slots=True)
class IdScores:
    """What is measured of ids where gold gives some.

    Args:
        spans: Exactly right spans whose gold mention has an id.
        right: Of these, the ones with the same id, or the same ids.
        equivalent: Those that are right or whose id a crosswalk says means the same; ``None`` without one.
        together: Spans and ids: a mention counts as found where characters, label and ids are right.
    """

    spans: int
    right: int
    equivalent: int | None
    without: int
    together: Score

    @property
    def accuracy(self) -> float:
        """Share of the right spans whose id is right."""
        return self.right / self.spans if self.spans else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "accuracy": self.accuracy, "together": self.together.as_dict()}


def ids_of(given: str) -> frozenset[str]:
    """The ids of a mention: several are separated by a bar, a plus or a comma; none where it has no id."""
    return frozenset(_curie(each) for each in re.split(r"[|+,;]", given.strip()) if each.strip() not in _NONE)


def _curie(identifier: str) -> str:
    space, colon, rest = identifier.strip().partition(":")
    return f"{space.upper()}:{rest}" if colon else space


def _is_same(gold: frozenset[str], found: frozenset[str]) -> bool:
    """Equal, also where gold leaves the name of its vocabulary out ("D003920")."""
    bare = not any(":" in each for each in gold)
    return gold == (frozenset(each.partition(":")[2] or each for each in found) if bare else found)


def score_ids(
    pairs: Iterable[Pair], labels: Sequence[str], crosswalk: Crosswalk | None = None
) -> IdScores | None:
    """Compare the ids of predictions with those of gold; ``None`` where gold has no id.

    Args:
        pairs: Gold and predictions.
        labels: Labels to score.
        crosswalk: Which ids of other vocabularies mean the same.
    """
    spans = right = equivalent = without = tp = fp = fn = 0
    wanted = frozenset(labels)
    for pair in pairs:
        gold, found = (_by_place(side, wanted) for side in (pair.entities, pair.predicted))
        fn += sum(bool(ids) for ids in gold.values())
        for place, ids in found.items():
            expected = gold.get(place)
            is_right = bool(expected) and _is_same(expected or frozenset(), ids)
            tp, fp = tp + is_right, fp + (bool(ids) and not is_right and expected != frozenset())
            if expected:
                spans += 1
                right += is_right
                without += not ids
                equivalent += is_right or (crosswalk is not None and _means(crosswalk, expected, ids))
    if not fn:
        return None
    return IdScores(spans, right, equivalent if crosswalk else None, without, Score(tp, fp, fn - tp))


def _by_place(
    entities: Iterable[Entity], labels: frozenset[str]
) -> dict[tuple[int, int, str], frozenset[str]]:
    return {(e.start, e.end, e.label): ids_of(e.concept_id) for e in entities if e.label in labels}


def _means(crosswalk: Crosswalk, gold: frozenset[str], found: frozenset[str]) -> bool:
    """Whether each id of either side is, or is linked to, one of the other."""

    def near(concept: str, others: frozenset[str]) -> bool:
        return concept in others or any(
            same.concept in others for name in VOCABULARIES for same in crosswalk.to(concept, (name,))
        )

    return bool(found) and all(near(each, found) for each in gold) and all(near(each, gold) for each in found)


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


def lenient_scores(pairs: Iterable[Pair], labels: Sequence[str]) -> tuple[LenientScore, LenientScore]:
    """The partial and the type-only score over all documents, both in micro average.

    Args:
        pairs: Gold and predictions.
        labels: Labels to score; others are ignored on both sides.
    """
    wanted = frozenset(labels)
    # nervaluate's ends are inclusive: half-open ends would make neighbors overlap.
    compared = [
        [[NervaluateEntity(e.label, e.start, e.end - 1) for e in side] for side in cluster]
        for pair in pairs
        for cluster in clusters(pair, wanted)
    ]
    return _total(PartialEvaluation(), compared, labels), _total(EntityTypeEvaluation(), compared, labels)


def _total(
    strategy: EvaluationStrategy, compared: Iterable[list[list[NervaluateEntity]]], labels: Sequence[str]
) -> LenientScore:
    total = EvaluationResult()
    for gold, found in compared:
        result, _ = strategy.evaluate(gold, found, list(labels))
        for name in ("correct", "incorrect", "partial", "missed", "spurious"):
            setattr(total, name, getattr(total, name) + getattr(result, name))
    total.compute_metrics(partial_or_type=True)
    counts = total.correct, total.incorrect, total.partial, total.missed, total.spurious
    return LenientScore(float(total.precision), float(total.recall), float(total.f1), *counts)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is scored, and how.

    Args:
        labels: Labels to score; ``None`` means those that occur in gold.
        aliases: Whether predicted labels that gold does not know are scored under their counterpart's name.
        mapping: Predicted label → gold label, before the known aliases.
        known: Folded surfaces that count as seen, for example those of a gazetteer.
        resamples: Draws of documents for intervals and p-values.
        seed: Equal seeds give equal intervals.
        crosswalk: Which concept ids of several vocabularies mean the same.
    """

    labels: tuple[str, ...] | None = None
    aliases: bool = True
    mapping: Mapping[str, str] = field(default_factory=dict)
    known: Collection[str] | None = None
    resamples: int = 1000
    seed: int = 0
    crosswalk: Crosswalk | None = None

    __repr__ = brief


@dataclass(frozen=True)
class Scores:
    """Everything measured for one system.

    Args:
        documents: Number of gold documents.
        counts: Strict counts: exact characters and label.
        intervals: 95 % interval of F1 for each label, by drawing documents.
        micro_interval: The same over all labels.
        partial: nervaluate's partial score (labels ignored, an overlap counts half).
        type_only: nervaluate's type score (an overlap with the right label counts).
        seen: Strict score of mentions whose surface is known; ``None`` when nothing says what is known.
        unseen: Strict score of the others.
        mapped: Predicted label → label it was scored as.
        out_of_scheme: Predictions that were not scored, by label.
        duplicates: Predictions given more than once, counted once.
        unscored_documents: Predicted documents that are not in gold.
        ids: Scores of concept ids; ``None`` where gold has none.
        learned_from: Gold documents that the model has learned from.
        others: Strict score of the other ones; ``None`` where it has learned from none, or from all.
    """

    documents: int
    counts: Counts
    intervals: Mapping[str, Interval]
    micro_interval: Interval
    partial: LenientScore
    type_only: LenientScore
    seen: Score | None
    unseen: Score | None
    mapped: Mapping[str, str]
    out_of_scheme: Mapping[str, int]
    duplicates: int
    unscored_documents: int = 0
    ids: IdScores | None = None
    learned_from: int = 0
    others: Score | None = None

    __repr__ = brief

    @property
    def on_learned(self) -> str:
        """What a score on documents that the model has learned from is worth; empty where there are none."""
        if not self.learned_from:
            return ""
        said = f"has learned from {self.learned_from:,} of {quantity(self.documents, 'document')}"
        if self.others is None:
            return f"{said}: this F1 says nothing of other text"
        return f"{said}: only the F1 on the others, {self.others.shown}, tells how it does on other text"

    @property
    def micro(self) -> Score:
        """Strict score over all labels."""
        return self.counts.micro

    @property
    def labels(self) -> Mapping[str, Score]:
        """Strict score of each label."""
        return self.counts.per_label

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the labels."""
        return sum(score.f1 for score in self.labels.values()) / len(self.labels)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; scores are between 0 and 1."""
        low_high = {label: asdict(interval) for label, interval in self.intervals.items()}
        labels = {label: {**s.as_dict(), "f1_interval": low_high[label]} for label, s in self.labels.items()}
        return {
            "documents": self.documents,
            "micro": {**self.micro.as_dict(), "f1_interval": asdict(self.micro_interval)},
            "macro_f1": self.macro_f1,
            "per_label": labels,
            "partial": asdict(self.partial),
            "type_only": asdict(self.type_only),
            "seen": self.seen.as_dict() if self.seen else None,
            "unseen": self.unseen.as_dict() if self.unseen else None,
            "mapped": dict(self.mapped),
            "out_of_scheme": dict(self.out_of_scheme),
            "duplicates": self.duplicates,
            "unscored_documents": self.unscored_documents,
            "ids": self.ids.as_dict() if self.ids else None,
            "learned_from": self.learned_from,
            "others": self.others.as_dict() if self.others else None,
        }


def evaluate(
    gold: Iterable[Document], predicted: Iterable[Document], settings: Settings | None = None
) -> Scores:
    """Score predictions against gold.

    Raises:
        CorpusError: A gold document without annotation or prediction, a text that differs, or no
            label to score.
    """
    settings = settings or Settings()
    return score(pair_system(list(gold), predicted, settings.mapping, settings.aliases), settings)


def score(system: System, settings: Settings) -> Scores:
    """Score a system that is already paired with gold."""
    pairs = system.pairs
    labels = _scored_labels(pairs, settings)
    counts = count(pairs, labels)
    *intervals, micro = f1_intervals(counts.table, resamples=settings.resamples, seed=settings.seed)
    partial, type_only = lenient_scores(pairs, labels)
    seen, unseen = _seen_scores(pairs, labels, settings.known)
    others = [number for number, pair in enumerate(pairs) if not pair.learned]
    outside = Counter(e.label for pair in pairs for e in pair.predicted if e.label not in labels)
    return Scores(
        documents=len(pairs),
        counts=counts,
        intervals=dict(zip(labels, intervals, strict=True)),
        micro_interval=micro,
        partial=partial,
        type_only=type_only,
        seen=seen,
        unseen=unseen,
        mapped=system.mapped,
        out_of_scheme=dict(sorted(outside.items())),
        duplicates=sum(
            len(p.predicted) - len({(e.start, e.end, e.label) for e in p.predicted}) for p in pairs
        ),
        unscored_documents=len(system.unscored),
        ids=score_ids(pairs, labels, settings.crosswalk),
        learned_from=len(pairs) - len(others),
        others=counts.of(others) if 0 < len(others) < len(pairs) else None,
    )


def _scored_labels(pairs: Sequence[Pair], settings: Settings) -> tuple[str, ...]:
    in_gold = inventory(pair.gold for pair in pairs)
    if not in_gold:
        raise CorpusError("gold holds no entity, so there is no label to score.", hint="Check the file.")
    unknown = [label for label in settings.labels or () if label not in in_gold]
    if unknown or settings.labels == ():
        problem = f"label {', '.join(unknown) or '(none)'} does not occur in gold."
        raise CorpusError(problem, hint=f"Gold holds {', '.join(in_gold)}.")
    return in_gold if settings.labels is None else tuple(dict.fromkeys(settings.labels))


def _seen_scores(
    pairs: Sequence[Pair], labels: Sequence[str], known: Collection[str] | None
) -> tuple[Score | None, Score | None]:
    if known is None:
        return None, None

    @cache
    def is_seen(surface: str) -> bool:
        return fold(surface) in known

    return count(pairs, labels, is_seen).micro, count(pairs, labels, lambda s: not is_seen(s)).micro
