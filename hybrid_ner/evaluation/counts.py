"""True positives, false positives and false negatives, per document and label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.scorer import PRFScore

from hybrid_ner.corpus.document import Entity
from hybrid_ner.evaluation.pairs import Pair

__all__ = ["Counts", "Score", "count"]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts with the precision, recall and F1 that follow from them.

    Args:
        tp: Predicted and in gold.
        fp: Predicted, not in gold.
        fn: In gold, not predicted.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def gold(self) -> int:
        """Number of gold mentions."""
        return self.tp + self.fn

    @property
    def predicted(self) -> int:
        """Number of predicted mentions."""
        return self.tp + self.fp

    @property
    def precision(self) -> float:
        """Between 0 and 1; 0 where nothing was predicted."""
        return float(self._prf.precision)

    @property
    def recall(self) -> float:
        """Between 0 and 1; 0 where gold holds nothing."""
        return float(self._prf.recall)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return float(self._prf.fscore)

    @property
    def _prf(self) -> PRFScore:
        return PRFScore(tp=self.tp, fp=self.fp, fn=self.fn)

    def as_dict(self) -> dict[str, float | int]:
        """Plain values, for JSON."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "gold": self.gold,
            "predicted": self.predicted,
        }


@dataclass(frozen=True)
class Counts:
    """Counts of one system on one gold standard.

    Args:
        labels: The labels that are scored.
        table: Shape (documents, labels, 3): tp, fp, fn.
    """

    labels: tuple[str, ...]
    table: NDArray[np.int64]

    @cached_property
    def micro(self) -> Score:
        """Over all labels."""
        return _score(self.table.sum(axis=(0, 1)))

    @cached_property
    def per_label(self) -> Mapping[str, Score]:
        """For each label."""
        return {label: _score(self.table[:, i].sum(axis=0)) for i, label in enumerate(self.labels)}


def _score(row: Any) -> Score:
    return Score(*map(int, row))


def count(pairs: Sequence[Pair], labels: Sequence[str], keep: Callable[[str], bool] | None = None) -> Counts:
    """Strict counts: exact characters and label.

    Args:
        pairs: Gold and predictions; a mention given twice counts once.
        labels: Labels to score; others are ignored on both sides.
        keep: Only mentions whose surface it accepts are counted, on both sides.
    """
    table = np.zeros((len(pairs), len(labels), 3), dtype=np.int64)
    for row, pair in enumerate(pairs):
        gold, found = (_by_label(pair, side, keep) for side in (pair.entities, pair.predicted))
        for column, label in enumerate(labels):
            prf = PRFScore()
            prf.score_set(found.get(label, set()), gold.get(label, set()))
            table[row, column] = prf.tp, prf.fp, prf.fn
    return Counts(tuple(labels), table)


def _by_label(
    pair: Pair, entities: Iterable[Entity], keep: Callable[[str], bool] | None
) -> dict[str, set[tuple[int, int]]]:
    text = pair.gold.text
    found: dict[str, set[tuple[int, int]]] = {}
    for entity in entities:
        if keep is None or keep(text[entity.start : entity.end]):
            found.setdefault(entity.label, set()).add((entity.start, entity.end))
    return found
