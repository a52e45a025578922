"""Terms as columns: what a compiled file holds of them, and the terms again, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.terms import Term

__all__ = ["TermColumns", "pack_strings", "unpack_string"]

_STRINGS = ("text", "concept_id", "parent")
_CODES = ("label", "status", "source", "mode", "file", "rule")

Arrays = Mapping[str, NDArray[Any]]


def pack_strings(strings: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """UTF-8 of all strings, one after the other, and where each starts, with the end of the last."""
    parts = [string.encode("utf-8", "surrogatepass") for string in strings]
    starts = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    return np.frombuffer(b"".join(parts), dtype=np.uint8), starts


def unpack_string(blob: NDArray[np.uint8], starts: NDArray[np.int64], number: int) -> str:
    """One of the strings that ``pack_strings`` packed."""
    return blob[starts[number] : starts[number + 1]].tobytes().decode("utf-8", "surrogatepass")


class TermColumns(Sequence[Term]):
    """Terms that are built when they are asked for: a million rows cost nothing to open.

    Args:
        arrays: Columns as ``TermColumns.pack`` made them.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._values = {
            name: [
                unpack_string(arrays[f"{name}.values"], arrays[f"{name}.starts"], i)
                for i in range(len(arrays[f"{name}.starts"]) - 1)
            ]
            for name in _CODES
        }

    def __len__(self) -> int:
        return len(self._arrays["row"])

    @overload
    def __getitem__(self, number: int) -> Term: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, number: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(number, slice):
            return tuple(self[i] for i in range(*number.indices(len(self))))
        arrays = self._arrays
        fields: dict[str, Any] = {
            name: unpack_string(arrays[f"{name}.values"], arrays[f"{name}.starts"], number)
            for name in _STRINGS
        }
        for name in _CODES:
            fields[name] = self._values[name][arrays[name][number]]
        return Term(row=int(arrays["row"][number]), **fields)

    def __iter__(self) -> Iterator[Term]:
        return (self[i] for i in range(len(self)))

    def codes(self, name: str, order: Sequence[str]) -> NDArray[np.uint8]:
        """A coded column as positions in ``order``."""
        places = np.array([order.index(value) for value in self._values[name]], dtype=np.uint8)
        return places[self._arrays[name]]

    @staticmethod
    def pack(terms: Sequence[Term]) -> dict[str, NDArray[Any]]:
        """The columns of terms, as plain arrays."""
        arrays: dict[str, NDArray[Any]] = {"row": np.array([term.row for term in terms], dtype=np.int32)}
        for name in _STRINGS:
            packed = pack_strings(getattr(term, name) for term in terms)
            arrays[f"{name}.values"], arrays[f"{name}.starts"] = packed
        for name in _CODES:
            codes: dict[str, int] = {}
            numbers = [codes.setdefault(getattr(term, name), len(codes)) for term in terms]
            arrays[name] = np.array(numbers, dtype=np.int32)
            arrays[f"{name}.values"], arrays[f"{name}.starts"] = pack_strings(codes)
        return arrays
