"""The term table of a project, kept beside it and built again when what it was made from has changed."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import hybrid_ner
from hybrid_ner.errors import CompiledFileError
from hybrid_ner.resources import shipped
from hybrid_ner.review.model_setup import ModelSetup
from hybrid_ner.review.term_table import TermTable
from hybrid_ner.terms.memory import paused_gc

__all__ = ["source_of", "table_path", "term_table"]

_CODE = (
    "terms/**/*.py",
    "matching/**/*.py",
    "training/lists.py",
    "review/term_table.py",
    "review/text_lines.py",
)
"""Files whose change may change a table."""


def table_path(setup: ModelSetup) -> Path:
    """Where the table of a project is kept."""
    return setup.folder / "terms.index"


def term_table(setup: ModelSetup, building: Callable[[], None] = lambda: None) -> TermTable:
    """The terms of a project without review edits.

    The table is opened from its file when that was made from the same lists by the same code. A damaged or
    old file is replaced; where nothing can be written the table is kept in memory.

    Args:
        setup: The project.
        building: Called before a table is built, which takes a few seconds for a long list.

    Raises:
        InputError: A term list cannot be used.
    """
    path, source = table_path(setup), source_of(setup)
    with suppress(CompiledFileError):
        return TermTable.load(path, source)
    building()
    table = _built(setup)
    with suppress(OSError, CompiledFileError):
        table.save(path, source)
        # From the file the terms take a tenth of the memory.
        return TermTable.load(path, source)
    return table


@paused_gc()
def _built(setup: ModelSetup) -> TermTable:
    return TermTable.of(setup.gazetteer().terms)


def source_of(setup: ModelSetup) -> str:
    """SHA-256 of everything that a table is made from: settings, lists, and the code that reads them."""
    digest = hashlib.sha256(json.dumps([setup.domain, setup.shipped, setup.label, _code()]).encode())
    for path in _lists(setup):
        with path.open("rb") as file:
            digest.update(f"\0{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
    return digest.hexdigest()


def _lists(setup: ModelSetup) -> Iterator[Path]:
    yield from setup.term_files
    if setup.shipped and setup.domain != "generic":
        yield from sorted(path for path in shipped("gazetteers", setup.domain).iterdir() if path.is_file())


@lru_cache(maxsize=1)
def _code() -> str:
    package = Path(hybrid_ner.__file__).parent
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    for path in sorted(path for pattern in _CODE for path in package.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
