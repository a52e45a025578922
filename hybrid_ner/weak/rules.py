"""What every rule source shares: a name, plain state, and matches made from patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from spacy.tokens import Doc

from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Evidence, Match

__all__ = ["RuleSource", "rule_match", "unique"]


@dataclass(frozen=True)
class RuleSource:
    """A labeling source whose whole state is its fields: strings, numbers, flags and tuples of strings.

    Args:
        name: Name of the source and of its span group.
    """

    name: str

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``, each span and label once, in order."""
        return unique(self.find(doc))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every match, in any order, repeats allowed."""
        raise NotImplementedError

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold; ``from_state`` makes an equal source of them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
        return {"kind": type(self).__name__, **plain}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The source that ``to_state`` described.

        Raises:
            InputError: The state belongs to another kind of source, or lacks a field.
        """
        if state.get("kind") != cls.__name__:
            raise InputError(
                f"state of a {cls.__name__} expected, found {state.get('kind')!r}.",
                hint="Save the pipeline again.",
            )
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in state.items() if key != "kind"
        }
        try:
            return cls(**values)
        except TypeError as error:
            problem = f"unusable state of a {cls.__name__}: {error}."
            raise InputError(problem, hint="Save the pipeline again.") from error


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
