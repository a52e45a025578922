"""The words of the language of sentences, and what a slip of the finger stands for."""

from __future__ import annotations

import re
from functools import lru_cache

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.situation import PHRASE, vocabulary


@lru_cache(maxsize=1)
def lexicon() -> tuple[dict[str, str], frozenset[str]]:
    """Single words and what they stand for, and every known word."""
    single, phrases = w.canonical_words()
    known = {*single, *w.CANONICAL, *w.NUMBERS, *w.ORDINALS, *w.CONTRACTIONS}
    doubts = w.DOUBTS.split(" | ")
    for text in (*phrases, *w.OPENERS, *w.REQUESTS, *w.CONTRACTIONS.values(), *doubts, *w.ORDERS.values()):
        known.update(text.split())
    known.update(vocabulary(), w.KNOWN.split())
    return single, frozenset(known)


@lru_cache(maxsize=1)
def own_words() -> tuple[frozenset[str], dict[str, list[tuple[str, ...]]]]:
    """The known words without those that only stand in phrases, and these phrases by their first word.

    "contract" may be a word of the document, and "in every contract" is still a phrase.
    """
    single, known = lexicon()
    _, phrases = w.canonical_words()
    others = (*w.OPENERS, *w.REQUESTS, w.DOUBTS, *w.ORDERS.values(), *w.CONTRACTIONS.values(), w.KNOWN)
    own = {*single, *w.CANONICAL, *w.NUMBERS, *w.ORDINALS, *w.CONTRACTIONS, *vocabulary()}
    own.update(" ".join(others).split())
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        words = tuple(phrase.split())
        if any(len(word) > 3 for word in {*words} - own):
            by_first.setdefault(words[0], []).append(words)
    short = {word for word in known if len(word) < 4}
    return frozenset(known & own | short), by_first


def phrase_words(found: list[re.Match[str]], at: int) -> int:
    """Tokens from here on that are a phrase of the language."""
    said = [token.group().lower().replace("'", "") for token in found[at : at + PHRASE]]
    return next((len(ws) for ws in own_words()[1].get(said[0], ()) if tuple(said[: len(ws)]) == ws), 0)


def is_known(word: str) -> bool:
    """Whether a word is one of the language of sentences, alone."""
    return word in own_words()[0]


@lru_cache(maxsize=1)
def _slip_targets() -> dict[str, list[str]]:
    """Known words of four letters and more, by their first letter."""
    targets: dict[str, list[str]] = {}
    for word in lexicon()[1]:
        if len(word) > 3 and word.isalpha():
            targets.setdefault(word[0], []).append(word)
    return targets


def corrected(word: str) -> str:
    """The known word that a slip of the finger stands for; the word itself when none is close."""
    return w.nearest(word, _slip_targets())


def is_english(word: str) -> bool:
    """Whether a word is no slip for one of the language: "company" is not "command"."""
    from hybrid_ner.terms.lint import english_words

    return len(word) > 3 and word in english_words()


def stemmed(word: str) -> str:
    """``removing`` and ``removed`` without their ending, when that is a known word."""
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word:
            for each in (stem, stem + "e", stem[:-1]):
                if len(each) > 2 and is_known(each):
                    return each
    return word
