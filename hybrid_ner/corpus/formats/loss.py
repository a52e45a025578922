"""What a format cannot hold is reported, never left out in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.problems import Place, Problem, Report
from hybrid_ner.text import quantity

__all__ = ["LostData", "lost_entities", "without_overlaps"]


def lost_entities(
    document: Document, entities: Iterable[Entity], why: str, path: Path, report: Report
) -> None:
    """Report annotations that are left out."""
    for entity in entities:
        surface = document.text[entity.start : entity.end]
        message = (
            f"{entity.label} {surface!r} [{entity.start}, {entity.end}) of document {document.doc_id!r} "
            f"is left out: {why}."
        )
        report(Problem("lost annotation", message, Place(str(path)), document.doc_id))


class LostData:
    """Counts data beside text and spans that a format leaves out, to warn of it once a file.

    Args:
        concepts: Whether concept ids are among it.
    """

    def __init__(self, *, concepts: bool = False) -> None:
        self._concepts = concepts
        self._counts: Counter[str] = Counter()

    def add(self, document: Document) -> None:
        """Note what is left out of a document."""
        entities = document.entities or ()
        self._counts["meta data"] += bool(document.meta)
        self._counts["attributes of entities"] += any(entity.attrs for entity in entities)
        self._counts["concept ids"] += self._concepts and any(entity.concept_id for entity in entities)

    def note(self, what: str) -> None:
        """Note what is left out of one more document."""
        self._counts[what] += 1

    def warn(self, path: Path, report: Report) -> None:
        """Report it."""
        for what, count in self._counts.items():
            if count:
                documents = quantity(count, "document")
                message = f"{what} of {documents} left out: this format has no place for them."
                report(Problem("lost data", message, Place(str(path)), warning=True))


def without_overlaps(entities: Sequence[Entity]) -> tuple[list[Entity], list[Entity]]:
    """Entities that can stand side by side, the longest first, and those that overlap them."""
    kept: list[Entity] = []
    lost: list[Entity] = []
    taken = bytearray(max((entity.end for entity in entities), default=0))
    for entity in sorted(entities, key=lambda e: (e.start - e.end, e.start, e.label)):
        if taken.find(1, entity.start, entity.end) >= 0:
            lost.append(entity)
        else:
            kept.append(entity)
            taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    return sorted(kept, key=lambda e: e.start), sorted(lost, key=lambda e: e.start)
