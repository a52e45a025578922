"""Word vectors in small: a vocabulary, a byte a number, classes of words, and a guess for new words."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text import brief, fold

Floats = NDArray[np.float32]

_TOKEN = re.compile(r"[^\W_]*[^\W\d_][^\W_]*|\d+|[^\w\s]")
_DIGITS = 5
"""Numbers are told apart by their length up to this: a year is no dose."""
_GRAMS = (3, 4, 5, 6)
_BUCKETS = 8192
_RIDGE = 0.02
_EVIDENCE = 20.0
"""Documents of one's own at which half of what they say of a word is believed."""
_PARTS = re.compile(r"[-'/.\u2010-\u2015]+")


def word_forms(text: str) -> list[str]:
    """The words of a text in order, each in the form that a vocabulary holds."""
    return [word_form(token) for token in _TOKEN.findall(text)]


@lru_cache(maxsize=65536)
def word_form(token: str) -> str:
    """A token as a vocabulary holds it: folded; a number by the count of its digits ("2012" is "0000")."""
    return "0" * min(len(token), _DIGITS) if token.isdecimal() else fold(token)


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """Vectors and classes of the words of some text.

    Args:
        name: What text they are of: ``medical``, ``legal``, or any other.
        words: Vocabulary in the form of ``word_form``, most frequent first.
        codes: One row a word, one signed byte a number.
        scale: What a code of each column is worth.
        documents: Number of texts that hold each word.
        texts: Number of texts.
        classes: Number of classes → class of every word.
        grams: Codes and scale of hashed character n-grams, whose mean stands for a word that is not in the
            vocabulary; without them such a word has no vector.
        about: Where the text is from and how the vectors were made.
    """

    name: str
    words: tuple[str, ...]
    codes: NDArray[np.int8]
    scale: Floats
    documents: NDArray[np.uint32]
    texts: int
    classes: Mapping[int, NDArray[np.uint16]] = field(default_factory=dict)
    grams: tuple[NDArray[np.int8], Floats] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    _row: dict[str, int] = field(init=False, repr=False)
    _centers: dict[int, Floats] = field(init=False, repr=False)

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "_row", {word: row for row, word in enumerate(self.words)})
        object.__setattr__(self, "_centers", {})

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return self.row(word) is not None

    @property
    def dimensions(self) -> int:
        return int(self.codes.shape[1])

    @property
    def fingerprint(self) -> str:
        """SHA-256 over words, vectors and classes."""
        digest = hashlib.sha256("\n".join(self.words).encode("utf-8"))
        arrays = (self.codes, self.scale, self.documents, *(self.classes[n] for n in sorted(self.classes)))
        for array in (*arrays, *(self.grams or ())):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def row(self, word: str) -> int | None:
        """Row of a word, of its singular or plural, or of its last part behind a hyphen."""
        form = word_form(word)
        return next((self._row[f] for f in spellings(form) if f in self._row), None)

    def documents_of(self, word: str) -> int:
        """Number of texts that hold the word as it is."""
        row = self._row.get(word_form(word))
        return 0 if row is None else int(self.documents[row])

    def vectors(self, words: Iterable[str], guess: bool = True) -> Floats:
        """One row a word: of unit length, or shorter where little text tells of the word, or zeros.

        Args:
            guess: Whether a word outside the vocabulary gets a vector by its letters, else zeros.
        """
        forms = [word_form(word) for word in words]
        rows = [self.row(form) for form in forms]
        known = [number for number, row in enumerate(rows) if row is not None]
        found = np.zeros((len(forms), self.dimensions), dtype=np.float32)
        found[known] = self.codes[[rows[number] for number in known]] * self.scale  # type: ignore[index]
        for number, row in enumerate(rows):
            if row is None and guess and self.grams is not None:
                found[number] = self._guess(forms[number])
        return found

    def classes_of(self, words: Sequence[str]) -> dict[int, NDArray[np.int32]]:
        """Class of every word at each granularity; -1 for a word of which nothing is known."""
        rows = np.array([-1 if (row := self.row(word)) is None else row for word in words], dtype=np.int64)
        new = np.flatnonzero(rows < 0)
        guessed = self.vectors(words[number] for number in new.tolist())
        found: dict[int, NDArray[np.int32]] = {}
        for count, numbers in self.classes.items():
            column = numbers.astype(np.int32)[rows]
            if len(new):
                nearest = (guessed @ self._class_centers(count).T).argmax(axis=1)
                column[new] = np.where(guessed.any(axis=1), nearest, -1)
            found[count] = column
        return found

    def neighbours(self, word: str, count: int = 10) -> list[tuple[str, float]]:
        """The words whose vectors are nearest, with the cosine; none for a word of which nothing is known."""
        vector = self.vectors([word])[0]
        if not vector.any():
            return []
        near = self.unit() @ vector / np.linalg.norm(vector)
        own = {form for form in (word_form(word), word) if form in self._row}
        order = np.argsort(-near, kind="stable")[: count + len(own)]
        found = [(self.words[row], float(near[row])) for row in order if self.words[row] not in own]
        return found[:count]

    def members(self, count: int, number: int) -> list[str]:
        """Words of a class, most frequent first."""
        return [self.words[row] for row in np.flatnonzero(self.classes[count] == number)]

    def unit(self) -> Floats:
        # In the order of a file, since sums in another one differ in the last digits.
        return rows_of_unit_length(np.multiply(self.codes, self.scale, order="C"))

    def _class_centers(self, count: int) -> Floats:
        if count not in self._centers:
            self._centers[count] = class_centers(self.unit(), self.classes[count], count)
        return self._centers[count]

    def _guess(self, form: str) -> Floats:
        assert self.grams is not None
        codes, scale = self.grams
        vector = codes[gram_numbers(form)].mean(axis=0, dtype=np.float32) * scale
        guess: Floats = rows_of_unit_length(vector[None])[0]
        return guess


