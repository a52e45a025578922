"""Subtrees of a gazetteer's concepts: list them, count them, keep them or switch them off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hybrid_ner.errors import InputError
from hybrid_ner.terms.gazetteer import Gazetteer

__all__ = ["SubtreeCount", "children_of", "count_children", "restrict", "subtree"]

Parents = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SubtreeCount:
    """A concept with its preferred name, and the concepts and terms in its subtree."""

    concept_id: str
    name: str
    concepts: int
    terms: int


def children_of(parents: Parents) -> dict[str, tuple[str, ...]]:
    """Concept → concepts directly below it, in the order of the source."""
    below: dict[str, list[str]] = {}
    for child, above in parents.items():
        for parent in above:
            below.setdefault(parent, []).append(child)
    return {parent: tuple(found) for parent, found in below.items()}


def subtree(parents: Parents, roots: Iterable[str]) -> set[str]:
    """The roots and every concept below one of them; cycles are allowed."""
    return _descend(children_of(parents), roots)


def _descend(below: Mapping[str, tuple[str, ...]], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        concept = waiting.pop()
        if concept not in found:
            found.add(concept)
            waiting.extend(below.get(concept, ()))
    return found


def restrict(gazetteer: Gazetteer, under: Iterable[str] = (), not_under: Iterable[str] = ()) -> Gazetteer:
    """Keep the terms of some subtrees, and drop those of others.

    Args:
        gazetteer: Terms with a hierarchy.
        under: Keep only these subtrees; all when empty.
        not_under: Then drop these.

    Raises:
        InputError: A concept that the gazetteer does not know.
    """
    under, not_under = tuple(under), tuple(not_under)
    if not under and not not_under:
        return gazetteer
    _check(gazetteer, (*under, *not_under))
    kept = subtree(gazetteer.parents, under) if under else None
    dropped = subtree(gazetteer.parents, not_under)
    return gazetteer.filter(
        lambda term: (kept is None or term.concept_id in kept) and term.concept_id not in dropped
    )


def count_children(gazetteer: Gazetteer, concept: str) -> list[SubtreeCount]:
    """The concept itself, then its children, each with the size of its subtree, largest first.

    Raises:
        InputError: A concept that the gazetteer does not know.
    """
    _check(gazetteer, [concept])
    terms = Counter(term.concept_id for term in gazetteer.terms)
    names: dict[str, str] = {}
    for term in gazetteer.terms:
        if term.status == "preferred" or term.concept_id not in names:
            names[term.concept_id] = term.text
    below = children_of(gazetteer.parents)
    counted = []
    for root in (concept, *below.get(concept, ())):
        found = _descend(below, [root])
        counted.append(SubtreeCount(root, names.get(root, ""), len(found), sum(terms[c] for c in found)))
    return counted[:1] + sorted(counted[1:], key=lambda count: (-count.terms, count.concept_id))


def _check(gazetteer: Gazetteer, concepts: Iterable[str]) -> None:
    unknown = set(concepts) - gazetteer.parents.keys()
    unknown -= {parent for above in gazetteer.parents.values() for parent in above}
    unknown -= {term.concept_id for term in gazetteer.terms}
    if unknown:
        hint = "Give a concept id as the gazetteer writes it, for example MESH:D009369."
        if not gazetteer.parents:
            hint = "It has no hierarchy: build it again from a source that keeps parents."
        raise InputError(
            f"no concept {sorted(unknown)[0]!r} in {gazetteer.name or 'the gazetteer'}.", hint=hint
        )
