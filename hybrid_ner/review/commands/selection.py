"""Spans by number, or of the whole corpus: how a selection is read, and what it finds.

Finding goes by index; texts are read only where words matter.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.language import Cursor, ParseError, whole_number
from hybrid_ner.review.document.spans import Numbers
from hybrid_ner.review.store.card import SUGGESTED, to_suggested
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.journal import Author
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.postings import candidates, find_all, surface_key
from hybrid_ner.review.store.projection import to_mention
from hybrid_ner.review.store.schema import document, mention, suggestion

__all__ = [
    "EVERY",
    "Condition",
    "Hit",
    "Selection",
    "find_hits",
    "numbers_or_selection",
    "selection",
]

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


_FLAG_WORDS = {
    "neg": "negated",
    "negated": "negated",
    "hist": "historical",
    "historical": "historical",
    "family": "family",
    "fam": "family",
    "hyp": "hypothetical",
    "hypothetical": "hypothetical",
    "poss": "possible",
    "possible": "possible",
}
_FIELDS = ("label", "source", "method", "status")
_BOUND = re.compile(r"\d+(\.\d+)?|\.\d+")
_STATUSES = ("open", "accepted", "rejected")
_EXAMPLE = 'For example `ok all "afib" label:PROBLEM score>0.9 where near "ecg" except doc 31`.'


def selection(cursor: Cursor) -> Selection:
    """Read selectors up to ``->`` or the end of the line.

    Raises:
        ParseError: A selector that is not known, or none at all.
    """
    found: dict[str, object] = {}
    scores: list[Condition] = []
    flags: list[str] = []
    skipped: list[str] = []
    while (token := cursor.peek()) is not None and token.kind != "arrow":
        word = token.text.lower()
        if token.kind == "quoted" or (token.kind in ("word", "number") and not found and _is_bare(word)):
            _once(found, "term", cursor.text("a term"))
        elif cursor.word("score"):
            scores.append(_condition(cursor))
        elif cursor.word("where"):
            _where(cursor, found, flags)
        elif cursor.word("except"):
            skipped += _skipped(cursor)
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
    if not (found or scores or flags or skipped):
        raise ParseError("say which spans.", hint=_EXAMPLE)
    if found.get("status", "open") not in _STATUSES:
        raise ParseError(f"status is one of {', '.join(_STATUSES)}.", hint=_EXAMPLE)
    return Selection(
        **found,  # type: ignore[arg-type]
        scores=tuple(scores),
        flags=tuple(dict.fromkeys(flags)),
        skipped=tuple(skipped),
    )


def _is_bare(word: str) -> bool:
    reserved = ("score", "where", "except", "including", "and")
    return word not in reserved and not (":" in word and word.partition(":")[0] in _FIELDS)


def _once(found: dict[str, object], name: str, value: str) -> None:
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


def _where(cursor: Cursor, found: dict[str, object], flags: list[str]) -> None:
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
            raise ParseError("say which spans to leave out.", hint="For example `ok all but 4`.")
        cursor.at = start
        return selection(cursor)
    numbers = cursor.numbers()
    return Numbers(numbers) if numbers else None


_VOTES = {
    "both": ("rule+model", "rule≠model"),
    "rule+model": ("rule+model",),
    "rule": ("rule",),
    "model": ("model",),
}
"""Marks of suggestions that a word after ``source:`` stands for."""
_MARKS = {**_VOTES, "reviewer": ("reviewer",), "gazetteer": ("gazetteer",)}
"""The same with those of spans that were made in review."""
_READ = 1000
"""Suggestions read at a time."""


def _refuse_unknown(connection: sa.Connection, project_id: int, selection: Selection) -> None:
    """Complain of a selection that fits nothing since nothing has its source or its method.

    Raises:
        InputError: It names the known ones, and the one that may be meant.
    """
    if selection.source and selection.source not in _MARKS:
        _refuse("source", selection.source, {*_MARKS, *_sources(connection, project_id)})
    if selection.method:
        _refuse("method", selection.method, _methods(connection, project_id))


def _refuse(what: str, said: str, known: Iterable[str]) -> None:
    names = sorted(filter(None, known))
    if said in names:
        return
    close = process.extractOne(said.lower(), names, score_cutoff=60)
    meant = f"Did you mean `{what}:{close[0]}`? " if close else ""
    listed = f"The {what}s are {', '.join(names)}." if names else f"There is no {what} at all yet."
    raise InputError(f"no suggestion has the {what} {said!r}.", hint=f"{meant}{listed} Nothing changed.")


def _sources(connection: sa.Connection, project_id: int) -> set[str]:
    """Labeling sources that voted for any suggestion."""
    query = sa.select(suggestion.c.detail).where(suggestion.c.project_id == project_id, suggestion.c.shown)
    details = connection.execute(query.execution_options(yield_per=_READ)).scalars()
    return {str(vote["source"]) for detail in details for vote in detail.get("votes", ())}


def _methods(connection: sa.Connection, project_id: int) -> set[str]:
    return {
        str(method)
        for table in (suggestion, mention)
        for method in connection.scalars(
            sa.select(table.c.method).where(table.c.project_id == project_id).distinct()
        )
    }


NEAR_WORDS = 10
"""Words on either side that count as near."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that fits.

    Args:
        document_id: Row of its document.
        mention: As the reviewer sees it.
        chosen: Whether the pipeline chose it.
    """

    document_id: int
    mention: Mention
    chosen: bool


def find_hits(
    connection: sa.Connection, author: Author, selection: Selection, labels: Sequence[str]
) -> list[Hit]:
    """Spans that fit, by document and start.

    Raises:
        InputError: An unknown label, source or method, or a document that is not in the project.
    """
    label = find_label(selection.label, labels) if selection.label else ""
    hits: list[Hit] = []
    if selection.status in ("", "open"):
        hits += _untouched(connection, author, selection, label)
    hits += _touched(connection, author, selection, label)
    if not hits:
        _refuse_unknown(connection, author.project_id, selection)
    if selection.flags:
        hits = [hit for hit in hits if set(selection.flags) <= set(hit.mention.flags)]
    if selection.skipped:
        gone = _documents(connection, author, selection.skipped)
        hits = [hit for hit in hits if hit.document_id not in gone]
    if selection.near:
        hits = _near(connection, author, hits, selection.near)
    return sorted(hits, key=lambda hit: (hit.document_id, hit.mention.start, -hit.mention.end))


def _untouched(connection: sa.Connection, author: Author, selection: Selection, label: str) -> Iterable[Hit]:
    s, m = suggestion.c, mention.c
    same = (m.base_start == s.start_char) & (m.base_end == s.end_char) & (m.copy == 0)
    twin = (m.start_char == s.start_char) & (m.end_char == s.end_char)
    over = (m.status == "accepted") & (m.start_char < s.end_char) & (s.start_char < m.end_char)
    decided = sa.exists().where(
        m.reviewer_id == author.reviewer_id, m.document_id == s.document_id, same | twin | over
    )
    named = selection.source if selection.source not in ("", *_VOTES) else ""
    columns = (*SUGGESTED, s.detail) if named else SUGGESTED
    query = sa.select(*columns).where(s.project_id == author.project_id, s.shown, ~decided)
    if selection.term:
        query = query.where(s.surface_key == surface_key(selection.term))
    query = _conditions(query, suggestion, selection, label)
    if not named and selection.source:
        query = query.where(s.mark.in_(_VOTES[selection.source]))
    for row in connection.execute(query).all():
        if not named or any(vote["source"] == named for vote in row.detail.get("votes", ())):
            yield Hit(row.document_id, to_suggested(row), row.chosen)


def _touched(connection: sa.Connection, author: Author, selection: Selection, label: str) -> Iterable[Hit]:
    m = mention.c
    query = sa.select(mention).where(
        m.project_id == author.project_id,
        m.reviewer_id == author.reviewer_id,
        m.reason.not_in(("merged", "split")),
    )
    if selection.status:
        query = query.where(m.status == selection.status)
    if selection.term:
        query = query.where(m.surface_key == surface_key(selection.term))
    if selection.source:
        if selection.source not in _MARKS:
            return
        query = query.where(m.mark.in_(_MARKS[selection.source]))
    for row in connection.execute(_conditions(query, mention, selection, label)).all():
        yield Hit(row.document_id, to_mention(row), True)


def _conditions(query: sa.Select[Any], table: sa.Table, selection: Selection, label: str) -> sa.Select[Any]:
    if label:
        query = query.where(table.c.label == label)
    if selection.method:
        query = query.where(table.c.method == selection.method)
    for condition in selection.scores:
        query = query.where(_COMPARE[condition.operator](table.c.score, condition.value))
    return query


def _documents(connection: sa.Connection, author: Author, said: Iterable[str]) -> set[int]:
    found = set()
    for name in said:
        where = document.c.doc_id == name
        if (number := whole_number(name)) is not None:
            where |= document.c.position == number
        row = connection.execute(
            sa.select(document.c.id).where(document.c.project_id == author.project_id, where)
        ).first()
        if row is None:
            raise InputError(f"there is no document {name!r}.", hint="Nothing changed.")
        found.add(int(row[0]))
    return found


def _near(connection: sa.Connection, author: Author, hits: Sequence[Hit], words: str) -> list[Hit]:
    possible = set(candidates(connection, author.project_id, words))
    hits = [hit for hit in hits if hit.document_id in possible]
    texts = texts_of(connection, (hit.document_id for hit in hits))
    return [hit for hit in hits if _stands_near(texts[hit.document_id], hit.mention, words)]


def _stands_near(text: str, m: Mention, words: str) -> bool:
    left = list(re.finditer(r"\w+", text[: m.start]))[-NEAR_WORDS:]
    right = list(zip(range(NEAR_WORDS), re.finditer(r"\w+", text[m.end :]), strict=False))
    start = left[0].start() if left else m.start
    end = m.end + (right[-1][1].end() if right else 0)
    return bool(find_all(text[start : m.start], words) or find_all(text[m.end : end], words))
