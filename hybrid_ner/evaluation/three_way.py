"""Rule-only, model-only and hybrid scores of one pipeline on the same gold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.corpus import Document
from hybrid_ner.evaluation.compare import Comparison, compare
from hybrid_ner.evaluation.scores import Settings
from hybrid_ner.training.predict import SYSTEMS, document_from, read_docs

__all__ = ["ThreeWay", "three_way"]


@dataclass(frozen=True, slots=True)
class MisalignedGold:
    """A gold span, in characters, that does not fall on token boundaries."""

    doc_id: str
    start: int
    end: int
    label: str
    surface: str


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Scores, and the predictions they were made from, by system.

    Args:
        comparison: The scores.
        gold: The annotated documents.
        predictions: System → documents with its entities.
        misaligned: Gold spans that fit no tokens: they count as missed by every system.
    """

    comparison: Comparison
    gold: tuple[Document, ...]
    predictions: dict[str, list[Document]]
    misaligned: tuple[MisalignedGold, ...] = ()


def three_way(
    nlp: Language, documents: Iterable[Document], settings: Settings | None = None, by: str | None = None
) -> ThreeWay | None:
    """Score the three systems on the annotated documents; ``None`` when none is annotated."""
    gold = tuple(d for d in documents if d.entities is not None)
    if not any(d.entities for d in gold):
        return None
    predictions: dict[str, list[Document]] = {system: [] for system in SYSTEMS}
    misaligned: list[MisalignedGold] = []
    for document, doc in read_docs(nlp, gold):
        misaligned += _misaligned(document, doc)
        for system in SYSTEMS:
            predictions[system].append(document_from(document, doc, system))
    return ThreeWay(compare(gold, predictions, settings, by), gold, predictions, tuple(misaligned))


def _misaligned(document: Document, doc: Doc) -> list[MisalignedGold]:
    return [
        MisalignedGold(document.doc_id, e.start, e.end, e.label, document.text[e.start : e.end])
        for e in document.entities or ()
        if doc.char_span(e.start, e.end) is None
    ]
