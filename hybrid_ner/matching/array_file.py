"""Plain arrays in one file: written whole or not at all, checked on load, memory-mapped.

Layout: magic, length and SHA-256 of the header, header (JSON), arrays at multiples of 64 bytes. The header
names each array's type, shape and place, and the SHA-256 of everything behind it. Nothing in the file is
executed. A file is never changed in place, so that processes which have it mapped keep what they mapped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import CompiledFileError

__all__ = ["read_arrays", "write_arrays"]

_MAGIC = b"HybridNERarrays2"
_HEAD = len(_MAGIC) + 8 + 32
_ALIGN = 64
_TYPES = ("uint8", "uint16", "int32", "uint32", "int64", "uint64")
_AGAIN = "Compile the gazetteer again."

Arrays = Mapping[str, NDArray[Any]]


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
