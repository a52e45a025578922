"""What the layout of a clinical text tells of its mentions: sections, check boxes, and signs.

"FAMILY HISTORY: breast cancer", "[ ] diabetes  [x] asthma", "Diabetes: [ ] yes [x] no",
"(-) fever (+) cough", "+SOB, -CP".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from hybrid_ner.io import read_list
from hybrid_ner.sources.context_page import FLAGS, Page, Scope, Trigger

_UNCHECKED = Trigger("unchecked box", "negated", "before", "layout")
_CHECKED_NO = Trigger("box checked at no", "negated", "after", "layout")
_MINUS = Trigger("minus sign", "negated", "before", "layout")

_LONGEST_HEADING = 7
_OPEN_TO_STOP = 3
"""A stop phrase among so many first tokens of a later sentence ends a section written in running text."""
_LASTING = frozenset({"historical", "family"})
"""Flags whose sections go on over lines after a heading with text on its own line."""
_NO = frozenset({"no", "n", "none", "denies", "denied", "negative", "neg", "absent"})
_YES = frozenset({"yes", "y", "unknown", "unk", "present", "positive", "pos", "n/a"})
_OPEN_BOXES = frozenset("☐□☑☒■✓✔_[(+-−")
"""Tokens that a box or sign may start with."""
_MARKS = frozenset({"x", "+", "*", "v", "✓", "✔", "☒"})


@dataclass(frozen=True, slots=True)
class _Box:
    """Tokens ``[start, end)`` of a box and whether it is checked."""

    start: int
    end: int
    checked: bool
    sign: bool = False


@cache
def _heading_words() -> frozenset[str]:
    """Words that the headings of clinical notes are made of."""
    return frozenset(read_list(Path(__file__).with_name("headings.txt")))


def layout_scopes(page: Page) -> Iterator[Scope]:
    """Scopes of sections, then of boxes."""
    yield from _section_scopes(page)
    for first, last in _lines(page):
        yield from _box_scopes(page, first, last)


def _section_scopes(page: Page) -> Iterator[Scope]:
    open_: dict[str, tuple[Trigger, bool]] = {}
    for first, last in pairwise([*page.segments, len(page.tokens)]):
        start = _skip_bullet(page, first, last)
        found = {
            flag: (hit.end, trigger)
            for flag in FLAGS
            if (hit := page.hit_at(flag, start))
            and (trigger := hit.of("section"))
            and _heads(page, hit.end, last)
        }
        if found:
            end = max(end for end, _ in found.values())
            inline = _inline(page, end, last)
            open_ = {flag: (trigger, inline) for flag, (_, trigger) in found.items()}
            start = end
        elif open_ and _other_heading(page, first, last):
            open_ = {}
        else:
            open_ = {flag: kept for flag, kept in open_.items() if _lasts(page, flag, kept[1], first, start)}
        for trigger, _ in open_.values():
            yield Scope(start, last, trigger)


def _lasts(page: Page, flag: str, inline: bool, first: int, start: int) -> bool:
    """Whether a section goes on with the segment at ``first``."""
    if start > first:
        return True
    gap = page.gap(first)
    if inline and (gap.count("\n") > 1 or flag not in _LASTING):
        return False
    return not any((flag, at) in page.of_kind["stop"] for at in range(first, first + _OPEN_TO_STOP))


def _heads(page: Page, end: int, last: int) -> bool:
    """Whether the words before token ``end`` are a heading: a colon or dash follows, or the line ends."""
    if end >= len(page.tokens):
        return False
    if end < last and page.tokens[end] in {":", "-", "–", "—"}:
        return page.tokens[end] == ":" or page.gap(end) != ""
    return "\n" in page.gap(end) and "\n" in (page.gap(page.segments[0]) or "\n")


def _inline(page: Page, end: int, last: int) -> bool:
    following = end + 1 if end < last and page.tokens[end] in {":", "-", "–", "—"} else end
    return following < len(page.tokens) and "\n" not in page.gap(following)


def _other_heading(page: Page, first: int, last: int) -> bool:
    for at in range(first, min(first + _LONGEST_HEADING, last)):
        if page.tokens[at] == ":":
            written = page.text[page.starts[first] : page.starts[at]]
            named = not _heading_words().isdisjoint(page.tokens[first:at])
            return at > first and (named or (written.isupper() and len(written) > 3))
    line_ends = last >= len(page.tokens) or "\n" in page.gap(last)
    written = page.text[page.starts[first] : page.ends[last - 1]]
    short = last - first <= _LONGEST_HEADING and written.isupper()
    return line_ends and short and not _heading_words().isdisjoint(page.tokens[first:last])


def _skip_bullet(page: Page, first: int, last: int) -> int:
    at = first
    while at < last - 1 and at - first < 2 and page.tokens[at] in {"-", "*", "•", "·", "–", "#", ".", ")"}:
        at += 1
    return at


def _lines(page: Page) -> Iterator[tuple[int, int]]:
    first, at = 0, 0
    while (at := page.text.find("\n", at)) >= 0:
        token = bisect_left(page.starts, at)  # the next one; a line break is white space
        if first < token < len(page.tokens):
            yield first, token
            first = token
        at += 1
    if page.tokens:
        yield first, len(page.tokens)


def _box_scopes(page: Page, first: int, last: int) -> Iterator[Scope]:
    boxes = list(_boxes(page, first, last))
    if not any(box.checked for box in boxes if page.tokens[box.start] == "_"):
        boxes = [box for box in boxes if page.tokens[box.start] != "_"]  # a blank to fill in: "Name: ____"
    if not boxes:
        return
    ends = boxes[-1].end >= last or (boxes[-1].end == last - 1 and page.tokens[last - 1] in {".", ";", ","})
    trailing = ends and boxes[0].start > first and page.tokens[boxes[0].start - 1] != ":"
    start = first
    for number, box in enumerate(boxes):
        following = boxes[number + 1].start if number + 1 < len(boxes) else last
        option = box.start - 1 if trailing else box.end
        word = page.tokens[option] if first <= option < last else ""
        if word in _NO | _YES and (trailing or _only_option(page, option, following)):
            if word in _NO and box.checked:
                yield Scope(start, box.start, _CHECKED_NO)
            continue
        left, right = (
            (boxes[number - 1].end if number else first, box.start) if trailing else (box.end, following)
        )
        commas = [at for at in range(left, right) if box.sign and page.tokens[at] in {",", ";", "."}]
        if commas:
            left, right = (commas[-1] + 1, right) if trailing else (left, commas[0])
        if not box.checked:
            yield Scope(left, right, _MINUS if box.sign else _UNCHECKED)
        start = following if not trailing else box.end


def _only_option(page: Page, option: int, following: int) -> bool:
    """Whether the box stands for an answer, "[x] No", and not for a finding, "[x] No fever"."""
    return option + 1 >= following or page.tokens[option + 1] in {",", ";", ".", "/", "|", ")"}


def _boxes(page: Page, first: int, last: int) -> Iterator[_Box]:
    tokens = page.tokens
    marks = [at for at in range(first, last) if tokens[at] in _OPEN_BOXES]
    signs = _signs(page, marks, first, last)
    end = first
    for at in marks:
        if at < end:
            continue
        token = tokens[at]
        if token in {"☐", "□"}:
            yield _Box(at, at + 1, False)
        elif token in {"☑", "☒", "■", "✓", "✔"}:
            yield _Box(at, at + 1, True)
        elif token == "_":
            box, end = _underlined(page, at, last)
            if box is not None:
                yield box
        elif token in {"[", "("}:
            box = _bracketed(page, at, last)
            if box is not None:
                yield box
                end = box.end
        elif at in signs:
            yield _Box(at, at + 1, token == "+", sign=True)


def _underlined(page: Page, at: int, last: int) -> tuple[_Box | None, int]:
    """``___`` and ``_x_`` beside each other on a line, and the token behind them."""
    end = at
    while end < last and page.tokens[end] in {"_", "x"} and (end == at or page.gap(end) == ""):
        end += 1
    inside = page.tokens[at:end]
    if len(inside) < 3 or inside[-1] != "_":
        return None, max(end, at + 1)
    return _Box(at, end, "x" in inside), end


def _bracketed(page: Page, at: int, last: int) -> _Box | None:
    """``[ ]``, ``[]``, ``[x]``, ``( )``, ``(x)``, ``(+)`` and ``(-)``."""
    square, closing = page.tokens[at] == "[", "]" if page.tokens[at] == "[" else ")"
    if at + 1 < last and page.tokens[at + 1] == closing and (square or page.gap(at + 1)):
        return _Box(at, at + 2, False)
    if at + 2 < last and page.tokens[at + 2] == closing:
        inside = page.tokens[at + 1]
        if inside in _MARKS and (square or inside in {"x", "+", "✓", "✔"}):
            return _Box(at, at + 3, True, sign=inside == "+")
        if inside in {"-", "−", "–"}:
            return _Box(at, at + 3, False, sign=not square)
    return None


def _signs(page: Page, marks: list[int], first: int, last: int) -> set[int]:
    """Plus and minus signs at words, if a line has two: "+SOB, -CP", "GI: + nausea", "cough -, sputum +"."""
    found = [
        at
        for at in marks
        if at + 1 < last
        and page.tokens[at] in {"+", "-", "−"}
        and page.tokens[at + 1][0].isalpha()
        and _is_sign(page, at, first)
    ]
    signs = (at for at in marks if first < at and page.tokens[at] in {"+", "-", "−"})
    behind = [at for at in signs if _closes(page, at, last)]
    if not found and len(behind) > 1:
        return set(behind)
    apart = any(page.gap(at + 1) for at in found)
    # A line of dashes alone is a list: "Plan: - aspirin, - statin".
    listed = apart and not any(page.tokens[at] == "+" for at in found)
    return set(found) if len(found) > 1 and not listed else set()


def _closes(page: Page, at: int, last: int) -> bool:
    """Whether a plus or minus ends a part of the line behind a word that is no ion ("Cl-")."""
    word = page.tokens[at - 1]
    ends = at + 1 == last or page.tokens[at + 1] in {",", ";", ".", "/"}
    return ends and word.isalpha() and (page.gap(at) == " " or (page.gap(at) == "" and len(word) > 3))


def _is_sign(page: Page, at: int, first: int) -> bool:
    """Whether what stands before a plus or minus lets it be a sign of what comes."""
    before = page.tokens[at - 1] if at > first else ","
    if page.gap(at + 1) == "":
        return at == 0 or page.gap(at) != "" or before in {",", "(", "/", ":"}
    return page.gap(at + 1) == " " and before in {",", ":", ";", "("}
