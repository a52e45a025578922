"""Mend the texts of a corpus; annotations move with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hybrid_ner.corpus.cleaning import DEFAULT_STEPS, STEPS
from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.offsets import OffsetMap, apply_edits
from hybrid_ner.corpus.problems import Place, Problem, Report, fail
from hybrid_ner.errors import InputError

__all__ = ["CleanedText", "Cleaner", "clean_text"]


@dataclass(frozen=True, slots=True)
class CleanedText:
    """A mended text and the way from and to its source.

    Args:
        text: The mended text.
        maps: One map for each step that changed something, in order.
        edits: Number of edits of each such step.
    """

    text: str
    maps: tuple[OffsetMap, ...]
    edits: dict[str, int]

    def to_new(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a span of the source went; ``None`` when it vanished or an edit crosses its edge."""
        span: tuple[int, int] | None = (start, end)
        for each in self.maps:
            span = each.to_new(*span) if span else None
        return span

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the mended text came from, for example to show a prediction in the source."""
        for each in reversed(self.maps):
            start, end = each.to_source(start, end)
        return start, end


def clean_text(text: str, steps: Sequence[str] = DEFAULT_STEPS) -> CleanedText:
    """Take the steps in their fixed order.

    Raises:
        InputError: A step that does not exist.
    """
    unknown = [name for name in steps if name not in STEPS]
    if unknown:
        raise InputError(
            f"unknown cleaning step {', '.join(unknown)}.", hint=f"Steps are {', '.join(STEPS)}."
        )
    maps: list[OffsetMap] = []
    counts: dict[str, int] = {}
    for name, step in STEPS.items():
        edits = list(step(text)) if name in steps else []
        if edits:
            text, new = apply_edits(text, edits)
            maps.append(new)
            counts[name] = len(edits)
    return CleanedText(text, tuple(maps), counts)


class Cleaner:
    """Cleans documents and counts what it did.

    Args:
        steps: Names of steps.
        report: Told about annotations that cannot move; the default raises.
    """

    def __init__(self, steps: Sequence[str] = DEFAULT_STEPS, report: Report = fail) -> None:
        self._steps, self._report = tuple(steps), report
        clean_text("", self._steps)
        self.edits: Counter[str] = Counter()
        self.changed = 0

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents, mended."""
        return map(self.document, documents)

    def document(self, document: Document) -> Document:
        """One document, mended."""
        cleaned = clean_text(document.text, self._steps)
        if not cleaned.maps:
            return document
        self.edits.update(cleaned.edits)
        self.changed += 1
        entities = document.entities
        if entities is not None:
            moved = (self._moved(document, cleaned, entity) for entity in entities)
            entities = tuple(entity for entity in moved if entity is not None)
        return replace(document, text=cleaned.text, entities=entities)

    def _moved(self, document: Document, cleaned: CleanedText, entity: Entity) -> Entity | None:
        span = cleaned.to_new(entity.start, entity.end)
        if span is None:
            surface = document.text[entity.start : entity.end]
            message = (
                f"{entity.label} {surface!r} [{entity.start}, {entity.end}) of document "
                f"{document.doc_id!r} cannot move: cleaning changes its edge or leaves nothing of it."
            )
            hint = "Correct the annotation, or leave the step out."
            self._report(Problem("lost annotation", message, Place(), document.doc_id, hint))
            return None
        attrs = entity.attrs
        if isinstance(attrs.get("text"), str):
            attrs = {**attrs, "text": cleaned.text[span[0] : span[1]]}
        return replace(entity, start=span[0], end=span[1], attrs=attrs)
