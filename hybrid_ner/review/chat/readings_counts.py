"""Edges of spans by a count of words: "one word longer", "the first two words", "one word to the left"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Reading,
    asked,
    focus_of,
    named_spot,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_edges import bounded_spot, neighbours
from hybrid_ner.review.chat.situation import squeezed

_TAKE = frozenset(
    ("include", "extend", "add", "with", "plus", "more", "belongs", "belong", "part", "start", "starts",
     "begin", "begins", "grow", "longer", "take")
)  # fmt: skip
_GIVE = frozenset(("without", "reject", "shorten", "except", "minus", "less", "shorter", "cut"))
_AROUND = frozenset(
    ("to", "of", "from", "in", "at", "by", "on", "word", "words", "token", "tokens", "must", "has", "side",
     "edge", "off", "away", "border", "boundary", "is", "end", "ends", "part", "too", "have", "need",
     "needs", "before", "after", "next", "first", "last", "it", "also", "mark", "should", *w.NUMBERS)
)  # fmt: skip
"""Words of sentences about the edges of a span: what takes words in, what gives them up, and the rest."""


_FEW = frozenset(
    ("longer", "short", "missing", "lacks", "needs", "add", "include", "extend", "plus", "more", "another",
     "with", "part", "belongs")
)  # fmt: skip
_MANY = frozenset(
    ("long", "shorter", "many", "much", "shorten", "reject", "wrong", "out", "off", "not", "cut")
)
_COUNTED = frozenset(
    ("word", "words", "is", "too", "by", "for", "to", "in", "on", "of", "at", "from", "and", "mark",
     "should", "must", "have", "has", "had", "need", "wants", "take", "go", "belong", "other", "also", "it",
     "does", "one", "part", "here", "right", "side", *w.NUMBERS)
)  # fmt: skip
"""Words of sentences about how many words a span lacks, or has too many, and the rest of them."""
_NO_END = frozenset(
    """\
    the a an and or of in on at to for with by from as is was are were had has have who which that but
    so then after before during until since while i we he she it they my our his her their its this
    """.split()  # noqa: SIM905
)
"""Words that hardly begin or end a name."""


def _counted_words(clause: Clause) -> Reading | None:
    """How many words a span lacks or has too many: "10 is one word too short", "5 has two words too many"."""
    if kept := re.search(r"\bonly (first|last) (?:(\w+) )?words?\b", clause.text):
        spot, count = bounded_spot(clause), w.NUMBERS.get(kept[2] or "one", 0)
        words = re.findall(r"\S+", spot.surface)
        left = len(words) - count
        line = f"{spot.number} {'-' if kept[1] == 'first' else '>'}{left}"
        return one_line(line) if count and left > 0 else None
    bare = set(re.sub(r"(?:REF|NUM)\d+", " ", clause.text).split())
    first, last = (
        bare & {"first", "start", "beginning", "front", "before", "left"},
        bare & {"last", "end", "after"},
    )
    sides = first | last | ({"right"} & bare if re.search(r"\b(?:on|to|at) right\b", clause.text) else set())
    few, many = bare & _FEW, bare & _MANY
    refs = [item for item in clause.refs() if not re.match(r"\d+ words?$", item.said)]
    alone = not clause.items and bare & {"more", "another", "longer", "shorter"}
    if (
        not bare <= _FEW | _MANY | _COUNTED | sides
        or not few | many
        or (first and last)
        or not (refs or alone)
    ):
        return None
    if "words" not in bare and "word" not in bare:
        return None
    gives = bool(many) and not ("short" in bare or "longer" in bare)
    if gives and bare & {"before", "after"}:
        return None
    spot = bounded_spot(replace(clause, items=refs))
    count = next((w.NUMBERS[word] for word in clause.text.split() if word in w.NUMBERS), 1)
    if gives and len(spot.surface.split()) <= count:
        return None
    ways = (f">{count}", f"-{count}") if gives else (f"<{count}", f"+{count}")
    if sides:
        return one_line(f"{spot.number} {ways[0] if first else ways[1]}")
    options = {
        way: (start, end) for way, start, end in neighbours(clause.situation.text, spot, count, shorter=gives)
    }
    if not gives and count == 1:
        # "frozen" in "and frozen shoulder": a name hardly begins with "and"
        text = clause.situation.text
        near = {
            "<1": (options.get("<1", (0, 0))[0], spot.start),
            "+1": (spot.end, options.get("+1", (0, 0))[1]),
        }
        named = [
            way for way, (start, end) in near.items() if way in options and _may_end_name(text[start:end])
        ]
        if len(named) == 1:
            return one_line(f"{spot.number} {named[0]}")
    said = clause.situation.text
    choices = [
        (f"“{' '.join(said[start:end].split())}”", f"{spot.number} {way}")
        for way, (start, end) in options.items()
    ]
    return asked(f"On which side of {named_spot(spot)}?", *choices[:2]) if choices else None


def _may_end_name(word: str) -> bool:
    """Whether a word beside a span may belong to its name: no sign stands between, and it is no "and"."""
    return re.fullmatch(r"\s*[\w'’/-]+\s*", word) is not None and squeezed(word) not in _NO_END


def _edge_words(clause: Clause) -> Reading | None:
    """Words beside the span, or its first or last ones: "2 should include the word before"."""
    return _beside_or_outer(clause) or _counted_words(clause)


def _beside_or_outer(clause: Clause) -> Reading | None:
    bare = re.sub(r"(?:REF|NUM)\d+", " ", clause.text).split()
    if not set(bare) <= _TAKE | _GIVE | _AROUND or not re.search(
        r"\b(?:before|after|next|first|last)\b", clause.text
    ):
        return None
    refs = clause.refs()
    counted = re.search(r"(REF\d+) words?\b", clause.text)
    if counted:
        refs = [item for item in refs if item is not clause.wording.item(counted.group(1))]
    if len({item.numbers for item in refs}) > 1 or not (
        set(bare) & (_TAKE | _GIVE) or (refs and clause.text.startswith("REF"))
    ):
        return None
    if "reject" in bare and not {"word", "words"} & set(bare):
        return None  # "next undeleted"
    spot = bounded_spot(replace(clause, items=refs))
    count = (
        clause.wording.item(counted.group(1)).numbers[0]
        if counted
        else next((w.NUMBERS[word] for word in bare if word in w.NUMBERS), 1)
    )
    left = bool({"before", "first"} & set(bare))
    if set(bare) & _GIVE:
        return one_line(f"{spot.number} >{count}" if left else f"{spot.number} -{count}")
    if {"first", "last"} & set(bare):
        return None
    return one_line(f"{spot.number} <{count}" if left else f"{spot.number} +{count}")


def _edge_moved(clause: Clause) -> Reading | None:
    """One edge by words: "move the left edge of 9 one word to the left"."""
    said = clause.wording.raw.lower()
    edge = re.search(
        r"\b(left|right|start|beginning|front|end|back)(?:ing)? ?(?:edge|boundary|border|side|limit|of|\b)",
        said,
    )
    way = re.search(
        r"\b(?:to the |to |towards the |further |more to the |words? )?(left|right|earlier|later|back"
        r"|forward)s?\W*$",
        said,
    )
    refs = clause.refs()
    moves = re.search(r"\b(?:move|shift|push|pull|drag|nudge|bring|slide|take|edge|boundary|side)\b", said)
    if not (edge and way and moves) or len(refs) > 1 or way.start(1) <= edge.start(1):
        return None  # "the site is right, it should include the word left"
    spot = spots_of(clause, refs[0])[0] if refs else focus_of(clause)
    number = re.search(r"\b(\w+) (?:more )?(?:words?|tokens?)\b", said)
    word = number.group(1) if number else ""
    count = w.NUMBERS.get(word) or (int(word) if word.isdecimal() else 1)
    first = edge.group(1) in ("left", "start", "beginning", "front")
    leftward = way.group(1) in ("left", "earlier", "back")
    sign = ("<" if leftward else ">") if first else ("-" if leftward else "+")
    return one_line(f"{spot.number} {sign}{count}")


READINGS: Mapping[str, Action] = {"edge_words": _edge_words, "edge_moved": _edge_moved}
