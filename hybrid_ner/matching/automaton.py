"""The reference engine: pyahocorasick over the folded text.

``iter`` finds every occurrence and the boundary check keeps whole words. ``iter_long`` is not used:
it chooses before the boundaries are known and loses spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Hits, Ints
from hybrid_ner.matching.select import leftmost_longest
from hybrid_ner.text.fold import fold, fold_text, is_whole

__all__ = ["AutomatonEngine"]


class AutomatonEngine:
    """Quick to build and low in latency for small gazetteers; needs no compiled code of ours.

    Args:
        terms: Strings to find, as their source writes them.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        keys: dict[str, int] = {}
        groups = []
        for term in terms:
            key = fold(term)
            groups.append(keys.setdefault(key, len(keys)) if key else -1)
        self.group_of: Ints = np.array(groups, dtype=np.int32)
        self.arrays = None
        self._lengths = [len(key) for key in keys]
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for key, group in keys.items():
            self._automaton.add_word(key, group)
        if keys:
            self._automaton.make_automaton()

    def find(self, texts: Sequence[str]) -> Hits:
        """Every occurrence in each text."""
        if not self._lengths:
            return Hits.of([])
        return Hits.of([(doc, *hit) for doc, text in enumerate(texts) for hit in self._find(text)])

    def longest(self, hits: Hits) -> NDArray[np.bool_]:
        """Mask of the leftmost-longest hits of each document."""
        return leftmost_longest(hits)

    def _find(self, text: str) -> Iterator[tuple[int, int, int]]:
        folded = fold_text(text)
        lengths = self._lengths
        for last, group in self._automaton.iter(folded.folded):
            start, end = last + 1 - lengths[group], last + 1
            if is_whole(folded, start, end):
                yield *folded.to_source(start, end), group
