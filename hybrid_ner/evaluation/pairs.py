"""Gold documents beside the predictions of one system for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.labels import label_mapping
from hybrid_ner.errors import CorpusError
from hybrid_ner.text import quantity

__all__ = ["Pair", "System", "group_system", "inventory", "pair_system"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold document and the entities predicted for it."""

    gold: Document
    predicted: tuple[Entity, ...]

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The gold entities."""
        return self.gold.entities or ()


@dataclass(frozen=True, slots=True)
class System:
    """What one system predicted, under gold's label names.

    Args:
        pairs: In the order of gold.
        mapped: Predicted label → name it was given.
        unscored: Ids of predicted documents that are not in gold.
    """

    pairs: Sequence[Pair]
    mapped: Mapping[str, str] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()


def inventory(documents: Iterable[Document]) -> tuple[str, ...]:
    """Labels that occur, in alphabetical order."""
    return tuple(sorted({entity.label for each in documents for entity in each.entities or ()}))


def pair_system(
    gold: Sequence[Document],
    predicted: Iterable[Document],
    mapping: Mapping[str, str] | None = None,
    aliases: bool = True,
) -> System:
    """Match predictions to gold by document id.

    Args:
        gold: Annotated documents.
        predicted: Predictions for all of them.
        mapping: Predicted label → gold label.
        aliases: Whether other predicted labels that gold lacks take the name of their counterpart there.

    Raises:
        CorpusError: A gold document is unlabeled, has no prediction, or has another text there.
    """
    unlabeled = [d.doc_id for d in gold if d.entities is None]
    if unlabeled:
        raise CorpusError(
            f"{len(unlabeled)} of {quantity(len(gold), 'gold document')} without annotation: "
            f"{_some(unlabeled)}.",
            hint='Give them "entities": [] if they hold none, or leave them out.',
        )
    found = {document.doc_id: document for document in predicted}
    missing = [d.doc_id for d in gold if d.doc_id not in found]
    if missing:
        raise CorpusError(
            f"{len(missing)} of {quantity(len(gold), 'gold document')} without prediction: {_some(missing)}.",
            hint="Predict every gold document; a document without entities needs an empty list.",
        )
    pairs = [Pair(each, _predicted(each, found[each.doc_id])) for each in gold]
    names = sorted({entity.label for pair in pairs for entity in pair.predicted})
    mapped = label_mapping(names, inventory(gold)) if aliases else {}
    mapped.update({old: new for old, new in (mapping or {}).items() if old in names})
    wanted = {each.doc_id for each in gold}
    unscored = tuple(doc_id for doc_id in found if doc_id not in wanted)
    return System([_renamed(pair, mapped) for pair in pairs], mapped, unscored)


def _predicted(gold: Document, predicted: Document) -> tuple[Entity, ...]:
    if predicted.text != gold.text:
        both = zip(gold.text, predicted.text, strict=False)
        shorter = min(len(gold.text), len(predicted.text))
        at = next((i for i, (a, b) in enumerate(both) if a != b), shorter)
        raise CorpusError(
            f"document {gold.doc_id!r}: the predicted text differs from gold at character {at} "
            f"({predicted.text[at : at + 20]!r}, gold {gold.text[at : at + 20]!r}).",
            hint="Predict the gold documents' own texts.",
        )
    if predicted.entities is None:
        raise CorpusError(
            f"document {gold.doc_id!r} carries no predictions.",
            hint='A document without entities needs "entities": [].',
        )
    return predicted.entities


def _renamed(pair: Pair, mapped: Mapping[str, str]) -> Pair:
    if not any(entity.label in mapped for entity in pair.predicted):
        return pair
    return Pair(pair.gold, tuple(replace(e, label=mapped.get(e.label, e.label)) for e in pair.predicted))


def _some(ids: Sequence[str]) -> str:
    return ", ".join(map(repr, ids[:5])) + (" …" if len(ids) > 5 else "")


def group_system(system: System, key: str) -> dict[str, System]:
    """Parts of a system's pairs, by a value of the gold document's meta data.

    Args:
        system: The whole.
        key: Name in ``meta``, with or without the leading ``meta.``; dots descend.

    Raises:
        CorpusError: No document has it.
    """
    path = key.removeprefix("meta.").split(".")
    groups: dict[str, list[Pair]] = {}
    for pair in system.pairs:
        value: Any = pair.gold.meta
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        groups.setdefault("(none)" if value is None else str(value), []).append(pair)
    if set(groups) == {"(none)"}:
        raise CorpusError(f"no gold document has {key!r} in its meta data.", hint="Check the name.")
    return {name: replace(system, pairs=pairs) for name, pairs in sorted(groups.items())}
