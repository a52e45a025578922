"""Choose how rules and model are fused by reviewed documents that neither has learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.corpus import Document
from hybrid_ner.pipeline.build import FusionSettings
from hybrid_ner.pipeline.fusion import EntityFusion, Policy
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import read_docs

__all__ = ["Choice", "choose_fusion"]

_POLICIES: tuple[Policy, ...] = ("rules_first", "model_first", "model_only")
_SCORES = (0.5, 0.7, 0.9, 0.97)
_SURE = 0.9
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """The settings to use, and what they were chosen by.

    Args:
        settings: The default ones, unless others are better on at least 90 % of bootstrap resamples.
        f1: Strict F1 of the settings on the documents, between 0 and 1.
        default_f1: The same of the default ones.
        documents: How many documents were looked at.
    """

    settings: FusionSettings
    f1: float
    default_f1: float
    documents: int


def choose_fusion(
    nlp: Language, documents: Sequence[Document], decided: Mapping[str, Decided], default: FusionSettings
) -> Choice:
    """The best settings on completely reviewed documents; only a clear gain replaces the default.

    Args:
        nlp: A hybrid pipeline that has learned nothing from the documents.
        documents: The documents.
        decided: Document id → what the reviewers decided.
        default: Settings to keep when no others are clearly better.
    """
    read = [(doc, _gold(decided[document.doc_id])) for document, doc in read_docs(nlp, documents)]
    base = _counts(default, read)
    best, counts = max(((s, _counts(s, read)) for s in _options()), key=lambda option: _f1(option[1].sum(0)))
    if not _clearly_better(counts, base):
        best, counts = default, base
    return Choice(best, float(_f1(counts.sum(0))), float(_f1(base.sum(0))), len(read))


def _options() -> Iterator[FusionSettings]:
    return (FusionSettings(score, policy) for policy, score in product(_POLICIES, _SCORES))


def _gold(decided: Decided) -> set[tuple[int, int, str]]:
    return {(e.start, e.end, e.label) for e in decided.accepted}


def _counts(
    settings: FusionSettings, read: Sequence[tuple[Doc, set[tuple[int, int, str]]]]
) -> NDArray[np.int64]:
    """Right, predicted and annotated spans, one row a document."""
    fusion = EntityFusion([], settings.min_score or 0.0, settings.policy)
    rows = []
    for doc, gold in read:
        found = {(s.start_char, s.end_char, s.label_) for s in fusion.fused(doc)}
        rows.append((len(found & gold), len(found), len(gold)))
    return np.array(rows, dtype=np.int64)


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    right, found, gold = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * right / np.maximum(1, found + gold), dtype=np.float64)


def _clearly_better(counts: NDArray[np.int64], base: NDArray[np.int64]) -> bool:
    """Paired bootstrap over documents."""
    drawn = np.random.default_rng(0).integers(0, len(counts), (_RESAMPLES, len(counts)))
    better = _f1(counts[drawn].sum(1)) > _f1(base[drawn].sum(1))
    return bool(better.mean() >= _SURE)
