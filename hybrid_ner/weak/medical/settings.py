"""The word lists and switches that the medical sources are built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.resources import shipped
from hybrid_ner.weak.rulefiles import read_list

__all__ = ["LISTS", "SWITCHES", "MedicalSettings"]

LISTS = (
    "banned_terms",
    "body_sites",
    "chemical_classes",
    "chemical_endings",
    "chemical_morphemes",
    "chemical_salts",
    "code_exceptions",
    "disease_heads",
    "disease_kinds",
    "disease_suffixes",
    "disease_tails",
    "disease_words",
    "formulas",
    "heredity",
    "loss_phrases",
    "sites_of",
    "stop_terms",
    "suffix_exceptions",
)
"""Files of ``gazetteers/medical/rules`` that the sources use, without their extension."""
SWITCHES = ("genetics",)


@dataclass(frozen=True, slots=True)
class MedicalSettings:
    """Word lists and switches of the medical sources.

    Args:
        lists: Entries of every list named in ``LISTS``.
        genetics: Whether "C2-deficient" is a mention as "C2 deficiency" is, as papers on genetics are
            annotated; elsewhere it mostly describes animals.
    """

    lists: Mapping[str, tuple[str, ...]]
    genetics: bool = False

    @classmethod
    def shipped(cls, genetics: bool = False, folder: Path | None = None) -> MedicalSettings:
        """The lists that come with the package, or those of the same names in another folder."""
        folder = folder or shipped("gazetteers", "medical", "rules")
        return cls({name: read_list(folder / f"{name}.txt") for name in LISTS}, genetics)

    @classmethod
    def of(cls, switches: Iterable[str] = ()) -> MedicalSettings:
        """The shipped lists with the named switches on.

        Raises:
            InputError: An unknown switch.
        """
        switches = set(switches)
        for name in sorted(switches - set(SWITCHES)):
            raise InputError(f"no medical switch {name!r}.", hint=f"Use any of {', '.join(SWITCHES)}.")
        return cls.shipped(genetics="genetics" in switches)

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {
            "lists": {name: list(entries) for name, entries in self.lists.items()},
            "genetics": self.genetics,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> MedicalSettings:
        """The settings that ``to_state`` described."""
        lists = {str(name): tuple(entries) for name, entries in state["lists"].items()}
        return cls(lists, bool(state["genetics"]))
