"""Training data from labeled documents: windows that a student can learn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.tokens import Doc, DocBin, Span

from hybrid_ner.text import atomic_path

__all__ = ["training_windows", "write_training_data"]

WINDOW = 300
"""Longest training example, in tokens."""


def training_windows(doc: Doc, size: int = WINDOW) -> Iterator[Doc]:
    """Plain documents of at most about ``size`` tokens with the entities of ``doc``; never cuts an entity."""
    inside = {i for ent in doc.ents for i in range(ent.start + 1, ent.end)}
    start = 0
    while start < len(doc):
        end = _cut(doc, start, size, inside)
        words = [token.text for token in doc[start:end]]
        spaces = [bool(token.whitespace_) for token in doc[start:end]]
        window = Doc(doc.vocab, words=words, spaces=spaces)
        ents = [e for e in doc.ents if start <= e.start and e.end <= end]
        window.set_ents([Span(window, e.start - start, e.end - start, e.label) for e in ents])
        yield window
        start = end


def write_training_data(
    docs: Iterable[Doc], train: Path, dev: Path, *, held_out: int = 20
) -> tuple[int, int]:
    """Write ``.spacy`` files; every ``held_out``-th window goes to ``dev``. Returns their token counts."""
    bins, tokens = (DocBin(), DocBin()), [0, 0]
    number = 0
    for doc in docs:
        for window in training_windows(doc):
            side = int(number % held_out == held_out - 1)
            bins[side].add(window)
            tokens[side] += len(window)
            number += 1
    for path, docbin in zip((train, dev), bins, strict=True):
        with atomic_path(path) as temporary:
            docbin.to_disk(temporary)
    return tokens[0], tokens[1]


def _cut(doc: Doc, start: int, size: int, inside: set[int]) -> int:
    end = min(start + size, len(doc))
    if end == len(doc):
        return end
    for place in range(end, start + size // 2, -1):
        before = doc[place - 1]
        if place not in inside and ("\n" in before.text or before.text in ".;!?"):
            return place
    while end < len(doc) and end in inside:
        end += 1
    return end
