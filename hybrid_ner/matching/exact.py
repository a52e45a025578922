"""Exact matching: from text to labeled spans, without spaCy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.automaton import AutomatonEngine
from hybrid_ner.matching.columns import TermColumns
from hybrid_ner.matching.engine import Engine, Hits
from hybrid_ner.matching.groups import TermGroups, to_matches
from hybrid_ner.matching.match import Match
from hybrid_ner.matching.select import Overlap, Weights, best_weight
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.term import MATCH_MODES

if TYPE_CHECKING:
    from hybrid_ner.matching.compiled import CompiledGazetteer

__all__ = ["EngineName", "GazetteerMatcher"]

EngineName = Literal["auto", "automaton", "hash"]
_LARGE = 20_000
"""Terms from which ``auto`` takes the phrase hash: below, loading compiled code costs more than it saves."""
_CHUNK = 1_000_000
"""Characters that ``match_batch`` reads ahead."""


class GazetteerMatcher:
    """Finds the terms of a gazetteer as whole words.

    A surface with several labels gets the label of its earliest term and all concept ids of that label.
    Safe to use from several threads once built.

    Args:
        gazetteer: Terms; earlier terms win where one surface has several labels.
        engine: ``automaton`` (pyahocorasick), ``hash`` (compiled phrase hash) or ``auto``.
        overlap: ``longest`` keeps leftmost-longest spans, ``weight`` the set of non-overlapping spans
            that is worth most, ``all`` every span.
        weights: What spans are worth under ``overlap="weight"``; by default each character counts one.
        every_label: One match for every label of a surface instead of the first label only.
    """

    _opened: CompiledGazetteer

    def __init__(
        self,
        gazetteer: Gazetteer,
        *,
        engine: EngineName = "auto",
        overlap: Overlap = "longest",
        weights: Weights | None = None,
        every_label: bool = False,
    ) -> None:
        self._gazetteer: Gazetteer | None = gazetteer
        self._set_up(gazetteer.terms, _engine(gazetteer, engine), overlap, weights, every_label)

    def _set_up(
        self,
        terms: Sequence[Term],
        engine: Engine,
        overlap: Overlap,
        weights: Weights | None,
        every_label: bool,
    ) -> None:
        self._terms, self._engine = terms, engine
        self.overlap, self.weights, self.every_label = overlap, weights or Weights(), every_label
        self._groups = TermGroups(terms, engine.group_of, _modes(terms))

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        fingerprint: str | None = None,
        verify: bool = True,
        overlap: Overlap = "longest",
        weights: Weights | None = None,
        every_label: bool = False,
    ) -> GazetteerMatcher:
        """Open a compiled gazetteer; its arrays are memory-mapped and shared between processes.

        Args:
            path: A file that ``save`` wrote.
            fingerprint: ``Gazetteer.fingerprint`` of the source as it is now, to refuse a stale file.
            verify: Compare checksums; reads the whole file once.
            overlap: As for the class.
            weights: As for the class.
            every_label: As for the class.

        Raises:
            CompiledFileError: The file is missing, foreign, truncated, damaged or stale.
        """
        from hybrid_ner.matching.compiled import load_gazetteer
        from hybrid_ner.matching.phrase_hash import PhraseHashEngine

        opened = load_gazetteer(path, fingerprint=fingerprint, verify=verify)
        matcher = cls.__new__(cls)
        matcher._gazetteer, matcher._opened = None, opened
        matcher._set_up(opened.terms, PhraseHashEngine(opened.phrases), overlap, weights, every_label)
        return matcher

    def save(self, path: str | Path) -> None:
        """Write the compiled gazetteer to a file for ``load``."""
        from hybrid_ner.matching.compiled import save_gazetteer
        from hybrid_ner.matching.phrase_build import build_phrases
        from hybrid_ner.matching.phrase_hash import PhraseHashEngine

        engine = self._engine
        if not isinstance(engine, PhraseHashEngine):
            engine = PhraseHashEngine(build_phrases(term.text for term in self._terms))
        save_gazetteer(self.gazetteer, engine.arrays, path)

    @property
    def gazetteer(self) -> Gazetteer:
        """The terms; built row by row on first use after ``load``."""
        if self._gazetteer is None:
            self._gazetteer = self._opened.gazetteer()
        return self._gazetteer

    @property
    def unmatchable(self) -> tuple[Term, ...]:
        """Terms that fold to nothing and therefore never match."""
        return tuple(self._terms[i] for i in np.flatnonzero(self._engine.group_of < 0).tolist())

    def match(self, text: str) -> list[Match]:
        """Matches in order of start."""
        return self._matches([text], self.match_arrays([text]))[0]

    def match_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Matches of each text; reads ahead about a million characters."""
        for chunk in _chunks(texts):
            yield from self._matches(chunk, self.match_arrays(chunk))

    def match_arrays(self, texts: Sequence[str]) -> Hits:
        """Spans and term groups of a batch, under the overlap policy, without building matches."""
        hits = self._accepted(texts, self._engine.find(texts))
        if self.overlap == "longest":
            return hits.take(self._engine.longest(hits))
        return hits if self.overlap == "all" else hits.take(self._heaviest(texts, hits))

    def group_terms(self, group: int) -> tuple[Term, ...]:
        """Every term of a group that ``match_arrays`` names, in order of priority."""
        return self._groups.terms(group)

    def lookup(self, surface: str, *, include_defined: bool = False) -> Match | None:
        """The match that covers the whole ``surface`` (white space at its edges aside), if there is one.

        Args:
            surface: A string, not a text to search in.
            include_defined: Also find terms that match only where a document defines them.
        """
        start = len(surface) - len(surface.lstrip())
        end = len(surface.rstrip())
        hits = self._engine.find([surface])
        for group in hits.groups[(hits.starts == start) & (hits.ends == end)].tolist():
            terms = self._groups.accepted(group, surface[start:end], defined=include_defined)
            if terms:
                return to_matches(start, end, surface[start:end], terms)[0]
        return None

    def _accepted(self, texts: Sequence[str], hits: Hits) -> Hits:
        """Without the hits that no term's mode accepts."""
        unsure = np.flatnonzero(self._groups.sensitive[hits.groups])
        if not len(unsure):
            return hits
        kept = np.ones(len(hits), dtype=np.bool_)
        for row in unsure.tolist():
            surface = texts[hits.docs[row]][hits.starts[row] : hits.ends[row]]
            kept[row] = bool(self._groups.accepted(int(hits.groups[row]), surface))
        return hits.take(kept)

    def _heaviest(self, texts: Sequence[str], hits: Hits) -> NDArray[np.intp]:
        chosen: list[int] = []
        for doc, found in groupby(enumerate(hits.rows()), key=lambda row: row[1][0]):
            numbers, spans, weights = [], [], []
            for number, (_, start, end, group) in found:
                term = self._groups.accepted(group, texts[doc][start:end])[0]
                numbers.append(number)
                spans.append((start, end))
                weights.append(self.weights.of(term, end - start))
            chosen.extend(numbers[place] for place in best_weight(spans, weights))
        return np.array(chosen, dtype=np.intp)

    def _matches(self, texts: Sequence[str], hits: Hits) -> list[list[Match]]:
        matches: list[list[Match]] = [[] for _ in texts]
        for doc, start, end, group in hits.rows():
            surface = texts[doc][start:end]
            terms = self._groups.accepted(group, surface)
            matches[doc] += to_matches(start, end, surface, terms, every_label=self.every_label)
        return matches


def _engine(gazetteer: Gazetteer, name: EngineName) -> Engine:
    texts = [term.text for term in gazetteer.terms]
    if name == "automaton" or (name == "auto" and (len(texts) < _LARGE or find_spec("numba") is None)):
        return AutomatonEngine(texts)
    from hybrid_ner.matching.phrase_build import build_phrases
    from hybrid_ner.matching.phrase_hash import PhraseHashEngine

    return PhraseHashEngine(build_phrases(texts))


def _modes(terms: Sequence[Term]) -> NDArray[np.uint8]:
    if isinstance(terms, TermColumns):
        return terms.codes("mode", MATCH_MODES)
    return np.array([MATCH_MODES.index(term.mode) for term in terms], dtype=np.uint8)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        chunk.append(text)
        size += len(text)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
