"""Kinds of words of the text: what people call a piece of a mention, or what stands beside one.

"The time", "its dose", "the currency", "her title": how such words are written is a table (``kinds.txt``),
so that a mention can lose them ("8 without the time"), gain them ("the amount lacks its currency") or keep
nothing else ("just the date"), whatever they are in the document at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

LOOSE_END = (
    r"(?i)(?:[\s,;:(–-]+(?:of|the|an?|and|or|in|at|for|to|by|from|with|on|since|until|till|after|before"
    r"|during|within|over|plus|per|than|dated|near|via))*[\s,;:(–-]*$"
)
"""What no mention ends with: "fracture clinic on" is left of "fracture clinic on 13 May"."""
_LINKS = r"[\s,]*(?:\b(?:of|in|at|on|from|since|for|until|dated)\s+(?:the\s+)?)?\(?"
"""What may stand between a mention and words behind it that it shall have: "Orchard Row, Bath"."""


@lru_cache(maxsize=256)
def kind_meant(said: str) -> tuple[tuple[str, str], ...]:
    """The patterns of the words that people call so, the likeliest first; none for any other words.

    Each with the side that such words stand on: ``<`` before or at the beginning of a mention, ``>`` behind
    or at its end, empty for both.
    """
    named = _RE.SAID.fullmatch(" ".join(said.lower().split()))
    name = named["name"] if named else ""
    rows = _RE.made("kinds", str)
    meant = ((pattern, names) for pattern, names in rows if name and re.fullmatch(names.lstrip("<> "), name))
    return tuple((pattern, names[0] if names[0] in "<>" else "") for pattern, names in meant)


def less_kind(surface: str, said: str) -> str:
    """A mention without the words of a kind that it ends or begins with; empty where it has none there.

    Args:
        surface: The words of the mention.
        said: What they are called: "the time", "dose"; several with "and" between go one after the other.
    """
    left = surface
    for each in re.split(r",? and |, | & ", said):
        if not (rest := _less_one(left, each)) and not (rest := _less_one(surface, said)):
            return ""
        left = rest
    return left


def _less_one(surface: str, said: str) -> str:
    for pattern, side in kind_meant(said):
        for start, end in _places(pattern, surface):
            before, after = surface[:start], surface[end:]
            if side != "<" and before.strip() and not after.strip(" .,;)"):
                return _balanced(re.sub(LOOSE_END, "", before))
            if side != ">" and not before.strip() and re.search(r"\w", after):
                return _balanced(re.sub(r"(?i)^[\s,;:]*(?:of\s+(?:the\s+)?)?", "", after))
    return ""


def _balanced(text: str) -> str:
    """A piece of a mention that is one by itself: no bracket is open, and it has letters or figures."""
    whole = text.count("(") == text.count(")") and re.search(r"\w", text)
    return " ".join(text.split()) if whole else ""


def only_kind(surface: str, said: str) -> str:
    """The one piece of a mention that is of a kind; empty where it has none, or several."""
    for pattern, _ in kind_meant(said):
        places = list(_places(pattern, surface))
        if len(places) == 1 and places[0] != (0, len(surface)):
            return " ".join(surface[slice(*places[0])].split())
    return ""


_BESIDES = ("dose", "frequency", "route", "date", "time", "duration", "when", "year", "size")
"""Kinds of words that belong to no name of a thing: what is left without them is "just the drug"."""
_BESIDES_NAMES = (*_BESIDES, "place", "amount")


def bare_name(surface: str, *, called: bool = False) -> str:
    """A mention without doses, dates and times at its end; empty where it has none.

    Args:
        surface: The words of the mention.
        called: It is a name of somebody, which a place is no part of: "Marchmont Estates LLP of Bristol".
    """
    left = surface
    while shorter := next(
        filter(None, (_less_one(left, each) for each in (_BESIDES_NAMES if called else _BESIDES))), ""
    ):
        if not surface.startswith(shorter) or len(shorter) >= len(left):
            break
        left = shorter
    return left if left != surface else ""


def beside(
    text: str, start: int, end: int, said: str, *, front: bool | None = None
) -> tuple[int, int] | None:
    """Where a mention and the words of a kind that stand right beside it begin and end; ``None`` without any.

    Args:
        text: The document.
        start: Where the mention begins.
        end: Where it ends.
        said: What the words are called.
        front: They stand before it; ``None`` where nothing tells.
    """
    for pattern, side in kind_meant(said):
        if front is not False and side != ">":
            for first, last in _places(pattern, line := text[max(0, start - 60) : start]):
                if not line[last:].strip():
                    return start - len(line) + first, end
        behind = re.compile(f"{_LINKS}(?:{pattern})(?!\\w)") if front is not True and side != "<" else None
        found = behind.match(text, end) if behind else None
        if found and re.search(r"[.;]\s", found.group()) is None:
            return start, found.end()
    return None


def _places(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Where words of a kind stand in a text, the longest ones from each place on."""
    return (each.span() for each in re.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text))


_LEAST = 5
"""Letters of words that may be misspelled, at least: "Inc" for "Ltd" is no slip."""


def is_slip(said: str, words: str) -> bool:
    """Whether words as typed are those of a text, with a slip in them: "Limitd", "phospate 30 mg"."""
    typed, meant = " ".join(said.lower().split()), " ".join(words.lower().split())
    if min(len(typed), len(meant)) < _LEAST or typed[0] != meant[0] or typed == meant:
        return False
    same = re.findall(r"\d+", typed) == re.findall(r"\d+", meant)
    return same and OSA.distance(typed, meant) <= max(1, len(meant) // 7)
