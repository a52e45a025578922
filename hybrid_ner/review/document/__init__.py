"""What a page or a terminal draws: the document on the card, in parts where it is long; the card as text."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from hybrid_ner.corpus.document import PAGE_STARTS, page_starts
from hybrid_ner.review.reply import CHOICE_LETTERS, Reply, Table
from hybrid_ner.review.store.ranking import order_words
from hybrid_ner.review.store.schema import document, mention, suggestion
from hybrid_ner.review.store.suggestion import near_match
from hybrid_ner.text import extends_previous, quantity
from hybrid_ner.text.offsets import Intervals

SpanStatus = Literal["open", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class SpanView:
    """A numbered span of the card.

    Args:
        number: What the reviewer types; never shifts while the document is on the card.
        start: First character (code points of the text).
        end: One past the last character.
        surface: ``text[start:end]``.
        status: ``open`` until decided.
        mark: Who found it: ``rule``, ``model``, ``rule+model`` or ``reviewer``.
        method: How the best rule source recognized it (``exact``, ``fuzzy``, …), empty for model only.
        score: Between 0 and 1.
        chosen: Whether the hybrid pipeline chose it; false for a vote that lost.
        flags: ``negated``, ``historical``, ``family``, ``hypothetical``, ``possible``.
        concept_id: Linked concept, empty when none.
        reason: Why it is rejected when nobody said no to it: ``overlap``, ``merged``, ``never``.
        detail: The votes as JSON, read only when somebody asks for sources or reference.
    """

    number: int
    start: int
    end: int
    surface: str
    label: str
    status: SpanStatus
    mark: str
    method: str = ""
    score: float = 1.0
    chosen: bool = True
    suggested_label: str = ""
    flags: tuple[str, ...] = ()
    concept_id: str = ""
    reason: str = ""
    detail: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the labeling sources that voted for it."""
        return tuple(dict.fromkeys(vote["source"] for vote in self._votes))

    @property
    def reference(self) -> str:
        """The term it was recognized by, empty when no source names one."""
        return str(next((v["evidence"].get("reference", "") for v in self._votes if v["evidence"]), ""))

    @property
    def near(self) -> str:
        """The term that a misspelled one is, and its edits; empty for others."""
        return near_match(self._votes) if self.method == "fuzzy" else ""

    @property
    def _votes(self) -> list[dict[str, Any]]:
        return list(json.loads(self.detail).get("votes", ())) if self.detail else []


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The document on the card.

    Args:
        position: One-based place in the project, for ``go N``.
        text: As imported, never changed.
        content_hash: SHA-256 of the text: operations must carry it.
        model_id: Model run whose suggestions are shown, empty when none.
        version: Grows with every change of this reviewer's state of the document.
        spans: By number.
        tokens: Token boundaries ``(start, end)`` of the training tokenizer.
        labels: Labels of the project, in key order (1-9).
        queue: Name of the queue order.
        done: This reviewer has reviewed it completely.
        flag: Note of a flag, empty when not flagged.
        round: Number of the model run, 0 before the first.
        claimed_by: Another reviewer who has it open, empty when nobody.
        flagged: Marked with ``flag``, with or without a note.
        window: Characters that ``spans`` and ``tokens`` cover when only a part was asked for; every span
            in it is whole.
    """

    doc_id: str
    position: int
    total: int
    text: str
    content_hash: str
    model_id: str
    version: int
    spans: tuple[SpanView, ...]
    tokens: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    queue: str
    left: int
    done: bool
    flag: str = ""
    round: int = 0
    claimed_by: str = ""
    flagged: bool = False
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One step of the log; ``undo N`` takes its number, ``undo bulk b7`` its name."""

    number: int
    name: str
    at: str
    reviewer: str
    line: str
    summary: str
    undone: bool
    spans: int
    documents: int


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One line of the chat and its answer, kept across reloads."""

    at: str
    line: str
    echo: str
    level: str


# The card as plain text, for a terminal.

FLAGS = {"negated": "neg", "historical": "hist", "family": "fam", "hypothetical": "hyp", "possible": "poss"}
"""Context flags, and how they are written in short."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
WIDTH = 48
"""Characters of a cell."""
LONG, BEFORE, BEHIND = 1_000, 200, 600
"""Characters from which on a text that was shown already is shown in part, and how much of it."""


