"""Compiled gazetteers: the phrase hash and the term rows as plain arrays in one memory-mapped file."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from errno import ENOMEM
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.matching.fuzzy_index import FuzzyArrays
from hybrid_ner.matching.phrase_hash import PhraseArrays
from hybrid_ner.terms import INDEXED_BY, Gazetteer, SurfaceIndex, Term
from hybrid_ner.text import atomic_path

_CODES = ("label", "concept_id", "status", "source", "mode", "file", "parent", "rule")
"""Columns in which values come again."""
_FEW = 1_000
"""Values of a column that are all decoded when it is opened."""

Arrays = Mapping[str, NDArray[Any]]


def pack_strings(strings: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """UTF-8 of all strings, one after the other, and where each starts, with the end of the last."""
    parts = [string.encode("utf-8", "surrogatepass") for string in strings]
    blob = b"".join(parts)
    starts = np.zeros(len(parts) + 1, dtype=np.uint32 if len(blob) < 1 << 32 else np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    return np.frombuffer(blob, dtype=np.uint8), starts


class _Strings(Sequence[str]):
    """Packed strings, read one by one, or all at once where they are few."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[Any]) -> None:
        # A part of a view takes a fifth of the time of one of an array.
        self._blob, self._starts = blob.data, starts.data
        self._all = [self._read(number) for number in range(len(self))] if len(self) <= _FEW else None

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: Any) -> Any:
        return self._read(number) if self._all is None else self._all[number]

    def _read(self, number: int) -> str:
        part = self._blob[self._starts[number] : self._starts[number + 1]]
        return str(part, "utf-8", "surrogatepass")


