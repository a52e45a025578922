"""spaCy's attributes of a new word, told quicker: the same values, mostly by one call of C.

Each word that is new to a vocabulary is asked for two dozen attributes, letter by letter in Python: two
thirds of the time of tokenizing a text of new words. Most words are letters alone, which are no
punctuation, no address and no sum of money.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from spacy.lang import lex_attrs
from spacy.lang.en import lex_attrs as english
from spacy.vocab import Vocab

_BRACKETS = frozenset("()[]{}<>")
_QUOTES = frozenset("\"'`«»‘’‚‛“”„‟‹›❮❯") | {"''", "``"}
_LEFT = frozenset("([{<\"'«‘‚‛“„‟‹❮") | {"``"}
_RIGHT = frozenset(")]}>\"'»’”›❯") | {"''"}
_NUMBERS = frozenset((*english._num_words, *english._ordinal_words))
_LONG = 100
"""Characters from which spaCy says no more of a shape."""


def _is_punct(text: str) -> bool:
    return not text.isalnum() and lex_attrs.is_punct(text)


def _is_currency(text: str) -> bool:
    return not text.isalnum() and lex_attrs.is_currency(text)


def _like_email(text: str) -> bool:
    return "@" in text and lex_attrs.like_email(text)


def _like_url(text: str) -> bool:
    return ("." in text or ":" in text) and lex_attrs.like_url(text)


def _like_num(text: str) -> bool:
    if text.isalpha():
        return text.lower() in _NUMBERS
    found: bool = english.like_num(text)
    return found


def _shape(text: str) -> str:
    if text.isascii() and len(text) < _LONG:
        if text.isalpha():
            if text.islower():
                return "xxxx"[: len(text)]
            if text.isupper():
                return "XXXX"[: len(text)]
            if text.istitle():
                return "Xxxxx"[: len(text)]
        elif text.isdigit():
            return "dddd"[: len(text)]
    shape: str = lex_attrs.word_shape(text)
    return shape


_QUICK: dict[Any, Any] = {
    lex_attrs.lower: str.lower,
    lex_attrs.prefix: itemgetter(0),
    lex_attrs.suffix: itemgetter(slice(-3, None)),
    lex_attrs.is_alpha: str.isalpha,
    lex_attrs.is_ascii: str.isascii,
    lex_attrs.is_digit: str.isdigit,
    lex_attrs.is_lower: str.islower,
    lex_attrs.is_space: str.isspace,
    lex_attrs.is_title: str.istitle,
    lex_attrs.is_upper: str.isupper,
    lex_attrs.is_bracket: _BRACKETS.__contains__,
    lex_attrs.is_quote: _QUOTES.__contains__,
    lex_attrs.is_left_punct: _LEFT.__contains__,
    lex_attrs.is_right_punct: _RIGHT.__contains__,
    lex_attrs.is_punct: _is_punct,
    lex_attrs.is_currency: _is_currency,
    lex_attrs.like_email: _like_email,
    lex_attrs.like_url: _like_url,
    lex_attrs.word_shape: _shape,
    english.like_num: _like_num,
}


def quicken(vocab: Vocab) -> None:
    """Put quicker functions of the same values in the place of spaCy's own; others stay."""
    getters = vocab.lex_attr_getters  # type: ignore[attr-defined]  # not in the stubs
    for attribute, getter in getters.items():
        getters[attribute] = _QUICK.get(getter, getter)
