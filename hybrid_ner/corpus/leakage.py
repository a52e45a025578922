"""Documents and mentions that stand on both sides of a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.duplicates import DuplicateFinder
from hybrid_ner.corpus.findings import Example, Finding
from hybrid_ner.matching.normalize import fold
from hybrid_ner.text import quantity

__all__ = ["SharedMentions", "check_documents", "shared_mentions"]

_EXAMPLES = 5
_WIDTH = 80


@dataclass(frozen=True, slots=True)
class SharedMentions:
    """How many mentions of one part have a surface (folded, same label) that another part holds too.

    Args:
        first: The part that is known.
        second: The part that is asked about.
        mentions: Its mentions.
        shared: Those whose surface the first part holds.
        by_label: Label → (shared, mentions).
    """

    first: str
    second: str
    mentions: int
    shared: int
    by_label: Mapping[str, tuple[int, int]]


def check_documents(parts: Mapping[str, Sequence[Document]], threshold: float) -> Iterator[Finding]:
    """Equal and near-equal documents, within a part and between parts, and ids used twice."""
    yield from _repeated_ids(parts)
    finder = DuplicateFinder(threshold)
    known: list[tuple[str, Document]] = []
    found: dict[tuple[str, str], list[Example]] = {}
    for part, documents in parts.items():
        for document in documents:
            for number, share in finder.add(document.text):
                other_part, other = known[number]
                kind = "duplicate document" if share == 1 else "near-duplicate document"
                where = f"within {part}" if part == other_part else f"between {other_part} and {part}"
                example = Example(
                    document.doc_id, 0, 0, "", f"{share:.2f} like {other.doc_id}: {document.text[:_WIDTH]!r}"
                )
                found.setdefault((kind, where), []).append(example)
            known.append((part, document))
    for (kind, where), examples in found.items():
        count = len(examples)
        yield Finding(kind, f"{quantity(count, 'pair')} {where}.", count, tuple(examples[:_EXAMPLES]))


def _repeated_ids(parts: Mapping[str, Sequence[Document]]) -> Iterator[Finding]:
    for first, second in combinations(parts, 2):
        ids = {document.doc_id for document in parts[first]}
        both = [document for document in parts[second] if document.doc_id in ids]
        if both:
            shown = tuple(Example(d.doc_id, 0, 0, "", d.text[:_WIDTH]) for d in both[:_EXAMPLES])
            stand = quantity(len(both), "document id stands", "document ids stand")
            message = f"{stand} in both {first} and {second}."
            yield Finding("repeated id", message, len(both), shown)


def shared_mentions(parts: Mapping[str, Sequence[Document]]) -> Iterator[SharedMentions]:
    """For each two parts, how much of the later one is known from the earlier one."""
    surfaces = {name: _surfaces(documents) for name, documents in parts.items()}
    for first, second in combinations(parts, 2):
        mentions = surfaces[second]
        shared = {key: count for key, count in mentions.items() if key in surfaces[first]}
        totals: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for (_, label), count in mentions.items():
            totals[label] += count
        for (_, label), count in shared.items():
            hits[label] += count
        by_label = {label: (hits[label], totals[label]) for label in sorted(totals)}
        yield SharedMentions(first, second, sum(mentions.values()), sum(shared.values()), by_label)


def _surfaces(documents: Sequence[Document]) -> Counter[tuple[str, str]]:
    return Counter(
        (fold(document.text[entity.start : entity.end]), entity.label)
        for document in documents
        for entity in document.entities or ()
    )
