"""English words: what a dictionary has is no misspelled term, and everyday words are no terms to look for."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from hybrid_ner.matching.normalize import fold
from hybrid_ner.resources import shipped
from hybrid_ner.terms.lint import read_words

__all__ = ["english_words", "everyday_words", "word_list"]


def english_words() -> frozenset[str]:
    """Folded words of the shipped list: ASCII letters only, at least two."""
    return word_list(shipped("gazetteers", "english", "words.txt.gz"))


@cache
def everyday_words() -> frozenset[str]:
    """Folded words of the shipped list of the most frequent English words."""
    return frozenset(map(fold, read_words(shipped("gazetteers", "english", "frequent.txt"))))


@cache
def word_list(path: Path) -> frozenset[str]:
    """Words of a gzip file with one word a line."""
    return frozenset(gzip.decompress(path.read_bytes()).decode("utf-8").split())