def join(shipped: WordVectors, own: WordVectors) -> WordVectors:
    """The shipped words with those of the user's own text, in one space and with the shipped classes.

    Own vectors are mapped into the shipped space by a ridge regression over the words that both have,
    weighted by their documents. A word of both is their mean, by the number of documents each has seen. A
    word of the own text alone has its mapped vector, the shorter the fewer documents hold it, and the class
    whose center is nearest. So little text of one's own changes little, and much of it prevails.
    """
    ours = own.unit()
    rows = np.array([shipped._row.get(word, -1) for word in own.words], dtype=np.int64)
    shared = np.flatnonzero(rows >= 0)
    new = np.flatnonzero(rows < 0)
    unit = shipped.unit()
    mapped = rows_of_unit_length(ours @ _mapping(ours[shared], unit[rows[shared]], own.documents[shared]))
    share = own.documents / (own.documents + _EVIDENCE)
    fresh = share[new, None] * mapped[new]
    seen = own.documents[shared] / (own.documents[shared] + shipped.documents[rows[shared]] + _EVIDENCE)
    unit[rows[shared]] += seen[:, None] * (mapped[shared] - unit[rows[shared]])
    unit = np.vstack([unit, fresh]).astype(np.float32)
    documents = shipped.documents.astype(np.uint32).copy()
    documents[rows[shared]] += own.documents[shared]
    codes, scale = pack(unit)
    classes = {}
    for count, numbers in shipped.classes.items():
        nearest = unit[len(shipped) :] @ shipped._class_centers(count).T
        classes[count] = np.concatenate([numbers, nearest.argmax(axis=1).astype(np.uint16)])
    words, name = (*shipped.words, *(own.words[n] for n in new)), f"{shipped.name}+{own.name}"
    documents, texts = np.concatenate([documents, own.documents[new]]), shipped.texts + own.texts
    about = {"joined": [shipped.fingerprint, own.fingerprint]}
    return WordVectors(name, words, codes, scale, documents, texts, classes, shipped.grams, about)


