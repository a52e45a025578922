"""What a command is about: spans of one document, or a selection of the whole corpus."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Command", "Condition", "Numbers", "Selection"]


class Command:
    """Base of every command."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Spans by number, or all open ones but some."""

    listed: tuple[int, ...] = ()
    every: bool = False
    but: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """``score>0.95``."""

    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Spans of the whole corpus.

    Args:
        term: Folded surface; empty for any.
        label: As typed, fuzzy; empty for any.
        source: ``rule``, ``model``, ``both`` or the name of a source.
        method: ``exact``, ``fuzzy``, …
        scores: Every condition must hold.
        near: Words that must stand near the span.
        flags: Context flags that it must have.
        status: ``open``, ``accepted`` or ``rejected``.
        skipped: Documents left out, as typed.
        reviewed: Decided spans are touched as well.
        likely: Only spans that the pipeline itself chose.
        only: Only the spans at these characters: document as typed, start and end; empty for all.
        without: Spans at these characters are left out.
    """

    term: str = ""
    label: str = ""
    source: str = ""
    method: str = ""
    scores: tuple[Condition, ...] = ()
    near: str = ""
    flags: tuple[str, ...] = ()
    status: str = ""
    skipped: tuple[str, ...] = ()
    reviewed: bool = False
    likely: bool = False
    only: tuple[tuple[str, int, int], ...] = ()
    without: tuple[tuple[str, int, int], ...] = ()
