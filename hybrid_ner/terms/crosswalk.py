"""Which ids of several vocabularies mean the same, each with who says so.

``concepts/crosswalk.tsv.gz`` in the folder of a domain's terms holds ``concept_id same source``, and
``concepts/names.tsv.gz`` names that serve to find ids alone: they are never matched in text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms.gazetteer import Term, TermStatus
from hybrid_ner.terms.shipped import table_rows
from hybrid_ner.text import brief

CROSSWALK, NAMES = "crosswalk.tsv.gz", "names.tsv.gz"
VOCABULARIES = ("mesh", "omim", "doid", "mondo", "drugbank", "chebi", "icd10cm")
_NAME_COLUMNS = ("name", "label", "concept_id", "status", "source")
_STEPS = 2
"""DRUGBANK → CHEBI → MESH is trusted; a third step leads from a disease to its neighbours."""


@dataclass(frozen=True, slots=True)
class Same:
    """A concept that means the same as another.

    Args:
        concept: Its id.
        steps: Links between the two; 0 for the concept itself.
        source: Who states the links, in order.
    """

    concept: str
    steps: int = 0
    source: str = ""


class Crosswalk:
    """Links between ids, read in both directions.

    Args:
        links: Id, id of the same, and who says so.
    """

    def __init__(self, links: Iterable[tuple[str, str, str]] = ()) -> None:
        self._links: dict[str, dict[str, str]] = {}
        for one, other, source in links:
            self._links.setdefault(one, {}).setdefault(other, source)
            self._links.setdefault(other, {}).setdefault(one, source)

    __repr__ = brief

    def __len__(self) -> int:
        return len(self._links)

    def of(self, concept: str) -> Mapping[str, str]:
        """What is linked to a concept directly, with the source of each link."""
        return MappingProxyType(self._links.get(concept, {}))

    def to(self, concept: str, vocabularies: Iterable[str]) -> list[Same]:
        """What a concept is called in the first of some vocabularies that has it, the nearest first.

        Args:
            concept: Any id.
            vocabularies: Names of vocabularies in order of preference.
        """
        near = self._near(concept)
        for vocabulary in vocabularies:
            if found := [each for each in near if vocabulary_of(each.concept) == vocabulary]:
                return [each for each in found if each.steps == found[0].steps]
        return []

    def _near(self, concept: str) -> list[Same]:
        seen = {concept: Same(concept)}
        edge = [concept]
        for steps in range(1, _STEPS + 1):
            further = []
            for one in edge:
                for other, source in self._links.get(one, {}).items():
                    if other not in seen:
                        before = f"{seen[one].source}, " if seen[one].source else ""
                        seen[other] = Same(other, steps, before + source)
                        further.append(other)
            edge = further
        return list(seen.values())


def vocabulary_of(concept: str) -> str:
    """Name of the vocabulary of an id: what stands before the colon, in small letters."""
    return concept.partition(":")[0].lower() if ":" in concept else ""


def parse_ids(given: str) -> tuple[str, ...]:
    """Vocabularies from a list with commas, in order of preference; empty for ``lists``.

    Raises:
        InputError: An unknown vocabulary.
    """
    names = tuple(dict.fromkeys(filter(None, (name.strip().lower() for name in given.split(",")))))
    if names in ((), ("lists",)):
        return ()
    for name in names:
        if name not in VOCABULARIES:
            known = ", ".join(VOCABULARIES)
            hint = f"Use {known}, several separated by commas, or lists for the ids that term lists give."
            raise InputError(f"no vocabulary {name!r} to give ids of.", hint=hint)
    return names


@cache
def load_crosswalk(domain: str) -> Crosswalk:
    """The crosswalk that a domain ships; empty where it ships none."""
    path = concepts_folder(domain) / CROSSWALK
    if not path.is_file():
        return Crosswalk()
    return Crosswalk(
        (a, b, source) for _, (a, b, source) in table_rows(path, ("concept_id", "same", "source"))
    )


def concept_names(domain: str) -> Iterator[Term]:
    """The names that serve to find ids alone, as terms that are never matched."""
    path = concepts_folder(domain) / NAMES
    if path.is_file():
        for row, (name, label, concept, status, source) in table_rows(path, _NAME_COLUMNS):
            yield Term(name, label, concept, cast(TermStatus, status), source, file=NAMES, row=row)


def concepts_folder(domain: str) -> Path:
    """Where a domain keeps what ids need; it need not exist."""
    folder = DOMAINS.get(domain).terms if domain in DOMAINS else None
    return (folder or Path("no-terms")) / "concepts"
