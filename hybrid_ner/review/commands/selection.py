"""Spans by number, or of the whole corpus: how it is said which; and occurrences that no span covers yet."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import FLAGS
from hybrid_ner.review.document.spans import Numbers, snap
from hybrid_ner.review.store.database import chunks, rows_in
from hybrid_ner.review.store.events import Change, Mention
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.postings import MANY, bounds, occurrences, surface_key
from hybrid_ner.review.store.schema import document_state, mention, suggestion
from hybrid_ner.terms import MatchMode
from hybrid_ner.text import exact_form

EVERY = Numbers(every=True)


@dataclass(frozen=True, slots=True)
class Condition:
    """``score>0.95``."""

    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Spans of the whole corpus.

    Args:
        term: Folded surface; empty for any.
        label: As typed, fuzzy; empty for any.
        source: ``rule``, ``model``, ``both`` or the name of a source.
        method: ``exact``, ``fuzzy``, …
        scores: Every condition must hold.
        near: Words that must stand near the span.
        flags: Context flags that it must have.
        status: ``open``, ``accepted`` or ``rejected``.
        skipped: Documents left out, as typed.
        reviewed: Decided spans are touched as well.
        likely: Only spans that the pipeline itself chose.
        mine: Only in documents that wait for the reviewer: not in those that others have or have reviewed.
        only: Only the spans at these characters: document as typed, start and end; empty for all.
        without: Spans at these characters are left out.
    """

    term: str = ""
    label: str = ""
    source: str = ""
    method: str = ""
    scores: tuple[Condition, ...] = ()
    near: str = ""
    flags: tuple[str, ...] = ()
    status: str = ""
    skipped: tuple[str, ...] = ()
    reviewed: bool = False
    likely: bool = False
    mine: bool = False
    only: tuple[tuple[str, int, int], ...] = ()
    without: tuple[tuple[str, int, int], ...] = ()


_FLAG_WORDS = {word: flag for flag, short in FLAGS.items() for word in (flag, short)}
_FIELDS = ("label", "source", "method", "status")
_BOUND = re.compile(r"\d+(\.\d+)?|\.\d+")
_STATUSES = ("open", "accepted", "rejected")
Place = tuple[str, int, int]
"""A document as typed, and the characters of a span in it."""
_EXAMPLE = 'For example `ok all "afib" label:PROBLEM score>0.9 where near "ecg" except doc 31`.'


def selection(cursor: Cursor) -> Selection:
    """Read selectors up to ``->`` or the end of the line.

    Raises:
        ParseError: A selector that is not known, or none at all.
    """
    found: dict[str, Any] = {}
    several: defaultdict[str, list[Any]] = defaultdict(list)
    while (token := cursor.peek()) is not None and token.kind != "arrow":
        word = token.text.lower()
        if token.kind == "quoted" or (token.kind in ("word", "number") and not found and _is_bare(word)):
            _once(found, "term", cursor.text("a term"))
        elif cursor.word("score"):
            several["scores"].append(_condition(cursor))
        elif cursor.word("where"):
            _where(cursor, found, several["flags"])
        elif cursor.word("only"):
            several["only"] += _places(cursor)
        elif cursor.word("except"):
            if _names_places(cursor):
                several["without"] += _places(cursor)
            else:
                several["skipped"] += _skipped(cursor)
        elif chosen := cursor.word("likely", "mine"):
            found[chosen] = True
        elif cursor.word("including"):
            if not cursor.word("reviewed"):
                raise ParseError("expected `including reviewed`.", hint=_EXAMPLE)
            found["reviewed"] = True
        elif token.kind == "word" and word.partition(":")[0] in _FIELDS and ":" in word:
            cursor.take()
            name, _, value = token.text.partition(":")
            _once(found, name.lower(), value or cursor.text(f"a value after {name}:"))
        elif not cursor.word("and"):
            raise ParseError(f"{token.text!r} is no selector.", hint=_EXAMPLE)
    if not (found or several):
        raise ParseError("say which mentions.", hint=_EXAMPLE)
    if found.get("status", "open") not in _STATUSES:
        raise ParseError(f"status is one of {', '.join(_STATUSES)}.", hint=_EXAMPLE)
    return Selection(**found | {name: tuple(dict.fromkeys(each)) for name, each in several.items()})


def _is_bare(word: str) -> bool:
    reserved = ("score", "where", "except", "including", "and", "only", "likely")
    return word not in reserved and not (":" in word and word.partition(":")[0] in _FIELDS)


