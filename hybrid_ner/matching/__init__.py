"""From text to labeled character spans, without spaCy."""

from hybrid_ner.matching.exact import GazetteerMatcher
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.matching.normalize import FoldedText, fold, fold_text

__all__ = ["Evidence", "FoldedText", "GazetteerMatcher", "Match", "fold", "fold_text"]
