"""What a matcher returns: a span of the source text, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Evidence", "Match", "Method"]

Method = Literal["exact", "folded", "variant", "fuzzy", "abbreviation", "pattern", "learned", "reviewed"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a span was labeled.

    Args:
        method: How the surface was recognized.
        surface: The source text between the offsets.
        reference: The term, long form or pattern that it was recognized by.
        file: File of the reference term or pattern.
        row: One-based row in that file, 0 when unknown.
        edits: Edit operations in words, for ``fuzzy`` and ``variant``.
        score: Between 0 and 1.
    """

    method: Method
    surface: str
    reference: str
    file: str = ""
    row: int = 0
    edits: tuple[str, ...] = ()
    score: float = 1.0

    def sentence(self) -> str:
        """One sentence for the reviewer."""
        said = f"“{self.surface}” "
        if self.method == "exact":
            said += "is a term of the gazetteer"
        elif self.method == "learned":
            said += f"was labeled by the model ({self.reference})"
        elif self.method == "reviewed":
            said += f"was learned from review: {self.reference}"
        else:
            said += f"matches “{self.reference}” ({self.method})"
        if self.edits:
            said += f": {'; '.join(self.edits)}"
        if self.file:
            said += f", {self.file}" + (f" row {self.row}" if self.row else "")
        return said + (f", score {self.score:.2f}." if self.score < 1 else ".")


class Match(NamedTuple):
    """A labeled span of the source text.

    A named tuple, since matches are made by the ten thousand: a frozen dataclass takes three times as long.

    Args:
        start: First character, in code points of the source text.
        end: One past the last character (half open).
        label: Entity label.
        concept_ids: Every concept the surface may name, best first.
        score: Between 0 and 1.
        evidence: Why.
    """

    start: int
    end: int
    label: str
    concept_ids: tuple[str, ...] = ()
    score: float = 1.0
    evidence: Evidence | None = None
