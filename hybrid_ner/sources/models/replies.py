"""What a language model wrote, read without guessing: rows of JSON, and quotes found in the text.

Broken JSON is repaired only where one reading is possible: fences and talk around it, a comma too many,
Python's way to write it, an end that is missing. Rows that are whole are taken from the rest; what is left
over is named. Offsets that a model gives are never looked at: its quotes are found in the text.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hybrid_ner.sources.models.endpoint import Answer, Reply
from hybrid_ner.text import FoldedText, fold, fold_text, is_whole, plain_line
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)
_DECODER = json.JSONDecoder()
_SHOWN = 80
"""Characters of an answer that are shown of it."""
_EDGES = " \t\r\n,;:"
"""What models sweep into a quote; a full stop may be the name's own ("Acme Inc.")."""
_DEEPEST = 20
_LONGEST_ROW = 20_000
"""Characters of a row that is no JSON as it stands; what is longer is not looked through."""
_OPENINGS = 200
"""Brackets that begin no JSON, after which an answer counts as talk; each costs a look through a row."""
_MOST_LISTED = 100
"""Problems of one answer that are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read.

    Args:
        rows: Objects, and strings where those were asked for, in order.
        problems: What could not be read, for people.
        found: Whether there was any JSON.
    """

    rows: tuple[Any, ...]
    problems: tuple[str, ...] = ()
    found: bool = True


def read_rows(written: str) -> Rows:
    """The rows of an answer: all its JSON, be it arrays, an object that holds one, or lines."""
    text = _RE.THOUGHT_ENDS.sub("", _RE.THOUGHT.sub("", written)).strip()
    mended = _RE.COMMA.sub(" ", text)
    rows: list[Any] = []
    at, found, lost, failed = 0, False, "", 0
    while not lost and failed < _OPENINGS and (opening := _RE.OPEN.search(text, at)):
        start = opening.start()
        part = _part(text, mended, start)
        if part is None:
            failed += 1
            lost = text[start:] if _RE.BROKEN.match(text, start) and (rows or text[start] == "[") else ""
            at = start + 1
            continue
        found, at = True, part[1]
        rows += part[0]
        lost = part[2]
    if lost and (found or rows):
        return Rows(tuple(rows), (f"an answer that breaks off: {_short(lost)}",))
    if not found:
        return Rows((), (f"no JSON in the answer: {_short(text)}",), found=False)
    return Rows(tuple(rows))


def in_form(rows: Rows) -> Rows:
    """The rows if one of them is an object with a quote, or there are none: ``found`` says whether.

    An answer in another form, such as ``{"Drug": ["aspirin"]}``, is no opinion on the text.
    """
    if not rows.rows or any(
        isinstance(row, Mapping) and isinstance(row.get("quote"), str) for row in rows.rows
    ):
        return rows
    shown = _short(json.dumps(rows.rows[0], ensure_ascii=False, default=str))
    return Rows((), (f"no object with a quote in the answer: {shown}",), found=False)


def _part(text: str, mended: str, start: int) -> tuple[list[Any], int, str] | None:
    """Rows of the JSON at ``start``, where it ends, and what of it is lost; ``None`` where there is none."""
    value, end = _decoded(text, mended, start)
    if value is not None:
        is_talk = (
            isinstance(value, list) and value and not any(isinstance(v, (dict, str, list)) for v in value)
        )
        return None if is_talk else (_rows_of(value), end, "")
    rows, end, lost = _whole_rows(text, start)
    return (rows, end, lost) if rows else None


def _decoded(text: str, mended: str, at: int) -> tuple[Any, int]:
    """The value at a place and its end, or ``None``."""
    for each in (text, mended):
        try:
            return _DECODER.raw_decode(each, at)
        except (ValueError, RecursionError):
            continue
    return None, at


def _rows_of(value: Any) -> list[Any]:
    """The rows in a value: itself, or the only list in it that is not empty, whatever its key."""
    if isinstance(value, list) or isinstance(value.get("quote", value.get("term")), str):
        return value if isinstance(value, list) else [value]
    lists = [each for each in value.values() if isinstance(each, list)]
    full = [each for each in lists if each]
    if len(full) == 1 and all(isinstance(row, (dict, str)) for row in full[0]):
        return full[0]
    return [] if lists and not full and len(lists) == len(value) else [value]


def _whole_rows(text: str, start: int) -> tuple[list[Any], int, str]:
    """Rows of an array that does not parse as one: each that is whole by itself, their end, what is lost."""
    listed = _RE.LIST_OF_OBJECT.match(text, start)  # behind the first bracket of {"entities": [{…
    at = start + 1 if text[start] == "[" else listed.end() if listed else start
    rows: list[Any] = []
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or text[at] in "]}`":
            return rows, at, ""
        row, end = _row(text, at)
        if row is None:
            return rows, at, text[at:]
        rows.append(row)
        at = end


