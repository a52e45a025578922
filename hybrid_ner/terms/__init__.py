"""Terms and gazetteers: what to look for, and where each term comes from."""

from hybrid_ner.terms.gazetteer import Gazetteer, GazetteerDiff, GazetteerStats
from hybrid_ner.terms.term import MATCH_MODES, TERM_STATUSES, Term

__all__ = ["MATCH_MODES", "TERM_STATUSES", "Gazetteer", "GazetteerDiff", "GazetteerStats", "Term"]
