"""Spans by number, or of the whole corpus: how it is said which."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.document.spans import Numbers

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
    only: tuple[tuple[str, int, int], ...] = ()
    without: tuple[tuple[str, int, int], ...] = ()


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
Place = tuple[str, int, int]
"""A document as typed, and the characters of a span in it."""
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
    only: list[Place] = []
    without: list[Place] = []
    while (token := cursor.peek()) is not None and token.kind != "arrow":
        word = token.text.lower()
        if token.kind == "quoted" or (token.kind in ("word", "number") and not found and _is_bare(word)):
            _once(found, "term", cursor.text("a term"))
        elif cursor.word("score"):
            scores.append(_condition(cursor))
        elif cursor.word("where"):
            _where(cursor, found, flags)
        elif cursor.word("only"):
            only += _places(cursor)
        elif cursor.word("except"):
            places = _places(cursor) if _names_places(cursor) else []
            without += places
            skipped += [] if places else _skipped(cursor)
        elif cursor.word("likely"):
            found["likely"] = True
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
    if not (found or scores or flags or skipped or only or without):
        raise ParseError("say which spans.", hint=_EXAMPLE)
    if found.get("status", "open") not in _STATUSES:
        raise ParseError(f"status is one of {', '.join(_STATUSES)}.", hint=_EXAMPLE)
    return Selection(
        **found,  # type: ignore[arg-type]
        scores=tuple(scores),
        flags=tuple(dict.fromkeys(flags)),
        skipped=tuple(skipped),
        only=tuple(only),
        without=tuple(without),
    )


def _is_bare(word: str) -> bool:
    reserved = ("score", "where", "except", "including", "and", "only", "likely")
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
            raise ParseError("say which spans to leave out.", hint="For example `ok all but 4`.")
        cursor.at = start
        return selection(cursor)
    numbers = cursor.numbers()
    return Numbers(numbers) if numbers else None
