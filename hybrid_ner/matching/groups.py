"""Groups of terms that share a folded form, and what a hit on a group means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.engine import Ints
from hybrid_ner.matching.match import Evidence, Match, Method
from hybrid_ner.matching.normalize import exact_form
from hybrid_ner.terms import Term
from hybrid_ner.terms.term import MATCH_MODES

__all__ = ["Reading", "TermGroups"]

_FOLDED = MATCH_MODES.index("folded")
_REMEMBERED = 50_000
"""Surfaces whose readings are kept: the same few make up most hits."""


class Reading(NamedTuple):
    """What a surface means under one label."""

    label: str
    concept_ids: tuple[str, ...]
    evidence: Evidence

    def match(self, start: int, end: int) -> Match:
        """The match at these characters."""
        return Match(start, end, self.label, self.concept_ids, 1.0, self.evidence)


class TermGroups:
    """The terms of each group, in order of priority.

    Args:
        terms: All terms; may be read lazily.
        group_of: Group of each term, -1 for none.
        modes: Position of each term's mode in ``MATCH_MODES``.
    """

    def __init__(self, terms: Sequence[Term], group_of: Ints, modes: NDArray[np.uint8]) -> None:
        self._terms = terms
        count = int(group_of.max(initial=-1)) + 1
        kept = np.flatnonzero(group_of >= 0)
        self._members = kept[np.argsort(group_of[kept], kind="stable")].astype(np.int32)
        sizes = np.bincount(group_of[kept], minlength=count)
        self._offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        self.sensitive: NDArray[np.bool_] = np.zeros(count, dtype=np.bool_)
        self.sensitive[group_of[kept][modes[kept] != _FOLDED]] = True
        self._read: dict[tuple[int, str, bool], tuple[Reading, ...]] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def terms(self, group: int) -> tuple[Term, ...]:
        """Every term of a group."""
        members = self._members[self._offsets[group] : self._offsets[group + 1]].tolist()
        return tuple(self._terms[member] for member in members)

    def readings(self, group: int, surface: str, *, defined: bool = False) -> tuple[Reading, ...]:
        """What a hit means, one reading for each label, in the order of the first term of each."""
        key = (group, surface, defined)
        known = self._read.get(key)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            known = _readings(self.accepted(group, surface, defined=defined), surface)
            self._read[key] = known
        return known

    def accepted(self, group: int, surface: str, *, defined: bool = False) -> tuple[Term, ...]:
        """The terms of a group whose mode accepts the surface.

        Args:
            group: Number of the group.
            surface: Source text of the hit.
            defined: Whether terms that need a definition in the document count.
        """
        terms = self.terms(group)
        if not self.sensitive[group]:
            return terms
        return tuple(t for t in terms if _accepts(t, surface, defined=defined))


def _accepts(term: Term, surface: str, *, defined: bool) -> bool:
    if term.mode == "folded":
        return True
    if term.mode == "defined" and not defined:
        return False
    return exact_form(term.text) == exact_form(surface)


def _readings(terms: Sequence[Term], surface: str) -> tuple[Reading, ...]:
    readings = []
    for label in dict.fromkeys(t.label for t in terms):
        same = [t for t in terms if t.label == label]
        ids = tuple(dict.fromkeys(t.concept_id for t in same if t.concept_id))
        readings.append(Reading(label, ids, _evidence(surface, same[0])))
    return tuple(readings)


def _evidence(surface: str, term: Term) -> Evidence:
    method: Method = "variant" if term.parent else "exact" if surface == term.text else "folded"
    edits = (term.rule,) if term.parent and term.rule else ()
    return Evidence(method, surface, term.parent or term.text, term.file, term.row, edits)
