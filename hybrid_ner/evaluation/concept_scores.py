"""Scores of concept ids: of the spans that are right, and of spans and ids together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hybrid_ner.corpus.document import Entity
from hybrid_ner.evaluation.counts import Score
from hybrid_ner.evaluation.pairs import Pair
from hybrid_ner.terms.crosswalk import VOCABULARIES, Crosswalk

__all__ = ["IdScores", "ids_of", "score_ids"]

_NONE = frozenset({"", "-", "-1", "MESH:-1", "CUI-less", "NIL"})
"""What corpora write for a mention without an id."""


@dataclass(frozen=True, slots=True)
class IdScores:
    """What is measured of ids where gold gives some.

    Args:
        spans: Exactly right spans whose gold mention has an id.
        right: Of these, the ones with the same id, or the same ids.
        equivalent: Those that are right or whose id a crosswalk says means the same; ``None`` without one.
        without: Those without an id.
        together: Spans and ids: a mention counts as found where characters, label and ids are right.
    """

    spans: int
    right: int
    equivalent: int | None
    without: int
    together: Score

    @property
    def accuracy(self) -> float:
        """Share of the right spans whose id is right."""
        return self.right / self.spans if self.spans else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "accuracy": self.accuracy, "together": self.together.as_dict()}


def ids_of(given: str) -> frozenset[str]:
    """The ids of a mention: several are separated by a bar, a plus or a comma; none where it has no id."""
    return frozenset(_curie(each) for each in re.split(r"[|+,;]", given.strip()) if each.strip() not in _NONE)


def _curie(identifier: str) -> str:
    space, colon, rest = identifier.strip().partition(":")
    return f"{space.upper()}:{rest}" if colon else space


def _is_same(gold: frozenset[str], found: frozenset[str]) -> bool:
    """Equal, also where gold leaves the name of its vocabulary out ("D003920")."""
    bare = not any(":" in each for each in gold)
    return gold == (frozenset(each.partition(":")[2] or each for each in found) if bare else found)


def score_ids(
    pairs: Iterable[Pair], labels: Sequence[str], crosswalk: Crosswalk | None = None
) -> IdScores | None:
    """Compare the ids of predictions with those of gold; ``None`` where gold has no id.

    Args:
        pairs: Gold and predictions.
        labels: Labels to score.
        crosswalk: Which ids of other vocabularies mean the same.
    """
    spans = right = equivalent = without = tp = fp = fn = 0
    wanted = frozenset(labels)
    for pair in pairs:
        gold, found = (_by_place(side, wanted) for side in (pair.entities, pair.predicted))
        fn += sum(bool(ids) for ids in gold.values())
        for place, ids in found.items():
            expected = gold.get(place)
            is_right = bool(expected) and _is_same(expected or frozenset(), ids)
            tp, fp = tp + is_right, fp + (bool(ids) and not is_right and expected != frozenset())
            if expected:
                spans += 1
                right += is_right
                without += not ids
                equivalent += is_right or (crosswalk is not None and _means(crosswalk, expected, ids))
    if not fn:
        return None
    return IdScores(spans, right, equivalent if crosswalk else None, without, Score(tp, fp, fn - tp))


def _by_place(
    entities: Iterable[Entity], labels: frozenset[str]
) -> dict[tuple[int, int, str], frozenset[str]]:
    return {(e.start, e.end, e.label): ids_of(e.concept_id) for e in entities if e.label in labels}


def _means(crosswalk: Crosswalk, gold: frozenset[str], found: frozenset[str]) -> bool:
    """Whether each id of either side is, or is linked to, one of the other."""

    def near(concept: str, others: frozenset[str]) -> bool:
        return concept in others or any(
            same.concept in others for name in VOCABULARIES for same in crosswalk.to(concept, (name,))
        )

    return bool(found) and all(near(each, found) for each in gold) and all(near(each, gold) for each in found)