class TermColumns(Sequence[Term]):
    """Terms that are built when they are asked for, from columns as ``pack`` made them."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        columns = ("text", *_CODES)
        self._values = {n: _Strings(arrays[f"{n}.values"], arrays[f"{n}.starts"]) for n in columns}
        self._columns = [(n, arrays[n].data, self._values[n]) for n in _CODES]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._arrays,)

    def __len__(self) -> int:
        return len(self._arrays["row"])

    @overload
    def __getitem__(self, number: int) -> Term: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, number: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(number, slice):
            return tuple(self[i] for i in range(*number.indices(len(self))))
        number = range(len(self))[number]
        fields: dict[str, Any] = {name: values[codes[number]] for name, codes, values in self._columns}
        return Term(self._values["text"][number], row=int(self._arrays["row"][number]), **fields)

    def __iter__(self) -> Iterator[Term]:
        return (self[i] for i in range(len(self)))

    def text(self, number: int) -> str:
        """The text of one, without the rest."""
        return str(self._values["text"][number])

    def holding(self, marks: str) -> list[int]:
        """Numbers of those whose text holds one of some ASCII characters."""
        places = np.flatnonzero(np.isin(self._arrays["text.values"], [*marks.encode()]))
        rows = np.searchsorted(self._arrays["text.starts"], places, side="right") - 1
        return sorted(set(rows.tolist()))

    def used(self, name: str, rows: int) -> set[str]:
        """Values of a column in the first rows."""
        codes = np.flatnonzero(np.bincount(self._arrays[name][:rows]))  # np.unique imports half of numpy
        return {self._values[name][code] for code in codes.tolist()}

    def values(self, name: str) -> Sequence[str]:
        """What stands in a column, each once."""
        return self._values[name]

    def beside(self, name: str, value: str, other: str) -> Iterator[str]:
        """What another column has in the rows with a value, each once."""
        code = next(n for n, each in enumerate(self._values[name]) if each == value)
        rows = self._arrays[other][self._arrays[name] == code]
        return (self._values[other][code] for code in dict.fromkeys(rows.tolist()))

    def codes(self, name: str, order: Sequence[str]) -> NDArray[np.uint8]:
        """A column as positions in ``order``."""
        places = np.array([order.index(value) for value in self._values[name]], dtype=np.uint8)
        return places[self._arrays[name]]

    @staticmethod
    def pack(terms: Sequence[Term]) -> dict[str, NDArray[Any]]:
        """The columns of terms, as plain arrays."""
        if isinstance(terms, TermColumns):
            return dict(terms._arrays)
        arrays: dict[str, NDArray[Any]] = {"row": np.array([term.row for term in terms], dtype=np.int32)}
        arrays["text.values"], arrays["text.starts"] = pack_strings(term.text for term in terms)
        for name in _CODES:
            codes: dict[str, int] = {}
            numbers = [codes.setdefault(getattr(term, name), len(codes)) for term in terms]
            kind = np.uint8 if len(codes) < 1 << 8 else np.uint16 if len(codes) < 1 << 16 else np.int32
            arrays[name] = np.array(numbers, dtype=kind)
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
        OSError: The file cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.writelines(arrays_as_bytes(arrays, meta))


def arrays_as_bytes(arrays: Arrays, meta: Mapping[str, Any]) -> list[bytes]:
    """What ``write_arrays`` writes, in parts."""
    table, size = {}, 0
    for name, array in arrays.items():
        table[name] = [array.dtype.name, list(array.shape), size]
        size += _padded(array.nbytes)
    parts = [np.ascontiguousarray(a).tobytes().ljust(_padded(a.nbytes), b"\0") for a in arrays.values()]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    header = {"meta": meta, "arrays": table, "size": size, "sha256": digest.hexdigest()}
    text = json.dumps(header, ensure_ascii=True).encode()
    head = _MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    return [head.ljust(_padded(len(head)), b"\0"), *parts]


def read_arrays(
    given: Path | bytes, *, verify: bool = True
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Memory-map the arrays of a file and return them with its ``meta``.

    Args:
        given: A file that ``write_arrays`` wrote, or what ``arrays_as_bytes`` gave.
        verify: Compare the SHA-256 of the arrays: reads the whole file once.

    Raises:
        CompiledFileError: The file is missing, foreign, truncated or damaged.
    """
    path, body, header = _content(given)
    if len(body) != header["size"]:
        raise CompiledFileError(
            f"{path}: holds {len(body):,} bytes of arrays, its header promises {header['size']:,}: "
            f"it was cut off or appended to. {_AGAIN}"
        )
    if verify and hashlib.sha256(body.data).hexdigest() != header["sha256"]:
        raise CompiledFileError(f"{path}: content and checksum differ, the file is damaged. {_AGAIN}")
    arrays = {name: _view(path, body, *place) for name, place in header["arrays"].items()}
    return arrays, {**header["meta"], "sha256": header["sha256"]}


def checksum(given: Path | bytes) -> str:
    """What tells files of one content, by their header alone.

    Raises:
        CompiledFileError: The file is missing or foreign.
    """
    return str(_content(given)[2]["sha256"])


