"""Compiled gazetteers: the phrase hash and the term rows as plain arrays in one memory-mapped file."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from threading import get_ident
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.matching.fuzzy_index import FuzzyArrays
from hybrid_ner.matching.phrase_hash import PhraseArrays
from hybrid_ner.terms import Gazetteer, Term

__all__ = [
    "CompiledGazetteer",
    "TermColumns",
    "load_gazetteer",
    "pack_strings",
    "read_arrays",
    "save_gazetteer",
    "unpack_string",
    "write_arrays",
]


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


_MAGIC = b"HybridNERarrays2"
_HEAD = len(_MAGIC) + 8 + 32
_ALIGN = 64
_TYPES = ("uint8", "uint16", "int32", "uint32", "int64", "uint64")
_AGAIN = "Compile the gazetteer again."


def write_arrays(path: Path, arrays: Arrays, meta: Mapping[str, Any]) -> None:
    """Write arrays and a JSON-able ``meta``; an existing file is replaced in one step.

    Raises:
        CompiledFileError: The file cannot be written.
    """
    table, size = {}, 0
    for name, array in arrays.items():
        table[name] = [array.dtype.name, list(array.shape), size]
        size += _padded(array.nbytes)
    digest = hashlib.sha256()
    for array in arrays.values():
        digest.update(_bytes(array))
    header = {"meta": meta, "arrays": table, "size": size, "sha256": digest.hexdigest()}
    text = json.dumps(header, ensure_ascii=True).encode()
    head = _MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    try:
        _replace(path, [head.ljust(_padded(len(head)), b"\0"), *map(_bytes, arrays.values())])
    except OSError as error:
        raise CompiledFileError(f"{path}: cannot be written ({error}). Name another file.") from error


def _replace(path: Path, parts: Iterable[bytes]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    try:
        with temporary.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_arrays(path: Path, *, verify: bool = True) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Memory-map the arrays of a file and return them with its ``meta``.

    Args:
        path: A file that ``write_arrays`` wrote.
        verify: Compare the SHA-256 of the arrays: reads the whole file once.

    Raises:
        CompiledFileError: The file is missing, foreign, truncated or damaged.
    """
    try:
        with path.open("rb") as file:
            start, header = _header(path, file.read(_HEAD), file.read)
        content = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise CompiledFileError(f"{path}: cannot be read ({error}). {_AGAIN}") from error
    body = content[start:]
    if len(body) != header["size"]:
        raise CompiledFileError(
            f"{path}: holds {len(content):,} bytes, its header promises {start + header['size']:,}: "
            f"it was cut off or appended to. {_AGAIN}"
        )
    if verify and hashlib.sha256(body.data).hexdigest() != header["sha256"]:
        raise CompiledFileError(f"{path}: content and checksum differ, the file is damaged. {_AGAIN}")
    return {name: _view(path, body, *place) for name, place in header["arrays"].items()}, header["meta"]


def _header(path: Path, head: bytes, read: Any) -> tuple[int, dict[str, Any]]:
    if head[: len(_MAGIC)] != _MAGIC:
        raise CompiledFileError(f"{path}: not a compiled gazetteer of this version. {_AGAIN}")
    length = int.from_bytes(head[len(_MAGIC) : len(_MAGIC) + 8], "little")
    text: bytes = read(min(length, path.stat().st_size))
    if hashlib.sha256(text).digest() != head[len(_MAGIC) + 8 :]:
        raise CompiledFileError(f"{path}: its header is damaged or cut off. {_AGAIN}")
    header: dict[str, Any] = json.loads(text)
    return _padded(len(head) + length), header


def _view(path: Path, body: NDArray[np.uint8], name: str, shape: list[int], offset: int) -> NDArray[Any]:
    if name not in _TYPES:
        raise CompiledFileError(f"{path}: holds values of type {name!r}. {_AGAIN}")
    kind = np.dtype(name)
    size = kind.itemsize * int(np.prod(shape, dtype=np.int64))
    if offset < 0 or offset + size > len(body):
        raise CompiledFileError(f"{path}: an array lies outside the file. {_AGAIN}")
    return np.asarray(body[offset : offset + size].view(kind).reshape(shape))


def _bytes(array: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array).tobytes().ljust(_padded(array.nbytes), b"\0")


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


