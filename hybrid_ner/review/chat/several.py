"""Several orders in one line, each read alone and about spans of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.offers import sensible
from hybrid_ner.review.chat.reading import Reading, Wording
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, numbers_said
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join([*w.NUMBERS, *w.ORDINALS]))

Understand = Callable[[str, Situation], Reading | None]
_MOST_CUTS = 8
"""Places at which a line is divided: every part of it is read once more."""


class Used(NamedTuple):
    """What lines are about: numbers of spans, and all their words in small letters."""

    numbers: set[int]
    words: str


def used(lines: Sequence[str], situation: Situation) -> Used:
    """The spans that lines are about, and the words in them and of these spans."""
    numbers: set[int] = set()
    texts: list[str] = []
    for line in lines:
        texts += re.findall(r'"((?:[^"\\]|\\.)*)"', line)
        plain = re.sub(r'"(?:[^"\\]|\\.)*"|[@#][\d-]+', "", line)
        for first, last in re.findall(r"(?<![\w-])(\d+)(?:-(\d+))?(?![\w-])", plain):
            numbers.update(range(int(first), int(last or first) + 1))
    texts += [spot.surface for spot in situation.spots if spot.number in numbers]
    return Used(numbers, " | ".join(" ".join(text.casefold().split()) for text in texts))


def unused(wording: Wording, lines: Sequence[str], situation: Situation) -> list[str]:
    """The markers of a sentence that no line has anything to do with: named spans, words of the text."""
    numbers, words = used(lines, situation)
    found: list[str] = []
    for marker in re.findall(r"(?:REF|TXT)\d+", wording.text):
        item = wording.item(marker)
        said = " ".join(item.said.casefold().split())
        if item.kind == "ref" and item.by in ("number", "term", "order"):
            lacks = (
                not {*item.numbers} <= numbers if item.by == "number" else numbers.isdisjoint(item.numbers)
            )
            if lacks and not (item.by == "term" and said in words):
                found.append(marker)
        elif item.kind == "txt" and said not in words:
            found.append(marker)
    return found


def in_parts(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """Two or more orders, cut where each half is sure by itself and about something else."""
    if "?" in line:
        return None
    for cut in _cuts(line, situation):
        first, second = line[: cut.start()], line[cut.end() :]
        if (made := _both(first, second, situation, understand)) is not None:
            return made
    return None


def _cuts(line: str, situation: Situation) -> Iterator[re.Match[str]]:
    """Where a line may be divided, full stops first."""
    found: list[tuple[int, re.Match[str]]] = []
    for cut in _RE.CUT.finditer(line):
        before, after = line[: cut.start()], line[cut.end() :]
        stop = re.match(r"[.;!\n]", cut.group().strip()) is not None
        if before.count('"') % 2 or (stop and _goes_on(before, cut.group(), after, situation)):
            continue
        if not stop and not _RE.BEGINS.match(after):
            continue
        if before[-1:].isdecimal() and after[:1].isdecimal() and _RE.LISTS.search(before):
            continue  # "accept 1, 4 and 6"
        found.append((0 if stop else 2 if cut.group().strip() == "," else 1, cut))
    if len(found) > _MOST_CUTS:
        found = [each for each in found if each[0] == 0]
    yield from (cut for _, cut in sorted(found[:_MOST_CUTS], key=lambda each: (each[0], each[1].start())))


def _goes_on(before: str, stop: str, after: str, situation: Situation) -> bool:
    """Whether words of the text go on over a stop in it, up to the next one: "Alvor Labs Inc. of Derby".

    "Four should be electron microscopy. The band gap is fine": the text goes on so too, but not as long.
    """
    if f"{before[-6:]}{stop}{after[:5]}".strip() not in situation.text:
        return False
    short = re.search(r"(?:\.\w|\b\w|\b(?:Inc|Corp|Ltd|Co|Bros|St|No|Dr|Prof))$", before) is not None
    clause = re.split(r"[.,;:!\"]", after)[0].strip()
    return short or not after[:1].isupper() or f"{before[-6:]}{stop}{clause}".strip() in situation.text


def _both(first: str, second: str, situation: Situation, understand: Understand) -> Reading | None:
    one = _alone(first, situation, understand)
    two = _alone(second, situation, understand) if one else None
    if not (one and two):
        return None
    done = used(one, situation).numbers
    if _RE.REST.search(second):
        verbs = {each.split()[0] for each in two} & {"ok", "no"}
        left = {spot.number for spot in situation.offered} - done
        if len(two) != 1 or not verbs or not left:
            return None
        two = (f"{verbs.pop()} {numbers_said(left)}",)
    if used(two, situation).numbers & done and not sensible("; ".join((*one, *two))):
        return None
    return Reading((*one, *two), writes=True)


def _alone(part: str, situation: Situation, understand: Understand) -> tuple[str, ...]:
    """The lines of a part that is sure by itself and names what it is about; none for any other."""
    part = part.strip(" ,.;!-–")
    if " " not in part or _RE.POINTS.search(part) or _RE.DEPENDS.search(part):
        return ()
    read = understand(part, situation)
    if read is None or not read.lines or read.question:
        return ()
    if not read.writes:
        return read.lines if all(map(_RE.WORKS.fullmatch, read.lines)) else ()
    if _RE.REST.search(part):
        return read.lines
    wording = read_words(part, situation)
    named = {n for m in re.findall(r"(?:REF|TXT)\d+", wording.text) for n in _named(wording, m, situation)}
    about = used(read.lines, situation).numbers
    return read.lines if about <= named or not about else ()


def _named(wording: Wording, marker: str, situation: Situation) -> tuple[int, ...]:
    """The spans that a word names, or that the one in longer words of the text is: "take “metal stent”"."""
    item = wording.item(marker)
    if item.kind == "txt":
        held = situation.held(item.said)
        return tuple(spot.number for spot in held) if len(held) == 1 else ()
    return () if item.by not in ("number", "term", "label") else item.numbers
