"""The terms of a pipeline that was saved before they were compiled: every field of every row, gzipped."""

from __future__ import annotations

import gzip
import io
from dataclasses import fields
from typing import Any

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.io import paused_gc
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.term import Term

__all__ = ["unpack_terms"]

_FIELDS = tuple(field.name for field in fields(Term))
_HEADER = "\t".join(_FIELDS)


@paused_gc()
def unpack_terms(data: bytes, path: str = "terms") -> Gazetteer:
    """The gazetteer of such rows.

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
