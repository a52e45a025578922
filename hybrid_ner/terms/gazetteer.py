"""An ordered set of terms, with a fingerprint."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hybrid_ner.terms.term import Term

__all__ = ["Gazetteer", "GazetteerDiff", "GazetteerStats"]

Key = tuple[str, str, str]


def _key(term: Term) -> Key:
    return term.text, term.label, term.concept_id


@dataclass(frozen=True, slots=True)
class GazetteerStats:
    """Counts of a gazetteer: terms, concepts, and terms by label, source, status and mode."""

    terms: int
    concepts: int
    ambiguous: int
    labels: Mapping[str, int]
    sources: Mapping[str, int]
    statuses: Mapping[str, int]
    modes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GazetteerDiff:
    """Terms only in the other gazetteer, only in this one, and same key but other settings."""

    added: tuple[Term, ...]
    removed: tuple[Term, ...]
    changed: tuple[tuple[Term, Term], ...]


@dataclass(frozen=True)
class Gazetteer:
    """Ordered, unique terms; the first of equal ``(text, label, concept_id)`` rows wins.

    Ambiguity is kept: one string may name many concepts and carry many labels.

    Args:
        terms: The terms, in order of priority.
        parents: Concept id → ids of its parent concepts, where the source has a hierarchy.
        name: Shown to people; not part of the fingerprint.
    """

    terms: tuple[Term, ...] = ()
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        unique: dict[Key, Term] = {}
        for term in self.terms:
            unique.setdefault(_key(term), term)
        object.__setattr__(self, "terms", tuple(unique.values()))

    def __len__(self) -> int:
        return len(self.terms)

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels in alphabetical order."""
        return tuple(sorted({term.label for term in self.terms}))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted rows: equal for equal content in any order."""
        rows = sorted(
            "\t".join((t.text, t.label, t.concept_id, t.status, t.source, t.mode)) for t in self.terms
        )
        digest = hashlib.sha256()
        for row in rows:
            digest.update(row.encode("utf-8", "surrogatepass") + b"\n")
        return digest.hexdigest()

    def merge(self, *others: Gazetteer) -> Gazetteer:
        """This gazetteer followed by the others; earlier rows win over equal later ones."""
        parents: dict[str, tuple[str, ...]] = {}
        for gazetteer in (*reversed(others), self):
            parents.update(gazetteer.parents)
        terms = tuple(term for gazetteer in (self, *others) for term in gazetteer.terms)
        return Gazetteer(terms, parents, self.name)

    def subtract(self, other: Gazetteer) -> Gazetteer:
        """Without the rows whose key is in ``other``."""
        gone = {_key(term) for term in other.terms}
        return self.filter(lambda term: _key(term) not in gone)

    def filter(self, keep: Callable[[Term], bool]) -> Gazetteer:
        """The terms for which ``keep`` is true, in the same order."""
        return Gazetteer(tuple(filter(keep, self.terms)), self.parents, self.name)

    def diff(self, newer: Gazetteer) -> GazetteerDiff:
        """What ``newer`` adds, removes and changes, compared with this one."""
        old = {_key(t): t for t in self.terms}
        new = {_key(t): t for t in newer.terms}
        changed = (
            (old[k], new[k])
            for k in old.keys() & new.keys()
            if (old[k].status, old[k].source, old[k].mode) != (new[k].status, new[k].source, new[k].mode)
        )
        return GazetteerDiff(
            added=tuple(t for k, t in new.items() if k not in old),
            removed=tuple(t for k, t in old.items() if k not in new),
            changed=tuple(sorted(changed, key=lambda pair: _key(pair[0]))),
        )

    def stats(self) -> GazetteerStats:
        """Counts by label, source, status and mode; ``ambiguous`` strings carry several labels."""
        labels_of: dict[str, set[str]] = {}
        for term in self.terms:
            labels_of.setdefault(term.text, set()).add(term.label)
        return GazetteerStats(
            terms=len(self.terms),
            concepts=len({t.concept_id for t in self.terms if t.concept_id}),
            ambiguous=sum(len(labels) > 1 for labels in labels_of.values()),
            labels=Counter(t.label for t in self.terms),
            sources=Counter(t.source for t in self.terms),
            statuses=Counter(t.status for t in self.terms),
            modes=Counter(t.mode for t in self.terms),
        )

    @classmethod
    def of(cls, terms: Iterable[Term], name: str = "") -> Gazetteer:
        """From any iterable of terms, without a hierarchy."""
        return cls(tuple(terms), {}, name)