def _once(found: dict[str, Any], name: str, value: str) -> None:
    if name in found:
        raise ParseError(f"{name} was given twice.", hint="One is enough. Nothing changed.")
    found[name] = value


def _condition(cursor: Cursor) -> Condition:
    if shifted := cursor.take("shift"):
        return Condition(shifted.text[0], float(shifted.text[1:]))
    operator, value = cursor.take("op"), cursor.take("number", "word")
    if operator is None or value is None or not _BOUND.fullmatch(value.text):
        raise ParseError("expected a bound, for example score>0.95.", hint="Nothing changed.")
    plain = {"≥": ">=", "≤": "<="}.get(operator.text, operator.text)
    return Condition(plain, float(value.text))


def _where(cursor: Cursor, found: dict[str, Any], flags: list[str]) -> None:
    if cursor.word("near"):
        _once(found, "near", cursor.text("the words that stand near"))
    elif word := cursor.word(*_FLAG_WORDS):
        flags.append(_FLAG_WORDS[word])
    else:
        raise ParseError(
            'after `where` comes `near "…"`, neg, hist, family, hyp or poss.', hint="Nothing changed."
        )


def _skipped(cursor: Cursor) -> list[str]:
    cursor.word("doc", "docs", "document", "documents")
    names: list[str] = []
    while not names or cursor.tokens[cursor.at - 1].kind == "comma":
        numbers = [str(number) for number in cursor.numbers()]
        names += numbers or [cursor.text("a document after `except doc`", "`except doc 31`")]
        cursor.take("comma")
    return names


def _names_places(cursor: Cursor) -> bool:
    """Whether characters follow the document, or the word ``doc`` and the document: ``3 @4-8``."""
    return any(token.kind == "at" for token in cursor.tokens[cursor.at : cursor.at + 3])


def _places(cursor: Cursor) -> list[Place]:
    """``3 @4-8 @20-24 "note 7" @0-4``: characters, behind the document that they are of."""
    found: list[Place] = []
    while _names_places(cursor):
        cursor.word("doc", "document")
        name = cursor.text("a document before the characters", "`only 3 @4-8`")
        while characters := cursor.characters():
            found.append((name, *characters))
    if not found:
        raise ParseError("say which places.", hint="For example `only 3 @4-8`. Nothing changed.")
    return found