def _mapping(source: Floats, target: Floats, documents: NDArray[Any]) -> Floats:
    """Ridge regression from one space to another."""
    weights = np.sqrt(documents.astype(np.float32))[:, None]
    normal = (source * weights).T @ source
    normal += np.eye(len(normal), dtype=np.float32) * (0.01 * np.trace(normal) / len(normal) + 1e-6)
    mapping: Floats = np.linalg.solve(normal, (source * weights).T @ target)
    return mapping


def spellings(form: str) -> Iterable[str]:
    """The form, then others of the same word, the nearest first."""
    yield form
    if len(form) > 4:
        if form.endswith("ies"):
            yield f"{form[:-3]}y"
        if form.endswith("es"):
            yield form[:-2]
        if form.endswith("s"):
            yield form[:-1]
        else:
            yield f"{form}s"
    parts = [part for part in _PARTS.split(form) if part]
    if len(parts) > 1:
        yield "".join(parts)
        yield from spellings(parts[-1])


def gram_numbers(form: str) -> list[int]:
    """Buckets of the character n-grams of a word, with marks at its ends."""
    marked = f"<{form}>"
    grams = [marked[i : i + n] for n in _GRAMS for i in range(len(marked) - n + 1)] or [marked]
    return [zlib.crc32(gram.encode("utf-8")) % _BUCKETS for gram in grams]


def subword_table(words: Sequence[str], vectors: Floats, weights: Floats, passes: int = 15) -> Floats:
    """Vectors of character n-grams whose mean is near the vector of the word (Pinter et al., 2017, MIMICK).

    Args:
        passes: Steps of the conjugate gradients that solve the weighted ridge regression.
    """
    from scipy.sparse import csr_matrix

    numbers = [gram_numbers(word) for word in words]
    sizes = np.array([len(found) for found in numbers])
    rows, flat = np.repeat(np.arange(len(words)), sizes), [number for found in numbers for number in found]
    shares = np.repeat(1 / sizes, sizes).astype(np.float32)
    design = csr_matrix((shares, (rows, flat)), shape=(len(words), _BUCKETS))
    weighted = csr_matrix((shares * weights[rows], (rows, flat)), shape=design.shape).T.tocsr()
    ridge = _RIDGE * float(weights.mean())
    table = np.zeros((_BUCKETS, vectors.shape[1]), dtype=np.float32)
    rest: Floats = weighted @ vectors
    step, size = rest.copy(), (rest**2).sum(axis=0)
    for _ in range(passes):
        spread = weighted @ (design @ step) + ridge * step
        length = size / np.maximum((step * spread).sum(axis=0), 1e-12)
        table += length * step
        rest -= length * spread
        smaller = (rest**2).sum(axis=0)
        step = rest + smaller / np.maximum(size, 1e-12) * step
        size = smaller
    return table


def class_centers(unit: Floats, numbers: NDArray[np.uint16], count: int) -> Floats:
    """Mean direction of each class."""
    sums = np.zeros((count, unit.shape[1]), dtype=np.float32)
    np.add.at(sums, numbers, unit)
    return rows_of_unit_length(sums)


def rows_of_unit_length(rows: NDArray[Any]) -> Floats:
    """Rows divided by their length; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = (rows / np.maximum(norms, 1e-6)).astype(np.float32)
    return unit


def pack(vectors: Floats, levels: int = 127) -> tuple[NDArray[np.int8], Floats]:
    """Signed bytes and what each column's code is worth.

    Args:
        levels: Largest code; fewer levels pack better.
    """
    spread = np.abs(vectors).max(axis=0, initial=1e-6) if levels == 127 else 3 * vectors.std(axis=0) + 1e-6
    scale = (spread / levels).astype(np.float32)
    codes = np.clip(np.rint(vectors / scale), -levels, levels).astype(np.int8)
    return codes, scale
