"""The labels of the known domains, and what other schemes call the same things.

A predicted label that a gold standard does not know is scored under the first of its names that the
gold standard does know. Names that differ in what they cover (a section number is no statute) are
left out on purpose: such predictions are counted as out of scheme instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.registry import DOMAINS

__all__ = ["aliases", "label_mapping", "map_labels", "schemes"]


def schemes() -> dict[str, tuple[str, ...]]:
    """Labels of each domain that has some."""
    return {name: tuple(domain.labels) for name, domain in DOMAINS.all() if domain.labels}


@lru_cache(maxsize=8)
def _aliases(domains: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for name, domain in DOMAINS.all():
        if name in domains:
            for label, names in domain.labels.items():
                known.setdefault(label, names)
    return known


def aliases() -> Mapping[str, tuple[str, ...]]:
    """Native label → what other schemes call it, the closest first."""
    return _aliases(DOMAINS.names())


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
    known = aliases()
    native = next((name for name in known if _key(name) == _key(label)), None)
    if native is not None:
        yield from known[native]
        return
    for name, others in known.items():
        if any(_key(other) == _key(label) for other in others):
            yield name
            yield from others


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
