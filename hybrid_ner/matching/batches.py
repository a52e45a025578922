"""Batches of texts that are worth working on together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["batches"]

_CHARACTERS = 1_000_000


def batches(texts: Iterable[str], characters: int = _CHARACTERS) -> Iterator[list[str]]:
    """Lists of texts, each closed by the text with which it reaches so many characters."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text) + 1  # so that empty texts do not pile up
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
