"""Large files that are delivered in parts (``MRCONSO.RRF.aa.gz``, ``MRCONSO.RRF.ab.gz``), read as one."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import pairwise
from typing import IO, Any, cast

from hybrid_ner.errors import InputError

__all__ = ["Part", "as_part", "group", "joined"]

_PART = re.compile(
    r"(?P<stem>.+\.\w+)\.(?P<mark>(?!gz|xz)[a-z]{2,3}|\d{2,3})(?P<packed>\.gz|\.bz2|\.xz)?", re.I
)
_FIRST = re.compile(r"a+|0+1?")


class Part:
    """One part by its name: ``whole`` is the name without the mark, ``mark`` counts from the first.

    Args:
        name: Name of the part.
        whole: Name of the file that the parts make.
        mark: ``aa``, ``ab`` … or ``00``, ``01`` …
        packed: Suffix of parts that are compressed one by one; empty where a compressed file was cut.
    """

    __slots__ = ("mark", "name", "packed", "whole")

    def __init__(self, name: str, stem: str, mark: str, packed: str) -> None:
        self.name, self.mark, self.packed = name, mark.lower(), packed
        self.whole = stem + packed

    @property
    def is_first(self) -> bool:
        """Whether nothing comes before it."""
        return _FIRST.fullmatch(self.mark) is not None


def as_part(name: str) -> Part | None:
    """The part that a name states, if it states one."""
    found = _PART.fullmatch(name)
    return Part(name, found["stem"], found["mark"], found["packed"] or "") if found else None


def group(names: Iterable[str]) -> dict[str, tuple[Part, ...]]:
    """Whole name → its parts in order, for each first part with others that follow it.

    Raises:
        InputError: A part between two others is missing.
    """
    found: dict[tuple[str, int], list[Part]] = {}
    for part in filter(None, map(as_part, names)):
        found.setdefault((part.whole, len(part.mark)), []).append(part)
    groups = {}
    for (whole, _), parts in found.items():
        parts.sort(key=lambda part: part.mark)
        if len(parts) > 1 and parts[0].is_first:
            _check(parts)
            groups[whole] = tuple(parts)
    return groups


def _check(parts: Sequence[Part]) -> None:
    for before, after in pairwise(parts):
        wanted = _next(before.mark)
        if after.mark != wanted:
            raise InputError(
                f"part {wanted} of {before.whole} is missing: {before.name} is followed by {after.name}.",
                hint="Copy all parts to one folder.",
            )


def _next(mark: str) -> str:
    if mark.isdigit():
        return str(int(mark) + 1).zfill(len(mark))
    head, last = mark[:-1], mark[-1]
    return head + chr(ord(last) + 1) if last != "z" else (_next(head) if head else "") + "a"


def joined(openers: Sequence[Callable[[], AbstractContextManager[IO[bytes]]]]) -> IO[bytes]:
    """The bytes of several streams behind each other; each is opened when it is needed."""
    return cast("IO[bytes]", io.BufferedReader(_Joined(openers)))


class _Joined(io.RawIOBase):
    def __init__(self, openers: Sequence[Callable[[], AbstractContextManager[IO[bytes]]]]) -> None:
        self._waiting = list(reversed(openers))
        self._opened = ExitStack()
        self._stream: Any = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._stream is None:
                if not self._waiting:
                    return 0
                self._stream = self._opened.enter_context(self._waiting.pop()())
            if count := self._stream.readinto(buffer):
                return int(count)
            self._opened.close()
            self._stream = None

    def close(self) -> None:
        self._opened.close()
        super().close()
