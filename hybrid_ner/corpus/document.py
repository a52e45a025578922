"""A text with an id, and its annotated mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hybrid_ner.text import content_hash

__all__ = ["Document", "Entity"]


@dataclass(frozen=True, slots=True)
class Entity:
    """An annotated mention: characters ``[start, end)`` of its document."""

    start: int
    end: int
    label: str
    concept_id: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id.

    Args:
        doc_id: Unique in its corpus.
        text: As given; never changed.
        entities: Annotations in order, or ``None`` for a document nobody annotated.
        meta: Anything else the record holds.
    """

    doc_id: str
    text: str
    entities: tuple[Entity, ...] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text."""
        return content_hash(self.text)
