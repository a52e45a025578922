"""The terms of a project as a review needs them: by folded text, by letters, by concept; cached beside it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

import hybrid_ner
from hybrid_ner.errors import CompiledFileError, InputError
from hybrid_ner.matching.compiled import TermColumns, fold_id, read_arrays, write_arrays
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text import fold
from hybrid_ner.text.patterns import paused_gc

_END = b"\n"


class Lines:
    """Numbered texts without line breaks.

    Looking through ten million bytes takes a few milliseconds, so that no table has to be built.

    Args:
        block: As ``Lines.of`` made it: every text between two line ends.
    """

    def __init__(self, block: bytes) -> None:
        self.block = block
        self._ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == _END[0])

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lines:
        """From texts; a line break in one of them counts as a space."""
        return cls(b"".join((_END, *(_encoded(text) + _END for text in texts))))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        line = self.block[self._ends[number] + 1 : self._ends[number + 1]]
        return line.decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return iter(self.block.decode("utf-8", "surrogatepass").split("\n")[1:-1])

    def equal(self, text: str) -> Iterator[int]:
        """Numbers of the texts that are this one."""
        return self._holding(_END + _encoded(text) + _END)

    def beginning(self, text: str) -> Iterator[int]:
        """Numbers of the texts that begin so."""
        return self._holding(_END + _encoded(text))

    def holding(self, text: str) -> Iterator[int]:
        """Numbers of the texts that hold this, each once."""
        return self._holding(_encoded(text))

    def _holding(self, wanted: bytes) -> Iterator[int]:
        at = self.block.find(wanted)
        # A line end belongs to the line behind it.
        while at >= 0 and (number := int(np.searchsorted(self._ends, at, side="right")) - 1) < len(self):
            yield number
            at = self.block.find(wanted, int(self._ends[number + 1]))


def _encoded(text: str) -> bytes:
    return text.replace("\n", " ").encode("utf-8", "surrogatepass")


_KIND = "term table 1"


def letters_of(text: str) -> str:
    """Letters and digits alone: what ``a-fib`` and ``afib`` share."""
    return "".join(filter(str.isalnum, text))


@dataclass(frozen=True, slots=True)
class TermTable:
    """Terms and what they are looked up by, all in the order of the lists.

    Args:
        letters: Letters and digits of the folded texts.
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
        keys = [fold(term.text) for term in terms]
        labels = tuple(sorted({term.label for term in terms}))
        order = {label: place for place, label in enumerate(labels)}
        numbers = [order[term.label] for term in terms]
        first: dict[str, int] = {}
        pairs = zip(keys, numbers, strict=True)
        several = {key for key, label in pairs if first.setdefault(key, label) != label}
        return cls(
            terms,
            Lines.of(keys),
            Lines.of(map(letters_of, keys)),
            Lines.of(term.concept_id for term in terms),
            labels,
            np.array(numbers, dtype=np.int32),
            np.array([key in several for key in keys], dtype=np.uint8),
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


_TAIL = 8
"""Bytes of a last word that are kept: as many as fit into one number."""
_TRIES = (*((size, 3) for size in range(_TAIL, 1, -1)), *((size, 1) for size in range(_TAIL, 2, -1)))
"""Bytes that a word must share with terms, and how many terms must: two of a kind may be chance."""


@dataclass(frozen=True, slots=True)
class Endings:
    """How the last words of terms end, by which a word on no list is labeled: *-itis*, *-mycin*, *v. State*.

    Of medical mentions on no list (BC5CDR train, 1,068 of two labels) 92 % get the right label.

    Args:
        codes: The last bytes of every last word as one number, the last byte first, in order.
        counts: Terms of each label before each of them.
        labels: What the columns are.
    """

    codes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, table: TermTable) -> Endings:
        """Count the terms of a table: 60 ms for 400,000."""
        block = np.frombuffer(table.keys.block, dtype=np.uint8)
        codes, places = np.unique(_codes(block, np.flatnonzero(block == ord("\n"))[1:]), return_inverse=True)
        counts = np.zeros((len(codes) + 1, len(table.labels)), dtype=np.int64)
        np.add.at(counts, (places + 1, table.label_numbers), 1)
        return cls(codes, counts.cumsum(axis=0), table.labels)

    def cover(self, used: Collection[str]) -> bool:
        """Whether at least half of the labels that are used have terms.

        With 5 of 17 (InLegalNER train, 5,345 mentions on no list) 8 % of the guesses were right.
        """
        return 2 * len(set(used) & set(self.labels)) >= len(set(used))

    def labels_of(self, words: Sequence[str]) -> list[str]:
        """The label that most terms have which share the longest ending; empty where none does."""
        block = np.frombuffer(
            "".join(f"\n{fold(word)}\n" for word in words).encode("utf-8", "replace"), dtype=np.uint8
        )
        wanted = _codes(block, np.flatnonzero(block == ord("\n"))[1::2])
        found = np.full(len(words), -1)
        for size, least in _TRIES if self.labels else ():
            rest = np.uint64(2 ** (8 * (_TAIL - size)) - 1)
            first = np.searchsorted(self.codes, wanted & ~rest)
            counts = (
                self.counts[np.searchsorted(self.codes, wanted | rest, side="right")] - self.counts[first]
            )
            new = (found < 0) & (counts.sum(axis=1) >= least)
            found[new] = counts.argmax(axis=1)[new]
        return ["" if place < 0 else self.labels[place] for place in found]


