"""Everything the medical sources need besides the gazetteer, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["MedicalSettings"]


@dataclass(frozen=True, slots=True)
class MedicalSettings:
    """Word lists and switches of the medical sources.

    Args:
        genetics: Whether modifiers of heredity ("familial", "X-linked") belong to a disease mention.
    """

    genetics: bool = False

    @classmethod
    def shipped(cls, genetics: bool = False) -> MedicalSettings:
        """The lists that come with the package."""
        return cls(genetics=genetics)

    def to_state(self) -> dict[str, Any]:
        """Plain values, for a saved pipeline."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> MedicalSettings:
        """The settings that ``to_state`` described."""
        return cls(**{key: tuple(v) if isinstance(v, list) else v for key, v in state.items()})
