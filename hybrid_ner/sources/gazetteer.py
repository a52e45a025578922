"""The gazetteer as a labeling source."""

from __future__ import annotations

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

    def __init__(self, gazetteer: Gazetteer, name: str = "gazetteer") -> None:
        self.gazetteer = gazetteer
        self.name = name
        self._matcher = GazetteerMatcher(gazetteer)

    @property
    def fuzzy(self) -> FuzzyMode:
        """Whether near matches are labeled too."""
        return self._matcher.fuzzy

    def __call__(self, doc: Doc) -> list[Match]:
        """Leftmost-longest matches."""
        return self._matcher.match(doc.text)