def _content(given: Path | bytes) -> tuple[str, NDArray[np.uint8], dict[str, Any]]:
    path = "these bytes" if isinstance(given, bytes) else str(given)
    try:
        if isinstance(given, bytes):
            content = np.frombuffer(given, dtype=np.uint8)
        else:
            content = np.memmap(given, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == ENOMEM:
            raise  # no fault of the file
        raise CompiledFileError(f"{path}: cannot be read ({error}). {_AGAIN}") from error
    start, header = _header(path, content)
    return path, content[start:], header


def _header(path: str, content: NDArray[np.uint8]) -> tuple[int, dict[str, Any]]:
    head = content[:_HEAD].tobytes()
    if head[: len(_MAGIC)] != _MAGIC:
        raise _of_another_version(f"{path}: not a compiled gazetteer of this version.")
    end = _HEAD + int.from_bytes(head[len(_MAGIC) : len(_MAGIC) + 8], "little")
    text = content[_HEAD : min(end, len(content))].tobytes()
    if hashlib.sha256(text).digest() != head[len(_MAGIC) + 8 :]:
        raise CompiledFileError(f"{path}: its header is damaged or cut off. {_AGAIN}")
    header: dict[str, Any] = json.loads(text)
    return _padded(end), header


def _of_another_version(said: str) -> CompiledFileError:
    error = CompiledFileError(f"{said} {_AGAIN}")
    error.of_another_version = True
    return error


def _view(path: str, body: NDArray[np.uint8], name: str, shape: list[int], offset: int) -> NDArray[Any]:
    if name not in _TYPES:
        raise CompiledFileError(f"{path}: holds values of type {name!r}. {_AGAIN}")
    kind = np.dtype(name)
    size = kind.itemsize * int(np.prod(shape, dtype=np.int64))
    if offset < 0 or offset + size > len(body):
        raise CompiledFileError(f"{path}: an array lies outside the file. {_AGAIN}")
    return np.asarray(body[offset : offset + size].view(kind).reshape(shape))


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


_KIND = "gazetteer"
_UNICODE = ", Unicode "
_FOLD = 4
"""Raise when folding, cutting, hashing or the choice of fuzzy terms changes: older files are then refused."""


class CompiledGazetteer(Gazetteer):
    """A gazetteer in a compiled file: its rows are built when they are asked for.

    Args:
        arrays: What is in the file.
        meta: What its header says.
    """

    rows: TermColumns
    """The terms, and behind them those forms of theirs that are matched too."""
    phrases: PhraseArrays
    fuzzy: FuzzyArrays | None
    own: int
    """How many of the rows are the terms themselves."""
    has_variants: bool
    sha256: str

    def __init__(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        rows = TermColumns(_part(arrays, "terms"))
        said = {"name": meta["name"], "own": meta["own"], "has_variants": meta["variants"]}
        self.__dict__.update(said, rows=rows, text=rows.text, sha256=meta["sha256"], fuzzy=None)
        self.__dict__.update(phrases=PhraseArrays(**_part(arrays, "phrases")))
        if fuzzy := _part(arrays, "fuzzy"):
            self.__dict__.update(fuzzy=FuzzyArrays(**fuzzy))
        if INDEXED_BY in arrays:
            self.__dict__.update(surfaces=SurfaceIndex(arrays["surfaces"], arrays[INDEXED_BY], self))
        if meta["fingerprint"]:
            self.__dict__.update(fingerprint=meta["fingerprint"])
        self.__dict__.update(_parents=arrays["parents"])

    @cached_property
    def terms(self) -> tuple[Term, ...]:  # type: ignore[override]
        """Every row, built."""
        return self.rows[: self.own]

    @cached_property
    def parents(self) -> dict[str, tuple[str, ...]]:  # type: ignore[override]
        """Concept id → ids of its parents."""
        parents = json.loads(self.__dict__["_parents"].tobytes().decode("ascii"))
        return {child: tuple(ids) for child, ids in parents.items()}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels in alphabetical order."""
        return tuple(sorted(self.rows.used("label", self.own)))

    def __len__(self) -> int:
        return self.own

    def __getitem__(self, row: int) -> Term:
        return self.rows[row]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Gazetteer):
            return NotImplemented
        return (self.terms, self.parents, self.name) == (other.terms, other.parents, other.name)

    __hash__ = None  # type: ignore[assignment]

    def serves(self, *, variants: bool) -> bool:
        """Whether it holds the other forms of its terms that are wanted, and no more."""
        return self.has_variants if variants else len(self.rows) == self.own

    def is_sound(self) -> bool:
        """Whether the tables agree with each other."""
        fuzzy = self.fuzzy is None or self.fuzzy.is_sound(self.phrases)
        return self.phrases.is_sound() and len(self.rows) == len(self.phrases.group_of) >= self.own and fuzzy


def _part(arrays: Arrays, name: str) -> dict[str, NDArray[Any]]:
    start = len(name) + 1
    return {key[start:]: array for key, array in arrays.items() if key.startswith(f"{name}.")}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is written into a compiled file.

    Args:
        variants: The terms with other forms of theirs behind them, where those are matched too.
    """

    gazetteer: Gazetteer
    phrases: PhraseArrays
    fuzzy: FuzzyArrays | None = None
    variants: Gazetteer | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        rows = self.gazetteer if self.variants is None else self.variants
        terms = rows.rows if isinstance(rows, CompiledGazetteer) else rows.terms
        arrays = {f"phrases.{f.name}": getattr(self.phrases, f.name) for f in fields(PhraseArrays)}
        arrays |= {f"terms.{name}": column for name, column in TermColumns.pack(terms).items()}
        if self.fuzzy is not None:
            arrays |= {f"fuzzy.{f.name}": getattr(self.fuzzy, f.name) for f in fields(FuzzyArrays)}
        if index := vars(self.gazetteer).get("surfaces"):
            arrays |= {"surfaces": index.slots, INDEXED_BY: index.stems}
        return arrays

    def _content(self, whole: bool) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Arrays and what is said of them; ``whole`` with the hierarchy, which matching needs none of."""
        parents = {child: list(ids) for child, ids in self.gazetteer.parents.items()} if whole else {}
        written = np.frombuffer(json.dumps(parents).encode(), dtype=np.uint8)
        known = whole or "fingerprint" in vars(self.gazetteer)
        return {**self.arrays(), "parents": written}, {
            "kind": _KIND,
            "fold": fold_id(),
            "fingerprint": self.gazetteer.fingerprint if known else "",
            "name": self.gazetteer.name,
            "own": len(self.gazetteer),
            "variants": self.variants is not None,
        }

    def save(self, path: Path, *, whole: bool = True) -> None:
        """Write the file.

        Args:
            path: An existing one is replaced in one step.
            whole: With the hierarchy and the fingerprint, which matching needs none of.
        """
        write_arrays(path, *self._content(whole))

    def to_bytes(self) -> bytes:
        """What matching needs, as one string of bytes."""
        return b"".join(arrays_as_bytes(*self._content(whole=False)))


def load_gazetteer(
    given: str | Path | bytes, *, fingerprint: str | None = None, verify: bool = True
) -> Gazetteer:
    """Open a compiled gazetteer; one of a Python with another version of Unicode is indexed anew.

    Args:
        given: A file that ``Compiled.save`` wrote, or what ``Compiled.to_bytes`` gave.
        fingerprint: Fingerprint of the source as it is now, when it should be compared.
        verify: Compare checksums; reads the whole file once.

    Raises:
        CompiledFileError: The file is missing, foreign, truncated, damaged, or compiled from another
            gazetteer or under other rules.
    """
    path = "these bytes" if isinstance(given, bytes) else given
    arrays, meta = read_arrays(given if isinstance(given, bytes) else Path(given), verify=verify)
    rules, _, other_unicode = str(meta.get("fold")).partition(_UNICODE)
    if meta.get("kind") != _KIND or rules != str(_FOLD):
        found = f"{meta.get('kind')!r} under {meta.get('fold')!r}"
        raise _of_another_version(f"{path}: holds {found}, expected {_KIND!r} under {fold_id()!r}.")
    if fingerprint is not None and meta["fingerprint"] != fingerprint:
        raise CompiledFileError(
            f"{path}: compiled from gazetteer {meta['fingerprint'][:12]}, "
            f"the source is now {fingerprint[:12]}. {_AGAIN}"
        )
    opened = CompiledGazetteer(arrays, meta)
    if other_unicode != unicodedata.unidata_version:
        plain = Gazetteer(opened.terms, opened.parents, opened.name)
        plain.__dict__.update(sha256=opened.sha256)
        return plain
    if verify and not opened.is_sound():
        raise CompiledFileError(f"{path}: its tables contradict each other. {_AGAIN}")
    return opened


def fold_id() -> str:
    """Under what rules terms are compiled."""
    return f"{_FOLD}{_UNICODE}{unicodedata.unidata_version}"
