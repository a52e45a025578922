"""Search a large term list while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from hybrid_ner.matching.normalize import fold
from hybrid_ner.review.term_table import TermTable
from hybrid_ner.terms import Term

__all__ = ["Warned", "known_terms", "search_terms"]

SHORT = 2
"""A term of so few letters matches much that it does not mean."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A term and what may be wrong with it."""

    term: Term
    warning: str


def known_terms(table: TermTable, keys: Iterable[str]) -> list[Warned]:
    """The terms with these folded texts, in the order of the keys."""
    wanted = {key: place for place, key in enumerate(keys)}
    found = [(wanted[key], number) for number, key in enumerate(table.keys) if key in wanted]
    return [_warned(table, number) for _, number in sorted(found)]


def search_terms(table: TermTable, typed: str, label: str = "", limit: int = 5000) -> list[Warned]:
    """Terms whose folded text holds what was typed; those that begin with it first.

    Args:
        table: The terms.
        typed: Nothing typed finds every term.
        label: Only terms with this label.
        limit: How many at most.
    """
    key = fold(typed)
    code = table.labels.index(label) if label in table.labels else -1
    if label and code < 0:
        return []
    first = _labeled(table, table.keys.beginning(key) if key else (), code)
    rest = _labeled(table, table.keys.holding(key), code)
    numbers = dict.fromkeys(islice(chain(first, rest), 2 * limit))
    return [_warned(table, number) for number in islice(numbers, limit)]


def _labeled(table: TermTable, numbers: Iterable[int], code: int) -> Iterator[int]:
    if code < 0:
        return iter(numbers)
    return (number for number in numbers if table.label_numbers[number] == code)


def _warned(table: TermTable, number: int) -> Warned:
    term = table.terms[number]
    said = []
    if table.ambiguous[number]:
        said.append("several labels")
    if term.mode == "folded" and len(table.keys[number]) <= SHORT:
        said.append("very short")
    return Warned(term, ", ".join(said))
