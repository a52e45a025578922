"""Compiled gazetteers: the phrase hash and the term rows in one memory-mapped file."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import fields
from pathlib import Path

import numpy as np

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.matching.array_file import read_arrays, write_arrays
from hybrid_ner.matching.columns import TermColumns
from hybrid_ner.matching.fuzzy_index import FuzzyArrays
from hybrid_ner.matching.phrase_hash import PhraseArrays
from hybrid_ner.terms import Gazetteer

__all__ = ["CompiledGazetteer", "load_gazetteer", "save_gazetteer"]

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
