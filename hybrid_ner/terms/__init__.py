"""Terms and gazetteers: what to look for, and where each term comes from."""

from hybrid_ner.terms.gazetteer import Gazetteer, GazetteerDiff, GazetteerStats
from hybrid_ner.terms.term import Term

__all__ = ["Gazetteer", "GazetteerDiff", "GazetteerStats", "Term"]
