"""What every legal labeling source shares: a name, plain state, and matches made from rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from spacy.tokens import Doc

from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.weak.source import VETO, read_matches

__all__ = ["GAZETTEER", "LegalSource", "rule_match", "unique"]

GAZETTEER = "gazetteer"
"""Span group of the gazetteer matches: the first and, for equal spans, the most trusted source."""


@dataclass(frozen=True)
class LegalSource:
    """A labeling source whose whole state is its dataclass fields: strings, numbers and tuples of strings.

    Args:
        name: Name of the source and of its span group.
    """

    outranks: ClassVar[bool] = False
    """Whether its votes stand against the gazetteer's on the same characters."""

    name: str

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``, each span once."""
        matches = unique(self.find(doc))
        return [*self._vetoes(doc, matches), *matches] if self.outranks else matches

    def _vetoes(self, doc: Doc, matches: list[Match]) -> Iterator[Match]:
        text = doc.text
        spans = {(m.start, m.end): m for m in matches}
        for other in read_matches(doc, GAZETTEER):
            mine = spans.get((other.start, other.end))
            if mine is not None and mine.label != other.label:
                rule = mine.evidence.reference if mine.evidence else self.name
                yield rule_match(text, other.start, other.end, VETO, rule)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every match, in any order, repeats allowed."""
        raise NotImplementedError

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold; ``from_state`` makes an equal source of them."""
        state: dict[str, Any] = {"kind": type(self).__name__}
        for field in fields(self):
            value = getattr(self, field.name)
            state[field.name] = list(value) if isinstance(value, tuple) else value
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """A source from ``to_state`` of an equal one.

        Raises:
            InputError: The state belongs to another kind of source or lacks a field.
        """
        if state.get("kind") != cls.__name__:
            raise InputError(
                f"state of a {cls.__name__} expected, found {state.get('kind')!r}.",
                hint="Save the source again.",
            )
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in state.items() if key != "kind"
        }
        try:
            return cls(**values)
        except TypeError as error:
            raise InputError(
                f"unusable state of a {cls.__name__}: {error}.", hint="Save the source again."
            ) from error


def rule_match(text: str, start: int, end: int, label: str, rule: str, score: float = 1.0) -> Match:
    """A match of ``text[start:end]`` whose evidence names the rule."""
    return Match(start, end, label, (), score, Evidence("pattern", text[start:end], rule, score=score))


def unique(matches: Iterable[Match]) -> list[Match]:
    """The first match of every ``(start, end, label)``, in document order; empty spans are left out."""
    kept: dict[tuple[int, int, str], Match] = {}
    for match in matches:
        if match.start < match.end:
            kept.setdefault((match.start, match.end, match.label), match)
    return [kept[key] for key in sorted(kept)]
