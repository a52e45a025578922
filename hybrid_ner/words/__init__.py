"""Word vectors and word classes: those of medical and of legal English come with the package.

::

    words = load_words("medical")
    words.neighbours("cisplatin", 3)         # [("carboplatin", 0.93), …]
    words.classes_of(["cisplatin"])[200]     # class number at the granularity of 200 classes
    own = build_words(texts)                 # of a project's own text
    joined = join(words, own)
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.text import atomic_path, brief, fold

__all__ = [
    "SHIPPED",
    "BuildSettings",
    "WordVectors",
    "build_words",
    "choose_words",
    "join",
    "load_words",
    "other_words",
    "read_words",
    "resolve_words",
    "spellings",
    "word_form",
    "word_forms",
    "write_words",
]


Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


# Word vectors in small: a vocabulary, a byte a number, classes of words, and a guess for new words.

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


# How they are made of text.


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How vectors are made; the defaults are the measured ones (``benchmarks/words.md``).

    Args:
        dimensions: Length of a vector; small texts may give shorter ones.
        vocabulary: Most frequent words that get a vector.
        min_count: A rarer word gets none.
        contexts: Most frequent words that serve as contexts.
        window: Words to each side that count, the near ones more.
        beside: Words to each side that count by their exact place as well.
        smoothing: Power of the context counts; below 1, rare contexts count less.
        classes: Numbers of classes.
        subwords: Whether words outside the vocabulary get a vector by their letters.
        levels: Largest code of a number; fewer levels pack better.
        seed: Seed of every random choice.
    """

    dimensions: int = 100
    vocabulary: int = 100_000
    min_count: int = 2
    contexts: int = 10_000
    window: int = 5
    beside: int = 2
    smoothing: float = 0.75
    classes: tuple[int, ...] = (50, 200, 1000)
    subwords: bool = True
    levels: int = 127
    seed: int = 0


def build_words(
    texts: Iterable[str],
    settings: BuildSettings | None = None,
    name: str = "own",
    about: Mapping[str, Any] | None = None,
) -> WordVectors:
    """Vectors and classes of the words of some texts.

    Args:
        texts: Raw text, one string a document; read once.
        name: What text it is.
        about: Where it is from, to be kept with the vectors.
    """
    settings = settings or BuildSettings()
    read = _Read.of(texts, settings)
    rows = min(settings.vocabulary, int((read.counts >= settings.min_count).sum()))
    unit = _decomposed(read, rows, settings)
    words, counts = read.words[:rows], read.counts[:rows]
    codes, scale = pack(unit, settings.levels)
    grams = None
    if settings.subwords and rows:
        table = subword_table(words, unit, np.log1p(counts).astype(np.float32))
        grams = pack(table, settings.levels)
    kinds = [count for count in settings.classes if 2 * count <= rows]
    classes = {count: _classes(unit, counts, count, settings.seed) for count in kinds}
    how = {**asdict(settings), "classes": list(settings.classes)}
    said = {"tokens": int(read.counts.sum()), "settings": how}
    documents, said = read.documents[:rows], {**(about or {}), **said}
    return WordVectors(name, tuple(words), codes, scale, documents, read.texts, classes, grams, said)


