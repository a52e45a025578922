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
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.text import atomic_path
from hybrid_ner.words.vectors import (
    WordVectors,
    join,
    pack,
    rows_of_unit_length,
    spellings,
    subword_table,
    word_form,
    word_forms,
)

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
