"""An inverted index of folded words and surfaces, so that "every occurrence" reads only what can hold it.

It also tells which words only some documents have, which go with these where they are erased.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Any

import sqlalchemy as sa
from spacy.lang.en.stop_words import STOP_WORDS

from hybrid_ner.review.store.database import batches, rows_in
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


def write_postings(connection: sa.Connection, project_id: int, texts: Iterable[tuple[int, str]]) -> None:
    """Index ``(document id, text)`` pairs, in order of id, as one batch."""
    index: dict[str, tuple[array[int], bytearray]] = {}
    for number, text in texts:
        for word, count in words_of(fold(text)).items():
            ids, counts = index.setdefault(word, (array("I"), bytearray()))
            ids.append(number)
            counts.append(min(count, MANY))
    last = sa.select(sa.func.max(posting.c.batch)).where(posting.c.project_id == project_id)
    of = {"project_id": project_id, "batch": int(connection.scalar(last) or 0) + 1}
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
    found = _holding(connection, project_id, words_of(fold(term)))
    out = withdrawn_documents(connection, project_id) if found else ()
    return {number: count for number, count in found.items() if number not in out}


def _holding(connection: sa.Connection, project_id: int, words: Iterable[str]) -> dict[int, int]:
    """The same of folded words, with the documents that are withdrawn."""
    found: dict[int, int] | None = None
    for word in sorted(words, key=len, reverse=True):
        held = _held(connection, project_id, word)
        if found is None:
            found = held
        else:
            found = {number: min(found[number], held[number]) for number in found.keys() & held.keys()}
        if not found:
            return {}
    return found or {}


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


# What a document leaves in other places when its text is erased.

GONE = "[erased]"
"""Stands where words of an erased document stood."""
RUN = 4
"""So many words in a row are taken for a part of one document's text; fewer are common speech."""
_SAID = frozenset(
    word
    for words in (
        "accept accepted add added again all back because bulk by codebook decided doc document documents",
        "done erase flag go here label labels line list log mention mentions model near never new next no",
        "not note occurrence occurrences ok open project queue redo redone reject rejected relabel review",
        "reviewed rule skip span spans step steps suggestion suggestions term terms undo undone where",
        "withdraw withdrawn yes",
    )
    for word in words.split()
)
"""Words that lines of the command language and their answers are made of."""


def take_out(
    connection: sa.Connection, project_id: int, ids: Collection[int], texts: Iterable[str]
) -> set[str]:
    """Take documents out of the index.

    Args:
        texts: All that the documents are indexed with.

    Returns:
        The words of them that no other document has.
    """
    words = {word for text in texts for word in words_of(fold(text))}
    p, left = posting.c, set[str]()
    query = sa.select(posting).where(p.project_id == project_id)
    # A few at a time: a common word of a large project has a row for every batch of documents.
    for part in batches(sorted(words), 20):
        for row in rows_in(connection, query, p.word, part):
            held = array("I", bytes(row.documents))
            kept = [place for place, number in enumerate(held) if number not in ids]
            left |= {row.word} if kept else set()
            if len(kept) == len(held):
                continue
            mine = (p.project_id == project_id, p.word == row.word, p.batch == row.batch)
            if not kept:
                connection.execute(posting.delete().where(*mine))
                continue
            numbers = array("I", (held[place] for place in kept)).tobytes()
            counts = bytes(row.counts[place] for place in kept) if row.counts else None
            update = posting.update().where(*mine)
            connection.execute(update.values(documents=numbers, counts=counts))
    return words - left


class Traces:
    """Knows what was said of documents that are erased: words that no other document has, and longer parts.

    Args:
        connection: A transaction in which the documents are out of the index already.
        texts: All texts that the documents have had, and what their meta data says.
        own: Words of them that no other document has, of which those that a program or anybody says are
            left out.
        known: Words that stay, such as labels and names of reviewers.
        ids: Ids of the documents that are to go as well.
    """

    def __init__(
        self,
        connection: sa.Connection,
        project_id: int,
        texts: Sequence[str],
        own: Iterable[str],
        known: Iterable[str],
        ids: Iterable[str] = (),
    ) -> None:
        self._connection, self._project = connection, project_id
        stays = {*STOP_WORDS, *_SAID, *(word for each in known for word in words_of(fold(each)))}
        # A letter, or a number of three digits, is in every log.
        told = (w for w in own if len(w) > 3 or (len(w) > 1 and not w.isdecimal()))
        self.own = frozenset(told) - stays
        self._folded = [WORD.findall(fold(text)) for text in texts]
        self._runs = {run for words in self._folded for run in _runs(words)}
        self._only: dict[tuple[str, ...], bool] = {}
        self.ids = frozenset(ids)
        named = "|".join(re.escape(each) for each in sorted(self.ids, key=len, reverse=True))
        self._ids = re.compile(rf"(?<!\w)(?:{named})(?!\w)") if named else None

    def cleaned(self, said: str) -> str:
        """What was said, with ``GONE`` where it says what only these documents do."""
        if self._ids is not None:
            said = self._ids.sub(GONE, said)
        folded = fold_text(said)
        found = list(WORD.finditer(folded.folded))
        words = [each[0][:_WORD_LENGTH] for each in found]
        gone = {place for place, word in enumerate(words) if word in self.own}
        for place, run in enumerate(_runs(words)):
            if run in self._runs and self._is_only(run):
                gone.update(range(place, place + RUN))
        for first, last in reversed(_stretches(sorted(gone))):
            start, end = folded.to_source(found[first].start(), found[last].end())
            said = said[:start] + GONE + said[end:]
        return said

    def cleaned_values(self, value: Any) -> Any:
        """The same of all texts in plain values."""
        if isinstance(value, str):
            return self.cleaned(value)
        if isinstance(value, dict):
            return {name: self.cleaned_values(each) for name, each in value.items()}
        return [self.cleaned_values(each) for each in value] if isinstance(value, list | tuple) else value

    def holds(self, term: str) -> bool:
        """Whether a term stands in these documents and in no other one."""
        words = WORD.findall(fold(term))
        if not words:
            return False
        if not self.own.isdisjoint(words):
            return True
        return any(_within(words, each) for each in self._folded) and self._is_only(tuple(words))

    def _is_only(self, words: tuple[str, ...]) -> bool:
        if words not in self._only:
            others = sorted(_holding(self._connection, self._project, {w[:_WORD_LENGTH] for w in words}))
            query = sa.select(document.c.text)
            rows = (
                row
                for part in batches(others, _TEXTS)
                for row in self._connection.execute(query.where(document.c.id.in_(part)))
            )
            self._only[words] = not any(_within(words, WORD.findall(fold(row.text))) for row in rows)
        return self._only[words]


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)]


def _within(words: Sequence[str], text: Sequence[str]) -> bool:
    """Whether words stand in a text in this order, one behind the other."""
    size, wanted = len(words), list(words)
    return any(text[place : place + size] == wanted for place in range(len(text) - size + 1))


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of the numbers that follow each other: 3, 4, 7 → (3, 4), (7, 7)."""
    ends = [place for place, (one, two) in enumerate(pairwise(places)) if two - one > 1]
    starts = [0, *(end + 1 for end in ends)]
    return [(places[a], places[b]) for a, b in zip(starts, [*ends, len(places) - 1], strict=True) if places]
