"""Many short texts in one block of bytes, one a line: searched, and opened from a file, as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

__all__ = ["Lines"]

_END = b"\n"


class Lines:
    """Numbered texts without line breaks.

    Looking through ten million bytes takes a few milliseconds, so that no table has to be built.

    Args:
        block: As ``Lines.of`` made it: every text between two line ends.
    """

    def __init__(self, block: bytes) -> None:
        self.block = block
        self._ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == _END[0])

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lines:
        """From texts; a line break in one of them counts as a space."""
        return cls(b"".join((_END, *(_encoded(text) + _END for text in texts))))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        line = self.block[self._ends[number] + 1 : self._ends[number + 1]]
        return line.decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return iter(self.block.decode("utf-8", "surrogatepass").split("\n")[1:-1])

    def equal(self, text: str) -> Iterator[int]:
        """Numbers of the texts that are this one."""
        return self._holding(_END + _encoded(text) + _END)

    def beginning(self, text: str) -> Iterator[int]:
        """Numbers of the texts that begin so."""
        return self._holding(_END + _encoded(text))

    def holding(self, text: str) -> Iterator[int]:
        """Numbers of the texts that hold this, each once."""
        return self._holding(_encoded(text))

    def _holding(self, wanted: bytes) -> Iterator[int]:
        at = self.block.find(wanted)
        while at >= 0 and (number := self._number(at)) < len(self):
            yield number
            at = self.block.find(wanted, int(self._ends[number + 1]))

    def _number(self, at: int) -> int:
        """The line of a place; a line end belongs to the line behind it."""
        return int(np.searchsorted(self._ends, at, side="right")) - 1


def _encoded(text: str) -> bytes:
    return text.replace("\n", " ").encode("utf-8", "surrogatepass")
