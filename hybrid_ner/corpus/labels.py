"""The labels of the shipped domains, and what other schemes call the same things.

A predicted label that a gold standard does not know is scored under the first of its names that the
gold standard does know. Names that differ in what they cover (a section number is no statute) are
left out on purpose: such predictions are counted as out of scheme instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from hybrid_ner.corpus.document import Document, Entity

__all__ = ["ALIASES", "SCHEMES", "label_mapping", "map_labels"]

_PERSON = ("PERSON", "PER", "Person", "NAME")
_ORGANIZATION = ("ORGANIZATION", "ORGANISATION", "BUSINESS", "COMPANY", "CORPORATION", "Organization")

_LEGAL: dict[str, tuple[str, ...]] = {
    "COURT": ("TRIBUNAL", "COURT_NAME", "Court", "GRT"),
    "STATUTE": ("LEGISLATION/ACT", "LEGISLATION", "ACT", "LAW", "LAWS", "CODE", "GS", "Statute"),
    "PROVISION": ("SECTION", "ARTICLE", "CLAUSE", "Provision"),
    "CASE_NUMBER": ("CASE_NO", "CASENUMBER", "DOCKET_NUMBER", "DOCKET", "Case_Number"),
    "PRECEDENT": ("CASE_CITATION", "CITATION", "CASE", "CASE_LAW", "RS", "Precedent"),
    "DATE": ("Date", "TIME"),
    "FORM": ("FILING", "MISCELLANEOUS", "MISC"),
    "GPE": ("LOCATION", "LOC", "PLACE", "JURISDICTION", "Location"),
    # OTHER_PERSON stands before the roles: it is what a bare PERSON means.
    "OTHER_PERSON": _PERSON,
    "ORG": _ORGANIZATION,
    "GOVERNMENT": ("GOVERNMENT_BODY", "AGENCY", "AUTHORITY", "INSTITUTION", "INN", "ORG", *_ORGANIZATION),
    "JUDGE": ("RR", "OTHER_PERSON", *_PERSON),
    "LAWYER": ("ATTORNEY", "COUNSEL", "AN", "OTHER_PERSON", *_PERSON),
    "PETITIONER": ("APPELLANT", "PLAINTIFF", "PARTY", "OTHER_PERSON", *_PERSON),
    "RESPONDENT": ("DEFENDANT", "APPELLEE", "PARTY", "OTHER_PERSON", *_PERSON),
    "WITNESS": ("OTHER_PERSON", *_PERSON),
}

_MEDICAL: dict[str, tuple[str, ...]] = {
    "Chemical": (
        "DRUG",
        "SUBSTANCE",
        "MEDICATION",
        "COMPOUND",
        "SIMPLE_CHEMICAL",
        "TREATMENT",
        "CHED",
        "CHEM",
    ),
    "Disease": (
        "SpecificDisease",
        "DISEASE_OR_SYNDROME",
        "DISORDER",
        "DIAGNOSIS",
        "PROBLEM",
        "CONDITION",
        "DiseaseClass",
        "PATHOLOGY",
        "DISO",
    ),
}

SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"legal": tuple(_LEGAL), "medical": tuple(_MEDICAL)}
)
"""Labels of each shipped domain."""

ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType({**_LEGAL, **_MEDICAL})
"""Native label → what other schemes call it, the closest first."""


def label_mapping(labels: Iterable[str], inventory: Collection[str]) -> dict[str, str]:
    """For each label that ``inventory`` lacks, the name there that stands for the same thing.

    Args:
        labels: Labels as predicted.
        inventory: Labels of the gold standard.

    Returns:
        Label → label of the inventory; labels of the inventory and labels without counterpart are absent.
    """
    known = {_key(name): name for name in sorted(inventory)}
    mapping: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        if label in inventory:
            continue
        for name in _names(label):
            if _key(name) in known:
                mapping[label] = known[_key(name)]
                break
    return mapping


def _names(label: str) -> Iterator[str]:
    """Names for the same thing: its own spelling, its aliases, then those it is an alias of."""
    yield label
    native = next((name for name in ALIASES if _key(name) == _key(label)), None)
    if native is not None:
        yield from ALIASES[native]
        return
    for name, aliases in ALIASES.items():
        if any(_key(alias) == _key(label) for alias in aliases):
            yield name
            yield from aliases


def _key(label: str) -> str:
    return re.sub(r"[^0-9a-z/]", "", label.casefold())


def map_labels(
    documents: Iterable[Document], inventory: Collection[str], mapping: Mapping[str, str] | None = None
) -> Iterator[Document]:
    """The documents with the labels of another scheme; labels without counterpart stay as they are.

    Args:
        documents: Predictions.
        inventory: Labels of the scheme that is wanted.
        mapping: Label → label; where it names a label it comes before the known aliases.
    """
    chosen: dict[str, str] = dict(mapping or {})
    for document in documents:
        if not document.entities:
            yield document
            continue
        new = [entity.label for entity in document.entities if entity.label not in chosen]
        found = label_mapping(new, inventory)
        chosen.update({label: found.get(label, label) for label in new})
        yield replace(document, entities=tuple(_renamed(entity, chosen) for entity in document.entities))


def _renamed(entity: Entity, chosen: Mapping[str, str]) -> Entity:
    label = chosen[entity.label]
    return entity if label == entity.label else replace(entity, label=label)