def _row(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        pass
    end = _closing(text, at)
    if end is None:
        return None, at
    piece = text[at:end]
    value, _ = _decoded(piece, _RE.COMMA.sub(" ", piece), 0)
    if value is None:
        try:
            value = ast.literal_eval(piece)  # {'quote': 'fever', 'sure': True}; nothing is run
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None, at
    return (value, end) if isinstance(value, (dict, str)) else (None, at)


def _closing(text: str, at: int) -> int | None:
    """Behind the brace that closes the one at ``at``; braces within quotes do not count."""
    depth, quote, escaped = 0, "", False
    for place in range(at, min(len(text), at + _LONGEST_ROW)):
        char = text[place]
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return place + 1
        if depth > _DEEPEST or (depth == 0 and not quote):
            return None
    return None


def _short(text: str) -> str:
    one_line = plain_line(text[: 20 * _SHOWN])
    return f"“{one_line[:_SHOWN]}”" + ("…" if len(one_line) > _SHOWN else "")


def aligned(text: str, rows: Sequence[Any], labels: Iterable[str]) -> Reply:
    """The quotes of the rows as spans of the text.

    A quote without ``before`` and ``after`` stands for every place where it is a whole word; with them, for
    those places that they fit. A quote at one place needs no context.

    Args:
        rows: Objects with ``quote`` and ``label``, and perhaps ``before``, ``after`` and ``why``.
    """
    folded, known = fold_text(text), {_plain(label): label for label in labels}
    answers: dict[tuple[int, int], Answer] = {}
    problems: list[str] = []
    for row in rows:
        found = _row_problem(row, known)
        if found:
            problems.append(found)
            continue
        quote, label = _quote(row), known[_plain(row["label"])]
        places, problem = _places(folded, row, quote)
        if problem:
            problems.append(problem)
        for start, end in places:
            other = answers.setdefault((start, end), Answer(start, end, label, None, _words(row)))
            if other.label != label:
                said = f"{_short(text[start:end])} is called {other.label} and {label}: the first stands"
                problems.append(said)
    return Reply(tuple(answers[place] for place in sorted(answers)), _listed(problems))


def _listed(problems: Iterable[str]) -> tuple[str, ...]:
    """Each problem once; of very many the first, and how many more."""
    each = tuple(dict.fromkeys(problems))
    more = len(each) - _MOST_LISTED
    return each if more <= 0 else (*each[:_MOST_LISTED], f"{more:,} more rows that cannot be used")


def _row_problem(row: Any, known: Mapping[str, str]) -> str:
    if not isinstance(row, Mapping) or not isinstance(row.get("quote"), str):
        return f"a row without a quote: {_short(json.dumps(row, ensure_ascii=False, default=str))}"
    if not isinstance(row.get("label"), str) or _plain(row["label"]) not in known:
        return f"a label that was not asked for, {_short(str(row.get('label')))}, for {_short(row['quote'])}"
    if not _quote(row):
        return f"an empty quote for {row['label']}"
    return ""


def _plain(label: str) -> str:
    return _squeezed(label).casefold()


def _quote(row: Mapping[str, Any]) -> str:
    return fold(str(row["quote"]).strip(_EDGES))


def _words(row: Mapping[str, Any]) -> str:
    found = row.get("why")
    return plain_line(found) if isinstance(found, str) else ""


def _places(text: FoldedText, row: Mapping[str, Any], quote: str) -> tuple[list[tuple[int, int]], str]:
    """Characters of the source, and what is wrong with the quote."""
    everywhere = list(_occurrences(text.folded, quote))
    whole = [place for place in everywhere if is_whole(text, *place)]
    if not whole:
        inside = "only inside of words" if everywhere else "not in the text"
        return [], f"a quote that is {inside}: {_short(str(row['quote']))} as {row['label']}"
    before, after = (fold(str(row.get(name) or "").strip(" .…")) for name in ("before", "after"))
    if len(whole) > 1 and (before or after):
        fitting = [place for place in whole if _fits(text.folded, place, before, after)]
        if not fitting:
            said = f"{_short(str(row['quote']))} stands {len(whole)} times, and never after {_short(before)}"
            return [], said + (f" and before {_short(after)}" if after else "")
        whole = fitting
    return [text.to_source(*place) for place in whole], ""


def _occurrences(text: str, quote: str) -> Iterator[tuple[int, int]]:
    at = text.find(quote)
    while at >= 0:
        yield at, at + len(quote)
        at = text.find(quote, at + len(quote))


def _fits(text: str, place: tuple[int, int], before: str, after: str) -> bool:
    """Whether the words stand right beside the place, but for spaces and punctuation."""
    start, end = place
    left, right = text[max(0, start - len(before) - 8) : start], text[end : end + len(after) + 8]
    return _squeezed(left).endswith(_squeezed(before)) and _squeezed(right).startswith(_squeezed(after))


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text)
