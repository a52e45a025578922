"""What a check found, with examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.text import excerpt

__all__ = ["Example", "Finding", "example", "finding"]

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A place in a document; the span is empty where the whole document is meant."""

    doc_id: str
    start: int
    end: int
    label: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Args:
        kind: Short name to count by.
        message: What was found, for a person.
        count: How many places it concerns.
        examples: Some of the places.
    """

    kind: str
    message: str
    count: int
    examples: tuple[Example, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def example(document: Document, start: int, end: int, label: str = "") -> Example:
    """A place, with the text around it."""
    return Example(document.doc_id, start, end, label, excerpt(document.text, start, end))


def finding(kind: str, message: str, places: Iterable[tuple[Document, Entity]]) -> Finding:
    """A finding about mentions."""
    every = list(places)
    shown = (example(document, e.start, e.end, e.label) for document, e in every[:_EXAMPLES])
    return Finding(kind, message, len(every), tuple(shown))