@dataclass(frozen=True, slots=True)
class _Read:
    """Words by falling frequency, and the texts as their numbers with gaps of -1 between them."""

    words: list[str]
    counts: NDArray[np.int64]
    documents: NDArray[np.uint32]
    numbers: Numbers
    texts: int

    @classmethod
    def of(cls, texts: Iterable[str], settings: BuildSettings) -> _Read:
        first: dict[str, int] = {}
        holds: Counter[int] = Counter()
        parts: list[NDArray[np.int32]] = []
        gap = np.full(max(settings.window, settings.beside), -1, dtype=np.int32)
        for text in texts:
            numbers = [first.setdefault(form, len(first)) for form in word_forms(text)]
            holds.update(set(numbers))
            parts += [np.array(numbers, dtype=np.int32), gap]
        joined = np.concatenate(parts) if parts else gap
        words = list(first)
        counts = np.bincount(joined[joined >= 0], minlength=len(words))
        order = sorted(range(len(words)), key=lambda n: (-counts[n], words[n]))
        place = np.empty(len(words) + 1, dtype=np.int64)
        place[order] = np.arange(len(words))
        place[-1] = -1
        documents = np.array([holds[n] for n in order], dtype=np.uint32)
        return cls([words[n] for n in order], counts[order], documents, place[joined], len(parts) // 2)


def _decomposed(read: _Read, rows: int, settings: BuildSettings) -> Floats:
    from sklearn.utils.extmath import randomized_svd

    contexts = min(settings.contexts, len(read.words))
    if not rows or not contexts:
        return np.zeros((rows, 1), dtype=np.float32)
    weights = _weights(read.numbers, rows, contexts, settings)
    size = min(settings.dimensions, *(side - 1 for side in weights.shape))
    if size < 1 or weights.nnz == 0:
        return np.zeros((rows, 1), dtype=np.float32)
    left, strengths, _ = randomized_svd(weights, size, n_iter=3, random_state=settings.seed)
    return rows_of_unit_length(left * np.sqrt(strengths))


def _weights(numbers: Numbers, rows: int, contexts: int, settings: BuildSettings) -> Any:
    """Sparse matrix of words by contexts: a block for the whole window, one for each place beside."""
    from scipy.sparse import csr_matrix

    places = [o for o in range(-settings.beside, settings.beside + 1) if o]
    shape = (rows, contexts * (1 + len(places)))
    counts = csr_matrix(shape, dtype=np.float32)
    reach = max(settings.window, settings.beside)
    for offset in (o for o in range(-reach, reach + 1) if o):
        word = numbers[max(0, -offset) : len(numbers) - max(0, offset)]
        near = numbers[max(0, offset) : len(numbers) - max(0, -offset)]
        both = (word >= 0) & (word < rows) & (near >= 0) & (near < contexts)
        word, near = word[both], near[both]
        weight = np.full(len(word), 1 / abs(offset), dtype=np.float32)
        blocks = [0] if abs(offset) <= settings.window else []
        for block in (*blocks, *(1 + places.index(o) for o in places if o == offset)):
            counts = counts + csr_matrix((weight, (word, near + block * contexts)), shape=shape)
    return _information(counts, settings.smoothing)


def _information(counts: Any, smoothing: float) -> Any:
    """Positive pointwise mutual information of counts."""
    from scipy.sparse import csr_matrix

    by_word = np.asarray(counts.sum(axis=1)).ravel()
    by_context = np.asarray(counts.sum(axis=0)).ravel() ** smoothing
    counts = counts.tocoo()
    expected = by_word[counts.row] * by_context[counts.col] / max(by_context.sum(), 1e-9)
    values = np.log(counts.data / expected)
    kept = values > 0
    places = counts.row[kept], counts.col[kept]
    return csr_matrix((values[kept].astype(np.float32), places), shape=counts.shape)


def _classes(unit: Floats, counts: Sequence[int] | NDArray[Any], count: int, seed: int) -> NDArray[np.uint16]:
    """k-means clusters of the vectors, numbered by falling frequency of their words."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(count, random_state=seed, batch_size=4096, n_init=1, max_iter=30)
    found = model.fit_predict(unit)
    weight = np.bincount(found, weights=np.asarray(counts, dtype=float), minlength=count)
    place = np.empty(count, dtype=np.uint16)
    place[np.argsort(-weight, kind="stable")] = np.arange(count, dtype=np.uint16)
    classes: NDArray[np.uint16] = place[found]
    return classes


# Word vectors in one file: written whole or not at all, checked on load, nothing in it is executed.
#
# Layout: magic, length of the header (8 bytes, little-endian), header (JSON), body. The header names each
# array's type, shape and place in the body, which is compressed with zlib, and the SHA-256 of the compressed
# body. The vocabulary is an array of bytes: the words in UTF-8, one a line.

_MAGIC = b"HybridNERwords1\n"
_TYPES = ("int8", "uint8", "uint16", "uint32", "float32")
_HINT = "Make it again: hybrid-ner words build TEXT --out FILE."


def write_words(words: WordVectors, path: Path) -> None:
    """Write to a file; the same words give the same bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "words": np.frombuffer("\n".join(words.words).encode("utf-8"), dtype=np.uint8),
        "codes": words.codes,
        "scale": words.scale,
        "documents": words.documents,
        **{f"classes{count}": numbers for count, numbers in sorted(words.classes.items())},
    }
    if words.grams is not None:
        arrays |= {"grams": words.grams[0], "gram_scale": words.grams[1]}
    table, body = {}, bytearray()
    for name, array in arrays.items():
        table[name] = [array.dtype.name, list(array.shape), len(body)]
        body += array.tobytes("F")  # by column, which packs better
    packed = zlib.compress(bytes(body), 9)
    header = {
        "name": words.name,
        "texts": words.texts,
        "about": dict(words.about),
        "arrays": table,
        "size": len(packed),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    text = json.dumps(header, sort_keys=True).encode()
    with atomic_path(path) as temporary:
        temporary.write_bytes(_MAGIC + len(text).to_bytes(8, "little") + text + packed)


def read_words(path: Path) -> WordVectors:
    """Read what ``write_words`` wrote.

    Raises:
        InputError: The file is foreign, cut off or damaged.
    """
    content = path.read_bytes()
    header, packed = _header(path, content)
    if len(packed) != header["size"]:
        promised = f"its header promises {header['size']:,}"
        raise _unusable(path, f"holds {len(packed):,} bytes of words, {promised}.")
    if hashlib.sha256(packed).hexdigest() != header["sha256"]:
        raise _unusable(path, "content and checksum differ, the file is damaged.")
    body = zlib.decompress(packed)
    arrays = {name: _array(path, body, *place) for name, place in header["arrays"].items()}
    text = arrays["words"].tobytes().decode("utf-8")
    return WordVectors(
        name=str(header["name"]),
        words=tuple(text.split("\n")) if text else (),
        codes=arrays["codes"],
        scale=arrays["scale"],
        documents=arrays["documents"],
        texts=int(header["texts"]),
        classes={int(name[7:]): numbers for name, numbers in arrays.items() if name.startswith("classes")},
        grams=(arrays["grams"], arrays["gram_scale"]) if "grams" in arrays else None,
        about=header["about"],
    )


def _header(path: Path, content: bytes) -> tuple[Mapping[str, Any], bytes]:
    start = len(_MAGIC) + 8
    if content[: len(_MAGIC)] != _MAGIC:
        raise _unusable(path, "not a file of word vectors of this version.")
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    try:
        header: Mapping[str, Any] = json.loads(content[start:end])
    except ValueError as error:
        raise _unusable(path, "its header is damaged or cut off.") from error
    return header, content[end:]


def _array(path: Path, body: bytes, name: str, shape: list[int], offset: int) -> NDArray[Any]:
    if name not in _TYPES:
        raise _unusable(path, f"holds values of type {name!r}.")
    count = int(np.prod(shape, dtype=np.int64))
    values: NDArray[Any] = np.frombuffer(body, dtype=np.dtype(name), count=count, offset=offset)
    return np.ascontiguousarray(values.reshape(shape, order="F"))


def _unusable(path: Path, problem: str) -> InputError:
    return InputError(problem, path=path, hint=_HINT)


# The words that come with the package, and which of them fit a text.

SHIPPED = ("medical", "legal")
_READ = 50_000
"""Words of text that decide: about a quarter of a megabyte."""


def load_words(name: str | Path) -> WordVectors:
    """Shipped words by name, else those of a file.

    Raises:
        InputError: No such name or file, or the file is damaged.
    """
    if isinstance(name, str) and name in SHIPPED:
        return _shipped(name)
    if not Path(name).is_file():
        hint = f"Use {' or '.join(SHIPPED)}, or a file of words build."
        raise InputError(f"no word vectors {str(name)!r}.", hint=hint)
    return read_words(Path(name))


@cache
def _shipped(name: str) -> WordVectors:
    return read_words(shipped("words", f"{name}.words"))


def choose_words(texts: Iterable[str]) -> WordVectors | None:
    """The shipped words under which the text is likeliest; none for text without words."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(word_forms(text))
        if seen.total() > _READ:
            break

    def likelihood(words: WordVectors) -> float:
        """Its logarithm, by the share of documents that hold each word, one added."""
        total = float(words.documents.sum()) + len(words)
        return sum(count * math.log((words.documents_of(form) + 1) / total) for form, count in seen.items())

    return max(map(load_words, SHIPPED), key=likelihood) if seen else None


def resolve_words(name: str, texts: Iterable[str]) -> WordVectors | None:
    """Words by a setting: ``auto`` (the shipped ones that fit the texts), ``none``, a shipped name or a file.

    Raises:
        InputError: As ``load_words``.
    """
    if name == "none":
        return None
    return choose_words(texts) if name == "auto" else load_words(name)


def other_words(words: WordVectors | None) -> list[WordVectors]:
    """The shipped words of other subjects than the given ones."""
    return [load_words(name) for name in SHIPPED if words is not None and words.name != name]
