"""The tokenizer of every pipeline here: spaCy's English rules, split finer, with a larger cache.

spaCy keeps ``cisplatin-induced``, ``5-FU/LV`` or ``s.302/34`` whole, so that gold spans inside them have no
token boundary. Splitting at hyphens, slashes and other inner punctuation lets more gold spans align.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

__all__ = ["blank", "create_tokenizer"]

_INNER = r"[\-‐‑‒–—−/\\()\[\]{}<>,;:+=*&|~·•\"“”'’‘`@#%^_!?…­]"
_INVISIBLE = r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
"""Zero-width spaces, direction and byte-order marks, as copied from web pages; joiners stay in their word."""
_DIGIT_LETTER_DOT = r"(?<=[A-Za-z\)])\.(?=[A-Z0-9\(])"
CACHE_SIZE = 500_000
"""Chunks that the tokenizer remembers; spaCy's default of 10,000 is slow on real corpora."""


@spacy.registry.tokenizers("hybrid_ner.Tokenizer.v1")
def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """Registered as ``hybrid_ner.Tokenizer.v1``."""
    return _make


def _make(nlp: Language) -> Tokenizer:
    defaults = nlp.Defaults
    prefixes = [*(defaults.prefixes or []), _INNER, _INVISIBLE]
    suffixes = [*(defaults.suffixes or []), _INNER, _INVISIBLE, r"(?<=[\w\)\]])\."]
    infixes = [*(defaults.infixes or []), _INNER, _INVISIBLE, _DIGIT_LETTER_DOT]
    tokenizer = Tokenizer(
        nlp.vocab,
        rules=defaults.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(prefixes).search,
        suffix_search=compile_suffix_regex(suffixes).search,
        infix_finditer=compile_infix_regex(infixes).finditer,
        url_match=None,
    )
    tokenizer.max_cache_size = CACHE_SIZE
    return tokenizer


def blank() -> Language:
    """An empty English pipeline with this tokenizer, for texts of any length."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "hybrid_ner.Tokenizer.v1"}}})
    # spaCy's limit of 1,000,000 characters guards parsers, which are not used here.
    nlp.max_length = sys.maxsize
    return nlp