_KIND = "gazetteer"
_FOLD = 2
"""Raise when folding, cutting, hashing or the choice of fuzzy terms changes: older files are then refused."""


class CompiledGazetteer:
    """What a compiled file holds.

    Args:
        phrases: The engine's arrays.
        terms: The term rows, built on demand.
        fuzzy: The fuzzy index, if there is one.
        fingerprint: Fingerprint of the gazetteer it was compiled from.
        name: Name of that gazetteer.
        parents: Its hierarchy, as JSON.
    """

    def __init__(
        self,
        phrases: PhraseArrays,
        terms: TermColumns,
        fuzzy: FuzzyArrays | None,
        fingerprint: str,
        name: str,
        parents: str,
    ) -> None:
        self.phrases, self.terms, self.fuzzy = phrases, terms, fuzzy
        self.fingerprint, self.name, self._parents = fingerprint, name, parents

    def gazetteer(self) -> Gazetteer:
        """The whole gazetteer again, every row built."""
        parents = {child: tuple(ids) for child, ids in json.loads(self._parents).items()}
        return Gazetteer(tuple(self.terms), parents, self.name)


def save_gazetteer(
    gazetteer: Gazetteer, phrases: PhraseArrays, path: str | Path, *, fuzzy: FuzzyArrays | None = None
) -> None:
    """Write a compiled gazetteer."""
    parents = json.dumps({child: list(ids) for child, ids in gazetteer.parents.items()})
    arrays = {f"phrases.{field.name}": getattr(phrases, field.name) for field in fields(PhraseArrays)}
    arrays.update({f"terms.{name}": column for name, column in TermColumns.pack(gazetteer.terms).items()})
    if fuzzy is not None:
        arrays.update({f"fuzzy.{field.name}": getattr(fuzzy, field.name) for field in fields(FuzzyArrays)})
    arrays["parents"] = np.frombuffer(parents.encode(), dtype=np.uint8)
    meta = {"kind": _KIND, "fold": _fold_id(), "fingerprint": gazetteer.fingerprint, "name": gazetteer.name}
    write_arrays(Path(path), arrays, meta)


def load_gazetteer(
    path: str | Path, *, fingerprint: str | None = None, verify: bool = True
) -> CompiledGazetteer:
    """Open a compiled gazetteer.

    Args:
        path: A file that ``save_gazetteer`` wrote.
        fingerprint: Fingerprint of the source as it is now, when it should be compared.
        verify: Compare checksums; reads the whole file once.

    Raises:
        CompiledFileError: The file is missing, foreign, truncated, damaged, or compiled from another
            gazetteer or under other rules.
    """
    path = Path(path)
    arrays, meta = read_arrays(path, verify=verify)
    if meta.get("kind") != _KIND or meta.get("fold") != _fold_id():
        found = f"{meta.get('kind')!r} under {meta.get('fold')!r}"
        raise CompiledFileError(
            f"{path}: holds {found}, expected {_KIND!r} under {_fold_id()!r}. Compile the gazetteer again."
        )
    if fingerprint is not None and meta["fingerprint"] != fingerprint:
        raise CompiledFileError(
            f"{path}: compiled from gazetteer {meta['fingerprint'][:12]}, "
            f"the source is now {fingerprint[:12]}. Compile the gazetteer again."
        )
    phrases = PhraseArrays(**{field.name: arrays[f"phrases.{field.name}"] for field in fields(PhraseArrays)})
    fuzzy = None
    if "fuzzy.groups" in arrays:
        fuzzy = FuzzyArrays(**{field.name: arrays[f"fuzzy.{field.name}"] for field in fields(FuzzyArrays)})
    if verify and not (phrases.is_sound() and (fuzzy is None or fuzzy.is_sound(phrases))):
        raise CompiledFileError(f"{path}: its tables contradict each other. Compile the gazetteer again.")
    columns = {name[len("terms.") :]: array for name, array in arrays.items() if name.startswith("terms.")}
    parents = arrays["parents"].tobytes().decode()
    return CompiledGazetteer(phrases, TermColumns(columns), fuzzy, meta["fingerprint"], meta["name"], parents)


def _fold_id() -> str:
    return f"{_FOLD}, Unicode {unicodedata.unidata_version}"
