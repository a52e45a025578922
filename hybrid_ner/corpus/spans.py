"""Annotations that training or scoring would trip over."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from hybrid_ner.corpus.document import Document, Entity
from hybrid_ner.corpus.findings import Finding, finding
from hybrid_ner.text import quantity

__all__ = ["Tokenize", "check_spans", "product_tokens"]

Tokenize = Callable[[str], Iterable[tuple[int, int]]]
"""Offsets of the tokens of a text."""

Place = tuple[Document, Entity]


def product_tokens() -> Tokenize:
    """The tokens that training sees."""
    from hybrid_ner.pipeline.tokenizer import blank

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
