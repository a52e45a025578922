"""Part a corpus by document, near-duplicates (MinHash over word shingles) together; what checks find in it.

They find annotations that training trips over, and what both sides of a split hold.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.errors import InputError
from hybrid_ner.text import content_hash, excerpt, fold, quantity

_WORD = re.compile(r"\w+")
Node = TypeVar("Node", bound=Hashable)
_SHINGLE = 5
_BANDS, _ROWS = 32, 4
_CHUNK = 20_000
_COMPARED = 8
"""Members of a band bucket that a newcomer is compared with; enough for clusters, bounded for boilerplate."""


def normalized_hash(text: str) -> str:
    """Equal for texts that differ only in case, punctuation and white space."""
    return content_hash(" ".join(_WORD.findall(text.casefold())))


class DuplicateFinder:
    """Finds, for each text, earlier texts that resemble it.

    Args:
        threshold: Share of five-word shingles in common (Jaccard, estimated) from which texts count as
            near-duplicates.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        generator = np.random.default_rng(20240229)
        size = _BANDS * _ROWS
        high = np.iinfo(np.uint64).max
        self._multipliers = generator.integers(1, high, size, dtype=np.uint64) | np.uint64(1)
        self._offsets = generator.integers(0, high, size, dtype=np.uint64)
        self._powers = generator.integers(1, high, _SHINGLE, dtype=np.uint64) | np.uint64(1)
        self._threshold = threshold
        self._words: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._buckets: dict[bytes, list[int]] = {}
        self._signatures: list[NDArray[np.uint64] | None] = []

    def add(self, text: str) -> list[tuple[int, float]]:
        """Number of each resembling earlier text and the resemblance; 1.0 says equal but for punctuation."""
        number = len(self._signatures)
        first = self._exact.setdefault(normalized_hash(text), number)
        signature = self._signature(text) if first == number else None
        self._signatures.append(signature)
        if signature is not None:
            return list(self._resembling(number, signature))
        return [(first, 1.0)] if first != number else []

    def _resembling(self, number: int, signature: NDArray[np.uint64]) -> Iterator[tuple[int, float]]:
        candidates: set[int] = set()
        for band in range(_BANDS):
            key = bytes([band]) + signature[band * _ROWS : (band + 1) * _ROWS].tobytes()
            bucket = self._buckets.setdefault(key, [])
            candidates.update(bucket)
            if len(bucket) < _COMPARED:
                bucket.append(number)
        for candidate in sorted(candidates):
            share = float((signature == self._signatures[candidate]).mean())
            if share >= self._threshold:
                yield candidate, share

    def _signature(self, text: str) -> NDArray[np.uint64] | None:
        """The smallest value of each hash function over the text's shingles; ``None`` without words."""
        words = np.array([self._hash(word) for word in _WORD.findall(text.casefold())], dtype=np.uint64)
        if not len(words):
            return None
        width = min(_SHINGLE, len(words))
        count = len(words) - width + 1
        shingles = np.zeros(count, dtype=np.uint64)
        for place in range(width):
            shingles += words[place : place + count] * self._powers[place]
        shingles = np.unique(shingles)
        lowest = np.full(len(self._offsets), np.iinfo(np.uint64).max, dtype=np.uint64)
        for start in range(0, len(shingles), _CHUNK):
            part = shingles[start : start + _CHUNK, None]
            mixed = part * self._multipliers + self._offsets
            mixed ^= mixed >> np.uint64(29)
            np.minimum(lowest, mixed.min(axis=0), out=lowest)
        return lowest

    def _hash(self, word: str) -> int:
        if word not in self._words:
            digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self._words[word] = int.from_bytes(digest, "little")
        return self._words[word]


def group_duplicates(texts: Iterable[str], threshold: float = 0.5) -> list[int]:
    """For each text the number of its group; resemblance is followed from text to text."""
    finder, groups, count = DuplicateFinder(threshold), _Groups[int](), 0
    for number, text in enumerate(texts):
        count += 1
        for other, _ in finder.add(text):
            groups.join(number, other)
    return [groups.root(number) for number in range(count)]


def apart(groups: Sequence[int], parts: int, order: Iterable[int]) -> list[tuple[int, ...]]:
    """Places in so many parts, those of one group together; fewer parts where there are fewer groups.

    Args:
        groups: Of each place, as ``group_duplicates`` gives them.
        order: Places in the order in which they are dealt out, each to the part with the fewest.
    """
    members: dict[int, list[int]] = {}
    for place in order:
        members.setdefault(groups[place], []).append(place)
    dealt: list[list[int]] = [[] for _ in range(min(parts, len(members)))]
    for group in members.values():
        min(dealt, key=len).extend(group)
    return [tuple(part) for part in dealt]


