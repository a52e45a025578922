"""Which engine serves a gazetteer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Literal

from hybrid_ner.matching.automaton import AutomatonEngine
from hybrid_ner.matching.engine import Engine

__all__ = ["EngineName", "make_engine"]

EngineName = Literal["auto", "automaton", "hash"]
_LARGE = 20_000
"""Terms from which ``auto`` takes the phrase hash: below, loading compiled code costs more than it saves."""


def make_engine(terms: Sequence[str], name: EngineName) -> Engine:
    """Build an engine for terms; ``auto`` decides by their number."""
    if name == "automaton" or (name == "auto" and (len(terms) < _LARGE or find_spec("numba") is None)):
        return AutomatonEngine(terms)
    from hybrid_ner.matching.phrase_build import build_phrases
    from hybrid_ner.matching.phrase_hash import PhraseHashEngine

    return PhraseHashEngine(build_phrases(terms))
