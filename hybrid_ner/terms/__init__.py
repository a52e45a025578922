"""Terms and gazetteers: what to look for, and where each term comes from."""

from hybrid_ner.terms.gazetteer import (
    MATCH_MODES,
    TERM_STATUSES,
    Gazetteer,
    GazetteerDiff,
    GazetteerStats,
    Term,
)

__all__ = ["MATCH_MODES", "TERM_STATUSES", "Gazetteer", "GazetteerDiff", "GazetteerStats", "Term"]
