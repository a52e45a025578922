"""From text to labeled character spans, without spaCy."""

from hybrid_ner.matching.exact import GazetteerMatcher
from hybrid_ner.matching.match import Evidence, Fuzzy, Hits, Match, Weights
from hybrid_ner.text import FoldedText, fold, fold_text

__all__ = [
    "Evidence",
    "FoldedText",
    "Fuzzy",
    "GazetteerMatcher",
    "Hits",
    "Match",
    "Weights",
    "fold",
    "fold_text",
]
