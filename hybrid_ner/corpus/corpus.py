"""A set of documents that is read lazily and can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from hybrid_ner.corpus.document import Document
from hybrid_ner.errors import InputError

__all__ = ["Corpus"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents that can be read more than once; nothing is read before it is asked for.

    Args:
        source: Starts reading from the first document, each time it is called.
        name: Shown to people, for example the file name.
    """

    source: Callable[[], Iterator[Document]]
    name: str = ""

    def __iter__(self) -> Iterator[Document]:
        return self.source()

    @classmethod
    def of(cls, documents: Iterable[Document], name: str = "") -> Corpus:
        """A corpus of documents held in memory."""
        return cls(partial(iter, tuple(documents)), name)

    def shard(self, index: int, count: int) -> Corpus:
        """Every ``count``-th document from number ``index`` on: the shards 0 … count-1 part the corpus."""
        if not 0 <= index < count:
            raise InputError(f"shard {index} of {count} does not exist.", hint="Count shards from 0.")
        return Corpus(partial(_shard, self.source, index, count), f"{self.name} [{index}/{count}]")

    def filter(self, keep: Callable[[Document], bool]) -> Corpus:
        """The documents for which ``keep`` is true."""
        return Corpus(partial(_filter, self.source, keep), self.name)

    def map(self, change: Callable[[Document], Document]) -> Corpus:
        """Every document, changed."""
        return Corpus(partial(_map, self.source, change), self.name)


def _shard(source: Callable[[], Iterator[Document]], index: int, count: int) -> Iterator[Document]:
    return islice(source(), index, None, count)


def _filter(source: Callable[[], Iterator[Document]], keep: Callable[[Document], bool]) -> Iterator[Document]:
    return filter(keep, source())


def _map(
    source: Callable[[], Iterator[Document]], change: Callable[[Document], Document]
) -> Iterator[Document]:
    return map(change, source())