def card_lines(view: DocumentView, *, again: bool = False) -> list[str]:
    """Header, text with numbered spans, and one entry a span.

    Args:
        again: It was shown just before: of a long one only what is around the first open span is repeated.
    """
    if again and len(view.text) > LONG:
        view, left = _around(view)
    else:
        left = []
    head = [
        f"doc {view.position}/{view.total}",
        view.doc_id,
        f"order: {order_words(view.queue)}",
        f"{quantity(view.left, 'document')} left",
    ]
    head += [f"round {view.round}"] if view.round else []
    waits = any(span.status == "open" and span.chosen for span in view.spans)
    head += ["reviewed"] if view.done and not waits else []
    head += [f"flagged: {view.flag}" if view.flag else "flagged"] if view.flagged else []
    head += [f"{view.claimed_by} has it open"] if view.claimed_by else []
    lines = [" · ".join(head), *(f" {_entry(span)}" for span in view.spans)]
    lines = [printable(line) for line in lines]
    return [lines[0], marked_text(view), *lines[1:], *left]


def _around(view: DocumentView) -> tuple[DocumentView, list[str]]:
    """The part of a long document with the first open span, and a line about the rest."""
    at = min((span.start for span in view.spans if span.status == "open"), default=0)
    start, end = max(0, at - BEFORE), min(len(view.text), at + BEHIND)
    start = view.text.find(" ", start, at) + 1 if start else 0  # at a word; 0 where no space is near
    end = max(view.text.rfind(" ", at, end), at) if end < len(view.text) else end
    for span in view.spans:  # spans that the edges would cut
        start = min(start, span.start) if span.start < start < span.end else start
        end = max(end, span.end) if span.start < end < span.end else end
    kept = [span for span in view.spans if start <= span.start and span.end <= end]
    moved = tuple(replace(span, start=span.start - start, end=span.end - start) for span in kept)
    text = view.text[start:end]
    away = len(view.spans) - len(moved)
    rest = f"{quantity(away, 'more mention')} in the rest" if away else "no more mentions"
    said = f"  … {rest}; `go {view.doc_id}` shows the whole text"
    return replace(view, text=text, spans=moved), [printable(said)]


CHANGED = 8
"""Mentions of one line that are shown alone; of more the whole document is."""


def changed_lines(view: DocumentView, before: Mapping[int, tuple[object, ...]]) -> list[str]:
    """The sentences and entries of what one line has changed; the whole card for more than ``CHANGED``.

    Args:
        before: What stood of each mention, as ``span_states`` has it.
    """
    now = span_states(view)
    changed = [span for span in view.spans if before.get(span.number) != now[span.number]]
    if not changed or len(changed) > CHANGED or {*before} - {*now}:
        return card_lines(view, again=True)
    lines: list[str] = []
    for start, end in dict.fromkeys(_sentence(view, span) for span in changed):
        inside = (span for span in view.spans if start <= span.start and span.end <= end)
        kept = tuple(replace(span, start=span.start - start, end=span.end - start) for span in inside)
        lines.append(f"  {marked_text(replace(view, text=view.text[start:end], spans=kept)).strip()}")
    return [*lines, *(printable(f" {_entry(span)}") for span in changed)]


def span_states(view: DocumentView) -> dict[int, tuple[object, ...]]:
    """What a reviewer sees of each mention."""
    return {s.number: (s.start, s.end, s.label, s.status, s.concept_id) for s in view.spans}


def _sentence(view: DocumentView, span: SpanView) -> tuple[int, int]:
    """Where the sentence of a mention begins and ends; no other mention is cut by its edges."""
    ends = [found.end() for found in _ENDS.finditer(view.text)]
    start = max((end for end in ends if end <= span.start), default=0)
    stop = min((end for end in ends if end >= span.end), default=len(view.text))
    for other in view.spans:
        if other.start < stop and start < other.end:
            start, stop = min(start, other.start), max(stop, other.end)
    return start, stop


_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])|\n+")


