"""Sizes and distributions of a corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from hybrid_ner.corpus.document import Document
from hybrid_ner.text.fold import fold

__all__ = ["CorpusStats", "LabelStats", "corpus_stats"]

_WORD = re.compile(r"\w+")
_TOP = 5
_FEW_VALUES = 12


@dataclass(frozen=True, slots=True)
class LabelStats:
    """Mentions of a label.

    Args:
        mentions: How many.
        surfaces: Different strings among them, folded.
        documents: Documents that hold one.
        words: Mean number of words of a mention.
        concepts: Different concept ids.
        top: The most frequent strings, with their counts.
    """

    mentions: int
    surfaces: int
    documents: int
    words: float
    concepts: int
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """Sizes of a corpus; lengths are in characters.

    Args:
        documents: How many.
        unlabeled: Documents nobody annotated.
        without_entities: Annotated documents that hold none.
        characters: In all.
        words: Runs of letters, digits and underscores in all.
        median_length: Of a document.
        longest: Id and length of the longest document.
        mentions: Annotations in all.
        labels: By label.
        meta: Name of a meta value → its values and counts, where there are few values.
    """

    documents: int
    unlabeled: int
    without_entities: int
    characters: int
    words: int
    median_length: float
    longest: tuple[str, int]
    mentions: int
    labels: Mapping[str, LabelStats]
    meta: Mapping[str, Mapping[str, int]]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Label:
    surfaces: Counter[str] = field(default_factory=Counter)
    documents: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)
    words: int = 0

    def stats(self) -> LabelStats:
        mentions = self.surfaces.total()
        return LabelStats(
            mentions,
            len(self.surfaces),
            len(self.documents),
            self.words / mentions,
            len(self.concepts),
            tuple(self.surfaces.most_common(_TOP)),
        )


def corpus_stats(documents: Iterable[Document]) -> CorpusStats:
    """Count, in one pass."""
    lengths: list[int] = []
    longest = ("", 0)
    labels: dict[str, _Label] = {}
    meta: dict[str, Counter[str]] = {}
    words = unlabeled = bare = 0
    for document in documents:
        lengths.append(len(document.text))
        longest = max(longest, (document.doc_id, len(document.text)), key=lambda pair: pair[1])
        words += sum(1 for _ in _WORD.finditer(document.text))
        unlabeled += document.entities is None
        bare += document.entities == ()
        _count_entities(document, labels)
        for name, value in document.meta.items():
            if isinstance(value, str | int | bool):
                meta.setdefault(name, Counter())[str(value)] += 1
    found = {label: labels[label].stats() for label in sorted(labels)}
    return CorpusStats(
        documents=len(lengths),
        unlabeled=unlabeled,
        without_entities=bare,
        characters=sum(lengths),
        words=words,
        median_length=median(lengths) if lengths else 0,
        longest=longest,
        mentions=sum(each.mentions for each in found.values()),
        labels=found,
        meta={name: dict(values) for name, values in meta.items() if _worth_listing(values)},
    )


def _worth_listing(values: Counter[str]) -> bool:
    """Kinds and years, not ids: few values, and each of them for several documents on average."""
    return len(values) <= min(_FEW_VALUES, max(1, values.total() // 2))


def _count_entities(document: Document, labels: dict[str, _Label]) -> None:
    for entity in document.entities or ():
        label = labels.setdefault(entity.label, _Label())
        surface = document.text[entity.start : entity.end]
        label.surfaces[fold(surface)] += 1
        label.documents.add(document.doc_id)
        label.words += sum(1 for _ in _WORD.finditer(surface))
        label.concepts.update(filter(None, entity.concept_id.split("|")))
