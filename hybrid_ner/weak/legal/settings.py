"""What a project may change about the legal rules."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LegalSettings"]


@dataclass(frozen=True, slots=True)
class LegalSettings:
    """Switches of the legal labeling sources.

    Args:
        skip: Names of sources to leave out.
    """

    skip: tuple[str, ...] = ()
