"""The small interface behind which exact matching engines stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hybrid_ner.matching.phrase_hash import PhraseArrays

__all__ = ["Engine", "Hits", "Ints"]

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Hits:
    """Spans in a batch of texts, as arrays of one length.

    Ordered by document, then start, then end; offsets are characters of the source text, half open.

    Args:
        docs: Number of the text in the batch.
        starts: First character.
        ends: One past the last character.
        groups: Number of the group of terms that share the folded form of the span.
    """

    docs: Ints
    starts: Ints
    ends: Ints
    groups: Ints

    def __len__(self) -> int:
        return len(self.docs)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Hits:
        """The hits under a mask or at positions."""
        return Hits(self.docs[which], self.starts[which], self.ends[which], self.groups[which])

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """(document, start, end, group) of each hit."""
        columns = (self.docs, self.starts, self.ends, self.groups)
        return zip(*(column.tolist() for column in columns), strict=True)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, int]]) -> Hits:
        """From rows of (document, start, end, group), in any order."""
        table = np.array(sorted(rows), dtype=np.int32).reshape(-1, 4)
        return cls(*(np.ascontiguousarray(column) for column in table.T))


class Engine(Protocol):
    """Finds every whole-word occurrence of a set of folded strings, nested and overlapping ones included."""

    @property
    def group_of(self) -> Ints:
        """Group of each term, by term number; -1 for a term whose folded form is empty."""
        ...

    @property
    def arrays(self) -> PhraseArrays | None:
        """Plain arrays that can be saved, where the engine has them."""
        ...

    def find(self, texts: Sequence[str]) -> Hits:
        """Every occurrence in each text."""
        ...

    def longest(self, hits: Hits) -> NDArray[np.bool_]:
        """Mask of the leftmost-longest hits of each document."""
        ...
