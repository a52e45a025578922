"""Word vectors in one file: written whole or not at all, checked on load, nothing in it is executed.

Layout: magic, length of the header (8 bytes, little-endian), header (JSON), body. The header names each
array's type, shape and place in the body, which is compressed with zlib, and the SHA-256 of the compressed
body. The vocabulary is an array of bytes: the words in UTF-8, one a line.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.text import atomic_path
from hybrid_ner.words.vectors import WordVectors, word_forms

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
        body += _columns_first(array).tobytes()
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
        raise _unusable(
            path, f"holds {len(packed):,} bytes of words, its header promises {header['size']:,}."
        )
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
    if len(shape) == 2:  # kept by column, which packs better
        values = np.ascontiguousarray(values.reshape(shape[::-1]).T)
    return values


def _columns_first(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.T)


def _unusable(path: Path, problem: str) -> InputError:
    return InputError(problem, path=path, hint=_HINT)


# The words that come with the package, and which of them fit a text.

SHIPPED = ("medical", "legal")
_READ = 200_000
"""Words of text that decide: about a megabyte."""


def load_words(name: str | Path) -> WordVectors:
    """Shipped words by name, else those of a file.

    Raises:
        InputError: No such name or file, or the file is damaged.
    """
    if isinstance(name, str) and name in SHIPPED:
        return _shipped(name)
    if not Path(name).is_file():
        raise InputError(
            f"no word vectors {str(name)!r}.", hint=f"Use {' or '.join(SHIPPED)}, or a file of words build."
        )
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
    if not seen:
        return None
    return max(map(load_words, SHIPPED), key=lambda words: _likelihood(words, seen))


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


def _likelihood(words: WordVectors, seen: Counter[str]) -> float:
    """Log likelihood of the text by the share of documents that hold each word, one added."""
    total = float(words.documents.sum()) + len(words)
    return sum(count * math.log((words.documents_of(form) + 1) / total) for form, count in seen.items())