def marked_text(view: DocumentView) -> str:
    """The text with ``[1 span]`` around each span; of overlapping ones the accepted, then the chosen."""
    ranked = sorted(
        view.spans, key=lambda s: (s.status == "rejected", s.status == "open", not s.chosen, s.number)
    )
    taken = Intervals()
    kept = [span for span in ranked if taken.take(span.start, span.end)]
    parts, at = [], 0
    for span in sorted(kept, key=lambda s: s.start):
        struck = "~" if span.status == "rejected" else ""
        flags = "".join(f"-{FLAGS.get(flag, flag)}" for flag in span.flags)
        parts += [view.text[at : span.start], f"[{struck}{span.number} {span.surface}{struck}]{flags}"]
        at = span.end
    return printable("".join([*parts, view.text[at:]]))


def printable(text: str) -> str:
    """Control characters as pictures, so that a text cannot steer the terminal."""
    pictures = {**{chr(code): chr(0x2400 + code) for code in range(0x20)}, "\x7f": "␡"}
    return _CONTROL.sub(lambda found: pictures.get(found[0], "�"), text.replace("\r\n", "\n"))


def _entry(span: SpanView) -> str:
    sign = {"open": " ", "accepted": "✓", "rejected": "✗"}[span.status]
    label = span.label if span.chosen or span.status != "open" else f"?  {span.label}"
    how = f" {span.method}" if span.method in ("fuzzy", "abbreviation", "variant", "pattern") else ""
    how += f" {span.score:.2f}" + (f" ({span.reference})" if how and span.reference else "")
    notes = [*(FLAGS.get(flag, flag) for flag in span.flags), span.concept_id, span.reason]
    mark = "model only" if span.mark == "model" else span.mark
    return " ".join([f"{sign}{span.number} {label}  {mark}{how}", *filter(None, notes)])


def reply_lines(reply: Reply) -> list[str]:
    """Echo, lines and table of an answer."""
    sign = {"done": "✓", "info": "·", "ask": "?", "error": "!"}[reply.level]
    lines = [f"{sign} {reply.echo}", *(f"    {line}" for line in reply.lines)]
    lines += table_lines(reply.table) if reply.table else []
    if reply.understood:
        lines.append(f"    understood as `{reply.understood}`")
    if reply.pending and reply.pending.choices:
        choices = zip(CHOICE_LETTERS, reply.pending.choices, strict=False)
        lines += [f"    {letter}) {said}: `{line}`" for letter, (said, line) in choices]
    if reply.then:
        lines.append(f"? {reply.then}")
    return [printable(line) for line in lines]


def table_lines(table: Table) -> list[str]:
    rows = [tuple(_cell(cell) for cell in row) for row in (table.columns, *table.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    body = [
        "    " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return ([f"    {table.title}"] if table.title else []) + body


def _cell(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= 2 * WIDTH else f"{text[:WIDTH]}…{text[-WIDTH:]}"


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
        starts: Where each part begins; the first one at 0.
        chosen: For each part the open spans in it that the pipeline chose; empty for a single part.
        others: For each part the other open spans.
        pages: Where each page of the file begins; empty where that is not known.
    """

    doc_id: str
    text: str
    starts: tuple[int, ...]
    chosen: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    pages: tuple[int, ...] = ()

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
        counts = (*enumerate(self.chosen), *enumerate(self.others))
        return next((part for part, count in counts if count), 0)


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


def pages_of(connection: sa.Connection, document_id: int) -> tuple[int, ...]:
    """Where each page of a document begins; empty where that is not known."""
    query = sa.select(document.c.meta[PAGE_STARTS]).where(document.c.id == document_id)
    return page_starts({PAGE_STARTS: connection.scalar(query)})


def outline_of(connection: sa.Connection, reviewer_id: int, document_id: int) -> Outline:
    """The outline of a document for a reviewer; open spans are not counted where there is one part."""
    query = sa.select(document.c.doc_id, document.c.text).where(document.c.id == document_id)
    row = connection.execute(query).one()
    bare = Outline(row.doc_id, row.text, cut(row.text), pages=pages_of(connection, document_id))
    if len(bare) == 1:
        return bare
    counts = ([0] * len(bare), [0] * len(bare))
    for start, chosen in _open(connection, reviewer_id, document_id):
        counts[0 if chosen else 1][bare.part_at(start)] += 1
    return replace(bare, chosen=tuple(counts[0]), others=tuple(counts[1]))


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