class _Groups(Generic[Node]):
    """Disjoint sets: nodes that were joined have one root."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def join(self, node: Node, other: Node) -> None:
        self._above[self.root(node)] = self.root(other)


def split_documents(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    *,
    seed: int = 0,
    threshold: float = 0.5,
    key: Callable[[Document], Hashable] | None = None,
) -> dict[str, list[Document]]:
    """Documents of each part, in their order.

    Args:
        shares: Name of a part → its share of the documents; shares need not add up to 1.
        seed: Equal seeds give equal parts, whatever the order of the documents.
        threshold: Resemblance from which two documents stay together.
        key: Documents with equal values, other than ``None``, stay together too.

    Raises:
        InputError: No share, or one that is not positive.
    """
    if not shares or any(not share > 0 for share in shares.values()):
        raise InputError("every part needs a share greater than 0.", hint="For example train=0.8 dev=0.2.")

    def draw(group: Sequence[int]) -> tuple[int, str]:
        """Large groups first, then by the seed and the group's texts, not by where they stand."""
        first = min(documents[number].content_hash for number in group)
        return -len(group), hashlib.sha256(f"{seed} {first}".encode()).hexdigest()

    total = sum(shares.values())
    wanted = {name: share / total * len(documents) for name, share in shares.items()}
    chosen: dict[int, str] = {}
    for group in sorted(_groups(documents, threshold, key), key=draw):
        # The part that lacks the largest part of its share takes the next group.
        name = max(wanted, key=lambda part: wanted[part] / shares[part])
        wanted[name] -= len(group)
        chosen.update(dict.fromkeys(group, name))
    parts: dict[str, list[Document]] = {name: [] for name in shares}
    for number, document in enumerate(documents):
        parts[chosen[number]].append(document)
    return parts


def _groups(
    documents: Sequence[Document], threshold: float, key: Callable[[Document], Hashable] | None
) -> list[list[int]]:
    near = group_duplicates((document.text for document in documents), threshold)
    groups = _Groups[Hashable]()
    for document, group in zip(documents, near, strict=True):
        if key is not None and (value := key(document)) is not None:
            groups.join(("near", group), ("key", value))
    members: dict[Hashable, list[int]] = {}
    for number, group in enumerate(near):
        members.setdefault(groups.root(("near", group)), []).append(number)
    return list(members.values())


_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A place in a document; the span is empty where the whole document is meant."""

    doc_id: str
    start: int
    end: int
    label: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    kind: str
    message: str
    count: int
    examples: tuple[Example, ...] = ()


Place = tuple[Document, Entity]


def finding(kind: str, message: str, places: Sequence[Place]) -> Finding:
    first = places[:_EXAMPLES]
    shown = (Example(d.doc_id, e.start, e.end, e.label, excerpt(d.text, e.start, e.end)) for d, e in first)
    return Finding(kind, message, len(places), tuple(shown))


_SPANS = {
    "misaligned": "an edge inside a token, which cannot be trained on",
    "white space at edge": "white space at the edge",
    "punctuation at edge": "a comma, semicolon or colon at the edge",
    "overlap": "overlap with another annotation; one of the two cannot be trained on",
    "repeated annotation": "given more than once",
}
"""What may be wrong with an annotation."""


def check_spans(documents: Sequence[Document]) -> Iterator[Finding]:
    """Findings about the tokens that training sees, edges, overlaps and repetitions, one a label."""
    from hybrid_ner.text.tokenizer import blank

    nlp = blank()
    nlp.max_length = sys.maxsize
    places: dict[str, list[Place]] = {kind: [] for kind in _SPANS}
    for document in documents:
        if document.entities:
            tokens = [(token.idx, token.idx + len(token)) for token in nlp.make_doc(document.text)]
            for kind, entity in _wrong_spans(document, document.entities, tokens):
                places[kind].append((document, entity))
    for kind, found in places.items():
        found.sort(key=lambda place: place[1].label)
        for label, group in groupby(found, key=lambda place: place[1].label):
            own = list(group)
            yield finding(kind, f"{quantity(len(own), f'{label} annotation')}: {_SPANS[kind]}.", own)


def _wrong_spans(
    document: Document, entities: Sequence[Entity], tokens: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, Entity]]:
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    once: dict[tuple[int, int, str], Entity] = {}
    for entity in entities:
        surface = document.text[entity.start : entity.end]
        if entity.start not in starts or entity.end not in ends:
            yield "misaligned", entity
        if surface != surface.strip():
            yield "white space at edge", entity
        if surface[0] in ",;:" or surface[-1] in ",;:":
            yield "punctuation at edge", entity
        key = (entity.start, -entity.end, entity.label)
        if key in once:
            yield "repeated annotation", entity
        once[key] = entity
    last = 0
    for _, entity in sorted(once.items()):
        if entity.start < last:
            yield "overlap", entity
        last = max(last, entity.end)


_WIDTH = 80


@dataclass(frozen=True, slots=True)
class SharedMentions:
    """How many mentions of one part have a surface (folded, same label) that another part holds too.

    Args:
        first: The part that is known.
        second: The part that is asked about.
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
                shown = f"{share:.2f} like {other.doc_id}: {document.text[:_WIDTH]!r}"
                found.setdefault((kind, where), []).append(Example(document.doc_id, 0, 0, "", shown))
            known.append((part, document))
    for (kind, where), pairs in found.items():
        count = len(pairs)
        yield Finding(kind, f"{quantity(count, 'pair')} {where}.", count, tuple(pairs[:_EXAMPLES]))


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
    surfaces: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in parts}
    for name, documents in parts.items():
        for document in documents:
            held = document.entities or ()
            surfaces[name].update((fold(document.text[e.start : e.end]), e.label) for e in held)
    for first, second in combinations(parts, 2):
        mentions = surfaces[second]
        shared = {key: count for key, count in mentions.items() if key in surfaces[first]}
        totals: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for (surface, label), count in mentions.items():
            totals[label] += count
            hits[label] += shared.get((surface, label), 0)
        by_label = {label: (hits[label], totals[label]) for label in sorted(totals)}
        yield SharedMentions(first, second, mentions.total(), sum(shared.values()), by_label)
