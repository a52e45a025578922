"""Commands that answer a question of the session."""

from __future__ import annotations

from dataclasses import dataclass, field

from hybrid_ner.review.commands.targets import Command

__all__ = ["Confirm", "Dismiss", "Except", "Which"]


@dataclass(frozen=True, slots=True)
class Confirm(Command):
    """``yes``, ``yes 128``, ``yes r4``."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Dismiss(Command):
    """``cancel``: leave the pending step."""


@dataclass(frozen=True, slots=True)
class Except(Command):
    """``except 3``: the pending step without some of its samples."""

    numbers: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Which(Command):
    """``#2``: which occurrence, when one was asked for."""

    number: int
