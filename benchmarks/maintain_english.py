"""Rebuild ``gazetteers/english/words.txt.gz`` from Debian's SCOWL word lists, byte for byte.

Purpose: the one place where the shipped list of English words comes from. ``--dict`` is the folder in which
the packages ``wamerican``, ``wamerican-large`` and ``wbritish-large`` 2020.12.07 put their lists::

    python benchmarks/maintain_english.py --dict /usr/share/dict
"""

from __future__ import annotations

import argparse
import gzip
import io
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "gazetteers" / "english" / "words.txt.gz"
LISTS = ("american-english", "american-english-large", "british-english-large")
_WORD = re.compile(r"[a-z]{2,}\Z")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dict", type=Path, required=True, help="folder of the word lists")
    folder = parser.parse_args().dict
    words = sorted({word for name in LISTS for word in usable((folder / name).read_text("utf-8").split())})
    TARGET.write_bytes(packed(words))
    print(f"{TARGET.name}: {len(words):,} words")


def usable(words: Iterable[str]) -> Iterable[str]:
    """Words in lower-case ASCII without the possessive; others are left out."""
    for word in words:
        plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
        plain = plain.removesuffix("'s")
        if _WORD.match(plain):
            yield plain


def packed(words: Iterable[str]) -> bytes:
    """One word a line, gzipped without a time stamp."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write("".join(f"{word}\n" for word in words).encode())
    return buffer.getvalue()


if __name__ == "__main__":
    main()
