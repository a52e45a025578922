"""Words learned from raw text, as a labeling source of their own that can be weighed and switched off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc

from hybrid_ner.matching import Evidence, Match, fold

__all__ = ["LearnedWord", "LearnedWordSource", "words_of"]

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
_PREFIX = re.compile(r"(?<![^\W_])(?:[^\W\d_]|\d+(?:,\d+)*)-$")
_PREFIX_REACH = 16
"""Characters before a word in which its prefix ("2,4-", "N-") may start."""


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A folded word with the label and score the classifier gives it, and its number of documents."""

    word: str
    label: str
    score: float
    documents: int


def words_of(text: str) -> Iterator[tuple[int, int]]:
    """Characters ``[start, end)`` of the words a classifier may learn: four letters or more, no digit."""
    return (found.span() for found in _WORD.finditer(text))


class LearnedWordSource:
    """Votes for every learned word that the text holds; a one-letter or numeric prefix goes with it.

    Args:
        words: The accepted words.
        name: Name of the source and of its span group.
    """

    def __init__(self, words: Iterable[LearnedWord], name: str = "learned_words") -> None:
        self.name = name
        self._words = {item.word: item for item in words}

    def __call__(self, doc: Doc) -> list[Match]:
        """One match a word, in order."""
        text = doc.text
        spans = ((start, end, self._words.get(fold(text[start:end]))) for start, end in words_of(text))
        return [_match(text, start, end, item) for start, end, item in spans if item is not None]

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        rows = [[item.word, item.label, item.score, item.documents] for item in self._words.values()]
        return {"kind": "LearnedWordSource", "name": self.name, "words": rows}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LearnedWordSource:
        """The source that ``to_state`` described."""
        return cls((LearnedWord(*row) for row in state["words"]), str(state["name"]))


def _match(text: str, start: int, end: int, item: LearnedWord) -> Match:
    prefix = _PREFIX.search(text[max(0, start - _PREFIX_REACH) : start])
    if prefix is not None:
        start -= len(prefix.group())
    evidence = Evidence("learned", text[start:end], "learned word", score=item.score)
    return Match(start, end, item.label, (), item.score, evidence)
