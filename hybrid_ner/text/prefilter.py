"""What every match of a regular expression needs: literals, other characters than letters, a beginning.

Looking for a literal with ``in`` takes a tenth of a microsecond a kilobyte: some hundred of them are found
sooner than one automaton hands its hits, one by one, to Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick

_SHORTEST = 2
"""Characters of a literal that is worth looking for."""
_MOST = 2_000
_ALIKE = str.maketrans({"ſ": "s", "ı": "i", "İ": "i", "K": "k"})
"""Characters beyond ASCII that an expression which ignores case takes for ASCII letters."""


@lru_cache(maxsize=8)
def words_inside(words: frozenset[str]) -> tuple[Any, tuple[str, ...]]:
    """An automaton that finds words in a text without white space, also within others; and those that have
    white space themselves."""
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton, tuple(word for word in words if word.split() != [word])


@lru_cache(maxsize=4096)  # every pipeline asks the same of the same
def literals_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Strings in lower case of which every match holds one; ``None`` where there are no such."""
    return _needed(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _needed(nodes: Iterable[Any]) -> frozenset[str] | None:
    """The best set that some part of a sequence needs: that whose shortest string is longest."""
    best: frozenset[str] | None = None
    run = ""
    for kind, value in (*nodes, (None, None)):
        if kind is _constants.LITERAL:
            run += chr(value)
            continue
        for found in (_single(run), _of(kind, value)):
            if found is not None and (best is None or _worth(found) > _worth(best)):
                best = found
        run = ""
    return best


def _single(run: str) -> frozenset[str] | None:
    folded = run.lower().translate(_ALIKE)
    # What other letters do in upper case is left alone: "ß" is "SS".
    return frozenset((folded,)) if len(folded) >= _SHORTEST and folded.isascii() else None


def _of(kind: Any, value: Any) -> frozenset[str] | None:
    if kind is _constants.SUBPATTERN:
        return _needed(value[-1])
    if kind is _constants.ATOMIC_GROUP:
        return _needed(value)
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _needed(value[2]) if value[0] else None
    if kind is _constants.BRANCH:
        every = [_needed(branch) for branch in value[1]]
        joined = frozenset().union(*(each for each in every if each is not None))
        return joined if None not in every and len(joined) <= _MOST else None
    return None


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


@lru_cache(maxsize=64)  # every tokenizer asks the same of the same
def needs_other_than_letters(pattern: re.Pattern[str]) -> bool:
    """Whether no match is possible in a string of ASCII letters alone."""
    return _needs_other(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _needs_other(nodes: Iterable[Any]) -> bool:
    """Whether some part of a sequence needs a character that is no ASCII letter."""
    for kind, value in nodes:
        if kind is _constants.LITERAL:
            needs = not _is_letter(value)
        elif kind is _constants.IN:
            needs = not any(_may_be_letter(*each) for each in value)
        elif kind is _constants.SUBPATTERN:
            needs = _needs_other(value[-1])
        elif kind is _constants.ATOMIC_GROUP:
            needs = _needs_other(value)
        elif kind is _constants.ASSERT:
            needs = _needs_other(value[1])
        elif kind is _constants.BRANCH:
            needs = all(map(_needs_other, value[1]))
        elif kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            needs = value[0] > 0 and _needs_other(value[2])
        else:
            needs = False
        if needs:
            return True
    return False


def _is_letter(code: int) -> bool:
    char = plain(chr(code))  # an expression that ignores case may take "ſ" for s
    return char.isascii() and char.isalpha()


def _may_be_letter(kind: Any, value: Any) -> bool:
    if kind is _constants.LITERAL:
        return _is_letter(value)
    if kind is _constants.RANGE:
        first, last = value
        return bool(first <= ord("z") and last >= ord("A")) or any(first <= c <= last for c in _ALIKE)
    others = _constants.CATEGORY_DIGIT, _constants.CATEGORY_SPACE
    return not (kind is _constants.CATEGORY and value in others)


def plain(lower: str) -> str:
    """A string in lower case with the ASCII letters that an expression takes some of its letters for."""
    return lower if lower.isascii() else lower.translate(_ALIKE)


_EDGE, ANY_CASE = "\ue000", "\ue001"
"""Marks of a beginning: it must be one of a word; its case does not matter."""
LETTERS = 4
_SIZES = range(1, LETTERS + 1)
"""Characters of a beginning that are compared: enough to leave few words."""
_WIDEST = 64
"""Characters of a class that are told apart; a wider one ends what is known of a beginning."""


@lru_cache(maxsize=4096)
def beginnings_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """How a word is written that a match may begin with; ``None`` where a match may begin elsewhere.

    Each is a few characters with ``0`` for every digit; one that ends in a space is a whole word, and one
    that begins with ``ANY_CASE`` is in lower case and stands for any.
    """
    nodes = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found = {begin.rstrip("+") for begin in _beginnings(list(nodes), bool(pattern.flags & re.IGNORECASE))}
    if not all(_EDGE in begin and begin.strip(f"{_EDGE}{ANY_CASE} ") for begin in found):
        return None
    return frozenset(begin.replace(_EDGE, "") for begin in found)


def _beginnings(nodes: Sequence[Any], any_case: bool) -> set[str]:
    """Beginnings of a sequence; one that the rest of a longer sequence may go on with ends in ``+``."""
    done: set[str] = set()
    going = {""}
    for kind, value in nodes:
        following: set[str] = set()
        ways = _ways(kind, value, any_case)
        for begin in going:
            begun = begin.replace(_EDGE, "").replace(ANY_CASE, "")
            for part in ways:
                if begun and part.startswith(_EDGE):  # "Mr\b": nothing of the word can follow
                    done.add(f"{begin} ")
                    continue
                whole = begin + part
                open_ = whole.endswith("+")
                letters = whole.rstrip("+").replace(_EDGE, "").replace(ANY_CASE, "")
                marks = _EDGE * (_EDGE in whole) + ANY_CASE * (ANY_CASE in whole)
                letters = letters.lower() if ANY_CASE in marks else letters
                cut = next((at for at, char in enumerate(letters) if not char.isalnum()), len(letters))
                if cut < len(letters):
                    done.add(f"{marks}{letters[:cut]} ")
                elif not open_ or len(letters) >= LETTERS:
                    done.add(marks + letters[:LETTERS])
                else:
                    following.add(marks + letters)
        going = following
        if not going:
            return done
    return done | {f"{begin}+" for begin in going}


def _ways(kind: Any, value: Any, any_case: bool) -> set[str]:
    """What a part of an expression may begin with, as ``_beginnings`` gives it."""
    if kind is _constants.LITERAL:
        return {_written(value, any_case)}
    if kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
        return {f"{_EDGE}+" if _is_edge(kind, value) else "+"}
    if kind is _constants.IN:
        return _of_class(value, any_case)
    if kind is _constants.SUBPATTERN:
        return _beginnings(list(value[-1]), any_case or bool(value[1] & re.IGNORECASE))
    if kind is _constants.ATOMIC_GROUP:
        return _beginnings(list(value), any_case)
    if kind is _constants.BRANCH:
        return set().union(*(_beginnings(list(branch), any_case) for branch in value[1]))
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least, most, repeated = value
        once = _beginnings(list(repeated), any_case)
        # What is repeated may be followed by itself: nothing more is known then.
        ways = once if most == 1 else {way.rstrip("+") for way in once}
        return ways if least else {*ways, "+"}
    return {""}


def _written(code: int, any_case: bool) -> str:
    char = "0" if chr(code).isdecimal() else chr(code)
    return f"{ANY_CASE}{plain(char.lower())}+" if any_case and char.isalpha() else f"{char}+"


def _is_edge(kind: Any, value: Any) -> bool:
    """Whether no letter or digit stands before this place, if one stands behind it."""
    if kind is _constants.AT:
        return value in (_constants.AT_BOUNDARY, _constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
    direction, before = value
    if direction > 0 or not before:
        return False
    kind_before, chars = before[-1]
    if kind is _constants.ASSERT:  # (?<= )
        return kind_before is _constants.LITERAL and not (chr(chars).isalnum() or chr(chars) == "_")
    word = (_constants.CATEGORY, _constants.CATEGORY_WORD)  # (?<!\w), (?<![\w-])
    return len(before) == 1 and kind_before is _constants.IN and word in chars


def _of_class(given: Iterable[Any], any_case: bool) -> set[str]:
    codes: set[int] = set()
    for kind, value in given:
        if kind is _constants.LITERAL:
            codes.add(value)
        elif kind is _constants.RANGE and value[1] - value[0] <= _WIDEST:
            codes.update(range(value[0], value[1] + 1))
        elif kind is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT:
            codes.add(ord("0"))
        else:
            return {""}
    return {_written(code, any_case) for code in codes}
