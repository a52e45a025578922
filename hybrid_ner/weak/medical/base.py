"""What every medical rule shares: a name, plain state, and matches made from patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from spacy.tokens import Doc

from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Evidence, Match

__all__ = ["CHEMICAL", "DISEASE", "MedicalSource", "rule_match"]

CHEMICAL = "Chemical"
DISEASE = "Disease"


@dataclass(frozen=True)
class MedicalSource:
    """A labeling source whose whole state is its fields: strings, numbers, flags and tuples of strings.

    Args:
        name: Name of the source and of its span group.
    """

    name: str

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``, each span and label once, in order."""
        return _unique(self.find(doc))

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
            InputError: A field is missing or unknown.
        """
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in state.items() if key != "kind"
        }
        try:
            return cls(**values)
        except TypeError as error:
            raise InputError(
                f"unusable state of a {cls.__name__}: {error}.", hint="Save the pipeline again."
            ) from error


def rule_match(text: str, start: int, end: int, label: str, rule: str, score: float = 1.0) -> Match:
    """A match of ``text[start:end]`` whose evidence names the rule."""
    return Match(start, end, label, (), score, Evidence("pattern", text[start:end], rule, score=score))


def _unique(matches: Iterable[Match]) -> list[Match]:
    kept: dict[tuple[int, int, str], Match] = {}
    for match in matches:
        kept.setdefault((match.start, match.end, match.label), match)
    return [kept[key] for key in sorted(kept)]
