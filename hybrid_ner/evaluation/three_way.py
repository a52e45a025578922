"""Rule-only, model-only and hybrid scores of one pipeline on the same gold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spacy.language import Language

from hybrid_ner.corpus import Document
from hybrid_ner.evaluation.compare import Comparison, compare
from hybrid_ner.evaluation.scores import Settings
from hybrid_ner.training.predict import SYSTEMS, document_from, read_docs

__all__ = ["ThreeWay", "three_way"]


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Scores, and the predictions they were made from, by system."""

    comparison: Comparison
    gold: tuple[Document, ...]
    predictions: dict[str, list[Document]]


def three_way(
    nlp: Language, documents: Iterable[Document], settings: Settings | None = None, by: str | None = None
) -> ThreeWay | None:
    """Score the three systems on the annotated documents; ``None`` when none is annotated."""
    gold = tuple(d for d in documents if d.entities is not None)
    if not any(d.entities for d in gold):
        return None
    predictions: dict[str, list[Document]] = {system: [] for system in SYSTEMS}
    for document, doc in read_docs(nlp, gold):
        for system in SYSTEMS:
            predictions[system].append(document_from(document, doc, system))
    return ThreeWay(compare(gold, predictions, settings, by), gold, predictions)
