"""An inverted index of folded words and surfaces, so that "every occurrence" reads only what can hold it."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat

import sqlalchemy as sa

from hybrid_ner.review.store.database import batches
from hybrid_ner.review.store.schema import document, posting, withdrawn_documents
from hybrid_ner.text import fold, fold_text, in_figure

WORD = re.compile(r"[^\W_]+")
MANY = 255
"""A count that stands for itself and anything larger, or for one that is not known."""
_WORD_LENGTH = 64
_TEXTS = 200
"""Texts read at a time while verifying candidates."""


def words_of(folded: str) -> Counter[str]:
    """Words of a folded text: runs of letters and digits, cut to the length of the column."""
    return Counter(word[:_WORD_LENGTH] for word in WORD.findall(folded))


def write_postings(
    connection: sa.Connection, project_id: int, batch: int, texts: Iterable[tuple[int, str]]
) -> None:
    """Index ``(document id, text)`` pairs, in order of id, as one batch."""
    index: dict[str, tuple[array[int], bytearray]] = {}
    for number, text in texts:
        for word, count in words_of(fold(text)).items():
            ids, counts = index.setdefault(word, (array("I"), bytearray()))
            ids.append(number)
            counts.append(min(count, MANY))
    of = {"project_id": project_id, "batch": batch}
    rows = [
        {**of, "word": word, "documents": ids.tobytes(), "counts": bytes(counts)}
        for word, (ids, counts) in sorted(index.items())
    ]
    if rows:
        connection.execute(posting.insert(), rows)


def bounds(connection: sa.Connection, project_id: int, term: str) -> dict[int, int]:
    """Documents that hold every word of ``term``, with the most places at which it can stand there.

    ``MANY`` stands for any number. A term cannot stand at more places than its rarest word.
    """
    found: dict[int, int] | None = None
    for word in sorted(words_of(fold(term)), key=len, reverse=True):
        held = _held(connection, project_id, word)
        if found is None:
            found = held
        else:
            found = {number: min(found[number], held[number]) for number in found.keys() & held.keys()}
        if not found:
            return {}
    out = withdrawn_documents(connection, project_id) if found else ()
    return {number: count for number, count in (found or {}).items() if number not in out}


def _held(connection: sa.Connection, project_id: int, word: str) -> dict[int, int]:
    rows = connection.execute(
        sa.select(posting.c.documents, posting.c.counts).where(
            posting.c.project_id == project_id, posting.c.word == word
        )
    )
    held: dict[int, int] = {}
    for documents, counts in rows:
        ids = array("I", bytes(documents))
        for number, count in zip(ids, bytes(counts) if counts else repeat(MANY), strict=False):
            # A document that has had several texts is listed for each of them.
            held[number] = max(count, held.get(number, 0))
    return held


def words_holding(connection: sa.Connection, project_id: int, part: str, limit: int) -> list[str]:
    """Some words of the texts that ``part`` is a piece of; none for more than one word."""
    key = fold(part)
    if not WORD.fullmatch(key):
        return []
    query = sa.select(posting.c.word).distinct().where(posting.c.project_id == project_id)
    query = query.where(posting.c.word.contains(key, autoescape=True)).order_by(posting.c.word)
    return list(connection.scalars(query.limit(limit)))


def candidates(connection: sa.Connection, project_id: int, term: str) -> list[int]:
    """Ids of the documents that hold every word of ``term``, in order."""
    return sorted(bounds(connection, project_id, term))


def occurrences(
    connection: sa.Connection, project_id: int, term: str, ids: Sequence[int] | None = None
) -> Iterator[tuple[int, str, list[tuple[int, int]]]]:
    """``(document id, text, offsets)`` of every document that holds ``term`` as whole words.

    Args:
        ids: Look in these documents alone.
    """
    for part in batches(candidates(connection, project_id, term) if ids is None else ids, _TEXTS):
        rows = connection.execute(
            sa.select(document.c.id, document.c.text).where(document.c.id.in_(part)).order_by(document.c.id)
        )
        for number, text in rows:
            places = find_all(text, term)
            if places:
                yield number, text, places


def stands_whole(text: str, start: int, end: int) -> bool:
    """Whether ``find_all`` surely finds a span by its own text; no matter what else the document holds.

    Only plain letters are sure: elsewhere folding may join a span with what stands beside it.
    """
    surface = text[start:end]
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if not (surface.isascii() and before.isascii() and after.isascii()) or surface != surface.strip():
        return False
    return is_whole(text, start, end)


def find_all(text: str, term: str) -> list[tuple[int, int]]:
    """Offsets of ``term`` in ``text``, folded alike, whole words only, without overlap."""
    key = fold(term)
    if not key:
        return []
    places: list[tuple[int, int]] = []
    if text.isascii() and key.isascii():
        pattern, at = _pattern(key), 0
        while found := pattern.search(text, at):
            inside = in_figure(text, found.start())
            places += [] if inside else [found.span()]
            at = found.start() + 1 if inside else found.end()
        return places
    folded = fold_text(text)
    at = folded.folded.find(key)
    while at >= 0:
        end = at + len(key)
        if is_whole(folded.folded, at, end):
            places.append(folded.to_source(at, end))
            at = folded.folded.find(key, end)
        else:
            at = folded.folded.find(key, at + 1)
    return places


@lru_cache(maxsize=64)
def _pattern(key: str) -> re.Pattern[str]:
    # Folding maps ASCII text one to one except for runs of white space and the grave accent.
    pattern = "".join(r"\s+" if c == " " else "['`]" if c == "'" else re.escape(c) for c in key)
    before = r"(?<![A-Za-z0-9])" if key[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if key[-1].isalnum() else ""
    return re.compile(before + pattern + after, re.IGNORECASE | re.ASCII)


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word is cut at either end of a span, and no number at its beginning."""
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after and not in_figure(text, start)


LONGEST = 300
"""Characters of a key: an index of PostgreSQL takes no value above 2,704 bytes."""


def surface_key(surface: str) -> str:
    """The folded surface; of a very long one its beginning and a hash of the whole."""
    folded = fold(surface)
    if len(folded) <= LONGEST:
        return folded
    return f"{folded[:LONGEST]}#{hashlib.sha256(folded.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
