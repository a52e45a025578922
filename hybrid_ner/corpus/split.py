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

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.errors import InputError
from hybrid_ner.text import content_hash, excerpt, fold, quantity

_WORD = re.compile(r"\w+")
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
        key = normalized_hash(text)
        first = self._exact.setdefault(key, number)
        if first != number:
            self._signatures.append(None)
            return [(first, 1.0)]
        signature = self._signature(text)
        self._signatures.append(signature)
        return [] if signature is None else list(self._resembling(number, signature))

    def _resembling(self, number: int, signature: NDArray[np.uint64]) -> Iterator[tuple[int, float]]:
        candidates: set[int] = set()
        for band in range(_BANDS):
            key = bytes([band]) + signature[band * _ROWS : (band + 1) * _ROWS].tobytes()
            bucket = self._buckets.setdefault(key, [])
            candidates.update(bucket)
            if len(bucket) < _COMPARED:
                bucket.append(number)
        for candidate in sorted(candidates):
            other = self._signatures[candidate]
            if other is not None:
                share = float((signature == other).mean())
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
        found = self._words.get(word)
        if found is None:
            digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            found = self._words[word] = int.from_bytes(digest, "little")
        return found


def group_duplicates(texts: Iterable[str], threshold: float = 0.5) -> list[int]:
    """For each text the number of its group; resemblance is followed from text to text."""
    finder = DuplicateFinder(threshold)
    parents: list[int] = []
    for number, text in enumerate(texts):
        parents.append(number)
        for other, _ in finder.add(text):
            parents[_root(parents, number)] = _root(parents, other)
    return [_root(parents, number) for number in range(len(parents))]


def _root(parents: Sequence[int], number: int) -> int:
    while parents[number] != number:
        number = parents[number]
    return number


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
    groups = _groups(documents, threshold, key)
    order = sorted(groups, key=lambda group: (-len(group), _draw(documents, group, seed)))
    total = sum(shares.values())
    wanted = {name: share / total * len(documents) for name, share in shares.items()}
    chosen: dict[int, str] = {}
    for group in order:
        # The part that lacks the largest part of its share takes the next group, large groups first.
        name = max(wanted, key=lambda part: wanted[part] / shares[part])
        wanted[name] -= len(group)
        chosen.update(dict.fromkeys(group, name))
    return {
        name: [document for number, document in enumerate(documents) if chosen[number] == name]
        for name in shares
    }


def _groups(
    documents: Sequence[Document], threshold: float, key: Callable[[Document], Hashable] | None
) -> list[list[int]]:
    near = group_duplicates((document.text for document in documents), threshold)
    parents: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parents.setdefault(node, node) != node:
            node = parents[node]
        return node

    for document, group in zip(documents, near, strict=True):
        value = None if key is None else key(document)
        if value is not None:
            parents[root(("near", group))] = root(("key", value))
    members: dict[Hashable, list[int]] = {}
    for number, group in enumerate(near):
        members.setdefault(root(("near", group)), []).append(number)
    return list(members.values())


def _draw(documents: Sequence[Document], group: Sequence[int], seed: int) -> str:
    """A place in the order that depends on the seed and the group's texts, not on where they stand."""
    first = min(documents[number].content_hash for number in group)
    return hashlib.sha256(f"{seed} {first}".encode()).hexdigest()


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
    """One thing to look at.

    Args:
        kind: Short name to count by.
        message: What was found, for a person.
        count: How many places it concerns.
        examples: Some of the places.
    """

    kind: str
    message: str
    count: int
    examples: tuple[Example, ...] = ()


def example(document: Document, start: int, end: int, label: str = "") -> Example:
    """A place, with the text around it."""
    return Example(document.doc_id, start, end, label, excerpt(document.text, start, end))


def finding(kind: str, message: str, places: Iterable[tuple[Document, Entity]]) -> Finding:
    """A finding about mentions."""
    every = list(places)
    shown = (example(document, e.start, e.end, e.label) for document, e in every[:_EXAMPLES])
    return Finding(kind, message, len(every), tuple(shown))


Tokenize = Callable[[str], Iterable[tuple[int, int]]]
"""Offsets of the tokens of a text."""

Place = tuple[Document, Entity]


def product_tokens() -> Tokenize:
    """The tokens that training sees."""
    from hybrid_ner.text.tokenizer import blank

    nlp = blank()
    nlp.max_length = sys.maxsize

    def tokens(text: str) -> list[tuple[int, int]]:
        return [(token.idx, token.idx + len(token)) for token in nlp.make_doc(text)]

    return tokens


def check_spans(documents: Sequence[Document], tokenize: Tokenize) -> Iterator[Finding]:
    """Findings about tokens, edges, overlaps and repetitions, one a label."""
    for kind, message, pick in (
        ("misaligned", "an edge inside a token, which cannot be trained on", _misaligned(tokenize)),
        ("white space at edge", "white space at the edge", _spaced),
        ("punctuation at edge", "a comma, semicolon or colon at the edge", _punctuated),
        ("overlap", "overlap with another annotation; one of the two cannot be trained on", _overlapping),
        ("repeated annotation", "given more than once", _repeated),
    ):
        places = [(document, e) for document in documents if document.entities for e in pick(document)]
        places.sort(key=lambda place: place[1].label)
        for label, group in groupby(places, key=lambda place: place[1].label):
            found = list(group)
            yield finding(kind, f"{quantity(len(found), f'{label} annotation')}: {message}.", found)


def _misaligned(tokenize: Tokenize) -> Callable[[Document], Iterator[Entity]]:
    def pick(document: Document) -> Iterator[Entity]:
        starts, ends = set(), set()
        for start, end in tokenize(document.text):
            starts.add(start)
            ends.add(end)
        for entity in document.entities or ():
            if entity.start not in starts or entity.end not in ends:
                yield entity

    return pick


def _spaced(document: Document) -> Iterator[Entity]:
    for entity in document.entities or ():
        surface = document.text[entity.start : entity.end]
        if surface != surface.strip():
            yield entity


def _punctuated(document: Document) -> Iterator[Entity]:
    for entity in document.entities or ():
        surface = document.text[entity.start : entity.end]
        if surface[0] in ",;:" or surface[-1] in ",;:":
            yield entity


def _overlapping(document: Document) -> Iterator[Entity]:
    last = 0
    spans = sorted({(e.start, -e.end, e.label): e for e in document.entities or ()}.items())
    for _, entity in spans:
        if entity.start < last:
            yield entity
        last = max(last, entity.end)


def _repeated(document: Document) -> Iterator[Entity]:
    seen = set()
    for entity in document.entities or ():
        key = (entity.start, entity.end, entity.label)
        if key in seen:
            yield entity
        seen.add(key)


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
