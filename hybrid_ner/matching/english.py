"""Common English words: a word that is in the list is not a misspelled term."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from hybrid_ner.resources import shipped

__all__ = ["english_words", "word_list"]


def english_words() -> frozenset[str]:
    """Folded words of the shipped list: ASCII letters only, at least two."""
    return word_list(shipped("gazetteers", "english", "words.txt.gz"))


@cache
def word_list(path: Path) -> frozenset[str]:
    """Words of a gzip file with one word a line."""
    return frozenset(gzip.decompress(path.read_bytes()).decode("utf-8").split())
