"""The key under which every occurrence of a surface is found."""

from __future__ import annotations

import hashlib

from hybrid_ner.matching.normalize import fold

__all__ = ["surface_key"]

LONGEST = 300
"""Characters of a key: an index of PostgreSQL takes no value above 2,704 bytes."""


def surface_key(surface: str) -> str:
    """The folded surface; of a very long one its beginning and a hash of the whole."""
    folded = fold(surface)
    if len(folded) <= LONGEST:
        return folded
    return f"{folded[:LONGEST]}#{hashlib.sha256(folded.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
