"""Agreement of two reviewers: span F1 and Cohen's kappa on tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Agreement", "agree", "cohen_kappa", "differences", "token_labels"]

Span = tuple[int, int, str]
OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two reviewers over documents that both have reviewed.

    Args:
        documents: Documents that both reviewed.
        f1: Of exact spans with labels, either reviewer against the other.
        kappa: Cohen's kappa (doi:10.1177/001316446002000104) over token labels, the outside included.
        both: Spans of both.
        first: Spans of the first alone.
        second: Spans of the second alone.
    """

    documents: int
    f1: float
    kappa: float
    both: int
    first: int
    second: int


def agree(
    pairs: Iterable[tuple[Sequence[tuple[int, int]], Sequence[Span], Sequence[Span]]],
) -> Agreement:
    """Agreement over ``(token boundaries, first's spans, second's spans)`` of each document."""
    documents = both = first = second = 0
    table: Counter[tuple[str, str]] = Counter()
    for tokens, left, right in pairs:
        documents += 1
        same = set(left) & set(right)
        both += len(same)
        first += len(set(left) - same)
        second += len(set(right) - same)
        table.update(zip(token_labels(tokens, left), token_labels(tokens, right), strict=True))
    total = 2 * both + first + second
    f1 = 2 * both / total if total else 1.0
    return Agreement(documents, f1, cohen_kappa(table), both, first, second)


def token_labels(tokens: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[str]:
    """The label of each token, ``O`` outside every span."""
    labels, ordered, at = [], sorted(spans), 0
    for start, end in tokens:
        while at < len(ordered) and ordered[at][1] <= start:
            at += 1
        inside = at < len(ordered) and ordered[at][0] < end
        labels.append(ordered[at][2] if inside else OUTSIDE)
    return labels


def cohen_kappa(table: Counter[tuple[str, str]]) -> float:
    """Kappa of a table of paired labels; 1 when both always give the same single label."""
    total = sum(table.values())
    if not total:
        return 1.0
    observed = sum(count for (left, right), count in table.items() if left == right) / total
    lefts: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    for (left, right), count in table.items():
        lefts[left] += count
        rights[right] += count
    expected = sum(lefts[label] * rights[label] for label in lefts) / total**2
    return 1.0 if expected == 1.0 else (observed - expected) / (1.0 - expected)


def differences(left: Sequence[Span], right: Sequence[Span]) -> list[tuple[int, int, str, str]]:
    """Spans on which two reviewers differ: ``(start, end, first's label, second's label)``."""
    first = {(s, e): label for s, e, label in left}
    second = {(s, e): label for s, e, label in right}
    places = sorted(first.keys() | second.keys())
    rows = [(s, e, first.get((s, e), ""), second.get((s, e), "")) for s, e in places]
    return [row for row in rows if row[2] != row[3]]
