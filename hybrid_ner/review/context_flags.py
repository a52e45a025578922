"""Context flags at import: from the trigger lists of the project's domain, if it has any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from hybrid_ner.resources import shipped
from hybrid_ner.weak.context import ContextRules

__all__ = ["Flagger", "flagger"]

Flagger = Callable[[str, Sequence[tuple[int, int]]], list[tuple[str, ...]]]


def flagger(domain: str) -> Flagger:
    """The function that gives each span of a text its flags."""
    return _medical().flags if domain == "medical" else _none


def _none(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    return [()] * len(spans)


@lru_cache(maxsize=1)
def _medical() -> ContextRules:
    return ContextRules.load(shipped("gazetteers", "medical", "rules"))
