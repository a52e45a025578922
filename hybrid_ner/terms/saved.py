"""The terms of a saved pipeline: every field of every row, gzipped, equal bytes for equal terms."""

from __future__ import annotations

import gzip
import io
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.term import Term

__all__ = ["pack_terms", "read_terms", "unpack_terms", "write_terms"]

_FIELDS = tuple(field.name for field in fields(Term))
_HEADER = "\t".join(_FIELDS)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_terms(path: Path, gazetteer: Gazetteer) -> None:
    """Write the rows in order, with their number in the header."""
    with path.open("wb") as file:
        _write(file, gazetteer)


def pack_terms(gazetteer: Gazetteer) -> bytes:
    """What ``write_terms`` writes."""
    with io.BytesIO() as file:
        _write(file, gazetteer)
        return file.getvalue()


def _write(file: IO[bytes], gazetteer: Gazetteer) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="\n") as out,
    ):
        out.write(f"{_HEADER}\t{len(gazetteer)}\n")
        for term in gazetteer:
            out.write("\t".join(str(getattr(term, name)).translate(_ESCAPES) for name in _FIELDS) + "\n")


def read_terms(path: Path) -> Gazetteer:
    """The gazetteer that ``write_terms`` wrote.

    Raises:
        CompiledFileError: A foreign or truncated file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CompiledFileError(f"{path}: unreadable terms ({error}). Save the pipeline again.") from error
    return unpack_terms(data, str(path))


def unpack_terms(data: bytes, path: str = "terms") -> Gazetteer:
    """The gazetteer that ``pack_terms`` packed.

    Args:
        data: The packed rows.
        path: What an error calls them.

    Raises:
        CompiledFileError: Foreign or truncated data.
    """
    try:
        with gzip.open(io.BytesIO(data), "rt", encoding="utf-8", newline="\n") as lines:
            header, _, count = next(lines, "").rstrip("\n").rpartition("\t")
            if header != _HEADER:
                raise CompiledFileError(
                    f"{path}: not the terms of a saved pipeline. Save the pipeline again."
                )
            terms = tuple(_term(line.rstrip("\n")) for line in lines)
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise CompiledFileError(f"{path}: unreadable terms ({error}). Save the pipeline again.") from error
    if str(len(terms)) != count:
        raise CompiledFileError(
            f"{path}: {len(terms)} terms, {count} expected: truncated. Save the pipeline again."
        )
    return Gazetteer(terms)


def _term(line: str) -> Term:
    values: list[Any] = line.split("\t")
    if "\\" in line:
        values = [_unescape(value) for value in values]
    row = _FIELDS.index("row")
    values[row] = int(values[row])
    return Term(*values)


def _unescape(value: str) -> str:
    out, rest = [], iter(value)
    for char in rest:
        out.append(
            {"t": "\t", "n": "\n", "r": "\r"}.get(follow := next(rest, ""), follow) if char == "\\" else char
        )
    return "".join(out)
