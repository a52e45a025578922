"""The gazetteer as a labeling source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.matching import GazetteerMatcher, Match
from hybrid_ner.matching.exact import FuzzyMode
from hybrid_ner.terms import Gazetteer

__all__ = ["GazetteerSource"]


class GazetteerSource:
    """Votes for every term of a gazetteer that the text holds as whole words.

    Args:
        gazetteer: Terms with match modes.
        name: Name of the source and of its span group.
    """

    reads_view: ClassVar[bool] = True

    def __init__(self, gazetteer: Gazetteer, name: str = "gazetteer") -> None:
        self.gazetteer = gazetteer
        self.name = name
        self._matcher = GazetteerMatcher(gazetteer)

    def __repr__(self) -> str:
        return f"GazetteerSource({self.gazetteer!r}, name={self.name!r})"

    @property
    def fuzzy(self) -> FuzzyMode:
        """Whether near matches are labeled too."""
        return self._matcher.fuzzy

    def __call__(self, doc: Doc) -> list[Match]:
        """Leftmost-longest matches."""
        return self._matcher.match(doc.text)

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold; the terms are kept apart."""
        return {"name": self.name}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], gazetteer: Gazetteer | None) -> GazetteerSource:
        """The source that ``to_state`` described, over a gazetteer."""
        return cls(gazetteer or Gazetteer(), str(state["name"]))
