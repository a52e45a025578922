"""The terms of a project as a review needs them: by folded text, by letters, by concept.

A table is built once from the term lists and kept in a file. Opening the file takes a few hundredths of a
second whatever the number of terms; reading the lists again would take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.matching.array_file import read_arrays, write_arrays
from hybrid_ner.matching.columns import TermColumns
from hybrid_ner.matching.normalize import fold
from hybrid_ner.review.text_lines import Lines
from hybrid_ner.terms import Term

__all__ = ["TermTable", "letters_of"]

_KIND = "term table 1"


def letters_of(text: str) -> str:
    """Letters and digits alone: what ``a-fib`` and ``afib`` share."""
    return "".join(filter(str.isalnum, text))


@dataclass(frozen=True, slots=True)
class TermTable:
    """Terms and what they are looked up by, all in the order of the lists.

    Args:
        terms: The terms.
        keys: Their folded texts.
        letters: Letters and digits of the folded texts.
        concepts: Their concept ids.
        labels: Every label once, in alphabetical order.
        label_numbers: For each term the place of its label in ``labels``.
        ambiguous: For each term 1 when its folded text has several labels.
    """

    terms: Sequence[Term]
    keys: Lines
    letters: Lines
    concepts: Lines
    labels: tuple[str, ...]
    label_numbers: NDArray[np.int32]
    ambiguous: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.terms)

    @classmethod
    def of(cls, terms: Sequence[Term]) -> TermTable:
        """Build the table."""
        keys = [fold(term.text) for term in terms]
        labels = tuple(sorted({term.label for term in terms}))
        order = {label: place for place, label in enumerate(labels)}
        numbers = np.array([order[term.label] for term in terms], dtype=np.int32)
        return cls(
            terms,
            Lines.of(keys),
            Lines.of(map(letters_of, keys)),
            Lines.of(term.concept_id for term in terms),
            labels,
            numbers,
            _ambiguous(keys, numbers.tolist()),
        )

    def save(self, path: Path, source: str) -> None:
        """Write the table.

        Args:
            path: The file; an existing one is replaced in one step.
            source: What the terms were read from; ``load`` compares it.
        """
        lines = {"keys": self.keys, "letters": self.letters, "concepts": self.concepts}
        arrays: dict[str, NDArray[Any]] = {"label_numbers": self.label_numbers, "ambiguous": self.ambiguous}
        arrays |= {name: np.frombuffer(each.block, dtype=np.uint8) for name, each in lines.items()}
        arrays |= {f"terms.{name}": column for name, column in TermColumns.pack(self.terms).items()}
        write_arrays(path, arrays, {"kind": _KIND, "source": source, "labels": self.labels})

    @classmethod
    def load(cls, path: Path, source: str) -> TermTable:
        """Open a table; its terms are built one by one when they are asked for.

        Raises:
            CompiledFileError: There is none, it is damaged, or it was made from something else.
        """
        arrays, meta = read_arrays(path)
        if (meta.get("kind"), meta.get("source")) != (_KIND, source):
            raise CompiledFileError(f"{path}: made from other term lists. It is built again from these.")
        columns = {name[len("terms.") :]: part for name, part in arrays.items() if name.startswith("terms.")}
        keys, letters, concepts = (Lines(arrays[name].tobytes()) for name in ("keys", "letters", "concepts"))
        labels = tuple(meta["labels"])
        return cls(
            TermColumns(columns),
            keys,
            letters,
            concepts,
            labels,
            arrays["label_numbers"],
            arrays["ambiguous"],
        )


def _ambiguous(keys: Sequence[str], labels: Iterable[int]) -> NDArray[np.uint8]:
    first: dict[str, int] = {}
    several = {key for key, label in zip(keys, labels, strict=True) if first.setdefault(key, label) != label}
    return np.array([key in several for key in keys], dtype=np.uint8)
