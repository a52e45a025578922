"""An inverted index of folded words, so that "every occurrence" reads only the documents that can hold it.

A posting is the sorted document ids of one word in one import batch, as 32-bit integers: the same
table on SQLite and PostgreSQL, about four bytes for each distinct word of a document.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from hybrid_ner.matching.normalize import fold, fold_text
from hybrid_ner.review.projection import chunks
from hybrid_ner.review.schema import document, posting

__all__ = ["candidates", "find_all", "occurrences", "words_of", "write_postings"]

WORD = re.compile(r"[^\W_]+")
_WORD_LENGTH = 64
_TEXTS = 200
"""Texts read at a time while verifying candidates."""


def words_of(folded: str) -> set[str]:
    """Distinct words of a folded text: runs of letters and digits, cut to the length of the column."""
    return {word[:_WORD_LENGTH] for word in WORD.findall(folded)}


def write_postings(
    connection: sa.Connection, project_id: int, batch: int, texts: Iterable[tuple[int, str]]
) -> None:
    """Index ``(document id, text)`` pairs, in order of id, as one batch."""
    index: dict[str, array[int]] = {}
    for number, text in texts:
        for word in words_of(fold(text)):
            index.setdefault(word, array("I")).append(number)
    rows = [
        {"project_id": project_id, "word": word, "batch": batch, "documents": ids.tobytes()}
        for word, ids in sorted(index.items())
    ]
    if rows:
        connection.execute(posting.insert(), rows)


def candidates(connection: sa.Connection, project_id: int, term: str) -> list[int]:
    """Ids of the documents that hold every word of ``term``, in order."""
    found: set[int] | None = None
    for word in sorted(words_of(fold(term)), key=len, reverse=True):
        blobs = connection.scalars(
            sa.select(posting.c.documents).where(posting.c.project_id == project_id, posting.c.word == word)
        )
        ids: set[int] = set()
        for blob in blobs:
            ids.update(array("I", bytes(blob)))
        found = ids if found is None else found & ids
        if not found:
            return []
    return sorted(found or ())


def occurrences(
    connection: sa.Connection, project_id: int, term: str
) -> Iterator[tuple[int, str, list[tuple[int, int]]]]:
    """``(document id, text, offsets)`` of every document that holds ``term`` as whole words."""
    ids: Sequence[int] = candidates(connection, project_id, term)
    for part in chunks(ids, _TEXTS):
        rows = connection.execute(
            sa.select(document.c.id, document.c.text).where(document.c.id.in_(part)).order_by(document.c.id)
        )
        for number, text in rows:
            places = find_all(text, term)
            if places:
                yield number, text, places


def find_all(text: str, term: str) -> list[tuple[int, int]]:
    """Offsets of ``term`` in ``text``, folded alike, whole words only, without overlap."""
    key = fold(term)
    if not key:
        return []
    if text.isascii() and key.isascii():
        return _find_ascii(text, key)
    folded = fold_text(text)
    places, at = [], folded.folded.find(key)
    while at >= 0:
        end = at + len(key)
        if _whole(folded.folded, at, end):
            places.append(folded.to_source(at, end))
            at = folded.folded.find(key, end)
        else:
            at = folded.folded.find(key, at + 1)
    return places


def _find_ascii(text: str, key: str) -> list[tuple[int, int]]:
    # Folding maps ASCII text one to one except for runs of white space and the grave accent.
    pattern = "".join(r"\s+" if c == " " else "['`]" if c == "'" else re.escape(c) for c in key)
    before = r"(?<![A-Za-z0-9])" if key[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if key[-1].isalnum() else ""
    flags = re.IGNORECASE | re.ASCII
    return [found.span() for found in re.finditer(before + pattern + after, text, flags)]


def _whole(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after
