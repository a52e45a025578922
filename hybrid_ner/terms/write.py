"""Write a gazetteer in the format of this package: whole or not at all, the same bytes for the same rows."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hybrid_ner.errors import InputError, TermError
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.readers.reading import Reading
from hybrid_ner.terms.shipped import COLUMNS
from hybrid_ner.terms.term import Term
from hybrid_ner.text import guarded, named_after

__all__ = [
    "PARENT_COLUMNS",
    "VARIANT_COLUMNS",
    "parents_path",
    "write_gazetteer",
    "write_reading",
    "write_terms",
]

VARIANT_COLUMNS = (*COLUMNS, "parent", "rule")
"""Header where some terms are generated variants."""

PARENT_COLUMNS = ("concept_id", "parents")
_LEVEL = 6


def write_gazetteer(gazetteer: Gazetteer, path: str | Path) -> None:
    """Write ``path`` (gzipped where it ends in ``.gz``) and, if there is a hierarchy, the parents beside it.

    Raises:
        TermError: A text that the format cannot hold.
    """
    path = Path(path)
    variants = any(term.rule for term in gazetteer.terms)
    write_terms(gazetteer.terms, path, variants)
    _write_parents(gazetteer.parents, path)


def write_terms(terms: Iterable[Term], path: str | Path, variants: bool = False) -> int:
    """Write terms as they come, without holding them; returns how many.

    Args:
        terms: The terms, in order.
        path: The file; replaced only when all terms are written.
        variants: Whether to write the columns ``parent`` and ``rule`` too.
    """
    return _write(Path(path), _lines(terms, variants)) - 1


def write_reading(reading: Reading, path: str | Path) -> int:
    """Write the terms of a file as they are read, then the parents; returns how many terms.

    Raises:
        InputError: A bad row, or no term at all; nothing is written then.
    """
    path = Path(path)
    count = write_terms(reading.some(), path, reading.holds_variants)
    _write_parents(reading.parents, path)
    return count


def parents_path(path: Path) -> Path:
    """Where the parents of a gazetteer file stand: ``x.tsv.gz`` → ``x.parents.tsv.gz``."""
    zipped = ".gz" if path.name.endswith(".gz") else ""
    stem = path.name.removesuffix(".gz").removesuffix(".tsv")
    return path.with_name(f"{stem}.parents.tsv{zipped}")


def _lines(terms: Iterable[Term], variants: bool) -> Iterator[str]:
    yield "\t".join(VARIANT_COLUMNS if variants else COLUMNS)
    for term in terms:
        cells = [term.text, term.label, term.concept_id, term.status, term.mode, term.source]
        if variants:
            cells += [term.parent, term.rule]
        line = "\t".join(map(guarded, cells))
        if line.count("\t") != len(cells) - 1 or "\n" in line or "\r" in line:
            raise TermError(
                f"term {term.text!r} holds a tab or a line break.",
                path=term.file or None,
                row=term.row or None,
                hint="Remove it from the term, label, id or source.",
            )
        yield line


def _write_parents(parents: Mapping[str, tuple[str, ...]], path: Path) -> None:
    beside = parents_path(path)
    if parents:
        _write(beside, _parent_lines(parents))
    else:
        beside.unlink(missing_ok=True)


def _parent_lines(parents: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield "\t".join(PARENT_COLUMNS)
    for child in sorted(parents):
        yield f"{guarded(child)}\t{guarded(' '.join(parents[child]))}"


def _write(path: Path, lines: Iterable[str]) -> int:
    if not path.parent.is_dir():
        raise InputError("its folder does not exist.", path=path, hint="Make the folder, or give another.")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with named_after(path), _open(beside, path.name.endswith(".gz")) as stream:
            count = 0
            for line in lines:
                stream.write(line.encode() + b"\n")
                count += 1
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return count


@contextmanager
def _open(path: Path, zipped: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as raw:
        if not zipped:
            yield raw
            return
        # No name and no time in the header, so that equal rows give equal bytes.
        with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as stream:
            yield stream  # type: ignore[misc]
