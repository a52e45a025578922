"""The words that come with the package, and which of them fit a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.words.file import read_words
from hybrid_ner.words.vectors import WordVectors, word_forms

__all__ = ["SHIPPED", "choose_words", "load_words", "other_words", "resolve_words"]

SHIPPED = ("medical", "legal")
_READ = 200_000
"""Words of text that decide: about a megabyte."""


def load_words(name: str | Path) -> WordVectors:
    """Shipped words by name, else those of a file.

    Raises:
        InputError: No such name or file, or the file is damaged.
    """
    if isinstance(name, str) and name in SHIPPED:
        return _shipped(name)
    if not Path(name).is_file():
        raise InputError(
            f"no word vectors {str(name)!r}.", hint=f"Use {' or '.join(SHIPPED)}, or a file of words build."
        )
    return read_words(Path(name))


@cache
def _shipped(name: str) -> WordVectors:
    return read_words(shipped("words", f"{name}.words"))


def choose_words(texts: Iterable[str]) -> WordVectors | None:
    """The shipped words under which the text is likeliest; none for text without words."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(word_forms(text))
        if seen.total() > _READ:
            break
    if not seen:
        return None
    return max(map(load_words, SHIPPED), key=lambda words: _likelihood(words, seen))


def resolve_words(name: str, texts: Iterable[str]) -> WordVectors | None:
    """Words by a setting: ``auto`` (the shipped ones that fit the texts), ``none``, a shipped name or a file.

    Raises:
        InputError: As ``load_words``.
    """
    if name == "none":
        return None
    return choose_words(texts) if name == "auto" else load_words(name)


def other_words(words: WordVectors | None) -> list[WordVectors]:
    """The shipped words of other subjects than the given ones."""
    return [load_words(name) for name in SHIPPED if words is not None and words.name != name]


def _likelihood(words: WordVectors, seen: Counter[str]) -> float:
    """Log likelihood of the text by the share of documents that hold each word, one added."""
    total = float(words.documents.sum()) + len(words)
    return sum(count * math.log((words.documents_of(form) + 1) / total) for form, count in seen.items())
