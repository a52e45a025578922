"""What a sentence can be about: the spans on the card, their texts, the labels, what was said before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from hybrid_ner.review.document.spans import occurrences_in

__all__ = ["Situation", "Spot", "numbers_said", "quoted"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A span of the card, as far as sentences can speak of it."""

    number: int
    start: int
    end: int
    surface: str
    label: str
    open: bool = True
    chosen: bool = True


@dataclass(frozen=True)
class Situation:
    """What words like "this", "the second one" or "the chemical" can mean now.

    Args:
        spots: The spans of the card, by number.
        text: Text of the document.
        labels: Labels of the project.
        framed: Number of the span that the page frames, 0 when it did not say.
        named: Number of the span that the last answer was about, 0 for none.
        last: The last command line that wrote something, empty for none.
        touched: Number of the one span that the line before has changed, 0 for none.
        asked: "Yes" can only be about the framed span: no other question was asked a moment ago.
        has_document: Whether a name is the id of a document.
        labels_of: Labels that a text is known under.
    """

    spots: tuple[Spot, ...] = ()
    text: str = ""
    labels: tuple[str, ...] = ()
    framed: int = 0
    named: int = 0
    last: str = ""
    touched: int = 0
    asked: bool = True
    has_document: Callable[[str], bool] = field(default=lambda name: False)
    labels_of: Callable[[str], tuple[str, ...]] = field(default=lambda text: ())

    @cached_property
    def by_surface(self) -> dict[str, list[int]]:
        """Numbers of the spans by their text, in small letters."""
        found: dict[str, list[int]] = {}
        for spot in self.spots:
            found.setdefault(squeezed(spot.surface), []).append(spot.number)
        return found

    @cached_property
    def small(self) -> str:
        """The document in small letters on one line."""
        return squeezed(self.text)

    @cached_property
    def in_text(self) -> tuple[Spot, ...]:
        """The spans in the order of the text."""
        return tuple(sorted(self.spots, key=lambda s: (s.start, s.end)))

    @cached_property
    def waiting(self) -> tuple[Spot, ...]:
        """The open spans, in the order of the text."""
        return tuple(spot for spot in self.in_text if spot.open)

    @property
    def offered(self) -> tuple[Spot, ...]:
        """The open spans that are suggested, without the less likely ones unless there are no others."""
        return tuple(spot for spot in self.waiting if spot.chosen) or self.waiting

    @property
    def focus(self) -> Spot | None:
        """What "this" means: the framed span, or else the first one that waits."""
        framed = self.spot(self.framed)
        return framed or next(iter(self.offered), None)

    def spot(self, number: int) -> Spot | None:
        """The span of that number."""
        return next((spot for spot in self.spots if spot.number == number), None)

    def labeled(self, labels: Sequence[str]) -> tuple[Spot, ...]:
        """The spans of a label: those that wait, or all when none does."""
        every = tuple(spot for spot in self.in_text if spot.label in labels)
        return tuple(spot for spot in every if spot.open) or every

    def holds(self, phrase: str) -> bool:
        """Whether the document has these words, whole."""
        at, said = self.small.find(phrase), self.small
        while at >= 0:
            end = at + len(phrase)
            left = at == 0 or not (said[at - 1].isalnum() and phrase[0].isalnum())
            if left and (end == len(said) or not (said[end].isalnum() and phrase[-1].isalnum())):
                return True
            at = said.find(phrase, at + 1)
        return False

    def places(self, phrase: str) -> list[tuple[int, int]]:
        """Where the document has these words."""
        return occurrences_in(self.text, phrase)


def squeezed(text: str) -> str:
    """In small letters, with single spaces."""
    return " ".join(text.lower().split())


def numbers_said(numbers: Iterable[int]) -> str:
    """``1-3 7`` for 1, 2, 3 and 7."""
    ordered = sorted(set(numbers))
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(ordered), 1) if b > a + 1), len(ordered)]
    runs = [ordered[start:end] for start, end in pairwise(breaks) if start < end]
    return " ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" if len(run) > 2 else f"{run[0]} {run[1]}"
        for run in runs
    )


def quoted(text: str) -> str:
    """A text in quotes, as the language writes it."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
