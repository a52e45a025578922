"""Exact matching by looking at every substring: slow, obvious, independent of the engines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from hybrid_ner.text import fold_char

Span = tuple[int, int]


def folded_units(text: str) -> list[tuple[str, int, bool, bool]]:
    """Folded characters as (character, source offset, first of its source character, last of it)."""
    units: list[tuple[str, int, bool, bool]] = []
    for index, char in enumerate(text):
        folded = fold_char(char)
        for place, one in enumerate(folded):
            if one == " " and units and units[-1][0] == " ":
                continue
            units.append((one, index, place == 0, place == len(folded) - 1))
    return units


def fold_key(text: str) -> str:
    return "".join(unit[0] for unit in folded_units(text)).strip(" ")


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or unicodedata.combining(char) > 0 or char in "ﾞﾟ"


_BROKEN = re.compile(r"(?:[-‐\u00ad¬⸗]|[ \t][‐\u00ad])[ \t]*(?:\r\n|\n|\r)[ \t]*")


def all_spans(text: str, keys: Sequence[str]) -> list[tuple[int, int, str]]:
    """Every whole-word occurrence of the keys as (start, end, key), in order; also behind a line's hyphen."""
    found = {*_spans_of(text, keys)}
    for kept in (True, False):
        written: list[tuple[str, int]] = []
        at = 0
        while at < len(text):
            line_end, before = _BROKEN.match(text, at), text[at - 1 : at]
            after = text[line_end.end() : line_end.end() + 1] if line_end else ""
            if line_end and before.isalnum() and after.isalnum():
                written += [("-", at)] if kept or not (before.isalpha() and after.isalpha()) else []
                at = line_end.end()
            else:
                written.append((text[at], at))
                at += 1
        for start, end, key in _spans_of("".join(char for char, _ in written), keys):
            first, last = written[start][1], written[end - 1][1] + 1
            if last - first > end - start and not text[first].isspace():
                found.add((first, last, key))
    return sorted(found)


def _spans_of(text: str, keys: Sequence[str]) -> list[tuple[int, int, str]]:
    units = folded_units(text)
    found = []
    wanted = {key for key in keys if key}
    for i in range(len(units)):
        if not may_cut(units, i) or not units[i][2]:
            continue
        for j in range(i + 1, len(units) + 1):
            key = "".join(unit[0] for unit in units[i:j])
            if key in wanted and may_cut(units, j) and units[j - 1][3]:
                found.append((units[i][1], source_end(text, units, j), key))
    return sorted(found)


def may_cut(units: list[tuple[str, int, bool, bool]], at: int) -> bool:
    if at in (0, len(units)):
        return True
    before, after = units[at - 1][0], units[at][0]
    if unicodedata.category(after).startswith("M"):
        return False
    return not (_is_word(before) and _is_word(after))


def source_end(text: str, units: list[tuple[str, int, bool, bool]], at: int) -> int:
    end = units[at - 1][1] + 1
    stop = units[at][1] if at < len(units) else len(text)
    for place in range(end, stop):
        if _is_mark(text[place]):
            end = place + 1
    return end


def longest(spans: Sequence[Span], text: str = "") -> list[Span]:
    """The longest first, of equal ones the left one; a comma gives way to what it shares words with."""
    chosen: list[Span] = []
    commas = {span for span in spans if re.search(r",\s", text[slice(*span)])}
    crossed = {
        (start, end)
        for start, end in commas
        for s, e in {*spans} - commas
        if s < start < e < end or start < s < end < e
    }
    for start, end in sorted({*spans} - crossed, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= s or e <= start for s, e in chosen):
            chosen.append((start, end))
    return sorted(chosen)