def _codes(block: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The last bytes of the words before these ends; a shorter word is filled up with spaces."""
    codes = np.zeros(len(ends), dtype=np.uint64)
    inside = np.ones(len(ends), dtype=bool)
    for back in range(1, _TAIL + 1):
        byte = block[np.maximum(ends - back, 0)]
        inside &= (byte != ord(" ")) & (byte != ord("\n"))
        codes |= np.where(inside, byte, ord(" ")).astype(np.uint64) << np.uint64(8 * (_TAIL - back))
    return codes


_CURIE = re.compile(r"[A-Za-z][\w.]*:[\w.\-]+$")


class TermIndex:
    """Terms by folded text and by concept; the table is made at the first question.

    Args:
        gazetteer: ``None`` knows no term.
        fuzzy: How the project takes near matches.
    """

    def __init__(self, gazetteer: Gazetteer | None = None, fuzzy: Fuzzy | None = None) -> None:
        self._gazetteer = gazetteer or Gazetteer()
        self.fuzzy = fuzzy or Fuzzy()

    @cached_property
    def table(self) -> TermTable:
        """The terms, by everything they are looked up by."""
        return TermTable.of(self._gazetteer.terms)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"TermIndex({self._gazetteer!r})"

    def terms(self, text: str, label: str = "") -> list[Term]:
        """Terms that fold like ``text``, those of ``label`` first."""
        return sorted(self._of(self.table.keys.equal(fold(text))), key=lambda term: term.label != label)

    def labels_like(self, words: Sequence[str], used: Collection[str]) -> list[str]:
        """For each word the label of the listed terms that end like it; empty where none does.

        Where most labels that are used have no term, as in law, words on no list are mostly of those, and
        nothing is guessed.
        """
        return self._endings.labels_of(words) if self._endings.cover(used) else [""] * len(words)

    @cached_property
    def _endings(self) -> Endings:
        return Endings.of(self.table)

    def of_concept(self, concept_id: str) -> list[Term]:
        return self._of(self.table.concepts.equal(concept_id)) if concept_id else []

    def preferred(self, concept_id: str) -> Term | None:
        """The term that names a concept best."""
        named = self.of_concept(concept_id)
        best = [term for term in named if term.status == "preferred"]
        return best[-1] if best else named[0] if named else None

    def same_letters(self, text: str) -> list[Term]:
        """Terms with the same letters and digits: ``a-fib`` and ``afib``."""
        table = self.table
        number = next(table.letters.equal(letters_of(fold(text))), None)
        return self._of(table.keys.equal(table.keys[number])) if number is not None else []

    def closest(self, text: str, limit: int = 3) -> list[tuple[str, float]]:
        """The most similar terms, folded, with their similarity between 0 and 1."""
        key = fold(text)
        slack = 4 + len(key) // 3
        near = dict.fromkeys(
            k for k in self.table.keys if k[:1] == key[:1] and abs(len(k) - len(key)) <= slack
        )
        found = process.extract(key, list(near), scorer=fuzz.ratio, limit=limit)
        return [(name, score / 100.0) for name, score, _ in found]

    def find(self, said: str, label: str = "") -> Term:
        """The concept that is meant: a concept id, or a term.

        Raises:
            InputError: No such term; the message names close ones.
        """
        if _CURIE.match(said):
            return self.preferred(said) or Term(said, label or "CONCEPT", said)
        for term in self.terms(said, label):
            if term.concept_id:
                return term
        close = ", ".join(f"“{name}”" for name, score in self.closest(said) if score >= 0.6)
        hint = f"Close terms: {close}." if close else "Type a concept id such as MESH:D001281."
        raise InputError(f"no concept named “{said}” on the term lists.", hint=f"{hint} Nothing changed.")

    def _of(self, numbers: Iterable[int]) -> list[Term]:
        terms = self.table.terms
        return [terms[number] for number in numbers]


def table_path(setup: ModelSetup) -> Path:
    """Where the table of a project is kept."""
    return setup.folder / "terms.index"


def term_table(setup: ModelSetup, building: Callable[[], None] = lambda: None) -> TermTable:
    """The terms of a project without review edits.

    The table is opened from its file when that was made from the same lists by the same version. A damaged or
    old file is replaced; where nothing can be written the table is kept in memory.

    Args:
        building: Called before a table is built, which takes a few seconds for a long list.

    Raises:
        InputError: A term list cannot be used.
    """
    path, source = table_path(setup), source_of(setup)
    with suppress(CompiledFileError):
        return TermTable.load(path, source)
    building()
    with paused_gc():
        table = TermTable.of(setup.gazetteer().terms)
    with suppress(OSError, CompiledFileError):
        table.save(path, source)
        # From the file the terms take a tenth of the memory.
        return TermTable.load(path, source)
    return table


def source_of(setup: ModelSetup) -> str:
    """SHA-256 of everything that a table is made from: settings, lists, and the version that reads them."""
    own = [dict(each) for each in (setup.lists, setup.called) if each]
    digest = hashlib.sha256(json.dumps([setup.domain, setup.shipped, setup.label, _code(), *own]).encode())
    lists, folder = list(setup.term_files), DOMAINS.get(setup.domain).terms
    if setup.shipped and folder is not None:
        lists += sorted(path for path in folder.iterdir() if path.is_file())
    for path in lists:
        with path.open("rb") as file:
            digest.update(f"\0{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
    return digest.hexdigest()


def _code() -> str:
    """What changes when terms are read or folded in another way."""
    return f"{hybrid_ner.__version__}, fold {fold_id()}"
