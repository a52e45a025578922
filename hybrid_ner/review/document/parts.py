"""Long documents in parts: where they are cut, and how much is open in each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from hybrid_ner.review.store.schema import mention, suggestion
from hybrid_ner.text.fold import extends_previous
from hybrid_ner.text.offsets import Intervals

WHOLE = 100_000
"""Characters of a document that is shown in one piece."""
PART = 50_000
"""Characters, about, of one part of a longer one."""
_SLACK = PART // 10
_CONTEXT = 400


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a document.

    Args:
        doc_id: The document.
        text: Its text.
        starts: Where each part begins; the first one at 0.
        chosen: For each part the open spans in it that the pipeline chose; empty for a single part.
        others: For each part the other open spans.
    """

    doc_id: str
    text: str
    starts: tuple[int, ...]
    chosen: tuple[int, ...] = ()
    others: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def part_at(self, place: int) -> int:
        """The part that a character is in."""
        return bisect_right(self.starts, place) - 1

    def window(self, part: int) -> tuple[int, int]:
        """The characters of a part, with a little of its neighbours."""
        ends = (*self.starts[1:], len(self.text))
        return _back(self.text, self.starts[part]), _ahead(self.text, ends[part])

    def first_open(self) -> int:
        """The first part that waits for a decision; the first of all when none does."""
        for counts in (self.chosen, self.others):
            for part, count in enumerate(counts):
                if count:
                    return part
        return 0


def cut(text: str) -> tuple[int, ...]:
    """Where the parts of a text begin: at an empty line if there is one near, else a line, else a word."""
    if len(text) <= WHOLE:
        return (0,)
    number = -(-len(text) // PART)
    return (0, *(_near(text, part * len(text) // number) for part in range(1, number)))


def _near(text: str, place: int) -> int:
    low, high = place - _SLACK, place + _SLACK
    for sign in ("\n\n", "\n\r\n", "\n", " "):
        found = text.rfind(sign, low, high)
        if found >= 0:
            return found + len(sign)
    while place < high and extends_previous(text[place]):
        place += 1
    return place


def _back(text: str, start: int) -> int:
    """The beginning of a line, or else of a word, a little before."""
    low = max(0, start - _CONTEXT)
    if low == 0:
        return 0
    found = text.find("\n", low, start - 1)
    if found < 0:
        found = text.find(" ", low, start)
    return found + 1 if found >= 0 else start


def _ahead(text: str, end: int) -> int:
    """The end of a line, or else of a word, a little behind."""
    high = min(len(text), end + _CONTEXT)
    if high == len(text):
        return high
    found = text.rfind("\n", end, high)
    if found < 0:
        found = text.rfind(" ", end, high)
    return found + 1 if found >= 0 else end


def outline_of(
    connection: sa.Connection, reviewer_id: int, document_id: int, doc_id: str, text: str
) -> Outline:
    """The outline of a document for a reviewer; open spans are not counted where there is one part."""
    bare = Outline(doc_id, text, cut(text))
    if len(bare) == 1:
        return bare
    counts = ([0] * len(bare), [0] * len(bare))
    for start, chosen in _open(connection, reviewer_id, document_id):
        counts[0 if chosen else 1][bare.part_at(start)] += 1
    return Outline(doc_id, text, bare.starts, tuple(counts[0]), tuple(counts[1]))


def place_of(connection: sa.Connection, reviewer_id: int, document_id: int, number: int) -> int | None:
    """Where a span begins; ``None`` when the document has none of that number."""
    s, m = suggestion.c, mention.c
    mine = (m.reviewer_id == reviewer_id, m.document_id == document_id, m.number == number)
    shown = (s.document_id == document_id, s.shown, s.number == number)
    found = connection.scalar(sa.select(m.start_char).where(*mine))
    return found if found is not None else connection.scalar(sa.select(s.start_char).where(*shown))


def _open(connection: sa.Connection, reviewer_id: int, document_id: int) -> Iterator[tuple[int, bool]]:
    """Start of every open span, and whether the pipeline chose it: as ``merge_mentions``, in light rows."""
    s, m = suggestion.c, mention.c
    shown = sa.select(s.start_char, s.end_char, s.chosen).where(s.document_id == document_id, s.shown)
    touched = sa.select(m.base_start, m.base_end, m.copy, m.start_char, m.end_char, m.status).where(
        m.reviewer_id == reviewer_id, m.document_id == document_id
    )
    decided, accepted = set(), Intervals()
    reopened: dict[tuple[int, int], list[int]] = {}
    for base_start, base_end, copy, start, end, status in connection.execute(touched):
        decided.add((start, end))
        if copy == 0:
            decided.add((base_start, base_end))
        if status == "accepted":
            accepted.add(start, end)
        elif status == "open":
            reopened.setdefault((base_start, base_end), []).append(start)
    for start, end, chosen in connection.execute(shown):
        yield from ((again, chosen) for again in reopened.pop((start, end), ()))
        if (start, end) not in decided and not accepted.overlap(start, end):
            yield start, chosen
    yield from ((start, True) for starts in reopened.values() for start in starts)
