"""What checks of a corpus find: annotations that training trips over, and what both sides of a split hold."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, groupby
from typing import Any

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.split import DuplicateFinder
from hybrid_ner.text import excerpt, fold, quantity

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

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


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