def numbers_or_selection(cursor: Cursor) -> Numbers | Selection | None:
    """Numbers of spans, ``all``, ``all but 4``, or what selects over the corpus after ``all``."""
    if cursor.word("all"):
        if cursor.peek() is None or cursor.word("next"):
            return EVERY
        start = cursor.at
        said = cursor.word("but", "except")
        if said and (numbers := cursor.numbers()):
            return Numbers(every=True, but=numbers)
        if said == "but":
            raise ParseError("say which mentions to leave out.", hint="For example `ok all but 4`.")
        cursor.at = start
        return selection(cursor)
    numbers = cursor.numbers()
    return Numbers(numbers) if numbers else None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An occurrence: characters ``[start, end)`` of a document; ``number`` is free for a new span there."""

    document_id: int
    start: int
    end: int
    number: int


def unlabeled(work: Work, term: str, only: int | None = None, mode: MatchMode = "folded") -> list[Occurrence]:
    """Occurrences of ``term`` that touch no span, not even a rejected one of the same characters.

    Args:
        only: Look in this document alone.
        mode: With ``case``, only where its exact letters stand.
    """
    places: list[Occurrence] = []
    known, covered = _known(work, term)
    most = bounds(work.connection, work.project.id, term)
    # As many spans as the term can have places: each of them has one, and the text need not be read.
    unsure = sorted(number for number, count in most.items() if count == MANY or count > covered[number])
    if only is not None:
        unsure = [number for number in unsure if number == only]
    batch: dict[int, list[tuple[int, int]]] = {}
    for number, text, offsets in occurrences(work.connection, work.project.id, term, unsure):
        if mode == "case":
            offsets = [(s, e) for s, e in offsets if exact_form(text[s:e]) == exact_form(term)]
        if any((number, *place) not in known for place in offsets):
            batch[number] = offsets
    for part in chunks(sorted(batch)):
        spans = _spans(work, part)
        for number in part:
            places += _free(number, batch[number], spans.get(number, []))
    return places


def unmarked(
    work: Work, text: str, only: int | None = None, mode: MatchMode = "folded"
) -> tuple[list[Occurrence], int]:
    """Those in open documents, and how many there are in reviewed ones."""
    found = unlabeled(work, text, only, mode)
    state, ids = document_state.c, sorted({place.document_id for place in found})
    query = sa.select(state.document_id).where(state.reviewer_id == work.author.reviewer_id, state.done)
    done = {row[0] for row in rows_in(work.connection, query, state.document_id, ids)}
    places = [place for place in found if place.document_id not in done]
    return places, len(found) - len(places)


@dataclass(frozen=True, slots=True)
class _Span:
    """As much of a span as says whether an occurrence is free."""

    start: int
    end: int
    number: int
    status: str


def _known(work: Work, term: str) -> tuple[set[tuple[int, int, int]], Counter[int]]:
    """Places of spans with this surface, from the index, and how many of them are sure, by document."""
    m, s, key = mention.c, suggestion.c, surface_key(term)
    suggested = sa.select(s.document_id, s.start_char, s.end_char, s.whole).where(
        s.project_id == work.project.id, s.surface_key == key, s.shown
    )
    moved = sa.select(m.document_id, m.base_start, m.base_end).where(
        m.reviewer_id == work.author.reviewer_id, (m.base_start != m.start_char) | (m.base_end != m.end_char)
    )
    gone = {tuple(row) for row in work.connection.execute(moved).all()}
    rows = [row for row in work.connection.execute(suggested).all() if tuple(row[:3]) not in gone]
    return {(row[0], row[1], row[2]) for row in rows}, Counter(row[0] for row in rows if row.whole)


def _free(document_id: int, offsets: Sequence[tuple[int, int]], spans: Sequence[_Span]) -> list[Occurrence]:
    following = max((m.number for m in spans), default=0) + 1
    places: list[Occurrence] = []
    for start, end in offsets:
        covered = any(m.status != "rejected" and m.start < end and start < m.end for m in spans)
        decided = any(m.status == "rejected" and (m.start, m.end) == (start, end) for m in spans)
        if not covered and not decided:
            places.append(Occurrence(document_id, start, end, following + len(places)))
    return places


def _spans(work: Work, ids: Sequence[int]) -> dict[int, list[_Span]]:
    """Spans by document, as ``merge_mentions`` shows them; suggestions are read without their votes."""
    m, s = mention.c, suggestion.c
    columns = (m.document_id, m.base_start, m.base_end, m.copy, m.start_char, m.end_char, m.number, m.status)
    mine = sa.select(*columns).where(m.reviewer_id == work.author.reviewer_id, m.document_id.in_(ids))
    found: dict[int, list[_Span]] = {number: [] for number in ids}
    hidden: set[tuple[int, int, int]] = set()
    for row in work.connection.execute(mine):
        found[row.document_id].append(_Span(row.start_char, row.end_char, row.number, row.status))
        hidden.add((row.document_id, row.start_char, row.end_char))
        if row.copy == 0:
            hidden.add((row.document_id, row.base_start, row.base_end))
    accepted = {n: [x for x in spans if x.status == "accepted"] for n, spans in found.items()}
    shown = sa.select(s.document_id, s.start_char, s.end_char, s.number).where(
        s.document_id.in_(ids), s.shown
    )
    for number, start, end, shown_number in work.connection.execute(shown).all():
        if (number, start, end) not in hidden:
            over = any(x.start < end and start < x.end for x in accepted[number])
            found[number].append(_Span(start, end, shown_number, "rejected" if over else "open"))
    return found


def unlabeled_changes(
    work: Work, places: Sequence[Occurrence], label: str, status: str, mark: str
) -> list[tuple[int, Change]]:
    """New spans at these places, snapped to whole tokens."""
    texts = texts_of(work.connection, (place.document_id for place in places))
    changes: list[tuple[int, Change]] = []
    taken: set[tuple[int, int, int]] = set()
    for place in places:
        text = texts[place.document_id]
        start, end = snap(text, work.tokens(text), place.start, place.end)
        if (place.document_id, start, end) in taken:
            continue
        taken.add((place.document_id, start, end))
        flags = work.flag(text, [(start, end)])[0]
        base, key = label if mark != "reviewer" else "", surface_key(text[start:end])
        seen: dict[str, Any] = {"base_label": base, "mark": mark, "flags": flags}
        m = Mention.first((start, end, 0), place.number, label, key, **seen)
        changes.append((place.document_id, m.change(status=status)))
    return changes
